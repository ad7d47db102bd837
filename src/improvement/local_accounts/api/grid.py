"""The coordinator’s grid: every council of a region on one page."""

from typing import Any

import msgspec

from improvement.access.asking import Asked
from improvement.access.routes import api_get, api_post
from improvement.access.rules import May
from improvement.dates import ProgrammeYear
from improvement.errors import Mistakes
from improvement.local_accounts.commands import grid as commands
from improvement.local_accounts.queries import grid
from improvement.web import forms
from improvement.web.lists import Listing, listing
from improvement.web.replies import Created

GRID = "/local-accounts/{year:str}/grid"


class Rows(msgspec.Struct, frozen=True):
    """A set as it was sent, each row still to be read."""

    rows: list[dict[str, Any]]


def _which(asked: Asked) -> ProgrammeYear:
    return ProgrammeYear.parse(str(asked.sent.path["year"]))


@api_get(GRID, may=May.CONFIRM_ACCOUNTS, of="local account", gives=grid.GridRow)
def read_grid(asked: Asked) -> Listing:
    """The councils of a `region` as the grid shows them, each with the seq to send back with a change."""
    region = grid.region_of(asked.session, asked.by, asked.query.get("region", ""))
    rows = grid.rows(asked.session, _which(asked), region.slug, asked.as_at)
    query = {name: value for name, value in asked.query.items() if name != "region"}
    return listing(sorted(rows, key=lambda row: row.council), query, "council")


@api_post(GRID, may=May.CONFIRM_ACCOUNTS, of="local account", takes=commands.NewSet)
def save_grid(asked: Asked) -> Created:
    """Record statuses, and councils with no change, as one set: all or nothing. The id is that of its last fact."""
    rows, mistakes = list[commands.NewRow](), dict[str, str]()
    for number, sent in enumerate(forms.from_json(Rows, asked.sent.body).rows):
        try:
            rows.append(forms.read_json(commands.NewRow, sent))
        except Mistakes as wrong:
            mistakes |= {f"rows.{number}.{field}": said for field, said in wrong.fields.items()}
    wanted = [commands.as_row(row) for row in rows]
    made = commands.save(asked.session, _which(asked), wanted, by=asked.by, at=asked.at, besides=mistakes)
    return Created(str(made[-1]))


routes = [read_grid, save_grid]
