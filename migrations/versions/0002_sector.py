"""Regions, councils, the codes they have had, and what came after them."""

import sqlalchemy as sa
from alembic import op
from fact_tables import create_fact_table, drop_fact_table

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    create_fact_table(
        "region_named", sa.Column("slug", sa.String(60), nullable=False), sa.Column("name", sa.Text(), nullable=False)
    )
    create_fact_table(
        "council_formed",
        sa.Column("slug", sa.String(60), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("official_name", sa.Text(), nullable=False),
        sa.Column("council_type", sa.String(20), nullable=False),
        sa.Column("region", sa.String(60), nullable=False),
        sa.Column("cassr_code", sa.String(3), nullable=False),
        sa.Column("adults_18plus", sa.BigInteger(), nullable=False),
        sa.Column("website_domain", sa.String(100), nullable=False),
        sa.Column("before_records", sa.Boolean(), nullable=False),
        sa.Column("tile_name", sa.String(4), nullable=False),
        sa.Column("half_columns", sa.BigInteger()),
        sa.Column("tile_row", sa.BigInteger()),
    )
    create_fact_table("council_abolished", sa.Column("slug", sa.String(60), nullable=False))
    create_fact_table(
        "council_succeeded",
        sa.Column("predecessor", sa.String(60), nullable=False),
        sa.Column("successor", sa.String(60), nullable=False),
    )
    create_fact_table(
        "code_given",
        sa.Column("slug", sa.String(60), nullable=False),
        sa.Column("gss_code", sa.String(9), nullable=False),
    )
    op.create_table(
        "contact",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True),
        sa.Column("council", sa.String(60), nullable=False),
        sa.Column("post", sa.String(30), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.UniqueConstraint("council", "post", name="uq_contact_council_post"),
    )


def downgrade() -> None:
    op.drop_table("contact")
    for table in ("code_given", "council_succeeded", "council_abolished", "council_formed", "region_named"):
        drop_fact_table(table)
