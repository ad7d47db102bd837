"""The councils and regions, as pages."""

from improvement.access.asking import Asked
from improvement.access.routes import page
from improvement.access.rules import May
from improvement.sector import queries
from improvement.sector.rules import TYPE_WORDS
from improvement.web.replies import Page


@page("/councils", may=May.LOOK, of="councils")
def all_councils(asked: Asked) -> Page:
    """The councils in being on a day, by name, filtered by region, type and words."""
    found = queries.councils(asked.session, asked.as_at)
    wanted = {name: asked.query.get(name, "") for name in ("q", "region", "type")}
    shown = [
        council
        for council in found
        if wanted["q"].lower() in f"{council.name} {council.official_name}".lower()
        and wanted["region"] in ("", council.region)
        and wanted["type"] in ("", council.council_type)
    ]
    shows = {"councils": shown, "total": len(found), "wanted": wanted, "type_words": TYPE_WORDS}
    return Page("sector/councils.html", {**shows, "region_choices": region_choices(asked)})


def region_choices(asked: Asked) -> list[tuple[str, str]]:
    """The regions, to choose from."""
    return [(region.slug, region.name) for region in queries.regions(asked.session).values()]


routes = [all_councils]
