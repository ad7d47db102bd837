"""What the accounts of a programme year are asked about."""

from sqlalchemy import Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from improvement.database import Fact


class YearContentsSet(Fact):
    """The themes and the questions of a programme year, in their order."""

    __tablename__ = "year_contents_set"
    __table_args__ = (
        Index(
            "uq_year_contents_set_once",
            "year",
            unique=True,
            sqlite_where=text("corrects IS NULL"),
            postgresql_where=text("corrects IS NULL"),
        ),
    )

    year: Mapped[str] = mapped_column(String(9))
    themes: Mapped[list[str]]
    questions: Mapped[list[str]]
