"""Questions about money, at any two dates."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any
from urllib.parse import quote
from uuid import UUID

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from improvement.access.rules import May, Person
from improvement.database import EVER, NO_SUCH_FACT, Fact, known, remembered
from improvement.dates import AsAt, in_words
from improvement.errors import NotFound, Refused
from improvement.funding import book as books
from improvement.funding import rules
from improvement.funding.book import Kind, Position, Sum
from improvement.funding.summing import add_up, afresh, as_entry, book, hand_on, strides, told_by
from improvement.funding.tables import TABLES
from improvement.funding.tables.moves import (
    InstalmentExpected,
    InstalmentReceived,
    MouAgreed,
    MouNegotiated,
    VirementMade,
)

__all__ = ["add_up", "afresh", "as_entry", "book", "hand_on", "told_by"]


class Mou(msgspec.Struct, frozen=True):
    """A Memorandum of Understanding on a day, and what its money comes to. Sums are in pence."""

    mou: str
    title: str
    funder: str
    state: str
    amount_pence: int
    sought_pence: int
    negotiated_on: date
    agreed_on: date | None
    ended_on: date | None
    allocated_pence: int
    unallocated_pence: int
    committed_pence: int
    paid_pence: int
    refunded_pence: int
    net_paid_pence: int
    received_pence: int
    returned_pence: int
    cash_in_hand_pence: int


class Instalment(msgspec.Struct, frozen=True):
    """Money due from the funder, and what of it has come."""

    id: UUID
    ref: str
    amount_pence: int
    due_on: date
    conditions: str
    received_pence: int
    received_on: date | None


def mous(session: Session, as_at: AsAt) -> Mapping[str, tuple[str, str]]:
    """The MoUs known on a day, the newest last: title and funder by slug."""

    def ask() -> dict[str, tuple[str, str]]:
        kind = MouNegotiated
        return {
            row[0]: (row[1], row[2]) for row in session.execute(known(kind, as_at, kind.mou, kind.title, kind.funder))
        }

    return remembered(session, ("mous", as_at), ask, of=(MouNegotiated,))


def which_mou(session: Session, as_at: AsAt, slug: str = "") -> str:
    """The MoU asked for, or the one that money is about on the day. Raises `NotFound`."""
    found = mous(session, as_at)
    if slug in found:
        return slug
    if slug or not found:
        wanted = (
            f"There is no Memorandum of Understanding “{slug[:60]}”"
            if slug
            else "No Memorandum of Understanding is known"
        )
        day = "" if as_at.on == date.max else f" on {in_words(as_at.on)}"
        raise NotFound(f"{wanted}{day}.")
    return _of_the_day(session, as_at) if len(found) > 1 else next(iter(found))


def _of_the_day(session: Session, as_at: AsAt) -> str:
    """The MoU whose programme year the day is in, else the newest agreed, else the newest."""

    def ask() -> str:
        begun, agreed = MouNegotiated, MouAgreed
        known_of = session.execute(known(begun, as_at, begun.mou, begun.effective_on))
        periods = {slug: rules.period_of(slug, on) for slug, on in known_of}
        return rules.of_the_day(periods, set(session.scalars(known(agreed, as_at, agreed.mou))), as_at.on)

    return remembered(session, ("which mou", as_at), ask, of=(MouNegotiated, MouAgreed))


def are_several(session: Session, as_at: AsAt) -> bool:
    """Whether there are several MoUs, on the day or by now, so that an address has to say which."""
    return len({*mous(session, as_at), *mous(session, EVER)}) > 1


def of_mou(session: Session, as_at: AsAt, href: str, mou: str) -> str:
    """An address of money that says, where there are several MoUs, which one it is about."""
    if not are_several(session, as_at) or mou not in mous(session, as_at):
        return href
    path, mark, place = href.partition("#")
    return f"{path}{'&' if '?' in path else '?'}mou={quote(mou)}{mark}{place}"


def lines(session: Session, as_at: AsAt, mou: str = "") -> list[Position]:
    """Every funding line on a day and what is unallocated: they add up to the amount in force. Raises `NotFound`."""
    slug = which_mou(session, as_at, mou)
    return remembered(
        session, ("lines", slug, as_at), lambda: books.positions(book(session, slug, as_at.known_at), as_at.on)
    )


def line(session: Session, as_at: AsAt, slug: str, by: Person, mou: str = "") -> Position:
    """One line, if this person may see it. Raises `NotFound`."""
    for row in lines(session, as_at, mou):
        if row.line == slug and slug != books.UNALLOCATED and may_see(by, row.region):
            return row
    raise NotFound(f"There is no funding line “{slug[:60]}” on {in_words(as_at.on)}.")


def add_all_up(session: Session) -> list[tuple[str, int]]:
    """See that this process has added the money of every MoU up. Gives the moments it is kept at besides, as `add_up`
    makes them: each MoU with a `seq`, the newest first."""
    return [(slug, seq) for slug in mous(session, EVER) for seq in strides(session, slug)]


def wrong(session: Session) -> list[str]:
    """Every rule the money breaks, counted afresh from the facts, one sentence each: none, unless something went past
    the commands. Of each line and of each MoU as a whole the first fault is told."""
    found = _unbalanced(session)
    for slug in mous(session, EVER):
        whole = afresh(session, slug)
        kept = book(session, slug)
        if (kept.sums, kept.counts) != (whole.sums, whole.counts):
            found.append(f"The sums remembered of the MoU {slug} are not those of its facts.")
        for lines in ([], *([line] for line in {*whole.lines, *(name for _, name in whole.sums if name)})):
            try:
                rules.check_always_true(whole, lines)
            except Refused as refusal:
                found.append(refusal.message)
    return sorted(set(found))


def _unbalanced(session: Session) -> list[str]:
    """Virements whose legs do not come to nil."""
    told = session.execute(known(VirementMade, EVER, VirementMade.id, VirementMade.legs))
    return [
        f"The legs of virement {id_} do not come to nil."
        for id_, legs in told
        if sum(leg["amount_pence"] for leg in legs)
    ]


def sees_all(by: Person) -> bool:
    """Whether somebody sees all the money, and not only their own region's."""
    return by.role_for(May.READ_MONEY) is not None


def may_see(by: Person, region: str | None) -> bool:
    """Whether somebody sees the money of a line: of a region, or (no region) of a national post."""
    return by.role_for(May.READ_MONEY, region=region) is not None


def mou(session: Session, as_at: AsAt, slug: str = "") -> Mou:
    """The MoU and what its money comes to. Raises `NotFound`."""
    name = which_mou(session, as_at, slug)
    return remembered(session, ("mou", name, as_at), lambda: _mou(session, as_at, name))


def _mou(session: Session, as_at: AsAt, slug: str) -> Mou:
    title, funder = mous(session, as_at)[slug]
    whole, on = book(session, slug, as_at.known_at), as_at.on
    days = {step.kind: step.on for step in whole.life if step.on <= on}
    amount, given = books.in_force(whole, on), books.allocated(whole, "", on)
    paid, refunded = whole.on(Sum.PAID, "", on), whole.on(Sum.REFUNDED, "", on)
    return Mou(
        mou=slug,
        title=title,
        funder=funder,
        state=books.state(whole, on) or "",
        amount_pence=amount,
        sought_pence=next(step.pence for step in whole.life if step.kind is Kind.NEGOTIATED),
        negotiated_on=days[Kind.NEGOTIATED],
        agreed_on=days.get(Kind.AGREED),
        ended_on=days.get(Kind.CLOSED) or days.get(Kind.WITHDRAWN),
        allocated_pence=given,
        unallocated_pence=amount - given,
        committed_pence=whole.on(Sum.COMMITTED, "", on),
        paid_pence=paid,
        refunded_pence=refunded,
        net_paid_pence=paid - refunded,
        received_pence=whole.on(Sum.RECEIVED, "", on),
        returned_pence=whole.on(Sum.RETURNED, "", on),
        cash_in_hand_pence=books.cash_in_hand(whole, on),
    )


def instalments(session: Session, as_at: AsAt, mou: str) -> list[Instalment]:
    """The instalments expected, by the day they are due, each with what has come of it."""
    return remembered(session, ("instalments", mou, as_at), lambda: _instalments(session, as_at, mou))


def _instalments(session: Session, as_at: AsAt, mou: str) -> list[Instalment]:
    due, got = InstalmentExpected, InstalmentReceived
    came: dict[str, tuple[int, date]] = {}
    for ref, pence, on in session.execute(
        known(got, as_at, got.ref, got.amount_pence, got.effective_on).where(got.mou == mou)
    ):
        came[ref] = came.get(ref, (0, on))[0] + pence, on
    rows = session.execute(
        known(due, as_at, due.id, due.ref, due.amount_pence, due.due_on, due.conditions).where(due.mou == mou)
    )
    found = [Instalment(*row, *came.get(row.ref, (0, None))) for row in rows]
    return sorted(found, key=lambda instalment: (instalment.due_on, instalment.ref))


def fact(session: Session, id_: UUID) -> tuple[Kind, Fact]:
    """A fact about money, whether it stands or not. Raises `NotFound`."""
    for kind, table in TABLES.items():
        found = session.get(table, id_)
        if found is not None:
            return kind, found
    raise NotFound(NO_SUCH_FACT)


def mou_of(fact: Any) -> str:
    """The MoU a fact about money names, as every one of them does."""
    slug: str = fact.mou
    return slug


def has_been(session: Session, kind: Kind, **named: str) -> bool:
    """Whether a name has ever been given to something of a kind, even if that was withdrawn since."""
    return session.scalar(select(TABLES[kind].id).filter_by(**named).limit(1)) is not None


def stands(session: Session, kinds: Iterable[Kind], **named: str) -> date | None:
    """The first day of a fact of some kinds that stands and carries these names; none if there is none."""
    firsts: list[date] = []
    for kind in kinds:
        table: Any = TABLES[kind]
        wanted = known(table, EVER, table.effective_on).order_by(None).order_by(table.effective_on).limit(1)
        firsts += session.scalars(wanted.where(*(getattr(table, name) == value for name, value in named.items())))
    return min(firsts, default=None)
