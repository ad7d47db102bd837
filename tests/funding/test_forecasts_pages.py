"""Forecasts and variances on pages and in the API: who gives them, what is typed, and what comes back."""

import re
from datetime import date

import pytest

from improvement import dates
from improvement.access.rules import Role
from improvement.database import Database
from improvement.dates import Month, ProgrammeYear
from improvement.funding import commands
from improvement.funding.book import LineKind
from improvement.funding.entering.moves import Agreement, Allocation, Commitment, Negotiation, NewLine, Payment
from improvement.funding.pages import burn
from improvement.funding.rules.forecasts import months_of
from tests.funding.conftest import doing
from tests.funding.test_pages import fields_of
from tests.visiting import Tracker, Visitor

NEW = "/funding/forecasts/london/new"


def this_year() -> tuple[str, list[Month]]:
    """The MoU of this very programme year, and the months of it that have not passed."""
    today = dates.london_day(dates.now())
    year = ProgrammeYear.of(today)
    return str(year), [month for month in months_of(year) if month >= Month.of(today)]


@pytest.fixture
def running(seeded: Database) -> Database:
    """The MoU of this year is agreed; London has £12,000.00 of it."""
    today = dates.london_day(dates.now())
    do = doing(seeded, dates.now())
    slug = this_year()[0]
    sought = Negotiation(mou=slug, title="This year", funder="x", amount_pence=50_000_00, effective_on=today)
    do(commands.put_in_negotiation, sought)
    do(commands.agree, Agreement(amount_pence=50_000_00, effective_on=today))
    for line in ("london", "eastern"):
        do(commands.open_line, NewLine(kind=LineKind.REGION, region=line))
    do(commands.allocate, Allocation(line="london", amount_pence=12_000_00))
    return seeded


@pytest.fixture
def londoner(tracker: Tracker, running: Database) -> Visitor:
    return tracker.signed_in(Role.COORDINATOR, region="london")


def boxes(amount: str) -> dict[str, str]:
    """The same amount typed for every month to come."""
    return {f"month-{month}": amount for month in this_year()[1]}


def nil_but_the_last(amount: str) -> dict[str, str]:
    return {**boxes(""), f"month-{this_year()[1][-1]}": amount}


def test_before_there_is_an_mou_the_page_says_what_will_be_here(tracker: Tracker, seeded: Database) -> None:
    page = tracker.signed_in(Role.SECRETARIAT).get("/funding/forecasts")
    assert (page.status_code, "No Memorandum of Understanding" in page.text) == (200, True)


def test_the_form_begins_with_what_is_planned_now(londoner: Visitor) -> None:
    form = londoner.form(NEW)
    assert {name for name in form if name.startswith("month-")} == set(boxes(""))
    assert sum(round(float(str(form[name]).replace(",", "")) * 100) for name in boxes("")) == 12_000_00


def test_a_coordinator_forecasts_their_region_in_one_step(londoner: Visitor) -> None:
    done = londoner.send(NEW, **nil_but_the_last("£ 9,500.5"))
    assert done.headers["location"] == "/funding/forecasts/london"
    page = londoner.follow(done).text
    assert "The forecast is saved" in page
    assert "£9,500.50" in page
    assert "less than it was allocated" in page


def test_nothing_and_nil_are_the_same(londoner: Visitor) -> None:
    sent = {**boxes("0.00"), **nil_but_the_last("12000")}
    for month, text in zip(this_year()[1][:-1], ("0", "£0", " 0.0 ", "", "00"), strict=False):
        sent[f"month-{month}"] = text
    assert londoner.send(NEW, **sent).status_code == 303
    told = londoner.api("/funding/forecasts/london").json()
    assert told["versions"][0]["total_pence"] == 12_000_00


def test_every_box_with_a_mistake_is_told_at_once_with_what_was_typed(londoner: Visitor) -> None:
    months = this_year()[1]
    wrong = dict(zip((f"month-{month}" for month in months), ("-5", "1.234", "many", "(3)"), strict=False))
    answer = londoner.send(NEW, **{**boxes("1"), **wrong})
    assert answer.status_code == 422
    for month, typed in zip(months, wrong.values(), strict=False):
        assert f'href="#month-{month}">{month.in_words}: ' in answer.text
        assert f'value="{typed}"' in answer.text
    assert londoner.api("/funding/forecasts/london").json()["versions"] == []


def test_a_large_variance_asks_what_explains_it_and_keeps_what_was_typed(londoner: Visitor) -> None:
    answer = londoner.send(NEW, **nil_but_the_last("1,000"))
    assert answer.status_code == 422
    assert "£11,000.00 under. More than £5,000.00 needs explaining" in answer.text
    assert 'href="#why"' in answer.text
    assert 'value="1,000"' in answer.text
    done = londoner.send(NEW, **nil_but_the_last("1,000"), why="The adviser <starts> in March")
    assert "The adviser &lt;starts&gt; in March" in londoner.follow(done).text
    assert "&lt;starts&gt;" in londoner.get("/funding/forecasts").text


def test_the_second_click_gives_no_second_forecast(londoner: Visitor) -> None:
    form = {**londoner.form(NEW), **nil_but_the_last("12,000")}
    assert {londoner.post(NEW, {**form}).status_code for _ in range(3)} == {303}
    assert len(londoner.api("/funding/forecasts/london").json()["versions"]) == 1


def test_boxes_that_are_not_sent_are_left_as_they_were_and_none_at_all_is_refused(londoner: Visitor) -> None:
    form = {name: value for name, value in londoner.form(NEW).items() if not name.startswith("month-")}
    answer = londoner.post(NEW, form)
    assert (answer.status_code, "at least one month" in answer.text) == (422, True)


def test_the_wrong_region_is_not_found_and_readers_may_not_forecast(tracker: Tracker, londoner: Visitor) -> None:
    assert londoner.get("/funding/forecasts/eastern").status_code == 404
    assert londoner.get("/funding/forecasts/eastern/new").status_code == 404
    form = {**londoner.form(NEW), **nil_but_the_last("12,000")}
    assert londoner.post("/funding/forecasts/eastern/new", form).status_code == 404
    body = {"line": "eastern", "months": [{"month": str(this_year()[1][0]), "amount_pence": 1}]}
    assert londoner.api("/funding/forecasts", body).status_code == 404
    board = tracker.signed_in(Role.BOARD)
    assert board.get("/funding/forecasts/london").status_code == 200
    assert "Give a new forecast" not in board.get("/funding/forecasts/london").text
    assert board.get(NEW).status_code == 403
    assert board.api("/funding/forecasts", {**body, "line": "london"}).status_code == 403
    assert tracker.signed_in(Role.OFFICER, council="brent").get("/funding/forecasts").status_code == 403


def test_a_coordinator_sees_their_own_line_only(tracker: Tracker, londoner: Visitor) -> None:
    page = londoner.get("/funding/forecasts").text
    assert "London" in page
    assert "Eastern" not in page
    assert "All funding lines" not in page
    assert [row["line"] for row in londoner.get("/funding/forecasts.json").json()] == ["london"]
    assert [row["line"] for row in londoner.api("/funding/forecasts").json()["items"]] == ["london"]
    everything = tracker.signed_in(Role.SECRETARIAT).get("/funding/forecasts").text
    assert re.search(r"All funding lines</th><td class=\"n\"><a [^>]+>£12,000.00", everything)


def test_what_needs_explaining_is_listed_until_it_is_explained(tracker: Tracker, running: Database) -> None:
    do = doing(running, dates.now())
    do(commands.allocate, Allocation(line="eastern", amount_pence=1_000_00))
    secretary = tracker.signed_in(Role.SECRETARIAT)
    months = [{"month": str(month), "amount_pence": 0} for month in this_year()[1]]
    body = {"line": "eastern", "months": months}
    assert secretary.api("/funding/forecasts", body).status_code == 201
    do(commands.allocate, Allocation(line="eastern", amount_pence=20_000_00))
    page = secretary.get("/funding/forecasts").text
    assert "needs explaining" in page
    assert "/funding/variances/new?line=eastern" in page
    check = secretary.send("/funding/variances/new", line="eastern", why="The money came late")
    secretary.post("/funding/variances/new", {**fields_of(check.text), "checked": "yes"})
    after = secretary.get("/funding/forecasts").text
    assert "The money came late" in after
    assert "Needs explaining" not in after
    assert secretary.get("/funding/forecasts/eastern").text.count("+£21,000.00") >= 1


def test_a_post_with_terms_sends_people_to_its_terms(tracker: Tracker, agreed: Database) -> None:
    secretary = tracker.signed_in(Role.SECRETARIAT)
    terms = {
        "line": "programme-lead",
        "wte_hundredths": 100,
        "starts_on": "2011-04-01",
        "ends_on": "2012-03-31",
        "annual_cost_pence": 48_000_00,
    }
    assert secretary.api("/funding/posts/terms", terms).status_code == 201
    page = secretary.get("/funding/forecasts/programme-lead/new")
    assert "follows the terms of the post" in page.text
    assert "Save the forecast" not in page.text
    assert "Its forecast follows the terms" in secretary.get("/funding/forecasts/programme-lead").text


def test_once_the_year_is_over_there_is_nothing_left_to_forecast(tracker: Tracker, agreed: Database) -> None:
    secretary = tracker.signed_in(Role.SECRETARIAT)
    assert "There is nothing left to forecast" in secretary.get(NEW).text
    body = {"line": "london", "months": [{"month": "2011-10", "amount_pence": 1}]}
    answer = secretary.api("/funding/forecasts", body)
    assert (answer.status_code, "October 2011 has passed" in answer.text) == (422, True)


def test_the_pages_answer_looking_back_and_offer_nothing(tracker: Tracker, agreed: Database) -> None:
    do = doing(agreed)
    do(commands.allocate, Allocation(line="london", amount_pence=12_000_00))
    do(commands.commit, Commitment(line="london", amount_pence=12_000_00, recipient="x", purpose="y"))
    do(commands.pay, Payment(line="london", amount_pence=1_000_00, paid_on=date(2011, 9, 1)))
    secretary = tracker.signed_in(Role.SECRETARIAT)
    for address in ("/funding/forecasts", "/funding/forecasts/london"):
        page = secretary.get(f"{address}?on=2011-10-31")
        assert page.status_code == 200
        assert "/funding/forecasts/london/new" not in page.text
        assert "on=2011-10-31" in page.text
        assert "<desc" in page.text
    assert secretary.get(f"{NEW}?on=2011-10-31").status_code == 403
    told = secretary.api("/funding/forecasts/london?on=2011-10-31").json()
    assert [row["actual_pence"] for row in told["months"]][4:8] == [0, 1_000_00, 0, None]


@pytest.mark.parametrize(
    "months",
    [[], [{"month": "2011-13", "amount_pence": 1}], [{"month": "2011-10", "amount_pence": -1}], "2011-10", [1]],
)
def test_the_api_refuses_months_that_cannot_be(tracker: Tracker, agreed: Database, months: object) -> None:
    answer = tracker.signed_in(Role.SECRETARIAT).api("/funding/forecasts", {"line": "london", "months": months})
    assert (answer.status_code, "months" in answer.text) == (422, True)


def test_the_api_records_an_explanation(tracker: Tracker, agreed: Database) -> None:
    secretary = tracker.signed_in(Role.SECRETARIAT)
    assert secretary.api("/funding/variances", {"line": "london", "why": "x"}).status_code == 201
    assert secretary.api("/funding/variances", {"line": "london", "why": " "}).status_code == 422


def test_the_picture_stays_inside_its_frame_whatever_the_sums() -> None:
    months = months_of(ProgrammeYear(2011))
    for most in (0, 1, 99, 55_000_000, 10**15):
        drawn = burn.drawn([(month, most, most if at < 3 else None) for at, month in enumerate(months)])
        assert all(burn.TOP <= column.planned_y <= burn.BASE for column in drawn.columns)
        assert all(column.x >= 0 and column.x + column.width <= 100 for column in drawn.columns)
        assert len(drawn.lines) <= 5
