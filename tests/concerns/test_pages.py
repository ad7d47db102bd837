"""The pages and forms about concerns, as people of each kind come to them, on both databases."""

from datetime import date

import pytest

from improvement.access.rules import Role
from tests.visiting import Tracker, Typed, Visitor

CONCERN: Typed = {
    "title": "Waiting times for a first assessment",
    "description": "People told us they waited too long to be seen.",
    "themes": ["adult safeguarding", "consumer feedback data"],
    "severity": "medium",
    "sensitivity": "public",
    "source": "local account",
    "source_page": "21",
    "source_quote": "people waited",
}
ACTION: Typed = {
    "title": "Weekend clinics",
    "outcome": "People are seen sooner",
    "measure": "9 in 10 seen within 28 days",
    "owner": "Head of assessment",
}


@pytest.fixture
def officer(tracker: Tracker) -> Visitor:
    return tracker.signed_in(Role.OFFICER, council="brent")


@pytest.fixture
def coordinator(tracker: Tracker) -> Visitor:
    return tracker.signed_in(Role.COORDINATOR, region="london")


def on(name: str, day: date) -> Typed:
    """A date as its three boxes send it."""
    return {f"{name}-day": str(day.day), f"{name}-month": str(day.month), f"{name}-year": str(day.year)}


def raised(officer: Visitor, **changed: str) -> str:
    """The address of a new concern about Brent."""
    sent = officer.send("/concerns/new", **{**CONCERN, **changed})
    assert sent.status_code == 303, sent.text
    return str(sent.headers["location"])


def planned(officer: Visitor, concern: str) -> str:
    """The address of a new action for a concern."""
    sent = officer.send(f"{concern}/actions/new", **ACTION, **on("target_on", date(2098, 3, 31)))
    assert sent.status_code == 303, sent.text
    rows = officer.api("/actions").json()["items"]
    return f"/actions/{rows[-1]['ref']}"


def test_from_raised_to_closed_by_hand(officer: Visitor, coordinator: Visitor) -> None:
    """An officer raises a concern, plans, updates; the coordinator confirms; every page says where it stands."""
    concern = raised(officer)
    page = officer.get(concern).text
    assert "Nothing is planned for it yet." in page
    assert "people waited" in page
    action = planned(officer, concern)
    assert "Weekend clinics" in officer.get(concern).text
    told = officer.send(f"{action}/updates/new", state="complete", narrative="Four clinics ran")
    assert "Four clinics ran" in officer.follow(told).text
    refused = officer.send(f"{concern}/closings/new", evidence="Done")
    assert refused.status_code == 422
    assert "Ask someone who did not" in refused.text
    closed = coordinator.send(f"{concern}/closings/new", evidence="I sat in a clinic")
    assert "I sat in a clinic" in coordinator.follow(closed).text
    assert "<strong>Closed.</strong>" in officer.get(concern).text


def test_every_other_form_is_taken(officer: Visitor, coordinator: Visitor) -> None:
    """Link, unlink, move, accept, reopen, change who may see, ask the region, answer."""
    first, second = raised(officer), raised(officer, title="Another")
    action = planned(officer, first)
    ref = action.rsplit("/", 1)[1]
    done = [
        officer.send(f"{second}/links/new", action=ref),
        officer.send(f"{second}/unlinks/new", action=ref, reason="It does not help"),
        officer.send(f"{action}/targets/new", reason="Staff left", **on("target_on", date(2098, 6, 30))),
        officer.send(f"{second}/acceptances/new", reason="Small"),
        officer.send(f"{second}/reopenings/new", reason="Not so small"),
        officer.send(f"{second}/sensitivities/new", sensitivity="board"),
        officer.send(f"{second}/escalations/new", level="region", reason="Needs the hospitals"),
        coordinator.send(f"{second}/answers/new", level="region", answer="We will ask them"),
    ]
    assert [answer.status_code for answer in done] == [303] * 8
    page = officer.get(action).text
    assert "Staff left" in page
    assert "+91" in page
    assert "We will ask them" in officer.get(second).text


def test_a_refused_form_keeps_what_was_typed_and_says_every_mistake(officer: Visitor) -> None:
    answer = officer.send("/concerns/new", **{**CONCERN, "title": "", "severity": "", "themes": []})
    assert answer.status_code == 422
    assert "<title>Error: Raise a concern" in answer.text
    assert "Enter what is wrong, in a few words." in answer.text
    assert "Select how serious it is" in answer.text
    assert "people waited" in answer.text
    assert "Select what it is about" in answer.text


def test_a_fact_is_corrected_on_its_page_and_the_earlier_is_kept(officer: Visitor) -> None:
    concern = raised(officer)
    fact = officer.api(f"/concerns/{concern.rsplit('/', 1)[1]}").json()["history"][0]["id"]
    form = f"/concerns/corrections/{fact}"
    assert CONCERN["description"] in officer.get(form).text
    right = officer.send(form, title="Waits for an assessment", correction_reason="Too long a title")
    page = officer.follow(right).text
    assert '<h1 class="govuk-heading-xl">Waits for an assessment</h1>' in page
    assert "Too long a title" in page
    assert "Corrected since." in page
    assert officer.get(form).status_code == 409


def test_a_fact_is_taken_back_and_restored(officer: Visitor) -> None:
    concern = raised(officer)
    action = planned(officer, concern)
    update = officer.send(f"{action}/updates/new", state="complete")
    assert update.status_code == 303

    def newest() -> dict[str, str]:
        return dict(officer.api(action).json()["history"][0])

    taken = officer.send(f"/concerns/corrections/{newest()['id']}", what="withdraw", correction_reason="Wrong action")
    assert taken.status_code == 303
    assert officer.api(action).json()["state"] == "not started"
    back = officer.send(f"/concerns/corrections/{newest()['id']}", what="withdraw", correction_reason="Right after all")
    assert back.status_code == 303
    assert officer.api(action).json()["state"] == "complete"


def test_lists_filter_group_and_can_be_taken_away(officer: Visitor) -> None:
    concern = raised(officer)
    raised(officer, title="=cmd|danger", severity="high")
    page = officer.get("/concerns").text
    assert page.index("danger") < page.index("Waiting times"), "the graver stands first"
    assert "No action yet" in page
    assert "Waiting times" not in officer.get("/concerns?severity=high").text
    assert "No concern fits" in officer.get("/concerns?q=nowhere").text
    assert "Waiting times" in officer.get("/concerns?q=assessment+brent").text
    csv = officer.get("/concerns/list.csv?state=open")
    assert csv.headers["content-type"].startswith("text/csv")
    assert "'=cmd|danger" in csv.text
    planned(officer, concern)
    assert "Weekend clinics" in officer.get("/actions").text
    assert "Weekend clinics" not in officer.get("/actions?due=overdue").text
    assert "Weekend clinics" in officer.get("/actions/list.csv").text
    assert "Weekend clinics" in officer.get("/plans/2011-2012/brent").text


def test_an_action_may_stand_in_the_plan_alone(officer: Visitor) -> None:
    sent = officer.send("/plans/2011-2012/brent/actions/new", **ACTION, **on("target_on", date(2012, 3, 31)))
    page = officer.follow(sent).text
    assert "Weekend clinics" in page
    assert "Overdue" in page


def test_nothing_can_be_changed_while_looking_back(officer: Visitor) -> None:
    concern = raised(officer)
    today = officer.api(concern).json()["raised_on"]
    for address in ("/concerns", "/actions", concern, "/plans/2011-2012/brent"):
        page = officer.get(f"{address}?as-at={today}")
        assert page.status_code == 200
        assert "/new" not in page.text
        assert "Correct" not in page.text
        assert page.headers["cache-control"] == "no-store"
    assert officer.get(f"{concern}/actions/new?as-at={today}").status_code == 403
    assert officer.get(f"{concern}?as-at=2011-12-31").status_code == 404


def test_empty_pages_say_what_will_be_there_and_how_to_begin(officer: Visitor) -> None:
    assert "Raise the first one" in officer.get("/concerns").text
    assert "No actions yet" in officer.get("/actions").text
    assert "Plan the first one" in officer.get("/plans/2011-2012/brent").text
