"""How each kind of database is opened: SQLite so that a check is protected and a power cut loses nothing, PostgreSQL
so that writers take turns."""

from typing import Any, cast

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import OperationalError

WAIT = 8
"""How long, in seconds, a writer waits for its turn before it is told to try again."""

TURN = 550_000
"""The number of the advisory lock that PostgreSQL's writers take."""


def engine_of(url: str) -> Engine:
    """The connections to a database, settled as ours must be. A transaction with the option `writes` takes its turn."""
    return _sqlite(url) if url.startswith("sqlite") else _postgresql(url)


def waited_too_long(error: OperationalError) -> bool:
    """Whether a writer gave up waiting for its turn."""
    return any(words in str(error.orig) for words in ("database is locked", "lock timeout"))


def _sqlite(url: str) -> Engine:
    engine = create_engine(url, pool_size=16, max_overflow=8, connect_args={"check_same_thread": False})

    @event.listens_for(engine, "connect")
    def settle(connection: Any, _: Any) -> None:
        # The driver's own BEGIN comes too late to protect a check: we say it ourselves, below.
        connection.isolation_level = None
        # Recursive triggers, because without them a row that replaces another deletes it unheard.
        pragmas = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "recursive_triggers=ON")
        for pragma in (*pragmas, f"busy_timeout={WAIT * 1000}"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        if connection.get_execution_options().get("writes"):
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            # It cannot fail, so it need not come back as one of the library's errors, which takes four times as long.
            cast(Any, connection.connection.dbapi_connection).execute("BEGIN")

    return engine


def _postgresql(url: str) -> Engine:
    engine = create_engine(url, pool_size=16, max_overflow=8, pool_pre_ping=True)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        if connection.get_execution_options().get("writes"):
            connection.execute(text(f"SET LOCAL lock_timeout = '{WAIT}s'"))
            connection.execute(text(f"SELECT pg_advisory_xact_lock({TURN})"))

    return engine
