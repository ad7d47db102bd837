"""The public register."""

from improvement.access.asking import Asked
from improvement.access.routes import api_get
from improvement.access.rules import May
from improvement.local_accounts import queries
from improvement.local_accounts.queries import register as published
from improvement.web.lists import Listing, listing


@api_get("/accounts", may=May.LOOK, of="published accounts", gives=published.Entry)
def register(asked: Asked) -> Listing:
    """The public register of published accounts."""
    rows = published.register(asked.session, queries.FIRST_YEAR, asked.as_at)
    return listing(sorted(rows, key=lambda row: row.council), asked.query, "council")


routes = [register]
