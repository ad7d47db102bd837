"""What a message looks like on the wire: its headers, and its text with the same as a page beside it."""

from collections.abc import Callable
from datetime import datetime
from email import policy
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr

import msgspec

AsPage = Callable[[str, str], str]
"""Makes a page of HTML of a subject and a text."""

# Addresses that stop reminders are long: folded at 78 they would be encoded, and then no mail program knows them.
_WHOLE = policy.SMTP.clone(max_line_length=900)


class Letter(msgspec.Struct, frozen=True):
    """A message as it was written, and what tells it from every other."""

    to: str
    subject: str
    body: str
    token: str
    written_at: datetime
    stop: str = ""


def compose(letter: Letter, sender: str, as_page: AsPage | None = None) -> EmailMessage:
    """The message: the same however often it is sent. Raises `ValueError` for what can be no header."""
    message = EmailMessage(policy=_WHOLE)
    message["From"], message["To"], message["Subject"] = sender, letter.to, letter.subject
    message["Date"] = format_datetime(letter.written_at)
    message["Message-ID"] = f"<{letter.token}@{_domain(sender)}>"
    message["Auto-Submitted"] = "auto-generated"
    if letter.stop:
        message["List-Unsubscribe"] = f"<{letter.stop}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(letter.body)
    if as_page is not None:
        message.add_alternative(as_page(letter.subject, letter.body), subtype="html")
    return message


def envelope_sender(letter: Letter, sender: str, bounces: str) -> str:
    """Where a message goes back to that cannot be delivered: with its token in the address, where there is one for
    that."""
    name, at, domain = bounces.rpartition("@")
    return f"{name}+{letter.token}@{domain}" if at else parseaddr(sender)[1]


def _domain(sender: str) -> str:
    return parseaddr(sender)[1].rpartition("@")[2] or "localhost"
