"""Questions about payments: what was refunded of one, the runs they were made in, and the claims that can be paid."""

from collections import defaultdict
from datetime import date, datetime
from uuid import UUID

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from improvement.access import queries as access
from improvement.database import EVER, known, remembered
from improvement.dates import AsAt
from improvement.errors import NotFound
from improvement.funding import queries
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


def runs(session: Session, as_at: AsAt, mou: str) -> list[Run]:
    """The payment runs that stand, the newest first."""

    def ask() -> list[Run]:
        told = PaymentRunMade
        rows = session.execute(known(told, as_at).where(told.mou == mou)).scalars().all()
        paid = _paid_in_runs(session, as_at, mou) if rows else {}
        return [_run(row, paid.get(row.ref, [])) for row in reversed(rows)]

    return remembered(session, ("runs", mou, as_at), ask, of=(PaymentRunMade, *reconciling.KINDS))


def run(session: Session, as_at: AsAt, ref: str) -> Run:
    """One payment run that stands, of whichever MoU. Raises `NotFound`."""
    for mou in reversed(list(queries.mous(session, as_at))):
        for found in runs(session, as_at, mou):
            if found.ref == ref:
                return found
    raise NotFound(f"There is no payment run “{ref[:20]}”.")


def payer(session: Session, run: Run) -> str:
    """Who made a run."""
    return access.names(session).get(run.recorded_by, "")


def to_pay(session: Session, as_at: AsAt, mou: str) -> list[claims.Claim]:
    """The claims that are approved and not paid, the first approved first."""
    made = reversed(claims.claims(session, as_at, mou))
    approved = [one for one in made if one.state is ClaimState.APPROVED]
    return sorted(approved, key=lambda one: one.approved_on or date.max)


def _run(row: PaymentRunMade, paid: list[PaidInRun]) -> Run:
    own = (row.id, row.mou, row.ref, row.effective_on, tuple(row.claims), row.recorded_at, row.recorded_by, row.note)
    return Run(*own, payments=tuple(paid))


def _paid_in_runs(session: Session, as_at: AsAt, mou: str) -> dict[str, list[PaidInRun]]:
    kind, seen = PaymentMade, reconciling.reconciled(session, as_at, mou)
    columns = (
        kind.id,
        kind.run,
        kind.claim,
        kind.line,
        kind.amount_pence,
        kind.effective_on.label("paid_on"),
        kind.reference,
    )
    paid = defaultdict(list)
    for row in session.execute(known(kind, as_at, *columns).where(kind.mou == mou, kind.run > "")):
        paid[row.run].append(PaidInRun(**row._mapping, statement=seen.get(row.id, "")))
    return paid


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
