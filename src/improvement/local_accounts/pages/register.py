"""The public register, for everybody: to read, to follow, and to take away."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from improvement.access.asking import Asked
from improvement.access.routes import page
from improvement.access.rules import May
from improvement.database import is_demonstration
from improvement.dates import london_day
from improvement.local_accounts import queries
from improvement.local_accounts.pages.feed import atom
from improvement.local_accounts.pages.register_columns import COLUMNS
from improvement.local_accounts.queries import register as published
from improvement.local_accounts.queries.register import Entry
from improvement.local_accounts.rules.register import fits
from improvement.sector import queries as sector
from improvement.web import workbook
from improvement.web.cells import Holds
from improvement.web.lists import as_csv
from improvement.web.replies import File, Page

SHOWN = 50
FILTERS = ("q", "year", "region")


@page("/accounts", may=May.LOOK, of="published accounts")
def register(asked: Asked) -> Page:
    """The public register: which accounts are published, where, in which formats, and whether that is confirmed."""
    every = published.everything(asked.session, asked.as_at)
    wanted = _wanted(asked)
    kept = [row for row in every if _fits(row, wanted)]
    after = asked.query.get("after", "")
    start = sum(row.entry <= after for row in kept) if after else 0
    shown = kept[start : start + SHOWN]
    years = queries.years(asked.session, asked.as_at.known_at).values()
    shows = {
        "rows": shown,
        "start": start,
        "found": len(kept),
        "total": len(every),
        "wanted": wanted,
        "words": {str(one.year): one.year.on_screen for one in years},
        "names": {slug: one.name for slug, one in sector.all_councils(asked.session).items()},
        "regions": [(region.slug, region.name) for region in sector.regions(asked.session).values()],
        "kept_query": urlencode({name: value for name, value in asked.query.items() if name != "after"}),
        "next_after": shown[-1].entry if start + SHOWN < len(kept) else "",
    }
    return Page("local_accounts/register.html", shows)


@page("/accounts/list.csv", may=May.LOOK, of="published accounts")
def as_file(asked: Asked) -> File:
    """The register as it is filtered, for a spreadsheet."""
    rows = (_cells(row) for row in _kept(asked))
    return File(as_csv([column.name for column in COLUMNS], rows), "text/csv", f"accounts-{asked.as_at.on}.csv")


@page("/accounts/list.xlsx", may=May.LOOK, of="published accounts")
def as_workbook(asked: Asked) -> File:
    """The register as it is filtered, as a workbook that says what each column is."""
    columns = [workbook.Column(one.name, one.heading, one.holds) for one in COLUMNS]
    described = [
        workbook.Column("heading", "Column"),
        workbook.Column("meaning", "What it is", Holds.LONG, width=90),
    ]
    title, rows = "Published local accounts", [_cells(row) for row in _kept(asked)]
    sheets = [
        workbook.Sheet(name="Accounts", title=title, columns=columns, bands=[workbook.Band(rows, empty="None fits.")]),
        workbook.Sheet(
            name="Columns",
            title="What each column is",
            columns=described,
            bands=[workbook.Band(workbook.rows_of(described, COLUMNS))],
        ),
    ]
    about = workbook.About(
        what="Councils’ own yearly reports on their adult social care: which are published, and where.",
        as_at=asked.as_at,
        made_on=london_day(asked.at),
        address=f"{asked.settings.url}/accounts" + (f"?{urlencode(asked.query)}" if asked.query else ""),
        demonstration=is_demonstration(asked.session),
    )
    made = workbook.written(title, about, sheets)
    return File(made, workbook.MEDIA_TYPE, f"accounts-{asked.as_at.on}.xlsx")


@page("/accounts/feed", may=May.LOOK, of="published accounts")
def feed(asked: Asked) -> File:
    """The hundred accounts published or changed last, to follow with a feed reader."""
    told = published.announced(asked.session, asked.as_at)
    made = atom(told, asked.settings.url, asked.as_at.on, demonstration=is_demonstration(asked.session))
    return File(made, "application/atom+xml", "accounts.atom", attached=False)


@page("/accounts/columns", may=May.LOOK, of="published accounts")
def columns(asked: Asked) -> Page:
    """What each column of the register is."""
    return Page("local_accounts/register_columns.html", {"columns": COLUMNS})


def _wanted(asked: Asked) -> dict[str, str]:
    return {name: asked.query.get(name, "").strip() for name in FILTERS}


def _kept(asked: Asked) -> list[Entry]:
    wanted = _wanted(asked)
    return [row for row in published.everything(asked.session, asked.as_at) if _fits(row, wanted)]


def _fits(row: Entry, wanted: dict[str, str]) -> bool:
    here = wanted["year"] in ("", row.year) and wanted["region"] in ("", row.region)
    return here and fits(published.text_of(row), wanted["q"])


def _cells(row: Entry) -> Sequence[Any]:
    """A row of a file: lists run together, yes and no in words."""
    return [_cell(getattr(row, column.name)) for column in COLUMNS]


def _cell(value: Any) -> Any:
    if isinstance(value, tuple):
        return ", ".join(value)
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else value


routes = [register, as_file, as_workbook, feed, columns]
