"""What is recorded about money. Lines, instalments and MoUs have names of their own, which a correction keeps."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from improvement.database import Fact
from improvement.funding.tables.columns import ABOVE_ZERO, OfLine, moves, once, said, summed


class MouNegotiated(Fact):
    """There is approval to negotiate an MoU that could lead to this amount."""

    __tablename__ = "mou_negotiated"
    __table_args__ = (once("mou_negotiated", "mou"), CheckConstraint(ABOVE_ZERO, name="above_zero"))

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
    __table_args__ = (once("instalment_expected", "mou", "ref"), CheckConstraint(ABOVE_ZERO, name="above_zero"))

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
    __table_args__ = (once("line_opened", "mou", "line"),)

    mou: Mapped[str] = mapped_column(String(60))
    line: Mapped[str] = mapped_column(String(60))
    kind: Mapped[str] = mapped_column(String(10))
    title: Mapped[str]
    host: Mapped[str]
    region: Mapped[str | None] = mapped_column(String(60))


class AllocationMade(OfLine, Fact):
    __tablename__ = "allocation_made"
    __table_args__ = (*moves("allocation_made"), summed("allocation_made"))

    why: Mapped[str]
    adoption: Mapped[UUID | None] = mapped_column(index=True)
    """The adoption of a split that it came with, as that was first recorded."""


class CommitmentMade(OfLine, Fact):
    """Money promised to somebody for something. `effective_on` may be agreed ahead."""

    __tablename__ = "commitment_made"
    __table_args__ = (*moves("commitment_made"), summed("commitment_made"))

    recipient: Mapped[str]
    purpose: Mapped[str]
    reference: Mapped[str]


class PaymentMade(OfLine, Fact):
    """`effective_on` is the day paid. A payment beyond cash in hand says why."""

    __tablename__ = "payment_made"
    __table_args__ = (*moves("payment_made"), summed("payment_made"), said("payment_made", "over_cash_reason"))

    reference: Mapped[str]
    over_cash_reason: Mapped[str]
    claim: Mapped[str] = mapped_column(String(20), default="", server_default="", index=True)
    """The claim it pays, if it pays one."""
    run: Mapped[str] = mapped_column(String(20), default="", server_default="", index=True)
    """The payment run it was paid in, if in one."""


class RefundReceived(OfLine, Fact):
    """Money of a line that came back; `payment` is what it gives back, where that is known."""

    __tablename__ = "refund_received"
    __table_args__ = (*moves("refund_received"), summed("refund_received"))

    reference: Mapped[str]
    why: Mapped[str]
    payment: Mapped[UUID | None] = mapped_column(index=True)


class Released(OfLine, Fact):
    """Money a line no longer needs: from its allocation (to unallocated) or from its commitments."""

    __tablename__ = "released"
    __table_args__ = moves("released")

    of: Mapped[str] = mapped_column(String(10))
    why: Mapped[str]
    decision_reference: Mapped[str] = mapped_column(default="", server_default="")


class VirementMade(Fact):
    """One decision that moves money among lines. `legs` are {line, amount_pence} and sum to nil."""

    __tablename__ = "virement_made"
    __table_args__ = moves("virement_made", lines=False)

    mou: Mapped[str] = mapped_column(String(60))
    legs: Mapped[list[dict[str, Any]]]
    decision_reference: Mapped[str]
    why: Mapped[str]
    adoption: Mapped[UUID | None] = mapped_column(index=True)
    """The adoption of a split that it came with, as that was first recorded."""


class ReturnedToFunder(Fact):
    __tablename__ = "returned_to_funder"
    __table_args__ = (CheckConstraint(ABOVE_ZERO, name="above_zero"),)

    mou: Mapped[str] = mapped_column(String(60))
    amount_pence: Mapped[int]
    reference: Mapped[str]
    why: Mapped[str]
