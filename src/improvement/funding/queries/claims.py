"""Questions about claims: every claim of an MoU, one claim with its story, what somebody has to do about them."""

from collections.abc import Collection, Mapping
from datetime import date
from uuid import UUID

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from improvement.access import queries as access
from improvement.access.rules import May, Person
from improvement.database import EVER, has_recorded, known, last_recorded_at, last_seq, remembered
from improvement.dates import AsAt, london_day
from improvement.documents import Attached
from improvement.errors import NotFound
from improvement.funding import queries
from improvement.funding.book import Book, Sum
from improvement.funding.queries.claim_steps import KINDS, Event, events, told_of
from improvement.funding.rules.claims import OPEN, RESERVED, ClaimState, Left, Payable, Took, state_of
from improvement.funding.tables.moves import PaymentMade, RefundReceived


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


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """A claim as others hear of it: with the name of who made it, and its evidence by name and hash."""

    ref: str
    mou: str
    line: str
    amount_pence: int
    from_on: date
    to_on: date
    paid_for: str
    state: ClaimState
    claimed_on: date
    claimed_by: str
    decided_on: date | None
    paid_on: date | None
    question: str
    files: tuple[Attached, ...]
    id: UUID


def told(session: Session, claims: Collection[Claim]) -> list[Told]:
    """Claims with names in them."""
    names = access.names(session)
    kept = [name for name in Told.__struct_fields__ if name != "claimed_by"]
    return [
        Told(claimed_by=names.get(claim.claimed_by, ""), **{name: getattr(claim, name) for name in kept})
        for claim in claims
    ]


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


def payable(session: Session, book: Book, line: str, on: date, besides: str = "") -> Payable:
    """What can be paid of one more claim on a line, leaving out that claim."""
    asked = [one for one in claims(session, EVER, book.mou, [line]) if one.ref != besides]
    approved = sum(one.amount_pence for one in asked if one.state is ClaimState.APPROVED)

    def unpaid(day: date) -> int:
        paid = book.on(Sum.PAID, line, day) - book.on(Sum.REFUNDED, line, day)
        return book.on(Sum.COMMITTED, line, day) - paid

    committed = book.on(Sum.COMMITTED, line, on)
    return Payable(
        committed_pence=committed,
        net_paid_pence=committed - unpaid(on),
        approved_pence=approved,
        open_pence=sum(one.amount_pence for one in asked if one.state in OPEN),
        ahead_pence=unpaid(date.max) - unpaid(on),
    )


class Refunded(msgspec.Struct, frozen=True):
    """Money that came back of what was paid for a claim."""

    id: UUID
    on: date
    amount_pence: int
    reference: str
    why: str


def refunds(session: Session, as_at: AsAt, claim: Claim) -> list[Refunded]:
    """The refunds that name the payment of a claim, or a version of it that was corrected since."""
    back = RefundReceived
    paid = select(PaymentMade.id).where(PaymentMade.claim == claim.ref)
    columns = (back.id, back.effective_on, back.amount_pence, back.reference, back.why)
    return [Refunded(*row) for row in session.execute(known(back, as_at, *columns).where(back.payment.in_(paid)))]


def _all(session: Session, as_at: AsAt, mou: str) -> dict[str, Claim]:
    """Every claim that stands, the newest first, by reference."""
    if as_at.known_at is None and as_at.on >= london_day(last_recorded_at(session)):
        # Nothing of a claim is dated ahead, so all that is known has come by then.
        return remembered(session, ("claims now", mou), lambda: _in_turn(_now(session, mou)))

    def ask() -> dict[str, Claim]:
        return _in_turn(_made_of(mou, events(session, as_at, mou)))

    return remembered(session, ("claims", mou, as_at), ask, of=KINDS)


Made = dict[str, tuple[int, Claim]]
"""Claims by reference, each with its turn among others."""


class _Latest:
    """The claims of one MoU as this process last made them of committed facts, with the `seq` of the last of those."""

    def __init__(self) -> None:
        self.made: tuple[int, Made] = (0, {})


MOST_AGAIN = 500
"""How many claims are made again one by one; of more, all are."""


def _now(session: Session, mou: str) -> Made:
    """The claims as they stand now: those that nothing was told of stay as they were."""
    kept: _Latest = session.info["database"].memory.get(("claims so far", mou), _Latest)
    (head, _), (at, before) = last_seq(session), kept.made
    again = told_of(session, mou, at, head) if 0 < at <= head else None
    if again is None or len(again) > MOST_AGAIN:
        found = _made_of(mou, events(session, EVER, mou))
    elif again:
        found = {ref: one for ref, one in before.items() if ref not in again}
        found |= _made_of(mou, events(session, EVER, mou, *again))
    else:
        found = before
    if at <= head and not has_recorded(session):
        kept.made = head, found
    return found


def _made_of(mou: str, told: Mapping[str, list[Event]]) -> Made:
    """The claims that stories tell of, as they leave them."""
    return {ref: _claim(mou, steps) for ref, steps in told.items() if steps[0].what is Took.MADE}


def _in_turn(made: Made) -> dict[str, Claim]:
    """The newest first."""
    pairs = sorted(made.items(), key=lambda each: (each[1][1].claimed_on, each[1][0]), reverse=True)
    return {ref: claim for ref, (_, claim) in pairs}


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
