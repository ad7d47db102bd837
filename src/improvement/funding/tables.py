"""What is recorded about money. Lines, instalments and MoUs have names of their own, which a correction keeps."""

from datetime import date
from typing import Any

from sqlalchemy import CheckConstraint, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.schema import SchemaItem

from improvement.database import Fact
from improvement.funding.book import Kind

ABOVE_ZERO = "amount_pence > 0"


def _once(table: str, *columns: str) -> Index:
    """What may be recorded once only; corrections of it repeat its name."""
    first = text("corrects IS NULL")
    return Index(f"uq_{table}_once", *columns, unique=True, sqlite_where=first, postgresql_where=first)


class _OfLine:
    """Money of one funding line."""

    mou: Mapped[str] = mapped_column(String(60))
    line: Mapped[str] = mapped_column(String(60))
    amount_pence: Mapped[int]


def _by_line(table: str) -> tuple[SchemaItem, ...]:
    """An amount above zero, found by its line in the order recorded."""
    return Index(f"ix_{table}_line_seq", "line", "seq"), CheckConstraint(ABOVE_ZERO, name="above_zero")


class MouNegotiated(Fact):
    """There is approval to negotiate an MoU that could lead to this amount."""

    __tablename__ = "mou_negotiated"
    __table_args__ = (_once("mou_negotiated", "mou"), CheckConstraint(ABOVE_ZERO, name="above_zero"))

    mou: Mapped[str] = mapped_column(String(60))
    title: Mapped[str]
    funder: Mapped[str]
    amount_pence: Mapped[int]


class MouAgreed(Fact):
    __tablename__ = "mou_agreed"
    __table_args__ = (CheckConstraint(ABOVE_ZERO, name="above_zero"),)

    mou: Mapped[str] = mapped_column(String(60))
    amount_pence: Mapped[int]


class MouVaried(Fact):
    """The amount of an MoU became another, and why."""

    __tablename__ = "mou_varied"
    __table_args__ = (CheckConstraint(ABOVE_ZERO, name="above_zero"),)

    mou: Mapped[str] = mapped_column(String(60))
    amount_pence: Mapped[int]
    why: Mapped[str]


class MouClosed(Fact):
    __tablename__ = "mou_closed"

    mou: Mapped[str] = mapped_column(String(60))


class MouWithdrawn(Fact):
    __tablename__ = "mou_withdrawn"

    mou: Mapped[str] = mapped_column(String(60))


class InstalmentExpected(Fact):
    """Money due from the funder, and what it depends on."""

    __tablename__ = "instalment_expected"
    __table_args__ = (_once("instalment_expected", "mou", "ref"), CheckConstraint(ABOVE_ZERO, name="above_zero"))

    mou: Mapped[str] = mapped_column(String(60))
    ref: Mapped[str] = mapped_column(String(20))
    amount_pence: Mapped[int]
    due_on: Mapped[date]
    conditions: Mapped[str]


class InstalmentReceived(Fact):
    """Money that came from the funder, on its day; `ref` is the instalment it was expected as, where it was."""

    __tablename__ = "instalment_received"
    __table_args__ = (CheckConstraint(ABOVE_ZERO, name="above_zero"),)

    mou: Mapped[str] = mapped_column(String(60))
    ref: Mapped[str] = mapped_column(String(20))
    amount_pence: Mapped[int]
    reference: Mapped[str]


class LineOpened(Fact):
    """A national post or a region that money can be given to. A region's line is named by the region's slug."""

    __tablename__ = "line_opened"
    __table_args__ = (_once("line_opened", "mou", "line"),)

    mou: Mapped[str] = mapped_column(String(60))
    line: Mapped[str] = mapped_column(String(60))
    kind: Mapped[str] = mapped_column(String(10))
    title: Mapped[str]
    host: Mapped[str]
    region: Mapped[str | None] = mapped_column(String(60))


class AllocationMade(_OfLine, Fact):
    __tablename__ = "allocation_made"
    __table_args__ = _by_line("allocation_made")

    why: Mapped[str]


class CommitmentMade(_OfLine, Fact):
    """Money promised to somebody for something. `effective_on` may be agreed ahead."""

    __tablename__ = "commitment_made"
    __table_args__ = _by_line("commitment_made")

    recipient: Mapped[str]
    purpose: Mapped[str]
    reference: Mapped[str]


class PaymentMade(_OfLine, Fact):
    """`effective_on` is the day paid. A payment beyond cash in hand says why."""

    __tablename__ = "payment_made"
    __table_args__ = _by_line("payment_made")

    reference: Mapped[str]
    over_cash_reason: Mapped[str]


class RefundReceived(_OfLine, Fact):
    __tablename__ = "refund_received"
    __table_args__ = _by_line("refund_received")

    reference: Mapped[str]
    why: Mapped[str]


class Released(_OfLine, Fact):
    """Money a line no longer needs: from its allocation (to unallocated) or from its commitments."""

    __tablename__ = "released"
    __table_args__ = _by_line("released")

    of: Mapped[str] = mapped_column(String(10))
    why: Mapped[str]


class VirementMade(Fact):
    """One decision that moves money among lines. `legs` are {line, amount_pence} and sum to nil."""

    __tablename__ = "virement_made"

    mou: Mapped[str] = mapped_column(String(60))
    legs: Mapped[list[dict[str, Any]]]
    decision_reference: Mapped[str]
    why: Mapped[str]


class ReturnedToFunder(Fact):
    __tablename__ = "returned_to_funder"
    __table_args__ = (CheckConstraint(ABOVE_ZERO, name="above_zero"),)

    mou: Mapped[str] = mapped_column(String(60))
    amount_pence: Mapped[int]
    reference: Mapped[str]
    why: Mapped[str]


TABLES: dict[Kind, type[Fact]] = {
    Kind.NEGOTIATED: MouNegotiated,
    Kind.AGREED: MouAgreed,
    Kind.VARIED: MouVaried,
    Kind.CLOSED: MouClosed,
    Kind.WITHDRAWN: MouWithdrawn,
    Kind.LINE: LineOpened,
    Kind.EXPECTED: InstalmentExpected,
    Kind.RECEIVED: InstalmentReceived,
    Kind.ALLOCATION: AllocationMade,
    Kind.COMMITMENT: CommitmentMade,
    Kind.PAYMENT: PaymentMade,
    Kind.REFUND: RefundReceived,
    Kind.RELEASE: Released,
    Kind.VIREMENT: VirementMade,
    Kind.RETURN: ReturnedToFunder,
}
"""Where each kind of fact is kept."""
