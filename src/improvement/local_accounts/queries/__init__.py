"""Questions about local accounts, at any two dates."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

import msgspec
from sqlalchemy import String, cast, func, or_, select
from sqlalchemy.orm import Session

from improvement.access.rules import May, Person
from improvement.database import known, remembered
from improvement.dates import FROM_THE_BEGINNING, AsAt, ProgrammeYear
from improvement.errors import NotFound
from improvement.local_accounts import rules
from improvement.local_accounts.queries import extensions
from improvement.local_accounts.queries.events import Event as Event
from improvement.local_accounts.queries.events import History as History
from improvement.local_accounts.queries.events import history as history
from improvement.local_accounts.queries.events import recent as recent
from improvement.local_accounts.queries.latest import each_sureness, editions, latest_of
from improvement.local_accounts.rules import Basis, Position, Published, Reported, Standing, Status, Sureness
from improvement.local_accounts.rules.extensions import Timeliness, timeliness
from improvement.local_accounts.rules.picture import Week as Week
from improvement.local_accounts.rules.picture import weeks_of
from improvement.local_accounts.tables import AccountPublished, AccountSeen, ProgrammeYearSet, StatusReported
from improvement.sector import queries as sector
from improvement.sector.rules import Council

FIRST_YEAR = ProgrammeYear(2011)
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


def on_list(session: Session, which: ProgrammeYear, slug: str, known_at: datetime | None = None) -> Council:
    """One council of the expected list, as we had been told by an instant. Raises `NotFound`."""
    council = sector.council(session, slug, known_at)
    if not council.in_being(year(session, which, known_at).deadline):
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
    return on_list(session, which, slug, as_at.known_at), standings(session, which, as_at)[slug]


def publications_of(session: Session, which: ProgrammeYear, slug: str, as_at: AsAt) -> list[AccountPublished]:
    """The accounts that serve a council, the newest first."""
    kind = AccountPublished
    mine = or_(kind.council == slug, cast(kind.serves, String).contains(f'"{slug}"', autoescape=True))
    return list(session.scalars(known(kind, as_at).where(kind.year == str(which), mine)))[::-1]


def as_rule(fact: AccountPublished, council: str) -> Published:
    """A publication as the rules see it."""
    return Published(council, fact.effective_on, Basis(fact.basis), fact.title, fact.address, fact.seq)


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
