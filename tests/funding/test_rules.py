"""How the money may move, told without a database: one MoU, four lines, and what is refused."""

from datetime import date
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from improvement.errors import Refused
from improvement.funding import rules
from improvement.funding.book import Book, Entry, Kind, Leg, Line, LineKind, State, changed, in_force, positions, state
from tests.conftest import LONG
from tests.funding.model import DAYS, FIRST, KINDS, Model, Told, amended

AGREED_ON = date(2011, 6, 1)
LATER = date(2011, 9, 1)
POUNDS = 100


def line(name: str) -> Entry:
    opens = Line(name, LineKind(KINDS[name]), name.title(), "", None, FIRST, name)
    return Entry(kind=Kind.LINE, on=FIRST, id=name, line=name, opens=opens)


def entry(kind: Kind, on: date, pounds: int = 0, line: str = "", **more: Any) -> Entry:
    return Entry(kind=kind, on=on, pence=pounds * POUNDS, line=line, **more)


def book_of(*entries: Entry) -> Book:

    return changed(Book("2011-2012"), [(one, 1) for one in (*map(line, KINDS), *entries)])


SOUGHT = entry(Kind.NEGOTIATED, FIRST, 550_000, seq=1, id="sought")
AGREED = entry(Kind.AGREED, AGREED_ON, 550_000, seq=2, id="agreed")
CAME = entry(Kind.RECEIVED, AGREED_ON, 100_000)


def standing(*more: Entry) -> Book:
    """An MoU agreed at £550,000, £100,000 of it received, and then whatever else happened."""
    return book_of(SOUGHT, AGREED, CAME, *more)


def allocated(pounds: int, to: str = "london", on: date = AGREED_ON) -> Entry:
    return entry(Kind.ALLOCATION, on, pounds, to)


def committed(pounds: int, to: str = "london", on: date = AGREED_ON) -> Entry:
    return entry(Kind.COMMITMENT, on, pounds, to)


def paid(pounds: int, to: str = "london", on: date = AGREED_ON, because: bool = False) -> Entry:
    return entry(Kind.PAYMENT, on, pounds, to, settled=because)


def virement(*legs: tuple[str, int], on: date = LATER, decided: bool = False, seq: int = 9) -> Entry:
    return Entry(
        kind=Kind.VIREMENT,
        on=on,
        seq=seq,
        settled=decided,
        legs=tuple(Leg(to, pounds * POUNDS) for to, pounds in legs),
    )


def fine(book: Book) -> None:
    rules.check_always_true(book)


def refused(why: type[Refused], book: Book) -> str:
    with pytest.raises(why) as refusal:
        rules.check_always_true(book)
    assert type(refusal.value) is why
    return refusal.value.message


def test_allocations_may_come_to_the_amount_in_force_and_not_a_penny_more() -> None:
    fine(standing(allocated(550_000)))
    sentence = refused(
        rules.MoreThanInForce, standing(allocated(550_000), Entry(kind=Kind.ALLOCATION, on=LATER, pence=1, line="lead"))
    )
    assert "£550,000.01" in sentence
    assert "£550,000.00" in sentence
    assert "1 September 2011" in sentence


def test_commitments_on_a_line_may_not_pass_its_allocation() -> None:
    fine(standing(allocated(10), committed(10)))
    sentence = refused(rules.MoreThanAllocated, standing(allocated(10), committed(11)))
    assert "commitments of £11.00 and an allocation of £10.00: £1.00 too much" in sentence


def test_payments_less_refunds_may_not_pass_commitments() -> None:
    line = (allocated(10), committed(10), paid(10))
    fine(standing(*line))
    refused(rules.MoreThanCommitted, standing(*line, paid(1, on=LATER)))
    fine(standing(*line, entry(Kind.REFUND, LATER, 1, "london"), paid(1, on=LATER)))


def test_refunds_on_a_line_may_not_pass_its_payments() -> None:
    refused(rules.MoreThanPaid, standing(allocated(10), committed(10), paid(4), entry(Kind.REFUND, LATER, 5, "london")))


def test_a_release_takes_no_more_than_is_free() -> None:
    line = (allocated(10), committed(8), paid(5))
    free = {"allocation": 2, "commitment": 3}
    for of, most in free.items():
        fine(standing(*line, entry(Kind.RELEASE, LATER, most, "london", of=of)))
        with pytest.raises((rules.MoreThanAllocated, rules.MoreThanCommitted)):
            fine(standing(*line, entry(Kind.RELEASE, LATER, most + 1, "london", of=of)))


def test_nothing_is_taken_below_nil() -> None:
    refused(rules.MoreThanThereIs, standing(allocated(10), entry(Kind.RELEASE, LATER, 11, "london", of="allocation")))


def test_a_fact_dated_in_the_past_is_tried_against_what_came_after() -> None:
    """A release in July that leaves too little for a commitment of September is refused in October."""
    later = (allocated(10), committed(10, on=LATER))
    refused(
        rules.MoreThanAllocated, standing(*later, entry(Kind.RELEASE, date(2011, 7, 1), 5, "london", of="allocation"))
    )


def test_nothing_is_committed_or_paid_before_the_mou_is_agreed() -> None:
    fine(book_of(SOUGHT, allocated(10, on=FIRST)))
    refused(rules.NotAgreedYet, book_of(SOUGHT, allocated(10, on=FIRST), committed(10, on=FIRST)))
    refused(rules.NotAgreedYet, standing(allocated(10, on=FIRST), committed(10, on=date(2011, 5, 31))))
    fine(standing(allocated(10, on=FIRST), committed(10, on=AGREED_ON)))


def test_after_it_is_closed_only_refunds_and_returns_follow() -> None:
    line = (allocated(10), committed(10), paid(5), entry(Kind.CLOSED, LATER, seq=8))
    after = date(2011, 9, 2)
    fine(standing(*line, entry(Kind.REFUND, after, 5, "london"), entry(Kind.RETURN, after, 100)))
    for more in (allocated(1, on=after), paid(1, on=after), entry(Kind.RECEIVED, after, 1)):
        sentence = refused(rules.AfterTheEnd, standing(*line, more))
        assert "only refunds" in sentence


def test_once_closed_nothing_else_may_be_recorded_at_all() -> None:
    """Late news of a day before the end comes as a correction."""
    book = standing(entry(Kind.CLOSED, LATER, seq=8))
    rules.check_fresh(book, Kind.REFUND, LATER, LATER, "received_on")
    with pytest.raises(rules.AfterTheEnd):
        rules.check_fresh(book, Kind.PAYMENT, AGREED_ON, LATER, "paid_on")


def test_a_payment_beyond_cash_in_hand_needs_a_reason() -> None:
    line = (allocated(200_000), committed(200_000))
    fine(standing(*line, paid(100_000)))
    sentence = refused(rules.BeyondCash, standing(*line, paid(100_001)))
    assert "−£1.00" in sentence
    fine(standing(*line, paid(100_001, because=True)))
    fine(standing(*line, paid(100_000), paid(5, because=True)))
    refused(rules.BeyondCash, standing(*line, paid(100_001, because=True), paid(1, on=LATER)))


def test_a_refund_puts_money_back_into_hand() -> None:
    line = (allocated(200_000), committed(200_000), paid(100_000), entry(Kind.REFUND, LATER, 50, "london"))
    fine(standing(*line, paid(50, on=LATER)))


def test_no_more_is_returned_to_the_funder_than_is_in_hand() -> None:
    fine(standing(entry(Kind.RETURN, LATER, 100_000)))
    refused(rules.BeyondCash, standing(entry(Kind.RETURN, LATER, 100_001)))


def test_a_virement_over_ten_thousand_pounds_needs_the_boards_decision() -> None:
    given = (allocated(50_000), allocated(50_000, "eastern"))
    fine(standing(*given, virement(("london", -10_000), ("eastern", 10_000))))
    sentence = refused(rules.NeedsDecision, standing(*given, virement(("london", -10_001), ("eastern", 10_001))))
    assert "£10,001.00" in sentence
    fine(standing(*given, virement(("london", -10_001), ("eastern", 10_001), decided=True)))


def test_a_virement_between_posts_and_regions_needs_the_boards_decision() -> None:
    given = (allocated(50_000), allocated(50_000, "lead"))
    refused(rules.NeedsDecision, standing(*given, virement(("london", -1), ("lead", 1))))
    fine(standing(*given, virement(("london", -1), ("lead", -1), ("unallocated", 2))))
    fine(standing(*given, virement(("london", -1), ("eastern", 1), ("lead", -1), ("adviser", 1))))


def test_while_allocations_are_indicative_a_virement_needs_no_decision() -> None:
    given = allocated(50_000, on=FIRST)
    moved = virement(("london", -20_000), ("lead", 20_000), on=FIRST, seq=1)
    fine(book_of(SOUGHT, given, moved))
    fine(book_of(SOUGHT, given, moved, AGREED))


def test_what_a_virement_gains_and_gives_comes_to_nil() -> None:
    for legs in (
        [("london", 1)],
        [("london", 1), ("eastern", -2)],
        [("london", 1), ("london", -1)],
        [("london", 0), ("lead", 0)],
    ):
        with pytest.raises(rules.LegsDoNotBalance):
            rules.check_legs([Leg(to, pounds * POUNDS) for to, pounds in legs])
    rules.check_legs([Leg("london", -100), Leg("unallocated", 60), Leg("lead", 40)])


def test_the_amount_is_not_varied_below_what_is_allocated() -> None:
    fine(standing(allocated(500_000), entry(Kind.VARIED, LATER, 500_000, seq=3)))
    refused(rules.MoreThanInForce, standing(allocated(500_000), entry(Kind.VARIED, LATER, 499_999, seq=3)))


@pytest.mark.parametrize(
    "steps",
    [
        (AGREED,),
        (SOUGHT, AGREED, AGREED),
        (SOUGHT, entry(Kind.CLOSED, LATER)),
        (SOUGHT, AGREED, entry(Kind.WITHDRAWN, LATER, seq=3)),
        (SOUGHT, AGREED, entry(Kind.CLOSED, AGREED_ON, seq=3), entry(Kind.VARIED, LATER, 1, seq=4)),
    ],
)
def test_an_mou_goes_from_negotiation_to_agreed_to_closed(steps: tuple[Entry, ...]) -> None:
    refused(rules.WrongOrder, book_of(*steps))


def test_when_negotiation_is_withdrawn_the_allocations_lapse_and_the_amount_is_nil() -> None:
    book = book_of(SOUGHT, allocated(10, on=FIRST), entry(Kind.WITHDRAWN, LATER, seq=3))
    fine(book)
    assert state(book, LATER) is State.WITHDRAWN
    assert in_force(book, LATER) == 0
    assert [row.allocated_pence for row in positions(book, LATER)] == [0] * 5
    assert in_force(book, AGREED_ON) == 550_000_00


def test_agreed_at_less_every_allocation_is_scaled_to_the_penny() -> None:
    book = book_of(SOUGHT, allocated(300_000, on=FIRST), allocated(250_000, "eastern", on=FIRST))
    less = rules.scaled(book, 500_000_00, AGREED_ON)
    assert less == {"eastern": 250_000_00 - 227_272_73, "london": 300_000_00 - 272_727_27}
    assert rules.scaled(book, 550_000_00, AGREED_ON) == {}


def test_money_goes_to_a_line_that_is_open() -> None:
    refused(rules.LineNotOpen, standing(allocated(1, "narnia")))
    refused(rules.LineNotOpen, standing(Entry(kind=Kind.ALLOCATION, on=date(2011, 3, 31), pence=1, line="london")))


def test_only_a_commitment_may_be_agreed_ahead() -> None:
    rules.check_day(Kind.COMMITMENT, date(2012, 1, 1), LATER, "effective_on")
    with pytest.raises(rules.DayHasNotCome):
        rules.check_day(Kind.PAYMENT, date(2012, 1, 1), LATER, "paid_on")


def test_lines_and_unallocated_add_up_to_the_amount_in_force() -> None:
    book = standing(allocated(10), allocated(20, "lead"), committed(10), paid(4))
    rows = positions(book, LATER)
    assert sum(row.allocated_pence for row in rows) == in_force(book, LATER) == 550_000_00
    assert [row.remaining_pence for row in rows if row.line == "london"] == [600]


MONEY = st.sampled_from([Kind.ALLOCATION, Kind.COMMITMENT, Kind.PAYMENT, Kind.REFUND, Kind.RELEASE])
LINES = st.sampled_from(list(KINDS))
AMOUNTS = st.sampled_from([1, 2, 500, 5_000_00, 10_000_00, 10_000_01, 20_000_00])
OF = st.sampled_from(["allocation", "commitment"])
DAY = st.sampled_from(DAYS)


class Rules(RuleBasedStateMachine):
    """Whatever is tried, the rules refuse exactly what the plain model finds broken."""

    def __init__(self) -> None:
        super().__init__()
        self.book, self.model, self.count = book_of(), Model(), 0

    def attempt(self, told: Told | None, instead_of: str = "") -> None:
        self.count += 1
        id_ = f"f{self.count}"
        wanted = self.model.with_(id_, told, instead_of)
        entries = [(as_entry(id_, told), 1)] if told else []
        entries += [(as_entry(instead_of, self.model.facts[instead_of]), -1)] if instead_of else []
        after = changed(self.book, entries)
        for since in (date.min, min((entry.on for entry, _ in entries), default=date.min)):
            if wanted.broken():
                with pytest.raises(Refused):
                    rules.check_always_true(after, None, since)
            else:
                rules.check_always_true(after, None, since)
        if not wanted.broken():
            self.book, self.model = after, wanted

    def told(self, kind: Kind, on: date, **more: Any) -> Told:
        return Told(kind.value, on, self.count + 10, **more)

    @initialize(agreed=st.sampled_from(DAYS), promised=st.sampled_from([14_000_00, 3_000_00]), scene=st.integers(0, 5))
    def begins(self, agreed: date, promised: int, scene: int) -> None:
        """Often the MoU is agreed and its lines are committed already: most of what can go wrong comes after."""
        self.attempt(self.told(Kind.NEGOTIATED, FIRST, pence=60_000_00))
        for line in KINDS:
            self.attempt(self.told(Kind.ALLOCATION, FIRST, pence=14_000_00, line=line))
        if scene:
            self.attempt(self.told(Kind.AGREED, agreed, pence=60_000_00))
            self.attempt(self.told(Kind.RECEIVED, agreed, pence=20_000_00))
            for line in KINDS if scene > 2 else ():
                self.attempt(self.told(Kind.COMMITMENT, agreed, pence=promised, line=line))

    @rule(on=DAY, kind=st.sampled_from([Kind.NEGOTIATED, Kind.AGREED, Kind.VARIED]), pence=st.integers(40, 70))
    def goes_on(self, on: date, kind: Kind, pence: int) -> None:
        self.attempt(self.told(kind, on, pence=pence * 1_000_00))

    @precondition(lambda self: self.count % 20 == 19)
    @rule(on=DAY, kind=st.sampled_from([Kind.CLOSED, Kind.WITHDRAWN]))
    def ends(self, on: date, kind: Kind) -> None:
        self.attempt(self.told(kind, on))

    @rule(
        on=DAY,
        kind=MONEY,
        line=LINES,
        pence=AMOUNTS,
        of=st.sampled_from(["allocation", "commitment"]),
        why=st.booleans(),
    )
    def moves(self, on: date, kind: Kind, line: str, pence: int, of: str, why: bool) -> None:
        told = self.told(kind, on, line=line, pence=pence, settled=why and kind is Kind.PAYMENT)
        self.attempt(amended(told, of=of if kind is Kind.RELEASE else ""))

    @rule(on=DAY, kind=st.sampled_from([Kind.RECEIVED, Kind.RETURN]), pence=AMOUNTS)
    def cash_moves(self, on: date, kind: Kind, pence: int) -> None:
        self.attempt(self.told(kind, on, pence=pence))

    @rule(on=DAY, legs=st.lists(LINES, min_size=2, max_size=3, unique=True), pence=AMOUNTS, decided=st.booleans())
    def is_vired(self, on: date, legs: list[str], pence: int, decided: bool) -> None:
        sums = [pence] * (len(legs) - 1) + [-pence * (len(legs) - 1)]
        self.attempt(self.told(Kind.VIREMENT, on, legs=tuple(zip(legs, sums, strict=True)), settled=decided))

    @precondition(lambda self: self.model.facts)
    @rule(pick=st.integers(0), on=DAY, pence=st.one_of(st.none(), AMOUNTS))
    def is_corrected(self, pick: int, on: date, pence: int | None) -> None:
        id_, told = list(self.model.facts.items())[pick % len(self.model.facts)]
        instead = None if pence is None else amended(told, on=on, pence=told.pence and pence, seq=self.count + 10)
        self.attempt(instead, id_)

    @invariant()
    def adds_up(self) -> None:
        for day in DAYS:
            rows = positions(self.book, day)
            assert sum(row.allocated_pence for row in rows) == self.model.in_force(day)
            for row in rows[:-1]:
                assert row.allocated_pence == self.model.allocated(day, row.line)
                assert row.committed_pence == self.model.committed(day, row.line)


def as_entry(id_: str, told: Told) -> Entry:
    return Entry(
        kind=Kind(told.kind),
        on=told.on,
        id=id_,
        seq=told.seq,
        line=told.line,
        pence=told.pence,
        of=told.of,
        settled=told.settled,
        legs=tuple(Leg(*leg) for leg in told.legs),
    )


def test_the_rules_refuse_exactly_what_a_plain_model_finds_broken() -> None:
    run_state_machine_as_test(
        Rules, settings=settings(max_examples=500 if LONG else 60, stateful_step_count=30, deadline=None)
    )
