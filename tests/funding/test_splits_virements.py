"""A virement among several lines, typed row by row."""

import pytest

from improvement.access.rules import Role
from improvement.database import Database
from improvement.funding.book import UNALLOCATED, Kind, Leg
from tests.funding.test_pages import TODAY, fields_of
from tests.funding.test_splits import adopt, moved, save
from tests.visiting import Tracker, Visitor

ADDRESS = "/funding/virements/several"
THREE = {
    "line-1": "london", "gives-1": "100.00", "line-2": "eastern", "gains-2": "60", "line-4": UNALLOCATED,
    "gains-4": "£40.00", "why": "Less is needed", **TODAY,
}  # fmt: skip


@pytest.fixture
def secretary(tracker: Tracker, agreed: Database) -> Visitor:
    adopt(agreed, save(agreed))
    return tracker.signed_in(Role.SECRETARIAT)


def test_a_virement_of_three_lines_is_checked_and_then_recorded_once(secretary: Visitor, agreed: Database) -> None:
    assert ADDRESS in secretary.get("/funding/virements/new").text
    check = secretary.send(ADDRESS, **THREE)
    assert check.status_code == 200, check.text
    assert "Gives £100.00" in check.text
    assert "London: allocated" in check.text
    sent = {**fields_of(check.text), "checked": "yes"}
    for _ in range(2):
        assert secretary.post(ADDRESS, {**sent}).headers["location"] == "/funding"
    (virement,) = moved(agreed, Kind.VIREMENT)
    assert virement.legs == (Leg("london", -100_00), Leg("eastern", 60_00), Leg(UNALLOCATED, 40_00))


def test_from_the_check_page_one_can_go_back_and_more_rows_keep_what_was_typed(secretary: Visitor) -> None:
    more = secretary.send(ADDRESS, **THREE, more="yes")
    assert more.status_code == 200
    assert 'name="line-12"' in more.text
    assert 'name="line-13"' not in more.text
    assert 'value="100.00"' in more.text
    assert 'name="line-12"' in secretary.get(f"{ADDRESS}?rows=12").text
    check = secretary.send(ADDRESS, **THREE)
    again = secretary.post(ADDRESS, {**fields_of(check.text), "change": "yes"})
    assert 'value="100.00"' in again.text


def test_what_the_lines_gain_and_give_must_be_the_same(secretary: Visitor, agreed: Database) -> None:
    answer = secretary.send(ADDRESS, **{**THREE, "gains-2": "60.01"})
    assert answer.status_code == 422
    assert "gain £100.01 and give £100.00: they gain £0.01 more than they give" in answer.text
    assert 'value="60.01"' in answer.text
    assert moved(agreed, Kind.VIREMENT) == []


def test_every_row_that_is_wrong_is_told_at_once(secretary: Visitor) -> None:
    wrong = {
        "line-1": "london", "line-2": "eastern", "gains-2": "1", "gives-2": "1", "gains-3": "5", "line-4": "north-west",
        "gives-4": "1.234", "why": "",
    }  # fmt: skip
    answer = secretary.send(ADDRESS, **wrong)
    assert answer.status_code == 422
    for name in ("gains-1", "gives-2", "line-3", "gives-4", "why"):
        assert f'href="#{name}"' in answer.text, name
    twice = secretary.send(ADDRESS, **{**THREE, "line-2": "london"})
    assert "each once" in twice.text
    assert secretary.send(ADDRESS, why="x", **TODAY).status_code == 422


def test_a_large_one_needs_the_boards_decision_and_the_board_only_reads(tracker: Tracker, secretary: Visitor) -> None:
    large = {**THREE, "gives-1": "20,000", "gains-2": "19,960"}
    assert 'href="#decision_reference"' in secretary.send(ADDRESS, **large).text
    assert secretary.send(ADDRESS, **large, decision_reference="PB 9/11").status_code == 200
    assert tracker.signed_in(Role.BOARD).get(ADDRESS).status_code == 403
