"""The grants to regions as a sheet."""

from collections.abc import Sequence

from improvement.funding.queries.giving import Award
from improvement.web.cells import Holds
from improvement.web.workbook import Band, Column, Sheet

GRANTS = (
    Column("region", "Region"),
    Column("programme", "Under"),
    Column("awarded_on", "Awarded on", Holds.DAY),
    Column("granted", "Granted", Holds.MONEY, totalled=True),
    Column("paid", "Paid, less refunds", Holds.MONEY, totalled=True),
    Column("left", "Not paid yet", Holds.MONEY, formula="{granted}-{paid}", totalled=True),
)


def grants(awards: Sequence[Award]) -> Sheet:
    """Each region’s grant, and what it was paid."""
    rows = [
        (
            one.line.title,
            one.mou.title,
            one.awarded_on,
            one.line.allocated_pence,
            one.line.net_paid_pence,
            one.line.allocated_pence - one.line.net_paid_pence,
        )
        for one in awards
    ]
    return Sheet(
        name="Grants",
        title="Grants to regions",
        columns=GRANTS,
        bands=[Band(rows, empty="Nothing has been awarded yet.")],
        total="All regions",
    )
