"""The templates' environment: strict, escaping, with our filters, the Design System's macros and versioned assets."""

from collections.abc import Mapping, MutableMapping
from pathlib import Path
from typing import Any

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, PrefixLoader, StrictUndefined

from improvement.web import components, drawing
from improvement.web.files import own_files
from improvement.web.filters import FILTERS

HERE = Path(__file__).parent


class _Environment(Environment):
    """No template adds globals of its own, so none needs a layer over ours, which every import would walk through."""

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        return super().make_globals(d) if d else self.globals


def environment(folders: Mapping[str, Path]) -> Environment:
    """One environment for all pages. Our shared templates are at the root; those of a slice are under its name, as in
    funding/lines.html. A name that is missing in a template is an error."""
    shared = FileSystemLoader(HERE / "templates")
    of_slices = PrefixLoader({name: FileSystemLoader(folder) for name, folder in folders.items()})
    made = _Environment(
        loader=ChoiceLoader([shared, of_slices]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        cache_size=-1,
    )
    made.filters |= FILTERS | {"as_items": components.items}
    made.globals |= components.govuk_macros()
    made.globals |= {
        "asset": asset,
        "head": components.Head,
        "marked": components.marked,
        "looks": drawing.POSITION_LOOKS,
        "tiles_drawn": drawing.tiles_drawn,
        "bars_drawn": drawing.bars_drawn,
        "money_looks": drawing.MONEY_LOOKS,
        "money_segments": drawing.money_segments,
        "lay_out_trend": drawing.lay_out_trend,
        # A page that gives none of these is a page for nobody in particular, with no form on it.
        "frame": components.Frame(),
        "typed": {},
        "mistakes": {},
    }
    return made


def asset(name: str) -> str:
    """The address of a file of ours, which changes when the file does, so that browsers may keep it for ever."""
    if name not in own_files():
        raise FileNotFoundError(name)
    return f"/static/{name}?v={own_files()[name].version}"
