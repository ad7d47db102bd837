"""The first page, one council and one region, as different people see them."""

from datetime import date

from improvement import dates
from improvement.access.rules import SERVICE
from improvement.local_accounts import commands, queries
from improvement.local_accounts.rules import Status
from improvement.sector import commands as sector
from tests.visiting import Tracker

YEAR = queries.FIRST_YEAR


def tell(tracker: Tracker, council: str, note: str = "", expected: date | None = None) -> None:
    new = commands.NewStatus(Status.DRAFTING, date(2011, 11, 1), expected, note=note)
    with tracker.database.writing() as session:
        commands.report_status(session, YEAR, council, new, by=SERVICE, at=dates.now())


def test_somebody_who_has_not_signed_in_is_told_what_this_is_and_what_may_be_read(tracker: Tracker) -> None:
    page = tracker.anonymous().get("/")
    assert page.status_code == 200
    assert "local account" in page.text
    assert 'href="/accounts"' in page.text
    assert "What needs you" not in page.text


def test_the_secretariat_is_told_that_the_money_is_not_recorded_yet(tracker: Tracker) -> None:
    page = tracker.signed_in("secretariat").get("/")
    assert "What needs you now" in page.text
    assert "Record the Memorandum of Understanding" in page.text


def test_a_coordinator_is_told_of_councils_of_their_own_region_only(tracker: Tracker) -> None:
    page = tracker.signed_in("coordinator", region="north-east").get("/")
    assert "12 councils have given no date" in page.text
    assert "£" not in page.text.split("The nation at a glance")[0]


def test_an_officer_is_told_of_their_own_council(tracker: Tracker) -> None:
    page = tracker.signed_in("officer", council="brent").get("/")
    assert "Ask Brent when it expects to publish" in page.text
    assert "Wirral" not in page.text


def test_a_council_page_says_what_came_after_it(tracker: Tracker) -> None:
    page = tracker.anonymous().get("/councils/dorset-county")
    assert "was not in being" in page.text
    assert 'href="/councils/bournemouth-christchurch-and-poole"' in page.text
    assert 'href="/councils/dorset"' in page.text
    assert 'href="/councils/dorset-county"' in tracker.anonymous().get("/councils/dorset").text


def test_a_council_that_never_was_is_not_found_and_says_where_to_look(tracker: Tracker) -> None:
    page = tracker.anonymous().get("/councils/barchester")
    assert page.status_code == 404
    assert "Find it in the list of councils" in page.text


def test_contacts_are_shown_to_those_who_see_the_council_in_full_and_to_nobody_else(tracker: Tracker) -> None:
    new = sector.NewContact("brent", "Director", "Q. Canarysmith", "canary@example.gov.uk")
    with tracker.database.writing() as session:
        sector.set_contact(session, new, by=SERVICE)
    assert "Canarysmith" in tracker.signed_in("officer", council="brent").get("/councils/brent").text
    assert "Canarysmith" in tracker.signed_in("coordinator", region="london").get("/councils/brent").text
    for stranger in (
        tracker.anonymous(),
        tracker.signed_in("officer", council="wirral"),
        tracker.signed_in("coordinator", region="north-west"),
        tracker.signed_in("board"),
    ):
        assert "Canarysmith" not in stranger.get("/councils/brent").text


def test_a_region_page_counts_its_councils_and_hides_money_from_officers(tracker: Tracker) -> None:
    page = tracker.signed_in("officer", council="brent").get("/regions/london")
    assert "33 councils in 2011/12" in page.text.replace("\xa0", " ")
    assert "Allocated" not in page.text
    assert tracker.anonymous().get("/regions/atlantis").status_code == 404


def test_the_first_page_looks_back_to_what_was_known_then(tracker: Tracker) -> None:
    tell(tracker, "brent", expected=date(2011, 12, 20))
    visitor = tracker.signed_in("secretariat")
    assert "As known at the end of 12 December 2011" in visitor.get("/?as-at=2011-12-12").text
    told_now = visitor.get("/?on=2011-12-12").text
    assert "<strong>1 of 152</strong>" in told_now
    assert "<strong>0 of 152</strong>" in visitor.get("/?as-at=2011-12-12").text


def test_a_day_that_has_not_come_is_refused_with_what_to_ask_instead(tracker: Tracker) -> None:
    page = tracker.signed_in("secretariat").get("/?as-at=2999-01-01")
    assert page.status_code == 422
    assert "has not come yet" in page.text
