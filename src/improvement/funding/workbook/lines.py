"""Where the money is, as sheets: every funding line, and how cash in hand was made."""

from collections.abc import Sequence

from improvement.funding.book import Position
from improvement.funding.figures import Part
from improvement.funding.queries import Mou
from improvement.funding.queries.cash import CashDay
from improvement.funding.workbook.bands import by_kind
from improvement.web.cells import Holds
from improvement.web.workbook import Band, Column, Sheet, rows_of

LINES = (
    Column("title", "Funding line"),
    Column("host", "Held by"),
    Column("allocated_pence", "Allocated", Holds.MONEY, totalled=True),
    Column("committed_pence", "Committed", Holds.MONEY, totalled=True),
    Column("paid_pence", "Paid", Holds.MONEY, totalled=True),
    Column("refunded_pence", "Refunded", Holds.MONEY, totalled=True),
    Column("net_paid_pence", "Paid, less refunds", Holds.MONEY, formula="{paid_pence}-{refunded_pence}", totalled=True),
    Column(
        "remaining_pence",
        "Remaining: allocated less paid",
        Holds.MONEY,
        formula="{allocated_pence}-{net_paid_pence}",
        totalled=True,
    ),
    Column("outturn_pence", "Outturn, expected", Holds.MONEY, totalled=True),
    Column(
        "variance_pence",
        "Variance: allocated less outturn",
        Holds.MONEY,
        formula="{allocated_pence}-{outturn_pence}",
        totalled=True,
    ),
)
PARTS = (
    Column("words", "Part", width=32),
    Column("facts", "Facts", Holds.COUNT, totalled=True),
    Column("pence", "Amount", Holds.MONEY, totalled=True),
)
DAYS = (
    Column("day", "Day", Holds.DAY),
    Column("received_pence", "Received", Holds.MONEY, totalled=True),
    Column("refunded_pence", "Refunded to us", Holds.MONEY, totalled=True),
    Column("paid_pence", "Paid", Holds.MONEY, totalled=True),
    Column("returned_pence", "Returned to the funder", Holds.MONEY, totalled=True),
    Column(
        "in_hand_pence",
        "In hand at the end of the day",
        Holds.MONEY,
        formula="{^in_hand_pence}+{received_pence}+{refunded_pence}-{paid_pence}-{returned_pence}",
        first="{received_pence}+{refunded_pence}-{paid_pence}-{returned_pence}",
        closing=True,
    ),
)


def lines(mou: Mou, rows: Sequence[Position], *, whole: bool) -> Sheet:
    """The lines somebody sees. Those who see the `whole` have subtotals, and a total: the amount in force."""
    return Sheet(
        name="Where the money is",
        title="Where the money is",
        says=f"{mou.title}, with the {mou.funder}: {mou.state}.",
        columns=LINES,
        bands=by_kind(LINES, rows, whole=whole),
        total="Amount in force" if whole else "",
        against=("Amount in force, as the MoU says", {"allocated_pence": mou.amount_pence}) if whole else None,
        filtered=False,
    )


def working(title: str, meaning: str, parts: Sequence[Part]) -> Sheet:
    """How a figure was made: its parts add up to it."""
    return Sheet(
        name="How it was made",
        title=title,
        says=meaning,
        columns=PARTS,
        bands=[Band(rows_of(PARTS, parts), empty="Nothing counts towards it yet.")],
        total="In all",
        signed=True,
        filtered=False,
        against=("As the page says", {"pence": sum(part.pence for part in parts)}),
    )


def cash_in_hand(mou: Mou, parts: Sequence[Part]) -> Sheet:
    """How cash in hand was made."""
    return Sheet(
        name="Cash in hand",
        title="How cash in hand was made",
        says="Instalments received, plus refunds, less payments, less money returned to the funder.",
        columns=PARTS,
        bands=[Band(rows_of(PARTS, parts))],
        total="Cash in hand",
        signed=True,
        filtered=False,
        against=("Cash in hand, as the page says", {"pence": mou.cash_in_hand_pence}),
    )


def cash_days(mou: Mou, days: Sequence[CashDay]) -> Sheet:
    """Cash in hand by day, the oldest first, with its balance worked out from row to row."""
    return Sheet(
        name="Cash by day",
        title="Cash in hand, day by day",
        columns=DAYS,
        bands=[Band(rows_of(DAYS, sorted(days, key=lambda one: one.day)), empty="No cash has come or gone yet.")],
        total="In all",
        filtered=False,
        against=("Cash in hand, as the page says", {"in_hand_pence": mou.cash_in_hand_pence}),
    )
