"""More time on screen: asked for, kept when wrong, shown on the council's page to those who see it in full."""

import pytest

from improvement.local_accounts.rules import Status
from tests.local_accounts.people import DECEMBER, Clerk
from tests.visiting import Tracker, Typed, Visitor

BRENT = "/local-accounts/2011-2012/brent"
NEW = f"{BRENT}/extensions/new"
TYPED: Typed = {
    "until-day": "31",
    "until-month": "1",
    "until-year": "2012",
    "because": "Elections",
    "agreed_by": "Ann Lee, director",
    "agreed_on-day": "1",
    "agreed_on-month": "12",
    "agreed_on-year": "2011",
}
BODY = {"until": "2012-01-31", "because": "Elections", "agreed_by": "Ann Lee, director", "agreed_on": "2011-12-01"}


@pytest.fixture
def coordinator(tracker: Tracker) -> Visitor:
    return tracker.signed_in("coordinator", region="london")


def told(page: str) -> str:
    return page.replace("\u00a0", " ")


def test_more_time_is_recorded_and_shown_with_its_reason_and_who_agreed(tracker: Tracker, coordinator: Visitor) -> None:
    assert NEW in coordinator.get(BRENT).text
    page = told(coordinator.follow(coordinator.send(NEW, **TYPED)).text)
    assert "Until 31 January 2012, agreed on 1 December 2011 by Ann Lee, director, because: Elections" in page
    assert "More time agreed</strong> until 31 January 2012" in page
    officer = tracker.signed_in("officer", council="brent")
    assert "Ann Lee" in officer.get(BRENT).text
    assert NEW not in officer.get(BRENT).text
    other = tracker.signed_in("officer", council="wirral")
    assert "Ann Lee" not in other.get(BRENT).text


def test_what_was_typed_comes_back_with_every_mistake(coordinator: Visitor) -> None:
    answer = coordinator.send(NEW, **{**TYPED, "until-year": "", "agreed_by": ""})
    assert answer.status_code == 422
    assert "Enter who agreed." in answer.text
    assert "as a real date" in answer.text
    assert "Elections" in answer.text
    early = coordinator.send(NEW, **{**TYPED, "until-year": "2011"})
    assert "More time must end after the deadline, 31 December 2011." in early.text


def test_it_is_put_right_and_taken_back_on_its_page(tracker: Tracker, coordinator: Visitor) -> None:
    fact = coordinator.api(f"{BRENT}/extensions", BODY).json()["id"]
    page = f"{BRENT}/corrections/{fact}"
    typed = coordinator.form(page)
    assert (typed["until-day"], typed["agreed_by"], typed["agreed_on-month"]) == ("31", "Ann Lee, director", "12")
    right = told(coordinator.follow(coordinator.send(page, reason="Longer.", **{"until-month": "3"})).text)
    assert "Until 31 March 2012" in right
    assert coordinator.get(page).status_code == 409
    officer = tracker.signed_in("officer", council="brent")
    account = coordinator.api(BRENT).json()
    later = account["history"][0]["id"]
    assert account["more_time_until"] == "2012-03-31"
    assert tracker.signed_in("board").api(BRENT).json()["more_time_until"] is None
    assert officer.get(f"{BRENT}/corrections/{later}").status_code == 403
    gone = coordinator.follow(coordinator.send(f"{BRENT}/corrections/{later}", what="withdraw", reason="No."))
    assert "Until 31 March 2012, agreed" not in told(gone.text)


@pytest.mark.parametrize(("role", "place"), [("board", {}), ("officer", {"council": "brent"})])
def test_others_do_not_agree_to_it(tracker: Tracker, role: str, place: dict[str, str]) -> None:
    visitor = tracker.signed_in(role, **place)
    assert visitor.get(NEW).status_code == 403
    assert visitor.api(f"{BRENT}/extensions", BODY).status_code == 403


def test_a_coordinator_of_another_region_does_not_either(tracker: Tracker) -> None:
    other = tracker.signed_in("coordinator", region="north-west")
    assert other.get(NEW).status_code == 403
    assert other.api(f"{BRENT}/extensions", BODY).status_code == 403


def test_a_decision_not_to_publish_says_who_agreed(tracker: Tracker) -> None:
    officer = tracker.signed_in("officer", council="brent")
    sent = officer.send(
        f"{BRENT}/statuses/new", status="will not publish", note="A joint report", agreed_by="The cabinet"
    )
    page = officer.follow(sent).text
    assert "decided not to publish a local account this year: A joint report." in page
    assert "The cabinet" in page.partition("Who agreed that it will not publish")[2]
    assert "The cabinet" not in tracker.signed_in("board").get(BRENT).text


def test_first_published_and_days_late_are_on_the_page_in_the_file_and_in_the_api(
    tracker: Tracker, coordinator: Visitor
) -> None:
    clerk = Clerk(tracker.database)
    clerk.says(Status.DRAFTING)
    assert "Not published yet" in coordinator.get(BRENT).text
    clerk.publishes()
    assert "16 December 2011, on time" in told(coordinator.get(BRENT).text)
    row = coordinator.api("/local-accounts/2011-2012?council=brent").json()["items"][0]
    assert (row["published_on"], row["on_time"], row["days_late"]) == (DECEMBER.isoformat(), True, 0)
    heads = coordinator.get("/local-accounts/2011-2012/list.csv").text.splitlines()[0]
    assert heads.endswith("on_time,days_late,years_missing")
    one = coordinator.api(BRENT).json()
    assert (one["on_time"], one["days_late"], one["years_missing"], one["more_time_until"]) == (True, 0, 0, None)
