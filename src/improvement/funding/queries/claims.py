"""Questions about claims: every claim of an MoU, one claim with its story, what somebody has to do about them."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import JSON, BigInteger, Date, String, cast, literal, null, select, union_all
from sqlalchemy.orm import Session

from improvement.access.rules import May, Person
from improvement.database import EVER, Fact, known, remembered
from improvement.dates import AsAt
from improvement.documents import Attached
from improvement.errors import NotFound
from improvement.funding import queries
from improvement.funding.book import Book, Sum
from improvement.funding.rules.claims import RESERVED, ClaimState, Left, Step, Took, in_order, state_of
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


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """A claim where it stands on a day. `id` is the fact that makes it; `files` are its evidence and its answers’."""

    ref: str
    mou: str
    line: str
    amount_pence: int
    from_on: date
    to_on: date
    paid_for: str
    state: ClaimState
    claimed_on: date
    claimed_by: int
    approved_on: date | None
    decided_on: date | None
    paid_on: date | None
    question: str
    """The question that waits for an answer."""
    files: tuple[Attached, ...]
    hands: frozenset[int]
    """Who made it, changed it or answered for it, by their ids: they do not decide it."""
    id: UUID


def claims(session: Session, as_at: AsAt, mou: str, lines: Collection[str] | None = None) -> list[Claim]:
    """The claims of an MoU, of some lines or of all, the newest first."""
    found = list(_all(session, as_at, mou).values())
    return [claim for claim in found if lines is None or claim.line in lines]


def claim(session: Session, as_at: AsAt, ref: str, by: Person, mou: str = "") -> Claim:
    """One claim, if this person may see it. Raises `NotFound`."""
    for slug in [mou] if mou else list(queries.mous(session, as_at)):
        found = _all(session, as_at, slug).get(ref)
        if found is not None and queries.may_see(by, _regions(session, as_at, slug).get(found.line)):
            return found
    raise NotFound(f"There is no claim “{ref[:20]}”.")


def story(session: Session, as_at: AsAt, claim: Claim) -> list[Event]:
    """Everything that happened to a claim by a day, the first thing first."""
    return events(session, as_at, claim.mou, claim.ref).get(claim.ref, [])


def to_decide(session: Session, as_at: AsAt, mou: str, by: Person) -> list[Claim]:
    """The claims that wait for this person, the oldest first: to decide, or to answer a question about."""
    decides, regions = by.role_for(May.MANAGE_MONEY) is not None, _regions(session, as_at, mou)

    def waits(claim: Claim) -> bool:
        if claim.state is ClaimState.SUBMITTED:
            return decides and by.id not in claim.hands
        theirs = regions.get(claim.line) in by.regions or by.id in claim.hands
        answers = theirs and by.role_for(May.CLAIM_MONEY, region=regions.get(claim.line)) is not None
        return claim.state is ClaimState.QUERIED and answers

    return [claim for claim in reversed(claims(session, as_at, mou)) if waits(claim)]


def left(session: Session, book: Book, line: str, on: date, besides: str = "") -> Left:
    """What can still be claimed on a line, leaving out one claim: commitments less net paid less other claims."""
    asked = [one for one in claims(session, EVER, book.mou, [line]) if one.ref != besides and one.state in RESERVED]
    return Left(
        book.on(Sum.COMMITTED, line, on),
        book.on(Sum.PAID, line, on) - book.on(Sum.REFUNDED, line, on),
        sum(one.amount_pence for one in asked),
    )


def events(session: Session, as_at: AsAt, mou: str, ref: str = "") -> dict[str, list[Event]]:
    """The stories of every claim of an MoU, or of one, in order, by reference."""
    arms = [_arm(kind, known(kind, as_at, *_COLUMNS[kind]), mou, ref) for kind in KINDS]
    rows = session.execute(union_all(*arms)).all()
    before = [_arm(kind, select(*_VERSION[kind]), mou, ref) for kind in KINDS]
    versions = {row.id: row for row in session.execute(union_all(*before))} if rows else {}
    told = defaultdict(list)
    for row in rows:
        told[row.ref].append(_event(row, versions))
    return {each: [event for event in in_order(steps) if isinstance(event, Event)] for each, steps in told.items()}


def _all(session: Session, as_at: AsAt, mou: str) -> dict[str, Claim]:
    """Every claim that stands, the newest first, by reference."""

    def ask() -> dict[str, Claim]:
        made = [_claim(mou, steps) for steps in events(session, as_at, mou).values() if steps[0].what is Took.MADE]
        made.sort(key=lambda pair: (pair[1].claimed_on, pair[0]), reverse=True)
        return {claim.ref: claim for _, claim in made}

    return remembered(session, ("claims", mou, as_at), ask, of=KINDS)


def _claim(mou: str, steps: list[Event]) -> tuple[int, Claim]:
    """A claim as its story leaves it, and its turn among others."""
    made, state = steps[0], state_of(steps)
    told = [step for step in steps if step.what in (Took.MADE, Took.ANSWERED)]
    on = {step.what: step.on for step in steps}
    return made.turn, Claim(
        ref=made.ref,
        mou=mou,
        line=made.line,
        amount_pence=made.amount_pence,
        from_on=made.from_on,
        to_on=made.to_on,
        paid_for=made.text,
        state=state,
        claimed_on=made.on,
        claimed_by=made.by,
        approved_on=on.get(Took.APPROVED),
        decided_on=on.get(Took.APPROVED) or on.get(Took.REJECTED),
        paid_on=on.get(Took.PAID),
        question=steps[-1].text if state is ClaimState.QUERIED else "",
        files=tuple(file for step in told for file in step.files),
        hands=frozenset().union(*(step.hands for step in told)),
        id=made.id,
    )


def _regions(session: Session, as_at: AsAt, mou: str) -> Mapping[str, str | None]:
    """The region of each line; none for a post."""
    return {row.line: row.region for row in queries.lines(session, as_at, mou)}


def _arm(kind: type[Fact], wanted: Any, mou: str, ref: str) -> Any:
    columns, name = kind.__table__.c, "claim" if kind is PaymentMade else "ref"
    wanted = wanted.where(columns.mou == mou, columns[name] == ref if ref else columns[name] > "")
    return wanted.order_by(None)


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


def _event(row: Any, versions: Mapping[UUID, Any]) -> Event:
    """A step with the turn of its first version and the people of all of them."""
    chain = [versions[row.id]]
    while chain[-1].corrects in versions:
        chain.append(versions[chain[-1].corrects])
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
