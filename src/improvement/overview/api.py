"""The councils and regions, as JSON."""

from datetime import date

import msgspec

from improvement.access.asking import Asked
from improvement.access.routes import api_get
from improvement.access.rules import May
from improvement.sector import queries
from improvement.web.lists import Listing, listing


class CouncilRow(msgspec.Struct, frozen=True):
    """A council with adult social services responsibilities. `valid_to` is its last day."""

    slug: str
    name: str
    official_name: str
    region: str
    council_type: str
    valid_from: date | None
    valid_to: date | None
    gss_code: str | None
    cassr_code: str
    adults_18plus: int
    website_domain: str
    predecessors: tuple[str, ...]
    successors: tuple[str, ...]


class RegionRow(msgspec.Struct, frozen=True):
    """An ADASS region and how many councils it has on the day."""

    slug: str
    name: str
    councils: int


@api_get("/councils", may=May.LOOK, of="councils", gives=CouncilRow)
def councils(asked: Asked) -> Listing:
    """The councils in being on a day."""
    rows = [
        CouncilRow(
            slug=council.slug,
            name=council.name,
            official_name=council.official_name,
            region=council.region,
            council_type=council.council_type,
            valid_from=council.valid_from,
            valid_to=council.valid_to,
            gss_code=council.code_on(asked.as_at.on),
            cassr_code=council.cassr_code,
            adults_18plus=council.adults_18plus,
            website_domain=council.website_domain,
            predecessors=council.predecessors,
            successors=council.successors,
        )
        for council in queries.councils(asked.session, asked.as_at)
    ]
    return listing(sorted(rows, key=lambda row: row.slug), asked.query, "slug")


@api_get("/regions", may=May.LOOK, of="regions", gives=RegionRow)
def regions(asked: Asked) -> Listing:
    """The nine ADASS regions."""
    councils = queries.councils(asked.session, asked.as_at)
    rows = [
        RegionRow(region.slug, region.name, sum(council.region == region.slug for council in councils))
        for region in queries.regions(asked.session).values()
    ]
    return listing(sorted(rows, key=lambda row: row.slug), asked.query, "slug")


@api_get("/councils/{council:str}/contacts", may=May.EDIT_CONTACTS, of="contacts", gives=queries.Contact, closed=True)
def contacts(asked: Asked) -> Listing:
    """Whom to write to in a council: for those with rights on it."""
    council = queries.council(asked.session, str(asked.sent.path["council"]))
    asked.by.acting(May.EDIT_CONTACTS, region=council.region, council=council.slug)
    rows = sorted(queries.contacts(asked.session, council.slug), key=lambda row: row.post)
    return listing(rows, asked.query, "post")


routes = [councils, regions, contacts]
