"""The end of the year, conditions and limits, as JSON."""

from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from improvement.access.asking import Asked
from improvement.access.routes import api_get, api_post
from improvement.access.rules import May
from improvement.funding import commands, queries
from improvement.funding.api.money import records
from improvement.funding.book import Kind
from improvement.funding.entering.closing import CarryDecision, CarryRequest, Grant
from improvement.funding.entering.words import Day, Decision, Name, Note, Why
from improvement.funding.queries import closing, conditions
from improvement.money import MOST
from improvement.web import forms
from improvement.web.replies import Created


class Granted(msgspec.Struct, frozen=True, kw_only=True):
    """What is decided of a request: granted in whole (no amount) or in part, or refused with a reason."""

    decision: Annotated[Grant, Meta(title="the decision")]
    amount_pence: Annotated[
        int | None, Meta(gt=0, le=MOST, title="the amount carried forward", extra={"is": "money"})
    ] = None
    decision_reference: Decision = ""
    why: Why = ""
    effective_on: Day = None
    mou: Name = ""
    note: Note = ""


@api_get("/funding/year-end", may=May.READ_MONEY, of="money", gives=closing.YearEnd)
def year_end(asked: Asked) -> closing.YearEnd:
    """What became of the money by a day: the closing statement, each line, what is owed and carried forward."""
    mou = queries.which_mou(asked.session, asked.as_at, asked.query.get("mou", ""))
    return closing.year_end(asked.session, asked.as_at, mou, asked.by)


@api_get("/funding/limits", may=May.READ_MONEY, of="money", gives=conditions.Limits)
def limits(asked: Asked) -> conditions.Limits:
    """Above what a virement needs the Board's decision and a variance an explanation."""
    mou = queries.which_mou(asked.session, asked.as_at, asked.query.get("mou", ""))
    return conditions.limits(asked.session, asked.as_at, mou)


@api_post("/funding/carry-forwards", may=May.CLAIM_MONEY, of="money", takes=CarryRequest)
def ask_to_carry(asked: Asked) -> Created:
    """Ask to carry money of a line forward. The answer gives the request's reference."""
    return _kept(asked, Kind.CARRY_ASKED, forms.from_json(CarryRequest, asked.sent.body))


@api_post("/funding/carry-forwards/{ref:str}/decisions", may=May.MANAGE_MONEY, of="money", takes=Granted)
def decide_to_carry(asked: Asked) -> Created:
    """Decide on a request to carry forward."""
    sent = forms.from_json(Granted, asked.sent.body)
    return _kept(asked, Kind.CARRIED, CarryDecision(ref=str(asked.sent.path["ref"]), **msgspec.structs.asdict(sent)))


def _kept(asked: Asked, kind: Kind, wanted: msgspec.Struct) -> Created:
    done: UUID = commands.do(asked.session, kind, wanted, by=asked.by, at=asked.at)
    _, fact = queries.fact(asked.session, done)
    return Created(str(done), str(getattr(fact, "ref", "")) or None)


routes = [
    year_end,
    limits,
    ask_to_carry,
    decide_to_carry,
    records("accruals", Kind.ACCRUAL, "Record money owed on a line and not paid yet."),
    records("conditions", Kind.CONDITIONS, "Record that the conditions of an instalment are met, with evidence."),
    records("limits", Kind.LIMITS, "Set the limits."),
]
