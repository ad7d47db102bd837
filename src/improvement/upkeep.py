"""Keeping the records: migrate, the canonical dump, the whole check, backup and restore."""

import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date, datetime
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import URL, Connection, inspect, select, text
from sqlalchemy.orm import Session

from improvement.database import Database, LastFact, fact_kinds
from improvement.settings import kept_in as kept_in

if TYPE_CHECKING:
    from alembic.config import Config

HERE = Path(__file__).parent


class CannotKeep(Exception):
    """The records cannot be migrated, backed up or restored; the message says why and what to do."""


def all_tables() -> None:
    """Bring every table into being for the model."""
    for folder in sorted(HERE.iterdir()):
        if any(folder.glob("tables*")):
            import_module(f"improvement.{folder.name}.tables")
    for name in ("documents", "mail", "schedule"):
        import_module(f"improvement.{name}")


def _config(connection: Connection) -> "Config":
    # Imported where it is used: a web process never migrates, and it would cost each 11 MB and a tenth of a second.
    from alembic.config import Config

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
        from alembic import command

        target, here = _config(connection), _revision_of(connection)
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
        here = _revision_of(connection)
    if here is not None and here not in revisions():
        raise CannotKeep(f"The database is at revision {here}, which this release does not know. Use a newer release.")
    return here


def _revision_of(connection: Connection) -> str | None:
    """Where Alembic says the database is."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    here: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return here


def revisions() -> list[str]:
    """The revisions this release knows, in order: the numbers its migrations' files begin with."""
    return sorted(file.name.partition("_")[0] for file in (kept_in("migrations") / "versions").glob("[0-9]*_*.py"))


def newest_revision() -> str:
    """The revision this release expects a database to be at."""
    return revisions()[-1]


def is_current(database: Database) -> bool:
    """Whether the database is where this release expects it."""
    with database.engine.connect() as connection:
        return check_revision(connection) == newest_revision()


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
    there = {seq for seq, _ in stamps}
    wrong = [f"fact {seq} is missing" for seq in range(1, max(there, default=0)) if seq not in there]
    for (before, a), (seq, b) in pairwise(stamps):
        if seq == before:
            wrong.append(f"two facts are numbered {seq}")
        elif b <= a:
            wrong.append(f"fact {seq} was not recorded after fact {before}")
    last = max(there, default=0)
    if last != head.seq:
        wrong.append(f"the last fact is {last}, and the count says {head.seq}")
    elif stamps and stamps[-1][1] != head.recorded_at:
        wrong.append(f"fact {last} was recorded at another instant than the count says")
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
        loose = select(kind.seq).where(kind.withdrawn, kind.corrects.is_(None))
        wrong += [f"fact {seq} withdraws nothing" for seq in session.scalars(loose)]
    return wrong


def backup(database: Database, to: Path) -> None:
    """A copy of the whole database at one moment, while it is in use; checked and sealed before it gets its name."""
    if to.exists():
        raise CannotKeep(f"{to} is there already. Give a name that is not taken.")
    half = to.with_name(to.name + ".part")
    half.unlink(missing_ok=True)
    try:
        half.touch(mode=0o600)
        if database.embedded:
            _copy_sqlite(database, half)
        else:
            _run(database, "pg_dump", "--format=custom", f"--file={half}", _pg(database))
        _seal(half)
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


SEAL = "\nimprovement backup, sealed {}\n"
LENGTH = len(SEAL.format("0" * 64))


def _seal(file: Path) -> None:
    """End a backup with a line that only its very bytes fit: what holds it finds some damage, this finds all."""
    with file.open("r+b") as whole:
        digest = hashlib.file_digest(whole, "sha256").hexdigest()
        whole.write(SEAL.format(digest).encode())


def _unseal(source: Path, to: Path) -> None:
    """A copy of a backup without its seal. Raises `CannotKeep` when a single byte is another than was sealed."""
    to.unlink(missing_ok=True)
    to.touch(mode=0o600)
    shutil.copyfile(source, to)
    with to.open("r+b") as whole:
        whole.truncate(whole.seek(max(0, source.stat().st_size - LENGTH)))
        whole.seek(0)
        expected = SEAL.format(hashlib.file_digest(whole, "sha256").hexdigest()).encode()
    with source.open("rb") as sealed:
        sealed.seek(to.stat().st_size)
        if sealed.read() != expected:
            raise CannotKeep(f"{source} is damaged or not a backup of ours. Nothing was changed.")


def restore(url: str, source: Path) -> None:
    """Put a backup in the place of an empty database. Raises `CannotKeep` when there is anything to lose."""
    if not source.is_file():
        raise CannotKeep(f"There is no file {source}.")
    database = Database(url)
    try:
        if database.embedded:
            Path(str(database.engine.url.database)).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with database.engine.connect() as connection:
            there = connection.dialect.has_table(connection, "last_fact")
            if there and connection.execute(text("SELECT seq FROM last_fact")).scalar():
                raise CannotKeep("This database holds facts. Restore into an empty one, so that nothing is lost.")
        if database.embedded:
            _restore_sqlite(database, source)
        else:
            _restore_postgresql(database, source)
    finally:
        database.close()


def _restore_sqlite(database: Database, source: Path) -> None:
    target = Path(str(database.engine.url.database))
    database.close()
    half = target.with_name(target.name + ".part")
    try:
        _unseal(source, half)
        with closing(sqlite3.connect(half)) as copy:
            sound = copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            sound = sound and copy.execute("SELECT count(*) FROM last_fact").fetchone() == (1,)
        if not sound:
            raise CannotKeep(f"{source} is not a backup of an SQLite database. Nothing was changed.")
        for beside in ("-wal", "-shm"):
            target.with_name(target.name + beside).unlink(missing_ok=True)
        half.replace(target)
    except sqlite3.DatabaseError as error:
        raise CannotKeep(f"{source} is not a backup of an SQLite database. Nothing was changed.") from error
    finally:
        half.unlink(missing_ok=True)


def _restore_postgresql(database: Database, source: Path) -> None:
    with TemporaryDirectory() as folder:
        whole = Path(folder) / "backup"
        _unseal(source, whole)
        whole_or_nothing = ("--clean", "--if-exists", "--exit-on-error", "--single-transaction", "--no-owner")
        _run(database, "pg_restore", *whole_or_nothing, f"--dbname={_pg(database)}", str(whole))


def _pg(database: Database) -> str:
    """Where the database is, without the password: everybody on a machine sees what its programs were called with."""
    url = database.engine.url
    return URL.create("postgresql", url.username, None, url.host, url.port, url.database, url.query).render_as_string(
        hide_password=False
    )


def _run(database: Database, *words: str) -> None:
    password = database.engine.url.password
    surroundings = os.environ | ({"PGPASSWORD": str(password)} if password else {})
    try:
        done = subprocess.run(words, capture_output=True, text=True, check=False, env=surroundings)
    except FileNotFoundError:
        raise CannotKeep(f"{words[0]} is not installed. It comes with PostgreSQL's client programs.") from None
    if done.returncode:
        raise CannotKeep(
            f"{words[0]} failed: {done.stderr.strip().splitlines()[-1] if done.stderr else 'no reason given'}"
        )
