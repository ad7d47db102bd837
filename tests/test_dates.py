"""Days, months and years are London's; what is asked of the past is refused when it has not come."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from improvement import dates
from improvement.dates import AsAt, Month, NotADate, NotYet, ProgrammeYear
from improvement.errors import Unreadable

NOON = datetime(2012, 1, 9, 12, tzinfo=UTC)
"""When these questions are asked: 9 January 2012, midday."""


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        ("2012-03-31T22:59:59Z", date(2012, 3, 31)),
        ("2012-03-31T23:00:01Z", date(2012, 4, 1)),
        ("2011-12-31T23:59:59Z", date(2011, 12, 31)),
        ("2012-01-01T00:00:00Z", date(2012, 1, 1)),
        ("2011-06-30T23:30:00Z", date(2011, 7, 1)),
        ("2011-10-30T00:59:59Z", date(2011, 10, 30)),
        ("2011-10-30T23:59:59Z", date(2011, 10, 30)),
        ("2012-02-29T12:00:00Z", date(2012, 2, 29)),
    ],
)
def test_the_day_is_the_one_it_is_in_london(instant: str, day: date) -> None:
    assert dates.london_day(datetime.fromisoformat(instant)) == day


def test_an_hour_before_midnight_at_the_end_of_march_is_already_april_and_another_programme_year() -> None:
    day = dates.london_day(datetime(2012, 3, 31, 23, 0, 1, tzinfo=UTC))
    assert Month.of(day) == Month(2012, 4)
    assert ProgrammeYear.of(day) == ProgrammeYear(2012)


@given(st.dates(date(1900, 1, 2), date(2100, 1, 1)))
def test_a_day_begins_at_the_first_instant_that_london_calls_by_its_name(day: date) -> None:
    begins = dates.start_of(day)
    assert dates.london_day(begins) == day
    assert dates.london_day(begins - timedelta(microseconds=1)) == day - timedelta(days=1)


def test_days_and_instants_are_written_as_people_in_london_write_them() -> None:
    assert dates.in_words(date(2011, 12, 31)) == "31 December 2011"
    assert dates.moment_in_words(datetime(2012, 6, 30, 23, 5, tzinfo=UTC)) == "1 July 2012, 00:05"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "31/12/2011",
        "2011-2-3",
        "2011-02-30",
        "2011-12-32",
        "20111231",
        "2011-W52-6",
        "2011-12-3１",
        "２０１１-12-31",
        "2011-12-31T00:00",
        " 2011-12-31",
        "0000-01-01",
        "tomorrow",
        "x" * 5_000,
    ],
)
def test_what_is_not_a_date_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(NotADate, match="Write it like 2011-12-31"):
        dates.parse_day(text)


class TestMonth:
    def test_a_month_knows_its_first_and_last_day(self) -> None:
        assert (Month(2012, 2).first_day, Month(2012, 2).last_day) == (date(2012, 2, 1), date(2012, 2, 29))

    def test_december_is_followed_by_january_of_the_next_year(self) -> None:
        assert Month(2011, 12).next == Month(2012, 1)
        assert Month(2012, 1).previous == Month(2011, 12)

    @given(st.dates(date(1900, 2, 1), date(9998, 11, 30)))
    def test_every_day_is_in_its_month_and_months_follow_one_another(self, day: date) -> None:
        month = Month.of(day)
        assert month.first_day <= day <= month.last_day
        assert month.next.previous == month == Month.parse(str(month))
        assert month.next.first_day == month.last_day + timedelta(days=1)

    def test_a_month_is_said_in_words(self) -> None:
        assert Month.parse("2011-12").in_words == "December 2011"

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "2011",
            "2011-13",
            "2011-00",
            "2011-1",
            "11-12",
            "1899-12",
            "9999-01",
            "2011-12-01",
            "2011-2012",
            "２０１１-12",
        ],
    )
    def test_what_is_not_a_month_is_refused_with_an_example(self, text: str) -> None:
        with pytest.raises(NotADate, match="Write it like 2011-12, for December 2011"):
            Month.parse(text)


class TestProgrammeYear:
    def test_it_runs_from_the_first_of_april_to_the_end_of_march(self) -> None:
        year = ProgrammeYear.parse("2011-2012")
        assert (year.first_day, year.last_day) == (date(2011, 4, 1), date(2012, 3, 31))
        assert (str(year), year.on_screen) == ("2011-2012", "2011/12")

    def test_the_turn_of_the_century_keeps_two_figures_on_screen(self) -> None:
        assert ProgrammeYear(2099).on_screen == "2099/00"

    @pytest.mark.parametrize(
        ("day", "starts"), [(date(2011, 3, 31), 2010), (date(2011, 4, 1), 2011), (date(2012, 3, 31), 2011)]
    )
    def test_a_day_belongs_to_the_year_that_began_on_the_last_first_of_april(self, day: date, starts: int) -> None:
        assert ProgrammeYear.of(day) == ProgrammeYear(starts)

    @pytest.mark.parametrize(
        "text", ["", "2011-12", "2011/12", "2011-2013", "2012-2011", "1899-1900", "2011-2012-2013", "9999-10000"]
    )
    def test_what_is_not_a_programme_year_is_refused_with_an_example(self, text: str) -> None:
        with pytest.raises(NotADate, match="Write it like 2011-2012"):
            ProgrammeYear.parse(text)


class TestLookingBack:
    def asked(self, **query: str) -> AsAt:
        return AsAt.asked({name.replace("_", "-"): text for name, text in query.items()}, NOON)

    def test_with_no_dates_we_see_today_as_known_now(self) -> None:
        assert self.asked() == AsAt(date(2012, 1, 9), None)

    def test_on_alone_is_a_day_as_known_now(self) -> None:
        assert self.asked(on="2011-12-31") == AsAt(date(2011, 12, 31), None)

    def test_known_at_alone_is_today_as_we_were_told_by_the_end_of_that_london_day(self) -> None:
        found = self.asked(known_at="2011-07-01")
        assert found.on == date(2012, 1, 9)
        assert found.known_at == datetime(2011, 7, 1, 23, tzinfo=UTC) - timedelta(microseconds=1)

    def test_on_and_known_at_may_be_asked_together(self) -> None:
        found = self.asked(on="2011-12-31", known_at="2012-01-02T09:00:00Z")
        assert found == AsAt(date(2011, 12, 31), datetime(2012, 1, 2, 9, tzinfo=UTC))

    def test_as_at_is_both(self) -> None:
        assert self.asked(as_at="2011-12-15") == self.asked(on="2011-12-15", known_at="2011-12-15")

    def test_today_means_now(self) -> None:
        assert self.asked(as_at="2012-01-09") == AsAt(date(2012, 1, 9), None)
        assert self.asked(known_at="2012-01-09").known_at is None

    def test_an_instant_may_be_in_any_time_zone_and_is_kept_in_utc(self) -> None:
        assert self.asked(known_at="2011-07-01T10:00:00+01:00").known_at == datetime(2011, 7, 1, 9, tzinfo=UTC)
        # A plus sign that was not escaped arrives as a space.
        assert self.asked(known_at="2011-07-01T10:00:00 01:00").known_at == datetime(2011, 7, 1, 9, tzinfo=UTC)

    @pytest.mark.parametrize("name", ["as-at", "on", "known-at"])
    @pytest.mark.parametrize("text", ["2012-01-10", "2026-11-23", "9999-12-31"])
    def test_a_day_that_has_not_come_is_refused_at_the_field_it_was_asked_in(self, name: str, text: str) -> None:
        with pytest.raises(NotYet, match=r"has not come yet\. Ask for 9 January 2012 or earlier") as refusal:
            AsAt.asked({name: text}, NOON)
        assert refusal.value.field == name
        assert refusal.value.status == 422

    def test_tomorrow_in_london_has_come_when_it_is_still_today_elsewhere(self) -> None:
        late = datetime(2011, 6, 30, 23, 30, tzinfo=UTC)
        assert AsAt.asked({"on": "2011-07-01"}, late).on == date(2011, 7, 1)

    @pytest.mark.parametrize("text", ["2012-01-09T12:00:01Z", "9999-12-31T23:59:59Z"])
    def test_an_instant_that_has_not_come_is_refused(self, text: str) -> None:
        with pytest.raises(NotYet, match="That instant has not come yet"):
            self.asked(known_at=text)

    def test_an_instant_without_a_time_zone_is_refused(self) -> None:
        with pytest.raises(NotADate, match="Say which time zone"):
            self.asked(known_at="2012-01-02T09:00:00")

    @pytest.mark.parametrize(
        "text",
        [
            "2012-01-02T25:00:00Z",
            "yesterday evening",
            "0001-01-01T00:00:00+14:00",
            "9999-12-31T23:59:59-14:00",
            "2012-01-02T09:00:00Z" * 90,
        ],
    )
    def test_what_is_not_an_instant_is_refused(self, text: str) -> None:
        with pytest.raises(NotADate, match="is not an instant"):
            self.asked(known_at=text)

    @pytest.mark.parametrize("other", ["on", "known-at"])
    def test_as_at_stands_for_both_and_goes_with_neither(self, other: str) -> None:
        with pytest.raises(Unreadable, match="Use either as-at, or on and known-at"):
            AsAt.asked({"as-at": "2011-12-15", other: "2011-12-15"}, NOON)

    @pytest.mark.parametrize("name", ["as-at", "on", "known-at"])
    @pytest.mark.parametrize("text", ["2011-02-30", "15/12/2011", "now"])
    def test_what_is_not_a_date_is_refused_in_every_field(self, name: str, text: str) -> None:
        with pytest.raises(NotADate):
            AsAt.asked({name: text}, NOON)

    def test_the_first_day_there_ever_was_may_be_asked(self) -> None:
        assert self.asked(as_at="0001-01-01").on == date.min
