"""Keeping the records: migrate, the canonical dump, the whole check, backup and restore."""

import json
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from datetime import date, datetime
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from typing import Any
from uuid import UUID

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, make_url, select, text
from sqlalchemy.orm import Session

from improvement.database import Database, LastFact, fact_kinds

HERE = Path(__file__).parent


class CannotKeep(Exception):
    """The records cannot be migrated, backed up or restored; the message says why and what to do."""


def all_tables() -> None:
    """Bring every table into being for the model."""
    for file in sorted(HERE.glob("*/tables.py")):
        import_module(f"improvement.{file.parent.name}.tables")
    for name in ("mail", "schedule"):
        import_module(f"improvement.{name}")


def kept_in(name: str) -> Path:
    """A folder that stands beside the source in a checkout and inside the package when installed from a wheel."""
    packed = HERE / f"_{name}"
    return packed if packed.is_dir() else HERE.parents[1] / name


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(kept_in("migrations")))
    config.set_main_option("prepend_sys_path", str(kept_in("migrations")))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def migrate(database: Database, revision: str = "head") -> None:
    """Bring the database to a revision. Raises `CannotKeep` when it is not one of ours."""
    with database.engine.connect() as connection:
        connection = connection.execution_options(writes=True)
        check_revision(connection)
        if database.embedded:
            # Rebuilding a table on SQLite would delete its children while foreign keys are on. Said to the driver: this
            # is heard only outside a transaction, and SQLAlchemy begins one before it says anything.
            connection.connection.driver_connection.execute("PRAGMA foreign_keys=OFF")  # type: ignore[union-attr]
        target = _config(connection)
        here = MigrationContext.configure(connection).get_current_revision()
        going_down = revision == "base" or (here is not None and revision != "head" and revision < here)
        (command.downgrade if going_down else command.upgrade)(target, revision)
        connection.commit()
        if database.embedded:
            broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
            connection.rollback()
            connection.connection.driver_connection.execute("PRAGMA foreign_keys=ON")  # type: ignore[union-attr]
            if broken:
                raise CannotKeep(f"After migrating, {len(broken)} rows point to rows that are not there.")


def check_revision(connection: Connection) -> str | None:
    """The revision the database is at. Raises `CannotKeep` when this release does not know it."""
    with connection.begin():
        here = MigrationContext.configure(connection).get_current_revision()
    scripts = ScriptDirectory.from_config(_config(connection))
    if here is not None and here not in {script.revision for script in scripts.walk_revisions()}:
        raise CannotKeep(f"The database is at revision {here}, which this release does not know. Use a newer release.")
    return here


def newest_revision() -> str:
    """The revision this release expects a database to be at."""
    return ScriptDirectory.from_config(_config()).get_current_head() or ""


def is_current(database: Database) -> bool:
    """Whether the database is where this release expects it."""
    with database.engine.connect() as connection:
        head = ScriptDirectory.from_config(_config(connection)).get_current_head()
        return check_revision(connection) == head


def dump(session: Session) -> Iterator[str]:
    """Every fact as one line of sorted JSON, in the order recorded: the same on both databases."""
    facts: list[tuple[int, str]] = []
    for kind in fact_kinds():
        for fact in session.execute(select(kind.__table__)).mappings():
            line = {"kind": kind.__tablename__, **{name: _plain(value) for name, value in fact.items()}}
            facts.append((fact["seq"], json.dumps(line, sort_keys=True, ensure_ascii=False)))
    return (line for _, line in sorted(facts))


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat(timespec="microseconds")
    return value.isoformat() if isinstance(value, date) else str(value) if isinstance(value, UUID) else value


Check = Callable[[Session], list[str]]


def check(session: Session, more: dict[str, Check]) -> list[str]:
    """What is wrong in the whole database, one sentence each: facts out of order, corrections, every slice's rules."""
    return [*_check_order(session), *_check_corrections(session)] + [
        f"{name}: {sentence}" for name, rule in more.items() for sentence in rule(session)
    ]


def _check_order(session: Session) -> list[str]:
    head = session.execute(select(LastFact.seq, LastFact.recorded_at)).one()
    stamps: list[tuple[int, datetime]] = []
    for kind in fact_kinds():
        stamps += [(row.seq, row.recorded_at) for row in session.execute(select(kind.seq, kind.recorded_at))]
    stamps.sort()
    wrong = [f"fact {at} is missing" for at, (seq, _) in enumerate(stamps, start=1) if seq != at][:1]
    wrong += [f"fact {seq} was not recorded after fact {seq - 1}" for (_, a), (seq, b) in pairwise(stamps) if b <= a]
    if stamps and stamps[-1] != (head.seq, head.recorded_at):
        wrong.append(f"the last fact is {stamps[-1][0]}, and the count says {head.seq}")
    return wrong


def _check_corrections(session: Session) -> list[str]:
    wrong = []
    for kind in fact_kinds():
        table: Any = kind.__table__
        earlier = table.alias()
        late = select(table.c.seq).join(earlier, table.c.corrects == earlier.c.id).where(earlier.c.seq >= table.c.seq)
        wrong += [f"fact {seq} corrects a fact recorded after it" for seq in session.scalars(late)]
        silent = select(kind.seq).where(kind.corrects.is_not(None), kind.reason == "")
        wrong += [f"fact {seq} corrects another and gives no reason" for seq in session.scalars(silent)]
    return wrong


def backup(database: Database, to: Path) -> None:
    """A copy of the whole database at one moment, while it is in use; checked before it gets its name."""
    if to.exists():
        raise CannotKeep(f"{to} is there already. Give a name that is not taken.")
    half = to.with_name(to.name + ".part")
    half.unlink(missing_ok=True)
    try:
        if database.embedded:
            _copy_sqlite(database, half)
        else:
            _run("pg_dump", "--format=custom", f"--file={half}", _pg(database))
        half.chmod(0o600)
        half.replace(to)
    finally:
        half.unlink(missing_ok=True)


def _copy_sqlite(database: Database, half: Path) -> None:
    source = sqlite3.connect(str(database.engine.url.database))
    copy = sqlite3.connect(half)
    try:
        source.backup(copy)
        if copy.execute("PRAGMA integrity_check").fetchone() != ("ok",):
            raise CannotKeep("The copy is damaged, so it was thrown away. Check the disk.")
        copy.execute("PRAGMA journal_mode=DELETE")
    finally:
        source.close()
        copy.close()


def restore(url: str, source: Path) -> None:
    """Put a backup in the place of an empty database. Raises `CannotKeep` when there is anything to lose."""
    if not source.is_file():
        raise CannotKeep(f"There is no file {source}.")
    database = Database(url)
    try:
        with database.engine.connect() as connection:
            there = connection.dialect.has_table(connection, "last_fact")
            if there and connection.execute(text("SELECT seq FROM last_fact")).scalar():
                raise CannotKeep("This database holds facts. Restore into an empty one, so that nothing is lost.")
        if database.embedded:
            _restore_sqlite(database, source)
        else:
            _run(
                "pg_restore",
                "--clean",
                "--if-exists",
                "--exit-on-error",
                "--single-transaction",
                "--no-owner",
                f"--dbname={_pg(database)}",
                str(source),
            )
    finally:
        database.close()


def _restore_sqlite(database: Database, source: Path) -> None:
    target = Path(str(database.engine.url.database))
    database.close()
    half = target.with_name(target.name + ".part")
    shutil.copyfile(source, half)
    try:
        copy = sqlite3.connect(half)
        try:
            sound = copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            sound = sound and copy.execute("SELECT count(*) FROM last_fact").fetchone() == (1,)
        finally:
            copy.close()
        if not sound:
            raise CannotKeep(f"{source} is damaged or not a backup of ours. Nothing was changed.")
        for beside in ("-wal", "-shm"):
            target.with_name(target.name + beside).unlink(missing_ok=True)
        half.replace(target)
    except sqlite3.DatabaseError as error:
        raise CannotKeep(f"{source} is damaged or not a backup of ours. Nothing was changed.") from error
    finally:
        half.unlink(missing_ok=True)


def _pg(database: Database) -> str:
    return make_url(database.engine.url).set(drivername="postgresql").render_as_string(hide_password=False)


def _run(*words: str) -> None:
    try:
        done = subprocess.run(words, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise CannotKeep(f"{words[0]} is not installed. It comes with PostgreSQL's client programs.") from None
    if done.returncode:
        raise CannotKeep(
            f"{words[0]} failed: {done.stderr.strip().splitlines()[-1] if done.stderr else 'no reason given'}"
        )
