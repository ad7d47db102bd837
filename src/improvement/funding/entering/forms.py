"""How the life of an MoU and the moves of its money are asked for."""

from improvement.funding.book import Kind
from improvement.funding.entering.words import (
    AMOUNT,
    DECISION,
    FROM_DAY,
    LINE,
    MONEY_DAY,
    REFERENCE,
    WHY,
    WHY_NOT,
    Field,
    Form,
)

_ENDING = (Field("effective_on", "day", "Which day was that?"),)

FORMS: dict[Kind, Form] = {
    Kind.PAYMENT: Form(
        "/funding/payments/new",
        "Record a payment",
        "Money paid on a commitment of a funding line.",
        "Record the payment",
        (
            LINE,
            AMOUNT,
            Field("paid_on", "day", "Which day was it paid?", MONEY_DAY),
            REFERENCE,
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
        (LINE, AMOUNT, FROM_DAY, WHY_NOT),
    ),
    Kind.COMMITMENT: Form(
        "/funding/commitments/new",
        "Commit money",
        "Promise money of a funding line to somebody for something. Payments are made on commitments.",
        "Record the commitment",
        (
            LINE,
            AMOUNT,
            Field("recipient", "text", "Who is it promised to?"),
            Field("purpose", "area", "What is it for?"),
            REFERENCE,
            Field("effective_on", "day", "From which day?", "It may be agreed ahead. For example, 1 4 2012"),
        ),
    ),
    Kind.REFUND: Form(
        "/funding/refunds/new",
        "Record a refund",
        "Money of a funding line that came back.",
        "Record the refund",
        (
            LINE,
            AMOUNT,
            Field("received_on", "day", "Which day did it come?", MONEY_DAY),
            Field("payment", "payment", "Which payment does it give back?", "One of the same funding line", True),
            REFERENCE,
            WHY_NOT,
        ),
    ),
    Kind.RELEASE: Form(
        "/funding/releases/new",
        "Release money",
        "Take back what a funding line no longer needs.",
        "Record the release",
        (LINE, Field("of", "of", "Release from what?"), AMOUNT, FROM_DAY, WHY_NOT, DECISION),
    ),
    Kind.VIREMENT: Form(
        "/funding/virements/new",
        "Move money between lines",
        "A virement is one decision that moves money from one funding line to another.",
        "Record the virement",
        (
            Field("from_line", "any line", "From"),
            Field("to_line", "any line", "To"),
            AMOUNT,
            WHY,
            Field(
                "decision_reference",
                "text",
                "Reference of the Board’s decision",
                "Needed for more than {limit}, or between posts and regions, once the MoU is agreed",
                True,
            ),
            FROM_DAY,
        ),
    ),
    Kind.EXPECTED: Form(
        "/funding/instalments/new",
        "Expect an instalment",
        "Money due from the funder.",
        "Record the instalment",
        (
            AMOUNT,
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
            AMOUNT,
            Field("received_on", "day", "Which day did it come?", MONEY_DAY),
            Field("ref", "instalment", "Which instalment is it?", "", True),
            REFERENCE,
        ),
    ),
    Kind.RETURN: Form(
        "/funding/returns/new",
        "Return money to the funder",
        "Money that was received and has been given back.",
        "Record the return",
        (AMOUNT, Field("returned_on", "day", "Which day was it returned?", MONEY_DAY), REFERENCE, WHY_NOT),
    ),
    Kind.LINE: Form(
        "/funding/lines/new",
        "Open a national post",
        "A post that money can be given to. Each region has its line already.",
        "Open the post",
        (Field("title", "text", "Title of the post"), Field("host", "text", "Host organisation", "", True), FROM_DAY),
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
            FROM_DAY,
        ),
    ),
    Kind.AGREED: Form(
        "/funding/mou/agree",
        "Agree the MoU",
        "At less than is allocated, every allocation is scaled down in proportion, to the penny, at the same time; or "
        "a split you select takes the place of the allocations there are.",
        "Record the agreement",
        (
            Field("amount_pence", "money", "Amount agreed"),
            Field("effective_on", "day", "Which day was it agreed?"),
            Field("split", "split", "Adopt a split in the same step", "One of no more than the amount agreed", True),
        ),
    ),
    Kind.VARIED: Form(
        "/funding/mou/vary",
        "Vary the amount",
        "The amount in force becomes another. It may not go below what is allocated.",
        "Record the variation",
        (Field("amount_pence", "money", "The new amount"), WHY, FROM_DAY),
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
