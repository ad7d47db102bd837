"""Every figure on the pages of money opens how it was made, and that comes to the very figure."""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date
from html import unescape

import pytest

from improvement.database import EVER, Database
from improvement.dates import AsAt, Month
from improvement.funding import queries
from improvement.funding.figures.parts import Asking
from improvement.funding.figures.workings import WORKINGS
from improvement.funding.queries import closing, forecasts
from improvement.web.shield import Shield
from tests.conftest import DATABASES, Templates
from tests.visiting import Tracker, Visitor

PAGES = (
    "/funding",
    "/funding/lines/london",
    "/funding/posts",
    "/funding/forecasts",
    "/funding/forecasts/london",
    "/funding/forecasts/north-west",
    "/funding/cash",
    "/funding/year-end",
)
DAYS = ("as-at=2011-05-20", "as-at=2011-10-31", "on=2012-03-31")
ALIKE = 2
"""How many figures of one name and sort are opened: the others are made by the same lines of code."""
LINK = re.compile(r'<a class="govuk-link app-opens" href="(/funding/working/[^"]+)">([^<]+)</a>')


@pytest.fixture(scope="module", params=DATABASES)
def tracker_shown(request: pytest.FixtureRequest, templates: Templates, application: Shield) -> Iterator[Tracker]:
    url, throw_away = templates.fresh(request.param, "demonstrated")
    database = Database(url)
    tracker = Tracker(application, database)
    yield tracker
    tracker.close()
    database.close()
    throw_away()


def figures(page: str) -> list[tuple[str, str]]:
    """Where each figure of a page leads, and what it is said to come to."""
    return [(unescape(href), unescape(said).replace("−", "-").lstrip("+")) for href, said in LINK.findall(page)]


def value(page: str) -> str:
    """What the working comes to."""
    told = re.search(r"<h1[^>]*>.*?: (?:<[^>]+>)*([-−]?£[\d,.]+)", page, re.DOTALL)
    assert told, page[:2000]
    return told[1].replace("−", "-")


def open_all(visitor: Visitor, query: str) -> Counter[str]:
    """Open the figures of every page; how many there were of each name."""
    seen, found = Counter[tuple[str, ...]](), Counter[str]()
    told = visitor.get("/funding/posts.json")
    posts = [row["line"] for row in told.json()] if told.status_code == 200 else []
    of_posts = [f"/funding/{page}/{line}" for line in posts[:2] for page in ("lines", "posts", "forecasts")]
    for address in (*PAGES, *of_posts):
        answer = visitor.get(f"{address}?{query}")
        if answer.status_code == 404:
            continue
        for href, said in figures(answer.text):
            name, _, asked = href.partition("?")
            sort = (name, *sorted(part.partition("=")[0] for part in asked.split("&")), "-" if "-" in said else "+")
            seen[sort] += 1
            found[name.rpartition("/")[2]] += 1
            if seen[sort] <= ALIKE:
                page = visitor.get(href)
                assert page.status_code == 200, (address, href)
                assert value(page.text).lstrip("-") == said.lstrip("-"), (address, href)
    return found


@pytest.mark.parametrize("query", DAYS)
def test_every_figure_of_every_page_comes_to_what_its_working_says(tracker_shown: Tracker, query: str) -> None:
    found = open_all(tracker_shown.sign_in("secretariat@demo.example"), query)
    assert found.keys() <= WORKINGS.keys()
    if query == DAYS[0]:
        return  # No line is open yet.
    assert {"funding_outturn_pence", "funding_variance_pence", "funding_planned_pence"} <= found.keys()
    assert {"funding_vacancy_pence", "funding_releasable_pence", "funding_left_pence"} <= found.keys()
    theirs = tracker_shown.sign_in("coordinator.london@demo.example")
    assert open_all(theirs, query)["funding_outturn_pence"]


def test_a_coordinator_opens_the_figures_of_their_own_line_only(tracker_shown: Tracker) -> None:
    theirs = tracker_shown.sign_in("coordinator.london@demo.example")
    outturn = "/funding/working/funding_outturn_pence"
    assert theirs.get(f"{outturn}?line=london").status_code == 200
    assert "North West" not in theirs.get(f"{outturn}?kind=region").text
    for wrong in ("", "?line=north-west", "?line=peer-challenge-coordinator", "?kind=post", "?line=unallocated"):
        assert theirs.get(outturn + wrong).status_code == 404, wrong
    whole = tracker_shown.sign_in("secretariat@demo.example")
    for wrong in (
        "funding_cash_in_hand_pence?line=london",
        "funding_outturn_pence?month=2011-10",
        "funding_planned_pence?day=2011-10-01",
        "funding_outturn_pence?kind=nothing",
        "funding_nothing_pence",
    ):
        assert whole.get(f"/funding/working/{wrong}").status_code == 404, wrong
    assert whole.get("/funding/working/funding_planned_pence?month=october").status_code == 400
    assert tracker_shown.sign_in("officer.brent@demo.example").get(f"{outturn}?line=london").status_code == 403


def test_only_the_facts_in_a_part_are_counted_and_listed(tracker_shown: Tracker) -> None:
    visitor = tracker_shown.sign_in("secretariat@demo.example")
    page = visitor.get("/funding/working/funding_outturn_pence?line=london&on=2011-10-31").text
    assert "Planned for this month" in page
    assert "Paid before this month" not in page, "nothing was"
    assert "Payment<" not in page
    rows = visitor.get("/funding/working/funding_paid_net_pence?line=london&month=2011-10").text
    assert re.search(r"Payments</th><td class=\"n\">1</td>", rows)
    assert rows.count("/funding/facts/") == 1


def test_the_facts_of_a_forecast_are_listed_and_lead_to_every_version(tracker_shown: Tracker) -> None:
    visitor = tracker_shown.sign_in("secretariat@demo.example")
    rows = visitor.get("/funding/forecasts.json").json()
    line = next(row["line"] for row in rows if row["follows"] == "forecast")
    page = visitor.get(f"/funding/working/funding_planned_pence?line={line}&month=2012-03").text
    assert "By the forecasts that were given" in page
    facts = re.findall(r"/funding/facts/[0-9a-f-]+", page)
    assert facts
    assert "2012-03" in visitor.get(facts[0]).text


@pytest.mark.parametrize("on", [date(2011, 5, 20), date(2011, 10, 31), date(2012, 3, 31)])
def test_the_parts_of_all_lines_add_up_to_those_of_the_whole(tracker_shown: Tracker, on: date) -> None:
    with tracker_shown.database.reading() as session:
        mou, as_at = queries.which_mou(session, EVER), AsAt(on)

        def comes_to(name: str, *lines: str, month: Month | None = None, added_up: bool = False) -> int:
            asking = Asking(mou, as_at, lines or None, month, added_up)
            return sum(part.pence for part in WORKINGS[name].parts(session, asking))

        rows = forecasts.outlooks(session, as_at, mou)
        for name in ("outturn", "variance", "planned", "allocated", "paid_net", "unspent", "left", "owed"):
            each = sum(comes_to(f"funding_{name}_pence", row.line) for row in rows)
            assert each == comes_to(f"funding_{name}_pence"), name
        months = forecasts.burn(session, as_at, mou)
        assert [comes_to("funding_planned_pence", month=month, added_up=True) for month, _, _ in months] == [
            planned for _, planned, _ in months
        ]
        end = closing.statement(session, as_at, mou)
        assert comes_to("funding_never_drawn_pence") == end.never_drawn_pence
        assert comes_to("funding_to_settle_pence") == end.to_settle_pence
