"""Questions about bank statements: what was read, which facts they show, and what no statement has shown yet."""

from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import String, literal, select, union_all
from sqlalchemy.orm import Session

from improvement.access import queries as access
from improvement.database import EVER, known, remembered
from improvement.dates import AsAt
from improvement.errors import NotFound
from improvement.funding import queries
from improvement.funding.book import Kind
from improvement.funding.rules.reconciling import MOVED, NEAR, OUT, KeptLine, Moved
from improvement.funding.tables import TABLES
from improvement.funding.tables.matters import StatementRead
from improvement.funding.tables.moves import InstalmentReceived, PaymentMade, RefundReceived, ReturnedToFunder

KINDS = (StatementRead, PaymentMade, ReturnedToFunder, InstalmentReceived, RefundReceived)
"""What reconciling is told from."""


class Statement(msgspec.Struct, frozen=True):
    """A bank statement that was read. Sums are in pence; `matched` counts the lines that show a fact."""

    id: UUID
    mou: str
    ref: str
    name: str
    sha256: str
    read_on: date
    recorded_at: datetime
    recorded_by: int
    lines: tuple[KeptLine, ...]

    @property
    def first_on(self) -> date:
        return min(line.on for line in self.lines)

    @property
    def last_on(self) -> date:
        return max(line.on for line in self.lines)

    @property
    def in_pence(self) -> int:
        return sum(line.amount_pence for line in self.lines if line.amount_pence > 0)

    @property
    def out_pence(self) -> int:
        return -sum(line.amount_pence for line in self.lines if line.amount_pence < 0)

    @property
    def matched(self) -> int:
        return sum(line.fact is not None for line in self.lines)


class Shown(msgspec.Struct, frozen=True):
    """A line of a statement beside what it shows, as that stands now; nothing when it was taken back since."""

    line: KeptLine
    fact: Moved | None

    @property
    def off_pence(self) -> int:
        """By how much the bank’s line differs from what is recorded; nil when nothing is."""
        return self.line.amount_pence - self.fact.amount_pence if self.fact else 0

    @property
    def gone(self) -> bool:
        """Whether it was matched to something that was taken back since."""
        return self.line.fact is not None and self.fact is None


def statements(session: Session, as_at: AsAt, mou: str) -> list[Statement]:
    """The statements that stand, the newest first."""

    def ask() -> list[Statement]:
        table = StatementRead
        columns = [getattr(table, name).label(shown) for shown, name in _COLUMNS.items()]
        rows = session.execute(known(table, as_at, *columns).where(table.mou == mou)).all()
        return [msgspec.convert(dict(row._mapping), Statement) for row in reversed(rows)]

    return remembered(session, ("statements", mou, as_at), ask, of=(StatementRead,))


_COLUMNS = {name: "effective_on" if name == "read_on" else name for name in Statement.__struct_fields__}


def statement(session: Session, as_at: AsAt, ref: str) -> Statement:
    """One statement that stands, of whichever MoU. Raises `NotFound`."""
    for mou in reversed(list(queries.mous(session, as_at))):
        for found in statements(session, as_at, mou):
            if found.ref == ref:
                return found
    raise NotFound(f"There is no bank statement “{ref[:20]}”.")


def reader(session: Session, statement: Statement) -> str:
    """Who read a statement."""
    return access.names(session).get(statement.recorded_by, "")


def shown(session: Session, as_at: AsAt, mou: str, lines: Collection[KeptLine]) -> list[Shown]:
    """Lines beside what they show, following every correction since."""
    now = newest(session, as_at, mou)
    ids = {line.fact: now.get(line.fact, line.fact) for line in lines if line.fact is not None}
    facts = {fact.id: fact for fact in moved(session, as_at, mou, ids=list(ids.values()))} if ids else {}
    return [Shown(line, facts.get(ids[line.fact]) if line.fact is not None else None) for line in lines]


def reconciled(session: Session, as_at: AsAt, mou: str, *, besides: UUID | None = None) -> Mapping[UUID, str]:
    """The facts that a statement (but one) shows, as they stand, each with the reference of the statement."""

    def ask() -> dict[UUID, str]:
        now = newest(session, as_at, mou)
        return {
            now.get(line.fact, line.fact): each.ref
            for each in reversed(statements(session, as_at, mou))
            for line in each.lines
            if line.fact is not None and each.id != besides
        }

    return remembered(session, ("reconciled", mou, as_at, besides), ask, of=KINDS)


def read_before(session: Session, mou: str, besides: UUID | None = None) -> dict[tuple[date, int, str, int], str]:
    """Every line that a standing statement has, each with the reference of the statement."""
    rows = [each for each in statements(session, EVER, mou) if each.id != besides]
    return {line.said.key: each.ref for each in rows for line in each.lines}


def unmatched(session: Session, mou: str, amounts: Collection[int]) -> list[Moved]:
    """What stands, of some amounts, and no standing statement shows: the candidates for its lines."""
    taken = reconciled(session, EVER, mou)
    return [fact for fact in moved(session, EVER, mou, amounts=amounts) if fact.id not in taken]


def unseen(session: Session, as_at: AsAt, mou: str) -> list[Moved]:
    """Payments more than a week old that no statement shows yet, the oldest first."""
    taken, by = reconciled(session, as_at, mou), as_at.on - timedelta(days=NEAR)

    def ask() -> list[Moved]:
        wanted = _arm(Kind.PAYMENT, AsAt(by, as_at.known_at), mou).order_by(PaymentMade.effective_on, PaymentMade.seq)
        return [_moved(row) for row in session.execute(wanted) if row.id not in taken]

    return remembered(session, ("unseen", mou, as_at), ask, of=KINDS)


def moved(
    session: Session,
    as_at: AsAt,
    mou: str,
    *,
    ids: Collection[UUID] | None = None,
    amounts: Collection[int] | None = None,
) -> list[Moved]:
    """What stands that a bank would show, by day: of some ids, or of some amounts (below zero: out)."""
    arms = []
    for kind in MOVED:
        arm, table = _arm(kind, as_at, mou), TABLES[kind].__table__.c
        if ids is not None:
            arm = arm.where(table.id.in_(ids))
        if amounts is not None:
            sign = -1 if kind in OUT else 1
            arm = arm.where(table.amount_pence.in_([sign * pence for pence in amounts if pence * sign > 0]))
        arms.append(arm)
    found = [_moved(row) for row in session.execute(union_all(*arms))]
    return sorted(found, key=lambda fact: (fact.on, fact.seq))


def _arm(kind: Kind, as_at: AsAt, mou: str) -> Any:
    table: Any = TABLES[kind]
    empty = literal("", String)
    more = {Kind.PAYMENT: "claim", Kind.RECEIVED: "ref"}.get(kind)
    columns = (
        literal(kind.value, String).label("kind"),
        table.id.label("id"),
        table.seq.label("seq"),
        table.effective_on.label("on"),
        table.amount_pence.label("pence"),
        getattr(table, "line", empty).label("line"),
        table.reference.label("first"),
        (getattr(table, more) if more else empty).label("second"),
    )
    return known(table, as_at, *columns).where(table.mou == mou).order_by(None)


def _moved(row: Any) -> Moved:
    kind = Kind(row.kind)
    references = tuple(dict.fromkeys(each for each in (row.second, row.first) if each))
    pence = -row.pence if kind in OUT else row.pence
    return Moved(row.id, kind, row.on, pence, row.line, references, row.seq)


def newest(session: Session, as_at: AsAt, mou: str) -> Mapping[UUID, UUID]:
    """For each fact a bank would show that was corrected: its newest version, as it was known."""
    arms = []
    for kind in MOVED:
        table = TABLES[kind].__table__.c
        arm = select(table.corrects, table.id).where(table.mou == mou, table.corrects.is_not(None))
        arms.append(arm if as_at.known_at is None else arm.where(table.recorded_at <= as_at.known_at))
    after = {row[0]: row[1] for row in session.execute(union_all(*arms))}
    found = {}
    for first in after:
        last = first
        while last in after:
            last = after[last]
        found[first] = last
    return found
