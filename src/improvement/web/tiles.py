"""The tile map: one hexagon for each council, placed roughly where it is in England, with the regions' borders."""

import math
from collections.abc import Iterable, Mapping

import msgspec
from markupsafe import Markup, escape

UNIT = 42
"""Pixels from one hexagon's middle to the next."""
RADIUS = 0.577 * UNIT
ROW = 0.866
"""Units from one row of hexagons to the next; within a row they stand half a unit or a whole one apart."""
_CORNERS = tuple((math.sin(math.radians(60 * n)), -math.cos(math.radians(60 * n))) for n in range(6))


class Place(msgspec.Struct, frozen=True):
    """A council to put on the map: x and y in units of the hexagon grid, short a name of three letters."""

    slug: str
    name: str
    short: str
    region: str
    x: float
    y: float


class Tile(msgspec.Struct, frozen=True):
    """A council's hexagon, in pixels, and the parts of its drawing that never change, written out once."""

    slug: str
    name: str
    short: str
    region: str
    x: float
    y: float
    points: str
    called: Markup
    hexagon: Markup
    mark_at: Markup
    text_at: Markup
    shown: Markup


class Layout(msgspec.Struct, frozen=True, cache_hash=True):
    """A whole map: its tiles from north to south, and the lines between regions as one path."""

    tiles: tuple[Tile, ...]
    borders: str
    width: int
    height: int


def lay_out_tiles(places: Iterable[Place]) -> Layout:
    """Geometry of the map. Costs a few milliseconds: do it once and keep it."""
    placed = sorted(places, key=lambda place: (place.y, place.x))
    if not placed:
        return Layout((), "", 0, 0)
    left, top = min(place.x for place in placed), placed[0].y
    tiles = {(round(place.x * 2), round(place.y / ROW)): _tile(place, left, top) for place in placed}
    width = (max(place.x for place in placed) - left + 1) * UNIT + 8
    height = (placed[-1].y - top) * UNIT + 2 * RADIUS + 10
    return Layout(tuple(tiles.values()), _borders(tiles), round(width), round(height))


def corners(x: float, y: float, radius: float) -> list[tuple[float, float]]:
    """The six corners of a hexagon that stands on a point, clockwise from the top."""
    return [(x + radius * across, y + radius * down) for across, down in _CORNERS]


def points(x: float, y: float, radius: float) -> str:
    """The corners as an SVG polygon takes them."""
    return " ".join(f"{across:.1f},{down:.1f}" for across, down in corners(x, y, radius))


def _tile(place: Place, left: float, top: float) -> Tile:
    x = (place.x - left) * UNIT + UNIT / 2 + 4
    y = (place.y - top) * UNIT + RADIUS + 5
    outline = points(x, y, RADIUS - 0.3)
    return Tile(
        **msgspec.structs.asdict(place) | {"x": x, "y": y},
        points=outline,
        called=escape(f"{place.name} ({place.short}): "),
        hexagon=Markup(f'<polygon class="app-hex" points="{outline}"'),
        mark_at=Markup(f'<g transform="translate({x:.1f} {y - 8.6:.1f})">'),
        text_at=Markup(f'<text x="{x:.1f}" y="{y + 10.8:.1f}"'),
        shown=escape(place.short),
    )


def _borders(tiles: Mapping[tuple[int, int], Tile]) -> str:
    """The edges that two tiles of different regions share, found by looking right, down right and down left of each."""
    path = []
    for (across, down), tile in tiles.items():
        around = corners(tile.x, tile.y, RADIUS)
        for edge, beside in ((1, (across + 2, down)), (2, (across + 1, down + 1)), (3, (across - 1, down + 1))):
            if beside in tiles and tiles[beside].region != tile.region:
                start, end = around[edge], around[edge + 1]
                path.append(f"M{start[0]:.1f} {start[1]:.1f}L{end[0]:.1f} {end[1]:.1f}")
    return "".join(path)


def short_names(names: Mapping[str, str]) -> dict[str, str]:
    """A unique name of three letters for each council, from its slug and name: chosen by hand where the first three
    letters would mislead or clash, initials where known (K&C, BwD)."""
    given: dict[str, str] = {}
    for slug, name in sorted(names.items(), key=lambda each: (each[0] not in _CHOSEN, each[0])):
        taken = {short.lower() for short in given.values()}
        given[slug] = next(short for short in _candidates(slug, name) if short.lower() not in taken)
    return given


def _candidates(slug: str, name: str) -> Iterable[str]:
    if slug in _CHOSEN:
        yield _CHOSEN[slug]
    letters = "".join(letter for letter in name if letter.isalpha())
    yield letters[:3]
    for second in range(1, len(letters)):
        for third in range(second + 1, len(letters)):
            yield letters[0] + letters[second] + letters[third]
    yield from (f"{letters[:1]}{number}" for number in range(10, 100))


_CHOSEN = dict(
    pair.split(":")
    for pair in """
    barking-and-dagenham:B&D barnet:Bnt barnsley:Bsl bath-and-north-east-somerset:BNS birmingham:Bhm
    blackburn-with-darwen:BwD blackpool:Bpl bolton:Bol bournemouth:Bou bracknell-forest:BrF bradford:Bfd brent:Bre
    brighton-and-hove:B&H bristol:Bri bromley:Brm buckinghamshire-county:Buc bury:Bur central-bedfordshire:CBe
    cheshire-east:ChE cheshire-west-and-chester:CWC city-of-london:CoL cumbria:Cum derby:Dby derbyshire:Dbs devon:Dev
    doncaster:Don dorset-county:Dor east-riding-of-yorkshire:ERY east-sussex:ESx hackney:Hac halton:Hal
    hammersmith-and-fulham:H&F hampshire:Ham haringey:Hgy harrow:Har hartlepool:Htp havering:Hav isle-of-wight:IoW
    isles-of-scilly:Sci kensington-and-chelsea:K&C kingston-upon-hull:Hul kingston-upon-thames:KuT leeds:Lds
    leicester:Lcr leicestershire:Lei lewisham:Lew lincolnshire:Lin medway:Med merton:Mer middlesbrough:Mbr
    milton-keynes:MiK newcastle-upon-tyne:NuT newham:Nhm north-east-lincolnshire:NEL north-lincolnshire:NLi
    north-somerset:NSo north-tyneside:NTy north-yorkshire-county:NYo northamptonshire:Nth northumberland:Nbd
    nottingham:Ngm nottinghamshire:Not redcar-and-cleveland:R&C richmond-upon-thames:RuT salford:Sal sandwell:Swl
    sefton:Sef sheffield:Shf shropshire:Shr somerset-county:Som south-gloucestershire:SGl south-tyneside:STy
    southampton:Shn southend-on-sea:SoS southwark:Swk st-helens:StH staffordshire:Sta stockport:Spt
    stockton-on-tees:StT stoke-on-trent:SoT telford-and-wrekin:T&W tower-hamlets:ToH wakefield:Wkf walsall:Wls
    waltham-forest:WaF warrington:Wgt warwickshire:Wrk west-berkshire:WBe west-sussex:WSx
    windsor-and-maidenhead:W&M wokingham:Wok wolverhampton:Wlv worcestershire:Wor york:Yor
    """.split()
)
