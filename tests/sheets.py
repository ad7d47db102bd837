"""Workbooks read back: the values they were given, and their formulas worked out by a calculator of our own."""

import re
import zipfile
from collections.abc import Iterator
from decimal import Decimal
from io import BytesIO
from typing import Any
from xml.etree import ElementTree as ET

from python_calamine import CalamineWorkbook

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_REF = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_TERM = re.compile(r"([+-]?)(SUBTOTAL\(109,|SUM\()?([A-Z]\d+)(?::([A-Z]\d+)\))?")
HEADINGS = 3
"""The row of the headings, counted from nought."""


class Book:
    """A workbook as a person finds it: sheets of rows, and the formulas in them."""

    def __init__(self, content: bytes) -> None:
        self.zip = zipfile.ZipFile(BytesIO(content))
        self._read = CalamineWorkbook.from_filelike(BytesIO(content))
        self.names = self._read.sheet_names

    def rows(self, sheet: str) -> list[list[Any]]:
        """The values of a sheet, its title and headings included."""
        return self._read.get_sheet_by_name(sheet).to_python(skip_empty_area=False)

    def table(self, sheet: str) -> list[dict[str, Any]]:
        """Everything under the headings, by heading."""
        headings, *rows = self.rows(sheet)[HEADINGS:]
        return [dict(zip(headings, row, strict=True)) for row in rows]

    def row(self, sheet: str, words: str) -> dict[str, Any]:
        """The row that begins with some words."""
        found = [row for row in self.table(sheet) if next(iter(row.values())) == words]
        assert len(found) == 1, f"{words} is in {sheet} {len(found)} times"
        return found[0]

    def cells(self, sheet: str) -> Iterator[tuple[str, str, Decimal]]:
        """Each number of a sheet: its place, its formula if it has one, and its value as it was written."""
        for cell in self._tree(sheet).iter(f"{_MAIN}c"):
            value = cell.findtext(f"{_MAIN}v")
            if value and cell.get("t", "n") == "n":
                yield cell.attrib["r"], cell.findtext(f"{_MAIN}f") or "", Decimal(value)

    def formulas(self, sheet: str) -> dict[str, str]:
        return {place: formula for place, formula, _ in self.cells(sheet) if formula}

    def check(self) -> int:
        """Every formula comes to the value that stands beside it, to the penny. How many there were."""
        checked = 0
        for sheet in self.names:
            tree, all_cells = self._tree(sheet), list(self.cells(sheet))
            assert len(list(tree.iter(f"{_MAIN}f"))) == len(self.formulas(sheet)), "a formula that is not of numbers"
            calculator = Calculator({place: formula or value for place, formula, value in all_cells})
            for place, formula, value in all_cells:
                if formula:
                    checked += 1
                    assert penny(calculator.at(place)) == penny(value), f"{sheet}!{place} ={formula}"
        return checked

    def links(self) -> list[str]:
        """Whatever leads out of the workbook."""
        told = [name for name in self.zip.namelist() if "worksheets/_rels" in name or "externalLink" in name]
        return told + [name for name in self.zip.namelist() if b"hyperlink" in self.zip.read(name)]

    def _tree(self, sheet: str) -> ET.Element:
        book = ET.fromstring(self.zip.read("xl/workbook.xml"))
        sought = next(one for one in book.iter(f"{_MAIN}sheet") if one.get("name") == sheet)
        related = ET.fromstring(self.zip.read("xl/_rels/workbook.xml.rels"))
        target = next(one.attrib["Target"] for one in related if one.get("Id") == sought.get(_REF))
        return ET.fromstring(self.zip.read(f"xl/{target}"))


class Calculator:
    """Works out the few shapes of formula we write: sums of cells, of ranges and of what is not filtered away."""

    def __init__(self, cells: dict[str, str | Decimal]) -> None:
        self.cells, self._known = cells, dict[str, Decimal]()

    def at(self, place: str) -> Decimal:
        """What a cell comes to; nothing is nought. Running balances look at the row above, so from the top down."""
        for row in range(1, int(place[1:])):
            above = f"{place[0]}{row}"
            if above not in self._known and isinstance(self.cells.get(above), str):
                self._known[above] = self._worked(str(self.cells[above]))
        return self._value(place)

    def _value(self, place: str) -> Decimal:
        if place not in self._known:
            held = self.cells.get(place, Decimal(0))
            self._known[place] = self._worked(held) if isinstance(held, str) else held
        return self._known[place]

    def _worked(self, formula: str) -> Decimal:
        terms = list(_TERM.finditer(formula))
        assert "".join(term[0] for term in terms) == formula, f"not a formula of ours: {formula}"
        return sum(((-1 if term[1] == "-" else 1) * self._term(*term.group(3, 4)) for term in terms), Decimal(0))

    def _term(self, first: str, last: str | None) -> Decimal:
        if last is None:
            return self._value(first)
        assert first[0] == last[0]
        places = (f"{first[0]}{row}" for row in range(int(first[1:]), int(last[1:]) + 1))
        return sum(map(self._value, places), Decimal(0))


def penny(value: Decimal | float) -> Decimal:
    return Decimal(value).quantize(Decimal("0.01"))


def pounds(pence: int) -> Decimal:
    """What a cell of money holds."""
    return Decimal(pence) / 100
