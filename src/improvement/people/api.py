"""Everybody who may sign in, as JSON."""

from improvement.access.asking import Asked
from improvement.access.routes import api_get
from improvement.access.rules import May
from improvement.people import queries
from improvement.people.queries import Listed
from improvement.web.lists import Listing, listing


@api_get("/people", may=May.MANAGE_PEOPLE, of="people", gives=Listed, closed=True)
def people(asked: Asked) -> Listing:
    """Who is here, or with left=yes has left: roles, the day of the last sign-in, and whether messages arrive."""
    wanted = queries.wanted_of(asked.query)
    rows = sorted(queries.listed(asked.session, wanted, asked.as_at.on), key=lambda row: row.id)
    rest = {name: value for name, value in asked.query.items() if name not in queries.Wanted.__struct_fields__}
    return listing(rows, rest, "id")


routes = [people]
