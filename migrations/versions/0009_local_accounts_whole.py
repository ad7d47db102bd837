"""The rest of what is recorded about local accounts: a year's contents, checks, extensions, readings and replies."""

import sqlalchemy as sa
from alembic import op
from fact_tables import create_fact_table, drop_fact_table

revision = "0009"
down_revision = "0008"

FIRST = sa.text("corrects IS NULL")


def upgrade() -> None:
    create_fact_table("year_contents_set", _short("year", 9), _list("themes"), _list("questions"))
    op.create_index(
        "uq_year_contents_set_once",
        "year_contents_set",
        ["year"],
        unique=True,
        sqlite_where=FIRST,
        postgresql_where=FIRST,
    )
    _of_council("entry_checked", _flag("by_council"), _short("post", 30), _flag("correct"), _words("said"))
    _of_council(
        "extension_agreed", sa.Column("until", sa.Date(), nullable=False), _words("because"), _words("agreed_by")
    )
    _readings()
    op.add_column("status_reported", sa.Column("agreed_by", sa.Text(), nullable=False, server_default=""))
    _notices()


def downgrade() -> None:
    op.drop_table("notice_stop")
    op.drop_table("notice")
    op.drop_column("status_reported", "agreed_by")
    for table in ("reading_answered", "account_read", "extension_agreed", "entry_checked", "year_contents_set"):
        drop_fact_table(table)


def _readings() -> None:
    balance = ("weaknesses", "compares_spending", "compares_numbers", "priorities", "findable")
    _of_council(
        "account_read",
        sa.Column("publication", sa.Uuid(), nullable=False),
        _short("reading", 20),
        _list("themes"),
        _short("engagement", 30),
        _list("challenge"),
        _list("answers"),
        *(_short(name, 10) for name in balance),
        sa.Column("clicks", sa.BigInteger(), nullable=True),
    )
    _of_council(
        "reading_answered",
        sa.Column("reading", sa.Uuid(), nullable=False),
        _short("about", 80),
        _flag("agrees"),
        _words("evidence"),
        _words("address"),
    )


def _notices() -> None:
    """Which notice was written to whom (once for each key), and who wants none."""
    op.create_table(
        "notice",
        sa.Column("key", sa.String(300), primary_key=True),
        sa.Column("kind", sa.String(30), nullable=False),
        sa.Column("to_address", sa.String(254), nullable=False, index=True),
        sa.Column("message", sa.BigInteger(), nullable=True),
        sa.Column("written_at", sa.DateTime(), nullable=False),
        _words("about"),
        _list("regions"),
        _words("became"),
    )
    op.create_table(
        "notice_stop",
        sa.Column("address", sa.String(254), primary_key=True),
        sa.Column("stopped_at", sa.DateTime(), nullable=False),
    )


def _of_council(name: str, *columns: sa.Column) -> None:
    """What is about one council's account of one year."""
    create_fact_table(name, _short("year", 9), _short("council", 60), *columns)
    op.create_index(f"ix_{name}_year_council", name, ["year", "council"])


def _short(name: str, most: int) -> sa.Column:
    return sa.Column(name, sa.String(most), nullable=False)


def _words(name: str) -> sa.Column:
    return sa.Column(name, sa.Text(), nullable=False)


def _flag(name: str) -> sa.Column:
    return sa.Column(name, sa.Boolean(), nullable=False)


def _list(name: str) -> sa.Column:
    return sa.Column(name, sa.JSON(), nullable=False)
