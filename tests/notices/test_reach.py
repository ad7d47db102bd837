"""Who can be reached, on both databases: who sees it, and an invitation sent again, once and to the right people."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, select

from improvement import mail
from improvement.access import commands as access
from improvement.access.rules import SERVICE, Held, Person, Role
from improvement.access.tables import PersonRow, SignedInRow
from improvement.database import Database, Memory
from improvement.errors import NotAllowed, NotFound
from improvement.mail import MessageRow, arrival
from improvement.notices import commands, queries
from improvement.notices.commands import NewWish
from improvement.notices.commands.reach import NobodyToInvite, invite_again
from improvement.notices.queries import Wanted, messages, reach
from improvement.notices.rules import Wish
from improvement.notices.rules.reach import Came, Reach, found
from improvement.notices.rules.reach import Wanted as Look
from improvement.sector import commands as sector
from improvement.settings import Settings

AT = datetime(2011, 10, 3, 9, tzinfo=UTC)
SECRETARIAT = Person(SERVICE.id, "Ann", "ann@example.org", (Held(Role.SECRETARIAT),), 1)
LONDON = Person(SERVICE.id, "Lou", "lou@example.org", (Held(Role.COORDINATOR, region="london"),), 1)
OFFICER = Person(SERVICE.id, "Bo", "bo@example.org", (Held(Role.OFFICER, council="brent"),), 1)


@pytest.fixture
def told(tmp_path: Path) -> Settings:
    return Settings.read({"IMPROVEMENT_DATA": str(tmp_path), "IMPROVEMENT_URL": "https://tracker.example.org"})


@pytest.fixture
def staffed(seeded: Database) -> Database:
    """Brent's officer has signed in; one of Camden and Barnet, and Wirral's, have not. Camden has a contact."""
    people = [("brent@x.org", "brent"), ("both@x.org", "camden"), ("both@x.org", "barnet"), ("wirral@x.org", "wirral")]
    with seeded.writing() as session:
        for email, council in people:
            held = Held(Role.OFFICER, council=council)
            access.add_person(session, email, email.partition("@")[0].title(), held, by=SERVICE, at=AT)
        session.add(SignedInRow(person_id=person_of(session, "brent@x.org"), last_on=date(2011, 9, 1)))
        new = sector.NewContact("camden", queries.CONTACT, "Cam", "cam@camden.gov.uk")
        sector.set_contact(session, new, by=SECRETARIAT)
    return seeded


def person_of(session: Any, email: str) -> int:
    found: int = session.scalars(select(PersonRow.id).where(PersonRow.email == email)).one()
    return found


def rows(database: Database, by: Person = SECRETARIAT, region: str = "", **wanted: str) -> dict[str, Reach]:
    with database.reading() as session:
        seen = reach.sight(session, by, AT, region).councils
    return {row.council: row for row in found(seen, Look(**wanted))}


def invite(database: Database, told: Settings, region: str = "london", by: Person = LONDON, at: datetime = AT) -> int:
    with database.writing() as session:
        return invite_again(session, told, region, by=by, at=at)


class TestSeeing:
    def test_each_council_is_shown_with_who_came_and_whom_to_write_to(self, staffed: Database) -> None:
        every = rows(staffed)
        assert len(every) == 152
        assert (every["brent"].came, every["brent"].last_on) == (Came.SIGNED_IN, date(2011, 9, 1))
        assert (every["camden"].came, every["camden"].contacts) == (Came.INVITED, 1)
        assert (every["kent"].came, every["kent"].contacts) == (Came.NOBODY, 0)

    def test_it_is_filtered(self, staffed: Database) -> None:
        assert set(rows(staffed, came="invited, not signed in yet")) == {"camden", "barnet", "wirral"}
        assert len(rows(staffed, mend="no contact")) == 151
        assert rows(staffed, mend="nonsense") == rows(staffed, came="nonsense") == {}

    def test_an_address_that_is_not_reached_is_counted_at_its_council(self, staffed: Database) -> None:
        with staffed.writing() as session:
            row = mail.write(session, "cam@camden.gov.uk", "Hello", "", AT)
            session.flush()
            arrival.came_back(session, row, "5.1.1", AT)
        (row,) = rows(staffed, mend="not reached").values()
        assert (row.council, row.not_reached) == ("camden", ("Cam",))

    def test_a_coordinator_sees_their_own_region_and_no_other_is_there_for_them(self, staffed: Database) -> None:
        assert {row.region for row in rows(staffed, LONDON).values()} == {"london"}
        with pytest.raises(NotFound):
            rows(staffed, LONDON, region="north-west")
        assert rows(staffed, OFFICER) == {}

    def test_it_takes_as_many_statements_for_all_as_for_none(self, staffed: Database) -> None:
        seen: list[str] = []

        def note(*told: Any) -> None:
            seen.append(told[2])

        staffed.memory = Memory()
        event.listen(staffed.engine, "before_cursor_execute", note)
        rows(staffed)
        event.remove(staffed.engine, "before_cursor_execute", note)
        assert len([one for one in seen if one.startswith("SELECT")]) <= 16


class TestInvitingAgain:
    def test_who_has_not_signed_in_gets_one_message_about_all_their_councils_and_it_is_logged(
        self, staffed: Database, told: Settings
    ) -> None:
        assert invite(staffed, told) == 1
        with staffed.reading() as session:
            (message,) = session.scalars(select(MessageRow)).all()
            (line,) = queries.log(session, LONDON, Wanted(kind="invitation"))
            assert queries.log(session, SECRETARIAT, Wanted(kind="reminder")) == []
        assert (message.to, message.kind) == ("both@x.org", "invitation")
        assert message.stop == f"{told.url}{queries.stop_path(told.secret, 'both@x.org')}"
        assert message.stop in message.body
        assert (line.to_address, line.about, line.became) == ("both@x.org", "Barnet, Camden", "waiting")

    def test_nobody_gets_another_for_a_fortnight_however_often_the_button_is_pressed(
        self, staffed: Database, told: Settings
    ) -> None:
        invite(staffed, told)
        for days in (0, 13):
            with pytest.raises(NobodyToInvite):
                invite(staffed, told, at=AT + timedelta(days=days))
        assert invite(staffed, told, at=AT + timedelta(days=14)) == 1

    def test_the_message_that_came_with_the_role_counts_as_one(self, staffed: Database, told: Settings) -> None:
        with staffed.writing() as session:
            mail.write(session, "both@x.org", "Your role", "", AT - timedelta(days=3), kind=mail.Kind.ROLE)
        with pytest.raises(NobodyToInvite):
            invite(staffed, told)

    def test_the_secretariat_may_for_all_regions_and_a_coordinator_for_their_own(
        self, staffed: Database, told: Settings
    ) -> None:
        for region, by in (("north-west", LONDON), ("", LONDON), ("london", OFFICER)):
            with pytest.raises(NotAllowed):
                invite(staffed, told, region, by)
        assert invite(staffed, told, "", SECRETARIAT) == 2

    def test_who_stopped_or_is_not_reached_or_left_or_signed_in_gets_none(
        self, staffed: Database, told: Settings
    ) -> None:
        with staffed.writing() as session:
            commands.wish(session, "both@x.org", NewWish(Wish.STOP), at=AT)
            for day in range(2):
                row = mail.write(session, "wirral@x.org", "Hello", "", AT - timedelta(days=9 - day))
                session.flush()
                arrival.came_back(session, row, "5.1.1", AT)
        with pytest.raises(NobodyToInvite):
            invite(staffed, told, "", SECRETARIAT)
        with staffed.reading() as session:
            waits = {one.address: str(one.waits) for one in reach.sight(session, SECRETARIAT, AT).invitees}
        assert waits == {
            "both@x.org": "asked for no messages",
            "wirral@x.org": "the last two messages did not arrive",
        }


class TestEveryMessage:
    def test_the_log_has_every_kind_and_is_filtered_by_address_kind_and_fate(
        self, staffed: Database, told: Settings
    ) -> None:
        invite(staffed, told)
        with staffed.writing() as session:
            access.mail_link(session, "brent@x.org", "https://tracker.example.org/sign-in/link/secret", at=AT)

        def log(**wanted: str) -> list[tuple[str, str]]:
            with staffed.reading() as session:
                found = messages.log(session, SECRETARIAT, Wanted(**wanted))
                assert messages.count(session, SECRETARIAT, Wanted(**wanted)) == len(found)
            assert "secret" not in str(found)
            return [(one.to_address, one.kind) for one in found]

        link, invitation = ("brent@x.org", "link to sign in"), ("both@x.org", "invitation")
        assert log() == [link, invitation]
        assert log(words="BRENT") == log(kind="link to sign in") == [link]
        assert log(became="waiting") == [link, invitation]
        assert log(became="bounced") == []

    def test_only_who_looks_after_people_may_read_it(self, staffed: Database) -> None:
        for by in (LONDON, OFFICER):
            with staffed.reading() as session, pytest.raises(NotAllowed):
                messages.log(session, by, Wanted())
