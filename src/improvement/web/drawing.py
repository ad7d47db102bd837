"""Shapes, fills and the geometry of charts, apart from any page: templates and the PDF draw the same ones.

Every shape carries its colours as attributes, not only as classes, so that it survives outside our stylesheet.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import lru_cache

import msgspec
from markupsafe import Markup, escape

from improvement.web.filters import mid_sentence
from improvement.web.tiles import Layout, points

INK = "#0b0c0c"
PALE_EDGE = "#6f777b"
FONT = "Source Sans 3"


class Look(msgspec.Struct, frozen=True):
    """How one position looks: `hexagon` ends its polygon on the map, `mark` and `text` follow inside it, `swatch`
    stands beside its words in a table, `badge` in a legend."""

    key: str
    fill: str
    edge: str
    ink: str
    hexagon: Markup
    mark: Markup
    text: Markup
    swatch: Markup
    badge: Markup


def shape(key: str, ink: str, radius: float, classed: bool = True) -> str:
    """The shape that tells a position without its colour, around 0,0."""
    r, wide = radius, radius * 1.05
    k = 'class="k" ' if classed else ""
    match key:
        case "ontime":
            return f'<circle {k}r="{r * 0.86:.1f}" fill="{ink}"/>'
        case "late":
            far = f"{r * 1.1:.1f}"
            return f'<path {k}d="M0-{far}L{far} 0L0 {far}L-{far} 0Z" fill="{ink}"/>'
        case "by":
            return f'<path {k}d="M0-{r:.1f}L{wide:.1f} {r * 0.85:.1f}H-{wide:.1f}Z" fill="{ink}"/>'
        case "after":
            line = f'fill="none" stroke="{ink}" stroke-width="1.7"'
            return f'<path {k}d="M0 {r:.1f}L{wide:.1f}-{r * 0.85:.1f}H-{wide:.1f}Z" {line}/>'
        case "nodate":
            return f'<circle {k}r="{r * 0.8:.1f}" fill="none" stroke="{ink}" stroke-width="1.7"/>'
        case _:
            return f'<path {k}d="M-{r:.1f} 0H{r:.1f}" fill="none" stroke="{ink}" stroke-width="3"/>'


def _look(key: str, fill: str, edge: str, ink: str) -> Look:
    line = f'stroke="{edge}" stroke-width="1.3"' if edge else 'stroke="#ffffff" stroke-width="1.6"'
    square = f'<rect x="-8.5" y="-8.5" width="17" height="17" rx="2" fill="{fill}" stroke="{edge or fill}"/>'
    hidden = 'aria-hidden="true" focusable="false"'
    return Look(
        key=key,
        fill=fill,
        edge=edge,
        ink=ink,
        hexagon=Markup(f' fill="{fill}" {line}/>'),
        mark=Markup(shape(key, ink, 4.9) + "</g>"),
        text=Markup(f' fill="{ink}">'),
        swatch=Markup(f'<svg class="app-shape" viewBox="-9 -9 18 18" {hidden}>{square}{shape(key, ink, 5.6)}</svg>'),
        badge=Markup(
            f'<svg viewBox="-18 -20 36 40" {hidden}><polygon points="{points(0, 0, 18.5)}" fill="{fill}" {line}/>'
            f"{shape(key, ink, 6.5)}</svg>"
        ),
    )


POSITION_LOOKS: dict[str, Look] = {
    "published on time": _look("ontime", "#12436d", "", "#ffffff"),
    "published late": _look("late", "#2f74ab", "", "#ffffff"),
    "expected by the deadline": _look("by", "#8fd0c8", "#37877e", INK),
    "expected after the deadline": _look("after", "#f0bf6c", "#a06c14", INK),
    "no date given": _look("nodate", "#ffffff", PALE_EDGE, INK),
    "will not publish": _look("decided", "#b9bec1", PALE_EDGE, INK),
}
"""The six positions, in the order they are always listed."""

MONEY_LOOKS: dict[str, tuple[str, str, str]] = {
    "paid": ("#431d4a", "#431d4a", "#ffffff"),
    "committed": ("#9a6fa2", "#9a6fa2", INK),
    "allocated": ("#dccfe0", "#9a6fa2", INK),
    "unallocated": ("#ffffff", PALE_EDGE, INK),
}
"""Fill, edge and ink of each part of the money bar: tints of one colour that is never a position's."""


def tiles_drawn(
    layout: Layout, positions: Mapping[str, str], words: Mapping[str, str], href: str | None, ask: str = ""
) -> Markup:
    """The map's tiles for a page, each named and, when `href` is given, a link to it with the council's slug at the
    end and `ask` after it. Councils without a position are not drawn.

    Put together here because a template takes four times as long.
    """
    return _tiles_drawn(layout, tuple(positions.items()), tuple(words.items()), href, ask)


@lru_cache(maxsize=64)
def _tiles_drawn(
    layout: Layout, placed: tuple[tuple[str, str], ...], named: tuple[tuple[str, str], ...], href: str | None, ask: str
) -> Markup:
    positions, said = dict(placed), {position: escape(mid_sentence(text)) for position, text in named}
    start, end = escape(href or ""), escape(ask)
    drawn = []
    for tile in layout.tiles:
        position = positions.get(tile.slug)
        if position is None:
            continue
        look = POSITION_LOOKS[position]
        inside = (
            f"<title>{tile.called}{said[position]}</title>{tile.hexagon}{look.hexagon}{tile.mark_at}{look.mark}"
            f"{tile.text_at}{look.text}{tile.shown}</text>"
        )
        drawn.append(f"<g>{inside}</g>" if href is None else f'<a href="{start}{escape(tile.slug)}{end}">{inside}</a>')
    return Markup("".join(drawn))


class Segment(msgspec.Struct, frozen=True):
    """A part of a bar: where it begins and how wide it is, in per cent of the whole."""

    kind: str
    value: int
    x: float
    width: float

    @property
    def middle(self) -> float:
        return round(self.x + self.width / 2, 3)


def bar_segments(parts: Iterable[tuple[str, int]]) -> tuple[Segment, ...]:
    """Parts of a whole as segments that follow each other and fill it; parts of nothing are left out."""
    counted = [(kind, value) for kind, value in parts if value > 0]
    total = sum(value for _, value in counted)
    segments, before = [], 0
    for kind, value in counted:
        segments.append(Segment(kind, value, round(before * 100 / total, 3), round(value * 100 / total, 3)))
        before += value
    return tuple(segments)


def money_segments(parts: Iterable[tuple[str, str, int]]) -> tuple[Segment, ...]:
    """The parts of a sum (kind, words, pence) as a bar."""
    return bar_segments((kind, pence) for kind, _, pence in parts)


class RegionBar(msgspec.Struct, frozen=True):
    """One region's councils by position."""

    name: str
    segments: tuple[Segment, ...]
    published: int
    total: int


def region_bar(name: str, counts: Mapping[str, int]) -> RegionBar:
    """A region's bar from its counts by position; positions that are missing count nothing."""
    published = counts.get("published on time", 0) + counts.get("published late", 0)
    segments = bar_segments((position, counts.get(position, 0)) for position in POSITION_LOOKS)
    return RegionBar(name, segments, published, sum(segment.value for segment in segments))


def bars_drawn(rows: Sequence[RegionBar]) -> Markup:
    """The regions' bars for a page, each an item of a list. Put together here because a template takes far longer."""
    return _bars_drawn(tuple(rows))


@lru_cache(maxsize=64)
def _bars_drawn(rows: tuple[RegionBar, ...]) -> Markup:
    drawn = []
    for row in rows:
        inside = []
        for part in row.segments:
            look = POSITION_LOOKS[part.kind]
            box = f'x="{part.x}%" y="0" width="{part.width}%" height="26" fill="{look.fill}"'
            inside.append(f'<rect {box} stroke="{look.edge or "#ffffff"}"/>')
            inside.append(f'<text x="{part.middle}%" y="18.5" fill="{look.ink}">{part.value}</text>')
        begun = '<svg class="app-bar" width="100%" height="26" aria-hidden="true" focusable="false">'
        told = f"<span><b>{row.published} of {row.total}</b> published</span>"
        drawn += [f"<li><span>{escape(row.name)}</span>{begun}", *inside, f"</svg>{told}</li>\n"]
    return Markup("".join(drawn))


class TrendPoint(msgspec.Struct, frozen=True):
    """A column of the trend: `tick` is written beneath it, and its value above it when `shown`."""

    label: str
    value: int
    projected: bool = False
    tick: str = ""
    shown: bool = False


def weekly(weeks: Iterable[tuple[date, int, bool]]) -> list[TrendPoint]:
    """Weeks (day, value, whether projected) as columns: a few days named beneath, and above the first, the latest and
    the last their figure."""
    told = list(weeks)
    latest = max((at for at, (_, _, projected) in enumerate(told) if not projected), default=0)
    last = len(told) - 1
    named, shown = {0, last // 3, 2 * last // 3, last}, {0, latest, last}
    said = [f"{day.day} {day:%b}" for day, _, _ in told]
    return [
        TrendPoint(said[at], value, projected, said[at] if at in named else "", at in shown)
        for at, (_, value, projected) in enumerate(told)
    ]


class Column(msgspec.Struct, frozen=True):
    """A column in place: x, middle and width in per cent, y and height in pixels."""

    point: TrendPoint
    x: float
    middle: float
    width: float
    y: float
    height: float


class Trend(msgspec.Struct, frozen=True):
    """A trend in place; `lines` are (value, y) of the faint lines behind it, `base` is y of nothing."""

    columns: tuple[Column, ...]
    lines: tuple[tuple[int, float], ...]
    base: int = 158
    height: int = 204


def lay_out_trend(trend: Sequence[TrendPoint]) -> Trend:
    """Columns side by side, with at most four lines at round numbers behind them."""
    highest = max((point.value for point in trend), default=0) or 1
    scale = (158 - 24) / (highest * 1.1)
    steps = (mantissa * 10**power for power in range(9) for mantissa in (1, 2, 5))
    step = next(each for each in steps if highest / each <= 4)
    lines = tuple((value, round(158 - value * scale, 1)) for value in range(step, highest + 1, step))
    each = 94 / (len(trend) or 1)
    return Trend(
        tuple(
            Column(
                point,
                x=round(6 + each * at, 2),
                middle=round(6 + each * (at + 0.36), 2),
                width=round(each * 0.72, 2),
                y=round(158 - point.value * scale, 1),
                height=round(point.value * scale, 1),
            )
            for at, point in enumerate(trend)
        ),
        lines,
    )


# The same pictures as whole SVG files for the PDF: fixed sizes, no classes, nothing to look up.


def _svg(width: float, height: float, inside: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" '
        f'viewBox="0 0 {width:.0f} {height:.0f}" font-family="{FONT}" font-size="15">{inside}</svg>'
    )


def _write(x: float, y: float, words: object, fill: str = INK, anchor: str = "middle", weight: int = 400) -> str:
    at = f'x="{x:.1f}" y="{y:.1f}" fill="{fill}" text-anchor="{anchor}" font-weight="{weight}"'
    return f"<text {at}>{escape(words)}</text>"


def map_svg(layout: Layout, positions: Mapping[str, str]) -> str:
    """The tile map by position, from slug to position; councils without one are not drawn."""
    inside = ['<g font-size="13">']
    for tile in layout.tiles:
        if tile.slug not in positions:
            continue
        look = POSITION_LOOKS[positions[tile.slug]]
        mark = shape(look.key, look.ink, 4.9, classed=False)
        inside.append(f'<polygon points="{tile.points}"{look.hexagon}{tile.mark_at}{mark}</g>')
        inside.append(_write(tile.x, tile.y + 10.8, tile.short, look.ink, weight=600))
    line = f'd="{layout.borders}" fill="none" stroke-linecap="round"'
    inside.append(f'</g><path {line} stroke="#ffffff" stroke-width="6"/>')
    inside.append(f'<path {line} stroke="{INK}" stroke-width="2.2"/>')
    return _svg(layout.width, layout.height, "".join(inside))


def _segments_svg(segments: Iterable[Segment], looks: Mapping[str, Sequence[str]], at: Sequence[float]) -> str:
    left, top, width, height = at
    drawn = []
    for segment in segments:
        fill, edge, _ = looks[segment.kind]
        box = f'x="{left + segment.x * width / 100:.1f}" y="{top:.1f}" width="{segment.width * width / 100:.1f}"'
        drawn.append(f'<rect {box} height="{height}" fill="{fill}" stroke="{edge}"/>')
    return "".join(drawn)


def region_bars_svg(rows: Sequence[RegionBar], width: int = 700) -> str:
    """The regions' bars with their names, counts and how many have published."""
    looks = {position: (look.fill, look.edge or "#ffffff", look.ink) for position, look in POSITION_LOOKS.items()}
    left, right, inside = 190, 130, []
    for at, row in enumerate(rows):
        top, room = at * 34.0 + 2, width - left - right
        inside.append(_write(0, top + 18, row.name, anchor="start"))
        inside.append(_segments_svg(row.segments, looks, (left, top, room, 26)))
        for segment in row.segments:
            ink = looks[segment.kind][2]
            inside.append(_write(left + segment.middle * room / 100, top + 18, segment.value, ink, weight=600))
        inside.append(_write(width, top + 18, f"{row.published} of {row.total} published", anchor="end"))
    return _svg(width, len(rows) * 34 + 2, "".join(inside))


def money_bar_svg(parts: Iterable[tuple[str, str, int]], width: int = 700) -> str:
    """The whole of the money as one bar, from its parts (kind, words, pence); the words stand beside it."""
    segments = money_segments(parts)
    shares = "".join(
        _write(segment.middle * width / 100, 25, f"{segment.width:.0f}%", MONEY_LOOKS[segment.kind][2], weight=600)
        for segment in segments
        if segment.width > 6
    )
    return _svg(width, 40, _segments_svg(segments, MONEY_LOOKS, (1, 1, width - 2, 38)) + shares)


def trend_svg(trend: Sequence[TrendPoint], width: int = 700) -> str:
    """The trend as columns; those that are projected have a dashed outline."""
    placed, blue = lay_out_trend(trend), POSITION_LOOKS["published on time"].fill
    inside = []
    for value, y in placed.lines:
        inside.append(f'<path d="M0 {y}H{width}" stroke="#cfd2d3"/>{_write(0, y - 5, value, anchor="start")}')
    inside.append(f'<path d="M0 {placed.base}H{width}" stroke="{INK}" stroke-width="1.5"/>')
    for column in placed.columns:
        box = f'x="{column.x * width / 100:.1f}" y="{column.y}" width="{column.width * width / 100:.1f}"'
        dashed = f'fill="#ffffff" stroke="{blue}" stroke-width="1.5" stroke-dasharray="4 3"'
        inside.append(
            f'<rect {box} height="{column.height}" {dashed if column.point.projected else f"""fill="{blue}" """}/>'
        )
        middle = column.middle * width / 100
        if column.point.shown:
            inside.append(_write(middle, column.y - 6, column.point.value, weight=700))
        if column.point.tick:
            # The last is written up to the edge, as on the page: a narrow column leaves it no room on the right.
            at, anchor = (width, "end") if column is placed.columns[-1] else (middle, "middle")
            inside.append(_write(at, placed.base + 19, column.point.tick, anchor=anchor))
    return _svg(width, placed.height, "".join(inside))
