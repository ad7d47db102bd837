"""What is done with money. One verb a function; every door leads here, and each checks the rules on every day."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from improvement.access.rules import SERVICE, May, Person
from improvement.database import record
from improvement.funding import queries
from improvement.funding.book import Kind, LineKind
from improvement.funding.commands import claims, closing, forecasts, life, paying, posts, reconciling, splits
from improvement.funding.commands.keeping import (
    Foreseen,
    Mending,
    correct,
    do,
    foresee,
    foresee_correction,
    input_of,
)
from improvement.funding.entering.moves import (
    Agreement,
    Allocation,
    Commitment,
    Ending,
    ExpectedInstalment,
    Negotiation,
    NewLine,
    Payment,
    Receipt,
    Refund,
    Release,
    Return,
    Variation,
    Virement,
)
from improvement.funding.tables import TABLES
from improvement.sector import queries as sector

__all__ = [
    "Foreseen",
    "Mending",
    "claims",
    "closing",
    "correct",
    "do",
    "forecasts",
    "foresee",
    "foresee_correction",
    "input_of",
    "life",
    "paying",
    "posts",
    "reconciling",
    "splits",
]

FIRST = "2011-2012"
FIRST_DAY = date(2011, 4, 1)
"""The letter gives no day for the approval to negotiate: we take the first of the programme year it is about."""


def put_in_negotiation(session: Session, wanted: Negotiation, *, by: Person, at: datetime) -> UUID:
    """Record that there is approval to negotiate an MoU."""
    return do(session, Kind.NEGOTIATED, wanted, by=by, at=at)


def agree(session: Session, wanted: Agreement, *, by: Person, at: datetime) -> UUID:
    """Record that the MoU is agreed. At less than is allocated, every line is scaled in the same transaction."""
    return do(session, Kind.AGREED, wanted, by=by, at=at)


def vary(session: Session, wanted: Variation, *, by: Person, at: datetime) -> UUID:
    """Record that the amount of the MoU became another."""
    return do(session, Kind.VARIED, wanted, by=by, at=at)


def close(session: Session, wanted: Ending, *, by: Person, at: datetime) -> UUID:
    """Record that the MoU is closed."""
    return do(session, Kind.CLOSED, wanted, by=by, at=at)


def withdraw(session: Session, wanted: Ending, *, by: Person, at: datetime) -> UUID:
    """Record that the MoU was withdrawn from negotiation: its allocations lapse."""
    return do(session, Kind.WITHDRAWN, wanted, by=by, at=at)


def expect_instalment(session: Session, wanted: ExpectedInstalment, *, by: Person, at: datetime) -> UUID:
    """Record money due from the funder."""
    return do(session, Kind.EXPECTED, wanted, by=by, at=at)


def receive_instalment(session: Session, wanted: Receipt, *, by: Person, at: datetime) -> UUID:
    """Record money that came from the funder."""
    return do(session, Kind.RECEIVED, wanted, by=by, at=at)


def open_line(session: Session, wanted: NewLine, *, by: Person, at: datetime) -> UUID:
    """Open a funding line."""
    return do(session, Kind.LINE, wanted, by=by, at=at)


def allocate(session: Session, wanted: Allocation, *, by: Person, at: datetime) -> UUID:
    """Give money to a line."""
    return do(session, Kind.ALLOCATION, wanted, by=by, at=at)


def commit(session: Session, wanted: Commitment, *, by: Person, at: datetime) -> UUID:
    """Promise a line’s money to somebody."""
    return do(session, Kind.COMMITMENT, wanted, by=by, at=at)


def pay(session: Session, wanted: Payment, *, by: Person, at: datetime) -> UUID:
    """Record a payment."""
    return do(session, Kind.PAYMENT, wanted, by=by, at=at)


def refund(session: Session, wanted: Refund, *, by: Person, at: datetime) -> UUID:
    """Record money of a line that came back."""
    return do(session, Kind.REFUND, wanted, by=by, at=at)


def release(session: Session, wanted: Release, *, by: Person, at: datetime) -> UUID:
    """Take back what a line no longer needs."""
    return do(session, Kind.RELEASE, wanted, by=by, at=at)


def vire(session: Session, wanted: Virement, *, by: Person, at: datetime) -> UUID:
    """Move money among lines by one decision."""
    return do(session, Kind.VIREMENT, wanted, by=by, at=at)


def return_to_funder(session: Session, wanted: Return, *, by: Person, at: datetime) -> UUID:
    """Record money given back to the funder."""
    return do(session, Kind.RETURN, wanted, by=by, at=at)


def first_mou(session: Session, at: datetime) -> UUID:
    """What the letter tells: the first MoU is in negotiation, up to £550,000.00, and each region has a line."""
    record(session, fact := TABLES[Kind.NEGOTIATED](
        mou=FIRST,
        title="Sector-led improvement in adult social care",
        funder="Department of Health",
        amount_pence=550_000_00,
        effective_on=FIRST_DAY,
        note="The letter gives no day: the first of the programme year is taken.",
    ), by=SERVICE.id, as_role=SERVICE.acting(May.MANAGE_MONEY), at=at)  # fmt: skip
    for region in sector.regions(session).values():
        line = TABLES[Kind.LINE](
            mou=FIRST, line=region.slug, kind=LineKind.REGION, title=region.name, host="", region=region.slug,
            effective_on=FIRST_DAY,
        )  # fmt: skip
        record(session, line, by=SERVICE.id, as_role=SERVICE.acting(May.MANAGE_MONEY), at=at)
    return fact.id


def reference_of(session: Session, id_: UUID) -> str | None:
    """What people quote an instalment by, if the fact is one."""
    kind, fact = queries.fact(session, id_)
    return str(getattr(fact, "ref", "")) or None if kind in (Kind.EXPECTED, Kind.RECEIVED) else None
