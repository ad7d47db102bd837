"""The end of a year, told without a database: every penny of the amount in force has become one of five things."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from improvement.funding.book import Kind, changed
from improvement.funding.rules.accruals import MoreThanPromised, Owed, check_accruals, net_paid_by_day, outstanding
from improvement.funding.rules.closing import (
    BeforeItWasAsked,
    LineClosing,
    MoreThanAsked,
    MoreThanLeft,
    Need,
    NothingGranted,
    check_grant,
    check_request,
    closing_statement,
    statement_of,
    still_to_do,
)
from tests.funding.test_rules import AGREED, AGREED_ON, LATER, SOUGHT, allocated, book_of, committed, entry, standing

MAY_1 = date(2011, 5, 1)
SUMS = st.integers(min_value=0, max_value=10**12)
DAYS = [MAY_1 + timedelta(days=ahead) for ahead in range(8)]


@given(SUMS, SUMS, SUMS, SUMS, SUMS, SUMS)
def test_the_statement_always_adds_up_to_the_amount_in_force(
    in_force: int, received: int, paid: int, refunded: int, returned: int, carried: int
) -> None:
    told = closing_statement(in_force, received, paid, refunded, returned, carried)
    parts = told.net_paid_pence + told.carried_pence + told.returned_pence
    assert parts + told.never_drawn_pence + told.to_settle_pence == told.in_force_pence == in_force
    assert told.to_settle_pence >= 0
    assert told.to_settle_pence == 0 or told.never_drawn_pence == in_force - received


def test_what_is_in_hand_and_not_carried_forward_is_still_to_settle() -> None:
    told = closing_statement(550_000, received=500_000, paid=420_000, refunded=5_000, returned=0, carried=60_000)
    assert told.cash_in_hand_pence == 85_000
    assert (told.never_drawn_pence, told.to_settle_pence) == (50_000, 25_000)


def test_once_it_is_returned_nothing_is_left_to_settle_and_the_year_adds_up() -> None:
    told = closing_statement(550_000, received=500_000, paid=420_000, refunded=5_000, returned=25_000, carried=60_000)
    assert told.to_settle_pence == 0
    assert told.in_force_pence == 415_000 + 60_000 + 25_000 + 50_000


def test_money_carried_forward_that_is_not_in_hand_has_yet_to_be_drawn() -> None:
    told = closing_statement(550_000, received=400_000, paid=390_000, refunded=0, returned=0, carried=60_000)
    assert told.cash_in_hand_pence == 10_000
    assert (told.never_drawn_pence, told.to_settle_pence) == (100_000, 0), "50,000 of the 60,000 comes later"


def test_what_was_paid_beyond_cash_in_hand_has_yet_to_be_drawn() -> None:
    told = closing_statement(550_000, received=400_000, paid=430_000, refunded=0, returned=0, carried=0)
    assert (told.cash_in_hand_pence, told.never_drawn_pence, told.to_settle_pence) == (-30_000, 120_000, 0)


def test_of_a_withdrawn_mou_nothing_is_in_force_and_the_statement_is_nil() -> None:
    book = book_of(SOUGHT, entry(Kind.WITHDRAWN, LATER, seq=9, id="withdrawn"))
    told = statement_of(book, LATER)
    assert (told.in_force_pence, told.never_drawn_pence, told.to_settle_pence) == (0, 0, 0)


def test_a_statement_is_of_its_day() -> None:
    book = standing(allocated(80_000), committed(80_000), entry(Kind.PAYMENT, LATER, 30_000, "london"))
    assert statement_of(book, AGREED_ON).net_paid_pence == 0
    told = statement_of(book, LATER)
    assert (told.net_paid_pence, told.to_settle_pence, told.never_drawn_pence) == (30_000_00, 70_000_00, 450_000_00)


def test_what_is_paid_after_an_accrual_settles_it() -> None:
    owed = [Owed("a", DAYS[1], 500)]
    assert outstanding(owed, {DAYS[2]: 200}, DAYS[1]) == {"a": 500}
    assert outstanding(owed, {DAYS[2]: 200}, DAYS[2]) == {"a": 300}
    assert outstanding(owed, {DAYS[2]: 200, DAYS[3]: 400}, DAYS[3]) == {"a": 0}


def test_what_was_paid_by_the_day_of_an_accrual_does_not_settle_it() -> None:
    assert outstanding([Owed("a", DAYS[1], 500)], {DAYS[0]: 700, DAYS[1]: 100}, DAYS[5]) == {"a": 500}


def test_the_oldest_accrual_is_settled_first() -> None:
    owed = [Owed("new", DAYS[2], 300), Owed("old", DAYS[1], 500)]
    assert outstanding(owed, {DAYS[3]: 600}, DAYS[3]) == {"old": 0, "new": 200}


def test_a_pound_settles_one_accrual_only() -> None:
    owed = [Owed("old", DAYS[1], 500), Owed("new", DAYS[3], 300)]
    assert outstanding(owed, {DAYS[2]: 900}, DAYS[4]) == {"old": 0, "new": 300}


def test_a_refund_owes_again_what_was_settled_and_never_more_than_was_owed() -> None:
    owed = [Owed("a", DAYS[1], 500)]
    assert outstanding(owed, {DAYS[2]: 600, DAYS[3]: -50}, DAYS[3]) == {"a": 0}, "100 had settled nothing"
    assert outstanding(owed, {DAYS[2]: 600, DAYS[3]: -250}, DAYS[3]) == {"a": 150}
    assert outstanding(owed, {DAYS[2]: -250}, DAYS[3]) == {"a": 500}


PAID = st.dictionaries(st.sampled_from(DAYS), st.integers(-1000, 1000))


@given(st.sampled_from(DAYS), st.integers(1, 1000), PAID, st.sampled_from(DAYS))
def test_one_accrual_is_what_was_accrued_less_net_payments_since(
    on: date, pence: int, paid: dict[date, int], day: date
) -> None:
    left = outstanding([Owed("a", on, pence)], {when: abs(sum_) for when, sum_ in paid.items()}, day)
    since = sum(abs(sum_) for when, sum_ in paid.items() if on < when <= day)
    assert left == ({"a": max(0, pence - since)} if on <= day else {})


@given(st.lists(st.tuples(st.sampled_from(DAYS), st.integers(1, 1000)), max_size=5), PAID, st.sampled_from(DAYS))
def test_nothing_is_owed_below_nil_or_beyond_what_was_accrued(
    made: list[tuple[date, int]], paid: dict[date, int], day: date
) -> None:
    owed = [Owed(str(number), *each) for number, each in enumerate(made)]
    left = outstanding(owed, paid, day)
    assert left.keys() == {one.id for one in owed if one.on <= day}
    assert all(0 <= left[one.id] <= one.pence for one in owed if one.on <= day)


def test_what_is_owed_and_paid_may_not_pass_what_was_promised() -> None:
    book = standing(allocated(9_000), committed(9_000), entry(Kind.PAYMENT, LATER, 4_000, "london"))
    check_accruals(book, "london", [Owed("a", LATER, 5_000_00)], LATER)
    with pytest.raises(MoreThanPromised, match=r"£5,000\.01 owed, £4,000\.00 paid.*£9,000\.00: £0\.01 too much"):
        check_accruals(book, "london", [Owed("a", LATER, 5_000_01)], LATER)


def test_what_is_owed_stays_within_what_is_promised_on_every_later_day_too() -> None:
    day, more = LATER + timedelta(30), {"seq": 30, "of": "commitment"}
    release = entry(Kind.RELEASE, day, 2_000, "london", id="release", **more)
    whole = standing(allocated(9_000), committed(9_000), entry(Kind.PAYMENT, LATER, 4_000, "london"))
    lowered = changed(whole, [(release, 1)])
    check_accruals(lowered, "london", [Owed("a", LATER, 3_000_00)], LATER)
    for before in (None, whole):
        with pytest.raises(MoreThanPromised, match=r"On 1 October 2011 .*£3,000\.01 owed.*£7,000\.00: £0\.01 too much"):
            check_accruals(lowered, "london", [Owed("a", LATER, 3_000_01)], LATER, before)
    check_accruals(lowered, "london", [Owed("a", LATER, 3_000_01)], day + timedelta(1))


def test_what_stood_before_a_change_is_not_judged_again() -> None:
    book = standing(allocated(9_000), committed(5_000), entry(Kind.PAYMENT, LATER, 4_000, "london"))
    owed, settles = [Owed("a", LATER, 2_000_00)], entry(Kind.PAYMENT, LATER + timedelta(1), 500, "london", id="settles")
    after = changed(book, [(settles, 1)])
    check_accruals(after, "london", owed, LATER, book)
    with pytest.raises(MoreThanPromised):
        check_accruals(after, "london", owed, LATER)


def test_no_payment_waits_for_an_estimate_of_what_is_owed() -> None:
    """What was paid was paid: what is owed is then put right."""
    book = standing(allocated(9_000), committed(9_000))
    owed, paid = [Owed("a", LATER, 9_000_00)], entry(Kind.PAYMENT, LATER, 4_000, "london", id="paid")
    check_accruals(changed(book, [(paid, 1)]), "london", owed, LATER, book)


def test_payments_and_refunds_of_a_day_are_one_sum() -> None:
    book = standing(
        allocated(9_000),
        committed(9_000),
        entry(Kind.PAYMENT, LATER, 4_000, "london"),
        entry(Kind.REFUND, LATER, 1_500, "london"),
    )
    assert net_paid_by_day(book, "london") == {LATER: 2_500_00}


def test_no_more_is_asked_than_is_left_on_the_worst_day_to_come() -> None:
    book = standing(allocated(9_000), committed(9_000), entry(Kind.PAYMENT, LATER, 4_000, "london"))
    check_request(book, "london", 5_000_00, 0, AGREED_ON)
    with pytest.raises(MoreThanLeft, match=r"£5,000\.00 that is allocated and not paid on 1 September 2011"):
        check_request(book, "london", 5_000_01, 0, AGREED_ON)
    with pytest.raises(MoreThanLeft, match=r"£4,800\.00 of that has been asked for already.*Ask for £200\.00 or less"):
        check_request(book, "london", 200_01, 4_800_00, AGREED_ON)


def test_a_request_is_granted_in_whole_or_in_part_and_never_beyond() -> None:
    check_grant("CF-1", 500, LATER, 500, False, "", LATER)
    check_grant("CF-1", 500, LATER, 1, False, "", LATER)
    with pytest.raises(MoreThanAsked, match=r"asks for £5\.00, and £5\.01 would be granted"):
        check_grant("CF-1", 500, LATER, 501, False, "", LATER)
    with pytest.raises(BeforeItWasAsked):
        check_grant("CF-1", 500, LATER, 500, False, "", AGREED_ON)


def test_a_refusal_says_why_and_grants_nothing() -> None:
    check_grant("CF-1", 500, LATER, 0, True, "The work has ended.", LATER)
    with pytest.raises(NothingGranted, match="reason"):
        check_grant("CF-1", 500, LATER, 0, True, " ", LATER)
    with pytest.raises(NothingGranted, match="Leave the amount empty"):
        check_grant("CF-1", 500, LATER, 5, True, "Why", LATER)


def test_what_still_has_to_be_done_is_told_with_its_sums() -> None:
    told = closing_statement(550, received=500, paid=420, refunded=0, returned=0, carried=60)
    lines = [
        LineClosing("london", "region", "London", "london", 100, 50, 20, 30, owed_pence=45),
        LineClosing("eastern", "region", "Eastern", "eastern", 100, 50, 50, 0, owed_pence=45),
    ]
    assert still_to_do(told, lines, 7) == {Need.DECIDE: 7, Need.PAY: 25, Need.SETTLE: 20}
    assert still_to_do(closing_statement(550, 420, 420, 0, 0, 0), [], 0) == {}
    assert still_to_do(closing_statement(550, 400, 420, 0, 0, 0), [], 0) == {Need.DRAW: 20}
    assert still_to_do(statement_of(book_of(SOUGHT, AGREED), AGREED_ON), [], 0) == {}
