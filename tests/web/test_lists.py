"""Lists page by a key and are filtered by field; what leaves as CSV is opened by a spreadsheet as text and numbers."""

import csv
from datetime import date
from io import StringIO

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from improvement.errors import Unreadable
from improvement.web.lists import as_csv, listing


class Row(msgspec.Struct, frozen=True):
    slug: str
    region: str
    on: date | None = None
    themes: tuple[str, ...] = ()
    late: bool = False


ROWS = [
    Row("barnet", "london"),
    Row("bolton", "north-west", date(2011, 12, 31), ("safeguarding", "market"), True),
    Row("brent", "london", date(2012, 1, 4)),
    Row("bury", "north-west"),
]


def slugs(**query: str) -> list[str]:
    return [row.slug for row in listing(ROWS, query, "slug").items]


def test_a_list_says_what_there_is_in_all_and_where_the_next_page_begins() -> None:
    page = listing(ROWS, {"limit": "3"}, "slug")
    assert ([row.slug for row in page.items], page.total, page.after) == (["barnet", "bolton", "brent"], 4, "brent")
    last = listing(ROWS, {"limit": "3", "after": "brent"}, "slug")
    assert ([row.slug for row in last.items], last.total, last.after) == (["bury"], 4, None)


def test_a_page_that_ends_with_the_list_says_so() -> None:
    assert listing(ROWS, {"limit": "4"}, "slug").after is None


@given(st.lists(st.text("abc-", min_size=1, max_size=4), unique=True), st.integers(1, 9))
def test_following_after_gives_every_row_once_and_in_order(keys: list[str], limit: int) -> None:
    rows = [Row(slug, "london") for slug in sorted(keys)]
    seen, query = [], {"limit": str(limit)}
    while True:
        page = listing(rows, query, "slug")
        seen += [row.slug for row in page.items]
        if page.after is None:
            break
        query["after"] = page.after
    assert seen == sorted(keys)


def test_the_next_page_is_found_even_when_the_row_it_followed_has_gone() -> None:
    assert slugs(after="bradford") == ["brent", "bury"]
    assert slugs(after="zzz") == []


def test_rows_are_filtered_by_any_field_they_have() -> None:
    assert slugs(region="london") == ["barnet", "brent"]
    assert slugs(on="2011-12-31") == [row.slug for row in ROWS], "`on` is the day asked about, never a field"
    assert slugs(themes="market") == ["bolton"]
    assert slugs(late="true") == ["bolton"]
    assert slugs(late="false", region="north-west") == ["bury"]
    assert listing(ROWS, {"region": "london", "limit": "1"}, "slug").total == 2


def test_a_field_there_is_not_is_refused_with_those_there_are() -> None:
    with pytest.raises(Unreadable, match=r"There is no field “colour”.*Use one of: slug, region, on, themes, late"):
        slugs(colour="red")


@pytest.mark.parametrize("limit", ["0", "-1", "1001", "ten", "1.5", "９", "1" * 400, "0x10"])
def test_a_limit_is_from_one_to_a_thousand(limit: str) -> None:
    with pytest.raises(Unreadable, match="limit must be a whole number from 1 to 1,000"):
        slugs(limit=limit)


def test_a_hundred_rows_are_given_unless_more_are_asked_for() -> None:
    rows = [Row(f"{number:04}", "london") for number in range(1_200)]
    assert len(listing(rows, {}, "slug").items) == 100
    assert len(listing(rows, {"limit": "1000"}, "slug").items) == 1_000


def cells(*values: object) -> list[str]:
    """One row as a program reads it back."""
    text = as_csv(["a"] * len(values), [values]).decode("utf-8-sig")
    return list(csv.reader(StringIO(text, newline="")))[1]


STARTS = "=+-@＝＋－＠﹢﹣﹦﹫"
BEFORE = ["", " ", "  ", "\u00a0", "\u3000", "\u2003", "\ufeff", "\u200b", "'", '"', "\x0b", "\x0c", "\x85", ' "']


@pytest.mark.parametrize("before", BEFORE, ids=ascii)
@pytest.mark.parametrize("start", STARTS, ids=ascii)
def test_no_text_is_left_that_a_spreadsheet_would_run(start: str, before: str) -> None:
    assert cells(f"{before}{start}cmd|' /C calc'!A0") == [f"'{before}{start}cmd|' /C calc'!A0"]


@pytest.mark.parametrize("start", ["\t", "\r", "\n", " \t", "\0="], ids=ascii)
def test_no_text_begins_with_a_sign_that_moves_to_another_cell(start: str) -> None:
    (written,) = cells(f"{start}cmd")
    assert written == f"'{start}cmd".replace("\0", "")


def test_what_cannot_be_kept_in_a_cell_is_left_out() -> None:
    assert cells("\0cmd") == ["cmd"]


def test_ordinary_text_is_left_as_it_is() -> None:
    kept = ["Local account 2010/11", "St Helens", "“Our year”", "50% more", "e-mail", "’Twas", "(draft)", "#1", ""]
    assert cells(*kept) == kept


def test_numbers_stay_numbers_below_zero_too() -> None:
    assert cells(-1250, -12.5, 0, 152, None, date(2011, 12, 31)) == ["-1250", "-12.5", "0", "152", "", "2011-12-31"]


def test_lines_and_quotes_within_a_cell_come_back_as_they_were() -> None:
    assert cells('one "two"\nthree, four') == ['one "two"\nthree, four']


def test_the_file_says_that_it_is_utf8_for_excel() -> None:
    assert as_csv(["Council"], [["Café"]]) == b"\xef\xbb\xbfCouncil\r\nCaf\xc3\xa9\r\n"
