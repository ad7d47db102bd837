"""What goes into a cell of a workbook and how it looks there: text that stays text, money, counts, days."""

from collections.abc import Iterable
from datetime import date, datetime
from enum import StrEnum
from math import ceil
from typing import Any
from unicodedata import category

from improvement.dates import LONDON, in_words

MOST_TEXT = 32_767
"""How much text Excel keeps in a cell, counted as it counts: in units of UTF-16."""
CUT = "… (cut; whole text in the tracker)"
MOST_NAME = 31
_NOT_IN_NAMES = str.maketrans(dict.fromkeys("[]:*?/\\", " "))


class Holds(StrEnum):
    """What a column holds, which decides how its cells are written and read."""

    TEXT = "text"
    LONG = "long text"
    """Text that may take several lines."""
    MONEY = "money"
    """Given in whole pence, shown in pounds; below zero it stays a number."""
    COUNT = "count"
    DAY = "day"
    MOMENT = "moment"
    HUNDREDTHS = "hundredths"
    """Given in hundredths, as a whole-time equivalent is: 60 is 0.60."""
    PERCENTAGE = "percentage"
    """Given in hundredths of a percent: 1250 is 12.50%."""


ADDED_UP = frozenset({Holds.MONEY, Holds.COUNT, Holds.HUNDREDTHS, Holds.PERCENTAGE})
_TIMES = {Holds.MONEY: 100, Holds.COUNT: 1, Holds.HUNDREDTHS: 100, Holds.PERCENTAGE: 10_000}

# A little space keeps a number from the words beside it.
_RIGHT = {"align": "right", "indent": 1}
LOOKS: dict[Holds, dict[str, Any]] = {
    Holds.TEXT: {"text_wrap": True},
    Holds.LONG: {"text_wrap": True},
    # The pound is that of the United Kingdom wherever the workbook is opened.
    Holds.MONEY: {"num_format": "[$£-809]#,##0.00;-[$£-809]#,##0.00", **_RIGHT},
    Holds.COUNT: {"num_format": "#,##0", **_RIGHT},
    Holds.DAY: {"num_format": "d mmmm yyyy", "align": "left"},
    Holds.MOMENT: {"num_format": "d mmmm yyyy, hh:mm", "align": "left"},
    Holds.HUNDREDTHS: {"num_format": "0.00", **_RIGHT},
    Holds.PERCENTAGE: {"num_format": "0.00%", **_RIGHT},
}
HEADING: dict[str, Any] = {"bold": True, "text_wrap": True, "bg_color": "#f3f2f1", "bottom": 1}


def heading_look(holds: Holds) -> dict[str, Any]:
    """How the heading of a column looks: over numbers to the right, as they are."""
    return {**HEADING, **(_RIGHT if holds in ADDED_UP else {"align": "left"})}


WIDTHS = {
    Holds.TEXT: 12.0,
    Holds.LONG: 44.0,
    Holds.MONEY: 14.0,
    Holds.COUNT: 9.0,
    Holds.DAY: 18.0,
    Holds.MOMENT: 25.0,
    Holds.HUNDREDTHS: 9.0,
    Holds.PERCENTAGE: 10.0,
}
"""How wide each sort of column is, in signs; text and sums are given more where they need it."""
WIDEST_TEXT = 40.0
LINE_HEIGHT, HIGHEST = 15, 405
"""How high a line of text is and a row may be, in points."""


def lines_of(text: str, width: float) -> int:
    """How many lines text takes at a width, or a little more: most letters are narrower than a figure."""
    return sum(max(1, ceil(len(part) / width)) for part in text.split("\n"))


def wide_enough(pence: int) -> float:
    """How wide a sum of money is, with its sign and the space beside it."""
    return len(f"{pence / 100:,.2f}") + 5.0


def number(value: int, holds: Holds) -> float:
    """A number as it stands in its cell: pounds from pence."""
    times = _TIMES[holds]
    return value if times == 1 else value / times


def tidy(text: str) -> str:
    """Text as a cell can keep it: no control characters, and where it is too long, cut and marked so."""
    if not text.isprintable():
        text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
        text = "".join(sign for sign in text if sign == "\n" or _kept(sign))
    if len(text) > MOST_TEXT // 2:
        units = text.encode("utf-16-le")
        if len(units) > MOST_TEXT * 2:
            # A sign of two units may be cut in half: what is left of it is dropped.
            return units[: (MOST_TEXT - len(CUT)) * 2].decode("utf-16-le", errors="ignore") + CUT
    return text


def _kept(sign: str) -> bool:
    """XML, which a workbook is made of, has no place for control signs, halves of signs, and two that are none."""
    return category(sign) not in ("Cc", "Cs") and sign not in "\ufffe\uffff"


def write(sheet: Any, row: int, column: int, value: Any, holds: Holds, look: Any) -> None:
    """Put a value in its cell as what it is, whatever it looks like."""
    if value is None or value == "":
        return
    if holds in ADDED_UP:
        sheet.write_number(row, column, number(value, holds), look)
    elif isinstance(value, datetime):
        sheet.write_datetime(row, column, value.astimezone(LONDON).replace(tzinfo=None), look)
    elif isinstance(value, date):
        # Excel's days begin with 1900.
        if value.year < 1900:
            sheet.write_string(row, column, in_words(value), look)
        else:
            sheet.write_datetime(row, column, value, look)
    else:
        write_text(sheet, row, column, str(value), look)


def write_text(sheet: Any, row: int, column: int, text: str, look: Any) -> None:
    """Text, never a formula, a link or a number."""
    tidied = tidy(text)
    if tidied.startswith("<r>") and tidied.endswith("</r>"):
        # XlsxWriter takes this for markup of its own and would write it out unescaped; in two runs it is text.
        sheet.write_rich_string(row, column, "<", look, tidied[1:], look)
    else:
        sheet.write_string(row, column, tidied, look)


def sheet_names(wanted: Iterable[str]) -> list[str]:
    """Names that Excel takes for sheets: short, without its signs, none twice whatever the capitals."""
    given: list[str] = []
    for name in wanted:
        plain = " ".join(tidy(name).translate(_NOT_IN_NAMES).split()).strip("'")
        # A name that is not in the plane of common signs is cut shorter than it must be, and no harm done.
        most = MOST_NAME if all(ord(sign) < 0x10000 for sign in plain) else MOST_NAME // 2
        # Excel keeps “History” for itself.
        base = "Sheet" if plain.casefold() in ("", "history") else plain[:most].strip(" '")
        taken, again, chosen = {each.casefold() for each in given}, 2, base
        while chosen.casefold() in taken:
            chosen = f"{base[: most - len(str(again)) - 3]} ({again})"
            again += 1
        given.append(chosen)
    return given
