"""The pages of money: what people see, what they may do, and that nothing moves before it was checked."""

import re
from datetime import date

import pytest
from sqlalchemy import event

from improvement.access.rules import Role
from improvement.database import Database
from improvement.dates import AsAt
from improvement.funding import commands, queries
from improvement.funding.book import Leg
from improvement.funding.entering import forms
from improvement.funding.entering.moves import Allocation, Commitment, Payment, Virement
from improvement.funding.figures import FIGURES
from tests.funding.conftest import AT, SECRETARIAT, doing
from tests.sheets import Book
from tests.visiting import Tracker, Visitor

NOW = AsAt(date(2026, 1, 1))
READ = ["/funding", "/funding/ledger", "/funding/mou", "/funding/lines/london"]
FILES = ["/funding/lines.csv", "/funding/lines.json", "/funding/ledger.csv", "/funding/ledger.json"]
DAY = {"paid_on-day": "1", "paid_on-month": "9", "paid_on-year": "2011"}
A_PAYMENT = {"line": "london", "amount_pence": "1,000.00", "reference": "BACS 7", **DAY}


def busy(database: Database) -> None:
    """London has £10,000.00, £9,000.00 of it committed and £4,000.00 paid."""
    do = doing(database)
    do(commands.allocate, Allocation(line="london", amount_pence=10_000_00))
    do(commands.commit, Commitment(line="london", amount_pence=9_000_00, recipient="=cmd", purpose="Peer work"))
    do(commands.pay, Payment(line="london", amount_pence=4_000_00, paid_on=date(2011, 9, 1)))


@pytest.fixture
def secretary(tracker: Tracker, agreed: Database) -> Visitor:
    """Somebody of the secretariat, with money to look after."""
    busy(agreed)
    return tracker.signed_in(Role.SECRETARIAT)


def paid(database: Database, line: str = "london") -> int:
    with database.reading() as session:
        return next(row.paid_pence for row in queries.lines(session, NOW) if row.line == line)


def test_before_there_is_an_mou_the_pages_say_what_will_be_here(tracker: Tracker, seeded: Database) -> None:
    visitor = tracker.signed_in(Role.SECRETARIAT)
    for address in ("/funding", "/funding/ledger", "/funding/mou"):
        page = visitor.get(address)
        assert page.status_code == 200
        assert "No Memorandum of Understanding is known" in page.text
    assert visitor.get("/funding/payments/new").status_code == 404


def test_in_negotiation_the_page_says_what_it_could_lead_to(tracker: Tracker, negotiated: Database) -> None:
    page = tracker.signed_in(Role.BOARD).get("/funding")
    assert "in negotiation and could lead to" in page.text
    assert "£550,000.00" in page.text


def test_the_lines_and_what_is_unallocated_add_up_on_the_page(secretary: Visitor) -> None:
    page = secretary.get("/funding").text
    assert "£10,000" in page
    assert re.search(r"Unallocated</th><td class=\"n\"><a [^>]+>£540,000.00", page)
    assert re.search(r"Amount in force</th><td class=\"n\"><a [^>]+>£550,000.00", page)


def test_every_page_answers_now_and_looking_back(secretary: Visitor) -> None:
    for address in [*READ, *FILES, *(f"/funding/working/{name}" for name in FIGURES)]:
        for when in ("", "?as-at=2026-01-01", "?on=2011-09-02&known-at=2025-01-01"):
            assert secretary.get(address + when).status_code == 200, address + when
    before = secretary.get("/funding?as-at=2011-03-31")
    assert "No Memorandum of Understanding is known" in before.text
    assert secretary.get("/funding/lines/london?as-at=2011-03-31").status_code == 404


def test_the_ledger_is_filtered_by_month_and_its_files_hold_the_same(secretary: Visitor) -> None:
    whole = secretary.get("/funding/ledger").text
    months = re.findall(r'<option value="(\d{4}-\d{2})">', whole)
    assert months == sorted(set(months), reverse=True)
    every = len(secretary.get("/funding/ledger.json").json())
    assert sum(len(secretary.get(f"/funding/ledger.json?month={month}").json()) for month in months) == every
    for month in months:
        rows = secretary.get(f"/funding/ledger.json?month={month}").json()
        assert {row["effective_on"][:7] for row in rows} == {month}
        page = secretary.get(f"/funding/ledger?month={month}").text
        assert f"<strong>{len(rows)}\u00a0entr" in page
        assert f'value="{month}" selected' in page
        assert Book(secretary.get(f"/funding/ledger.xlsx?month={month}").content).check()
    assert "<strong>0\u00a0entries" in secretary.get("/funding/ledger?month=2030-01").text
    assert "<strong>0\u00a0entries" in secretary.get("/funding/ledger?month=1999-01").text
    assert secretary.get("/funding/ledger?month=january").status_code == 400


def test_looking_back_nothing_can_be_changed_and_links_keep_the_date(secretary: Visitor) -> None:
    page = secretary.get("/funding?as-at=2026-01-01").text
    assert "/funding/payments/new" not in page
    assert "/funding/lines/london?as-at=2026-01-01" in page
    assert secretary.get("/funding/payments/new?as-at=2026-01-01").status_code == 403


def test_a_payment_is_checked_before_it_is_recorded(secretary: Visitor, agreed: Database) -> None:
    check = secretary.send("/funding/payments/new", **A_PAYMENT)
    assert check.status_code == 200
    assert "Check before it is recorded" in check.text
    assert "£15,000.00" not in check.text
    assert "London: paid, less refunds" in check.text
    assert paid(agreed) == 4_000_00
    done = secretary.post("/funding/payments/new", {**fields_of(check.text), "checked": "yes"})
    assert done.headers["location"] == "/funding/lines/london"
    assert "The payment of £1,000.00 is recorded." in secretary.follow(done).text
    assert paid(agreed) == 5_000_00


def fields_of(page: str) -> dict[str, str]:
    """The hidden fields of a check page."""
    return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page))


def test_the_second_click_records_nothing_more(secretary: Visitor, agreed: Database) -> None:
    check = secretary.send("/funding/payments/new", **A_PAYMENT)
    sent = {**fields_of(check.text), "checked": "yes"}
    answers = [secretary.post("/funding/payments/new", {**sent}) for _ in range(3)]
    assert {answer.headers["location"] for answer in answers} == {"/funding/lines/london"}
    assert paid(agreed) == 5_000_00


def test_a_refused_form_comes_back_with_what_was_typed_and_every_mistake(secretary: Visitor, agreed: Database) -> None:
    answer = secretary.send("/funding/payments/new", **{**A_PAYMENT, "amount_pence": "1.234", "paid_on-day": "31"})
    assert answer.status_code == 422
    assert "Enter no more than two figures after the point" in answer.text
    assert "Enter the day it was paid as a real date" in answer.text
    assert 'value="1.234"' in answer.text
    too_much = secretary.send("/funding/payments/new", **{**A_PAYMENT, "amount_pence": "5,000.01"})
    assert too_much.status_code == 422
    assert "£0.01 too much. Payments less refunds on a line may not pass its commitments." in too_much.text
    assert paid(agreed) == 4_000_00


def test_from_the_check_page_one_can_go_back_to_the_answers(secretary: Visitor) -> None:
    check = secretary.send("/funding/payments/new", **A_PAYMENT)
    again = secretary.post("/funding/payments/new", {**fields_of(check.text), "change": "yes"})
    assert again.status_code == 200
    assert 'value="1,000.00"' in again.text


TODAY = {"effective_on-day": "1", "effective_on-month": "9", "effective_on-year": "2011"}
CAME = {"received_on-day": "1", "received_on-month": "9", "received_on-year": "2011"}
BACK = {"returned_on-day": "1", "returned_on-month": "9", "returned_on-year": "2011"}
WAYS: dict[str, dict[str, str]] = {
    "/funding/allocations/new": {"line": "eastern", "amount_pence": "5", **TODAY},
    "/funding/commitments/new": {"line": "london", "amount_pence": "5", "recipient": "x", "purpose": "y", **TODAY},
    "/funding/refunds/new": {"line": "london", "amount_pence": "5", **CAME},
    "/funding/releases/new": {"line": "london", "of": "commitment", "amount_pence": "5", **TODAY},
    "/funding/virements/new": {
        "from_line": "london", "to_line": "eastern", "amount_pence": "5", "why": "x", **TODAY,
    },
    "/funding/instalments/new": {"amount_pence": "5", "due_on-day": "1", "due_on-month": "1", "due_on-year": "2027"},
    "/funding/receipts/new": {"amount_pence": "5", **CAME},
    "/funding/returns/new": {"amount_pence": "5", **BACK},
    "/funding/lines/new": {"title": "Adviser", "host": "LGG", **TODAY},
    "/funding/mou/vary": {"amount_pence": "560,000", "why": "More was offered", **TODAY},
    "/funding/payments/new": A_PAYMENT,
    "/funding/mou/close": TODAY,
    "/funding/mou/negotiate": {"mou": "next", "title": "x", "funder": "y", "amount_pence": "5", **TODAY},
}  # fmt: skip


def test_every_form_is_asked_checked_and_recorded(secretary: Visitor) -> None:
    for address, answers in WAYS.items():
        check = secretary.send(address, **answers)
        assert check.status_code == 200, check.text
        done = secretary.post(address, {**fields_of(check.text), "checked": "yes"})
        assert "recorded." in secretary.follow(done).text


def test_agreeing_at_less_shows_what_every_line_gives_up_before_it_is_done(
    tracker: Tracker, negotiated: Database
) -> None:
    doing(negotiated)(commands.allocate, Allocation(line="london", amount_pence=550_000_00))
    visitor = tracker.signed_in(Role.SECRETARIAT)
    check = visitor.send("/funding/mou/agree", amount_pence="500,000", **TODAY)
    assert "−£50,000.00" in check.text
    visitor.post("/funding/mou/agree", {**fields_of(check.text), "checked": "yes"})
    assert "£500,000.00" in visitor.get("/funding").text


def test_every_form_has_an_address_and_the_ones_that_cannot_be_used_now_refuse(secretary: Visitor) -> None:
    of_moves = {form.address for form in forms.FORMS.values()}
    assert of_moves == {*WAYS, "/funding/mou/agree", "/funding/mou/withdraw"}
    assert secretary.send("/funding/mou/withdraw", **TODAY).status_code == 422


def test_a_fact_is_put_right_or_taken_back_from_the_ledger(secretary: Visitor, agreed: Database) -> None:
    page = secretary.get("/funding/ledger?kind=payment").text
    address = re.findall(r"/funding/corrections/[0-9a-f-]+", page)[0]
    assert secretary.send(address, amount_pence="3,000").status_code == 422
    check = secretary.send(address, amount_pence="3,000", reason="Typed wrongly")
    assert "−£1,000.00" in check.text
    done = secretary.post(address, {**fields_of(check.text), "checked": "yes"})
    assert "The correction is recorded." in secretary.follow(done).text
    assert paid(agreed) == 3_000_00
    page = secretary.get("/funding/ledger?kind=payment").text
    assert "A correction: Typed wrongly" in page
    address = re.findall(r"/funding/corrections/[0-9a-f-]+", page)[0]
    check = secretary.send(address, what="withdraw", reason="Never paid")
    secretary.post(address, {**fields_of(check.text), "checked": "yes"})
    assert paid(agreed) == 0


def test_a_correction_keeps_the_note_that_was_left_as_it_was(secretary: Visitor, agreed: Database) -> None:
    wanted = Payment(line="london", amount_pence=100, paid_on=date(2011, 9, 1), note="By cheque")
    address = f"/funding/corrections/{doing(agreed)(commands.pay, wanted)}"
    check = secretary.send(address, amount_pence="2", reason="It was two")
    secretary.post(address, {**fields_of(check.text), "checked": "yes"})
    assert "By cheque" in secretary.get("/funding/ledger?kind=payment").text


def test_every_fact_in_the_ledger_can_be_opened_to_correct(secretary: Visitor, agreed: Database) -> None:
    for address in ("/funding/virements/new", "/funding/lines/new", "/funding/mou/vary", "/funding/instalments/new"):
        check = secretary.send(address, **WAYS[address])
        secretary.post(address, {**fields_of(check.text), "checked": "yes"})
    found = set(re.findall(r"/funding/corrections/[0-9a-f-]+", secretary.get("/funding/ledger").text))
    assert len(found) > 15
    for address in found:
        assert secretary.get(address).status_code == 200
        check = secretary.send(address, reason="As it was")
        assert check.status_code == 200, check.text
        assert "No sum changes." in check.text


def test_a_coordinator_sees_their_own_region_and_nothing_else(tracker: Tracker, agreed: Database) -> None:
    busy(agreed)
    doing(agreed)(commands.allocate, Allocation(line="eastern", amount_pence=7_654_321))
    legs = [Leg("london", -1), Leg("eastern", 1)]
    doing(agreed)(commands.vire, Virement(legs=legs, why="To the coast"))
    visitor = tracker.signed_in(Role.COORDINATOR, region="london")
    for address in [*READ, *FILES]:
        page = visitor.get(address)
        assert page.status_code == 200, address
        for hidden in ("76,543.21", "7654321", "eastern", "Programme lead"):
            assert hidden not in page.text, (address, hidden)
    assert "£9,999" in visitor.get("/funding").text
    assert "To the coast" in visitor.get("/funding/ledger").text
    assert "eastern" not in visitor.api("/funding/entries").text
    for address in (
        "/funding/lines/eastern",
        "/funding/ledger?line=eastern",
        "/funding/working/funding_allocated_pence",
    ):
        assert visitor.get(address).status_code == 404
    assert visitor.get("/funding/payments/new").status_code == 403


def test_the_board_reads_and_the_secretariat_records(tracker: Tracker, agreed: Database) -> None:
    board, officer, nobody = (
        tracker.signed_in(Role.BOARD),
        tracker.signed_in(Role.OFFICER, council="brent"),
        tracker.anonymous(),
    )
    assert board.get("/funding").status_code == 200
    assert "Record a payment" not in board.get("/funding").text
    assert board.get("/funding/payments/new").status_code == 403
    assert officer.get("/funding").status_code == 403
    assert nobody.get("/funding").headers["location"].startswith("/sign-in")


def test_a_download_runs_no_formula(secretary: Visitor) -> None:
    assert "'=cmd" in secretary.get("/funding/ledger.csv").text


def test_the_number_of_statements_of_a_page_is_the_same_for_one_payment_and_a_hundred(
    secretary: Visitor, agreed: Database
) -> None:
    def statements(address: str) -> int:
        secretary.get("/funding/mou")
        sent: list[str] = []
        note = lambda *told: sent.append(told[2])  # noqa: E731
        event.listen(agreed.engine, "before_cursor_execute", note)
        try:
            assert secretary.get(address).status_code == 200
        finally:
            event.remove(agreed.engine, "before_cursor_execute", note)
        return len(sent)

    addresses = [*READ, *FILES, "/funding/working/funding_cash_in_hand_pence"]

    def counted() -> list[int]:
        """Each asked of a database that nobody has asked yet at this state of the facts."""
        return [statements(f"{address}?known-at=2026-01-01&on=2011-09-01") for address in addresses]

    def pay(times: int) -> None:
        with agreed.writing() as session:
            for _ in range(times):
                wanted = Payment(line="london", amount_pence=1, paid_on=date(2011, 9, 1))
                commands.pay(session, wanted, by=SECRETARIAT, at=AT)

    # What payments do not change is asked for once in the life of a process: the first round asks for that.
    counted()
    pay(1)
    few = counted()
    pay(100)
    assert counted() == few
