"""What must hold of the end of the year and of conditions: what is owed, carried forward, decided and met."""

from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from improvement.database import EVER
from improvement.dates import in_words
from improvement.funding import queries, rules
from improvement.funding.book import Book, Kind, State, state
from improvement.funding.commands.claims import MOST_FILES, TooManyFiles
from improvement.funding.commands.keeping import Trying, checks, judges, new_reference, works_out
from improvement.funding.entering.closing import Grant
from improvement.funding.queries import closing
from improvement.funding.queries.closing import Request
from improvement.funding.queries.conditions import conditions
from improvement.funding.rules.accruals import check_accruals, check_open
from improvement.funding.rules.closing import (
    DecidedAlready,
    MetAlready,
    MoreThanAsked,
    NoConditions,
    NotARequest,
    StillDecided,
    check_grant,
    check_request,
)
from improvement.funding.tables.matters import CarryForwardAsked
from improvement.money import in_pounds


@works_out(Kind.CARRY_ASKED)
def reference(session: Session, columns: dict[str, Any]) -> dict[str, Any]:
    """What people quote a new request by; a correction keeps it."""
    return {"ref": new_reference(session, Kind.CARRY_ASKED, "CF")}


@works_out(Kind.CARRIED)
def granted(session: Session, columns: dict[str, Any]) -> dict[str, Any]:
    """The line of the request, and what is granted: all that was asked unless something else is said. Raises
    `NotARequest`."""
    asked = closing.named(session, columns["ref"])
    if asked is None:
        raise NotARequest(f"There is no request to carry forward “{columns['ref'][:20]}”. Select one.")
    given = columns["amount_pence"]
    if given is None:
        given = asked.amount_pence if columns["decision"] == Grant.GRANTED else 0
    return {"ref": asked.ref, "line": asked.line, "amount_pence": given}


@checks(Kind.ACCRUAL)
def check_accrual(session: Session, trying: Trying) -> None:
    """What is owed was promised, and stays so on every later day. Raises `LineNotOpen` or `MoreThanPromised`."""
    fact, gone = trying.fact, trying.replaces
    if fact.withdrawn:
        return
    check_open(trying.before, fact.line, fact.effective_on)
    others = closing.owed(session, EVER, fact.mou).get(fact.line, [])
    stand = [seen for row, seen in others if gone is None or row.id != gone.id]
    check_accruals(trying.before, fact.line, [*stand, closing.as_owed(fact)], fact.effective_on)


@judges
def check_still_promised(session: Session, before: Book, after: Book, line: str, since: date) -> None:
    """What is committed is lowered only so that what is owed stays promised. Raises `MoreThanPromised`."""
    stand = [seen for _, seen in closing.owed(session, EVER, after.mou).get(line, [])]
    if stand:
        check_accruals(after, line, stand, since, before)


@checks(Kind.CARRY_ASKED)
def check_asked(session: Session, trying: Trying) -> None:
    """No more is asked for than is left, and what was decided on stays. Raises `LineNotOpen`, `NotAgreedYet`,
    `MoreThanLeft`, `StillDecided` or `MoreThanAsked`."""
    fact, gone = trying.fact, trying.replaces
    known = closing.requests(session, EVER, fact.mou)
    if gone is not None and not gone.withdrawn:
        _check_still_fits(next(one for one in known if one.ref == gone.ref), fact)
    if fact.withdrawn:
        return
    check_open(trying.before, fact.line, fact.effective_on)
    if state(trying.before, fact.effective_on) in (None, State.NEGOTIATION):
        raise rules.NotAgreedYet("Nothing can be carried forward before the MoU is agreed.", field="effective_on")
    held = sum(one.held_pence for one in known if one.line == fact.line and one.ref != fact.ref)
    check_request(trying.before, fact.line, fact.amount_pence, held, fact.effective_on)


def _check_still_fits(request: Request, fact: CarryForwardAsked) -> None:
    """Whether what was decided of a request can stand beside what replaces it."""
    if not request.decision:
        return
    told = f"{request.ref} was decided on {in_words(request.decided_on or request.asked_on)}"
    if fact.withdrawn or fact.line != request.line:
        raise StillDecided(f"{told}. Take the decision back first, then the request.")
    if fact.amount_pence < request.granted_pence:
        raise MoreThanAsked(
            f"{told}, and {in_pounds(request.granted_pence)} was granted. "
            "Ask for that or more, or correct the decision.",
            field="amount_pence",
        )


@checks(Kind.CARRIED)
def check_decided(session: Session, trying: Trying) -> None:
    """A request that stands is decided once, within what it asks. Raises `NotARequest`, `DecidedAlready`,
    `KeepsItsName` or what `check_grant` raises."""
    fact, gone = trying.fact, trying.replaces
    if gone is not None and gone.ref != fact.ref:
        raise rules.KeepsItsName(
            "A decision stays with its request. Take it back, and decide on the other.", field="ref"
        )
    if fact.withdrawn:
        return
    request = next((one for one in closing.requests(session, EVER, fact.mou) if one.ref == fact.ref), None)
    if request is None:
        raise NotARequest(
            f"There is no request to carry forward “{fact.ref}” in this MoU. It may have been taken back."
        )
    if request.decided_id is not None and (gone is None or request.decided_id != gone.id):
        raise DecidedAlready(
            f"{request.ref} was {request.decision} on {in_words(request.decided_on or fact.effective_on)}. "
            "To change that, correct the decision."
        )
    check_grant(
        request.ref,
        request.amount_pence,
        request.asked_on,
        fact.amount_pence,
        fact.decision == Grant.REFUSED,
        fact.why,
        fact.effective_on,
    )


@checks(Kind.CONDITIONS)
def check_met(session: Session, trying: Trying) -> None:
    """Conditions are met of an instalment that has some, once. Raises `NotExpected`, `NoConditions`, `MetAlready`,
    `TooManyFiles` or `KeepsItsName`."""
    fact, gone = trying.fact, trying.replaces
    if fact.withdrawn:
        return
    if trying.wanted is not None and len(getattr(trying.wanted, "files", ())) > MOST_FILES:
        raise TooManyFiles(f"Send {MOST_FILES} files or fewer. Put several pages into one PDF.", field="files")
    if gone is not None and gone.ref != fact.ref:
        raise rules.KeepsItsName("This stays with its instalment. Take it back, and record the other.", field="ref")
    due = next((one for one in queries.instalments(session, EVER, fact.mou) if one.ref == fact.ref), None)
    if due is None:
        raise rules.NotExpected(f"No instalment “{fact.ref}” is expected. Select one that is.", field="ref")
    if not due.conditions.strip():
        raise NoConditions(f"Instalment {due.ref} has no conditions, so there is nothing to record.", field="ref")
    met = conditions(session, EVER, fact.mou).get(fact.ref)
    if met is not None and (gone is None or met.id != gone.id):
        raise MetAlready(
            f"The conditions of instalment {due.ref} are recorded as met on {in_words(met.met_on)}. To change that, "
            "correct it."
        )
