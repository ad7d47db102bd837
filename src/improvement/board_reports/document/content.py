"""What a Board report says, apart from how it looks. It is frozen as JSON when issued, so its shape only grows."""

import re
from datetime import date, datetime

import msgspec

from improvement.board_reports.rules import Audience
from improvement.money import in_pounds
from improvement.web.filters import signed, signed_pounds

PUBLIC = Audience.PUBLIC


class Headline(msgspec.Struct, frozen=True, omit_defaults=True):
    """One sentence or two in plain English; `strong` is how it begins."""

    strong: str
    rest: str
    audience: Audience = PUBLIC
    only: bool = False
    """For this audience and for no wider-seeing one: those read another that says more."""


class Passage(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the secretariat wrote in a section: paragraphs, or for decisions one item each."""

    section: str
    paragraphs: tuple[str, ...]
    audience: Audience = PUBLIC


class Column(msgspec.Struct, frozen=True, omit_defaults=True):
    """A column. `kind` is count, pounds, change, change in pounds or words; `unit` stands under its heading."""

    text: str
    kind: str = "count"
    unit: str = ""
    audience: Audience = PUBLIC


class Cell(msgspec.Struct, frozen=True, omit_defaults=True):
    """A number, or words where none can be shown; `figure` names the figure it is."""

    value: int | str
    figure: str = ""


class Row(msgspec.Struct, frozen=True, omit_defaults=True):
    """A row of a table. `position` puts a position's mark before its label; `total` is sub or total."""

    label: str
    cells: tuple[Cell, ...]
    note: str = ""
    position: str = ""
    total: str = ""
    audience: Audience = PUBLIC
    only: bool = False


class Group(msgspec.Struct, frozen=True, omit_defaults=True):
    """Rows under a heading of their own, or under none."""

    rows: tuple[Row, ...]
    heading: str = ""


class Table(msgspec.Struct, frozen=True, omit_defaults=True):
    """A table to compare in. `first` heads the column of labels."""

    name: str
    title: str
    first: str
    columns: tuple[Column, ...]
    groups: tuple[Group, ...]
    foot: tuple[Row, ...] = ()
    audience: Audience = PUBLIC


class Point(msgspec.Struct, frozen=True, omit_defaults=True):
    """Councils published by the end of a day, or projected to be."""

    day: date
    councils: int
    projected: bool = False


class Part(msgspec.Struct, frozen=True):
    """A part of the money bar: paid, committed, allocated or unallocated, in pence."""

    kind: str
    words: str
    pence: int


class Figure(msgspec.Struct, frozen=True, omit_defaults=True):
    """A figure by name, as it was at the report's two dates."""

    value: int
    unit: str
    audience: Audience = PUBLIC


class Note(msgspec.Struct, frozen=True, omit_defaults=True):
    """Something a reader should know before using a figure."""

    text: str
    audience: Audience = PUBLIC


class Content(msgspec.Struct, frozen=True, omit_defaults=True):
    """Everything one version of a month's report says, for every audience: reduce it before showing it."""

    month: str
    version: int
    title: str
    year: str
    on: date
    known_at: datetime
    cut_seq: int
    deadline: date
    demonstration: bool
    compared_with: str
    headlines: tuple[Headline, ...]
    narrative: tuple[Passage, ...]
    money: Table
    money_parts: tuple[Part, ...]
    accounts: Table
    positions: dict[str, str]
    trend: tuple[Point, ...]
    concerns: Table
    changes: tuple[Table, ...]
    change_words: str
    restatements: tuple[Note, ...]
    notes: tuple[Note, ...]
    figures: dict[str, Figure]
    audience: Audience = Audience.SECRETARIAT
    because: str = ""
    """Why a second or later version restates the one before it."""
    forecast: Table | None = None
    """What each funding line is expected to come to; none in a report issued before reports said so."""

    def passage(self, section: str) -> tuple[str, ...]:
        """What was written in a section."""
        return next((passage.paragraphs for passage in self.narrative if passage.section == section), ())

    @property
    def tables(self) -> tuple[Table, ...]:
        """Every table, in the order they are read."""
        forecast = () if self.forecast is None else (self.forecast,)
        return (self.money, *forecast, self.accounts, self.concerns, *self.changes)


NO_FORECAST = "What each funding line is expected to come to is not in this report: its figures were taken before."

_DAY = re.compile(
    r"(\d{1,2}) (January|February|March|April|May|June|July|August|September|October|November|December)(?: (\d{4}))?"
)


def together(text: str) -> str:
    """A sentence whose days never break from their month, nor their month from its year."""
    return _DAY.sub(lambda found: "\u00a0".join(part for part in found.groups() if part), text)


def in_words(cell: Cell, column: Column) -> str:
    """A cell as it is printed under its column."""
    if isinstance(cell.value, str):
        return cell.value
    match column.kind:
        case "pounds":
            return in_pounds(cell.value)
        case "change":
            return signed(cell.value)
        case "change in pounds":
            return signed_pounds(cell.value)
    return f"{cell.value:,}"
