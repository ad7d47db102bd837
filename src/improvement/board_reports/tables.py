"""What is recorded about Board reports. A report is named by its month and version, written 2011-12 and 1."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from improvement.database import Fact, Working


def _once(table: str, *columns: str) -> Index:
    first = text("corrects IS NULL")
    return Index(f"uq_{table}_once", *columns, unique=True, sqlite_where=first, postgresql_where=first)


class FirstRoundOpened(Fact):
    """The secretariat opened the programme year's first reporting round; the next follow by themselves."""

    __tablename__ = "first_round_opened"
    __table_args__ = (_once("first_round_opened", "year"),)

    year: Mapped[str] = mapped_column(String(9))
    month: Mapped[str] = mapped_column(String(7))


class ReportDrafted(Fact):
    """A version was drafted, with its figures as known at the cut-off. Later versions restate; the note says why."""

    __tablename__ = "report_drafted"
    __table_args__ = (_once("report_drafted", "month", "version"),)

    month: Mapped[str] = mapped_column(String(7))
    version: Mapped[int]
    year: Mapped[str] = mapped_column(String(9))
    figures_on: Mapped[date]
    cut_seq: Mapped[int]
    cut_at: Mapped[datetime]
    figures: Mapped[dict[str, Any]]


class FiguresRefreshed(Fact):
    """The cut-off of a draft was moved forward."""

    __tablename__ = "figures_refreshed"

    month: Mapped[str] = mapped_column(String(7))
    version: Mapped[int]
    cut_seq: Mapped[int]
    cut_at: Mapped[datetime]
    figures: Mapped[dict[str, Any]]


class ReportSent(Fact):
    __tablename__ = "report_sent"

    month: Mapped[str] = mapped_column(String(7))
    version: Mapped[int]


class ReportReturned(Fact):
    __tablename__ = "report_returned"

    month: Mapped[str] = mapped_column(String(7))
    version: Mapped[int]
    comments: Mapped[str]


class ReportApproved(Fact):
    __tablename__ = "report_approved"

    month: Mapped[str] = mapped_column(String(7))
    version: Mapped[int]


class ReportIssued(Fact):
    """A version was frozen: its whole content as JSON, and the SHA-256 hash of those very bytes."""

    __tablename__ = "report_issued"
    __table_args__ = (_once("report_issued", "month", "version"),)

    month: Mapped[str] = mapped_column(String(7))
    version: Mapped[int]
    content: Mapped[str]
    sha256: Mapped[str] = mapped_column(String(64))


class NarrativeRow(Working):
    """What the secretariat wrote in a section of a draft. `edits` counts the times it was saved."""

    __tablename__ = "narrative"
    __table_args__ = (UniqueConstraint("month", "version", "section"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    month: Mapped[str] = mapped_column(String(7))
    version: Mapped[int]
    section: Mapped[str] = mapped_column(String(20))
    text: Mapped[str]
    edits: Mapped[int]
    edited_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    edited_at: Mapped[datetime]
