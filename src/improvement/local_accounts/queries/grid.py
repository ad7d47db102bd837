"""The coordinator’s grid: every council of a region on one page."""

from collections.abc import Mapping, Sequence, Set
from datetime import date, datetime
from typing import Any

import msgspec
from sqlalchemy import String, cast, func, or_, select, union_all
from sqlalchemy.orm import Session, aliased

from improvement.access.rules import May, Person
from improvement.database import remembered
from improvement.dates import FROM_THE_BEGINNING, AsAt, Month, ProgrammeYear, start_of
from improvement.errors import NotFound
from improvement.local_accounts import queries
from improvement.local_accounts.queries import checks
from improvement.local_accounts.queries.checks import Newest
from improvement.local_accounts.rules import Sureness
from improvement.local_accounts.rules.grid import as_it_stands
from improvement.local_accounts.rules.told import Told
from improvement.local_accounts.tables import AccountPublished, StatusReported
from improvement.local_accounts.tables.checks import EntryChecked
from improvement.sector import queries as sector
from improvement.sector.rules import Region

KINDS = (*queries.KINDS, EntryChecked)


class GridRow(msgspec.Struct, frozen=True):
    """One council as the grid shows it. `seq` is the newest fact of its entry."""

    council: str
    name: str
    status: str
    expected_on: date | None
    passed_on: date | None
    published_on: date | None
    sureness: str | None
    seq: int
    changed_at: datetime | None
    unchanged_on: date | None
    """The day somebody last said, without a link, that nothing had changed."""
    done: bool
    """Whether anything was said of it this month, or nothing is left to say: it is published and confirmed."""

    @property
    def settled(self) -> bool:
        """Whether it is published and a coordinator has opened it."""
        return self.sureness == Sureness.CONFIRMED


def regions_of(session: Session, by: Person) -> list[Region]:
    """The regions whose grid somebody may fill in, by name."""
    every = sector.regions(session).values()
    return [one for one in every if by.role_for(May.CONFIRM_ACCOUNTS, region=one.slug) is not None]


def region_of(session: Session, by: Person, wanted: str) -> Region:
    """The region asked for, or else somebody's own. Raises `NotFound`: other regions are not there for them."""
    own = regions_of(session, by)
    found = [one for one in own if one.slug == wanted] if wanted else [one for one in own if one.slug in by.regions]
    if not found and (wanted or not own):
        raise NotFound("There is no such region for you to bring up to date.")
    return (found or own)[0]


def rows(session: Session, which: ProgrammeYear, region: str, as_at: AsAt) -> Sequence[GridRow]:
    """The councils of a region that are on the year's list and in being on the day, by name."""
    key = ("grid", which, region, as_at)
    return remembered(session, key, lambda: _rows(session, which, region, as_at), of=KINDS)


def _rows(session: Session, which: ProgrammeYear, region: str, as_at: AsAt) -> list[GridRow]:
    stand, month = queries.standings(session, which, as_at), start_of(Month.of(as_at.on).first_day)
    newest, said = checks.newest(session, which, as_at), checks.checks(session, which, as_at)
    made = []
    for one in queries.expected(session, which, as_at.known_at):
        if one.region != region or not one.in_being(as_at.on):
            continue
        entry, looks, here = newest.get(one.slug, Newest()), said.get(one.slug, []), stand[one.slug]
        unchanged = [look.on for look in looks if look.correct and not look.by_council]
        latest = [look.recorded_at for look in looks if look.recorded_at] + [entry.recorded_at or FROM_THE_BEGINNING]
        status, expected_on = as_it_stands(here)
        made.append(
            GridRow(
                council=one.slug,
                name=one.name,
                status=status,
                expected_on=expected_on,
                passed_on=here.passed_on,
                published_on=here.published_on,
                sureness=here.sureness,
                seq=entry.seq,
                changed_at=entry.recorded_at,
                unchanged_on=max(unchanged, default=None),
                done=max(latest) >= month or here.sureness is Sureness.CONFIRMED,
            )
        )
    return made


def own_newest(session: Session, which: ProgrammeYear, councils: Sequence[str], by: Person) -> int | None:
    """The newest thing somebody said of these councils' entries: everything after it is news to them."""
    asked = [
        select(func.max(kind.seq)).where(kind.year == str(which), kind.council.in_(councils), kind.recorded_by == by.id)
        for kind in (StatusReported, EntryChecked)
    ]
    return max((seq for seq in session.scalars(union_all(*asked)) if seq is not None), default=None)


def news(session: Session, which: ProgrammeYear, councils: Sequence[str], by: Person) -> Mapping[str, Told]:
    """For each council, the newest that others told since the newest that somebody told of any of these."""
    key, of = ("news", which, tuple(councils), by.id), (StatusReported, AccountPublished, EntryChecked)
    return remembered(session, key, lambda: _news(session, which, councils, by), of=of)


def _news(session: Session, which: ProgrammeYear, councils: Sequence[str], by: Person) -> dict[str, Told]:
    since = own_newest(session, which, councils, by)
    seqs = {} if since is None else dict.fromkeys(councils, since)
    return told_since(session, which, seqs, but=by, checked=True)


def told_since(
    session: Session, which: ProgrammeYear, seqs: Mapping[str, int], *, but: Person | None = None, checked: bool = False
) -> dict[str, Told]:
    """For each council, the newest that anybody told of its entry since a fact of it, `but` one person. What was said
    of the whole entry is among it when `checked`."""
    found: dict[str, Told] = {}
    if not seqs:
        return found
    for kind in (StatusReported, *((EntryChecked,) if checked else ())):
        mine = _since(kind, which, seqs, but)
        newest = select(func.max(kind.seq)).where(*mine, kind.council.in_(seqs)).group_by(kind.council)
        for fact in session.scalars(select(kind).where(kind.seq.in_(newest))):
            _keep(found, seqs, {fact.council}, _told(fact))
    # A correction that takes a council off what an account served is news of that council's entry too.
    kind, before = AccountPublished, aliased(AccountPublished)
    shared = [cast(one.serves, String) != "[]" for one in (kind, before)]
    editions = select(kind, before.council, before.serves).outerjoin(before, before.id == kind.corrects)
    editions = editions.where(*_since(kind, which, seqs, but), or_(kind.council.in_(seqs), *shared))
    for edition, council, serves in session.execute(editions):
        _keep(found, seqs, {edition.council, *edition.serves, council, *(serves or ())}, _told(edition))
    return found


def _since(kind: Any, which: ProgrammeYear, seqs: Mapping[str, int], but: Person | None) -> tuple[Any, ...]:
    others = () if but is None else (kind.recorded_by != but.id,)
    return (kind.year == str(which), kind.seq > min(seqs.values()), *others)


def _keep(found: dict[str, Told], seqs: Mapping[str, int], councils: Set[str | None], told: Told) -> None:
    for council in councils & seqs.keys():
        if council and told.seq > max(seqs[council], found[council].seq if council in found else 0):
            found[council] = msgspec.structs.replace(told, council=council)


def _told(fact: StatusReported | AccountPublished | EntryChecked) -> Told:
    return Told(
        fact.council,
        fact.__tablename__,
        fact.seq,
        fact.effective_on,
        fact.recorded_at,
        fact.recorded_by,
        getattr(fact, "status", ""),
        getattr(fact, "expected_on", None),
        getattr(fact, "correct", True),
        fact.withdrawn,
    )
