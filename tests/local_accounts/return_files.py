"""Returns as people would fill them in: the tracker's own workbook, changed cell by cell and saved again."""

import re
from io import BytesIO
from typing import Any

import xlsxwriter
from httpx import Response
from python_calamine import CalamineWorkbook

from tests.visiting import Forms, Typed, Visitor

RETURN = "/local-accounts/2011-2012/return"


class Filled:
    """The return somebody downloaded, by council and heading."""

    def __init__(self, content: bytes) -> None:
        book = CalamineWorkbook.from_filelike(BytesIO(content))
        _, _, _, self.headings, *self.rows = book.get_sheet_by_name("Return").to_python(skip_empty_area=False)

    def place(self, heading: str) -> int:
        return self.headings.index(heading)

    def row(self, code: str) -> list[Any]:
        return next(row for row in self.rows if row[self.place("Code")] == code)

    def fill(self, code: str, /, **cells: Any) -> "Filled":
        """Type into the row of a council: `expected_date="…"` is the column “Expected date”."""
        for name, value in cells.items():
            heading = name.replace("_", " ").capitalize()
            self.row(code)[self.place(heading)] = value
        return self

    def only(self, *codes: str) -> "Filled":
        self.rows = [self.row(code) for code in codes]
        return self

    def saved(self, name: str = "Return", **options: Any) -> bytes:
        """As another spreadsheet would save it: the values, and days as days."""
        kept = BytesIO()
        book = xlsxwriter.Workbook(kept, {"strings_to_formulas": False, "strings_to_urls": False, **options})
        page, day = book.add_worksheet(name), book.add_format({"num_format": "dd/mm/yyyy"})
        for number, row in enumerate([self.headings, *self.rows]):
            for place, value in enumerate(row):
                if hasattr(value, "isoformat"):
                    page.write_datetime(number, place, value, day)
                elif value != "":
                    page.write(number, place, value)
        book.close()
        return kept.getvalue()

    def as_csv(self, sign: str = ",") -> str:
        lines = [sign.join(f'"{value}"' for value in row) for row in [self.headings, *self.rows]]
        return "\r\n".join(lines) + "\r\n"


def download(visitor: Visitor, query: str = "") -> Filled:
    """The return as it is now."""
    answer = visitor.get(f"{RETURN}.xlsx{query}")
    assert answer.status_code == 200, answer.text
    return Filled(answer.content)


def show(visitor: Visitor, content: bytes, name: str = "return.xlsx", **typed: str) -> Response:
    """What sending it back shows."""
    return visitor.post(RETURN, {**visitor.form(RETURN), **typed}, {"file": (name, content)})


def record(visitor: Visitor, page: Response, **choices: str) -> Response:
    """Press the button under what was shown."""
    assert page.status_code in (200, 422), page.text
    return visitor.post(f"{RETURN}/recorded", {**form_of(page.text), **choices})


def form_of(page: str) -> Typed:
    (fields,) = [fields for action, fields in Forms(page).found if action == f"{RETURN}/recorded"]
    return fields


def told(page: str) -> str:
    """A page as one reads it."""
    return " ".join(re.sub(r"<[^>]+>", " ", page).replace("\u00a0", " ").split())
