"""What is recorded about regions and councils, and (working rows) whom to write to in each council."""

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from improvement.database import Fact, Working


class RegionNamed(Fact):
    __tablename__ = "region_named"

    slug: Mapped[str] = mapped_column(String(60))
    name: Mapped[str]


class CouncilFormed(Fact):
    """`effective_on` is the council's first day; for one older than any record it is the beginning of ours."""

    __tablename__ = "council_formed"

    slug: Mapped[str] = mapped_column(String(60))
    name: Mapped[str]
    official_name: Mapped[str]
    council_type: Mapped[str] = mapped_column(String(20))
    region: Mapped[str] = mapped_column(String(60))
    cassr_code: Mapped[str] = mapped_column(String(3))
    adults_18plus: Mapped[int]
    website_domain: Mapped[str] = mapped_column(String(100))
    before_records: Mapped[bool]
    tile_name: Mapped[str] = mapped_column(String(4))
    half_columns: Mapped[int | None]
    tile_row: Mapped[int | None]


class CouncilAbolished(Fact):
    """`effective_on` is the first day the council is no more."""

    __tablename__ = "council_abolished"

    slug: Mapped[str] = mapped_column(String(60))


class CouncilSucceeded(Fact):
    __tablename__ = "council_succeeded"

    predecessor: Mapped[str] = mapped_column(String(60))
    successor: Mapped[str] = mapped_column(String(60))


class CodeGiven(Fact):
    __tablename__ = "code_given"

    slug: Mapped[str] = mapped_column(String(60))
    gss_code: Mapped[str] = mapped_column(String(9))


class ContactRow(Working):
    """Somebody to write to in a council: Director, Lead Member or local-account contact."""

    __tablename__ = "contact"
    __table_args__ = (UniqueConstraint("council", "post"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    council: Mapped[str] = mapped_column(String(60))
    post: Mapped[str] = mapped_column(String(30))
    name: Mapped[str]
    email: Mapped[str] = mapped_column(String(254))
