"""What a council and a region are, and when they are."""

from datetime import date, timedelta
from enum import StrEnum

import msgspec


class CouncilType(StrEnum):
    """The kinds of council with adult social services responsibilities."""

    COUNTY = "county"
    LONDON_BOROUGH = "london borough"
    METROPOLITAN = "metropolitan"
    UNITARY = "unitary"
    CITY_OF_LONDON = "city of london"
    SUI_GENERIS = "sui generis"


TYPE_WORDS: dict[CouncilType, str] = {
    CouncilType.COUNTY: "County",
    CouncilType.LONDON_BOROUGH: "London borough",
    CouncilType.METROPOLITAN: "Metropolitan district",
    CouncilType.UNITARY: "Unitary",
    CouncilType.CITY_OF_LONDON: "City of London",
    CouncilType.SUI_GENERIS: "Isles of Scilly",
}


class Region(msgspec.Struct, frozen=True):
    """An ADASS region."""

    slug: str
    name: str


class Code(msgspec.Struct, frozen=True):
    """A GSS code and the day a council was given it."""

    gss_code: str
    given_on: date


class Council(msgspec.Struct, frozen=True):
    """A council with adult social services responsibilities, over the whole of its life.

    `valid_to` is its last day. `valid_from` is none where the council is older than any record.
    """

    slug: str
    name: str
    official_name: str
    council_type: CouncilType
    region: str
    region_name: str
    cassr_code: str
    adults_18plus: int
    website_domain: str
    valid_from: date | None
    valid_to: date | None
    predecessors: tuple[str, ...] = ()
    successors: tuple[str, ...] = ()
    codes: tuple[Code, ...] = ()
    tile_name: str = ""
    half_columns: int | None = None
    tile_row: int | None = None

    def in_being(self, on: date) -> bool:
        """Both ends inclusive."""
        return (self.valid_from is None or self.valid_from <= on) and (self.valid_to is None or on <= self.valid_to)

    def code_on(self, on: date) -> str | None:
        """The GSS code it went by on a day."""
        given = [code.gss_code for code in self.codes if code.given_on <= on]
        return given[-1] if given else None


def last_day(abolished_on: date) -> date:
    """A council abolished on a day existed until the day before."""
    return abolished_on - timedelta(days=1)
