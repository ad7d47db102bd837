"""What is entered about splits: what-if divisions of an MoU among posts and regions, and the adopting of one."""

from typing import Annotated

import msgspec
from msgspec import Meta

from improvement.funding.book import Kind
from improvement.funding.entering.words import DECISION, WHY_NOT, Day, Decision, Form, Name, Note, Ref, Why
from improvement.funding.rules.splits import PostShare, RegionShare, Way, WhatIf
from improvement.money import MOST


class Split(msgspec.Struct, frozen=True, kw_only=True):
    """A what-if. Without a reference it is a new one; with one, it is the next version of that. Without an amount it
    splits what is in force on the day."""

    title: Annotated[str, Meta(title="the title of the split", max_length=100)]
    way: Annotated[Way, Meta(title="how regions share the rest")]
    total_pence: Annotated[int | None, Meta(title="the amount to split", extra={"is": "money"})] = None
    kept_pence: Annotated[int, Meta(ge=0, le=MOST, title="the amount kept unallocated")] = 0
    base_pence: Annotated[int, Meta(ge=0, le=MOST, title="the base of each region")] = 0
    posts: Annotated[list[PostShare], Meta(title="the amounts for posts")] = []
    shares: Annotated[list[RegionShare], Meta(title="the shares of regions")] = []
    ref: Ref = ""
    why: Why = ""
    effective_on: Day = None
    mou: Name = ""
    note: Note = ""

    def what_if(self) -> WhatIf:
        """What it divides, and how. Without an amount there is nothing to divide."""
        return WhatIf(
            total_pence=self.total_pence or 0,
            way=self.way,
            kept_pence=self.kept_pence,
            base_pence=self.base_pence,
            posts=tuple(self.posts),
            shares=tuple(self.shares),
        )


class Adoption(msgspec.Struct, frozen=True, kw_only=True):
    """A split becomes the division of the MoU: its first allocations, or one virement that makes them so."""

    ref: Ref
    decision_reference: Decision = ""
    why: Why = ""
    effective_on: Day = None
    mou: Name = ""
    note: Note = ""


TAKES: dict[Kind, tuple[type[msgspec.Struct], str]] = {
    Kind.SPLIT: (Split, "effective_on"),
    Kind.ADOPTED: (Adoption, "effective_on"),
}

MENDS: dict[Kind, Form] = {
    Kind.SPLIT: Form("/funding/splits", "Split", "", "", ()),
    Kind.ADOPTED: Form("/funding/splits", "Adoption of a split", "", "", (DECISION, WHY_NOT)),
}
