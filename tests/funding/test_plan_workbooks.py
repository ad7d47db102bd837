"""Posts, forecasts, claims, splits and the year's end as workbooks, on the demonstration: they agree with the pages."""

import csv
from collections.abc import Iterator
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest

from improvement.database import Database
from improvement.web.shield import Shield
from improvement.web.workbook import MADE_UP
from tests.conftest import DATABASES, Templates
from tests.sheets import Book, penny, pounds
from tests.visiting import Tracker, Visitor

DAYS = ["2011-05-20", "2011-10-31", "2012-03-31", ""]
"""Before the MoU is agreed, in the middle of the year, at its end, and now."""
EVERY = [
    "/funding/lines.xlsx",
    "/funding/ledger.xlsx",
    "/funding/mou.xlsx",
    "/funding/cash.xlsx",
    "/funding/lines/london/statement.xlsx",
    "/funding/posts.xlsx",
    "/funding/forecasts.xlsx",
    "/funding/claims.xlsx",
    "/funding/year-end.xlsx",
    "/funding/runs.xlsx",
    "/funding/statements.xlsx",
    "/funding/unseen.xlsx",
    "/funding/splits.xlsx",
    "/funding/forecasts/london/months.xlsx",
    "/funding/working/funding_variance_pence/facts.xlsx",
    "/funding/limits.xlsx",
    "/funding/ledger/taken-back.xlsx",
]
Rows = list[dict[str, Any]]


class Shown:
    """The demonstration, with the secretariat, London's coordinator and a council's officer in front of it."""

    def __init__(self, tracker: Tracker) -> None:
        names = ("secretariat", "coordinator.london", "officer.brent")
        self.secretary, self.londoner, self.officer = (tracker.sign_in(f"{name}@demo.example") for name in names)


@pytest.fixture(scope="module", params=DATABASES)
def shown(request: pytest.FixtureRequest, templates: Templates, application: Shield) -> Iterator[Shown]:
    url, throw_away = templates.fresh(request.param, "demonstrated")
    database = Database(url)
    tracker = Tracker(application, database)
    yield Shown(tracker)
    tracker.close()
    database.close()
    throw_away()


def opened(visitor: Visitor, address: str, day: str = "") -> Book:
    answer = visitor.get(f"{address}?as-at={day}" if day else address)
    assert answer.status_code == 200, f"{address}: {answer.status_code}\n{answer.text}"
    return Book(answer.content)


def told(visitor: Visitor, address: str, day: str = "") -> Any:
    return visitor.get(f"{address}?as-at={day}" if day else address).json()


def sums(row: dict[str, Any], *names: str) -> list[Decimal]:
    return [penny(row[name]) for name in names]


def added(rows: Rows, *names: str) -> list[Decimal]:
    return [pounds(sum(row[name] or 0 for row in rows)) for name in names]


@pytest.mark.parametrize("day", DAYS)
@pytest.mark.parametrize("address", EVERY)
def test_whoever_asks_and_as_at_whenever_every_formula_is_right(address: str, day: str, shown: Shown) -> None:
    for visitor in (shown.secretary, shown.londoner):
        answer = visitor.get(f"{address}?as-at={day}" if day else address)
        if answer.status_code == 200:
            book = Book(answer.content)
            book.check()
            assert book.links() == []
            assert all(MADE_UP in book.rows(sheet)[1][0] for sheet in book.names[1:])
        else:
            # Before its line is opened, and of what is not a region's, there is nothing to show.
            assert answer.status_code == 404
    assert shown.officer.get(address).status_code in (403, 404)


@pytest.mark.parametrize("day", DAYS)
def test_the_posts_add_up_to_what_the_page_says(day: str, shown: Shown) -> None:
    book, rows = opened(shown.secretary, "/funding/posts.xlsx", day), told(shown.secretary, "/funding/posts.json", day)
    total = book.row("National posts", "All posts")
    assert sums(total, "Annual cost", "Forecast in the MoU’s months", "Left by vacancy so far", "Can be released") == (
        added(rows, "annual_cost_pence", "profile_total_pence", "vacancy_pence", "releasable_pence")
    )
    assert penny(total["Variance: allocated less expected"]) == pounds(
        sum(row["allocated_pence"] - row["outturn_pence"] for row in rows)
    )
    by_month = book.table("Planned by month")[:-1]
    assert {row["Funding line"]: penny(row["In all"]) for row in by_month if "In all" in row} == {
        row["title"]: pounds(row["profile_total_pence"]) for row in rows if row["annual_cost_pence"]
    }
    assert shown.londoner.get("/funding/posts.xlsx").status_code == 404


@pytest.mark.parametrize("day", DAYS)
def test_a_variance_is_allocated_less_expected_as_on_the_page(day: str, shown: Shown) -> None:
    for visitor in (shown.secretary, shown.londoner):
        book, rows = opened(visitor, "/funding/forecasts.xlsx", day), told(visitor, "/funding/forecasts.json", day)
        names = ("Allocated", "Expected outturn", "Variance: allocated less expected")
        for row in rows:
            line = book.row("Forecasts", row["title"])
            assert sums(line, *names) == added([row], "allocated_pence", "outturn_pence", "variance_pence")
        if visitor is shown.secretary and rows:
            total = book.row("Forecasts", "All funding lines")
            assert sums(total, *names) == added(rows, "allocated_pence", "outturn_pence", "variance_pence")


def test_what_was_paid_in_all_months_is_what_was_paid(shown: Shown) -> None:
    book = opened(shown.secretary, "/funding/forecasts.xlsx")
    paid = added(told(shown.secretary, "/funding/forecasts.json"), "net_paid_pence")
    assert sums(book.row("Paid by month", "In all"), "In all") == paid


@pytest.mark.parametrize("query", ["", "?state=paid", "?line=london"])
def test_the_claims_are_those_of_the_page_as_it_is_filtered(query: str, shown: Shown) -> None:
    for visitor in (shown.secretary, shown.londoner):
        rows = visitor.get(f"/funding/claims.json{query}").json()
        *claims, total = opened(visitor, f"/funding/claims.xlsx{query}").table("Claims")
        assert [row["Claim"] for row in claims] == [row["ref"] for row in rows]
        assert sums(total, "Amount") == added(rows, "amount_pence")


def test_a_split_adds_up_to_the_whole_and_says_what_it_would_change(shown: Shown) -> None:
    for split in told(shown.secretary, "/funding/splits.json"):
        address = f"/funding/splits/{split['ref']}/division.xlsx"
        book = opened(shown.secretary, address)
        book.check()
        total = book.row("Division", "The whole")
        assert penny(total["Amount"]) == pounds(split["total_pence"])
        assert penny(total["Amount"]) - penny(total["Allocated now"]) == penny(total["Difference"])
        assert book.row("Division", "Difference")["Amount"] == 0
        for share in split["division"]["lines"]:
            assert sums(book.row("Division", share["title"]), "Amount") == added([share], "amount_pence")
        assert penny(book.row("Division", "Kept unallocated")["Amount"]) == pounds(split["kept_pence"])
        assert shown.londoner.get(address).status_code == 404
    assert shown.secretary.get("/funding/splits/S-NONE1/division.xlsx").status_code == 404


@pytest.mark.parametrize("day", DAYS)
def test_the_end_of_the_year_explains_every_penny_as_the_page_does(day: str, shown: Shown) -> None:
    book, page = (
        opened(shown.secretary, "/funding/year-end.xlsx", day),
        told(shown.secretary, "/funding/year-end.json", day),
    )
    end = page["statement"]
    assert sums(book.row("Closing statement", "Amount in force"), "Amount") == added([end], "in_force_pence")
    assert sums(book.row("Closing statement", "Paid, less refunds"), "Amount") == added([end], "net_paid_pence")
    assert book.row("Closing statement", "Difference")["Amount"] == 0
    total = book.row("By funding line", "Amount in force")
    assert sums(total, "Allocated", "Carried forward", "Left unspent") == added(
        page["lines"], "allocated_pence", "carried_pence", "left_pence"
    )
    assert sums(book.row("What is owed", "In all"), "Still owed") == added(page["accruals"], "left_pence")
    asked = book.row("Carry-forward requests", "In all")
    assert sums(asked, "Asked", "Granted") == added(page["requests"], "amount_pence", "granted_pence")


def test_a_coordinator_gets_the_end_of_the_year_of_their_own_line(shown: Shown) -> None:
    book = opened(shown.londoner, "/funding/year-end.xlsx")
    assert book.names == ["About", "By funding line", "Carry-forward requests", "What is owed"]
    assert [row["Funding line"] for row in book.table("By funding line")] == ["Regions", "London"]
    everything = "".join(str(book.rows(sheet)) for sheet in book.names)
    assert "North West" not in everything


def listed(visitor: Visitor, address: str) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(visitor.get(address).content.decode("utf-8-sig"))))


def test_payment_runs_and_bank_statements_agree_with_their_pages(shown: Shown) -> None:
    runs, all_of_them = listed(shown.secretary, "/funding/runs.csv"), opened(shown.secretary, "/funding/runs.xlsx")
    total = all_of_them.row("Payment runs", "In all")
    assert penny(total["Total"]) == pounds(sum(int(row["total_pence"]) for row in runs))
    assert total["Payments"] == sum(int(row["payments"]) for row in runs)
    page = shown.secretary.get("/funding/runs").text
    assert f"£{total['Total']:,.2f}" in page
    ref = runs[0]["ref"]
    one = opened(shown.secretary, f"/funding/runs/{ref}/payments.xlsx")
    assert one.check()
    assert one.row("Payments", "Difference")["Amount"] == 0
    for row in listed(shown.secretary, "/funding/statements.csv"):
        book = opened(shown.secretary, f"/funding/statements/{row['ref']}/lines.xlsx")
        book.check()
        assert sums(book.row("Lines", "In all"), "In", "Out") == [
            pounds(int(row["in_pence"])),
            pounds(int(row["out_pence"])),
        ]
        assert book.row("Lines", "Difference")["Out"] == 0
        left = penny(book.row("Lines", "In all")["Not recorded, or differs"])
        told = listed(shown.secretary, f"/funding/statements/{row['ref']}/lines.csv")
        assert left == pounds(sum(int(one["amount_pence"]) - int(one["recorded_pence"] or 0) for one in told))
    for address in (f"runs/{ref}/payments.xlsx", "runs.xlsx", "statements.xlsx", "unseen.xlsx", "splits.xlsx"):
        assert shown.londoner.get(f"/funding/{address}").status_code == 404


def test_the_months_of_a_post_and_a_line_add_up_as_on_their_pages(shown: Shown) -> None:
    posts = told(shown.secretary, "/funding/posts.json", "2011-10-31")
    for post in posts:
        book = opened(shown.secretary, f"/funding/posts/{post['line']}/months.xlsx", "2011-10-31")
        book.check()
        total = book.row("Month by month", "In all")
        assert penny(total["Forecast"]) == pounds(post["profile_total_pence"])
        assert len([row for row in book.table("Month by month") if row["Paid, less refunds"] == ""]) == 5
        off = "Difference: forecast less vacancy and paid, so far"
        page = shown.secretary.get(f"/funding/posts/{post['line']}?as-at=2011-10-31").text
        assert f"£{abs(total[off]):,.2f}" in page
    book = opened(shown.secretary, "/funding/forecasts/london/months.xlsx", "2011-10-31")
    rows = listed(shown.secretary, "/funding/forecasts/london/months.csv?as-at=2011-10-31")
    assert penny(book.row("Month by month", "In all")["Planned"]) == pounds(
        sum(int(row["planned_pence"]) for row in rows)
    )


def test_splits_are_compared_in_a_workbook_as_on_the_page(shown: Shown) -> None:
    first, second, *_ = (split["ref"] for split in told(shown.secretary, "/funding/splits.json"))
    query = f"?first={first}&second={second}"
    book = opened(shown.secretary, f"/funding/splits/compare.xlsx{query}")
    assert book.check()
    whole, rows = (
        book.row("Side by side", "The whole"),
        listed(shown.secretary, f"/funding/splits/compare.csv{query}"),
    )
    for ref in (first, second):
        assert penny(whole[ref]) == pounds(sum(int(row[f"{ref} pence"]) for row in rows))
        assert book.row("Side by side", "Difference")[ref] == 0
    assert penny(whole[f"{second} less {first}"]) == penny(whole[second]) - penny(whole[first])
    assert shown.secretary.get(f"/funding/splits/compare.xlsx?first={first}").status_code == 404
    assert shown.londoner.get(f"/funding/splits/compare.xlsx{query}").status_code == 404


def test_a_figure_s_working_adds_up_in_a_workbook_and_its_facts_are_a_file(shown: Shown) -> None:
    address = "/funding/working/funding_outturn_pence/facts"
    query = "?line=london&on=2011-10-31"
    book = opened(shown.secretary, f"{address}.xlsx{query}")
    assert book.check()
    assert book.row("How it was made", "Difference")["Amount"] == 0
    rows = {row["line"]: row for row in told(shown.secretary, "/funding/forecasts.json?on=2011-10-31")}
    assert sums(book.row("How it was made", "In all"), "Amount") == added([rows["london"]], "outturn_pence")
    facts = listed(shown.londoner, f"{address}.csv{query}")
    assert {row["line"] for row in facts} == {"london"}
    assert len(facts) == len(book.table("Facts"))
    assert shown.londoner.get(f"{address}.csv?line=north-west").status_code == 404
    assert listed(shown.secretary, "/funding/limits.csv") is not None
