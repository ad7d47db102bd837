"""The national picture and the councils like one, as pages and files."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from improvement.access.asking import Asked
from improvement.access.routes import page
from improvement.access.rules import May
from improvement.database import is_demonstration
from improvement.dates import ProgrammeYear, london_day
from improvement.errors import NotFound
from improvement.local_accounts import queries, rules
from improvement.local_accounts.pages import accounts, picture_sheets
from improvement.local_accounts.queries import picture as pictures
from improvement.local_accounts.queries import readings
from improvement.sector import queries as sector
from improvement.sector.rules import TYPE_WORDS, Council
from improvement.web import drawing, workbook
from improvement.web.lists import as_csv
from improvement.web.replies import File, Page
from improvement.web.workbook import Sheet

HERE = "/local-accounts/{year:str}/picture"


@page(HERE, may=May.READ, of="local accounts")
def picture(asked: Asked) -> Page:
    """The national picture: positions on a map and by region, the weeks to the deadline, lists, and contents."""
    which, region, kind = _asked_for(asked)
    drawn = pictures.picture(asked.session, which, asked.as_at, region, kind)
    councils = pictures.chosen(asked.session, which, asked.as_at, region, kind)
    rows = _rows(asked, which, councils)
    words = rules.words(drawn.deadline)
    shows = {
        "picture": drawn,
        "about": queries.year(asked.session, which, asked.as_at.known_at),
        "words": words,
        "rows": rows,
        "lists": [(name, words[of.value], [row for row in rows if row.position == of]) for name, (of, _) in LISTS],
        "found": pictures.found(asked.session, which, asked.as_at, councils, asked.by),
        "more_time": pictures.more_time(asked.session, which, asked.as_at, councils, asked.by),
        "wanted": {"region": region, "type": kind},
        "filters": {name: value for name, value in (("region", region), ("type", kind)) if value},
        "here": f"/local-accounts/{which}",
        "region_choices": [(one.slug, one.name) for one in sector.regions(asked.session).values()],
        "type_choices": [(one.value, said) for one, said in TYPE_WORDS.items()],
        "layout": accounts.layout_of(asked, which),
        "positions": {row.council: row.position for row in rows},
        "names": {one.slug: one.name for one in councils},
        "tiles": {one.slug: one.tile_name for one in councils},
        "bars": [drawing.region_bar(one.name, one.positions) for one in drawn.regions],
        "trend": drawing.weekly((one.day, one.councils, one.projected) for one in drawn.weeks),
        "bar_segments": drawing.bar_segments,
    }
    return Page("local_accounts/picture.html", shows)


LISTS = picture_sheets.LISTS.items()


@page(f"{HERE}.xlsx", may=May.READ, of="local accounts")
def as_workbook(asked: Asked) -> File:
    """Every table of the picture, one a sheet."""
    which = _asked_for(asked)[0]
    what = "Where councils stand with their local accounts, and what the accounts that were read contain."
    return _workbook(
        asked, which, "picture", f"The national picture of {which.on_screen}", what, _sheets(asked).values()
    )


@page(f"{HERE}.csv", may=May.READ, of="local accounts")
def as_file(asked: Asked) -> File:
    """One table of the picture for a spreadsheet: `table` says which, by region where it says none."""
    which, table = _asked_for(asked)[0], asked.query.get("table", "") or "regions"
    kept = _sheets(asked)
    if table not in kept:
        raise NotFound(f"There is no table “{table[:40]}” here. There are: {', '.join(kept)}.")
    sheet = kept[table]
    made = as_csv([column.heading for column in sheet.columns], (row for band in sheet.bands for row in band.rows))
    return File(made, "text/csv", f"local-accounts-{which}-{table}.csv")


@page("/local-accounts/{year:str}/list.xlsx", may=May.READ, of="local accounts")
def list_as_workbook(asked: Asked) -> File:
    """The list as it is filtered, as a workbook."""
    which = ProgrammeYear.parse(str(asked.sent.path["year"]))
    deadline = queries.year(asked.session, which, asked.as_at.known_at).deadline
    sheet = picture_sheets.councils_sheet(accounts.kept(asked, which), deadline)
    what = "Where each council stands with its local account, as the list was filtered."
    return _workbook(asked, which, "list", f"Local accounts {which.on_screen}", what, [sheet])


@page("/local-accounts/{year:str}/{council:str}/similar", may=May.READ, of="local account")
def similar(asked: Asked) -> Page:
    """The councils like one: where they stand, and what their accounts, or those of all councils, contain."""
    which, slug = accounts.which_council(asked)
    council, _ = queries.of_council(asked.session, which, slug, asked.as_at)
    alike = pictures.like(asked.session, which, asked.as_at, council)
    slugs = [one.slug for one in alike.councils]
    whole = queries.in_full(asked.by, council)
    found = pictures.found(asked.session, which, asked.as_at, alike.councils, asked.by)
    everybody = queries.expected(asked.session, which, asked.as_at.known_at)
    about = queries.year(asked.session, which, asked.as_at.known_at)
    shows = {
        "about": about,
        "council": council,
        "similar": alike,
        "whole": whole,
        "words": rules.words(about.deadline),
        "types": {one.value: said for one, said in TYPE_WORDS.items()},
        "stand": queries.standings(asked.session, which, asked.as_at),
        "found": found or pictures.found(asked.session, which, asked.as_at, everybody, asked.by),
        "of_all": found is None,
        "formats": readings.format_counts(asked.session, which, asked.as_at, slugs),
        "own_formats": readings.format_counts(asked.session, which, asked.as_at, [slug]),
        "own": readings.standing(asked.session, which, asked.as_at).get(slug) if whole else None,
        "published": _published(asked, which, alike.councils),
        "here": f"/local-accounts/{which}",
    }
    return Page("local_accounts/picture_similar.html", shows)


def _published(asked: Asked, which: ProgrammeYear, councils: Sequence[Council]) -> int:
    stand = queries.standings(asked.session, which, asked.as_at)
    return sum(stand[one.slug].position in rules.PUBLISHED for one in councils)


def _asked_for(asked: Asked) -> tuple[ProgrammeYear, str, str]:
    """The year of an address, and the region and the type of council its query asks for."""
    which = ProgrammeYear.parse(str(asked.sent.path["year"]))
    return which, asked.query.get("region", "").strip(), asked.query.get("type", "").strip()


def _rows(asked: Asked, which: ProgrammeYear, councils: Sequence[Council]) -> list[queries.Row]:
    wanted = {one.slug for one in councils}
    return [row for row in queries.rows(asked.session, which, asked.as_at, asked.by) if row.council in wanted]


def _sheets(asked: Asked) -> Mapping[str, Sheet]:
    which, region, kind = _asked_for(asked)
    councils = pictures.chosen(asked.session, which, asked.as_at, region, kind)
    return picture_sheets.sheets(
        pictures.picture(asked.session, which, asked.as_at, region, kind),
        _rows(asked, which, councils),
        pictures.found(asked.session, which, asked.as_at, councils, asked.by),
        pictures.more_time(asked.session, which, asked.as_at, councils, asked.by),
    )


def _workbook(asked: Asked, which: ProgrammeYear, name: str, title: str, what: str, sheets: Any) -> File:
    about = workbook.About(
        what=what,
        as_at=asked.as_at,
        made_on=london_day(asked.at),
        address=f"{asked.settings.url}{asked.sent.address}" + (f"?{urlencode(asked.query)}" if asked.query else ""),
        demonstration=is_demonstration(asked.session),
    )
    made = workbook.written(title, about, list(sheets))
    return File(made, workbook.MEDIA_TYPE, f"local-accounts-{which}-{name}.xlsx")


routes = [picture, as_workbook, as_file, list_as_workbook, similar]
