"""Questions about payments one by one: what was refunded of them, and what the bank says."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from improvement.database import EVER, known
from improvement.funding.tables.moves import PaymentMade, RefundReceived


def with_refunds(session: Session, payment: UUID) -> tuple[PaymentMade | None, list[tuple[UUID, int]]]:
    """A payment that stands, under whichever version of it is named, and the refunds that name any version of it."""
    versions = _versions(session, payment)
    got = RefundReceived
    refunds = session.execute(known(got, EVER, got.id, got.amount_pence).where(got.payment.in_(versions)))
    newest = session.get(PaymentMade, versions[-1])
    return newest if newest is not None and not newest.withdrawn else None, [(row[0], row[1]) for row in refunds]


def _versions(session: Session, payment: UUID) -> list[UUID]:
    """Every version of a payment, the first one first: corrections are a line."""
    kind, before, after = PaymentMade, [payment], [payment]
    while earlier := session.scalar(select(kind.corrects).where(kind.id == before[-1])):
        before.append(earlier)
    while later := session.scalar(select(kind.id).where(kind.corrects == after[-1])):
        after.append(later)
    return [*reversed(before), *after[1:]]
