"""A day's reminders are written once, to whom they concern, with a log of what became of each."""

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, select

from improvement import mail, schedule, serving
from improvement.access import commands as access
from improvement.access.rules import SERVICE, Held, Person, Role
from improvement.database import Database, Memory, mark_demonstration
from improvement.local_accounts.commands import checks
from improvement.local_accounts.rules import Status
from improvement.mail import MessageRow, arrival, sending
from improvement.notices import commands, queries
from improvement.notices.commands import NewWish
from improvement.notices.queries import Line, Wanted
from improvement.notices.rules import Wish
from improvement.sector import commands as sector
from improvement.settings import Settings
from tests.local_accounts.people import Clerk

SEVEN = datetime(2011, 12, 20, 9, tzinfo=UTC)
"""Seven working days before the suggested date."""
SECRETARIAT = Person(SERVICE.id, "Ann", "ann@example.org", (Held(Role.SECRETARIAT),), 1)


@pytest.fixture
def told(tmp_path: Path) -> Settings:
    return Settings.read({"IMPROVEMENT_DATA": str(tmp_path), "IMPROVEMENT_URL": "https://tracker.example.org"})


@pytest.fixture
def staffed(seeded: Database) -> Database:
    """Officers of Brent and Camden (one of them of both), London's coordinator, and Brent's contact."""
    people = [
        ("brent@x.org", Held(Role.OFFICER, council="brent")),
        ("both@x.org", Held(Role.OFFICER, council="brent")),
        ("both@x.org", Held(Role.OFFICER, council="camden")),
        ("wirral@x.org", Held(Role.OFFICER, council="wirral")),
        ("london@x.org", Held(Role.COORDINATOR, region="london")),
        ("board@x.org", Held(Role.BOARD)),
    ]
    with seeded.writing() as session:
        for email, held in people:
            access.add_person(session, email, "Somebody", held, by=SERVICE, at=SEVEN - timedelta(days=90))
        for email, council in (("Contact@Brent.gov.uk", "brent"), ("both@x.org", "camden")):
            new = sector.NewContact(council, queries.CONTACT, "A", email)
            sector.set_contact(session, new, by=SECRETARIAT)
    return seeded


def work(database: Database, told: Settings, at: datetime = SEVEN) -> list[str]:
    return schedule.work(database, [serving.reminders_due(told)], at)


@pytest.fixture
def clocked(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is done is done at the instant it was found due."""
    monkeypatch.setattr(schedule, "now", lambda: SEVEN)


def outbox(database: Database) -> dict[str, MessageRow]:
    with database.reading() as session:
        rows = session.scalars(select(MessageRow)).all()
    assert len({row.to for row in rows}) == len(rows), "nobody gets two messages"
    return {row.to: row for row in rows}


def log(database: Database, by: Person = SECRETARIAT, **wanted: str) -> list[Line]:
    with database.reading() as session:
        return queries.log(session, by, Wanted(**wanted))


@pytest.mark.usefixtures("clocked")
class TestWriting:
    def test_each_person_gets_one_message_about_all_their_councils(self, staffed: Database, told: Settings) -> None:
        assert work(staffed, told) == ["reminders:2011-12-20"]
        sent = outbox(staffed)
        assert set(sent) == {"brent@x.org", "both@x.org", "wirral@x.org", "london@x.org", "contact@brent.gov.uk"}
        assert sent["both@x.org"].subject == "Local accounts: a reminder about 2 councils"
        assert sent["london@x.org"].subject == "Local accounts: a reminder about 33 councils"
        assert "Brent" not in sent["wirral@x.org"].body

    def test_only_a_contact_who_cannot_sign_in_gets_the_link_that_does_without(
        self, staffed: Database, told: Settings
    ) -> None:
        work(staffed, told)
        linked = {to for to, row in outbox(staffed).items() if "/accounts/confirm/" in row.body}
        assert linked == {"contact@brent.gov.uk"}
        link = re.search(r"/accounts/confirm/(\S+)", outbox(staffed)["contact@brent.gov.uk"].body)
        assert link
        with staffed.reading() as session:
            opened = checks.open_link(session, told, link[1], SEVEN)
        assert (opened.council.slug, opened.stopped) == ("brent", None)

    def test_each_message_carries_the_link_that_stops_its_own_address(self, staffed: Database, told: Settings) -> None:
        work(staffed, told)
        for to, row in outbox(staffed).items():
            assert f"{told.url}{queries.stop_path(told.secret, to)}" in row.body

    def test_nothing_is_said_of_councils_that_published_or_decided_not_to(
        self, staffed: Database, told: Settings
    ) -> None:
        Clerk(staffed).publishes()
        Clerk(staffed, "camden").says(Status.WILL_NOT_PUBLISH, note="Its own report says it all.")
        work(staffed, told)
        sent = outbox(staffed)
        assert set(sent) == {"wirral@x.org", "london@x.org"}
        assert "31 councils" in sent["london@x.org"].subject

    def test_a_second_look_writes_nothing_again(self, staffed: Database, told: Settings) -> None:
        work(staffed, told)
        assert work(staffed, told, SEVEN + timedelta(hours=3)) == []
        assert len(log(staffed)) == len(outbox(staffed)) == 5

    def test_two_workers_that_both_saw_it_due_write_it_once(self, staffed: Database, told: Settings) -> None:
        met, looked = threading.Barrier(2), threading.local()
        find = serving.reminders_due(told)

        def together(session: Any, at: datetime) -> list[schedule.Due]:
            found = find(session, at)
            if not hasattr(looked, "once"):
                looked.once = True
                met.wait(timeout=20)
            return found

        with ThreadPoolExecutor(2) as threads:
            done = list(threads.map(lambda _: schedule.work(staffed, [together], SEVEN), range(2)))
        assert sorted(map(len, done)) == [0, 1]
        assert len(outbox(staffed)) == 5

    def test_a_worker_that_dies_half_way_leaves_nothing_and_the_next_writes_all(
        self, staffed: Database, told: Settings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        real, written = mail.write, []

        def dies(*args: Any, **told: Any) -> MessageRow:
            written.append(args)
            if len(written) == 3:
                raise OSError("killed")
            return real(*args, **told)

        monkeypatch.setattr(mail, "write", dies)
        assert work(staffed, told) == []
        assert outbox(staffed) == {}
        assert log(staffed) == []
        assert work(staffed, told, SEVEN + timedelta(minutes=11)) == ["reminders:2011-12-20"]
        assert len(outbox(staffed)) == 5

    @pytest.mark.parametrize(
        "at",
        [
            datetime(2011, 12, 20, 7, 59, tzinfo=UTC),
            datetime(2011, 12, 24, 12, tzinfo=UTC),
            datetime(2011, 12, 26, 12, tzinfo=UTC),
            datetime(2012, 3, 1, 12, tzinfo=UTC),
            datetime(2011, 3, 31, 12, tzinfo=UTC),
        ],
    )
    def test_nothing_is_due_before_eight_on_days_off_or_outside_the_year(
        self, staffed: Database, told: Settings, at: datetime
    ) -> None:
        assert work(staffed, told, at) == []

    def test_somebody_who_left_or_waits_to_be_confirmed_gets_nothing(self, staffed: Database, told: Settings) -> None:
        with staffed.writing() as session:
            access.leave(session, access.find_person(session, "brent@x.org").id, at=SEVEN)
        work(staffed, told)
        assert "brent@x.org" not in outbox(staffed)

    def test_a_day_takes_as_many_statements_for_all_councils_as_for_none(self, staffed: Database) -> None:
        def asked(day: date) -> int:
            staffed.memory = Memory()
            seen: list[int] = []

            def note(*_: Any) -> None:
                seen.append(1)

            event.listen(staffed.engine, "before_cursor_execute", note)
            try:
                with staffed.reading() as session:
                    queries.digests(session, day)
            finally:
                event.remove(staffed.engine, "before_cursor_execute", note)
            return len(seen)

        assert asked(date(2011, 12, 20)) <= asked(date(2011, 12, 21)) + 5 <= 24


class TestStopping:
    def test_a_stopped_address_gets_none_until_it_asks_again(self, staffed: Database, told: Settings) -> None:
        def wish(what: Wish) -> None:
            with staffed.writing() as session:
                commands.wish(session, "london@x.org", NewWish(what), at=SEVEN)

        def reached() -> bool:
            with staffed.reading() as session:
                found = queries.digests(session, SEVEN.date())
            return any(one.address == "london@x.org" for one in found)

        for what, expected in ((Wish.STOP, False), (Wish.STOP, False), (Wish.AGAIN, True), (Wish.AGAIN, True)):
            wish(what)
            assert reached() is expected


@pytest.mark.usefixtures("clocked")
class TestLog:
    def test_what_became_of_each_is_told_and_kept_after_the_outbox_forgets(
        self, staffed: Database, told: Settings
    ) -> None:
        work(staffed, told)
        became = {"brent@x.org": (SEVEN, 1, "sent"), "both@x.org": (None, 5, "not sent: OSError")}
        with staffed.writing() as session:
            for row in session.scalars(select(MessageRow).where(MessageRow.to.in_(became))):
                row.sent_at, row.tries, row.became = became[row.to]
        said = {line.to_address: line.became for line in log(staffed)}
        assert (said["brent@x.org"], said["both@x.org"], said["wirral@x.org"]) == ("sent", "given up", "waiting")
        assert [line.to_address for line in log(staffed, became="given up")] == ["both@x.org"]
        month = SEVEN + timedelta(days=31)
        with staffed.writing() as session:
            commands.keep_what_became(session, month)
            access.clear_out(session, month)
        assert outbox(staffed) == {}
        assert {line.to_address: line.became for line in log(staffed)} == said

    def test_a_message_forgotten_before_it_was_noted_is_no_longer_kept_nor_mistaken_for_another(
        self, staffed: Database, told: Settings
    ) -> None:
        work(staffed, told)
        with staffed.writing() as session:
            mail.forget(session, SEVEN + timedelta(days=1))
            for _ in range(9):
                mail.write(session, "brent@x.org", "Another", "", SEVEN + timedelta(days=2))
        assert {line.became for line in log(staffed)} == {"no longer kept"}

    def test_a_coordinator_sees_what_is_about_their_region_or_was_sent_to_them(
        self, staffed: Database, told: Settings
    ) -> None:
        work(staffed, told)

        def seen(region: str, email: str = "c@x.org") -> set[str]:
            by = Person(9, "C", email, (Held(Role.COORDINATOR, region=region),), 1)
            return {line.to_address for line in log(staffed, by)}

        assert seen("north-west") == {"wirral@x.org"}
        assert seen("london") == {"brent@x.org", "both@x.org", "london@x.org", "contact@brent.gov.uk"}
        assert seen("south-west", "both@x.org") == {"both@x.org"}

    def test_a_restored_backup_sends_nothing_again(self, staffed: Database, told: Settings) -> None:
        with staffed.writing() as session:
            assert commands.hold_back(session, SEVEN) == 0
        assert work(staffed, told) == []

    def test_what_waited_in_a_restored_backup_is_held_back_and_a_link_to_sign_in_is_not(
        self, staffed: Database, told: Settings
    ) -> None:
        work(staffed, told)
        with staffed.writing() as session:
            mail.write(session, "new@x.org", "Your link to sign in", "", SEVEN)
            assert commands.hold_back(session, SEVEN) == 5
        assert {(line.became, line.problem[:14]) for line in log(staffed)} == {("given up", "it was waiting")}
        assert outbox(staffed)["new@x.org"].tries == 0


def test_no_reminders_are_written_in_a_demonstration(staffed: Database, told: Settings) -> None:
    with staffed.writing() as session:
        mark_demonstration(session)
    assert work(staffed, told) == []


@pytest.mark.usefixtures("clocked")
class TestPuttingBack:
    """A database put back by hand, and not with `improvement restore`, knows nothing of what was sent since."""

    def test_the_days_reminders_are_not_written_again(self, staffed: Database, told: Settings) -> None:
        serving.note_written(told, ["board-report:2011-11", "reminders:2011-12-20"])
        assert work(staffed, told) == []

    def test_the_next_days_are(self, staffed: Database, told: Settings) -> None:
        serving.note_written(told, ["reminders:2011-12-19"])
        assert work(staffed, told) == ["reminders:2011-12-20"]

    def test_one_that_waited_is_not_sent_once_its_day_is_past(self, staffed: Database, told: Settings) -> None:
        work(staffed, told)
        post = sending.Post("smtp://127.0.0.1:1", "tracker@example.org")
        assert sending.send_waiting(staffed, post, lambda: SEVEN + timedelta(days=1)) == 0
        assert {(line.became, line.problem) for line in log(staffed)} == {
            ("given up", "what it says had passed before it could be sent")
        }


@pytest.mark.usefixtures("clocked")
class TestArriving:
    def test_an_address_that_bounced_twice_in_a_row_is_paused_until_somebody_says_to_try_again(
        self, staffed: Database, told: Settings
    ) -> None:
        def reached() -> set[str]:
            with staffed.reading() as session:
                return {one.address for one in queries.digests(session, SEVEN.date())}

        for day in range(2):
            assert "brent@x.org" in reached()
            with staffed.writing() as session:
                row = mail.write(session, "brent@x.org", "Hello", "", SEVEN + timedelta(days=day))
                session.flush()
                arrival.came_back(session, row, "5.1.1", SEVEN)
        assert "brent@x.org" not in reached()
        with staffed.writing() as session:
            arrival.try_again(session, "brent@x.org")
        assert "brent@x.org" in reached()

    def test_the_log_says_that_a_reminder_bounced_and_why_and_is_filtered_by_it(
        self, staffed: Database, told: Settings
    ) -> None:
        work(staffed, told)
        with staffed.writing() as session:
            row = session.scalars(select(MessageRow).where(MessageRow.to == "both@x.org")).one()
            row.sent_at = SEVEN
            arrival.came_back(session, row, "5.2.2", SEVEN)
        (line,) = log(staffed, became="bounced")
        assert (line.to_address, line.problem) == ("both@x.org", "The mailbox is full. (5.2.2)")

    def test_a_reminder_carries_its_stop_link_and_ends_with_its_day(self, staffed: Database, told: Settings) -> None:
        work(staffed, told)
        for to, row in outbox(staffed).items():
            assert row.stop == f"{told.url}{queries.stop_path(told.secret, to)}"
            assert (row.kind, row.good_until) == ("reminder", datetime(2011, 12, 21, tzinfo=UTC))
