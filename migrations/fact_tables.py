"""How a table of facts is made: the columns every fact has, and triggers that refuse to edit or delete a row.

Frozen as it was in the first release; a later change to every fact is a migration of its own.
"""

import sqlalchemy as sa
from alembic import op


def create_fact_table(name: str, *columns: sa.Column | sa.Constraint) -> None:
    """A table of facts with its own columns, its indexes and its triggers."""
    op.create_table(
        name,
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(), nullable=False),
        sa.Column("recorded_by", sa.BigInteger(), sa.ForeignKey("person.id"), nullable=False),
        sa.Column("recorded_as", sa.String(20), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("corrects", sa.Uuid(), sa.ForeignKey(f"{name}.id"), nullable=True),
        *columns,
        sa.UniqueConstraint("seq", name=f"uq_{name}_seq"),
        sa.UniqueConstraint("corrects", name=f"uq_{name}_corrects"),
    )
    for word in ("update", "delete"):
        if op.get_bind().dialect.name == "sqlite":
            op.execute(
                f"CREATE TRIGGER {name}_no_{word} BEFORE {word.upper()} ON {name} "
                f"BEGIN SELECT RAISE(ABORT, 'facts are never edited: record a correction'); END"
            )
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            f"CREATE TRIGGER {name}_no_edit BEFORE UPDATE OR DELETE ON {name} "
            "FOR EACH ROW EXECUTE FUNCTION facts_are_never_edited()"
        )
        op.execute(
            f"CREATE TRIGGER {name}_no_truncate BEFORE TRUNCATE ON {name} "
            "FOR EACH STATEMENT EXECUTE FUNCTION facts_are_never_edited()"
        )


def drop_fact_table(name: str) -> None:
    """Take a table of facts away, with its triggers."""
    op.drop_table(name)
