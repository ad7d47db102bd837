"""What is told of local accounts: by whom, of which council, on which day; and how it is put right."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest
from sqlalchemy import text

from improvement.access.rules import Person
from improvement.database import EVER, Database
from improvement.dates import AsAt
from improvement.errors import Conflict, Mistakes, NotAllowed, NotFound, Refused
from improvement.local_accounts import commands, queries, rules
from improvement.local_accounts.commands import NewCorrection, NewLook, NewPublication, checks
from improvement.local_accounts.commands.readings_replies import NewReply
from improvement.local_accounts.rules import Basis, Format, Position, Status, Sureness
from tests.local_accounts.people import BOARD, BRENT, DECEMBER, EDITION, LONDON, NOW, SECRETARIAT, WIRRAL, YEAR, Clerk
from tests.local_accounts.readers import Library


def edition(**changed: object) -> NewPublication:
    return msgspec.structs.replace(EDITION, **changed)


class TestWhose:
    @pytest.mark.parametrize("by", [SECRETARIAT, LONDON, BRENT], ids=["secretariat", "its region", "its own"])
    def test_those_with_rights_on_it_record_and_the_fact_keeps_their_role(self, seeded: Database, by: Person) -> None:
        fact = Clerk(seeded, by=by).says()
        with seeded.reading() as session:
            (event,) = queries.history(session, YEAR, "brent", EVER)
        assert (event.id, event.recorded_as) == (fact, by.holds[0].role)

    @pytest.mark.parametrize("by", [WIRRAL, BOARD], ids=["another council", "the Board"])
    def test_nobody_else_records_confirms_or_corrects(self, seeded: Database, by: Person) -> None:
        fact = Clerk(seeded).publishes()
        other = Clerk(seeded, by=by)
        for door in (other.says, other.publishes, other.confirms):
            with pytest.raises(NotAllowed):
                door()
        with pytest.raises(NotAllowed):
            other.withdraws(fact)

    def test_a_coordinator_has_no_say_in_another_region(self, seeded: Database) -> None:
        with pytest.raises(NotAllowed):
            Clerk(seeded, "wirral", by=LONDON).says()

    def test_a_council_does_not_confirm_its_own_account(self, seeded: Database) -> None:
        Clerk(seeded, by=BRENT).publishes()
        with pytest.raises(NotAllowed):
            Clerk(seeded, by=BRENT).confirms()

    @pytest.mark.parametrize("council", ["nowhere", "buckinghamshire-ua", "BRENT", "", "x" * 5_000])
    def test_a_council_that_is_not_on_the_years_list_is_not_found(self, seeded: Database, council: str) -> None:
        with pytest.raises(NotFound):
            Clerk(seeded, council).says()

    def test_a_council_is_told_of_only_on_days_it_existed(self, seeded: Database) -> None:
        with pytest.raises(rules.CouncilNotInBeing, match="did not exist on 31 March 2009"):
            Clerk(seeded, "cheshire-east").says(on=date(2009, 3, 31))

    def test_an_account_is_recorded_only_for_councils_one_has_a_say_in(self, seeded: Database) -> None:
        shared = edition(serves=["ealing"])
        with pytest.raises(NotAllowed):
            Clerk(seeded, by=BRENT).publishes(shared)
        assert Clerk(seeded, "ealing").position() is Position.NO_DATE
        Clerk(seeded, by=LONDON).publishes(shared)
        assert Clerk(seeded, "ealing").position() is Position.ON_TIME


class TestDays:
    def test_nothing_is_recorded_of_tomorrow(self, seeded: Database) -> None:
        tomorrow = (NOW + timedelta(days=1)).date()
        with pytest.raises(rules.DayHasNotCome):
            Clerk(seeded).says(on=tomorrow)
        with pytest.raises(rules.DayHasNotCome):
            Clerk(seeded).publishes(edition(published_on=tomorrow))

    def test_a_late_fact_is_true_from_its_day_and_known_from_when_it_was_told(self, seeded: Database) -> None:
        clerk = Clerk(seeded)
        clerk.publishes()
        assert clerk.position(on=DECEMBER) is Position.ON_TIME
        assert clerk.position(on=DECEMBER, known_at=NOW) is Position.NO_DATE


class TestPublications:
    def test_everything_told_is_kept(self, seeded: Database) -> None:
        clerk = Clerk(seeded)
        told = edition(
            basis=Basis.NO_LATER_THAN,
            period_from=date(2010, 4, 1),
            period_to=date(2011, 9, 30),
            by_lead_member=True,
            formats=[Format.PDF, Format.BSL],
            without_web="Libraries",
            serves=["ealing"],
            note="From the cabinet papers",
        )
        clerk.publishes(told)
        with seeded.reading() as session:
            (fact,) = queries.publications_of(session, YEAR, "ealing", EVER)
            assert commands.input_of(fact) == told

    def test_without_a_period_it_is_about_the_year_before(self, seeded: Database) -> None:
        Clerk(seeded).publishes()
        with seeded.reading() as session:
            (fact,) = queries.publications_of(session, YEAR, "brent", EVER)
            assert (fact.period_from, fact.period_to) == (date(2010, 4, 1), date(2011, 3, 31))

    def test_a_period_runs_forwards(self, seeded: Database) -> None:
        with pytest.raises(commands.PeriodBackwards, match="must be after the first"):
            Clerk(seeded).publishes(edition(period_to=date(2009, 1, 1)))

    @pytest.mark.parametrize("serves", [["nowhere"], ["buckinghamshire-ua"], ["ealing", "x" * 5_000]])
    def test_it_serves_councils_on_the_list(self, seeded: Database, serves: list[str]) -> None:
        with pytest.raises(commands.NoSuchCouncilServed, match="is not a council on the list for 2011/12"):
            Clerk(seeded).publishes(edition(serves=serves))

    def test_the_same_publication_twice_is_a_conflict_and_one_fact(self, seeded: Database) -> None:
        clerk = Clerk(seeded)
        clerk.publishes()
        with pytest.raises(rules.RecordedAlready):
            clerk.publishes()
        with seeded.reading() as session:
            assert len(queries.publications_of(session, YEAR, "brent", EVER)) == 1

    def test_a_later_edition_is_kept_beside_the_first_and_changes_nothing(self, seeded: Database) -> None:
        clerk = Clerk(seeded)
        clerk.publishes()
        clerk.publishes(edition(published_on=date(2012, 2, 1), title="Second edition"))
        assert (clerk.position(), clerk.stands().published_on) == (Position.ON_TIME, DECEMBER)

    def test_an_earlier_publication_told_later_is_the_first(self, seeded: Database) -> None:
        clerk = Clerk(seeded)
        clerk.publishes(edition(published_on=date(2012, 2, 1)))
        assert clerk.position() is Position.LATE
        clerk.publishes(edition(published_on=DECEMBER))
        assert clerk.position() is Position.ON_TIME


class TestConfirming:
    def test_there_must_be_something_to_confirm(self, seeded: Database) -> None:
        with pytest.raises(rules.NotPublishedYet, match="has not published yet"):
            Clerk(seeded, by=LONDON).confirms()

    def test_an_account_is_reported_then_reached_then_confirmed_and_never_less_again(self, seeded: Database) -> None:
        clerk, seen = Clerk(seeded, by=LONDON), []
        clerk.publishes()
        seen.append(clerk.stands().sureness)
        for sureness in (Sureness.REACHED, Sureness.CONFIRMED, Sureness.REACHED):
            clerk.confirms(NewLook(sureness))
            with seeded.reading() as session:
                today = AsAt(NOW.date())
                seen.append(queries.of_council(session, YEAR, "brent", today)[1].sureness)
        assert seen == [Sureness.REPORTED, Sureness.REACHED, Sureness.CONFIRMED, Sureness.CONFIRMED]


class TestPuttingRight:
    def test_a_correction_holds_from_when_it_was_made_and_the_past_is_as_it_was_told(self, seeded: Database) -> None:
        clerk = Clerk(seeded)
        fact = clerk.publishes()
        told = clerk.at
        clerk.corrects(fact, published_on="2012-01-04")
        assert (clerk.position(), clerk.stands().published_on) == (Position.LATE, date(2012, 1, 4))
        assert clerk.position(known_at=told) is Position.ON_TIME
        assert clerk.position(on=date(2012, 1, 1)) is Position.NO_DATE

    def test_what_is_not_mentioned_stays_and_null_takes_it_away(self, seeded: Database) -> None:
        clerk = Clerk(seeded)
        fact = clerk.says(expected_on=date(2011, 12, 1), note="On track", source="E-mail")
        again = clerk.corrects(fact, status="in challenge")
        assert (clerk.stands(DECEMBER).status, clerk.stands(DECEMBER).passed_on) == (
            Status.IN_CHALLENGE,
            date(2011, 12, 1),
        )
        clerk.corrects(again, expected_on=None)
        assert clerk.stands(DECEMBER).passed_on is None
        with seeded.reading() as session:
            newest = max(queries.history(session, YEAR, "brent", EVER), key=lambda event: event.recorded_at)
        assert (newest.note, newest.says["source"]) == ("On track", "E-mail")

    def test_taken_back_and_the_taking_back_taken_back(self, seeded: Database) -> None:
        clerk = Clerk(seeded)
        fact = clerk.publishes()
        gone = clerk.withdraws(fact)
        assert clerk.position() is Position.NO_DATE
        without = clerk.at
        clerk.withdraws(gone, "It was ours after all.")
        assert clerk.position() is Position.ON_TIME
        assert clerk.position(known_at=without) is Position.NO_DATE

    def test_leaving_published_is_a_withdrawal_of_the_publication(self, seeded: Database) -> None:
        clerk = Clerk(seeded)
        fact = clerk.publishes()
        with pytest.raises(rules.AlreadyPublished):
            clerk.says(on=date(2012, 1, 9))
        clerk.withdraws(fact)
        clerk.says(on=date(2012, 1, 9))
        assert clerk.stands().status is Status.DRAFTING

    def test_a_status_cannot_be_moved_behind_the_publication(self, seeded: Database) -> None:
        clerk = Clerk(seeded)
        fact = clerk.says()
        clerk.publishes()
        with pytest.raises(rules.AlreadyPublished):
            clerk.corrects(fact, effective_on="2012-02-01")

    def test_a_fact_is_corrected_once(self, seeded: Database) -> None:
        clerk = Clerk(seeded)
        fact = clerk.says()
        clerk.corrects(fact, note="x")
        with pytest.raises(Conflict, match="corrected already"):
            clerk.corrects(fact, note="y")

    @pytest.mark.parametrize(
        ("values", "field"),
        [
            ({"status": "nearly there"}, "status"),
            ({"effective_on": "31/12/2011"}, "effective_on"),
            ({"effective_on": None}, "effective_on"),
            ({"note": "x" * 2_001}, "note"),
            ({"note": 5}, "note"),
            ({"council": "wirral"}, "council"),
            ({"recorded_at": "1900-01-01"}, "recorded_at"),
        ],
    )
    def test_right_values_are_read_as_strictly_as_the_first_ones(
        self, seeded: Database, values: dict[str, Any], field: str
    ) -> None:
        clerk = Clerk(seeded)
        fact = clerk.says()
        with pytest.raises(Mistakes) as refusal:
            clerk.corrects(fact, **values)
        assert set(refusal.value.fields) == {field}

    @pytest.mark.parametrize("reason", ["", " \n ", "\u200b"])
    def test_a_correction_says_why(self, seeded: Database, reason: str) -> None:
        clerk = Clerk(seeded)
        with pytest.raises(rules.ReasonWanted):
            clerk.withdraws(clerk.says(), reason)

    @pytest.mark.parametrize("both", [{"withdrawn": True, "values": {"note": "x"}}, {}])
    def test_it_either_gives_the_right_values_or_withdraws(self, seeded: Database, both: dict[str, object]) -> None:
        clerk = Clerk(seeded)
        new = msgspec.convert({"corrects": str(clerk.says()), "reason": "x", **both}, NewCorrection)
        with pytest.raises(commands.NothingCorrected), seeded.writing() as session:
            commands.correct(session, YEAR, "brent", new, by=SECRETARIAT, at=NOW)

    @pytest.mark.parametrize("by", [SECRETARIAT, BRENT], ids=["secretariat", "officer"])
    def test_a_fact_of_another_council_is_as_little_there_as_one_nobody_told(
        self, seeded: Database, by: Person
    ) -> None:
        theirs, corrected = Clerk(seeded, "wirral").says(), Clerk(seeded, "wirral").says()
        Clerk(seeded, "wirral").corrects(corrected, note="x")
        said = set()
        for fact in (theirs, corrected, uuid4(), UUID(int=0)):
            with pytest.raises(NotFound) as refusal:
                Clerk(seeded, by=by).withdraws(fact)
            said.add(refusal.value.message)
        assert len(said) == 1

    def test_a_look_is_corrected_only_by_those_who_may_look(self, seeded: Database) -> None:
        Clerk(seeded).publishes()
        look = Clerk(seeded, by=LONDON).confirms()
        with pytest.raises(NotAllowed):
            Clerk(seeded, by=BRENT).withdraws(look)
        Clerk(seeded, by=LONDON).corrects(look, sureness="reached")
        assert Clerk(seeded).stands(NOW.date()).sureness is Sureness.REACHED


def test_a_refusal_leaves_nothing(seeded: Database) -> None:
    clerk = Clerk(seeded)
    for told in (edition(address="javascript:alert(1)"), edition(published_on=date(2010, 1, 1)), edition(serves=["x"])):
        with pytest.raises(Refused):
            clerk.publishes(told)
    with seeded.reading() as session:
        assert queries.history(session, YEAR, "brent", EVER) == []


def test_setting_a_year_up_twice_does_it_once(seeded: Database) -> None:
    with seeded.writing() as session:
        commands.set_year(session, YEAR, date(2012, 1, 31), at=NOW)
    with seeded.reading() as session:
        assert queries.year(session, YEAR).deadline == date(2011, 12, 31)


def test_what_is_publicly_known_is_there_on_the_first_day_and_no_day_is_invented(started: Database) -> None:
    with started.reading() as session:
        stand = queries.standings(session, YEAR, EVER)
        told = queries.history(session, YEAR, "wirral", EVER)
    assert all(event.says["source"] for event in told)
    assert sum(queries.counts(stand).values()) == 152


PLANTED_IN = ("status_reported", "account_published", "entry_checked", "reading_answered", "programme_year_set")


class TestCheck:
    """What somebody with the keys to the database put there is named by the fact it was put in."""

    def tampered(self, database: Database, sentence: str) -> list[str]:
        with database.engine.connect() as connection:
            connection = connection.execution_options(writes=True)
            if database.embedded:
                for name in PLANTED_IN:
                    connection.execute(text(f"DROP TRIGGER {name}_no_update"))
            else:
                connection.execute(text("SET LOCAL session_replication_role = replica"))
            connection.execute(text(sentence))
            connection.commit()
        with database.reading() as session:
            return commands.wrong(session)

    def test_nothing_is_wrong_with_what_we_begin_with_nor_with_a_full_story(self, started: Database) -> None:
        clerk = Clerk(started)
        clerk.corrects(clerk.says(Status.WILL_NOT_PUBLISH, date(2011, 12, 20), note="x"), status="drafting")
        clerk.publishes()
        clerk.confirms()
        library = Library(started, "wirral", "north-west")
        library.replies(library.reads(), NewReply("engagement", agrees=True))
        for by, correct in ((SECRETARIAT, True), (library.officer, False)):
            with started.writing() as session:
                new = checks.NewCheck(correct, "" if correct else "The day.")
                checks.check_entry(session, YEAR, "wirral", new, by=by, at=library.at)
        with started.reading() as session:
            assert commands.wrong(session) == []

    @pytest.mark.parametrize(
        ("planted", "named"),
        [
            ("UPDATE status_reported SET status = 'published'", "record the publication"),
            ("UPDATE status_reported SET status = 'will not publish', note = ''", "Enter the reason"),
            ("UPDATE status_reported SET status = 'nonsense'", "nonsense"),
            ("UPDATE status_reported SET effective_on = '2099-01-01'", "must be today or earlier"),
            ("UPDATE status_reported SET council = 'nowhere'", "There is no council"),
            ("UPDATE account_published SET address = 'javascript:alert(1)'", "Enter the whole web address"),
            ("UPDATE account_published SET effective_on = '2001-01-01'", "cannot be published before it"),
            ("UPDATE account_published SET period_to = '2001-01-01'", "must be after the first"),
            ("UPDATE entry_checked SET said = ''", "Enter what is wrong"),
            ("UPDATE entry_checked SET correct = true", "and also what is wrong"),
            ("UPDATE entry_checked SET effective_on = '2099-01-01'", "after the day it was recorded"),
            ("UPDATE entry_checked SET by_council = true", "is said by its contact"),
            ("UPDATE entry_checked SET council = 'nowhere'", "There is no council"),
            ("UPDATE reading_answered SET evidence = ''", "enter what shows otherwise"),
            ("UPDATE reading_answered SET council = 'wirral'", "replies to no reading"),
            ("UPDATE programme_year_set SET period_to = '2012-01-01'", "must be over before the deadline"),
        ],
    )
    def test_each_planted_fault_is_named(self, seeded: Database, planted: str, named: str) -> None:
        library = Library(seeded)
        library.clerk.says(on=date(2011, 6, 1))
        library.replies(library.reads(), NewReply("engagement", agrees=False, evidence="Page 3."))
        with seeded.writing() as session:
            checks.check_entry(session, YEAR, "brent", checks.NewCheck(False, "The day."), by=SECRETARIAT, at=NOW)
        (sentence,) = self.tampered(seeded, planted)
        assert named in sentence
