"""What is entered about splits: what-if divisions of an MoU among posts and regions, and the adopting of one."""

from enum import StrEnum
from typing import Annotated

import msgspec
from msgspec import Meta

from improvement.funding.book import Kind
from improvement.funding.entering.words import Day, Decision, Form, Name, Note, Ref, Why
from improvement.money import MOST


class Way(StrEnum):
    """How what is left for regions is shared among them, after each has its base."""

    EQUALLY = "equally"
    PER_COUNCIL = "per council"
    BY_ADULTS = "by adults 18 and over"
    BY_HAND = "by hand"
    BY_PERCENTAGE = "by percentage"


class PostShare(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a split gives to one post, in pence."""

    line: str
    amount_pence: Annotated[int, Meta(ge=0, le=MOST)]


class RegionShare(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a region gets by hand, in pence; or of the rest, in hundredths of a per cent."""

    line: str
    amount_pence: Annotated[int, Meta(ge=0, le=MOST)] = 0
    hundredths: Annotated[int, Meta(ge=0, le=100_00)] = 0


class Split(msgspec.Struct, frozen=True, kw_only=True):
    """A what-if. Without a reference it is a new one; with one, it is the next version of that."""

    title: Annotated[str, Meta(title="the title of the split", max_length=100)]
    total_pence: Annotated[int, Meta(gt=0, le=MOST, title="the amount to split", extra={"is": "money"})]
    way: Annotated[Way, Meta(title="how regions share the rest")]
    kept_pence: Annotated[int, Meta(ge=0, le=MOST, title="the amount kept unallocated")] = 0
    base_pence: Annotated[int, Meta(ge=0, le=MOST, title="the base of each region")] = 0
    posts: Annotated[list[PostShare], Meta(title="the amounts for posts")] = []
    shares: Annotated[list[RegionShare], Meta(title="the shares of regions")] = []
    ref: Ref = ""
    why: Why = ""
    effective_on: Day = None
    mou: Name = ""
    note: Note = ""


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
    Kind.ADOPTED: Form("/funding/splits", "Adoption of a split", "", "", ()),
}
