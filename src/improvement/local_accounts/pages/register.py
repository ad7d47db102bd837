"""The public register."""

from improvement.access.asking import Asked
from improvement.access.routes import page
from improvement.access.rules import May
from improvement.errors import NotFound
from improvement.local_accounts import queries
from improvement.local_accounts.queries import register as published
from improvement.web.replies import Page


@page("/accounts", may=May.LOOK, of="published accounts")
def register(asked: Asked) -> Page:
    """The public register: which accounts are published, and where."""
    which = queries.FIRST_YEAR
    if str(which) not in queries.years(asked.session):
        raise NotFound("No programme year has been set up yet.")
    rows = published.register(asked.session, which, asked.as_at)
    q = asked.query.get("q", "").strip()
    shown = [row for row in rows if q.casefold() in f"{row.name} {row.title}".casefold()]
    about = queries.year(asked.session, which)
    return Page("local_accounts/register.html", {"rows": shown, "total": len(rows), "q": q, "about": about})


routes = [register]
