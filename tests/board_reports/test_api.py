"""Board reports and rounds through the API, on both databases."""

import pytest

from improvement.access.rules import Role
from tests.board_reports.telling import drafted, issued, tell
from tests.visiting import Tracker

HERE = "/board-reports/2011-12"


@pytest.fixture
def told(tracker: Tracker) -> Tracker:
    with tracker.database.writing() as session:
        tell(session)
    return tracker


def test_from_draft_to_issued_by_the_api(told: Tracker) -> None:
    """Each step answers 201 with the fact's id; the report says its state, and its content when it is read."""
    secretariat, chair = told.signed_in(Role.SECRETARIAT), told.signed_in(Role.CHAIR)
    assert secretariat.api("/rounds", {"month": "2011-12"}).status_code == 201
    made = secretariat.api("/board-reports", {"month": "2011-12"})
    assert (made.status_code, list(made.json())) == (201, ["id"])
    assert secretariat.api(f"{HERE}/refreshes", {}).status_code == 201
    assert secretariat.api(f"{HERE}/sendings", {}).status_code == 201
    assert chair.api(f"{HERE}/returns", {"comments": "Shorter"}).status_code == 201
    assert secretariat.api(f"{HERE}/sendings", {}).status_code == 201
    assert chair.api(f"{HERE}/approvals", {}).status_code == 201
    assert secretariat.api(f"{HERE}/issues", {"note": "Paper 3"}).status_code == 201
    report = told.anonymous().api(HERE).json()
    assert (report["month"], report["state"], report["version"]) == ("2011-12", "issued", 1)
    assert report["content"]["figures"]["accounts_published"]["value"] == 2
    assert len(report["sha256"]) == 64
    assert secretariat.api(f"{HERE}/restatements", {"reason": "A correction"}).status_code == 201
    rounds = secretariat.api("/rounds").json()["items"]
    assert rounds[0] == {"month": "2011-12", "over": True, "state": "draft"}


def test_reports_are_listed_for_those_who_may_know_of_them(told: Tracker) -> None:
    with told.database.writing() as session:
        drafted(session)
    listed = told.signed_in(Role.SECRETARIAT).api("/board-reports").json()
    assert [(row["month"], row["state"]) for row in listed["items"]] == [("2011-12", "draft")]
    assert told.anonymous().api("/board-reports").json() == {"items": [], "total": 0, "after": None}


def test_what_cannot_be_read(told: Tracker) -> None:
    """Not a month: 400. Nothing released: 401 for those not signed in, 404 for those who are."""
    with told.database.writing() as session:
        drafted(session)
    board = told.signed_in(Role.BOARD)
    for visitor, address, status in (
        (told.anonymous(), "/board-reports/2011-13", 400),
        (told.anonymous(), HERE, 401),
        (told.anonymous(), "/board-reports/2011-11", 401),
        (board, HERE, 404),
        (board, "/board-reports/2011-11", 404),
    ):
        answer = visitor.api(address)
        assert (answer.status_code, answer.json()["status"]) == (status, status)


def test_each_reader_is_told_what_they_may_know(told: Tracker) -> None:
    with told.database.writing() as session:
        issued(session)
    names = {
        role: told.signed_in(role).api(HERE).json()["content"]["figures"].keys()
        for role in (Role.SECRETARIAT, Role.BOARD)
    }
    anyone = told.anonymous().api(HERE)
    assert "concerns_restricted" in names[Role.SECRETARIAT]
    assert "concerns_restricted" not in names[Role.BOARD]
    assert "concerns_open_board" in names[Role.BOARD]
    assert "concerns_open_board" not in anyone.text
    assert "concerns_open_public" in anyone.json()["content"]["figures"]


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({"month": "2098-01"}, 422, "month"),
        ({"month": 2011}, 422, "month"),
        ({}, 422, "month"),
        ({"month": "2011-12", "figures": {}}, 422, "figures"),
    ],
)
def test_what_cannot_be_drafted(told: Tracker, body: object, status: int, field: str) -> None:
    """Unknown fields are refused: nobody sends figures."""
    refused = told.signed_in(Role.SECRETARIAT).api("/board-reports", body)
    assert refused.status_code == status
    assert field in refused.json()["fields"]


def test_a_step_out_of_turn_is_a_conflict(told: Tracker) -> None:
    with told.database.writing() as session:
        drafted(session)
    secretariat = told.signed_in(Role.SECRETARIAT)
    refused = secretariat.api(f"{HERE}/issues", {})
    assert refused.status_code == 409
    assert "is a draft, so it cannot be issued" in refused.json()["error"]
    assert secretariat.api("/board-reports", {"month": "2011-12"}).status_code == 409
    assert told.signed_in(Role.BOARD).api(f"{HERE}/approvals", {}).status_code == 403
