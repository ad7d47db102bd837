"""What each side said last of a council's entry is found by the index, however often it was said."""

from alembic import op

revision = "0013"
down_revision = "0012"

NAME = "ix_entry_checked_year_council"


def upgrade() -> None:
    op.drop_index(NAME, "entry_checked")
    op.create_index(NAME, "entry_checked", ["year", "council", "by_council", "correct", "seq"])


def downgrade() -> None:
    op.drop_index(NAME, "entry_checked")
    op.create_index(NAME, "entry_checked", ["year", "council"])
