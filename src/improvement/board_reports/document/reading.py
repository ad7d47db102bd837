"""A report as its readers see it: frozen and thawed, and reduced to what each may know today."""

import hashlib
from collections.abc import Iterable
from itertools import compress
from typing import Any, TypeVar

import msgspec
from msgspec.structs import replace

from improvement.board_reports import rules
from improvement.board_reports.document.content import Cell, Content, Group, Row, Table
from improvement.board_reports.rules import Audience

T = TypeVar("T")

RESTRICTED = "concerns_restricted"
"""How the names of figures begin that count restricted matters."""


def frozen(content: Content) -> str:
    """The content as the text that is kept and hashed: the same bytes for the same content."""
    return msgspec.json.encode(content, order="sorted").decode()


def hash_of(text: str) -> str:
    """The SHA-256 of a frozen report."""
    return hashlib.sha256(text.encode()).hexdigest()


def thawed(text: str) -> Content:
    """A frozen report as content again."""
    return msgspec.json.decode(text, type=Content)


def reduced(content: Content, reader: Audience) -> Content:
    """What one audience may read of a report."""
    return replace(
        content,
        headlines=_kept(content.headlines, reader),
        narrative=_kept(content.narrative, reader),
        forecast=content.forecast and _table(content.forecast, reader),
        concerns=_table(content.concerns, reader),
        changes=tuple(_table(table, reader) for table in _kept(content.changes, reader)),
        restatements=_kept(content.restatements, reader),
        notes=_kept(content.notes, reader),
        figures={name: each for name, each in content.figures.items() if _shows(name, each, reader)},
        audience=reader,
    )


def _kept(things: Iterable[T], reader: Audience) -> tuple[T, ...]:
    return tuple(thing for thing in things if _for(thing, reader))


def _for(thing: Any, reader: Audience) -> bool:
    if getattr(thing, "only", False):
        return bool(thing.audience is reader)
    return rules.may_read(reader, thing.audience)


def _shows(name: str, figure: Any, reader: Audience) -> bool:
    """A small count of restricted matters is not shown, and left out where only numbers can stand."""
    few = name.startswith(RESTRICTED) and rules.shown_count(figure.value, reader) is not None
    return rules.may_read(reader, figure.audience) and not few


def _table(table: Table, reader: Audience) -> Table:
    shown = [rules.may_read(reader, column.audience) for column in table.columns]

    def rows(every: Iterable[Row]) -> tuple[Row, ...]:
        kept = tuple(_row(row, reader) for row in _kept(every, reader))
        return kept if all(shown) else tuple(replace(row, cells=tuple(compress(row.cells, shown))) for row in kept)

    groups = tuple(Group(rows(group.rows), group.heading) for group in table.groups)
    return replace(
        table,
        columns=tuple(compress(table.columns, shown)),
        groups=tuple(group for group in groups if group.rows),
        foot=rows(table.foot),
    )


def _row(row: Row, reader: Audience) -> Row:
    """A row about restricted matters with its small counts hidden, and with them every difference that would tell."""
    if not any(cell.figure.startswith(RESTRICTED) for cell in row.cells):
        return row
    few = any(_few(cell, reader) for cell in row.cells)
    return replace(row, cells=tuple(_hidden(cell, reader) if few else cell for cell in row.cells))


def _few(cell: Cell, reader: Audience) -> str | None:
    counted = cell.figure and isinstance(cell.value, int)
    return rules.shown_count(int(cell.value), reader) if counted else None


def _hidden(cell: Cell, reader: Audience) -> Cell:
    """A cell of a row in which some count is small: counts that are not stay, and a difference is never shown."""
    return Cell(_few(cell, reader) or cell.value) if cell.figure else Cell("Not shown")
