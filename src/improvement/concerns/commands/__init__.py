"""What is done about concerns and actions. One verb a function; each checks for itself whose council it is.

A fact is recorded, then the council's whole story is tried as it would be known: a refusal leaves nothing behind.
"""

from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy.orm import Session

from improvement.access.rules import Person
from improvement.concerns import rules
from improvement.concerns.commands.inputs import (
    Dated,
    NewAction,
    NewAnswer,
    NewClosing,
    NewConcern,
    NewCorrection,
    NewEscalation,
    NewLink,
    NewReason,
    NewSensitivity,
    NewTarget,
    NewUnlink,
    NewUpdate,
)
from improvement.concerns.commands.recording import (
    columns_of,
    corrected,
    find_fact,
    named,
    own_action,
    own_concern,
    record_all,
    reference,
    role_in,
)
from improvement.concerns.story.derived import derive
from improvement.concerns.story.reading import story_of
from improvement.concerns.tables import (
    ActionLinked,
    ActionPlanned,
    ActionUnlinked,
    ActionUpdated,
    ConcernAccepted,
    ConcernClosed,
    ConcernEscalated,
    ConcernRaised,
    ConcernReopened,
    EscalationAnswered,
    SensitivityChanged,
    TargetMoved,
)
from improvement.database import EVER, Fact, correction, find_to_correct
from improvement.dates import london_day
from improvement.errors import Refused
from improvement.sector.rules import Council
from improvement.texts import says


class Recorded(msgspec.Struct, frozen=True):
    """A fact that was recorded, and the reference people quote."""

    id: UUID
    ref: str


class NothingCorrected(Refused):
    """A correction says what is right, or withdraws."""


def raise_concern(session: Session, new: NewConcern, *, by: Person, at: datetime) -> Recorded:
    """Raise a concern about a council. Raises the rule it breaks or `NotAllowed`."""
    council = named(session, new.council)
    fact = ConcernRaised(ref=reference(session, ConcernRaised), **columns_of(session, ConcernRaised, new, at))
    return Recorded(record_all(session, [fact], council, by, at), fact.ref)


def plan_action(
    session: Session, council: str, new: NewAction, *, concern: str = "", by: Person, at: datetime
) -> Recorded:
    """Put an action in a council's plan, to serve a concern if one is given. Raises the rule it breaks."""
    place = own_concern(session, concern, by) if concern else named(session, council)
    columns = columns_of(session, ActionPlanned, new, at)
    plan = ActionPlanned(ref=reference(session, ActionPlanned), council=place.slug, **columns)
    facts: list[Fact] = [plan]
    if concern:
        facts.append(ActionLinked(concern=concern, action=plan.ref, effective_on=plan.effective_on))
    return Recorded(record_all(session, facts, place, by, at), plan.ref)


def link_action(session: Session, concern: str, new: NewLink, *, by: Person, at: datetime) -> UUID:
    """Let an action of the plan serve a concern."""
    return _link(session, ActionLinked, concern, new, by, at)


def unlink_action(session: Session, concern: str, new: NewUnlink, *, by: Person, at: datetime) -> UUID:
    """Say that an action no longer serves a concern."""
    return _link(session, ActionUnlinked, concern, new, by, at)


def update_action(session: Session, action: str, new: NewUpdate, *, by: Person, at: datetime) -> UUID:
    """Record how far an action has come."""
    return _tell(session, ActionUpdated, {"action": action}, own_action(session, action, by), new, by, at)


def move_target(session: Session, action: str, new: NewTarget, *, by: Person, at: datetime) -> UUID:
    """Aim at another day. Every move is kept."""
    council = own_action(session, action, by)
    on = new.effective_on or london_day(at)
    stands = derive(story_of(session, council.slug), on).actions.get(action)
    if stands is not None and stands.target_on == new.target_on:
        raise rules.TargetNotMoved("That is the target date already. Enter another day.", field="target_on")
    return _tell(session, TargetMoved, {"action": action}, council, new, by, at)


def close_concern(session: Session, concern: str, new: NewClosing, *, by: Person, at: datetime) -> UUID:
    """Confirm that a concern is dealt with: by someone who owns none of its actions, when every one is complete."""
    return _decide(session, ConcernClosed, concern, new, by, at)


def reopen_concern(session: Session, concern: str, new: NewReason, *, by: Person, at: datetime) -> UUID:
    """Take up a closed or accepted concern again."""
    return _decide(session, ConcernReopened, concern, new, by, at)


def accept_concern(session: Session, concern: str, new: NewReason, *, by: Person, at: datetime) -> UUID:
    """Decide to take no action on a concern."""
    return _decide(session, ConcernAccepted, concern, new, by, at)


def change_sensitivity(session: Session, concern: str, new: NewSensitivity, *, by: Person, at: datetime) -> UUID:
    """Change who may see a concern: from today on, and looking back too."""
    council = own_concern(session, concern, by)
    stands = derive(story_of(session, council.slug), new.effective_on or london_day(at)).concerns.get(concern)
    if stands is not None and stands.sensitivity is new.sensitivity:
        raise rules.SaidAlready("That is how it is already. Choose another.", field="sensitivity")
    return _tell(session, SensitivityChanged, {"concern": concern}, council, new, by, at)


def escalate_concern(session: Session, concern: str, new: NewEscalation, *, by: Person, at: datetime) -> UUID:
    """Take a concern that cannot be solved locally to the region, or on to the Board."""
    council = own_concern(session, concern, by)
    rules.check_level(new.level, role_in(by, council), answers=False)
    stands = derive(story_of(session, council.slug), EVER.on).concerns[concern]
    rules.check_may_be_told(new.level, stands.sensitivity)
    return _tell(session, ConcernEscalated, {"concern": concern}, council, new, by, at)


def answer_escalation(session: Session, concern: str, new: NewAnswer, *, by: Person, at: datetime) -> UUID:
    """Record the answer that came back."""
    council = own_concern(session, concern, by)
    rules.check_level(new.level, role_in(by, council), answers=True)
    return _tell(session, EscalationAnswered, {"concern": concern}, council, new, by, at)


def correct(session: Session, new: NewCorrection, *, by: Person, at: datetime) -> UUID:
    """Put a fact right, or take it back. Raises `NoSuchFact`, `Conflict` or the rule it would break."""
    fact, council = find_fact(session, new.corrects, by)
    original = find_to_correct(session, [type(fact)], fact.id)
    if not says(new.reason):
        raise rules.ReasonWanted("Enter the reason for the correction.", field="reason")
    if new.withdrawn == (new.values is not None):
        raise NothingCorrected("Either give the right values, or withdraw the fact.", field="values")
    values = None if new.values is None else corrected(session, original, new.values, at)
    after = correction(original, reason=new.reason, values=values)
    places = {council.slug: council}
    if isinstance(after, ConcernRaised | ActionPlanned):
        places[after.council] = named(session, after.council)
        role_in(by, places[after.council])
    return record_all(session, [after], council, by, at, also=[slug for slug in places if slug != council.slug])


def _link(session: Session, kind: type[Fact], concern: str, new: NewLink, by: Person, at: datetime) -> UUID:
    council = own_concern(session, concern, by)
    if own_action(session, new.action, by).slug != council.slug:
        raise rules.OtherCouncil(
            "An action serves concerns of its own council. Choose one of its plan.", field="action"
        )
    return _tell(session, kind, {"concern": concern}, council, new, by, at)


def _decide(session: Session, kind: type[Fact], concern: str, new: Dated, by: Person, at: datetime) -> UUID:
    return _tell(session, kind, {"concern": concern}, own_concern(session, concern, by), new, by, at)


def _tell(
    session: Session, kind: type[Fact], of: dict[str, str], council: Council, new: Dated, by: Person, at: datetime
) -> UUID:
    return record_all(session, [kind(**of, **columns_of(session, kind, new, at))], council, by, at)
