"""What is said once something about money is recorded, and where that leads."""

from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from improvement.database import EVER
from improvement.funding import queries
from improvement.funding.book import Kind, LineKind
from improvement.money import in_pounds

SAVED: dict[Kind, str] = {
    Kind.NEGOTIATED: "The MoU is in negotiation: up to {amount} is recorded.",
    Kind.AGREED: "The agreement of the MoU at {amount} is recorded.",
    Kind.VARIED: "The variation of the MoU to {amount} is recorded.",
    Kind.CLOSED: "The closing of the MoU is recorded.",
    Kind.WITHDRAWN: "The withdrawal of the MoU is recorded.",
    Kind.LINE: "The opening of the post is recorded.",
    Kind.EXPECTED: "The expected instalment of {amount} is recorded.",
    Kind.RECEIVED: "The receipt of {amount} is recorded.",
    Kind.RETURN: "The return of {amount} to the funder is recorded.",
    Kind.LIMITS: "The limits are recorded.",
    Kind.POST_TERMS: "The terms of the post are recorded.",
    Kind.POST_STATE: "The state of the post is recorded.",
    Kind.EXPLAINED: "The explanation of the variance is recorded.",
    Kind.CARRY_ASKED: "The request to carry {amount} forward is recorded.",
    Kind.CARRIED: "The decision on the request to carry forward is recorded.",
}
"""What was done, in a sentence of its own where the name of the kind does not make one."""

PAGES = {
    Kind.POST_TERMS: "/funding/posts/{line}",
    Kind.POST_STATE: "/funding/posts/{line}",
    Kind.SPLIT: "/funding/splits/{ref}",
    Kind.ADOPTED: "/funding/splits/{ref}",
    Kind.CLAIM: "/funding/claims/{ref}",
    Kind.QUERY: "/funding/claims/{ref}",
    Kind.ANSWER: "/funding/claims/{ref}",
    Kind.DECISION: "/funding/claims/{ref}",
    Kind.RUN: "/funding/runs/{ref}",
    Kind.STATEMENT: "/funding/statements/{ref}",
    Kind.FORECAST: "/funding/forecasts/{line}",
    Kind.EXPLAINED: "/funding/forecasts/{line}",
    Kind.LIMITS: "/funding/limits",
    Kind.CLOSED: "/funding/year-end",
    Kind.ACCRUAL: "/funding/year-end",
    Kind.CARRY_ASKED: "/funding/year-end",
    Kind.CARRIED: "/funding/year-end",
    Kind.VIREMENT: "/funding",
}
"""Where each kind of thing has a page of its own."""
GONE = {
    Kind.CLAIM: "/funding/claims",
    Kind.RUN: "/funding/runs",
    Kind.STATEMENT: "/funding/statements",
    Kind.LINE: "/funding",
}
"""What has no page once it is taken back: the list it was on tells what there is."""


def saved(kind: Kind, wanted: Any) -> str:
    """What was done, in one sentence."""
    pence = getattr(wanted, "amount_pence", None)
    plainly = f"The {kind.value} of {{amount}} is recorded." if pence else f"The {kind.value} is recorded."
    return SAVED.get(kind, plainly).format(amount=in_pounds(pence or 0))


def leads_to(session: Session, kind: Kind, done: UUID) -> str:
    """Where to see what was recorded."""
    fact: Any = queries.fact(session, done)[1]
    return queries.of_mou(session, EVER, _page(kind, fact), fact.mou)


def _page(kind: Kind, fact: Any) -> str:
    line, ref = getattr(fact, "line", ""), getattr(fact, "ref", "")
    if fact.withdrawn and kind in GONE:
        return GONE[kind]
    if kind is Kind.LINE and fact.kind == LineKind.POST:
        return f"/funding/posts/{line}"
    if kind in PAGES:
        return PAGES[kind].format(line=line, ref=ref)
    return f"/funding/lines/{line}" if line else "/funding/mou"
