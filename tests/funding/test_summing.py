"""The book of any day and of any moment, however it was come by, is the one its facts make."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from improvement.database import Database, Memory, known, last_recorded_at
from improvement.dates import AsAt
from improvement.errors import Refused
from improvement.funding import book as books
from improvement.funding import commands, ledger, queries, summing
from improvement.funding.book import UNALLOCATED, Book, Kind, Leg, Of
from improvement.funding.commands import Mending
from improvement.funding.entering.moves import (
    Allocation,
    Commitment,
    Negotiation,
    Payment,
    Refund,
    Release,
    Variation,
    Virement,
)
from improvement.funding.tables import TABLES
from tests.conftest import LONG
from tests.funding.conftest import AT, SECRETARIAT

MOU = "2011-2012"
LINES = ("london", "eastern", "programme-lead")
DAYS = [date(2011, 8, 1) + timedelta(days=ahead) for ahead in range(4)]
OTHERS = count()

Steps = st.lists(
    st.tuples(st.sampled_from(["pay", "pay", "refund", "vire", "release", "vary", "mend", "undo"]), st.integers(0, 99)),
    min_size=8,
    max_size=25,
)


@pytest.fixture(autouse=True)
def short_strides(monkeypatch: pytest.MonkeyPatch) -> None:
    """Books are kept after every few facts, and few others, so that every way to make one is gone; and every list of a
    day begins where its facts are."""
    monkeypatch.setattr(summing, "STRIDE", 7)
    monkeypatch.setattr(summing, "PASSING", 2)
    monkeypatch.setattr(ledger, "NEAR", timedelta(0))


def begin(session: Session) -> None:
    """Each line has an allocation and a commitment; another MoU is in negotiation, whose facts come in between."""
    for line in LINES:
        commands.allocate(session, Allocation(line=line, amount_pence=10_000_00, mou=MOU), by=SECRETARIAT, at=AT)
        promised = Commitment(line=line, amount_pence=5_000_00, recipient="x", purpose="y", mou=MOU)
        commands.commit(session, promised, by=SECRETARIAT, at=AT)
    other = Negotiation(mou=f"other-{next(OTHERS)}", title="x", funder="y", amount_pence=1)
    commands.put_in_negotiation(session, other, by=SECRETARIAT, at=AT)


def take(session: Session, step: str, number: int) -> None:
    """One step, its day, line and amount by a number."""
    line, other = LINES[number % 3], LINES[(number + 1) % 3]
    day, pence = DAYS[number % 4], number + 1
    wanted: Any = {
        "pay": lambda: Payment(
            line=line, amount_pence=pence, paid_on=day, mou=MOU, over_cash_reason="x" * (number % 5 == 0)
        ),
        "refund": lambda: Refund(line=line, amount_pence=pence, received_on=day, mou=MOU),
        "vire": lambda: Virement(
            legs=[Leg(line, -pence), Leg(other if number % 2 else UNALLOCATED, pence)],
            why="x", decision_reference="Board 1" * (number % 3 > 0), effective_on=day, mou=MOU,
        ),
        "release": lambda: Release(line=line, of=list(Of)[number % 2], amount_pence=pence, effective_on=day, mou=MOU),
        "vary": lambda: Variation(amount_pence=550_000_00 + pence, why="x", effective_on=day, mou=MOU),
    }  # fmt: skip
    if step in wanted:
        kind = {"pay": "payment", "vire": "virement", "vary": "MoU varied"}.get(step, step)
        commands.do(session, Kind(kind), wanted[step](), by=SECRETARIAT, at=AT)
        return
    made = session.scalars(select(TABLES[Kind.PAYMENT]).order_by(TABLES[Kind.PAYMENT].seq)).all()
    if made:
        wrong: Any = made[number % len(made)]
        paid = Payment(line=line, amount_pence=pence, paid_on=day, mou=MOU)
        mending = Mending(wrong.id, "Wrong", paid if step == "mend" else None)
        commands.correct(session, mending, by=SECRETARIAT, at=AT)


def plainly(session: Session, as_at: AsAt) -> Book:
    """A book from the facts that stand, one by one."""
    facts = [(kind, fact) for kind in books.MOVES for fact in session.scalars(known(TABLES[kind], as_at))]
    entries = [(summing.as_entry(kind, fact), 1) for kind, fact in facts if queries.mou_of(fact) == MOU]
    return books.changed(Book(MOU), entries)


def same(one: Book, other: Book) -> bool:
    def told(book: Book) -> Any:
        undecided = sorted(entry.id for entry in book.undecided)
        life = [(entry.id, entry.on, entry.pence) for entry in book.life]
        return book.sums, book.counts, book.lines, life, undecided, book.limits

    return bool(told(one) == told(other))


@settings(max_examples=60 if LONG else 6, suppress_health_check=list(HealthCheck))
@given(steps=Steps, order=st.randoms(use_true_random=False))
def test_a_book_of_any_moment_is_what_the_facts_known_by_then_make(agreed: Database, steps: Any, order: Any) -> None:
    with agreed.writing() as session:
        begin(session)
        began = last_recorded_at(session)
    moments: list[datetime | None] = [None, began]
    for step, number in steps:
        try:
            with agreed.writing() as session:
                take(session, step, number)
                moments.append(last_recorded_at(session))
        except Refused:
            continue
    order.shuffle(moments)
    for moment in moments:
        with agreed.reading() as session:
            assert same(queries.book(session, MOU, moment), plainly(session, AsAt(date.max, moment))), moment
    with agreed.reading() as session:
        assert same(queries.book(session, MOU), queries.afresh(session, MOU))
        assert queries.wrong(session) == []


def test_everything_is_added_up_once_in_a_process_whoever_asks_first(
    agreed: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with agreed.writing() as session:
        begin(session)
    agreed.memory = Memory()
    made, whole, waiting = [], summing._whole, threading.Barrier(4)

    def add_up(session: Session, mou: str) -> Book:
        made.append(mou)
        return whole(session, mou)

    def ask() -> Book:
        with agreed.reading() as session:
            waiting.wait(10)
            return queries.book(session, MOU)

    monkeypatch.setattr(summing, "_whole", add_up)
    with ThreadPoolExecutor(4) as threads:
        found = [asked.result() for asked in [threads.submit(ask) for _ in range(4)]]
    assert made == [MOU]
    assert all(same(one, found[0]) for one in found)


def test_the_moments_that_are_added_up_at_the_start_are_known_from_then_on(agreed: Database) -> None:
    with agreed.writing() as session:
        begin(session)
    agreed.memory = Memory()
    with agreed.reading() as session:
        moments = queries.add_all_up(session)
    for mou, seq in moments:
        with agreed.reading() as session:
            queries.add_up(session, mou, seq)
    with agreed.reading() as session:
        assert [seq for mou, seq in moments if mou == MOU] == [*summing.strides(session, MOU)]
        kept = summing._kept(session, MOU)
        assert {seq for mou, seq in moments if mou == MOU} <= kept.books.keys()
        assert kept.earliest.keys() == {seq for mou, seq in moments if mou == MOU}
        assert same(queries.book(session, MOU), queries.afresh(session, MOU))


@settings(max_examples=60 if LONG else 6, suppress_health_check=list(HealthCheck))
@given(steps=Steps, day=st.sampled_from(DAYS), back=st.integers(0, 25), lines=st.sets(st.sampled_from(LINES)))
def test_the_ledger_of_any_day_and_moment_is_counted_as_it_is_listed(
    agreed: Database, steps: Any, day: date, back: int, lines: set[str]
) -> None:
    with agreed.writing() as session:
        begin(session)
        for step, number in steps:
            take_or_not(session, step, number)
        last = last_recorded_at(session)
    as_at = AsAt(day, last - timedelta(microseconds=back))
    for when in (as_at, AsAt(day), AsAt(date.max, as_at.known_at)):
        for of_lines in (None, lines):
            for of in ("", Of.COMMITMENT):
                with agreed.reading() as session:
                    asked: Any = {"kinds": ledger.IN_LEDGER, "of": of, "of_lines": of_lines}
                    found = ledger.entries(session, when, MOU, limit=1000, **asked)
                    counted = ledger.count(session, when, MOU, **asked)
                    assert [one.seq for one in found] == expected(session, when, of, of_lines)
                assert counted == {kind: sum(one.kind == kind for one in found) for kind in counted}


def take_or_not(session: Session, step: str, number: int) -> None:
    try:
        take(session, step, number)
    except Refused:
        return


def expected(session: Session, when: AsAt, of: str, lines: set[str] | None) -> list[int]:
    """The facts of the ledger one by one, the newest first."""
    found = []
    for kind in ledger.IN_LEDGER:
        for fact in session.scalars(known(TABLES[kind], when)):
            entry = summing.as_entry(kind, fact)
            named = {entry.line} | {leg.line for leg in entry.legs}
            wanted = queries.mou_of(fact) == MOU and (lines is None or bool(named & lines))
            if wanted and not (of and kind is Kind.RELEASE and entry.of != of):
                found.append(fact.seq)
    return sorted(found, reverse=True)
