"""Questions about local accounts, at any two dates."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from functools import cache
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Select, String, and_, bindparam, cast, func, or_, select
from sqlalchemy.orm import Session

from improvement.access.rules import May, Person
from improvement.database import COMMON, Fact, Instant, known, remembered
from improvement.dates import FROM_THE_BEGINNING, AsAt, ProgrammeYear
from improvement.errors import NotFound
from improvement.local_accounts import rules
from improvement.local_accounts.queries import extensions
from improvement.local_accounts.queries.latest import each_sureness, editions, latest_of
from improvement.local_accounts.rules import Basis, Position, Published, Reported, Standing, Status, Sureness
from improvement.local_accounts.rules.extensions import Timeliness, timeliness
from improvement.local_accounts.rules.picture import Week as Week
from improvement.local_accounts.rules.picture import weeks_of
from improvement.local_accounts.tables import AccountPublished, AccountSeen, ProgrammeYearSet, StatusReported
from improvement.local_accounts.tables.checks import ExtensionAgreed
from improvement.sector import queries as sector
from improvement.sector.rules import Council

FIRST_YEAR = ProgrammeYear(2011)
_SAYS = ("status", "expected_on", "title", "address", "sureness", "source", "agreed_by", "until", "because")
_IN_HISTORY = (StatusReported, AccountPublished, AccountSeen, ExtensionAgreed)
EVERY_EVENT = 1_000_000
"""More than any council's history has."""
KINDS = (*sector.KINDS, ProgrammeYearSet, StatusReported, AccountPublished, AccountSeen)
"""What the answers here are derived from."""


class Year(msgspec.Struct, frozen=True):
    """A programme year as it was set."""

    year: ProgrammeYear
    deadline: date
    period_from: date
    period_to: date

    @property
    def period(self) -> tuple[date, date]:
        """The period its accounts are about at least."""
        return self.period_from, self.period_to


class Row(msgspec.Struct, frozen=True):
    """One council on a year's expected list, as a reader may see it."""

    council: str
    name: str
    region: str
    region_name: str
    council_type: str
    status: str | None
    position: str
    expected_on: date | None
    passed_on: date | None
    published_on: date | None
    sureness: str | None
    not_confirmed: bool
    because: str
    address: str
    title: str
    on_time: bool | None = None
    """None while it has not published."""
    days_late: int | None = None
    years_missing: int | None = None
    """Years since its first account that have passed without one; none when it has published none yet."""


class Told(msgspec.Struct, frozen=True):
    """The fact that decides where a council stands."""

    id: UUID
    kind: str
    effective_on: date
    recorded_at: datetime
    recorded_by: int


class Event(msgspec.Struct, frozen=True):
    """One fact of a council's account, for its history."""

    id: UUID
    council: str
    """The council that told it: another's account may serve this one too."""
    kind: str
    effective_on: date
    recorded_at: datetime
    recorded_by: int
    recorded_as: str
    note: str
    says: Mapping[str, Any]
    corrects: UUID | None
    withdrawn: bool
    reason: str
    corrected: bool


class History(msgspec.Struct, frozen=True):
    """The newest facts of a council's account, and how many there are in all."""

    events: list[Event]
    total: int


def year(session: Session, which: ProgrammeYear, known_at: datetime | None = None) -> Year:
    """A programme year, as we had been told by an instant. Raises `NotFound`."""
    found = years(session, known_at).get(str(which))
    if found is None:
        raise NotFound(f"The programme year {which.on_screen} has not been set up.")
    return found


def years(session: Session, known_at: datetime | None = None) -> dict[str, Year]:
    """Every programme year in order, by its form in addresses, as we had been told by an instant."""
    of = (ProgrammeYearSet,)
    # Years are told of seldom, so nearly every instant knows the same.
    if known_at is not None and known_at >= remembered(session, "newest year", lambda: _newest_year(session), of=of):
        known_at = None
    key = ("programme years", known_at)
    return remembered(session, key, lambda: _years(session, AsAt(date.max, known_at)), of=of)


def _newest_year(session: Session) -> datetime:
    """When we were last told something about programme years."""
    return session.scalar(select(func.max(ProgrammeYearSet.recorded_at))) or FROM_THE_BEGINNING


def _years(session: Session, as_at: AsAt) -> dict[str, Year]:
    kind = ProgrammeYearSet
    rows = session.execute(known(kind, as_at, kind.year, kind.deadline, kind.period_from, kind.period_to))
    return {row[0]: Year(ProgrammeYear.parse(row[0]), *row[1:]) for row in sorted(tuple(row) for row in rows)}


def expected(session: Session, which: ProgrammeYear, known_at: datetime | None = None) -> list[Council]:
    """The expected list: the councils in being on the deadline, whatever day is asked about."""
    return sector.councils(session, AsAt(year(session, which, known_at).deadline, known_at))


def on_list(session: Session, which: ProgrammeYear, slug: str) -> Council:
    """One council of the expected list. Raises `NotFound`."""
    council = sector.council(session, slug)
    if not council.in_being(year(session, which).deadline):
        raise NotFound(f"{council.name} is not on the list for {which.on_screen}: it was not in being on the deadline.")
    return council


def abolished_before(session: Session, which: ProgrammeYear) -> list[Council]:
    """Councils abolished in the year before its deadline: listed apart and not counted."""
    deadline = year(session, which).deadline
    everyone = sector.all_councils(session).values()
    return [one for one in everyone if one.valid_to and which.first_day <= one.valid_to < deadline]


def standings(session: Session, which: ProgrammeYear, as_at: AsAt) -> Mapping[str, Standing]:
    """Where every council on the expected list stands, in order of name."""
    return remembered(session, ("standings", which, as_at), lambda: _standings(session, which, as_at), of=KINDS)


def _standings(session: Session, which: ProgrammeYear, as_at: AsAt) -> dict[str, Standing]:
    deadline = year(session, which, as_at.known_at).deadline
    reports = _latest_reports(session, which, as_at)
    publications, seen = _publications(session, which, as_at), _sureness(session, which, as_at)
    return {
        council.slug: rules.standing(
            council.slug,
            deadline,
            as_at.on,
            [reports[council.slug]] if council.slug in reports else [],
            publications.get(council.slug, []),
            seen.get(council.slug),
        )
        for council in expected(session, which, as_at.known_at)
    }


def _latest_reports(session: Session, which: ProgrammeYear, as_at: AsAt) -> Mapping[str, Reported]:
    """The status that stands for each council. The database picks it, so a long history costs nothing here."""
    key, kind = ("latest reports", which, as_at), StatusReported
    return remembered(session, key, lambda: _ask_reports(session, which, as_at), of=(kind,))


def _ask_reports(session: Session, which: ProgrammeYear, as_at: AsAt) -> dict[str, Reported]:
    names = ("council", "status", "effective_on", "expected_on", "note", "seq", "agreed_by")
    rows = session.execute(latest_of(StatusReported, which, as_at, *names))
    return {row[0]: Reported(row[0], Status(row[1]), *row[2:]) for row in rows}


def _publications(session: Session, which: ProgrammeYear, as_at: AsAt) -> Mapping[str, list[Published]]:
    """The first and the newest edition of every account that serves each council."""
    found: dict[str, list[Published]] = defaultdict(list)
    for row in editions(session, as_at, which):
        about = (row.effective_on, Basis(row.basis), row.title, row.address, row.seq)
        for council in {row.council, *row.serves}:
            found[council].append(Published(council, *about))
    return found


def _sureness(session: Session, which: ProgrammeYear, as_at: AsAt) -> Mapping[str, Sureness]:
    key, kind = ("sureness", which, as_at), AccountSeen
    return remembered(session, key, lambda: _ask_sureness(session, which, as_at), of=(kind,))


def _ask_sureness(session: Session, which: ProgrammeYear, as_at: AsAt) -> dict[str, Sureness]:
    looks = session.execute(each_sureness(which, as_at, Sureness.CONFIRMED.value))
    return {council: Sureness(sureness) for council, sureness in looks}


def rows(session: Session, which: ProgrammeYear, as_at: AsAt, by: Person) -> Sequence[Row]:
    """The expected list as a reader may see it: own councils in full, the rest as published."""
    return remembered(session, ("rows", which, as_at, by.holds), lambda: _rows(session, which, as_at, by), of=KINDS)


def _rows(session: Session, which: ProgrammeYear, as_at: AsAt, by: Person) -> list[Row]:
    stand = standings(session, which, as_at)
    councils = expected(session, which, as_at.known_at)
    days = {one.year: one.deadline for one in years(session, as_at.known_at).values()}
    return [
        _row(
            council,
            stand[council.slug],
            in_full(by, council),
            timeliness(stand[council.slug].published_on, days[which]),
            extensions.missing(session, council, days, as_at),
        )
        for council in councils
    ]


def in_full(by: Person, council: Council) -> bool:
    """Whether somebody sees everything recorded of a council, by today's rights."""
    return by.role_for(May.RECORD_ACCOUNTS, region=council.region, council=council.slug) is not None


def _row(
    council: Council, stand: Standing, whole: bool, on_time: Timeliness, missing: Sequence[ProgrammeYear] | None
) -> Row:
    published = stand.position in rules.PUBLISHED
    return Row(
        council=council.slug,
        name=council.name,
        region=council.region,
        region_name=council.region_name,
        council_type=council.council_type,
        status=stand.status if whole or published or stand.position is Position.WILL_NOT else None,
        position=stand.position,
        expected_on=stand.expected_on,
        passed_on=stand.passed_on,
        published_on=stand.published_on,
        sureness=stand.sureness,
        not_confirmed=stand.not_confirmed,
        because=stand.because if whole else "",
        address=stand.address,
        title=stand.title,
        on_time=on_time.on_time,
        days_late=on_time.days_late,
        years_missing=None if missing is None else len(missing),
    )


def counts(stand: Mapping[str, Standing]) -> Counter[str]:
    """How many councils are in each of the six positions. They add up to the list."""
    counted = Counter({position.value: 0 for position in Position})
    counted.update(standing.position.value for standing in stand.values())
    return counted


def of_council(session: Session, which: ProgrammeYear, slug: str, as_at: AsAt) -> tuple[Council, Standing]:
    """One council on the list and where it stands. Raises `NotFound`."""
    council, stand = on_list(session, which, slug), standings(session, which, as_at)
    if slug not in stand:
        raise NotFound(f"{council.name} was not on the list for {which.on_screen} as we knew it then.")
    return council, stand[slug]


def publications_of(session: Session, which: ProgrammeYear, slug: str, as_at: AsAt) -> list[AccountPublished]:
    """The accounts that serve a council, the newest first."""
    kind = AccountPublished
    mine = or_(kind.council == slug, cast(kind.serves, String).contains(f'"{slug}"', autoescape=True))
    return list(session.scalars(known(kind, as_at).where(kind.year == str(which), mine)))[::-1]


def as_rule(fact: AccountPublished, council: str) -> Published:
    """A publication as the rules see it."""
    return Published(council, fact.effective_on, Basis(fact.basis), fact.title, fact.address, fact.seq)


def history(session: Session, which: ProgrammeYear, slug: str, as_at: AsAt) -> list[Event]:
    """Every fact of a council's account we had been told by then, corrected ones included, newest first."""
    return recent(session, which, slug, as_at, EVERY_EVENT).events


def recent(session: Session, which: ProgrammeYear, slug: str, as_at: AsAt, most: int) -> History:
    """The newest of a council's history, so many of them, and how many there are in all."""

    def ask() -> History:
        told = [_told(session, kind, which, slug, as_at, most) for kind in _IN_HISTORY]
        events = [event for kept, _ in told for event in kept]
        events.sort(key=lambda event: (event.effective_on, event.recorded_at), reverse=True)
        return History(events[:most], sum(total for _, total in told))

    return remembered(session, ("history", which, slug, as_at, most), ask, of=_IN_HISTORY)


def _told(
    session: Session, kind: type[Fact], which: ProgrammeYear, slug: str, as_at: AsAt, most: int
) -> tuple[list[Event], int]:
    told_by = as_at.known_at or datetime.max.replace(tzinfo=UTC)
    asked = {"year": str(which), "slug": slug, "served": f'%"{slug}"%', "on": as_at.on, "told_by": told_by}
    facts = session.execute(_history_of(kind), {**asked, "most": most}).all()
    return [_event(kind, fact, fact.corrected_by is not None) for fact in facts], facts[0].total if facts else 0


@cache
def _history_of(kind: type[Fact]) -> Select[Any]:
    """The facts of a kind that one council's history tells of: rows of the table, a quarter of the cost of objects."""
    columns = kind.__table__.c
    mine = columns.council == bindparam("slug")
    if "serves" in columns:
        mine = or_(mine, cast(columns.serves, String).like(bindparam("served")))
    mine = and_(mine, columns.year == bindparam("year"), columns.effective_on <= bindparam("on"))
    # What corrected a fact may be of another day, or no longer serve this council: it is asked for by itself.
    later, told_by = kind.__table__.alias(), bindparam("told_by", type_=Instant)
    corrected = and_(later.c.corrects == columns.id, later.c.recorded_at <= told_by)
    shown = [column for column in columns if column.name in {"council", *_SAYS, *COMMON}]
    more = (later.c.id.label("corrected_by"), func.count().over().label("total"))
    told = select(*shown, *more).select_from(kind.__table__).outerjoin(later, corrected)
    newest = told.order_by(columns.effective_on.desc(), columns.recorded_at.desc()).limit(bindparam("most"))
    return newest.where(mine, columns.recorded_at <= told_by)


def _event(kind: type[Fact], fact: Any, corrected: bool) -> Event:
    own = kind.__table__.c
    says = {name: getattr(fact, name) if name in own else None for name in _SAYS}
    return Event(
        fact.id,
        fact.council,
        kind.__tablename__,
        fact.effective_on,
        fact.recorded_at,
        fact.recorded_by,
        fact.recorded_as,
        fact.note,
        says,
        fact.corrects,
        fact.withdrawn,
        fact.reason,
        corrected,
    )


def deciding_facts(session: Session, which: ProgrammeYear, as_at: AsAt) -> Mapping[str, Told]:
    """For each council, the fact its position rests on: its first publication, or else its latest status."""
    key, of = ("deciding facts", which, as_at), (StatusReported, AccountPublished)
    return remembered(session, key, lambda: _deciding_facts(session, which, as_at), of=of)


def _deciding_facts(session: Session, which: ProgrammeYear, as_at: AsAt) -> dict[str, Told]:
    names = ("council", "id", "effective_on", "recorded_at", "recorded_by")
    reports = session.execute(latest_of(StatusReported, which, as_at, *names))
    told = {row[0]: Told(row[1], StatusReported.__tablename__, *row[2:]) for row in reports}
    published: dict[str, Told] = {}
    for row in editions(session, as_at, which):
        fact = Told(row.id, AccountPublished.__tablename__, row.effective_on, row.recorded_at, row.recorded_by)
        for council in {row.council, *row.serves}:
            published.setdefault(council, fact)
    return told | published


def trend(session: Session, which: ProgrammeYear, as_at: AsAt) -> list[Week]:
    """Councils published by each Sunday of the thirteen weeks to the deadline, and by the deadline itself."""
    stand, deadline = standings(session, which, as_at), year(session, which, as_at.known_at).deadline
    return weeks_of(stand.values(), deadline, as_at.on)
