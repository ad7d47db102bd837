"""What stands whoever asks: our own files, whether the service is well, the guide and the statements in the footer."""

import gzip
import re
from html.parser import HTMLParser

import pytest
from sqlalchemy import text

from improvement.access.rules import Role
from improvement.database import Database, Memory, mark_demonstration
from improvement.overview.guide import TOPICS
from improvement.web.environment import asset
from improvement.web.files import FOR_EVER, own_files
from tests.visiting import Tracker, Visitor

PAGES = ["/guide", *(f"/guide/{slug}" for slug in TOPICS), "/accessibility", "/privacy", "/api"]
ELSEWHERE = {
    "https://mcmw.abilitynet.org.uk/",
    "https://www.equalityadvisoryservice.com/",
    "https://ico.org.uk/make-a-complaint/",
}


class Links(HTMLParser):
    """Where the links of a page lead, and its headings in order."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.headings: list[int] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self.found.add(dict(attributes)["href"] or "")
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))


@pytest.fixture
def nobody(tracker: Tracker) -> Visitor:
    """Somebody who has not signed in."""
    return tracker.anonymous()


@pytest.mark.parametrize("name", own_files())
def test_every_file_of_ours_is_served_as_it_is_and_compressed(nobody: Visitor, name: str) -> None:
    plain = nobody.get(f"/static/{name}", **{"accept-encoding": "identity"})
    assert plain.content == own_files()[name].body
    assert "content-encoding" not in plain.headers
    small = nobody.get(f"/static/{name}", **{"accept-encoding": "gzip, br"})
    assert small.content == own_files()[name].body
    assert plain.headers["content-type"] == small.headers["content-type"] == own_files()[name].media_type
    assert (small.headers.get("content-encoding") == "gzip") == bool(own_files()[name].smaller)


def test_what_is_compressed_is_compressed_once() -> None:
    for file in own_files().values():
        assert not file.smaller or gzip.decompress(file.smaller) == file.body


def test_a_file_asked_for_in_its_version_is_kept_for_ever_and_in_another_is_asked_for_again(nobody: Visitor) -> None:
    assert nobody.get(asset("app.css")).headers["cache-control"] == FOR_EVER
    for address in ("/static/app.css", "/static/app.css?v=", "/static/app.css?v=0123456789"):
        answer = nobody.get(address)
        assert (answer.status_code, answer.headers["cache-control"]) == (200, "public, no-cache")
    again = nobody.get("/static/app.css", **{"if-none-match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_every_file_a_page_asks_for_is_kept_for_ever(nobody: Visitor) -> None:
    asked = set(re.findall(r'(?:href|src)="(/static/[^"]+)"', nobody.get("/guide").text))
    assert len(asked) >= 4
    for address in asked:
        assert nobody.get(address).headers["cache-control"] == FOR_EVER, address


@pytest.mark.parametrize(
    "name",
    ["nothing.css", "", "%2e%2e/shield.py", "..%2fshield.py", "%2fetc/passwd", "fonts", "fonts/", "%2e/app.css",
     "fonts/%2e%2e/app.css", "app.css%00", "APP.CSS", "%ff", "x" * 3000],
)  # fmt: skip
def test_nothing_but_our_own_files_is_served(nobody: Visitor, name: str) -> None:
    answer = nobody.get(f"/static/{name}")
    assert answer.status_code == 404
    assert "def " not in answer.text


def test_signing_in_sends_no_file_again(tracker: Tracker) -> None:
    answer = tracker.signed_in(Role.BOARD).get(asset("app.css"))
    assert "Cookie" not in answer.headers.get("vary", "")


def test_the_icon_is_where_browsers_look_for_it(nobody: Visitor) -> None:
    assert nobody.get("/favicon.ico").headers["content-type"] == "image/svg+xml"


def test_health_answers_without_the_records(tracker: Tracker, nobody: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(self: Database) -> None:
        raise AssertionError("the records were looked at")

    monkeypatch.setattr("sqlalchemy.orm.Session.execute", broken)
    monkeypatch.setattr("sqlalchemy.orm.Session.scalar", broken)
    answer = nobody.get("/health", host="10.0.0.7:9999", authorization="Bearer x")
    assert (answer.status_code, answer.json(), answer.headers["cache-control"]) == (200, {"status": "well"}, "no-store")


def test_ready_means_the_records_are_where_this_release_expects_them(tracker: Tracker, nobody: Visitor) -> None:
    assert nobody.get("/ready", host="10.0.0.7:9999").json() == {"status": "ready"}
    with tracker.database.writing() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    answer = nobody.get("/ready")
    assert (answer.status_code, answer.json()) == (503, {"status": "the records are not at this release"})


def test_not_ready_while_the_records_cannot_be_reached(tracker: Tracker, nobody: Visitor, bare: Database) -> None:
    tracker.app.app.state.service.database = bare  # type: ignore[attr-defined]
    answer = nobody.get("/ready")
    assert (answer.status_code, answer.json()) == (503, {"status": "the records cannot be reached"})
    assert nobody.get("/health").status_code == 200


def test_ready_means_the_money_has_been_added_up(tracker: Tracker, nobody: Visitor, started: Database) -> None:
    tracker.app.app.state.service.database = started  # type: ignore[attr-defined]
    started.memory = Memory()
    assert nobody.get("/ready").status_code == 200
    assert started.memory.peek(("books", "2011-2012")).books


def test_search_engines_read_what_is_public_and_no_demonstration(tracker: Tracker, nobody: Visitor) -> None:
    assert "Disallow: /\n" not in nobody.get("/robots.txt").text
    with tracker.database.writing() as session:
        mark_demonstration(session)
    assert "Disallow: /\n" in nobody.get("/robots.txt").text


@pytest.mark.parametrize("address", PAGES)
def test_every_page_is_open_to_everybody_and_leads_somewhere(nobody: Visitor, address: str) -> None:
    page = nobody.get(address)
    assert page.status_code == 200
    links = Links(page.text)
    assert links.headings[0] == 1
    assert links.headings.count(1) == 1
    assert all(later - sooner <= 1 for sooner, later in zip(links.headings, links.headings[1:], strict=False))
    for link in links.found:
        if link.startswith("http"):
            assert link in ELSEWHERE
        elif not link.startswith("#"):
            assert nobody.get(link).status_code in (200, 303), link


@pytest.mark.parametrize("role", [Role.SECRETARIAT, Role.BOARD, Role.CHAIR])
def test_what_the_guide_links_to_is_open_to_whom_it_is_for(tracker: Tracker, role: Role) -> None:
    visitor = tracker.signed_in(role)
    for link in Links(visitor.get(f"/guide/{'secretariat' if role is Role.SECRETARIAT else 'board'}").text).found:
        if link.startswith("/") and not link.startswith("/sign-out"):
            assert visitor.get(link).status_code in (200, 303), link


def test_the_guide_links_only_where_its_reader_may_go(tracker: Tracker, nobody: Visitor) -> None:
    london = tracker.signed_in(Role.COORDINATOR, region="london")
    money = Links(london.get("/guide/money").text).found
    assert "/funding/claims" in money
    assert not {"/funding/splits", "/funding/posts", "/funding/runs", "/funding/statements"} & set(money)
    assert "a what-if" in london.get("/guide/money").text
    assert "/people" not in Links(london.get("/guide/secretariat").text).found
    assert "/funding/claims/new" in Links(london.get("/guide/regional-coordinators").text).found
    assert "/funding/claims/new" not in Links(nobody.get("/guide/regional-coordinators").text).found


@pytest.mark.parametrize("topic", ["nothing", "../base", "_topic", "%00"])
def test_no_other_page_is_in_the_guide(nobody: Visitor, topic: str) -> None:
    assert nobody.get(f"/guide/{topic}").status_code == 404


def test_the_statements_are_linked_from_every_footer(nobody: Visitor) -> None:
    for address in ("/", "/sign-in", "/councils", "/nothing"):
        assert {"/guide", "/accessibility", "/privacy", "/api"} <= Links(nobody.get(address).text).found


def test_the_accessibility_statement_has_the_parts_of_the_model_and_claims_no_more_than_was_tested(
    nobody: Visitor,
) -> None:
    page = nobody.get("/accessibility").text
    for part in ("Feedback and contact", "Enforcement", "Compliance status", "Preparation of this statement"):
        assert part in page
    assert "partially compliant" in page
    assert "fully" not in page
    assert "not yet by people" in page


def test_a_page_can_be_looked_back_at_from_its_foot(nobody: Visitor) -> None:
    assert 'href="/look-back?to=%2Fcouncils&amp;region=london"' in nobody.get("/councils?region=london").text
    assert "/look-back" not in nobody.get("/guide").text
    assert "another day" not in nobody.get("/sign-in").text
