"""The history of one council's account: every fact of whatever kind, as it was told."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import cache
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Select, String, and_, bindparam, cast, func, or_, select
from sqlalchemy.orm import Session

from improvement.database import COMMON, Fact, Instant, remembered
from improvement.dates import AsAt, ProgrammeYear
from improvement.local_accounts.tables import AccountPublished, AccountSeen, StatusReported
from improvement.local_accounts.tables.checks import EntryChecked, ExtensionAgreed
from improvement.local_accounts.tables.readings import AccountRead, ReadingAnswered

KINDS = (StatusReported, AccountPublished, AccountSeen, ExtensionAgreed, EntryChecked, AccountRead, ReadingAnswered)
_SAYS = (
    *("status", "expected_on", "title", "address", "sureness", "source", "agreed_by", "until", "because"),
    *("correct", "said", "by_council", "post", "reading", "about", "agrees", "evidence"),
)

EVERY = 1_000_000
"""More than any council's history has."""


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


def history(session: Session, which: ProgrammeYear, slug: str, as_at: AsAt) -> list[Event]:
    """Every fact of a council's account we had been told by then, corrected ones included, newest first."""
    return recent(session, which, slug, as_at, None).events


def recent(session: Session, which: ProgrammeYear, slug: str, as_at: AsAt, most: int | None) -> History:
    """The newest of a council's history, so many of them unless all are wanted, and how many there are in all."""

    def ask() -> History:
        told = [_told(session, kind, which, slug, as_at, most) for kind in KINDS]
        events = [event for kept, _ in told for event in kept]
        events.sort(key=lambda event: (event.effective_on, event.recorded_at), reverse=True)
        return History(events[:most], sum(total for _, total in told))

    return remembered(session, ("history", which, slug, as_at, most), ask, of=KINDS)


def _told(
    session: Session, kind: type[Fact], which: ProgrammeYear, slug: str, as_at: AsAt, most: int | None
) -> tuple[list[Event], int]:
    told_by = as_at.known_at or datetime.max.replace(tzinfo=UTC)
    asked = {"year": str(which), "slug": slug, "served": f'%"{slug}"%', "on": as_at.on, "told_by": told_by}
    facts = session.execute(_history_of(kind), {**asked, "most": EVERY if most is None else most}).all()
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
