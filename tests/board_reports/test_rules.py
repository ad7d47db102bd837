"""When reports are due, what state they are in, who may move them on, and who may read what. No database."""

from datetime import UTC, date, datetime

import pytest

from improvement.board_reports import rules
from improvement.board_reports.rules import Audience, Event, State, Step
from improvement.dates import Month, ProgrammeYear

APRIL, DECEMBER, JANUARY = Month(2011, 4), Month(2011, 12), Month(2012, 1)
AT = datetime(2012, 1, 2, 9, tzinfo=UTC)
YEAR = ProgrammeYear(2011)


def life(*steps: Step, by: int = 2) -> list[Event]:
    return [Event(step, by, "secretariat", AT, seq) for seq, step in enumerate(steps, start=1)]


def test_a_month_is_reported_on_when_it_is_over() -> None:
    """December's report can be drafted from 1 January, not on 31 December."""
    rules.check_month_over(DECEMBER, date(2012, 1, 1))
    with pytest.raises(rules.MonthNotOver, match="can be drafted from 1 January 2012"):
        rules.check_month_over(DECEMBER, date(2011, 12, 31))


def test_the_first_round_is_a_month_that_has_begun() -> None:
    rules.check_first_round(DECEMBER, date(2011, 12, 1))
    with pytest.raises(rules.MonthNotBegun):
        rules.check_first_round(JANUARY, date(2011, 12, 31))


def test_a_report_is_about_the_latest_programme_year_that_had_begun() -> None:
    years = [YEAR, ProgrammeYear(2012)]
    assert rules.year_of(Month(2012, 3), years) == YEAR
    assert rules.year_of(Month(2012, 4), years) == ProgrammeYear(2012)
    with pytest.raises(rules.NoProgrammeYear, match="March 2011"):
        rules.year_of(Month(2011, 3), years)


def test_rounds_follow_each_other_by_themselves() -> None:
    months = rules.rounds(APRIL, date(2011, 7, 14), None)
    assert [str(month) for month in months] == ["2011-04", "2011-05", "2011-06", "2011-07"]


def test_rounds_end_when_the_mou_is_closed_and_the_year_is_over() -> None:
    """Closed in June 2012: the last round is June. Closed in January 2012: the year goes on to March."""
    assert rules.last_round(None, YEAR) is None
    assert rules.last_round(date(2012, 6, 30), YEAR) == Month(2012, 6)
    assert rules.last_round(date(2012, 1, 31), YEAR) == Month(2012, 3)
    assert rules.rounds(Month(2012, 2), date(2013, 1, 1), Month(2012, 3))[-1] == Month(2012, 3)


def test_what_is_due_is_every_month_that_is_over_and_has_no_report() -> None:
    """It catches up on what was missed, and never writes one twice."""
    opened = rules.rounds(APRIL, date(2011, 8, 1), None)
    assert rules.months_due(opened, [Month(2011, 5)], date(2011, 8, 1)) == [APRIL, Month(2011, 6), Month(2011, 7)]
    assert rules.months_due(opened, opened, date(2011, 8, 1)) == []


@pytest.mark.parametrize(
    ("steps", "state"),
    [
        ([Step.DRAFTED], State.DRAFT),
        ([Step.DRAFTED, Step.REFRESHED], State.DRAFT),
        ([Step.DRAFTED, Step.SENT], State.WITH_BOARD),
        ([Step.DRAFTED, Step.SENT, Step.RETURNED], State.DRAFT),
        ([Step.DRAFTED, Step.SENT, Step.APPROVED], State.APPROVED),
        ([Step.DRAFTED, Step.SENT, Step.APPROVED, Step.ISSUED], State.ISSUED),
    ],
)
def test_the_last_step_makes_the_state(steps: list[Step], state: State) -> None:
    assert rules.state_of(life(*steps), superseded=False) is state


def test_an_issued_report_is_superseded_by_a_later_version() -> None:
    assert (
        rules.state_of(life(Step.DRAFTED, Step.SENT, Step.APPROVED, Step.ISSUED), superseded=True) is State.SUPERSEDED
    )


@pytest.mark.parametrize("step", [Step.REFRESHED, Step.SENT, Step.RETURNED, Step.APPROVED, Step.ISSUED])
def test_steps_are_taken_in_order(step: Step) -> None:
    """Every step but the one that is next is refused, in a sentence that says what is."""
    taken_from = {Step.REFRESHED: State.DRAFT, Step.SENT: State.DRAFT, Step.ISSUED: State.APPROVED}
    for state in State:
        if taken_from.get(step, State.WITH_BOARD) is state:
            rules.check_step(step, state, DECEMBER)
        else:
            with pytest.raises(rules.AnotherStep, match=f"December 2011 is .*cannot be {step}"):
                rules.check_step(step, state, DECEMBER)


def test_the_narrative_is_editable_in_draft_only() -> None:
    rules.check_writable(State.DRAFT, DECEMBER)
    for state in set(State) - {State.DRAFT}:
        with pytest.raises(rules.AnotherStep):
            rules.check_writable(state, DECEMBER)


def test_whoever_drafted_refreshed_sent_or_wrote_prepared_it() -> None:
    events = [
        *life(Step.DRAFTED, by=2),
        *life(Step.REFRESHED, by=3),
        *life(Step.SENT, by=4),
        *life(Step.APPROVED, by=9),
    ]
    assert rules.preparers(events, [5]) == {2, 3, 4, 5}


def test_the_tracker_prepares_nothing_so_its_sender_does() -> None:
    events = [*life(Step.DRAFTED, by=rules.SERVICE_ID), *life(Step.SENT, by=4)]
    assert rules.preparers(events, []) == {4}


def test_nobody_approves_what_they_prepared() -> None:
    rules.check_approver(9, frozenset({4}))
    with pytest.raises(rules.PreparedByTheChair, match="somebody else must approve it"):
        rules.check_approver(4, frozenset({4}))


def test_figures_are_refreshed_forward_only() -> None:
    later = AT.replace(hour=10)
    rules.check_forward((10, AT), (11, later))
    for after in ((10, later), (9, later), (11, AT)):
        with pytest.raises(rules.OnlyForward):
            rules.check_forward((10, AT), after)


def test_only_an_issued_report_is_restated() -> None:
    rules.check_restating(State.ISSUED, DECEMBER)
    with pytest.raises(rules.AnotherStep):
        rules.check_restating(State.APPROVED, DECEMBER)


def test_a_narrower_audience_reads_more() -> None:
    """The secretariat reads everything, the Board its own and the public's matters, the public its own."""
    assert [[rules.may_read(reader, thing) for thing in Audience] for reader in Audience] == [
        [True, True, True],
        [False, True, True],
        [False, False, True],
    ]


def test_drafts_are_the_secretariats_and_sent_reports_the_boards() -> None:
    assert rules.readers_of(State.DRAFT) is Audience.SECRETARIAT
    assert rules.readers_of(State.WITH_BOARD) is rules.readers_of(State.APPROVED) is Audience.BOARD
    assert rules.readers_of(State.ISSUED) is rules.readers_of(State.SUPERSEDED) is Audience.PUBLIC


def test_the_board_is_told_fewer_than_3() -> None:
    assert rules.shown_count(2, Audience.BOARD) == "fewer than 3"
    assert rules.shown_count(3, Audience.BOARD) is None
    assert rules.shown_count(1, Audience.SECRETARIAT) is None


def test_every_state_has_words_and_says_what_comes_next() -> None:
    for state in State:
        assert rules.STATE_WORDS[state][0].isupper()
        assert rules.what_next(state).endswith(".")
