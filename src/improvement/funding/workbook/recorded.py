"""Limits as they were set and what was taken back, as sheets."""

from collections.abc import Mapping, Sequence

from improvement.funding.queries.conditions import Limits
from improvement.funding.queries.history import Gone
from improvement.funding.rules import WORDS
from improvement.web.cells import Holds
from improvement.web.workbook import Band, Column, Sheet

LIMITS = (
    Column("from", "From"),
    Column("virements", "Virements need a decision above", Holds.MONEY),
    Column("variances", "Variances need to be explained above", Holds.MONEY),
    Column("why", "Why", Holds.LONG),
)
GONE = (
    Column("what", "What"),
    Column("line", "Funding line"),
    Column("on", "Its day", Holds.DAY),
    Column("amount", "Amount", Holds.MONEY, totalled=True),
    Column("taken_back", "Taken back", Holds.MOMENT),
    Column("by", "By"),
    Column("as_role", "In the role of"),
    Column("why", "Why", Holds.LONG),
)


def limits(found: Sequence[Limits]) -> Sheet:
    """The limits, the newest first, and before them the usual ones."""
    rows = [
        (str(one.since or "Before then"), one.virement_above_pence, one.variance_above_pence, one.why)
        for one in (*found, Limits(why="The usual limits"))
    ]
    return Sheet(name="Limits", title="The limits as they were set", columns=LIMITS, bands=[Band(rows)])


def gone(found: Sequence[Gone], titles: Mapping[str, str]) -> Sheet:
    """What was taken back, the newest first."""
    rows = [
        (
            WORDS[one.kind],
            titles.get(one.line, one.line),
            one.effective_on,
            one.amount_pence,
            one.recorded_at,
            one.recorded_by or "Somebody who has left",
            one.recorded_as,
            one.reason,
        )
        for one in found
    ]
    return Sheet(
        name="Taken back",
        title="What was taken back",
        says="It counts nowhere, and is kept.",
        columns=GONE,
        bands=[Band(rows, empty="Nothing was taken back.")],
        total="The rows shown",
    )
