"""Questions about bank statements: what was read, which facts they show, and what no statement has shown yet."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import String, func, literal, select, union_all
from sqlalchemy.orm import Session
from sqlalchemy.sql.selectable import Select

from improvement.access import queries as access
from improvement.database import EVER, known, remembered
from improvement.dates import AsAt
from improvement.errors import NotFound
from improvement.funding import book as books
from improvement.funding import queries
from improvement.funding.book import Kind, Sum
from improvement.funding.rules.reconciling import LEAST_OF_A_RUN, MOVED, NEAR, OUT, KeptLine, Moved
from improvement.funding.tables import TABLES
from improvement.funding.tables.matters import PaymentRunMade, StatementRead
from improvement.funding.tables.moves import InstalmentReceived, PaymentMade, RefundReceived, ReturnedToFunder

KINDS = (StatementRead, PaymentRunMade, PaymentMade, ReturnedToFunder, InstalmentReceived, RefundReceived)
"""What reconciling is told from."""


class Statement(msgspec.Struct, frozen=True):
    """A bank statement that was read. Sums are in pence; `matched` counts the lines that show a fact."""

    id: UUID
    seq: int
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


def statements(
    session: Session, as_at: AsAt, mou: str, *, after: int | None = None, limit: int | None = None
) -> list[Statement]:
    """The statements that stand, the newest first: all of them, or some `after` a `seq`."""

    def ask() -> list[Statement]:
        wanted = _statements(as_at).where(StatementRead.mou == mou).order_by(None).order_by(StatementRead.seq.desc())
        wanted = wanted if after is None else wanted.where(StatementRead.seq < after)
        return [_told(row) for row in session.execute(wanted.limit(limit))]

    return remembered(session, ("statements", mou, as_at, after, limit), ask, of=(StatementRead,))


def _statements(as_at: AsAt) -> Select[Any]:
    return known(StatementRead, as_at, *(getattr(StatementRead, name).label(shown) for shown, name in _COLUMNS.items()))


def _told(row: Any) -> Statement:
    return msgspec.convert(dict(row._mapping), Statement)


_COLUMNS = {name: "effective_on" if name == "read_on" else name for name in Statement.__struct_fields__}


def statement(session: Session, as_at: AsAt, ref: str) -> Statement:
    """One statement that stands, of whichever MoU. Raises `NotFound`."""
    row = session.execute(_statements(as_at).where(StatementRead.ref == ref)).first()
    if row is None:
        raise NotFound(f"There is no bank statement “{ref[:20]}”.")
    return _told(row)


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
    """The facts that a statement (but one) shows, as they stand, each with the reference of the statement. With a
    payment run that is shown come all of its payments."""

    def ask() -> dict[UUID, str]:
        now = newest(session, as_at, mou)
        found = {
            now.get(line.fact, line.fact): each.ref
            for each in reversed(statements(session, as_at, mou))
            for line in each.lines
            if line.fact is not None and each.id != besides
        }
        run = PaymentRunMade
        told = session.execute(known(run, as_at, run.id, run.ref).where(run.mou == mou))
        refs = {ref: found[id_] for id_, ref in told if id_ in found}
        return found | {id_: refs[ref] for id_, ref in paid_in(session, as_at, refs)}

    return remembered(session, ("reconciled", mou, as_at, besides), ask, of=KINDS)


def read_before(session: Session, mou: str, besides: UUID | None = None) -> dict[tuple[date, int, str, int], str]:
    """Every line that a standing statement has, each with the reference of the statement."""
    rows = [each for each in statements(session, EVER, mou) if each.id != besides]
    return {line.said.key: each.ref for each in rows for line in each.lines}


def paid_in(session: Session, as_at: AsAt, runs: Collection[str]) -> list[tuple[UUID, str]]:
    """The payments of some runs that stand, each with the reference of its run."""
    paid = PaymentMade
    if not runs:
        return []
    return [tuple(row) for row in session.execute(known(paid, as_at, paid.id, paid.run).where(paid.run.in_(runs)))]


def unmatched(session: Session, mou: str, amounts: Collection[int]) -> list[Moved]:
    """What stands, of some amounts, and no standing statement shows: the candidates for its lines. A run of which a
    payment is shown already is no candidate."""
    return besides(session, moved(session, EVER, mou, amounts=amounts), reconciled(session, EVER, mou))


def besides(session: Session, facts: Collection[Moved], taken: Collection[UUID]) -> list[Moved]:
    """Facts that are not taken, and runs of which no payment is."""
    runs = [fact.run for fact in facts if fact.kind is Kind.RUN]
    begun = {run for id_, run in paid_in(session, EVER, runs) if id_ in taken}
    return [fact for fact in facts if fact.id not in taken and not (fact.kind is Kind.RUN and fact.run in begun)]


class Unseen(msgspec.Struct, frozen=True):
    """How many payments no statement shows, what they come to, and some of them."""

    count: int
    pence: int
    some: tuple[Moved, ...]
    more: bool


def unseen(session: Session, as_at: AsAt, mou: str, *, after: int = 0, most: int = 50) -> Unseen:
    """Payments more than a week old that no statement shows yet, as they were recorded; `most` of them, after a `seq`.

    They are counted by what was paid less what was shown, and read a portion at a time.
    """
    taken, until = reconciled(session, as_at, mou), AsAt(as_at.on - timedelta(days=NEAR), as_at.known_at)

    def ask() -> Unseen:
        book = queries.book(session, mou, as_at.known_at)
        count, pence = books.count(book, Kind.PAYMENT, until.on), book.on(Sum.PAID, "", until.on)
        for paid in _shown(session, until, mou, list(taken)):
            count, pence = count - 1, pence - paid
        found = list(islice(_paid_after(session, until, mou, after, taken), most + 1))
        return Unseen(count, pence, tuple(found[:most]), len(found) > most)

    return remembered(session, ("unseen", mou, as_at, after, most), ask, of=KINDS)


PORTION = 500
"""How many payments are asked for at a time."""


def _shown(session: Session, as_at: AsAt, mou: str, taken: Sequence[UUID]) -> Iterator[int]:
    """What was paid by each payment that is shown, in pence."""
    paid = PaymentMade
    for at in range(0, len(taken), PORTION):
        # Found by their ids, so their MoU is said in a way that no index of it is tempted by.
        wanted = known(paid, as_at, paid.amount_pence).where(paid.mou.concat("") == mou)
        yield from session.scalars(wanted.where(paid.id.in_(taken[at : at + PORTION])).order_by(None))


def _paid_after(session: Session, as_at: AsAt, mou: str, after: int, taken: Collection[UUID]) -> Iterator[Moved]:
    """Payments after a `seq`, in turn, that are not taken."""
    wanted = _arm(Kind.PAYMENT, as_at, mou).order_by(PaymentMade.seq).limit(PORTION)
    while rows := session.execute(wanted.where(PaymentMade.seq > after)).all():
        yield from (_moved(row) for row in rows if row.id not in taken)
        after = rows[-1].seq


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
        arm, table = _arm(kind, as_at, mou, few=ids is not None), TABLES[kind].__table__.c
        if ids is not None:
            arm = arm.where(table.id.in_(ids))
        if amounts is not None:
            sign = -1 if kind in OUT else 1
            arm = arm.where(table.amount_pence.in_([sign * pence for pence in amounts if pence * sign > 0]))
        arms.append(arm)
    found = [_moved(row) for row in session.execute(union_all(*arms))]
    found += _runs(session, as_at, mou, ids, amounts)
    return sorted(found, key=lambda fact: (fact.on, fact.seq))


def _runs(
    session: Session, as_at: AsAt, mou: str, ids: Collection[UUID] | None, amounts: Collection[int] | None
) -> list[Moved]:
    """Payment runs as a whole, of what stands of their payments: those a bank could show in one sum."""
    run, paid = PaymentRunMade, PaymentMade
    stand = known(paid, as_at, paid.run, paid.amount_pence).where(paid.mou.concat("") == mou, paid.run > "")
    of = stand.order_by(None).subquery()
    summed = select(of.c.run, func.sum(of.c.amount_pence).label("pence"), func.count().label("payments"))
    least = LEAST_OF_A_RUN if ids is None else 1
    sums = summed.group_by(of.c.run).having(func.count() >= least).subquery()
    columns = (run.id, run.seq, run.effective_on.label("on"), run.ref, sums.c.pence, sums.c.payments)
    wanted = known(run, as_at, *columns).join(sums, sums.c.run == run.ref).where(run.mou == mou)
    wanted = wanted if ids is None else wanted.where(run.id.in_(ids))
    wanted = wanted if amounts is None else wanted.where(sums.c.pence.in_([-pence for pence in amounts if pence < 0]))
    return [
        Moved(row.id, Kind.RUN, row.on, -int(row.pence), "", (row.ref,), row.seq, row.ref, row.payments)
        for row in session.execute(wanted)
    ]


def _arm(kind: Kind, as_at: AsAt, mou: str, *, few: bool = False) -> Any:
    """What stands of a kind. Of a `few` that are found by their ids no index of the MoU is tempting."""
    table: Any = TABLES[kind]
    of_mou = (table.mou.concat("") if few else table.mou) == mou
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
        (table.run if kind is Kind.PAYMENT else empty).label("run"),
    )
    return known(table, as_at, *columns).where(of_mou).order_by(None)


def _moved(row: Any) -> Moved:
    kind = Kind(row.kind)
    references = tuple(dict.fromkeys(each for each in (row.second, row.first) if each))
    pence = -row.pence if kind in OUT else row.pence
    return Moved(row.id, kind, row.on, pence, row.line, references, row.seq, row.run)


def newest(session: Session, as_at: AsAt, mou: str) -> Mapping[UUID, UUID]:
    """For each fact a bank would show that was corrected: its newest version, as it was known."""
    arms = []
    for kind in (*MOVED, Kind.RUN):
        table = TABLES[kind].__table__.c
        # A range, and the MoU said so that no index of it is tempting: what was corrected is few among very many.
        arm = select(table.corrects, table.id).where(table.mou.concat("") == mou, table.corrects > UUID(int=0))
        arms.append(arm if as_at.known_at is None else arm.where(table.recorded_at <= as_at.known_at))
    after = {row[0]: row[1] for row in session.execute(union_all(*arms))}
    found = {}
    for first in after:
        last = first
        while last in after:
            last = after[last]
        found[first] = last
    return found
