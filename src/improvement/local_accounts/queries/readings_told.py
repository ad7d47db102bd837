"""The readings of accounts as they were recorded, each with the publication it is of, as that is now put right."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from improvement.database import known, remembered
from improvement.dates import AsAt, ProgrammeYear
from improvement.local_accounts.rules.readings import Answer, Engagement, Kind, Reading, Said, ThemeRead
from improvement.local_accounts.rules.reconciled import Version
from improvement.local_accounts.tables import AccountPublished
from improvement.local_accounts.tables.readings import AccountRead, ReadingAnswered

_SAYS = ("weaknesses", "compares_spending", "compares_numbers", "priorities", "findable")
_READER = (AccountRead.council, AccountRead.publication, AccountRead.recorded_by)


class Edition(msgspec.Struct, frozen=True):
    """A publication as it is now put right: which one stands in its place, and for which councils."""

    id: UUID
    title: str
    address: str
    published_on: date
    seq: int
    serves: frozenset[str]
    stands: bool


class Reply(msgspec.Struct, frozen=True):
    """What a council says to one thing a reading says."""

    id: UUID
    reading: UUID
    about: str
    agrees: bool
    evidence: str
    address: str
    replied_on: date
    recorded_at: datetime
    recorded_by: int


def editions(session: Session, which: ProgrammeYear, as_at: AsAt) -> Mapping[UUID, Edition]:
    """Every publication of a year by each identity it ever had, as it was put right by then."""
    key, wanted = ("editions", which, as_at), _versions(which, as_at)
    return remembered(session, key, lambda: _editions(session, wanted, as_at), of=(AccountPublished,))


def editions_read(session: Session, which: ProgrammeYear, as_at: AsAt) -> Mapping[UUID, Edition]:
    """The publications of a year that a reading was ever recorded of, as they were put right by then."""
    key, kind = ("editions read", which, as_at), AccountPublished
    read = select(AccountRead.publication).where(AccountRead.year == str(which))
    # What put one of them right is a correction; the corrections of others are few, and come along.
    wanted = _versions(which, as_at).where(or_(kind.id.in_(read), kind.corrects.is_not(None)))
    return remembered(session, key, lambda: _editions(session, wanted, as_at), of=(AccountRead, kind))


def _versions(which: ProgrammeYear, as_at: AsAt) -> Select[Any]:
    kind, told_by = AccountPublished, as_at.known_at or datetime.max.replace(tzinfo=UTC)
    columns: list[Any] = [kind.id, kind.corrects, kind.withdrawn, kind.effective_on, kind.seq, kind.council]
    columns += [kind.serves, kind.title, kind.address]
    return select(*columns).where(kind.year == str(which), kind.recorded_at <= told_by)


def _editions(session: Session, wanted: Select[Any], as_at: AsAt) -> dict[UUID, Edition]:
    rows = {row.id: row for row in session.execute(wanted)}
    later = {row.corrects: row.id for row in rows.values() if row.corrects is not None}
    return {one: _edition(rows, later, one, as_at.on) for one in rows}


def _edition(rows: Mapping[UUID, Any], later: Mapping[UUID, UUID], one: UUID, on: date) -> Edition:
    while one in later:
        one = later[one]
    row = rows[one]
    serves = frozenset({row.council, *row.serves})
    stands = not row.withdrawn and row.effective_on <= on
    return Edition(row.id, row.title, row.address, row.effective_on, row.seq, serves, stands)


def deciding(session: Session, which: ProgrammeYear, as_at: AsAt) -> list[Version]:
    """What decides which reading of each account counts.

    Of an account that was ever reconciled every version, of others each reader's newest, which the database picks.
    """
    kind = AccountRead
    reconciled = select(kind.council).where(kind.year == str(which), kind.reading == Kind.RECONCILED.value)
    latest_first: list[Any] = [kind.effective_on.desc(), kind.seq.desc()]
    of_each = func.row_number().over(partition_by=_READER, order_by=latest_first).label("nth")
    told = known(kind, as_at, kind.seq, of_each).where(kind.year == str(which), kind.council.not_in(reconciled))
    newest = told.order_by(None).subquery()
    wanted = select(*kind.__table__.c).where(kind.seq.in_(select(newest.c.seq).where(newest.c.nth == 1)))
    rows = session.execute(wanted.order_by(kind.effective_on, kind.seq))
    published = editions_read(session, which, as_at)
    return [*(Version(_reading(row, published), None) for row in rows), *_every(session, which, as_at, reconciled)]


def versions(session: Session, which: ProgrammeYear, as_at: AsAt, council: str) -> list[Version]:
    """Every reading of one council's account there ever was by then, the taken back included, in order.

    What became of the publication it is of does not matter here.
    """
    return _every(session, which, as_at, [council])


def _every(session: Session, which: ProgrammeYear, as_at: AsAt, councils: Any) -> list[Version]:
    kind, told_by = AccountRead, as_at.known_at or datetime.max.replace(tzinfo=UTC)
    wanted = select(kind).where(kind.year == str(which), kind.recorded_at <= told_by, kind.effective_on <= as_at.on)
    facts = list(session.scalars(wanted.where(kind.council.in_(councils)).order_by(kind.effective_on, kind.seq)))
    later = {fact.corrects: fact for fact in facts if fact.corrects is not None}
    published = editions_read(session, which, as_at)
    return [_version(fact, later.get(fact.id), published) for fact in facts if not fact.withdrawn]


def _version(fact: AccountRead, later: AccountRead | None, published: Mapping[UUID, Edition]) -> Version:
    reading = _reading(fact, published)
    return Version(reading, later.reason, later.seq) if later else Version(reading, None)


def replies(session: Session, which: ProgrammeYear, council: str, as_at: AsAt) -> dict[tuple[UUID, str], Reply]:
    """What a council says to each thing each reading says: the newest of each."""
    kind = ReadingAnswered
    wanted = known(kind, as_at).where(kind.year == str(which), kind.council == council)
    return {(fact.reading, fact.about): _reply(fact) for fact in session.scalars(wanted)}


def _reply(fact: ReadingAnswered) -> Reply:
    said = (fact.id, fact.reading, fact.about, fact.agrees, fact.evidence, fact.address)
    return Reply(*said, fact.effective_on, fact.recorded_at, fact.recorded_by)


def _reading(fact: Any, known_editions: Mapping[UUID, Edition]) -> Reading:
    of = known_editions.get(fact.publication)
    return Reading(
        id=fact.id,
        council=fact.council,
        kind=Kind(fact.reading),
        publication=of.id if of else fact.publication,
        title=of.title if of else "",
        publication_stands=of is not None and of.stands and fact.council in of.serves,
        read_on=fact.effective_on,
        recorded_at=fact.recorded_at,
        recorded_by=fact.recorded_by,
        recorded_as=fact.recorded_as,
        seq=fact.seq,
        note=fact.note,
        themes=tuple(msgspec.convert(fact.themes, list[ThemeRead])),
        engagement=Engagement(fact.engagement),
        challenge=tuple(fact.challenge),
        answers=tuple(msgspec.convert(fact.answers, list[Answer])),
        clicks=fact.clicks,
        **{name: Said(getattr(fact, name)) for name in _SAYS},
    )
