"""Concerns, plans and actions: the words for them, what makes a state and a RAG, what is refused, who may know."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from enum import StrEnum

import msgspec

from improvement.access.rules import ALLOWED, May, Person, Reach, Role
from improvement.dates import in_words
from improvement.errors import NotFound, Refused
from improvement.local_accounts import rules as accounts
from improvement.local_accounts.rules import Theme as Theme
from improvement.sector.rules import Council
from improvement.texts import says


class Severity(StrEnum):
    """How much it matters to people."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class Sensitivity(StrEnum):
    """Who may know. The least closed first."""

    PUBLIC = "public"
    BOARD = "board"
    RESTRICTED = "restricted"


class Source(StrEnum):
    """Where a concern came from."""

    LOCAL_ACCOUNT = "local account"
    PEER_CHALLENGE = "peer challenge"
    SAFEGUARDING_REVIEW = "safeguarding review"
    COMPLAINTS = "complaints"
    CQC = "CQC"
    OTHER = "other"


class State(StrEnum):
    """Where a concern stands: derived, never recorded."""

    OPEN = "open"
    PLANNED = "planned"
    IN_PROGRESS = "in progress"
    ADDRESSED = "addressed"
    CLOSED = "closed"
    ACCEPTED = "accepted"


class Progress(StrEnum):
    """How far an action has come, as its owner reports it."""

    NOT_STARTED = "not started"
    IN_PROGRESS = "in progress"
    COMPLETE = "complete"
    CANCELLED = "cancelled"


class OwnRag(StrEnum):
    """How an action's owner sees it."""

    RED = "red"
    AMBER = "amber"
    GREEN = "green"


class Rag(StrEnum):
    """How an action looks from the evidence: its target date and its updates."""

    RED = "red"
    AMBER = "amber"
    GREEN = "green"
    COMPLETE = "complete"


class Decision(StrEnum):
    """What was decided of a concern as a whole."""

    CLOSED = "closed"
    REOPENED = "reopened"
    ACCEPTED = "accepted"


class Level(StrEnum):
    """Where a concern that cannot be solved locally is taken."""

    REGION = "region"
    BOARD = "board"


SEVERITY_WORDS = {each.value: each.value.capitalize() for each in Severity}
STATE_WORDS = {
    State.OPEN.value: "Open",
    State.PLANNED.value: "Planned",
    State.IN_PROGRESS.value: "In progress",
    State.ADDRESSED.value: "Addressed",
    State.CLOSED.value: "Closed",
    State.ACCEPTED.value: "Accepted",
}
STATE_MEANINGS = {
    State.OPEN.value: "Nothing is planned for it yet.",
    State.PLANNED.value: "Actions are planned and none has started.",
    State.IN_PROGRESS.value: "Actions are under way.",
    State.ADDRESSED.value: "Every action is complete. Someone else has yet to confirm it.",
    State.CLOSED.value: "Someone who owns none of the actions has confirmed it.",
    State.ACCEPTED.value: "It was decided to take no action.",
}
SENSITIVITY_WORDS = {"public": "Public", "board": "Board", "restricted": "Restricted"}
SENSITIVITY_MEANINGS = {
    "public": "It may be quoted in public reports.",
    "board": "The council, its regional coordinator, the secretariat and the Programme Board may see it.",
    "restricted": "The council, its regional coordinator and the secretariat may see it. The Board sees a count only.",
}
SOURCE_WORDS = {
    "local account": "Local account",
    "peer challenge": "Peer challenge",
    "safeguarding review": "Safeguarding review",
    "complaints": "Complaints",
    "CQC": "Care Quality Commission (CQC)",
    "other": "Somewhere else",
}
PROGRESS_WORDS = {each.value: each.value.capitalize() for each in Progress}
RAG_WORDS = {"red": "Red", "amber": "Amber", "green": "Green", "complete": "Complete", "": "Cancelled"}
THEME_WORDS = {each.value: each.value[:1].upper() + each.value[1:] for each in Theme}
OWN_RAG_WORDS = {"green": "On track", "amber": "At risk", "red": "Off track"}
LEVEL_WORDS = {"region": "the region", "board": "the Programme Board"}

DECIDED = {Decision.CLOSED: State.CLOSED, Decision.ACCEPTED: State.ACCEPTED}
SOON = timedelta(days=30)
QUIET = timedelta(days=30)
FEW = 3
"""A national count of restricted matter below this is not given."""
EARLIEST, LATEST = date(2000, 1, 1), date(2099, 12, 31)


def state_from(actions: Iterable[Progress]) -> State:
    """The state of a concern nobody has decided, from the actions that serve it. Cancelled ones are left out."""
    live = [state for state in actions if state is not Progress.CANCELLED]
    if not live:
        return State.OPEN
    if all(state is Progress.COMPLETE for state in live):
        return State.ADDRESSED
    return State.PLANNED if all(state is Progress.NOT_STARTED for state in live) else State.IN_PROGRESS


def evidence_rag(state: Progress, target_on: date, heard_on: date, on: date) -> Rag | None:
    """What the dates say of an action. Cancelled ones have none; `heard_on` is its last update, or its planning."""
    if state is Progress.CANCELLED:
        return None
    if state is Progress.COMPLETE:
        return Rag.COMPLETE
    if target_on < on:
        return Rag.RED
    quiet = on - heard_on >= QUIET
    return Rag.AMBER if target_on - on <= SOON and quiet else Rag.GREEN


def sensitivity_of_action(serves: Sequence[Sensitivity], served: Sequence[Sensitivity]) -> Sensitivity:
    """Who may know of an action: whoever may know a concern it serves.

    One that serves none any more is as closed as the most closed it ever served. One that never served any is the
    council's plan: the Board may see it, and nobody has said it may be quoted.
    """
    order = list(Sensitivity)
    if serves:
        return min(serves, key=order.index)
    return max(served, key=order.index, default=Sensitivity.BOARD)


class Sight(msgspec.Struct, frozen=True):
    """How far somebody may see into concerns and actions, by the rights they have today."""

    everything: bool
    all_but_restricted: bool
    regions: frozenset[str]
    councils: frozenset[str]

    def sees(self, council: str, region: str, sensitivity: Sensitivity) -> bool:
        """Whether they may know that something of this council, so sensitive today, is there at all."""
        if self.everything or region in self.regions or council in self.councils:
            return True
        return self.all_but_restricted and sensitivity is not Sensitivity.RESTRICTED


def sight(by: Person) -> Sight:
    """Who works on concerns somewhere sees all of them there; who only reads them sees all but the restricted."""
    reaches = [(held, ALLOWED[held.role].get(May.WORK_ON_CONCERNS)) for held in by.holds]
    reads = [ALLOWED[held.role].get(May.READ_CONCERNS) for held in by.holds]
    return Sight(
        any(reach is Reach.EVERYWHERE for _, reach in reaches),
        any(reach is Reach.EVERYWHERE for reach in reads),
        frozenset(held.region for held, reach in reaches if reach is Reach.REGION and held.region),
        frozenset(held.council for held, reach in reaches if reach is Reach.COUNCIL and held.council),
    )


def few(count: int) -> str:
    """A national count of restricted matter, as the Board may see it."""
    return f"fewer than {FEW}" if count < FEW else str(count)


class NoSuchConcern(NotFound):
    """There is none, or not on the day, or the person may not know of it: nobody can tell which."""

    def __init__(self) -> None:
        super().__init__("There is no such concern, or not on that day, or you may not see it. Check its reference.")


class NoSuchAction(NotFound):
    """As for a concern."""

    def __init__(self) -> None:
        super().__init__("There is no such action, or not on that day, or you may not see it. Check its reference.")


class NoSuchPlan(NotFound):
    """As for a concern."""

    def __init__(self) -> None:
        super().__init__("There is no such improvement plan, or you may not see it. Check the council’s name.")


class NoSuchFact(NotFound):
    """A fact to correct that is not there, or is of something the person may not know of."""

    def __init__(self) -> None:
        super().__init__("There is no such fact. Open the page it is shown on and choose “Correct” there.")


class NoSuchCouncil(Refused):
    """A concern is about a council there is."""


class NotAnAddress(Refused):
    """Where a concern came from is an address people can open."""


class DayHasNotCome(Refused):
    """What is recorded has happened: its day is today or earlier."""


class CouncilNotInBeing(Refused):
    """Nothing is raised or planned for a council on a day it did not exist."""


class BeforeItBegan(Refused):
    """Nothing is told of a concern before it was raised, or of an action before it was planned."""


class OtherCouncil(Refused):
    """An action serves concerns of its own council."""


class NotASaneDate(Refused):
    """A start or target date that cannot be meant."""


class TargetNotMoved(Refused):
    """A target date is moved to another day."""


class ReasonWanted(Refused):
    """Cancelling an action, accepting and reopening a concern carry their reason."""


class LinkedAlready(Refused):
    """An action serves a concern once."""


class NotLinked(Refused):
    """Only an action that serves a concern can cease to."""


class SettledAlready(Refused):
    """A closed or accepted concern is reopened before anything more is done about it."""


class NotSettled(Refused):
    """Only a closed or accepted concern is reopened."""


class NotAddressed(Refused):
    """A concern is closed when every action that serves it is complete."""


class SomethingIsPlanned(Refused):
    """A concern is accepted only when nothing is planned for it."""


class OwnsAnAction(Refused):
    """Who planned or updated an action does not confirm that the concern is dealt with."""


class NotThisWay(Refused):
    """A concern goes from council to region to Board, and its answer comes back the same way."""


class SaidAlready(Refused):
    """This is how it stands already."""


def check_day(on: date, today: date, field: str = "effective_on") -> None:
    """Raises `DayHasNotCome`."""
    if on > today:
        raise DayHasNotCome(f"The day must be today or earlier. Today is {in_words(today)}.", field=field)


def check_council(council: Council, on: date) -> None:
    """Raises `CouncilNotInBeing`."""
    if not council.in_being(on):
        raise CouncilNotInBeing(f"{council.name} was not a council on {in_words(on)}.", field="effective_on")


def check_dates(start_on: date | None, target_on: date) -> None:
    """Raises `NotASaneDate`."""
    for day, field in ((target_on, "target_on"), (start_on, "start_on")):
        if day is not None and not EARLIEST <= day <= LATEST:
            raise NotASaneDate(f"Enter a date between {EARLIEST.year} and {LATEST.year}.", field=field)
    if start_on is not None and target_on < start_on:
        raise NotASaneDate(f"The target date must be {in_words(start_on)}, the start, or later.", field="target_on")


def check_cancelled(state: Progress, because: str) -> None:
    """Raises `ReasonWanted`."""
    if state is Progress.CANCELLED and not says(because):
        raise ReasonWanted("Enter the reason the action is cancelled.", field="reason")


def check_address(address: str) -> None:
    """Raises `NotAnAddress`. None need be given."""
    try:
        if address:
            accounts.check_address(address)
    except accounts.NotAnAddress as refusal:
        raise NotAnAddress(refusal.message, field="source_address") from None


def check_level(level: Level, role: Role, *, answers: bool) -> None:
    """Raises `NotThisWay` when a council goes past its region, or answers for a level above it."""
    if answers and (role is Role.OFFICER or (level is Level.BOARD and role is Role.COORDINATOR)):
        raise NotThisWay("The region records its own answer, and the secretariat the Board’s.")
    if not answers and level is Level.BOARD and role is Role.OFFICER:
        raise NotThisWay("Ask your regional coordinator first: they can take it to the Board.", field="level")


def check_may_be_told(level: Level, sensitivity: Sensitivity) -> None:
    """Raises `NotThisWay`: the Board does not know of a restricted concern, so nothing can be asked of it."""
    if level is Level.BOARD and sensitivity is Sensitivity.RESTRICTED:
        raise NotThisWay("The Board may not see a restricted concern. Change who may see it first.", field="level")
