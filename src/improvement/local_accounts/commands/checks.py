"""That an entry is still correct: said by a coordinator, or by the council through a link."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta
from sqlalchemy import select
from sqlalchemy.orm import Session

from improvement import mail
from improvement.access import keys
from improvement.access import queries as access
from improvement.access.rules import SERVICE, May, Person, Role
from improvement.database import EVER, correction, find_to_correct, known, record
from improvement.dates import AsAt, ProgrammeYear, in_words, london_day
from improvement.errors import Conflict, NotFound, TurnedDown
from improvement.local_accounts import queries
from improvement.local_accounts.queries import checks as told
from improvement.local_accounts.rules import checks as rules
from improvement.local_accounts.rules.checks import Check, Link
from improvement.local_accounts.tables.checks import EntryChecked
from improvement.sector import queries as sector
from improvement.sector.queries import Contact
from improvement.sector.rules import Council
from improvement.settings import Settings

PURPOSE = "still correct"


class NewCheck(msgspec.Struct, frozen=True):
    """What somebody says of an entry."""

    correct: Annotated[bool, Meta(title="whether the entry is still correct")]
    said: Annotated[str, Meta(title="what is wrong", max_length=rules.SAID_MOST)] = ""


class NewTakingBack(msgspec.Struct, frozen=True):
    """Why something that was said of an entry is taken back."""

    reason: Annotated[str, Meta(title="the reason", max_length=1000)]


class Opened(msgspec.Struct, frozen=True):
    """A link somebody holds: what it is bound to, and why it cannot be answered any more, if it cannot."""

    link: Link
    which: ProgrammeYear
    council: Council
    stopped: Conflict | None = None
    can_resend: bool = False
    answered: Check | None = None
    """What the council has said since the link was sent."""

    def says(self, new: NewCheck) -> bool:
        """Whether the council has said just this since: a second press of the button is no second answer."""
        said = "" if new.correct else new.said.strip()
        return self.answered is not None and (self.answered.correct, self.answered.said) == (new.correct, said)


def confirmation_link(
    session: Session, settings: Settings, which: ProgrammeYear, slug: str, post: str, seq: int | None, at: datetime
) -> str:
    """The address at which the holder of a post says whether the entry is still correct, for thirty days.

    It is bound to the newest fact of the entry, `seq` where the caller knows it. Raises `NobodyToAsk`.
    """
    now = AsAt(london_day(at))
    bound = told.newest(session, which, now).get(slug, told.Newest()).seq if seq is None else seq
    contact = contact_of(session, slug, post)
    if contact is None:
        raise rules.NobodyToAsk(f"There is no {rules.POST.lower()} to write to. Enter one first.")
    return link_to(settings, which, slug, post, contact.email, bound, at)


def link_to(settings: Settings, which: ProgrammeYear, slug: str, post: str, email: str, seq: int, at: datetime) -> str:
    """The same, for somebody who knows the holder's address and the newest fact of the entry: nothing is asked."""
    link = Link(str(which), slug, post, _hash(email), seq, at)
    token = keys.sealed(settings.secret, PURPOSE, msgspec.json.encode(link).decode())
    return f"{settings.url}/accounts/confirm/{token}"


def contact_of(session: Session, slug: str, post: str = rules.POST) -> Contact | None:
    """Who holds a post of a council and can be written to."""
    return next((one for one in sector.contacts(session, slug) if one.post == post and one.email), None)


def _hash(email: str) -> str:
    return keys.hash_of(email.casefold())[:24]


def open_link(session: Session, settings: Settings, token: str, at: datetime) -> Opened:
    """What a link is bound to, and whether it can still be answered. Raises `NotALink`."""
    text = keys.unsealed(settings.secret, PURPOSE, token)
    if text is None:
        raise rules.NotALink("This link does not work. Copy it whole from the message, or ask for a new one.")
    link = msgspec.json.decode(text, type=Link)
    which, now = ProgrammeYear.parse(link.year), AsAt(london_day(at))
    council = queries.on_list(session, which, link.council)
    contact = contact_of(session, council.slug, link.post)
    current = _hash(contact.email) if contact else None
    newest = told.newest(session, which, now).get(council.slug, told.Newest()).seq
    answered = told.answer_since(session, which, council.slug, link.sent_at, now)
    try:
        rules.check_link(link, answered, newest, current, at)
    except (rules.LinkAnswered, rules.LinkPast, rules.EntryChanged, rules.ContactChanged) as stopped:
        may_ask = isinstance(stopped, rules.LinkPast | rules.EntryChanged) and current == link.contact
        return Opened(link, which, council, stopped, may_ask, answered)
    return Opened(link, which, council)


def answer_link(session: Session, settings: Settings, token: str, new: NewCheck, *, at: datetime) -> UUID:
    """Record what the council says through its link. Raises `NotALink`, why it stopped, or `SayWhatIsWrong`."""
    opened = open_link(session, settings, token, at)
    if opened.stopped is not None:
        raise opened.stopped
    made = _record(session, opened.which, opened.council, new, opened.link.post, SERVICE, Role.SERVICE, at)
    if not new.correct:
        _tell_coordinators(session, settings, opened.which, opened.council, new.said, at)
    return made


def check_entry(session: Session, which: ProgrammeYear, slug: str, new: NewCheck, *, by: Person, at: datetime) -> UUID:
    """Record what somebody signed in says of an entry. Raises `NotFound`, `NotAllowed` or `SayWhatIsWrong`."""
    council = queries.on_list(session, which, slug)
    role = by.acting(May.RECORD_ACCOUNTS, region=council.region, council=slug)
    return _record(session, which, council, new, "", by, role, at)


def _record(
    session: Session,
    which: ProgrammeYear,
    council: Council,
    new: NewCheck,
    post: str,
    by: Person,
    role: Role,
    at: datetime,
) -> UUID:
    rules.check_said(new.correct, new.said)
    fact = EntryChecked(
        year=str(which),
        council=council.slug,
        by_council=bool(post) or role is Role.OFFICER,
        post=post,
        correct=new.correct,
        said="" if new.correct else new.said.strip(),
        effective_on=london_day(at),
    )
    return record(session, fact, by=by.id, as_role=role, at=at)


def take_back(
    session: Session, which: ProgrammeYear, slug: str, fact: UUID, new: NewTakingBack, *, by: Person, at: datetime
) -> UUID:
    """Take back what was said of an entry. Raises `NotFound`, `NotAllowed` or `Conflict`."""
    original, role = check_to_take_back(session, which, slug, fact, by=by)
    return record(session, correction(original, reason=new.reason.strip(), values=None), by=by.id, as_role=role, at=at)


def check_to_take_back(
    session: Session, which: ProgrammeYear, slug: str, fact: UUID, *, by: Person
) -> tuple[EntryChecked, Role]:
    """What was said, and the role in which this person may take it back: what a council said is a coordinator's."""
    council = queries.on_list(session, which, slug)
    by.acting(May.RECORD_ACCOUNTS, region=council.region, council=slug)
    here = session.scalar(select(EntryChecked.id).filter_by(id=fact, year=str(which), council=slug))
    if here is None:
        raise NotFound("Nothing like this was said of the entry.")
    original = find_to_correct(session, [EntryChecked], fact)
    assert isinstance(original, EntryChecked)
    officers = original.recorded_as == Role.OFFICER
    may = May.RECORD_ACCOUNTS if officers else May.CONFIRM_ACCOUNTS
    return original, by.acting(may, region=council.region, council=slug)


def ask_council(
    session: Session, settings: Settings, which: ProgrammeYear, slug: str, *, by: Person, at: datetime
) -> None:
    """Write to a council's contact with a link. Raises `NobodyToAsk`, `AskedAlready`, `NotAllowed` or `NotFound`."""
    council = queries.on_list(session, which, slug)
    by.acting(May.RECORD_ACCOUNTS, region=council.region, council=slug)
    _write(session, settings, which, council, rules.POST, at)


def ask_again(session: Session, settings: Settings, token: str, *, at: datetime) -> None:
    """Write once more to whom a link was sent that works no more. Raises why not."""
    opened = open_link(session, settings, token, at)
    if not opened.can_resend:
        raise opened.stopped or rules.AskedAlready("This link still works: nothing has changed since it was sent.")
    _write(session, settings, opened.which, opened.council, opened.link.post, at)


def asked_at(session: Session, which: ProgrammeYear, council: Council, contact: Contact) -> datetime | None:
    """When the contact was last asked about this year's entry."""
    return mail.last_written(session, contact.email, _subject(which, council))


def _subject(which: ProgrammeYear, council: Council) -> str:
    return f"Is {council.name}’s entry for {which.on_screen} still correct?"


def _write(
    session: Session, settings: Settings, which: ProgrammeYear, council: Council, post: str, at: datetime
) -> None:
    newest = told.newest(session, which, AsAt(london_day(at))).get(council.slug, told.Newest())
    link = confirmation_link(session, settings, which, council.slug, post, newest.seq, at)
    contact = contact_of(session, council.slug, post)
    assert contact is not None
    rules.check_may_ask(asked_at(session, which, council, contact), newest.recorded_at, at)
    until = in_words(london_day(at + rules.LASTS))
    body = (
        f"This is what we have for {council.name}’s local account of {which.on_screen}. Please look at it and say "
        f"whether it is still correct. You do not need to sign in, and it takes a minute.\n\n{link}\n\n"
        f"The link works until {until}, and until the entry changes. Whoever has it can answer for the council, so "
        "pass it on only to somebody who should. If you are not the right person, reply to your regional coordinator.\n"
    )
    mail.write(session, contact.email, _subject(which, council), body, at, kind=mail.Kind.CHECK)


def _tell_coordinators(
    session: Session, settings: Settings, which: ProgrammeYear, council: Council, said: str, at: datetime
) -> None:
    """Tell those who can put it right: the region's coordinators, or where there is none the secretariat."""
    own = [one for one in access.people_with(session, Role.COORDINATOR) if council.region in one.regions]
    for person in own or access.people_with(session, Role.SECRETARIAT):
        body = (
            f"{council.name} says that something is wrong in its entry for {which.on_screen}:\n\n{said.strip()}\n\n"
            f"Put it right, or say that it is correct: {settings.url}/local-accounts/{which}/{council.slug}\n"
        )
        subject = f"{council.name} says that its entry is wrong"
        mail.write(session, person.email, subject, body, at, kind=mail.Kind.WRONG)


def wrong(session: Session) -> list[str]:
    """The checks of entries that stand and break a rule they were held to when recorded, one sentence each."""
    found = []
    for fact in session.scalars(known(EntryChecked, EVER)):
        officer = fact.recorded_as == Role.OFFICER
        kept = Check(fact.council, fact.effective_on, fact.seq, fact.by_council, fact.correct, fact.said)
        try:
            queries.on_list(session, ProgrammeYear.parse(fact.year), fact.council)
            rules.check_kept(kept, fact.post, officer, london_day(fact.recorded_at))
        except TurnedDown as refusal:
            found.append(f"fact {fact.seq}, of {fact.council}: {refusal.message}")
    return found
