"""An independent account of the rules of funding: a list of facts, looked at day by day, in the plainest way."""

from dataclasses import dataclass, replace
from datetime import date, timedelta

FIRST = date(2011, 4, 1)
DAYS = [FIRST + timedelta(days=ahead) for ahead in range(6)]
KINDS = {"lead": "post", "adviser": "post", "london": "region", "eastern": "region"}
"""The lines there are, all open from the first day, and what each is for."""


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


class Model:
    """The facts that stand, by id."""

    def __init__(self, facts: dict[str, Told] | None = None) -> None:
        self.facts = dict(facts or {})

    def with_(self, id_: str, told: Told | None, instead_of: str = "") -> "Model":
        """What would be known afterwards."""
        after = Model({key: one for key, one in self.facts.items() if key != instead_of})
        if told is not None:
            after.facts[id_] = told
        return after

    def by(self, day: date, *kinds: str) -> list[Told]:
        return [one for one in self.facts.values() if one.kind in kinds and one.on <= day]

    def steps(self) -> list[Told]:
        rank = {"MoU negotiated": 0, "MoU closed": 2, "MoU withdrawn": 2}
        found = self.by(date.max, "MoU negotiated", "MoU agreed", "MoU varied", "MoU closed", "MoU withdrawn")
        return sorted(found, key=lambda one: (one.on, rank.get(one.kind, 1), one.seq))

    def state(self, day: date) -> str:
        states = [one.kind for one in self.steps() if one.on <= day and one.kind != "MoU varied"]
        return states[-1] if states else ""

    def in_force(self, day: date) -> int:
        if self.state(day) == "MoU withdrawn":
            return 0
        amounts = [one.pence for one in self.steps() if one.on <= day and one.pence]
        return amounts[-1] if amounts else 0

    def allocated(self, day: date, line: str) -> int:
        if self.state(day) == "MoU withdrawn":
            return 0
        return self.given(day, line)

    def given(self, day: date, line: str) -> int:
        given = sum(one.pence for one in self.by(day, "allocation") if one.line == line)
        given -= sum(one.pence for one in self.by(day, "release") if one.line == line and one.of == "allocation")
        return given + sum(pence for one in self.by(day, "virement") for leg, pence in one.legs if leg == line)

    def committed(self, day: date, line: str) -> int:
        promised = sum(one.pence for one in self.by(day, "commitment") if one.line == line)
        return promised - sum(
            one.pence for one in self.by(day, "release") if one.line == line and one.of == "commitment"
        )

    def total(self, day: date, kind: str, line: str | None = None) -> int:
        return sum(one.pence for one in self.by(day, kind) if line in (None, one.line))

    def cash(self, day: date) -> int:
        got = self.total(day, "instalment received") + self.total(day, "refund")
        return got - self.total(day, "payment") - self.total(day, "return")

    def broken(self) -> bool:
        return self.life_broken() or any(self.day_broken(day) for day in DAYS) or self.order_broken()

    def life_broken(self) -> bool:
        kinds = [one.kind.removeprefix("MoU ") for one in self.steps()]
        last_said = kinds[-1:] == ["varied"] and {"closed", "withdrawn"} & set(kinds)
        if kinds[:1] == ["varied"] or last_said:
            return True
        good = [["negotiated", "agreed", "closed"][:upto] for upto in range(4)] + [["negotiated", "withdrawn"]]
        return [kind for kind in kinds if kind != "varied"] not in good

    def day_broken(self, day: date) -> bool:
        if self.state(day) != "MoU withdrawn" and sum(self.given(day, line) for line in KINDS) > self.in_force(day):
            return True
        for line in KINDS:
            net = self.total(day, "payment", line) - self.total(day, "refund", line)
            if not 0 <= net <= self.committed(day, line) <= self.given(day, line):
                return True
        today = [one for one in self.facts.values() if one.on == day]
        excused = sum(one.pence for one in today if one.kind == "payment" and one.settled)
        bare = any(one.kind == "payment" and not one.settled for one in today) or any(
            one.kind == "return" for one in today
        )
        return bare and self.cash(day) + excused < 0

    def order_broken(self) -> bool:
        agreed = next((one for one in self.steps() if one.kind == "MoU agreed"), None)
        ended = next((one for one in self.steps() if one.kind in ("MoU closed", "MoU withdrawn")), None)
        for day in DAYS:
            for line in KINDS:
                moved = [self.moved(what, line, day) for what in ("given", "committed", "payment")]
                if any(moved[1:]) and (agreed is None or day < agreed.on):
                    return True
                if any(moved) and ended is not None and day > ended.on:
                    return True
            came = sum(one.pence for one in self.facts.values() if one.kind == "instalment received" and one.on == day)
            if came and ended is not None and day > ended.on:
                return True
        return any(self.undecided(one, agreed) for one in self.facts.values() if one.kind == "virement")

    def moved(self, what: str, line: str, day: date) -> int:
        before = day - timedelta(days=1)
        if what == "payment":
            return self.total(day, what, line) - self.total(before, what, line)
        count = self.given if what == "given" else self.committed
        return count(day, line) - count(before, line)

    def undecided(self, one: Told, agreed: Told | None) -> bool:
        if one.settled or agreed is None or (one.on, one.seq) < (agreed.on, agreed.seq):
            return False
        posts = sum(pence for line, pence in one.legs if KINDS.get(line) == "post")
        regions = sum(pence for line, pence in one.legs if KINDS.get(line) == "region")
        return sum(pence for _, pence in one.legs if pence > 0) > 10_000_00 or posts * regions < 0


def amended(told: Told, **changes: object) -> Told:
    """The same fact with other values."""
    return replace(told, **changes)  # type: ignore[arg-type]
