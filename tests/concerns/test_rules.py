"""What makes a concern open, addressed or closed, an action overdue, and who may know. No database."""

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest

from improvement.access.rules import NOBODY, SERVICE, Held, Person, Role
from improvement.concerns import rules
from improvement.concerns.rules import (
    Decision,
    Level,
    Progress,
    Rag,
    Sensitivity,
    Severity,
    Source,
    State,
    evidence_rag,
    sight,
    state_from,
)
from improvement.concerns.story.checked import check
from improvement.concerns.story.derived import derive
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

JUNE, JULY, AUGUST, LATER = date(2011, 6, 1), date(2011, 7, 1), date(2011, 8, 1), date(2012, 3, 1)


def raised(on: date = JUNE, ref: str = "C-1", **other: Any) -> Raised:
    usual: dict[str, Any] = {
        "council": "brent",
        "title": "Waiting times",
        "description": "",
        "themes": (),
        "severity": Severity.HIGH,
        "sensitivity": Sensitivity.PUBLIC,
        "source": Source.COMPLAINTS,
    }
    return Raised(on=on, seq=1, id=uuid4(), ref=ref, **usual | other)


def planned(
    on: date = JUNE, ref: str = "A-1", target_on: date = LATER, council: str = "brent", **other: Any
) -> Planned:
    words = dict.fromkeys(("title", "outcome", "measure", "owner"), "")
    return Planned(
        on=on, seq=2, id=uuid4(), ref=ref, council=council, year="2011-2012", target_on=target_on, **words, **other
    )


def serves(on: date = JUNE, concern: str = "C-1", action: str = "A-1", seq: int = 3) -> Linked:
    return Linked(on=on, seq=seq, concern=concern, action=action, serves=True)


def updated(on: date, state: Progress, action: str = "A-1", seq: int = 10) -> Updated:
    return Updated(on=on, seq=seq, action=action, state=state, because="It stopped" if state == "cancelled" else "")


def moved_to(**told: Any) -> Moved:
    return Moved(id=uuid4(), **told)


def decided(on: date, what: Decision, by: int = 9, seq: int = 20) -> Decided:
    return Decided(on=on, seq=seq, by=by, concern="C-1", what=what)


def told(*facts: Told | Hand) -> Story:
    """The facts of a story, sorted into their kinds."""
    kinds: dict[str, type] = {
        "raised": Raised,
        "planned": Planned,
        "sensitivities": SensitivitySet,
        "links": Linked,
        "updates": Updated,
        "moves": Moved,
        "decisions": Decided,
        "escalations": Escalation,
        "hands": Hand,
    }
    return Story(**{name: tuple(fact for fact in facts if type(fact) is kind) for name, kind in kinds.items()})


WITH_ACTION = (raised(), planned(), serves())


def state(*facts: Told, on: date = LATER) -> State:
    return derive(told(*facts), on).concerns["C-1"].state


class TestStateOfAConcern:
    def test_it_is_open_while_nothing_is_planned(self) -> None:
        assert state(raised()) is State.OPEN

    def test_it_is_planned_when_no_action_has_started(self) -> None:
        assert state(*WITH_ACTION) is State.PLANNED

    def test_it_is_in_progress_when_an_action_is(self) -> None:
        assert state(*WITH_ACTION, updated(JULY, Progress.IN_PROGRESS)) is State.IN_PROGRESS

    def test_it_is_in_progress_when_one_action_is_complete_and_another_has_not_started(self) -> None:
        assert state_from([Progress.COMPLETE, Progress.NOT_STARTED]) is State.IN_PROGRESS

    def test_it_is_addressed_and_not_closed_when_every_action_is_complete(self) -> None:
        assert state(*WITH_ACTION, updated(JULY, Progress.COMPLETE)) is State.ADDRESSED

    def test_cancelled_actions_are_left_out(self) -> None:
        assert state_from([Progress.CANCELLED, Progress.COMPLETE]) is State.ADDRESSED

    def test_it_is_open_again_when_every_action_is_cancelled(self) -> None:
        assert state(*WITH_ACTION, updated(JULY, Progress.CANCELLED)) is State.OPEN

    def test_it_is_closed_when_somebody_confirms_it(self) -> None:
        closed = (*WITH_ACTION, updated(JULY, Progress.COMPLETE), decided(AUGUST, Decision.CLOSED))
        assert state(*closed) is State.CLOSED
        assert state(*closed, on=AUGUST - timedelta(days=1)) is State.ADDRESSED

    def test_reopened_it_stands_as_its_actions_say(self) -> None:
        reopened = (decided(AUGUST, Decision.CLOSED), decided(LATER, Decision.REOPENED, seq=21))
        assert state(*WITH_ACTION, updated(JULY, Progress.COMPLETE), *reopened) is State.ADDRESSED

    def test_on_one_day_the_later_told_stands(self) -> None:
        same_day = (updated(JULY, Progress.IN_PROGRESS, seq=10), updated(JULY, Progress.COMPLETE, seq=11))
        assert state(*WITH_ACTION, *same_day) is State.ADDRESSED

    def test_it_is_not_there_before_it_was_raised(self) -> None:
        assert derive(told(raised()), JUNE - timedelta(days=1)).concerns == {}


class TestRules:
    """Each is tried on the whole story, later-dated facts included."""

    def test_a_complete_action_is_needed_to_close(self) -> None:
        with pytest.raises(rules.NotAddressed):
            check(told(*WITH_ACTION, decided(AUGUST, Decision.CLOSED)))

    def test_whoever_planned_or_updated_an_action_does_not_close(self) -> None:
        done = (*WITH_ACTION, updated(JULY, Progress.COMPLETE))
        check(told(*done, decided(AUGUST, Decision.CLOSED, by=9), Hand("A-1", 4, 10)))
        with pytest.raises(rules.OwnsAnAction):
            check(told(*done, decided(AUGUST, Decision.CLOSED, by=4), Hand("A-1", 4, 10)))

    def test_it_may_be_closed_on_the_day_its_action_was_completed(self) -> None:
        check(told(*WITH_ACTION, updated(JULY, Progress.COMPLETE), decided(JULY, Decision.CLOSED)))

    def test_an_update_told_later_that_day_more_exactly_does_not_undo_the_closing(self) -> None:
        check(told(*WITH_ACTION, updated(JULY, Progress.COMPLETE, seq=30), decided(JULY, Decision.CLOSED, seq=20)))

    def test_an_update_of_before_the_closing_cannot_take_back_that_it_was_addressed(self) -> None:
        closed = (*WITH_ACTION, updated(JUNE, Progress.COMPLETE), decided(AUGUST, Decision.CLOSED))
        with pytest.raises(rules.NotAddressed):
            check(told(*closed, updated(JULY, Progress.IN_PROGRESS, seq=40)))

    def test_nothing_is_linked_to_a_closed_concern(self) -> None:
        closed = (*WITH_ACTION, updated(JULY, Progress.COMPLETE), decided(AUGUST, Decision.CLOSED))
        with pytest.raises(rules.SettledAlready):
            check(told(*closed, planned(ref="A-2"), serves(LATER, action="A-2", seq=50)))

    def test_it_is_accepted_only_when_nothing_is_planned(self) -> None:
        check(told(raised(), decided(JULY, Decision.ACCEPTED)))
        with pytest.raises(rules.SomethingIsPlanned):
            check(told(*WITH_ACTION, decided(JULY, Decision.ACCEPTED)))

    def test_only_what_was_settled_is_reopened(self) -> None:
        with pytest.raises(rules.NotSettled):
            check(told(raised(), decided(JULY, Decision.REOPENED)))

    def test_nothing_is_told_of_an_action_before_it_was_planned(self) -> None:
        with pytest.raises(rules.BeforeItBegan):
            check(told(planned(JULY), updated(JUNE, Progress.COMPLETE)))

    def test_what_others_rest_on_cannot_be_taken_away(self) -> None:
        with pytest.raises(rules.BeforeItBegan):
            check(told(raised(), serves()))

    def test_an_action_serves_concerns_of_its_own_council(self) -> None:
        with pytest.raises(rules.OtherCouncil):
            check(told(raised(), planned(council="barnet"), serves()))

    def test_an_action_serves_a_concern_once(self) -> None:
        with pytest.raises(rules.LinkedAlready):
            check(told(*WITH_ACTION, serves(seq=4)))

    def test_an_action_may_serve_several_concerns(self) -> None:
        check(told(*WITH_ACTION, raised(ref="C-2"), serves(concern="C-2", seq=4)))

    def test_a_target_is_not_moved_before_the_start(self) -> None:
        move = moved_to(on=JULY, seq=11, action="A-1", target_on=JUNE)
        with pytest.raises(rules.NotASaneDate):
            check(told(planned(start_on=JULY), move))

    def test_an_answer_comes_from_where_it_was_asked(self) -> None:
        asked = Escalation(on=JUNE, seq=5, concern="C-1", level=Level.REGION, answers=False)
        check(told(raised(), asked, Escalation(on=JULY, seq=6, concern="C-1", level=Level.REGION, answers=True)))
        with pytest.raises(rules.NotThisWay):
            check(told(raised(), asked, Escalation(on=JULY, seq=6, concern="C-1", level=Level.BOARD, answers=True)))

    def test_cancelling_needs_a_reason(self) -> None:
        with pytest.raises(rules.ReasonWanted):
            rules.check_cancelled(Progress.CANCELLED, " ")

    @pytest.mark.parametrize("year", [1999, 2100])
    def test_a_target_date_can_be_meant(self, year: int) -> None:
        with pytest.raises(rules.NotASaneDate):
            rules.check_dates(None, date(year, 6, 1))

    def test_a_council_asks_its_region_before_the_board(self) -> None:
        with pytest.raises(rules.NotThisWay):
            rules.check_level(Level.BOARD, Role.OFFICER, answers=False)
        rules.check_level(Level.BOARD, Role.COORDINATOR, answers=False)


class TestActionsAndTheirDates:
    TARGET = date(2011, 9, 30)

    @pytest.mark.parametrize(
        ("state", "heard_on", "on", "expected"),
        [
            (Progress.IN_PROGRESS, date(2011, 9, 29), date(2011, 10, 1), Rag.RED),
            (Progress.NOT_STARTED, date(2011, 9, 29), date(2011, 9, 30), Rag.GREEN),
            (Progress.IN_PROGRESS, date(2011, 8, 1), date(2011, 8, 31), Rag.AMBER),
            (Progress.IN_PROGRESS, date(2011, 8, 2), date(2011, 8, 31), Rag.GREEN),
            (Progress.IN_PROGRESS, date(2011, 6, 1), date(2011, 8, 30), Rag.GREEN),
            (Progress.COMPLETE, date(2011, 6, 1), date(2012, 3, 1), Rag.COMPLETE),
            (Progress.CANCELLED, date(2011, 6, 1), date(2012, 3, 1), None),
        ],
        ids=[
            "overdue is red",
            "the target date itself is not overdue",
            "due within 30 days and silent for 30 is amber",
            "due within 30 days and heard of 29 days ago is green",
            "due in 31 days is green, however silent",
            "complete is complete",
            "cancelled has none",
        ],
    )
    def test_the_evidence_decides(self, state: Progress, heard_on: date, on: date, expected: Rag | None) -> None:
        assert evidence_rag(state, self.TARGET, heard_on, on) is expected

    def test_every_move_is_kept_and_the_later_ones_are_slips(self) -> None:
        moves = (
            moved_to(on=JULY, seq=5, action="A-1", target_on=date(2011, 10, 10), because="Staff"),
            moved_to(on=AUGUST, seq=6, action="A-1", target_on=date(2011, 10, 5), because="Sooner"),
            moved_to(on=LATER, seq=7, action="A-1", target_on=date(2012, 10, 5), because="Later still"),
        )
        action = derive(told(planned(target_on=self.TARGET), *moves), AUGUST).actions["A-1"]
        assert (action.first_target_on, action.target_on) == (self.TARGET, date(2011, 10, 5))
        assert [move.days for move in action.moves] == [10, -5]
        assert (len(action.slips), action.days_slipped) == (1, 10)


def person(*holds: Held) -> Person:
    return Person(5, "Somebody", "", holds)


LOCAL = [Held(Role.SECRETARIAT), Held(Role.COORDINATOR, region="london"), Held(Role.OFFICER, council="brent")]
BOARD = [Held(Role.BOARD), Held(Role.CHAIR)]
ELSEWHERE = [Held(Role.COORDINATOR, region="north-west"), Held(Role.OFFICER, council="barnet")]


class TestWhoMayKnow:
    @pytest.mark.parametrize("held", LOCAL, ids=lambda held: held.role)
    @pytest.mark.parametrize("sensitivity", Sensitivity)
    def test_the_council_its_coordinator_and_the_secretariat_know_everything(
        self, held: Held, sensitivity: Sensitivity
    ) -> None:
        assert sight(person(held)).sees("brent", "london", sensitivity)

    @pytest.mark.parametrize("held", BOARD, ids=lambda held: held.role)
    def test_the_board_knows_all_but_the_restricted(self, held: Held) -> None:
        seen = {each: sight(person(held)).sees("brent", "london", each) for each in Sensitivity}
        assert seen == {Sensitivity.PUBLIC: True, Sensitivity.BOARD: True, Sensitivity.RESTRICTED: False}

    @pytest.mark.parametrize("held", ELSEWHERE, ids=lambda held: held.role)
    @pytest.mark.parametrize("sensitivity", Sensitivity)
    def test_other_councils_and_regions_know_nothing(self, held: Held, sensitivity: Sensitivity) -> None:
        assert not sight(person(held)).sees("brent", "london", sensitivity)

    def test_nobody_in_particular_knows_nothing_and_the_tracker_everything(self) -> None:
        assert not sight(NOBODY).sees("brent", "london", Sensitivity.PUBLIC)
        assert sight(SERVICE).sees("brent", "london", Sensitivity.RESTRICTED)

    def test_rights_add_up(self) -> None:
        both = sight(person(Held(Role.BOARD), Held(Role.OFFICER, council="brent")))
        assert both.sees("brent", "london", Sensitivity.RESTRICTED)
        assert both.sees("barnet", "london", Sensitivity.BOARD)
        assert not both.sees("barnet", "london", Sensitivity.RESTRICTED)

    def test_an_action_is_as_open_as_the_most_open_concern_it_serves(self) -> None:
        both = [Sensitivity.RESTRICTED, Sensitivity.PUBLIC]
        assert rules.sensitivity_of_action(both, both) is Sensitivity.PUBLIC

    def test_an_action_that_serves_none_any_more_is_as_closed_as_it_ever_was(self) -> None:
        assert rules.sensitivity_of_action([], [Sensitivity.PUBLIC, Sensitivity.RESTRICTED]) is Sensitivity.RESTRICTED

    def test_an_action_of_the_plan_that_never_served_a_concern_may_be_seen_by_the_board(self) -> None:
        assert rules.sensitivity_of_action([], []) is Sensitivity.BOARD

    def test_sensitivity_changes_from_its_day_on(self) -> None:
        story = told(raised(), SensitivitySet(on=JULY, seq=5, concern="C-1", sensitivity=Sensitivity.BOARD))
        by_day = [derive(story, on).concerns["C-1"].sensitivity for on in (JUNE, JULY)]
        assert by_day == [Sensitivity.PUBLIC, Sensitivity.BOARD]

    @pytest.mark.parametrize(("count", "shown"), [(0, "fewer than 3"), (2, "fewer than 3"), (3, "3")])
    def test_the_board_is_told_a_small_national_count_only_as_small(self, count: int, shown: str) -> None:
        assert rules.few(count) == shown
