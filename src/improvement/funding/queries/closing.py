"""Questions about the end of the year: what is owed, asked to be carried forward, and decided."""

from datetime import date
from uuid import UUID

import msgspec
from sqlalchemy.orm import Session

from improvement.database import known
from improvement.dates import AsAt
from improvement.funding.tables.matters import CarryForwardAsked, CarryForwardDecided


class Request(msgspec.Struct, frozen=True):
    """A request to carry money forward, and what was decided of it."""

    id: UUID
    ref: str
    line: str
    amount_pence: int
    asked_on: date
    why: str
    decision: str = ""
    granted_pence: int = 0
    decision_reference: str = ""
    decided_id: UUID | None = None


def requests(session: Session, as_at: AsAt, mou: str) -> list[Request]:
    """Every request of an MoU, the oldest first."""
    asked, told = CarryForwardAsked, CarryForwardDecided
    decided = {
        row.ref: row
        for row in session.execute(
            known(told, as_at, told.ref, told.decision, told.amount_pence, told.decision_reference, told.id).where(
                told.mou == mou
            )
        )
    }
    rows = session.execute(
        known(asked, as_at, asked.id, asked.ref, asked.line, asked.amount_pence, asked.effective_on, asked.why).where(
            asked.mou == mou
        )
    )
    found = []
    for row in rows:
        verdict = decided.get(row.ref)
        about = tuple(verdict)[1:] if verdict else ()
        found.append(Request(*row, *about))
    return found


def undecided(session: Session, as_at: AsAt, mou: str) -> list[Request]:
    """The requests that wait for a decision."""
    return [one for one in requests(session, as_at, mou) if not one.decision]
