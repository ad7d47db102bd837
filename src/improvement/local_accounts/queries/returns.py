"""What the return says of each council: now, and as it was when somebody's workbook was made."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import chain
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from improvement.access.rules import May, Person
from improvement.database import Fact
from improvement.dates import AsAt, ProgrammeYear
from improvement.errors import NotFound
from improvement.local_accounts import queries
from improvement.local_accounts.rules import Format, Status
from improvement.local_accounts.rules.returns import NOTHING, UNPUBLISHED, Facts
from improvement.local_accounts.tables import AccountPublished, StatusReported
from improvement.sector.rules import Council
from improvement.web.cells import tidy


class Told(msgspec.Struct, frozen=True):
    """One fact of a council's account, with what it says in the return's columns."""

    id: UUID
    seq: int
    council: str
    effective_on: date
    recorded_at: Any
    corrects: UUID | None
    withdrawn: bool
    row: Any
    """Its columns. What they say is worked out for the few that are asked."""
    published: bool

    @property
    def says(self) -> Facts:
        """What it says in the return's columns."""
        return _publication_says(self.row) if self.published else _status_says(self.row)


class Line(msgspec.Struct, frozen=True):
    """One council's row of the return."""

    facts: Facts
    seq: int
    """The newest fact it rests on, nought when there is none."""
    publication: UUID | None = None
    owner: str = ""
    """The council whose publication it is: it may serve several."""
    serves: tuple[str, ...] = ()
    """The other councils it serves."""
    editions: tuple[Facts, ...] = ()
    """What was published after the first, in order."""


EMPTY = Line(UNPUBLISHED, 0)


class Ledger(msgspec.Struct, frozen=True):
    """Every fact the return is made of, by council: so that each row can be had as it was at any time."""

    told: Mapping[str, Sequence[Told]]

    def line(self, council: str, *, seq: int | None = None, as_at: AsAt | None = None) -> Line:
        """A council's row: now, as it was when `seq` was the newest fact, or as it was known then."""
        known = [
            fact
            for fact in self.told.get(council, ())
            if (seq is None or fact.seq <= seq)
            and (as_at is None or as_at.known_at is None or fact.recorded_at <= as_at.known_at)
        ]
        return _line(council, known, as_at.on if as_at else date.max)


def _line(council: str, known: Sequence[Told], on: date) -> Line:
    corrected = {fact.corrects for fact in known}
    standing = [fact for fact in known if not fact.withdrawn and fact.id not in corrected and fact.effective_on <= on]
    newest = max((fact.seq for fact in known), default=0)
    published = [fact for fact in standing if fact.published]
    if published:
        # Being on time rests on the first publication, so that is the one the return is about.
        first, *later = sorted(published, key=lambda fact: (fact.effective_on, fact.seq))
        editions = tuple(fact.says for fact in later)
        return Line(first.says, newest, first.id, first.council, tuple(first.row.serves), editions)
    if standing:
        return Line(max(standing, key=lambda fact: (fact.effective_on, fact.seq)).says, newest)
    return Line(UNPUBLISHED, newest)


def ledger(session: Session, which: ProgrammeYear) -> Ledger:
    """The facts of a year's accounts that the return is made of. They are many, so they are not kept in memory."""
    told = defaultdict[str, list[Told]](list)
    for fact, councils in chain(_statuses(session, which), _publications(session, which)):
        for council in councils:
            told[council].append(fact)
    return Ledger(dict(told))


_SHARED = ("id", "seq", "council", "effective_on", "recorded_at", "corrects", "withdrawn")


def _columns(kind: type[Fact], *names: str) -> list[Any]:
    return [getattr(kind, name) for name in (*_SHARED, *names)]


def _statuses(session: Session, which: ProgrammeYear) -> Iterable[tuple[Told, Iterable[str]]]:
    kind = StatusReported
    rows = session.execute(
        select(*_columns(kind, "status", "expected_on", "note", "agreed_by")).where(kind.year == str(which))
    )
    for row in rows:
        yield _told(row, False), (row.council,)


def _status_says(row: Any) -> Facts:
    return {
        **NOTHING,
        "status": row.status,
        "expected_on": _day(row.expected_on),
        "because": _text(row.note),
        "agreed_by": _text(row.agreed_by),
    }


def _publications(session: Session, which: ProgrammeYear) -> Iterable[tuple[Told, Iterable[str]]]:
    kind = AccountPublished
    own = ("title", "address", "basis", "formats", "period_from", "period_to", "without_web", "serves")
    wanted = select(*_columns(kind, *own)).where(kind.year == str(which)).order_by(kind.seq)
    served: dict[UUID | None, set[str]] = {}
    for row in session.execute(wanted):
        served[row.id] = {row.council, *row.serves}
        told = _told(row, True)
        yield told, served[row.id]
        # A council that a correction takes off what it served knows of the correction, and has no account from it.
        yield msgspec.structs.replace(told, withdrawn=True), served.get(row.corrects, set()) - served[row.id]


def _publication_says(row: Any) -> Facts:
    return {
        **NOTHING,
        "status": Status.PUBLISHED.value,
        "title": _text(row.title),
        "address": _text(row.address),
        "published_on": _day(row.effective_on),
        "basis": row.basis,
        "formats": ", ".join(each for each in Format if each in row.formats),
        "period_from": _day(row.period_from),
        "period_to": _day(row.period_to),
        "without_web": _text(row.without_web),
    }


def _told(row: Any, published: bool) -> Told:
    id_, seq, council, effective_on, recorded_at, corrects, withdrawn = row[:7]
    return Told(id_, seq, council, effective_on, recorded_at, corrects, withdrawn, row, published)


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""


def _text(text: str) -> str:
    """As a cell keeps it, so that what comes back unchanged is seen to be."""
    return tidy(text).strip()


def own_councils(
    session: Session, which: ProgrammeYear, by: Person, region: str = "", council: str = ""
) -> list[Council]:
    """The councils of the year's list that somebody may send the return for, of a region or just one of them.

    Raises `NotFound` when there are none.
    """
    mine = [
        one
        for one in queries.expected(session, which)
        if region in ("", one.region)
        and council in ("", one.slug)
        and by.role_for(May.RECORD_ACCOUNTS, region=one.region, council=one.slug) is not None
    ]
    if not mine:
        raise NotFound("There is no such return that you fill in. Open the list of councils.")
    return mine
