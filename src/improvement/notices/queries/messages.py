"""Every message that is kept, whatever it is, and what became of it. What it says is not shown."""

from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from improvement.access.rules import May, Person
from improvement.mail import MessageRow
from improvement.notices.queries import FATE, PROBLEM, Wanted


class Message(msgspec.Struct, frozen=True):
    """One message. `problem` says why it did not arrive, where we know."""

    number: int
    written_at: datetime
    to_address: str
    kind: str
    subject: str
    became: str
    problem: str
    sent_at: datetime | None
    tries: int


def log(session: Session, by: Person, wanted: Wanted, *, after: int = 0, most: int | None = None) -> list[Message]:
    """The messages, newest first, from below a number. Only for those who look after people."""
    by.acting(May.MANAGE_PEOPLE)
    row = MessageRow
    told = (row.id, row.written_at, row.to, row.kind, row.subject)
    columns: tuple[Any, ...] = (*told, FATE, PROBLEM, row.sent_at, row.tries)
    found = _of(select(*columns), wanted).order_by(row.id.desc()).limit(most)
    return [Message(*one) for one in session.execute(found.where(row.id < after) if after else found)]


def count(session: Session, by: Person, wanted: Wanted) -> int:
    """How many messages are kept and looked for."""
    by.acting(May.MANAGE_PEOPLE)
    return session.scalar(_of(select(func.count()).select_from(MessageRow), wanted)) or 0


def _of(asked: Select[Any], wanted: Wanted) -> Select[Any]:
    if wanted.words:
        asked = asked.where(MessageRow.to.contains(wanted.words.lower(), autoescape=True))
    if wanted.kind:
        asked = asked.where(MessageRow.kind == wanted.kind)
    return asked.where(FATE.in_((wanted.became,))) if wanted.became else asked
