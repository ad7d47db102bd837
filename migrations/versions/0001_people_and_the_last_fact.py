"""People, sign-in, the outbox, and how far the facts have come."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION facts_are_never_edited() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'facts are never edited: record a correction'; END $$"
        )
    op.create_table(
        "last_fact",
        sa.Column("id", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(), nullable=False),
        sa.Column("edits", sa.BigInteger(), nullable=False),
        sa.Column("demonstration", sa.Boolean(), nullable=False),
        sa.CheckConstraint("id = 1", name="ck_last_fact_one"),
    )
    op.execute(
        "INSERT INTO last_fact (id, seq, recorded_at, edits, demonstration) "
        "VALUES (1, 0, '1899-12-31 00:00:00.000000', 0, false)"
    )
    _people()
    _sign_in()
    op.create_table(
        "submission",
        _id(),
        sa.Column("person_id", sa.BigInteger(), sa.ForeignKey("person.id"), nullable=False),
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("route", sa.String(300), nullable=False),
        sa.Column("body_hash", sa.String(64), nullable=False),
        sa.Column("status", sa.BigInteger(), nullable=False),
        sa.Column("outcome", sa.JSON(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.UniqueConstraint("person_id", "key", "route", name="uq_submission_person_id_key_route"),
    )
    op.create_table(
        "outbox",
        _id(),
        sa.Column("to_address", sa.String(254), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("written_at", sa.DateTime(), nullable=False),
        sa.Column("sent_at", sa.DateTime()),
        sa.Column("tries", sa.BigInteger(), nullable=False),
        sa.Column("became", sa.Text(), nullable=False),
    )
    op.create_index("ix_outbox_to_address", "outbox", ["to_address"])
    op.create_table(
        "lease",
        sa.Column("key", sa.String(100), primary_key=True),
        sa.Column("held_until", sa.DateTime(), nullable=False),
        sa.Column("tries", sa.BigInteger(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
    )


def _id() -> sa.Column:
    """A number of its own for each row, on both databases."""
    return sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True)


def _people() -> None:
    op.create_table(
        "person",
        _id(),
        sa.Column("email", sa.String(254)),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("rights_version", sa.BigInteger(), nullable=False),
        sa.Column("added_at", sa.DateTime(), nullable=False),
        sa.Column("left_at", sa.DateTime()),
        sa.UniqueConstraint("email", name="uq_person_email"),
    )
    op.execute(
        "INSERT INTO person (name, rights_version, added_at) VALUES ('The tracker', 1, '1899-12-31 00:00:00.000000')"
    )
    op.create_table(
        "role_held",
        _id(),
        sa.Column("person_id", sa.BigInteger(), sa.ForeignKey("person.id"), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("region", sa.String(60)),
        sa.Column("council", sa.String(60)),
        sa.Column("granted_by", sa.BigInteger(), sa.ForeignKey("person.id"), nullable=False),
        sa.Column("granted_at", sa.DateTime(), nullable=False),
        sa.Column("confirmed_by", sa.BigInteger(), sa.ForeignKey("person.id")),
    )
    op.create_index("ix_role_held_person_id", "role_held", ["person_id"])
    whole = [sa.text("coalesce(region, '')"), sa.text("coalesce(council, '')")]
    op.create_index("uq_role_held", "role_held", ["person_id", "role", *whole], unique=True)


def _sign_in() -> None:
    op.create_table(
        "browser_session",
        sa.Column("id_hash", sa.String(64), primary_key=True),
        sa.Column("person_id", sa.BigInteger(), sa.ForeignKey("person.id"), nullable=False),
        sa.Column("started_at", sa.DateTime(), nullable=False),
        sa.Column("seen_at", sa.DateTime(), nullable=False),
    )
    op.create_index("ix_browser_session_person_id", "browser_session", ["person_id"])
    op.create_table(
        "sign_in_link",
        _id(),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("person_id", sa.BigInteger(), sa.ForeignKey("person.id")),
        sa.Column("email_hash", sa.String(64), nullable=False),
        sa.Column("browser_hash", sa.String(64)),
        sa.Column("code_hash", sa.String(64)),
        sa.Column("asked_at", sa.DateTime(), nullable=False),
        sa.Column("used_at", sa.DateTime()),
        sa.Column("tries", sa.BigInteger(), nullable=False),
        sa.Column("next_address", sa.Text(), nullable=False),
        sa.UniqueConstraint("token_hash", name="uq_sign_in_link_token_hash"),
    )
    op.create_index("ix_sign_in_link_email_hash", "sign_in_link", ["email_hash"])
    op.create_index("ix_sign_in_link_asked_at", "sign_in_link", ["asked_at"])
    op.create_table(
        "personal_token",
        sa.Column("token_hash", sa.String(64), primary_key=True),
        sa.Column("person_id", sa.BigInteger(), sa.ForeignKey("person.id"), nullable=False),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.Column("expires_at", sa.DateTime(), nullable=False),
    )
    op.create_index("ix_personal_token_person_id", "personal_token", ["person_id"])


def downgrade() -> None:
    for table in (
        "lease",
        "outbox",
        "submission",
        "personal_token",
        "sign_in_link",
        "browser_session",
        "role_held",
        "person",
        "last_fact",
    ):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION facts_are_never_edited()")
