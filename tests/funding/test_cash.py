"""Cash in hand by day: it adds up to the penny, on any two dates, and only for those who see all the money."""

from datetime import UTC, date, datetime

from hypothesis import given
from hypothesis import strategies as st

from improvement.access.rules import Role
from improvement.database import Database
from improvement.dates import AsAt
from improvement.funding import commands, queries
from improvement.funding.book import Book, Sum
from improvement.funding.commands import Mending
from improvement.funding.days import Days
from improvement.funding.entering.moves import Allocation, Commitment, Payment
from improvement.funding.queries.cash import _counted, cash_days
from tests.funding.conftest import doing
from tests.visiting import Tracker

DAYS = st.dates(date(2011, 4, 1), date(2011, 4, 9))
MOVES = st.dictionaries(DAYS, st.integers(1, 10_000_00), max_size=6)


@given(st.fixed_dictionaries({(what, ""): MOVES for what in (Sum.RECEIVED, Sum.REFUNDED, Sum.PAID, Sum.RETURNED)}))
def test_each_days_balance_is_the_day_before_and_what_moved(sums: dict[tuple[Sum, str], dict[date, int]]) -> None:
    before = 0
    for row in _counted(Book("m", sums={what: Days(days) for what, days in sums.items()}), date(2011, 4, 9)):
        moved = row.received_pence + row.refunded_pence - row.paid_pence - row.returned_pence
        assert row.in_hand_pence == before + moved
        before = row.in_hand_pence


def test_the_newest_balance_is_the_cash_in_hand_and_a_correction_leaves_what_was_known(agreed: Database) -> None:
    do = doing(agreed)
    do(commands.allocate, Allocation(line="london", amount_pence=10_000_00))
    do(commands.commit, Commitment(line="london", amount_pence=9_000_00, recipient="x", purpose="y"))
    payment = do(commands.pay, Payment(line="london", amount_pence=4_000_00, paid_on=date(2011, 9, 1)))
    later = datetime(2011, 9, 5, 9, tzinfo=UTC)
    right = Payment(line="london", amount_pence=3_000_00, paid_on=date(2011, 9, 1))
    do(commands.correct, Mending(payment, "Typed wrongly", right), at=later)
    now, then = AsAt(date(2011, 9, 5)), AsAt(date(2011, 9, 5), datetime(2011, 9, 4, tzinfo=UTC))
    with agreed.reading() as session:
        for as_at, cash in ((now, 197_000_00), (then, 196_000_00)):
            assert cash_days(session, as_at, "2011-2012")[0].in_hand_pence == cash
            assert queries.mou(session, as_at).cash_in_hand_pence == cash


def test_the_page_is_for_those_who_see_all_the_money(tracker: Tracker, agreed: Database) -> None:
    assert tracker.signed_in(Role.COORDINATOR, region="london").get("/funding/cash").status_code == 404
    assert tracker.signed_in(Role.OFFICER, council="brent").get("/funding/cash").status_code == 403
    board = tracker.signed_in(Role.BOARD)
    page = board.get("/funding/cash").text
    assert "£200,000.00" in page
    assert board.get("/funding/cash.json").json()[0]["in_hand_pence"] == 200_000_00
    assert board.get("/funding/cash.csv").text.count("\r\n") == 2
    assert "No money has moved yet" in board.get("/funding/cash?as-at=2011-05-01").text
