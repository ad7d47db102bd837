"""Facts are added in one order and never changed; what stands is derived, at any two dates; readers see one moment."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from improvement import database as records
from improvement import engines
from improvement.database import (
    EVER,
    Database,
    FactsAreNotEdited,
    OutOfTurn,
    correction,
    find_to_correct,
    known,
    last_recorded_at,
    last_seq,
    record,
    remembered,
)
from improvement.dates import AsAt
from improvement.errors import Busy, Conflict, NotFound
from improvement.sector.tables import CodeGiven, ContactRow, RegionNamed

AT = datetime(2011, 6, 1, 9, tzinfo=UTC)
FIRST = date(2011, 4, 1)
Names = Callable[[Session], list[str]]
Story = dict[str, datetime]


def told(session: Session, name: str, on: date = FIRST, at: datetime = AT, slug: str = "x") -> UUID:
    """Record that a region has a name."""
    return record(session, RegionNamed(slug=slug, name=name, effective_on=on), by=1, as_role="service", at=at)


def put_right(session: Session, fact: UUID, at: datetime = AT, **values: Any) -> UUID:
    """Correct a fact; with no values, withdraw it."""
    original = find_to_correct(session, [RegionNamed], fact)
    made = correction(original, reason="It was wrong.", values=values or None)
    return record(session, made, by=1, as_role="service", at=at)


def standing(database: Database, on: date = date.max, known_at: datetime | None = None) -> list[str]:
    """The names that stand, the one that outranks the others last."""
    with database.reading() as session:
        return list(session.scalars(known(RegionNamed, AsAt(on, known_at), RegionNamed.name)))


def instant_of(database: Database, fact: UUID) -> datetime:
    with database.reading() as session:
        return session.get_one(RegionNamed, fact).recorded_at


def stamps(database: Database) -> list[tuple[int, datetime]]:
    with database.reading() as session:
        kinds = (RegionNamed, CodeGiven)
        return sorted(
            tuple(row) for kind in kinds for row in session.execute(known(kind, EVER, kind.seq, kind.recorded_at))
        )


class TestOrder:
    def test_each_fact_gets_the_next_number_across_all_kinds(self, database: Database) -> None:
        with database.writing() as session:
            told(session, "one")
            record(session, CodeGiven(slug="x", gss_code="E1", effective_on=FIRST), by=1, as_role="service", at=AT)
        with database.writing() as session:
            told(session, "three")
        assert [seq for seq, _ in stamps(database)] == [1, 2, 3]

    def test_each_fact_is_recorded_later_than_the_last_even_when_the_clock_goes_back(self, database: Database) -> None:
        for at in (AT, AT, AT - timedelta(days=400), AT + timedelta(seconds=1)):
            with database.writing() as session:
                told(session, "a name", at=at)
        instants = [at for _, at in stamps(database)]
        assert instants == sorted(set(instants))
        assert instants[0] == AT
        assert instants[-1] == AT + timedelta(seconds=1)
        with database.reading() as session:
            assert last_recorded_at(session) == instants[-1]

    def test_sixteen_writers_at_once_leave_no_gap_and_no_two_instants_alike(self, database: Database) -> None:
        start = threading.Barrier(16)

        def write(number: int) -> None:
            start.wait()
            for turn in range(4):
                with database.writing() as session:
                    told(session, f"{number}.{turn}", slug=f"r{number}")

        with ThreadPoolExecutor(16) as pool:
            list(pool.map(write, range(16)))
        found = stamps(database)
        assert [seq for seq, _ in found] == list(range(1, 65))
        assert len({at for _, at in found}) == 64
        assert [at for _, at in found] == sorted(at for _, at in found)

    def test_a_check_made_in_a_writers_turn_cannot_be_overtaken(self, database: Database) -> None:
        start = threading.Barrier(16)

        def take_the_last(_: int) -> bool:
            start.wait()
            with database.writing() as session:
                if session.scalars(known(RegionNamed, EVER, RegionNamed.id)).first():
                    return False
                told(session, "the only one")
                return True

        with ThreadPoolExecutor(16) as pool:
            assert sum(pool.map(take_the_last, range(16))) == 1
        assert standing(database) == ["the only one"]

    def test_a_writer_whose_turn_was_not_respected_saves_nothing(self, database: Database) -> None:
        with pytest.raises(OutOfTurn), database.writing() as session:
            told(session, "second first")
            session.flush()
            session.execute(text("UPDATE last_fact SET seq = 7"))
        assert standing(database) == []

    def test_a_transaction_that_fails_leaves_nothing_and_uses_up_no_number(self, database: Database) -> None:
        with pytest.raises(ZeroDivisionError), database.writing() as session:
            told(session, "never")
            session.flush()
            raise ZeroDivisionError
        with database.writing() as session:
            told(session, "first")
        assert [seq for seq, _ in stamps(database)] == [1]
        assert standing(database) == ["first"]

    def test_a_writer_that_waits_too_long_is_told_to_try_again(
        self, database: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for where in (records, engines):
            monkeypatch.setattr(where, "WAIT", 1)
        with database.writing(), ThreadPoolExecutor(1) as pool:

            def late() -> None:
                with database.writing() as session:
                    told(session, "too late")

            with pytest.raises(Busy, match=r"Nothing was saved\. Try again"):
                pool.submit(late).result()
        with database.writing() as session:
            told(session, "now")
        assert standing(database) == ["now"]


class TestKnown:
    """A name is told, corrected, withdrawn, and the withdrawal is withdrawn: asked at each instant."""

    @pytest.fixture
    def story(self, database: Database) -> Story:
        """The instant each thing was told."""
        facts: dict[str, UUID] = {}
        with database.writing() as session:
            facts["told"] = told(session, "Wessex", at=AT)
        with database.writing() as session:
            facts["corrected"] = put_right(session, facts["told"], AT + timedelta(days=1), name="Mercia")
        with database.writing() as session:
            facts["withdrawn"] = put_right(session, facts["corrected"], AT + timedelta(days=2))
        with database.writing() as session:
            facts["restored"] = put_right(session, facts["withdrawn"], AT + timedelta(days=3))
        return {what: instant_of(database, fact) for what, fact in facts.items()}

    def test_each_instant_knows_what_had_been_told_by_then(self, database: Database, story: Story) -> None:
        moment = timedelta(microseconds=1)
        assert standing(database, known_at=story["told"] - moment) == []
        assert standing(database, known_at=story["told"]) == ["Wessex"]
        assert standing(database, known_at=story["corrected"] - moment) == ["Wessex"]
        assert standing(database, known_at=story["corrected"]) == ["Mercia"]
        assert standing(database, known_at=story["withdrawn"] - moment) == ["Mercia"]
        assert standing(database, known_at=story["withdrawn"]) == []
        assert standing(database, known_at=story["restored"]) == ["Mercia"]
        assert standing(database) == ["Mercia"]

    def test_a_correction_may_move_the_day_and_the_old_day_then_has_nothing(self, database: Database) -> None:
        with database.writing() as session:
            fact = told(session, "Wessex", on=date(2011, 5, 10))
        with database.writing() as session:
            later = put_right(session, fact, AT + timedelta(days=1), name="Wessex", effective_on=date(2011, 5, 20))
        assert standing(database, on=date(2011, 5, 15)) == []
        assert standing(database, on=date(2011, 5, 20)) == ["Wessex"]
        assert standing(database, on=date(2011, 5, 15), known_at=instant_of(database, fact)) == ["Wessex"]
        with database.writing() as session:
            put_right(session, later, AT + timedelta(days=2), name="Wessex", effective_on=date(2011, 5, 1))
        assert standing(database, on=date(2011, 5, 1)) == ["Wessex"]

    def test_the_latest_day_outranks_and_on_equal_days_the_later_told(self, database: Database) -> None:
        with database.writing() as session:
            told(session, "second of May", on=date(2011, 5, 2))
            told(session, "first of May", on=date(2011, 5, 1))
            told(session, "second of May, told later", on=date(2011, 5, 2))
        assert standing(database) == ["first of May", "second of May", "second of May, told later"]
        assert standing(database, on=date(2011, 5, 1)) == ["first of May"]

    def test_a_fact_is_corrected_once_so_that_a_chain_is_a_line(self, database: Database) -> None:
        with database.writing() as session:
            fact = told(session, "Wessex")
            put_right(session, fact, name="Mercia")
        with pytest.raises(Conflict, match="corrected already"), database.writing() as session:
            put_right(session, fact, name="Kent")
        assert standing(database) == ["Mercia"]

    def test_two_people_correcting_at_once_make_one_correction(self, database: Database) -> None:
        with database.writing() as session:
            fact = told(session, "Wessex")
        start = threading.Barrier(8)

        def correct(number: int) -> bool:
            start.wait()
            try:
                with database.writing() as session:
                    put_right(session, fact, name=f"name {number}")
            except Conflict:
                return False
            return True

        with ThreadPoolExecutor(8) as pool:
            assert sum(pool.map(correct, range(8))) == 1
        assert len(standing(database)) == 1

    def test_what_is_not_there_cannot_be_corrected(self, database: Database) -> None:
        with pytest.raises(NotFound), database.writing() as session:
            put_right(session, uuid4(), name="Mercia")

    def test_a_correction_says_why_and_keeps_what_it_does_not_change(self, database: Database) -> None:
        with database.writing() as session:
            fact = put_right(session, told(session, "Wessex", slug="w"), name="Mercia")
        with database.reading() as session:
            found = session.get_one(RegionNamed, fact)
            assert (found.slug, found.reason, found.withdrawn) == ("w", "It was wrong.", False)


class TestNeverEdited:
    """Each kind of fact is tried in tests of the house; here are the ways round."""

    def test_the_session_refuses(self, database: Database) -> None:
        with database.writing() as session:
            fact = told(session, "Wessex")
        with pytest.raises(FactsAreNotEdited), database.writing() as session:
            session.get_one(RegionNamed, fact).name = "Mercia"
        assert standing(database) == ["Wessex"]

    def test_a_row_put_in_the_place_of_a_fact_is_an_edit_and_refused(self, database: Database) -> None:
        with database.writing() as session:
            fact = told(session, "Wessex")
        columns = ", ".join(f'"{column.name}"' for column in RegionNamed.__table__.columns)
        values = columns.replace('"name"', "'Mercia'")
        put = f"{'INSERT OR REPLACE' if database.embedded else 'INSERT'} INTO region_named ({columns}) "
        upsert = "" if database.embedded else " ON CONFLICT (id) DO UPDATE SET name = excluded.name"
        with pytest.raises(DBAPIError, match="never edited"), database.writing() as session:
            session.execute(text(f"{put} SELECT {values} FROM region_named WHERE true{upsert}"))
        assert standing(database) == ["Wessex"]
        with database.reading() as session:
            assert session.get(RegionNamed, fact)


class TestReaders:
    def test_a_reader_sees_one_moment_from_its_first_look_to_its_last(self, database: Database) -> None:
        with database.writing() as session:
            told(session, "before")
        with database.reading() as session:
            seen = [last_seq(session), list(session.scalars(known(RegionNamed, EVER, RegionNamed.name)))]
            with database.writing() as other:
                told(other, "meanwhile")
            again = list(session.scalars(known(RegionNamed, EVER, RegionNamed.name)))
            assert [seen, again] == [[(1, 0), ["before"]], ["before"]]
        assert standing(database) == ["before", "meanwhile"]

    def test_readers_never_wait_for_a_writer(self, database: Database) -> None:
        with database.writing() as session:
            told(session, "not yet")
            session.flush()
            assert standing(database) == []

    def test_a_reader_cannot_write(self, database: Database) -> None:
        with database.reading() as session:
            told(session, "in passing")
        assert standing(database) == []


@contextmanager
def rolled_back(database: Database) -> Iterator[Session]:
    """A transaction that comes to nothing."""

    class Enough(Exception):
        pass

    with pytest.raises(Enough), database.writing() as session:
        yield session
        raise Enough


class TestRemembered:
    """Derived state is worked out once for one state of the facts, and never served for another."""

    @pytest.fixture(params=[(), (RegionNamed,)], ids=["from anything", "from named kinds"])
    def names(self, request: pytest.FixtureRequest) -> Names:
        def derived(session: Session) -> list[str]:
            def make() -> list[str]:
                return list(session.scalars(known(RegionNamed, EVER, RegionNamed.name)))

            return remembered(session, "names", make, of=request.param)

        return derived

    def test_every_state_of_the_facts_has_its_own(self, database: Database, names: Names) -> None:
        for number in range(3):
            with database.reading() as session:
                assert len(names(session)) == number
            with database.writing() as session:
                told(session, str(number))

    def test_it_is_worked_out_once(self, database: Database) -> None:
        made = iter(range(9))
        for _ in range(3):
            with database.reading() as session:
                assert remembered(session, "how often", lambda: next(made)) == 0

    def test_a_writer_sees_what_it_has_just_recorded(self, database: Database, names: Names) -> None:
        with database.writing() as session:
            assert names(session) == []
            told(session, "one")
            assert names(session) == ["one"]
            told(session, "two")
            assert names(session) == ["one", "two"]

    def test_what_was_rolled_back_is_remembered_by_nobody(self, database: Database, names: Names) -> None:
        with rolled_back(database) as session:
            told(session, "never was")
            assert names(session) == ["never was"]
        with database.reading() as session:
            assert names(session) == []
        with database.writing() as session:
            told(session, "took its number")
            assert names(session) == ["took its number"]
        with database.reading() as session:
            assert names(session) == ["took its number"]

    def test_a_reader_of_an_older_moment_does_not_spoil_it_for_later_ones(
        self, database: Database, names: Names
    ) -> None:
        with database.reading() as old:
            last_seq(old)
            with database.writing() as session:
                told(session, "meanwhile")
            assert names(old) == []
        with database.reading() as session:
            assert names(session) == ["meanwhile"]

    def test_a_working_row_that_pages_show_makes_it_be_worked_out_again(self, database: Database) -> None:
        def people(session: Session) -> int:
            return remembered(session, "contacts", lambda: len(session.query(ContactRow).all()))

        with database.reading() as session:
            assert people(session) == 0
        with database.writing() as session:
            session.add(ContactRow(council="brent", post="Director", name="A", email="a@example.org"))
            assert people(session) == 1
        with database.reading() as session:
            assert people(session) == 1


class TestEdits:
    """How often what pages show was edited is counted, so that their ETags change."""

    def edits(self, database: Database) -> int:
        with database.reading() as session:
            return last_seq(session)[1]

    def test_a_row_that_pages_show_is_counted_when_it_is_added_changed_and_taken_away(self, database: Database) -> None:
        counted = [self.edits(database)]
        with database.writing() as session:
            session.add(ContactRow(council="brent", post="Director", name="A", email="a@example.org"))
        counted.append(self.edits(database))
        with database.writing() as session:
            session.query(ContactRow).one().name = "B"
        counted.append(self.edits(database))
        with database.writing() as session:
            session.delete(session.query(ContactRow).one())
        counted.append(self.edits(database))
        assert counted == sorted(set(counted))

    def test_a_row_that_no_page_shows_is_not(self, database: Database) -> None:
        from improvement import mail

        before = self.edits(database)
        with database.writing() as session:
            mail.write(session, "a@example.org", "Subject", "Body", AT)
        assert self.edits(database) == before

    def test_looking_changes_nothing(self, database: Database) -> None:
        with database.writing() as session:
            session.query(ContactRow).all()
        assert self.edits(database) == 0
