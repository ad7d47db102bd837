"""Who can be reached: by region and council, to read, to take away, and to invite again."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from improvement.access.asking import Asked
from improvement.access.routes import ask, form, page
from improvement.access.rules import May
from improvement.database import is_demonstration
from improvement.dates import AsAt, london_day
from improvement.notices.commands import reach as commands
from improvement.notices.queries import reach
from improvement.notices.queries.reach import Sight
from improvement.notices.rules import reach as rules
from improvement.notices.rules.reach import NO_CONTACT, NOT_REACHED, Came, Reach, Wanted
from improvement.sector.rules import Region
from improvement.web import workbook
from improvement.web.cells import Holds
from improvement.web.lists import as_csv
from improvement.web.replies import File, Page, Redirect
from improvement.web.workbook import Band, Column, Sheet

SHOWN = 50
CAME = [(one.value, one.value[:1].upper() + one.value[1:]) for one in Came]
MEND = [(NO_CONTACT, "No contact with an e-mail address"), (NOT_REACHED, "An address that is not reached")]
COLUMNS = (
    Column("name", "Council"),
    Column("region_name", "Region"),
    Column("came", "Whether somebody has signed in"),
    Column("officers", "Officers", Holds.COUNT),
    Column("signed_in", "Of them have signed in", Holds.COUNT),
    Column("last_on", "Last signed in on", Holds.DAY),
    Column("contacts", "Contacts with an e-mail address", Holds.COUNT),
    Column("not_reached", "Not reached by our last message", Holds.LONG),
)


def _region(asked: Asked) -> str:
    """The region asked for, or the only one there is for somebody; nothing for all of them."""
    own = reach.regions_of(asked.session, asked.by)
    return asked.query.get("region", "").strip()[:60] or (own[0].slug if len(own) == 1 else "")


def _wanted(asked: Asked) -> Wanted:
    return Wanted(*(asked.query.get(name, "").strip()[:60] for name in ("came", "mend")))


def _sight(asked: Asked) -> Sight:
    return reach.sight(asked.session, asked.by, asked.at, _region(asked))


def _cells(rows: Iterable[Reach]) -> list[list[Any]]:
    return [[*row[:-1], "; ".join(row[-1])] for row in workbook.rows_of(COLUMNS, rows)]


@page("/notices/reach", may=May.READ_NOTICES, of="reach", closed=True)
def reached(asked: Asked) -> Page:
    """From which councils somebody has signed in, and which have nobody to write to."""
    region, wanted, sight = _region(asked), _wanted(asked), _sight(asked)
    rows, after = rules.found(sight.councils, wanted), asked.query.get("after", "")
    start = next((place for place, row in enumerate(rows, start=1) if row.council == after), 0)
    shown = rows[start : start + SHOWN]
    asks = {"region": region, "came": wanted.came, "mend": wanted.mend}
    kept = {name: value for name, value in asks.items() if value}
    regions = reach.regions_of(asked.session, asked.by)
    may_invite = asked.by.role_for(May.INVITE_AGAIN, region=region or None) is not None
    shows = {
        "rows": shown,
        "found": len(rows),
        "summary": rules.summary(sight.councils),
        "by_region": rules.by_region(sight.councils) if not region else [],
        "regions": [(one.slug, one.name) for one in regions],
        "place": _place(regions, region),
        "region": region,
        "wanted": wanted,
        "came_choices": CAME,
        "mend_choices": MEND,
        "invitees": sight.invitees if may_invite else [],
        "due": sum(one.waits is None for one in sight.invitees),
        "next_href": _next(kept, shown) if start + SHOWN < len(rows) else None,
        "ending": f"?{urlencode(kept)}" if kept else "",
        "invite_href": "/notices/reach/invite" + (f"?region={region}" if region else ""),
        "manages": asked.by.may(May.MANAGE_PEOPLE),
    }
    return Page("notices/reach.html", shows)


def _next(kept: dict[str, str], shown: list[Reach]) -> str:
    return f"/notices/reach?{urlencode({**kept, 'after': shown[-1].council})}#list"


def _place(regions: list[Region], region: str) -> str:
    own = [one for one in regions if region in ("", one.slug)]
    return own[0].name if len(own) == 1 else "All regions"


@page("/notices/reach/list.csv", may=May.READ_NOTICES, of="reach", closed=True)
def as_file(asked: Asked) -> File:
    """The councils as the list was filtered, as CSV."""
    heads = [column.heading for column in COLUMNS]
    return File(
        as_csv(heads, _cells(rules.found(_sight(asked).councils, _wanted(asked)))), "text/csv", "who-can-be-reached.csv"
    )


@page("/notices/reach/list.xlsx", may=May.READ_NOTICES, of="reach", closed=True)
def as_workbook(asked: Asked) -> File:
    """The councils as the list was filtered, and the regions, as a workbook."""
    rows = rules.found(_sight(asked).councils, _wanted(asked))
    councils = Sheet(
        name="Councils",
        title="Who can be reached, by council",
        columns=COLUMNS,
        bands=[Band(_cells(rows), empty="No council.")],
    )
    about = workbook.About(
        what="From which councils somebody has signed in, and which have nobody to write to.",
        as_at=AsAt(london_day(asked.at)),
        made_on=london_day(asked.at),
        address=f"{asked.settings.url}/notices/reach",
        demonstration=is_demonstration(asked.session),
    )
    made = workbook.written("Who can be reached", about, [councils, _regions_sheet(rows)])
    return File(made, workbook.MEDIA_TYPE, "who-can-be-reached.xlsx")


def _regions_sheet(rows: list[Reach]) -> Sheet:
    counted = {
        "councils": "Councils",
        "signed_in": "Somebody has signed in",
        "invited": "Invited, not signed in yet",
        "nobody": "Nobody invited yet",
        "no_contact": "No contact with an e-mail address",
        "not_reached": "An address that is not reached",
    }
    columns = [
        Column("name", "Region"),
        *(Column(name, heading, Holds.COUNT, totalled=True) for name, heading in counted.items()),
    ]
    bands = [Band(workbook.rows_of(columns, rules.by_region(rows)), empty="No council.")]
    return Sheet(name="Regions", title="Who can be reached, by region", columns=columns, bands=bands, total="All")


@ask("/notices/reach/invite", may=May.INVITE_AGAIN, of="reach")
def inviting(asked: Asked) -> Page:
    """Ask whether an invitation is to be sent again to those who have not signed in yet."""
    region = _region(asked)
    asked.by.acting(May.INVITE_AGAIN, region=region or None)
    invitees = _sight(asked).invitees
    shows = {
        "due": [one for one in invitees if one.waits is None],
        "others": [one for one in invitees if one.waits is not None],
        "place": _place(reach.regions_of(asked.session, asked.by), region),
        "back": "/notices/reach" + (f"?region={region}" if region else ""),
    }
    return Page("notices/invite.html", shows)


@form("/notices/reach/invite", may=May.INVITE_AGAIN, of="reach", asks=inviting)
def invite(asked: Asked) -> Redirect:
    """Send an invitation again, one message to each."""
    region = _region(asked)
    sent = commands.invite_again(asked.session, asked.settings, region, by=asked.by, at=asked.at)
    back = "/notices/reach" + (f"?region={region}" if region else "")
    return Redirect(back, f"An invitation goes to {sent} {'person' if sent == 1 else 'people'}.")


routes = [reached, as_file, as_workbook, inviting, invite]
