"""The day of the last sign-in: kept once a day, shown to those who look after people, and gone with the person."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import select, text

from improvement import dates, mail, upkeep
from improvement.access import commands as access
from improvement.access import queries as access_queries
from improvement.access.rules import SERVICE, Held, Role
from improvement.access.tables import SignedInRow
from improvement.cli import main
from improvement.database import Database
from improvement.people.rules import Seen, fits_seen
from tests.test_bounces import report
from tests.visiting import Tracker

TODAY = date(2012, 1, 10)


@pytest.mark.parametrize(
    ("last_on", "fits"),
    [
        (None, {"", Seen.NEVER, Seen.NOT_LATELY}),
        (TODAY, {""}),
        (TODAY - timedelta(days=90), {""}),
        (TODAY - timedelta(days=91), {"", Seen.NOT_LATELY}),
    ],
)
def test_who_never_signed_in_has_not_in_the_last_90_days_either(last_on: date | None, fits: set[str]) -> None:
    asked = ("", Seen.NEVER, Seen.NOT_LATELY, Seen.NOT_REACHED, "nonsense")
    assert {one for one in asked if fits_seen(one, last_on, TODAY, reached=True)} == fits
    assert fits_seen(Seen.NOT_REACHED, last_on, TODAY, reached=False)


def days(database: Database) -> list[date]:
    with database.reading() as session:
        return list(session.scalars(select(SignedInRow.last_on)))


def test_signing_in_twice_a_day_is_kept_once_and_reading_pages_writes_nothing(tracker: Tracker) -> None:
    officer = tracker.signed_in("officer", council="brent")
    again = tracker.sign_in(officer.email)
    for _ in range(3):
        assert again.get("/").status_code == 200
    assert days(tracker.database) == [dates.london_day(dates.now())]


def test_a_later_sign_in_moves_the_day_and_leaving_takes_it_away(seeded: Database) -> None:
    for day in (datetime(2012, 1, 9, 23, 30, tzinfo=UTC), datetime(2012, 7, 1, 23, 30, tzinfo=UTC)):
        with seeded.writing() as session:
            if access_queries.by_email(session, "bo@x.org") is None:
                access.add_person(session, "bo@x.org", "Bo", Held(Role.BOARD), by=SERVICE, at=day)
            made = access.ask_for_link(session, "bo@x.org", browser=None, onward="/", at=day)
            access.press_link(session, made.secret, browser="", code="", at=day)
    assert days(seeded) == [date(2012, 7, 2)], "days are London's"
    with seeded.writing() as session:
        access.leave(session, access.find_person(session, "bo@x.org").id, at=dates.now())
    assert days(seeded) == []


def test_those_who_were_here_before_the_day_was_kept_are_not_taken_for_strangers(bare: Database) -> None:
    upkeep.migrate(bare, "0009")
    now = datetime(2011, 10, 3, 23, 30)  # noqa: DTZ001 - as it is stored, in UTC
    person = "INSERT INTO person (id, email, name, rights_version, added_at) VALUES (:id, :email, 'A', 1, :at)"
    seen = "INSERT INTO submission (id, person_id, key, route, body_hash, status, outcome, at) VALUES "
    with bare.engine.connect() as connection:
        for id_ in (7, 8):
            connection.execute(text(person), {"id": id_, "email": f"{id_}@x.org", "at": now})
        connection.execute(text(f"{seen} (1, 7, 'k', '/', '', 303, '{{}}', :at)"), {"at": now})
        connection.commit()
    upkeep.migrate(bare)
    with bare.reading() as session:
        assert list(session.execute(select(SignedInRow.person_id, SignedInRow.last_on))) == [(7, date(2011, 10, 4))]


class TestPeople:
    def test_the_list_shows_it_and_is_filtered_and_taken_away_by_it(self, tracker: Tracker) -> None:
        with tracker.database.writing() as session:
            held = Held(Role.OFFICER, council="brent")
            access.add_person(session, "new@x.org", "Nia New", held, by=SERVICE, at=dates.now())
        secretariat = tracker.signed_in("secretariat")
        never = secretariat.get("/people?seen=never").text
        assert "Nia New" in never
        assert secretariat.email not in never
        rows = secretariat.get("/people/list.csv?seen=never").text
        assert "new@x.org" in rows
        assert secretariat.email not in rows
        found = secretariat.api("/people?has_signed_in=true").json()["items"]
        assert [one["email"] for one in found] == [secretariat.email]
        assert found[0]["last_signed_in_on"] == dates.london_day(dates.now()).isoformat()

    def test_privacy_says_that_it_is_kept(self, tracker: Tracker) -> None:
        assert "The day you last signed in" in tracker.anonymous().get("/privacy").text


@pytest.fixture
def told(seeded: Database, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Database:
    """The command's surroundings name the test's database."""
    monkeypatch.setenv("IMPROVEMENT_DATABASE_URL", seeded.engine.url.render_as_string(hide_password=False))
    monkeypatch.setenv("IMPROVEMENT_DATA", str(tmp_path))
    return seeded


class TestCommand:
    def test_it_prints_who_never_signed_in(self, told: Database) -> None:
        with told.writing() as session:
            access.add_person(session, "bo@x.org", "Bo", Held(Role.BOARD), by=SERVICE, at=dates.now())
        done = CliRunner().invoke(main, ["person", "list", "--seen", "never"])
        assert done.exit_code == 0
        head, row = done.stdout.removeprefix("\ufeff").splitlines()
        assert head == "id,name,email,roles,added_on,left_on,has_signed_in,last_signed_in_on,not_reached"
        assert ",Bo,bo@x.org,Board member," in row
        assert row.endswith(",,no,,")

    def test_a_delivery_report_is_read_from_the_standard_input(self, told: Database) -> None:
        with told.writing() as session:
            token = mail.write(session, "bo@x.org", "Hello", "", dates.now()).token or ""
        done = CliRunner().invoke(main, ["bounced"], input=report(token))
        assert done.exit_code == 0
        assert "came back. There is no such mailbox at this address. (5.1.1)" in done.stdout
        with told.reading() as session:
            assert mail.newest(session)[0].became == "bounced"

    @pytest.mark.usefixtures("told")
    @pytest.mark.parametrize("sent", [b"", b"Subject: Away\n\nI am away.\n", report(), b"x" * 2_000_000])
    def test_what_answers_no_message_of_ours_is_refused_with_a_sentence(self, sent: bytes) -> None:
        done = CliRunner().invoke(main, ["bounced"], input=sent)
        assert done.exit_code == 2
        assert "noted" in done.stderr
