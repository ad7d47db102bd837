"""What goes out with every answer, whoever gives it: a page, JSON, a file, a refusal, a redirect or nothing new."""

import re
from collections.abc import Callable

import pytest
from httpx import Response

from improvement.access.rules import Role
from improvement.database import Database, mark_demonstration
from improvement.web.environment import asset
from improvement.web.shield import Shield
from tests.visiting import Tracker, Visitor

Ask = Callable[[Visitor], Response]


def unchanged(visitor: Visitor) -> Response:
    tag = visitor.get("/councils").headers["etag"]
    return visitor.get("/councils", **{"if-none-match": tag})


ANSWERS: dict[str, tuple[int, Ask]] = {
    "a page": (200, lambda visitor: visitor.get("/councils")),
    "a page with a form": (200, lambda visitor: visitor.get("/sign-in")),
    "JSON": (200, lambda visitor: visitor.get("/api/v1/councils")),
    "a file of ours": (200, lambda visitor: visitor.get(asset("app.css"))),
    "health": (200, lambda visitor: visitor.get("/health")),
    "what has not changed": (304, unchanged),
    "a redirect": (303, lambda visitor: visitor.send("/sign-out", where="here")),
    "the way to sign in": (
        303,
        lambda visitor: visitor.client.get("/me", headers={"cookie": ""}, follow_redirects=False),
    ),
    "what cannot be read": (400, lambda visitor: visitor.get("/councils?as-at=soon")),
    "another host": (400, lambda visitor: visitor.get("/councils", host="evil.example")),
    "JSON for nobody": (401, lambda visitor: visitor.get("/api/v1/local-accounts/2011-2012", authorization="Bearer x")),
    "a form from elsewhere": (403, lambda visitor: visitor.post("/sign-out", {})),
    "no such page": (404, lambda visitor: visitor.get("/nothing/here")),
    "no such file": (404, lambda visitor: visitor.get("/static/nothing.css")),
    "no such JSON": (404, lambda visitor: visitor.get("/api/v1/nothing")),
    "a page that takes no form": (405, lambda visitor: visitor.post("/councils", {})),
    "another method": (405, lambda visitor: visitor.client.delete("/api/v1/councils")),
    "too much": (413, lambda visitor: visitor.post("/sign-out", {"where": "x" * 1_100_000})),
    "a refused form": (422, lambda visitor: visitor.send("/sign-in", email="")),
}


@pytest.mark.parametrize(("status", "ask"), ANSWERS.values(), ids=ANSWERS)
def test_every_answer_has_the_headers_that_keep_it_safe(tracker: Tracker, status: int, ask: Ask) -> None:
    answer = ask(tracker.signed_in(Role.BOARD))
    assert answer.status_code == status
    headers = answer.headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cross-origin-opener-policy"] == headers["cross-origin-resource-policy"] == "same-origin"
    assert "server" not in headers
    assert "cache-control" in headers
    policy = dict(part.strip().partition(" ")[::2] for part in headers["content-security-policy"].split(";"))
    assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == policy["object-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["form-action"] == "'self'"
    assert not re.search(r"unsafe|data:|\*|http", headers["content-security-policy"])
    kind = headers.get("content-type", "")
    assert not kind.startswith("text/") or kind.endswith("; charset=utf-8")
    assert kind.count("charset") <= 1


@pytest.mark.parametrize(("status", "ask"), ANSWERS.values(), ids=ANSWERS)
def test_what_somebody_signed_in_is_shown_stays_in_their_browser(tracker: Tracker, status: int, ask: Ask) -> None:
    answer = ask(tracker.signed_in(Role.BOARD))
    kept = answer.headers["cache-control"]
    assert kept in ("no-store", "private, no-cache") or "/static/" in str(answer.url)


@pytest.mark.parametrize("address", ["/councils", "/sign-in", "/nothing", "/local-accounts/2011-2012", "/me"])
def test_no_page_has_script_or_style_in_it(tracker: Tracker, address: str) -> None:
    page = tracker.signed_in(Role.SECRETARIAT).get(address).text
    assert not re.search(r"<script(?![^>]*\bsrc=)", page)
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", page)


def test_over_https_cookies_are_bound_to_the_host_and_browsers_told_to_stay(tracker: Tracker) -> None:
    app = tracker.app
    told = dict(Shield(app.app, "https://tracker.example.org").headers)
    assert told[b"strict-transport-security"].startswith(b"max-age=")
    assert b"strict-transport-security" not in dict(app.headers)


def test_a_page_nobody_has_says_still_who_is_signed_in(tracker: Tracker) -> None:
    page = tracker.signed_in(Role.BOARD).get("/nothing/here")
    assert page.status_code == 404
    assert "Sign out" in page.text


def test_a_method_that_does_not_fit_is_told_which_would(tracker: Tracker) -> None:
    assert tracker.anonymous().client.put("/councils").headers["allow"] == "GET, HEAD"
    assert tracker.anonymous().client.delete("/sign-in").headers["allow"] == "GET, HEAD, POST"


@pytest.mark.parametrize(
    "host",
    ["evil.example", "127.0.0.1", "127.0.0.1:9999", "127.0.0.1:8000.evil.example", "", "127.0.0.1:8000, evil.example"],
)
def test_another_host_than_ours_is_refused(tracker: Tracker, host: str) -> None:
    answer = tracker.anonymous().get("/sign-in", host=host)
    assert answer.status_code == 400
    assert "evil" not in answer.text


@pytest.mark.parametrize(
    "name", ["x-forwarded-host", "forwarded", "x-forwarded-server", "x-original-url", "x-rewrite-url"]
)
def test_a_forwarded_host_changes_nothing(tracker: Tracker, name: str) -> None:
    answer = tracker.anonymous().get(
        "/sign-in", **{name: "host=evil.example" if name == "forwarded" else "evil.example"}
    )
    assert answer.status_code == 200
    assert "evil" not in answer.text


def test_every_answer_of_a_demonstration_says_that_it_is_one(tracker: Tracker) -> None:
    with tracker.database.writing() as session:
        mark_demonstration(session)
    visitor = tracker.signed_in(Role.BOARD)
    for address in ("/councils", "/sign-in", "/nothing", "/councils?as-at=soon"):
        assert "Demonstration." in visitor.get(address).text, address
    assert "Demonstration." in visitor.post("/sign-out", {}).text
    assert "Demonstration." in visitor.post("/sign-out", {"where": "x" * 1_100_000}).text
    assert "Demonstration." in visitor.client.put("/councils").text
    for address in ("/councils", "/nothing", "/councils?as-at=soon"):
        assert visitor.api(address).headers["improvement-demonstration"] == "yes", address


def test_a_fault_of_ours_is_told_with_a_reference_and_nothing_else(
    tracker: Tracker, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("the canary in the fault")

    visitor = tracker.signed_in(Role.BOARD)
    monkeypatch.setattr("improvement.sector.queries.councils", broken)
    for address in ("/councils", "/api/v1/councils"):
        answer = visitor.get(address)
        assert answer.status_code == 500
        assert "canary" not in answer.text
        assert "Traceback" not in answer.text
    page = visitor.get("/councils").text
    reference = re.search(r"quote .*?([0-9a-f]{8})", page)
    assert reference
    assert reference[1] in caplog.text
    assert "Sign out" in page


def test_when_the_records_cannot_be_reached_every_answer_says_so(tracker: Tracker, bare: Database) -> None:
    visitor = tracker.anonymous()
    tracker.app.app.state.service.database = bare  # type: ignore[attr-defined]
    for address in ("/councils", "/sign-in", "/api/v1/councils", "/nothing"):
        answer = visitor.get(address)
        assert answer.status_code in (404, 500, 503)
        assert "content-security-policy" in answer.headers
