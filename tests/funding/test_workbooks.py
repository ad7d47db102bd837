"""Money as workbooks: every formula comes to what stands beside it, and that is what the page says, to the penny."""

import csv
import re
from datetime import date
from decimal import Decimal
from io import StringIO

import pytest

from improvement.access.rules import Role
from improvement.database import Database
from improvement.dates import AsAt
from improvement.funding import commands, queries
from improvement.funding.book import UNALLOCATED, Leg, Of
from improvement.funding.entering.moves import (
    Allocation,
    Commitment,
    Ending,
    ExpectedInstalment,
    Payment,
    Refund,
    Release,
    Virement,
)
from improvement.funding.pages import seeing, workbooks
from improvement.funding.queries import statement
from improvement.web.workbook import MEDIA_TYPE
from tests.funding.conftest import SECRETARIAT, doing
from tests.sheets import Book, penny, pounds
from tests.visiting import Tracker, Visitor

NOW = AsAt(date(2026, 1, 1))
ADDRESSES = [
    "/funding/lines.xlsx",
    "/funding/ledger.xlsx",
    "/funding/mou.xlsx",
    "/funding/cash.xlsx",
    "/funding/lines/london/statement.xlsx",
]
RUN = "=1+1|' /C calc'!A0"
FIRST, THEN = date(2011, 8, 1), date(2011, 8, 20)


def busy(database: Database) -> None:
    """London and Eastern have money, some of it moved, paid, refunded and released; much of it said in formulas."""
    do = doing(database)
    do(commands.allocate, Allocation(line="london", amount_pence=10_000_01, effective_on=FIRST, why=RUN, note="@note"))
    do(commands.allocate, Allocation(line="eastern", amount_pence=7_000_07, effective_on=FIRST))
    committed = Commitment(line="london", amount_pence=9_000_00, recipient=RUN, purpose="+cmd", effective_on=FIRST)
    do(commands.commit, committed)
    payment = do(commands.pay, Payment(line="london", amount_pence=4_000_10, paid_on=THEN, reference="-1"))
    do(commands.refund, Refund(line="london", amount_pence=19, received_on=THEN, payment=payment))
    do(commands.release, Release(line="london", of=Of.COMMITMENT, amount_pence=1_000_00, effective_on=THEN, why="less"))
    legs = [Leg("london", -500_00), Leg("eastern", 500_00)]
    do(commands.vire, Virement(legs=legs, why="moved", effective_on=THEN))
    do(commands.expect_instalment, ExpectedInstalment(amount_pence=550_000_00, due_on=date(2011, 6, 1), ref="I-1"))


@pytest.fixture
def secretary(tracker: Tracker, agreed: Database) -> Visitor:
    """Somebody of the secretariat, with money to look after."""
    busy(agreed)
    return tracker.signed_in(Role.SECRETARIAT)


@pytest.fixture
def londoner(tracker: Tracker, secretary: Visitor) -> Visitor:
    """London's coordinator, beside the same money."""
    return tracker.signed_in(Role.COORDINATOR, region="london")


def opened(visitor: Visitor, address: str) -> Book:
    answer = visitor.get(address)
    assert answer.status_code == 200, f"{address}: {answer.status_code}\n{answer.text}"
    assert answer.headers["content-type"] == MEDIA_TYPE
    return Book(answer.content)


def shown(page: str, words: str) -> list[Decimal]:
    """The sums of the row of a page that begins with some words."""
    row = re.search(rf'<tr[^>]*><th scope="row"[^>]*>(?:<a[^>]*>)?{words}<.*?</tr>', page, re.DOTALL)
    assert row, f"{words} is not on the page"
    found = re.findall(r"([−+]?)£([\d,]+\.\d\d)", row[0])
    return [Decimal(f"{'-' if sign == '−' else ''}{figure.replace(',', '')}") for sign, figure in found]


@pytest.mark.parametrize("when", ["", "as-at=2026-01-01", "on=2011-08-10&known-at=2026-01-01"])
@pytest.mark.parametrize("address", ADDRESSES)
def test_every_formula_comes_to_the_value_beside_it_and_nothing_typed_is_a_formula(
    address: str, when: str, secretary: Visitor
) -> None:
    made = opened(secretary, f"{address}?{when}" if when else address)
    assert made.check()
    assert made.links() == []
    ours = re.compile(r"[A-Z]\d+(:[A-Z]\d+)?|SUM|SUBTOTAL|109|[-+,()]")
    assert [told for sheet in made.names for told in made.formulas(sheet).values() if ours.sub("", told)] == []


def test_a_file_is_named_for_the_day_it_looks_at_and_says_so_within(secretary: Visitor) -> None:
    answer = secretary.get("/funding/lines.xlsx?as-at=2026-01-01")
    assert 'filename="funding-2026-01-01.xlsx"' in answer.headers["content-disposition"]
    about = dict(row[:2] for row in Book(answer.content).rows("About")[2:])
    assert about["As at"] == "The end of 1 January 2026"
    assert about["From"].endswith("/funding/lines.xlsx?as-at=2026-01-01")


def test_the_same_question_is_answered_with_the_same_bytes(secretary: Visitor) -> None:
    for address in ADDRESSES:
        one, two = (secretary.get(address).content for _ in range(2))
        assert one == two, address


@pytest.mark.parametrize("when", ["", "?as-at=2026-01-01", "?on=2011-08-10&known-at=2026-01-01"])
def test_the_lines_of_the_workbook_are_those_of_the_page(when: str, secretary: Visitor) -> None:
    page, made = secretary.get(f"/funding{when}").text, opened(secretary, f"/funding/lines.xlsx{when}")
    for words in ("London", "Eastern", "All regions", "Unallocated", "Amount in force"):
        row = made.row("Where the money is", words)
        told = [penny(row[name]) for name in ("Allocated", "Committed", "Paid, less refunds")]
        assert told == shown(page, words)[:3], words
        assert penny(row["Remaining: allocated less paid"]) == penny(row["Allocated"]) - penny(
            row["Paid, less refunds"]
        )
    assert made.row("Where the money is", "Difference")["Allocated"] == 0


def test_cash_in_hand_is_made_of_the_parts_that_the_page_shows(secretary: Visitor, agreed: Database) -> None:
    made = opened(secretary, "/funding/lines.xlsx")
    with agreed.reading() as session:
        mou = queries.mou(session, NOW)
    assert penny(made.row("Cash in hand", "Cash in hand")["Amount"]) == pounds(mou.cash_in_hand_pence)
    assert penny(made.row("Cash in hand", "Payments")["Amount"]) == pounds(-mou.paid_pence)
    assert list(made.formulas("Cash in hand").values())[1] == "C5+C6+C7+C8"
    by_day = opened(secretary, "/funding/cash.xlsx")
    assert penny(by_day.row("Cash by day", "In all")["In hand at the end of the day"]) == pounds(mou.cash_in_hand_pence)


def test_the_instalments_are_those_of_the_page(secretary: Visitor) -> None:
    made, page = opened(secretary, "/funding/mou.xlsx"), secretary.get("/funding/mou").text
    total = made.row("Instalments", "In all")
    assert [penny(total[name]) for name in ("Expected", "Received")] == shown(page, "In all")
    assert penny(total["Still to come"]) == penny(total["Expected"]) - penny(total["Received"])
    assert [row["What"] for row in made.table("The MoU")] == ["MoU agreed", "MoU put in negotiation"]
    assert made.row("Received and returned", "Difference")["Received"] == 0


def test_the_instalments_are_there_as_csv_and_json_too(londoner: Visitor) -> None:
    text = londoner.get("/funding/mou.csv").content.decode("utf-8-sig")
    (row,) = csv.DictReader(StringIO(text, newline=""))
    assert (row["ref"], row["amount_pence"]) == ("I-1", "55000000")
    assert londoner.get("/funding/mou.json").json()[0]["amount_pence"] == int(row["amount_pence"])


@pytest.mark.parametrize(
    "page", ["/funding", "/funding/lines/london", "/funding/cash", "/funding/forecasts", "/funding/year-end"]
)
def test_a_page_leads_to_its_workbook_of_the_same_day(page: str, secretary: Visitor) -> None:
    text = secretary.get(f"{page}?as-at=2026-01-01").text
    found = re.findall(r'href="([^"]+\.xlsx\?[^"]+)"', text)
    assert found
    for address in found:
        assert "as-at=2026-01-01" in address
        assert opened(secretary, address.replace("&amp;", "&")).names[0] == "About"


def test_a_statement_runs_in_order_of_day_and_closes_with_what_the_page_says(
    secretary: Visitor, agreed: Database
) -> None:
    made = opened(secretary, "/funding/lines/london/statement.xlsx")
    rows = made.table("Statement")[:-3]
    days = [row["Day"] for row in rows]
    assert days == sorted(days)
    assert [row["What"] for row in rows][-1] == "Virement"
    with agreed.reading() as session:
        line = queries.line(session, NOW, "london", SECRETARIAT)
    total = made.row("Statement", "In all")
    assert penny(total["Balance: allocated less paid"]) == pounds(line.remaining_pence)
    assert penny(total["Allocated"]) == penny(total["Allocated so far"]) == pounds(line.allocated_pence)
    assert penny(total["Committed so far"]) == pounds(line.committed_pence)
    assert penny(total["Paid so far"]) == pounds(line.net_paid_pence)
    page = secretary.get("/funding/lines/london").text
    assert [penny(total[name]) for name in ("Allocated", "Committed", "Paid, less refunds")] == shown(page, "In all.*?")
    assert made.row("Statement", "Difference")["Balance: allocated less paid"] == 0


def test_the_statement_as_csv_is_the_same_in_pence(secretary: Visitor) -> None:
    text = secretary.get("/funding/lines/london/statement.csv").content.decode("utf-8-sig")
    told = list(csv.DictReader(StringIO(text, newline="")))
    rows = opened(secretary, "/funding/lines/london/statement.xlsx").table("Statement")[:-3]
    assert [pounds(int(row["balance_pence"])) for row in told] == [
        penny(row["Balance: allocated less paid"]) for row in rows
    ]
    assert [row["about"] for row in told][1] == f"'{RUN}"
    same = secretary.get("/funding/lines/london/statement.json").json()
    assert [step["balance_pence"] for step in same] == [int(row["balance_pence"]) for row in told]


def test_what_is_agreed_ahead_is_a_sheet_of_its_own_and_not_in_the_balance(secretary: Visitor) -> None:
    made = opened(secretary, "/funding/lines/london/statement.xlsx?on=2011-07-31&known-at=2026-01-01")
    assert made.row("Agreed ahead", "In all")["Amount"] == 9_000
    assert made.row("Statement", "In all")["Committed so far"] == 0


def test_a_statement_too_long_for_a_file_brings_its_beginning_forward_and_closes_the_same(
    secretary: Visitor, agreed: Database
) -> None:
    with agreed.reading() as session:
        mou, line = queries.mou(session, NOW), queries.line(session, NOW, "london", SECRETARIAT)
        whole = statement.statement(session, NOW, mou, line, 100)
        short = statement.statement(session, NOW, mou, line, 3)
    assert (len(whole), len(short)) == (7, 4)
    assert short[0].what == "Everything recorded earlier"
    assert short[-1].balance_pence == whole[-1].balance_pence == line.remaining_pence


def test_the_statement_of_a_withdrawn_mou_ends_with_nothing(tracker: Tracker, negotiated: Database) -> None:
    do = doing(negotiated)
    do(commands.allocate, Allocation(line="london", amount_pence=5_00, effective_on=FIRST))
    do(commands.withdraw, Ending(effective_on=THEN))
    made = opened(tracker.signed_in(Role.SECRETARIAT), "/funding/lines/london/statement.xlsx")
    made.check()
    assert made.table("Statement")[-4]["For what, or why"] == "Its allocations have lapsed."
    assert made.row("Statement", "In all")["Balance: allocated less paid"] == 0
    assert made.row("Statement", "Difference")["Allocated so far"] == 0


@pytest.mark.parametrize("portion", [2, 5_000])
@pytest.mark.parametrize("query", ["", "?kind=payment", "?line=london", "?kind=allocation&line=eastern"])
def test_the_ledger_is_the_one_of_the_page_as_it_is_filtered(
    query: str, portion: int, secretary: Visitor, agreed: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbooks, "PORTION", portion)
    monkeypatch.setattr(workbooks, "BIG", portion)
    *rows, total = opened(secretary, f"/funding/ledger.xlsx{query}").table("Ledger")
    wanted = secretary.get(f"/funding/ledger.json{query}").json()
    assert [row["Day"].isoformat() for row in rows] == [entry["effective_on"] for entry in wanted]
    assert [penny(row["Amount"] or 0) for row in rows] == [pounds(entry["amount_pence"] or 0) for entry in wanted]
    assert penny(total["Amount"]) == pounds(sum(entry["amount_pence"] or 0 for entry in wanted))
    with agreed.reading() as session:
        paid = queries.mou(session, NOW).paid_pence
    if query == "?kind=payment":
        assert penny(total["Amount"]) == pounds(paid)


def test_a_ledger_cut_at_the_most_rows_says_so(secretary: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seeing, "MOST_ROWS", 3)
    made = opened(secretary, "/funding/ledger.xlsx")
    assert len(made.table("Ledger")) == 4
    assert "These are the newest 3 of" in made.rows("Ledger")[1][0]


def test_a_coordinator_gets_their_own_regions_line_and_no_total(londoner: Visitor) -> None:
    made = opened(londoner, "/funding/lines.xlsx")
    assert made.names == ["About", "Where the money is", "The MoU", "Instalments"]
    assert [row["Funding line"] for row in made.table("Where the money is")] == ["Regions", "London"]
    made.check()
    everything = "".join(str(made.rows(sheet)) for sheet in made.names)
    assert "Eastern" not in everything
    assert "Unallocated" not in everything


def test_a_coordinator_sees_of_a_virement_only_their_own_side(londoner: Visitor) -> None:
    rows = opened(londoner, "/funding/ledger.xlsx").table("Ledger")
    assert [row["Funding line"] for row in rows if row["What"] == "Virement"] == ["London −£500.00"]
    assert {row["Funding line"] for row in rows} == {"London", "London −£500.00", ""}


def test_a_coordinator_gets_no_other_regions_statement_and_no_cash(londoner: Visitor) -> None:
    assert opened(londoner, "/funding/lines/london/statement.xlsx").check()
    for end in ("xlsx", "csv", "json"):
        for line in ("eastern", "programme-lead", UNALLOCATED, "nowhere"):
            assert londoner.get(f"/funding/lines/{line}/statement.{end}").status_code == 404
    assert londoner.get("/funding/cash.xlsx").status_code == 404


def test_who_may_not_read_money_gets_no_workbook(tracker: Tracker, secretary: Visitor) -> None:
    officer, nobody = tracker.signed_in(Role.OFFICER, council="brent"), tracker.anonymous()
    for address in ADDRESSES:
        assert officer.get(address).status_code in (403, 404), address
        assert nobody.get(address).status_code in (303, 401), address


def test_before_there_is_an_mou_there_is_no_workbook(secretary: Visitor) -> None:
    for address in ADDRESSES:
        assert secretary.get(f"{address}?as-at=2011-03-31").status_code == 404
        assert secretary.get(f"{address}?mou=never").status_code == 404
    assert secretary.get("/funding/ledger.xlsx?kind=nothing").status_code == 404
