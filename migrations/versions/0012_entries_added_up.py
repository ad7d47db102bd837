"""What moved money is added up from an index alone; what takes something back and payments with a reason are found."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

SUMMED = ("allocation_made", "commitment_made", "payment_made", "refund_received")
MOVES = (*SUMMED, "released", "virement_made")
SAID = sa.text("over_cash_reason <> ''")


def upgrade() -> None:
    for table in SUMMED if op.get_bind().dialect.name == "sqlite" else ():
        op.create_index(f"ix_{table}_summed", table, ["effective_on", "line", "mou", "amount_pence", "withdrawn"])
    for table in MOVES:
        op.create_index(
            f"ix_{table}_withdrawn",
            table,
            ["seq"],
            sqlite_where=sa.text("withdrawn = 1"),
            postgresql_where=sa.text("withdrawn"),
        )
    op.create_index(
        "ix_payment_made_over_cash_reason", "payment_made", ["seq"], sqlite_where=SAID, postgresql_where=SAID
    )


def downgrade() -> None:
    op.drop_index("ix_payment_made_over_cash_reason", "payment_made")
    for table in MOVES:
        op.drop_index(f"ix_{table}_withdrawn", table)
    for table in SUMMED if op.get_bind().dialect.name == "sqlite" else ():
        op.drop_index(f"ix_{table}_summed", table)
