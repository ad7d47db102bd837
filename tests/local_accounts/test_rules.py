"""Where a council stands with its local account on a day: the rules, without a database."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from improvement.dates import ProgrammeYear
from improvement.local_accounts import rules
from improvement.local_accounts.rules import Basis, Position, Published, Reported, Standing, Status, Sureness

DEADLINE = date(2011, 12, 31)
YEAR = ProgrammeYear(2011)
AFTER = date(2012, 3, 31)


def reported(status: Status, on: date, expected: date | None = None, because: str = "", seq: int = 1) -> Reported:
    return Reported("brent", status, on, expected, because, seq)


def published(on: date, basis: Basis = Basis.EXACT, seq: int = 1, title: str = "Our account") -> Published:
    return Published("brent", on, basis, title, "https://www.brent.gov.uk/account", seq)


def stands(*told: Reported | Published, on: date = AFTER, sureness: Sureness | None = None) -> Standing:
    reports = [one for one in told if isinstance(one, Reported)]
    publications = [one for one in told if isinstance(one, Published)]
    return rules.standing("brent", DEADLINE, on, reports, publications, sureness)


class TestSixPositions:
    def test_published_on_time(self) -> None:
        assert stands(published(date(2011, 12, 16))).position is Position.ON_TIME

    def test_published_late(self) -> None:
        assert stands(published(date(2012, 1, 20))).position is Position.LATE

    def test_expected_by_the_deadline(self) -> None:
        found = stands(reported(Status.APPROVED, date(2011, 11, 1), date(2011, 12, 16)), on=date(2011, 12, 1))
        assert (found.position, found.expected_on) == (Position.EXPECTED_BY, date(2011, 12, 16))

    def test_expected_after_the_deadline(self) -> None:
        found = stands(reported(Status.DRAFTING, date(2011, 11, 1), date(2012, 9, 30)), on=date(2011, 12, 1))
        assert (found.position, found.expected_on) == (Position.EXPECTED_AFTER, date(2012, 9, 30))

    def test_no_date_given(self) -> None:
        assert stands(reported(Status.DRAFTING, date(2011, 11, 1))).position is Position.NO_DATE
        assert stands() == Standing("brent", Position.NO_DATE, Status.NOT_STARTED)

    def test_will_not_publish_with_the_reason_given(self) -> None:
        found = stands(reported(Status.WILL_NOT_PUBLISH, date(2011, 11, 1), because="Money is short."))
        assert (found.position, found.because) == (Position.WILL_NOT, "Money is short.")

    def test_there_are_six_and_the_words_on_screen_never_scold(self) -> None:
        said = rules.words(DEADLINE)
        assert len(Position) == 6
        assert said["published late"] == "Published after 31 December"
        assert said["will not publish"] == "Decided not to publish"
        assert not any(word in text.lower() for text in said.values() for word in ("fail", "miss", "late", "overdue"))


class TestDeadline:
    def test_the_last_day_of_december_is_on_time_and_new_years_day_is_late(self) -> None:
        assert stands(published(date(2011, 12, 31))).position is Position.ON_TIME
        assert stands(published(date(2012, 1, 1))).position is Position.LATE

    def test_no_later_than_a_day_after_the_deadline_counts_as_late_and_is_not_confirmed(self) -> None:
        found = stands(published(date(2012, 1, 4), Basis.NO_LATER_THAN))
        assert (found.position, found.not_confirmed) == (Position.LATE, True)

    def test_no_later_than_a_day_by_the_deadline_is_on_time_beyond_doubt(self) -> None:
        found = stands(published(date(2011, 12, 31), Basis.NO_LATER_THAN))
        assert (found.position, found.not_confirmed) == (Position.ON_TIME, False)

    def test_an_exact_day_after_the_deadline_is_late_beyond_doubt(self) -> None:
        assert stands(published(date(2012, 1, 4))).not_confirmed is False


class TestExpectedDates:
    SAID = reported(Status.APPROVED, date(2011, 11, 1), date(2011, 12, 12))

    def test_on_its_day_an_expected_date_still_counts(self) -> None:
        assert stands(self.SAID, on=date(2011, 12, 12)).position is Position.EXPECTED_BY

    def test_once_it_has_passed_no_date_is_given_and_the_one_that_was_is_told(self) -> None:
        found = stands(self.SAID, on=date(2011, 12, 13))
        assert (found.position, found.expected_on, found.passed_on) == (Position.NO_DATE, None, date(2011, 12, 12))

    def test_a_new_date_takes_its_place(self) -> None:
        again = reported(Status.APPROVED, date(2011, 12, 14), date(2012, 1, 20), seq=2)
        assert stands(self.SAID, again, on=date(2011, 12, 15)).position is Position.EXPECTED_AFTER

    def test_a_later_status_without_a_date_takes_the_date_back(self) -> None:
        again = reported(Status.IN_CHALLENGE, date(2011, 11, 20), seq=2)
        assert stands(self.SAID, again, on=date(2011, 12, 1)).position is Position.NO_DATE


class TestWhichFactStands:
    def test_the_latest_day_stands_whatever_was_told_last(self) -> None:
        december = reported(Status.APPROVED, date(2011, 12, 1), seq=1)
        november = reported(Status.DRAFTING, date(2011, 11, 1), seq=2)
        assert stands(december, november).status is Status.APPROVED

    def test_on_equal_days_the_later_recorded_stands(self) -> None:
        first = reported(Status.WILL_NOT_PUBLISH, date(2011, 12, 1), because="x", seq=4)
        second = reported(Status.DRAFTING, date(2011, 12, 1), seq=5)
        assert stands(second, first).status is Status.DRAFTING

    def test_a_publication_outranks_any_status_of_any_day(self) -> None:
        for status in Status:
            said = reported(status, date(2012, 2, 1), date(2012, 6, 1), "x", seq=9)
            assert stands(published(date(2012, 1, 4)), said).status is Status.PUBLISHED

    def test_before_its_day_a_publication_is_not_yet(self) -> None:
        said = reported(Status.APPROVED, date(2011, 12, 1), date(2011, 12, 16))
        assert stands(said, published(date(2011, 12, 16)), on=date(2011, 12, 15)).position is Position.EXPECTED_BY
        assert stands(said, published(date(2011, 12, 16)), on=date(2011, 12, 16)).position is Position.ON_TIME

    def test_a_later_edition_never_changes_whether_it_was_on_time(self) -> None:
        found = stands(published(date(2011, 12, 16), title="First"), published(date(2012, 2, 1), seq=2, title="Second"))
        assert (found.position, found.published_on, found.title) == (Position.ON_TIME, date(2011, 12, 16), "First")

    def test_a_publication_is_reported_until_somebody_has_looked(self) -> None:
        assert stands(published(DEADLINE)).sureness is Sureness.REPORTED
        assert stands(published(DEADLINE), sureness=Sureness.CONFIRMED).sureness is Sureness.CONFIRMED
        assert stands(sureness=Sureness.CONFIRMED).sureness is None


days = st.dates(date(2011, 4, 1), date(2012, 12, 31))
reports = st.builds(
    Reported, st.just("brent"), st.sampled_from(Status), days, st.none() | days, st.just("x"), st.integers(1, 99)
)
publications = st.builds(
    Published, st.just("brent"), days, st.sampled_from(Basis), st.just("t"), st.just("a"), st.integers(1, 99)
)


@given(st.lists(reports, max_size=6), st.lists(publications, max_size=4), days)
def test_every_history_comes_to_one_of_the_six_on_every_day(
    told: list[Reported], out: list[Published], on: date
) -> None:
    found = stands(*told, *out, on=on)
    assert (found.position in rules.PUBLISHED) == any(one.published_on <= on for one in out)
    assert (found.published_on is None) == (found.position not in rules.PUBLISHED)
    assert (found.expected_on is None) == (found.position not in (Position.EXPECTED_BY, Position.EXPECTED_AFTER))
    if found.published_on:
        assert (found.position is Position.ON_TIME) == (found.published_on <= DEADLINE)


@given(st.lists(publications, min_size=1, max_size=4), days)
def test_whether_it_was_on_time_never_changes_once_it_is_published(out: list[Published], on: date) -> None:
    first = min(one.published_on for one in out)
    assert stands(*out, on=max(on, first)).position is stands(*out, on=first).position


class TestSaying:
    def check(self, report: Reported, *out: Published, today: date = date(2012, 1, 9)) -> None:
        rules.check_status(report, out, today)

    def test_any_status_may_follow_any_other(self) -> None:
        for status in Status:
            if status is not Status.PUBLISHED:
                self.check(reported(status, date(2011, 11, 1), because="x"))

    def test_published_needs_the_publications_facts(self) -> None:
        with pytest.raises(rules.PublishedNeedsFacts, match="record the publication: title, address and day"):
            self.check(reported(Status.PUBLISHED, date(2011, 11, 1)))

    @pytest.mark.parametrize("because", ["", "  \n", "\u200b"])
    def test_will_not_publish_needs_the_reason(self, because: str) -> None:
        with pytest.raises(rules.ReasonWanted, match="Publishing is at its discretion"):
            self.check(reported(Status.WILL_NOT_PUBLISH, date(2011, 11, 1), because=because))

    def test_its_day_has_come(self) -> None:
        self.check(reported(Status.DRAFTING, date(2012, 1, 9)))
        with pytest.raises(rules.DayHasNotCome, match="Today is 9 January 2012"):
            self.check(reported(Status.DRAFTING, date(2012, 1, 10)))

    def test_it_is_expected_on_the_day_it_was_said_or_later(self) -> None:
        self.check(reported(Status.DRAFTING, date(2011, 11, 1), date(2011, 11, 1)))
        with pytest.raises(rules.ExpectedInThePast, match="must be 1 November 2011 or later"):
            self.check(reported(Status.DRAFTING, date(2011, 11, 1), date(2011, 10, 31)))

    def test_leaving_published_needs_a_correction(self) -> None:
        with pytest.raises(rules.AlreadyPublished, match=r"published on 16 December 2011.*correct the publication"):
            self.check(reported(Status.DRAFTING, date(2011, 12, 16)), published(date(2011, 12, 16)))

    def test_what_was_said_before_it_was_published_may_still_be_told(self) -> None:
        self.check(reported(Status.DRAFTING, date(2011, 12, 15)), published(date(2011, 12, 16)))


class TestPublishing:
    def check(self, on: date = DEADLINE, address: str = "https://www.brent.gov.uk/account") -> None:
        rules.check_publication(on, date(2010, 4, 1), address, date(2012, 1, 9))

    def test_its_day_has_come(self) -> None:
        self.check(date(2012, 1, 9))
        with pytest.raises(rules.DayHasNotCome):
            self.check(date(2012, 1, 10))

    def test_it_is_not_before_the_period_it_is_about(self) -> None:
        self.check(date(2010, 4, 1))
        with pytest.raises(rules.BeforeItsPeriod, match="begins on 1 April 2010"):
            self.check(date(2010, 3, 31))

    @pytest.mark.parametrize(
        "address",
        [
            "https://www.brent.gov.uk/account.pdf?year=2011#page=3",
            "http://www.brent.gov.uk",
            "HTTPS://WWW.BRENT.GOV.UK/",
            "https://democracy.brent.gov.uk:8443/mgConvert2PDF.aspx?ID=1",
            "https://bwrdd.cymru./cyfrif",
            "https://пример.рф/отчёт",
            "https://www.brent.gov.uk/caf%C3%A9",
        ],
    )
    def test_an_address_people_can_open_is_taken(self, address: str) -> None:
        self.check(address=address)

    @pytest.mark.parametrize(
        "address",
        [
            "", "www.brent.gov.uk", "javascript:alert(1)", "data:text/html,x", "ftp://www.brent.gov.uk/", "https://",
            "https:///account", "https://localhost/", "https://brent/", "https://./", "https://..", "https://.uk/",
            "https://www..uk/", "https://www.brent.gov.uk/an account", " https://www.brent.gov.uk/",
            "https://www.brent.gov.uk/\n", "https://www.brent.gov.uk/\x00", "https://www.brent.gov.uk/\u2028x",
            "https://www.brent.gov.uk/\u202egpj.exe", "https://www.brent.gov.uk/\"onclick=\"x", "https://www.brent.gov.uk/<b>",
            "https://www.brent.gov.uk\\@evil.example", "https://www.brent.gov.uk:99999/", "https://www.brent.gov.uk:0/",
            "https://[::1]/", "https://[www.brent.gov.uk/", "https://www。brent。gov。uk/",
        ],
    )  # fmt: skip
    def test_what_nobody_can_open_is_refused(self, address: str) -> None:
        with pytest.raises(rules.NotAnAddress, match="starting with http:// or https://"):
            self.check(address=address)

    @pytest.mark.parametrize(
        "address",
        ["https://ann@www.brent.gov.uk/", "https://ann:secret@www.brent.gov.uk/", "https://@www.brent.gov.uk/"],
    )
    def test_an_address_carries_no_name_or_password(self, address: str) -> None:
        with pytest.raises(rules.NotAnAddress, match="without a user name or password"):
            self.check(address=address)


class TestPeriod:
    def test_the_year_before_or_more_needs_no_word(self) -> None:
        assert rules.caution(YEAR, date(2010, 4, 1), date(2011, 3, 31)) is None
        assert rules.caution(YEAR, date(2009, 4, 1), date(2011, 9, 30)) is None

    @pytest.mark.parametrize(("begins", "ends"), [("2010-04-02", "2011-03-31"), ("2010-04-01", "2011-03-30")])
    def test_less_is_a_caution_and_never_an_error(self, begins: str, ends: str) -> None:
        said = rules.caution(YEAR, date.fromisoformat(begins), date.fromisoformat(ends))
        assert said == "It covers less than 2010/11, the period the letter suggests as a minimum."
