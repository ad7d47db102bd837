"""What must hold of claims: made, queried, answered and decided; and of the payments that name one."""

from typing import Any

from sqlalchemy.orm import Session

from improvement.database import EVER
from improvement.errors import NotFound, Refused
from improvement.funding import book as books
from improvement.funding import rules
from improvement.funding.book import Kind, State
from improvement.funding.commands.keeping import Trying, checks, new_reference, works_out
from improvement.funding.queries import claim_steps, claims
from improvement.funding.rules.claims import (
    RESERVED,
    ClaimState,
    ClaimsWait,
    NotWhatWasApproved,
    StaysAsApproved,
    Step,
    Took,
    check_left,
    check_payable,
    check_period,
    in_order,
    judge,
)
from improvement.money import in_pounds
from improvement.texts import says

_TOOK = {Kind.CLAIM: Took.MADE, Kind.QUERY: Took.QUERIED, Kind.ANSWER: Took.ANSWERED, Kind.PAYMENT: Took.PAID}
MOST_FILES = 20
"""How many files one claim or answer brings at most."""


class TooManyFiles(Refused):
    """A claim or an answer brings a number of files that somebody can look through."""


@works_out(Kind.CLAIM)
def reference(session: Session, columns: dict[str, Any]) -> dict[str, Any]:
    """What people quote a new claim by; a correction keeps it."""
    return {"ref": new_reference(session, Kind.CLAIM, "CL")}


@works_out(Kind.QUERY)
@works_out(Kind.ANSWER)
@works_out(Kind.DECISION)
def line(session: Session, columns: dict[str, Any]) -> dict[str, Any]:
    """The line a step is about: that of its claim. Raises `NotFound`."""
    return {"line": claim_steps.line_of(session, columns["ref"])}


@checks(Kind.CLAIM, Kind.QUERY, Kind.ANSWER, Kind.DECISION)
def check_story(session: Session, trying: Trying) -> None:
    """The whole story of the claim, as it would be known afterwards. Raises `WrongStep`, `OwnClaim` or `NotFound`."""
    fact, gone = trying.fact, trying.replaces
    if gone is not None and gone.ref != fact.ref:
        raise rules.KeepsItsName("This stays with its claim. Take it back, and record it for the other.", field="ref")
    if trying.wanted is not None and len(getattr(trying.wanted, "files", ())) > MOST_FILES:
        raise TooManyFiles(f"Send {MOST_FILES} files or fewer. Put several pages into one PDF.", field="files")
    _judge(session, trying, fact.ref)


@checks(Kind.CLAIM)
def check_claim(session: Session, trying: Trying) -> None:
    """Where and what for somebody may claim. Raises `LineNotOpen`, `NotAgreedYet`, `NotInPeriod`, `MoreThanLeft` or
    `StaysAsApproved`."""
    fact, gone, book = trying.fact, trying.replaces, trying.before
    if fact.withdrawn:
        return
    if gone is None:  # What ended is said before what a claim lacks besides.
        rules.check_fresh(book, trying.kind, fact.effective_on, trying.today, "effective_on")
    if fact.line not in book.lines or book.lines[fact.line].opened_on > fact.effective_on:
        raise rules.LineNotOpen(f"There is no funding line “{fact.line}” on that day. Select another.", field="line")
    if gone is not None and gone.line != fact.line:
        raise StaysAsApproved(
            "A claim stays with its funding line. Take it back, and claim on the other.", field="line"
        )
    _check_agreed(trying)
    begun = next(step.on for step in book.life if step.kind is Kind.NEGOTIATED)
    check_period(fact.from_on, fact.to_on, rules.period_of(fact.mou, begun), trying.today)
    was = 0 if gone is None or gone.withdrawn else gone.amount_pence
    if fact.amount_pence > was:
        left = claims.left(session, book, fact.line, trying.today, besides=fact.ref)
        check_left(book.lines[fact.line].title, fact.amount_pence, left)


def _check_agreed(trying: Trying) -> None:
    state = books.state(trying.before, trying.fact.effective_on)
    if state in (None, State.NEGOTIATION):
        raise rules.NotAgreedYet(
            "Nothing can be claimed before the MoU is agreed: until then allocations are indicative."
        )


SAID = {
    Kind.CLAIM: ("line", "amount_pence", "from_on", "to_on", "paid_for", "files"),
    Kind.QUERY: ("question",),
    Kind.ANSWER: ("answer", "files"),
}
"""What whoever decided a claim had before them, and so stays as it was while the decision stands."""


@checks(*SAID)
def check_not_decided(session: Session, trying: Trying) -> None:
    """Raises `StaysAsApproved`: what was decided on is not changed under the decision."""
    fact, gone = trying.fact, trying.replaces
    if gone is None or gone.withdrawn or fact.withdrawn:
        return
    changed = next((name for name in SAID[trying.kind] if getattr(fact, name) != getattr(gone, name)), "")
    if not changed:
        return
    for step in claim_steps.events(session, EVER, fact.mou, fact.ref).get(fact.ref, []):
        if step.what in (Took.APPROVED, Took.REJECTED):
            at = f"at {in_pounds(gone.amount_pence)}" if trying.kind is Kind.CLAIM else "with this"
            raise StaysAsApproved(
                f"Claim {step.ref} was {step.what} {at}. Take the decision back before this is changed.",
                field=changed,
            )


@checks(Kind.CLOSED)
def check_none_waits(session: Session, trying: Trying) -> None:
    """Raises `ClaimsWait`: once the MoU is closed nothing can be paid, so no claim is left open."""
    if trying.fact.withdrawn or trying.replaces is not None:
        return
    waiting = [one for one in claims.claims(session, EVER, trying.fact.mou) if one.state in RESERVED]
    if waiting:
        some = ", ".join(one.ref for one in waiting[:5]) + (" and more" if len(waiting) > 5 else "")
        raise ClaimsWait(
            f"{len(waiting)} {'claims wait' if len(waiting) > 1 else 'claim waits'} to be decided or paid ({some}). "
            "Pay or reject what waits before the MoU is closed.",
            field="effective_on",
        )


@checks(Kind.DECISION)
def check_reason(session: Session, trying: Trying) -> None:
    """Raises `NothingSaid`: a rejection says why."""
    fact = trying.fact
    if not fact.withdrawn and fact.decision == Took.REJECTED and not says(fact.why):
        raise rules.NothingSaid("Enter why it is rejected. Whoever made the claim will read it.", field="why")


@checks(Kind.DECISION)
def check_payable_claim(session: Session, trying: Trying) -> None:
    """Raises `CannotBePaid`: what is approved fits beside all that is approved. A paid claim has been."""
    fact, book = trying.fact, trying.before
    if fact.withdrawn or fact.decision != Took.APPROVED:
        return
    claim = next((one for one in claims.claims(session, EVER, fact.mou) if one.ref == fact.ref), None)
    if claim is not None and claim.state is not ClaimState.PAID:
        line = claims.payable(session, book, claim.line, trying.today, besides=claim.ref)
        check_payable(book.lines[claim.line].title, claim.amount_pence, line)


@checks(Kind.PAYMENT)
def check_payment(session: Session, trying: Trying) -> None:
    """A payment that names a claim pays it, wholly and once. Raises `NotWhatWasApproved` or `WrongStep`."""
    fact = trying.fact
    gone = trying.replaces
    if gone is not None and not gone.withdrawn and not fact.withdrawn and gone.claim not in ("", fact.claim):
        raise StaysAsApproved("A payment stays with its claim. Take the payment back instead.", field="claim")
    if fact.withdrawn or not fact.claim:
        return
    found = claim_steps.events(session, EVER, fact.mou, fact.claim).get(fact.claim, [])
    made = next((step for step in found if step.what is Took.MADE), None)
    if made is None or made.line != fact.line:
        raise NotWhatWasApproved(f"There is no claim “{fact.claim}” on this funding line.", field="claim")
    _judge(session, trying, fact.claim)
    if made.amount_pence != fact.amount_pence:
        raise NotWhatWasApproved(
            f"Claim {made.ref} was approved at {in_pounds(made.amount_pence)}, and this payment is of "
            f"{in_pounds(fact.amount_pence)}. Pay exactly what was approved.",
            field="amount_pence",
        )


def _judge(session: Session, trying: Trying, ref: str) -> None:
    """Judge a claim with what is tried in it, and without what that replaces."""
    fact, gone = trying.fact, trying.replaces
    what = _TOOK.get(trying.kind) or Took(fact.decision)
    steps: list[Step] = [
        step
        for step in claim_steps.events(session, EVER, fact.mou, ref).get(ref, [])
        if gone is None or step.id != gone.id
    ]
    if not fact.withdrawn:
        turn, hands = claim_steps.version(session, fact.mou, ref, gone.id if gone is not None else None)
        steps.append(Step(what, fact.effective_on, hands | {trying.by.id}, turn))
    if what is not Took.MADE and all(step.what is not Took.MADE for step in steps):
        raise NotFound(f"There is no claim “{ref}” of this MoU.")
    judge(ref, in_order(steps), what)
