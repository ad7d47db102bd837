"""The geometry of maps and charts: nothing is lost, nothing overlaps, and the picture says what the figures say."""

import itertools
import re
from xml.etree import ElementTree as ET

import pytest

from improvement.web import drawing
from improvement.web.drawing import POSITION_LOOKS, TrendPoint
from improvement.web.tiles import ROW, UNIT, Place, corners, lay_out_tiles, short_names

WORDS = {position: position for position in POSITION_LOOKS}


def place(slug: str, region: str, x: float, row: int) -> Place:
    return Place(slug, slug.title(), slug[:3].title(), region, x, row * ROW)


NORTH = [place("alpha", "North", 1, 0), place("beta", "North", 2, 0)]
SOUTH = [place("gamma", "South", 1.5, 1), place("delta", "South", 2.5, 1)]


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_every_council_has_one_tile_and_tiles_do_not_overlap() -> None:
    """Middles of tiles are at least a unit apart, and all of each lies inside the picture."""
    layout = lay_out_tiles(NORTH + SOUTH)
    assert sorted(tile.slug for tile in layout.tiles) == ["alpha", "beta", "delta", "gamma"]
    for one in layout.tiles:
        for x, y in corners(one.x, one.y, 0.577 * UNIT):
            assert 0 <= x <= layout.width
            assert 0 <= y <= layout.height
        for other in layout.tiles:
            assert one is other or (one.x - other.x) ** 2 + (one.y - other.y) ** 2 > (0.99 * UNIT) ** 2


def test_tiles_read_from_north_to_south_and_west_to_east() -> None:
    """The keyboard goes through the map in the order of reading."""
    assert [tile.slug for tile in lay_out_tiles(SOUTH[::-1] + NORTH[::-1]).tiles] == ["alpha", "beta", "gamma", "delta"]


def test_a_border_runs_wherever_two_regions_meet_and_nowhere_else() -> None:
    """Alpha meets gamma, beta meets gamma and delta: three edges. Inside a region there are none."""
    assert lay_out_tiles(NORTH + SOUTH).borders.count("M") == 3
    assert lay_out_tiles(NORTH).borders == ""


def test_border_edges_lie_between_the_two_tiles() -> None:
    """Each edge is as far from the one middle as from the other."""
    layout = lay_out_tiles([place("a", "North", 0, 0), place("b", "South", 1, 0)])
    first, second = layout.tiles
    numbers = [float(number) for number in re.findall(r"[\d.]+", layout.borders)]
    assert numbers[0] == pytest.approx((first.x + second.x) / 2, abs=0.2)
    assert numbers[2] == pytest.approx((first.x + second.x) / 2, abs=0.2)


def test_no_councils_make_an_empty_map() -> None:
    """A map of nothing is a map, not a fault."""
    layout = lay_out_tiles([])
    assert layout.tiles == ()
    ET.fromstring(drawing.map_svg(layout, {}))


def test_short_names_are_unique_three_letters_with_initials_where_known() -> None:
    """Councils whose names begin alike still have different names on the map."""
    names = {
        "north-tyneside": "North Tyneside",
        "north-yorkshire-county": "North Yorkshire",
        "northumberland": "Northumberland",
        "kensington-and-chelsea": "Kensington and Chelsea",
        "reading": "Reading",
        "redbridge": "Redbridge",
        "redbridge-new": "Redbridge New",
        "redbridge-newer": "Redbridge Newer",
    }
    short = short_names(names)
    assert short["kensington-and-chelsea"] == "K&C"
    assert short["reading"] == "Rea"
    assert len({name.lower() for name in short.values()}) == len(names)
    assert all(len(name) == 3 for name in short.values())


def test_six_positions_each_with_a_readable_mark_and_a_visible_edge() -> None:
    """Ink is at least 4.5 to 1 on its fill, and fill or edge at least 3 to 1 on white; the shapes all differ."""
    assert len(POSITION_LOOKS) == 6
    for look in POSITION_LOOKS.values():
        assert contrast(look.ink, look.fill) >= 4.5
        assert contrast(look.edge or look.fill, "#ffffff") >= 3
    shapes = {drawing.shape(look.key, "#000000", 5) for look in POSITION_LOOKS.values()}
    assert len(shapes) == 6


def test_money_labels_are_readable_on_their_part_of_the_bar() -> None:
    """Ink is at least 4.5 to 1 on its fill."""
    assert all(contrast(ink, fill) >= 4.5 for fill, _, ink in drawing.MONEY_LOOKS.values())


def test_segments_fill_the_bar_in_order_and_leave_out_nothings() -> None:
    """Each begins where the last ended, and together they are the whole."""
    segments = drawing.bar_segments([("a", 1), ("b", 0), ("c", 2), ("d", 4)])
    assert [segment.kind for segment in segments] == ["a", "c", "d"]
    for before, after in itertools.pairwise(segments):
        assert before.x + before.width == pytest.approx(after.x, abs=0.002)
    assert segments[-1].x + segments[-1].width == pytest.approx(100, abs=0.002)


def test_a_bar_of_nothing_has_no_segments() -> None:
    """No money and no councils draw an empty bar."""
    assert drawing.bar_segments([("a", 0)]) == ()
    assert drawing.region_bar("London", {}).total == 0


def test_a_region_bar_counts_on_time_and_late_as_published() -> None:
    """Published means either; the total is everyone."""
    bar = drawing.region_bar("London", {"published on time": 20, "published late": 2, "no date given": 11})
    assert (bar.published, bar.total) == (22, 33)


@pytest.mark.parametrize("highest", [0, 1, 3, 97, 152, 100_000])
def test_trend_columns_stand_on_the_base_and_stay_inside(highest: int) -> None:
    """Whatever the values, columns end at the base, none leaves the picture, and few lines are drawn."""
    trend = drawing.lay_out_trend([TrendPoint("a", 0), TrendPoint("b", highest, projected=True)])
    for column in trend.columns:
        assert column.y + column.height == pytest.approx(trend.base, abs=0.11)
        assert column.y >= 24
        assert column.x + column.width <= 100
    assert len(trend.lines) <= 4
    assert all(y >= 14 for _, y in trend.lines)


def test_a_trend_without_points_is_only_its_base() -> None:
    """Before the first week there is nothing to draw."""
    assert drawing.lay_out_trend([]).columns == ()


def test_pictures_for_the_pdf_are_whole_svg_files_without_classes() -> None:
    """They are read by a program that knows no stylesheet, so every colour is an attribute."""
    layout = lay_out_tiles(NORTH + SOUTH)
    pictures = [
        drawing.map_svg(layout, {"alpha": "published on time", "gamma": "no date given"}),
        drawing.region_bars_svg([drawing.region_bar("Yorkshire & the Humber", {"published late": 3})]),
        drawing.money_bar_svg([("paid", "Paid", 100), ("unallocated", "Unallocated", 50)]),
        drawing.trend_svg([TrendPoint("a", 3, shown=True, tick="2 Oct"), TrendPoint("b", 5, projected=True)]),
    ]
    for picture in pictures:
        ET.fromstring(picture)
        assert "class=" not in picture
        assert "style=" not in picture


def test_only_councils_with_a_position_are_drawn() -> None:
    """The list decides who is on the map; the layout only where."""
    layout = lay_out_tiles(NORTH + SOUTH)
    drawn = drawing.tiles_drawn(layout, {"alpha": "published on time"}, WORDS, href="/local-accounts/2011-2012/")
    assert drawn.count("<a ") == 1
    assert '<a href="/local-accounts/2011-2012/alpha"><title>Alpha (Alp): published on time</title>' in drawn


def test_names_on_the_map_are_escaped() -> None:
    """A name is words, never markup."""
    layout = lay_out_tiles([Place("x", "B & <b>", "B&B", "North", 0, 0)])
    drawn = drawing.tiles_drawn(layout, {"x": "published late"}, WORDS, href=None)
    assert "<title>B &amp; &lt;b&gt; (B&amp;B): published late</title>" in drawn
    assert "<b>" not in drawn
