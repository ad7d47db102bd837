"""Every command in any order, on both databases, beside a plain model that knows nothing of ours."""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from itertools import count
from typing import Any
from uuid import UUID

import msgspec
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule, run_state_machine_as_test
from sqlalchemy import event

from improvement.access.rules import Held, Role
from improvement.database import Database
from improvement.funding import commands, queries
from improvement.funding.book import Kind, Leg, Of
from improvement.funding.entering import TAKES
from improvement.funding.entering.claims import Answer, Judgement, NewClaim, Query, Verdict
from improvement.funding.entering.closing import CarryDecision, Grant, Limits
from improvement.funding.entering.moves import (
    Agreement,
    Allocation,
    Commitment,
    Ending,
    Payment,
    Receipt,
    Refund,
    Release,
    Return,
    Variation,
    Virement,
)
from improvement.funding.entering.paying import PaymentRun
from improvement.funding.entering.splits import Adoption, PostShare, RegionShare, Split, Way
from improvement.funding.tables import TABLES
from improvement.web import forms
from tests.conftest import LONG
from tests.funding.claimants import person
from tests.funding.machine import Machine
from tests.funding.model import DAYS, FIRST, KINDS, LIFE, SUMS, amended
from tests.funding.telling import TELLS, About, telling

LINES = st.sampled_from(list(KINDS))
REGIONS = st.sampled_from([line for line, kind in KINDS.items() if kind == "region"])
AMOUNTS = st.sampled_from([1, 2, 500, 700_00, 2_000_00, 5_000_00, 10_000_01, 14_000_00])
DAY = st.sampled_from(DAYS)
LATE = st.sampled_from([*DAYS, DAYS[-1], DAYS[-1]])
PICK = st.integers(0, 99).map(lambda number: (number * 37 + 11) % 100)
"""One of some things. What hypothesis tries first is neither the first nor the last of them."""
EXACTLY = {*SUMS, *LIFE, "release", "virement", "limits set"} - {"carry-forward", "MoU closed"}
"""What nothing but the rules of money keeps from being corrected, if it has to do with no claim."""
STEPS = 5_000


class Commands(Machine):
    """Whatever is tried, the commands keep and refuse what the model does, and the figures agree."""

    @initialize(agreed=st.sampled_from([*DAYS[:2], *DAYS[:4]]), scene=st.sampled_from([2, 2, 3, 0, 1, 2, 3]))
    def begins(self, agreed: date, scene: int) -> None:
        self.begin(agreed, scene)
        if scene == 3:
            self.everything_once(agreed)

    def everything_once(self, on: date) -> None:
        """Something of every kind, so that there is something to go on from."""
        about = About(on, self.mou, "lead", 500, 0, "I-1", None)
        for kind in (Kind.EXPECTED, *TELLS):
            of = {"line": "london", "number": 1} if kind is Kind.FORECAST else {}  # lead’s follows its terms by now
            self.tries(kind, telling(kind, msgspec.structs.replace(about, **of)))
        self.claims(on, "london", 500, "lee")
        for answers in (False, True):
            self.talks(on, 0, answers, "lee")
        self.decides(on, 0, Verdict.APPROVED, "ann")
        self.pays_claims(on, 0, 1)
        self.carries(on, 0, Grant.GRANTED, None)
        self.limits(on, 20_000_00)
        self.pays(on, "london", 700_00, "")
        self.refunds(on, "london", 500)
        self.releases(on, "eastern", 500, Of.COMMITMENT, "")
        self.vires(on, ["london", "eastern"], 1, True)
        self.varies(on, 61)
        self.cash_moves(on, 500, True)
        self.splits(on, 500, 1, 1, True)
        self.adopts(on, 0)

    @rule(on=DAY, line=LINES, pence=AMOUNTS)
    def allocates(self, on: date, line: str, pence: int) -> None:
        self.foresees(Allocation(line=line, amount_pence=pence, effective_on=on, mou=self.mou))

    @rule(on=DAY, line=LINES, pence=AMOUNTS)
    def commits(self, on: date, line: str, pence: int) -> None:
        more: dict[str, Any] = {"recipient": "x", "purpose": "y", "effective_on": on, "mou": self.mou}
        self.foresees(Commitment(line=line, amount_pence=pence, **more))

    @rule(on=LATE, line=LINES, pence=AMOUNTS, why=st.sampled_from(["", "It is late"]))
    def pays(self, on: date, line: str, pence: int, why: str) -> None:
        self.foresees(Payment(line=line, amount_pence=pence, paid_on=on, over_cash_reason=why, mou=self.mou))

    @rule(on=LATE, line=LINES, pence=AMOUNTS)
    def refunds(self, on: date, line: str, pence: int) -> None:
        self.foresees(Refund(line=line, amount_pence=pence, received_on=on, mou=self.mou))

    @precondition(lambda self: self.model.of_kind("payment"))
    @rule(on=LATE, pick=PICK, pence=AMOUNTS)
    def gives_back(self, on: date, pick: int, pence: int) -> None:
        paid = [(id_, one) for id_, one in self.model.facts.items() if one.kind == "payment"]
        id_, one = paid[pick % len(paid)]
        more: dict[str, Any] = {"line": one.line, "received_on": on, "payment": UUID(id_), "mou": self.mou}
        self.foresees(Refund(amount_pence=min(pence, one.pence + 1), **more), back=one.first)

    @rule(on=LATE, line=LINES, pence=AMOUNTS, of=st.sampled_from(list(Of)), reference=st.sampled_from(["", "Board 3"]))
    def releases(self, on: date, line: str, pence: int, of: Of, reference: str) -> None:
        more: dict[str, Any] = {"effective_on": on, "mou": self.mou, "decision_reference": reference}
        self.foresees(Release(line=line, amount_pence=pence, of=of, **more))

    @rule(on=DAY, pence=AMOUNTS, back=st.booleans())
    def cash_moves(self, on: date, pence: int, back: bool) -> None:
        wanted = Return(amount_pence=pence, returned_on=on, mou=self.mou)
        self.foresees(wanted if back else Receipt(amount_pence=pence, received_on=on, mou=self.mou))

    @rule(on=DAY, legs=st.lists(LINES, min_size=2, max_size=2, unique=True), pence=AMOUNTS, decided=st.booleans())
    def vires(self, on: date, legs: list[str], pence: int, decided: bool) -> None:
        both = [Leg(legs[0], pence), Leg(legs[1], -pence)]
        reference = "Board 4" if decided else ""
        self.foresees(Virement(legs=both, why="x", decision_reference=reference, effective_on=on, mou=self.mou))

    @rule(on=DAY, pence=st.integers(50, 70))
    def varies(self, on: date, pence: int) -> None:
        self.foresees(Variation(amount_pence=pence * 1_000_00, why="x", effective_on=on, mou=self.mou))

    @rule(on=DAY, pence=st.sampled_from([1, 5_000_00, 20_000_00]))
    def limits(self, on: date, pence: int) -> None:
        more: dict[str, Any] = {"variance_above_pence": pence, "why": "x", "effective_on": on, "mou": self.mou}
        self.foresees(Limits(virement_above_pence=pence, **more))

    @precondition(lambda self: self.seq > 60)
    @rule(on=st.sampled_from(DAYS[-2:]))
    def ends(self, on: date) -> None:
        """Closing waits for claims, of which the model knows nothing."""
        wanted = Ending(effective_on=on, mou=self.mou)
        if self.model.of_kind("MoU agreed"):
            self.tries(Kind.CLOSED, wanted)
        else:
            self.foresees(wanted, Kind.WITHDRAWN)

    def teardown(self) -> None:
        if self.begun:
            self.ends(DAYS[-1])
        super().teardown()

    @precondition(lambda self: self.seq % 10 == 0 or not self.model.of_kind("MoU agreed"))
    @rule(on=DAY, pence=st.sampled_from([40_000_00, 55_000_03, 60_000_00]), pick=PICK)
    def agrees_to(self, on: date, pence: int, pick: int) -> None:
        """For less than is allocated, perhaps, or with a split."""
        split = self.ref(Kind.SPLIT, pick) if pick % 2 else ""
        self.tries(Kind.AGREED, Agreement(amount_pence=pence, split=split, effective_on=on, mou=self.mou))

    @rule(on=DAY, line=LINES, pence=AMOUNTS, pick=PICK)
    def tells(self, on: date, line: str, pence: int, pick: int) -> None:
        """Something that moves no money: what was paid, promised and allocated stays as the model has it."""
        kind = list(TELLS)[(self.seq + pick) % len(TELLS)]
        paid = [(id_, one.pence) for id_, one in self.model.facts.items() if one.kind == "payment"]
        shown, out = paid[pick % len(paid)] if paid and pick % 3 else (None, pence)
        about = About(on, self.mou, line, out, pick, self.ref(Kind.EXPECTED, pick), shown)
        self.tries(kind, telling(kind, about))

    @rule(on=DAY, line=REGIONS, pence=AMOUNTS, who=st.sampled_from(["lee", "sam"]))
    def claims(self, on: date, line: str, pence: int, who: str) -> None:
        more: dict[str, Any] = {"from_on": FIRST, "to_on": on, "paid_for": "x", "effective_on": on, "mou": self.mou}
        ref = self.tries(Kind.CLAIM, NewClaim(line=line, amount_pence=pence, **more), who)
        if ref:
            self.claimed[ref] = line, pence

    @precondition(lambda self: self.claimed)
    @rule(on=LATE, pick=PICK, answers=st.booleans(), who=st.sampled_from(["lee", "sam"]))
    def talks(self, on: date, pick: int, answers: bool, who: str) -> None:
        more: dict[str, Any] = {"ref": self.ref(Kind.CLAIM, pick), "effective_on": on, "mou": self.mou}
        if answers:
            self.tries(Kind.ANSWER, Answer(answer="x", **more), who)
        else:
            self.tries(Kind.QUERY, Query(question="x", **more), "sam")

    @precondition(lambda self: self.claimed)
    @rule(
        on=LATE, pick=PICK, verdict=st.sampled_from([*Verdict, Verdict.APPROVED]), who=st.sampled_from(["sam", "ann"])
    )
    def decides(self, on: date, pick: int, verdict: Verdict, who: str) -> None:
        ref = one_of([each for each in self.claimed if each not in self.decided] or list(self.claimed), pick)
        wanted = Judgement(ref=ref, decision=verdict, why="x", effective_on=on, mou=self.mou)
        if self.tries(Kind.DECISION, wanted, who):
            self.decided[ref] = verdict

    def to_pay(self) -> list[str]:
        """Claims that were approved, as far as there are any."""
        return [ref for ref, verdict in self.decided.items() if verdict is Verdict.APPROVED] or list(self.claimed)

    @precondition(lambda self: self.claimed)
    @rule(on=LATE, pick=PICK, penny=st.sampled_from([0, 0, 1]))
    def pays_a_claim(self, on: date, pick: int, penny: int) -> None:
        """What was claimed, or a penny too much."""
        ref = one_of(self.to_pay(), pick)
        line, pence = self.claimed[ref]
        more: dict[str, Any] = {"paid_on": on, "over_cash_reason": "x", "mou": self.mou}
        kept = self.tries(Kind.PAYMENT, Payment(line=line, amount_pence=pence + penny, claim=ref, **more), "ann")
        assert kept is None or not penny

    @precondition(lambda self: self.claimed)
    @rule(on=LATE, pick=PICK, many=st.sampled_from([1, 1, 2, 3]))
    def pays_claims(self, on: date, pick: int, many: int) -> None:
        refs = sorted({one_of(self.to_pay(), pick + more) for more in range(many)})
        self.tries(Kind.RUN, PaymentRun(claims=refs, paid_on=on, over_cash_reason="x", mou=self.mou))

    @rule(on=DAY, pence=st.integers(0, 1_000_00), kept=st.integers(0, 9), again=PICK, equally=st.booleans())
    def splits(self, on: date, pence: int, kept: int, again: int, equally: bool) -> None:
        """Two posts, the two regions by hand or equally, and something kept: what it comes to is known beforehand."""
        moved = {"lead": pence, "adviser": 1_000_00 - pence, "london": 0 if equally else pence, "eastern": 0}
        to = {line: 14_000_00 + more for line, more in moved.items()}
        posts = [PostShare(line, to[line]) for line in ("lead", "adviser")]
        shares = [] if equally else [RegionShare(line, to[line]) for line in ("london", "eastern")]
        way = Way.EQUALLY if equally else Way.BY_HAND
        more: dict[str, Any] = {"ref": self.ref(Kind.SPLIT, again) if again % 3 == 0 else "", "mou": self.mou}
        total = {"total_pence": sum(to.values()) + kept, "kept_pence": kept, "effective_on": on}
        if self.tries(Kind.SPLIT, Split(title="x", way=way, posts=posts, shares=shares, **total, **more)):
            self.divided[self.kept(Kind.SPLIT).id] = to

    @precondition(lambda self: self.refs.get(Kind.SPLIT))
    @rule(on=LATE, pick=PICK)
    def adopts(self, on: date, pick: int) -> None:
        """Where nothing moved later, every line is then given what the split says."""
        wanted = Adoption(ref=self.ref(Kind.SPLIT, pick), decision_reference="Board 9", effective_on=on, mou=self.mou)
        if self.tries(Kind.ADOPTED, wanted):
            version = self.kept(Kind.ADOPTED).version
            assert {line: self.model.allocated(DAYS[-1], line) for line in KINDS} == self.divided[version]

    @precondition(lambda self: self.refs.get(Kind.CARRY_ASKED))
    @rule(on=LATE, pick=PICK, grant=st.sampled_from([*Grant, Grant.GRANTED]), pence=st.sampled_from([None, 1, 500]))
    def carries(self, on: date, pick: int, grant: Grant, pence: int | None) -> None:
        more: dict[str, Any] = {"amount_pence": pence, "why": "x", "effective_on": on, "mou": self.mou}
        self.tries(Kind.CARRIED, CarryDecision(ref=self.ref(Kind.CARRY_ASKED, pick), decision=grant, **more))

    @precondition(lambda self: self.told)
    @rule(pick=PICK)
    def takes_back(self, pick: int) -> None:
        """Something that moved no money: nor does taking it back."""
        kind, id_ = self.told[-1 - pick % len(self.told)]
        self.does(kind, None, instead_of=id_)

    @precondition(lambda self: len(self.model.facts) > 1)
    @rule(pick=PICK, on=DAY)
    def corrects(self, pick: int, on: date) -> None:
        """Another day, the rest as it was; or, one time in three, nothing at all."""
        facts = [(id_, one) for id_, one in self.model.facts.items() if one.kind != "MoU negotiated"]
        id_, told = facts[-1 - pick % len(facts)]
        self.seq += 1
        kind = Kind(told.kind)
        with self.database.reading() as session:
            fact: Any = session.get(TABLES[kind], UUID(id_))
            before = commands.input_of(kind, fact)
        wanted = forms.read_json(TAKES[kind][0], {**before, TAKES[kind][1]: on.isoformat()}) if pick % 3 else None
        fresh = amended(told, on=on, seq=self.seq) if wanted else None
        self.mends(id_, wanted, fresh, exactly=told.kind in EXACTLY and not told.claim)


def one_of(refs: Sequence[str], pick: int) -> str:
    return refs[pick % len(refs)]


def machine_on(where: Database) -> type[Commands]:
    """The machine on a database, with people who are there."""
    region = (Held(Role.COORDINATOR, region="london"), Held(Role.COORDINATOR, region="eastern"))
    secretariat = Held(Role.SECRETARIAT)
    held = {"lee": region, "sam": (secretariat, *region), "ann": (secretariat,)}
    cast = {name: person(where, f"{name}@example.org", *roles) for name, roles in held.items()}
    if where.embedded:
        # As PostgreSQL is here, faster than durable: what is kept when a process is killed is tried elsewhere.
        event.listen(where.engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous=OFF"))
        where.engine.dispose()
    return type("Here", (Commands,), {"database": where, "people": cast, "tally": Counter[str]()})


def test_every_command_keeps_and_refuses_what_a_plain_model_does(seeded: Database) -> None:
    here = machine_on(seeded)
    for scene in (3, 0):
        story = here()
        story.begins(DAYS[0], scene)
        story.teardown()
    size = settings(
        max_examples=8,
        stateful_step_count=80,
        # Finding a shorter story takes longer than a test may: the long form does.
        phases=[phase for phase in Phase if LONG or phase is not Phase.shrink],
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    turns = count()
    while here.tally["steps"] < STEPS * (10 if LONG else 1):
        run_state_machine_as_test(here if LONG else seed(next(turns))(here), settings=size)
    with seeded.reading() as session:
        assert queries.wrong(session) == []
    assert [kind for kind in Kind if not here.tally[kind]] == [], "was never kept"
