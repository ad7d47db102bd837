"""The history of a concern or an action: every fact we had been told by then, corrected ones included, newest first."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from improvement.concerns import rules, tables
from improvement.dates import AsAt, in_words


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """One fact, as it is told on a page. `of` is the concern or action it is about, and `links` what else it names."""

    id: UUID
    kind: str
    of: str
    links: tuple[str, ...]
    heading: str
    words: str
    effective_on: date
    recorded_at: datetime
    recorded_by: int
    recorded_as: str
    note: str
    corrects: UUID | None
    withdrawn: bool
    reason: str
    corrected: bool


def history(session: Session, as_at: AsAt, *, concern: str = "", actions: Sequence[str] = ()) -> list[Event]:
    """The facts about a concern and about actions. Whoever asks must be known to see each of them."""
    wanted: list[tuple[Any, Any]] = []
    if concern:
        wanted += [(kind, _ref(kind) == concern) for kind in tables.OF_CONCERNS]
        wanted += [(kind, kind.concern == concern) for kind in tables.LINKS]
    else:
        wanted += [(kind, kind.action.in_(actions)) for kind in tables.LINKS]
    wanted += [(kind, _ref(kind).in_(actions)) for kind in tables.OF_ACTIONS]
    events = [event for kind, which in wanted for event in _events(session.scalars(_told(kind, as_at).where(which)))]
    return sorted(events, key=lambda event: (event.effective_on, event.recorded_at), reverse=True)


def _ref(kind: Any) -> Any:
    """The column that says whom a fact is about."""
    return next(getattr(kind, name) for name in ("ref", "concern", "action") if hasattr(kind, name))


def _told(kind: Any, as_at: AsAt) -> Select[Any]:
    told = select(kind).where(kind.effective_on <= as_at.on)
    return told if as_at.known_at is None else told.where(kind.recorded_at <= as_at.known_at)


def _events(facts: Iterable[Any]) -> list[Event]:
    told = list(facts)
    corrected = {fact.corrects for fact in told}
    return [_event(fact, fact.id in corrected) for fact in told]


def _event(fact: Any, corrected: bool) -> Event:
    heading, words = say(fact)
    refs = [getattr(fact, name) for name in ("ref", "concern", "action") if hasattr(fact, name)]
    return Event(
        id=fact.id,
        kind=fact.__tablename__,
        of=refs[0],
        links=tuple(refs[1:]),
        heading=heading,
        words=words,
        effective_on=fact.effective_on,
        recorded_at=fact.recorded_at,
        recorded_by=fact.recorded_by,
        recorded_as=fact.recorded_as,
        note=fact.note,
        corrects=fact.corrects,
        withdrawn=fact.withdrawn,
        reason=fact.reason,
        corrected=corrected,
    )


def say(fact: Any) -> tuple[str, str]:
    """A fact as a heading and the words that were recorded with it."""
    match fact:
        case tables.ConcernRaised():
            return "Concern raised", fact.title
        case tables.SensitivityChanged():
            return f"Who may see it: {rules.SENSITIVITY_WORDS[fact.sensitivity]}", fact.because
        case tables.ConcernClosed():
            return "Confirmed as dealt with, and closed", fact.evidence
        case tables.ConcernReopened():
            return "Reopened", fact.because
        case tables.ConcernAccepted():
            return "Accepted without action", fact.because
        case tables.ConcernEscalated():
            return f"Taken to {rules.LEVEL_WORDS[fact.level]}", fact.because
        case tables.EscalationAnswered():
            return f"Answered by {rules.LEVEL_WORDS[fact.level]}", fact.answer
        case tables.ActionPlanned():
            return f"Action planned, target {_day(fact.target_on)}", fact.title
        case tables.ActionLinked():
            return f"{fact.action} serves {fact.concern}", ""
        case tables.ActionUnlinked():
            return f"{fact.action} no longer serves {fact.concern}", fact.because
        case tables.ActionUpdated():
            words = " ".join(each for each in (fact.because, fact.narrative, fact.evidence) if each)
            return f"Action {rules.PROGRESS_WORDS[fact.state].lower()}", words
        case tables.TargetMoved():
            return f"Target date moved to {_day(fact.target_on)}", fact.because
    raise TypeError(f"no words for {type(fact)}")


def _day(on: date) -> str:
    """A day that never breaks over two lines."""
    return in_words(on).replace(" ", "\u00a0")
