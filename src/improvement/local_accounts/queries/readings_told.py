"""The readings of accounts as they were recorded, each with the publication it is of, as that is now put right."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from improvement.database import known, remembered
from improvement.dates import AsAt, ProgrammeYear
from improvement.local_accounts.rules.readings import Answer, Engagement, Kind, Reading, Said, ThemeRead
from improvement.local_accounts.rules.reconciled import Version
from improvement.local_accounts.tables import AccountPublished
from improvement.local_accounts.tables.readings import AccountRead, ReadingAnswered

_SAYS = ("weaknesses", "compares_spending", "compares_numbers", "priorities", "findable")


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
    key = ("editions", which, as_at)
    return remembered(session, key, lambda: _editions(session, which, as_at), of=(AccountPublished,))


def _editions(session: Session, which: ProgrammeYear, as_at: AsAt) -> dict[UUID, Edition]:
    kind, told_by = AccountPublished, as_at.known_at or datetime.max.replace(tzinfo=UTC)
    columns = (kind.id, kind.corrects, kind.withdrawn, kind.effective_on, kind.seq, kind.council, kind.serves)
    wanted = select(*columns, kind.title, kind.address).where(kind.year == str(which), kind.recorded_at <= told_by)
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


def versions(session: Session, which: ProgrammeYear, as_at: AsAt, council: str = "") -> list[Version]:
    """Every reading of a year there ever was by then, or of one council's account, the taken back included, in order.

    What became of the publication it is of does not matter here.
    """
    kind, told_by = AccountRead, as_at.known_at or datetime.max.replace(tzinfo=UTC)
    wanted = select(kind).where(kind.year == str(which), kind.recorded_at <= told_by, kind.effective_on <= as_at.on)
    if council:
        wanted = wanted.where(kind.council == council)
    facts = list(session.scalars(wanted.order_by(kind.effective_on, kind.seq)))
    later = {fact.corrects: fact for fact in facts if fact.corrects is not None}
    known_editions = editions(session, which, as_at)
    return [_version(fact, later.get(fact.id), known_editions) for fact in facts if not fact.withdrawn]


def _version(fact: AccountRead, later: AccountRead | None, known_editions: Mapping[UUID, Edition]) -> Version:
    reading = _reading(fact, known_editions)
    return Version(reading, later.reason, later.seq) if later else Version(reading, None)


def replies(session: Session, which: ProgrammeYear, council: str, as_at: AsAt) -> dict[tuple[UUID, str], Reply]:
    """What a council says to each thing each reading says: the newest of each."""
    kind = ReadingAnswered
    wanted = known(kind, as_at).where(kind.year == str(which), kind.council == council)
    return {(fact.reading, fact.about): _reply(fact) for fact in session.scalars(wanted)}


def _reply(fact: ReadingAnswered) -> Reply:
    said = (fact.id, fact.reading, fact.about, fact.agrees, fact.evidence, fact.address)
    return Reply(*said, fact.effective_on, fact.recorded_at, fact.recorded_by)


def _reading(fact: AccountRead, known_editions: Mapping[UUID, Edition]) -> Reading:
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
