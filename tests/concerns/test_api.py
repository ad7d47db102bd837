"""Concerns and actions over the API, with the bodies and answers that programs rely on."""

from typing import Any

import pytest

from improvement.access.rules import Role
from tests.visiting import Tracker, Visitor

CONCERN: dict[str, Any] = {
    "council": "brent",
    "title": "Waiting times",
    "description": "People wait too long.",
    "themes": ["adult safeguarding"],
    "severity": "medium",
    "sensitivity": "public",
    "source": "complaints",
}
ACTION: dict[str, Any] = {
    "title": "Weekend clinics",
    "outcome": "Seen sooner",
    "measure": "9 in 10",
    "owner": "Head of assessment",
    "target_on": "2012-03-31",
}


@pytest.fixture
def officer(tracker: Tracker) -> Visitor:
    return tracker.signed_in(Role.OFFICER, council="brent")


def made(visitor: Visitor, address: str, body: dict[str, Any]) -> dict[str, str]:
    answer = visitor.api(address, body)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def test_what_is_recorded_is_read_back(tracker: Tracker, officer: Visitor) -> None:
    """Raised, planned, updated, moved, closed; the rows hold what they must."""
    concern = made(officer, "/concerns", CONCERN)
    action = made(officer, f"/concerns/{concern['ref']}/actions", {**ACTION, "start_on": "2011-12-01"})
    made(officer, f"/actions/{action['ref']}/targets", {"target_on": "2012-06-30", "reason": "Staff"})
    made(officer, f"/actions/{action['ref']}/updates", {"state": "complete", "rag": "green", "evidence": "Minutes"})
    coordinator = tracker.signed_in(Role.COORDINATOR, region="london")
    made(coordinator, f"/concerns/{concern['ref']}/closings", {"evidence": "Seen"})
    listed = officer.api("/concerns").json()
    assert (listed["total"], listed["after"]) == (1, None)
    row = listed["items"][0]
    assert row == row | {key: CONCERN[key] for key in ("council", "title", "themes", "severity", "sensitivity")}
    assert (row["ref"], row["state"]) == (concern["ref"], "closed")
    row = officer.api("/actions?council=brent").json()["items"][0]
    wanted = {"ref": action["ref"], "council": "brent", "title": "Weekend clinics", "target_on": "2012-06-30"}
    assert row == row | wanted | {"state": "complete", "rag": "complete", "concerns": [concern["ref"]], "slips": 1}
    whole = officer.api(f"/concerns/{concern['ref']}").json()
    assert whole["description"] == CONCERN["description"]
    assert [each["ref"] for each in whole["served_by"]] == [action["ref"]]
    assert len(whole["history"]) == 6


def test_a_correction_over_the_api(officer: Visitor) -> None:
    concern = made(officer, "/concerns", CONCERN)
    right = {"corrects": concern["id"], "reason": "Misheard", "values": {"severity": "low"}}
    made(officer, "/concerns/corrections", right)
    assert officer.api(f"/concerns/{concern['ref']}").json()["severity"] == "low"
    assert officer.api("/concerns/corrections", right).status_code == 409


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"themes": ["weather"]}, "themes"),
        ({"themes": []}, "themes"),
        ({"severity": "huge"}, "severity"),
        ({"council": "atlantis"}, "council"),
        ({"effective_on": "2999-01-01"}, "effective_on"),
        ({"effective_on": "soon"}, "effective_on"),
        ({"ref": "C-AAAAA"}, "ref"),
        ({"recorded_by": 1}, "recorded_by"),
        ({"title": "x" * 201}, "title"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(officer: Visitor, changed: dict[str, Any], field: str) -> None:
    answer = officer.api("/concerns", {**CONCERN, **changed})
    assert answer.status_code == 422
    assert list(answer.json()["fields"]) == [field]
    assert officer.api("/concerns").json()["total"] == 0


def test_what_is_left_out_is_asked_for(officer: Visitor) -> None:
    answer = officer.api("/concerns", {"council": "brent"})
    assert set(answer.json()["fields"]) == set(CONCERN) - {"council"}


def test_the_board_may_see_and_not_do(tracker: Tracker, officer: Visitor) -> None:
    concern = made(officer, "/concerns", CONCERN)
    board = tracker.signed_in(Role.BOARD)
    assert board.api("/concerns").json()["total"] == 1
    assert board.api(f"/concerns/{concern['ref']}/actions", ACTION).status_code == 403


def test_a_list_is_read_page_by_page(officer: Visitor) -> None:
    for name in ("larches", "rowans", "willows"):
        made(officer, "/concerns", {**CONCERN, "title": f"Concern of the {name}"})
    first = officer.api("/concerns?limit=2").json()
    rest = officer.api(f"/concerns?limit=2&after={first['after']}").json()
    refs = [row["ref"] for row in (*first["items"], *rest["items"])]
    assert refs == sorted(set(refs))
    assert len(refs) == first["total"] == rest["total"] == 3
    assert officer.api("/concerns?q=concern+willows").json()["total"] == 1
    assert officer.api("/concerns?themes=adult+safeguarding").json()["total"] == 3
