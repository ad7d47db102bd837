"""The public register has every account of every year once a council, and nothing that is not public."""

from datetime import date, timedelta

import msgspec

from improvement.database import EVER, Database, record
from improvement.dates import AsAt, ProgrammeYear
from improvement.local_accounts import commands
from improvement.local_accounts.commands import NewPublication
from improvement.local_accounts.commands import years as setting
from improvement.local_accounts.queries.register import Entry, announced, everything, register
from improvement.local_accounts.rules import Basis, Format, Status
from improvement.local_accounts.tables.checks import EntryChecked
from tests.local_accounts.people import DECEMBER, EDITION, NOW, SECRETARIAT, YEAR, Clerk

NEXT = ProgrammeYear(2012)


def entries(database: Database, as_at: AsAt = EVER) -> list[Entry]:
    with database.reading() as session:
        return list(everything(session, as_at))


def publish_next_year(database: Database, council: str = "brent") -> None:
    new = setting.NewYear("2012-2013", date(2012, 12, 31), date(2011, 4, 1), date(2012, 3, 31))
    later = NOW + timedelta(days=300)
    with database.writing() as session:
        setting.set_up(session, new, by=SECRETARIAT, at=NOW)
        account = NewPublication("The second", "https://b.example.org/2", date(2013, 1, 10), formats=[Format.PDF])
        commands.publish(session, NEXT, council, account, by=SECRETARIAT, at=later)


def test_every_year_is_there_by_council_and_then_year(seeded: Database) -> None:
    Clerk(seeded).publishes(msgspec.structs.replace(EDITION, serves=["ealing"]))
    publish_next_year(seeded)
    told = entries(seeded)
    assert [one.entry for one in told] == ["brent/2011-2012", "brent/2012-2013", "ealing/2011-2012"]
    assert [(one.on_time, one.days_late) for one in told] == [(True, 0), (False, 10), (True, 0)]
    assert told[2].serves == ("brent", "ealing")
    assert (told[1].period_from, told[1].formats) == (date(2011, 4, 1), ("PDF",))
    with seeded.reading() as session:
        assert [one.year for one in register(session, NEXT, EVER)] == ["2012-2013"]


def test_a_later_edition_is_shown_with_the_day_of_the_first(seeded: Database) -> None:
    clerk = Clerk(seeded)
    clerk.publishes(msgspec.structs.replace(EDITION, basis=Basis.NO_LATER_THAN))
    clerk.publishes(NewPublication("Second edition", "https://b.example.org/2", date(2012, 3, 1)))
    (told,) = entries(seeded)
    assert (told.title, told.published_on, told.edition_on) == ("Second edition", DECEMBER, date(2012, 3, 1))
    assert (told.basis, told.on_time) == ("no later than", True)


def test_it_is_asked_at_any_two_dates(seeded: Database) -> None:
    clerk = Clerk(seeded)
    fact = clerk.publishes()
    then = clerk.at
    clerk.at += timedelta(days=1)
    clerk.withdraws(fact)
    assert entries(seeded) == []
    assert [one.title for one in entries(seeded, AsAt(date(2012, 6, 1), then))] == ["Our account"]
    assert entries(seeded, AsAt(DECEMBER - timedelta(days=1), then)) == []


def test_what_is_not_published_is_nowhere_in_it(seeded: Database) -> None:
    Clerk(seeded).says(Status.WILL_NOT_PUBLISH, note="canary", agreed_by="canary")
    assert entries(seeded) == []
    Clerk(seeded, "wirral").publishes(msgspec.structs.replace(EDITION, note="canary"))
    with seeded.reading() as session:
        told = msgspec.json.encode([everything(session, EVER), announced(session, EVER)])
    assert b"canary" not in told


def test_the_feed_tells_of_an_account_once_and_again_when_it_changes(seeded: Database) -> None:
    clerk = Clerk(seeded)
    fact = clerk.publishes(msgspec.structs.replace(EDITION, serves=["ealing"]))
    Clerk(seeded, "wirral", at=NOW + timedelta(hours=1)).publishes()
    with seeded.reading() as session:
        first = announced(session, EVER)
    assert [one.entry for one in first] == ["wirral/2011-2012", "brent/2011-2012"]
    assert first[1].names == ("Brent", "Ealing")
    clerk.at += timedelta(hours=2)
    clerk.corrects(fact, title="Our account, put right")
    with seeded.reading() as session:
        again = announced(session, EVER)
        assert [one.entry for one in announced(session, EVER, most=1)] == ["brent/2011-2012"]
    assert [one.entry for one in again] == ["brent/2011-2012", "wirral/2011-2012"]
    assert again[0].updated_at > first[1].updated_at
    assert (again[0].title, str(YEAR)) == ("Our account, put right", again[0].year)


def test_it_says_when_the_council_confirmed_its_entry_and_whether_that_still_stands(seeded: Database) -> None:
    clerk = Clerk(seeded)
    fact = clerk.publishes()
    assert [(one.confirmed_on, one.still_confirmed) for one in entries(seeded)] == [(None, False)]
    with seeded.writing() as session:
        clerk.at += timedelta(minutes=1)
        said = EntryChecked(
            year=str(YEAR), council="brent", by_council=True, post="", correct=True, said="", effective_on=NOW.date()
        )
        record(session, said, by=1, as_role="service", at=clerk.at)
    assert [(one.confirmed_on, one.still_confirmed) for one in entries(seeded)] == [(NOW.date(), True)]
    clerk.corrects(fact, title="Put right")
    assert [(one.confirmed_on, one.still_confirmed) for one in entries(seeded)] == [(NOW.date(), False)]
