"""What is done with money, on both databases: what is kept, what is refused, and what a correction changes."""

import threading
from collections.abc import Callable
from datetime import UTC, date, datetime
from uuid import UUID

import msgspec
import pytest

from improvement.database import Database
from improvement.dates import AsAt
from improvement.errors import Conflict, Mistakes, NotAllowed, NotFound, Refused
from improvement.funding import commands, ledger, queries, rules
from improvement.funding.book import UNALLOCATED, Kind, Leg, LineKind, Of, Position
from improvement.funding.entering.moves import (
    Agreement,
    Allocation,
    Commitment,
    Ending,
    ExpectedInstalment,
    Negotiation,
    NewLine,
    Payment,
    Receipt,
    Refund,
    Release,
    Return,
    Variation,
    Virement,
)
from improvement.money import MOST
from tests.funding.conftest import AT, LONDONER, doing

TODAY = date(2011, 9, 1)
MOU = "2011-2012"


def on_line(database: Database, line: str = "london", as_at: AsAt | None = None) -> Position:
    with database.reading() as session:
        return next(row for row in queries.lines(session, as_at or AsAt(TODAY)) if row.line == line)


def whole(database: Database, as_at: AsAt | None = None) -> queries.Mou:
    with database.reading() as session:
        return queries.mou(session, as_at or AsAt(TODAY))


def allocation(pence: int = 10_000_00, line: str = "london") -> Allocation:
    return Allocation(line=line, amount_pence=pence)


def commitment(pence: int = 9_000_00, line: str = "london") -> Commitment:
    return Commitment(line=line, amount_pence=pence, recipient="The lead borough", purpose="Peer work")


def payment(pence: int = 4_000_00, line: str = "london", on: date = TODAY, because: str = "") -> Payment:
    return Payment(line=line, amount_pence=pence, paid_on=on, over_cash_reason=because)


@pytest.fixture
def busy(agreed: Database) -> Database:
    """London has £10,000.00, £9,000.00 of it committed and £4,000.00 paid."""
    do = doing(agreed)
    do(commands.allocate, allocation())
    do(commands.commit, commitment())
    do(commands.pay, payment())
    return agreed


def test_the_first_mou_is_in_negotiation_up_to_550_000_with_a_line_for_each_region(negotiated: Database) -> None:
    mou = whole(negotiated)
    assert (mou.state, mou.amount_pence, mou.funder) == ("in negotiation", 550_000_00, "Department of Health")
    with negotiated.reading() as session:
        rows = queries.lines(session, AsAt(TODAY))
    assert [row.line for row in rows if row.kind == "region"] == sorted(row.region or "" for row in rows if row.region)
    assert len(rows) == 9 + 1 + 1
    assert rows[-1].line == UNALLOCATED


def test_a_line_shows_what_was_allocated_committed_paid_and_refunded(busy: Database) -> None:
    doing(busy)(commands.refund, Refund(line="london", amount_pence=500_00, received_on=TODAY))
    row = on_line(busy)
    sums = (row.allocated_pence, row.committed_pence, row.paid_pence, row.refunded_pence, row.remaining_pence)
    assert sums == (10_000_00, 9_000_00, 4_000_00, 500_00, 6_500_00)
    mou = whole(busy)
    assert mou.allocated_pence + mou.unallocated_pence == mou.amount_pence
    assert mou.cash_in_hand_pence == 200_000_00 - 3_500_00


EARLY = Negotiation(mou="early", title="x", funder="y", amount_pence=1, effective_on=date(1, 1, 1))
"""A year of which the figures were left out."""
REFUSED: list[tuple[type[Refused], Callable[..., UUID], msgspec.Struct]] = [
    (rules.MoreThanInForce, commands.allocate, allocation(540_000_01, "eastern")),
    (rules.MoreThanAllocated, commands.commit, commitment(1_000_01)),
    (rules.MoreThanCommitted, commands.pay, payment(5_000_01)),
    (rules.MoreThanPaid, commands.refund, Refund(line="london", amount_pence=4_000_01, received_on=TODAY)),
    (rules.MoreThanCommitted, commands.release, Release(line="london", of=Of.COMMITMENT, amount_pence=5_000_01)),
    (rules.MoreThanAllocated, commands.release, Release(line="london", of=Of.ALLOCATION, amount_pence=1_000_01)),
    (rules.MoreThanThereIs, commands.release, Release(line="eastern", of=Of.ALLOCATION, amount_pence=1)),
    (rules.MoreThanInForce, commands.vary, Variation(amount_pence=9_999_99, why="Less was offered")),
    (rules.WrongOrder, commands.agree, Agreement(amount_pence=550_000_00)),
    (rules.WrongOrder, commands.withdraw, Ending()),
    (rules.DayHasNotCome, commands.pay, payment(on=date(2011, 9, 2))),
    (rules.DayHasNotCome, commands.allocate, Allocation(line="london", amount_pence=1, effective_on=date(2012, 1, 1))),
    (rules.LineNotOpen, commands.allocate, allocation(1, "narnia")),
    (rules.LineNotOpen, commands.allocate, allocation(1, UNALLOCATED)),
    (rules.NotAgreedYet, commands.pay, payment(1, on=date(2011, 5, 31))),
    (rules.BeyondCash, commands.return_to_funder, Return(amount_pence=196_000_01, returned_on=TODAY)),
    (rules.LegsDoNotBalance, commands.vire, Virement(legs=[Leg("london", 1), Leg("eastern", -2)], why="x")),
    (rules.NeedsDecision, commands.vire, Virement(legs=[Leg("london", -1), Leg("programme-lead", 1)], why="x")),
    (rules.NotExpected, commands.receive_instalment, Receipt(amount_pence=1, received_on=TODAY, ref="I-NONE")),
    (rules.NotALine, commands.open_line, NewLine(kind=LineKind.POST, title="London", line="london")),
    (rules.NotALine, commands.open_line, NewLine(kind=LineKind.POST, title="Spare", line=UNALLOCATED)),
    (rules.NotALine, commands.open_line, NewLine(kind=LineKind.POST, title="New")),
    (rules.NotALine, commands.open_line, NewLine(kind=LineKind.POST, title="State!")),
    (rules.NotALine, commands.open_line, NewLine(kind=LineKind.POST, title="Adviser", line="terms")),
    (Mistakes, commands.put_in_negotiation, EARLY),
    (Mistakes, commands.put_in_negotiation, msgspec.structs.replace(EARLY, effective_on=date(9999, 1, 1))),
    (rules.NothingSaid, commands.open_line, NewLine(kind=LineKind.POST)),
    (Mistakes, commands.vary, Variation(amount_pence=560_000_00, why="  ")),
    (Mistakes, commands.vary, Variation(amount_pence=560_000_00, why="\u200b\u00a0")),
    (Mistakes, commands.allocate, allocation(-5)),
    (Mistakes, commands.allocate, allocation(MOST + 1)),
]


def test_what_breaks_a_rule_is_refused_whole_with_its_figures(busy: Database) -> None:
    do = doing(busy)
    with busy.reading() as session:
        before = queries.mou(session, AsAt(TODAY)), queries.lines(session, AsAt(TODAY))
    for why, command, wanted in REFUSED:
        with pytest.raises(why) as refusal:
            do(command, wanted)
        assert type(refusal.value) is why, (wanted, refusal.value)
        assert refusal.value.message.endswith("."), refusal.value.message
    with busy.reading() as session:
        assert (queries.mou(session, AsAt(TODAY)), queries.lines(session, AsAt(TODAY))) == before


def test_a_name_is_given_once(busy: Database) -> None:
    do = doing(busy)
    do(commands.expect_instalment, ExpectedInstalment(amount_pence=1, due_on=TODAY, ref="I-1"))
    again: list[tuple[Callable[..., UUID], msgspec.Struct]] = [
        (commands.open_line, NewLine(kind=LineKind.POST, title="Programme lead")),
        (commands.open_line, NewLine(kind=LineKind.REGION, region="london")),
        (commands.expect_instalment, ExpectedInstalment(amount_pence=1, due_on=TODAY, ref="I-1")),
        (commands.put_in_negotiation, Negotiation(mou=MOU, title="x", funder="y", amount_pence=1)),
    ]
    for command, wanted in again:
        with pytest.raises(rules.NameTaken):
            do(command, wanted)


def test_only_the_secretariat_records_money(busy: Database) -> None:
    with pytest.raises(NotAllowed):
        doing(busy)(commands.pay, payment(1), by=LONDONER)


def test_a_payment_beyond_cash_in_hand_needs_a_reason(busy: Database) -> None:
    do = doing(busy)
    do(commands.allocate, allocation(300_000_00, "eastern"))
    do(commands.commit, commitment(300_000_00, "eastern"))
    with pytest.raises(rules.BeyondCash) as refusal:
        do(commands.pay, payment(200_000_00, "eastern"))
    assert refusal.value.fields.keys() == {"over_cash_reason"}
    do(commands.pay, payment(200_000_00, "eastern", because="The instalment is a week late"))
    assert whole(busy).cash_in_hand_pence == -4_000_00


def test_a_virement_moves_money_at_once_with_the_boards_decision(busy: Database) -> None:
    do = doing(busy)
    do(commands.allocate, allocation(50_000_00, "eastern"))
    legs = [Leg("eastern", -20_000_00), Leg("programme-lead", 15_000_00), Leg(UNALLOCATED, 5_000_00)]
    do(commands.vire, Virement(legs=legs, why="A post instead", decision_reference="Board 2011-09/4"))
    assert on_line(busy, "eastern").allocated_pence == 30_000_00
    assert on_line(busy, "programme-lead").allocated_pence == 15_000_00
    with busy.reading() as session:
        entry = ledger.entries(session, AsAt(TODAY), MOU, of_lines={"programme-lead"})[0]
    assert (entry.kind, entry.reference, entry.legs) == ("virement", "Board 2011-09/4", tuple(legs))


def test_agreed_at_less_the_allocations_are_scaled_in_the_same_transaction(negotiated: Database) -> None:
    do = doing(negotiated)
    do(commands.allocate, allocation(300_000_00))
    do(commands.allocate, allocation(250_000_00, "eastern"))
    do(commands.agree, Agreement(amount_pence=500_000_00))
    rows = [on_line(negotiated, line).allocated_pence for line in ("london", "eastern", UNALLOCATED)]
    assert rows == [272_727_27, 227_272_73, 0]


def test_once_withdrawn_the_allocations_lapse(negotiated: Database) -> None:
    do = doing(negotiated)
    do(commands.allocate, allocation())
    do(commands.withdraw, Ending())
    mou = whole(negotiated)
    assert (mou.state, mou.amount_pence, mou.allocated_pence, mou.unallocated_pence) == ("withdrawn", 0, 0, 0)
    assert whole(negotiated, AsAt(date(2011, 8, 31))).amount_pence == 550_000_00


def test_after_closing_only_refunds_returns_and_corrections(busy: Database) -> None:
    do = doing(busy)
    paid = do(commands.pay, payment(1_00))
    do(commands.close, Ending())
    late: list[tuple[Callable[..., UUID], msgspec.Struct]] = [
        (commands.pay, payment(1)),
        (commands.pay, payment(1, on=date(2011, 8, 31))),
        (commands.allocate, allocation(1)),
        (commands.receive_instalment, Receipt(amount_pence=1, received_on=TODAY)),
    ]
    for command, wanted in late:
        with pytest.raises(rules.AfterTheEnd):
            do(command, wanted)
    do(commands.refund, Refund(line="london", amount_pence=1_00, received_on=TODAY))
    do(commands.return_to_funder, Return(amount_pence=1_00, returned_on=TODAY))
    do(commands.correct, commands.Mending(paid, "Two pounds were paid", payment(2_00)))
    assert on_line(busy).paid_pence == 4_002_00


def test_a_commitment_may_be_agreed_ahead_and_counts_from_its_day(busy: Database) -> None:
    ahead = msgspec.structs.replace(commitment(1_000_00), effective_on=date(2012, 1, 1))
    doing(busy)(commands.commit, ahead)
    assert on_line(busy).committed_pence == 9_000_00
    assert on_line(busy, as_at=AsAt(date(2012, 1, 1))).committed_pence == 10_000_00
    with pytest.raises(rules.MoreThanAllocated, match="1 January 2012"):
        doing(busy)(commands.commit, commitment(1_00))


def test_a_correction_replaces_and_a_withdrawal_takes_back(busy: Database) -> None:
    do = doing(busy)
    paid = do(commands.pay, payment(100_00))
    right = do(commands.correct, commands.Mending(paid, "Typed wrongly", payment(10_00)))
    assert on_line(busy).paid_pence == 4_010_00
    with pytest.raises(Conflict):
        do(commands.correct, commands.Mending(paid, "Again", payment(1_00)))
    gone = do(commands.correct, commands.Mending(right, "Never paid"))
    assert on_line(busy).paid_pence == 4_000_00
    do(commands.correct, commands.Mending(gone, "It was paid after all"))
    assert on_line(busy).paid_pence == 4_010_00


def test_a_correction_may_move_a_payment_to_another_line_and_day(busy: Database) -> None:
    do = doing(busy)
    do(commands.allocate, allocation(5_000_00, "eastern"))
    do(commands.commit, commitment(5_000_00, "eastern"))
    paid = do(commands.pay, payment(100_00))
    do(commands.correct, commands.Mending(paid, "It was Eastern’s", payment(200_00, "eastern")))
    assert (on_line(busy).paid_pence, on_line(busy, "eastern").paid_pence) == (4_000_00, 200_00)


def test_a_correction_that_would_break_a_rule_on_any_day_is_refused(busy: Database) -> None:
    do = doing(busy)
    with busy.reading() as session:
        told = {entry.kind: entry.id for entry in ledger.entries(session, AsAt(TODAY), MOU)}
    for kind, why in [
        (Kind.ALLOCATION, rules.MoreThanThereIs),
        (Kind.COMMITMENT, rules.MoreThanThereIs),
        (Kind.AGREED, rules.NotAgreedYet),
        (Kind.NEGOTIATED, rules.WrongOrder),
        (Kind.RECEIVED, rules.BeyondCash),
    ]:
        with pytest.raises((why, rules.MoreThanCommitted, rules.MoreThanAllocated)):
            do(commands.correct, commands.Mending(told[kind], "Withdrawn"))
    for nothing in (" ", "\u200b"):
        with pytest.raises(rules.NothingSaid):
            do(commands.correct, commands.Mending(told[Kind.PAYMENT], nothing))
    with pytest.raises(NotFound):
        do(commands.correct, commands.Mending(UUID(int=5), "No such"))


def test_a_line_keeps_its_name_when_it_is_corrected(busy: Database) -> None:
    do = doing(busy)
    opened = do(commands.open_line, NewLine(kind=LineKind.POST, title="Adviser", host="LGG"))
    with pytest.raises(rules.KeepsItsName):
        do(commands.correct, commands.Mending(opened, "x", NewLine(kind=LineKind.POST, title="Adviser", line="other")))
    right = NewLine(kind=LineKind.POST, title="Local accounts adviser", line="adviser", host="LGG")
    do(commands.correct, commands.Mending(opened, "Its whole title", right))
    assert on_line(busy, "adviser").title == "Local accounts adviser"


def test_what_was_known_earlier_can_be_asked_for_again(busy: Database) -> None:
    """The page of September shows the wrong payment of September, even after it was corrected in October."""
    september, october = AT, datetime(2011, 10, 3, 9, tzinfo=UTC)
    paid = doing(busy)(commands.pay, payment(500_00), at=september)
    then = AsAt(TODAY, datetime(2011, 9, 30, tzinfo=UTC))
    before = on_line(busy, as_at=then), whole(busy, then)
    doing(busy)(commands.correct, commands.Mending(paid, "Typed wrongly", payment(50_00)), at=october)
    assert (on_line(busy, as_at=then), whole(busy, then)) == before
    assert before[0].paid_pence == 4_500_00
    assert on_line(busy).paid_pence == 4_050_00


def test_two_mous_do_not_share_money(busy: Database) -> None:
    do = doing(busy)
    wanted = Negotiation(mou="2012-2013", title="Next", funder="Department of Health", amount_pence=100_00)
    do(commands.put_in_negotiation, wanted)
    with pytest.raises(rules.WhichMou):
        do(commands.allocate, allocation(1))
    do(commands.open_line, NewLine(kind=LineKind.REGION, region="london", mou="2012-2013"))
    do(commands.allocate, Allocation(line="london", amount_pence=100_00, mou="2012-2013"))
    with pytest.raises(rules.MoreThanInForce):
        do(commands.allocate, Allocation(line="london", amount_pence=1, mou="2012-2013"))
    with busy.reading() as session:
        assert queries.mou(session, AsAt(TODAY), MOU).allocated_pence == 10_000_00
        assert queries.mou(session, AsAt(TODAY), "2012-2013").allocated_pence == 100_00


def test_of_sixteen_at_once_only_one_gets_the_last_pound(busy: Database) -> None:
    """£5,000.00 of London's commitments is not paid yet; sixteen payments of £5,000.00 arrive in one instant."""
    start, outcomes = threading.Barrier(16), list[str]()

    def hurry() -> None:
        start.wait()
        try:
            doing(busy)(commands.pay, payment(5_000_00))
            outcomes.append("paid")
        except rules.MoreThanCommitted:
            outcomes.append("refused")

    threads = [threading.Thread(target=hurry) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["paid"] + ["refused"] * 15
    assert on_line(busy).paid_pence == 9_000_00
