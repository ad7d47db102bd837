"""The coordinator's grid: a day in one box, and what is wrong with a row."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from improvement.local_accounts.rules import Position, Standing, Status
from improvement.local_accounts.rules import grid as rules
from improvement.local_accounts.rules.grid import NotADay, Row, read_day
from improvement.local_accounts.rules.told import Told
from improvement.sector.rules import Council, CouncilType

TODAY = date(2011, 12, 1)
BRENT = Council("brent", "Brent", "Brent", CouncilType.LONDON_BOROUGH, "london", "London", "1", 1, "", None, None)
DRAFTING = Standing("brent", Position.EXPECTED_BY, Status.DRAFTING, expected_on=date(2011, 12, 16))
OUT = Standing("brent", Position.ON_TIME, Status.PUBLISHED, published_on=date(2011, 11, 1), title="A", address="B")


class TestADayInOneBox:
    @pytest.mark.parametrize(
        "typed",
        [
            "16 12 2011",
            "16/12/2011",
            "16-12-2011",
            "16.12.2011",
            " 16  12   2011 ",
            "16 Dec 2011",
            "16 december 2011",
            "16 DEC. 2011",
            "2011-12-16",
            "2011/12/16",
            "16/12/11",
        ],
    )
    def test_it_is_read_as_people_type_it(self, typed: str) -> None:
        assert read_day(typed) == date(2011, 12, 16)

    def test_an_empty_box_is_no_day(self) -> None:
        assert read_day("  ") is None

    def test_september_has_two_short_names(self) -> None:
        assert read_day("1 Sept 2012") == read_day("1 Sep 2012") == date(2012, 9, 1)

    @pytest.mark.parametrize(
        "typed",
        ["31 2 2012", "16 12", "12/2011", "soon", "16 13 2011", "16 Decade 2011", "0 1 2012", "١٦ ١٢ ٢٠١١", "1" * 900],
    )
    def test_what_is_no_day_is_told_as_such(self, typed: str) -> None:
        with pytest.raises(NotADay, match="like 16 12 2011"):
            read_day(typed)

    @given(st.dates(date(2000, 1, 1), date(2099, 12, 31)))
    def test_what_the_box_shows_is_read_as_the_same_day(self, day: date) -> None:
        assert read_day(rules.typed_day(day)) == day


class TestARow:
    def found(self, row: Row, stand: Standing = DRAFTING, council: Council = BRENT) -> dict[str, str]:
        return rules.mistakes_of(row, council, stand, TODAY)

    def test_a_status_and_no_change_are_both_fine(self) -> None:
        assert self.found(Row("brent", Status.APPROVED, date(2011, 12, 20))) == {}
        assert self.found(Row("brent", no_change=True)) == {}

    def test_what_is_wrong_is_told_at_its_box_with_the_councils_name(self) -> None:
        early = self.found(Row("brent", Status.APPROVED, date(2011, 11, 30)))
        assert early == {"expected_on": "Brent: The day it is expected must be 1 December 2011 or later."}
        assert list(self.found(Row("brent", Status.WILL_NOT_PUBLISH))) == ["note"]
        assert list(self.found(Row("brent", Status.PUBLISHED))) == ["status"]
        assert list(self.found(Row("brent"))) == ["status"]

    def test_a_row_is_changed_or_not_and_never_both(self) -> None:
        both = Row("brent", Status.APPROVED, no_change=True)
        assert list(self.found(both)) == ["nochange"]
        assert self.found(Row("brent", Status.DRAFTING, date(2011, 12, 16), no_change=True)) == {}

    def test_leaving_published_needs_a_correction(self) -> None:
        assert "correct the publication" in self.found(Row("brent", Status.DRAFTING), OUT)["status"]

    def test_nothing_is_said_of_a_council_that_is_no_more(self) -> None:
        gone = Council(
            "brent", "Brent", "Brent", CouncilType.UNITARY, "london", "London", "1", 1, "", None, date(2011, 11, 1)
        )
        assert list(self.found(Row("brent", no_change=True), council=gone)) == ["status"]


def test_what_others_told_is_said_in_a_few_words() -> None:
    def said(kind: str, **more: object) -> str:
        told = Told("brent", kind, 1, TODAY, datetime(2011, 12, 1, tzinfo=UTC), 2, **more)  # type: ignore[arg-type]
        return rules.what_of(told)

    assert said("status_reported", status="approved", expected_on=TODAY) == "approved, expected 1 December 2011"
    assert said("account_published") == "published on 1 December 2011"
    assert said("entry_checked", correct=False) == "something is wrong"
    assert "taken back" in said("status_reported", withdrawn=True)
