"""Every page there is, on the demonstration, by everybody: it answers those who may, in few statements, and is whole.

The addresses are the routes themselves with what the demonstration holds put in their blanks, so that a page added
tomorrow is tried tomorrow.
"""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import event

from improvement import dates
from improvement.access import queries as access
from improvement.access.asking import Declared, Door
from improvement.access.routes import declared
from improvement.access.rules import NOBODY, SERVICE
from improvement.app import routes
from improvement.database import Database, Memory, record
from improvement.sector.tables import CodeGiven
from improvement.web.shield import Shield
from tests.conftest import DATABASES, Templates
from tests.visiting import Tracker, Visitor

PEOPLE = (
    "secretariat@demo.example",
    "chair@demo.example",
    "board@demo.example",
    "coordinator.london@demo.example",
    "officer.brent@demo.example",
    "",
)
QUOTED = ("claims", "splits", "runs", "statements")
"""What of the money has a reference that is in its address."""
SINCE = dict.fromkeys(("claims", "runs", "statements"), "2012-03-05")
"""When there first was some of each, where that was late in the year: one that is not there yet asks for less."""
BLANK = re.compile(r"\{(\w+):\w+\}")
MOST_STATEMENTS = 95
"""The first page, which tells of everything, asks nearly eighty tables about once; nothing may ask more than this."""
READING = (Door.PAGE, Door.API_READ)


class Demonstrated:
    """The demonstration with everybody in front of it, and what goes into the blanks of an address."""

    def __init__(self, tracker: Tracker) -> None:
        self.tracker, self.database = tracker, tracker.database
        self.by = {email: tracker.sign_in(email) if email else tracker.anonymous() for email in PEOPLE}
        secretariat = self.by[PEOPLE[0]]
        self.known = {
            "council": "brent",
            "region": "london",
            "year": "2011-2012",
            "line": "london",
            "month": "2011-04",
            "concerns": secretariat.api("/concerns?council=brent").json()["items"][0]["ref"],
            "actions": secretariat.api("/actions?council=brent").json()["items"][0]["ref"],
            "posts": next(row["line"] for row in secretariat.api("/funding/posts").json()["items"]),
            **{kind: secretariat.api(f"/funding/{kind}").json()["items"][-1]["ref"] for kind in QUOTED},
        }

    def address(self, route: Declared) -> str | None:
        """A route with its blanks filled in; none when it wants what only a form would lead to."""
        kind = segment_of(route)
        own = "ref" if kind != "posts" else "line"
        wanted = {name: self.known.get(kind if name == own else name) for name in BLANK.findall(route.path)}
        if "month" in wanted and ("/draft" in route.path or route.door is Door.ASKING):
            wanted["month"] = "2012-03"
        return None if None in wanted.values() else BLANK.sub(lambda found: str(wanted[found[1]]), route.path)

    def statements(self, visitor: Visitor, address: str) -> Counter[str]:
        """What the database is asked for one answer, when nothing is remembered."""
        self.database.memory = Memory()
        asked: Counter[str] = Counter()

        def note(_: Any, __: Any, statement: str, *___: Any) -> None:
            asked[statement] += 0 if statement.startswith(("BEGIN", "PRAGMA", "SET")) else 1

        event.listen(self.database.engine, "before_cursor_execute", note)
        try:
            visitor.get(address)
        finally:
            event.remove(self.database.engine, "before_cursor_execute", note)
        return asked


@pytest.fixture(scope="module", params=DATABASES)
def shown(request: pytest.FixtureRequest, templates: Templates, application: Shield) -> Iterator[Demonstrated]:
    """The demonstration, read by all the tests here."""
    url, throw_away = templates.fresh(request.param, "demonstrated")
    database = Database(url)
    tracker = Tracker(application, database)
    yield Demonstrated(tracker)
    tracker.close()
    database.close()
    throw_away()


def segment_of(route: Declared) -> str:
    """What an address is about: its first segment, or of the money its second. A list’s file is about the same."""
    segments = [*route.path.removeprefix("/api/v1").split("/"), ""]
    return segments[2].partition(".")[0] if segments[1] == "funding" else segments[1]


def reading() -> list[Declared]:
    """The routes that are read: pages, pages with a form, and what the API tells."""
    return [route for route in map(declared, routes()) if not route.writes and route.door is not Door.PLAIN]


EACH = pytest.mark.parametrize("route", reading(), ids=lambda route: route.path)


@EACH
def test_everybody_is_answered_and_only_those_who_may(route: Declared, shown: Demonstrated) -> None:
    address = shown.address(route)
    for email, visitor in shown.by.items():
        if address is None:
            continue
        answer = (
            visitor.api(address.removeprefix("/api/v1")) if route.path.startswith("/api/") else visitor.get(address)
        )
        with shown.database.reading() as session:
            person = access.by_email(session, email) if email else None
        may = (person or NOBODY).may(route.may)
        led_away = {401, 303} if person is None else {403, 404}
        assert answer.status_code in ({200, 303, 403, 404, 409} if may else led_away), f"{email} {address}"


@EACH
def test_a_page_is_whole(route: Declared, shown: Demonstrated) -> None:
    address = shown.address(route)
    answer = shown.by[PEOPLE[0]].get(address) if address else None
    if answer is None or answer.status_code != 200 or "text/html" not in answer.headers["content-type"]:
        return
    assert '<html lang="en-GB"' in answer.text or '<html lang="en"' in answer.text
    assert len(re.findall(r"<h1\b", answer.text)) == 1
    assert re.search(r"<title>\s*\S", answer.text)
    assert "demonstration" in answer.text.lower(), "every page of a demonstration says that it is one"
    assert not re.search(r">\s*(Undefined|nan|\[\]|\{\}|&lt;)", answer.text)
    repeated = [name for name, count in Counter(re.findall(r'\sid="([^"]+)"', answer.text)).items() if count > 1]
    assert repeated == []


@EACH
def test_a_page_asks_the_database_as_often_for_a_year_as_for_a_few_months(route: Declared, shown: Demonstrated) -> None:
    address = shown.address(route)
    if address is None or route.door not in READING:
        return
    visitor = shown.by[PEOPLE[0]]
    some = SINCE.get(segment_of(route), "2011-10-31")
    early, late = (shown.statements(visitor, f"{address}?as-at={day}") for day in (some, "2012-03-31"))
    assert late.total() <= MOST_STATEMENTS
    assert abs(late.total() - early.total()) <= 1, (late - early).most_common(3)
    assert max(late.values(), default=0) <= 2, late.most_common(3)


@EACH
def test_a_page_is_kept_until_a_fact_is_recorded_and_no_longer(route: Declared, shown: Demonstrated) -> None:
    address = shown.address(route)
    visitor = shown.by[PEOPLE[0]]
    answer = visitor.get(address) if address else None
    if answer is None or answer.status_code != 200 or route.door not in READING:
        return
    kept = answer.headers.get("cache-control")
    if route.closed:
        assert (kept, answer.headers.get("etag")) == ("no-store", None)
        return
    assert kept == "private, no-cache"
    tag = answer.headers["etag"]
    again = visitor.get(address, **{"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")
    with shown.database.writing() as session:
        today = dates.london_day(dates.now())
        fact = CodeGiven(slug="brent", gss_code=uuid4().hex[:9], effective_on=today)
        record(session, fact, by=SERVICE.id, as_role="service", at=dates.now())
    fresh = visitor.get(address, **{"If-None-Match": tag})
    assert fresh.status_code == 200
    assert fresh.headers["etag"] != tag
