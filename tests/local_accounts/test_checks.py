"""That an entry is still correct, as it is recorded, asked for on any day, and taken back."""

from datetime import date, datetime, timedelta
from uuid import UUID

import msgspec
import pytest
from sqlalchemy import select

from improvement.database import Database
from improvement.dates import AsAt
from improvement.errors import Conflict, NotAllowed, NotFound
from improvement.local_accounts.commands import checks as commands
from improvement.local_accounts.commands.checks import NewCheck, NewTakingBack
from improvement.local_accounts.queries import checks as queries
from improvement.local_accounts.rules import checks as rules
from improvement.local_accounts.rules.checks import Confirmation
from improvement.mail import MessageRow
from improvement.sector import commands as sector
from improvement.sector.commands import ThreeContacts
from improvement.settings import Settings
from tests.local_accounts.people import BRENT, LONDON, NOW, SECRETARIAT, WIRRAL, YEAR, Clerk

SETTINGS = Settings.read({"IMPROVEMENT_SECRET": "s" * 40, "IMPROVEMENT_URL": "https://tracker.example.org"})
DAY = date(2012, 6, 30)
WRONG = NewCheck(False, "The address leads nowhere.")


class Desk:
    """Somebody who asks Brent, opens what was sent, and answers."""

    def __init__(self, database: Database) -> None:
        self.database, self.clerk = database, Clerk(database)

    def contact(self, email: str = "pat@brent.example.org") -> None:
        with self.database.writing() as session:
            new = ThreeContacts(local_account_name="Pat", local_account_email=email)
            sector.set_contacts(session, "brent", new, by=SECRETARIAT)

    def link(self, at: datetime = NOW) -> str:
        with self.database.reading() as session:
            found = commands.confirmation_link(session, SETTINGS, YEAR, "brent", rules.POST, None, at)
        return found.rpartition("/")[2]

    def answers(self, token: str, new: NewCheck = NewCheck(True), at: datetime | None = None) -> UUID:  # noqa: B008
        with self.database.writing() as session:
            return commands.answer_link(session, SETTINGS, token, new, at=at or self.clerk._later())

    def asks(self, at: datetime) -> None:
        with self.database.writing() as session:
            commands.ask_council(session, SETTINGS, YEAR, "brent", by=LONDON, at=at)

    def found(self, known_at: datetime | None = None) -> Confirmation:
        with self.database.reading() as session:
            return queries.confirmations(session, YEAR, AsAt(DAY, known_at))["brent"]

    def mail(self) -> list[MessageRow]:
        with self.database.reading() as session:
            return list(session.scalars(select(MessageRow).order_by(MessageRow.id)))


@pytest.fixture
def desk(seeded: Database) -> Desk:
    made = Desk(seeded)
    made.contact()
    made.clerk.says()
    return made


def test_the_council_confirms_by_its_link_and_what_was_known_before_stays(desk: Desk) -> None:
    before = desk.clerk.at
    desk.answers(desk.link())
    assert desk.found().in_words == "confirmed by the council on 1 June 2012"
    assert desk.found(known_at=before).in_words == "not confirmed by the council yet"
    with desk.database.reading() as session:
        assert queries.last_confirmed(session, YEAR, AsAt(DAY)) == {"brent": date(2012, 6, 1)}
        fact = session.scalars(select(queries.EntryChecked)).one()
    assert (fact.recorded_as, fact.by_council, fact.post, fact.correct) == ("service", True, rules.POST, True)


def test_a_link_is_used_once_and_tells_what_was_said(desk: Desk) -> None:
    token = desk.link()
    desk.answers(token, WRONG)
    with pytest.raises(rules.LinkAnswered, match="something is wrong") as used:
        desk.answers(token)
    assert "leads nowhere" not in used.value.message


def test_a_link_forwarded_after_a_correction_records_nothing(desk: Desk) -> None:
    status = desk.clerk.says(expected_on=date(2012, 7, 1))
    token = desk.link()
    desk.clerk.corrects(status, expected_on="2012-08-01")
    with pytest.raises(rules.EntryChanged):
        desk.answers(token)
    assert desk.found() == Confirmation("brent")


def test_a_link_of_another_contact_or_too_old_records_nothing(desk: Desk) -> None:
    token = desk.link()
    with pytest.raises(rules.LinkPast):
        desk.answers(token, at=NOW + rules.LASTS + timedelta(seconds=1))
    desk.contact("somebody.else@brent.example.org")
    with pytest.raises(rules.ContactChanged):
        desk.answers(token)


@pytest.mark.parametrize(
    "change", [lambda t: t[:-1] + ("0" if t[-1] != "0" else "1"), lambda t: "A" + t[1:], str.upper]
)
def test_a_link_that_is_not_as_we_sent_it_is_not_there(desk: Desk, change: object) -> None:
    with pytest.raises(rules.NotALink):
        desk.answers(change(desk.link()))  # type: ignore[operator]


def test_what_is_wrong_waits_for_those_who_see_the_council_and_is_mailed_to_them(desk: Desk) -> None:
    desk.answers(desk.link(), WRONG)
    with desk.database.reading() as session:
        seen = {by: queries.said_wrong(session, YEAR, AsAt(DAY), by) for by in (LONDON, BRENT, WIRRAL, SECRETARIAT)}
    assert [one.said for one in seen[LONDON]] == [WRONG.said]
    assert seen[LONDON] == seen[BRENT] == seen[SECRETARIAT]
    assert seen[WIRRAL] == []


def test_a_correction_or_a_coordinators_look_settles_it(desk: Desk) -> None:
    desk.answers(desk.link(), WRONG)
    with desk.database.writing() as session:
        commands.check_entry(session, YEAR, "brent", NewCheck(True), by=LONDON, at=desk.clerk._later())
    assert desk.found().wrong is None
    desk.answers(desk.link(desk.clerk._later()), WRONG)
    assert desk.found().wrong is not None
    desk.clerk.publishes()
    assert desk.found().wrong is None


def test_an_officer_who_is_signed_in_says_so_for_the_council(desk: Desk) -> None:
    with desk.database.writing() as session:
        made = commands.check_entry(session, YEAR, "brent", NewCheck(True), by=BRENT, at=desk.clerk._later())
    assert desk.found().confirmed_on == date(2012, 6, 1)
    known = desk.clerk.at
    with desk.database.writing() as session:
        new = NewTakingBack("It was another council.")
        commands.take_back(session, YEAR, "brent", made, new, by=BRENT, at=desk.clerk._later())
    assert desk.found().confirmed_on is None
    assert desk.found(known_at=known).confirmed_on == date(2012, 6, 1)
    with desk.database.writing() as session, pytest.raises(Conflict):
        commands.take_back(session, YEAR, "brent", made, new, by=BRENT, at=NOW)


def test_what_a_council_said_is_not_taken_back_by_its_officer_nor_anything_by_a_stranger(desk: Desk) -> None:
    made, new = desk.answers(desk.link()), NewTakingBack("No.")
    for by, refusal in ((BRENT, NotAllowed), (WIRRAL, NotAllowed)):
        with desk.database.writing() as session, pytest.raises(refusal):
            commands.take_back(session, YEAR, "brent", made, new, by=by, at=NOW)
    with desk.database.writing() as session, pytest.raises(NotFound):
        commands.take_back(session, YEAR, "ealing", made, new, by=LONDON, at=NOW)
    with desk.database.writing() as session, pytest.raises(NotAllowed):
        commands.check_entry(session, YEAR, "brent", NewCheck(True), by=WIRRAL, at=NOW)


def test_a_council_is_asked_once_a_week_unless_its_entry_changed(desk: Desk) -> None:
    first = desk.clerk._later()
    desk.asks(first)
    with pytest.raises(rules.AskedAlready):
        desk.asks(first + timedelta(days=1))
    desk.clerk.says(on=date(2011, 11, 2))
    desk.asks(desk.clerk._later())
    desk.asks(desk.clerk.at + timedelta(days=7))
    assert len(desk.mail()) == 3
    told = desk.mail()[0]
    assert told.to == "pat@brent.example.org"
    assert "https://tracker.example.org/accounts/confirm/" in told.body


def test_without_a_contact_nobody_is_asked(desk: Desk) -> None:
    with desk.database.writing() as session:
        sector.set_contacts(session, "brent", ThreeContacts(), by=SECRETARIAT)
    with pytest.raises(rules.NobodyToAsk):
        desk.asks(NOW)
    assert desk.mail() == []


def test_a_holder_of_a_link_that_stopped_gets_a_new_one_at_the_same_address(desk: Desk) -> None:
    token = desk.link()
    desk.clerk.says(on=date(2011, 11, 2))
    with desk.database.writing() as session:
        commands.ask_again(session, SETTINGS, token, at=desk.clerk._later())
    with desk.database.writing() as session, pytest.raises(rules.AskedAlready):
        commands.ask_again(session, SETTINGS, token, at=desk.clerk._later())
    fresh = next(line for line in desk.mail()[0].body.splitlines() if "/confirm/" in line).rpartition("/")[2]
    desk.answers(fresh)
    assert desk.found().confirmed_on is not None


def test_a_link_that_still_works_or_was_answered_is_not_sent_again(desk: Desk) -> None:
    token = desk.link()
    with desk.database.writing() as session, pytest.raises(rules.AskedAlready):
        commands.ask_again(session, SETTINGS, token, at=NOW)
    desk.answers(token)
    with desk.database.writing() as session, pytest.raises(rules.LinkAnswered):
        commands.ask_again(session, SETTINGS, token, at=NOW)
    assert msgspec.structs.asdict(desk.found())["confirmed_on"] is not None
