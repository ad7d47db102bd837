"""Facts are added and never changed, whoever asks and however; and money is never a floating number."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import (
    JSON,
    Boolean,
    Connection,
    Date,
    DateTime,
    Delete,
    Float,
    Integer,
    Numeric,
    String,
    Update,
    Uuid,
    delete,
    inspect,
    text,
    update,
)
from sqlalchemy.exc import DBAPIError

from improvement import upkeep
from improvement.database import Database, Fact, FactsAreNotEdited, fact_kinds

upkeep.all_tables()
KINDS = pytest.mark.parametrize("kind", fact_kinds(), ids=lambda kind: kind.__tablename__)

# Something of each type, for a fact of which only the table matters.
ANYTHING: tuple[tuple[type, Callable[[], object]], ...] = (
    (Uuid, uuid4),
    (Boolean, lambda: False),
    (DateTime, lambda: datetime(2011, 12, 31, tzinfo=UTC)),
    (Date, lambda: date(2011, 12, 31)),
    (Integer, lambda: 1),
    (JSON, list),
    (String, lambda: "x"),
)


@pytest.fixture
def any_fact(database: Database) -> Callable[[type[Fact]], UUID]:
    """Puts a row in a table of facts without asking whether it makes sense: its own triggers are what is tried."""

    def put(kind: type[Fact]) -> UUID:
        table: Any = kind.__table__
        row = {column.name: anything(column.type) for column in table.columns if not column.nullable}
        with database.engine.connect() as connection:
            unchecked(connection, table.name)
            connection.execute(table.insert().values(**row))
            connection.commit()
        return UUID(str(row["id"]))

    return put


def anything(wanted: Any) -> object:
    """A value of a column's type."""
    bottom = getattr(wanted, "impl", wanted)
    return next(make() for known, make in ANYTHING if isinstance(wanted, known) or isinstance(bottom, known))


def unchecked(connection: Connection, table: str) -> None:
    """Take away what a row of a table must be, and leave what may be done to it."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("ROLLBACK")
        connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        connection.exec_driver_sql("PRAGMA ignore_check_constraints=ON")
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        return
    seen = inspect(connection)
    for found in (*seen.get_check_constraints(table), *seen.get_foreign_keys(table)):
        connection.exec_driver_sql(f'ALTER TABLE "{table}" DROP CONSTRAINT "{found["name"]}"')


def rows(database: Database, kind: type[Fact]) -> list[tuple[Any, ...]]:
    """What the table holds."""
    with database.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(kind.__table__.select())]


@KINDS
def test_the_session_refuses_to_edit_or_delete_a_fact(
    kind: type[Fact], database: Database, any_fact: Callable[[type[Fact]], UUID]
) -> None:
    fact = any_fact(kind)
    before = rows(database, kind)

    def edit(found: Fact, _: Any) -> None:
        found.note = "something else"

    def remove(found: Fact, session: Any) -> None:
        session.delete(found)

    for change in (edit, remove):
        with pytest.raises(FactsAreNotEdited), database.writing() as session:
            change(session.get_one(kind, fact), session)
    assert rows(database, kind) == before


@KINDS
def test_the_database_refuses_to_edit_or_delete_a_fact(
    kind: type[Fact], database: Database, any_fact: Callable[[type[Fact]], UUID]
) -> None:
    any_fact(kind)
    before = rows(database, kind)
    table = kind.__tablename__
    sentences: list[Update | Delete | Any] = [
        update(kind).values(note="something else"),
        delete(kind),
        text(f'UPDATE "{table}" SET effective_on = effective_on'),
        text(f'DELETE FROM "{table}"'),
    ]
    if not database.embedded:
        sentences.append(text(f'TRUNCATE "{table}" CASCADE'))
    for sentence in sentences:
        with pytest.raises(DBAPIError, match="never edited"), database.writing() as session:
            session.execute(sentence)
    assert rows(database, kind) == before


def test_a_fact_is_a_row_with_an_author_a_day_an_instant_and_a_place_in_the_order() -> None:
    wanted = {"id", "seq", "effective_on", "recorded_at", "recorded_by", "recorded_as", "note", "corrects", "withdrawn"}
    lacking = {kind.__tablename__: wanted - set(kind.__table__.columns.keys()) for kind in fact_kinds()}
    assert {name: columns for name, columns in lacking.items() if columns} == {}


def test_nothing_is_kept_as_a_floating_number(database: Database) -> None:
    with database.engine.connect() as connection:
        seen = inspect(connection)
        floating = [
            f"{table}.{column['name']}"
            for table in seen.get_table_names()
            for column in seen.get_columns(table)
            if isinstance(column["type"], Float | Numeric) and not isinstance(column["type"], Integer)
        ]
    assert floating == []


def test_no_fact_goes_away_because_another_row_does(database: Database) -> None:
    with database.engine.connect() as connection:
        seen = inspect(connection)
        cascading = [
            (table, key["constrained_columns"])
            for table in seen.get_table_names()
            for key in seen.get_foreign_keys(table)
            if key.get("options", {}).get("ondelete")
        ]
    assert cascading == []
