"""The public register, as JSON."""

from improvement.access.asking import Asked
from improvement.access.routes import api_get
from improvement.access.rules import May
from improvement.local_accounts.queries import register as published
from improvement.local_accounts.rules.register import fits
from improvement.web.lists import Listing, listing


@api_get("/accounts", may=May.LOOK, of="published accounts", gives=published.Entry)
def register(asked: Asked) -> Listing:
    """The public register: the published accounts of every year, one a council and year. `q` asks for words."""
    words = asked.query.get("q", "")
    rows = published.everything(asked.session, asked.as_at)
    kept = [row for row in rows if fits(published.text_of(row), words)]
    return listing(kept, {name: value for name, value in asked.query.items() if value}, "entry")


routes = [register]
