"""What the life of an MoU, its lines and its moves must satisfy besides the rules of every day."""

import re
from typing import Any
from uuid import uuid4

from sqlalchemy.orm import Session

from improvement.database import Fact
from improvement.dates import in_words
from improvement.funding import book as books
from improvement.funding import queries, rules
from improvement.funding.book import Kind, LineKind, Of
from improvement.funding.commands import splits
from improvement.funding.commands.keeping import Facts, Trying, brings, checks, new_reference, works_out
from improvement.funding.entering.moves import NewLine
from improvement.funding.queries import paying
from improvement.funding.tables import TABLES
from improvement.money import in_pounds
from improvement.sector import queries as sector

_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_OURS = frozenset({"new", "state", "terms", books.UNALLOCATED})
"""Names that addresses have for something else: for the forms beside lines and posts, and for what is in no line."""
_NAMES: dict[Kind, tuple[str, ...]] = {
    Kind.NEGOTIATED: ("mou",),
    Kind.LINE: ("mou", "line"),
    Kind.EXPECTED: ("mou", "ref"),
}
"""What is named once only."""


@works_out(Kind.EXPECTED)
def reference(session: Session, columns: dict[str, Any]) -> dict[str, Any]:
    """The reference of an instalment that was given none."""
    return {} if columns["ref"] else {"ref": new_reference(session, Kind.EXPECTED, "I")}


@works_out(Kind.LINE)
def title(session: Session, columns: dict[str, Any]) -> dict[str, Any]:
    """What a line is called. Raises `NotFound` for an unknown region, or `NotALine`."""
    given = {name: value for name, value in columns.items() if name in NewLine.__struct_fields__}
    return _named(session, NewLine(**{**given, "kind": LineKind(given["kind"])}))


def _named(session: Session, wanted: NewLine) -> dict[str, Any]:
    """What a line is called. Raises `NotFound` for an unknown region, or `NotALine`."""
    regions = sector.regions(session)
    if wanted.kind is LineKind.REGION:
        region = sector.region(session, wanted.region or wanted.line)
        return {"line": region.slug, "title": region.name, "host": wanted.host, "region": region.slug}
    slug = wanted.line or re.sub(r"[^a-z0-9]+", "-", wanted.title.lower()).strip("-")[:60].strip("-")
    if not wanted.title:
        raise rules.NothingSaid("Enter the title of the post.", field="title")
    if slug in _OURS:
        raise rules.NotALine(
            f"A post cannot be called “{slug}”: an address of this service has that name. Say which post it is.",
            field="line" if wanted.line else "title",
        )
    if wanted.region or slug in regions or not _SLUG.fullmatch(slug):
        raise rules.NotALine(
            "A national post has no region, and a name of its own in small letters, figures and hyphens.", field="line"
        )
    return {"line": slug, "region": None}


@checks(*_NAMES)
def check_name(session: Session, trying: Trying) -> None:
    """Raises `NameTaken` or `NotALine`."""
    if trying.replaces is not None:
        return
    named = {name: getattr(trying.fact, name) for name in _NAMES[trying.kind]}
    if queries.has_been(session, trying.kind, **named):
        name = getattr(trying.fact, "title", "") if trying.kind is Kind.LINE else list(named.values())[-1]
        raise rules.NameTaken(f"“{name}” has been recorded before. Open it and correct it, or choose another name.")
    if trying.kind is Kind.NEGOTIATED and not _SLUG.fullmatch(trying.fact.mou):
        raise rules.NotALine("Name the MoU in small letters, figures and hyphens, like 2012-2013.", field="mou")


@checks(Kind.RECEIVED, Kind.CONDITIONS)
def check_expected(session: Session, trying: Trying) -> None:
    """Raises `NotExpected`: an instalment that was taken back is not expected."""
    ref = trying.fact.ref
    if trying.fact.withdrawn or not ref:
        return
    if queries.stands(session, (Kind.EXPECTED,), mou=trying.fact.mou, ref=ref) is None:
        raise rules.NotExpected(f"No instalment “{ref}” is expected. Leave it out, or record it first.", field="ref")


@checks(Kind.EXPECTED)
def check_nothing_came(session: Session, trying: Trying) -> None:
    """Raises `StillNamed`: an instalment is not taken back while money or met conditions name it, and keeps conditions
    while they are recorded as met."""
    fact = trying.fact
    if trying.replaces is None:
        return
    named = {"mou": fact.mou, "ref": fact.ref}
    if fact.withdrawn and queries.stands(session, (Kind.RECEIVED, Kind.CONDITIONS), **named):
        raise rules.StillNamed(
            f"Money received or met conditions name the instalment {fact.ref}. Take those back first."
        )
    if not fact.withdrawn and not fact.conditions.strip() and queries.stands(session, (Kind.CONDITIONS,), **named):
        raise rules.StillNamed(
            f"The conditions of instalment {fact.ref} are recorded as met. Take that back first, or keep conditions.",
            field="conditions",
        )


@checks(Kind.LINE)
def check_nothing_names(session: Session, trying: Trying) -> None:
    """Raises `StillNamed`: a line is there from before anything that is about it."""
    fact, gone = trying.fact, trying.replaces
    if gone is None or gone.withdrawn:
        return
    first = queries.stands(session, ABOUT_LINES, mou=gone.mou, line=gone.line)
    if first is not None and (fact.withdrawn or fact.effective_on > first):
        raise rules.StillNamed(
            f"Claims, forecasts, terms or requests are about {gone.title} since {in_words(first)}. Take those back "
            "first, or keep the line open from then on.",
            field="effective_on",
        )


ABOUT_LINES = (
    Kind.POST_TERMS,
    Kind.POST_STATE,
    Kind.CLAIM,
    Kind.FORECAST,
    Kind.EXPLAINED,
    Kind.ACCRUAL,
    Kind.CARRY_ASKED,
    Kind.CARRIED,
)
"""What is about a line and moves no money of it: moves are held by the rules of every day."""


@checks(Kind.VIREMENT)
def check_virement(session: Session, trying: Trying) -> None:
    """Raises `LegsDoNotBalance`."""
    if not trying.fact.withdrawn:
        rules.check_legs(queries.as_entry(trying.kind, trying.fact).legs)


@checks(Kind.PAYMENT, Kind.REFUND)
def check_refunds(session: Session, trying: Trying) -> None:
    """What names the payment it gives back never gives back more. Raises `MoreThanPaid` or `NotThatPayment`."""
    is_refund, fact = trying.kind is Kind.REFUND, trying.fact
    named = fact.payment if is_refund else getattr(trying.replaces, "id", None)
    if named is None or (is_refund and fact.withdrawn):
        return
    found, refunds = paying.with_refunds(session, named)
    gone = trying.replaces.id if trying.replaces is not None else None
    paid = found if is_refund else None if fact.withdrawn else fact
    stand = [fact] if is_refund else []
    stand += [refund for refund in refunds if refund.id != gone]
    for refund in stand:
        if paid is not None and (paid.line, paid.mou) != (refund.line, refund.mou):
            raise rules.NotThatPayment("A refund names a payment of its own funding line.", field="line")
        if paid is not None and paid.effective_on > refund.effective_on:
            raise rules.NotThatPayment("A refund comes on the day of the payment it names, or later.", field="payment")
    if is_refund and paid is None:
        raise rules.NotThatPayment("Select a payment of this funding line that stands.", field="payment")
    back, most = sum(refund.amount_pence for refund in stand), paid.amount_pence if paid is not None else 0
    if back > most:
        raise rules.MoreThanPaid(
            f"Refunds of {in_pounds(back)} would name a payment of {in_pounds(most)}. They may not pass it.",
            field="amount_pence",
        )


@brings(Kind.AGREED)
def scaling(session: Session, trying: Trying) -> Facts:
    """What each line gives up when the MoU is agreed at less than is allocated, or the split adopted in its place."""
    fact = trying.fact
    if trying.wanted is not None and trying.wanted.split:
        return splits.adopted(session, trying)
    why = "Scaled: the MoU was agreed at less than had been allocated"
    common = {"mou": fact.mou, "effective_on": fact.effective_on, "of": Of.ALLOCATION.value, "why": why}
    lowered = rules.scaled(trying.before, fact.amount_pence, fact.effective_on)
    return [
        (Kind.RELEASE, _fact(Kind.RELEASE, **common, line=line, amount_pence=less)) for line, less in lowered.items()
    ]


def _fact(kind: Kind, **columns: Any) -> Fact:
    return TABLES[kind](id=uuid4(), **columns)
