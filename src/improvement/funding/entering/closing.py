"""What is entered about conditions, limits, and the end of the year: what is owed, and what is kept for the next."""

from enum import StrEnum
from typing import Annotated

import msgspec
from msgspec import Meta

from improvement.funding.book import Kind
from improvement.funding.entering.claims import Files
from improvement.funding.entering.words import (
    AMOUNT,
    FROM_DAY,
    LINE,
    WHY,
    WHY_NOT,
    Amount,
    Day,
    Decision,
    Field,
    Form,
    LineName,
    Name,
    Note,
    Why,
)
from improvement.money import MOST


class Grant(StrEnum):
    """What is decided of a request to carry money forward."""

    GRANTED = "granted"
    REFUSED = "refused"


class Conditions(msgspec.Struct, frozen=True, kw_only=True):
    """What an instalment depended on has been done."""

    ref: Annotated[str, Meta(title="the instalment", max_length=20, extra={"is": "chosen"})]
    evidence: Annotated[str, Meta(title="the evidence", max_length=2000)]
    files: Files = []
    effective_on: Day = None
    mou: Name = ""
    note: Note = ""


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """Above what a virement needs the Board's decision, and above what a variance needs to be explained."""

    virement_above_pence: Annotated[
        int, Meta(gt=0, le=MOST, title="the most a virement may move without a decision", extra={"is": "money"})
    ]
    variance_above_pence: Annotated[
        int, Meta(gt=0, le=MOST, title="the most a variance may be without an explanation", extra={"is": "money"})
    ]
    why: Why
    effective_on: Day = None
    mou: Name = ""
    note: Note = ""


class Accrual(msgspec.Struct, frozen=True, kw_only=True):
    """Money owed on a line on a day and not paid yet."""

    line: LineName
    amount_pence: Amount
    recipient: Annotated[str, Meta(title="who it is owed to", max_length=200)]
    why: Annotated[str, Meta(title="what it is for", max_length=1000)]
    effective_on: Day = None
    mou: Name = ""
    note: Note = ""


class CarryRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A line asks to keep money for the year after. It is given a reference."""

    line: LineName
    amount_pence: Amount
    why: Why
    effective_on: Day = None
    mou: Name = ""
    note: Note = ""


class CarryDecision(msgspec.Struct, frozen=True, kw_only=True):
    """What is decided of a request to carry money forward: granted in whole (no amount) or in part, or refused."""

    ref: Annotated[str, Meta(title="the request", max_length=20, extra={"is": "chosen"})]
    decision: Annotated[Grant, Meta(title="the decision")]
    amount_pence: Annotated[
        int | None, Meta(gt=0, le=MOST, title="the amount carried forward", extra={"is": "money"})
    ] = None
    decision_reference: Decision = ""
    why: Why = ""
    effective_on: Day = None
    mou: Name = ""
    note: Note = ""


TAKES: dict[Kind, tuple[type[msgspec.Struct], str]] = {
    Kind.LIMITS: (Limits, "effective_on"),
    Kind.CONDITIONS: (Conditions, "effective_on"),
    Kind.ACCRUAL: (Accrual, "effective_on"),
    Kind.CARRY_ASKED: (CarryRequest, "effective_on"),
    Kind.CARRIED: (CarryDecision, "effective_on"),
}

FORMS: dict[Kind, Form] = {
    Kind.LIMITS: Form(
        "/funding/limits/new",
        "Set the limits",
        "Above one limit a virement needs the Board’s decision; above the other a variance needs to be explained.",
        "Record the limits",
        (
            Field("virement_above_pence", "money", "A virement needs the Board’s decision above"),
            Field("variance_above_pence", "money", "A variance needs to be explained above"),
            WHY,
            FROM_DAY,
        ),
    ),
    Kind.ACCRUAL: Form(
        "/funding/accruals/new",
        "Record what is owed",
        "Money that is owed on a funding line and not paid yet, for the year’s end.",
        "Record the accrual",
        (
            LINE,
            AMOUNT,
            Field("recipient", "text", "Who is it owed to?"),
            Field("why", "area", "What is it for?"),
            Field("effective_on", "day", "On which day is it owed?", "For example, 31 3 2012"),
        ),
    ),
    Kind.CARRY_ASKED: Form(
        "/funding/carry-forwards/new",
        "Ask to carry money forward",
        "Money a line was allocated, has not spent, and needs in the year after.",
        "Send the request",
        (LINE, AMOUNT, Field("why", "area", "What is it needed for?", "One or two sentences the Board can read")),
    ),
    Kind.CARRIED: Form(
        "/funding/carry-forwards/decide",
        "Decide on a request to carry forward",
        "Grant it in whole or in part, or refuse it.",
        "Record the decision",
        (
            Field("ref", "request", "Which request?"),
            Field("decision", "grant", "What is decided?"),
            Field(
                "amount_pence", "money", "Amount carried forward", "Leave it empty to grant all that was asked", True
            ),
            Field("decision_reference", "text", "Reference of the Board’s decision", "", True),
            WHY_NOT,
            FROM_DAY,
        ),
    ),
}

MENDS: dict[Kind, Form] = {
    Kind.CONDITIONS: Form(
        "/funding/conditions/new",
        "Conditions met",
        "",
        "",
        (
            Field("evidence", "area", "What shows it?", "For example, the letter or the report that was sent"),
            Field("effective_on", "day", "From which day were they met?", "Today or earlier. For example, 8 12 2011"),
        ),
    ),
}
"""How a correction asks for what has a form of its own, because of its files. The instalment and the files stay."""
