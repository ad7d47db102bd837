"""The newest status of each council, and what each side said last of its entry, are found by the index."""

from alembic import op

revision = "0014"
down_revision = "0009"

CHECKED = "ix_entry_checked_year_council"
NEWEST = "ix_status_reported_newest"


def upgrade() -> None:
    op.drop_index(CHECKED, "entry_checked")
    op.create_index(CHECKED, "entry_checked", ["year", "council", "by_council", "correct", "seq"])
    op.create_index(NEWEST, "status_reported", ["year", "council", "seq"])


def downgrade() -> None:
    op.drop_index(NEWEST, "status_reported")
    op.drop_index(CHECKED, "entry_checked")
    op.create_index(CHECKED, "entry_checked", ["year", "council"])
