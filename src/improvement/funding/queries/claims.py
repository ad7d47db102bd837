"""Questions about claims: every claim of an MoU, one claim with its story, what somebody has to do about them."""

from collections.abc import Collection, Mapping
from datetime import date
from uuid import UUID

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from improvement.access import queries as access
from improvement.access.rules import May, Person
from improvement.database import EVER, known, remembered
from improvement.dates import AsAt
from improvement.documents import Attached
from improvement.errors import NotFound
from improvement.funding import queries
from improvement.funding.book import Book, Sum
from improvement.funding.queries.claim_steps import KINDS, Event, events
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
