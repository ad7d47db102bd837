"""A council's right of reply to what a reading says: it agrees, or it disagrees with evidence."""

from datetime import datetime
from typing import Annotated, cast
from uuid import UUID

import msgspec
from msgspec import Meta
from sqlalchemy import select
from sqlalchemy.orm import Session

from improvement.access.rules import May, Person, Role
from improvement.database import EVER, correction, find_to_correct, known, record
from improvement.dates import AsAt, ProgrammeYear, london_day
from improvement.errors import Mistakes, NotAllowed, NotFound, Refused
from improvement.local_accounts import queries
from improvement.local_accounts.queries import readings as told
from improvement.local_accounts.rules import ReasonWanted, check_address, readings, readings_compared
from improvement.local_accounts.tables.readings import AccountRead, ReadingAnswered
from improvement.texts import says

MOST_EVIDENCE, MOST_ADDRESS = 2_000, 2_000


class NewReply(msgspec.Struct, frozen=True):
    """What the council says to one thing the reading says."""

    about: str
    agrees: bool
    evidence: str = ""
    address: str = ""


class NewReplies(msgspec.Struct, frozen=True):
    """What the council says to a reading."""

    reading: Annotated[UUID, Meta(title="the reading")]
    replies: Annotated[list[NewReply], Meta(title="the list of replies")]


def speaks_for(by: Person, slug: str) -> bool:
    """Whether somebody replies for a council: one of its own officers, and nobody on its behalf."""
    return any(held.role is Role.OFFICER and held.council == slug for held in by.holds)


def reply(
    session: Session, which: ProgrammeYear, slug: str, new: NewReplies, *, by: Person, at: datetime
) -> list[UUID]:
    """Record what the council says to the reading that stands. What it has said already is not recorded again.

    Raises `NotAllowed`, `NotStanding` or `Mistakes`, each mistake at the place of its item in the reading.
    """
    council = queries.on_list(session, which, slug)
    by.acting(May.RECORD_ACCOUNTS, region=council.region, council=slug)
    if not speaks_for(by, slug):
        raise NotAllowed(f"Only {council.name} itself replies to a reading of its account.")
    of = told.of_council(session, which, slug, AsAt(london_day(at)))
    if of.stands is None or of.stands.id != new.reading:
        raise readings.NotStanding("Another reading stands since. Open the page again to see what it says.")
    items = [item.about for item in readings_compared.items(of.stands, told.asked_about(session, which).questions)]
    _check(new, items)
    recorded = []
    for one in new.replies:
        before = of.replies.get((new.reading, one.about))
        said = (one.agrees, one.evidence.strip(), one.address.strip())
        if before is None or (before.agrees, before.evidence, before.address) != said:
            fact = ReadingAnswered(
                year=str(which),
                council=slug,
                reading=new.reading,
                about=one.about,
                agrees=one.agrees,
                evidence=said[1],
                address=said[2],
                effective_on=london_day(at),
            )
            recorded.append(record(session, fact, by=by.id, as_role=Role.OFFICER, at=at))
    return recorded


def _check(new: NewReplies, items: list[str]) -> None:
    if not new.replies:
        raise Mistakes({"replies": "Mark at least one thing the reading says."})
    mistakes: dict[str, str] = {}
    seen: set[str] = set()
    for one in new.replies:
        if one.about not in items:
            mistakes["replies"] = f"“{one.about[:60]}” is nothing this reading says."
            continue
        if one.about in seen:
            mistakes["replies"] = f"“{one.about}” is there twice."
        seen.add(one.about)
        mistakes |= mistakes_of(one, items.index(one.about) + 1)
    if mistakes:
        raise Mistakes(mistakes)


def mistakes_of(one: NewReply, place: int) -> dict[str, str]:
    """What is wrong with one reply, by the fields of its place in the reading."""
    mistakes: dict[str, str] = {}
    label = f"{one.about[:1].upper()}{one.about[1:]}".replace("_", " ")
    if not one.agrees and not says(one.evidence):
        mistakes[f"evidence-{place}"] = f"{label}: enter what shows otherwise."
    if len(one.evidence) > MOST_EVIDENCE:
        mistakes[f"evidence-{place}"] = f"{label}: the evidence must be {MOST_EVIDENCE:,} characters or fewer."
    try:
        if len(one.address.strip()) > MOST_ADDRESS:
            raise Refused(f"The address must be {MOST_ADDRESS:,} characters or fewer.")
        if one.address.strip():
            check_address(one.address.strip())
    except Refused as refusal:
        mistakes[f"address-{place}"] = f"{label}: {refusal.message[:1].lower()}{refusal.message[1:]}"
    return mistakes


def reply_to_take_back(session: Session, which: ProgrammeYear, slug: str, fact: UUID, *, by: Person) -> ReadingAnswered:
    """A reply this person may take back. Raises `NotFound`, `NotAllowed` or `Conflict`."""
    council = queries.on_list(session, which, slug)
    by.acting(May.RECORD_ACCOUNTS, region=council.region, council=slug)
    if not speaks_for(by, slug):
        raise NotAllowed(f"Only {council.name} itself takes back what it replied.")
    mine = select(ReadingAnswered.id).filter_by(id=fact, year=str(which), council=slug, withdrawn=False)
    if session.scalar(mine) is None:
        raise NotFound(f"{council.name} has not replied this.")
    return cast(ReadingAnswered, find_to_correct(session, [ReadingAnswered], fact))


def take_back(
    session: Session, which: ProgrammeYear, slug: str, fact: UUID, reason: str, *, by: Person, at: datetime
) -> UUID:
    """Take a reply back; what the council said of the same before stands again. Raises what the reply to it does."""
    original = reply_to_take_back(session, which, slug, fact, by=by)
    if not says(reason):
        raise ReasonWanted("Enter the reason.", field="reason")
    taken = correction(original, reason=reason.strip(), values=None)
    return record(session, taken, by=by.id, as_role=Role.OFFICER, at=at)


def wrong(session: Session) -> list[str]:
    """The replies that stand and break a rule they were held to when recorded, one sentence each."""
    read = {row.id: row.council for row in session.execute(select(AccountRead.id, AccountRead.council))}
    found = []
    for fact in session.scalars(known(ReadingAnswered, EVER)):
        mistakes = mistakes_of(NewReply(fact.about, fact.agrees, fact.evidence, fact.address), 0)
        if read.get(fact.reading) != fact.council:
            mistakes["reading"] = "It replies to no reading of this council’s account."
        found += [f"fact {fact.seq}, of {fact.council}: {said}" for said in mistakes.values()]
    return found
