"""Ten years of monthly facts of local accounts: as much as is told of a council in 120 months, in one year's list.

It is harder than ten years one after the other, where each year's list has only its own.
"""

from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from benches.enlarging import AGAIN, WHO
from improvement import dates
from improvement.access import queries as access
from improvement.access.rules import Role
from improvement.database import COMMON, EVER, Database, Fact, known, record
from improvement.local_accounts import queries
from improvement.local_accounts.rules import Status
from improvement.local_accounts.tables import AccountPublished, AccountSeen, StatusReported
from improvement.local_accounts.tables.checks import EntryChecked
from improvement.local_accounts.tables.readings import AccountRead
from improvement.upkeep import all_tables

MONTHS = 120


def lengthen(folder: Path) -> None:
    """Tell of every council in a folder's demonstration what ten years of months would."""
    all_tables()
    database = Database(f"sqlite:///{folder / 'improvement.db'}")
    try:
        with database.writing() as session:
            _say(session)
            for kind in (AccountPublished, AccountSeen, AccountRead):
                _repeat(session, kind)
    finally:
        database.close()


def _say(session: Session) -> None:
    """A status and a look at the entry for each month, on the days before what stands; what stands stays so."""
    by, which = access.by_email(session, WHO), queries.FIRST_YEAR
    assert by is not None
    said = {fact.council: fact.effective_on for fact in reversed(list(session.scalars(known(StatusReported, EVER))))}
    for slug in [one.slug for one in queries.expected(session, which)]:
        first = said.get(slug, queries.year(session, which).deadline)
        for month in range(1, MONTHS + 1):
            day = first - timedelta(days=month)
            same: dict[str, Any] = {"year": str(which), "council": slug, "effective_on": day, "note": f"Month {month}"}
            facts: list[Fact] = [
                StatusReported(**same, status=Status.NOT_STARTED.value, expected_on=None, source=""),
                EntryChecked(**same, by_council=False, post="", correct=True, said=""),
            ]
            for fact in facts:
                record(session, fact, by=by.id, as_role=Role.SECRETARIAT, at=dates.now())
        session.flush()


def _repeat(session: Session, kind: type[Fact]) -> None:
    """Each publication, look and reading again nine times, on later days."""
    for fact in list(session.scalars(known(kind, EVER))):
        values = {column.key: getattr(fact, column.key) for column in kind.__table__.columns}
        own = {name: value for name, value in values.items() if name not in COMMON}
        for turn in range(1, AGAIN + 1):
            if kind is AccountPublished:
                own["address"] = f"{values['address']}?edition={turn + 1}"
            again = kind(**own, effective_on=fact.effective_on + timedelta(days=turn), note=fact.note)
            record(session, again, by=fact.recorded_by, as_role=fact.recorded_as, at=dates.now())
    session.flush()
