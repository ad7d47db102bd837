"""Programme years, statuses, publications, and how sure we are of them."""

import sqlalchemy as sa
from alembic import op
from fact_tables import create_fact_table, drop_fact_table

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    create_fact_table(
        "programme_year_set",
        sa.Column("year", sa.String(9), nullable=False),
        sa.Column("deadline", sa.Date(), nullable=False),
        sa.Column("period_from", sa.Date(), nullable=False),
        sa.Column("period_to", sa.Date(), nullable=False),
    )
    first = sa.text("corrects IS NULL")
    op.create_index(
        "uq_programme_year_set_once",
        "programme_year_set",
        ["year"],
        unique=True,
        sqlite_where=first,
        postgresql_where=first,
    )
    create_fact_table(
        "status_reported",
        sa.Column("year", sa.String(9), nullable=False),
        sa.Column("council", sa.String(60), nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("expected_on", sa.Date()),
        sa.Column("source", sa.Text(), nullable=False),
    )
    op.create_index("ix_status_reported_year_council", "status_reported", ["year", "council", "effective_on", "seq"])
    create_fact_table(
        "account_published",
        sa.Column("year", sa.String(9), nullable=False),
        sa.Column("council", sa.String(60), nullable=False),
        sa.Column("serves", sa.JSON(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("basis", sa.String(20), nullable=False),
        sa.Column("period_from", sa.Date(), nullable=False),
        sa.Column("period_to", sa.Date(), nullable=False),
        sa.Column("by_lead_member", sa.Boolean()),
        sa.Column("formats", sa.JSON(), nullable=False),
        sa.Column("without_web", sa.Text(), nullable=False),
    )
    op.create_index("ix_account_published_year_council", "account_published", ["year", "council"])
    create_fact_table(
        "account_seen",
        sa.Column("year", sa.String(9), nullable=False),
        sa.Column("council", sa.String(60), nullable=False),
        sa.Column("sureness", sa.String(20), nullable=False),
    )
    op.create_index("ix_account_seen_year_council", "account_seen", ["year", "council"])


def downgrade() -> None:
    for table in ("account_seen", "account_published", "status_reported", "programme_year_set"):
        drop_fact_table(table)
