"""A backup brought back holds the same facts; what is damaged is noticed; the check names what was tampered with."""

import json
import random
import sqlite3
import stat
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import text

from improvement import upkeep
from improvement.access import commands as access
from improvement.access.rules import SERVICE, Held, Role
from improvement.database import Database, record
from improvement.sector.tables import RegionNamed
from improvement.upkeep import CannotKeep
from tests.conftest import LONG, Templates

AT = datetime(2011, 6, 1, 9, tzinfo=UTC)
Elsewhere = Callable[[str], Database]


@pytest.fixture
def elsewhere(started: Database, templates: Templates) -> Iterator[Elsewhere]:
    """Another database of the same kind, prepared as asked."""
    opened: list[tuple[Database, Callable[[], None]]] = []

    def another(prepared: str) -> Database:
        url, throw_away = templates.fresh("sqlite" if started.embedded else "postgresql", prepared)
        opened.append((Database(url), throw_away))
        return opened[-1][0]

    yield another
    for database, throw_away in opened:
        database.close()
        throw_away()


def url_of(database: Database) -> str:
    return database.engine.url.render_as_string(hide_password=False)


def dumped(database: Database) -> list[str]:
    with database.reading() as session:
        return list(upkeep.dump(session))


def checked(database: Database) -> list[str]:
    with database.reading() as session:
        return upkeep.check(session, {})


class TestDump:
    def test_every_fact_is_one_line_of_sorted_json_in_the_order_recorded(self, started: Database) -> None:
        facts = [json.loads(line) for line in dumped(started)]
        assert [fact["seq"] for fact in facts] == list(range(1, len(facts) + 1))
        assert len(facts) > 300
        assert all(list(fact) == sorted(fact) for fact in facts)
        first = next(fact for fact in facts if fact["kind"] == "council_formed" and fact["slug"] == "brent")
        assert first["recorded_at"].startswith("1900-01-01T00:00:00.")
        assert first["name"] == "Brent"

    def test_both_databases_say_the_same_of_the_same_facts(self, templates: Templates) -> None:
        said = []
        for where in ("sqlite", "postgresql"):
            url, throw_away = templates.fresh(where, "seeded")
            database = Database(url)
            facts = [json.loads(line) for line in dumped(database)]
            said.append([{**fact, "id": None} for fact in facts])
            database.close()
            throw_away()
        assert said[0] == said[1]

    def test_an_empty_database_has_nothing_to_say(self, database: Database) -> None:
        assert dumped(database) == []


class TestBackup:
    def test_what_is_brought_back_is_the_same_facts_people_and_settings(
        self, started: Database, elsewhere: Elsewhere, tmp_path: Path
    ) -> None:
        with started.writing() as session:
            access.add_person(session, "ann@example.org", "Ann", Held(Role.BOARD), by=SERVICE, at=AT)
        upkeep.backup(started, tmp_path / "kept")
        there = elsewhere("bare")
        upkeep.restore(url_of(there), tmp_path / "kept")
        assert dumped(there) == dumped(started)
        assert checked(there) == []
        assert upkeep.is_current(there)
        with there.reading() as session:
            assert access.find_person(session, "ann@example.org").name == "Ann"

    def test_what_is_brought_back_can_be_added_to_and_still_refuses_edits(
        self, started: Database, elsewhere: Elsewhere, tmp_path: Path
    ) -> None:
        upkeep.backup(started, tmp_path / "kept")
        there = elsewhere("migrated")
        upkeep.restore(url_of(there), tmp_path / "kept")
        with there.writing() as session:
            fact = RegionNamed(slug="x", name="X", effective_on=date(2011, 4, 1))
            record(session, fact, by=1, as_role="service", at=AT)
        assert len(dumped(there)) == len(dumped(started)) + 1
        with pytest.raises(Exception, match="never edited"), there.writing() as session:
            session.execute(text("DELETE FROM region_named"))

    def test_a_backup_made_while_people_write_holds_one_moment(
        self, started: Database, elsewhere: Elsewhere, tmp_path: Path
    ) -> None:
        before, stop = len(dumped(started)), threading.Event()

        def write() -> None:
            while not stop.is_set():
                with started.writing() as session:
                    for name in ("one", "and the other"):
                        fact = RegionNamed(slug=name, name=name, effective_on=date(2011, 4, 1))
                        record(session, fact, by=1, as_role="service", at=AT)

        writer = threading.Thread(target=write)
        writer.start()
        try:
            upkeep.backup(started, tmp_path / "kept")
        finally:
            stop.set()
            writer.join()
        there = elsewhere("bare")
        upkeep.restore(url_of(there), tmp_path / "kept")
        held = dumped(there)
        assert held == dumped(started)[: len(held)]
        assert len(held) >= before
        assert (len(held) - before) % 2 == 0, "half of a transaction is in the backup"
        assert checked(there) == []

    def test_nobody_else_may_read_it(self, started: Database, tmp_path: Path) -> None:
        upkeep.backup(started, tmp_path / "kept")
        assert stat.S_IMODE((tmp_path / "kept").stat().st_mode) == 0o600

    def test_a_name_that_is_taken_is_left_alone(self, started: Database, tmp_path: Path) -> None:
        (tmp_path / "kept").write_text("something else")
        with pytest.raises(CannotKeep, match="is there already"):
            upkeep.backup(started, tmp_path / "kept")
        assert (tmp_path / "kept").read_text() == "something else"

    def test_nothing_is_left_of_a_backup_that_failed(
        self, started: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def full(_: Path) -> None:
            raise OSError("No space left on device")

        monkeypatch.setattr(upkeep, "_seal", full)
        with pytest.raises(OSError, match="No space"):
            upkeep.backup(started, tmp_path / "kept")
        assert list(tmp_path.iterdir()) == []


class TestRestore:
    def test_a_database_that_holds_facts_is_left_alone(
        self, started: Database, elsewhere: Elsewhere, tmp_path: Path
    ) -> None:
        upkeep.backup(started, tmp_path / "kept")
        there = elsewhere("seeded")
        before = dumped(there)
        with pytest.raises(CannotKeep, match="Restore into an empty one, so that nothing is lost"):
            upkeep.restore(url_of(there), tmp_path / "kept")
        assert dumped(there) == before

    def test_there_must_be_a_file(self, started: Database, tmp_path: Path) -> None:
        with pytest.raises(CannotKeep, match="There is no file"):
            upkeep.restore(url_of(started), tmp_path / "nothing")

    def test_every_byte_that_is_another_is_noticed_and_nothing_is_changed(
        self, started: Database, elsewhere: Elsewhere, tmp_path: Path
    ) -> None:
        upkeep.backup(started, tmp_path / "kept")
        whole = (tmp_path / "kept").read_bytes()
        there = elsewhere("migrated")
        places = [0, len(whole) - 1, *random.Random(2011).sample(range(len(whole)), 200 if LONG else 10)]
        for place in places:
            damaged = bytearray(whole)
            damaged[place] ^= 1 << random.Random(place).randrange(8)
            (tmp_path / "damaged").write_bytes(damaged)
            with pytest.raises(CannotKeep, match=r"damaged or not a backup of ours\. Nothing was changed"):
                upkeep.restore(url_of(there), tmp_path / "damaged")
        assert dumped(there) == []

    @pytest.mark.parametrize("cut", ["empty", "short", "half", "longer"])
    def test_a_backup_that_was_cut_short_is_noticed(
        self, started: Database, elsewhere: Elsewhere, tmp_path: Path, cut: str
    ) -> None:
        upkeep.backup(started, tmp_path / "kept")
        whole = (tmp_path / "kept").read_bytes()
        pieces = {"empty": b"", "short": whole[:50], "half": whole[: len(whole) // 2], "longer": whole + b"\n"}
        (tmp_path / "kept").write_bytes(pieces[cut])
        there = elsewhere("migrated")
        with pytest.raises(CannotKeep, match="Nothing was changed"):
            upkeep.restore(url_of(there), tmp_path / "kept")
        assert dumped(there) == []

    def test_another_file_is_not_taken_for_a_backup(
        self, started: Database, elsewhere: Elsewhere, tmp_path: Path
    ) -> None:
        with sqlite3.connect(tmp_path / "other") as other:
            other.execute("CREATE TABLE something (id INTEGER)")
        other.close()
        with pytest.raises(CannotKeep, match="not a backup of ours"):
            upkeep.restore(url_of(elsewhere("bare")), tmp_path / "other")

    def test_the_password_is_nowhere_that_other_people_on_the_machine_can_see(self) -> None:
        database = Database("postgresql+psycopg://ann:canary@localhost/tracker?sslmode=require")
        assert upkeep._pg(database) == "postgresql://ann@localhost/tracker?sslmode=require"


def tampered(database: Database, *sentences: str) -> list[str]:
    """What the check says once somebody with the keys to the database has changed it."""
    with database.engine.connect() as connection:
        connection = connection.execution_options(writes=True)
        if database.embedded:
            names = connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).scalars().all()
            for name in names:
                connection.execute(text(f"DROP TRIGGER {name}"))
        else:
            connection.execute(text("SET LOCAL session_replication_role = replica"))
        for sentence in sentences:
            connection.execute(text(sentence))
        connection.commit()
    return checked(database)


AFTER = "fact {} was not recorded after fact {}"
CORRECTING = (
    "UPDATE region_named SET corrects = (SELECT id FROM region_named WHERE seq = {}), reason = '{}' WHERE seq = 5"
)


class TestCheck:
    """Facts 1 to 9 are the regions. Each fault is planted with raw SQL, the triggers out of the way."""

    def test_nothing_is_wrong_with_what_we_begin_with(self, started: Database) -> None:
        assert checked(started) == []

    @pytest.mark.parametrize(
        ("planted", "named"),
        [
            ("DELETE FROM region_named WHERE seq = 5", "fact 5 is missing"),
            ("DELETE FROM region_named WHERE seq IN (5, 7)", "fact 7 is missing"),
            ("UPDATE region_named SET seq = 12 WHERE seq = 5", "two facts are numbered 12"),
            ("UPDATE region_named SET recorded_at = '2012-01-01 00:00:00.000000' WHERE seq = 5", AFTER.format(6, 5)),
            ("UPDATE region_named SET recorded_at = '1899-01-01 00:00:00.000000' WHERE seq = 5", AFTER.format(5, 4)),
            ("UPDATE region_named SET withdrawn = true WHERE seq = 5", "fact 5 withdraws nothing"),
            (CORRECTING.format(6, "It was wrong."), "fact 5 corrects a fact recorded after it"),
            (CORRECTING.format(4, ""), "fact 5 corrects another and gives no reason"),
            ("UPDATE last_fact SET seq = seq + 1", "and the count says"),
            (
                "UPDATE last_fact SET recorded_at = '2012-01-01 00:00:00.000000'",
                "at another instant than the count says",
            ),
        ],
    )
    def test_each_planted_fault_is_named(self, seeded: Database, planted: str, named: str) -> None:
        assert any(named in sentence for sentence in tampered(seeded, planted))

    def test_the_last_fact_cannot_be_cut_off_unseen(self, seeded: Database) -> None:
        tables = ("programme_year_set", "code_given", "council_succeeded")
        found = tampered(seeded, *(f"DELETE FROM {name} WHERE seq = (SELECT seq FROM last_fact)" for name in tables))
        assert len(found) == 1
        assert "and the count says" in found[0]

    def test_nor_can_all_of_them(self, database: Database) -> None:
        with database.writing() as session:
            record(
                session, RegionNamed(slug="x", name="X", effective_on=date(2011, 4, 1)), by=1, as_role="service", at=AT
            )
        assert tampered(database, "DELETE FROM region_named") == ["the last fact is 0, and the count says 1"]

    def test_each_slices_own_rules_are_asked_and_named(self, database: Database) -> None:
        with database.reading() as session:
            assert upkeep.check(session, {"funding": lambda _: ["more is paid than came"]}) == [
                "funding: more is paid than came"
            ]


def test_instants_in_the_dump_have_microseconds_so_that_their_order_shows(started: Database) -> None:
    told = [json.loads(line)["recorded_at"] for line in dumped(started)]
    assert all(a < b for a, b in pairwise(told))
