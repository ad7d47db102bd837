"""Who is to be reminded of what on a day, and what became of what was written."""

import csv
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime
from functools import cache
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Select, String, and_, case, cast, func, or_, select
from sqlalchemy.orm import Session

from improvement.access import keys
from improvement.access import queries as access
from improvement.access.rules import May, Person, Role
from improvement.database import is_demonstration
from improvement.dates import AsAt, WorkingDays, london_day
from improvement.errors import NotFound
from improvement.local_accounts import queries as accounts
from improvement.mail import TRIES, MessageRow, arrival
from improvement.notices import rules
from improvement.notices.rules import Became, Digest, Item
from improvement.notices.tables import NoticeRow, StopRow
from improvement.sector import queries as sector
from improvement.sector.rules import Council
from improvement.settings import kept_in

REMINDER, INVITATION, WRITTEN = "reminder", "invitation", "day"
"""The kinds of row: a reminder, an invitation sent again, and the mark that a day's reminders were written."""
CONTACT = "Local-account contact"
PURPOSE = "stop notices"


class Line(msgspec.Struct, frozen=True):
    """One notice in the log. `problem` says why it did not arrive, where we know."""

    key: str
    kind: str
    written_at: datetime
    to_address: str
    about: str
    became: str
    problem: str


class Wanted(msgspec.Struct, frozen=True):
    """What is looked for in the log: words of the address, what became of it, and what it is."""

    words: str = ""
    became: str = ""
    kind: str = ""


@cache
def working_days() -> WorkingDays:
    """England's working days, by the bank holidays we ship."""
    with (kept_in("seed") / "bank_holidays.csv").open(encoding="utf-8", newline="") as file:
        return WorkingDays(frozenset(date.fromisoformat(row["day"]) for row in csv.DictReader(file)))


def due(session: Session, at: datetime) -> str | None:
    """The key of today's reminders, if they are to be written now. Missed days are not caught up."""
    today = london_day(at)
    if not rules.is_time(at) or not working_days().is_one(today) or is_demonstration(session):
        return None
    key = f"reminders:{today}"
    if not _running(session, today) or session.get(NoticeRow, key) is not None:
        return None
    return key


def _running(session: Session, day: date) -> list[accounts.Year]:
    every = accounts.years(session).values()
    return [one for one in every if rules.runs(one.year.first_day, one.deadline, day)]


def digests(session: Session, day: date) -> list[Digest]:
    """What each address is told on a day, from what we know now. The same few statements however many there are."""
    reminded = [(council, item) for about in _running(session, day) for council, item in _reminded(session, about, day)]
    if not reminded:
        return []
    return rules.digests(_told(session, reminded), not_to_remind(session))


def not_to_remind(session: Session) -> set[str]:
    """The addresses that want no reminders, and those that the last two did not reach."""
    return {*session.scalars(select(StopRow.address)), *arrival.paused(session)}


def _reminded(session: Session, about: accounts.Year, day: date) -> Iterator[tuple[Council, Item]]:
    stand = accounts.standings(session, about.year, AsAt(day))
    for council in accounts.expected(session, about.year):
        found = rules.reminder(stand[council.slug], about.deadline, day, working_days())
        if found is not None and council.in_being(day):
            yield council, Item(about.year, council.name, council.region, council.region_name, found)


def _told(session: Session, reminded: list[tuple[Council, Item]]) -> Iterator[tuple[str, str, Item]]:
    """Who is told, why, and what: those who can sign in first, so that nobody is told the same as a contact too."""
    officers, coordinators = _people(session)
    contacts = sector.contacts_with(session, CONTACT)
    for council, item in reminded:
        for address in officers[council.slug]:
            yield address, f"you record the local account of {council.name}", item
        for address in coordinators[council.region]:
            yield address, f"you coordinate {council.region_name}", item
    for council, item in reminded:
        if council.slug in contacts and (address := contacts[council.slug].email.strip().lower()):
            because = f"you are the local-account contact of {council.name}"
            yield address, because, msgspec.structs.replace(item, of_contact=True)


def _people(session: Session) -> tuple[dict[str | None, list[str]], dict[str | None, list[str]]]:
    """The addresses of each council's officers and of each region's coordinators."""
    officers, coordinators = defaultdict[str | None, list[str]](list), defaultdict[str | None, list[str]](list)
    for one in access.everybody(session):
        for holding in one.holdings if one.left_at is None and one.email else ():
            if holding.confirmed_by is not None and holding.held.role is Role.OFFICER:
                officers[holding.held.council].append(one.email)
            elif holding.confirmed_by is not None and holding.held.role is Role.COORDINATOR:
                coordinators[holding.held.region].append(one.email)
    return officers, coordinators


def stop_path(secret: str, address: str) -> str:
    """The page that stops reminders to an address, for whoever holds the link."""
    return f"/notices/stop/{keys.sealed(secret, PURPOSE, address)}"


def address_of(secret: str, token: str) -> str:
    """Whose stop link this is. Raises `NotFound`."""
    address = keys.unsealed(secret, PURPOSE, token)
    if address is None:
        raise NotFound("This link does not work. Copy the whole link from the message, or ask the secretariat.")
    return address


def has_stopped(session: Session, address: str) -> bool:
    """Whether an address wants no reminders."""
    return session.get(StopRow, address) is not None


def stopped(session: Session) -> int:
    """How many addresses want no reminders."""
    return session.scalar(select(func.count()).select_from(StopRow)) or 0


# An outbox that was emptied gives its numbers again: the address and the instant say that it is the same message.
SAME = and_(
    MessageRow.id == NoticeRow.message,
    MessageRow.to == NoticeRow.to_address,
    MessageRow.written_at == NoticeRow.written_at,
)
FATE: ColumnElement[str] = case(
    (MessageRow.bounced_at.is_not(None), Became.BOUNCED.value),
    (MessageRow.sent_at.is_not(None), Became.SENT.value),
    (MessageRow.tries >= TRIES, Became.GIVEN_UP.value),
    (MessageRow.tries > 0, Became.NOT_SENT.value),
    else_=Became.WAITING.value,
)
_KEPT = case((NoticeRow.became != "", NoticeRow.became), else_=Became.NOT_KEPT.value)
BECAME: ColumnElement[str] = case((MessageRow.id.is_(None), _KEPT), else_=FATE)
PROBLEM: ColumnElement[str] = case(
    (MessageRow.bounced_at.is_not(None), MessageRow.reason),
    (
        MessageRow.sent_at.is_(None) & (MessageRow.tries > 0),
        func.replace(MessageRow.became, f"{Became.NOT_SENT}: ", ""),
    ),
    else_="",
)


def log(session: Session, by: Person, wanted: Wanted, *, after: str = "", most: int | None = None) -> list[Line]:
    """The notices somebody may see, newest first, from below a key."""
    columns: tuple[Any, ...] = (
        NoticeRow.key,
        NoticeRow.kind,
        NoticeRow.written_at,
        NoticeRow.to_address,
        NoticeRow.about,
    )
    found = _of(select(*columns, BECAME, PROBLEM), by, wanted).order_by(
        NoticeRow.written_at.desc(), NoticeRow.key.desc()
    )
    row = session.get(NoticeRow, after) if after else None
    if row is not None:
        same_moment = and_(NoticeRow.written_at == row.written_at, NoticeRow.key < row.key)
        found = found.where(or_(NoticeRow.written_at < row.written_at, same_moment))
    return [Line(*row) for row in session.execute(found.limit(most))]


def count(session: Session, by: Person, wanted: Wanted) -> int:
    """How many notices somebody may see and looks for."""
    return session.scalar(_of(select(func.count()), by, wanted)) or 0


def _of(asked: Select[Any], by: Person, wanted: Wanted) -> Select[Any]:
    """Only what somebody may see: everything, or what is about their region's councils or was sent to themselves."""
    found = asked.select_from(NoticeRow).outerjoin(MessageRow, SAME)
    found = found.where(NoticeRow.kind.in_((wanted.kind,) if wanted.kind else (REMINDER, INVITATION)))
    if by.role_for(May.READ_NOTICES) is None:
        regions = (cast(NoticeRow.regions, String).contains(f'"{region}"', autoescape=True) for region in by.regions)
        found = found.where(or_(NoticeRow.to_address == by.email, *regions))
    if wanted.words:
        found = found.where(NoticeRow.to_address.contains(wanted.words.lower(), autoescape=True))
    return found.where(BECAME.in_((wanted.became,))) if wanted.became else found
