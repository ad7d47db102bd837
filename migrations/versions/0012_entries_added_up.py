"""What moved money is added up by line and day from an index alone; the few payments that give a reason are found."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

SUMMED = ("allocation_made", "commitment_made", "payment_made", "refund_received")
SAID = sa.text("over_cash_reason <> ''")


def upgrade() -> None:
    for table in SUMMED:
        op.create_index(f"ix_{table}_summed", table, ["mou", "line", "effective_on", "amount_pence", "withdrawn"])
    op.create_index(
        "ix_payment_made_over_cash_reason", "payment_made", ["seq"], sqlite_where=SAID, postgresql_where=SAID
    )


def downgrade() -> None:
    op.drop_index("ix_payment_made_over_cash_reason", "payment_made")
    for table in SUMMED:
        op.drop_index(f"ix_{table}_summed", table)
