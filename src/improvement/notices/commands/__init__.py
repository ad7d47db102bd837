"""Writing the reminders of a day, once; and stopping them for an address. Nothing here commits."""

from datetime import datetime, timedelta
from typing import Annotated

import msgspec
from msgspec import Meta
from sqlalchemy import exists, func, select, update
from sqlalchemy.orm import Session

from improvement import mail
from improvement.dates import AsAt, london_day, start_of
from improvement.local_accounts.commands import checks
from improvement.local_accounts.queries import checks as told
from improvement.mail import MessageRow
from improvement.notices import queries, rules
from improvement.notices.queries import BECAME, REMINDER, SAME, WRITTEN
from improvement.notices.rules import Became, Digest, Item, Wish
from improvement.notices.tables import NoticeRow, StopRow
from improvement.settings import Settings

SETTLED = timedelta(days=29)
"""After this long we note for good what became of a message: a day later the outbox forgets it."""


class NewWish(msgspec.Struct, frozen=True):
    """Whether an address wants reminders."""

    what: Annotated[Wish, Meta(title="what you want")]


def write_reminders(session: Session, settings: Settings, *, at: datetime) -> int:
    """Put today's reminders into the outbox, each with its row in the log; how many. Not due any more is none."""
    day = queries.due(session, at)
    if day is None:
        return 0
    session.add(_row(day, WRITTEN, "", at))
    found = queries.digests(session, london_day(at))
    written = [(one, _message(session, one, settings, at)) for one in found]
    session.flush()
    for one, message in written:
        row = _row(f"reminder:{london_day(at)}:{one.address}", REMINDER, one.address, at)
        row.message, row.about = message.id, rules.about(one)
        row.regions = sorted({item.region for item in one.items})
        session.add(row)
    return len(written)


def _row(key: str, kind: str, address: str, at: datetime) -> NoticeRow:
    return NoticeRow(
        key=key, kind=kind, to_address=address, message=None, written_at=at, about="", regions=[], became=""
    )


def _message(session: Session, one: Digest, settings: Settings, at: datetime) -> MessageRow:
    def without_sign_in(item: Item) -> str:
        council = item.reminder.council
        newest = told.newest(session, item.year, AsAt(london_day(at))).get(council, told.Newest())
        return checks.link_to(settings, item.year, council, queries.CONTACT, one.address, newest.seq, at)

    stop = f"{settings.url}{queries.stop_path(settings.secret, one.address)}"
    text = rules.body(one, settings.url, stop, without_sign_in)
    over = start_of(london_day(at) + timedelta(days=1))
    reminder = mail.Kind.REMINDER
    return mail.write(session, one.address, rules.subject(one), text, at, kind=reminder, stop=stop, good_until=over)


def wish(session: Session, address: str, new: NewWish, *, at: datetime) -> None:
    """Stop reminders to an address, or send them again. Twice is as good as once."""
    row = session.get(StopRow, address)
    if new.what is Wish.STOP and row is None:
        session.add(StopRow(address=address, stopped_at=at))
    elif new.what is Wish.AGAIN and row is not None:
        session.delete(row)


def keep_what_became(session: Session, at: datetime) -> None:
    """Note what became of messages that the outbox is about to forget."""
    known = select(BECAME).select_from(MessageRow).where(SAME).correlate(NoticeRow).scalar_subquery()
    old = (NoticeRow.became == "", NoticeRow.message.is_not(None), NoticeRow.written_at < at - SETTLED)
    there = exists(select(MessageRow.id).where(SAME).correlate(NoticeRow))
    session.execute(
        update(NoticeRow).where(*old, there).values(became=func.coalesce(known, "")),
        execution_options={"synchronize_session": False},
    )


def hold_back(session: Session, at: datetime) -> int:
    """After a restored backup: nothing it may have sent already is sent again. How many messages are held back."""
    key = f"reminders:{london_day(at)}"
    if session.get(NoticeRow, key) is None:
        session.add(_row(key, WRITTEN, "", at))
    waiting = (MessageRow.sent_at.is_(None), MessageRow.bounced_at.is_(None), MessageRow.tries < mail.TRIES)
    mine = exists(select(NoticeRow.key).where(SAME).correlate(MessageRow))
    held = session.execute(
        update(MessageRow).where(*waiting, mine).values(tries=mail.TRIES, became=HELD),
        execution_options={"synchronize_session": False},
    )
    return int(held.rowcount)  # type: ignore[attr-defined]


HELD = f"{Became.NOT_SENT}: it was waiting in a backup that was restored, and may have been sent before"
