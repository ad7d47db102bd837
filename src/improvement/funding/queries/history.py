"""Questions about what a fact about money was before it was corrected, and what was taken back."""

from collections.abc import Collection, Iterable
from datetime import date, datetime
from functools import cache
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import BigInteger, cast, exists, literal, null, select, union_all
from sqlalchemy.orm import Session

from improvement.access import queries as access
from improvement.access.rules import Person
from improvement.database import Fact
from improvement.dates import AsAt
from improvement.errors import NotFound
from improvement.funding import queries
from improvement.funding.book import UNALLOCATED, Kind
from improvement.funding.tables import TABLES

MOST_GONE = 200
"""How many facts that were taken back are listed at most."""


class Version(msgspec.Struct, frozen=True):
    """One version of a fact: who recorded it, when, in which role and why, and whether it takes the fact back."""

    id: UUID
    values: dict[str, Any]
    recorded_at: datetime
    recorded_by: str
    recorded_as: str
    reason: str
    withdrawn: bool
    corrects: UUID | None


class History(msgspec.Struct, frozen=True):
    """Every version of a fact that somebody may see, the oldest first."""

    kind: Kind
    mou: str
    versions: list[Version]

    @property
    def now(self) -> Version:
        return self.versions[-1]


class Gone(msgspec.Struct, frozen=True):
    """A fact that was taken back, by whom, when and why."""

    id: UUID
    kind: str
    line: str
    amount_pence: int | None
    effective_on: date
    recorded_at: datetime
    recorded_by: str
    recorded_as: str
    reason: str


def history(session: Session, as_at: AsAt, id_: UUID, by: Person) -> History:
    """The versions of a fact known by then. Raises `NotFound` for what somebody may not see."""
    kind, found = queries.fact(session, id_)
    mou, names = queries.mou_of(found), access.names(session)
    regions = regions_of(session, mou)
    told = [
        fact
        for fact in _versions(session, TABLES[kind], id_)
        if (as_at.known_at is None or fact.recorded_at <= as_at.known_at) and _may_see(by, regions, fact)
    ]
    if id_ not in {fact.id for fact in told}:
        raise NotFound("There is no such fact about money.")
    return History(kind, mou, [_version(fact, names.get(fact.recorded_by, "")) for fact in told])


def regions_of(session: Session, mou: str) -> dict[str, str | None]:
    """The region of every line there ever was, those taken back included; none for a post's."""
    opened: Any = TABLES[Kind.LINE]
    rows = session.execute(select(opened.line, opened.region).where(opened.mou == mou))
    return {row[0]: row[1] for row in rows}


def _may_see(by: Person, regions: dict[str, str | None], fact: Any) -> bool:
    """As in the ledger: what is of no line only with all of the money, a virement with any line it names."""
    lines = [leg["line"] for leg in fact.legs] if hasattr(fact, "legs") else [getattr(fact, "line", "")]
    return any(queries.may_see(by, regions.get(line)) for line in lines)


def _versions(session: Session, table: Any, id_: UUID) -> Iterable[Any]:
    """Every fact that corrects another of the same story, or is corrected by one, in the order recorded."""
    back = select(table.id, table.corrects).where(table.id == id_).cte(recursive=True)
    back = back.union_all(select(table.id, table.corrects).join(back, table.id == back.c.corrects))
    forth = select(back.c.id).where(back.c.corrects.is_(None)).cte(recursive=True)
    forth = forth.union_all(select(table.id).join(forth, table.corrects == forth.c.id))
    return session.scalars(select(table).where(table.id.in_(select(forth.c.id))).order_by(table.seq))


def _version(fact: Fact, name: str) -> Version:
    columns = {column.key for column in fact.__table__.columns} - _STAMPS
    return Version(
        id=fact.id,
        values={column: getattr(fact, column) for column in columns},
        recorded_at=fact.recorded_at,
        recorded_by=name,
        recorded_as=fact.recorded_as,
        reason=fact.reason,
        withdrawn=fact.withdrawn,
        corrects=fact.corrects,
    )


_STAMPS = {"id", "seq", "recorded_at", "recorded_by", "recorded_as", "withdrawn", "reason", "corrects"}


def gone(session: Session, as_at: AsAt, mou: str, of_lines: Collection[str] | None = None) -> list[Gone]:
    """What was taken back and has not been put back, the newest first: of some lines, or of all."""
    arms = [
        select(arm.order_by(arm.selected_columns.seq.desc()).limit(MOST_GONE).subquery())
        for kind in TABLES
        if (arm := _gone(kind, as_at, mou, of_lines)) is not None
    ]
    if not arms:
        return []
    asked = union_all(*arms)
    names = access.names(session)
    rows = session.execute(asked.order_by(asked.selected_columns.seq.desc()).limit(MOST_GONE))
    made = []
    for row in rows:
        told = row._asdict()
        del told["seq"]
        made.append(Gone(**told | {"recorded_by": names.get(row.recorded_by, "")}))
    return made


def _gone(kind: Kind, as_at: AsAt, mou: str, of_lines: Collection[str] | None) -> Any:
    """The facts of a kind that were taken back; none when its facts are not of any line and lines are asked for."""
    table: Any = TABLES[kind]
    if of_lines is not None and not hasattr(table, "line"):
        return None
    later, taken = _others(kind)
    mended = exists().where(later.c.corrects == table.id)
    # Found among what takes something back, which is little, and not among all of the MoU.
    few = select(taken.c.id).where(taken.c.withdrawn, taken.c.mou.concat("") == mou)
    wanted = select(
        table.id,
        table.seq,
        literal(kind.value).label("kind"),
        getattr(table, "line", literal("")).label("line"),
        getattr(table, "amount_pence", cast(null(), BigInteger)).label("amount_pence"),
        *(getattr(table, name) for name in ("effective_on", "recorded_at", "recorded_by", "recorded_as", "reason")),
    ).where(table.id.in_(few), table.effective_on <= as_at.on)
    if as_at.known_at is not None:
        mended = mended.where(later.c.recorded_at <= as_at.known_at)
        wanted = wanted.where(table.recorded_at <= as_at.known_at)
    wanted = wanted.where(~mended)
    return wanted if of_lines is None else wanted.where(table.line.in_(of_lines))


@cache
def _others(kind: Kind) -> tuple[Any, Any]:
    """Other facts of a kind beside one: what mends it, and what was taken back. Made once: it takes a millisecond."""
    table = TABLES[kind].__table__
    return table.alias(), table.alias()


def titles_of(session: Session, mou: str) -> dict[str, str]:
    """What every line there ever was is called."""
    opened: Any = TABLES[Kind.LINE]
    rows = session.execute(select(opened.line, opened.title).where(opened.mou == mou).order_by(opened.seq))
    return {UNALLOCATED: "Unallocated", **{row[0]: row[1] for row in rows}}
