"""What a mail server sends back when it cannot deliver a message (RFC 3464), read as what anybody may have written.

Nothing it says is believed but which message it answers, by a token only that message carried, and a status of three
numbers. Its words are not kept.
"""

import re
from email import message_from_bytes
from email.message import Message
from email.policy import compat32

import msgspec

from improvement.errors import NotFound, Refused, TooBig

MOST = 1_000_000
"""The largest answer we read, in bytes."""
MOST_PARTS, MOST_DASHES = 25, 2_000
"""How many parts, and lines that might begin one, we read: parts within parts take the time of their square."""
_TOKEN = re.compile(r"(?:<|\+)([0-9a-f]{32})@")
_STATUS = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
_SENT_TO = ("To", "Delivered-To", "X-Original-To")
NO_ANSWER = "This is no delivery report (a multipart/report message), so nothing was noted."

SAYS: tuple[tuple[str, str], ...] = (
    (r"\.1\.[246]$|\.1\.10$|\.4\.4$", "The part of the address after the @ takes no mail."),
    (r"\.1\.", "There is no such mailbox at this address."),
    (r"\.2\.1$", "The mailbox has been switched off."),
    (r"\.2\.2$", "The mailbox is full."),
    (r"\.2\.", "The mailbox does not take this message."),
    (r"\.[34]\.", "The mail server of this address could not be reached, or was out of order."),
    (r"\.7\.", "The mail server of this address refuses our messages. Those who run it can let them through."),
)
"""What a status means, by how it ends, in words."""
OTHERWISE = "The message came back, and no reason we know was given."


class NotABounce(Refused):
    """A message that is no delivery report."""


class Answer(msgspec.Struct, frozen=True):
    """Which message came back, and with what status. One that is only delayed has not failed."""

    token: str
    status: str
    failed: bool


def read(raw: bytes) -> Answer:
    """A delivery report. Raises `TooBig`, `NotABounce`, or `NotFound` when it answers no message of ours."""
    if len(raw) > MOST:
        raise TooBig("The message is more than 1 MB, so it was not read and nothing was noted.")
    if raw.lower().count(b"content-type") > MOST_PARTS or raw.count(b"\n--") > MOST_DASHES:
        raise NotABounce(NO_ANSWER)
    try:
        return _answer(message_from_bytes(raw, policy=compat32))
    except (RecursionError, ValueError, LookupError, TypeError, AttributeError):
        # It was made to be read by nobody: the library gives up in ways of its own.
        raise NotABounce(NO_ANSWER) from None


def in_words(status: str) -> str:
    """What a status means, as people say it, with the status for those who run mail servers."""
    said = next((words for ending, words in SAYS if re.search(ending, status)), OTHERWISE)
    return f"{said} ({status})" if status else said


def refusal(code: int, text: bytes) -> str:
    """The status of a mail server's refusal to take an address, if it is for good and about the address; else nothing.

    What it says of us, our rights or its own state is tried again: else one wrong setting would stop everybody's mail.
    """
    found = _STATUS.match(text.decode("ascii", "replace"))
    if found:
        return found[0] if found[1] == "5" and found[2] in ("1", "2", "4") else ""
    return {550: "5.1.1", 551: "5.1.6", 553: "5.1.3"}.get(code, "")


def _answer(message: Message) -> Answer:
    if message.get_content_type() != "multipart/report":
        raise NotABounce(NO_ANSWER)
    parts = [part for part, _ in zip(message.walk(), range(MOST_PARTS), strict=False)]
    reports = [part for part in parts if part.get_content_type() == "message/delivery-status"]
    if not reports:
        raise NotABounce(NO_ANSWER)
    action, status = _of(reports[0])
    return Answer(_token(message, parts), status, failed=action == "failed")


def _of(report: Message) -> tuple[str, str]:
    """What was done and the status: those of the first recipient that failed, or else of the first."""
    blocks = report.get_payload()
    of = [block for block in blocks if isinstance(block, Message)] if isinstance(blocks, list) else []
    told = [(_plain(block, "Action").lower(), _plain(block, "Status")) for block in of if block["Action"] is not None]
    action, status = next((one for one in told if one[0] == "failed"), told[0] if told else ("", ""))
    found = _STATUS.search(status)
    return action, found[0] if found else ""


def _token(message: Message, parts: list[Message]) -> str:
    """The token of our message: in the address the report was sent to, or in the message it gives back."""
    said = [_plain(message, name) for name in _SENT_TO]
    for part in parts:
        if part.get_content_type() == "text/rfc822-headers":
            body = part.get_payload(decode=True)
            headers = message_from_bytes(body if isinstance(body, bytes) else b"", policy=compat32)
            said.append(_plain(headers, "Message-ID"))
        elif part.get_content_type() == "message/rfc822" and part.is_multipart():
            said.append(_plain(part.get_payload(0), "Message-ID"))
    found = next((match for text in said if (match := _TOKEN.search(text))), None)
    if found is None:
        raise NotFound("This answers no message of ours, so nothing was noted.")
    return found[1]


def _plain(message: object, name: str) -> str:
    return str(message[name] or "")[:1000].strip() if isinstance(message, Message) else ""
