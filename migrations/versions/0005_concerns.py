"""Concerns, the actions that serve them, and what was decided of them."""

import sqlalchemy as sa
from alembic import op
from fact_tables import create_fact_table, drop_fact_table

revision = "0005"
down_revision = "0004"

TABLES = (
    "concern_raised",
    "sensitivity_changed",
    "action_planned",
    "action_linked",
    "action_unlinked",
    "action_updated",
    "target_moved",
    "concern_closed",
    "concern_reopened",
    "concern_accepted",
    "concern_escalated",
    "escalation_answered",
)


def _ref(name: str) -> sa.Column:
    return sa.Column(name, sa.String(7), nullable=False)


def _words(name: str) -> sa.Column:
    return sa.Column(name, sa.Text(), nullable=False)


def _choice(name: str, longest: int = 20) -> sa.Column:
    return sa.Column(name, sa.String(longest), nullable=False)


def upgrade() -> None:
    _concerns()
    _actions()
    _decisions()
    for table in ("concern_raised", "action_planned"):
        op.create_index(f"ix_{table}_ref", table, ["ref"])
        op.create_index(f"ix_{table}_council", table, ["council"])
        first = sa.text("corrects IS NULL")
        op.create_index(f"uq_{table}_once", table, ["ref"], unique=True, sqlite_where=first, postgresql_where=first)
    for table in ("action_linked", "action_unlinked", "action_updated", "target_moved"):
        op.create_index(f"ix_{table}_action", table, ["action"])
    of_concerns = (name for name in TABLES if name.startswith(("concern_", "sens", "esc")) and name != "concern_raised")
    for table in ("action_linked", "action_unlinked", *of_concerns):
        op.create_index(f"ix_{table}_concern", table, ["concern"])


def _concerns() -> None:
    create_fact_table(
        "concern_raised",
        _ref("ref"),
        sa.Column("council", sa.String(60), nullable=False),
        _words("title"),
        _words("description"),
        sa.Column("themes", sa.JSON(), nullable=False),
        _choice("severity"),
        _choice("sensitivity"),
        _choice("source", 30),
        _words("source_page"),
        _words("source_quote"),
        _words("source_address"),
        _words("owner"),
    )
    create_fact_table("sensitivity_changed", _ref("concern"), _choice("sensitivity"), _words("because"))


def _actions() -> None:
    create_fact_table(
        "action_planned",
        _ref("ref"),
        sa.Column("council", sa.String(60), nullable=False),
        sa.Column("year", sa.String(9), nullable=False),
        _words("title"),
        _words("outcome"),
        _words("measure"),
        _words("owner"),
        sa.Column("start_on", sa.Date()),
        sa.Column("target_on", sa.Date(), nullable=False),
    )
    create_fact_table("action_linked", _ref("concern"), _ref("action"))
    create_fact_table("action_unlinked", _ref("concern"), _ref("action"), _words("because"))
    create_fact_table(
        "action_updated",
        _ref("action"),
        _choice("state"),
        sa.Column("rag", sa.String(20)),
        _words("narrative"),
        _words("evidence"),
        _words("because"),
    )
    create_fact_table(
        "target_moved", _ref("action"), sa.Column("target_on", sa.Date(), nullable=False), _words("because")
    )


def _decisions() -> None:
    create_fact_table("concern_closed", _ref("concern"), _words("evidence"))
    create_fact_table("concern_reopened", _ref("concern"), _words("because"))
    create_fact_table("concern_accepted", _ref("concern"), _words("because"))
    create_fact_table("concern_escalated", _ref("concern"), _choice("level"), _words("because"))
    create_fact_table("escalation_answered", _ref("concern"), _choice("level"), _words("answer"))


def downgrade() -> None:
    for table in reversed(TABLES):
        drop_fact_table(table)
