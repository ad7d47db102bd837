"""What a fact about money was before it was corrected can be read, and what was taken back can be put back."""

import re
from datetime import date
from uuid import UUID

import pytest

from improvement.access.rules import Role
from improvement.database import EVER, Database
from improvement.funding import commands, queries
from improvement.funding.book import Kind, Leg
from improvement.funding.commands import Mending
from improvement.funding.entering.claims import NewClaim
from improvement.funding.entering.moves import Allocation, Payment, Virement
from improvement.funding.queries import claims
from tests.funding.conftest import AT, SECRETARIAT, doing
from tests.funding.test_closing_pages import record
from tests.funding.test_pages import busy, fields_of, paid
from tests.visiting import Tracker, Visitor


@pytest.fixture
def secretary(tracker: Tracker, agreed: Database) -> Visitor:
    """Somebody of the secretariat, with money to look after."""
    busy(agreed)
    return tracker.signed_in(Role.SECRETARIAT)


def payment(database: Database, pence: int = 1_000_00, line: str = "london") -> UUID:
    wanted = Payment(line=line, amount_pence=pence, paid_on=date(2011, 9, 1), reference="BACS 9")
    return doing(database)(commands.pay, wanted)


def test_every_version_of_a_payment_stands_side_by_side_with_who_when_and_why(
    secretary: Visitor, agreed: Database
) -> None:
    first = payment(agreed)
    record(secretary, f"/funding/corrections/{first}", amount_pence="2,000", reason="It was two")
    page = secretary.get("/funding/ledger?kind=payment").text
    (address,) = re.findall(r'href="(/funding/facts/[^"]+)">Earlier version', page)
    told = secretary.get(address).text
    assert re.search(r"Amount</th><td[^>]*>£1,000.00</td><td[^>]*><strong>£2,000.00", told)
    assert "It was two" in told
    assert "A secretariat, secretariat" in told
    assert "Correct the last version" in told
    assert secretary.get(f"/funding/facts/{first}").text.count("Version 2") == 1


def test_what_was_corrected_already_shows_its_versions_and_not_a_form(secretary: Visitor, agreed: Database) -> None:
    first = payment(agreed)
    address = f"/funding/corrections/{first}"
    stale = secretary.form(address)
    record(secretary, address, amount_pence="2,000", reason="It was two")
    page = secretary.get(address)
    assert page.status_code == 200
    assert "has been corrected already" in page.text
    assert "Why is it corrected?" not in page.text
    late = secretary.post(address, {**stale, "amount_pence": "3,000", "reason": "It was three"})
    assert late.status_code == 409
    assert "This has been corrected already" in late.text
    assert paid(agreed) == 6_000_00


def test_what_was_taken_back_is_listed_and_can_be_put_back_as_it_was(secretary: Visitor, agreed: Database) -> None:
    assert "Nothing was taken back" in secretary.get("/funding/ledger/taken-back").text
    first = payment(agreed)
    record(secretary, f"/funding/corrections/{first}", what="withdraw", reason="Never paid")
    assert paid(agreed) == 4_000_00
    assert "/funding/ledger/taken-back" in secretary.get("/funding/ledger").text
    gone = secretary.get("/funding/ledger/taken-back").text
    assert "Never paid" in gone
    told = secretary.get(re.findall(r"/funding/facts/[0-9a-f-]+", gone)[0]).text
    assert "This was taken back, and counts nowhere." in told
    (address,) = re.findall(r'href="([^"]+)">Put it back', told)
    check = secretary.send(address, reason="It was paid after all")
    assert "Put it back" in check.text
    assert "£1,000.00" in check.text
    secretary.post(address, {**fields_of(check.text), "checked": "yes"})
    assert paid(agreed) == 5_000_00
    assert "Nothing was taken back" in secretary.get("/funding/ledger/taken-back").text
    assert "Put back" in secretary.get(f"/funding/facts/{first}").text


def test_what_is_put_back_is_tried_against_the_rules_as_if_it_were_new(secretary: Visitor, agreed: Database) -> None:
    first = payment(agreed, 4_000_00)
    record(secretary, f"/funding/corrections/{first}", what="withdraw", reason="Never paid")
    payment(agreed, 2_000_00)
    gone = secretary.get("/funding/ledger/taken-back").text
    told = secretary.get(re.findall(r"/funding/facts/[0-9a-f-]+", gone)[0]).text
    (address,) = re.findall(r'href="([^"]+)">Put it back', told)
    refused = secretary.send(address, reason="It was paid after all")
    assert refused.status_code == 422
    assert "£1,000.00 too much" in refused.text


def test_a_post_that_was_taken_back_is_put_back_with_its_name(agreed: Database) -> None:
    do = doing(agreed)
    with agreed.reading() as session:
        opened = queries.book(session, "2011-2012").lines["programme-lead"].id
    gone = do(commands.correct, Mending(UUID(opened), "Opened twice"))
    do(commands.correct, Mending(gone, "It was opened once"))
    with agreed.reading() as session:
        assert queries.book(session, "2011-2012").lines["programme-lead"].title == "Programme lead"
        assert queries.wrong(session) == []


def test_a_region_reads_the_history_of_its_own_lines_only(tracker: Tracker, agreed: Database) -> None:
    busy(agreed)
    do = doing(agreed)
    do(commands.allocate, Allocation(line="eastern", amount_pence=1_000_00))
    london, eastern = payment(agreed), do(commands.allocate, Allocation(line="eastern", amount_pence=500_00))
    moved = do(commands.vire, Virement(legs=[Leg("london", -100), Leg("eastern", 100)], why="To the coast"))
    do(commands.correct, Mending(eastern, "By mistake"))
    visitor = tracker.signed_in(Role.COORDINATOR, region="london")
    assert visitor.get(f"/funding/facts/{london}").status_code == 200
    assert visitor.get(f"/funding/facts/{eastern}").status_code == 404
    page = visitor.get(f"/funding/facts/{moved}").text
    assert "London −£1.00" in page
    assert "Eastern" not in page
    assert "By mistake" not in visitor.get("/funding/ledger/taken-back").text
    assert "Correct" not in page
    assert tracker.signed_in(Role.OFFICER, council="brent").get(f"/funding/facts/{london}").status_code == 403


def test_what_was_moved_to_another_line_keeps_from_a_region_what_it_was_before(
    tracker: Tracker, agreed: Database
) -> None:
    do = doing(agreed)
    first = do(commands.allocate, Allocation(line="eastern", amount_pence=7_654_321))
    wanted = Allocation(line="london", amount_pence=1_000_00)
    second = do(commands.correct, Mending(first, "It was for London", wanted))
    visitor = tracker.signed_in(Role.COORDINATOR, region="london")
    assert visitor.get(f"/funding/facts/{first}").status_code == 404
    page = visitor.get(f"/funding/facts/{second}").text
    assert "76,543.21" not in page


def test_a_regions_line_is_corrected_by_its_name_and_only_in_its_day(secretary: Visitor, agreed: Database) -> None:
    with agreed.reading() as session:
        opened = queries.book(session, "2011-2012").lines["london"].id
    page = secretary.get(f"/funding/corrections/{opened}").text
    assert "Funding line: London" in page
    assert "only while it holds no money" in page
    assert "Title of the post" not in page


def test_a_corrected_claim_leads_to_what_it_was_before(tracker: Tracker, agreed: Database) -> None:
    busy(agreed)
    london = tracker.signed_in(Role.COORDINATOR, region="london")
    days = {
        f"{name}-{part}": at
        for name in ("from_on", "to_on")
        for part, at in (("day", "1"), ("month", "7"), ("year", "2011"))
    }
    sent = london.send("/funding/claims/new", amount_pence="5.00", paid_for="Travel", **days)
    page = london.follow(sent).text
    record(london, re.findall(r"/funding/corrections/[0-9a-f-]+", page)[0], amount_pence="4.00", reason="It was four")
    page = london.get(sent.headers["location"]).text
    told = london.get(re.findall(r'href="(/funding/facts/[^"]+)">Earlier version', page)[0]).text
    assert re.search(r"Amount</th><td[^>]*>£5.00</td><td[^>]*><strong>£4.00", told)


def test_a_claim_and_a_virement_that_were_taken_back_are_put_back(agreed: Database) -> None:
    busy(agreed)
    do = doing(agreed)
    moved = do(commands.vire, Virement(legs=[Leg("london", -100), Leg("eastern", 100)], why="To the coast"))
    days = {"from_on": date(2011, 7, 1), "to_on": date(2011, 7, 31)}
    wanted = NewClaim(line="london", amount_pence=5_00, paid_for="Travel", **days)
    with agreed.writing() as session:
        claim = commands.do(session, Kind.CLAIM, wanted, by=SECRETARIAT, at=AT)
    for fact in (moved, claim):
        gone = do(commands.correct, Mending(fact, "By mistake"))
        do(commands.correct, Mending(gone, "It was right"))
    with agreed.reading() as session:
        (stands,) = claims.claims(session, EVER, "2011-2012")
        assert (stands.amount_pence, stands.state) == (5_00, "to decide")
        assert next(row for row in queries.lines(session, EVER) if row.line == "eastern").allocated_pence == 100
        assert queries.wrong(session) == []
