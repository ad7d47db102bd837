"""What must hold of what-if splits, and adopting one: its allocations, or one virement, in the same transaction."""

from datetime import date
from typing import Any
from uuid import uuid4

import msgspec
from sqlalchemy.orm import Session

from improvement.database import EVER
from improvement.dates import AsAt, in_words
from improvement.funding import book as books
from improvement.funding import rules
from improvement.funding.book import Book, Kind, Sum
from improvement.funding.commands.keeping import Facts, Trying, brings, checks, new_reference, works_out
from improvement.funding.queries import splits as asked
from improvement.funding.rules import splits as dividing
from improvement.funding.rules.splits import AdoptedAlready, Division, NoSuchVersion, WhatIf
from improvement.funding.tables import TABLES
from improvement.money import in_pounds

WITH_THE_MOU = "Agreed with the MoU"
"""The decision that a virement rests on when it comes with the agreement of the MoU."""


@works_out(Kind.SPLIT)
def reference(session: Session, columns: dict[str, Any]) -> dict[str, Any]:
    """The reference of a new split."""
    return {} if columns["ref"] else {"ref": new_reference(session, Kind.SPLIT, "S")}


@checks(Kind.SPLIT)
def check_split(session: Session, trying: Trying) -> None:
    """What is given no amount splits the amount in force. Raises what `worked_out` raises, `NoSuchVersion`,
    `KeepsItsName` or `AdoptedAlready`."""
    fact, replaces = trying.fact, trying.replaces
    if replaces is None and trying.wanted.ref:
        _check_follows(session, fact)
    if replaces is not None:
        if asked.is_adopted(session, replaces.id):
            sentence = f"This version of {fact.ref} was adopted, and stays as it was. Save another version of it."
            raise AdoptedAlready(sentence)
        if fact.ref != replaces.ref:
            raise rules.KeepsItsName("A correction keeps the reference of the split.", field="ref")
    if fact.withdrawn:
        return
    if fact.total_pence is None:
        fact.total_pence = _in_force(trying.before, fact.effective_on)
    told = {name: getattr(fact, name) for name in WhatIf.__struct_fields__} | {"way": str(fact.way)}
    split = msgspec.convert(told, WhatIf)
    dividing.worked_out(split, asked.places(session, AsAt(fact.effective_on), fact.mou))


def _in_force(book: books.Book, on: date) -> int:
    """What there is to split where no amount is given. Raises `NothingToSplit`."""
    pence = books.in_force(book, on)
    if not pence:
        raise dividing.NothingToSplit(
            f"No money is in force on {in_words(on)}, so there is nothing to split. Enter the amount, or another day.",
            field="total_pence",
        )
    return pence


def _check_follows(session: Session, fact: Any) -> None:
    """Raises `NoSuchVersion`, or `NotFound` when there is no such split."""
    stands = asked.split(session, EVER, fact.ref)
    if stands.mou != fact.mou:
        raise NoSuchVersion(f"{fact.ref} is a split of another MoU. Save this one as a new split.", field="ref")
    newest = stands.version.effective_on
    if fact.effective_on < newest:
        raise NoSuchVersion(
            f"The version before it is from {in_words(newest)}. Choose that day or a later one.", field="effective_on"
        )


@checks(Kind.ADOPTED)
def check_adoption(session: Session, trying: Trying) -> None:
    """Raises `NotFound`, `KeepsItsName` or `StandsAsAdopted`. Which version is adopted is settled here."""
    fact, replaces = trying.fact, trying.replaces
    if replaces is None:
        if fact.version is None:
            fact.version = asked.split(session, EVER, fact.ref).version.id
        return
    if fact.withdrawn and asked.brought(session, replaces):
        raise dividing.StandsAsAdopted(
            f"The money that {fact.ref} moved stands. Take back its allocations or its virement first, in the ledger."
        )
    if (fact.ref, fact.effective_on) != (replaces.ref, replaces.effective_on):
        raise rules.KeepsItsName("A correction of an adoption keeps its split and its day.", field="effective_on")


@checks(Kind.AGREED)
def check_agreed_with(_: Session, trying: Trying) -> None:
    """Raises `StandsAsAdopted`: a correction of the agreement moves no money."""
    if trying.replaces is not None and trying.wanted is not None and trying.wanted.split:
        raise dividing.StandsAsAdopted(
            "A correction of the agreement adopts no split. Adopt it by itself.", field="split"
        )


@brings(Kind.ADOPTED)
def moves(session: Session, trying: Trying) -> Facts:
    """The allocations of a split, or when there are some already the one virement that makes them so; nothing when
    they are so already. Raises `AdoptedAlready` or `MovedSince`."""
    fact = trying.fact
    split = _to_adopt(session, fact.ref, trying.before, fact.effective_on)
    facts = _moves(trying.before, split, fact)
    last = asked.last_adopted(session, fact.mou)
    if not facts and last is not None and last.id == split.version.id:
        raise AdoptedAlready(
            f"{fact.ref} was adopted already, on {in_words(last.adopted_on or fact.effective_on)}, and every "
            "allocation is as it says. There is nothing to do."
        )
    return facts


def adopted(session: Session, trying: Trying) -> Facts:
    """The facts that adopting the split an agreement names comes with. Raises `DoesNotAddUp`, `NotFound` or
    `MovedSince`."""
    fact, ref = trying.fact, trying.wanted.split
    split = _to_adopt(session, ref, trying.before, fact.effective_on, field="split")
    if split.total_pence > fact.amount_pence:
        raise dividing.DoesNotAddUp(
            f"{ref} splits {in_pounds(split.total_pence)}, which is {in_pounds(split.total_pence - fact.amount_pence)} "
            f"more than the {in_pounds(fact.amount_pence)} agreed. Select a split of no more than that.",
            field="split",
        )
    common = {"mou": fact.mou, "effective_on": fact.effective_on}
    adoption = TABLES[Kind.ADOPTED](
        id=uuid4(), **common, ref=ref, version=split.version.id, decision_reference=WITH_THE_MOU, why=""
    )
    return [(Kind.ADOPTED, adoption), *_moves(trying.before, split, adoption)]


def _to_adopt(session: Session, ref: str, book: Book, on: date, field: str = "effective_on") -> asked.Split:
    """The split as it stands, if it can be adopted on a day."""
    split = asked.split(session, EVER, ref)
    if split.mou != book.mou:
        raise NoSuchVersion(f"{ref} is a split of another MoU.", field=field)
    if split.division is None:
        raise dividing.NotInTheSplit(f"{split.fault} Save another version of {ref} first.", field=field)
    if on < split.version.effective_on:
        said = in_words(split.version.effective_on)
        raise NoSuchVersion(f"This version of {ref} is from {said}. Choose that day or a later one.", field=field)
    moved = max((day for (what, _), days in book.sums.items() if what is Sum.ALLOCATED for day in days), default=on)
    if moved > on:
        raise dividing.MovedSince(
            f"Allocations changed on {in_words(moved)}. Adopt the split on that day or a later one.", field=field
        )
    return split


def _moves(book: Book, split: asked.Split, adoption: Any) -> Facts:
    """What has to be recorded for the allocations of a day to become those of a split: each names its adoption."""
    division: Division | None = split.division
    now = {line: books.allocated(book, line, adoption.effective_on) for line in book.lines}
    gains = dividing.differences(division.amounts() if division else {}, now)
    because = f"{asked.BECAUSE.format(ref=split.ref)}: {adoption.why or split.title}"
    common: dict[str, Any] = {
        "mou": split.mou,
        "effective_on": adoption.effective_on,
        "why": because,
        "adoption": adoption.id,
    }
    if not gains:
        return []
    if not any(now.values()):
        return [
            (Kind.ALLOCATION, TABLES[Kind.ALLOCATION](id=uuid4(), **common, line=line, amount_pence=pence))
            for line, pence in gains.items()
        ]
    moved = [msgspec.to_builtins(leg) for leg in dividing.legs(gains)]
    virement = TABLES[Kind.VIREMENT](id=uuid4(), **common, legs=moved, decision_reference=adoption.decision_reference)
    return [(Kind.VIREMENT, virement)]
