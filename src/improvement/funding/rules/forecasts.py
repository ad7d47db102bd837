"""What is still to come: months planned, what a line is expected to come to, and when a variance needs explaining.

A variance is what is allocated less what is expected: above zero is an underspend, here and everywhere.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from enum import StrEnum

import msgspec

from improvement.dates import Month, NotADate, ProgrammeYear
from improvement.errors import Refused
from improvement.funding.book import Book, Sum
from improvement.money import MOST, in_pounds, share_out
from improvement.texts import says

EXPLAIN_ABOVE = 5_000_00
"""A variance of more than this either way, in pence, needs explaining, until another limit is set."""

Months = Mapping[Month, int]
"""An amount for each of some months, in pence."""


class Version(msgspec.Struct, frozen=True):
    """A forecast as it was given on a day. Months it does not name keep what was last forecast of them."""

    on: date
    seq: int
    months: Months


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """What an expected outturn is worked out from, as it stands on a day. Sums are in pence."""

    day: date
    months: tuple[Month, ...]
    """The months of the MoU."""
    allocated_pence: int
    paid: Months
    """Payments less refunds by month, also outside the months of the MoU."""
    planned: Months
    vacancy_pence: int = 0
    accrued_pence: int = 0
    """Owed and not paid yet."""
    is_post: bool = False
    """Whether the plan is the profile of a post with terms."""
    is_forecast: bool = False
    """Whether a forecast was ever given."""
    is_over: bool = False
    """Whether the MoU is closed or was withdrawn, so that nothing more will be paid."""


class NotAMonth(Refused):
    """A forecast is of months of the MoU that have not passed, each named once."""


class FollowsItsTerms(Refused):
    """The forecast of a post with terms is its profile."""


class NeedsExplanation(Refused):
    """A variance over the limit is explained with the forecast that shows it."""


def months_of(year: ProgrammeYear) -> tuple[Month, ...]:
    """The twelve months of the programme year an MoU is for."""
    months = [Month.of(year.first_day)]
    while len(months) < 12:
        months.append(months[-1].next)
    return tuple(months)


def paid_by_month(book: Book, line: str, by: date) -> dict[Month, int]:
    """Payments less refunds of a line in each month, up to a day."""
    found: dict[Month, int] = {}
    for what, sign in ((Sum.PAID, 1), (Sum.REFUNDED, -1)):
        for month, pence in book.series(what, line).by_month(by).items():
            found[month] = found.get(month, 0) + sign * pence
    return found


def spread(allocated_pence: int, months: Sequence[Month], since: date) -> dict[Month, int]:
    """An allocation spread equally over the months from a day on, to the penny; over the last month if all passed."""
    left = [month for month in months if month.last_day >= since] or [months[-1]]
    shares = share_out(allocated_pence, [1] * len(left))
    return dict.fromkeys(months, 0) | dict(zip(left, shares, strict=True))


def without_forecast(spread_out: Months, paid: Months, versions: Iterable[Version]) -> dict[Month, int]:
    """What is planned for months no forecast names: the allocation spread out; but before the first forecast what was
    paid, because from then on the forecasts say what becomes of the rest."""
    first = min((Month.of(version.on) for version in versions), default=None)
    return {
        month: paid.get(month, 0) if first is not None and month < first else pence
        for month, pence in spread_out.items()
    }


def planned(versions: Iterable[Version], otherwise: Months, by: date) -> dict[Month, int]:
    """What is planned for each month: as the forecast last said by the month's end, or by a day if that is earlier."""
    plan = dict(otherwise)
    for version in sorted(versions, key=lambda each: (each.on, each.seq)):
        for month, pence in version.months.items():
            if month in plan and version.on <= min(by, month.last_day):
                plan[month] = pence
    return plan


class Because(StrEnum):
    """What a part of an expected outturn is taken from."""

    PAID = "paid, less refunds"
    ACCRUED = "owed and not paid yet"
    TERMS = "forecast by the terms of the post"
    VACANCY = "left by vacancy so far"
    ALLOCATED = "allocated: no forecast has been given"
    PAID_BEFORE = "paid before this month, less refunds"
    PAID_NOW = "paid this month, less refunds, which is more than was planned"
    PLANNED_NOW = "planned for this month"
    PLANNED_LATER = "planned for the months after"


def outturn(now: Standing) -> int:
    """What a line is expected to have paid in the end, less refunds. In pence."""
    return sum(made_of(now).values())


def made_of(now: Standing) -> dict[Because, int]:
    """What an expected outturn is made of, in pence: the parts add up to it."""
    paid, this = sum(now.paid.values()), Month.of(now.day)
    if this > now.months[-1] or now.is_over:
        return {Because.PAID: paid, Because.ACCRUED: now.accrued_pence}
    if now.is_post:
        planned = sum(now.planned.values())
        if paid > planned - now.vacancy_pence:
            return {Because.PAID: paid}
        return {Because.TERMS: planned, Because.VACANCY: -now.vacancy_pence}
    if not now.is_forecast:
        return {Because.PAID: paid} if paid > now.allocated_pence else {Because.ALLOCATED: now.allocated_pence}
    spent, planned = now.paid.get(this, 0), now.planned.get(this, 0)
    return {
        Because.PAID_BEFORE: sum(pence for month, pence in now.paid.items() if month < this),
        **({Because.PAID_NOW: spent} if spent > planned else {Because.PLANNED_NOW: planned}),
        Because.PLANNED_LATER: sum(pence for month, pence in now.planned.items() if month > this),
    }


def over(variance_pence: int, limit_pence: int) -> bool:
    """Whether a variance is so large, either way, that it needs explaining."""
    return abs(variance_pence) > limit_pence


def is_explained(explained_on: date | None, day: date) -> bool:
    """Whether what was last said of a variance still counts: in the month it was said and the month after."""
    return explained_on is not None and Month.of(explained_on) >= Month.of(day).previous


def check_months(named: Sequence[tuple[str, int]], months: Sequence[Month], on: date) -> dict[Month, int]:
    """The months of a forecast given on a day. Raises `NotAMonth`."""
    if not named:
        raise NotAMonth("Enter an amount for at least one month.", field="months")
    found: dict[Month, int] = {}
    for text, pence in named:
        month = _month(text)
        if month not in months:
            raise NotAMonth(
                f"{month.in_words} is not a month of this MoU, which runs from {months[0].in_words} to "
                f"{months[-1].in_words}.",
                field="months",
            )
        if month < Month.of(on):
            raise NotAMonth(
                f"{month.in_words} has passed: what was paid in it is its outturn. Forecast the months to come.",
                field="months",
            )
        if month in found:
            raise NotAMonth(f"Enter one amount for {month.in_words}: it is named twice.", field="months")
        if not 0 <= pence <= MOST:
            raise NotAMonth(f"Enter nothing, or an amount up to {in_pounds(MOST)}, for each month.", field="months")
        found[month] = pence
    return found


def _month(text: str) -> Month:
    try:
        return Month.parse(text)
    except NotADate as wrong:
        raise NotAMonth(wrong.message, field="months") from None


def check_explained(called: str, allocated_pence: int, outturn_pence: int, limit_pence: int, why: str) -> None:
    """Raises `NeedsExplanation` with the figures."""
    variance = allocated_pence - outturn_pence
    if over(variance, limit_pence) and not says(why):
        way = "under" if variance > 0 else "over"
        raise NeedsExplanation(
            f"{called} would come to {in_pounds(outturn_pence)} with an allocation of {in_pounds(allocated_pence)}: "
            f"{in_pounds(abs(variance))} {way}. More than {in_pounds(limit_pence)} needs explaining. Enter what "
            "explains it.",
            field="why",
        )
