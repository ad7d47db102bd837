"""Files people send as tables: what is read of good ones, and that bad ones are answered in words and soon."""

import time
import zipfile
from collections.abc import Callable
from io import BytesIO

import psutil
import pytest
import xlsxwriter

from improvement.errors import Busy
from improvement.web import sheets
from improvement.web.sheets import NotReadable, faults_of, opened, table_of

SHEET = "xl/worksheets/sheet1.xml"
MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
HEADINGS = {"name": "Council", "status": "Status"}


def workbook(fill: Callable[[xlsxwriter.Workbook], None] | None = None) -> bytes:
    kept = BytesIO()
    book = xlsxwriter.Workbook(kept, {"in_memory": True})
    if fill is None:
        book.add_worksheet("Return").write_row(0, 0, ["Council", "Status"])
    else:
        fill(book)
    book.close()
    return kept.getvalue()


def with_parts(**parts: bytes) -> bytes:
    """A workbook with some of its parts put in place of others: `sheet=…` is its sheet."""
    kept, named = BytesIO(), {SHEET if name == "sheet" else name: body for name, body in parts.items()}
    with zipfile.ZipFile(BytesIO(workbook())) as before, zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as after:
        for name in before.namelist():
            after.writestr(name, named.pop(name, before.read(name)))
        for name, body in named.items():
            after.writestr(name, body)
    return kept.getvalue()


def twice() -> bytes:
    kept = BytesIO(workbook())
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(kept, "a") as parts:
        parts.writestr(SHEET, "<worksheet/>")
    return kept.getvalue()


def sheet(inside: str, before: str = "") -> bytes:
    return f'<?xml version="1.0"?>{before}<worksheet {MAIN}><sheetData>{inside}</sheetData></worksheet>'.encode()


def many_strings() -> bytes:
    """One long text, said in a thousand cells."""
    text = f"<sst {MAIN}><si><t>{'a' * 30_000_000}</t></si></sst>".encode()
    rows = '<row><c t="s"><v>0</v></c></row>' * 1000
    return with_parts(**{"xl/sharedStrings.xml": text, "sheet": sheet(rows)})


ENTITIES = '<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
BAD: dict[str, tuple[Callable[[], bytes], str]] = {
    "empty": (lambda: b"", "is empty"),
    "blank": (lambda: b" \r\n", "is empty"),
    "pdf": (lambda: b"%PDF-1.4\n...", "is a PDF"),
    "program": (lambda: b"MZ\x90\0", "is a program"),
    "picture": (lambda: b"\x89PNG\r\n\x1a\n", "is a picture"),
    "page": (lambda: b"<html></html>", "is a web page"),
    "packed": (lambda: b"\x1f\x8b\x08\0", "is an archive"),
    "encrypted or old": (lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "has a password or is of an older"),
    "broken off": (lambda: workbook()[:-200], "is damaged or not whole"),
    "not a zip": (lambda: b"PK\x03\x04" + bytes(100), "is damaged or not whole"),
    "not a workbook": (lambda: _zip("notes.txt"), "is not an Excel workbook"),
    "open document": (lambda: _zip("mimetype", "content.xml"), "OpenDocument"),
    "macros": (lambda: with_parts(**{"xl/vbaProject.bin": b"x"}), "holds macros"),
    "linked": (lambda: with_parts(**{"xl/externalLinks/externalLink1.xml": b"x"}), "is linked to other files"),
    "upwards": (lambda: with_parts(**{"../../etc/passwd": b"x"}), "not put together as Excel does"),
    "twice": (twice, "not put together as Excel does"),
    "many parts": (lambda: with_parts(**{f"xl/a{one}": b"" for one in range(1001)}), "not put together as Excel"),
    "bomb": (lambda: with_parts(sheet=b" " * 60_000_000), "too large once it is unpacked"),
    "entities": (lambda: with_parts(sheet=sheet("<row>&b;</row>", ENTITIES)), "not put together as Excel does"),
    "a million columns": (lambda: with_parts(sheet=sheet(f"<row>{'<c/>' * 1_000_000}</row>")), "reaches as far as KO1"),
    "far away": (lambda: with_parts(sheet=sheet('<c r="B1048576"><v>1</v></c>' * 2)), "reaches as far as B1048576"),
    "long strings": (many_strings, "takes too much to open"),
    "a million rows": (lambda: b"Council,Status\n" + b"a\n" * 1_000_000, "has more than 20,000 rows"),
    "rows far apart": (lambda: b"Council,Status\n" + b"\n" * 3_000_000 + b"a\n", "has more than 20,000 rows"),
    "a long sheet": (
        lambda: with_parts(sheet=sheet('<row r="60000"><c r="A60000"><v>1</v></c></row>')),
        "reaches as far as A60000",
    ),
    "no such string": (lambda: with_parts(sheet=sheet('<row><c r="A1" t="s"><v>99</v></c></row>')), "cannot be read"),
    "no number": (lambda: with_parts(sheet=sheet('<row r="x"><c r="A1"><v>1</v></c></row>')), "is damaged"),
    "half a letter": (lambda: b"\xff\xfea\0b", "breaks off within a letter"),
    "wide letters unmarked": (lambda: "a,b\n".encode("utf-16-le"), "is not text we can read"),
}


def _zip(*names: str) -> bytes:
    kept = BytesIO()
    with zipfile.ZipFile(kept, "w") as parts:
        for name in names:
            parts.writestr(name, "x")
    return kept.getvalue()


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_file_is_answered_in_words_and_leaves_no_process(kind: str) -> None:
    make, sentence = BAD[kind]
    body = make()
    began = time.monotonic()
    with pytest.raises(NotReadable, match=sentence) as told:
        opened(body)
    assert time.monotonic() - began < sheets.PATIENCE + 2
    assert told.value.field == "file"
    assert not [each for each in psutil.Process().children() if "improvement.web.opening" in each.cmdline()]


def test_what_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "PATIENCE", 0.001)
    with pytest.raises(NotReadable, match="takes too much to open"):
        opened(workbook())


def test_only_two_files_are_opened_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "PATIENCE", 0.01)
    with sheets.AT_ONCE, sheets.AT_ONCE, pytest.raises(Busy):
        opened(workbook())


def test_the_process_that_opens_a_file_is_told_nothing_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    given: dict[str, object] = {}
    start = sheets.subprocess.Popen

    def note(command: list[str], **options: object) -> object:
        given.update(options)
        return start(command, **options)  # type: ignore[call-overload]

    monkeypatch.setattr(sheets.subprocess, "Popen", note)
    opened(workbook())
    assert given["env"] == {}


def test_a_sheet_that_lies_about_its_size_is_read_whole() -> None:
    rows = "".join(f'<row r="{row}"><c r="A{row}"><v>{row}</v></c></row>' for row in range(1, 5001))
    lying = sheet(rows).replace(b"<sheetData>", b'<dimension ref="A1"/><sheetData>')
    (read,) = opened(with_parts(sheet=lying))
    assert len(read.rows) == 5000


def test_fifteen_thousand_rows_are_read_and_empty_ones_below_them_are_not() -> None:
    (read,) = opened(b"Council,Status\n" + b"Brent,Planned\n" * 15_000 + b",\n\n" * 500_000)
    assert len(read.rows) == 15_001


def test_hidden_rows_and_sheets_are_read_like_others() -> None:
    def fill(book: xlsxwriter.Workbook) -> None:
        book.add_worksheet("Front")
        page = book.add_worksheet("Hidden")
        page.write_column(0, 0, ["Council", "Brent", "Barnet"])
        page.set_row(1, None, None, {"hidden": True})
        page.hide()

    assert opened(workbook(fill))[1].rows == [["Council"], ["Brent"], ["Barnet"]]


def test_formulas_errors_and_merged_cells_of_our_columns_are_told_by_cell() -> None:
    def fill(book: xlsxwriter.Workbook) -> None:
        page = book.add_worksheet("Return")
        page.write_row(0, 0, ["Council", "Status", "Theirs"])
        page.write_formula("B2", '=HYPERLINK("http://example.org")', None, "planned")
        page.write_formula("C2", "=1+1", None, 2)
        page.write_formula("A3", "=1/0", None, "#DIV/0!")
        page.merge_range("A5:B6", "both")
        page.merge_range("C7:D8", "theirs")

    table = table_of(opened(workbook(fill)), HEADINGS, ["status"])
    assert set(faults_of(table)) == {"B2", "A3", "A5"}
    assert "A5:B6 are merged" in faults_of(table)["A5"]


def test_headings_are_found_wherever_they_are() -> None:
    def fill(book: xlsxwriter.Workbook) -> None:
        book.add_worksheet("About").write(0, 0, "Status")
        page = book.add_worksheet("Blatt 1")
        page.write_row(4, 1, [" status: ", "Mine", "COUNCIL"])

    read = opened(workbook(fill))
    table = table_of(read, HEADINGS, ["name", "status"])
    assert (table.sheet.name, table.headed, dict(table.at), table.unread) == (
        "Blatt 1",
        4,
        {"status": 1, "name": 3},
        ["Mine"],
    )
    assert table.cell(5, "name") == "D6"


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        (b"Council,Status,Status\n", "is there twice: B1 and C1"),
        (b"Council,State\n", "has the column “Status”"),
        (b"Other,State\n", "has the columns “Council”, “Status”"),
    ],
)
def test_headings_that_are_not_there_or_twice_are_told(rows: bytes, sentence: str) -> None:
    with pytest.raises(NotReadable, match=sentence):
        table_of(opened(rows), HEADINGS, ["name", "status"])


def test_two_sheets_that_could_be_it_are_not_chosen_between() -> None:
    def fill(book: xlsxwriter.Workbook) -> None:
        for name in ("January", "February"):
            book.add_worksheet(name).write_row(0, 0, ["Council", "Status"])

    with pytest.raises(NotReadable, match="“January” and “February”"):
        table_of(opened(workbook(fill)), HEADINGS, ["name", "status"])
