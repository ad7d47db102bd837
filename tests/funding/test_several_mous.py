"""With two MoUs every page, figure, link, redirect and file stays with the one it is about."""

import re
from datetime import date
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest

from improvement.access.rules import Role
from improvement.database import EVER, Database
from improvement.dates import AsAt
from improvement.funding import commands, queries
from improvement.funding.book import Kind, LineKind
from improvement.funding.entering.claims import NewClaim
from improvement.funding.entering.closing import Accrual
from improvement.funding.entering.moves import Agreement, Allocation, ExpectedInstalment, Negotiation, NewLine
from improvement.funding.entering.splits import Split
from improvement.funding.rules.splits import Way
from tests.funding.conftest import LONDONER, doing
from tests.funding.paid import LATER, MOU, approved, fund, run
from tests.visiting import Tracker

NEXT = "2012-2013"
THEIRS = "7,777.00"
"""What the other MoU has given to London: it is on no page about the first."""
BY_ITSELF = re.compile(r"/funding/(corrections|facts|conditions)/.+|/funding/(claims|runs|statements|splits)/[A-Z]+-.+")
"""Addresses of one thing, which is of one MoU whatever they say besides."""
OF_ALL = "/funding/360giving"


@pytest.fixture
def both(tracker: Tracker, agreed: Database) -> Database:
    """The first MoU with claims, a run, a split and an accrual; a second one agreed at £400,000.00, with one line."""
    fund(agreed)
    paid = approved(agreed, 1_000_00)
    approved(agreed, 2_000_00)
    run(agreed, *paid)
    do = doing(agreed, LATER)

    def record(kind: Kind, wanted: object) -> None:
        do(lambda session, it, *, by, at: commands.do(session, kind, it, by=by, at=at), wanted)

    record(Kind.SPLIT, Split(title="Equally", total_pence=9_000_00, way=Way.EQUALLY))
    record(Kind.SPLIT, Split(title="By councils", total_pence=9_000_00, way=Way.PER_COUNCIL))
    record(Kind.ACCRUAL, Accrual(line="eastern", amount_pence=50_00, recipient="Inns", why="Rooms"))
    do(commands.expect_instalment, ExpectedInstalment(amount_pence=5_00, due_on=LATER.date(), conditions="A plan"))
    sought = Negotiation(mou=NEXT, title="Next year", funder="Department of Health", amount_pence=400_000_00)
    do(commands.put_in_negotiation, sought)
    do(commands.open_line, NewLine(kind=LineKind.REGION, region="london", mou=NEXT))
    do(commands.agree, Agreement(amount_pence=400_000_00, mou=NEXT))
    do(commands.allocate, Allocation(line="london", amount_pence=7_777_00, mou=NEXT))
    return agreed


def links(page: str) -> set[str]:
    """Where the trail and the main part of a page lead, of the money."""
    told = page[page.find("<body") :]
    parts = re.findall(r"<nav[^>]*Breadcrumb.*?</nav>|<main.*?</main>", told, re.DOTALL)
    found = {unescape(href) for part in parts for href in re.findall(r'<a [^>]*href="([^"]+)"', part)}
    return {href for href in found if urlsplit(href).path.startswith("/funding")}


def named(href: str) -> list[str]:
    return parse_qs(urlsplit(href).query).get("mou", [])


def shape(href: str) -> str:
    """What pages of one template have in common: one of each is opened."""
    path = re.sub(r"/[A-Z]+-[0-9A-Z]+", "/REF", urlsplit(href).path)
    path = re.sub(r"/(facts|corrections)/[^/]+", r"/\1/ID", path)
    return re.sub(r"^(/funding/(?:lines|posts|forecasts))/(?!new|terms|state)[^/]+", r"\1/LINE", path)


def test_every_link_of_every_page_about_one_mou_stays_with_it(tracker: Tracker, both: Database) -> None:
    secretary = tracker.signed_in(Role.SECRETARIAT)
    start = f"/funding?mou={MOU}"
    to_open, opened, astray = [start, f"/funding/lines/eastern?mou={MOU}"], set[str](), list[str]()
    while to_open:
        address = to_open.pop()
        answer = secretary.get(address)
        assert answer.status_code == 200, address
        if "text/html" not in answer.headers["content-type"]:
            continue
        if not address.startswith(OF_ALL):
            assert "Money 2011/12" in answer.text or urlsplit(address).path == "/funding", address
        assert THEIRS not in answer.text, address
        for href in sorted(links(answer.text)):
            others = urlsplit(address).path == "/funding" and named(href) == [NEXT]
            another = urlsplit(href).path in ("/funding/claims/new", "/funding/splits/new") and named(href) == [NEXT]
            if href.startswith(OF_ALL) or others or another:
                continue
            if named(href) != [MOU] and not BY_ITSELF.fullmatch(urlsplit(href).path):
                astray.append(f"{address} leads to {href}")
                continue
            if shape(href) not in opened and not urlsplit(href).path.endswith((".xlsx", ".json")):
                opened.add(shape(href))
                to_open.append(href)
    assert astray == []
    assert len(opened) > 60, sorted(opened)


def test_the_money_page_leads_to_the_other_mous(tracker: Tracker, both: Database) -> None:
    for visitor in (tracker.signed_in(Role.SECRETARIAT), tracker.signed_in(Role.COORDINATOR, region="eastern")):
        page = visitor.get(f"/funding?mou={NEXT}").text
        assert "Next year" in page
        assert f"/funding?mou={MOU}" in page
        assert "Eastern" in visitor.get(f"/funding?mou={MOU}").text


def test_a_page_of_one_thing_is_about_its_own_mou_whatever_the_address_says(tracker: Tracker, both: Database) -> None:
    secretary = tracker.signed_in(Role.SECRETARIAT)
    claims = re.findall(r"/funding/claims/CL-\w+", secretary.get(f"/funding/claims?mou={MOU}").text)
    for address in (claims[0], f"{claims[0]}?mou={NEXT}"):
        assert f"/funding/lines/london?mou={MOU}" in secretary.get(address).text


def test_what_was_recorded_leads_to_the_line_of_its_own_mou(tracker: Tracker, both: Database) -> None:
    secretary = tracker.signed_in(Role.SECRETARIAT)
    typed = {"line": "eastern", "amount_pence": "5", "recipient": "Region", "purpose": "Peer work", "checked": "yes"}
    answer = secretary.send("/funding/commitments/new", mou=MOU, **typed)
    assert answer.headers["location"] == f"/funding/lines/eastern?mou={MOU}"
    assert "£9,005.00" in secretary.follow(answer).text
    legs = {"from_line": "london", "to_line": "eastern", "amount_pence": "5", "why": "Need", "checked": "yes"}
    moved = secretary.send("/funding/virements/new", mou=MOU, **legs)
    assert moved.headers["location"] == f"/funding?mou={MOU}"


def test_the_figures_of_a_year_are_of_its_mou_and_open_its_facts(tracker: Tracker, both: Database) -> None:
    secretary = tracker.signed_in(Role.SECRETARIAT)
    page = secretary.get("/figures/funding_unallocated_pence?on=2012-03-01").text
    assert "£530,000.00" in page
    assert "550,000.00" in page
    assert "400,000.00" not in page
    assert f"/funding/working/funding_unallocated_pence?mou={MOU}&amp;on=2012-03-01" in page
    of_line = secretary.get("/figures/funding_paid_pence_of_eastern?on=2012-03-01").text
    assert f"/funding/lines/eastern?mou={MOU}&amp;on=2012-03-01" in of_line
    outlook = secretary.get("/figures/funding_outturn_pence?on=2012-03-01").text
    assert f"/funding/forecasts/eastern?mou={MOU}&amp;on=2012-03-01" in outlook


def test_the_first_page_tells_the_money_of_the_day(tracker: Tracker, both: Database) -> None:
    chair = tracker.signed_in(Role.BOARD)
    during = chair.get("/?on=2012-03-31").text
    assert ">£1,000<" in during
    assert "of the £550,000.00" in during
    assert f"/funding/working/funding_paid_net_pence?mou={MOU}" in during
    assert "of the £400,000.00" in chair.get("/?on=2012-04-01").text
    region = tracker.signed_in(Role.COORDINATOR, region="london").get("/regions/london?on=2012-03-31").text
    assert f"/funding/lines/london?mou={MOU}" in region


@pytest.mark.parametrize(
    ("on", "about"), [("2011-10-02", MOU), ("2012-03-31", MOU), ("2012-04-01", NEXT), ("2015-01-01", NEXT)]
)
def test_which_mou_money_is_about_on_a_day(both: Database, on: str, about: str) -> None:
    with both.reading() as session:
        as_at = AsAt(date.fromisoformat(on))
        assert queries.which_mou(session, as_at) == about
        assert queries.which_mou(session, as_at, MOU) == MOU


def test_a_claim_of_the_other_mou_says_which(both: Database) -> None:
    claim = NewClaim(line="london", amount_pence=1, from_on=date(2011, 6, 1), to_on=date(2011, 6, 2), paid_for="x")
    with pytest.raises(Exception, match="Say which MoU"):
        doing(both, LATER, LONDONER)(
            lambda session, it, *, by, at: commands.do(session, Kind.CLAIM, it, by=by, at=at), claim
        )
    with both.reading() as session:
        assert queries.are_several(session, EVER)
