"""Reporting rounds, Board reports with their steps, and the narrative of drafts."""

import sqlalchemy as sa
from alembic import op
from fact_tables import create_fact_table, drop_fact_table

revision = "0006"
down_revision = "0005"


def _report() -> tuple[sa.Column, sa.Column]:
    """Which report it is: its month and version."""
    return sa.Column("month", sa.String(7), nullable=False), sa.Column("version", sa.BigInteger(), nullable=False)


def _figures() -> tuple[sa.Column, sa.Column, sa.Column]:
    """The figures, and how far the facts had come when they were taken."""
    return (
        sa.Column("cut_seq", sa.BigInteger(), nullable=False),
        sa.Column("cut_at", sa.DateTime(), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
    )


def _once(table: str, *columns: str) -> None:
    first = sa.text("corrects IS NULL")
    name = f"uq_{table}_once"
    op.create_index(name, table, list(columns), unique=True, sqlite_where=first, postgresql_where=first)


def upgrade() -> None:
    create_fact_table(
        "first_round_opened",
        sa.Column("year", sa.String(9), nullable=False),
        sa.Column("month", sa.String(7), nullable=False),
    )
    _once("first_round_opened", "year")
    create_fact_table(
        "report_drafted",
        *_report(),
        sa.Column("year", sa.String(9), nullable=False),
        sa.Column("figures_on", sa.Date(), nullable=False),
        *_figures(),
    )
    _once("report_drafted", "month", "version")
    create_fact_table("figures_refreshed", *_report(), *_figures())
    create_fact_table("report_sent", *_report())
    create_fact_table("report_returned", *_report(), sa.Column("comments", sa.Text(), nullable=False))
    create_fact_table("report_approved", *_report())
    create_fact_table(
        "report_issued",
        *_report(),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
    )
    _once("report_issued", "month", "version")
    op.create_table(
        "narrative",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True),
        *_report(),
        sa.Column("section", sa.String(20), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("edits", sa.BigInteger(), nullable=False),
        sa.Column("edited_by", sa.BigInteger(), sa.ForeignKey("person.id"), nullable=False),
        sa.Column("edited_at", sa.DateTime(), nullable=False),
        sa.UniqueConstraint("month", "version", "section", name="uq_narrative_month_version_section"),
    )


def downgrade() -> None:
    op.drop_table("narrative")
    for table in (
        "report_issued",
        "report_approved",
        "report_returned",
        "report_sent",
        "figures_refreshed",
        "report_drafted",
        "first_round_opened",
    ):
        drop_fact_table(table)
