"""Opens one file that somebody sent, as a process of its own that may take little memory and little time.

It reads the file from its standard input, tells the sheets of text on its standard output, and keeps nothing. Whatever
the file does to it, the tracker goes on. `improvement.web.sheets` starts it and ends it.
"""

import csv
import re
import resource
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, datetime
from io import BytesIO, StringIO
from typing import Any
from xml.parsers import expat
from zipfile import BadZipFile, ZipFile

import msgspec

from improvement.errors import Refused
from improvement.web.uploads import NotText, as_text

MEMORY, SECONDS = 400_000_000, 4
"""How much it may take: address space in bytes, and time of the processor."""
MOST_PARTS, MOST_INFLATED = 1_000, 50_000_000
MOST_PLACES, MOST_ROWS, MOST_COLUMNS, MOST_TOLD = 2_000_000, 20_000, 300, 20_000_000
"""How far a sheet may reach in cells, in rows and in columns, and how much text is told of a file."""
REMEMBERED = 20_000
"""Of how many formulas and errors the places are told."""
SAVE_AGAIN = "Open it in your spreadsheet and save it again as an Excel workbook (.xlsx)."
FOREIGN = {
    b"\xd0\xcf\x11\xe0": "The file has a password or is of an older Excel. Save it as .xlsx, without a password.",
    b"%PDF": "The file is a PDF, not a workbook. Send the workbook you filled in.",
    b"MZ": "The file is a program, not a workbook. Send the workbook you filled in.",
    b"\x7fELF": "The file is a program, not a workbook. Send the workbook you filled in.",
    b"\x1f\x8b": f"The file is an archive, not a workbook. {SAVE_AGAIN}",
    b"\x89PNG": "The file is a picture, not a workbook. Send the workbook you filled in.",
    b"\xff\xd8\xff": "The file is a picture, not a workbook. Send the workbook you filled in.",
    b"<": "The file is a web page or XML, not a workbook. Send the workbook you filled in.",
}
RUNS = ("vbaproject", "macrosheets/", "activex/")
LEADS_OUT = ("externallinks/", "embeddings/", "connections.xml", "querytables/")
_PLACE = re.compile(r"([A-Z]{1,3})(\d{1,7})\Z")


class Read(msgspec.Struct):
    """A sheet as it is told: its rows from the top, and where it holds what is not a plain value."""

    name: str
    rows: list[list[str]]
    formulas: list[str] = []
    errors: list[str] = []
    merged: list[tuple[int, int, int, int]] = []


def opened(body: bytes, *, older: bool = False) -> list[Read]:
    """The sheets of a workbook, or the rows of a CSV as one. Raises `Refused` in a sentence."""
    if not body.strip():
        raise Refused("The file is empty. Choose the file again.")
    for start, sentence in FOREIGN.items():
        if body.startswith(start):
            raise Refused(sentence)
    return _workbook(body) if body.startswith(b"PK") else [_text(body, older)]


def _text(body: bytes, older: bool) -> Read:
    text = _decoded(body, older)
    if "\0" in text:
        raise Refused("The file is not text we can read. Save it as “CSV UTF-8”, or as an Excel workbook (.xlsx).")
    try:
        head = text[:20_000].splitlines()[:12]
        widest = {sign: max(map(len, csv.reader(head, delimiter=sign)), default=0) for sign in ",;\t"}
        rows = _rows(csv.reader(StringIO(text, newline=""), delimiter=max(widest, key=lambda sign: widest[sign])))
    except csv.Error:
        raise Refused("The file cannot be read as a CSV. Save it again from your spreadsheet.") from None
    if max(map(len, rows), default=0) > MOST_COLUMNS:
        raise Refused(f"The file has more than {MOST_COLUMNS} columns. Take out those that are not of the return.")
    return Read("the file", rows)


def _rows(reader: Iterator[list[str]]) -> list[list[str]]:
    """The rows as far as something is in them. Raises `Refused` for more than anybody fills in."""
    rows, last = list[list[str]](), 0
    for number, row in enumerate(reader, start=1):
        if any(row):
            last = number
            if number > MOST_ROWS:
                raise Refused(f"The file has more than {MOST_ROWS:,} rows. Take out those that are not of the return.")
        if number <= MOST_ROWS:
            rows.append(row)
    return rows[:last]


def _decoded(body: bytes, older: bool) -> str:
    marked = body[:2] in (b"\xff\xfe", b"\xfe\xff") or body.startswith(b"\xef\xbb\xbf")
    try:
        return as_text(body) if marked or not older else _older(body)
    except NotText:
        if marked:
            raise Refused("The file breaks off within a letter. Save it again from your spreadsheet.") from None
    try:
        body.decode()
    except UnicodeDecodeError as fault:
        row = body.count(b"\n", 0, fault.start) + 1
        raise Refused(
            f"Row {row} has letters that are not in UTF-8. Save the file as “CSV UTF-8”, or, if it is from an older "
            "Excel, tick the box that says so."
        ) from None
    return body.decode()


def _older(body: bytes) -> str:
    """Windows-1252, when somebody said so and nothing speaks against it."""
    try:
        if not body.decode().isascii():
            raise Refused("The file is in UTF-8 already. Leave the box for an older Excel empty, and send it again.")
    except UnicodeDecodeError:
        pass
    try:
        return body.decode("cp1252")
    except UnicodeDecodeError as fault:
        row = body.count(b"\n", 0, fault.start) + 1
        raise Refused(f"Row {row} has letters that are not in Windows-1252. Save the file as “CSV UTF-8”.") from None


def _workbook(body: bytes) -> list[Read]:
    try:
        with ZipFile(BytesIO(body)) as parts:
            _check_parts(parts)
            places = {name: _scanned(parts, part) for name, part in _sheets_of(parts).items()}
    except (BadZipFile, EOFError, NotImplementedError, RuntimeError, ValueError, OSError, expat.ExpatError):
        raise Refused(f"The workbook is damaged or not whole. {SAVE_AGAIN}") from None
    return list(_values(body, places))


def _check_parts(parts: ZipFile) -> None:
    """What the workbook is made of, before anything of it is read as a sheet."""
    names = [each.filename for each in parts.infolist()]
    lower = [name.lower() for name in names]
    if any(sign in name for name in lower for sign in RUNS):
        raise Refused("The workbook holds macros. Save it as an Excel workbook (.xlsx), without macros.")
    if any(sign in name for name in lower for sign in LEADS_OUT):
        raise Refused("The workbook is linked to other files. Break the links (Data, Edit links), and save it again.")
    if any(each.flag_bits & 1 for each in parts.infolist()):
        raise Refused("The file has a password. Take the password away, and send it again.")
    if "mimetype" in lower and "content.xml" in lower:
        raise Refused("The file is an OpenDocument spreadsheet. Save it as an Excel workbook (.xlsx).")
    odd = any(".." in name.split("/") or name.startswith(("/", "\\")) or "\\" in name for name in names)
    if len(names) > MOST_PARTS or max(Counter(lower).values(), default=0) > 1 or odd:
        raise Refused(f"The workbook is not put together as Excel does. {SAVE_AGAIN}")
    if "xl/workbook.xml" not in lower:
        raise Refused("The file is not an Excel workbook. Send the workbook you filled in.")
    _check_sizes(parts)


def _check_sizes(parts: ZipFile) -> None:
    """How large it is really, whatever its list says; and no part may declare what stands for something else."""
    whole = 0
    for each in parts.infolist():
        with parts.open(each) as part:
            first = True
            while piece := part.read(65_536):
                whole += len(piece)
                if whole > MOST_INFLATED:
                    raise Refused("The workbook is too large once it is unpacked. Take out what is not of the return.")
                if first and b"<!DOCTYPE" in piece:
                    raise Refused(f"The workbook is not put together as Excel does. {SAVE_AGAIN}")
                first = False


def _sheets_of(parts: ZipFile) -> dict[str, str]:
    """The part of each sheet, by its name."""
    targets: dict[str, str] = {}
    named: dict[str, str] = {}

    def relation(_: str, given: dict[str, str]) -> None:
        if "Target" in given and given.get("Type", "").endswith("/worksheet"):
            target = given["Target"]
            targets[given.get("Id", "")] = target.lstrip("/") if target.startswith("/") else f"xl/{target}"

    def sheet(tag: str, given: dict[str, str]) -> None:
        if tag == "sheet":
            named[given.get("name", "")] = next((value for key, value in given.items() if key.endswith(":id")), "")

    _parse(parts, "xl/_rels/workbook.xml.rels", relation)
    _parse(parts, "xl/workbook.xml", sheet)
    there = set(parts.namelist())
    return {name: targets[key] for name, key in named.items() if targets.get(key) in there}


def _parse(parts: ZipFile, part: str, begins: Callable[[str, dict[str, str]], None]) -> None:
    """Every element of a part as it begins, by its own name."""
    parser = expat.ParserCreate()
    parser.StartElementHandler = lambda name, given: begins(name.rpartition(":")[2], given)
    with parts.open(part) as stream:
        parser.ParseFile(stream)


class _Scan:
    """Where the cells of a sheet are, and which hold a formula or an error: what is read cannot tell.

    A sheet has hundreds of thousands of elements, so each is looked at as briefly as can be.
    """

    def __init__(self) -> None:
        self.formulas: list[str] = []
        self.errors: list[str] = []
        self.row = self.column = self.last_row = self.last_column = 0
        self.error = False
        self._columns: dict[str, int] = {}

    def begins(self, tag: str, given: dict[str, str]) -> None:
        if tag == "c":
            self.error = given.get("t") == "e"
            self._move(given.get("r", ""))
        elif tag in ("v", "is"):
            if self.column > self.last_column:
                self.last_column = self.column
            if self.row > self.last_row:
                self.last_row = self.row
            if self.error:
                self._keep(self.errors)
        elif tag == "row":
            self.row = int(given.get("r") or self.row + 1)
            self.column = 0
        elif tag == "f":
            self._keep(self.formulas)

    def _move(self, place: str) -> None:
        row = str(self.row)
        name = place.removesuffix(row)
        column = self._columns.get(name) if name != place else None
        if column is None:
            found = _PLACE.match(place)
            if found is None:
                column = self.column + 1
            else:
                column = self._columns[found[1]] = _column(found[1])
                self.row = int(found[2])
        self.column = column
        if column > MOST_COLUMNS:
            self.too_far()

    def too_far(self) -> None:
        """Raises `Refused`."""
        raise Refused(
            f"A sheet of the workbook reaches as far as {letters(self.column - 1)}{self.row}. "
            "Take out what is not of the return, and the colours of whole rows."
        )

    def _keep(self, places: list[str]) -> None:
        if len(places) < REMEMBERED:
            places.append(f"{letters(self.column - 1)}{self.row}")


def _scanned(parts: ZipFile, part: str) -> _Scan:
    scan = _Scan()
    _parse(parts, part, scan.begins)
    if scan.last_row > MOST_ROWS or scan.last_row * scan.last_column > MOST_PLACES:
        scan.too_far()
    return scan


def _column(text: str) -> int:
    number = 0
    for sign in text:
        number = number * 26 + ord(sign) - 64
    return number


def letters(place: int) -> str:
    """The name of a column, counted from nought: A, B, … Z, AA."""
    return (letters(place // 26 - 1) if place >= 26 else "") + chr(ord("A") + place % 26)


def _values(body: bytes, places: dict[str, _Scan]) -> Iterator[Read]:
    import python_calamine as calamine

    told = 0
    try:
        book = calamine.CalamineWorkbook.from_filelike(BytesIO(body))
        for name in book.sheet_names:
            if name not in places:
                continue
            sheet = book.get_sheet_by_name(name)
            rows = []
            for row in sheet.to_python(skip_empty_area=False):
                rows.append([_said(value) for value in row])
                told += sum(map(len, rows[-1]))
                if told > MOST_TOLD:
                    raise Refused("The workbook has more text than a return can. Take out what is not of the return.")
            merged = [(*start, *end) for start, end in sheet.merged_cell_ranges or []]
            yield Read(name, rows, places[name].formulas, places[name].errors, merged[:REMEMBERED])
    except calamine.CalamineError:
        raise Refused(f"The workbook cannot be read. {SAVE_AGAIN}") from None


def _said(value: Any) -> str:
    """A value as text: days as 2011-12-31, whole numbers without a point."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, datetime):
        return value.isoformat(" ") if value.hour or value.minute or value.second else value.date().isoformat()
    return value.isoformat() if isinstance(value, date) else str(value)


def main() -> None:
    """Read, answer, end."""
    for what, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))
    try:
        answer: dict[str, Any] = {"sheets": opened(sys.stdin.buffer.read(), older="older" in sys.argv)}
    except Refused as refusal:
        answer = {"refused": refusal.message}
    sys.stdout.buffer.write(msgspec.json.encode(answer))


if __name__ == "__main__":
    main()
