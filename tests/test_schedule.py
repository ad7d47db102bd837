"""Due work is done once, whoever does it; what fails is tried five times, then put aside and shown."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from improvement import dates, schedule
from improvement.database import Database
from improvement.schedule import LEASE, TRIES, Due, Finder
from improvement.sector.tables import ContactRow


def put(session: Session, post: str) -> None:
    session.add(ContactRow(council="brent", post=post, name="A", email="a@example.org"))


def done(database: Database) -> int:
    """How often the work was done."""
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(ContactRow)) or 0


def until_done(key: str = "the report", do: Callable[[Session], None] | None = None) -> Finder:
    """Something due until it has been done. Doing it twice would leave two rows."""

    def find(session: Session, _: object) -> list[Due]:
        there = session.scalar(select(ContactRow.id).where(ContactRow.name == "A").limit(1))
        if there is not None:
            return []
        return [Due(key, lambda session, at: do(session) if do else put(session, f"{at:%H:%M:%S.%f}"))]

    return find


def fails(key: str = "the impossible") -> Finder:
    def do(session: Session, _: object) -> None:
        put(session, "half done")
        session.flush()
        raise OSError("no such thing")

    return lambda _session, _at: [Due(key, do)]


def test_what_is_due_is_done_and_then_no_longer_due(database: Database) -> None:
    assert schedule.work(database, [until_done()], dates.now()) == ["the report"]
    assert schedule.work(database, [until_done()], dates.now()) == []
    assert done(database) == 1


def test_workers_that_saw_the_same_thing_due_do_it_once(database: Database) -> None:
    racing, met, find = 4, threading.Barrier(4), until_done()
    looked = threading.local()

    def together(session: Session, at: object) -> list[Due]:
        found = find(session, dates.now())
        if not hasattr(looked, "once"):
            looked.once = met.wait(timeout=20)
        return found

    with ThreadPoolExecutor(racing) as pool:
        told = list(pool.map(lambda _: schedule.work(database, [together], dates.now()), range(racing)))
    assert done(database) == 1
    assert sorted(told) == [[], [], [], ["the report"]]


def test_what_fails_leaves_nothing_and_the_next_thing_is_done_all_the_same(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    assert schedule.work(database, [fails(), until_done()], dates.now()) == ["the report"]
    assert done(database) == 1
    assert "could not do the impossible" in caplog.text


def test_a_finder_that_fails_does_not_keep_others_from_being_done(database: Database) -> None:
    def broken(_session: Session, _at: object) -> list[Due]:
        raise ZeroDivisionError

    assert schedule.work(database, [broken, until_done()], dates.now()) == ["the report"]


def test_after_five_tries_it_is_put_aside_and_shown_with_what_went_wrong(database: Database) -> None:
    tried: list[int] = []

    def do(session: Session) -> None:
        tried.append(1)
        raise OSError("no such thing")

    for _ in range(TRIES):
        with database.reading() as session:
            assert schedule.parked(session) == []
        assert schedule.work(database, [until_done(do=do)], dates.now()) == []
    for _ in range(3):
        schedule.work(database, [until_done(do=do)], dates.now() + timedelta(days=1))
    assert len(tried) == TRIES == 5
    with database.reading() as session:
        assert schedule.parked(session) == [("the report", "OSError: no such thing")]


def test_what_a_worker_began_and_never_finished_is_taken_up_when_its_time_is_over(database: Database) -> None:
    at = dates.now()
    assert schedule._claim(database, "the report", at)
    assert schedule.work(database, [until_done()], at + LEASE - timedelta(seconds=1)) == []
    assert schedule.work(database, [until_done()], at + LEASE) == ["the report"]
    assert done(database) == 1
