"""The history of a council's account: whole, dated, by whom in which role, and as it was known at any time."""

import re
from datetime import date, timedelta

from improvement.access.rules import SERVICE, Role
from improvement.database import Database, correction, record
from improvement.dates import AsAt
from improvement.local_accounts import queries
from improvement.local_accounts.commands import checks
from improvement.local_accounts.commands.checks import NewCheck
from improvement.local_accounts.commands.readings_replies import NewReply
from improvement.local_accounts.rules.checks import POST
from improvement.sector import commands as sector
from improvement.sector.commands import ThreeContacts
from improvement.sector.tables import CouncilFormed
from improvement.settings import Settings
from tests.local_accounts.people import NOW, SECRETARIAT, YEAR, Clerk
from tests.local_accounts.readers import Library, found
from tests.local_accounts.return_files import told
from tests.visiting import Tracker

BRENT = "/local-accounts/2011-2012/brent"
ON = date(2012, 6, 1)
SETTINGS = Settings.read({"IMPROVEMENT_SECRET": "s" * 40, "IMPROVEMENT_URL": "https://tracker.example.org"})


def kinds(database: Database, as_at: AsAt) -> list[tuple[str, str]]:
    with database.reading() as session:
        return [(event.kind, event.recorded_as) for event in queries.history(session, YEAR, "brent", as_at)]


def test_readings_replies_and_checks_are_in_it_each_in_its_role(seeded: Database) -> None:
    library = Library(seeded)
    first = library.reads()
    library.reads(found(where="9"), by=library.bob)
    before = library.at
    reconciled = library.reads(by=library.secretariat, reconciles=True)
    library.replies(reconciled, NewReply("adult safeguarding", agrees=False, evidence="Page 12."))
    with seeded.writing() as session:
        checks.check_entry(session, YEAR, "brent", NewCheck(False, "The day."), by=library.officer, at=NOW)
    library.takes_back(first)
    assert kinds(seeded, AsAt(ON)) == [
        ("account_read", Role.COORDINATOR),
        ("entry_checked", Role.OFFICER),
        ("reading_answered", Role.OFFICER),
        ("account_read", Role.SECRETARIAT),
        ("account_read", Role.COORDINATOR),
        ("account_read", Role.COORDINATOR),
        ("account_published", Role.SECRETARIAT),
    ]
    assert len(kinds(seeded, AsAt(ON, before))) == 3, "as it was known when two had read it"
    with seeded.reading() as session:
        newest, said, replied, *_ = queries.history(session, YEAR, "brent", AsAt(ON))
    assert (newest.withdrawn, newest.corrects, newest.reason) == (True, first, "Another account was read.")
    assert (said.says["correct"], said.says["said"]) == (False, "The day.")
    assert (replied.says["about"], replied.says["agrees"]) == ("adult safeguarding", False)


def test_the_page_says_it_in_words_to_those_who_see_the_council_in_full(tracker: Tracker) -> None:
    library = Library(tracker.database)
    reading = library.reads(found(), found("Think Local Act Personal"))
    says = [NewReply("adult safeguarding", agrees=True), NewReply("engagement", agrees=False, evidence="Page 3.")]
    library.replies(reading, *says)
    with tracker.database.writing() as session:
        contact = ThreeContacts(local_account_name="Pat", local_account_email="pat@brent.example.org")
        sector.set_contacts(session, "brent", contact, by=SECRETARIAT)
        address = checks.confirmation_link(session, SETTINGS, YEAR, "brent", POST, None, library.at)
    with tracker.database.writing() as session:
        at = library.at + timedelta(minutes=9)
        checks.answer_link(session, SETTINGS, address.rpartition("/")[2], NewCheck(True), at=at)
    coordinator = tracker.signed_in("coordinator", region="london")
    page = told(coordinator.get(BRENT).text)
    assert re.search(r"First reading 1 June 2012\. Recorded .* by ann-brent, coordinator", page)
    assert "Reply to the reading : agrees with 1, disagrees with 1" in page.replace("reading: ", "reading : ")
    assert "Disagrees about engagement." in page
    assert "Entry still correct" in page
    assert "by the council, through its link (local-account contact)" in page
    stranger = told(tracker.signed_in("officer", council="wirral").get(BRENT).text)
    assert "First reading" not in stranger
    assert "Reply to the reading" not in stranger


def test_a_council_taken_back_since_is_still_there_as_it_was_known(tracker: Tracker) -> None:
    Clerk(tracker.database).publishes()
    with tracker.database.writing() as session:
        brent = session.query(CouncilFormed).filter_by(slug="brent").one()
        taken = correction(brent, reason="It never was one.", values=None)
        record(session, taken, by=SERVICE.id, as_role=Role.SERVICE, at=NOW + timedelta(days=9))
    visitor = tracker.signed_in("secretariat")
    then = "known-at=2012-06-05&on=2012-06-05"
    for address in (BRENT, "/councils/brent", f"{BRENT}/readings", f"{BRENT}/similar"):
        assert visitor.get(address).status_code == 404, address
        shown = visitor.get(f"{address}?{then}")
        assert shown.status_code == 200, address
        assert "Brent" in shown.text
    assert "published its local account" in told(visitor.get(f"{BRENT}?{then}").text)
    assert visitor.api(f"{BRENT}?{then}").json()["position"] == "published on time"
    assert visitor.api(BRENT).status_code == 404
    assert visitor.post(f"{BRENT}/statuses/new", {}).status_code in (403, 404, 422)
