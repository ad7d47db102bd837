"""How a figure about money was made, whichever page it is on: its meaning, its parts, and the facts in them."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

import msgspec

from improvement.access.asking import Asked
from improvement.access.routes import page
from improvement.access.rules import May
from improvement.dates import Month, in_words, parse_day
from improvement.errors import NotFound
from improvement.funding import ledger, queries
from improvement.funding.book import UNALLOCATED, Kind, LineKind, Position
from improvement.funding.carrying import about, same_page
from improvement.funding.figures import Part
from improvement.funding.figures.parts import Asking
from improvement.funding.figures.workings import WORKINGS, Working
from improvement.funding.pages import seeing
from improvement.funding.pages.sending import sent
from improvement.funding.rules import WORDS
from improvement.funding.workbook import ledger as of_ledger
from improvement.funding.workbook import lines as of_lines
from improvement.web.filters import mid_sentence
from improvement.web.lists import as_csv
from improvement.web.replies import File, Page

SCOPE = ("line", "kind", "month", "until", "day", "after")
NO_SUCH = "There is no such figure of funding."


def _asking(asked: Asked, figure: Working, mou: str, rows: Sequence[Position]) -> Asking:
    """Of what the figure is asked, if this person may see that. Raises `NotFound`."""
    line, kind = asked.query.get("line", ""), asked.query.get("kind", "")
    names: tuple[str, ...] | None = None
    if line:
        names = (queries.line(asked.session, asked.as_at, line, asked.by, mou).line,)
    elif kind:
        names = tuple(row.line for row in seeing.mine(asked, rows) if row.kind == kind)
    if not (queries.sees_all(asked.by) or names):
        raise NotFound(NO_SUCH)
    day = parse_day(asked.query["day"]) if asked.query.get("day") else None
    asking = Asking(mou, asked.as_at, names, _month(asked), added_up=bool(asked.query.get("until")), day=day)
    fits = figure.of_whole if names is None else figure.of_lines and (line or kind in set(LineKind))
    if not fits or (asking.month and not figure.of_months) or (day and not figure.by_day):
        raise NotFound(NO_SUCH)
    return asking


def _month(asked: Asked) -> Month | None:
    text = asked.query.get("month", "") or asked.query.get("until", "")
    return Month.parse(text) if text else None


def _by_line(asked: Asked, figure: Working, asking: Asking, rows: Sequence[Position]) -> list[tuple[str, int, str]]:
    """The same figure of each line, where it is of several and of nothing besides."""
    if not figure.of_lines or (asking.lines is not None and len(asking.lines) < 2):
        return []
    made, kept = [], same_page(asked, asking.mou, "line", "kind", "after")
    for row in rows:
        if row.line != UNALLOCATED and row.line in (asking.lines or (row.line,)):
            of_line = figure.made(asked.session, msgspec.structs.replace(asking, lines=(row.line,)))
            made.append((row.title, sum(part.pence for part in of_line), urlencode({**kept, "line": row.line})))
    return made


def _named(figure: Working, asking: Asking, rows: Sequence[Position], kind: str) -> str:
    """What it is called, with what it is of."""
    of = next((row.title for row in rows if asking.lines == (row.line,)), WORDS.get(kind, ""))
    title = f"{of}: {mid_sentence(figure.title)}" if of else figure.title
    if asking.day:
        return f"{title} on {in_words(asking.day)}"
    if asking.month is None:
        return title
    return f"{title}{' by the end of' if asking.added_up else ' in'} {asking.month.in_words}"


class _Opened(msgspec.Struct, frozen=True):
    """A figure as it was asked for: what it is called there, its parts, and of what it is."""

    figure: Working
    asking: Asking
    rows: Sequence[Position]
    title: str
    parts: list[Part]

    @property
    def value(self) -> int:
        return sum(part.pence for part in self.parts)


def _opened(asked: Asked) -> _Opened:
    """Raises `NotFound`."""
    figure = WORKINGS.get(str(asked.sent.path["figure"]))
    if figure is None:
        raise NotFound(NO_SUCH)
    mou = seeing.some_mou(asked)
    rows = queries.lines(asked.session, asked.as_at, mou.mou)
    asking = _asking(asked, figure, mou.mou, rows)
    title = _named(figure, asking, rows, asked.query.get("kind", ""))
    return _Opened(figure, asking, rows, title, figure.parts(asked.session, asking))


@page("/funding/working/{figure:str}", may=May.READ_MONEY, of="money")
def working(asked: Asked) -> Page:
    """How a figure was made: its meaning, its parts, and the facts it was counted from."""
    told = _opened(asked)
    figure, asking = told.figure, told.asking
    entries = figure.entries(asked.session, asking, seeing.key(asked, "these facts"), seeing.SHOWN + 1)
    kept = same_page(asked, asking.mou, *SCOPE)
    shows: dict[str, Any] = {
        "mou": seeing.some_mou(asked),
        "figure": figure,
        "title": told.title,
        "value": told.value,
        "parts": [(part, _in_ledger(part.kinds, asking, kept)) for part in told.parts],
        "by_line": _by_line(asked, figure, asking, told.rows),
        "entries": seeing.seen(asked, asking.mou, entries[: seeing.SHOWN]),
        "onward": seeing.onward(asked, entries),
        "asked_of": urlencode(same_page(asked, asking.mou, "after")),
        "titles": {row.line: row.title for row in seeing.mine(asked, told.rows)},
        "words": WORDS,
    }
    return about(asked, asking.mou, "funding/working.html", shows)


MOST_FACTS = 10_000
"""How many facts the files of a figure have; the ledger's own have more."""


def _facts(asked: Asked, told: _Opened) -> list[ledger.Recorded]:
    found = told.figure.entries(asked.session, told.asking, None, MOST_FACTS)
    return seeing.seen(asked, told.asking.mou, found)


@page("/funding/working/{figure:str}/facts.xlsx", may=May.READ_MONEY, of="money")
def working_workbook(asked: Asked) -> File:
    """How a figure was made, as a workbook: its parts add up to it, and the facts are on the next sheet."""
    told = _opened(asked)
    titles = {row.line: row.title for row in seeing.mine(asked, told.rows)}
    sheets = [
        of_lines.working(told.title, told.figure.meaning, told.parts),
        of_ledger.facts(_facts(asked, told), titles),
    ]
    what = "How a figure was made: its parts, and the facts in them."
    return sent(asked, told.figure.name.replace("_", "-"), told.title, what, sheets)


@page("/funding/working/{figure:str}/facts.csv", may=May.READ_MONEY, of="money")
def working_csv(asked: Asked) -> File:
    """The facts a figure was made from, for a spreadsheet."""
    told = _opened(asked)
    rows = (seeing.flat(entry) for entry in _facts(asked, told))
    name = f"{told.figure.name.replace('_', '-')}-{asked.as_at.on}.csv"
    return File(as_csv(ledger.Recorded.__struct_fields__, rows), "text/csv", name)


def _in_ledger(kinds: Sequence[Kind], asking: Asking, kept: dict[str, str]) -> str:
    """The address of the ledger with just the facts of a part, where it has them by themselves."""
    single = asking.lines is not None and len(asking.lines) == 1
    if len(kinds) != 1 or kinds[0] not in ledger.IN_LEDGER or asking.month or asking.day:
        return ""
    if asking.lines is not None and not single:
        return ""
    line = {"line": asking.lines[0]} if asking.lines else {}
    return "/funding/ledger?" + urlencode({"kind": kinds[0].value, **line, **kept})


routes = [working, working_workbook, working_csv]
