"""Every figure about concerns and actions, by name: what it means, its value at two dates, and the facts it counts.

Each is there three times: of everything (`…`), of what the Board may see (`…_board`), and of what may be quoted in
public (`…_public`). A definition never changes under its name.
"""

from collections.abc import Callable, Iterable
from uuid import UUID

import msgspec
from sqlalchemy.orm import Session

from improvement.concerns import queries
from improvement.concerns.rules import Progress, Sensitivity, State
from improvement.concerns.story.derived import Action, Book, Concern
from improvement.dates import AsAt

Facts = Callable[[Book], list[UUID]]


class Figure(msgspec.Struct, frozen=True):
    """A figure that can be asked for by name at any two dates. Its value is how many facts it counts."""

    name: str
    meaning: str
    counts: Facts

    def facts(self, session: Session, as_at: AsAt) -> list[UUID]:
        """The facts it counts at two dates."""
        return self.counts(queries.book(session, as_at))

    def value(self, session: Session, as_at: AsAt) -> int:
        return len(self.facts(session, as_at))


READERS: dict[str, tuple[frozenset[Sensitivity], str]] = {
    "": (frozenset(Sensitivity), ""),
    "_board": (frozenset({Sensitivity.PUBLIC, Sensitivity.BOARD}), " Restricted ones are left out."),
    "_public": (frozenset({Sensitivity.PUBLIC}), " Only those that may be quoted in public are counted."),
}

OF_CONCERNS: dict[str, tuple[str, Callable[[Concern], bool]]] = {
    "concerns_open": ("Concerns that are neither closed nor accepted.", lambda one: not one.settled),
    "concerns_unaddressed": (
        "Concerns for which nothing is planned, and that nobody accepted.",
        lambda one: one.unaddressed,
    ),
    "concerns_addressed": (
        "Concerns of which every action is complete and that nobody has confirmed yet.",
        lambda one: one.state is State.ADDRESSED,
    ),
    "concerns_closed": ("Concerns confirmed as dealt with.", lambda one: one.state is State.CLOSED),
    "concerns_accepted": ("Concerns for which no action will be taken.", lambda one: one.state is State.ACCEPTED),
    "concerns_escalated": (
        "Concerns that wait for an answer from a region or the Board.",
        lambda one: one.waits_for is not None,
    ),
}

OF_ACTIONS: dict[str, tuple[str, Callable[[Action], bool]]] = {
    "actions_open": (
        "Actions that are neither complete nor cancelled.",
        lambda one: one.state in (Progress.NOT_STARTED, Progress.IN_PROGRESS),
    ),
    "actions_overdue": ("Actions not complete or cancelled whose target date has passed.", lambda one: one.overdue),
    "actions_complete": ("Actions reported complete.", lambda one: one.state is Progress.COMPLETE),
}


def _concerns(counts: Callable[[Concern], bool], seen: frozenset[Sensitivity]) -> Facts:
    return lambda book: [one.id for one in book.concerns.values() if one.sensitivity in seen and counts(one)]


def _actions(counts: Callable[[Action], bool], seen: frozenset[Sensitivity]) -> Facts:
    return lambda book: [one.id for one in _seen_actions(book, seen) if counts(one)]


def _slips(seen: frozenset[Sensitivity]) -> Facts:
    return lambda book: [slip.id for one in _seen_actions(book, seen) if one.live for slip in one.slips]


def _seen_actions(book: Book, seen: frozenset[Sensitivity]) -> Iterable[Action]:
    return (one for one in book.actions.values() if one.sensitivity in seen)


def _registry() -> dict[str, Figure]:
    every = []
    for ending, (seen, without) in READERS.items():
        every += [
            Figure(name + ending, words + without, _concerns(test, seen)) for name, (words, test) in OF_CONCERNS.items()
        ]
        every += [
            Figure(name + ending, words + without, _actions(test, seen)) for name, (words, test) in OF_ACTIONS.items()
        ]
        moved = "Times a target date of an action that is not cancelled was moved later."
        every.append(Figure(f"targets_moved{ending}", moved + without, _slips(seen)))
    closed = "Restricted concerns that are neither closed nor accepted. The Board is told “fewer than 3” below three."
    unsettled = _concerns(lambda one: not one.settled, frozenset({Sensitivity.RESTRICTED}))
    every.append(Figure("concerns_restricted", closed, unsettled))
    return {figure.name: figure for figure in every}


FIGURES = _registry()
