"""What is recorded about local accounts."""

from datetime import date

from sqlalchemy import Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from improvement.database import Fact
from improvement.local_accounts.tables import checks as checks
from improvement.local_accounts.tables import readings as readings
from improvement.local_accounts.tables import years as years


class ProgrammeYearSet(Fact):
    """A programme year, its suggested deadline, and the period its accounts are about at least."""

    __tablename__ = "programme_year_set"
    __table_args__ = (
        Index(
            "uq_programme_year_set_once",
            "year",
            unique=True,
            sqlite_where=text("corrects IS NULL"),
            postgresql_where=text("corrects IS NULL"),
        ),
    )

    year: Mapped[str] = mapped_column(String(9))
    deadline: Mapped[date]
    period_from: Mapped[date]
    period_to: Mapped[date]


class StatusReported(Fact):
    """What a council or its coordinator said. The note is the reason when it will not publish."""

    __tablename__ = "status_reported"
    __table_args__ = (
        Index("ix_status_reported_year_council", "year", "council", "effective_on", "seq"),
        Index("ix_status_reported_newest", "year", "council", "seq"),
    )

    year: Mapped[str] = mapped_column(String(9))
    council: Mapped[str] = mapped_column(String(60))
    status: Mapped[str] = mapped_column(String(20))
    expected_on: Mapped[date | None]
    source: Mapped[str] = mapped_column(default="")
    agreed_by: Mapped[str] = mapped_column(default="", server_default="")
    """Who agreed that it will not publish."""


class AccountPublished(Fact):
    """A local account, or a later edition of one. `effective_on` is the day published."""

    __tablename__ = "account_published"
    __table_args__ = (Index("ix_account_published_year_council", "year", "council"),)

    year: Mapped[str] = mapped_column(String(9))
    council: Mapped[str] = mapped_column(String(60))
    serves: Mapped[list[str]]
    title: Mapped[str]
    address: Mapped[str]
    basis: Mapped[str] = mapped_column(String(20))
    period_from: Mapped[date]
    period_to: Mapped[date]
    by_lead_member: Mapped[bool | None]
    formats: Mapped[list[str]]
    without_web: Mapped[str]


class AccountSeen(Fact):
    """Somebody's look at a published account: the address answered, or a coordinator opened it."""

    __tablename__ = "account_seen"
    __table_args__ = (Index("ix_account_seen_year_council", "year", "council"),)

    year: Mapped[str] = mapped_column(String(9))
    council: Mapped[str] = mapped_column(String(60))
    sureness: Mapped[str] = mapped_column(String(20))
