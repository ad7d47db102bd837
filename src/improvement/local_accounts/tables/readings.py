"""What readers found in an account, and what its council says to that."""

from typing import Any
from uuid import UUID

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from improvement.database import Fact


class AccountRead(Fact):
    """One reading of one publication: a first, a second, or the reconciled one.

    `themes` are {theme, covered, where, quotation}; `answers` are {question, answer}, in the council's words; the five
    of balance are “yes”, “no” or “not known”; `clicks` are from the council's home page.
    """

    __tablename__ = "account_read"
    __table_args__ = (Index("ix_account_read_year_council", "year", "council"),)

    year: Mapped[str] = mapped_column(String(9))
    council: Mapped[str] = mapped_column(String(60))
    publication: Mapped[UUID]
    reading: Mapped[str] = mapped_column(String(20))
    themes: Mapped[list[dict[str, Any]]]
    engagement: Mapped[str] = mapped_column(String(30))
    challenge: Mapped[list[str]]
    answers: Mapped[list[dict[str, Any]]]
    weaknesses: Mapped[str] = mapped_column(String(10))
    compares_spending: Mapped[str] = mapped_column(String(10))
    compares_numbers: Mapped[str] = mapped_column(String(10))
    priorities: Mapped[str] = mapped_column(String(10))
    findable: Mapped[str] = mapped_column(String(10))
    clicks: Mapped[int | None]


class ReadingAnswered(Fact):
    """A council's right of reply: it agrees with one thing a reading says, or disagrees with evidence. Both stand."""

    __tablename__ = "reading_answered"
    __table_args__ = (Index("ix_reading_answered_year_council", "year", "council"),)

    year: Mapped[str] = mapped_column(String(9))
    council: Mapped[str] = mapped_column(String(60))
    reading: Mapped[UUID]
    about: Mapped[str] = mapped_column(String(80))
    agrees: Mapped[bool]
    evidence: Mapped[str]
    address: Mapped[str]
