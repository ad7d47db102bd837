"""The forms that record money: what they warn of, what they say when it is done, and where they lead."""

import pytest

from improvement.access.rules import Role
from improvement.database import Database
from tests.funding.test_closing_pages import ask, record
from tests.funding.test_pages import BACK, TODAY, WAYS, busy, fields_of
from tests.visiting import Tracker, Visitor


@pytest.fixture
def secretary(tracker: Tracker, agreed: Database) -> Visitor:
    """Somebody of the secretariat, with money to look after."""
    busy(agreed)
    return tracker.signed_in(Role.SECRETARIAT)


def test_closing_warns_of_what_is_not_settled_before_the_button_and_says_afterwards_how_it_can_be(
    secretary: Visitor,
) -> None:
    ask(secretary)
    check = secretary.send("/funding/mou/close", **TODAY).text
    warned = check[: check.index("Close the MoU</button>")]
    assert "Not everything is settled." in warned
    assert "£196,000.00 is in hand, and neither carried forward nor returned" in warned
    assert 'href="/funding/year-end#requests">Requests to carry forward £2,000.00</a>' in warned
    page = secretary.follow(secretary.post("/funding/mou/close", {**fields_of(check), "checked": "yes"})).text
    assert "The closing of the MoU is recorded." in page
    assert "it can only be returned to the funder" in page
    assert "/funding/returns/new?mou=2011-2012" in page
    record(secretary, "/funding/returns/new", mou="2011-2012", amount_pence="196,000", **BACK)
    page = secretary.get("/funding/year-end").text
    assert "Still to settle" not in page
    assert "Every penny of" in page


def test_each_form_says_what_was_done_in_a_sentence_of_its_own(secretary: Visitor) -> None:
    said = {
        "/funding/mou/vary": "The variation of the MoU to £560,000.00 is recorded.",
        "/funding/lines/new": "The opening of the post is recorded.",
        "/funding/instalments/new": "The expected instalment of £5.00 is recorded.",
        "/funding/returns/new": "The return of £5.00 to the funder is recorded.",
        "/funding/payments/new": "The payment of £1,000.00 is recorded.",
    }
    for address, sentence in said.items():
        assert sentence in record(secretary, address, **WAYS[address])


def test_a_new_post_leads_on_to_its_terms(secretary: Visitor) -> None:
    assert "Open the post</button>" in secretary.send("/funding/lines/new", **WAYS["/funding/lines/new"]).text
    page = record(secretary, "/funding/lines/new", **WAYS["/funding/lines/new"])
    assert "Its terms are not set yet" in page
    assert "/funding/posts/terms?line=adviser" in page


def test_a_form_without_anything_to_choose_from_says_what_it_waits_for(secretary: Visitor) -> None:
    page = secretary.get("/funding/carry-forwards/decide").text
    assert "No request waits for a decision" in page
    assert 'name="idempotency_key"' not in page


def test_virements_say_the_limit_of_the_day(secretary: Visitor) -> None:
    for address in ("/funding/virements/new", "/funding/virements/several"):
        assert "Needed for more than £10,000.00, or between" in secretary.get(address).text
    limits = {"virement_above_pence": "2,500", "variance_above_pence": "1,000", "why": "The Board asked for it"}
    record(secretary, "/funding/limits/new", **limits)
    for address in ("/funding/virements/new", "/funding/virements/several"):
        assert "Needed for more than £2,500.00, or between" in secretary.get(address).text


def test_what_is_selected_is_asked_to_be_selected(secretary: Visitor) -> None:
    page = secretary.send("/funding/payments/new", amount_pence="5").text
    assert "Select the funding line." in page
    assert "Select where the money goes." in secretary.send("/funding/virements/new", amount_pence="5").text


def test_the_only_line_there_is_to_select_is_not_asked_for(tracker: Tracker, secretary: Visitor) -> None:
    london = tracker.signed_in(Role.COORDINATOR, region="london")
    page = london.get("/funding/carry-forwards/new").text
    assert "<select" not in page
    assert '<input type="hidden" name="line" value="london">' in page


def test_more_rows_begin_where_one_types_next(secretary: Visitor) -> None:
    page = secretary.send("/funding/virements/several", more="yes").text
    assert 'name="line-7" autofocus' in page
    assert page.count("autofocus") == 1


def test_a_virement_among_several_lines_tells_every_mistake_at_once(secretary: Visitor) -> None:
    typed = {"line-1": "london", "gives-1": "5", "line-2": "eastern", "gains-2": "6"}
    page = secretary.send(
        "/funding/virements/several", **typed, **{"effective_on-day": "31", "effective_on-month": "2"}
    )
    assert "they gain £1.00 more than they give" in page.text
    assert "Enter the reason." in page.text


def test_a_statement_that_cannot_be_read_says_to_choose_the_file_again(secretary: Visitor) -> None:
    page = secretary.send("/funding/statements/new", files={"file": ("september.csv", b"not,a\nstatement,1")})
    assert page.status_code == 422
    assert "Choose the file again" in page.text


def test_a_large_release_of_an_allocation_is_cautioned_unless_it_gives_the_decision(secretary: Visitor) -> None:
    record(secretary, "/funding/limits/new", virement_above_pence="2", variance_above_pence="1", why="Try", **TODAY)
    released = {"line": "london", "of": "allocation", **TODAY}
    caution = "above which a virement needs the Board’s decision"
    large = {"amount_pence": "2.01", **released}
    assert caution in secretary.send("/funding/releases/new", **large).text
    for within in ({**large, "amount_pence": "2"}, {**large, "decision_reference": "Board paper 12"}):
        page = secretary.send("/funding/releases/new", **within)
        assert page.status_code == 200
        assert caution not in page.text


def test_going_back_past_the_check_page_records_nothing_a_second_time_unawares(secretary: Visitor) -> None:
    address = "/funding/payments/new"
    first = {**secretary.form(address), **WAYS[address]}
    check = secretary.post(address, first).text
    assert "This is recorded already." not in check
    done = secretary.post(address, {**fields_of(check), "checked": "yes"}).headers["location"]
    assert secretary.post(address, first).headers["location"] == done, "the form as it was then"
    # Some browsers ask for the form anew on the way back, and fill it in as it was.
    anew = {**first, "idempotency_key": secretary.form(address)["idempotency_key"]}
    told = secretary.post(address, anew).text
    assert "This is recorded already." in told
    assert done.replace("&", "&amp;") in told
    other = secretary.post(address, {**anew, "note": "The second"}).text
    assert "This is recorded already." not in other
    assert secretary.post(address, {**fields_of(told), "checked": "yes"}).status_code == 303, "it may be another"
