"""More time is agreed by those who may, put right, taken back and known as it was; on time stays what it was."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest

from improvement.access.rules import Person
from improvement.database import EVER, Database
from improvement.dates import AsAt, ProgrammeYear
from improvement.errors import Mistakes, NotAllowed, NotFound, Refused
from improvement.local_accounts import commands, queries
from improvement.local_accounts.commands import extensions as agreeing
from improvement.local_accounts.commands import years as setting
from improvement.local_accounts.commands.extensions import NewExtension
from improvement.local_accounts.queries.extensions import Extension, extensions
from improvement.local_accounts.rules import Position, Status
from tests.local_accounts.people import BOARD, BRENT, EDITION, LONDON, NOW, SECRETARIAT, YEAR, Clerk

JANUARY = date(2012, 1, 31)
NEW = NewExtension(JANUARY, "Elections.", "Ann Lee, director", date(2011, 12, 1))


def agree(database: Database, new: NewExtension = NEW, by: Person = LONDON, at: datetime = NOW) -> UUID:
    with database.writing() as session:
        return agreeing.agree(session, YEAR, "brent", new, by=by, at=at)


def standing(database: Database, as_at: AsAt = EVER) -> Extension | None:
    with database.reading() as session:
        return extensions(session, YEAR, as_at).get("brent")


@pytest.mark.parametrize("by", [LONDON, SECRETARIAT], ids=["its coordinator", "the secretariat"])
def test_more_time_is_agreed_by_its_coordinator_or_the_secretariat(seeded: Database, by: Person) -> None:
    fact = agree(seeded, by=by)
    told = standing(seeded)
    assert told is not None
    assert (told.id, told.until, told.because, told.agreed_by) == (fact, JANUARY, "Elections.", "Ann Lee, director")


@pytest.mark.parametrize("by", [BRENT, BOARD], ids=["the council", "the Board"])
def test_nobody_else_agrees_to_it_or_corrects_it(seeded: Database, by: Person) -> None:
    with pytest.raises(NotAllowed):
        agree(seeded, by=by)
    fact = agree(seeded)
    with pytest.raises(NotAllowed):
        Clerk(seeded, by=by).withdraws(fact)


def test_a_coordinator_agrees_to_none_in_another_region(seeded: Database) -> None:
    with pytest.raises(NotAllowed), seeded.writing() as session:
        agreeing.agree(session, YEAR, "wirral", NEW, by=LONDON, at=NOW)
    with pytest.raises(NotFound), seeded.writing() as session:
        agreeing.agree(session, YEAR, "nowhere", NEW, by=SECRETARIAT, at=NOW)


@pytest.mark.parametrize("changed", [{"because": "  "}, {"agreed_by": " "}], ids=["no reason", "nobody agreed"])
def test_its_reason_and_who_agreed_are_given(seeded: Database, changed: dict[str, Any]) -> None:
    with pytest.raises(Refused, match="Enter the reason and who agreed"):
        agree(seeded, msgspec.structs.replace(NEW, **changed))


def test_more_time_does_not_make_a_late_account_on_time(seeded: Database) -> None:
    agree(seeded)
    clerk = Clerk(seeded)
    clerk.publishes(msgspec.structs.replace(EDITION, published_on=date(2012, 1, 12)))
    assert clerk.position() is Position.LATE
    with seeded.reading() as session:
        row = next(row for row in queries.rows(session, YEAR, EVER, SECRETARIAT) if row.council == "brent")
    assert (row.on_time, row.days_late, row.years_missing) == (False, 12, 0)


def test_a_later_edition_leaves_it_on_time_for_good(seeded: Database) -> None:
    clerk = Clerk(seeded)
    clerk.publishes()
    clerk.publishes(msgspec.structs.replace(EDITION, title="Second edition", published_on=date(2012, 3, 1)))
    with seeded.reading() as session:
        rows = {row.council: row for row in queries.rows(session, YEAR, EVER, SECRETARIAT)}
    assert (rows["brent"].on_time, rows["brent"].days_late) == (True, 0)
    assert (rows["wirral"].on_time, rows["wirral"].days_late, rows["wirral"].years_missing) == (None, None, None)


def test_it_is_put_right_and_taken_back_and_was_known_as_it_was(seeded: Database) -> None:
    clerk = Clerk(seeded)
    first = agree(seeded)
    then = NOW + timedelta(hours=1)
    clerk.at = NOW + timedelta(days=1)
    second = clerk.corrects(first, until="2012-02-29")
    assert (told := standing(seeded)) is not None
    assert told.until == date(2012, 2, 29)
    clerk.withdraws(second)
    assert standing(seeded) is None
    assert (told := standing(seeded, AsAt(date(2012, 5, 31), then))) is not None
    assert told.until == JANUARY
    assert standing(seeded, AsAt(date(2011, 11, 30))) is None
    with seeded.reading() as session:
        events = queries.history(session, YEAR, "brent", EVER)
        assert [event.kind for event in events] == ["extension_agreed"] * 3
        assert sorted(str(event.says["until"]) for event in events) == ["2012-01-31", "2012-02-29", "2012-02-29"]
        assert commands.wrong(session) == []


def test_what_puts_it_right_is_held_to_the_same_rules(seeded: Database) -> None:
    fact = agree(seeded)
    with pytest.raises(Refused, match="must end after the deadline"):
        Clerk(seeded).corrects(fact, until="2011-12-31")
    with pytest.raises(Mistakes):
        Clerk(seeded).corrects(fact, status="published")


def test_who_agreed_that_a_council_will_not_publish_is_kept_and_corrected(seeded: Database) -> None:
    clerk = Clerk(seeded)
    fact = clerk.says(Status.WILL_NOT_PUBLISH, note="A joint report instead.", agreed_by="The cabinet")
    assert clerk.stands().agreed_by == "The cabinet"
    clerk.corrects(fact, agreed_by="The lead member")
    assert clerk.stands().agreed_by == "The lead member"
    with seeded.reading() as session:
        assert queries.history(session, YEAR, "brent", EVER)[0].says["agreed_by"]


def test_a_year_that_passes_without_an_account_is_missing(seeded: Database) -> None:
    new = setting.NewYear("2012-2013", date(2012, 5, 1), date(2011, 4, 1), date(2012, 3, 31))
    with seeded.writing() as session:
        setting.set_up(session, new, by=SECRETARIAT, at=NOW)
    Clerk(seeded).publishes(msgspec.structs.replace(EDITION, serves=["ealing"]))
    with seeded.reading() as session:
        for which in (YEAR, ProgrammeYear(2012)):
            rows = {row.council: row for row in queries.rows(session, which, AsAt(date(2012, 5, 2)), SECRETARIAT)}
            assert [rows[name].years_missing for name in ("brent", "ealing", "wirral")] == [1, 1, None]
        early = {row.council: row for row in queries.rows(session, YEAR, AsAt(date(2012, 5, 1)), SECRETARIAT)}
        assert early["brent"].years_missing == 0
