"""What is said of an entry besides its status: that it is still correct, and that more time was agreed."""

from datetime import date

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from improvement.database import Fact


class EntryChecked(Fact):
    """Somebody looked at what is kept of a council's account: it is still correct, or `said` is what is wrong.

    `by_council` when the council itself did, by a link that was sent to its contact, who holds the `post`.
    """

    __tablename__ = "entry_checked"
    __table_args__ = (Index("ix_entry_checked_year_council", "year", "council", "by_council", "correct", "seq"),)

    year: Mapped[str] = mapped_column(String(9))
    council: Mapped[str] = mapped_column(String(60))
    by_council: Mapped[bool]
    post: Mapped[str] = mapped_column(String(30))
    correct: Mapped[bool]
    said: Mapped[str]


class ExtensionAgreed(Fact):
    """A council asked for more time, and somebody agreed. Being on time still rests on the deadline."""

    __tablename__ = "extension_agreed"
    __table_args__ = (Index("ix_extension_agreed_year_council", "year", "council"),)

    year: Mapped[str] = mapped_column(String(9))
    council: Mapped[str] = mapped_column(String(60))
    until: Mapped[date]
    because: Mapped[str]
    agreed_by: Mapped[str]
