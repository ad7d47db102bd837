"""Whether a story of concerns and actions may stand: every rule, on every day, tried on the whole as it would be known.

Facts of one day are taken in the order they were told.
"""

from collections.abc import Mapping, Sequence

import msgspec

from improvement.concerns import rules
from improvement.concerns.rules import DECIDED, Decision, Level, Progress, State
from improvement.concerns.story.derived import serving_on
from improvement.concerns.story.told import Decided, Escalation, Hand, Linked, Planned, Raised, Story, Updated
from improvement.dates import in_words


def check(story: Story) -> None:
    """Whether all of it may stand, on every day. Raises the first rule it breaks."""
    _check_beginnings(story)
    _check_targets(story)
    turns = [*story.links, *story.updates, *story.decisions, *story.escalations]
    stands = _Stands()
    for fact in sorted(turns, key=lambda fact: (fact.on, fact.seq)):
        match fact:
            case Updated():
                stands.progress[fact.action] = fact.state
            case Linked():
                _check_link(fact, stands)
            case Escalation():
                _check_escalation(fact, stands)
            case Decided():
                _check_decision(fact, stands, story)


class _Stands(msgspec.Struct):
    """How far the telling has come."""

    serving: dict[str, set[str]] = {}
    progress: dict[str, Progress] = {}
    settled: dict[str, State | None] = {}
    waiting: dict[str, set[Level]] = {}

    def state(self, concern: str) -> State:
        serving = self.serving.get(concern, set())
        return rules.state_from(self.progress.get(action, Progress.NOT_STARTED) for action in serving)

    def check_open(self, concern: str) -> None:
        if state := self.settled.get(concern):
            raise rules.SettledAlready(f"{concern} is {state}. Reopen it first, then go on.")


def _check_beginnings(story: Story) -> None:
    """Everything told of a concern or an action comes on or after the day it began, and a link joins one council."""
    began: dict[str, Raised | Planned] = {concern.ref: concern for concern in story.raised}
    began |= {action.ref: action for action in story.planned}
    of_actions = (*story.updates, *story.moves)
    of_concerns = (*story.sensitivities, *story.decisions, *story.escalations)
    for fact in (*story.links, *of_actions, *of_concerns):
        for ref in filter(None, (getattr(fact, "concern", ""), getattr(fact, "action", ""))):
            first = began.get(ref)
            if first is None:
                raise rules.BeforeItBegan(f"More has been recorded of {ref}. Withdraw that first, the latest first.")
            if fact.on < first.on:
                word = "raised" if isinstance(first, Raised) else "planned"
                raise rules.BeforeItBegan(
                    f"{ref} was {word} on {in_words(first.on)}. Enter that day or a later one.", field="effective_on"
                )
    for link in story.links:
        if began[link.concern].council != began[link.action].council:
            raise rules.OtherCouncil(f"{link.action} is in another council’s plan than {link.concern}.", field="action")


def _check_targets(story: Story) -> None:
    starts = {action.ref: action.start_on for action in story.planned}
    for move in story.moves:
        rules.check_dates(starts[move.action], move.target_on)


def _check_link(link: Linked, stands: _Stands) -> None:
    stands.check_open(link.concern)
    serving = stands.serving.setdefault(link.concern, set())
    if link.serves and link.action in serving:
        raise rules.LinkedAlready(f"{link.action} serves {link.concern} already.", field="action")
    if not link.serves and link.action not in serving:
        raise rules.NotLinked(f"{link.action} does not serve {link.concern} on that day.", field="action")
    (serving.add if link.serves else serving.remove)(link.action)


def _check_escalation(fact: Escalation, stands: _Stands) -> None:
    stands.check_open(fact.concern)
    waiting = stands.waiting.setdefault(fact.concern, set())
    said = rules.LEVEL_WORDS[fact.level]
    if not fact.answers and fact.level in waiting:
        raise rules.NotThisWay(f"{fact.concern} waits for an answer from {said} already.", field="level")
    if fact.answers and (fact.level not in waiting or (fact.level is Level.REGION and Level.BOARD in waiting)):
        raise rules.NotThisWay(f"{fact.concern} does not wait for an answer from {said} on that day.", field="level")
    (waiting.remove if fact.answers else waiting.add)(fact.level)


def _check_decision(fact: Decided, stands: _Stands, story: Story) -> None:
    if fact.what is Decision.REOPENED:
        if not stands.settled.get(fact.concern):
            raise rules.NotSettled(f"{fact.concern} is open on that day: there is nothing to reopen.")
        stands.settled[fact.concern] = None
        return
    stands.check_open(fact.concern)
    # The day's other facts may have been told, or told again more exactly, after the decision.
    serving = serving_on(story, fact.on)[0][fact.concern]
    last = {update.action: update.state for update in story.updates if update.on <= fact.on}
    at_its_end = rules.state_from(last.get(action, Progress.NOT_STARTED) for action in serving)
    states = {stands.state(fact.concern), at_its_end}
    if fact.what is Decision.ACCEPTED and State.OPEN not in states:
        raise rules.SomethingIsPlanned(f"Actions are planned for {fact.concern}. Cancel them first, or carry them out.")
    if fact.what is Decision.CLOSED:
        if State.ADDRESSED not in states:
            raise rules.NotAddressed(_what_is_left(fact, serving, last))
        _check_hands(fact, serving, story.hands)
    stands.settled[fact.concern] = DECIDED[fact.what]


def _what_is_left(fact: Decided, serving: set[str], last: Mapping[str, Progress]) -> str:
    on, done = in_words(fact.on), (Progress.COMPLETE, Progress.CANCELLED)
    left = sorted(action for action in serving if last.get(action) not in done)
    if not left:
        return f"No action for {fact.concern} is complete on {on}. Plan one, or accept the concern."
    be = "is" if len(left) == 1 else "are"
    return f"{', '.join(left)} {be} not complete on {on}. {fact.concern} can be closed when every action is."


def _check_hands(fact: Decided, serving: set[str], hands: Sequence[Hand]) -> None:
    if any(hand.by == fact.by and hand.action in serving and hand.seq < fact.seq for hand in hands):
        raise rules.OwnsAnAction(
            "You planned or updated one of its actions. Ask someone who did not to confirm that it is dealt with."
        )
