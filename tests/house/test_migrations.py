"""Migrations: one line of numbered steps, the same on both databases, there and back, and no drift from the tables."""

import ast
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Integer, event, inspect, text
from sqlalchemy.types import TypeEngine

from improvement import upkeep
from improvement.database import Base, Database, fact_kinds
from tests.house import source

VERSIONS = source.ROOT / "migrations" / "versions"
SCRIPTS = ScriptDirectory.from_config(Config(toml_file=source.ROOT / "pyproject.toml"))
NUMBERS = [script.revision for script in reversed(list(SCRIPTS.walk_revisions()))]

# SQLite's indexes over expressions are compared as they were written: see `WORKINGS`.
pytestmark = [
    pytest.mark.filterwarnings("ignore:Skipped unsupported reflection:sqlalchemy.exc.SAWarning"),
    pytest.mark.filterwarnings("ignore:autogenerate skipping metadata-specified expression-based index:UserWarning"),
]

# What each database keeps besides the tables: indexes, triggers and what they run.
WORKINGS = {
    "sqlite": "SELECT name, sql FROM sqlite_master WHERE type IN ('trigger', 'index') AND sql IS NOT NULL",
    "postgresql": "SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal "
    "UNION SELECT proname, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace "
    "UNION SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename <> 'alembic_version'",
}


def shape(database: Database) -> dict[str, object]:
    """Everything a migration makes: tables, columns, keys, constraints, indexes, triggers."""
    with database.engine.connect() as connection:
        seen = inspect(connection)
        return {
            "workings": sorted(map(tuple, connection.execute(text(WORKINGS[connection.dialect.name])))),
            **{name: table(connection, name) for name in seen.get_table_names() if name != "alembic_version"},
        }


def table(connection: Connection, name: str) -> dict[str, str]:
    """One table, written so that two can be compared."""
    seen = inspect(connection)
    looks: dict[str, Callable[[str], object]] = {
        "columns": seen.get_columns,
        "primary": seen.get_pk_constraint,
        "foreign": seen.get_foreign_keys,
        "unique": seen.get_unique_constraints,
        "checks": seen.get_check_constraints,
    }
    found = {look: ask(name) for look, ask in looks.items()}
    return {look: repr(sorted(map(repr, what)) if isinstance(what, list) else what) for look, what in found.items()}


def test_there_is_one_line_of_migrations_with_one_end() -> None:
    assert len(SCRIPTS.get_heads()) == 1
    assert len(SCRIPTS.get_bases()) == 1
    assert not [script for script in SCRIPTS.walk_revisions() if script.is_merge_point or script.is_branch_point]


def test_migrations_are_numbered_and_named() -> None:
    assert [f"{number:04}" for number in range(1, len(NUMBERS) + 1)] == NUMBERS
    files = sorted(file.name for file in VERSIONS.glob("*.py"))
    assert [name[:5] for name in files] == [f"{number}_" for number in NUMBERS]
    assert [name for name in files if not re.fullmatch(r"\d{4}_[a-z0-9_]+\.py", name)] == []


@pytest.mark.parametrize("file", [*VERSIONS.glob("*.py"), VERSIONS.parent / "fact_tables.py"], ids=lambda at: at.stem)
def test_a_migration_says_what_it_does_and_imports_nothing_from_the_application(file: Path) -> None:
    tree = ast.parse(file.read_text())
    assert ast.get_docstring(tree)
    imported = [ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    assert [line for line in imported if "improvement" in line] == []


def test_there_and_back_and_there_again_makes_the_same_database(bare: Database) -> None:
    upkeep.migrate(bare)
    first = shape(bare)
    upkeep.migrate(bare, "base")
    left = shape(bare)
    upkeep.migrate(bare)
    assert left == {"workings": []}
    assert shape(bare) == first


def test_every_step_can_be_taken_back_by_itself(bare: Database) -> None:
    shapes = []
    for number in NUMBERS:
        upkeep.migrate(bare, number)
        shapes.append(shape(bare))
    for number, before in reversed(list(zip(NUMBERS[:-1], shapes[:-1], strict=True))):
        upkeep.migrate(bare, number)
        assert shape(bare) == before, f"taking back what came after {number}"


def test_sqlite_is_migrated_with_its_foreign_keys_off_and_left_with_them_on(templates: Any) -> None:
    """Rebuilding a table drops the old one, which with foreign keys on would take its children along."""
    database = Database(templates.fresh("sqlite", "bare")[0])
    seen = set()

    @event.listens_for(database.engine, "before_cursor_execute")
    def note(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        if statement.lstrip().startswith(("CREATE", "DROP", "ALTER")):
            asking = connection.connection.driver_connection.cursor()
            seen.add(asking.execute("PRAGMA foreign_keys").fetchone()[0])
            asking.close()

    upkeep.migrate(database)
    upkeep.migrate(database, "base")
    with database.engine.connect() as connection:
        after = connection.exec_driver_sql("PRAGMA foreign_keys").scalar()
    database.close()
    assert seen == {0}
    assert after == 1


def test_what_was_seeded_survives_migrating_again(started: Database) -> None:
    with started.reading() as session:
        before = list(upkeep.dump(session))
    upkeep.migrate(started)
    with started.reading() as session:
        assert list(upkeep.dump(session)) == before


def differs(context: Any, _: Any, __: Any, kept: TypeEngine[Any], wanted: TypeEngine[Any]) -> bool | None:
    """SQLite has one kind of whole number, and makes keys only when it is called INTEGER."""
    same = context.dialect.name == "sqlite" and isinstance(kept, Integer) and isinstance(wanted, Integer)
    return False if same else None


def test_the_tables_and_the_migrations_agree(database: Database) -> None:
    upkeep.all_tables()
    with database.engine.connect() as connection:
        kept = connection.dialect.name

        def belongs(thing: Any, *_: Any) -> bool:
            """Some indexes are only for one kind of database."""
            return bool(thing.info.get("only", kept) == kept)

        context = MigrationContext.configure(connection, opts={"compare_type": differs, "include_object": belongs})
        drift = compare_metadata(context, Base.metadata)
    assert drift == []


def test_every_kind_of_fact_has_its_triggers(database: Database) -> None:
    with database.engine.connect() as connection:
        workings = {name for name, _ in connection.execute(text(WORKINGS[connection.dialect.name]))}
    wanted = ("no_update", "no_delete") if database.embedded else ("no_edit", "no_truncate")
    missing = [f"{kind.__tablename__}_{word}" for kind in fact_kinds() for word in wanted]
    assert [name for name in missing if name not in workings] == []
