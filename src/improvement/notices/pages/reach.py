"""Who can be reached: by region and council, to read, to take away, and to invite again."""

from urllib.parse import urlencode

from improvement.access.asking import Asked
from improvement.access.routes import ask, form, page
from improvement.access.rules import May
from improvement.database import is_demonstration
from improvement.dates import AsAt, london_day
from improvement.notices.commands import reach as commands
from improvement.notices.queries import reach
from improvement.notices.queries.reach import NO_CONTACT, NOT_REACHED, Wanted
from improvement.notices.rules import reach as rules
from improvement.notices.rules.reach import Came, Reach
from improvement.sector.rules import Region
from improvement.web import workbook
from improvement.web.cells import Holds
from improvement.web.lists import as_csv
from improvement.web.replies import File, Page, Redirect
from improvement.web.workbook import Band, Column, Sheet

SHOWN = 50
FILTERS = ("region", "came", "mend")
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
    Column("not_reached", "Addresses not reached", Holds.COUNT),
)


def _wanted(asked: Asked) -> Wanted:
    return Wanted(*(asked.query.get(name, "").strip()[:60] for name in FILTERS))


def _rows(asked: Asked) -> list[Reach]:
    return reach.councils(asked.session, asked.by, asked.at, _wanted(asked))


@page("/notices/reach", may=May.READ_NOTICES, of="reach", closed=True)
def reached(asked: Asked) -> Page:
    """From which councils somebody has signed in, and which have nobody to write to."""
    wanted, rows = _wanted(asked), _rows(asked)
    after = asked.query.get("after", "")
    start = next((place for place, row in enumerate(rows, start=1) if row.council == after), 0)
    shown = rows[start : start + SHOWN]
    kept = {
        name: value for name, value in zip(FILTERS, (wanted.region, wanted.came, wanted.mend), strict=True) if value
    }
    more = {**kept, "after": shown[-1].council} if start + SHOWN < len(rows) else None
    regions = reach.regions_of(asked.session, asked.by)
    invitees = reach.invitees(asked.session, asked.by, asked.at, wanted.region) if _may_invite(asked, wanted) else []
    shows = {
        "rows": shown,
        "found": len(rows),
        "summary": rules.summary(rows),
        "by_region": rules.by_region(rows) if len(regions) > 1 and not wanted.region else [],
        "regions": [(one.slug, one.name) for one in regions],
        "place": _place(regions, wanted),
        "wanted": wanted,
        "came_choices": CAME,
        "mend_choices": MEND,
        "may_invite": _may_invite(asked, wanted),
        "invitees": invitees,
        "due": sum(one.waits is None for one in invitees),
        "next_href": f"/notices/reach?{urlencode(more)}" if more else None,
        "ending": f"?{urlencode(kept)}" if kept else "",
        "invite_href": "/notices/reach/invite" + (f"?region={wanted.region}" if wanted.region else ""),
        "manages": asked.by.may(May.MANAGE_PEOPLE),
    }
    return Page("notices/reach.html", shows)


def _place(regions: list[Region], wanted: Wanted) -> str:
    own = [one for one in regions if wanted.region in ("", one.slug)]
    return own[0].name if len(own) == 1 else "All regions"


def _may_invite(asked: Asked, wanted: Wanted) -> bool:
    return asked.by.role_for(May.INVITE_AGAIN, region=wanted.region or None) is not None


@page("/notices/reach/list.csv", may=May.READ_NOTICES, of="reach", closed=True)
def as_file(asked: Asked) -> File:
    """The councils as the list was filtered, as CSV."""
    heads = [column.heading for column in COLUMNS]
    return File(as_csv(heads, workbook.rows_of(COLUMNS, _rows(asked))), "text/csv", "who-can-be-reached.csv")


@page("/notices/reach/list.xlsx", may=May.READ_NOTICES, of="reach", closed=True)
def as_workbook(asked: Asked) -> File:
    """The councils as the list was filtered, and the regions, as a workbook."""
    rows = _rows(asked)
    councils = Sheet(
        name="Councils",
        title="Who can be reached, by council",
        columns=COLUMNS,
        bands=[Band(workbook.rows_of(COLUMNS, rows), empty="No council.")],
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
    wanted = _wanted(asked)
    asked.by.acting(May.INVITE_AGAIN, region=wanted.region or None)
    invitees = reach.invitees(asked.session, asked.by, asked.at, wanted.region)
    shows = {
        "due": [one for one in invitees if one.waits is None],
        "others": [one for one in invitees if one.waits is not None],
        "place": _place(reach.regions_of(asked.session, asked.by), wanted),
        "back": "/notices/reach" + (f"?region={wanted.region}" if wanted.region else ""),
    }
    return Page("notices/invite.html", shows)


@form("/notices/reach/invite", may=May.INVITE_AGAIN, of="reach", asks=inviting)
def invite(asked: Asked) -> Redirect:
    """Send an invitation again, one message to each."""
    region = _wanted(asked).region
    sent = commands.invite_again(asked.session, asked.settings, region, by=asked.by, at=asked.at)
    back = "/notices/reach" + (f"?region={region}" if region else "")
    return Redirect(back, f"An invitation goes to {sent} {'person' if sent == 1 else 'people'}.")


routes = [reached, as_file, as_workbook, inviting, invite]
