"""National posts on pages and in the API: who sees them, who changes them, and what is refused."""

import re
from typing import Any

import pytest

from improvement.access.rules import Role
from improvement.database import Database
from improvement.funding import commands
from improvement.funding.entering.moves import Allocation, Commitment
from tests.funding.conftest import doing
from tests.funding.test_pages import fields_of
from tests.visiting import Tracker, Visitor

LEAD = "/funding/posts/programme-lead"
START = {"starts_on-day": "1", "starts_on-month": "4", "starts_on-year": "2011"}
END = {"ends_on-day": "31", "ends_on-month": "3", "ends_on-year": "2012"}
TERMS = {"line": "programme-lead", "wte_hundredths": "0.6", "annual_cost_pence": "48,000", **START, **END}
TOLD: dict[str, Any] = {
    "line": "programme-lead",
    "wte_hundredths": 60,
    "starts_on": "2011-04-01",
    "ends_on": "2012-03-31",
    "annual_cost_pence": 48_000_00,
    "effective_on": "2011-03-01",
}
"""The same as JSON."""


@pytest.fixture
def secretary(tracker: Tracker, agreed: Database) -> Visitor:
    """Somebody of the secretariat, with £48,000.00 for the programme lead, £40,000.00 of it committed."""
    do = doing(agreed)
    do(commands.allocate, Allocation(line="programme-lead", amount_pence=48_000_00))
    do(commands.commit, Commitment(line="programme-lead", amount_pence=40_000_00, recipient="x", purpose="y"))
    return tracker.signed_in(Role.SECRETARIAT)


def in_post(visitor: Visitor, on: str = "2011-07-01") -> None:
    """The post has terms, and somebody in it from a day on."""
    assert visitor.api("/funding/posts/terms", TOLD).status_code == 201
    step = {"line": "programme-lead", "state": "in post", "effective_on": on}
    assert visitor.api("/funding/posts/states", step).status_code == 201


def test_before_there_are_posts_the_page_says_what_will_be_here(tracker: Tracker, seeded: Database) -> None:
    page = tracker.signed_in(Role.SECRETARIAT).get("/funding/posts")
    assert (page.status_code, "No Memorandum of Understanding" in page.text) == (200, True)


def test_a_post_without_terms_says_so_and_leads_to_setting_them(secretary: Visitor) -> None:
    assert "Its terms are not set yet" in secretary.get("/funding/posts").text
    page = secretary.get(LEAD).text
    assert "/funding/posts/terms?line=programme-lead" in page
    assert "When the post is advertised" in page


def test_terms_are_checked_before_they_are_recorded_and_lead_to_the_post(secretary: Visitor) -> None:
    check = secretary.send("/funding/posts/terms", **TERMS)
    assert "Check before it is recorded" in check.text
    sent = {**fields_of(check.text), "checked": "yes"}
    done = [secretary.post("/funding/posts/terms", {**sent}) for _ in range(2)]
    assert {answer.headers["location"] for answer in done} == {LEAD}
    page = secretary.follow(done[0]).text
    assert "£48,000.00" in page
    assert page.count("/funding/corrections/") == 1, "the second click recorded nothing more"


def test_the_forms_are_not_taken_for_posts(secretary: Visitor) -> None:
    for address in ("/funding/posts/terms", "/funding/posts/state"):
        assert "<form" in secretary.get(address).text


def test_every_mistake_comes_back_with_what_was_typed(secretary: Visitor) -> None:
    wrong = {**TERMS, "wte_hundredths": "half", "annual_cost_pence": "-5", "ends_on-day": "31", "ends_on-month": "2"}
    answer = secretary.send("/funding/posts/terms", **wrong)
    assert answer.status_code == 422
    for said in ("no more than two figures", "Enter an amount above zero", "as a real date", 'value="half"'):
        assert said in answer.text
    back_to_front = {**TERMS, **{name.replace("starts", "ends"): value for name, value in START.items()}}
    back_to_front |= {"starts_on-year": "2012"}
    answer = secretary.send("/funding/posts/terms", **back_to_front)
    assert (answer.status_code, "on or after the start of the post" in answer.text) == (422, True)


def test_the_list_adds_up_and_can_be_downloaded(secretary: Visitor) -> None:
    in_post(secretary)
    page = secretary.get("/funding/posts").text
    assert re.search(r"All posts</th><td class=\"n\">0.60", page)
    assert "In post" in page
    rows = secretary.get("/funding/posts.json").json()
    assert [(row["line"], row["vacancy_pence"]) for row in rows] == [("programme-lead", 12_000_00)]
    written = secretary.get("/funding/posts.csv").text
    assert written.splitlines()[1].startswith("programme-lead,Programme lead,ADASS,in post,2011-07-01,60")


def test_what_vacancy_left_is_released_by_two_prefilled_forms(secretary: Visitor) -> None:
    in_post(secretary)
    page = secretary.get(f"{LEAD}?on=2011-09-01").text
    assert "£12,000.00" in page
    assert "/funding/releases/new" not in page, "nothing is offered while looking back"
    links = re.findall(r'href="(/funding/releases/new[^"]+)"', secretary.get(LEAD).text)
    assert len(links) == 2
    for link, of, amount in zip(links, ("commitment", "allocation"), ("4,000.00", "12,000.00"), strict=True):
        form = secretary.get(link.replace("&amp;", "&")).text
        assert re.search(rf'name="amount_pence"[^>]* value="{amount}"', form)
        assert f'value="{of}" checked' in form
        typed = {**fields_of(form), "line": "programme-lead", "of": of, "amount_pence": amount, "why": "It was vacant"}
        check = secretary.post("/funding/releases/new", typed)
        secretary.post("/funding/releases/new", {**fields_of(check.text), "checked": "yes"})
    told = secretary.api("/funding/posts").json()["items"][0]
    assert (told["allocated_pence"], told["committed_pence"]) == (36_000_00, 36_000_00)


def test_looking_back_keeps_the_dates_and_offers_nothing(secretary: Visitor) -> None:
    in_post(secretary)
    page = secretary.get(f"{LEAD}?on=2011-06-15")
    assert "To come" in page.text
    assert "agreed ahead" in page.text
    assert "/funding/posts?on=2011-06-15" in page.text
    assert "/funding/corrections/" not in page.text
    assert "/funding/posts/terms" not in page.text


def test_the_terms_are_corrected_on_the_page_they_are_shown_on(secretary: Visitor) -> None:
    in_post(secretary)
    found = re.findall(r'href="(/funding/corrections/[^"]+)">Correct<span[^>]*> the terms', secretary.get(LEAD).text)
    check = secretary.send(found[0], reason="A digit was missing", annual_cost_pence="54,000")
    done = secretary.post(found[0], {**fields_of(check.text), "checked": "yes"})
    page = secretary.follow(done).text
    assert "A digit was missing" in page
    assert "£54,000.00" in page


def test_the_board_sees_posts_and_changes_nothing_and_a_region_does_not_know_of_them(
    tracker: Tracker, secretary: Visitor
) -> None:
    in_post(secretary)
    board = tracker.signed_in(Role.BOARD)
    assert board.get("/funding/posts").status_code == 200
    assert "/funding/corrections/" not in board.get(LEAD).text
    assert board.get("/funding/posts/terms").status_code == 403
    assert board.api("/funding/posts/terms", TOLD).status_code == 403
    londoner = tracker.signed_in(Role.COORDINATOR, region="london")
    for address in ("/funding/posts", "/funding/posts.csv", "/funding/posts.json", LEAD):
        assert londoner.get(address).status_code == 404
    assert londoner.api("/funding/posts").json()["items"] == []
    assert londoner.api("/funding/posts/terms", TOLD).status_code in (403, 404)
    assert tracker.signed_in(Role.OFFICER, council="brent").get("/funding/posts").status_code == 403


def test_a_region_or_a_name_nobody_knows_is_no_post(secretary: Visitor) -> None:
    for line in ("london", "nobody"):
        assert secretary.get(f"/funding/posts/{line}").status_code == 404


def test_the_api_tells_of_posts_and_refuses_with_the_field(secretary: Visitor) -> None:
    in_post(secretary)
    told = secretary.api("/funding/posts").json()["items"][0]
    assert (told["state"], told["profile_total_pence"], told["starts_on"]) == ("in post", 48_000_00, "2011-04-01")
    for wrong, field in (
        ({**TOLD, "wte_hundredths": 0}, "wte_hundredths"),
        ({**TOLD, "ends_on": "2011-03-31"}, "ends_on"),
        ({**TOLD, "annual_cost_pence": 0}, "annual_cost_pence"),
        ({**TOLD, "line": "london"}, "line"),
    ):
        answer = secretary.api("/funding/posts/terms", wrong)
        assert (answer.status_code, field in answer.text) == (422, True)
    ended = {"line": "programme-lead", "state": "ended", "effective_on": "2011-09-01"}
    assert secretary.api("/funding/posts/states", ended).status_code == 201
    late = {**ended, "state": "in post", "effective_on": "2011-10-01"}
    assert "nothing can follow" in secretary.api("/funding/posts/states", late).text
