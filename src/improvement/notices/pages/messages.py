"""The log of every message, for those who look after people."""

from urllib.parse import urlencode

from improvement.access.asking import Asked
from improvement.access.routes import page
from improvement.access.rules import May
from improvement.mail import Kind, arrival
from improvement.notices.pages.log import FILTERS, SHOWN, wanted_of
from improvement.notices.queries import messages
from improvement.notices.rules import Became
from improvement.web.lists import as_csv
from improvement.web.replies import File, Page


@page("/notices/messages", may=May.MANAGE_PEOPLE, of="messages", closed=True)
def log(asked: Asked) -> Page:
    """Every message of the last thirty days, newest first, and what became of it."""
    wanted, after = wanted_of(asked), asked.query.get("after", "")
    below = int(after) if after.isascii() and after.isdigit() and len(after) < 18 else 0
    lines = messages.log(asked.session, asked.by, wanted, after=below, most=SHOWN + 1)
    kept = {name: value for name in FILTERS if (value := asked.query.get(name, "").strip())}
    more = {**kept, "after": lines[SHOWN - 1].number} if len(lines) > SHOWN else None
    shows = {
        "lines": lines[:SHOWN],
        "found": messages.count(asked.session, asked.by, wanted),
        "wanted": wanted,
        "choices": [(one.value, one.value.capitalize()) for one in Became if one is not Became.NOT_KEPT],
        "kinds": [(one.value, one.value[:1].upper() + one.value[1:]) for one in Kind],
        "not_reached": arrival.how_many(asked.session),
        "next_href": f"/notices/messages?{urlencode(more)}" if more else None,
        "ending": f"?{urlencode(kept)}" if kept else "",
    }
    return Page("notices/messages.html", shows)


@page("/notices/messages/list.csv", may=May.MANAGE_PEOPLE, of="messages", closed=True)
def as_file(asked: Asked) -> File:
    """The log of every message as a spreadsheet."""
    heads = ("Written", "To", "What", "Subject", "What became of it", "Why it did not arrive", "Sent", "Tries")
    lines = messages.log(asked.session, asked.by, wanted_of(asked))
    rows = (
        (
            *(one.written_at.isoformat(), one.to_address, one.kind, one.subject, one.became, one.problem),
            *(one.sent_at.isoformat() if one.sent_at else "", one.tries),
        )
        for one in lines
    )
    return File(as_csv(heads, rows), "text/csv", "messages.csv")


routes = [log, as_file]
