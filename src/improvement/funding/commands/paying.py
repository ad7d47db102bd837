"""What must hold of paying claims together: all of a run's claims are paid in one transaction, or none."""

from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from improvement.database import EVER
from improvement.funding import queries
from improvement.funding.book import Kind
from improvement.funding.commands.keeping import Facts, Trying, brings, checks, new_reference, works_out
from improvement.funding.queries import claims, paying
from improvement.funding.rules.claims import ClaimState
from improvement.funding.rules.paying import PaymentsStand, RunIsGone, RunIsKept, check_run
from improvement.funding.tables import TABLES


@works_out(Kind.RUN)
def reference(session: Session, columns: dict[str, Any]) -> dict[str, Any]:
    """What people quote a run by; a correction keeps it."""
    return {"ref": new_reference(session, Kind.RUN, "PR")}


def reference_of(session: Session, id_: UUID) -> str:
    """What people quote a run or a statement by."""
    _, fact = queries.fact(session, id_)
    ref: str = fact.ref  # type: ignore[attr-defined]
    return ref


@checks(Kind.RUN)
def check_claims(session: Session, trying: Trying) -> None:
    """Raises `NothingToPay`, `NotToBePaid`, `PaymentsStand` or `RunIsKept`."""
    fact, replaces = trying.fact, trying.replaces
    if replaces is None:
        known = {one.ref: one.state for one in claims.claims(session, EVER, fact.mou)}
        check_run(fact.claims, known, ClaimState.APPROVED, ClaimState.PAID)
    elif fact.withdrawn:
        stand = paying.run(session, EVER, fact.ref).payments
        if stand:
            raise PaymentsStand(
                f"{len(stand)} of the payments of {fact.ref} stand. Take them back first, each from this run’s page."
            )
    elif not replaces.withdrawn:
        raise RunIsKept("A payment run is not changed. Take it back, and pay its claims anew.")


@brings(Kind.RUN)
def payments(session: Session, trying: Trying) -> Facts:
    """A payment of each claim of a run, with the claim’s reference for the bank."""
    run, known = trying.fact, {one.ref: one for one in claims.claims(session, EVER, trying.fact.mou)}
    return [
        (
            Kind.PAYMENT,
            TABLES[Kind.PAYMENT](
                id=uuid4(),
                mou=run.mou,
                line=known[ref].line,
                amount_pence=known[ref].amount_pence,
                effective_on=run.effective_on,
                reference=ref,
                over_cash_reason=trying.wanted.over_cash_reason.strip(),
                claim=ref,
                run=run.ref,
            ),
        )
        for ref in run.claims
    ]


@checks(Kind.PAYMENT)
def check_run_stands(session: Session, trying: Trying) -> None:
    """A payment of a run that was taken back does not come back without it. Raises `RunIsGone`."""
    fact = trying.fact
    if trying.replaces is None or not fact.run or fact.withdrawn or not trying.replaces.withdrawn:
        return
    if not paying.stands(session, fact.run):
        raise RunIsGone(f"The payment run {fact.run} was taken back. Pay the claim {fact.claim} anew.")
