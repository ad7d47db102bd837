"""The report's map, bars and trend: laid out once for the page and for the PDF."""

from collections.abc import Mapping
from functools import cache

from sqlalchemy.orm import Session

from improvement.board_reports.document.content import Content, Point, Table
from improvement.board_reports.figures.accounts import NAMES
from improvement.dates import ProgrammeYear
from improvement.local_accounts import queries as accounts
from improvement.web.drawing import RegionBar, TrendPoint, region_bar, weekly
from improvement.web.tiles import ROW, Layout, Place, lay_out_tiles


def layout(session: Session, year: str) -> Layout:
    """The tile map of the councils on a year's list."""
    councils = accounts.expected(session, ProgrammeYear.parse(year))
    return _laid_out(
        tuple(
            Place(one.slug, one.name, one.tile_name, one.region, one.half_columns / 2, one.tile_row * ROW)
            for one in councils
            if one.half_columns is not None and one.tile_row is not None
        )
    )


@cache
def _laid_out(places: tuple[Place, ...]) -> Layout:
    return lay_out_tiles(places)


def bars(table: Table) -> list[RegionBar]:
    """The regions' bars, from the very table they stand beside."""
    positions = [position.value for position in NAMES]
    return [
        region_bar(row.label, {each: int(cell.value) for each, cell in zip(positions, row.cells, strict=False)})
        for group in table.groups
        for row in group.rows
    ]


def national(content: Content) -> dict[str, int]:
    """How many councils are in each position, in England."""
    return {position.value: content.figures[name].value for position, name in NAMES.items()}


def columns(points: tuple[Point, ...]) -> list[TrendPoint]:
    """The trend's columns: a few days named beneath, and the first, the latest and the last figure above."""
    return weekly((point.day, point.councils, point.projected) for point in points)


def _day(point: Point) -> str:
    return f"{point.day.day} {point.day:%b}"


def map_in_words(counts: Mapping[str, int], words: Mapping[str, str]) -> str:
    """What the map shows, for those who do not see it."""
    shown = "; ".join(
        f"{words[position][:1].lower()}{words[position][1:]} {count}" for position, count in counts.items()
    )
    return f"One hexagon for each council, placed roughly where it is in England. {shown[:1].upper()}{shown[1:]}."


def trend_in_words(points: tuple[Point, ...]) -> str:
    """What the trend shows, for those who do not see it."""
    if not points:
        return "Nothing has been published."
    known = [point for point in points if not point.projected]
    said = f"Councils published by the end of each week: from {points[0].councils} on {_day(points[0])}"
    if known and known[-1] is not points[0]:
        said += f" to {known[-1].councils} on {_day(known[-1])}"
    return (
        f"{said}; {points[-1].councils} on {_day(points[-1])} if expected dates are kept."
        if points[-1].projected
        else f"{said}."
    )
