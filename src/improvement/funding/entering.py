"""What is entered to record each kind of thing about money, in the words its mistakes are told in."""

from datetime import date
from typing import Annotated

import msgspec
from msgspec import Meta

from improvement.funding.book import Kind, Leg, LineKind, Of
from improvement.money import MOST

Amount = Annotated[int, Meta(gt=0, le=MOST, title="the amount", extra={"is": "money"})]
Day = Annotated[date | None, Meta(title="the day this is true from")]
Note = Annotated[str, Meta(title="the note", max_length=2000)]
Why = Annotated[str, Meta(title="the reason", max_length=1000)]
Reference = Annotated[str, Meta(title="the reference", max_length=100)]
Name = Annotated[str, Meta(title="the MoU", max_length=60)]
LineName = Annotated[str, Meta(title="the funding line", max_length=60)]


class Negotiation(msgspec.Struct, frozen=True, kw_only=True):
    """Approval to negotiate an MoU that could lead to an amount."""

    mou: Annotated[str, Meta(title="the short name of the MoU, like 2012-2013", max_length=60)]
    title: Annotated[str, Meta(title="the title of the MoU", max_length=200)]
    funder: Annotated[str, Meta(title="the funder", max_length=200)]
    amount_pence: Amount
    effective_on: Day = None
    note: Note = ""


class Agreement(msgspec.Struct, frozen=True, kw_only=True):
    """The MoU is agreed, at this amount."""

    amount_pence: Amount
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
    host: Annotated[str, Meta(title="the host organisation", max_length=200)] = ""
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
    """Money paid on a line. Beyond cash in hand it says why."""

    line: LineName
    amount_pence: Amount
    paid_on: Annotated[date, Meta(title="the day it was paid")]
    reference: Reference = ""
    over_cash_reason: Annotated[str, Meta(title="why it is paid beyond cash in hand", max_length=1000)] = ""
    mou: Name = ""
    note: Note = ""


class Refund(msgspec.Struct, frozen=True, kw_only=True):
    """Money of a line that came back."""

    line: LineName
    amount_pence: Amount
    received_on: Annotated[date, Meta(title="the day it was received")]
    reference: Reference = ""
    why: Why = ""
    mou: Name = ""
    note: Note = ""


class Release(msgspec.Struct, frozen=True, kw_only=True):
    """Money a line no longer needs: from its allocation, to unallocated, or from its commitments."""

    line: LineName
    of: Annotated[Of, Meta(title="what to release from")]
    amount_pence: Amount
    why: Why = ""
    effective_on: Day = None
    mou: Name = ""
    note: Note = ""


class Virement(msgspec.Struct, frozen=True, kw_only=True):
    """One decision with two or more legs, each a line or "unallocated", that sum to nil."""

    legs: Annotated[list[Leg], Meta(title="the list of legs")]
    why: Why
    decision_reference: Annotated[str, Meta(title="the reference of the Board’s decision", max_length=100)] = ""
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

    from_line: Annotated[str, Meta(title="where the money comes from", max_length=60)]
    to_line: Annotated[str, Meta(title="where the money goes", max_length=60)]
    amount_pence: Amount
    why: Why
    decision_reference: Annotated[str, Meta(title="the reference of the Board’s decision", max_length=100)] = ""
    effective_on: Day = None
    mou: Name = ""
    note: Note = ""

    def legs(self) -> list[Leg]:
        """What the one gives and the other gains."""
        return [Leg(self.from_line, -self.amount_pence), Leg(self.to_line, self.amount_pence)]


class Field(msgspec.Struct, frozen=True):
    """A question on a form. `widget` is how it is asked."""

    name: str
    widget: str
    label: str
    hint: str = ""
    optional: bool = False


class Form(msgspec.Struct, frozen=True):
    """A form that records one kind of thing: where it is, what it says, and what follows."""

    address: str
    title: str
    lede: str
    button: str
    fields: tuple[Field, ...]


_LINE = Field("line", "line", "Funding line")
_AMOUNT = Field("amount_pence", "money", "Amount")
_REFERENCE = Field("reference", "text", "Reference", "An invoice, order or bank reference that others can find", True)
_WHY = Field("why", "area", "Why?", "One or two sentences, kept with the entry")
_WHY_NOT = Field("why", "area", "Why?", "One or two sentences, kept with the entry", True)
_FROM_DAY = Field("effective_on", "day", "From which day?", "Today or earlier. For example, 8 12 2011")
_ENDING = (Field("effective_on", "day", "Which day was that?"), Field("note", "area", "Note", optional=True))
_MONEY_DAY = "The day the money moved. For example, 8 12 2011"

FORMS: dict[Kind, Form] = {
    Kind.PAYMENT: Form(
        "/funding/payments/new",
        "Record a payment",
        "Money paid on a commitment of a funding line.",
        "Record the payment",
        (
            _LINE,
            _AMOUNT,
            Field("paid_on", "day", "Which day was it paid?", _MONEY_DAY),
            _REFERENCE,
            Field(
                "over_cash_reason",
                "area",
                "Why is it paid beyond cash in hand?",
                "Only when there is not enough in hand",
                True,
            ),
        ),
    ),
    Kind.ALLOCATION: Form(
        "/funding/allocations/new",
        "Allocate money",
        "Give a funding line money that is unallocated.",
        "Record the allocation",
        (_LINE, _AMOUNT, _FROM_DAY, _WHY_NOT),
    ),
    Kind.COMMITMENT: Form(
        "/funding/commitments/new",
        "Commit money",
        "Promise money of a funding line to somebody for something. Payments are made on commitments.",
        "Record the commitment",
        (
            _LINE,
            _AMOUNT,
            Field("recipient", "text", "Who is it promised to?"),
            Field("purpose", "area", "What is it for?"),
            _REFERENCE,
            Field("effective_on", "day", "From which day?", "It may be agreed ahead. For example, 1 4 2012"),
        ),
    ),
    Kind.REFUND: Form(
        "/funding/refunds/new",
        "Record a refund",
        "Money of a funding line that came back.",
        "Record the refund",
        (_LINE, _AMOUNT, Field("received_on", "day", "Which day did it come?", _MONEY_DAY), _REFERENCE, _WHY_NOT),
    ),
    Kind.RELEASE: Form(
        "/funding/releases/new",
        "Release money",
        "Take back what a funding line no longer needs.",
        "Record the release",
        (_LINE, Field("of", "of", "Release from what?"), _AMOUNT, _FROM_DAY, _WHY_NOT),
    ),
    Kind.VIREMENT: Form(
        "/funding/virements/new",
        "Move money between lines",
        "A virement is one decision that moves money from one funding line to another.",
        "Record the virement",
        (
            Field("from_line", "any line", "From"),
            Field("to_line", "any line", "To"),
            _AMOUNT,
            _WHY,
            Field(
                "decision_reference",
                "text",
                "Reference of the Board’s decision",
                "Needed for more than £10,000.00, or between posts and regions, once the MoU is agreed",
                True,
            ),
            _FROM_DAY,
        ),
    ),
    Kind.EXPECTED: Form(
        "/funding/instalments/new",
        "Expect an instalment",
        "Money due from the funder.",
        "Record the instalment",
        (
            _AMOUNT,
            Field("due_on", "day", "When is it due?"),
            Field("conditions", "area", "What does it depend on?", optional=True),
            Field("ref", "text", "Reference", "Leave it empty and it will be given one", True),
        ),
    ),
    Kind.RECEIVED: Form(
        "/funding/receipts/new",
        "Record money received",
        "An instalment, or part of one, that came from the funder.",
        "Record what was received",
        (
            _AMOUNT,
            Field("received_on", "day", "Which day did it come?", _MONEY_DAY),
            Field("ref", "instalment", "Which instalment is it?", "", True),
            _REFERENCE,
        ),
    ),
    Kind.RETURN: Form(
        "/funding/returns/new",
        "Return money to the funder",
        "Money that was received and has been given back.",
        "Record the return",
        (_AMOUNT, Field("returned_on", "day", "Which day was it returned?", _MONEY_DAY), _REFERENCE, _WHY_NOT),
    ),
    Kind.LINE: Form(
        "/funding/lines/new",
        "Open a national post",
        "A post that money can be given to. Each region has its line already.",
        "Open the line",
        (Field("title", "text", "Title of the post"), Field("host", "text", "Host organisation", "", True), _FROM_DAY),
    ),
    Kind.NEGOTIATED: Form(
        "/funding/mou/negotiate",
        "Put an MoU in negotiation",
        "There is approval to negotiate a Memorandum of Understanding (MoU) that could lead to this amount.",
        "Record the MoU",
        (
            Field("mou", "text", "Short name", "In small letters, figures and hyphens, like 2012-2013"),
            Field("title", "text", "Title"),
            Field("funder", "text", "Funder"),
            Field("amount_pence", "money", "Amount sought"),
            _FROM_DAY,
        ),
    ),
    Kind.AGREED: Form(
        "/funding/mou/agree",
        "Agree the MoU",
        "At less than is allocated, every allocation is scaled down in proportion, to the penny, at the same time.",
        "Record the agreement",
        (Field("amount_pence", "money", "Amount agreed"), Field("effective_on", "day", "Which day was it agreed?")),
    ),
    Kind.VARIED: Form(
        "/funding/mou/vary",
        "Vary the amount",
        "The amount in force becomes another. It may not go below what is allocated.",
        "Record the variation",
        (Field("amount_pence", "money", "The new amount"), _WHY, _FROM_DAY),
    ),
    Kind.CLOSED: Form(
        "/funding/mou/close",
        "Close the MoU",
        "From then on only refunds, money returned to the funder and corrections may be recorded.",
        "Close the MoU",
        _ENDING,
    ),
    Kind.WITHDRAWN: Form(
        "/funding/mou/withdraw",
        "Withdraw from negotiation",
        "The amount becomes nil and the allocations lapse.",
        "Withdraw the MoU",
        _ENDING,
    ),
}
"""How each kind of thing is asked for."""
