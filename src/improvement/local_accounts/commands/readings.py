"""Reading an account: a first, a second, the reconciled one, and taking one back."""

from collections.abc import Container
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
from improvement.errors import Mistakes, NotAllowed, Refused
from improvement.local_accounts import queries
from improvement.local_accounts.queries import readings as told
from improvement.local_accounts.queries.readings_told import Edition, editions
from improvement.local_accounts.rules import ReasonWanted
from improvement.local_accounts.rules import readings as rules
from improvement.local_accounts.rules.readings import Answer, Challenge, Engagement, Kind, Said, ThemeRead
from improvement.local_accounts.rules.years import Contents
from improvement.local_accounts.tables.readings import AccountRead
from improvement.sector.rules import Council
from improvement.texts import says

Clicks = Annotated[int | None, Meta(title="the clicks from the home page", ge=0, le=rules.MOST_CLICKS)]
Find = Annotated[Said, Meta(title="whether it can be found from the home page")]


class Found(msgspec.Struct, frozen=True):
    """What a reader found besides the themes and the questions."""

    publication: Annotated[UUID, Meta(title="the publication you read")]
    engagement: Annotated[Engagement, Meta(title="how far citizens had a part")] = Engagement.NOT_KNOWN
    challenge: Annotated[list[Challenge], Meta(title="the challenge used")] = []
    weaknesses: Annotated[Said, Meta(title="whether it reports weaknesses")] = Said.NOT_KNOWN
    compares_spending: Annotated[Said, Meta(title="whether it compares spending")] = Said.NOT_KNOWN
    compares_numbers: Annotated[Said, Meta(title="whether it compares the numbers supported")] = Said.NOT_KNOWN
    priorities: Annotated[Said, Meta(title="whether it states its priorities")] = Said.NOT_KNOWN
    findable: Find = Said.NOT_KNOWN
    clicks: Clicks = None
    note: Annotated[str, Meta(title="the note", max_length=2000)] = ""


class NewReading(Found, frozen=True):
    """A reading of a publication. A theme that is left out is recorded as not known."""

    themes: Annotated[list[ThemeRead], Meta(title="the list of themes")] = []
    answers: Annotated[list[Answer], Meta(title="the list of answers")] = []
    reconciles: Annotated[bool, Meta(title="whether it reconciles two readings")] = False


class Why(msgspec.Struct, frozen=True):
    """Why a reading, or a reply to one, is taken back."""

    reason: Annotated[str, Meta(title="the reason", max_length=1000)]


def read(session: Session, which: ProgrammeYear, slug: str, new: NewReading, *, by: Person, at: datetime) -> UUID:
    """Record a reading. Raises `NotAllowed`, `NotFound`, `Mistakes` or the rule it breaks."""
    council = queries.on_list(session, which, slug)
    role = by.acting(May.CONFIRM_ACCOUNTS, region=council.region, council=slug)
    asked = told.asked_about(session, which)
    edition = _edition(session, which, council, new.publication, at)
    _check(new, asked)
    found = {one.theme: one for one in new.themes}
    fact = AccountRead(
        year=str(which),
        council=slug,
        publication=edition.id,
        reading=_kind(session, which, slug, edition, new, by, role, at).value,
        themes=[_kept(found.get(theme, ThemeRead(theme))) for theme in asked.themes],
        engagement=new.engagement.value,
        challenge=[one.value for one in dict.fromkeys(new.challenge)] or [Challenge.NOT_KNOWN.value],
        answers=[{"question": one.question, "answer": one.answer.strip()} for one in new.answers if says(one.answer)],
        clicks=new.clicks,
        note=new.note,
        effective_on=london_day(at),
        **{name: getattr(new, name).value for name in rules.BALANCE},
    )
    return record(session, fact, by=by.id, as_role=role, at=at)


def _kept(one: ThemeRead) -> dict[str, str]:
    said = (one.theme, one.covered.value, one.where.strip(), one.quotation.strip())
    return dict(zip(ThemeRead.__struct_fields__, said, strict=True))


def _check(new: NewReading, asked: Contents) -> None:
    mistakes = rules.mistakes_in(new.themes, asked.themes) | rules.mistakes_in_answers(new.answers, asked.questions)
    try:
        rules.check_challenge([one.value for one in new.challenge])
    except Refused as refusal:
        mistakes |= refusal.fields
    if mistakes:
        raise Mistakes(mistakes)


def _edition(session: Session, which: ProgrammeYear, council: Council, publication: UUID, at: datetime) -> Edition:
    found = editions(session, which, AsAt(london_day(at))).get(publication)
    if found is None or not found.stands or council.slug not in found.serves:
        sentence = f"Select a publication of {council.name} that stands: this one is not there, or was taken back."
        raise rules.NothingToRead(sentence, field="publication")
    return found


def _kind(
    session: Session,
    which: ProgrammeYear,
    slug: str,
    edition: Edition,
    new: NewReading,
    by: Person,
    role: Role,
    at: datetime,
) -> Kind:
    """Which reading it is, of the same publication. Raises `ReadByTwo`, `NotTwoReadings` or `NotAllowed`."""
    of = told.of_council(session, which, slug, AsAt(london_day(at)))
    mine = [one.reading for one in of.versions if one.reading.id in of.current]
    taken = {
        one.recorded_by: one.kind for one in mine if one.publication == edition.id and one.kind is not Kind.RECONCILED
    }
    if not new.reconciles:
        return rules.which_kind(by.id, taken)
    if len(taken) < 2:
        raise rules.NotTwoReadings("There is nothing to reconcile until two people have read this publication.")
    if not may_reconcile(by, role, taken):
        raise NotAllowed("Those who read it, or the secretariat, reconcile two readings. Ask one of them.")
    return Kind.RECONCILED


def may_reconcile(by: Person, role: Role | None, readers: Container[int]) -> bool:
    """Whether somebody who may read here may reconcile: one of the two readers, or the secretariat."""
    return role in (Role.SECRETARIAT, Role.SERVICE) or by.id in readers


def reading_to_take_back(session: Session, which: ProgrammeYear, slug: str, fact: UUID, *, by: Person) -> AccountRead:
    """A reading this person may take back. Raises `NotFound`, `NotAllowed` or `Conflict`."""
    council = queries.on_list(session, which, slug)
    by.acting(May.CONFIRM_ACCOUNTS, region=council.region, council=slug)
    mine = select(AccountRead.id).filter_by(id=fact, year=str(which), council=slug, withdrawn=False)
    if session.scalar(mine) is None:
        raise rules.NoSuchReading("There is no such reading of this account.")
    return cast(AccountRead, find_to_correct(session, [AccountRead], fact))


def take_back(
    session: Session, which: ProgrammeYear, slug: str, fact: UUID, reason: str, *, by: Person, at: datetime
) -> UUID:
    """Take a reading back; what its reader found before stands again. Raises what `reading_to_take_back` does."""
    original = reading_to_take_back(session, which, slug, fact, by=by)
    if not says(reason):
        raise ReasonWanted("Enter the reason.", field="reason")
    council = queries.on_list(session, which, slug)
    role = by.acting(May.CONFIRM_ACCOUNTS, region=council.region, council=slug)
    return record(session, correction(original, reason=reason.strip(), values=None), by=by.id, as_role=role, at=at)


def wrong(session: Session) -> list[str]:
    """The readings that stand and break a rule they were held to when they were recorded, one sentence each."""
    found = []
    for fact in session.scalars(known(AccountRead, EVER)):
        own = [str(one.get("theme")) for one in fact.themes]
        try:
            mistakes = rules.mistakes_in(msgspec.convert(fact.themes, list[ThemeRead]), own)
            rules.check_challenge([Challenge(one).value for one in fact.challenge])
            _ = (Engagement(fact.engagement), Kind(fact.reading), *(Said(getattr(fact, n)) for n in rules.BALANCE))
        except (ValueError, Refused) as refusal:
            mistakes = {"": str(refusal)}
        if mistakes:
            found.append(f"fact {fact.seq}, of {fact.council}: {'; '.join(mistakes.values())}")
    return found
