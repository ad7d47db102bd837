"""What was told of concerns and actions: each kind of fact as the rules see it."""

from datetime import date
from uuid import UUID

import msgspec

from improvement.concerns.rules import Decision, Level, OwnRag, Progress, Sensitivity, Severity, Source


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What every fact has: the day it is true from, its turn among the facts, and whose hand it is in."""

    on: date
    seq: int
    by: int = 0


class Raised(Told, frozen=True, kw_only=True):
    """A concern was raised."""

    id: UUID
    ref: str
    council: str
    title: str
    description: str
    themes: tuple[str, ...]
    severity: Severity
    sensitivity: Sensitivity
    source: Source
    source_page: str = ""
    source_quote: str = ""
    source_address: str = ""
    owner: str = ""


class Planned(Told, frozen=True, kw_only=True):
    """An action was put in a council's improvement plan for a year."""

    id: UUID
    ref: str
    council: str
    year: str
    title: str
    outcome: str
    measure: str
    owner: str
    target_on: date
    start_on: date | None = None


class SensitivitySet(Told, frozen=True, kw_only=True):
    concern: str
    sensitivity: Sensitivity


class Linked(Told, frozen=True, kw_only=True):
    """An action began to serve a concern, or ceased to."""

    concern: str
    action: str
    serves: bool


class Updated(Told, frozen=True, kw_only=True):
    action: str
    state: Progress
    rag: OwnRag | None = None
    because: str = ""


class Moved(Told, frozen=True, kw_only=True):
    id: UUID
    action: str
    target_on: date
    because: str = ""


class Decided(Told, frozen=True, kw_only=True):
    concern: str
    what: Decision


class Escalation(Told, frozen=True, kw_only=True):
    """A concern was taken to a level, or an answer came back from it."""

    concern: str
    level: Level
    answers: bool


class Hand(msgspec.Struct, frozen=True):
    """Somebody recorded something of an action, whether or not it has been corrected since."""

    action: str
    by: int
    seq: int


class Story(msgspec.Struct, frozen=True, kw_only=True):
    """Everything told, each kind in the order of its day and turn."""

    raised: tuple[Raised, ...] = ()
    planned: tuple[Planned, ...] = ()
    sensitivities: tuple[SensitivitySet, ...] = ()
    links: tuple[Linked, ...] = ()
    updates: tuple[Updated, ...] = ()
    moves: tuple[Moved, ...] = ()
    decisions: tuple[Decided, ...] = ()
    escalations: tuple[Escalation, ...] = ()
    hands: tuple[Hand, ...] = ()
