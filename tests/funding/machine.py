"""A machine that tries commands one after another on a real database, beside a model that knows nothing of ours.

What the model can foresee must be kept and refused as it foresees. Of the rest it hears what was kept, and that must
leave every rule whole.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, date, datetime
from itertools import count
from typing import Any
from uuid import UUID

import msgspec
from hypothesis.stateful import RuleBasedStateMachine, invariant
from sqlalchemy import select
from sqlalchemy.orm import Session

from improvement.access.rules import Person
from improvement.database import EVER, Database, known
from improvement.dates import AsAt
from improvement.errors import TurnedDown
from improvement.funding import commands, ledger, queries, rules
from improvement.funding.book import Kind, LineKind, Of
from improvement.funding.commands import Mending
from improvement.funding.entering import TAKES
from improvement.funding.entering.moves import Agreement, Allocation, Commitment, Negotiation, NewLine, Receipt
from improvement.funding.rules.accruals import MoreThanPromised
from improvement.funding.tables import TABLES
from tests.funding.conftest import SECRETARIAT
from tests.funding.model import DAYS, FIRST, KINDS, Model, Told, amended

AT = datetime(2011, 4, 20, 9, tzinfo=UTC)
NUMBERS = count()
BROUGHT = {
    Kind.AGREED: (Kind.RELEASE, Kind.ALLOCATION, Kind.VIREMENT),
    Kind.ADOPTED: (Kind.ALLOCATION, Kind.VIREMENT),
    Kind.RUN: (Kind.PAYMENT,),
}
"""What comes with a kind of fact in the same step."""
NOW_AND_THEN = 16
"""After how many steps everything is looked at again; at the end of every story it is in any case."""


class Machine(RuleBasedStateMachine):
    """One MoU, with what was tried on it."""

    database: Database
    people: Mapping[str, Person]
    tally: Counter[str]
    """Of all the stories together: how many steps, and how many facts of each kind were kept."""

    def __init__(self) -> None:
        super().__init__()
        self.mou, self.model, self.seq, self.begun = f"m{next(NUMBERS)}", Model(), 0, False
        self.refusal: TurnedDown | None = None
        self.refs: dict[Kind, list[str]] = {}
        self.divided: dict[UUID, dict[str, int]] = {}
        self.claimed: dict[str, tuple[str, int]] = {}
        self.decided: dict[str, str] = {}
        self.told: list[tuple[Kind, UUID]] = []

    def begin(self, agreed: date, scene: int) -> None:
        """The MoU with its lines and allocations; in later scenes agreed, paid for and promised."""
        common = {"mou": self.mou, "effective_on": FIRST}
        self.foresees(Negotiation(title="x", funder="y", amount_pence=60_000_00, **common))
        for name, kind in KINDS.items():
            line = NewLine(kind=LineKind(kind), title=name, region=name if kind == "region" else None, **common)
            with self.database.writing() as session:
                self.tally[Kind.LINE] += bool(commands.open_line(session, line, by=SECRETARIAT, at=AT))
            self.foresees(Allocation(line=name, amount_pence=14_000_00, **common))
        if scene:
            self.foresees(Agreement(amount_pence=60_000_00, mou=self.mou, effective_on=agreed))
            self.foresees(Receipt(amount_pence=20_000_00, mou=self.mou, received_on=agreed))
            more: dict[str, Any] = {"recipient": "x", "purpose": "y", "effective_on": agreed, "mou": self.mou}
            for name in KINDS if scene > 1 else ():
                self.foresees(Commitment(line=name, amount_pence=14_000_00, **more))
        self.begun = True

    def foresees(self, wanted: msgspec.Struct, kind: Kind | None = None, back: str = "") -> None:
        """Try what the model can foresee: `back` is the payment, as it is first known, that a refund gives back."""
        kind = kind or next(each for each, (takes, _) in TAKES.items() if isinstance(wanted, takes))
        self.seq += 1
        told = amended(as_told(kind, wanted, self.seq), back=back)
        ended = any(one.kind in ("MoU closed", "MoU withdrawn") for one in self.model.facts.values())
        late = ended and kind not in (Kind.REFUND, Kind.RETURN) and not told.kind.startswith("MoU")
        refused = late or self.model.with_("new", told).broken()
        kept = self.does(kind, wanted)
        # The model knows nothing of what is owed: it keeps what is committed from being lowered, and nothing else.
        owed = kind is Kind.RELEASE and told.of == Of.COMMITMENT and isinstance(self.refusal, MoreThanPromised)
        assert (kept is None) == (refused or owed), f"{told} was {'kept' if kept else f'refused: {self.refusal}'}"
        self.hears(kind, told, kept)

    def mends(self, id_: str, wanted: msgspec.Struct | None, fresh: Told | None, *, exactly: bool) -> None:
        """Try a correction. Where other things rest on the fact it may be refused whatever the model says."""
        kind, broken = Kind(self.model.facts[id_].kind), self.model.with_("new", fresh, id_).broken()
        kept = self.does(kind, wanted, instead_of=UUID(id_))
        assert kept is None or not broken, f"{self.model.facts[id_]} became {fresh}"
        owed = kind in (Kind.COMMITMENT, Kind.RELEASE) and isinstance(self.refusal, MoreThanPromised)
        assert kept or broken or owed or not exactly, f"{self.model.facts[id_]} did not become {fresh}: {self.refusal}"
        if kept is not None:
            self.model = self.model.with_(str(kept), fresh, id_)

    def tries(self, kind: Kind, wanted: msgspec.Struct, who: str = "") -> str | None:
        """Try what the model cannot foresee, and let it hear what was kept: the fact's reference, if it has one."""
        self.seq += 1
        kept = self.does(kind, wanted, by=self.people[who] if who else SECRETARIAT)
        if kept is None:
            return None
        with self.database.reading() as session:
            fact: Any = session.get(TABLES[kind], kept)
            for each in (kind, *BROUGHT.get(kind, ())):
                self.hears_of(session, each, fact)
        assert not self.model.broken(), f"{wanted} was kept"
        if kind not in ledger.IN_LEDGER:
            self.told.append((kind, kept))
        ref = str(getattr(fact, "ref", ""))
        if ref and ref not in self.refs.setdefault(kind, []):
            self.refs[kind].append(ref)
        return ref

    def kept(self, kind: Kind) -> Any:
        """The fact of a kind that was kept last."""
        with self.database.reading() as session:
            return session.get(TABLES[kind], next(id_ for each, id_ in reversed(self.told) if each is kind))

    def ref(self, kind: Kind, pick: int) -> str:
        """What something that was kept is quoted by, if there is any."""
        refs = self.refs.get(kind, [])
        return refs[pick % len(refs)] if refs else "X-22222"

    def does(self, kind: Kind, wanted: Any, by: Person = SECRETARIAT, instead_of: UUID | None = None) -> UUID | None:
        """The id of what was kept, or none when it was refused."""
        self.tally["steps"] += self.begun
        self.refusal = None
        try:
            with self.database.writing() as session:
                if instead_of is not None:
                    mending = Mending(instead_of, "Put right", wanted)
                    kept = commands.correct(session, mending, by=by, at=AT)
                else:
                    kept = commands.do(session, kind, wanted, by=by, at=AT)
        except TurnedDown as refusal:
            self.refusal = refusal
            self.tally[f"refused: {kind}"] += 1
            return None
        self.tally[kind] += 1
        return kept

    def hears(self, kind: Kind, told: Told, kept: UUID | None) -> None:
        if kept is not None:
            told = amended(told, first=str(kept)) if kind is Kind.PAYMENT else told
            self.model = self.model.with_(str(kept), told)

    def hears_of(self, session: Session, kind: Kind, after: Any) -> None:
        """What was kept of a kind since a fact, that one included, as the model hears it."""
        table: Any = TABLES[kind]
        if kind not in ledger.IN_LEDGER:
            return
        for fact in session.scalars(select(table).where(table.mou == self.mou, table.seq >= after.seq)):
            self.seq += 1
            self.hears(kind, as_told(kind, fact, self.seq), fact.id)

    @invariant()
    def agrees_now_and_then(self) -> None:
        if self.begun and self.seq % NOW_AND_THEN == 0:
            self.agrees()

    def teardown(self) -> None:
        if self.begun:
            self.agrees()
            self.agrees_afresh()

    def agrees_afresh(self) -> None:
        """What was kept up to date is what the facts make, and every rule holds of it."""
        with self.database.reading() as session:
            kept, afresh = queries.book(session, self.mou), queries.afresh(session, self.mou)
            assert (kept.sums, kept.counts) == (afresh.sums, afresh.counts)
            rules.check_always_true(afresh)
            self.claims_are_paid_once(session)

    def agrees(self) -> None:
        """The figures are the model's, and so are the facts."""
        with self.database.reading() as session:
            for day in (DAYS[0], DAYS[3], DAYS[-1]):
                if any(one.on <= day for one in self.model.of_kind("MoU negotiated")):
                    self.agrees_on(queries.mou(session, AsAt(day), self.mou), day)
            counted = ledger.count(session, EVER, self.mou, kinds=ledger.IN_LEDGER)
            assert sum(counted.values()) == len(self.model.facts) + len(KINDS)

    def agrees_on(self, mou: queries.Mou, day: date) -> None:
        assert mou.amount_pence == self.model.in_force(day)
        assert mou.allocated_pence == sum(self.model.allocated(day, line) for line in KINDS)
        assert mou.unallocated_pence == mou.amount_pence - mou.allocated_pence
        assert mou.committed_pence == sum(self.model.committed(day, line) for line in KINDS)
        assert mou.paid_pence == self.model.total(day, "payment")
        assert mou.cash_in_hand_pence == self.model.cash(day)

    def claims_are_paid_once(self, session: Session) -> None:
        """Every claim that is paid is paid once, exactly, on its line, and was approved by somebody else."""
        made, said, paid = (TABLES[each] for each in (Kind.CLAIM, Kind.DECISION, Kind.PAYMENT))
        claims = {fact.ref: fact for fact in standing(session, made, self.mou)}
        approved = {fact.ref: fact for fact in standing(session, said, self.mou) if fact.decision == "approved"}
        payments = [fact for fact in standing(session, paid, self.mou) if fact.claim]
        assert len({fact.claim for fact in payments}) == len(payments)
        for fact in payments:
            claim, approval = claims[fact.claim], approved[fact.claim]
            assert (fact.line, fact.amount_pence) == (claim.line, claim.amount_pence)
            assert claim.effective_on <= approval.effective_on <= fact.effective_on
            assert claim.recorded_by != approval.recorded_by


def standing(session: Session, table: Any, mou: str) -> list[Any]:
    return list(session.scalars(known(table, EVER).where(table.mou == mou)))


def as_told(kind: Kind, wanted: Any, seq: int) -> Told:
    """An input, or a fact that was kept, as the model hears it."""

    def of(name: str, otherwise: Any = "") -> Any:
        return getattr(wanted, name, otherwise)

    legs = [
        (leg["line"], leg["amount_pence"]) if isinstance(leg, dict) else (leg.line, leg.amount_pence)
        for leg in of("legs", ())
    ]
    reason = (
        of("over_cash_reason") if kind is Kind.PAYMENT else of("decision_reference") if kind is Kind.VIREMENT else ""
    )
    return Told(
        kind.value,
        of(TAKES[kind][1], None) or wanted.effective_on,
        seq,
        line=of("line"),
        pence=of("virement_above_pence", 0) or of("amount_pence", 0) or 0,
        of=str(of("of")) if kind is Kind.RELEASE else "",
        settled=bool(reason),
        legs=tuple(legs),
        claim=of("claim"),
    )
