"""Readings of accounts: which counts, how two are reconciled, what a council replies, and what they add up to."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from sqlalchemy import select

from improvement.access.rules import Role
from improvement.database import Database, correction, record
from improvement.dates import AsAt
from improvement.errors import Conflict, Mistakes, NotAllowed, NotFound
from improvement.local_accounts import commands
from improvement.local_accounts.commands.readings_replies import NewReply
from improvement.local_accounts.queries import readings as queries
from improvement.local_accounts.rules import ReasonWanted
from improvement.local_accounts.rules.readings import (
    THEMES,
    Challenge,
    Covered,
    Engagement,
    Kind,
    NothingToRead,
    NotTwoReadings,
    ReadByTwo,
    Said,
    ThemeRead,
)
from improvement.local_accounts.tables.readings import AccountRead
from tests.local_accounts.people import BOARD, BRENT, DECEMBER, EDITION, WIRRAL, YEAR, Clerk
from tests.local_accounts.readers import TODAY, Library, found, person

SAFEGUARDING = THEMES[1]


def of_theme(reading: queries.Reading | None, theme: str = SAFEGUARDING) -> ThemeRead:
    assert reading is not None
    return next(one for one in reading.themes if one.theme == theme)


class TestWhose:
    def test_a_coordinator_of_the_region_and_the_secretariat_read_and_nobody_else(self, seeded: Database) -> None:
        library = Library(seeded)
        for by in (BRENT, WIRRAL, BOARD, person(seeded, Role.COORDINATOR, "north", region="north-west")):
            with pytest.raises(NotAllowed):
                library.reads(by=by)
        library.reads(by=library.secretariat)
        assert library.stands() is not None

    def test_a_third_person_is_led_to_reconcile(self, seeded: Database) -> None:
        library = Library(seeded)
        library.reads()
        library.reads(by=library.bob)
        with pytest.raises(ReadByTwo, match="reconcile"):
            library.reads(by=library.secretariat)

    def test_the_two_readers_and_the_secretariat_reconcile_and_nobody_else(self, seeded: Database) -> None:
        library = Library(seeded)
        with pytest.raises(NotTwoReadings):
            library.reads(reconciles=True)
        library.reads()
        with pytest.raises(NotTwoReadings):
            library.reads(reconciles=True)
        library.reads(by=library.bob)
        other = person(seeded, Role.COORDINATOR, "cat", region="london")
        with pytest.raises(NotAllowed, match="Those who read it"):
            library.reads(reconciles=True, by=other)
        for by in (library.ann, library.bob, library.secretariat):
            library.reads(reconciles=True, by=by)


class TestWhichCounts:
    def test_the_newest_reading_counts_until_two_are_reconciled(self, seeded: Database) -> None:
        library = Library(seeded)
        library.reads(found(where="4"))
        library.reads(found(covered=Covered.PARTLY, where="5"), by=library.bob)
        assert of_theme(library.stands()).covered is Covered.PARTLY
        library.reads(found(where="4, 5"), reconciles=True)
        assert of_theme(library.stands()) == ThemeRead(SAFEGUARDING, Covered.COVERED, "4, 5")
        kept = library.of()
        assert kept.first
        assert kept.second
        assert kept.reconciled
        assert [one.first.about for one in kept.differences] == [SAFEGUARDING]

    def test_two_that_were_reconciled_count_until_either_is_read_again_or_taken_back(self, seeded: Database) -> None:
        library = Library(seeded)
        library.reads(found(where="4"))
        library.reads(found(where="5"), by=library.bob)
        library.reads(found(where="4, 5"), reconciles=True)
        reconciled = library.at
        again = library.reads(found(where="9"), by=library.bob)
        read_again = library.at
        assert of_theme(library.stands()).where == "9", "the newer reading counts until they are reconciled again"
        assert library.of().reconciled is None
        library.takes_back(again, by=library.bob)
        assert of_theme(library.stands()).where == "4, 5", "as if it had not been read again"
        taken_back = library.at
        third = library.reads(found(where="11"))
        library.reads(found(where="11, 12"), reconciles=True)
        assert of_theme(library.stands()).where == "11, 12"
        library.takes_back(third)
        assert of_theme(library.stands()).where == "4, 5"
        for instant, where in ((reconciled, "4, 5"), (read_again, "9"), (taken_back, "4, 5")):
            assert of_theme(library.stands(AsAt(TODAY.on, instant))).where == where

    def test_what_one_of_two_readers_took_back_is_reconciled_no_more(self, seeded: Database) -> None:
        library = Library(seeded)
        library.reads(found(where="4"))
        second = library.reads(found(where="5"), by=library.bob)
        library.reads(found(where="4, 5"), reconciles=True)
        before = library.at
        library.takes_back(second, by=library.bob)
        assert of_theme(library.stands()).where == "4"
        assert of_theme(library.stands(AsAt(TODAY.on, before))).where == "4, 5"
        library.reads(found(where="6"), by=library.secretariat)
        assert of_theme(library.stands()).where == "6", "another pair, which nobody has reconciled"

    def test_reading_again_takes_the_place_of_ones_own_and_the_earlier_is_kept(self, seeded: Database) -> None:
        library = Library(seeded)
        library.reads(found(where="4"))
        before = library.at
        library.reads(found(where="9"))
        assert of_theme(library.stands()).where == "9"
        assert library.stands(AsAt(TODAY.on, before)) != library.stands()
        assert of_theme(library.stands(AsAt(TODAY.on, before))).where == "4"
        assert [one.reading.kind for one in library.of().versions] == [Kind.FIRST, Kind.FIRST]
        assert len(library.of().current) == 1

    def test_a_reading_taken_back_no_longer_counts_and_the_past_still_knows_it(self, seeded: Database) -> None:
        library = Library(seeded)
        library.reads(found(where="4"))
        second = library.reads(found(where="9"))
        before = library.at
        library.takes_back(second)
        assert of_theme(library.stands()).where == "4"
        assert of_theme(library.stands(AsAt(TODAY.on, before))).where == "9"
        assert library.of().versions[0].taken_back == "Another account was read."
        assert library.stands(AsAt(TODAY.on - timedelta(days=1))) is None
        with pytest.raises(Conflict, match="corrected already"):
            library.takes_back(second)

    def test_taking_back_wants_a_reason_a_right_and_a_reading_of_this_account(self, seeded: Database) -> None:
        library, wirral = Library(seeded), Library(seeded, "wirral", "north-west")
        reading, other = library.reads(), wirral.reads()
        with pytest.raises(ReasonWanted):
            library.takes_back(reading, reason=" ")
        with pytest.raises(NotAllowed):
            library.takes_back(reading, by=library.officer)
        with pytest.raises(NotFound):
            library.takes_back(other)
        with pytest.raises(NotFound):
            library.takes_back(uuid4())

    def test_when_a_reader_takes_theirs_back_somebody_else_may_read(self, seeded: Database) -> None:
        library = Library(seeded)
        first = library.reads()
        library.reads(by=library.bob)
        library.takes_back(first)
        library.reads(by=library.secretariat)
        assert {one.reading.kind for one in library.of().versions} == {Kind.FIRST, Kind.SECOND}
        assert library.of().first is not None

    def test_the_newest_edition_that_was_read_counts(self, seeded: Database) -> None:
        library = Library(seeded)
        old = library.publication
        library.reads(found(where="4"))
        library.clerk.at = library.at
        again = EDITION.__class__("Second edition", "https://www.brent.gov.uk/second", DECEMBER + timedelta(days=30))
        library.publication = library.clerk.publishes(again)
        assert of_theme(library.stands()).where == "4", "nobody has read the new edition yet"
        library.reads(found(where="9"), by=library.bob)
        assert of_theme(library.stands()).where == "9"
        library.publication = old
        library.reads(found(where="5"))
        assert of_theme(library.stands()).where == "9"

    def test_a_reading_follows_its_publication_when_that_is_put_right(self, seeded: Database) -> None:
        library = Library(seeded)
        library.reads()
        library.clerk.at = library.at
        put_right = library.clerk.corrects(library.publication, title="Our own account")
        stands = library.stands()
        assert stands is not None
        assert (stands.publication, stands.title) == (put_right, "Our own account")
        library.reads(by=library.bob)
        assert library.of().second is not None, "both read the same publication, by either of its identities"

    def test_a_reading_of_a_publication_that_was_taken_back_is_shown_and_not_counted(self, seeded: Database) -> None:
        library = Library(seeded)
        library.reads()
        before, library.clerk.at = library.at, library.at
        library.clerk.withdraws(library.publication)
        assert library.stands() is None
        assert [one.reading.publication_stands for one in library.of().versions] == [False]
        assert library.stands(AsAt(TODAY.on, before)) is not None
        with pytest.raises(NothingToRead):
            library.reads()

    def test_only_a_publication_of_this_council_is_read(self, seeded: Database) -> None:
        library, wirral = Library(seeded), Library(seeded, "wirral", "north-west")
        library.publication = wirral.publication
        with pytest.raises(NothingToRead):
            library.reads()

    def test_an_account_for_two_councils_is_read_for_each(self, seeded: Database) -> None:
        library = Library(seeded)
        library.clerk.at = library.at
        shared = library.clerk.corrects(library.publication, serves=["ealing"])
        other = Clerk(seeded, "ealing")
        library.council, library.publication = other.council, shared
        library.reads(found(where="7"))
        assert of_theme(library.stands()).where == "7"

    def test_every_mistake_is_told_at_once(self, seeded: Database) -> None:
        library = Library(seeded)
        wrong = [found(where=""), found(THEMES[0], where="0")]
        with pytest.raises(Mistakes) as refused:
            library.reads(*wrong, challenge=[Challenge.NONE, Challenge.COMPLAINTS])
        assert refused.value.fields.keys() == {"where-1", "where-2", "challenge"}


class TestUpkeep:
    def test_a_reading_that_says_covered_and_not_where_is_told_and_the_rest_are_not(self, seeded: Database) -> None:
        library = Library(seeded)
        library.reads()
        with seeded.reading() as session:
            assert commands.wrong(session) == []
            kept = session.scalars(select(AccountRead)).one()
            values = {"themes": [{"theme": SAFEGUARDING, "covered": "covered", "where": "", "quotation": ""}]}
            broken = correction(kept, reason="By hand.", values=values)
        with seeded.writing() as session:
            record(session, broken, by=1, as_role="service", at=library.at + timedelta(minutes=1))
        with seeded.reading() as session:
            (said,) = commands.wrong(session)
        assert "of brent: Adult safeguarding: enter the page" in said


class TestReplies:
    def test_the_council_agrees_or_disagrees_with_evidence_and_both_stand(self, seeded: Database) -> None:
        library = Library(seeded)
        reading = library.reads()
        library.replies(reading, NewReply(SAFEGUARDING, False, "See page 9."), NewReply("engagement", True))
        kept = library.of()
        assert of_theme(kept.stands).covered is Covered.COVERED
        assert kept.replies[reading, SAFEGUARDING].evidence == "See page 9."
        assert kept.replies[reading, "engagement"].agrees

    def test_nobody_replies_for_a_council(self, seeded: Database) -> None:
        library = Library(seeded)
        reading = library.reads()
        for by in (library.secretariat, library.ann, WIRRAL):
            with pytest.raises(NotAllowed):
                library.replies(reading, NewReply(SAFEGUARDING, True), by=by)

    def test_disagreeing_without_evidence_and_wrong_addresses_are_told_at_once(self, seeded: Database) -> None:
        library = Library(seeded)
        reading = library.reads()
        with pytest.raises(Mistakes) as refused:
            library.replies(
                reading,
                NewReply(THEMES[0], False),
                NewReply(THEMES[1], False, "See this.", "https://ann@www.brent.gov.uk/x"),
                NewReply("football", True),
            )
        assert refused.value.fields.keys() == {"evidence-1", "address-2", "replies"}
        assert library.of().replies == {}

    def test_replying_twice_the_newer_stands_and_the_same_again_adds_nothing(self, seeded: Database) -> None:
        library = Library(seeded)
        reading = library.reads()
        library.replies(reading, NewReply(SAFEGUARDING, False, "See page 9."))
        before = library.at
        assert library.replies(reading, NewReply(SAFEGUARDING, False, "See page 9.")) == []
        library.replies(reading, NewReply(SAFEGUARDING, True))
        assert library.of().replies[reading, SAFEGUARDING].agrees
        assert not library.of(AsAt(TODAY.on, before)).replies[reading, SAFEGUARDING].agrees

    def test_a_reply_that_is_taken_back_leaves_what_was_said_before_and_the_past_knows_it(
        self, seeded: Database
    ) -> None:
        library = Library(seeded)
        reading = library.reads()
        library.replies(reading, NewReply(SAFEGUARDING, True))
        (second,) = library.replies(reading, NewReply(SAFEGUARDING, False, "See page 9."))
        before = library.at
        with pytest.raises(ReasonWanted):
            library.takes_reply_back(second, reason=" ")
        for by in (library.secretariat, library.ann, WIRRAL):
            with pytest.raises(NotAllowed):
                library.takes_reply_back(second, by=by)
        library.takes_reply_back(second)
        assert library.of().replies[reading, SAFEGUARDING].agrees
        assert not library.of(AsAt(TODAY.on, before)).replies[reading, SAFEGUARDING].agrees
        with pytest.raises(Conflict):
            library.takes_reply_back(second)
        for nothing in (reading, uuid4()):
            with pytest.raises(NotFound):
                library.takes_reply_back(nothing)

    def test_a_reply_is_to_the_reading_that_stands(self, seeded: Database) -> None:
        library = Library(seeded)
        with pytest.raises(Conflict):
            library.replies(uuid4(), NewReply(SAFEGUARDING, True))
        old = library.reads()
        library.replies(old, NewReply(SAFEGUARDING, True))
        new = library.reads(found(where="9"))
        with pytest.raises(Conflict, match="Another reading stands"):
            library.replies(old, NewReply(SAFEGUARDING, True))
        assert [reading for reading, _ in library.of().replies] == [old]
        assert library.of().stands
        assert library.of().stands.id == new


class TestCounts:
    def test_every_council_is_counted_once_for_every_theme(self, seeded: Database) -> None:
        library, wirral = Library(seeded), Library(seeded, "wirral", "north-west")
        library.reads(
            found(),
            found(THEMES[0], Covered.NOT_COVERED),
            engagement=Engagement.CONSULTED,
            challenge=[Challenge.SCRUTINY, Challenge.COMPLAINTS],
            weaknesses=Said.YES,
        )
        wirral.reads(found(covered=Covered.PARTLY))
        with seeded.reading() as session:
            coverage = queries.coverage(session, YEAR, TODAY)
            assert coverage[1] == queries.ThemeCoverage(SAFEGUARDING, 1, 1, 0, 0, 150)
            assert coverage[0] == queries.ThemeCoverage(THEMES[0], 0, 0, 1, 1, 150)
            (_, mine, *_) = queries.coverage(session, YEAR, TODAY, {"brent", "ealing"})
            assert mine == queries.ThemeCoverage(SAFEGUARDING, 1, 0, 0, 0, 1)
            engaged = queries.engagement_counts(session, YEAR, TODAY)
            assert (engaged["consulted"], engaged["not known"], engaged["unread"]) == (1, 1, 150)
            challenged = queries.challenge_counts(session, YEAR, TODAY)
            assert (challenged["complaints"], challenged["not known"], challenged["unread"]) == (1, 1, 150)
            weaknesses = queries.balance_counts(session, YEAR, TODAY)[0]
            assert (weaknesses.yes, weaknesses.no, weaknesses.not_known, weaknesses.unread) == (1, 0, 1, 150)
            formats = queries.format_counts(session, YEAR, TODAY)
            assert (formats["not known"], formats["not published"], formats["PDF"]) == (2, 150, 0)
            assert queries.coverage(session, YEAR, AsAt(date(2011, 12, 31)))[0].unread == 152

    @settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        some.lists(
            some.tuples(
                some.sampled_from(["ann", "bob", "secretariat"]),
                some.sampled_from([Covered.COVERED, Covered.PARTLY, Covered.NOT_COVERED, Covered.NOT_KNOWN]),
                some.sampled_from(THEMES),
                some.booleans(),
            ),
            max_size=5,
        )
    )
    def test_coverage_adds_up_to_the_councils_for_any_readings_on_any_day(
        self, shelf: Library, told: list[tuple[str, Covered, str, bool]]
    ) -> None:
        instants = []
        for who, covered, theme, kept in told:
            try:
                reading = shelf.reads(found(theme, covered), by=getattr(shelf, who))
                instants.append(shelf.at)
                if not kept:
                    shelf.takes_back(reading)
            except ReadByTwo:
                pass
            instants.append(shelf.at)
        for as_at in (TODAY, AsAt(date(2011, 1, 1)), *(AsAt(TODAY.on, at) for at in instants)):
            with shelf.database.reading() as session:
                counts = queries.coverage(session, YEAR, as_at)
                few = queries.coverage(session, YEAR, as_at, ["brent", "ealing"])
            assert len(counts) == len(few) == 11
            for one, total in [*((c, 152) for c in counts), *((c, 2) for c in few)]:
                assert one.covered + one.partly + one.not_covered + one.not_known + one.unread == total
            shelf.stands(as_at)


@pytest.fixture
def shelf(seeded: Database) -> Library:
    """One account that is read over and over."""
    return Library(seeded)
