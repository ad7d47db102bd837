"""What is to come, as sheets: national posts, what each line is expected to come to, and the months of both."""

from collections.abc import Mapping, Sequence
from typing import Any

from improvement.dates import Month
from improvement.funding.queries.forecasts import Outlook
from improvement.funding.queries.posts import Post
from improvement.funding.rules.forecasts import Standing
from improvement.funding.workbook.bands import by_kind
from improvement.web.cells import Holds
from improvement.web.filters import sentence_case
from improvement.web.workbook import Band, Column, Row, Sheet, rows_of

VARIANCE = Column(
    "variance_pence",
    "Variance: allocated less expected",
    Holds.MONEY,
    formula="{allocated_pence}-{outturn_pence}",
    totalled=True,
)
POSTS = (
    Column("title", "Post"),
    Column("host", "Held by"),
    Column("state", "State"),
    Column("state_since", "Since", Holds.DAY),
    Column("wte_hundredths", "Whole-time equivalent", Holds.HUNDREDTHS, totalled=True, width=12),
    Column("starts_on", "Starts", Holds.DAY),
    Column("ends_on", "Ends", Holds.DAY),
    Column("annual_cost_pence", "Annual cost", Holds.MONEY, totalled=True),
    Column("profile_total_pence", "Forecast in the MoU’s months", Holds.MONEY, totalled=True),
    Column("vacancy_pence", "Left by vacancy so far", Holds.MONEY, totalled=True),
    Column("allocated_pence", "Allocated", Holds.MONEY, totalled=True),
    Column("committed_pence", "Committed", Holds.MONEY, totalled=True),
    Column("net_paid_pence", "Paid, less refunds", Holds.MONEY, totalled=True),
    Column("outturn_pence", "Expected outturn", Holds.MONEY, totalled=True),
    VARIANCE,
    Column("releasable_pence", "Can be released", Holds.MONEY, totalled=True),
)
OUTLOOKS = (
    Column("title", "Funding line"),
    Column("allocated_pence", "Allocated", Holds.MONEY, totalled=True),
    Column("net_paid_pence", "Paid, less refunds", Holds.MONEY, totalled=True),
    Column("planned_to_date_pence", "Planned so far", Holds.MONEY, totalled=True),
    Column("outturn_pence", "Expected outturn", Holds.MONEY, totalled=True),
    VARIANCE,
    Column("follows", "Planned by"),
    Column("forecast_on", "Forecast given", Holds.DAY),
    Column("explanation", "What explains the variance", Holds.LONG),
    Column("explained_on", "Explained", Holds.DAY),
    Column("needs_explaining", "Needs explaining"),
)
_FOLLOWS = {
    "terms": "The terms of the post",
    "forecast": "Its forecast",
    "allocation": "Its allocation, spread equally",
}


class _Told:
    """Something as a sheet tells it: its own fields, but for those that are said in other words."""

    def __init__(self, of: Any, **words: Any) -> None:
        self._of, self._words = of, words

    def __getattr__(self, name: str) -> Any:
        return self._words[name] if name in self._words else getattr(self._of, name)


def posts(rows: Sequence[Post]) -> Sheet:
    """The national posts: what each costs, where its filling stands, what its vacancy leaves."""
    told = [
        _Told(row, state=sentence_case(row.state), variance_pence=row.allocated_pence - row.outturn_pence)
        for row in rows
    ]
    return Sheet(
        name="National posts",
        title="National posts",
        columns=POSTS,
        bands=[Band(rows_of(POSTS, told), empty="No national posts yet.")],
        total="All posts",
    )


def outlooks(rows: Sequence[Outlook], *, whole: bool) -> Sheet:
    """What each line is expected to come to; a variance above zero is an underspend."""
    told = [
        _Told(row, follows=_FOLLOWS[row.follows], needs_explaining="Yes" if row.needs_explaining else "No")
        for row in rows
    ]
    return Sheet(
        name="Forecasts",
        title="What every line is expected to come to",
        says="A variance above zero is an underspend.",
        columns=OUTLOOKS,
        bands=by_kind(OUTLOOKS, told, whole=whole),
        total="All funding lines" if whole else "",
        filtered=False,
    )


def planned(rows: Sequence[Outlook | Post], now: Mapping[str, Standing]) -> Sheet:
    """What is planned for each line in each month of the MoU."""
    return _by_month("Planned by month", rows, now, {line: one.planned for line, one in now.items()})


def paid(rows: Sequence[Outlook | Post], now: Mapping[str, Standing]) -> Sheet:
    """What was paid on each line, less refunds, in each month of the MoU, and in others."""
    return _by_month("Paid by month", rows, now, {line: one.paid for line, one in now.items()})


def _by_month(
    name: str, rows: Sequence[Outlook | Post], now: Mapping[str, Standing], sums: Mapping[str, Mapping[Month, int]]
) -> Sheet:
    months = now[rows[0].line].months if rows else ()
    each = [(f"m{at}", f"{month.first_day:%b} {month.year}") for at, month in enumerate(months)]
    each += [("other", "Other months")] if any(month not in months for one in sums.values() for month in one) else []
    added = Column("total", "In all", Holds.MONEY, formula="+".join(f"{{{key}}}" for key, _ in each), totalled=True)
    columns = (
        Column("title", "Funding line"),
        *(Column(key, words, Holds.MONEY, totalled=True) for key, words in each),
        *([added] if each else []),
    )

    def row(title: str, of_line: Mapping[Month, int]) -> Row:
        found = [of_line.get(month, 0) for month in months]
        found += [sum(of_line.values()) - sum(found)] if len(each) > len(months) else []
        return [title, *found, sum(found)]

    return Sheet(
        name=name,
        title=name,
        columns=columns,
        bands=[Band([row(one.title, sums[one.line]) for one in rows], empty="No funding lines yet.")],
        total="In all",
        filtered=False,
    )
