"""A form is taken only from one of our own pages, as it was shown to this very browser. Else nothing is written."""

import json
from collections.abc import Iterator
from hashlib import sha256

import pytest
from httpx import Response

from improvement import upkeep
from improvement.access.rules import Role
from tests.visiting import Forms, Tracker, Typed, Visitor

NEW = "/local-accounts/2011-2012/brent/statuses/new"
TOKEN = "csrf_token"


def dump(tracker: Tracker) -> str:
    with tracker.database.reading() as session:
        return sha256("\n".join(upkeep.dump(session)).encode()).hexdigest()


@pytest.fixture
def officer(tracker: Tracker) -> Iterator[Visitor]:
    """Somebody who may send the form; whatever is tried with it, not one fact comes of it."""
    visitor = tracker.signed_in(Role.OFFICER, council="brent")
    before = dump(tracker)
    yield visitor
    assert dump(tracker) == before


@pytest.fixture
def typed(officer: Visitor) -> Typed:
    """A form that would be taken as it stands."""
    day = {"effective_on-day": "1", "effective_on-month": "6", "effective_on-year": "2011"}
    return {**officer.form(NEW), "status": "drafting", **day}


def send(visitor: Visitor, body: object, **headers: str) -> Response:
    kind = {"content-type": "application/x-www-form-urlencoded"} if isinstance(body, bytes | str) else {}
    given = {"content": body} if isinstance(body, bytes | str) else {"data": body}
    return visitor.client.post(NEW, headers={**kind, **headers}, follow_redirects=False, **given)  # type: ignore[arg-type]


def test_as_it_was_shown_the_form_is_taken(tracker: Tracker) -> None:
    visitor = tracker.signed_in(Role.OFFICER, council="brent")
    before = dump(tracker)
    day = {"effective_on-day": "1", "effective_on-month": "6", "effective_on-year": "2011"}
    assert visitor.send(NEW, status="drafting", **day).status_code == 303
    assert dump(tracker) != before


@pytest.mark.parametrize("token", ["", "x", "x" * 64, "ø" * 64, "\ud83d\udca9", "0" * 900_000, "\0"], ids=len)
def test_a_token_that_is_not_ours_is_refused(officer: Visitor, typed: Typed, token: str) -> None:
    token = token.encode("utf-16", "surrogatepass").decode("utf-16")
    assert send(officer, {**typed, TOKEN: token}).status_code == 403


def test_no_token_is_refused(officer: Visitor, typed: Typed) -> None:
    del typed[TOKEN]
    assert send(officer, typed).status_code == 403


def test_two_tokens_are_refused_even_if_one_is_right(officer: Visitor, typed: Typed) -> None:
    assert send(officer, {**typed, TOKEN: [typed[TOKEN], "wrong"]}).status_code == 403
    assert send(officer, {**typed, TOKEN: ["wrong", typed[TOKEN]]}).status_code == 403


def test_a_token_shown_to_somebody_else_is_refused(tracker: Tracker, officer: Visitor, typed: Typed) -> None:
    other = tracker.signed_in(Role.OFFICER, council="brent")
    assert send(officer, {**typed, TOKEN: other.form(NEW)[TOKEN]}).status_code == 403


def test_a_token_from_before_signing_in_is_refused(tracker: Tracker, officer: Visitor, typed: Typed) -> None:
    assert send(officer, {**typed, TOKEN: tracker.anonymous().form("/sign-in")[TOKEN]}).status_code == 403


def test_a_token_of_the_same_persons_other_session_is_refused(tracker: Tracker, officer: Visitor, typed: Typed) -> None:
    elsewhere = tracker.sign_in(officer.email)
    assert send(officer, {**typed, TOKEN: elsewhere.form(NEW)[TOKEN]}).status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": ""},
        {"origin": "http://127.0.0.1:8000.evil.example"},
        {"origin": "https://127.0.0.1:8000"},
        {"origin": "http://127.0.0.1:9999"},
    ],
    ids=str,
)
def test_a_form_from_another_site_is_refused_with_the_right_token(
    officer: Visitor, typed: Typed, headers: dict[str, str]
) -> None:
    assert send(officer, typed, **headers).status_code == 403


@pytest.mark.parametrize(
    ("kind", "status"),
    [("text/plain", 403), ("application/json", 403), ("multipart/form-data; boundary=x", 403), ("", 403), ("a/b", 403)],
)
def test_a_body_of_another_kind_carries_no_token(officer: Visitor, typed: Typed, kind: str, status: int) -> None:
    assert send(officer, json.dumps(typed), **{"content-type": kind}).status_code == status


@pytest.mark.parametrize("body", [b"csrf_token=%ff%fe", b"csrf_token=\xff\xfe", b"%00=%00", b"a=1&" * 3000, b"&&==&"])
def test_a_body_that_is_no_form_is_refused(officer: Visitor, body: bytes) -> None:
    assert send(officer, body).status_code in (400, 403)


def test_a_token_sent_as_a_file_is_refused(officer: Visitor, typed: Typed) -> None:
    token = str(typed.pop(TOKEN))
    answer = officer.post(NEW, typed, files={TOKEN: ("token", token.encode())})
    assert answer.status_code == 403


def test_a_body_that_is_too_big_is_refused(officer: Visitor, typed: Typed) -> None:
    assert send(officer, {**typed, "note": "x" * 1_100_000}).status_code == 413


def test_a_form_sent_by_nobody_is_refused(tracker: Tracker, officer: Visitor, typed: Typed) -> None:
    assert send(tracker.anonymous(), typed).status_code == 403


def test_the_token_of_a_browser_whose_cookie_is_spoilt_still_leads_somewhere(tracker: Tracker) -> None:
    visitor = tracker.anonymous()
    visitor.client.cookies.set("browser", "short", domain="127.0.0.1")
    assert visitor.send("/sign-in", email="nobody@example.org").status_code == 200


def test_the_api_takes_no_session_in_the_place_of_a_token(officer: Visitor) -> None:
    body = {"status": "drafting", "effective_on": "2011-06-01"}
    answer = officer.client.post("/api/v1/local-accounts/2011-2012/brent/statuses", json=body)
    assert (answer.status_code, answer.json()["status"]) == (401, 401)


IMPORT = "/people/import"
MIXED = "multipart/form-data; boundary=x"
NAMED = b'Content-Disposition: form-data; name="a"'


def part(*headers: bytes, value: bytes = b"b") -> bytes:
    return b"--x\r\n" + b"\r\n".join(headers) + b"\r\n\r\n" + value + b"\r\n"


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (MIXED, b"garbage"),
        (MIXED, part() + b"--x--"),
        (MIXED, part(NAMED, value=b"\xff") + b"--x--"),
        (MIXED, part(b'Content-Disposition: form-data; name="\xff"') + b"--x--"),
        (MIXED, part(b'Content-Disposition: form-data; filename="f"') + b"--x--"),
        (MIXED, b"".join(part(b'Content-Disposition: form-data; name="a%d"' % n) for n in range(3000)) + b"--x--"),
        (MIXED, part(b"Content-Type: text/plain; charset=nonsense", NAMED) + b"--x--"),
        (MIXED, part(b"Content-Type: application/json", NAMED, value=b"{") + b"--x--"),
        (MIXED, part(NAMED)),
        ("multipart/form-data", part(NAMED) + b"--x--"),
        ("multipart/form-data; boundary=" + "x" * 5000, b"--x--"),
        ("multipart/form-data; boundary=", b"----"),
    ],
)
def test_a_file_form_that_cannot_be_read_is_refused(tracker: Tracker, kind: str, body: bytes) -> None:
    visitor = tracker.signed_in(Role.SECRETARIAT)
    answer = visitor.client.post(IMPORT, content=body, headers={"content-type": kind}, follow_redirects=False)
    assert answer.status_code in (400, 403, 413)


def test_a_file_that_is_too_big_is_refused(tracker: Tracker) -> None:
    visitor = tracker.signed_in(Role.SECRETARIAT)
    typed = visitor.form(IMPORT)
    assert visitor.post(IMPORT, typed, {"file": ("p.csv", b"x" * 10_100_000)}).status_code == 413
    assert visitor.post(IMPORT, {**typed, TOKEN: ""}, {"file": ("p.csv", b"x" * 1_100_000)}).status_code == 403


SAME = {"sec-fetch-site": "same-origin", "origin": "http://127.0.0.1:8000"}
WORDS = "Two weeks' work <b>\nand a second line"


def test_a_form_sent_after_its_session_ended_is_kept_until_one_has_signed_in(
    tracker: Tracker, officer: Visitor, typed: Typed
) -> None:
    typed |= {"note": WORDS, "effective_on-day": "31", "effective_on-month": "2"}
    officer.send("/sign-out", where="here")
    kept = send(officer, typed, **SAME)
    assert (kept.status_code, kept.headers["cache-control"]) == (403, "no-store")
    assert "You are signed out" in kept.text
    assert "&lt;b&gt;" in kept.text
    fields = Forms(kept.text).found[0][1]
    too_soon = send(officer, fields, **SAME)
    assert "You are signed out" in too_soon.text
    assert Forms(too_soon.text).found[0][1] == fields
    changed = {"csrf_token", "idempotency_key"}
    assert {name: value for name, value in fields.items() if name not in changed} == {
        name: value for name, value in typed.items() if name not in changed
    }
    assert fields["idempotency_key"] == typed["idempotency_key"], "sent twice, it is still one"

    again = tracker.sign_in(officer.email)
    shown = send(again, fields, **SAME)
    assert shown.status_code == 403
    assert "Check it, then send it again." in shown.text
    form = next(fields for action, fields in Forms(shown.text).found if not action)
    assert (form["note"], form["effective_on-day"], form["idempotency_key"]) == (WORDS, "31", typed["idempotency_key"])
    refused = send(again, form, **SAME)
    assert refused.status_code == 422, "its token is that of the new session"


@pytest.mark.parametrize(
    "headers",
    [{}, {"sec-fetch-site": "none"}, {"sec-fetch-site": "cross-site"}, {**SAME, "origin": "null"},
     {**SAME, "sec-fetch-site": "same-site"}, {"origin": "http://evil.example"}],
    ids=str,
)  # fmt: skip
def test_what_another_site_may_have_sent_is_not_shown(
    tracker: Tracker, officer: Visitor, typed: Typed, headers: dict[str, str]
) -> None:
    for visitor in (tracker.anonymous(), officer):
        refused = send(visitor, {**typed, TOKEN: "x", "note": "PLANTED"}, **headers)
        assert refused.status_code == 403
        assert "PLANTED" not in refused.text


def test_who_signed_in_as_somebody_who_may_not_send_it_is_not_shown_the_form(
    tracker: Tracker, officer: Visitor, typed: Typed
) -> None:
    board = tracker.signed_in(Role.BOARD)
    refused = send(board, {**typed, "note": WORDS}, **SAME)
    assert refused.status_code == 403
    assert "Two weeks" not in refused.text
