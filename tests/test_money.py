"""Money is whole pence: read from what people type, written as people write it, shared out to the penny."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from improvement.money import MOST, NotAnAmount, in_pounds, parse_pounds, share_out


@pytest.mark.parametrize(
    ("typed", "pence"),
    [
        ("£1,234.50", 123_450),
        ("1,234.5", 123_450),
        ("£1,234.5", 123_450),
        ("1234", 123_400),
        ("  £ 1 234.50 ", 123_450),
        ("1\u00a0234.50", 123_450),
        ("0.01", 1),
        ("000550000", 55_000_000),
        ("550,000", 55_000_000),
        ("£99,999,999,999.99", MOST),
    ],
)
def test_what_people_type_is_read_to_the_penny(typed: str, pence: int) -> None:
    assert parse_pounds(typed) == pence


@pytest.mark.parametrize(
    ("typed", "what_to_do"),
    [
        ("", "Enter an amount in pounds and pence, like 1,234.50"),
        ("1 234,50", "Enter an amount in pounds and pence"),
        ("1.234,50", "Enter an amount in pounds and pence"),
        ("12,34", "Enter an amount in pounds and pence"),
        ("1,2345", "Enter an amount in pounds and pence"),
        ("five", "Enter an amount in pounds and pence"),
        ("£", "Enter an amount in pounds and pence"),
        ("££5", "Enter an amount in pounds and pence"),
        ("5.", "Enter an amount in pounds and pence"),
        ("1e3", "Enter an amount in pounds and pence"),
        ("5 or so", "Enter an amount in pounds and pence"),
        ("１２３", "Enter an amount in pounds and pence"),
        ("٣٤", "Enter an amount in pounds and pence"),
        ("5\x00", "Enter an amount in pounds and pence"),
        ("9" * 40, "Enter an amount in pounds and pence"),
        ("9" * 100_000, "Enter an amount in pounds and pence"),
        ("0", "Enter an amount above zero"),
        ("0.00", "Enter an amount above zero"),
        ("-5", "To take money away, record a release, virement or refund"),
        ("−5", "To take money away"),
        ("(500)", "To take money away"),
        ("1.005", "no more than two figures after the point"),
        ("1234.500", "no more than two figures after the point"),
        ("100,000,000,000.00", "£99,999,999,999.99 or less"),
    ],
)  # fmt: skip
def test_what_is_not_an_amount_is_refused_with_what_to_do(typed: str, what_to_do: str) -> None:
    with pytest.raises(NotAnAmount, match=what_to_do):
        parse_pounds(typed)


@given(st.text(max_size=40))
def test_whatever_is_typed_it_is_an_amount_above_zero_or_refused(typed: str) -> None:
    try:
        pence = parse_pounds(typed)
    except NotAnAmount:
        return
    assert 0 < pence <= MOST


@given(st.integers(1, MOST))
def test_what_we_write_can_be_typed_back(pence: int) -> None:
    assert parse_pounds(in_pounds(pence)) == pence


def test_amounts_are_written_with_commas_two_figures_and_a_true_minus_sign() -> None:
    assert [in_pounds(pence) for pence in (0, 5, 6_111_111, -50)] == ["£0.00", "£0.05", "£61,111.11", "\u2212£0.50"]


weights = st.lists(st.integers(0, 10_000_000), min_size=1, max_size=160)


@given(st.integers(0, MOST), weights)
def test_a_sum_is_shared_out_exactly_and_nobody_is_more_than_a_penny_off(total: int, weights: list[int]) -> None:
    assume(sum(weights) > 0)
    shares = share_out(total, weights)
    assert sum(shares) == total
    for share, weight in zip(shares, weights, strict=True):
        assert 0 <= share - total * weight // sum(weights) <= 1
        assert weight or not share


@given(st.integers(0, MOST), weights)
def test_the_pennies_left_over_go_to_the_largest_remainders(total: int, weights: list[int]) -> None:
    assume(sum(weights) > 0)
    whole = sum(weights)
    left = [total * weight % whole for weight in weights]
    given = [share - total * weight // whole for share, weight in zip(share_out(total, weights), weights, strict=True)]
    smallest_given = min((remainder for remainder, extra in zip(left, given, strict=True) if extra), default=whole)
    largest_denied = max((remainder for remainder, extra in zip(left, given, strict=True) if not extra), default=0)
    assert smallest_given >= largest_denied


def test_equal_remainders_are_settled_in_the_order_given() -> None:
    assert share_out(55_000_000, [1] * 9) == [6_111_112] + [6_111_111] * 8
    assert share_out(2, [1, 1, 1]) == [1, 1, 0]


@pytest.mark.parametrize("nobody", [[], [0], [0, 0], [3, -1]])
def test_there_must_be_somebody_to_share_with(nobody: list[int]) -> None:
    with pytest.raises(ValueError, match="nobody to share"):
        share_out(100, nobody)
