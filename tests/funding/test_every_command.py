"""Every command in any order, on both databases, beside a plain model that knows nothing of ours."""

from datetime import UTC, date, datetime
from itertools import count
from typing import Any
from uuid import UUID

import msgspec
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from improvement.database import EVER, Database
from improvement.dates import AsAt
from improvement.errors import Refused
from improvement.funding import commands, ledger, queries
from improvement.funding.book import Kind, Leg, LineKind, Of
from improvement.funding.commands import Mending
from improvement.funding.entering import TAKES
from improvement.funding.entering.moves import (
    Agreement,
    Allocation,
    Commitment,
    Ending,
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
from tests.conftest import LONG
from tests.funding.conftest import SECRETARIAT
from tests.funding.model import DAYS, FIRST, KINDS, Model, Told, amended

AT = datetime(2011, 4, 20, 9, tzinfo=UTC)
LINES = st.sampled_from(list(KINDS))
AMOUNTS = st.sampled_from([1, 500, 5_000_00, 10_000_01, 14_000_00])
DAY = st.sampled_from(DAYS)
NUMBERS = count()


class Commands(RuleBasedStateMachine):
    """Whatever is tried, the commands keep and refuse what the model does, and the figures agree."""

    database: Database

    def __init__(self) -> None:
        super().__init__()
        self.mou, self.model, self.ids, self.seq = f"m{next(NUMBERS)}", Model(), dict[str, UUID](), 0

    @initialize(agreed=st.sampled_from(DAYS), scene=st.integers(0, 4))
    def begins(self, agreed: date, scene: int) -> None:
        common = {"mou": self.mou, "effective_on": FIRST}
        self.attempt(Negotiation(title="x", funder="y", amount_pence=60_000_00, **common))
        for name, kind in KINDS.items():
            line = NewLine(kind=LineKind(kind), title=name, region=name if kind == "region" else None, **common)
            with self.database.writing() as session:
                commands.open_line(session, line, by=SECRETARIAT, at=AT)
            self.attempt(Allocation(line=name, amount_pence=14_000_00, **common))
        if scene:
            self.attempt(Agreement(amount_pence=60_000_00, mou=self.mou, effective_on=agreed))
            self.attempt(Receipt(amount_pence=20_000_00, mou=self.mou, received_on=agreed))
            for name in KINDS if scene > 1 else ():
                self.commits(agreed, name, 14_000_00)

    def attempt(self, wanted: msgspec.Struct, instead_of: str = "", kind: Kind | None = None) -> None:
        """Carry out a command, or a correction of what the model calls `instead_of`."""
        kind = kind or next(each for each, (takes, _) in TAKES.items() if isinstance(wanted, takes))
        self.seq += 1
        id_, told = f"f{self.seq}", as_told(kind, wanted, self.seq)
        after = self.model.with_(id_, told, instead_of)
        ended = any(one.kind in ("MoU closed", "MoU withdrawn") for one in self.model.facts.values())
        too_late = (
            ended and not instead_of and told.kind in ("allocation", "payment", "commitment", "virement", "release")
        )
        too_late = too_late or (ended and not instead_of and told.kind == "instalment received")
        self.settle(kind, wanted, instead_of, after, id_, refused=after.broken() or too_late)

    def settle(
        self, kind: Kind, wanted: msgspec.Struct | None, instead_of: str, after: Model, id_: str, *, refused: bool
    ) -> None:
        with self.database.writing() as session:

            def act() -> UUID:
                if instead_of:
                    mending = Mending(self.ids[instead_of], "Put right", wanted)
                    return commands.correct(session, mending, by=SECRETARIAT, at=AT)
                assert wanted is not None
                return commands.do(session, kind, wanted, by=SECRETARIAT, at=AT)

            if refused:
                with pytest.raises(Refused):
                    act()
            else:
                self.ids[id_], self.model = act(), after

    @rule(on=DAY, line=LINES, pence=AMOUNTS)
    def allocates(self, on: date, line: str, pence: int) -> None:
        self.attempt(Allocation(line=line, amount_pence=pence, effective_on=on, mou=self.mou))

    @rule(on=DAY, line=LINES, pence=AMOUNTS)
    def commits(self, on: date, line: str, pence: int) -> None:
        more: dict[str, Any] = {"recipient": "x", "purpose": "y", "effective_on": on, "mou": self.mou}
        self.attempt(Commitment(line=line, amount_pence=pence, **more))

    @rule(on=DAY, line=LINES, pence=AMOUNTS, why=st.sampled_from(["", "It is late"]))
    def pays(self, on: date, line: str, pence: int, why: str) -> None:
        self.attempt(Payment(line=line, amount_pence=pence, paid_on=on, over_cash_reason=why, mou=self.mou))

    @rule(on=DAY, line=LINES, pence=AMOUNTS)
    def refunds(self, on: date, line: str, pence: int) -> None:
        self.attempt(Refund(line=line, amount_pence=pence, received_on=on, mou=self.mou))

    @rule(on=DAY, line=LINES, pence=AMOUNTS, of=st.sampled_from(list(Of)))
    def releases(self, on: date, line: str, pence: int, of: Of) -> None:
        self.attempt(Release(line=line, amount_pence=pence, of=of, effective_on=on, mou=self.mou))

    @rule(on=DAY, pence=AMOUNTS, back=st.booleans())
    def cash_moves(self, on: date, pence: int, back: bool) -> None:
        wanted = Return(amount_pence=pence, returned_on=on, mou=self.mou)
        self.attempt(wanted if back else Receipt(amount_pence=pence, received_on=on, mou=self.mou))

    @rule(on=DAY, legs=st.lists(LINES, min_size=2, max_size=2, unique=True), pence=AMOUNTS, decided=st.booleans())
    def vires(self, on: date, legs: list[str], pence: int, decided: bool) -> None:
        both = [Leg(legs[0], pence), Leg(legs[1], -pence)]
        reference = "Board 4" if decided else ""
        self.attempt(Virement(legs=both, why="x", decision_reference=reference, effective_on=on, mou=self.mou))

    @rule(on=DAY, pence=st.integers(50, 70))
    def varies(self, on: date, pence: int) -> None:
        self.attempt(Variation(amount_pence=pence * 1_000_00, why="x", effective_on=on, mou=self.mou))

    @precondition(lambda self: self.seq % 20 == 19)
    @rule(on=DAY)
    def closes(self, on: date) -> None:
        self.attempt(Ending(effective_on=on, mou=self.mou), kind=Kind.CLOSED)

    @precondition(lambda self: self.model.facts)
    @rule(pick=st.integers(0), on=DAY)
    def corrects(self, pick: int, on: date) -> None:
        """Another day, the rest as it was; or, one time in three, nothing at all."""
        id_, told = list(self.model.facts.items())[pick % len(self.model.facts)]
        self.seq += 1
        kind, day = Kind(told.kind), TAKES[Kind(told.kind)][1]
        with self.database.reading() as session:
            before = commands.input_of(kind, queries.fact(session, self.ids[id_])[1])
        wanted = msgspec.convert({**before, day: on.isoformat()}, TAKES[kind][0]) if pick % 3 else None
        fresh = amended(told, on=on, seq=self.seq) if wanted else None
        after = self.model.with_(f"f{self.seq}", fresh, id_)
        self.settle(kind, wanted, id_, after, f"f{self.seq}", refused=after.broken())

    @invariant()
    def agrees(self) -> None:
        if not self.model.facts:
            return
        with self.database.reading() as session:
            kept = queries.book(session, self.mou)
            assert kept.sums == queries.book(session, self.mou, AT.replace(year=2030)).sums
            for day in (DAYS[0], DAYS[3], DAYS[-1]):
                if any(one.kind == "MoU negotiated" and one.on <= day for one in self.model.facts.values()):
                    self.agrees_on(queries.mou(session, AsAt(day), self.mou), day)
            count = sum(ledger.count(session, EVER, self.mou, kinds=ledger.IN_LEDGER).values())
            assert count == len(self.model.facts) + len(KINDS)

    def agrees_on(self, mou: queries.Mou, day: date) -> None:
        assert mou.amount_pence == self.model.in_force(day)
        assert mou.allocated_pence == sum(self.model.allocated(day, line) for line in KINDS)
        assert mou.unallocated_pence == mou.amount_pence - mou.allocated_pence
        assert mou.committed_pence == sum(self.model.committed(day, line) for line in KINDS)
        assert mou.paid_pence == self.model.total(day, "payment")
        assert mou.cash_in_hand_pence == self.model.cash(day)


def as_told(kind: Kind, wanted: Any, seq: int) -> Told:
    """The same input, as the model hears it."""
    legs = tuple((leg.line, leg.amount_pence) for leg in getattr(wanted, "legs", ()))
    settled = bool(getattr(wanted, "over_cash_reason", "") or getattr(wanted, "decision_reference", ""))
    amount, line = getattr(wanted, "amount_pence", 0), getattr(wanted, "line", "")
    of = wanted.of.value if kind is Kind.RELEASE else ""
    return Told(kind.value, getattr(wanted, TAKES[kind][1]), seq, line, amount, of, settled, legs)


def test_every_command_keeps_and_refuses_what_a_plain_model_does(seeded: Database) -> None:
    class Here(Commands):
        database = seeded

    size = settings(
        max_examples=100 if LONG else 8,
        stateful_step_count=50 if LONG else 25,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(Here, settings=size)
