"""What is due, derived from the facts; doing it twice does it once.

Each due thing has a key. Whoever does it claims the key with a lease, does it in a transaction of its own, and a unique
fact makes twice once. What fails is tried five times, then parked and shown.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from improvement.database import Database, Working
from improvement.dates import now

LOG = logging.getLogger("improvement")
TRIES = 5
LEASE = timedelta(minutes=10)


class LeaseRow(Working):
    """Who is doing a due thing, until when; and how often it was tried."""

    __tablename__ = "lease"
    shows = False

    key: Mapped[str] = mapped_column(String(100), primary_key=True)
    held_until: Mapped[datetime]
    tries: Mapped[int] = mapped_column(default=0)
    problem: Mapped[str] = mapped_column(default="")


class Due(msgspec.Struct, frozen=True):
    """One thing to do now."""

    key: str
    do: Callable[[Session, datetime], None]


Finder = Callable[[Session, datetime], list[Due]]


def work(database: Database, finders: list[Finder], at: datetime) -> list[str]:
    """Do what is due by an instant; the keys of what was done."""
    return [
        due.key
        for find in finders
        for due in _due(database, find, at)
        if _claim(database, due.key, at) and _do(database, find, due.key, at)
    ]


def _due(database: Database, find: Finder, at: datetime) -> list[Due]:
    try:
        with database.reading() as session:
            return find(session, at)
    except Exception:  # what one finder cannot find must not keep the others' from being done
        LOG.exception("could not find what is due")
        return []


def parked(session: Session) -> list[tuple[str, str]]:
    """What failed five times and waits for a person: key and problem."""
    rows = session.execute(select(LeaseRow.key, LeaseRow.problem).where(LeaseRow.tries >= TRIES))
    return [(row.key, row.problem) for row in rows]


def _claim(database: Database, key: str, at: datetime) -> bool:
    with database.writing() as session:
        row = session.get(LeaseRow, key)
        if row is None:
            row = LeaseRow(key=key, tries=0, problem="")
            session.add(row)
        elif row.held_until > at or row.tries >= TRIES:
            return False
        row.held_until, row.tries = at + LEASE, row.tries + 1
        return True


def _do(database: Database, find: Finder, key: str, at: datetime) -> bool:
    """Do one thing, if it is still due now that it is our turn: another worker may have done it since we looked."""
    try:
        with database.writing() as session:
            due = next((one for one in find(session, at) if one.key == key), None)
            if due is not None:
                due.do(session, now())
            session.delete(session.get_one(LeaseRow, key))
        return due is not None
    except Exception as error:  # whatever it was, the next thing is still to be done, and this one is shown
        LOG.exception("could not do %s", key)
        with database.writing() as session:
            row = session.get_one(LeaseRow, key)
            row.held_until, row.problem = now(), f"{type(error).__name__}: {error}"[:500]
        return False
