"""Questions about payments: what was refunded of one, the runs they were made in, and the claims that can be paid."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

import msgspec
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from improvement.access import queries as access
from improvement.database import EVER, known, remembered
from improvement.dates import AsAt
from improvement.errors import NotFound
from improvement.funding.queries import claims, reconciling
from improvement.funding.rules.claims import ClaimState
from improvement.funding.tables.matters import PaymentRunMade
from improvement.funding.tables.moves import PaymentMade, RefundReceived


class PaidInRun(msgspec.Struct, frozen=True):
    """A payment that was made in a run, as it stands."""

    id: UUID
    run: str
    claim: str
    line: str
    amount_pence: int
    paid_on: date
    reference: str
    statement: str
    """The bank statement that shows it, if one does."""


class Run(msgspec.Struct, frozen=True):
    """A payment run: the claims it was made for, and what stands of its payments."""

    id: UUID
    seq: int
    mou: str
    ref: str
    paid_on: date
    claims: tuple[str, ...]
    recorded_at: datetime
    recorded_by: int
    note: str
    payments: tuple[PaidInRun, ...]

    @property
    def total_pence(self) -> int:
        return sum(paid.amount_pence for paid in self.payments)

    @property
    def reconciled(self) -> int:
        """How many of its payments a bank statement shows."""
        return sum(bool(paid.statement) for paid in self.payments)


def runs(session: Session, as_at: AsAt, mou: str, *, after: int | None = None, limit: int | None = None) -> list[Run]:
    """The payment runs that stand, the newest first: all of them, or some `after` a `seq`."""
    told = PaymentRunMade

    def ask() -> list[Run]:
        wanted = known(told, as_at).where(told.mou == mou).order_by(None).order_by(told.seq.desc())
        wanted = wanted if after is None else wanted.where(told.seq < after)
        return _whole(session, as_at, mou, session.scalars(wanted.limit(limit)).all())

    return remembered(session, ("runs", mou, as_at, after, limit), ask, of=(told, *reconciling.KINDS))


class InAll(msgspec.Struct, frozen=True):
    """How many runs stand, how many payments of them, and what those come to."""

    runs: int
    payments: int
    pence: int


def in_all(session: Session, as_at: AsAt, mou: str) -> InAll:
    """What all runs come to."""
    told, paid = PaymentRunMade, PaymentMade

    def ask() -> InAll:
        stand = known(told, as_at, told.id).where(told.mou == mou).order_by(None).subquery()
        # Found by their run, so their MoU is said in a way that no index of it is tempted by.
        stands = known(paid, as_at, paid.amount_pence).where(paid.mou.concat("") == mou, paid.run > "")
        of = stands.order_by(None).subquery()
        sums = select(func.count(), func.coalesce(func.sum(of.c.amount_pence), 0)).select_from(of)
        payments, pence = session.execute(sums).one()
        return InAll(session.scalar(select(func.count()).select_from(stand)) or 0, int(payments), int(pence))

    return remembered(session, ("all runs", mou, as_at), ask, of=(told, paid))


def run(session: Session, as_at: AsAt, ref: str) -> Run:
    """One payment run that stands, of whichever MoU. Raises `NotFound`."""
    told = PaymentRunMade
    row = session.scalars(known(told, as_at).where(told.ref == ref)).first()
    if row is None:
        raise NotFound(f"There is no payment run “{ref[:20]}”.")
    return _whole(session, as_at, row.mou, [row])[0]


def stands(session: Session, ref: str) -> bool:
    """Whether a run stands, as we know it now."""
    told = PaymentRunMade
    return session.execute(known(told, EVER, told.id).where(told.ref == ref).limit(1)).first() is not None


def payer(session: Session, run: Run) -> str:
    """Who made a run."""
    return access.names(session).get(run.recorded_by, "")


def to_pay(session: Session, as_at: AsAt, mou: str) -> list[claims.Claim]:
    """The claims that are approved and not paid, the first approved first."""
    made = reversed(claims.claims(session, as_at, mou))
    approved = [one for one in made if one.state is ClaimState.APPROVED]
    return sorted(approved, key=lambda one: one.approved_on or date.max)


def _whole(session: Session, as_at: AsAt, mou: str, rows: Sequence[PaymentRunMade]) -> list[Run]:
    """Runs with what stands of their payments."""
    kind, seen = PaymentMade, reconciling.reconciled(session, as_at, mou) if rows else {}
    columns = (
        kind.id,
        kind.run,
        kind.claim,
        kind.line,
        kind.amount_pence,
        kind.effective_on.label("paid_on"),
        kind.reference,
    )
    paid = defaultdict[str, list[PaidInRun]](list)
    for at in range(0, len(rows), PORTION):
        refs = [row.ref for row in rows[at : at + PORTION]]
        for one in session.execute(known(kind, as_at, *columns).where(kind.mou.concat("") == mou, kind.run.in_(refs))):
            paid[one.run].append(PaidInRun(**one._mapping, statement=seen.get(one.id, "")))
    return [_run(row, paid.get(row.ref, [])) for row in rows]


PORTION = 500
"""Of how many runs the payments are asked for at a time."""


def _run(row: PaymentRunMade, paid: list[PaidInRun]) -> Run:
    own = (row.id, row.seq, row.mou, row.ref, row.effective_on, tuple(row.claims), row.recorded_at, row.recorded_by)
    return Run(*own, row.note, payments=tuple(paid))


def with_refunds(session: Session, payment: UUID) -> tuple[PaymentMade | None, list[RefundReceived]]:
    """A payment that stands, under whichever version of it is named, and the refunds that name any version of it."""
    versions = _versions(session, payment)
    got = RefundReceived
    refunds = list(session.scalars(known(got, EVER).where(got.payment.in_(versions))))
    newest = session.get(PaymentMade, versions[-1])
    return newest if newest is not None and not newest.withdrawn else None, refunds


def _versions(session: Session, payment: UUID) -> list[UUID]:
    """Every version of a payment, the first one first: corrections are a line."""
    kind, before, after = PaymentMade, [payment], [payment]
    while earlier := session.scalar(select(kind.corrects).where(kind.id == before[-1])):
        before.append(earlier)
    while later := session.scalar(select(kind.id).where(kind.corrects == after[-1])):
        after.append(later)
    return [*reversed(before), *after[1:]]
