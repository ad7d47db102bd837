"""A number for each day: added to without changing what it was made from, and added up by any day."""

from collections import Counter
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from improvement.dates import Month
from improvement.funding.days import Adding, Days

DAYS = st.integers(0, 100).map(lambda ahead: date(2011, 11, 20) + timedelta(days=ahead))
NUMBERS = st.lists(st.tuples(DAYS, st.integers(-3, 3)), max_size=30)


def plainly(numbers: list[tuple[date, int]]) -> dict[date, int]:
    """What the numbers of each day come to, where that is not nil."""
    told = Counter[date]()
    for day, number in numbers:
        told[day] += number
    return {day: number for day, number in told.items() if number}


@given(first=NUMBERS, then=NUMBERS, by=DAYS)
def test_what_is_added_adds_up_and_what_was_before_stays(
    first: list[tuple[date, int]], then: list[tuple[date, int]], by: date
) -> None:
    before = Days(plainly(first))
    adding = Adding(before)
    for day, number in then:
        adding.add(day, number)
    after = adding.made()
    assert (dict(before), dict(after)) == (plainly(first), plainly(first + then))
    for days in (before, after):
        assert len(days) == len(dict(days))
        assert bool(days) is (len(days) > 0)
        assert days.by(by) == sum(number for day, number in days.items() if day <= by)
        months = {Month.of(day) for day in days if day <= by}
        whole = {
            month: sum(days.get(day, 0) for day in days if day <= by and Month.of(day) == month) for month in months
        }
        assert {month: number for month, number in days.by_month(by).items() if number} == {
            month: number for month, number in whole.items() if number
        }


def test_months_that_nothing_touches_are_shared() -> None:
    before = Days({date(2011, 4, 1): 1, date(2011, 5, 1): 2})
    adding = Adding(before)
    adding.add(date(2011, 5, 2), 3)
    after = adding.made()
    april, may = (date(2011, month, 1).year * 12 + month - 1 for month in (4, 5))
    assert after._months[april] is before._months[april]
    assert after._months[may] is not before._months[may]
