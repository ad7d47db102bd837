"""Questions about national posts: what each is and costs, where its filling stands, and what its vacancy leaves."""

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

import msgspec
from sqlalchemy.orm import Session

from improvement.access import queries as access
from improvement.database import known, remembered
from improvement.dates import AsAt, Month
from improvement.errors import NotFound
from improvement.funding import queries
from improvement.funding.book import LineKind, Position
from improvement.funding.rules import period_of
from improvement.funding.rules import posts as rules
from improvement.funding.rules.forecasts import Standing, months_of, outturn, paid_by_month
from improvement.funding.rules.posts import PostState, Reached, Terms
from improvement.funding.tables.matters import PostStateReached, PostTermsSet


class Post(msgspec.Struct, frozen=True, kw_only=True):
    """A national post on a day. Terms are none until they are set; sums are in pence, and of the MoU's months."""

    line: str
    title: str
    host: str
    state: str
    state_since: date | None
    wte_hundredths: int | None
    starts_on: date | None
    ends_on: date | None
    annual_cost_pence: int | None
    allocated_pence: int
    committed_pence: int
    net_paid_pence: int
    profile_total_pence: int
    vacancy_pence: int
    outturn_pence: int
    releasable_pence: int
    release_first_pence: int
    """What of its commitments stands in the way of releasing that from its allocation."""


class TermsKept(Terms, frozen=True, kw_only=True):
    """Terms as they were recorded, and what the post was then forecast to cost in the MoU's months."""

    id: UUID
    recorded_at: datetime
    recorded_by: str
    reason: str
    forecast_pence: int


class StateKept(msgspec.Struct, frozen=True, kw_only=True):
    """A state as it was recorded. `ahead` when its day has not come."""

    id: UUID
    state: str
    on: date
    ahead: bool
    recorded_at: datetime
    recorded_by: str
    note: str
    reason: str


class PostMonth(msgspec.Struct, frozen=True):
    """A month of a post: forecast, left by vacancy so far, and paid less refunds (none for a month to come)."""

    month: Month
    planned_pence: int
    vacancy_pence: int
    actual_pence: int | None


class PostStory(msgspec.Struct, frozen=True):
    """One post with its months and its history, newest first."""

    post: Post
    months: list[PostMonth]
    terms: list[TermsKept]
    states: list[StateKept]


def period(session: Session, as_at: AsAt, mou: str) -> tuple[Month, ...]:
    """The months an MoU's money is for. Raises `NotFound`."""
    found = queries.mou(session, as_at, mou)
    return months_of(period_of(found.mou, found.negotiated_on))


def terms(session: Session, as_at: AsAt, mou: str) -> Mapping[str, tuple[Terms, ...]]:
    """Every version of every post's terms, in the order decided, by line."""
    kind = PostTermsSet

    def ask() -> dict[str, tuple[Terms, ...]]:
        found: dict[str, tuple[Terms, ...]] = {}
        for row in session.execute(known(kind, as_at, kind.line, *_TERMS).where(kind.mou == mou)):
            found[row.line] = (*found.get(row.line, ()), _terms(row))
        return found

    return remembered(session, ("post terms", mou, as_at), ask, of=(kind,))


_TERMS = (
    PostTermsSet.effective_on,
    PostTermsSet.seq,
    PostTermsSet.wte_hundredths,
    PostTermsSet.starts_on,
    PostTermsSet.ends_on,
    PostTermsSet.annual_cost_pence,
    PostTermsSet.applies_from,
    PostTermsSet.why,
)


def _terms(row: "object") -> Terms:
    given = {name: getattr(row, name) for name in Terms.__struct_fields__ if name != "decided_on"}
    return Terms(decided_on=row.effective_on, **given)  # type: ignore[attr-defined]


def states(session: Session, as_at: AsAt, mou: str) -> Mapping[str, tuple[Reached, ...]]:
    """Every state the posts have reached by the day, in order, by line."""
    kind = PostStateReached

    def ask() -> dict[str, tuple[Reached, ...]]:
        found: dict[str, tuple[Reached, ...]] = {}
        wanted = known(kind, as_at, kind.line, kind.effective_on, kind.seq, kind.state).where(kind.mou == mou)
        for line, on, seq, state in session.execute(wanted):
            found[line] = (*found.get(line, ()), Reached(on, seq, state))
        return found

    return remembered(session, ("post states", mou, as_at), ask, of=(kind,))


def posts(session: Session, as_at: AsAt, mou: str = "") -> list[Post]:
    """Every national post on a day, by title. Raises `NotFound`."""
    slug = queries.which_mou(session, as_at, mou)
    return remembered(session, ("posts", slug, as_at), lambda: _posts(session, as_at, slug))


def _posts(session: Session, as_at: AsAt, mou: str) -> list[Post]:
    known_terms, reached = terms(session, as_at, mou), states(session, as_at, mou)
    months, book = period(session, as_at, mou), queries.book(session, mou, as_at.known_at)
    found, ended = [], queries.mou(session, as_at, mou).ended_on
    for row in queries.lines(session, as_at, mou):
        if row.kind == LineKind.POST:
            now = Standing(
                day=as_at.on,
                months=months,
                allocated_pence=row.allocated_pence,
                paid=paid_by_month(book, row.line, as_at.on),
                planned={},
                is_over=ended is not None,
            )
            found.append(_post(row, now, known_terms.get(row.line, ()), reached.get(row.line, ())))
    return found


def _post(row: Position, now: Standing, versions: tuple[Terms, ...], reached: tuple[Reached, ...]) -> Post:
    step = reached[-1] if reached else None
    said = rules.shown(versions, now.day)
    now = with_profile(now, versions, reached)
    expected = outturn(now)
    spare = rules.releasable(now.vacancy_pence, row.allocated_pence, expected)
    return Post(
        line=row.line,
        title=row.title,
        host=row.host,
        state=step.state if step else PostState.PLANNED,
        state_since=step.on if step else None,
        wte_hundredths=said.wte_hundredths if said else None,
        starts_on=said.starts_on if said else None,
        ends_on=said.ends_on if said else None,
        annual_cost_pence=said.annual_cost_pence if said else None,
        allocated_pence=row.allocated_pence,
        committed_pence=row.committed_pence,
        net_paid_pence=row.net_paid_pence,
        profile_total_pence=sum(now.planned.values()),
        vacancy_pence=now.vacancy_pence,
        outturn_pence=expected,
        releasable_pence=spare,
        release_first_pence=max(0, row.committed_pence - row.allocated_pence + spare) if spare else 0,
    )


def with_profile(now: Standing, versions: tuple[Terms, ...], reached: tuple[Reached, ...]) -> Standing:
    """How a line stands once the terms of its post are known: planned by its profile, less its vacancy so far."""
    if not versions:
        return now
    vacant = rules.vacancy(versions, reached, now.day, now.months)
    plan = rules.profile(versions, now.months)
    return msgspec.structs.replace(now, planned=plan, vacancy_pence=sum(vacant.values()), is_post=True)


def post(session: Session, as_at: AsAt, mou: str, line: str) -> PostStory:
    """One post with its months and everything that was said of it. Raises `NotFound`."""
    slug = queries.which_mou(session, as_at, mou)
    found = next((each for each in posts(session, as_at, slug) if each.line == line), None)
    if found is None:
        raise NotFound(f"There is no national post “{line[:60]}”.")
    return PostStory(
        found,
        _months(session, as_at, slug, line),
        _terms_kept(session, as_at, slug, line),
        _states_kept(session, as_at, slug, line),
    )


def _months(session: Session, as_at: AsAt, mou: str, line: str) -> list[PostMonth]:
    versions, reached = terms(session, as_at, mou).get(line, ()), states(session, as_at, mou).get(line, ())
    months, book = period(session, as_at, mou), queries.book(session, mou, as_at.known_at)
    paid = paid_by_month(book, line, as_at.on)
    plan, left = rules.profile(versions, months), rules.vacancy(versions, reached, as_at.on, months)
    return [
        PostMonth(each, plan[each], left[each], None if each > Month.of(as_at.on) else paid.get(each, 0))
        for each in months
    ]


def _terms_kept(session: Session, as_at: AsAt, mou: str, line: str) -> list[TermsKept]:
    kind, names, months = PostTermsSet, access.names(session), period(session, as_at, mou)
    wanted = known(kind, as_at, *_TERMS, kind.id, kind.recorded_at, kind.recorded_by, kind.reason)
    found: list[TermsKept] = []
    for row in session.execute(wanted.where(kind.mou == mou, kind.line == line)):
        said = _terms(row)
        plan = rules.profile((*found, said), months)
        found.append(
            TermsKept(
                **msgspec.structs.asdict(said),
                id=row.id,
                recorded_at=row.recorded_at,
                recorded_by=names.get(row.recorded_by, ""),
                reason=row.reason,
                forecast_pence=sum(plan.values()),
            )
        )
    return found[::-1]


def _states_kept(session: Session, as_at: AsAt, mou: str, line: str) -> list[StateKept]:
    """Later-dated ones too: a start is often agreed ahead."""
    kind, names = PostStateReached, access.names(session)
    wanted = known(kind, AsAt(date.max, as_at.known_at)).where(kind.mou == mou, kind.line == line)
    return [
        StateKept(
            id=row.id,
            state=row.state,
            on=row.effective_on,
            ahead=row.effective_on > as_at.on,
            recorded_at=row.recorded_at,
            recorded_by=names.get(row.recorded_by, ""),
            note=row.note,
            reason=row.reason,
        )
        for row in session.scalars(wanted)
    ][::-1]
