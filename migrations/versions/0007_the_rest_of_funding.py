"""The rest of what is recorded about money: posts, splits, claims, payment runs, forecasts and the end of the year."""

import sqlalchemy as sa
from alembic import op
from fact_tables import create_fact_table, drop_fact_table

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    _create("limits_set", _pence("virement_above_pence"), _pence("variance_above_pence"), _words("why"))
    _create("conditions_met", _short("ref", 20), _words("evidence"), _list("files"))
    _of_line(
        "post_terms_set",
        sa.Column("wte_hundredths", sa.BigInteger(), nullable=False),
        _day("starts_on"),
        _day("ends_on"),
        _pence("annual_cost_pence"),
        _day("applies_from"),
        _words("why"),
    )
    _of_line("post_state_reached", _short("state", 20))
    _splits()
    _claims()
    _of_line("forecast_given", _list("months"), _words("why"))
    _of_line("variance_explained", _pence("variance_pence"), _words("why"))
    _of_line("accrual_made", _pence("amount_pence"), _words("recipient"), _words("why"), _check("accrual_made"))
    _carry_forward()
    _documents()
    _more_of_what_was_there()


def downgrade() -> None:
    op.drop_column("released", "decision_reference")
    op.drop_index("ix_refund_received_payment", "refund_received")
    op.drop_column("refund_received", "payment")
    op.drop_index("ix_payment_made_claim", "payment_made")
    op.drop_column("payment_made", "run")
    op.drop_column("payment_made", "claim")
    op.drop_table("document")
    for table in (
        "carry_forward_decided",
        "carry_forward_asked",
        "accrual_made",
        "variance_explained",
        "forecast_given",
        "statement_read",
        "payment_run_made",
        "claim_decided",
        "claim_answered",
        "claim_queried",
        "claim_made",
        "split_adopted",
        "split_proposed",
        "post_state_reached",
        "post_terms_set",
        "conditions_met",
        "limits_set",
    ):
        drop_fact_table(table)


def _splits() -> None:
    _create(
        "split_proposed",
        _short("ref", 20),
        _words("title"),
        _pence("total_pence"),
        _pence("kept_pence"),
        _list("posts"),
        _short("way", 20),
        _pence("base_pence"),
        _list("shares"),
        _words("why"),
    )
    op.create_index("ix_split_proposed_ref", "split_proposed", ["ref"])
    version = sa.Column("version", sa.Uuid(), nullable=False)
    _create("split_adopted", _short("ref", 20), version, _words("decision_reference"), _words("why"))


def _claims() -> None:
    made = (_pence("amount_pence"), _day("from_on"), _day("to_on"), _words("paid_for"), _list("files"))
    _of_line("claim_made", _short("ref", 20), *made, _check("claim_made"))
    _create("claim_queried", _short("line", 60), _short("ref", 20), _words("question"))
    _create("claim_answered", _short("line", 60), _short("ref", 20), _words("answer"), _list("files"))
    _create("claim_decided", _short("line", 60), _short("ref", 20), _short("decision", 20), _words("why"))
    _create("payment_run_made", _short("ref", 20), _list("claims"))
    _create("statement_read", _short("ref", 20), _words("name"), _short("sha256", 64), _list("lines"))
    op.create_index("ix_statement_read_sha256", "statement_read", ["sha256"])
    for table in (
        "claim_made",
        "claim_queried",
        "claim_answered",
        "claim_decided",
        "payment_run_made",
        "statement_read",
    ):
        op.create_index(f"ix_{table}_ref", table, ["ref"])


def _carry_forward() -> None:
    asked = (_pence("amount_pence"), _short("ref", 20), _words("why"))
    _of_line("carry_forward_asked", *asked, _check("carry_forward_asked"))
    never_below = sa.CheckConstraint("amount_pence >= 0", name=op.f("ck_carry_forward_decided_not_below_zero"))
    decided = (_short("decision", 20), _words("decision_reference"), never_below)
    _of_line("carry_forward_decided", *asked, *decided)
    for table in ("carry_forward_asked", "carry_forward_decided"):
        op.create_index(f"ix_{table}_ref", table, ["ref"])


def _documents() -> None:
    """What people attach, kept once by its hash."""
    op.create_table(
        "document",
        sa.Column("sha256", sa.String(64), primary_key=True),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("kept_at", sa.DateTime(), nullable=False),
    )


def _more_of_what_was_there() -> None:
    """Columns that earlier facts leave empty: adding them rewrites no fact."""
    op.add_column("payment_made", sa.Column("claim", sa.String(20), nullable=False, server_default=""))
    op.add_column("payment_made", sa.Column("run", sa.String(20), nullable=False, server_default=""))
    op.create_index("ix_payment_made_claim", "payment_made", ["claim"])
    op.add_column("refund_received", sa.Column("payment", sa.Uuid(), nullable=True))
    op.create_index("ix_refund_received_payment", "refund_received", ["payment"])
    op.add_column("released", sa.Column("decision_reference", sa.Text(), nullable=False, server_default=""))


def _of_line(name: str, *columns: sa.Column | sa.Constraint) -> None:
    """What is about one funding line, found by it in the order recorded."""
    _create(name, _short("line", 60), *columns)
    op.create_index(f"ix_{name}_line_seq", name, ["line", "seq"])


def _create(name: str, *columns: sa.Column | sa.Constraint) -> None:
    """A kind of fact that names its memorandum."""
    create_fact_table(name, _short("mou", 60), *columns)


def _check(table: str) -> sa.CheckConstraint:
    return sa.CheckConstraint("amount_pence > 0", name=op.f(f"ck_{table}_above_zero"))


def _short(name: str, most: int) -> sa.Column:
    return sa.Column(name, sa.String(most), nullable=False)


def _words(name: str) -> sa.Column:
    return sa.Column(name, sa.Text(), nullable=False)


def _pence(name: str) -> sa.Column:
    return sa.Column(name, sa.BigInteger(), nullable=False)


def _list(name: str) -> sa.Column:
    return sa.Column(name, sa.JSON(), nullable=False)


def _day(name: str) -> sa.Column:
    return sa.Column(name, sa.Date(), nullable=False)
