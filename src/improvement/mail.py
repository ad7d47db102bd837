"""The outbox: a message is written in the transaction that caused it, sent by the worker, and never forgotten."""

import smtplib
import ssl
from collections.abc import Sequence
from datetime import datetime
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

from sqlalchemy import String, delete, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from improvement.database import Database, Working

TRIES = 5
WAIT = 10
"""How long, in seconds, we wait for the mail server."""


class MessageRow(Working):
    """One message to one person and what became of it: waiting, sent, or given up after five tries."""

    __tablename__ = "outbox"
    shows = False

    id: Mapped[int] = mapped_column(primary_key=True)
    to: Mapped[str] = mapped_column("to_address", String(254), index=True)
    subject: Mapped[str]
    body: Mapped[str]
    written_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)
    became: Mapped[str] = mapped_column(default="waiting")


def write(session: Session, to: str, subject: str, body: str, at: datetime) -> MessageRow:
    """Put a message in the outbox."""
    row = MessageRow(to=to, subject=" ".join(subject.split()), body=body, written_at=at)
    session.add(row)
    return row


def newest(session: Session, most: int = 50) -> Sequence[MessageRow]:
    """The messages written last."""
    return session.scalars(select(MessageRow).order_by(MessageRow.id.desc()).limit(most)).all()


def last_written(session: Session, to: str, subject: str) -> datetime | None:
    """When a message with this subject was last written to somebody."""
    same = (MessageRow.to == to, MessageRow.subject == " ".join(subject.split()))
    return session.scalar(select(func.max(MessageRow.written_at)).where(*same))


def forget(session: Session, before: datetime) -> None:
    """Forget messages written before an instant, whatever became of them."""
    session.execute(delete(MessageRow).where(MessageRow.written_at < before))


def send_waiting(database: Database, smtp_url: str, sender: str, at: datetime) -> int:
    """Send what waits. Nothing waits on the network inside a transaction; a failure is kept and tried again."""
    with database.reading() as session:
        waiting = session.execute(
            select(MessageRow.id, MessageRow.to, MessageRow.subject, MessageRow.body)
            .where(MessageRow.sent_at.is_(None), MessageRow.tries < TRIES)
            .order_by(MessageRow.id)
            .limit(100)
        ).all()
    for id_, to, subject, body in waiting:
        problem = _send(smtp_url, sender, to, subject, body)
        with database.writing() as session:
            row = session.get_one(MessageRow, id_)
            row.tries += 1
            row.sent_at = None if problem else at
            row.became = problem or "sent"
    return len(waiting)


def _send(smtp_url: str, sender: str, to: str, subject: str, body: str) -> str:
    """What went wrong, or nothing."""
    message = EmailMessage()
    try:
        message["From"], message["To"], message["Subject"] = sender, to, subject
        message.set_content(body)
        with _server(smtp_url) as server:
            server.send_message(message)
    except (OSError, ValueError, smtplib.SMTPException) as error:  # an address no server takes is a ValueError
        return f"not sent: {type(error).__name__}"
    return ""


def _server(smtp_url: str) -> smtplib.SMTP:
    """The server, and nobody who only says that it is: its certificate is looked at."""
    parts, certified = urlsplit(smtp_url), ssl.create_default_context()
    host = parts.hostname or "localhost"
    if parts.scheme == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, parts.port or 465, timeout=WAIT, context=certified)
    else:
        server = smtplib.SMTP(host, parts.port or 25, timeout=WAIT)
    if parts.username:
        if parts.scheme != "smtps":
            server.starttls(context=certified)
        server.login(unquote(parts.username), unquote(parts.password or ""))
    return server
