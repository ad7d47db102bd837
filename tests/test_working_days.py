"""Working days are Monday to Friday but for England's bank holidays."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from improvement.dates import WorkingDays
from improvement.notices.queries import working_days

CHRISTMAS = WorkingDays(frozenset({date(2011, 12, 26), date(2011, 12, 27), date(2012, 1, 2)}))
DAYS = st.dates(date(2011, 1, 1), date(2013, 12, 31))


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2011, 12, 23), True),
        (date(2011, 12, 24), False),
        (date(2011, 12, 26), False),
        (date(2011, 12, 27), False),
        (date(2011, 12, 28), True),
        (date(2012, 1, 2), False),
        (date(2012, 1, 3), True),
    ],
)
def test_weekends_and_bank_holidays_are_no_working_days(day: date, works: bool) -> None:
    assert CHRISTMAS.is_one(day) is works
    assert working_days().is_one(day) is works, "the file of bank holidays says the same"


@pytest.mark.parametrize(
    ("count", "day"),
    [(1, date(2011, 12, 30)), (3, date(2011, 12, 28)), (4, date(2011, 12, 23)), (0, date(2011, 12, 31))],
)
def test_counting_back_from_the_deadline_leaves_out_christmas(count: int, day: date) -> None:
    assert CHRISTMAS.before(date(2011, 12, 31), count) == day


def test_the_first_working_day_after_the_deadline_is_the_third_of_january() -> None:
    assert CHRISTMAS.after(date(2011, 12, 31), 1) == date(2012, 1, 3)
    assert CHRISTMAS.on_or_after(date(2011, 12, 31)) == date(2012, 1, 3)
    assert CHRISTMAS.on_or_after(date(2012, 1, 3)) == date(2012, 1, 3)


@given(DAYS, st.integers(1, 40))
def test_there_and_back_is_where_one_began(day: date, count: int) -> None:
    begun = working_days().on_or_after(day)
    assert working_days().after(working_days().before(begun, count), count) == begun
    assert working_days().is_one(working_days().before(day, count))
