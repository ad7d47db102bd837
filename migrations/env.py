"""How migrations run: on one connection, in one transaction each, with SQLite's foreign keys checked afterwards."""

from alembic import context
from sqlalchemy import create_engine, pool

from improvement.database import Base
from improvement.upkeep import all_tables

all_tables()
config = context.config
given = config.attributes.get("connection")


def run(connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        transaction_per_migration=True,
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()


if given is not None:
    run(given)
else:
    engine = create_engine(config.get_main_option("sqlalchemy.url"), poolclass=pool.NullPool)
    with engine.connect() as connection:
        run(connection)
