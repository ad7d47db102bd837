"""The coordinator’s grid: every council of a region on one page."""

from collections.abc import Mapping, Sequence

import msgspec

from improvement.access import queries as access
from improvement.access.asking import Asked
from improvement.access.routes import ask, form
from improvement.access.rules import May
from improvement.dates import AsAt, Month, ProgrammeYear
from improvement.local_accounts import queries
from improvement.local_accounts.commands import grid as commands
from improvement.local_accounts.pages.filled import Filled, filled, read_rows
from improvement.local_accounts.queries import grid
from improvement.local_accounts.queries.grid import GridRow
from improvement.local_accounts.rules import Status
from improvement.local_accounts.rules.grid import what_of
from improvement.local_accounts.rules.told import Told
from improvement.sector.rules import Region
from improvement.web.replies import Page, Redirect

GRID = "/local-accounts/{year:str}/grid"
STATUSES = [(status.value, status.value.capitalize()) for status in Status if status is not Status.PUBLISHED]


class Line(msgspec.Struct, frozen=True):
    """One row as it is shown: what stands, what is in its boxes, and what was told meanwhile."""

    row: GridRow
    boxes: Filled
    news: Told | None
    news_says: str
    clash: Told | None
    """What was told after this row was read, by whomever, where this row wants something else."""
    clash_says: str

    @property
    def clashing(self) -> bool:
        """Whether somebody has to choose between two versions."""
        return self.clash is not None or (self.boxes.clashed and self.boxes.wanted)


def _where(asked: Asked) -> tuple[ProgrammeYear, Region]:
    """The year and region of a grid. Raises `NotFound`."""
    which = ProgrammeYear.parse(str(asked.sent.path["year"]))
    queries.year(asked.session, which)
    return which, grid.region_of(asked.session, asked.by, asked.query.get("region", ""))


@ask(GRID, may=May.CONFIRM_ACCOUNTS, of="local accounts")
def show_grid(asked: Asked) -> Page:
    """Every council of a region, to bring up to date on one page."""
    which, region = _where(asked)
    every = grid.rows(asked.session, which, region.slug, AsAt(asked.as_at.on))
    rows = [row for row in every if not row.settled or asked.query.get("all") == "yes"]
    lines, about = _lines(asked, which, rows), queries.year(asked.session, which)
    shows = {
        "about_year": about,
        "late": asked.as_at.on > about.deadline,
        "region": region,
        "regions": grid.regions_of(asked.session, asked.by),
        "month": Month.of(asked.as_at.on).in_words,
        "lines": lines,
        "every": len(every),
        "done": sum(row.done for row in every),
        "left": sum(not row.done for row in rows),
        "statuses": STATUSES,
        "names": access.names(asked.session) | {asked.by.id: "you"},
        "here": f"/local-accounts/{which}/grid?region={region.slug}"
        + ("&all=yes" if asked.query.get("all") == "yes" else ""),
    }
    return Page("local_accounts/grid.html", shows)


def _lines(asked: Asked, which: ProgrammeYear, rows: Sequence[GridRow]) -> list[Line]:
    slugs = [row.council for row in rows]
    news = grid.news(asked.session, which, slugs, asked.by)
    boxes = {row.council: filled(row, asked.typed, tick=asked.query.get("tick", "")) for row in rows}
    seen = {slug: one.seen for slug, one in boxes.items() if one.wanted}
    clashes = grid.told_since(asked.session, which, seen) if asked.typed else {}
    return [_line(row, boxes[row.council], news, clashes) for row in rows]


def _line(row: GridRow, boxes: Filled, news: Mapping[str, Told], clashes: Mapping[str, Told]) -> Line:
    told, clash = news.get(row.council), clashes.get(row.council)
    if not boxes.wanted and boxes.seen != row.seq:
        # It was left alone, and has changed since it was shown: it is shown as it stands.
        boxes = filled(row, {})
    return Line(row, boxes, told, what_of(told) if told else "", clash, what_of(clash) if clash else "")


@form(GRID, may=May.CONFIRM_ACCOUNTS, of="local accounts", asks=show_grid)
def save_grid(asked: Asked) -> Redirect:
    """Record every row that was changed or ticked, as one set."""
    which, region = _where(asked)
    rows = grid.rows(asked.session, which, region.slug, AsAt(asked.as_at.on))
    wanted, mistakes = read_rows(rows, asked.typed)
    saved = commands.save(asked.session, which, wanted, by=asked.by, at=asked.at, besides=mistakes)
    unchanged = sum(row.no_change for row in wanted)
    said = f"{len(saved) - unchanged} changed, {unchanged} with no change."
    return Redirect(f"/local-accounts/{which}/grid?region={region.slug}", f"{region.name} is saved: {said}")


routes = [show_grid, save_grid]
