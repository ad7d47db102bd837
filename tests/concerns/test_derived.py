"""Whatever is told in whatever order, each concern stands where a second, slower reckoning of the rules puts it."""

from datetime import date, timedelta

import msgspec
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from improvement.concerns.rules import Decision, Progress, State
from improvement.concerns.story.checked import check
from improvement.concerns.story.derived import derive
from improvement.concerns.story.told import Decided, Hand, Linked, Story, Updated
from improvement.errors import Refused
from tests.concerns.test_rules import planned, raised

FIRST = date(2011, 6, 1)
CONCERNS, ACTIONS = ("C-1", "C-2"), ("A-1", "A-2", "A-3")
DAYS = st.integers(0, 8).map(lambda number: FIRST + timedelta(days=number))
PEOPLE = st.integers(1, 3)


class Telling(RuleBasedStateMachine):
    """Somebody tells one thing after another; what the rules refuse is as if never told."""

    def __init__(self) -> None:
        super().__init__()
        self.story = Story(
            raised=tuple(raised(FIRST, ref) for ref in CONCERNS), planned=tuple(planned(FIRST, ref) for ref in ACTIONS)
        )
        self.seq = 10

    def tell(self, name: str, fact: Linked | Updated | Decided, *hands: Hand) -> None:
        kept = sorted([*getattr(self.story, name), fact], key=lambda each: (each.on, each.seq))
        after = msgspec.structs.replace(self.story, **{name: tuple(kept), "hands": (*self.story.hands, *hands)})
        self.seq += 1
        try:
            check(after)
        except Refused:
            return
        self.story = after

    @rule(on=DAYS, concern=st.sampled_from(CONCERNS), action=st.sampled_from(ACTIONS), serves=st.booleans())
    def link(self, on: date, concern: str, action: str, serves: bool) -> None:
        self.tell("links", Linked(on=on, seq=self.seq, concern=concern, action=action, serves=serves))

    @rule(on=DAYS, action=st.sampled_from(ACTIONS), state=st.sampled_from(Progress), by=PEOPLE)
    def update(self, on: date, action: str, state: Progress, by: int) -> None:
        fact = Updated(on=on, seq=self.seq, by=by, action=action, state=state)
        self.tell("updates", fact, Hand(action, by, self.seq))

    @rule(on=DAYS, concern=st.sampled_from(CONCERNS), what=st.sampled_from(Decision), by=PEOPLE)
    def decide(self, on: date, concern: str, what: Decision, by: int) -> None:
        self.tell("decisions", Decided(on=on, seq=self.seq, by=by, concern=concern, what=what))

    @rule(on=DAYS, concern=st.sampled_from(CONCERNS), by=PEOPLE)
    def carry_out(self, on: date, concern: str, by: int) -> None:
        """Complete whatever serves a concern, so that closings are tried often enough to matter."""
        for action in [each for each in ACTIONS if serves_at(self.story, concern, each, (on, 10**6))] or ACTIONS[:1]:
            self.link(on, concern, action, serves=True)
            self.update(on, action, Progress.COMPLETE, by)
        self.decide(on, concern, Decision.CLOSED, by % 3 + 1)

    @invariant()
    def every_day_reckons_the_same(self) -> None:
        for number in range(10):
            on = FIRST + timedelta(days=number)
            stands = {ref: concern.state.value for ref, concern in derive(self.story, on).concerns.items()}
            assert stands == {ref: reckoned(self.story, ref, on) for ref in CONCERNS}

    @invariant()
    def a_concern_is_closed_only_by_another_hand_and_only_when_addressed(self) -> None:
        for fact in self.story.decisions:
            if fact.what is not Decision.CLOSED:
                continue
            ends = {action for action in ACTIONS if serves_at(self.story, fact.concern, action, (fact.on, 10**6))}
            then = {action for action in ACTIONS if serves_at(self.story, fact.concern, action, (fact.on, fact.seq))}
            moments = [(ends, (fact.on, 10**6)), (then, (fact.on, fact.seq))]
            assert any(all_done(self.story, serving, moment) for serving, moment in moments)
            touched = {hand.by for hand in self.story.hands if hand.action in ends and hand.seq < fact.seq}
            assert fact.by not in touched


Moment = tuple[date, int]


def serves_at(story: Story, concern: str, action: str, moment: Moment) -> bool:
    told = [each for each in story.links if (each.concern, each.action) == (concern, action)]
    before = [each for each in told if (each.on, each.seq) <= moment]
    return bool(before) and max(before, key=lambda each: (each.on, each.seq)).serves


def said(story: Story, action: str, moment: Moment) -> str:
    before = [each for each in story.updates if each.action == action and (each.on, each.seq) <= moment]
    return max(before, key=lambda each: (each.on, each.seq)).state.value if before else "not started"


def all_done(story: Story, serving: set[str], moment: Moment) -> bool:
    left = [said(story, action, moment) for action in serving]
    return "complete" in left and set(left) <= {"complete", "cancelled"}


def reckoned(story: Story, concern: str, on: date) -> str:
    """The state of a concern from the words of the rule book alone."""
    moment = (on, 10**6)
    decisions = [each for each in story.decisions if each.concern == concern and each.on <= on]
    if decisions:
        last = max(decisions, key=lambda each: (each.on, each.seq)).what.value
        if last != "reopened":
            return last
    live = [said(story, each, moment) for each in ACTIONS if serves_at(story, concern, each, moment)]
    live = [each for each in live if each != "cancelled"]
    match (bool(live), set(live)):
        case (False, _):
            return "open"
        case (_, alike) if alike == {"complete"}:
            return "addressed"
        case (_, alike) if alike == {"not started"}:
            return "planned"
    return State.IN_PROGRESS.value


TestTelling = Telling.TestCase
