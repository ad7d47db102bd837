"""A post or another line month by month, as sheets: planned, paid, and how far apart they are."""

from collections.abc import Sequence

from improvement.dates import Month
from improvement.funding.queries.forecasts import MonthRow
from improvement.funding.queries.posts import PostMonth
from improvement.web.cells import Holds
from improvement.web.workbook import Band, Column, Sheet

_MONTH = Column("month", "Month", width=18)
_PAID = Column("paid", "Paid, less refunds", Holds.MONEY, totalled=True)
OF_A_LINE = (
    _MONTH,
    Column("planned", "Planned", Holds.MONEY, totalled=True),
    _PAID,
    Column("difference", "Difference: planned less paid", Holds.MONEY, formula="{planned}-{paid}", totalled=True),
)
OF_A_POST = (
    _MONTH,
    Column("planned", "Forecast", Holds.MONEY, totalled=True),
    Column("vacancy", "Left by vacancy so far", Holds.MONEY, totalled=True),
    _PAID,
    Column(
        "difference",
        "Difference: forecast less vacancy and paid, so far",
        Holds.MONEY,
        formula="{planned}-{vacancy}-{paid}",
        totalled=True,
    ),
)
_SAYS = "Months to come have nothing paid yet, and no difference."


def of_a_line(title: str, months: Sequence[MonthRow]) -> Sheet:
    """A line by month: the difference of all months is what is planned less what was paid, as on its page."""
    rows = [
        (one.month.in_words, one.planned_pence, one.actual_pence, one.planned_pence - (one.actual_pence or 0))
        for one in months
    ]
    return Sheet(
        name="Month by month",
        title=f"{title}, month by month",
        says="Of months to come nothing is paid yet.",
        columns=OF_A_LINE,
        bands=[Band(rows)],
        total="In all",
        filtered=False,
    )


def of_a_post(title: str, months: Sequence[PostMonth]) -> Sheet:
    """A post by month. A month to come has no difference yet."""
    rows = [(one.month.in_words, one.planned_pence, one.vacancy_pence, one.actual_pence, _off(one)) for one in months]
    return Sheet(
        name="Month by month",
        title=f"{title}, month by month",
        says=_SAYS,
        columns=OF_A_POST,
        bands=[Band(rows)],
        total="In all",
        filtered=False,
    )


def _off(one: PostMonth) -> int | None:
    return None if one.actual_pence is None else one.planned_pence - one.vacancy_pence - one.actual_pence


def burn(rows: Sequence[tuple[Month, int, int | None]]) -> Sheet:
    """What was planned and paid by the end of each month, as the picture has it."""
    columns = (
        _MONTH,
        Column("planned", "Planned by then", Holds.MONEY),
        Column("paid", "Paid by then, less refunds", Holds.MONEY),
        Column("difference", "Difference: planned less paid", Holds.MONEY, formula="{planned}-{paid}"),
    )
    told = [(month.in_words, planned, paid, None if paid is None else planned - paid) for month, planned, paid in rows]
    return Sheet(name="Added up", title="Planned and paid, added up", columns=columns, bands=[Band(told)])
