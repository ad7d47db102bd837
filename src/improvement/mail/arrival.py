"""Whether messages arrive: what came back, and the addresses that are not reached until somebody mends them."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import delete, exists, func, select
from sqlalchemy.orm import Session

from improvement.errors import NotFound
from improvement.mail import MessageRow, UnreachedRow, bounces
from improvement.mail.bounces import Answer

PAUSED_AFTER = 2
"""After how many messages in a row that came back an address gets no more reminders."""
SETTLES = timedelta(days=5)
"""So long after it was sent a message that did not come back has arrived: mail servers give up before."""


class Unreached(msgspec.Struct, frozen=True):
    """An address that the last message did not reach."""

    bounced_at: datetime
    reason: str
    in_a_row: int

    @property
    def paused(self) -> bool:
        """Whether no reminders go there until somebody changes the address or says to try again."""
        return self.in_a_row >= PAUSED_AFTER


def note(session: Session, answer: Answer, at: datetime) -> str:
    """Keep what a delivery report says of one of our messages; what was done, in a sentence. Raises `NotFound`."""
    row = session.scalar(select(MessageRow).where(MessageRow.token == answer.token))
    if row is None:
        raise NotFound("This answers no message of ours, or one that is no longer kept. Nothing was noted.")
    if not answer.failed:
        return "The message is not lost: it may still arrive. Nothing was noted."
    if row.bounced_at is not None:
        return "This was noted before."
    came_back(session, row, answer.status, at)
    return f"Noted: the message to {row.to} of {row.written_at:%Y-%m-%d} came back. {row.reason}"


def came_back(session: Session, row: MessageRow, status: str, at: datetime) -> None:
    """A message did not arrive, and will not."""
    row.bounced_at, row.reason, row.became = at, bounces.in_words(status), "bounced"
    before = session.get(UnreachedRow, row.to)
    if before is None:
        came = {"bounced_at": at, "reason": row.reason, "written_at": row.written_at}
        session.add(UnreachedRow(address=row.to, in_a_row=1, **came))
        return
    if not _arrived_between(session, row, before.written_at):
        before.in_a_row += 1
    elif row.written_at > before.written_at:
        before.in_a_row = 1
    if row.written_at > before.written_at:
        before.written_at, before.bounced_at, before.reason = row.written_at, at, row.reason


def _arrived_between(session: Session, row: MessageRow, other: datetime) -> bool:
    """Whether a message to the same address, written between the two, was sent and did not come back."""
    first, last = sorted((row.written_at, other))
    between = (MessageRow.to == row.to, MessageRow.written_at > first, MessageRow.written_at < last)
    sent = (MessageRow.sent_at.is_not(None), MessageRow.bounced_at.is_(None))
    return bool(session.scalar(select(exists().where(*between, *sent))))


def unreached(session: Session) -> Mapping[str, Unreached]:
    """Every address that is not reached."""
    columns = (UnreachedRow.address, UnreachedRow.bounced_at, UnreachedRow.reason, UnreachedRow.in_a_row)
    return {row[0]: Unreached(*row[1:]) for row in session.execute(select(*columns))}


def paused(session: Session) -> list[str]:
    """The addresses that get no reminders."""
    return [address for address, one in unreached(session).items() if one.paused]


def try_again(session: Session, address: str) -> None:
    """An address is written to again: it was changed, somebody says so, or whoever has it answered."""
    session.execute(delete(UnreachedRow).where(UnreachedRow.address == address.strip().lower()))


def settle(session: Session, at: datetime) -> None:
    """One message that came back is forgiven once a later one to the same address has not."""
    later = (MessageRow.to == UnreachedRow.address, MessageRow.written_at > UnreachedRow.written_at)
    arrived = (MessageRow.sent_at < at - SETTLES, MessageRow.bounced_at.is_(None))
    forgiven = delete(UnreachedRow).where(UnreachedRow.in_a_row < PAUSED_AFTER, exists().where(*later, *arrived))
    session.execute(forgiven, execution_options={"synchronize_session": False})


def how_many(session: Session) -> int:
    """How many addresses are not reached."""
    return session.scalar(select(func.count()).select_from(UnreachedRow)) or 0
