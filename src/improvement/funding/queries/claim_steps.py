"""The steps of claims as they were told, read from five kinds of fact in one question."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import JSON, BigInteger, Date, String, cast, literal, null, select, true, union_all
from sqlalchemy.orm import Session

from improvement.database import EVER, Fact, known, last_seq
from improvement.dates import AsAt
from improvement.documents import Attached
from improvement.errors import NotFound
from improvement.funding.rules.claims import Step, Took, in_order
from improvement.funding.tables.matters import ClaimAnswered, ClaimDecided, ClaimMade, ClaimQueried
from improvement.funding.tables.moves import PaymentMade

KINDS: tuple[type[Fact], ...] = (ClaimMade, ClaimQueried, ClaimAnswered, ClaimDecided, PaymentMade)
"""What the story of a claim is told from."""


class Event(Step, frozen=True, kw_only=True):
    """A step of a claim as it was told: by whom, when, in which words. `text` is what it paid for, asks or answers."""

    id: UUID
    ref: str
    line: str
    by: int
    as_role: str
    recorded_at: datetime
    text: str = ""
    amount_pence: int = 0
    from_on: date = date.min
    to_on: date = date.min
    files: tuple[Attached, ...] = ()
    note: str = ""
    corrects: UUID | None = None
    reason: str = ""
    run: str = ""
    """The payment run it was paid in, if in one."""


def line_of(session: Session, ref: str) -> str:
    """The line of a claim that stands. Raises `NotFound`."""
    found: str | None = session.scalar(known(ClaimMade, EVER, ClaimMade.line).where(ClaimMade.ref == ref))
    if found is None:
        raise NotFound(f"There is no claim “{ref[:20]}”.")
    return found


def version(session: Session, mou: str, ref: str, fact: UUID | None) -> tuple[int, frozenset[int]]:
    """The turn of a step of a claim and everybody who recorded a version of it; of a new step, after all others."""
    chain = _chain(_versions(session, mou, [ref]), fact)
    return (chain[-1].seq, frozenset(each.by for each in chain)) if chain else (last_seq(session)[0] + 1, frozenset())


def events(session: Session, as_at: AsAt, mou: str, *refs: str) -> dict[str, list[Event]]:
    """The stories of every claim of an MoU, or of some, in order, by reference."""
    arms = [_arm(kind, known(kind, as_at, *_COLUMNS[kind]), mou, refs) for kind in KINDS]
    rows = session.execute(union_all(*arms)).all()
    versions = _versions(session, mou, refs) if rows else {}
    told = defaultdict(list)
    for row in rows:
        told[row.ref].append(_event(row, versions))
    return {each: [event for event in in_order(steps) if isinstance(event, Event)] for each, steps in told.items()}


def told_of(session: Session, mou: str, since: int, upto: int) -> set[str]:
    """The claims that something was told of after one `seq` and up to another, corrections of it included."""
    arms = []
    for kind in KINDS:
        table, later = kind.__table__.c, kind.__table__.alias()
        named = table["claim" if kind is PaymentMade else "ref"]
        for of, more in ((table, true()), (later.c, later.c.corrects == table.id)):
            told = select(named).where(of.mou == mou, of.seq > since, of.seq <= upto, named > "", more)
            arms.append(told)
    return set(session.scalars(union_all(*arms)))


def _arm(kind: type[Fact], wanted: Any, mou: str, refs: Collection[str]) -> Any:
    """The facts of one kind about an MoU's claims. Of a million payments those that name a claim are found by that
    name, so their MoU is asked for in a way that no index is tempted by."""
    columns, pays = kind.__table__.c, kind is PaymentMade
    named = columns["claim" if pays else "ref"]
    of_mou = (columns.mou.concat("") if pays else columns.mou) == mou
    return wanted.where(of_mou, named.in_(refs) if refs else named > "").order_by(None)


def _columns(kind: Any) -> list[Any]:
    """What is told of a step, the same for every kind."""
    empty, what = literal("", String), literal(_TOOK.get(kind, ""), String)
    own = ("id", "seq", "line", "recorded_by", "recorded_as", "recorded_at", "note", "corrects", "reason")
    texts = (getattr(kind, name) for name in ("paid_for", "question", "answer", "why") if hasattr(kind, name))
    return [
        (kind.decision if kind is ClaimDecided else what).label("what"),
        (kind.claim if kind is PaymentMade else kind.ref).label("ref"),
        kind.effective_on.label("on"),
        *(getattr(kind, name).label(name) for name in own),
        next(texts, empty).label("text"),
        getattr(kind, "amount_pence", cast(null(), BigInteger)).label("amount_pence"),
        getattr(kind, "from_on", cast(null(), Date)).label("from_on"),
        getattr(kind, "to_on", cast(null(), Date)).label("to_on"),
        getattr(kind, "files", cast(null(), JSON)).label("files"),
        getattr(kind, "run", empty).label("run"),
    ]


_TOOK: dict[type[Fact], Took] = {
    ClaimMade: Took.MADE,
    ClaimQueried: Took.QUERIED,
    ClaimAnswered: Took.ANSWERED,
    PaymentMade: Took.PAID,
}
_COLUMNS = {kind: _columns(kind) for kind in KINDS}
_VERSION: dict[type[Fact], list[Any]] = {
    kind: [kind.id.label("id"), kind.corrects.label("corrects"), kind.seq.label("seq"), kind.recorded_by.label("by")]
    for kind in KINDS
}


def _versions(session: Session, mou: str, refs: Collection[str]) -> dict[UUID, Any]:
    """Every version of every step, standing or not: what it corrects, when and by whom it was recorded."""
    arms = [_arm(kind, select(*_VERSION[kind]), mou, refs) for kind in KINDS]
    return {row.id: row for row in session.execute(union_all(*arms))}


def _chain(versions: Mapping[UUID, Any], fact: UUID | None) -> list[Any]:
    """A version and those before it, back to the first."""
    chain: list[Any] = []
    while fact is not None and fact in versions:
        chain.append(versions[fact])
        fact = chain[-1].corrects
    return chain


def _event(row: Any, versions: Mapping[UUID, Any]) -> Event:
    """A step with the turn of its first version and the people of all of them."""
    chain = _chain(versions, row.id)
    return Event(
        what=Took(row.what),
        on=row.on,
        hands=frozenset(version.by for version in chain),
        turn=chain[-1].seq,
        id=row.id,
        ref=row.ref,
        line=row.line,
        by=row.recorded_by,
        as_role=row.recorded_as,
        recorded_at=row.recorded_at,
        text=row.text,
        amount_pence=row.amount_pence or 0,
        from_on=row.from_on or date.min,
        to_on=row.to_on or date.min,
        files=tuple(msgspec.convert(row.files or (), tuple[Attached, ...])),
        note=row.note,
        corrects=row.corrects,
        reason=row.reason,
        run=row.run,
    )
