"""The moves of money are found by their MoU, alone or with a line, newest first or by when they were recorded."""

from alembic import op

revision = "0008"
down_revision = "0007"

OF_LINES = ("allocation_made", "commitment_made", "payment_made", "refund_received", "released")
MOVES = (*OF_LINES, "virement_made")


def upgrade() -> None:
    for table in OF_LINES:
        op.drop_index(f"ix_{table}_line_seq", table)
        op.create_index(f"ix_{table}_of_line", table, ["mou", "line", "seq", "effective_on"])
    for table in MOVES:
        op.create_index(f"ix_{table}_of_mou", table, ["mou", "seq", "effective_on"])
        op.create_index(f"ix_{table}_told", table, ["mou", "recorded_at"])


def downgrade() -> None:
    for table in MOVES:
        op.drop_index(f"ix_{table}_told", table)
        op.drop_index(f"ix_{table}_of_mou", table)
    for table in OF_LINES:
        op.drop_index(f"ix_{table}_of_line", table)
        op.create_index(f"ix_{table}_line_seq", table, ["line", "seq"])
