"""The national picture adds up for any filter, and no sum of readings tells of one council."""

from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from improvement.access.rules import Person
from improvement.database import Database
from improvement.dates import AsAt
from improvement.local_accounts import queries
from improvement.local_accounts.pages.picture_sheets import LISTS, sheets
from improvement.local_accounts.queries import picture as pictures
from improvement.local_accounts.rules import Position, Status
from improvement.sector.rules import CouncilType
from improvement.web.workbook import Sheet
from tests.conftest import LONG
from tests.local_accounts.people import BOARD, BRENT, LONDON, NOW, SECRETARIAT, WIRRAL, YEAR, Clerk
from tests.local_accounts.readers import TODAY, Library

days = st.dates(date(2011, 6, 1), date(2012, 5, 31))
regions = st.sampled_from(["", "", "london", "north-west", "north-east", "nowhere"])
types = st.sampled_from(["", "", *(one.value for one in CouncilType), "parish"])
COUNCILS = ("brent", "ealing", "wirral", "city-of-london")
told = st.lists(
    st.tuples(st.sampled_from(COUNCILS), st.sampled_from([Status.PLANNED, Status.WILL_NOT_PUBLISH]), days, days),
    max_size=6,
)


def cells(sheet: Sheet) -> list[list[Any]]:
    return [list(row) for band in sheet.bands for row in band.rows]


def tables(
    database: Database, as_at: AsAt = TODAY, region: str = "", kind: str = "", by: Person = SECRETARIAT
) -> tuple[pictures.Picture, dict[str, Sheet]]:
    with database.reading() as session:
        councils = pictures.chosen(session, YEAR, as_at, region, kind)
        mine = {one.slug for one in councils}
        rows = [row for row in queries.rows(session, YEAR, as_at, by) if row.council in mine]
        drawn = pictures.picture(session, YEAR, as_at, region, kind)
        found = pictures.found(session, YEAR, as_at, councils, by)
        return drawn, sheets(drawn, rows, found, pictures.more_time(session, YEAR, as_at, councils, by))


@settings(max_examples=40 if LONG else 6, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(told, days, regions, types)
def test_every_table_adds_up_to_the_councils_asked_for(
    library: Library, told: list[tuple[str, Status, date, date]], on: date, region: str, kind: str
) -> None:
    for council, status, day, expected in told:
        if expected >= day and council != "brent":
            Clerk(library.database, council, at=NOW).says(status, day, expected_on=expected, note="x")
    drawn, made = tables(library.database, AsAt(on), region, kind)
    n = drawn.councils
    assert len(cells(made["councils"])) == n == sum(drawn.positions.values()) == sum(drawn.sureness.values())
    for name in ("regions", "types"):
        assert sum(row[-2] for row in cells(made[name])) == n
        assert all(sum(row[1:7]) == row[7] for row in cells(made[name]))
        assert sum(row[-1] for row in cells(made[name])) == drawn.published
    listed = [row[0] for name in LISTS for row in cells(made[name])]
    assert len(listed) == len(set(listed)) == n - drawn.on_time
    assert drawn.weeks[-1].councils <= n <= drawn.on_list == 152
    if "themes" in made:
        assert {sum(row[1:6]) for row in cells(made["themes"])} <= {n}
        assert sum(row[1] for row in cells(made["engagement"])) == n


@pytest.fixture
def library(seeded: Database) -> Library:
    """One account that was published and read."""
    made = Library(seeded)
    made.reads()
    return made


class TestWhatReadersFound:
    def found(self, library: Library, by: Person, region: str = "") -> pictures.Found | None:
        with library.database.reading() as session:
            councils = pictures.chosen(session, YEAR, TODAY, region)
            return pictures.found(session, YEAR, TODAY, councils, by)

    def test_one_reading_is_told_only_to_those_who_see_that_council_in_full(self, library: Library) -> None:
        for by in (SECRETARIAT, LONDON, BRENT):
            found = self.found(library, by)
            assert found
            assert (found.read, found.councils) == (1, 152)
        for by in (BOARD, WIRRAL):
            assert self.found(library, by) is None
            assert self.found(library, by, "london") is None

    def test_three_readings_are_added_up_for_everybody(self, library: Library) -> None:
        for council in ("ealing", "barnet"):
            Library(library.database, council).reads()
        found = self.found(library, WIRRAL)
        assert found
        assert found.read == 3
        assert next(one.covered for one in found.themes if one.theme == "adult safeguarding") == 3

    def test_no_two_sums_that_somebody_is_told_differ_by_an_account_they_do_not_see(self, library: Library) -> None:
        for council, region in (("ealing", "london"), ("barnet", "london"), ("wirral", "north-west")):
            Library(library.database, council, region).reads()
        regions = ("london", "north-west", "north-east")
        assert self.found(library, BOARD), "four accounts, of all councils"
        assert [self.found(library, BOARD, one) for one in regions] == [None] * 3, "whoever was read"
        assert self.found(library, LONDON, "london"), "all of them are theirs to see"
        assert self.found(library, LONDON) is None, "take away London’s three, and Wirral’s is left"
        assert self.found(library, BRENT), "take away Brent’s, and three are left"

    def test_a_reading_that_is_taken_back_is_still_told_of_as_it_was_known(self, seeded: Database) -> None:
        library = Library(seeded)
        reading, before = library.reads(), library.at
        library.takes_back(reading)
        with library.database.reading() as session:
            councils = pictures.chosen(session, YEAR, TODAY)
            then = pictures.found(session, YEAR, AsAt(TODAY.on, before), councils, SECRETARIAT)
            now = pictures.found(session, YEAR, TODAY, councils, SECRETARIAT)
        assert (then and then.read, now and now.read) == (1, 0)


def test_a_correction_moves_a_council_and_the_past_is_as_it_was(seeded: Database) -> None:
    clerk = Clerk(seeded)
    fact = clerk.publishes()
    before = clerk.at
    clerk.corrects(fact, published_on="2012-01-02")
    assert tables(seeded)[0].positions[Position.LATE] == 1
    then = tables(seeded, AsAt(TODAY.on, before))[0]
    assert (then.positions[Position.LATE], then.on_time) == (0, 1)
    assert tables(seeded, AsAt(date(2012, 1, 1)))[0].published == 0


def test_reasons_are_told_as_the_list_tells_them(seeded: Database) -> None:
    Clerk(seeded).says(Status.WILL_NOT_PUBLISH, note="canary")
    for by, seen in ((LONDON, True), (WIRRAL, False), (BOARD, False)):
        made = tables(seeded, by=by)[1]
        assert ("canary" in str(cells(made["decided-not-to"]) + cells(made["councils"]))) is seen
