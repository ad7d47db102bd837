"""Who has signed in; what became of each message, and which addresses are not reached; who sends a message now."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

OF_A_MESSAGE = ("kind", "token", "stop", "good_until", "held_until", "bounced_at", "reason")


def upgrade() -> None:
    op.add_column("outbox", sa.Column("kind", sa.String(30), nullable=False, server_default="other"))
    op.add_column("outbox", sa.Column("token", sa.String(32), nullable=True))
    op.create_index("uq_outbox_token", "outbox", ["token"], unique=True)
    op.add_column("outbox", sa.Column("stop", sa.Text(), nullable=False, server_default=""))
    for name in ("good_until", "held_until", "bounced_at"):
        op.add_column("outbox", sa.Column(name, sa.DateTime(), nullable=True))
    op.add_column("outbox", sa.Column("reason", sa.Text(), nullable=False, server_default=""))
    op.create_table(
        "unreached",
        sa.Column("address", sa.String(254), primary_key=True),
        sa.Column("in_a_row", sa.BigInteger(), nullable=False),
        sa.Column("written_at", sa.DateTime(), nullable=False),
        sa.Column("bounced_at", sa.DateTime(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
    )
    op.create_table(
        "signed_in",
        sa.Column("person_id", sa.BigInteger(), sa.ForeignKey("person.id"), primary_key=True),
        sa.Column("last_on", sa.Date(), nullable=False),
    )
    _who_was_here()


def downgrade() -> None:
    op.drop_table("signed_in")
    op.drop_table("unreached")
    op.drop_index("uq_outbox_token", "outbox")
    for name in OF_A_MESSAGE:
        op.drop_column("outbox", name)


def _who_was_here() -> None:
    """The day each person was last seen: signed in now, or sending a form. Without it everybody would seem never to
    have come."""
    person, started, at = sa.column("person_id"), sa.column("started_at", sa.DateTime()), sa.column("at", sa.DateTime())
    seen: dict[int, datetime] = {}
    for table, instant in (("browser_session", started), ("submission", at)):
        asked = sa.select(person, sa.func.max(instant)).select_from(sa.table(table)).group_by(person)
        for who, when in op.get_bind().execute(asked).all():
            seen[who] = max(when, seen.get(who, when))
    rows = [{"person_id": who, "last_on": _day(when)} for who, when in seen.items()]
    table = sa.table("signed_in", sa.column("person_id", sa.BigInteger()), sa.column("last_on", sa.Date()))
    if rows:
        op.bulk_insert(table, rows)


def _day(instant: datetime) -> date:
    return instant.replace(tzinfo=UTC).astimezone(ZoneInfo("Europe/London")).date()
