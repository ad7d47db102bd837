"""The return as a workbook: a row for each council to fill in, and notes on each column."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from improvement.dates import ProgrammeYear, in_words
from improvement.local_accounts.queries.returns import Line
from improvement.local_accounts.rules import returns as rules
from improvement.local_accounts.rules.returns import COLUMNS, Kind, Part
from improvement.sector.rules import Council
from improvement.web.cells import Holds
from improvement.web.workbook import About, Band, Column, Entry, Sheet, written

_WIDE = {"because": 36.0, "title": 36.0, "address": 44.0, "formats": 30.0, "without_web": 36.0, "agreed_by": 22.0}
_WIDE |= {"status": 18.0, "basis": 16.0, "code": 24.0, "key": 34.0, "editions": 36.0}
_NOTES = (
    (
        "How to fill it in",
        "Change the white cells of the sheet “Return”, save the workbook, and send it in the tracker.",
    ),
    (
        "What happens then",
        "You are shown what would change and every mistake, by cell. Nothing is recorded before that.",
    ),
    ("Cells you leave", "A cell you leave as it is says nothing, also when somebody else changes that fact meanwhile."),
    ("Cells you clear", "Clearing a cell says that nothing is known there."),
    ("Days", "Days are real days of the spreadsheet. Typed as text, write them like 31/12/2011."),
    (
        "The first publication",
        "A row of a published account is about its first publication: being on time rests on it.",
    ),
    ("Later editions", "Type a later edition over it: you are asked whether it is one, and the first stays as it is."),
    ("Order", "Rows and columns may be put in another order, and councils left out. Leave the code and the key."),
    ("Template", f"Version {rules.VERSION} of the return."),
)


WHAT = "The return of local accounts: fill it in, and send it back in the tracker."


def made(
    which: ProgrammeYear, about: About, lines: Sequence[tuple[Council, Line]], *, looked_back: bool = False
) -> bytes:
    """The whole workbook, to fill in; one that looks back is to read only."""
    return written(f"Local accounts {which.on_screen}: return", about, sheets(which, lines, looked_back=looked_back))


def sheets(which: ProgrammeYear, lines: Sequence[tuple[Council, Line]], *, looked_back: bool = False) -> list[Sheet]:
    """The sheets of the return. One that looks back is to read only, and its keys say so."""
    rows = [_row(which, council, line, looked_back=looked_back) for council, line in lines]
    entered = Sheet(
        name="Return",
        title=f"Local accounts {which.on_screen}: return",
        says="Fill in the white cells. The sheet “Notes” says what each column is for.",
        columns=[_column(column) for column in COLUMNS],
        bands=[Band(rows)],
        entered=True,
    )
    notes = Sheet(
        name="Notes",
        title="What each column is for",
        columns=[Column("about", "About", width=24.0), Column("note", "Note", Holds.LONG, width=100.0)],
        bands=[Band([*_NOTES, *((f"Column “{each.heading}”", each.says) for each in COLUMNS)])],
        filtered=False,
    )
    return [entered, notes]


def _column(column: rules.Column) -> Column:
    holds = Holds.DAY if column.kind is Kind.DAY else Holds.TEXT
    choices = column.choices if column.kind is Kind.CHOICE else ()
    entry = None if column.part is Part.ROW else Entry(column.says, choices)
    return Column(column.name, column.heading, holds, width=_WIDE.get(column.name, 0.0), entry=entry)


def _row(which: ProgrammeYear, council: Council, line: Line, *, looked_back: bool) -> list[Any]:
    key = "looked back at" if looked_back else rules.key_of(str(which), council.slug, line.seq)
    later = "; ".join(f"{in_words(date.fromisoformat(one['published_on']))}: {one['title']}" for one in line.editions)
    own = {"name": council.name, "code": council.slug, "key": key, "editions": later or None}
    return [_value(column, own.get(column.name) or line.facts.get(column.name, "")) for column in COLUMNS]


def _value(column: rules.Column, said: str) -> Any:
    return date.fromisoformat(said) if said and column.kind is Kind.DAY else said or None
