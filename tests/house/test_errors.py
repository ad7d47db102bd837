"""One shape for every refusal: a page that says what to do, or JSON with three members, and nothing kept."""

import json
from collections.abc import Iterator

import pytest
from httpx import Response

from improvement.access.rules import Role
from improvement.database import Database
from improvement.web.shield import Shield
from tests.visiting import Tracker, Visitor

LONG = "x" * 1_200_000


def as_json(answer: Response, status: int) -> dict[str, str]:
    """Checks the one shape of JSON, and gives the fields at fault."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"].startswith("application/json")
    assert answer.headers["cache-control"] == "no-store"
    told = json.loads(answer.text)
    assert told.keys() == {"status", "error", "fields"}
    assert told["status"] == status
    assert told["error"].endswith(".")
    assert all(sentence.endswith(".") for sentence in told["fields"].values())
    return dict(told["fields"])


def as_page(answer: Response, status: int) -> str:
    """Checks the one shape of a page that refuses."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    assert "<h1" in answer.text
    assert "Traceback" not in answer.text
    return answer.text


@pytest.fixture
def tracker(application: Shield, started: Database) -> Iterator[Tracker]:
    """The tracker on its first day, with money under negotiation."""
    made = Tracker(application, started)
    yield made
    made.close()


@pytest.fixture
def secretariat(tracker: Tracker) -> Visitor:
    """Somebody who may do everything but approve."""
    return tracker.signed_in(Role.SECRETARIAT)


def posted(visitor: Visitor, address: str, body: bytes | str, **headers: str) -> Response:
    """What the API answers to a body that no program of ours would send."""
    visitor.api("/councils?limit=1")
    known = {"Authorization": f"Bearer {visitor.token}", "Content-Type": "application/json", **headers}
    return visitor.client.post(f"/api/v1{address}", content=body, headers=known)


def test_what_cannot_be_read_is_400(secretariat: Visitor) -> None:
    as_json(posted(secretariat, "/funding/payments", "{not json"), 400)
    as_json(secretariat.api("/councils?as-at=31-12-2011"), 400)
    as_page(secretariat.get("/councils?as-at=yesterday"), 400)


def test_no_record_has_an_address_with_a_nul_in_it(tracker: Tracker, secretariat: Visitor) -> None:
    for address in ("/funding/splits/%00", "/local-accounts/2011-2012/%00", "/councils/a%00b", "/concerns/%00"):
        for visitor in (secretariat, tracker.anonymous()):
            as_page(visitor.get(address), 404)
    as_json(secretariat.api("/funding/splits/%00"), 404)
    as_page(secretariat.post("/local-accounts/2011-2012/%00/statuses/new", {"status": "planned"}), 404)


def test_who_is_not_signed_in_is_told_so_and_led_to_the_door(tracker: Tracker) -> None:
    nobody = tracker.anonymous()
    answer = nobody.api("/concerns")
    as_json(answer, 401)
    assert answer.headers["www-authenticate"] == "Bearer"
    led = nobody.get("/concerns")
    assert (led.status_code, led.headers["location"]) == (303, "/sign-in?next=%2Fconcerns")


def test_who_may_see_but_not_do_is_403(tracker: Tracker) -> None:
    board = tracker.signed_in(Role.BOARD)
    as_json(board.api("/funding/payments", {"line": "london", "amount_pence": 1, "paid_on": "2011-12-01"}), 403)
    as_page(board.get("/funding/payments/new"), 403)


def test_what_is_not_there_is_404(secretariat: Visitor) -> None:
    as_json(secretariat.api("/no-such-thing"), 404)
    as_json(secretariat.api("/concerns/C-00000"), 404)
    as_page(secretariat.get("/no-such-thing"), 404)
    as_page(secretariat.get("/councils/atlantis"), 404)


def test_the_same_key_with_other_content_is_409(secretariat: Visitor) -> None:
    body = {"line": "london", "amount_pence": 100, "effective_on": "2011-06-01"}
    first = secretariat.api("/funding/allocations", body, idempotency_key="one")
    assert first.status_code == 201, first.text
    again = secretariat.api("/funding/allocations", body, idempotency_key="one")
    assert (again.status_code, again.json()) == (201, first.json())
    as_json(secretariat.api("/funding/allocations", {**body, "amount_pence": 200}, idempotency_key="one"), 409)


def test_more_than_we_take_is_413(secretariat: Visitor) -> None:
    as_json(posted(secretariat, "/funding/payments", json.dumps({"line": LONG})), 413)
    as_page(secretariat.post("/sign-out", {"where": LONG}), 413)


def test_what_a_rule_refuses_is_422_with_a_sentence_for_each_field(secretariat: Visitor) -> None:
    wrong = {"line": "london", "amount_pence": -1, "paid_on": "soon"}
    fields = as_json(secretariat.api("/funding/payments", wrong), 422)
    assert fields.keys() >= {"amount_pence", "paid_on"}
    unknown = {"line": "london", "amount_pence": 1, "paid_on": "2011-12-01", "seq": 1}
    assert as_json(secretariat.api("/funding/payments", unknown), 422).keys() == {"seq"}


def test_a_method_an_address_does_not_have_is_refused_in_the_same_shape(secretariat: Visitor) -> None:
    answer = secretariat.client.delete("/api/v1/councils")
    as_json(answer, answer.status_code)
    assert 400 <= answer.status_code < 500


def test_a_form_from_elsewhere_is_403_and_nothing_is_kept(secretariat: Visitor) -> None:
    typed = secretariat.form("/sign-out")
    as_page(secretariat.post("/sign-out", {**typed, "csrf_token": "x" * 43}), 403)
    as_page(secretariat.post("/sign-out", {**typed, "csrf_token": "ø"}), 403)
    assert secretariat.get("/sign-out").status_code == 200
