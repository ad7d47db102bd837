"""What is entered about paying: claims paid together, and what a bank statement says of it."""

from datetime import date
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from improvement.funding.book import Kind
from improvement.funding.entering.words import Day, Form, Name, Note


class PaymentRun(msgspec.Struct, frozen=True, kw_only=True):
    """Approved claims are paid together, on one day. It is given a reference."""

    claims: Annotated[list[str], Meta(title="the claims to pay", max_length=20)]
    paid_on: Annotated[date, Meta(title="the day they were paid")]
    over_cash_reason: Annotated[str, Meta(title="why they are paid beyond cash in hand", max_length=1000)] = ""
    mou: Name = ""
    note: Note = ""


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    """A bank statement as it was read and matched: the facts each line shows. It is given a reference."""

    name: Annotated[str, Meta(title="the name of the file", max_length=200)]
    sha256: Annotated[str, Meta(title="the hash of the file", max_length=64)]
    lines: Annotated[list[dict[str, Any]], Meta(title="the lines of the statement")]
    effective_on: Day = None
    mou: Name = ""
    note: Note = ""


TAKES: dict[Kind, tuple[type[msgspec.Struct], str]] = {
    Kind.RUN: (PaymentRun, "paid_on"),
    Kind.STATEMENT: (Statement, "effective_on"),
}

MENDS: dict[Kind, Form] = {
    Kind.RUN: Form("/funding/runs", "Payment run", "", "", ()),
    Kind.STATEMENT: Form("/funding/statements", "Bank statement", "", "", ()),
}
