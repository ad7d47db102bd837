"""Any number of entries in the ledger: the demonstration's MoU made large by the commands people use, then money moved
on its lines, day after day, until there are so many facts. Every rule holds of it: `improvement check` finds nothing.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from improvement.access import queries as access
from improvement.access.rules import Person
from improvement.database import Database, LastFact, last_recorded_at, last_seq
from improvement.dates import AsAt, london_day
from improvement.funding import commands, queries
from improvement.funding.book import UNALLOCATED, Kind
from improvement.funding.entering.moves import Allocation, Commitment, Payment, Receipt, Variation
from improvement.funding.tables import TABLES
from improvement.upkeep import all_tables

WHO = "secretariat@demo.example"
DAYS = 730
"""Over how many days, after the last of the demonstration, they are recorded."""
AT_ONCE = 10_000
LARGE = 1_000_000_000_00
"""What each line is allocated, committed and (all of them together) has in hand, in pence."""
OFTEN = {
    Kind.PAYMENT: 850,
    Kind.REFUND: 80,
    Kind.COMMITMENT: 50,
    Kind.RELEASE: 10,
    Kind.ALLOCATION: 5,
    Kind.VIREMENT: 5,
}
"""How many of a thousand are of each kind. One payment in two hundred corrects the one before it on its line."""
OWN: dict[Kind, dict[str, Any]] = {
    Kind.PAYMENT: {"reference": "BACS", "over_cash_reason": "", "claim": "", "run": ""},
    Kind.REFUND: {"reference": "BACS", "why": "", "payment": None},
    Kind.COMMITMENT: {"recipient": "A council", "purpose": "Support", "reference": ""},
    Kind.RELEASE: {"of": "commitment", "why": "", "decision_reference": ""},
    Kind.ALLOCATION: {"why": ""},
    Kind.VIREMENT: {"decision_reference": "Board 1", "why": "x"},
}


def fill(url: str, entries: int) -> tuple[datetime, datetime]:
    """So many more entries in the demonstration of a database; when the first and the last were recorded."""
    all_tables()
    database = Database(url)
    try:
        with database.writing() as session:
            by = access.by_email(session, WHO)
            assert by is not None
            lines = _make_room(session, by)
            began = last_recorded_at(session)
        with database.writing() as session:
            ended = _insert(session, by, lines, entries, began)
    finally:
        database.close()
    return began, ended


def _make_room(session: Session, by: Person) -> list[str]:
    """The MoU varied to a sum that so many entries fit in, shared among its lines, all of it committed and in hand."""
    at = last_recorded_at(session) + timedelta(seconds=1)
    on = london_day(at)
    rows = queries.lines(session, AsAt(on))
    lines = [row.line for row in rows if row.line != UNALLOCATED]
    whole = LARGE * (len(lines) + 1)
    commands.vary(session, Variation(amount_pence=whole, why="Many entries", effective_on=on), by=by, at=at)
    commands.receive_instalment(session, Receipt(amount_pence=whole, received_on=on), by=by, at=at)
    for line in lines:
        common = {"line": line, "amount_pence": LARGE // 2, "effective_on": on}
        commands.allocate(session, Allocation(**common, why="Many entries"), by=by, at=at)
        promised = Commitment(**{**common, "amount_pence": LARGE // 4}, recipient="Councils", purpose="Support")
        commands.commit(session, promised, by=by, at=at)
        commands.pay(session, Payment(line=line, amount_pence=LARGE // 100, paid_on=on), by=by, at=at)
    return lines


def _insert(session: Session, by: Person, lines: list[str], entries: int, began: datetime) -> datetime:
    """The entries, a few thousand at once, with the count of facts that goes with them."""
    rows: dict[Kind, list[dict[str, Any]]] = {kind: [] for kind in OFTEN}
    last = began
    for kind, row in _entries(by, lines, entries, began, last_seq(session)[0]):
        rows[kind].append(row)
        last = row["recorded_at"]
        if len(rows[kind]) == AT_ONCE:
            session.execute(insert(TABLES[kind].__table__), rows[kind])
            rows[kind].clear()
    for kind, left in rows.items():
        if left:
            session.execute(insert(TABLES[kind].__table__), left)
    session.execute(update(LastFact).values(seq=LastFact.seq + entries, recorded_at=last))
    return last


def _entries(
    by: Person, lines: list[str], entries: int, began: datetime, seq: int
) -> Iterator[tuple[Kind, dict[str, Any]]]:
    """One fact after another: the same ones each time, most effective within a week before they are recorded."""
    chance, first = Random(entries), london_day(began)
    kinds, often = list(OFTEN), list(OFTEN.values())
    before: dict[str, dict[str, Any]] = {}
    for ahead in range(1, entries + 1):
        kind, line = chance.choices(kinds, often)[0], chance.choice(lines)
        at = began + timedelta(days=DAYS) * ahead / entries
        mou = commands.FIRST
        row = {
            "id": UUID(int=chance.getrandbits(128), version=4),
            "seq": seq + ahead,
            "mou": mou,
            "effective_on": max(first, london_day(at) - timedelta(days=chance.randrange(7))),
            "recorded_at": at,
            "recorded_by": by.id,
            "recorded_as": "secretariat",
            "note": "",
            "withdrawn": False,
            "reason": "",
            "corrects": None,
            **OWN[kind],
        }
        pence = chance.randrange(1, 2_000_00) if kind is Kind.PAYMENT else chance.randrange(1, 100_00)
        if kind is Kind.VIREMENT:
            other = chance.choice([each for each in lines if each != line])
            row["legs"] = [{"line": line, "amount_pence": -pence}, {"line": other, "amount_pence": pence}]
        else:
            row |= {"line": line, "amount_pence": pence}
        if kind is Kind.PAYMENT:
            if line in before and chance.randrange(200) == 0:
                wrong = before.pop(line)
                row |= {"corrects": wrong["id"], "reason": "Typed wrongly", "effective_on": wrong["effective_on"]}
            else:
                before[line] = row
        yield kind, row


def day_between(began: datetime, ended: datetime, part: float) -> date:
    """The day by which a part of the entries had been recorded."""
    return london_day(began + (ended - began) * part)
