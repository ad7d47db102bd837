"""A programme year's days lie in their order, and what it asks is a short list said once."""

from datetime import date

import pytest

from improvement.dates import ProgrammeYear
from improvement.errors import Mistakes
from improvement.local_accounts.rules import caution, years
from improvement.local_accounts.rules.years import Contents

FIRST, SECOND, THIRD = ProgrammeYear(2011), ProgrammeYear(2012), ProgrammeYear(2013)
TODAY = date(2012, 6, 1)
APRIL, MARCH, DEADLINE = date(2011, 4, 1), date(2012, 3, 31), date(2012, 12, 31)


@pytest.mark.parametrize("which", [FIRST, SECOND, THIRD], ids=str)
def test_any_year_not_set_up_yet_may_be_up_to_the_next(which: ProgrammeYear) -> None:
    assert years.wrong_with_year(which, {FIRST, SECOND, THIRD} - {which}, TODAY) == []


def test_a_year_is_set_up_once() -> None:
    with pytest.raises(years.YearThere, match="2011/12 has been set up already"):
        years.refuse(years.wrong_with_year(FIRST, {FIRST}, TODAY))


@pytest.mark.parametrize("starts", [2010, 1999, 2014, 2102])
def test_a_year_out_of_its_turn_is_refused_with_the_years_that_may_be(starts: int) -> None:
    with pytest.raises(years.YearOutOfReach, match="from 2011/12 to 2013/14"):
        years.refuse(years.wrong_with_year(ProgrammeYear(starts), {FIRST}, TODAY))


@pytest.mark.parametrize("deadline", [date(2012, 3, 31), date(2013, 4, 1), date(1, 1, 1), date(9999, 12, 31)])
def test_a_deadline_outside_its_year_is_refused_with_a_sentence(deadline: date) -> None:
    first, *_ = years.wrong_with_days(SECOND, deadline, APRIL, MARCH)
    assert isinstance(first, years.DeadlineOutsideYear)
    assert "from 1 April 2012 to 31 March 2013" in first.message


@pytest.mark.parametrize("deadline", [date(2012, 4, 1), date(2013, 3, 31)])
def test_the_first_and_the_last_day_of_a_year_may_be_its_deadline(deadline: date) -> None:
    assert years.wrong_with_days(SECOND, deadline, APRIL, MARCH) == []


@pytest.mark.parametrize(("first", "last"), [(MARCH, APRIL), (APRIL, DEADLINE), (APRIL, date(2013, 1, 1))])
def test_a_period_runs_forward_and_is_over_before_the_deadline(first: date, last: date) -> None:
    with pytest.raises(years.PeriodNotBefore):
        years.refuse(years.wrong_with_days(SECOND, DEADLINE, first, last))


def test_everything_that_is_wrong_is_told_at_once_each_at_its_field() -> None:
    found = [
        *years.wrong_with_year(SECOND, {SECOND}, TODAY),
        *years.wrong_with_days(SECOND, date(2011, 6, 1), MARCH, APRIL),
        *years.wrong_with_contents(Contents(("a", "A", "x" * 101), ())),
    ]
    with pytest.raises(Mistakes) as refused:
        years.refuse(found)
    told = refused.value.fields
    assert list(told) == ["year", "deadline", "period_to", "themes", "questions"]
    assert "has 101" in told["themes"]
    assert "“A” is there more than once" in told["themes"]
    years.refuse([])


def test_lines_are_tidied_and_blank_ones_left_out() -> None:
    assert years.lines_of(["  adult   safeguarding \r\n\n productivity", "", "complaints"]) == (
        "adult safeguarding",
        "productivity",
        "complaints",
    )


@pytest.mark.parametrize(
    ("themes", "said"),
    [
        ((), "You entered 0"),
        (tuple(map(str, range(31))), "You entered 31"),
        (("x" * 101,), "has 101"),
        (("Safeguarding", "safeguarding", "SAFEGUARDING"), "there more than once"),
    ],
)
def test_themes_are_one_to_thirty_short_and_each_said_once(themes: tuple[str, ...], said: str) -> None:
    with pytest.raises(years.ContentsUnfit, match=said) as refused:
        years.refuse(years.wrong_with_contents(Contents(themes, ("Why?",))))
    assert refused.value.field == "themes"


def test_thirty_themes_of_a_hundred_characters_fit() -> None:
    assert years.wrong_with_contents(Contents(tuple(f"{at:0100d}" for at in range(30)), ("Why?",))) == []


@pytest.mark.parametrize(
    ("on", "found"), [(date(2000, 1, 1), FIRST), (date(2012, 3, 31), FIRST), (date(2012, 4, 1), SECOND)]
)
def test_the_newest_year_that_has_begun_comes_first(on: date, found: ProgrammeYear) -> None:
    assert years.newest_begun([SECOND, FIRST, THIRD], on) == found
    assert years.newest_begun([], on) is None


def test_an_account_of_less_than_the_period_its_year_suggests_has_a_caution() -> None:
    suggested = (APRIL, date(2012, 6, 30))
    assert caution(SECOND, APRIL, date(2012, 6, 30), suggested) is None
    said = caution(SECOND, APRIL, MARCH, suggested)
    assert said == "It covers less than 1 April 2011 to 30 June 2012, the period suggested as a minimum."


def test_the_year_before_is_the_latest_that_was_set_up() -> None:
    assert years.before([FIRST, THIRD], THIRD) == FIRST
    assert years.before([FIRST, THIRD], FIRST) is None
