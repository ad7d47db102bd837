"""Payments are found by their run, and an allocation or a virement names the adoption it came with."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

BROUGHT = ("allocation_made", "virement_made")


def upgrade() -> None:
    op.create_index("ix_payment_made_run", "payment_made", ["run"])
    for table in BROUGHT:
        op.add_column(table, sa.Column("adoption", sa.Uuid(), nullable=True))
        op.create_index(f"ix_{table}_adoption", table, ["adoption"])


def downgrade() -> None:
    for table in BROUGHT:
        op.drop_index(f"ix_{table}_adoption", table)
        op.drop_column(table, "adoption")
    op.drop_index("ix_payment_made_run", "payment_made")
