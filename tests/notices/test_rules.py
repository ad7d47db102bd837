"""Which reminder falls on which day, for whom, and in what words."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from improvement.dates import ProgrammeYear
from improvement.local_accounts.rules import PUBLISHED, Position, Standing, Status
from improvement.notices import rules
from improvement.notices.queries import working_days
from improvement.notices.rules import Digest, Item, Occasion, Reminder

DEADLINE, YEAR = date(2011, 12, 31), ProgrammeYear(2011)
WORKING = working_days()
AUTUMN = [date(2011, 9, 1) + timedelta(days=number) for number in range(180)]


def silent(**more: date) -> Standing:
    return Standing("brent", Position.NO_DATE, Status.DRAFTING, **more)


def expects(day: date) -> Standing:
    position = Position.EXPECTED_BY if day <= DEADLINE else Position.EXPECTED_AFTER
    return Standing("brent", position, Status.DRAFTING, expected_on=day)


def falls(stand: Standing, today: date) -> Reminder | None:
    return rules.reminder(stand, DEADLINE, today, WORKING)


def days_of(stand: Standing) -> dict[date, Reminder]:
    return {day: found for day in AUTUMN if (found := falls(stand, day))}


def item(name: str = "Brent", occasion: Occasion = Occasion.DEADLINE, day: date = DEADLINE, left: int = 7) -> Item:
    return Item(YEAR, name, "london", "London", Reminder(name.lower(), occasion, day, left))


class TestBefore:
    def test_a_day_expected_is_reminded_of_30_7_and_1_working_days_before(self) -> None:
        expected = date(2011, 12, 16)
        found = [day for day, one in days_of(expects(expected)).items() if one.occasion is Occasion.EXPECTED]
        assert found == [date(2011, 11, 4), date(2011, 12, 7), date(2011, 12, 15)]

    def test_the_suggested_date_is_reminded_of_across_christmas(self) -> None:
        found = {day: one.left for day, one in days_of(silent()).items() if one.occasion is Occasion.DEADLINE}
        assert found == {date(2011, 11, 17): 30, date(2011, 12, 20): 7, date(2011, 12, 30): 1}

    def test_a_day_given_that_is_the_deadline_is_one_reminder_and_not_two(self) -> None:
        assert {one.occasion for one in days_of(expects(DEADLINE)).values()} == {Occasion.EXPECTED}

    def test_a_council_that_expects_to_publish_later_is_told_both_days(self) -> None:
        found = falls(expects(date(2012, 1, 20)), date(2011, 12, 20))
        assert found == Reminder("brent", Occasion.DEADLINE, DEADLINE, 7, date(2012, 1, 20))


class TestAfter:
    def test_a_council_without_a_day_is_reminded_on_the_first_working_day_after_and_every_tenth(self) -> None:
        after = [day for day in days_of(silent()) if day > DEADLINE]
        assert after == [date(2012, 1, 3), date(2012, 1, 17), date(2012, 1, 31), date(2012, 2, 14)]

    def test_a_day_that_has_passed_is_asked_about_the_next_working_day(self) -> None:
        passed = silent(passed_on=date(2011, 12, 9))
        assert falls(passed, date(2011, 12, 12)) == Reminder("brent", Occasion.DAY_PASSED, date(2011, 12, 9))
        assert falls(passed, date(2011, 12, 28)) == Reminder("brent", Occasion.DAY_PASSED, date(2011, 12, 9))

    def test_after_the_deadline_a_council_with_a_day_to_come_hears_of_that_day_only(self) -> None:
        late = date(2012, 2, 10)
        assert {one.day for day, one in days_of(expects(late)).items() if DEADLINE < day <= late} == {late}


class TestQuiet:
    @pytest.mark.parametrize("position", [*PUBLISHED, Position.WILL_NOT])
    def test_nothing_goes_about_a_council_that_has_published_or_decided_not_to(self, position: Position) -> None:
        assert days_of(Standing("brent", position, Status.PUBLISHED, passed_on=date(2011, 12, 9))) == {}

    @given(st.sampled_from(AUTUMN), st.sampled_from(AUTUMN))
    def test_nothing_goes_on_a_weekend_or_a_bank_holiday(self, today: date, expected: date) -> None:
        stand = expects(expected) if expected >= today else silent(passed_on=expected)
        found = falls(stand, today)
        assert found is None or WORKING.is_one(today)

    @pytest.mark.parametrize(
        ("today", "runs"),
        [
            (date(2011, 3, 31), False),
            (date(2011, 4, 1), True),
            (date(2012, 2, 29), True),
            (date(2012, 3, 1), False),
        ],
    )
    def test_a_year_has_reminders_until_two_months_after_its_deadline(self, today: date, runs: bool) -> None:
        assert rules.runs(YEAR.first_day, DEADLINE, today) is runs

    @pytest.mark.parametrize(("hour", "time"), [(6, False), (7, True), (12, True)])
    def test_nothing_is_written_before_eight_in_london(self, hour: int, time: bool) -> None:
        assert rules.is_time(datetime(2011, 7, 1, hour, tzinfo=UTC)) is time
        assert rules.is_time(datetime(2011, 12, 1, hour + 1, tzinfo=UTC)) is time


class TestDigests:
    def test_somebody_with_two_councils_and_two_roles_gets_one_message_with_each_council_once(self) -> None:
        told = [
            ("ann@x.org", "you record Brent", item("Brent")),
            ("ann@x.org", "you record Camden", item("Camden")),
            ("ann@x.org", "you coordinate London", item("Brent")),
        ]
        (found,) = rules.digests(told)
        assert [one.name for one in found.items] == ["Brent", "Camden"]
        assert found.because == ("you record Brent", "you record Camden", "you coordinate London")

    def test_an_address_that_stopped_gets_nothing_and_others_theirs(self) -> None:
        told = [("ann@x.org", "", item()), ("bob@x.org", "", item())]
        assert [one.address for one in rules.digests(told, ["ann@x.org"])] == ["bob@x.org"]


class TestWords:
    @pytest.mark.parametrize("occasion", list(Occasion))
    def test_a_message_names_the_council_the_day_the_page_and_how_to_stop(self, occasion: Occasion) -> None:
        digest = Digest("ann@x.org", ("you coordinate London",), (item(occasion=occasion),))
        text = rules.body(digest, "https://t.org", "https://t.org/stop", lambda _: "")
        for said in ("Brent", "31 December 2011", "https://t.org/local-accounts/2011-2012/brent", "https://t.org/stop"):
            assert said in text
        assert rules.FOR_THEM_TO_DECIDE in text
        assert not {"late", "overdue", "fail", "failed", "must"} & set(text.lower().replace(".", " ").split())

    def test_only_somebody_who_cannot_sign_in_gets_the_link_that_does_without(self) -> None:
        told = rules.digests([("ann@x.org", "x", item())])[0]
        assert "without signing in" not in rules.body(told, "u", "s", lambda _: "https://t.org/ok")

    def test_a_coordinator_of_thirty_three_gets_one_readable_list(self) -> None:
        many = tuple(item(f"Council number {number:02}") for number in range(33))
        digest = Digest("ann@x.org", ("you coordinate London",), many)
        assert rules.subject(digest) == "Local accounts: a reminder about 33 councils"
        assert rules.about(digest) == "Council number 00, Council number 01 and 31 more"
        text = rules.body(digest, "https://t.org", "s", lambda _: "")
        assert text.count("All councils of London") == text.count("31 December 2011") == 1
        assert text.count("\n- Council number") == 33
