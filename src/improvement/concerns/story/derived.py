"""Where the story leaves each concern and action at the end of a day. On one day the later told stands."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, TypeVar
from uuid import UUID

import msgspec

from improvement.concerns import rules
from improvement.concerns.rules import DECIDED, SOON, Level, OwnRag, Progress, Rag, Sensitivity, State
from improvement.concerns.story.told import Decided, Escalation, Moved, Planned, Raised, Story, Told, Updated

OfAction = TypeVar("OfAction", Updated, Moved)


class Slip(msgspec.Struct, frozen=True):
    """A target date that was moved, and why. It slipped when the new date is the later one."""

    id: UUID
    on: date
    before: date
    after: date
    because: str

    @property
    def days(self) -> int:
        return (self.after - self.before).days


class Action(Planned, frozen=True, kw_only=True):
    """An action as it stands on a day. `target_on` is the date now aimed at, `first_target_on` the first given."""

    first_target_on: date
    state: Progress
    rag: Rag | None
    own_rag: OwnRag | None
    because: str
    updated_on: date | None
    moves: tuple[Slip, ...]
    concerns: tuple[str, ...]
    sensitivity: Sensitivity
    overdue: bool
    due_soon: bool

    @property
    def slips(self) -> tuple[Slip, ...]:
        return tuple(move for move in self.moves if move.days > 0)

    @property
    def days_slipped(self) -> int:
        return sum(move.days for move in self.slips)

    @property
    def live(self) -> bool:
        return self.state is not Progress.CANCELLED


class Concern(Raised, frozen=True, kw_only=True):
    """A concern as it stands on a day, with the actions that serve it (cancelled ones too)."""

    state: State
    actions: tuple[str, ...]
    decided_on: date | None
    waits_for: Level | None

    @property
    def unaddressed(self) -> bool:
        """Nothing is being done about it, and nobody has accepted that."""
        return self.state is State.OPEN

    @property
    def settled(self) -> bool:
        return self.state in (State.CLOSED, State.ACCEPTED)


class Book(msgspec.Struct, frozen=True):
    """Every concern and action by its reference, as at the end of a day."""

    concerns: Mapping[str, Concern]
    actions: Mapping[str, Action]


def derive(story: Story, on: date) -> Book:
    """Where everything stands at the end of a day."""
    sensitivity = {fact.ref: fact.sensitivity for fact in story.raised if fact.on <= on}
    sensitivity |= {fact.concern: fact.sensitivity for fact in story.sensitivities if fact.on <= on}
    serving, ever = serving_on(story, on)
    now, once = _turned(serving), _turned(ever)
    told, moved = _by_action(story.updates, on), _by_action(story.moves, on)
    actions = {}
    for plan in story.planned:
        if plan.on <= on:
            known_to = rules.sensitivity_of_action(
                [sensitivity[ref] for ref in now[plan.ref] if ref in sensitivity],
                [sensitivity[ref] for ref in once[plan.ref] if ref in sensitivity],
            )
            serves = tuple(sorted(now[plan.ref]))
            actions[plan.ref] = _action(plan, told[plan.ref], moved[plan.ref], serves, known_to, on)
    decided = {fact.concern: fact for fact in story.decisions if fact.on <= on}
    waiting = _waiting(story.escalations, on)
    concerns = {}
    for fact in story.raised:
        if fact.on <= on:
            stands = [actions[ref].state for ref in serving[fact.ref] if ref in actions]
            concerns[fact.ref] = _concern(
                msgspec.structs.replace(fact, sensitivity=sensitivity[fact.ref]),
                tuple(sorted(serving[fact.ref])),
                rules.state_from(stands),
                decided.get(fact.ref),
                waiting[fact.ref],
            )
    return Book(concerns, actions)


def _concern(
    fact: Raised, actions: tuple[str, ...], state: State, last: Decided | None, waiting: set[Level]
) -> Concern:
    settled = DECIDED.get(last.what) if last else None
    return Concern(
        **_fields(fact),
        state=settled or state,
        actions=actions,
        decided_on=last.on if last and settled else None,
        waits_for=None if settled else max(waiting, key=list(Level).index, default=None),
    )


def _action(
    plan: Planned,
    told: Sequence[Updated],
    moved: Sequence[Moved],
    serves: tuple[str, ...],
    known_to: Sensitivity,
    on: date,
) -> Action:
    moves, target = [], plan.target_on
    for move in moved:
        moves.append(Slip(move.id, move.on, target, move.target_on, move.because))
        target = move.target_on
    last = told[-1] if told else None
    state = last.state if last else Progress.NOT_STARTED
    under_way = state in (Progress.NOT_STARTED, Progress.IN_PROGRESS)
    return Action(
        **_fields(plan) | {"target_on": target},
        first_target_on=plan.target_on,
        state=state,
        rag=rules.evidence_rag(state, target, last.on if last else plan.on, on),
        own_rag=next((update.rag for update in reversed(told) if update.rag), None),
        because=last.because if last else "",
        updated_on=last.on if last else None,
        moves=tuple(moves),
        concerns=serves,
        sensitivity=known_to,
        overdue=under_way and target < on,
        due_soon=under_way and on <= target and target - on <= SOON,
    )


def _fields(fact: Told) -> dict[str, Any]:
    return {name: getattr(fact, name) for name in fact.__struct_fields__}


def _by_action(facts: Sequence[OfAction], on: date) -> dict[str, list[OfAction]]:
    by_action: dict[str, list[OfAction]] = defaultdict(list)
    for fact in facts:
        if fact.on <= on:
            by_action[fact.action].append(fact)
    return by_action


def serving_on(story: Story, on: date) -> tuple[dict[str, set[str]], dict[str, set[str]]]:
    """Which actions serve each concern at the end of a day, and which ever did."""
    serving: dict[str, set[str]] = defaultdict(set)
    ever: dict[str, set[str]] = defaultdict(set)
    for link in story.links:
        if link.on <= on and link.serves:
            serving[link.concern].add(link.action)
            ever[link.concern].add(link.action)
        elif link.on <= on:
            serving[link.concern].discard(link.action)
    return serving, ever


def _turned(serving: Mapping[str, set[str]]) -> dict[str, list[str]]:
    concerns: dict[str, list[str]] = defaultdict(list)
    for concern, actions in serving.items():
        for action in actions:
            concerns[action].append(concern)
    return concerns


def _waiting(escalations: Sequence[Escalation], on: date) -> dict[str, set[Level]]:
    """Where each concern waits for an answer."""
    waiting: dict[str, set[Level]] = defaultdict(set)
    for each in escalations:
        if each.on <= on:
            (waiting[each.concern].discard if each.answers else waiting[each.concern].add)(each.level)
    return waiting
