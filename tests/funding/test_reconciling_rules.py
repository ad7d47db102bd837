"""Which payment a line of a bank statement shows, without a database."""

import time
from datetime import date, timedelta
from uuid import UUID, uuid5

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from improvement.funding.book import Kind
from improvement.funding.rules.bank import BankLine
from improvement.funding.rules.reconciling import (
    NEAR,
    OUT,
    How,
    Moved,
    NotThatMatch,
    choose,
    find,
    options,
    tells,
)

DAY = date(2011, 9, 1)
HOME = UUID(int=0)


def paid(number: int, pence: int = 100_00, days: int = 0, *references: str) -> Moved:
    """A payment, some days after 1 September 2011."""
    return Moved(
        uuid5(HOME, str(number)),
        Kind.PAYMENT,
        DAY + timedelta(days),
        -pence,
        "london",
        references,
        number,
    )


def line(row: int, pence: int = -100_00, text: str = "FASTER PAYMENT", days: int = 0) -> BankLine:
    """A line of a statement, with money out unless it says otherwise."""
    return BankLine(row, DAY + timedelta(days), pence, text)


def pairs(lines: list[BankLine], facts: list[Moved]) -> dict[int, tuple[int, How]]:
    return {row: (match.fact.seq, match.how) for row, match in find(lines, facts).items()}


@pytest.mark.parametrize("text", ["CL-7K4M2", "BACS cl 7k4m2 LONDON", "REF:CL7K4M2.", "c.l.-7K4M2 01/12"])
def test_a_reference_is_known_whatever_its_capitals_spaces_and_punctuation(text: str) -> None:
    assert pairs([line(2, text=text, days=90)], [paid(1, 100_00, 0, "CL-7K4M2")]) == {2: (1, How.CERTAIN)}


@pytest.mark.parametrize(
    ("reference", "text"),
    [("INV 1", "INV 12"), ("1234", "51234"), ("7", "7"), ("AB", "ABLE"), ("", "x"), ("CL-7K4M2", "CL-7K4M3")],
)
def test_a_shorter_or_other_reference_is_not_taken_for_it(reference: str, text: str) -> None:
    assert not tells(line(2, text=text), paid(1, 100_00, 0, reference))


def test_the_amount_must_be_the_same_however_certain_the_reference() -> None:
    assert pairs([line(2, -100_01, "CL-7K4M2")], [paid(1, 100_00, 0, "CL-7K4M2")]) == {}


def test_money_in_is_never_matched_to_a_payment() -> None:
    refund = Moved(uuid5(HOME, "r"), Kind.REFUND, DAY, 100_00, seq=9)
    assert pairs([line(2, 100_00)], [paid(1), refund]) == {2: (9, How.LIKELY)}
    assert {Kind.PAYMENT, Kind.RETURN, Kind.RUN} == OUT


def test_a_run_goes_with_the_line_of_its_whole_total_unless_its_payments_are_shown() -> None:
    whole = Moved(uuid5(HOME, "run"), Kind.RUN, DAY, -300_00, references=("PR-7K4M2",), seq=9, run="PR-7K4M2")
    parts = [msgspec.structs.replace(paid(1), run="PR-7K4M2", references=("CL-7K4M2",)), paid(2)]
    assert pairs([line(2, -300_00)], [whole, *parts]) == {2: (9, How.LIKELY)}
    assert pairs([line(2, -300_00, "bacs pr 7k4m2")], [whole]) == {2: (9, How.CERTAIN)}
    assert pairs([line(2, -299_99), line(3, -300_01)], [whole]) == {}
    both = [line(2, -300_00), line(3, -100_00, "cl7k4m2")]
    assert pairs(both, [whole, parts[0]]) == {3: (1, How.CERTAIN)}, "its payment is told by its reference"
    both = [line(2, -300_00, "PR-7K4M2"), line(3, -100_00)]
    assert pairs(both, [whole, parts[0]]) == {2: (9, How.CERTAIN)}, "the run is told by its reference"


def test_the_same_amount_within_a_week_is_likely_and_later_is_nothing() -> None:
    assert pairs([line(2, days=NEAR)], [paid(1)]) == {2: (1, How.LIKELY)}
    assert pairs([line(2, days=NEAR + 1)], [paid(1)]) == {}
    assert pairs([line(2, days=-NEAR)], [paid(1)]) == {2: (1, How.LIKELY)}


def test_where_there_are_two_to_choose_from_nothing_is_guessed() -> None:
    assert pairs([line(2)], [paid(1), paid(2)]) == {}
    assert pairs([line(2), line(3)], [paid(1)]) == {}


def test_what_is_certain_leaves_only_one_for_what_is_likely() -> None:
    facts = [paid(1, 100_00, 0, "CL-7K4M2"), paid(2, 100_00, 0, "CL-AAAAA")]
    assert pairs([line(2, text="CL-7K4M2"), line(3)], facts) == {2: (1, How.CERTAIN), 3: (2, How.LIKELY)}


def test_of_several_with_one_reference_the_nearest_in_days_is_taken() -> None:
    facts = [paid(1, 100_00, 0, "RENT"), paid(2, 100_00, 30, "RENT")]
    lines = [line(2, text="RENT", days=29), line(3, text="RENT", days=1)]
    assert pairs(lines, facts) == {2: (2, How.CERTAIN), 3: (1, How.CERTAIN)}


def test_a_person_may_choose_another_of_the_amount_or_none() -> None:
    facts = [paid(1, 100_00, 0, "CL-7K4M2"), paid(2)]
    lines = [line(2, text="CL-7K4M2"), line(3)]
    none = choose(lines, facts, {2: None, 3: None})
    assert none == {}
    other = choose(lines, facts, {2: facts[1].id, 3: facts[0].id})
    assert {row: (match.fact.seq, match.how) for row, match in other.items()} == {
        2: (2, How.CHOSEN),
        3: (1, How.CHOSEN),
    }
    same = choose(lines, facts, {2: facts[0].id})
    assert same[2].how is How.CERTAIN


def test_a_choice_of_another_amount_an_unknown_one_or_one_used_twice_is_refused() -> None:
    facts = [paid(1), paid(2, 200_00)]
    lines = [line(2), line(3, days=20)]
    for wrong in (facts[1].id, uuid5(HOME, "nothing")):
        with pytest.raises(NotThatMatch, match="Row 2: select something recorded of −£100") as refused:
            choose(lines, facts, {2: wrong})
        assert refused.value.field == "match-2"
    with pytest.raises(NotThatMatch, match="Rows 2 and 3 are matched to the same entry"):
        choose(lines, facts, {2: facts[0].id, 3: facts[0].id})


def test_what_can_be_chosen_is_of_the_amount_nearest_first_and_not_without_end() -> None:
    facts = [paid(number, 100_00, number) for number in range(30)] + [paid(99, 5)]
    assert [fact.seq for fact in options(line(2, days=3), facts)][:3] == [3, 2, 4]
    assert len(options(line(2), facts)) == 20


FACTS = st.lists(
    st.builds(
        paid,
        st.integers(1, 40),
        st.sampled_from([100_00, 200_00]),
        st.integers(0, 20),
        st.sampled_from(["CL-AAAAA", "CL-BBBBB", ""]),
    ),
    max_size=8,
    unique_by=lambda fact: fact.id,
)
LINES = st.lists(
    st.tuples(
        st.sampled_from([-100_00, -200_00, 100_00]),
        st.sampled_from(["cl aaaaa", "CL-BBBBB x", "none"]),
        st.integers(0, 20),
    ),
    max_size=8,
).map(lambda told: [line(row, *each) for row, each in enumerate(told, start=2)])


@given(lines=LINES, facts=FACTS, order=st.randoms(use_true_random=False))
def test_each_line_and_each_fact_is_used_once_and_the_order_told_makes_no_difference(
    lines: list[BankLine], facts: list[Moved], order: object
) -> None:
    found = find(lines, facts)
    ids = [match.fact.id for match in found.values()]
    assert len(set(ids)) == len(ids)
    by_row = {each.row: each for each in lines}
    assert all(match.fact.amount_pence == by_row[row].amount_pence for row, match in found.items())
    shuffled, others = list(lines), list(facts)
    order.shuffle(shuffled)  # type: ignore[attr-defined]
    order.shuffle(others)  # type: ignore[attr-defined]
    assert find(shuffled, others) == found


def test_five_thousand_lines_and_five_hundred_facts_of_one_amount_take_a_moment() -> None:
    lines = [line(row, text=f"CARD PAYMENT {row}") for row in range(5_000)]
    facts = [paid(number, 100_00, 0, f"CL-{number:05d}") for number in range(500)]
    started = time.thread_time()
    assert find(lines, facts) == {}
    assert time.thread_time() - started < 5
