"""What is done with money. One verb a function; every door leads here, and each checks the rules on every day."""

import re
import secrets
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

import msgspec
from sqlalchemy.orm import Session

from improvement.access.rules import SERVICE, May, Person
from improvement.database import EVER, Fact, correction, find_to_correct, last_seq, record
from improvement.dates import london_day
from improvement.errors import Mistakes
from improvement.funding import book as books
from improvement.funding import queries, rules
from improvement.funding.book import LIFE, Book, Entry, Kind, LineKind, Of
from improvement.funding.entering import (
    TAKES,
    Agreement,
    Allocation,
    Commitment,
    Ending,
    ExpectedInstalment,
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
from improvement.funding.tables import TABLES
from improvement.money import MOST
from improvement.sector import queries as sector

_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")

FIRST = "2011-2012"
FIRST_DAY = date(2011, 4, 1)
"""The letter gives no day for the approval to negotiate: we take the first of the programme year it is about."""


class Mending(msgspec.Struct, frozen=True):
    """What takes the place of a fact: the input that should have been recorded, or (none) nothing."""

    corrects: UUID
    reason: str
    wanted: msgspec.Struct | None = None


class Foreseen(msgspec.Struct, frozen=True):
    """What recording something would come to: the facts, and the book before and after. Nothing is recorded yet."""

    facts: tuple[tuple[Kind, Fact], ...]
    before: Book
    after: Book


def do(session: Session, kind: Kind, wanted: msgspec.Struct, *, by: Person, at: datetime) -> UUID:
    """Record something about money. Raises the rule it would break, with its figures, or `NotAllowed`."""
    return _keep(session, foresee(session, kind, wanted, by=by, at=at), by=by, at=at)


def put_in_negotiation(session: Session, wanted: Negotiation, *, by: Person, at: datetime) -> UUID:
    """Record that there is approval to negotiate an MoU."""
    return do(session, Kind.NEGOTIATED, wanted, by=by, at=at)


def agree(session: Session, wanted: Agreement, *, by: Person, at: datetime) -> UUID:
    """Record that the MoU is agreed. At less than is allocated, every line is scaled in the same transaction."""
    return do(session, Kind.AGREED, wanted, by=by, at=at)


def vary(session: Session, wanted: Variation, *, by: Person, at: datetime) -> UUID:
    """Record that the amount of the MoU became another."""
    return do(session, Kind.VARIED, wanted, by=by, at=at)


def close(session: Session, wanted: Ending, *, by: Person, at: datetime) -> UUID:
    """Record that the MoU is closed."""
    return do(session, Kind.CLOSED, wanted, by=by, at=at)


def withdraw(session: Session, wanted: Ending, *, by: Person, at: datetime) -> UUID:
    """Record that the MoU was withdrawn from negotiation: its allocations lapse."""
    return do(session, Kind.WITHDRAWN, wanted, by=by, at=at)


def expect_instalment(session: Session, wanted: ExpectedInstalment, *, by: Person, at: datetime) -> UUID:
    """Record money due from the funder."""
    return do(session, Kind.EXPECTED, wanted, by=by, at=at)


def receive_instalment(session: Session, wanted: Receipt, *, by: Person, at: datetime) -> UUID:
    """Record money that came from the funder."""
    return do(session, Kind.RECEIVED, wanted, by=by, at=at)


def open_line(session: Session, wanted: NewLine, *, by: Person, at: datetime) -> UUID:
    """Open a funding line."""
    return do(session, Kind.LINE, wanted, by=by, at=at)


def allocate(session: Session, wanted: Allocation, *, by: Person, at: datetime) -> UUID:
    """Give money to a line."""
    return do(session, Kind.ALLOCATION, wanted, by=by, at=at)


def commit(session: Session, wanted: Commitment, *, by: Person, at: datetime) -> UUID:
    """Promise a line’s money to somebody."""
    return do(session, Kind.COMMITMENT, wanted, by=by, at=at)


def pay(session: Session, wanted: Payment, *, by: Person, at: datetime) -> UUID:
    """Record a payment."""
    return do(session, Kind.PAYMENT, wanted, by=by, at=at)


def refund(session: Session, wanted: Refund, *, by: Person, at: datetime) -> UUID:
    """Record money of a line that came back."""
    return do(session, Kind.REFUND, wanted, by=by, at=at)


def release(session: Session, wanted: Release, *, by: Person, at: datetime) -> UUID:
    """Take back what a line no longer needs."""
    return do(session, Kind.RELEASE, wanted, by=by, at=at)


def vire(session: Session, wanted: Virement, *, by: Person, at: datetime) -> UUID:
    """Move money among lines by one decision."""
    return do(session, Kind.VIREMENT, wanted, by=by, at=at)


def return_to_funder(session: Session, wanted: Return, *, by: Person, at: datetime) -> UUID:
    """Record money given back to the funder."""
    return do(session, Kind.RETURN, wanted, by=by, at=at)


def foresee(session: Session, kind: Kind, wanted: msgspec.Struct, *, by: Person, at: datetime) -> Foreseen:
    """What recording it would come to. Raises what recording it would raise."""
    by.acting(May.MANAGE_MONEY)
    _check_words(wanted)
    mou: str = getattr(wanted, "mou", "")
    if not isinstance(wanted, Negotiation):
        rules.check_which(queries.mous(session, EVER), mou)
        mou = queries.which_mou(session, EVER, mou)
    today, before = london_day(at), queries.book(session, mou)
    fact = TABLES[kind](**_columns(session, kind, wanted, today) | {"mou": mou, "id": uuid4()})
    rules.check_fresh(before, kind, fact.effective_on, today, TAKES[kind][1])
    _check_own(session, kind, fact, mou)
    facts = ((kind, fact), *_scaling(before, kind, fact))
    return Foreseen(facts, before, _tried(session, before, facts))


def correct(session: Session, mending: Mending, *, by: Person, at: datetime) -> UUID:
    """Put a fact right, or take it back. Raises `NotFound`, `Conflict` or the rule it would break."""
    return _keep(session, foresee_correction(session, mending, by=by, at=at), by=by, at=at)


def foresee_correction(session: Session, mending: Mending, *, by: Person, at: datetime) -> Foreseen:
    """What a correction would come to. Raises what making it would raise."""
    by.acting(May.MANAGE_MONEY)
    original = find_to_correct(session, list(TABLES.values()), mending.corrects)
    kind = next(kind for kind, table in TABLES.items() if isinstance(original, table))
    if not mending.reason.strip():
        raise rules.NothingSaid("Enter the reason for the correction.", field="reason")
    values, today = None, london_day(at)
    if mending.wanted is not None:
        _check_words(mending.wanted)
        rules.check_mou(queries.mou_of(original), getattr(mending.wanted, "mou", ""))
        values = _columns(session, kind, mending.wanted, original.effective_on)
        rules.check_day(kind, values["effective_on"], today, TAKES[kind][1])
    fact = correction(original, reason=mending.reason.strip(), values=values)
    fact.id = uuid4()
    rules.check_names(kind, original, fact)
    if kind is Kind.VIREMENT and not fact.withdrawn:
        rules.check_legs(queries.as_entry(kind, fact).legs)
    before = queries.book(session, queries.mou_of(original))
    return Foreseen(((kind, fact),), before, _tried(session, before, ((kind, fact),), (kind, original)))


def _tried(
    session: Session, before: Book, facts: tuple[tuple[Kind, Fact], ...], replaced: tuple[Kind, Fact] | None = None
) -> Book:
    """The book as it would be known afterwards, if it keeps every rule on every day."""
    seq, _ = last_seq(session)
    fresh = [
        (queries.as_entry(kind, fact, seq + ahead), 1)
        for ahead, (kind, fact) in enumerate(facts, start=1)
        if not fact.withdrawn
    ]
    gone = [(queries.as_entry(*replaced), -1)] if replaced and not replaced[1].withdrawn else []
    after = books.changed(before, [*fresh, *gone])
    touched = [entry for entry, _ in (*fresh, *gone)]
    lines = None if any(entry.kind in LIFE for entry in touched) else _lines(touched)
    rules.check_always_true(after, lines, min(entry.on for entry in touched))
    return after


def _lines(entries: list[Entry]) -> set[str]:
    legs = {leg.line for entry in entries for leg in entry.legs}
    return {entry.line for entry in entries if entry.line} | legs - {books.UNALLOCATED}


def _keep(session: Session, foreseen: Foreseen, *, by: Person, at: datetime) -> UUID:
    role = by.acting(May.MANAGE_MONEY)
    for _, fact in foreseen.facts:
        record(session, fact, by=by.id, as_role=role, at=at)
    queries.hand_on(session, foreseen.after)
    return foreseen.facts[0][1].id


def _columns(session: Session, kind: Kind, wanted: msgspec.Struct, otherwise: date) -> dict[str, Any]:
    """The columns an input stands for. A day that is not given is the `otherwise` one."""
    given = {name: _plain(value) for name, value in msgspec.structs.asdict(wanted).items() if name != "mou"}
    day = given.pop(TAKES[kind][1])
    columns = {**given, "effective_on": day or otherwise}
    if kind is Kind.LINE:
        columns |= _named(session, NewLine(**{**given, "kind": LineKind(given["kind"])}))
    if kind is Kind.EXPECTED and not columns["ref"]:
        columns["ref"] = "I-" + "".join(secrets.choice("23456789ACDEFGHJKMNPQRTUVWXYZ") for _ in range(5))
    return columns


def _plain(value: Any) -> Any:
    """A value as a column keeps it."""
    if isinstance(value, list):
        return [msgspec.structs.asdict(leg) for leg in value]
    return value.strip() if isinstance(value, str) else value


def _named(session: Session, wanted: NewLine) -> dict[str, Any]:
    """What a line is called. Raises `NotFound` for an unknown region, or `NotALine`."""
    regions = sector.regions(session)
    if wanted.kind is LineKind.REGION:
        region = sector.region(session, wanted.region or wanted.line)
        return {"line": region.slug, "title": region.name, "host": wanted.host, "region": region.slug}
    slug = wanted.line or re.sub(r"[^a-z0-9]+", "-", wanted.title.lower()).strip("-")[:60].strip("-")
    if not wanted.title:
        raise rules.NothingSaid("Enter the title of the post.", field="title")
    if (
        wanted.region
        or slug in regions
        or slug == books.UNALLOCATED
        or not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", slug)
    ):
        raise rules.NotALine(
            "A national post has no region, and a name of its own in small letters, figures and hyphens.", field="line"
        )
    return {"line": slug, "region": None}


def _check_words(wanted: msgspec.Struct) -> None:
    """Raises `Mistakes`: what must be said is said, whichever door it came by."""
    mistakes = {}
    for field in msgspec.structs.fields(wanted):
        value = getattr(wanted, field.name)
        if field.required and isinstance(value, str) and not value.strip():
            mistakes[field.name] = f"Enter {field.type.__metadata__[0].title}."
        if field.name == "amount_pence" and not 0 < value <= MOST:
            mistakes[field.name] = rules.TOO_MUCH
    if mistakes:
        raise Mistakes(mistakes)


def _check_own(session: Session, kind: Kind, fact: Any, mou: str) -> None:
    """What a kind has of its own: names that are taken once, and legs that balance."""
    taken: dict[Kind, dict[str, str]] = {
        Kind.NEGOTIATED: {"mou": mou},
        Kind.LINE: {"mou": mou, "line": getattr(fact, "line", "")},
        Kind.EXPECTED: {"mou": mou, "ref": getattr(fact, "ref", "")},
    }
    if kind in taken and queries.has_been(session, kind, **taken[kind]):
        name = list(taken[kind].values())[-1]
        raise rules.NameTaken(f"“{name}” has been recorded before. Open it and correct it, or choose another name.")
    if kind is Kind.NEGOTIATED and not _SLUG.fullmatch(mou):
        raise rules.NotALine("Name the MoU in small letters, figures and hyphens, like 2012-2013.", field="mou")
    if kind is Kind.RECEIVED and fact.ref and not queries.has_been(session, Kind.EXPECTED, mou=mou, ref=fact.ref):
        raise rules.NotExpected(
            f"No instalment “{fact.ref}” is expected. Leave it out, or record it first.", field="ref"
        )
    if kind is Kind.VIREMENT:
        rules.check_legs(queries.as_entry(kind, fact).legs)


def _scaling(before: Book, kind: Kind, fact: Any) -> list[tuple[Kind, Fact]]:
    """What each line gives up when the MoU is agreed at less than is allocated."""
    if kind is not Kind.AGREED:
        return []
    why = "Scaled: the MoU was agreed at less than had been allocated"
    common = {"mou": fact.mou, "effective_on": fact.effective_on, "of": Of.ALLOCATION.value, "why": why}
    lowered = rules.scaled(before, fact.amount_pence, fact.effective_on)
    released = TABLES[Kind.RELEASE]
    return [
        (Kind.RELEASE, released(**common, id=uuid4(), line=line, amount_pence=less)) for line, less in lowered.items()
    ]


def input_of(kind: Kind, fact: Fact) -> dict[str, Any]:
    """A fact as the values that would record it again: what a correction begins from."""
    takes, day = TAKES[kind]
    names = {name: "effective_on" if name == day else name for name in takes.__struct_fields__}
    kept = {name: getattr(fact, column) for name, column in names.items()}
    return {name: value for name, value in msgspec.to_builtins(kept).items() if value is not None}


def first_mou(session: Session, at: datetime) -> UUID:
    """What the letter tells: the first MoU is in negotiation, up to £550,000.00, and each region has a line."""
    record(session, fact := TABLES[Kind.NEGOTIATED](
        mou=FIRST,
        title="Sector-led improvement in adult social care",
        funder="Department of Health",
        amount_pence=550_000_00,
        effective_on=FIRST_DAY,
        note="The letter gives no day: the first of the programme year is taken.",
    ), by=SERVICE.id, as_role=SERVICE.acting(May.MANAGE_MONEY), at=at)  # fmt: skip
    for region in sector.regions(session).values():
        line = TABLES[Kind.LINE](
            mou=FIRST, line=region.slug, kind=LineKind.REGION, title=region.name, host="", region=region.slug,
            effective_on=FIRST_DAY,
        )  # fmt: skip
        record(session, line, by=SERVICE.id, as_role=SERVICE.acting(May.MANAGE_MONEY), at=at)
    return fact.id


def reference_of(session: Session, id_: UUID) -> str | None:
    """What people quote an instalment by, if the fact is one."""
    kind, fact = queries.fact(session, id_)
    return str(getattr(fact, "ref", "")) or None if kind in (Kind.EXPECTED, Kind.RECEIVED) else None
