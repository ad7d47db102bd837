"""Every table of a report as sheets of a workbook, and as one CSV with a line for each number."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from improvement.board_reports.document.content import Content, Table
from improvement.board_reports.document.content import Row as Told
from improvement.web.cells import Holds
from improvement.web.lists import as_csv
from improvement.web.workbook import Band, Column, Sheet

HOLDS = {"pounds": Holds.MONEY, "change in pounds": Holds.MONEY, "words": Holds.LONG}
"""What a column of each kind holds; the others are counts."""
NAMES = {"money": "Money", "forecast": "Forecast", "accounts": "Accounts", "concerns": "Concerns"}
HEADINGS = ("Table", "Group", "Row", "Column", "Unit", "Value", "Figure")


def workbook(content: Content) -> list[Sheet]:
    """A sheet for each table, and one of every figure by name."""
    return [*(_sheet(table) for table in content.tables if table.groups), _figures(content)]


def _sheet(table: Table) -> Sheet:
    every = [row for group in table.groups for row in group.rows]
    worded = [any(isinstance(row.cells[at].value, str) for row in every) for at in range(len(table.columns))]
    adds_up = bool(table.foot)
    columns = [Column("label", table.first)]
    for at, each in enumerate(table.columns):
        # A count that may not be shown is words, and so is its column.
        holds = HOLDS.get(each.kind, Holds.COUNT)
        holds = Holds.TEXT if worded[at] and holds is not Holds.LONG else holds
        added = adds_up and holds in (Holds.MONEY, Holds.COUNT)
        heading = f"{each.text} ({each.unit})" if each.unit else each.text
        columns.append(Column(f"column {at}", heading, holds, totalled=added))
    bands = []
    for group in table.groups:
        total = next((row.label for row in group.rows if row.total), "")
        rows = [_cells(row) for row in group.rows if not row.total]
        bands.append(Band(rows, title=group.heading, subtotal=total))
    name = NAMES.get(table.name) or table.name.replace("-", " ").capitalize()
    total = table.foot[0].label if adds_up else ""
    one = len(bands) == 1
    return Sheet(name=name, title=table.title, columns=columns, bands=bands, total=total, filtered=one, signed=one)


def _cells(row: Told) -> list[Any]:
    return [f"{row.label} ({row.note})" if row.note else row.label, *(cell.value for cell in row.cells)]


def _figures(content: Content) -> Sheet:
    money = [each.unit == "pence" for each in content.figures.values()]
    rows = [
        (name, each.unit if not pence else "pounds", None if pence else each.value, each.value if pence else None)
        for (name, each), pence in zip(content.figures.items(), money, strict=True)
    ]
    columns = [
        Column("name", "Figure", width=60),
        Column("unit", "Counts", width=20),
        Column("count", "How many", Holds.COUNT, width=12),
        Column("pounds", "How much", Holds.MONEY),
    ]
    return Sheet(name="Figures", title="Every figure by name", columns=columns, bands=[Band(rows)])


def csv(content: Content) -> bytes:
    """Every cell of every table on a line of its own: money in pounds, words as they are."""
    return as_csv(HEADINGS, (line for table in content.tables if table.groups for line in _lines(table)))


def _lines(table: Table) -> Iterable[tuple[Any, ...]]:
    grouped = [(group.heading, row) for group in table.groups for row in group.rows]
    for heading, row in (*grouped, *(("", row) for row in table.foot)):
        for column, cell in zip(table.columns, row.cells, strict=True):
            if cell.value == "":
                continue
            unit, value = _said(cell.value, "pounds" in column.kind)
            yield table.title, heading, row.label, column.text, unit, value, cell.figure


def _said(value: int | str, money: bool) -> tuple[str, int | str | Decimal]:
    """A cell's unit and what it says: pounds with their pence, never rounded."""
    if isinstance(value, str):
        return "words", value
    return ("pounds", Decimal(value).scaleb(-2)) if money else ("count", value)
