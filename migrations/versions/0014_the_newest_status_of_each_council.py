"""The newest status of each council, whatever became of it, is found by the index."""

from alembic import op

revision = "0014"
down_revision = "0013"

NEWEST = "ix_status_reported_newest"


def upgrade() -> None:
    op.create_index(NEWEST, "status_reported", ["year", "council", "seq"])


def downgrade() -> None:
    op.drop_index(NEWEST, "status_reported")
