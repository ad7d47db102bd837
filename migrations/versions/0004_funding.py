"""What is recorded about money."""

import sqlalchemy as sa
from alembic import op
from fact_tables import create_fact_table, drop_fact_table

revision = "0004"
down_revision = "0003"

FIRST = sa.text("corrects IS NULL")


def upgrade() -> None:
    _memorandum()
    _create("instalment_expected", _short("ref", 20), _amount(), _day("due_on"), _words("conditions"), above_zero=True)
    _create("instalment_received", _short("ref", 20), _amount(), _words("reference"), above_zero=True)
    _create(
        "line_opened",
        _short("line", 60),
        _short("kind", 10),
        _words("title"),
        _words("host"),
        sa.Column("region", sa.String(60)),
    )
    _once("instalment_expected", "ref")
    _once("line_opened", "line")
    _of_line("allocation_made", _words("why"))
    _of_line("commitment_made", _words("recipient"), _words("purpose"), _words("reference"))
    _of_line("payment_made", _words("reference"), _words("over_cash_reason"))
    _of_line("refund_received", _words("reference"), _words("why"))
    _of_line("released", _short("of", 10), _words("why"))
    legs = sa.Column("legs", sa.JSON(), nullable=False)
    _create("virement_made", legs, _words("decision_reference"), _words("why"))
    _create("returned_to_funder", _amount(), _words("reference"), _words("why"), above_zero=True)


def downgrade() -> None:
    for table in (
        "returned_to_funder",
        "virement_made",
        "released",
        "refund_received",
        "payment_made",
        "commitment_made",
        "allocation_made",
        "line_opened",
        "instalment_received",
        "instalment_expected",
        "mou_withdrawn",
        "mou_closed",
        "mou_varied",
        "mou_agreed",
        "mou_negotiated",
    ):
        drop_fact_table(table)


def _memorandum() -> None:
    _create("mou_negotiated", _words("title"), _words("funder"), _amount(), above_zero=True)
    _once("mou_negotiated")
    _create("mou_agreed", _amount(), above_zero=True)
    _create("mou_varied", _amount(), _words("why"), above_zero=True)
    _create("mou_closed")
    _create("mou_withdrawn")


def _of_line(name: str, *columns: sa.Column) -> None:
    """Money of one funding line, found by it in the order recorded."""
    _create(name, _short("line", 60), _amount(), *columns, above_zero=True)
    op.create_index(f"ix_{name}_line_seq", name, ["line", "seq"])


def _create(name: str, *columns: sa.Column, above_zero: bool = False) -> None:
    """A kind of fact that names its memorandum."""
    above = [sa.CheckConstraint("amount_pence > 0", name=op.f(f"ck_{name}_above_zero"))] if above_zero else []
    create_fact_table(name, _short("mou", 60), *columns, *above)


def _once(name: str, *columns: str) -> None:
    """What may be recorded once only; corrections of it repeat its name."""
    op.create_index(f"uq_{name}_once", name, ["mou", *columns], unique=True, sqlite_where=FIRST, postgresql_where=FIRST)


def _short(name: str, most: int) -> sa.Column:
    return sa.Column(name, sa.String(most), nullable=False)


def _words(name: str) -> sa.Column:
    return sa.Column(name, sa.Text(), nullable=False)


def _amount() -> sa.Column:
    return sa.Column("amount_pence", sa.BigInteger(), nullable=False)


def _day(name: str) -> sa.Column:
    return sa.Column(name, sa.Date(), nullable=False)
