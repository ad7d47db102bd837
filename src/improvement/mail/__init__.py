"""The outbox: a message is written in the transaction that caused it, sent by the worker, and never forgotten.

`sending` sends what waits, each message once; `composing` makes the message itself; `bounces` reads what mail servers
send back; `arrival` keeps what that says of a message and of its address.
"""

import secrets
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index, String, delete, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from improvement.database import Working

TRIES = 5


class Kind(StrEnum):
    """What a message is."""

    SIGN_IN = "link to sign in"
    ROLE = "role given"
    INVITATION = "invitation"
    REMINDER = "reminder"
    CHECK = "question to a council"
    WRONG = "entry said to be wrong"
    REPORT = "Board report"
    OTHER = "other"


class MessageRow(Working):
    """One message to one person and what became of it: waiting, sent, bounced, or given up after five tries."""

    __tablename__ = "outbox"
    __table_args__ = (Index("uq_outbox_token", "token", unique=True),)
    shows = False

    id: Mapped[int] = mapped_column(primary_key=True)
    to: Mapped[str] = mapped_column("to_address", String(254), index=True)
    subject: Mapped[str]
    body: Mapped[str]
    written_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)
    became: Mapped[str] = mapped_column(default="waiting")
    kind: Mapped[str] = mapped_column(String(30), default=Kind.OTHER.value, server_default=Kind.OTHER.value)
    token: Mapped[str | None] = mapped_column(String(32))
    """What nobody can guess and only this message carries: what answers it is known by it."""
    stop: Mapped[str] = mapped_column(default="", server_default="")
    """The address where whoever gets it can stop such messages, if they may."""
    good_until: Mapped[datetime | None]
    """After this it says nothing any more, and is not sent."""
    held_until: Mapped[datetime | None]
    """Until then somebody sends it, or it waits for its next try."""
    bounced_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(default="", server_default="")
    """Why it came back, in words of ours."""


class UnreachedRow(Working):
    """An address that the last message did not reach: how many in a row, when the newest was written, and why."""

    __tablename__ = "unreached"
    shows = False

    address: Mapped[str] = mapped_column(String(254), primary_key=True)
    in_a_row: Mapped[int]
    written_at: Mapped[datetime]
    bounced_at: Mapped[datetime]
    reason: Mapped[str]


def write(
    session: Session,
    to: str,
    subject: str,
    body: str,
    at: datetime,
    *,
    kind: Kind = Kind.OTHER,
    stop: str = "",
    good_until: datetime | None = None,
) -> MessageRow:
    """Put a message in the outbox."""
    row = MessageRow(
        to=to,
        subject=" ".join(subject.split()),
        body=body,
        written_at=at,
        kind=kind.value,
        token=new_token(),
        stop=stop,
        good_until=good_until,
    )
    session.add(row)
    return row


def new_token() -> str:
    """128 bits, in letters and figures that a mail server neither folds nor changes."""
    return secrets.token_hex(16)


def newest(session: Session, most: int = 50) -> Sequence[MessageRow]:
    """The messages written last."""
    return session.scalars(select(MessageRow).order_by(MessageRow.id.desc()).limit(most)).all()


def last_written(session: Session, to: str, subject: str) -> datetime | None:
    """When a message with this subject was last written to somebody."""
    same = (MessageRow.to == to, MessageRow.subject == " ".join(subject.split()))
    return session.scalar(select(func.max(MessageRow.written_at)).where(*same))


def last_of(session: Session, *kinds: Kind) -> dict[str, datetime]:
    """When a message of one of these kinds was last written to each address, as far as messages are kept."""
    wanted = select(MessageRow.to, func.max(MessageRow.written_at)).where(MessageRow.kind.in_(kinds))
    return {row[0]: row[1] for row in session.execute(wanted.group_by(MessageRow.to))}


def forget(session: Session, before: datetime) -> None:
    """Forget messages written before an instant, whatever became of them."""
    session.execute(delete(MessageRow).where(MessageRow.written_at < before))
