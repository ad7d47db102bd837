"""What is entered about claims: asking for money with its evidence, questions and answers, decisions."""

from datetime import date
from enum import StrEnum
from typing import Annotated

import msgspec
from msgspec import Meta

from improvement.funding.book import Kind
from improvement.funding.entering.words import (
    AMOUNT,
    LINE,
    WHY_NOT,
    Amount,
    Day,
    Field,
    Form,
    LineName,
    Name,
    Note,
    Ref,
    Why,
)


class Verdict(StrEnum):
    """What is decided of a claim."""

    APPROVED = "approved"
    REJECTED = "rejected"


class Attachment(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file sent with something: its name, and its bytes (in JSON: base64)."""

    name: str
    content: bytes


Files = Annotated[list[Attachment], Meta(title="the evidence", max_length=1_400_000)]
"""Files as evidence. The length is that of a text in JSON, which is more than a whole body may be."""


class NewClaim(msgspec.Struct, frozen=True, kw_only=True):
    """A region asks for money it has spent between two days. It is given a reference."""

    line: LineName
    amount_pence: Amount
    from_on: Annotated[date, Meta(title="the first day the claim is for")]
    to_on: Annotated[date, Meta(title="the last day the claim is for")]
    paid_for: Annotated[str, Meta(title="what the money paid for", max_length=2000)]
    files: Files = []
    effective_on: Day = None
    mou: Name = ""
    note: Note = ""


class Query(msgspec.Struct, frozen=True, kw_only=True):
    """A question about a claim, to whoever made it."""

    ref: Ref
    question: Annotated[str, Meta(title="the question", max_length=2000)]
    effective_on: Day = None
    mou: Name = ""
    note: Note = ""


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to the question about a claim, perhaps with more evidence."""

    ref: Ref
    answer: Annotated[str, Meta(title="the answer", max_length=2000)]
    files: Files = []
    effective_on: Day = None
    mou: Name = ""
    note: Note = ""


class Judgement(msgspec.Struct, frozen=True, kw_only=True):
    """A claim is approved, or rejected with a reason."""

    ref: Ref
    decision: Annotated[Verdict, Meta(title="the decision")]
    why: Why = ""
    effective_on: Day = None
    mou: Name = ""
    note: Note = ""


TAKES: dict[Kind, tuple[type[msgspec.Struct], str]] = {
    Kind.CLAIM: (NewClaim, "effective_on"),
    Kind.QUERY: (Query, "effective_on"),
    Kind.ANSWER: (Answer, "effective_on"),
    Kind.DECISION: (Judgement, "effective_on"),
}

MENDS: dict[Kind, Form] = {
    Kind.CLAIM: Form(
        "/funding/claims/new",
        "Claim",
        "",
        "",
        (
            LINE,
            AMOUNT,
            Field("from_on", "day", "From which day?"),
            Field("to_on", "day", "To which day?"),
            Field("paid_for", "area", "What did it pay for?"),
        ),
    ),
    Kind.QUERY: Form("/funding/claims", "Question about a claim", "", "", (Field("question", "area", "Question"),)),
    Kind.ANSWER: Form("/funding/claims", "Answer about a claim", "", "", (Field("answer", "area", "Answer"),)),
    Kind.DECISION: Form(
        "/funding/claims",
        "Decision on a claim",
        "",
        "",
        (Field("decision", "verdict", "What is decided?"), WHY_NOT),
    ),
}
