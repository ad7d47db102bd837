"""What a line is planned to pay and expected to come to, and when that needs explaining."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from improvement.dates import Month, ProgrammeYear
from improvement.funding.rules import forecasts as rules
from improvement.funding.rules.forecasts import Standing, Version

YEAR = rules.months_of(ProgrammeYear(2011))
APRIL, AUGUST, SEPTEMBER, OCTOBER, MARCH = YEAR[0], YEAR[4], YEAR[5], YEAR[6], YEAR[11]
NOTHING = dict.fromkeys(YEAR, 0)


def standing(day: date = date(2011, 9, 10), **said: Any) -> Standing:
    return Standing(**{"day": day, "months": YEAR, "allocated_pence": 100_00, "paid": {}, "planned": NOTHING, **said})


def test_the_months_of_an_mou_are_those_of_its_programme_year() -> None:
    assert (str(YEAR[0]), str(YEAR[-1]), len(YEAR)) == ("2011-04", "2012-03", 12)


def test_without_a_forecast_an_allocation_is_spread_equally_from_the_month_the_mou_was_agreed() -> None:
    plan = rules.spread(100_00, YEAR, date(2011, 6, 15))
    assert list(plan.values()) == [0, 0, *[10_00] * 10]
    assert rules.spread(100_00, YEAR, date(2012, 6, 1))[MARCH] == 100_00


@given(st.integers(0, 10**9), st.dates(date(2011, 1, 1), date(2012, 12, 31)))
def test_a_spread_comes_to_the_allocation_exactly(pence: int, since: date) -> None:
    assert sum(rules.spread(pence, YEAR, since).values()) == pence


def test_a_month_is_planned_as_was_last_forecast_by_its_end() -> None:
    first = Version(date(2011, 8, 1), 1, {AUGUST: 10_00, SEPTEMBER: 20_00, OCTOBER: 30_00})
    second = Version(date(2011, 9, 5), 2, {AUGUST: 99_00, SEPTEMBER: 25_00})
    plan = rules.planned([second, first], NOTHING, date(2011, 9, 10))
    assert (plan[AUGUST], plan[SEPTEMBER], plan[OCTOBER], plan[APRIL]) == (10_00, 25_00, 30_00, 0)
    before = rules.planned([second, first], NOTHING, date(2011, 9, 4))
    assert before[SEPTEMBER] == 20_00


def test_of_two_forecasts_on_one_day_the_one_recorded_last_counts() -> None:
    day = date(2011, 9, 1)
    versions = [Version(day, 2, {OCTOBER: 2}), Version(day, 1, {OCTOBER: 1})]
    assert rules.planned(versions, NOTHING, day)[OCTOBER] == 2


def test_before_its_first_forecast_a_line_was_planned_to_pay_what_it_paid() -> None:
    spread = {AUGUST: 100, SEPTEMBER: 100, OCTOBER: 100}
    paid = {AUGUST: 30}
    assert rules.without_forecast(spread, paid, []) == spread
    given = [Version(date(2011, 9, 12), 1, {OCTOBER: 270})]
    assert rules.without_forecast(spread, paid, given) == {AUGUST: 30, SEPTEMBER: 100, OCTOBER: 100}


def test_a_forecast_line_comes_to_what_was_paid_and_what_is_planned() -> None:
    plan = {**NOTHING, APRIL: 50_00, SEPTEMBER: 20_00, OCTOBER: 30_00}
    now = standing(paid={APRIL: 40_00, SEPTEMBER: 5_00}, planned=plan, is_forecast=True)
    assert rules.outturn(now) == 40_00 + 20_00 + 30_00
    more = standing(paid={APRIL: 40_00, SEPTEMBER: 25_00}, planned=plan, is_forecast=True)
    assert rules.outturn(more) == 40_00 + 25_00 + 30_00


def test_a_line_without_a_forecast_is_expected_to_spend_what_it_was_allocated_or_what_was_paid_if_that_is_more() -> (
    None
):
    assert rules.outturn(standing()) == 100_00
    assert rules.outturn(standing(paid={APRIL: 120_00})) == 120_00


def test_a_post_comes_to_its_profile_less_vacancy_or_what_was_paid_if_that_is_more() -> None:
    plan = dict.fromkeys(YEAR, 10_00)
    assert rules.outturn(standing(planned=plan, vacancy_pence=30_00, is_post=True)) == 90_00
    assert rules.outturn(standing(planned=plan, vacancy_pence=30_00, is_post=True, paid={APRIL: 95_00})) == 95_00


@pytest.mark.parametrize("said", [{}, {"is_post": True, "planned": dict.fromkeys(YEAR, 10_00)}, {"is_forecast": True}])
def test_once_the_year_is_over_a_line_came_to_what_was_paid_and_what_is_owed(said: dict[str, Any]) -> None:
    after = standing(date(2012, 4, 1), paid={APRIL: 40_00}, accrued_pence=7_00, **said)
    assert rules.outturn(after) == 47_00


def test_a_variance_is_explained_in_the_month_it_is_said_and_the_next() -> None:
    assert rules.is_explained(date(2011, 9, 1), date(2011, 9, 30))
    assert rules.is_explained(date(2011, 9, 1), date(2011, 10, 31))
    assert not rules.is_explained(date(2011, 9, 30), date(2011, 11, 1))
    assert not rules.is_explained(None, date(2011, 9, 1))


def test_a_variance_over_the_limit_either_way_needs_explaining_with_its_figures() -> None:
    limit = rules.EXPLAIN_ABOVE
    rules.check_explained("London", 10_000_00, 5_000_00, limit, "")
    rules.check_explained("London", 10_000_00, 4_999_99, limit, "The adviser starts later")
    with pytest.raises(rules.NeedsExplanation, match=r"£4,999.99 with an allocation of £10,000.00: £5,000.01 under"):
        rules.check_explained("London", 10_000_00, 4_999_99, limit, "  ")
    with pytest.raises(rules.NeedsExplanation, match=r"£6,000.00 over"):
        rules.check_explained("London", 0, 6_000_00, limit, "")


@pytest.mark.parametrize(
    ("named", "says"),
    [
        ([], "at least one month"),
        ([("2012-04", 1)], "runs from April 2011 to March 2012"),
        ([("2011-08", 1)], "August 2011 has passed"),
        ([("2011-10", 1), ("2011-10", 2)], "named twice"),
        ([("2011-13", 1)], "not a month"),
        ([("2011-2012", 1)], "not a month"),
        ([("2011-10", -1)], "Enter nothing, or an amount"),
        ([("2011-10", 10**16)], "Enter nothing, or an amount"),
    ],
)
def test_a_forecast_names_each_month_to_come_once(named: list[tuple[str, int]], says: str) -> None:
    with pytest.raises(rules.NotAMonth, match=says):
        rules.check_months(named, YEAR, date(2011, 9, 30))


def test_the_month_a_forecast_is_given_in_may_be_forecast_and_a_month_may_be_nil() -> None:
    given = [("2011-09", 5), ("2011-10", 0)]
    assert rules.check_months(given, YEAR, date(2011, 9, 30)) == {Month(2011, 9): 5, Month(2011, 10): 0}


def test_once_the_mou_has_ended_nothing_more_is_expected() -> None:
    ended = standing(paid={APRIL: 40_00}, planned=dict.fromkeys(YEAR, 10_00), is_forecast=True, is_over=True)
    assert rules.outturn(ended) == 40_00
