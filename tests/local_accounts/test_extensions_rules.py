"""Being on time rests on the first publication; more time is agreed before it is over, and changes none of that."""

from datetime import date

import pytest

from improvement.dates import ProgrammeYear
from improvement.errors import Refused
from improvement.local_accounts.rules import extensions
from improvement.local_accounts.rules.extensions import Timeliness

DEADLINE = date(2011, 12, 31)
AGREED, UNTIL, TODAY = date(2011, 12, 1), date(2012, 1, 31), date(2012, 6, 1)
FIRST, SECOND, THIRD, FOURTH = (ProgrammeYear(starts) for starts in range(2011, 2015))
DEADLINES = {year: date(year.starts, 12, 31) for year in (FIRST, SECOND, THIRD, FOURTH)}


@pytest.mark.parametrize(
    ("published", "told"),
    [
        (None, Timeliness(None, None)),
        (date(2011, 12, 31), Timeliness(True, 0)),
        (date(2011, 4, 1), Timeliness(True, 0)),
        (date(2012, 1, 1), Timeliness(False, 1)),
        (date(2012, 12, 31), Timeliness(False, 366)),
    ],
)
def test_an_account_is_on_time_up_to_the_deadline_and_then_late_by_days(
    published: date | None, told: Timeliness
) -> None:
    assert extensions.timeliness(published, DEADLINE) == told


@pytest.mark.parametrize(
    ("published", "on", "missing"),
    [
        (set(), date(2015, 1, 1), None),
        ({FIRST}, date(2011, 12, 31), ()),
        ({FIRST}, date(2012, 12, 31), ()),
        ({FIRST}, date(2013, 1, 1), (SECOND,)),
        ({FIRST, THIRD}, date(2015, 1, 1), (SECOND, FOURTH)),
        ({THIRD}, date(2015, 1, 1), (FOURTH,)),
        ({FIRST, SECOND, THIRD, FOURTH}, date(2015, 1, 1), ()),
    ],
)
def test_the_years_missing_are_those_since_the_first_whose_deadline_has_passed(
    published: set[ProgrammeYear], on: date, missing: tuple[ProgrammeYear, ...] | None
) -> None:
    assert extensions.years_missing(published, DEADLINES, on) == missing


def test_more_time_may_be_agreed_until_the_day_it_is_over() -> None:
    extensions.check(UNTIL, AGREED, DEADLINE, None, TODAY)
    extensions.check(UNTIL, UNTIL, DEADLINE, None, TODAY)
    extensions.check(UNTIL, AGREED, DEADLINE, date(2012, 1, 20), TODAY)


@pytest.mark.parametrize(
    ("until", "agreed_on", "published_on", "field"),
    [
        (UNTIL, date(2012, 6, 2), None, "agreed_on"),
        (DEADLINE, AGREED, None, "until"),
        (date(2012, 1, 31), date(2012, 2, 1), None, "until"),
        (UNTIL, AGREED, AGREED, "agreed_on"),
    ],
    ids=["agreed tomorrow", "no later than the deadline", "over already", "published already"],
)
def test_time_that_cannot_be_is_refused_beside_its_field(
    until: date, agreed_on: date, published_on: date | None, field: str
) -> None:
    with pytest.raises(Refused) as refused:
        extensions.check(until, agreed_on, DEADLINE, published_on, TODAY)
    assert refused.value.field == field
