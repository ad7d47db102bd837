"""What is entered to record the life of an MoU and the moves of its money."""

from datetime import date
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from improvement.funding.book import Kind, Leg, LineKind, Of
from improvement.funding.entering.words import Amount, Day, Decision, Host, LineName, Name, Note, Reference, Why


class Negotiation(msgspec.Struct, frozen=True, kw_only=True):
    """Approval to negotiate an MoU that could lead to an amount."""

    mou: Annotated[str, Meta(title="the short name of the MoU, like 2012-2013", max_length=60)]
    title: Annotated[str, Meta(title="the title of the MoU", max_length=200)]
    funder: Annotated[str, Meta(title="the funder", max_length=200)]
    amount_pence: Amount
    effective_on: Day = None
    note: Note = ""


class Agreement(msgspec.Struct, frozen=True, kw_only=True):
    """The MoU is agreed, at this amount; with the split that is adopted in the same step, if there is one."""

    amount_pence: Amount
    split: Annotated[str, Meta(title="the split", max_length=20)] = ""
    effective_on: Day = None
    mou: Name = ""
    note: Note = ""


class Variation(msgspec.Struct, frozen=True, kw_only=True):
    """The amount of the MoU becomes this one."""

    amount_pence: Amount
    why: Why
    effective_on: Day = None
    mou: Name = ""
    note: Note = ""


class Ending(msgspec.Struct, frozen=True, kw_only=True):
    """The MoU is closed, or withdrawn from negotiation."""

    effective_on: Day = None
    mou: Name = ""
    note: Note = ""


class ExpectedInstalment(msgspec.Struct, frozen=True, kw_only=True):
    """Money due from the funder. Without a reference it is given one."""

    amount_pence: Amount
    due_on: Annotated[date, Meta(title="the day it is due")]
    conditions: Annotated[str, Meta(title="the conditions", max_length=2000)] = ""
    ref: Annotated[str, Meta(title="the reference of the instalment", max_length=20)] = ""
    effective_on: Day = None
    mou: Name = ""
    note: Note = ""


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """Money that came from the funder; `ref` is the instalment it was expected as."""

    amount_pence: Amount
    received_on: Annotated[date, Meta(title="the day it was received")]
    ref: Annotated[str, Meta(title="the instalment", max_length=20)] = ""
    reference: Reference = ""
    mou: Name = ""
    note: Note = ""


class NewLine(msgspec.Struct, frozen=True, kw_only=True):
    """A funding line: a national post with its title and host, or a region. A post is named after its title."""

    kind: Annotated[LineKind, Meta(title="what the line is for")]
    title: Annotated[str, Meta(title="the title of the post", max_length=200)] = ""
    host: Host = ""
    region: Annotated[str | None, Meta(title="the region", max_length=60)] = None
    line: LineName = ""
    effective_on: Day = None
    mou: Name = ""
    note: Note = ""


class Allocation(msgspec.Struct, frozen=True, kw_only=True):
    """Money given to a line from the unallocated sum."""

    line: LineName
    amount_pence: Amount
    why: Why = ""
    effective_on: Day = None
    mou: Name = ""
    note: Note = ""


class Commitment(msgspec.Struct, frozen=True, kw_only=True):
    """Money of a line promised to somebody for something. Its day may be agreed ahead."""

    line: LineName
    amount_pence: Amount
    recipient: Annotated[str, Meta(title="who it is promised to", max_length=200)]
    purpose: Annotated[str, Meta(title="what it is for", max_length=1000)]
    reference: Reference = ""
    effective_on: Day = None
    mou: Name = ""
    note: Note = ""


class Payment(msgspec.Struct, frozen=True, kw_only=True):
    """Money paid on a line, perhaps for a claim. Beyond cash in hand it says why."""

    line: LineName
    amount_pence: Amount
    paid_on: Annotated[date, Meta(title="the day it was paid")]
    reference: Reference = ""
    over_cash_reason: Annotated[str, Meta(title="why it is paid beyond cash in hand", max_length=1000)] = ""
    claim: Annotated[str, Meta(title="the claim", max_length=20)] = ""
    mou: Name = ""
    note: Note = ""


class Refund(msgspec.Struct, frozen=True, kw_only=True):
    """Money of a line that came back; `payment` is what it gives back, where that is known."""

    line: LineName
    amount_pence: Amount
    received_on: Annotated[date, Meta(title="the day it was received")]
    reference: Reference = ""
    why: Why = ""
    payment: Annotated[UUID | None, Meta(title="the payment it gives back")] = None
    mou: Name = ""
    note: Note = ""


class Release(msgspec.Struct, frozen=True, kw_only=True):
    """Money a line no longer needs: from its allocation, to unallocated, or from its commitments."""

    line: LineName
    of: Annotated[Of, Meta(title="what to release from")]
    amount_pence: Amount
    why: Why = ""
    decision_reference: Decision = ""
    effective_on: Day = None
    mou: Name = ""
    note: Note = ""


class Virement(msgspec.Struct, frozen=True, kw_only=True):
    """One decision with two or more legs, each a line or "unallocated", that sum to nil."""

    legs: Annotated[list[Leg], Meta(title="the list of legs")]
    why: Why
    decision_reference: Decision = ""
    effective_on: Day = None
    mou: Name = ""
    note: Note = ""


class Return(msgspec.Struct, frozen=True, kw_only=True):
    """Money given back to the funder."""

    amount_pence: Amount
    returned_on: Annotated[date, Meta(title="the day it was returned")]
    reference: Reference = ""
    why: Why = ""
    mou: Name = ""
    note: Note = ""


TAKES: dict[Kind, tuple[type[msgspec.Struct], str]] = {
    Kind.NEGOTIATED: (Negotiation, "effective_on"),
    Kind.AGREED: (Agreement, "effective_on"),
    Kind.VARIED: (Variation, "effective_on"),
    Kind.CLOSED: (Ending, "effective_on"),
    Kind.WITHDRAWN: (Ending, "effective_on"),
    Kind.LINE: (NewLine, "effective_on"),
    Kind.EXPECTED: (ExpectedInstalment, "effective_on"),
    Kind.RECEIVED: (Receipt, "received_on"),
    Kind.ALLOCATION: (Allocation, "effective_on"),
    Kind.COMMITMENT: (Commitment, "effective_on"),
    Kind.PAYMENT: (Payment, "paid_on"),
    Kind.REFUND: (Refund, "received_on"),
    Kind.RELEASE: (Release, "effective_on"),
    Kind.VIREMENT: (Virement, "effective_on"),
    Kind.RETURN: (Return, "returned_on"),
}
"""What each kind of fact is recorded from, and what its day is called there. All other fields are its columns."""


class Move(msgspec.Struct, frozen=True, kw_only=True):
    """A virement of two legs, as a person types it."""

    from_line: Annotated[str, Meta(title="where the money comes from", max_length=60, extra={"is": "chosen"})]
    to_line: Annotated[str, Meta(title="where the money goes", max_length=60, extra={"is": "chosen"})]
    amount_pence: Amount
    why: Why
    decision_reference: Decision = ""
    effective_on: Day = None
    mou: Name = ""
    note: Note = ""

    def legs(self) -> list[Leg]:
        """What the one gives and the other gains."""
        return [Leg(self.from_line, -self.amount_pence), Leg(self.to_line, self.amount_pence)]
