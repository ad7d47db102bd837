"""After signing in somebody goes on to a page of ours, whatever the address of the sign-in page says."""

from urllib.parse import quote, urljoin, urlsplit

import pytest

from improvement import dates
from improvement.access import commands
from improvement.access.rules import SERVICE, Held, Role, safe_next
from tests.visiting import Tracker

HOME = "http://127.0.0.1:8000/sign-in"
ELSEWHERE = [
    "//evil.example", "///evil.example", "////evil.example", "/\\evil.example", "\\\\evil.example", "\\/evil.example",
    "https://evil.example", "https:evil.example", "https:/evil.example", "http:evil.example", "HTTPS://evil.example",
    "javascript:alert(1)", "data:text/html,x", "vbscript:x", "file:///etc/passwd", "ftp://evil.example", "mailto:a@b.c",
    "/\t/evil.example",
    "/\n/evil.example", "/\r/evil.example", "\t//evil.example", " //evil.example", "/ /evil.example",
    "\x00//evil.example", "/\x00/evil.example", "/%09/evil.example", "/%2f%2fevil.example", "/%5cevil.example",
    "/.//evil.example", "/..//evil.example", "/x/../../evil.example", "/x/..//evil.example", "//evil.example/%2f..",
    "//user@evil.example", "https://127.0.0.1:8000@evil.example", "/@evil.example", "//127.0.0.1:8000.evil.example",
    "evil.example", ".evil.example", "?next=//evil.example", "#//evil.example", "", "／／evil.example",
    "/\u2028/evil.example", "/sign-out", "/sign-in?next=/x", "/" + "a" * 3000,
]  # fmt: skip


@pytest.mark.parametrize("onward", ELSEWHERE, ids=ascii)
def test_no_form_of_next_leaves_the_site(onward: str) -> None:
    target = urlsplit(urljoin(HOME, safe_next(onward)))
    assert (target.scheme, target.netloc) == ("http", "127.0.0.1:8000")
    assert safe_next(onward).isprintable()
    assert safe_next(onward).isascii()


@pytest.mark.parametrize(
    "onward", ["/councils", "/local-accounts/2011-2012?region=london&sort=name", "/concerns/C-7K4M2#h"]
)
def test_a_page_of_ours_is_gone_on_to(onward: str) -> None:
    assert safe_next(onward) == onward


@pytest.mark.parametrize("onward", ["//evil.example", "/\\evil.example", "https:evil.example", "/\r\nset-cookie: x=1"])
def test_neither_the_address_nor_the_field_can_send_somebody_elsewhere(tracker: Tracker, onward: str) -> None:
    with tracker.database.writing() as session:
        commands.add_person(session, "b@example.org", "B", Held(Role.BOARD), by=SERVICE, at=dates.now())
    visitor = tracker.anonymous()
    page = visitor.get(f"/sign-in?next={quote(onward, safe='')}")
    assert "evil" not in page.text
    visitor.post("/sign-in", {**visitor.form("/sign-in"), "email": "b@example.org", "onward": onward})
    with tracker.database.writing() as session:
        made = commands.ask_for_link(session, "b@example.org", browser=None, onward=onward, at=dates.now())
    pressed = visitor.send(f"/sign-in/link/{made.secret}")
    assert pressed.headers["location"] == "/"
    assert "x" not in pressed.cookies


def test_somebody_sent_to_sign_in_comes_back_to_where_they_were_going(tracker: Tracker) -> None:
    sent = tracker.anonymous().get("/local-accounts/2011-2012?region=london&as-at=2011-12-31")
    assert sent.status_code == 303
    assert sent.headers["location"] == (
        "/sign-in?next=%2Flocal-accounts%2F2011-2012%3Fregion%3Dlondon%26as-at%3D2011-12-31"
    )
    assert (
        'value="/local-accounts/2011-2012?region=london&amp;as-at=2011-12-31"'
        in tracker.anonymous().get(sent.headers["location"]).text
    )


def test_looking_back_leads_to_a_page_of_ours_only(tracker: Tracker) -> None:
    sent = tracker.anonymous().get("/look-back?to=//evil.example&day=1&month=6&year=2011")
    assert sent.headers["location"] == "/?as-at=2011-06-01"
