"""The people and the council of these tests, and the shortest way to raise, plan, update and close."""

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy.orm import Session

from improvement.access import commands as access
from improvement.access import queries as access_queries
from improvement.access.rules import SERVICE, Held, Person, Role
from improvement.concerns import commands
from improvement.concerns.commands import Recorded, inputs
from improvement.concerns.rules import OwnRag, Progress, Sensitivity, Severity, Source, Theme

NOON = datetime(2011, 12, 1, 12, tzinfo=UTC)
"""When these tests are told things, unless they say otherwise."""

HELD = {
    "secretariat": Held(Role.SECRETARIAT),
    "board": Held(Role.BOARD),
    "chair": Held(Role.CHAIR),
    "london": Held(Role.COORDINATOR, region="london"),
    "north-west": Held(Role.COORDINATOR, region="north-west"),
    "brent": Held(Role.OFFICER, council="brent"),
    "barnet": Held(Role.OFFICER, council="barnet"),
}


def person(session: Session, who: str) -> Person:
    """Somebody by what they hold, added when first asked for; “brent 2” is a second person who holds the same."""
    email = f"{who.replace(' ', '.')}@example.org"
    found = access_queries.by_email(session, email)
    if found is None:
        access.add_person(session, email, who.title(), HELD[who.partition(" ")[0]], by=SERVICE, at=NOON)
        session.flush()
        found = access_queries.by_email(session, email)
    assert found is not None
    return found


def new_concern(**changed: Any) -> inputs.NewConcern:
    """A concern about Brent."""
    usual: dict[str, Any] = {
        "council": "brent",
        "title": "Waiting times for a first assessment",
        "description": "People told us they waited too long to be seen.",
        "themes": [Theme.OUTCOMES],
        "severity": Severity.MEDIUM,
        "sensitivity": Sensitivity.PUBLIC,
        "source": Source.LOCAL_ACCOUNT,
    }
    return inputs.NewConcern(**usual | changed)


def new_action(**changed: Any) -> inputs.NewAction:
    """An action with a target of 31 March 2012."""
    usual: dict[str, Any] = {
        "title": "Weekend assessment clinics",
        "outcome": "People are seen sooner",
        "measure": "9 in 10 seen within 28 days",
        "owner": "Head of assessment",
        "target_on": date(2012, 3, 31),
    }
    return inputs.NewAction(**usual | changed)


def raise_concern(session: Session, by: Person, at: datetime = NOON, **changed: Any) -> Recorded:
    return commands.raise_concern(session, new_concern(**changed), by=by, at=at)


def plan(session: Session, by: Person, concern: str, at: datetime = NOON, **changed: Any) -> Recorded:
    return commands.plan_action(session, "brent", new_action(**changed), concern=concern, by=by, at=at)


def update(session: Session, by: Person, action: str, state: Progress, at: datetime = NOON, **changed: Any) -> None:
    new = inputs.NewUpdate(state=state, rag=OwnRag.GREEN, **changed)
    commands.update_action(session, action, new, by=by, at=at)
