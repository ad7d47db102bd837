"""The demonstration at ten times its size: as many facts again nine times over, told by its own people.

Statuses, later editions and confirmations are added as facts; payments are split in ten and concerns told again in
other councils by the commands people use. `improvement check` must find nothing wrong with it.
"""

import contextlib
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from improvement import dates
from improvement.access import queries as access
from improvement.access.rules import Person
from improvement.database import COMMON, EVER, Database, Fact, known, record
from improvement.demonstration import concerns
from improvement.errors import TurnedDown
from improvement.funding import commands as funding
from improvement.funding.entering.moves import Payment
from improvement.funding.tables.moves import PaymentMade
from improvement.local_accounts import queries as accounts
from improvement.local_accounts.tables import AccountPublished, AccountSeen, StatusReported
from improvement.upkeep import all_tables

WHO = "secretariat@demo.example"
AGAIN = 9


def enlarge(folder: Path) -> None:
    """Make the demonstration in a folder ten times its size."""
    all_tables()
    database = Database(f"sqlite:///{folder / 'improvement.db'}")
    at = dates.now()
    try:
        with database.writing() as session:
            by = access.by_email(session, WHO)
            assert by is not None
            _say_more(session, at)
            _pay_in_tenths(session, by, at)
            for turn in range(1, AGAIN + 1):
                _raise_more(session, turn)
    finally:
        database.close()


def _say_more(session: Session, at: datetime) -> None:
    """Each status said nine times more on the days before it; each publication and each look repeated on later days."""
    for kind, step in ((StatusReported, -1), (AccountPublished, 1), (AccountSeen, 1)):
        for fact in list(session.scalars(known(kind, EVER))):
            values = {column.key: getattr(fact, column.key) for column in kind.__table__.columns}
            own = {name: value for name, value in values.items() if name not in COMMON}
            for turn in range(1, AGAIN + 1):
                if kind is AccountPublished:
                    own["address"] = f"{values['address']}?edition={turn + 1}"
                _record(session, kind, own, fact, timedelta(days=step * turn), at)
        session.flush()


def _record(
    session: Session, kind: type[Fact], own: dict[str, Any], like: Fact, later: timedelta, at: datetime
) -> None:
    fact = kind(**own, effective_on=like.effective_on + later, note=like.note)
    record(session, fact, by=like.recorded_by, as_role=like.recorded_as, at=at)


def _pay_in_tenths(session: Session, by: Person, at: datetime) -> None:
    """Each payment becomes ten. What a rule refuses stays as it is."""
    for fact in list(session.scalars(known(PaymentMade, EVER))):
        tenth = fact.amount_pence // 10
        if not tenth:
            continue
        given = {"line": fact.line, "paid_on": fact.effective_on, "reference": fact.reference, "mou": fact.mou}
        with contextlib.suppress(TurnedDown):
            first = Payment(**given, amount_pence=fact.amount_pence - 9 * tenth)
            funding.correct(session, funding.Mending(fact.id, "Paid in ten parts", first), by=by, at=at)
            for _ in range(AGAIN):
                funding.pay(session, Payment(**given, amount_pence=tenth), by=by, at=at)
        session.flush()


def _raise_more(session: Session, turn: int) -> None:
    """The demonstration's own concerns, told by its own people, in councils further down the list."""
    before = concerns.PLACES
    slugs = [council.slug for council in accounts.expected(session, accounts.FIRST_YEAR)]
    count = len(before)
    concerns.PLACES = tuple(slugs[(turn * count + at) % len(slugs)] for at in range(count))
    people: dict[str, Person] = {}
    try:
        for event in sorted(concerns.year(session), key=lambda event: event.at):
            if event.who not in people:
                found = access.by_email(session, event.who)
                assert found is not None
                people[event.who] = found
            event.do(session, people[event.who], event.at)
            session.flush()
    finally:
        concerns.PLACES = before
