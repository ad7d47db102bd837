"""The one way this house writes a workbook: sheets are declared as columns and rows, and everybody's look the same.

Formulas are only ours, so that totals and differences live on in Excel. Each comes with the value it has, for readers
that do not calculate. Nothing that people typed becomes a formula or a link.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, time
from io import BytesIO
from typing import Any

import msgspec

from improvement.dates import AsAt, in_words, moment_in_words
from improvement.web import cells
from improvement.web.cells import HIGHEST, LINE_HEIGHT, LOOKS, WIDEST_TEXT, WIDTHS, Holds, number, write
from improvement.web.cells import write_text as say

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MADE_UP = "This is a demonstration: everything in it is made up."
_TITLE, _SAYS, _HEADINGS = 0, 1, 3
"""The rows of a sheet above its own."""
_REFERENCE = re.compile(r"\{(\^?)(\w+)\}")

Row = Sequence[Any]
"""One value for each column; of a worked-out column the value its formula has, or none where it has no formula."""


class Entry(msgspec.Struct, frozen=True):
    """How the cells of a column are filled in: what is said beside them, and what may be chosen."""

    says: str
    choices: tuple[str, ...] = ()


class Column(msgspec.Struct, frozen=True):
    """A column by name; the first one of a sheet is of words.

    A formula is of cells in its row, such as “{allocated}-{paid}”; “{^paid}” is the row above.
    """

    name: str
    heading: str
    holds: Holds = Holds.TEXT
    formula: str = ""
    first: str = ""
    """The formula of the first row, where others look at the row above."""
    totalled: bool = False
    closing: bool = False
    """Whether its total is what it came to in the last row, as that of a running balance is."""
    width: float = 0.0
    entry: Entry | None = None
    """How it is filled in, on a sheet that people fill in; without it its cells there are locked."""


class Band(msgspec.Struct, frozen=True):
    """Rows that belong together, under a title and with a subtotal where they have them."""

    rows: Iterable[Row]
    title: str = ""
    subtotal: str = ""
    empty: str = ""
    """What is said when it has no rows."""


class Sheet(msgspec.Struct, frozen=True, kw_only=True):
    """A table of its own: columns, rows in bands, and the words of its total if it has one."""

    name: str
    title: str
    columns: Sequence[Column]
    bands: Sequence[Band]
    says: str = ""
    total: str = ""
    filtered: bool = True
    """Whether Excel may filter and sort it; never with more than one band, or where rows look at the row above."""
    entered: bool = False
    """Whether people fill it in and send it back: what is not for them to fill in is locked, without a password."""
    signed: bool = False
    """Whether parts of the total are below zero: then they are added one by one, so that no crumb of a penny stays."""
    against: tuple[str, Mapping[str, int]] | None = None
    """What the total must come to: words, and a sum for some of the columns. The difference is shown under it."""


def rows_of(columns: Sequence[Column], things: Iterable[Any]) -> list[Row]:
    """A row for each thing, whose fields have the names of the columns."""
    return [[getattr(one, column.name) for column in columns] for one in things]


class About(msgspec.Struct, frozen=True, kw_only=True):
    """What a workbook is, as at when, and where it came from."""

    what: str
    as_at: AsAt
    made_on: date
    address: str
    demonstration: bool = False


def written(title: str, about: About, sheets: Sequence[Sheet], *, big: bool = False) -> bytes:
    """The workbook. The same facts give the same bytes; `big` ones are written row by row and never held whole."""
    # It costs a tenth of a second and some megabytes, which nobody pays who asks for no workbook.
    import xlsxwriter  # type: ignore[import-untyped]

    kept = BytesIO()
    ours = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(kept, {**ours, "in_memory": not big, "constant_memory": big})
    book.set_properties({"title": cells.tidy(title), "created": datetime.combine(about.made_on, time())})
    names = cells.sheet_names(["About", *(sheet.name for sheet in sheets)])
    looks = _Looks(book)
    _write_about(book.add_worksheet(names[0]), looks, title, about, list(zip(names[1:], sheets, strict=True)))
    for name, sheet in zip(names[1:], sheets, strict=True):
        _Writing(book.add_worksheet(name), looks, sheet, about).write()
    book.close()
    return kept.getvalue()


class _Looks:
    """How cells look, each made once for a workbook."""

    def __init__(self, book: Any) -> None:
        self._book, self._made = book, dict[str, Any]()

    def of(self, **wanted: Any) -> Any:
        key = repr(sorted(wanted.items()))
        if key not in self._made:
            self._made[key] = self._book.add_format({"valign": "top", **wanted})
        return self._made[key]


def _write_about(page: Any, looks: _Looks, title: str, about: About, sheets: Sequence[tuple[str, Sheet]]) -> None:
    known = "All that is known now" if about.as_at.known_at is None else moment_in_words(about.as_at.known_at)
    told = [
        ("What this is", about.what),
        ("As at", f"The end of {in_words(about.as_at.on)}"),
        ("Known by", known),
        ("Made on", in_words(about.made_on)),
        ("From", about.address),
        *([("Demonstration", MADE_UP)] if about.demonstration else []),
        ("Sums", "Totals and differences are formulas: they follow when you change or filter a copy of the rows."),
        *((f"Sheet “{name}”", sheet.title) for name, sheet in sheets),
    ]
    page.set_column(0, 0, 38)
    page.set_column(1, 1, 90)
    page.set_row(0, 26)
    say(page, 0, 0, title, looks.of(bold=True, font_size=16))
    for row, (words, said) in enumerate(told, 2):
        page.set_row(row, min(LINE_HEIGHT * cells.lines_of(said, 90), HIGHEST))
        say(page, row, 0, words, looks.of(bold=True, text_wrap=True))
        say(page, row, 1, said, looks.of(text_wrap=True))
    _print_well(page)


def _print_well(page: Any) -> None:
    """A4, landscape, as wide as the paper."""
    page.set_paper(9)
    page.set_landscape()
    page.fit_to_pages(1, 0)
    page.set_footer("&L&F, &A&RPage &P of &N")


class _Writing:
    """One sheet while it is written, from the top down, as big ones must be."""

    def __init__(self, page: Any, looks: _Looks, sheet: Sheet, about: About) -> None:
        self.page, self.looks, self.sheet, self.about = page, looks, sheet, about
        self.row = _HEADINGS + 1
        self.at = {column.name: place for place, column in enumerate(sheet.columns)}
        self.plain = [looks.of(**LOOKS[column.holds], **self._filling(column)) for column in sheet.columns]
        self.bold = [looks.of(**LOOKS[column.holds], bold=True, top=1) for column in sheet.columns]
        self.widths = [column.width or WIDTHS[column.holds] for column in sheet.columns]
        self.free = [column.holds is Holds.TEXT and not column.width for column in sheet.columns]
        self.sums = [0] * len(sheet.columns)
        self.most = [0] * len(sheet.columns)
        """The largest sum, or part of one, in each column of money."""
        self.parts: list[tuple[int, int]] = []
        """The rows, from and to, that the total is made of."""

    def write(self) -> None:
        self._write_top()
        for band in self.sheet.bands:
            self._write_band(band)
        last = self.row - 1
        if self.sheet.total:
            self._write_sum(self.sheet.total, self._total if self.parts else None, self.sums)
        if self.sheet.against:
            self._write_against(*self.sheet.against)
        if self.sheet.filtered and len(self.sheet.bands) == 1 and last > _HEADINGS:
            self.page.autofilter(_HEADINGS, 0, last, len(self.sheet.columns) - 1)
        if self.sheet.entered and last > _HEADINGS:
            self._let_enter(last)
        for place, (width, most) in enumerate(zip(self.widths, self.most, strict=True)):
            self.page.set_column(place, place, max(width, cells.wide_enough(most) if most else 0))

    def _filling(self, column: Column) -> dict[str, Any]:
        """How a cell looks that is filled in, and how one that is not."""
        if not self.sheet.entered:
            return {}
        return {"locked": False, "border": 1, "border_color": "#b1b4b6"} if column.entry else {"bg_color": "#f3f2f1"}

    def _let_enter(self, last: int) -> None:
        """Choices to choose from, days that must be days, a few words beside each cell; the rest is locked."""
        for place, column in enumerate(self.sheet.columns):
            if column.entry is None:
                continue
            rule: dict[str, Any] = {"validate": "any"}
            if column.entry.choices:
                rule = {"validate": "list", "source": list(column.entry.choices)}
            elif column.holds is Holds.DAY:
                limits = {"minimum": date(1990, 1, 1), "maximum": date(2099, 12, 31)}
                rule = {"validate": "date", "criteria": "between", **limits}
                rule |= {"error_title": "Not a day", "error_message": "Write the day first, like 31/12/2011."}
            said = {"input_title": cells.tidy(column.heading)[:32], "input_message": column.entry.says[:255]}
            self.page.data_validation(_HEADINGS + 1, place, last, place, {**rule, **said})
        eased = ("format_columns", "format_rows", "autofilter")
        self.page.protect("", dict.fromkeys(eased, True))

    def _write_top(self) -> None:
        say(self.page, _TITLE, 0, self.sheet.title, self.looks.of(bold=True, font_size=14))
        asked = f"As at {in_words(self.about.as_at.on)}."
        said = [asked, self.sheet.says, *([MADE_UP] if self.about.demonstration else [])]
        say(self.page, _SAYS, 0, " ".join(filter(None, said)), self.looks.of(italic=True))
        self.page.set_row(_TITLE, 24)
        headed = list(zip(self.sheet.columns, self.widths, strict=True))
        high = max(cells.lines_of(column.heading, width - 2) for column, width in headed)
        self.page.set_row(_HEADINGS, LINE_HEIGHT * high)
        for place, column in enumerate(self.sheet.columns):
            say(self.page, _HEADINGS, place, column.heading, self.looks.of(**cells.heading_look(column.holds)))
        self.page.freeze_panes(_HEADINGS + 1, 1)
        self.page.repeat_rows(_HEADINGS)
        _print_well(self.page)

    def _write_band(self, band: Band) -> None:
        if band.title:
            say(self.page, self.row, 0, band.title, self.looks.of(bold=True))
            self.row += 1
        first, before = self.row, list(self.sums)
        for values in band.rows:
            self._write_row(values, first=self.row == first)
        if self.row == first:
            if band.empty:
                say(self.page, self.row, 0, band.empty, self.looks.of())
                self.row += 1
            return
        rows = (first, self.row - 1)
        if band.subtotal:
            of_band = [now - was for now, was in zip(self.sums, before, strict=True)]
            self._write_sum(band.subtotal, lambda place: f"SUM({self._range(*rows, place)})", of_band)
            self.parts.append((self.row - 1, self.row - 1))
        else:
            self.parts.append(rows)

    def _write_row(self, values: Row, *, first: bool) -> None:
        self._make_room(values)
        for place, (column, value) in enumerate(zip(self.sheet.columns, values, strict=True)):
            if column.formula and value is None:
                continue  # What is worked out of nothing yet is left empty.
            if column.formula:
                formula = column.first if first and column.first else column.formula
                self._write_formula(place, self._pointed(formula), value, self.plain[place])
            elif self.sheet.entered and value in (None, ""):
                self.page.write_blank(self.row, place, None, self.plain[place])
            else:
                write(self.page, self.row, place, value, column.holds, self.plain[place])
            if column.totalled:
                self.sums[place] += value or 0
            elif column.closing:
                self.sums[place] = value
        self.row += 1

    def _make_room(self, values: Row) -> None:
        """Wide enough for its words and sums, and as high as its longest text needs: not every reader sees to that."""
        high = 1
        for place, (column, value) in enumerate(zip(self.sheet.columns, values, strict=True)):
            if value is None:
                continue
            if column.holds is Holds.MONEY:
                self.most[place] = max(self.most[place], abs(value))
            elif column.holds in (Holds.TEXT, Holds.LONG):
                text = str(value)
                if self.free[place]:
                    self.widths[place] = max(self.widths[place], min(len(text) + 2, WIDEST_TEXT))
                if len(text) > self.widths[place] or "\n" in text:
                    high = max(high, cells.lines_of(text, self.widths[place]))
        if high > 1:
            self.page.set_row(self.row, min(LINE_HEIGHT * high, HIGHEST))

    def _pointed(self, formula: str) -> str:
        """A formula of named columns as one of cells."""
        return _REFERENCE.sub(lambda named: self._cell(self.row - len(named[1]), self.at[named[2]]), formula)

    def _write_sum(self, words: str, formula: Callable[[int], str] | None, sums: Sequence[int]) -> None:
        self.widths[0] = max(self.widths[0], min(len(words) + 2, WIDEST_TEXT))
        say(self.page, self.row, 0, words, self.bold[0])
        for place, column in enumerate(self.sheet.columns[1:], 1):
            if not (column.totalled or column.closing):
                self.page.write_blank(self.row, place, None, self.bold[0])
            elif formula is not None:
                self._write_formula(place, formula(place), sums[place], self.bold[place])
            else:
                write(self.page, self.row, place, 0, column.holds, self.bold[place])
        self.row += 1

    def _write_against(self, words: str, wanted: Mapping[str, int]) -> None:
        """What the total must come to, and by how much it does not."""
        write(self.page, self.row, 0, words, Holds.TEXT, self.plain[0])
        for name, value in wanted.items():
            place = self.at[name]
            write(self.page, self.row, place, value, self.sheet.columns[place].holds, self.plain[place])
        self.row += 1
        write(self.page, self.row, 0, "Difference", Holds.TEXT, self.plain[0])
        for name, value in wanted.items():
            place = self.at[name]
            formula = f"{self._cell(self.row - 2, place)}-{self._cell(self.row - 1, place)}"
            self._write_formula(place, formula, self.sums[place] - value, self.plain[place])
        self.row += 1

    def _total(self, place: int) -> str:
        if self.sheet.columns[place].closing:
            return self._cell(self.parts[-1][1], place)
        if self.sheet.signed:
            return "+".join(self._cell(row, place) for first, last in self.parts for row in range(first, last + 1))
        if len(self.sheet.bands) == 1:
            # What is filtered away is left out of the sum.
            whole = self._range(*self.parts[0], place)
            return f"SUBTOTAL(109,{whole})" if self.sheet.filtered else f"SUM({whole})"
        each = ((first, last, self._range(first, last, place)) for first, last in self.parts)
        return "+".join(self._cell(first, place) if first == last else f"SUM({rows})" for first, last, rows in each)

    def _write_formula(self, place: int, formula: str, value: int, look: Any) -> None:
        if self.sheet.columns[place].holds is Holds.MONEY:
            self.most[place] = max(self.most[place], abs(value))
        shown = number(value, self.sheet.columns[place].holds)
        self.page.write_formula(self.row, place, f"={formula}", look, shown)

    def _range(self, first: int, last: int, place: int) -> str:
        return f"{self._cell(first, place)}:{self._cell(last, place)}"

    def _cell(self, row: int, place: int) -> str:
        """A1 and so on. There are never more than 26 columns."""
        return f"{chr(ord('A') + place)}{row + 1}"
