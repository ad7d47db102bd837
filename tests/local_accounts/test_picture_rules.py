"""Which councils are like one, and how the weeks to the deadline are counted: the rules of the picture."""

from datetime import date

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from improvement.local_accounts.rules import Position, Standing, Status
from improvement.local_accounts.rules.picture import may_add_up, similar, weeks_of
from improvement.sector.rules import Council, CouncilType

DEADLINE = date(2011, 12, 31)
COUNTY = Council("a", "A", "A Council", CouncilType.COUNTY, "london", "London", "100", 400_000, "a.gov.uk", None, None)


def council(slug: str, kind: CouncilType = CouncilType.COUNTY, adults: int = 400_000) -> Council:
    return msgspec.structs.replace(COUNTY, slug=slug, name=slug.upper(), council_type=kind, adults_18plus=adults)


many = st.lists(
    st.builds(
        council, st.text("bcdefgh", min_size=1, max_size=4), st.sampled_from(CouncilType), st.integers(0, 900_000)
    ),
    max_size=30,
    unique_by=lambda one: one.slug,
)


@pytest.mark.parametrize(
    ("all_seen", "of_all", "unseen_read", "told"),
    [
        (True, False, 0, True),
        (False, False, 0, False),
        (False, False, 30, False),
        (False, True, 0, True),
        (False, True, 1, False),
        (False, True, 2, False),
        (False, True, 3, True),
    ],
)
def test_who_does_not_see_all_of_some_councils_is_told_only_the_sum_of_all(
    all_seen: bool, of_all: bool, unseen_read: int, told: bool
) -> None:
    assert may_add_up(all_seen=all_seen, of_all=of_all, unseen_read=unseen_read) is told


def test_the_same_type_comes_first_however_far_in_size_and_they_are_told_by_name() -> None:
    others = [
        council("z", adults=1_000_000),
        council("y", CouncilType.UNITARY),
        council("x", CouncilType.UNITARY, 390_000),
        council("b", CouncilType.UNITARY, 100_000),
    ]
    found = similar(COUNTY, [COUNTY, *others], most=3)
    assert [one.slug for one in found.councils] == ["x", "y", "z"]
    assert found.in_words == (
        "Of its own type there are only 1; the others are those nearest to it in the number of people aged 18 and over."
    )


def test_twice_as_large_is_nearer_than_a_third_as_large() -> None:
    found = similar(COUNTY, [council("half", adults=133_000), council("twice", adults=800_000)], most=1)
    assert [one.slug for one in found.councils] == ["twice"]


def test_a_council_of_its_own_kind_is_told_that_there_is_none_like_it() -> None:
    city = council("city", CouncilType.CITY_OF_LONDON, 7_000)
    found = similar(city, [city, council("b", adults=9_000), council("c", adults=500_000)], most=1)
    assert [one.slug for one in found.councils] == ["b"]
    assert found.in_words.startswith("There is no council like CITY.")
    assert similar(city, [city]).in_words == "There is no other council on the list."


@given(many)
def test_a_council_is_never_like_itself_and_no_nearer_one_of_its_type_is_left_out(others: list[Council]) -> None:
    found = similar(COUNTY, [*others, COUNTY])
    assert COUNTY not in found.councils
    assert len(found.councils) == min(8, len(others))
    assert list(found.councils) == sorted(found.councils, key=lambda one: one.name)
    alike = sum(one.council_type is CouncilType.COUNTY for one in others)
    assert found.of_its_type == min(8, alike)


def published(on: date) -> Standing:
    return Standing("b", Position.ON_TIME, Status.PUBLISHED, published_on=on)


def expected(on: date) -> Standing:
    return Standing("c", Position.EXPECTED_BY, Status.DRAFTING, expected_on=on)


def test_the_weeks_end_on_sundays_and_on_the_deadline() -> None:
    told = weeks_of([], DEADLINE, DEADLINE)
    assert [week.day for week in told[-2:]] == [date(2011, 12, 25), DEADLINE]
    assert len(told) == 14
    assert all(week.day.weekday() == 6 for week in told[:-1])
    assert len(weeks_of([], date(2011, 12, 25), DEADLINE)) == 13, "a Sunday is not told twice"


def test_expected_dates_count_only_in_weeks_to_come() -> None:
    stand = [published(date(2011, 11, 1)), expected(date(2011, 12, 20))]
    told = {week.day: (week.councils, week.projected) for week in weeks_of(stand, DEADLINE, date(2011, 12, 1))}
    assert told[date(2011, 11, 27)] == (1, False)
    assert told[date(2011, 12, 18)] == (1, True)
    assert told[DEADLINE] == (2, True)


@given(st.lists(st.dates(date(2011, 4, 1), date(2012, 3, 31))), st.dates(date(2011, 9, 1), date(2012, 3, 31)))
def test_the_weeks_never_fall_and_never_pass_the_list(days: list[date], on: date) -> None:
    stand = [published(day) if day <= on else expected(day) for day in days]
    counts = [week.councils for week in weeks_of(stand, DEADLINE, on)]
    assert counts == sorted(counts)
    assert counts[-1] == sum(day <= DEADLINE for day in days)
