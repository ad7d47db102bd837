"""The ledger as a sheet, row by row, however long it is."""

from collections.abc import Iterable, Iterator, Mapping

import msgspec

from improvement.funding.ledger import Recorded
from improvement.funding.rules import WORDS
from improvement.web.cells import Holds
from improvement.web.filters import signed_pounds
from improvement.web.workbook import Band, Column, Row, Sheet

COLUMNS = (
    Column("effective_on", "Day", Holds.DAY),
    Column("what", "What"),
    Column("line", "Funding line"),
    Column("party", "To or from whom"),
    Column("about", "For what, or why", Holds.LONG),
    Column("reference", "Reference"),
    Column("amount_pence", "Amount", Holds.MONEY, totalled=True),
    Column("recorded_at", "Recorded", Holds.MOMENT),
    Column("recorded_by", "By"),
    Column("recorded_as", "In the role of"),
    Column("note", "Note", Holds.LONG, width=24),
    Column("reason", "If a correction, why", Holds.LONG, width=24),
)


def ledger(entries: Iterable[Recorded], titles: Mapping[str, str], total: int, most: int) -> Sheet:
    """The entries as they are given, newest first; `total` says how many there are, should not all be given."""
    cut = f" These are the newest {most:,} of {total:,}: filter the page for others." if total > most else ""
    return Sheet(
        name="Ledger",
        title="The ledger",
        says=f"Everything that was recorded about money, newest first.{cut} Filter one kind to add it up.",
        columns=COLUMNS,
        bands=[Band(_rows(entries, titles), empty="Nothing fits.")],
        total="The rows shown",
    )


def facts(entries: Iterable[Recorded], titles: Mapping[str, str]) -> Sheet:
    """The facts a figure was made from. They are not added up: some give to it, some take from it, some tell of it."""
    plain = tuple(msgspec.structs.replace(column, totalled=False) for column in COLUMNS)
    return Sheet(
        name="Facts",
        title="The facts it was made from",
        says="Newest first.",
        columns=plain,
        bands=[Band(_rows(entries, titles), empty="No facts yet.")],
    )


def what(entry: Recorded) -> str:
    """What an entry is, in words."""
    return f"{WORDS[entry.kind]} of {entry.of}" if entry.of else WORDS[entry.kind]


def _rows(entries: Iterable[Recorded], titles: Mapping[str, str]) -> Iterator[Row]:
    for entry in entries:
        yield (
            entry.effective_on,
            what(entry),
            _line(entry, titles),
            entry.party,
            entry.about,
            entry.reference,
            entry.amount_pence,
            entry.recorded_at,
            entry.recorded_by or "Somebody who has left",
            entry.recorded_as,
            entry.note,
            entry.reason,
        )


def _line(entry: Recorded, titles: Mapping[str, str]) -> str:
    """Its line; of a virement what each line gained or gave."""
    if not entry.legs:
        return titles.get(entry.line, entry.line)
    return "\n".join(f"{titles.get(leg.line, leg.line)} {signed_pounds(leg.amount_pence)}" for leg in entry.legs)
