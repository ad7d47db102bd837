"""The log of reminders, what would be written on a day, and stopping them without signing in."""

from urllib.parse import urlencode

from improvement import dates
from improvement.access.asking import Asked, is_one_click
from improvement.access.routes import ask, form, page
from improvement.access.rules import May
from improvement.database import is_demonstration
from improvement.dates import london_day
from improvement.notices import commands, queries, rules
from improvement.notices.queries import Wanted
from improvement.notices.rules import Became, Wish
from improvement.web import forms
from improvement.web.lists import as_csv
from improvement.web.replies import File, Page, Redirect

SHOWN = 50
FILTERS = ("q", "became", "kind")


def wanted_of(asked: Asked) -> Wanted:
    """What an address looks for in a log."""
    return Wanted(*(asked.query.get(name, "").strip()[:254] for name in FILTERS))


@page("/notices", may=May.READ_NOTICES, of="notices", closed=True)
def log(asked: Asked) -> Page:
    """Every reminder that was written, newest first, and what became of it."""
    wanted = wanted_of(asked)
    lines = queries.log(asked.session, asked.by, wanted, after=asked.query.get("after", ""), most=SHOWN + 1)
    kept = {name: value for name in FILTERS if (value := asked.query.get(name, "").strip())}
    more = {**kept, "after": lines[SHOWN - 1].key} if len(lines) > SHOWN else None
    shows = {
        "lines": lines[:SHOWN],
        "found": queries.count(asked.session, asked.by, wanted),
        "wanted": wanted,
        "choices": [(one.value, one.value.capitalize()) for one in Became],
        "kinds": [(one, one.capitalize()) for one in (queries.REMINDER, queries.INVITATION)],
        "stopped": queries.stopped(asked.session),
        "next_href": f"/notices?{urlencode(more)}" if more else None,
        "csv_href": "/notices/list.csv" + (f"?{urlencode(kept)}" if kept else ""),
        "demonstration": is_demonstration(asked.session),
        "mails": asked.settings.smtp_url is not None,
        "may_preview": asked.by.may(May.MANAGE_PEOPLE),
    }
    return Page("notices/log.html", shows)


@page("/notices/list.csv", may=May.READ_NOTICES, of="notices", closed=True)
def as_file(asked: Asked) -> File:
    """The log as a spreadsheet."""
    heads = ("Written", "To", "What", "About", "What became of it", "Why it did not arrive")
    lines = queries.log(asked.session, asked.by, wanted_of(asked))
    rows = ((one.written_at.isoformat(), one.to_address, one.kind, one.about, one.became, one.problem) for one in lines)
    return File(as_csv(heads, rows), "text/csv", "reminders.csv")


@page("/notices/preview", may=May.MANAGE_PEOPLE, of="notices", closed=True)
def preview(asked: Asked) -> Page:
    """What would be written on a day, and to whom. Nothing is sent."""
    text = asked.query.get("day", "").strip()
    day = dates.parse_day(text) if text else london_day(asked.at)
    found = queries.digests(asked.session, day)
    url = asked.settings.url
    shows = {
        "day": day,
        "works": queries.working_days().is_one(day),
        "messages": [(one.address, rules.subject(one), rules.preview(one, url)) for one in found],
    }
    return Page("notices/preview.html", shows)


def _stop_page(asked: Asked, address: str) -> Page:
    shows = {
        "address": address,
        "stopped": queries.has_stopped(asked.session, address),
        "may_read": asked.by.may(May.READ_NOTICES),
    }
    return Page("notices/stop.html", shows)


def _wish(asked: Asked, address: str) -> Redirect:
    new = forms.read(commands.NewWish, asked.typed)
    commands.wish(asked.session, address, new, at=asked.at)
    says = {Wish.STOP: f"No more reminders go to {address}.", Wish.AGAIN: f"Reminders go to {address} again."}
    return Redirect(asked.sent.address, says[new.what])


def _address(asked: Asked) -> str:
    return queries.address_of(asked.settings.secret, str(asked.sent.path["token"]))


@ask("/notices/stop/{token:str}", may=May.LOOK, of="notices")
def stopping(asked: Asked) -> Page:
    """Opening the link stops nothing, since mail scanners open links too: it shows a button."""
    return _stop_page(asked, _address(asked))


@form("/notices/stop/{token:str}", may=May.LOOK, of="notices", asks=stopping, one_click=True)
def stop(asked: Asked) -> Redirect | Page:
    """Stop reminders to the address the link was sent to, or send them again. A mail program can only stop them."""
    address = _address(asked)
    if not is_one_click(asked.sent):
        return _wish(asked, address)
    commands.wish(asked.session, address, commands.NewWish(Wish.STOP), at=asked.at)
    return _stop_page(asked, address)


@ask("/notices/mine", may=May.OWN, of="notices")
def mine(asked: Asked) -> Page:
    """Ask whether you want reminders."""
    return _stop_page(asked, asked.by.email)


@form("/notices/mine", may=May.OWN, of="notices", asks=mine)
def wish_mine(asked: Asked) -> Redirect:
    """Stop reminders to yourself, or get them again."""
    return _wish(asked, asked.by.email)


routes = [log, as_file, preview, stopping, stop, mine, wish_mine]
