"""Workbooks: text stays text, formulas are ours and right, and the same facts give the same bytes."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from improvement.dates import AsAt
from improvement.web.cells import CUT, MOST_TEXT, Holds, sheet_names, tidy
from improvement.web.workbook import MADE_UP, About, Band, Column, Entry, Sheet, written
from tests.sheets import HEADINGS, Book, Calculator, penny, pounds

ABOUT = About(
    what="Sums to try.",
    as_at=AsAt(date(2012, 3, 31)),
    made_on=date(2012, 4, 2),
    address="https://tracker.example.org/funding/lines.xlsx",
)
COLUMNS = (
    Column("title", "Funding line"),
    Column("given", "Allocated", Holds.MONEY, totalled=True),
    Column("paid", "Paid", Holds.MONEY, totalled=True),
    Column("left", "Remaining", Holds.MONEY, formula="{given}-{paid}", totalled=True),
)
MONEY = [("London", 10_000_00, 4_000_01), ("Eastern", 5_10, 5_20)]


def rows(*money: tuple[str, int, int]) -> list[Sequence[Any]]:
    return [(title, given, paid, given - paid) for title, given, paid in money]


def a_sheet(*bands: Band, columns: Sequence[Column] = COLUMNS, **more: Any) -> Sheet:
    told = {"name": "Lines", "title": "Where the money is", "total": "In all", **more}
    return Sheet(columns=columns, bands=bands, **told)


def book(*sheets: Sheet, about: About = ABOUT, big: bool = False) -> Book:
    return Book(written("The money", about, sheets, big=big))


def of_text(*texts: str, big: bool = False) -> Book:
    """One column of text."""
    return book(a_sheet(Band([[text] for text in texts]), columns=[Column("said", "Said")], total=""), big=big)


@pytest.mark.parametrize("big", [False, True])
def test_totals_and_differences_are_formulas_that_come_to_the_values_beside_them(big: bool) -> None:
    made = book(a_sheet(Band(rows(*MONEY))), big=big)
    assert made.check() == len(MONEY) + 3
    assert list(made.formulas("Lines").values()) == [
        "B5-C5", "B6-C6", "SUBTOTAL(109,B5:B6)", "SUBTOTAL(109,C5:C6)", "SUBTOTAL(109,D5:D6)",
    ]  # fmt: skip
    assert made.row("Lines", "Eastern")["Remaining"] == -0.1
    assert penny(made.row("Lines", "In all")["Allocated"]) == pounds(10_005_10)


def test_bands_have_subtotals_and_the_total_is_made_of_them() -> None:
    posts = Band(rows(("Lead", 100_00, 0)), title="National posts", subtotal="All national posts")
    regions = Band(rows(*MONEY), title="Regions", subtotal="All regions")
    made = book(a_sheet(posts, regions, Band(rows(("Unallocated", 7_77, 0))), total="Amount in force"))
    made.check()
    told = made.formulas("Lines")
    assert told["B7"] == "SUM(B6:B6)"
    assert told["B11"] == "SUM(B9:B10)"
    assert told["B13"] == "B7+B11+B12"
    assert penny(made.row("Lines", "Amount in force")["Allocated"]) == pounds(100_00 + 10_005_10 + 7_77)


def test_parts_below_zero_are_added_one_by_one_so_that_no_crumb_of_a_penny_stays() -> None:
    made = book(a_sheet(Band(rows(*MONEY)), signed=True, filtered=False))
    assert made.formulas("Lines")["B7"] == "B5+B6"
    assert made.check()


def test_a_running_balance_looks_at_the_row_above_from_the_second_row_on() -> None:
    balance = Column("balance", "Balance", Holds.MONEY, formula="{^balance}+{given}-{paid}", first="{given}-{paid}")
    running = [("a", 10_00, 1_00, 9_00), ("b", 0, 5, 8_95), ("c", 10, 0, 9_05)]
    made = book(a_sheet(Band(running), columns=(*COLUMNS[:3], balance), total=""))
    assert list(made.formulas("Lines").values()) == ["B5-C5", "D5+B6-C6", "D6+B7-C7"]
    assert made.check() == 3


def test_a_running_balance_closes_with_what_it_came_to_and_says_by_how_much_it_is_not_what_it_should_be() -> None:
    balance = Column("balance", "Balance", Holds.MONEY, formula="{^balance}+{given}", first="{given}", closing=True)
    columns = (*COLUMNS[:2], balance)
    wanted = ("As the line says", {"given": 10_10, "balance": 10_00})
    for big in (False, True):
        made = book(a_sheet(Band([("a", 10_00, 10_00), ("b", 10, 10_10)]), columns=columns, against=wanted), big=big)
        assert made.formulas("Lines")["C7"] == "C6"
        assert made.check() == 6
        assert [made.row("Lines", "Difference")[name] for name in ("Allocated", "Balance")] == [0, 0.1]


@given(st.lists(st.tuples(st.text(max_size=5), st.integers(0, 10**13), st.integers(0, 10**13)), max_size=30))
def test_whatever_the_sums_every_formula_agrees_to_the_penny(money: list[tuple[str, int, int]]) -> None:
    made = book(a_sheet(Band(rows(*money), empty="Nothing yet.")))
    made.check()
    assert penny(made.rows("Lines")[-1][1]) == pounds(sum(given for _, given, _ in money))


def test_the_calculator_of_these_tests_finds_a_formula_that_is_wrong() -> None:
    cells = {"A1": penny(1), "A2": penny(2), "A3": "SUM(A1:A2)", "A4": "A3+A1-A2"}
    assert Calculator(dict(cells)).at("A4") == 2
    with pytest.raises(AssertionError, match="not a formula of ours"):
        Calculator({"A1": "HYPERLINK(A2)"}).at("A1")


STARTS = ["=", "+", "-", "@", "\t=", "\r=", "\n=", "\0=", "＝", "＋", "－", "＠"]
BEFORE = ["", " ", "'", '"', "\u3000"]
SIXTY = [f"{before}{start}1+1|' /C calc'!A0" for before in BEFORE for start in STARTS]
LINKS = ["https://example.org", "mailto:a@example.org", "internal:A1", "external:c:\\x.xlsx", "ftp://x", "file:///x"]


@pytest.mark.parametrize("big", [False, True])
def test_nothing_people_type_becomes_a_formula_a_link_or_a_number(big: bool) -> None:
    texts = [*SIXTY, *LINKS, "{=1+1}", "1234", "1/1/2012", "TRUE", "#N/A", "<r><t>x</t></r>", "<r>&</r>", "_x0041_"]
    assert len(SIXTY) == 60
    made = of_text(*texts, big=big)
    assert [row["Said"] for row in made.table("Lines")] == [tidy(text) for text in texts]
    assert made.formulas("Lines") == {}
    assert made.check() == 0
    assert made.links() == []


@pytest.mark.parametrize("big", [False, True])
@given(texts=st.lists(st.text(min_size=1, max_size=50), min_size=1, max_size=8))
def test_any_text_at_all_comes_back_as_it_was_but_for_control_signs(big: bool, texts: list[str]) -> None:
    made = of_text("first", *texts, "last", big=big)
    found = [row["Said"] for row in made.table("Lines")]
    assert found == ["first", *(tidy(text) for text in texts), "last"]


def test_control_signs_are_left_out_and_lines_kept() -> None:
    assert tidy("\0a\x07b\tc\r\nd\re\ud800\ufffe") == "ab c\nd\ne"
    assert tidy("Café “1”\n– 😀\u00a0") == "Café “1”\n– 😀\u00a0"


@pytest.mark.parametrize("sign", ["x", "é", "😀"])
def test_text_that_is_too_long_for_a_cell_is_cut_and_says_so(sign: str) -> None:
    longest = MOST_TEXT // (len(sign.encode("utf-16-le")) // 2)
    fits, too_long = sign * longest, sign * (longest + 1)
    assert tidy(fits) == fits
    cut = tidy(too_long)
    assert cut.endswith(CUT)
    assert MOST_TEXT - 1 <= len(cut.encode("utf-16-le")) // 2 <= MOST_TEXT
    assert [row["Said"] for row in of_text(too_long).table("Lines")] == [cut]


def test_days_moments_counts_and_percentages_are_kept_as_such() -> None:
    kinds = (Holds.DAY, Holds.MOMENT, Holds.COUNT, Holds.HUNDREDTHS, Holds.PERCENTAGE, Holds.MONEY)
    columns = [Column(kind, kind, kind) for kind in kinds]
    row = [date(2011, 12, 31), datetime(2012, 7, 1, 23, 30, tzinfo=UTC), 152, 60, 12_50, -12_50]
    in_london = datetime(2012, 7, 2, 0, 30, tzinfo=UTC).replace(tzinfo=None)
    early = [date(1899, 1, 1), None, 0, None, None, None]
    told = book(a_sheet(Band([row, early]), columns=columns, total="")).rows("Lines")[HEADINGS + 1 :]
    assert told[0] == [date(2011, 12, 31), in_london, 152, 0.6, 0.125, -12.5]
    assert told[1][:3] == ["1 January 1899", "", 0]


def test_a_sheet_without_rows_says_so_and_its_total_is_nil() -> None:
    made = book(a_sheet(Band([], empty="Nothing has been recorded yet.")))
    assert made.rows("Lines")[-2][0] == "Nothing has been recorded yet."
    assert made.row("Lines", "In all")["Remaining"] == 0
    assert made.formulas("Lines") == {}


def test_the_first_sheet_tells_what_this_is_and_as_at_when() -> None:
    told = dict(row[:2] for row in book(a_sheet(Band(rows(*MONEY)))).rows("About")[2:])
    assert told["What this is"] == "Sums to try."
    assert told["As at"] == "The end of 31 March 2012"
    assert told["Known by"] == "All that is known now"
    assert told["Made on"] == "2 April 2012"
    assert told["From"] == "https://tracker.example.org/funding/lines.xlsx"
    assert told["Sheet “Lines”"] == "Where the money is"
    assert "Demonstration" not in told


def test_a_demonstration_says_so_on_every_sheet() -> None:
    known_at = datetime(2012, 1, 2, 9, tzinfo=UTC)
    about = About(
        what="x",
        as_at=AsAt(date(2012, 1, 1), known_at),
        made_on=date(2012, 1, 3),
        address="x",
        demonstration=True,
    )
    made = book(a_sheet(Band(rows(*MONEY))), about=about)
    assert dict(row[:2] for row in made.rows("About"))["Demonstration"] == MADE_UP
    assert dict(row[:2] for row in made.rows("About"))["Known by"] == "2 January 2012, 09:00"
    assert MADE_UP in made.rows("Lines")[1][0]


@pytest.mark.parametrize("big", [False, True])
def test_the_same_facts_give_the_same_bytes(big: bool) -> None:
    one, two = (written("The money", ABOUT, [a_sheet(Band(rows(*MONEY)))], big=big) for _ in range(2))
    assert one == two


def test_sheets_are_ready_to_be_read_and_printed() -> None:
    xml = book(a_sheet(Band(rows(*MONEY)))).zip.read("xl/worksheets/sheet2.xml").decode()
    assert 'ySplit="4"' in xml
    assert '<autoFilter ref="A4:D6"/>' in xml
    assert 'orientation="landscape"' in xml
    assert 'fitToHeight="0"' in xml
    assert "$4:$4" in book(a_sheet(Band(rows(*MONEY)))).zip.read("xl/workbook.xml").decode()


def test_sheet_names_are_those_that_excel_takes() -> None:
    assert sheet_names(["About", "about", "a/b:c*[d]?\\", "", "History", "'quoted'"]) == [
        "About", "about (2)", "a b c d", "Sheet", "Sheet (2)", "quoted",
    ]  # fmt: skip


@given(st.lists(st.text(max_size=40), max_size=12))
def test_whatever_they_are_called_sheets_can_be_told_apart_and_opened(names: list[str]) -> None:
    given_names = sheet_names(["About", *names])[1:]
    assert len({name.casefold() for name in given_names}) == len(given_names)
    made = book(*(a_sheet(Band(rows(*MONEY)), name=name) for name in names))
    assert made.names == ["About", *given_names]


def test_a_sheet_to_fill_in_is_locked_but_where_it_is_filled_in_and_says_what_to_choose() -> None:
    columns = [
        Column("name", "Council"),
        Column("status", "Status", entry=Entry("What it says.", ("planned", "drafting"))),
        Column("day", "Day", Holds.DAY, entry=Entry("When.")),
        Column("note", "Note", entry=Entry("Anything.")),
    ]
    made = book(a_sheet(Band([["Brent", None, None, "=1+1"]]), columns=columns, entered=True, filtered=False))
    page = made.zip.read("xl/worksheets/sheet2.xml").decode()
    assert "<sheetProtection" in page
    assert "password" not in page
    assert '<formula1>"planned,drafting"</formula1>' in page
    assert 'type="date"' in page
    assert 'prompt="Anything."' in page
    assert "<f>" not in page
    assert [cell for cell in ("A5", "B5", "C5", "D5") if f'r="{cell}"' in page] == ["A5", "B5", "C5", "D5"]
    assert b'locked="0"' in made.zip.read("xl/styles.xml")
