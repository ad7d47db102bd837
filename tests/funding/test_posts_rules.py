"""What a national post costs month by month, and what its vacancy leaves: exact, whatever happens to its terms."""

from datetime import date, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from improvement.dates import Month, ProgrammeYear
from improvement.errors import Mistakes
from improvement.funding.rules import posts as rules
from improvement.funding.rules.forecasts import months_of
from improvement.funding.rules.posts import PostState, Reached, Terms

YEAR = months_of(ProgrammeYear(2011))
FIRST, LAST = date(2011, 4, 1), date(2012, 3, 31)
APRIL, JUNE, JULY = Month(2011, 4), Month(2011, 6), Month(2011, 7)
COSTS = st.integers(1, 1_000_000_00)
DAYS = st.dates(FIRST, LAST)


def terms(
    starts_on: date = FIRST, ends_on: date = LAST, cost: int = 48_000_00, since: date | None = None, seq: int = 1
) -> Terms:
    decided = since or date(2011, 3, 1)
    return Terms(
        decided_on=decided,
        seq=seq,
        starts_on=starts_on,
        ends_on=ends_on,
        annual_cost_pence=cost,
        applies_from=since or starts_on,
    )


def spent(versions: list[Terms]) -> int:
    return sum(rules.profile(versions, YEAR).values())


def test_a_whole_month_costs_a_twelfth() -> None:
    assert rules.profile([terms()], YEAR) == dict.fromkeys(YEAR, 4_000_00)


def test_part_of_a_month_costs_its_days() -> None:
    plan = rules.profile([terms(starts_on=date(2011, 6, 16), ends_on=date(2011, 7, 10))], YEAR)
    assert plan[JUNE] == 2_000_00
    assert plan[JULY] == 1_290_32
    assert sum(plan.values()) == 3_290_32


def test_pennies_that_do_not_divide_by_twelve_fall_in_the_first_months_of_the_year() -> None:
    plan = rules.profile([terms(cost=100)], YEAR)
    assert list(plan.values()) == [9, 9, 9, 9, 8, 8, 8, 8, 8, 8, 8, 8]


@given(COSTS)
def test_twelve_whole_months_come_to_the_annual_cost_exactly(cost: int) -> None:
    assert spent([terms(cost=cost)]) == cost


@given(COSTS, st.integers(1, 11))
def test_twelve_whole_months_across_two_programme_years_do_too(cost: int, ahead: int) -> None:
    months = [*YEAR, *months_of(ProgrammeYear(2012))][ahead : ahead + 12]
    version = terms(months[0].first_day, months[-1].last_day, cost)
    assert sum(rules.profile([version], months).values()) == cost


@given(COSTS, DAYS)
def test_splitting_the_year_between_two_versions_of_one_cost_changes_nothing(cost: int, day: date) -> None:
    assert rules.profile([terms(cost=cost), terms(cost=cost, since=day, seq=2)], YEAR) == rules.profile(
        [terms(cost=cost)], YEAR
    )


@given(COSTS, DAYS, DAYS)
def test_nothing_is_forecast_before_the_start_or_after_the_end(cost: int, one: date, other: date) -> None:
    start, end = sorted((one, other))
    plan = rules.profile([terms(start, end, cost)], YEAR)
    outside = [month for month in YEAR if month.last_day < start or month.first_day > end]
    assert [plan[month] for month in outside] == [0] * len(outside)


@given(COSTS, COSTS, DAYS, DAYS)
def test_a_change_from_a_day_on_leaves_every_month_before_it_as_it_was(
    before: int, after: int, day: date, end: date
) -> None:
    first = terms(cost=before)
    changed = terms(ends_on=end, cost=after, since=day, seq=2)
    was, now = rules.profile([first], YEAR), rules.profile([first, changed], YEAR)
    assert [now[month] for month in YEAR if month.last_day < day] == [
        was[month] for month in YEAR if month.last_day < day
    ]


def test_the_version_decided_last_holds_from_its_own_day_only() -> None:
    rise = terms(cost=60_000_00, since=date(2011, 10, 1), seq=2)
    plan = rules.profile([terms(), rise], YEAR)
    assert plan[Month(2011, 9)] == 4_000_00
    assert plan[Month(2011, 10)] == 5_000_00
    assert rules.governing([terms(), rise], date(2011, 9, 30)) == terms()
    assert rules.governing([terms(), rise], date(2011, 10, 1)) == rise


def test_of_two_versions_decided_on_one_day_the_one_recorded_last_holds() -> None:
    one, other = terms(cost=1_200_00), msgspec.structs.replace(terms(cost=2_400_00), seq=2)
    assert spent([one, other]) == 2_400_00


def test_a_post_that_starts_later_than_was_thought_costs_nothing_until_then() -> None:
    moved = msgspec.structs.replace(
        terms(starts_on=date(2011, 9, 1)), decided_on=date(2011, 6, 20), applies_from=date(2011, 4, 1), seq=2
    )
    assert spent([terms(), moved]) == 28_000_00


def test_a_post_is_vacant_on_the_days_of_its_term_on_which_nobody_is_in_post() -> None:
    states = [Reached(date(2011, 5, 1), 1, PostState.ADVERTISED), Reached(date(2011, 6, 16), 2, PostState.IN_POST)]
    left = rules.vacancy([terms()], states, date(2011, 8, 31), YEAR)
    assert left[APRIL] == 4_000_00
    assert left[JUNE] == 2_000_00
    assert sum(left.values()) == 10_000_00


def test_a_post_without_any_state_is_vacant_until_the_day_asked_and_no_longer() -> None:
    assert sum(rules.vacancy([terms()], [], date(2011, 6, 30), YEAR).values()) == 12_000_00
    assert sum(rules.vacancy([terms()], [], date(2011, 3, 31), YEAR).values()) == 0


def test_somebody_who_leaves_leaves_the_post_vacant_until_the_next_one_comes() -> None:
    states = [
        Reached(date(2011, 4, 1), 1, PostState.IN_POST),
        Reached(date(2011, 7, 1), 2, PostState.ADVERTISED),
        Reached(date(2011, 9, 1), 3, PostState.IN_POST),
    ]
    assert sum(rules.vacancy([terms()], states, date(2011, 12, 31), YEAR).values()) == 8_000_00


@given(COSTS, st.lists(st.tuples(DAYS, st.sampled_from(list(PostState)))), DAYS)
def test_what_vacancy_leaves_in_a_month_is_never_more_than_the_month_was_to_cost(
    cost: int, steps: list[tuple[date, PostState]], by: date
) -> None:
    states = [Reached(day, seq, state) for seq, (day, state) in enumerate(steps)]
    versions = [terms(cost=cost)]
    plan, left = rules.profile(versions, YEAR), rules.vacancy(versions, states, by, YEAR)
    assert all(0 <= left[month] <= plan[month] for month in YEAR)


@given(st.lists(st.tuples(DAYS, st.sampled_from(list(PostState)))), DAYS)
def test_the_vacant_days_are_exactly_those_without_anybody_in_post(
    steps: list[tuple[date, PostState]], by: date
) -> None:
    states = rules.in_order(Reached(day, seq, state) for seq, (day, state) in enumerate(steps))
    found = {
        span.first + timedelta(days=ahead)
        for span in rules.vacant([terms()], states, by)
        for ahead in range((span.last - span.first).days + 1)
    }
    day, expected = FIRST, set()
    while day <= by:
        now = [step.state for step in states if step.on <= day]
        expected |= {day} if not now or now[-1] != PostState.IN_POST else set()
        day += timedelta(days=1)
    assert found == expected


def test_no_more_can_be_released_than_the_vacancy_left_and_the_allocation_can_spare() -> None:
    assert rules.releasable(10_000_00, 48_000_00, 38_000_00) == 10_000_00
    assert rules.releasable(10_000_00, 40_000_00, 38_000_00) == 2_000_00
    assert rules.releasable(10_000_00, 30_000_00, 38_000_00) == 0


def test_terms_that_cannot_be_are_refused() -> None:
    with pytest.raises(rules.EndsBeforeStart):
        rules.check_terms(terms(starts_on=LAST, ends_on=FIRST))
    with pytest.raises(rules.NotItsDays):
        rules.check_terms(terms(since=date(2012, 4, 2)))
    with pytest.raises(rules.NotItsDays):
        rules.check_terms(terms(ends_on=date.max))
    for wte in (0, 10_01):
        with pytest.raises(rules.NotAWholeTime):
            rules.check_terms(msgspec.structs.replace(terms(), wte_hundredths=wte))
    rules.check_terms(terms(since=date(2012, 4, 1)))


def test_everything_that_is_wrong_with_terms_is_told_at_once() -> None:
    several = msgspec.structs.replace(terms(starts_on=LAST, ends_on=FIRST), wte_hundredths=0)
    with pytest.raises(Mistakes) as told:
        rules.check_terms(several)
    assert set(told.value.fields) == {"wte_hundredths", "ends_on"}


def test_terms_that_do_not_say_hold_from_the_start_and_later_ones_from_the_day_decided() -> None:
    today = date(2011, 8, 1)
    assert rules.first_day(FIRST, LAST, today, []) == FIRST
    assert rules.first_day(FIRST, LAST, today, [terms()]) == today
    assert rules.first_day(FIRST, date(2011, 6, 30), today, [terms()]) == date(2011, 7, 1)


def test_nothing_follows_once_a_post_has_ended_but_anything_may_come_before() -> None:
    ended = Reached(date(2012, 1, 1), 3, PostState.ENDED)
    again = [Reached(date(2011, 5, 1), 1, PostState.IN_POST), Reached(date(2011, 8, 1), 2, PostState.ADVERTISED)]
    rules.check_story([*again, ended])
    with pytest.raises(rules.PostHasEnded, match="ended on 1 January 2012"):
        rules.check_story([*again, ended, Reached(date(2012, 1, 1), 4, PostState.ADVERTISED)])
    with pytest.raises(rules.NotItsDays):
        rules.check_story([Reached(date.min, 1, PostState.PLANNED)])
