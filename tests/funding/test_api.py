"""Money as JSON: the same rules by another door."""

from typing import Any
from uuid import uuid4

import pytest

from improvement.access.rules import Role
from improvement.database import Database
from tests.visiting import Tracker, Visitor

DAY = "2011-09-01"


@pytest.fixture
def secretary(tracker: Tracker, negotiated: Database) -> Visitor:
    return tracker.signed_in(Role.SECRETARIAT)


def made(visitor: Visitor, address: str, body: dict[str, Any]) -> dict[str, str]:
    answer = visitor.api(address, body)
    assert answer.status_code == 201, answer.text
    kept: dict[str, str] = answer.json()
    return kept


def agreed(visitor: Visitor) -> dict[str, str]:
    """An MoU agreed, money in hand, and London with £10,000.00 of which £9,000.00 is committed and £4,000.00 paid."""
    made(visitor, "/funding/mou", {"what": "agree", "amount_pence": 55000000, "effective_on": "2011-06-01"})
    made(visitor, "/funding/instalments", {"what": "received", "amount_pence": 20000000, "received_on": "2011-06-01"})
    made(visitor, "/funding/allocations", {"line": "london", "amount_pence": 1000000, "effective_on": DAY})
    promised = {"line": "london", "amount_pence": 900000, "recipient": "ALDCS", "purpose": "Peers", "effective_on": DAY}
    made(visitor, "/funding/commitments", promised)
    return made(visitor, "/funding/payments", {"line": "london", "amount_pence": 400000, "paid_on": DAY})


def london(visitor: Visitor) -> dict[str, Any]:
    (row,) = visitor.api("/funding/lines?line=london").json()["items"]
    kept: dict[str, Any] = row
    return kept


def test_a_line_tells_what_was_recorded(secretary: Visitor) -> None:
    agreed(secretary)
    made(secretary, "/funding/refunds", {"line": "london", "amount_pence": 50000, "received_on": DAY})
    row = london(secretary)
    names = ("line", "kind", "allocated_pence", "committed_pence", "paid_pence", "refunded_pence", "remaining_pence")
    assert [row[name] for name in names] == ["london", "region", 1000000, 900000, 400000, 50000, 650000]
    mou = secretary.api("/funding/mou").json()
    listed = secretary.api("/funding/lines?limit=1000").json()
    assert listed["total"] == 10
    assert sum(row["allocated_pence"] for row in listed["items"]) + mou["unallocated_pence"] == mou["amount_pence"]
    assert (mou["state"], mou["cash_in_hand_pence"]) == ("agreed", 20000000 - 350000)


def test_the_entries_go_on_after_a_key(secretary: Visitor) -> None:
    agreed(secretary)
    found, after = [], ""
    while True:
        page = secretary.api(f"/funding/entries?limit=4{after}").json()
        found += [entry["id"] for entry in page["items"]]
        if page["after"] is None:
            break
        after = f"&after={page['after']}"
    assert len(found) == len(set(found)) == page["total"] == 1 + 10 + 5
    payments = secretary.api("/funding/entries?kind=payment&line=london").json()
    assert [entry["amount_pence"] for entry in payments["items"]] == [400000]
    assert secretary.api("/funding/entries?colour=red").status_code == 400
    assert secretary.api("/funding/entries?limit=1001").status_code == 400


REFUSED: list[tuple[str, dict[str, Any], str, str]] = [
    ("payments", {"line": "london", "amount_pence": 500001, "paid_on": DAY}, "amount_pence", "£0.01 too much"),
    ("payments", {"line": "london", "amount_pence": 0, "paid_on": DAY}, "amount_pence", "above zero"),
    ("payments", {"line": "london", "amount_pence": -5, "paid_on": DAY}, "amount_pence", "above zero"),
    ("payments", {"line": "london", "amount_pence": 1.5, "paid_on": DAY}, "amount_pence", "whole pence"),
    ("payments", {"line": "london", "amount_pence": "5", "paid_on": DAY}, "amount_pence", "whole pence"),
    ("payments", {"line": "london", "amount_pence": True, "paid_on": DAY}, "amount_pence", "whole pence"),
    ("payments", {"line": "london", "amount_pence": 10**16, "paid_on": DAY}, "amount_pence", "or less"),
    ("payments", {"line": "london", "amount_pence": 5, "paid_on": "2011-02-30"}, "paid_on", "real date"),
    ("payments", {"line": "london", "amount_pence": 5, "paid_on": "2099-01-01"}, "paid_on", "today or earlier"),
    ("payments", {"line": "narnia", "amount_pence": 5, "paid_on": DAY}, "line", "no funding line"),
    ("payments", {"line": "london", "amount_pence": 5, "paid_on": DAY, "x": 1}, "x", "no such field"),
    ("payments", {"line": "london"}, "paid_on", "Enter the day it was paid."),
    ("allocations", {"line": "london", "amount_pence": 54000001}, "amount_pence", "amount in force"),
    ("mou", {"what": "sell"}, "what", "Select what happened"),
    ("mou", {"what": "agree"}, "amount_pence", "Enter the amount."),
    ("mou", {"what": "close", "amount_pence": 5}, "amount_pence", "no such field"),
    ("mou", {"what": "vary", "amount_pence": 60000000}, "reason", "Enter the reason."),
    ("virements", {"legs": [{"line": "london", "amount_pence": 1}], "why": "x"}, "legs", "two or more"),
    ("virements", {"legs": [{"line": "london", "x": 1}], "why": "x"}, "legs", "not in the right form"),
    ("corrections", {"corrects": str(uuid4()), "reason": "x"}, "values", "right values"),
    ("lines", {"kind": "region", "region": "london"}, "", "recorded before"),
    ("lines", {"kind": "post"}, "title", "title of the post"),
]


def test_a_refusal_names_the_field_and_what_to_do_and_keeps_nothing(secretary: Visitor) -> None:
    agreed(secretary)
    before = secretary.api("/funding/entries").json()["total"]
    for address, body, field, words in REFUSED:
        answer = secretary.api(f"/funding/{address}", body)
        told = answer.json()
        assert answer.status_code == (422 if field else 409), (body, answer.text)
        assert words in (told["fields"].get(field, told["fields"]) if field else told["error"]), body
    assert secretary.api("/funding/entries").json()["total"] == before


def test_a_fact_is_corrected_once_with_values_or_withdrawn(secretary: Visitor) -> None:
    paid = agreed(secretary)["id"]
    unknown = {"corrects": paid, "reason": "x", "values": {"colour": "red"}}
    assert secretary.api("/funding/corrections", unknown).json()["fields"] == {"colour": "There is no such field."}
    right = made(
        secretary, "/funding/corrections", {"corrects": paid, "reason": "x", "values": {"amount_pence": 300000}}
    )
    assert london(secretary)["paid_pence"] == 300000
    again = secretary.api("/funding/corrections", {"corrects": paid, "reason": "x", "withdrawn": True})
    assert again.status_code == 409
    made(secretary, "/funding/corrections", {"corrects": right["id"], "reason": "x", "withdrawn": True})
    assert london(secretary)["paid_pence"] == 0
    (then,) = secretary.api("/funding/lines?line=london&as-at=2011-09-02").json()["items"]
    assert then["allocated_pence"] == 0, "nobody had told us by then"


def test_every_kind_of_fact_can_be_corrected_with_nothing_changed(secretary: Visitor) -> None:
    agreed(secretary)
    made(secretary, "/funding/mou", {"what": "vary", "amount_pence": 60000000, "reason": "More was offered"})
    made(secretary, "/funding/releases", {"line": "london", "of": "commitment", "amount_pence": 1})
    legs = [{"line": "london", "amount_pence": -1}, {"line": "eastern", "amount_pence": 1}]
    made(secretary, "/funding/virements", {"legs": legs, "why": "x"})
    due = made(secretary, "/funding/instalments", {"amount_pence": 5, "due_on": "2027-01-01"})
    assert due["ref"].startswith("I-")
    made(secretary, "/funding/returns", {"amount_pence": 5, "returned_on": DAY})
    before = secretary.api("/funding/mou").json()
    for entry in secretary.api("/funding/entries").json()["items"]:
        made(secretary, "/funding/corrections", {"corrects": entry["id"], "reason": "As it was", "values": {}})
    assert secretary.api("/funding/mou").json() == before


def test_who_may_not_record_or_see(tracker: Tracker, secretary: Visitor) -> None:
    agreed(secretary)
    coordinator, board = tracker.signed_in(Role.COORDINATOR, region="eastern"), tracker.signed_in(Role.BOARD)
    body = {"line": "london", "amount_pence": 1, "paid_on": DAY}
    assert coordinator.api("/funding/payments", body).status_code == 403
    assert board.api("/funding/payments", body).status_code == 403
    assert tracker.anonymous().api("/funding/payments", body).status_code == 401
    assert tracker.anonymous().api("/funding/lines").status_code == 401
    assert [row["line"] for row in coordinator.api("/funding/lines").json()["items"]] == ["eastern"]
    assert {entry["line"] for entry in coordinator.api("/funding/entries").json()["items"]} == {"eastern"}
    assert coordinator.api("/funding/entries?line=london").json()["total"] == 0
    assert board.api("/funding/lines").json()["total"] == 10


def test_the_same_key_and_body_is_answered_the_same(secretary: Visitor) -> None:
    agreed(secretary)
    body = {"line": "london", "amount_pence": 100, "paid_on": DAY}
    one, two = (secretary.api("/funding/payments", body, Idempotency_Key="k1") for _ in range(2))
    assert one.json() == two.json()
    other = secretary.api("/funding/payments", {**body, "amount_pence": 200}, Idempotency_Key="k1")
    assert other.status_code == 409
    assert london(secretary)["paid_pence"] == 400100


def test_before_there_is_an_mou_there_is_nothing(tracker: Tracker, seeded: Database) -> None:
    visitor = tracker.signed_in(Role.SECRETARIAT)
    assert visitor.api("/funding/lines").json() == {"items": [], "total": 0, "after": None}
    assert visitor.api("/funding/entries").json() == {"items": [], "total": 0, "after": None}
    assert visitor.api("/funding/mou").status_code == 404
    first = {"what": "negotiate", "mou": "2011-2012", "title": "x", "funder": "y", "amount_pence": 5}
    made(visitor, "/funding/mou", first)
    assert visitor.api("/funding/mou").json()["state"] == "in negotiation"
