"""A set of the coordinator's grid is recorded whole or not at all, and never over what somebody else told meanwhile."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from uuid import UUID

import msgspec
import pytest
from sqlalchemy import func, select

from improvement.access import commands as access
from improvement.access import queries as people
from improvement.access.rules import SERVICE, Held, Person, Role
from improvement.database import Database
from improvement.dates import AsAt
from improvement.errors import NotAllowed, NotFound
from improvement.local_accounts.commands import grid as commands
from improvement.local_accounts.queries import grid as queries
from improvement.local_accounts.queries.grid import GridRow
from improvement.local_accounts.rules import Status
from improvement.local_accounts.rules.grid import ChangedMeanwhile, NothingToSave, Row, SetRefused
from improvement.local_accounts.rules.told import Told
from improvement.local_accounts.tables import StatusReported
from improvement.local_accounts.tables.checks import EntryChecked
from tests.local_accounts.people import EDITION, LONDON, NOW, SECRETARIAT, YEAR, Clerk

LATER = datetime(2012, 6, 10, 9, tzinfo=UTC)
TODAY = date(2012, 6, 10)


def ann(database: Database, email: str = "ann@london.example.org") -> Person:
    with database.writing() as session:
        access.add_person(session, email, "Ann", Held(Role.COORDINATOR, region="london"), by=SERVICE, at=NOW)
    with database.reading() as session:
        found = people.by_email(session, email)
    assert found is not None
    return found


def save(database: Database, *rows: Row, by: Person = LONDON, at: datetime = LATER) -> list[UUID]:
    with database.writing() as session:
        return commands.save(session, YEAR, rows, by=by, at=at)


def shown(database: Database, council: str = "brent", known_at: datetime | None = None) -> GridRow:
    with database.reading() as session:
        rows = queries.rows(session, YEAR, "london", AsAt(TODAY, known_at))
    return next(row for row in rows if row.council == council)


def facts(database: Database) -> int:
    with database.reading() as session:
        counted = (session.scalar(select(func.count()).select_from(kind)) for kind in (StatusReported, EntryChecked))
        return sum(number or 0 for number in counted)


def test_changes_and_no_changes_are_recorded_together(seeded: Database) -> None:
    before = facts(seeded)
    made = save(seeded, Row("brent", Status.APPROVED, date(2012, 6, 20), "Soon"), Row("ealing", no_change=True))
    assert facts(seeded) == before + 2 == before + len(made)
    brent, ealing = shown(seeded), shown(seeded, "ealing")
    assert (brent.status, brent.expected_on, brent.done) == ("approved", date(2012, 6, 20), True)
    assert (ealing.status, ealing.unchanged_on, ealing.done) == ("not started", TODAY, True)
    assert shown(seeded, "ealing", known_at=NOW).unchanged_on is None
    with seeded.reading() as session:
        fact = session.scalars(select(EntryChecked)).one()
    assert (fact.by_council, fact.correct, fact.recorded_as) == (False, True, "coordinator")


def test_one_mistake_keeps_the_whole_set_from_being_saved_and_all_are_told(seeded: Database) -> None:
    before = facts(seeded)
    with pytest.raises(SetRefused) as refused:
        save(
            seeded,
            Row("brent", Status.APPROVED, date(2012, 1, 1)),
            Row("ealing", no_change=True),
            Row("barnet", Status.WILL_NOT_PUBLISH),
            Row("camden", no_change=True),
            Row("camden", no_change=True),
        )
    assert list(refused.value.fields) == ["expected_on-brent", "note-barnet", "status-camden"]
    assert facts(seeded) == before


def test_who_agreed_that_a_council_will_not_publish_stays_while_it_will_not(seeded: Database) -> None:
    clerk = Clerk(seeded)
    clerk.says(Status.WILL_NOT_PUBLISH, date(2012, 5, 1), note="One report for all.", agreed_by="Cabinet")
    save(seeded, Row("brent", Status.WILL_NOT_PUBLISH, note="One report for all, in May."))
    assert (clerk.stands(TODAY).agreed_by, clerk.stands(TODAY).because) == ("Cabinet", "One report for all, in May.")
    save(seeded, Row("brent", Status.DRAFTING))
    save(seeded, Row("brent", Status.WILL_NOT_PUBLISH, note="No."))
    assert clerk.stands(TODAY).agreed_by == "", "another decision"


def test_a_council_of_another_region_or_of_none_stops_the_set(seeded: Database) -> None:
    before = facts(seeded)
    with pytest.raises(NotAllowed):
        save(seeded, Row("brent", no_change=True), Row("wirral", no_change=True))
    with pytest.raises(NotFound):
        save(seeded, Row("atlantis", no_change=True), by=SECRETARIAT)
    with pytest.raises(NothingToSave):
        save(seeded)
    assert facts(seeded) == before


@pytest.mark.parametrize("meanwhile", [Clerk.says, Clerk.publishes], ids=["a status", "a publication"])
def test_what_somebody_else_told_meanwhile_is_not_overwritten(
    seeded: Database, meanwhile: Callable[[Clerk], UUID]
) -> None:
    person, seen = ann(seeded), shown(seeded).seq
    meanwhile(Clerk(seeded))
    before = facts(seeded)
    with pytest.raises(ChangedMeanwhile, match="Brent was changed by The tracker") as refused:
        save(seeded, Row("brent", Status.APPROVED, seq=seen), Row("ealing", no_change=True, seq=0), by=person)
    assert list(refused.value.fields) == ["keep-brent"]
    assert refused.value.status == 409
    assert facts(seeded) == before
    save(seeded, Row("ealing", no_change=True, seq=0), by=person)


def test_a_correction_is_a_change_too(seeded: Database) -> None:
    person, clerk = ann(seeded), Clerk(seeded)
    fact = clerk.says()
    seen = shown(seeded).seq
    clerk.corrects(fact, note="Better")
    with pytest.raises(ChangedMeanwhile):
        save(seeded, Row("brent", no_change=True, seq=seen), by=person)
    save(seeded, Row("brent", Status.APPROVED, seq=shown(seeded).seq), by=person)
    assert shown(seeded).status == "approved"


def test_what_one_told_oneself_in_another_tab_is_not_overwritten(seeded: Database) -> None:
    person, seen = ann(seeded), shown(seeded).seq
    save(seeded, Row("brent", Status.APPROVED, date(2012, 6, 20), seq=seen), by=person)
    with pytest.raises(ChangedMeanwhile, match="Brent was changed by you"):
        save(seeded, Row("brent", Status.PLANNED, note="Rang them", seq=seen), by=person)
    now = shown(seeded)
    assert (now.status, now.expected_on) == ("approved", date(2012, 6, 20))
    save(seeded, Row("brent", Status.IN_CHALLENGE, seq=now.seq), by=person)
    assert shown(seeded).status == "in challenge"


def test_a_council_that_an_account_no_longer_serves_is_a_change_too(seeded: Database) -> None:
    person, clerk = ann(seeded), Clerk(seeded, "ealing")
    fact = clerk.publishes(msgspec.structs.replace(EDITION, serves=["brent"]))
    seen = shown(seeded).seq
    assert shown(seeded).status == "published"
    clerk.corrects(fact, serves=[])
    with pytest.raises(ChangedMeanwhile):
        save(seeded, Row("brent", no_change=True, seq=seen), by=person)


def test_that_another_ticked_no_change_is_no_conflict(seeded: Database) -> None:
    person, seen = ann(seeded), shown(seeded).seq
    save(seeded, Row("brent", no_change=True))
    save(seeded, Row("brent", Status.APPROVED, seq=seen), by=person)
    assert shown(seeded).status == "approved"


def test_news_is_what_others_told_since_ones_own_last_save(seeded: Database) -> None:
    person, clerk = ann(seeded), Clerk(seeded)
    clerk.says()

    def news() -> dict[str, Told]:
        with seeded.reading() as session:
            since = queries.own_newest(session, YEAR, ["brent", "ealing"], person)
            seqs = {} if since is None else dict.fromkeys(["brent", "ealing"], since)
            return queries.told_since(session, YEAR, seqs, but=person, checked=True)

    assert news() == {}, "whoever has not saved yet has nothing to compare with"
    save(seeded, Row("ealing", no_change=True), by=person)
    assert news() == {}
    clerk.at = LATER
    clerk.says(Status.APPROVED)
    assert [(one.council, one.status) for one in news().values()] == [("brent", "approved")]
    save(seeded, Row("ealing", no_change=True), by=person)
    assert news() == {}


def test_a_region_is_ones_own_or_not_there(seeded: Database) -> None:
    with seeded.reading() as session:
        assert queries.region_of(session, LONDON, "").slug == "london"
        assert queries.region_of(session, SECRETARIAT, "south-west").slug == "south-west"
        assert len(queries.regions_of(session, SECRETARIAT)) == 9
        for by, wanted in ((LONDON, "south-west"), (SECRETARIAT, "atlantis")):
            with pytest.raises(NotFound):
                queries.region_of(session, by, wanted)


def test_a_row_of_the_api_is_a_row_of_the_rules() -> None:
    new = commands.NewRow("brent", Status.APPROVED, date(2012, 6, 20), "Soon", seq=4)
    assert msgspec.structs.asdict(commands.as_row(new)) == msgspec.structs.asdict(new)
