"""The log of reminders, as JSON."""

from improvement.access.asking import Asked
from improvement.access.routes import api_get
from improvement.access.rules import May
from improvement.notices import queries
from improvement.notices.queries import Line, Wanted
from improvement.web.lists import Listing, listing


@api_get("/notices", may=May.READ_NOTICES, of="notices", gives=Line, closed=True)
def log(asked: Asked) -> Listing:
    """Every reminder that was written, newest first, and what became of it."""
    return listing(queries.log(asked.session, asked.by, Wanted()), asked.query, "key")


routes = [log]
