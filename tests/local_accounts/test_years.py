"""Programme years are set up one from another, put right, and known as they were; their counts always add up."""

from datetime import date, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from improvement.access.rules import Person
from improvement.database import EVER, Database
from improvement.dates import AsAt, ProgrammeYear, london_day
from improvement.errors import Mistakes, NotAllowed, NotFound, TurnedDown
from improvement.local_accounts import commands, queries
from improvement.local_accounts.commands import NewStatus
from improvement.local_accounts.commands import years as setting
from improvement.local_accounts.commands.years import NewYear, YearCorrection
from improvement.local_accounts.queries import programme
from improvement.local_accounts.rules import Position, Status
from improvement.local_accounts.rules.years import ToldOfCouncil, YearThere
from tests.conftest import LONG
from tests.local_accounts.people import BOARD, BRENT, LONDON, NOW, SECRETARIAT, YEAR, Clerk

NEXT = ProgrammeYear(2012)
NEW = NewYear("2012-2013", date(2012, 12, 31), date(2011, 4, 1), date(2012, 3, 31))
RIGHT = YearCorrection(date(2012, 1, 31), date(2010, 4, 1), date(2011, 3, 31), "The Board moved it.")


def set_up(database: Database, new: NewYear = NEW, by: Person = SECRETARIAT, at: datetime = NOW) -> ProgrammeYear:
    with database.writing() as session:
        return setting.set_up(session, new, by=by, at=at)


def correct(
    database: Database, which: ProgrammeYear, new: YearCorrection = RIGHT, by: Person = SECRETARIAT, at: datetime = NOW
) -> None:
    with database.writing() as session:
        setting.correct(session, which, new, by=by, at=at)


def test_the_first_years_contents_are_what_the_letter_suggests(seeded: Database) -> None:
    with seeded.reading() as session:
        contents = programme.contents(session, YEAR)
    assert (len(contents.themes), len(contents.questions)) == (11, 6)


def test_next_years_contents_are_those_of_this_year_unless_others_are_given(seeded: Database) -> None:
    set_up(seeded, msgspec.structs.replace(NEW, themes=["housing\ncarers"]))
    set_up(seeded, NewYear("2013-2014", date(2013, 12, 31), date(2012, 4, 1), date(2013, 3, 31)))
    with seeded.reading() as session:
        assert programme.contents(session, ProgrammeYear(2013)).themes == ("housing", "carers")
        assert programme.contents(session, ProgrammeYear(2013)).questions == programme.THE_LETTERS.questions
        assert [row.year for row in programme.of_years(session, EVER)] == ["2013-2014", "2012-2013", "2011-2012"]
        assert programme.year_before(session, ProgrammeYear(2013)) == NEXT
        assert programme.year_before(session, YEAR) is None


@pytest.mark.parametrize("by", [LONDON, BRENT, BOARD], ids=["a coordinator", "an officer", "the Board"])
def test_only_the_secretariat_sets_up_years_and_corrects_them(seeded: Database, by: Person) -> None:
    with pytest.raises(NotAllowed):
        set_up(seeded, by=by)
    with pytest.raises(NotAllowed):
        correct(seeded, YEAR, by=by)


def test_a_year_is_set_up_once_whoever_presses_second(seeded: Database) -> None:
    set_up(seeded)
    with pytest.raises(YearThere):
        set_up(seeded)


@pytest.mark.parametrize("year", ["2012", "2012-13", "x", "2012-2014"])
def test_what_is_no_year_is_said_beside_its_field(seeded: Database, year: str) -> None:
    with pytest.raises(Mistakes) as refused:
        set_up(seeded, msgspec.structs.replace(NEW, year=year))
    assert list(refused.value.fields) == ["year"]


def test_a_year_that_was_not_set_up_is_not_found(seeded: Database) -> None:
    with pytest.raises(NotFound):
        correct(seeded, NEXT)


def test_a_corrected_deadline_counts_from_now_on_and_leaves_what_was_known(seeded: Database) -> None:
    clerk = Clerk(seeded)
    clerk.publishes(msgspec.structs.replace(commands.NewPublication("a", "https://a.org", date(2012, 1, 15))))
    before = clerk.at
    assert clerk.position() is Position.LATE
    correct(seeded, YEAR, at=before + timedelta(hours=1))
    assert clerk.position() is Position.ON_TIME
    assert clerk.position(known_at=before) is Position.LATE
    correct(seeded, YEAR, msgspec.structs.replace(RIGHT, deadline=date(2011, 12, 31)), at=before + timedelta(hours=2))
    assert clerk.position() is Position.LATE


def test_contents_that_are_corrected_are_known_as_they_were(seeded: Database) -> None:
    set_up(seeded)
    new = YearCorrection(NEW.deadline, NEW.period_from, NEW.period_to, "Carers were left out.", ["carers"])
    correct(seeded, NEXT, new, at=NOW + timedelta(days=2))
    day = london_day(NOW)
    with seeded.reading() as session:
        assert programme.contents(session, NEXT).themes == ("carers",)
        assert programme.contents(session, NEXT, AsAt(day)).themes == ("carers",)
        told = programme.contents(session, NEXT, AsAt(day, NOW + timedelta(days=1)))
        assert told == programme.THE_LETTERS
        assert len(programme.versions(session, NEXT, EVER)) == 3
    correct(seeded, YEAR, msgspec.structs.replace(RIGHT, themes=["one"]))
    with seeded.reading() as session:
        assert programme.contents(session, YEAR).themes == ("one",)


def test_a_correction_that_changes_nothing_is_refused(seeded: Database) -> None:
    with seeded.reading() as session:
        about = queries.year(session, YEAR)
    same = YearCorrection(about.deadline, about.period_from, about.period_to, "Why not?")
    with pytest.raises(setting.NothingDiffers):
        correct(seeded, YEAR, same)


def test_a_deadline_is_not_moved_to_where_a_council_with_facts_is_not_in_being(seeded: Database) -> None:
    """Cheshire East began on 1 April 2009: the check is on the years that reorganised councils."""
    with seeded.reading() as session:
        assert programme.left_off(session, YEAR, date(2009, 3, 31)) == []
    Clerk(seeded, "cheshire-east").says()
    with seeded.reading() as session:
        assert programme.left_off(session, YEAR, date(2009, 3, 31)) == ["Cheshire East"]
    assert issubclass(ToldOfCouncil, TurnedDown)


def test_the_year_before_stands_beside_this_one(seeded: Database) -> None:
    Clerk(seeded).publishes()
    set_up(seeded)
    with seeded.reading() as session:
        last = programme.earlier(session, NEXT, "brent", EVER)
        assert last is not None
        assert (last.about.year, last.stand.position, last.stand.title) == (YEAR, Position.ON_TIME, "Our account")
        assert programme.earlier(session, YEAR, "brent", EVER) is None
        assert programme.earlier(session, NEXT, "no-such-council", EVER) is None


def test_the_newest_year_that_has_begun_leads(seeded: Database) -> None:
    set_up(seeded)
    with seeded.reading() as session:
        assert programme.newest_begun(session, AsAt(date(2012, 3, 31))) == YEAR
        assert programme.newest_begun(session, AsAt(date(2012, 4, 1))) == NEXT


days = st.dates(date(2011, 4, 1), date(2012, 5, 31))
steps = st.lists(
    st.one_of(
        st.tuples(st.just("deadline"), st.dates(date(2011, 4, 1), date(2012, 3, 31))),
        st.tuples(st.just("says"), st.tuples(st.sampled_from(Status), days, st.none() | days)),
        st.tuples(st.just("publishes"), days),
        st.tuples(st.just("moves"), days),
        st.tuples(st.just("withdraws"), st.none()),
    ),
    max_size=8,
)


def act(database: Database, told: list[tuple[str, Any]]) -> list[datetime]:
    """Do what was drawn, of one council, and of the year; what is refused is refused."""
    clerk, facts, instants = Clerk(database), list[Any](), [NOW]
    for what, value in told:
        clerk.at += timedelta(hours=1)
        try:
            if what == "deadline":
                correct(database, YEAR, msgspec.structs.replace(RIGHT, deadline=value), at=clerk.at)
            elif what == "says":
                facts.append(clerk.says(value[0], value[1], expected_on=value[2], note="x"))
            elif what == "publishes":
                facts.append(clerk.publishes(commands.NewPublication("t", f"https://a.org/{len(facts)}", value)))
            elif facts:
                fact = facts.pop()
                facts.append(clerk.withdraws(fact) if what == "withdraws" else clerk.corrects(fact, note=str(value)))
        except TurnedDown:
            continue
        instants.append(clerk.at)
    return instants


@settings(max_examples=60 if LONG else 8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps, days, st.integers(0, 8))
def test_positions_add_up_to_the_list_and_no_rate_passes_the_whole_for_any_pair_of_dates(
    seeded: Database, told: list[tuple[str, Any]], on: date, which: int
) -> None:
    instants = act(seeded, told)
    with seeded.reading() as session:
        for as_at in (AsAt(on), AsAt(on, instants[which % len(instants)]), EVER):
            councils = {council.slug for council in queries.expected(session, YEAR, as_at.known_at)}
            counted = queries.counts(queries.standings(session, YEAR, as_at))
            assert set(queries.standings(session, YEAR, as_at)) == councils
            assert sum(counted.values()) == len(councils) == 152
            (row,) = programme.of_years(session, as_at)
            assert 0 <= row.published <= row.councils == 152


def test_a_status_of_next_year_is_told_beside_this_years(seeded: Database) -> None:
    set_up(seeded)
    Clerk(seeded).publishes()
    with seeded.writing() as session:
        new = NewStatus(Status.PLANNED, london_day(NOW))
        commands.report_status(session, NEXT, "brent", new, by=BRENT, at=NOW)
    with seeded.reading() as session:
        assert queries.of_council(session, NEXT, "brent", EVER)[1].status is Status.PLANNED
        assert queries.of_council(session, YEAR, "brent", EVER)[1].status is Status.PUBLISHED
