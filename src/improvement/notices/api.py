"""The logs of messages, and who can be reached, as JSON."""

from improvement.access.asking import Asked
from improvement.access.routes import api_get
from improvement.access.rules import May
from improvement.notices import queries
from improvement.notices.queries import Line, messages, reach
from improvement.notices.queries.messages import Message
from improvement.notices.rules.reach import Reach, Wanted, found
from improvement.web.lists import Listing, listing


@api_get("/notices", may=May.READ_NOTICES, of="notices", gives=Line, closed=True)
def log(asked: Asked) -> Listing:
    """Every reminder and invitation that was written, newest first, and what became of it."""
    return listing(queries.log(asked.session, asked.by, queries.Wanted()), asked.query, "key")


@api_get("/notices/messages", may=May.MANAGE_PEOPLE, of="messages", gives=Message, closed=True)
def every(asked: Asked) -> Listing:
    """Every message of the last thirty days, newest first, and what became of it; `q` finds words."""
    words = queries.Wanted(asked.query.get("q", "").strip()[:254])
    return listing(messages.log(asked.session, asked.by, words), asked.query, "number")


@api_get("/notices/reach", may=May.READ_NOTICES, of="reach", gives=Reach, closed=True)
def reached(asked: Asked) -> Listing:
    """The councils you may look into, by name: whether anybody from each has ever signed in, and its contacts."""
    query = dict(asked.query)
    seen = reach.sight(asked.session, asked.by, asked.at, query.pop("region", "")).councils
    rows = found(seen, Wanted(mend=query.pop("mend", "")))
    return listing(sorted(rows, key=lambda row: row.council), query, "council")


routes = [log, every, reached]
