"""What is recorded about concerns and actions. Each refers to the others by the reference people quote."""

from datetime import date

from sqlalchemy import Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from improvement.database import Fact


def _once(table: str) -> Index:
    """One reference belongs to one chain of facts: the first of them is unique, its corrections follow."""
    first = text("corrects IS NULL")
    return Index(f"uq_{table}_once", "ref", unique=True, sqlite_where=first, postgresql_where=first)


class ConcernRaised(Fact):
    __tablename__ = "concern_raised"
    __table_args__ = (_once("concern_raised"),)

    ref: Mapped[str] = mapped_column(String(7), index=True)
    council: Mapped[str] = mapped_column(String(60), index=True)
    title: Mapped[str]
    description: Mapped[str]
    themes: Mapped[list[str]]
    severity: Mapped[str] = mapped_column(String(20))
    sensitivity: Mapped[str] = mapped_column(String(20))
    source: Mapped[str] = mapped_column(String(30))
    source_page: Mapped[str]
    source_quote: Mapped[str]
    source_address: Mapped[str]
    owner: Mapped[str]


class SensitivityChanged(Fact):
    __tablename__ = "sensitivity_changed"

    concern: Mapped[str] = mapped_column(String(7), index=True)
    sensitivity: Mapped[str] = mapped_column(String(20))
    because: Mapped[str]


class ActionPlanned(Fact):
    """An action in a council's improvement plan of a programme year."""

    __tablename__ = "action_planned"
    __table_args__ = (_once("action_planned"),)

    ref: Mapped[str] = mapped_column(String(7), index=True)
    council: Mapped[str] = mapped_column(String(60), index=True)
    year: Mapped[str] = mapped_column(String(9))
    title: Mapped[str]
    outcome: Mapped[str]
    measure: Mapped[str]
    owner: Mapped[str]
    start_on: Mapped[date | None]
    target_on: Mapped[date]


class ActionLinked(Fact):
    """The action began to serve the concern."""

    __tablename__ = "action_linked"

    concern: Mapped[str] = mapped_column(String(7), index=True)
    action: Mapped[str] = mapped_column(String(7), index=True)


class ActionUnlinked(Fact):
    """The action ceased to serve the concern."""

    __tablename__ = "action_unlinked"

    concern: Mapped[str] = mapped_column(String(7), index=True)
    action: Mapped[str] = mapped_column(String(7), index=True)
    because: Mapped[str]


class ActionUpdated(Fact):
    """How far an action has come. `because` says why it was cancelled."""

    __tablename__ = "action_updated"

    action: Mapped[str] = mapped_column(String(7), index=True)
    state: Mapped[str] = mapped_column(String(20))
    rag: Mapped[str | None] = mapped_column(String(20))
    narrative: Mapped[str]
    evidence: Mapped[str]
    because: Mapped[str]


class TargetMoved(Fact):
    __tablename__ = "target_moved"

    action: Mapped[str] = mapped_column(String(7), index=True)
    target_on: Mapped[date]
    because: Mapped[str]


class ConcernClosed(Fact):
    """Somebody who owns none of the actions confirmed, with evidence, that the concern is dealt with."""

    __tablename__ = "concern_closed"

    concern: Mapped[str] = mapped_column(String(7), index=True)
    evidence: Mapped[str]


class ConcernReopened(Fact):
    __tablename__ = "concern_reopened"

    concern: Mapped[str] = mapped_column(String(7), index=True)
    because: Mapped[str]


class ConcernAccepted(Fact):
    """No action will be taken, for a reason."""

    __tablename__ = "concern_accepted"

    concern: Mapped[str] = mapped_column(String(7), index=True)
    because: Mapped[str]


class ConcernEscalated(Fact):
    """What cannot be solved locally was taken to the region or the Board."""

    __tablename__ = "concern_escalated"

    concern: Mapped[str] = mapped_column(String(7), index=True)
    level: Mapped[str] = mapped_column(String(20))
    because: Mapped[str]


class EscalationAnswered(Fact):
    """The answer, on the way back."""

    __tablename__ = "escalation_answered"

    concern: Mapped[str] = mapped_column(String(7), index=True)
    level: Mapped[str] = mapped_column(String(20))
    answer: Mapped[str]


OF_CONCERNS = (
    ConcernRaised,
    SensitivityChanged,
    ConcernClosed,
    ConcernReopened,
    ConcernAccepted,
    ConcernEscalated,
    EscalationAnswered,
)
LINKS = (ActionLinked, ActionUnlinked)
OF_ACTIONS = (ActionPlanned, ActionUpdated, TargetMoved)
KINDS: tuple[type[Fact], ...] = (*OF_CONCERNS, *LINKS, *OF_ACTIONS)
