"""Sixteen people who do the same thing at the same moment: one of them does it, and the others are told why not."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier
from typing import Any
from uuid import UUID

import msgspec
import pytest
from sqlalchemy.orm import Session

from improvement import upkeep
from improvement.access.rules import Person
from improvement.database import Database, last_seq
from improvement.dates import AsAt
from improvement.errors import Busy, Conflict, Refused, TurnedDown
from improvement.funding import commands, ledger, queries
from improvement.funding.book import UNALLOCATED, Kind, Leg
from improvement.funding.commands import Mending
from improvement.funding.entering.claims import Judgement, Verdict
from improvement.funding.entering.closing import CarryDecision, CarryRequest, Grant
from improvement.funding.entering.moves import (
    Allocation,
    Commitment,
    NewLine,
    Payment,
    Receipt,
    Refund,
    Release,
    Return,
    Variation,
    Virement,
)
from improvement.funding.entering.paying import PaymentRun
from improvement.funding.entering.splits import Adoption, Split, Way
from improvement.funding.tables import TABLES
from tests.conftest import LONG
from tests.funding.claimants import Cast
from tests.funding.conftest import AT, SECRETARIAT

MANY = 16
ROUNDS = 40 if LONG else 5
TODAY = date(2011, 9, 1)
REGIONS = (
    "north-east", "north-west", "yorkshire-and-the-humber", "east-midlands", "west-midlands", "eastern", "south-east",
    "south-west",
)  # fmt: skip

Act = Callable[[Session], UUID]


def together(database: Database, acts: Sequence[Act]) -> list[UUID | TurnedDown]:
    """What becomes of each when all are begun at once. What is no plain refusal fails the test."""
    gate = Barrier(len(acts))

    def one(act: Act) -> UUID | TurnedDown:
        gate.wait()
        try:
            with database.writing() as session:
                return act(session)
        except TurnedDown as refusal:
            return refusal

    with ThreadPoolExecutor(len(acts)) as people:
        return list(people.map(one, acts))


class Together:
    """London with £10,000.00 allocated and £9,000.00 promised, and sixteen who act on it at once."""

    def __init__(self, database: Database) -> None:
        self.database, self.cast = database, Cast(database)

    def does(self, wanted: msgspec.Struct, kind: Kind, by: Person = SECRETARIAT) -> UUID:
        with self.database.writing() as session:
            return commands.do(session, kind, wanted, by=by, at=AT)

    def race(self, wanted: Sequence[tuple[Kind, msgspec.Struct]], by: Person = SECRETARIAT, facts: int = 1) -> None:
        """All of it at once: one is done and brings its facts, and the others are refused, cleanly."""
        self.race_of([act(kind, each, by) for kind, each in wanted], facts)

    def race_of(self, acts: Sequence[Act], facts: int = 1) -> None:
        before = self.seq()
        done = together(self.database, acts)
        assert sum(isinstance(one, UUID) for one in done) == 1, [str(one) for one in done]
        refused = [one for one in done if not isinstance(one, UUID)]
        assert all(isinstance(one, Refused | Conflict | Busy) for one in refused), refused
        assert self.seq() == before + facts

    def seq(self) -> int:
        with self.database.reading() as session:
            return last_seq(session)[0]

    def line(self, slug: str) -> Any:
        with self.database.reading() as session:
            return next(row for row in queries.lines(session, AsAt(TODAY)) if row.line == slug)


def act(kind: Kind, wanted: msgspec.Struct, by: Person) -> Act:
    return lambda session: commands.do(session, kind, wanted, by=by, at=AT)


@pytest.fixture
def many(agreed: Database) -> Any:
    """Everybody; at the end the whole check finds nothing."""
    yield Together(agreed)
    with agreed.reading() as session:
        assert upkeep.check(session, {"funding": queries.wrong}) == []


def test_the_last_pound_of_a_commitment_is_paid_once(many: Together) -> None:
    paid = Payment(line="london", amount_pence=9_000_00 - 100, paid_on=TODAY)
    many.does(paid, Kind.PAYMENT)
    for _ in range(ROUNDS * 3):
        many.race([(Kind.PAYMENT, Payment(line="london", amount_pence=100, paid_on=TODAY))] * MANY)
        assert many.line("london").net_paid_pence == 9_000_00
        many.does(Refund(line="london", amount_pence=100, received_on=TODAY), Kind.REFUND)


def test_the_last_pound_in_hand_is_paid_once(many: Together) -> None:
    many.does(Return(amount_pence=200_000_00 - 100, returned_on=TODAY), Kind.RETURN)
    for _ in range(ROUNDS):
        lines = ["london", "eastern"] * (MANY // 2)
        many.race([(Kind.PAYMENT, Payment(line=line, amount_pence=100, paid_on=TODAY)) for line in lines])
        many.does(Receipt(amount_pence=100, received_on=TODAY), Kind.RECEIVED)


def test_the_last_of_what_is_unallocated_is_allocated_once(many: Together) -> None:
    left = many.line(UNALLOCATED).allocated_pence
    many.does(Allocation(line="south-west", amount_pence=left - 100), Kind.ALLOCATION)
    for _ in range(ROUNDS):
        many.race([(Kind.ALLOCATION, Allocation(line=line, amount_pence=100)) for line in REGIONS * 2])
        assert many.line(UNALLOCATED).allocated_pence == 0
        many.does(Release(line="south-west", of="allocation", amount_pence=100), Kind.RELEASE)


def test_an_allocation_is_promised_once(many: Together) -> None:
    for _ in range(ROUNDS):
        promised = Commitment(line="london", amount_pence=1_000_00, recipient="x", purpose="y")
        many.race([(Kind.COMMITMENT, promised)] * MANY)
        many.does(Release(line="london", of="commitment", amount_pence=1_000_00), Kind.RELEASE)


def test_the_same_money_is_moved_away_once(many: Together) -> None:
    for _ in range(ROUNDS):
        legs = [[Leg("london", -1_000_00), Leg(line, 1_000_00)] for line in (*REGIONS, UNALLOCATED) * 2]
        many.race([(Kind.VIREMENT, Virement(legs=each, why="x")) for each in legs[:MANY]])
        assert many.line("london").allocated_pence == 9_000_00
        many.does(Allocation(line="london", amount_pence=1_000_00), Kind.ALLOCATION)


def test_what_is_moved_away_is_not_promised_and_the_other_way_round(many: Together) -> None:
    for _ in range(ROUNDS):
        move = Virement(legs=[Leg("london", -1_000_00), Leg(UNALLOCATED, 1_000_00)], why="x")
        promise = Commitment(line="london", amount_pence=1_000_00, recipient="x", purpose="y")
        many.race([(Kind.VIREMENT, move), (Kind.COMMITMENT, promise)] * (MANY // 2))
        row = many.line("london")
        given = {9_000_00: (Kind.ALLOCATION, Allocation(line="london", amount_pence=1_000_00))}
        back = (Kind.RELEASE, Release(line="london", of="commitment", amount_pence=1_000_00))
        kind, wanted = given.get(row.allocated_pence, back)
        many.does(wanted, kind)


def test_no_more_comes_back_than_was_paid(many: Together) -> None:
    for turn in range(ROUNDS):
        paid = many.does(Payment(line="london", amount_pence=100, paid_on=TODAY), Kind.PAYMENT)
        named = paid if turn % 2 else None
        back = Refund(line="london", amount_pence=100, received_on=TODAY, payment=named)
        many.race([(Kind.REFUND, back)] * MANY)
        assert many.line("london").net_paid_pence == 0


def test_the_same_money_is_asked_for_and_carried_forward_once(many: Together) -> None:
    left = many.line("london").remaining_pence
    for _ in range(ROUNDS):
        many.race([(Kind.CARRY_ASKED, CarryRequest(line="london", amount_pence=left, why="x"))] * MANY)
        ref = newest(many, Kind.CARRY_ASKED).ref
        granted = CarryDecision(ref=ref, decision=Grant.GRANTED)
        refused = CarryDecision(ref=ref, decision=Grant.REFUSED, why="x")
        many.race([(Kind.CARRIED, granted), (Kind.CARRIED, refused)] * (MANY // 2))
        for kind in (Kind.CARRIED, Kind.CARRY_ASKED):
            with many.database.writing() as session:
                commands.correct(session, Mending(newest(many, kind).id, "Again", None), by=SECRETARIAT, at=AT)


def test_a_claim_is_decided_once_and_paid_once(many: Together) -> None:
    for _ in range(ROUNDS):
        ref = many.cast.claims(pence=100)
        verdicts = [Judgement(ref=ref, decision=each, why="x") for each in (Verdict.APPROVED, Verdict.REJECTED)]
        many.race([(Kind.DECISION, each) for each in verdicts * (MANY // 2)], many.cast.anita)
        if newest(many, Kind.DECISION).decision == Verdict.APPROVED:
            paid = Payment(line="london", amount_pence=100, paid_on=TODAY, claim=ref)
            many.race([(Kind.PAYMENT, paid)] * MANY, many.cast.sam)


def test_runs_pay_a_claim_once_and_all_of_their_claims_or_none(many: Together) -> None:
    for turn in range(ROUNDS):
        refs = [many.cast.claims(pence=100) for _ in range(3)]
        for ref in refs:
            many.cast.decides(ref)
        pairs = [refs, [refs[1]], [refs[1], refs[2]], [refs[0], refs[1]]]
        runs = [(Kind.RUN, PaymentRun(claims=each, paid_on=TODAY)) for each in pairs] * (MANY // 4)
        before = many.seq()
        done = together(many.database, [act(kind, wanted, many.cast.sam) for kind, wanted in runs])
        assert sum(isinstance(one, UUID) for one in done) == 1
        with many.database.reading() as session:
            paid = ledger.count(session, AsAt(TODAY), "2011-2012", kinds=[Kind.PAYMENT])[Kind.PAYMENT]
        run = newest(many, Kind.RUN)
        assert many.seq() - before == 1 + len(run.claims), turn
        assert paid == sum(len(one.claims) for one in everything(many, Kind.RUN))


def test_a_split_is_adopted_once(many: Together) -> None:
    for turn in range(ROUNDS):
        posts: list[Any] = []
        split = Split(title="x", way=Way.EQUALLY, total_pence=450_000_00 + turn * 9_00, posts=posts)
        many.does(split, Kind.SPLIT)
        adopted = Adoption(ref=newest(many, Kind.SPLIT).ref, decision_reference="Board 4")
        many.race([(Kind.ADOPTED, adopted)] * MANY, facts=2)


def test_a_fact_is_corrected_once(many: Together) -> None:
    for turn in range(ROUNDS):
        id_ = many.does(Payment(line="london", amount_pence=100, paid_on=TODAY), Kind.PAYMENT)
        fixes = [
            None if number % 2 else Payment(line="london", amount_pence=50, paid_on=TODAY) for number in range(MANY)
        ]
        mending = [Mending(id_, f"Wrong {turn}", fix) for fix in fixes]
        many.race_of(
            [lambda session, each=each: commands.correct(session, each, by=SECRETARIAT, at=AT) for each in mending]
        )


def test_the_amount_is_not_varied_below_what_others_allocate_meanwhile(many: Together) -> None:
    """Who comes first decides: one allocation, or the variation, which may then be said again to the same effect."""
    before = many.line(UNALLOCATED).allocated_pence
    lower = Variation(amount_pence=550_000_00 - before, why="x")
    more = Allocation(line="eastern", amount_pence=before)
    acts = [act(Kind.VARIED, lower, SECRETARIAT), act(Kind.ALLOCATION, more, SECRETARIAT)]
    done = together(many.database, acts * (MANY // 2))
    varied, allocated = ([isinstance(one, UUID) for one in done[kind::2]] for kind in (0, 1))
    assert all(isinstance(one, UUID | Refused | Conflict | Busy) for one in done), done
    assert (any(varied), sum(allocated)) in {(True, 0), (False, 1)}
    assert many.line(UNALLOCATED).allocated_pence == 0


def test_a_line_is_opened_once(many: Together) -> None:
    for turn in range(ROUNDS):
        line = NewLine(kind="post", title=f"Adviser {turn}", host="ADASS")
        many.race([(Kind.LINE, line)] * MANY)


def everything(many: Together, kind: Kind) -> list[Any]:
    with many.database.reading() as session:
        return list(session.query(TABLES[kind]).order_by(TABLES[kind].seq))


def newest(many: Together, kind: Kind) -> Any:
    return everything(many, kind)[-1]
