"""Reading the story from the facts, at any two dates: everybody's, or one council's to try the rules against."""

from collections.abc import Iterable
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import Select, bindparam, or_, select
from sqlalchemy.orm import Session

from improvement.concerns import tables
from improvement.concerns.rules import Decision, Level, OwnRag, Progress, Sensitivity, Severity, Source
from improvement.concerns.story.told import (
    Decided,
    Escalation,
    Hand,
    Linked,
    Moved,
    Planned,
    Raised,
    SensitivitySet,
    Story,
    Told,
    Updated,
)
from improvement.database import EVER, known
from improvement.dates import AsAt

AnyTold = TypeVar("AnyTold", bound=Told)

_RAISED = ("id", "ref", "council", "title", "description", "themes", "severity", "sensitivity", "source")
_SOURCE = ("source_page", "source_quote", "source_address", "owner")
_PLANNED = ("id", "ref", "council", "year", "title", "outcome", "measure", "owner", "target_on", "start_on")


class _Reading:
    """One reading of one council, or of all."""

    def __init__(self, session: Session, as_at: AsAt, council: str | None) -> None:
        self.session, self.as_at, self.council = session, as_at, council
        self.concerns: set[str] = set()
        self.actions: set[str] = set()

    def raised(self) -> tuple[Raised, ...]:
        rows = self._of_council(tables.ConcernRaised, *_RAISED, *_SOURCE)
        told = tuple(
            Raised(**self._typed(row, themes=tuple(row.themes), severity=Severity(row.severity), **_kinds(row)))
            for row in rows
        )
        self.concerns = {each.ref for each in told}
        return told

    def planned(self) -> tuple[Planned, ...]:
        told = tuple(Planned(**self._typed(row)) for row in self._of_council(tables.ActionPlanned, *_PLANNED))
        self.actions = {each.ref for each in told}
        return told

    def sensitivities(self) -> tuple[SensitivitySet, ...]:
        rows = self._of_refs(tables.SensitivityChanged, "concern", "sensitivity")
        return tuple(SensitivitySet(**self._typed(row, sensitivity=Sensitivity(row.sensitivity))) for row in rows)

    def links(self) -> tuple[Linked, ...]:
        made, ended = (self._of_refs(kind, "concern", "action") for kind in tables.LINKS)
        told = [
            (Linked(**self._typed(row), serves=serves))
            for rows, serves in ((made, True), (ended, False))
            for row in rows
        ]
        return _in_turn(told)

    def updates(self) -> tuple[Updated, ...]:
        rows = self._of_refs(tables.ActionUpdated, "action", "state", "rag", "because")
        return tuple(
            Updated(**self._typed(row, state=Progress(row.state), rag=OwnRag(row.rag) if row.rag else None))
            for row in rows
        )

    def moves(self) -> tuple[Moved, ...]:
        rows = self._of_refs(tables.TargetMoved, "id", "action", "target_on", "because")
        return tuple(Moved(**self._typed(row)) for row in rows)

    def decisions(self) -> tuple[Decided, ...]:
        kinds = (
            (tables.ConcernClosed, Decision.CLOSED),
            (tables.ConcernReopened, Decision.REOPENED),
            (tables.ConcernAccepted, Decision.ACCEPTED),
        )
        told = [
            Decided(**self._typed(row), what=what) for kind, what in kinds for row in self._of_refs(kind, "concern")
        ]
        return _in_turn(told)

    def escalations(self) -> tuple[Escalation, ...]:
        kinds = ((tables.ConcernEscalated, False), (tables.EscalationAnswered, True))
        return _in_turn(
            Escalation(**self._typed(row, level=Level(row.level)), answers=answers)
            for kind, answers in kinds
            for row in self._of_refs(kind, "concern", "level")
        )

    def hands(self) -> tuple[Hand, ...]:
        """Whoever recorded anything of an action, corrected since or not."""
        planned, updated = tables.ActionPlanned, tables.ActionUpdated
        wanted = ((planned, planned.ref), (updated, updated.action))
        return tuple(
            Hand(*row)
            for kind, ref in wanted
            for row in self.session.execute(select(ref, kind.recorded_by, kind.seq).where(ref.in_(self.actions)))
        )

    def _of_council(self, kind: Any, *names: str) -> list[Any]:
        if self.council is None:
            return list(self.session.execute(_known(kind, self.as_at, names)))
        return list(self.session.execute(_of_one(kind, names, ("council",)), {"council": self.council}))

    def _of_refs(self, kind: Any, *names: str) -> list[Any]:
        if self.council is None:
            return list(self.session.execute(_known(kind, self.as_at, names)))
        refs = {"concern": self.concerns, "action": self.actions}
        by = tuple(name for name in names if refs.get(name))
        given = {name: list(refs[name]) for name in by}
        return list(self.session.execute(_of_one(kind, names, by), given)) if by else []

    @staticmethod
    def _typed(row: Any, **typed: Any) -> dict[str, Any]:
        told: dict[str, Any] = row._asdict() | typed
        told["by"] = told.pop("recorded_by")
        return told


def _known(kind: Any, as_at: AsAt, names: tuple[str, ...]) -> Select[Any]:
    columns = (getattr(kind, name) for name in (*names, "seq", "recorded_by"))
    return known(kind, as_at, kind.effective_on.label("on"), *columns)


@cache
def _of_one(kind: Any, names: tuple[str, ...], by: tuple[str, ...]) -> Select[Any]:
    """All we know now of one council, asked at every recording and so put together once."""
    wanted = _known(kind, EVER, names)
    if by == ("council",):
        return wanted.where(kind.council == bindparam("council"))
    return wanted.where(or_(*(getattr(kind, name).in_(bindparam(name, expanding=True)) for name in by)))


def _kinds(row: Any) -> dict[str, Any]:
    return {"sensitivity": Sensitivity(row.sensitivity), "source": Source(row.source)}


def _in_turn(told: Iterable[AnyTold]) -> tuple[AnyTold, ...]:
    return tuple(sorted(told, key=lambda each: (each.on, each.seq)))


def story_of(session: Session, council: str) -> Story:
    """All we know now of one council, and whose hands its actions went through: what the rules are tried on."""
    return _story(_Reading(session, EVER, council))


def story(session: Session, as_at: AsAt) -> Story:
    """Everything told by then of every council."""
    return _story(_Reading(session, as_at, None))


def _story(read: _Reading) -> Story:
    return Story(
        raised=read.raised(),
        planned=read.planned(),
        sensitivities=read.sensitivities(),
        links=read.links(),
        updates=read.updates(),
        moves=read.moves(),
        decisions=read.decisions(),
        escalations=read.escalations(),
        hands=() if read.council is None else read.hands(),
    )
