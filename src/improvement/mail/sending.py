"""Sending what waits: each message is claimed first, so that of two senders only one sends it."""

import smtplib
import ssl
from collections.abc import Callable
from datetime import datetime, timedelta
from urllib.parse import unquote, urlsplit

import msgspec
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from improvement.database import Database
from improvement.dates import now
from improvement.errors import Busy
from improvement.mail import TRIES, MessageRow, arrival, bounces, composing, new_token
from improvement.mail.composing import AsPage, Letter

WAIT = 10
"""How long, in seconds, we wait for the mail server's next word."""
LEASE = timedelta(minutes=10)
"""How long a message is its sender's alone. It takes far less; a sender that died is waited for no longer."""
AGAIN = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120))
"""How long after each failed try the next one is made: some servers first turn down whom they do not know."""
NOTED = 5
"""How often we try to keep that a message was sent, when other writers take long."""
TOO_LATE = "not sent: what it says had passed before it could be sent"


class Post(msgspec.Struct, frozen=True):
    """The mail server, whom mail comes from, where what cannot be delivered goes back to, and how pages are made."""

    smtp_url: str
    sender: str
    bounces: str = ""
    as_page: AsPage | None = None


class Failure(msgspec.Struct, frozen=True):
    """What went wrong. With a status the server has said for good that it will never take this address."""

    said: str
    status: str = ""


def send_waiting(database: Database, post: Post, clock: Callable[[], datetime] = now) -> int:
    """Send what waits; how many were tried. Nothing waits on the network inside a transaction, and a failure is kept.

    A sender that dies between sending a message and saying so leaves it to be sent again, under the same Message-ID.
    """
    with database.reading() as session:
        at = clock()
        open_now = or_(MessageRow.held_until.is_(None), MessageRow.held_until <= at)
        waits = (MessageRow.sent_at.is_(None), MessageRow.bounced_at.is_(None), MessageRow.tries < TRIES, open_now)
        waiting = session.scalars(select(MessageRow.id).where(*waits).order_by(MessageRow.id).limit(100)).all()
    return sum(_send_one(database, post, id_, clock) for id_ in waiting)


def _send_one(database: Database, post: Post, id_: int, clock: Callable[[], datetime]) -> bool:
    letter = _claim(database, id_, clock())
    if letter is None:
        return False
    failure = _send(post, letter)
    for left in reversed(range(NOTED)):
        try:
            with database.writing() as session:
                _note(session, id_, failure, clock())
            break
        except Busy:
            if not left:
                raise
    return True


def _claim(database: Database, id_: int, at: datetime) -> Letter | None:
    """The message, now ours to send; none when somebody else has it or had it, or it is too late for it."""
    with database.writing() as session:
        row = session.get(MessageRow, id_)
        if row is None or row.sent_at is not None or row.bounced_at is not None or row.tries >= TRIES:
            return None
        if row.held_until is not None and row.held_until > at:
            return None
        if row.good_until is not None and row.good_until < at:
            row.tries, row.became = TRIES, TOO_LATE
            return None
        row.held_until, row.tries, row.token = at + LEASE, row.tries + 1, row.token or new_token()
        return Letter(row.to, row.subject, row.body, row.token, row.written_at, row.stop)


def _note(session: Session, id_: int, failure: Failure | None, at: datetime) -> None:
    row = session.get(MessageRow, id_)
    if row is None:
        return
    if failure is None:
        row.sent_at, row.held_until = at, None
        row.became = row.became if row.bounced_at else "sent"
    elif failure.status:
        row.held_until = None
        arrival.came_back(session, row, failure.status, at)
    else:
        row.became, row.held_until = failure.said, at + AGAIN[min(row.tries, len(AGAIN)) - 1]


def _send(post: Post, letter: Letter) -> Failure | None:
    """What went wrong, or nothing."""
    try:
        message = composing.compose(letter, post.sender, post.as_page)
        back_to = composing.envelope_sender(letter, post.sender, post.bounces)
        with _server(post.smtp_url) as server:
            server.send_message(message, from_addr=back_to, to_addrs=[letter.to])
    except smtplib.SMTPRecipientsRefused as error:
        code, text = next(iter(error.recipients.values()), (0, b""))
        return Failure(f"not sent: {type(error).__name__}", bounces.refusal(code, text))
    except (OSError, ValueError, smtplib.SMTPException) as error:  # an address no server takes is a ValueError
        return Failure(f"not sent: {type(error).__name__}")
    return None


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
