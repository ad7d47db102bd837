"""Questions about what is to come: what each line is planned to pay and expected to come to, and what explains it."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy.orm import Session

from improvement.access import queries as access
from improvement.database import known, remembered
from improvement.dates import AsAt, Month
from improvement.funding import queries
from improvement.funding.book import UNALLOCATED, Position
from improvement.funding.queries import posts
from improvement.funding.rules import forecasts as rules
from improvement.funding.rules.forecasts import Standing, Version, paid_by_month
from improvement.funding.rules.posts import Reached, Terms
from improvement.funding.tables.matters import ForecastGiven, LimitsSet, VarianceExplained


class Outlook(msgspec.Struct, frozen=True):
    """What a line is expected to come to. Variance above zero is an underspend. Sums are in pence."""

    line: str
    title: str
    kind: str
    region: str | None
    allocated_pence: int
    net_paid_pence: int
    planned_to_date_pence: int
    """Planned for the months so far, the month of the day included whole."""
    outturn_pence: int
    variance_pence: int
    over_limit: bool
    explanation: str
    explained_on: date | None
    needs_explaining: bool
    """Over the limit, and nothing was said of it this month or last."""
    forecast_on: date | None
    follows: str
    """What its plan is: the post's terms, a forecast, or its allocation spread equally."""


class Expected(Position, frozen=True):
    """Where a line, or the unallocated sum, stands, and what it is expected to come to. In pence."""

    outturn_pence: int = 0
    variance_pence: int = 0


class MonthRow(msgspec.Struct, frozen=True):
    """A month of a line. Nothing was paid yet in a month to come. In pence."""

    month: Month
    planned_pence: int
    actual_pence: int | None
    is_past: bool


class VersionKept(msgspec.Struct, frozen=True, kw_only=True):
    """A forecast as it was given, in pence by month (2011-12)."""

    id: UUID
    on: date
    months: dict[str, int]
    total_pence: int
    why: str
    recorded_at: datetime
    recorded_by: str
    note: str
    reason: str


class ExplanationKept(msgspec.Struct, frozen=True, kw_only=True):
    """An explanation as it was recorded, with the variance it was of, in pence."""

    id: UUID
    on: date
    variance_pence: int
    why: str
    recorded_at: datetime
    recorded_by: str
    reason: str


class Said(msgspec.Struct, frozen=True):
    """What was last said to explain a variance."""

    on: date
    seq: int
    why: str


class Plans(msgspec.Struct, frozen=True):
    """Everything that plans are made of, of every line of an MoU, as it is known on a day."""

    months: tuple[Month, ...]
    since: date
    """The day it was agreed, or put in negotiation while it is not."""
    terms: Mapping[str, tuple[Terms, ...]]
    states: Mapping[str, tuple[Reached, ...]]
    versions: Mapping[str, tuple[Version, ...]]
    said: Mapping[str, Said]
    limit_pence: int
    is_over: bool
    """Whether the MoU is closed or was withdrawn."""

    def standing(self, row: Position, paid: rules.Months, day: date) -> Standing:
        """How a line stands: what was paid, and what is planned by its terms, its forecast or its allocation."""
        versions = self.versions.get(row.line, ())
        spread = rules.spread(max(0, row.allocated_pence), self.months, self.since)
        otherwise = rules.without_forecast(spread, paid, versions)
        now = Standing(
            day=day,
            months=self.months,
            allocated_pence=row.allocated_pence,
            paid=paid,
            planned=rules.planned(versions, otherwise, day),
            is_forecast=bool(versions),
            is_over=self.is_over,
        )
        return posts.with_profile(now, self.terms.get(row.line, ()), self.states.get(row.line, ()))


def expected(session: Session, as_at: AsAt, mou: str, rows: Sequence[Position]) -> list[Expected]:
    """Lines with their outturn and variance. Of what is unallocated nothing is expected to be spent."""
    found = {one.line: one for one in outlooks(session, as_at, queries.which_mou(session, as_at, mou))}
    made = []
    for row in rows:
        outturn = found[row.line].outturn_pence if row.line in found else 0
        variance = row.allocated_pence - outturn
        made.append(Expected(**msgspec.structs.asdict(row), outturn_pence=outturn, variance_pence=variance))
    return made


def plans(session: Session, as_at: AsAt, mou: str) -> Plans:
    """What the plans of every line are made of, each kind of fact asked for once. Raises `NotFound`."""
    found = queries.mou(session, as_at, mou)
    versions, said = _versions(session, as_at, mou)
    return Plans(
        months=posts.period(session, as_at, mou),
        since=found.agreed_on or found.negotiated_on,
        terms=posts.terms(session, as_at, mou),
        states=posts.states(session, as_at, mou),
        versions=versions,
        said=said,
        limit_pence=explain_above(session, as_at, mou),
        is_over=found.ended_on is not None,
    )


def explain_above(session: Session, as_at: AsAt, mou: str) -> int:
    """The variance, either way, above which a line's needs explaining on a day. In pence."""
    kind = LimitsSet

    def ask() -> int:
        found = session.scalars(known(kind, as_at, kind.variance_above_pence).where(kind.mou == mou)).all()
        return found[-1] if found else rules.EXPLAIN_ABOVE

    return remembered(session, ("explain above", mou, as_at), ask, of=(kind,))


def _versions(session: Session, as_at: AsAt, mou: str) -> tuple[Mapping[str, tuple[Version, ...]], Mapping[str, Said]]:
    """The forecasts of every line in order, and what was last said of its variance."""
    gave, told = ForecastGiven, VarianceExplained

    def ask() -> tuple[dict[str, tuple[Version, ...]], dict[str, Said]]:
        found: dict[str, tuple[Version, ...]] = {}
        said: list[tuple[str, Said]] = []
        wanted = known(gave, as_at, gave.line, gave.effective_on, gave.seq, gave.months, gave.why)
        for line, on, seq, months, why in session.execute(wanted.where(gave.mou == mou)):
            found[line] = (*found.get(line, ()), Version(on, seq, by_month(months)))
            said += [(line, Said(on, seq, why))] if why else []
        also = known(told, as_at, told.line, told.effective_on, told.seq, told.why).where(told.mou == mou)
        said += [(line, Said(on, seq, why)) for line, on, seq, why in session.execute(also)]
        return found, dict(sorted(said, key=lambda each: (each[1].on, each[1].seq)))

    return remembered(session, ("forecasts", mou, as_at), ask, of=(gave, told))


def by_month(months: list[dict[str, Any]]) -> dict[Month, int]:
    """The months of a forecast as they are kept."""
    return {Month.parse(each["month"]): each["amount_pence"] for each in months}


def outlooks(session: Session, as_at: AsAt, mou: str = "", accrued: Mapping[str, int] | None = None) -> list[Outlook]:
    """What every line is expected to come to; `accrued` is what is owed on a line, which counts once the year is over.

    Raises `NotFound`.
    """
    slug = queries.which_mou(session, as_at, mou)
    owed = accrued or {}
    key = ("outlooks", slug, as_at, tuple(sorted(owed.items())))
    return remembered(session, key, lambda: _outlooks(session, as_at, slug, owed))


def _outlooks(session: Session, as_at: AsAt, mou: str, owed: Mapping[str, int]) -> list[Outlook]:
    all_plans, found = plans(session, as_at, mou), standings(session, as_at, mou)
    rows = (row for row in queries.lines(session, as_at, mou) if row.line in found)
    return [
        _outlook(row, msgspec.structs.replace(found[row.line], accrued_pence=owed.get(row.line, 0)), all_plans)
        for row in rows
    ]


def _outlook(row: Position, now: Standing, known_plans: Plans) -> Outlook:
    expected, said = rules.outturn(now), known_plans.said.get(row.line)
    variance = row.allocated_pence - expected
    large, versions = rules.over(variance, known_plans.limit_pence), known_plans.versions.get(row.line, ())
    return Outlook(
        line=row.line,
        title=row.title,
        kind=row.kind,
        region=row.region,
        allocated_pence=row.allocated_pence,
        net_paid_pence=row.net_paid_pence,
        planned_to_date_pence=sum(pence for month, pence in now.planned.items() if month.first_day <= now.day),
        outturn_pence=expected,
        variance_pence=variance,
        over_limit=large,
        explanation=said.why if said else "",
        explained_on=said.on if said else None,
        needs_explaining=large and not rules.is_explained(said.on if said else None, now.day),
        forecast_on=versions[-1].on if versions else None,
        follows="terms" if now.is_post else "forecast" if versions else "allocation",
    )


def months(session: Session, as_at: AsAt, mou: str, line: str) -> list[MonthRow]:
    """What a line was planned to pay in each month of the MoU, and paid. Raises `NotFound`."""
    now = standings(session, as_at, mou)[line]
    this = Month.of(as_at.on)
    return [
        MonthRow(month, now.planned[month], None if month > this else now.paid.get(month, 0), month < this)
        for month in now.months
    ]


def standings(session: Session, as_at: AsAt, mou: str) -> Mapping[str, Standing]:
    """How every line stands, by line. Raises `NotFound`."""

    def make() -> dict[str, Standing]:
        all_plans, book = plans(session, as_at, mou), queries.book(session, mou, as_at.known_at)
        rows = [row for row in queries.lines(session, as_at, mou) if row.line != UNALLOCATED]
        return {row.line: all_plans.standing(row, paid_by_month(book, row.line, as_at.on), as_at.on) for row in rows}

    return remembered(session, ("standings", mou, as_at), make)


def burn(
    session: Session, as_at: AsAt, mou: str, lines: Collection[str] | None = None
) -> list[tuple[Month, int, int | None]]:
    """Planned and paid by the end of each month, of some lines or of all; paid is none for months to come. In pence."""
    chosen = [now for line, now in standings(session, as_at, mou).items() if lines is None or line in lines]
    this, found, plan = Month.of(as_at.on), [], 0
    for month in posts.period(session, as_at, mou):
        plan += sum(now.planned.get(month, 0) for now in chosen)
        paid = sum(pence for now in chosen for each, pence in now.paid.items() if each <= month)
        found.append((month, plan, None if month > this else paid))
    return found


def versions(session: Session, as_at: AsAt, mou: str, line: str) -> list[VersionKept]:
    """The forecasts that were given of a line and stand, the newest first."""
    kind, names = ForecastGiven, access.names(session)
    wanted = known(kind, as_at).where(kind.mou == mou, kind.line == line)
    return [
        VersionKept(
            id=row.id,
            on=row.effective_on,
            months={each["month"]: each["amount_pence"] for each in row.months},
            total_pence=sum(each["amount_pence"] for each in row.months),
            why=row.why,
            recorded_at=row.recorded_at,
            recorded_by=names.get(row.recorded_by, ""),
            note=row.note,
            reason=row.reason,
        )
        for row in session.scalars(wanted)
    ][::-1]


def explanations(session: Session, as_at: AsAt, mou: str, line: str) -> list[ExplanationKept]:
    """What was recorded to explain a line's variance, forecasts apart, the newest first."""
    kind, names = VarianceExplained, access.names(session)
    wanted = known(kind, as_at).where(kind.mou == mou, kind.line == line)
    return [
        ExplanationKept(
            id=row.id,
            on=row.effective_on,
            variance_pence=row.variance_pence,
            why=row.why,
            recorded_at=row.recorded_at,
            recorded_by=names.get(row.recorded_by, ""),
            reason=row.reason,
        )
        for row in session.scalars(wanted)
    ][::-1]
