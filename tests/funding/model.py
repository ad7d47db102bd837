"""An independent account of the rules of funding: a list of facts, looked at day by day, in the plainest way."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

FIRST = date(2011, 4, 1)
DAYS = [FIRST + timedelta(days=ahead) for ahead in range(6)]
KINDS = {"lead": "post", "adviser": "post", "london": "region", "eastern": "region"}
"""The lines there are, all open from the first day, and what each is for."""
LIMIT = 10_000_00
"""What a virement may move without a decision, until something else is set."""
SUMS = {
    "allocation": "given",
    "commitment": "committed",
    "payment": "payment",
    "refund": "refund",
    "instalment received": "instalment received",
    "return": "return",
    "carry-forward": "carry-forward",
}
"""What each kind adds to."""
LIFE = ("MoU negotiated", "MoU agreed", "MoU varied", "MoU closed", "MoU withdrawn")


@dataclass(frozen=True)
class Told:
    """One fact as the model knows it."""

    kind: str
    on: date
    seq: int
    line: str = ""
    pence: int = 0
    of: str = ""
    settled: bool = False
    legs: tuple[tuple[str, int], ...] = ()
    back: str = ""
    """The payment a refund gives back."""
    first: str = ""
    """What a payment is known by, however often it is corrected."""
    claim: str = ""
    """The claim a payment pays."""

    def moves(self) -> Iterator[tuple[str, str, int]]:
        """What it does to which sum of which line."""
        if self.kind == "release":
            yield ("given" if self.of == "allocation" else "committed"), self.line, -self.pence
        elif self.kind == "virement":
            yield from (("given", line, pence) for line, pence in self.legs if line != "unallocated")
        elif self.kind in SUMS:
            yield SUMS[self.kind], self.line, self.pence


class Model:
    """The facts that stand, by id."""

    def __init__(self, facts: dict[str, Told] | None = None) -> None:
        self.facts = dict(facts or {})
        self._sums: dict[tuple[str, str, date], int] | None = None

    def with_(self, id_: str, told: Told | None, instead_of: str = "") -> "Model":
        """What would be known afterwards."""
        after = Model({key: one for key, one in self.facts.items() if key != instead_of})
        if told is not None:
            after.facts[id_] = told
        return after

    def total(self, day: date, what: str, line: str = "") -> int:
        """What a sum of a line, or of all lines, has come to by the end of a day."""
        if self._sums is None:
            sums: dict[tuple[str, str, date], int] = defaultdict(int)
            for one in self.facts.values():
                for moved, of, pence in one.moves():
                    for later in DAYS:
                        if later >= one.on:
                            sums[moved, of, later] += pence
                            sums[moved, "all", later] += pence
            self._sums = dict(sums)
        return self._sums.get((what, line or "all", day), 0)

    def of_kind(self, *kinds: str) -> list[Told]:
        return [one for one in self.facts.values() if one.kind in kinds]

    def steps(self) -> list[Told]:
        rank = {"MoU negotiated": 0, "MoU closed": 2, "MoU withdrawn": 2}
        return sorted(self.of_kind(*LIFE), key=lambda one: (one.on, rank.get(one.kind, 1), one.seq))

    def state(self, day: date) -> str:
        states = [one.kind for one in self.steps() if one.on <= day and one.kind != "MoU varied"]
        return states[-1] if states else ""

    def in_force(self, day: date) -> int:
        if self.state(day) == "MoU withdrawn":
            return 0
        amounts = [one.pence for one in self.steps() if one.on <= day and one.pence]
        return amounts[-1] if amounts else 0

    def allocated(self, day: date, line: str) -> int:
        return 0 if self.state(day) == "MoU withdrawn" else self.total(day, "given", line)

    def committed(self, day: date, line: str) -> int:
        return self.total(day, "committed", line)

    def cash(self, day: date) -> int:
        got = self.total(day, "instalment received") + self.total(day, "refund")
        return got - self.total(day, "payment") - self.total(day, "return")

    def limit(self, day: date) -> int:
        """Above what a virement of a day needs a decision."""
        told = sorted((one.on, one.seq, one.pence) for one in self.of_kind("limits set") if one.on <= day)
        return told[-1][2] if told else LIMIT

    def broken(self) -> bool:
        found = self.life_broken() or any(self.day_broken(day) for day in DAYS) or self.order_broken()
        return found or self.refunds_broken()

    def life_broken(self) -> bool:
        kinds = [one.kind.removeprefix("MoU ") for one in self.steps()]
        last_said = kinds[-1:] == ["varied"] and {"closed", "withdrawn"} & set(kinds)
        if kinds[:1] == ["varied"] or last_said:
            return True
        good = [["negotiated", "agreed", "closed"][:upto] for upto in range(4)] + [["negotiated", "withdrawn"]]
        return [kind for kind in kinds if kind != "varied"] not in good

    def day_broken(self, day: date) -> bool:
        if self.state(day) != "MoU withdrawn" and self.total(day, "given") > self.in_force(day):
            return True
        for line in KINDS:
            net = self.total(day, "payment", line) - self.total(day, "refund", line)
            given, kept = self.total(day, "given", line), self.total(day, "carry-forward", line)
            if not 0 <= net <= self.committed(day, line) <= given or (kept and net + kept > given):
                return True
        today = [one for one in self.facts.values() if one.on == day]
        excused = sum(one.pence for one in today if one.kind == "payment" and one.settled)
        bare = any((one.kind == "payment" and not one.settled) or one.kind == "return" for one in today)
        return bare and self.cash(day) + excused < 0

    def order_broken(self) -> bool:
        agreed = next((one for one in self.steps() if one.kind == "MoU agreed"), None)
        ended = next((one for one in self.steps() if one.kind in ("MoU closed", "MoU withdrawn")), None)
        for day in DAYS:
            late = ended is not None and day > ended.on
            for line in KINDS:
                given, *rest = (self.moved(what, line, day) for what in ("given", "committed", "payment"))
                rest.append(self.moved("carry-forward", line, day))
                if any(rest) and (agreed is None or day < agreed.on):
                    return True
                if late and (given or any(rest)):
                    return True
            if late and self.moved("instalment received", "", day):
                return True
        return any(self.undecided(one, agreed) for one in self.of_kind("virement"))

    def moved(self, what: str, line: str, day: date) -> int:
        return self.total(day, what, line) - self.total(day - timedelta(days=1), what, line)

    def undecided(self, one: Told, agreed: Told | None) -> bool:
        if one.settled or agreed is None or (one.on, one.seq) < (agreed.on, agreed.seq):
            return False
        posts = sum(pence for line, pence in one.legs if KINDS.get(line) == "post")
        regions = sum(pence for line, pence in one.legs if KINDS.get(line) == "region")
        return sum(pence for _, pence in one.legs if pence > 0) > self.limit(one.on) or posts * regions < 0

    def refunds_broken(self) -> bool:
        """Whether refunds give back more of a payment than was paid, or before it was, or of one taken back."""
        paid = {one.first: one for one in self.of_kind("payment") if one.first}
        back: dict[str, int] = defaultdict(int)
        for one in self.of_kind("refund"):
            if one.back:
                back[one.back] += one.pence
                of = paid.get(one.back)
                if of is None or of.line != one.line or of.on > one.on:
                    return True
        return any(pence > paid[first].pence for first, pence in back.items())


def amended(told: Told, **changes: object) -> Told:
    """The same fact with other values."""
    return replace(told, **changes)  # type: ignore[arg-type]
