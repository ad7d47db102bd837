"""The workbook a region or a council fills in: downloaded, sent back, looked over, and taken in whole or not at all.

Nothing is kept between looking it over and taking it in: the page carries the rows that were read, and they are held
against what is known afresh.
"""

from urllib.parse import urlencode

import msgspec

from improvement.access.asking import Asked
from improvement.access.routes import ask, form, page
from improvement.access.rules import May
from improvement.database import is_demonstration, last_seq
from improvement.dates import ProgrammeYear, london_day
from improvement.errors import Mistakes
from improvement.local_accounts import queries, workbook
from improvement.local_accounts.commands import return_files
from improvement.local_accounts.commands import returns as commands
from improvement.local_accounts.commands.returns import CannotBeTaken, Plan, Row
from improvement.local_accounts.queries import returns as told
from improvement.local_accounts.rules import returns as rules
from improvement.web import sheets
from improvement.web.filters import one_of
from improvement.web.replies import File, Page, Redirect
from improvement.web.workbook import MEDIA_TYPE, About

SHOWN = 100
"""How many mistakes are told one by one; the others are counted."""
MOST_LISTED = 50
"""How many councils are listed one by one to download from: those of any region are."""
MOST_CARRIED = 8_000_000
"""How long what the page carries may be: long notes of every council come to a megabyte or two."""


@page("/local-accounts/{year:str}/return.xlsx", may=May.RECORD_ACCOUNTS, of="local accounts", closed=True)
def download(asked: Asked) -> File:
    """The return with what is known now, as a workbook to fill in: of a region, or of every council of one's own."""
    which, (region, council) = _which(asked), (asked.query.get(name, "") for name in ("region", "council"))
    mine = told.own_councils(asked.session, which, asked.by, region, council)
    ledger = told.ledger(asked.session, which)
    lines = [(one, ledger.line(one.slug, as_at=asked.as_at)) for one in mine]
    about = About(
        what=workbook.WHAT,
        as_at=asked.as_at,
        made_on=london_day(asked.at),
        address=f"{asked.settings.url}{asked.sent.address}" + (f"?{urlencode(asked.query)}" if asked.query else ""),
        demonstration=is_demonstration(asked.session),
    )
    made = workbook.made(which, about, lines, looked_back=asked.looking_back)
    whose = region or (mine[0].slug if len(mine) == 1 else "")
    return File(made, MEDIA_TYPE, "-".join(filter(None, ("return", str(which), whose, str(asked.as_at.on)))) + ".xlsx")


@ask("/local-accounts/{year:str}/return", may=May.RECORD_ACCOUNTS, of="local accounts")
def new_return(asked: Asked) -> Page:
    """Ask for the return; when what was chosen is refused, show what it would change again."""
    which = _which(asked)
    if one_of(asked.typed, "rows"):
        return _check_page(asked, which, _carried(asked), [], "")
    mine = told.own_councils(asked.session, which, asked.by)
    regions = {council.region: council.region_name for council in mine}
    shows = {
        **_about(asked, which),
        "count": len(mine),
        "only": mine[0].name if len(mine) == 1 else "",
        "regions": list(regions.items()) if len(regions) > 1 else [],
        "councils": [(one.slug, one.name) for one in mine] if 1 < len(mine) <= MOST_LISTED else [],
        "region_name": next(iter(regions.values())) if len(regions) == 1 else "",
        "typed": {},
    }
    return Page("local_accounts/return_form.html", shows)


@form(
    "/local-accounts/{year:str}/return",
    may=May.RECORD_ACCOUNTS,
    of="local accounts",
    asks=new_return,
    takes_files=True,
    records=False,
)
def look_over(asked: Asked) -> Page:
    """Show what the return would change, what was changed meanwhile, and every mistake. Nothing is recorded."""
    which, body = _which(asked), asked.file("file")
    told.own_councils(asked.session, which, asked.by)
    if not asked.sent.files.get("file"):
        raise sheets.NotReadable("Choose the return: the workbook you filled in, or a CSV of it.", field="file")
    older = one_of(asked.typed, "older") == "yes"
    read = return_files.read_file(asked.session, which, body, by=asked.by, older=older)
    return _check_page(asked, which, read.rows, return_files.notes_of(read), read.sheet, read.mistakes)


@form(
    "/local-accounts/{year:str}/return/recorded",
    may=May.RECORD_ACCOUNTS,
    of="local accounts",
    asks=new_return,
    takes_files=True,
)
def take(asked: Asked) -> Redirect:
    """Record everything the return changes, or nothing."""
    which, rows = _which(asked), _carried(asked)
    names = {one.slug: one.name for one in queries.expected(asked.session, which)}
    plan = commands.take(asked.session, which, rows, _chosen(asked), by=asked.by, at=asked.at)
    if plan.mistakes:
        raise CannotBeTaken("Nothing was recorded: there are cells to put right first.", field="return")
    if any(each.open and each.name not in asked.typed for each in plan.crossings):
        raise CannotBeTaken("Somebody changed some of these facts just now. Choose which should stand.", field="return")
    if unsaid := {each.name: names[each.council] for each in plan.editions if not each.chosen}:
        raise Mistakes(
            {name: f"Say whether this is a later edition of {council}’s account." for name, council in unsaid.items()}
        )
    said = f"The return is recorded: {plan.recorded} {'council' if plan.recorded == 1 else 'councils'} changed."
    return Redirect(f"/local-accounts/{which}", said if plan.recorded else "The return changed nothing.")


def _which(asked: Asked) -> ProgrammeYear:
    which = ProgrammeYear.parse(str(asked.sent.path["year"]))
    return queries.year(asked.session, which).year


def _about(asked: Asked, which: ProgrammeYear) -> dict[str, object]:
    return {"about": queries.year(asked.session, which), "here": f"/local-accounts/{which}"}


def _carried(asked: Asked) -> list[Row]:
    """The rows the page sent back, read as if they had just been sent. Raises `CannotBeTaken`."""
    sent = one_of(asked.typed, "rows")
    try:
        rows = msgspec.json.decode(sent[:MOST_CARRIED], type=list[Row])
    except (msgspec.DecodeError, UnicodeError):
        raise CannotBeTaken("The return did not come back whole. Send the file again.", field="file") from None
    mine = told.own_councils(asked.session, _which(asked), asked.by)
    commands.check_rows({one.slug: one for one in mine}, rows, last_seq(asked.session)[0])
    return rows


def _chosen(asked: Asked) -> frozenset[str]:
    """What was chosen on the page, as the command names it."""
    said = [(name, one_of(asked.typed, name)) for name in asked.typed]
    mine = {name for name, value in said if name.startswith("choice-") and value == "mine"}
    return frozenset(mine | {f"{name}-{value}" for name, value in said if name.startswith("edition-")})


def _check_page(
    asked: Asked,
    which: ProgrammeYear,
    rows: list[Row],
    notes: list[str],
    sheet: str,
    mistakes: list[commands.Mistake] | None = None,
) -> Page:
    """What the return would change. It is done for the showing: this request keeps nothing."""
    plan = commands.take(asked.session, which, rows, _chosen(asked), by=asked.by, at=asked.at)
    wrong = return_files.in_order([*(mistakes or []), *plan.mistakes])
    shows = {
        **_about(asked, which),
        "plan": plan,
        "wrong": wrong[:SHOWN],
        "wrong_count": len(wrong),
        "changed": len({each.council for each in plan.changes}),
        "notes": notes,
        "sheet": sheet or one_of(asked.typed, "sheet")[:100],
        "names": {one.slug: one.name for one in queries.expected(asked.session, which)},
        "titles": rules.HEADINGS,
        "in_cell": rules.in_cell,
        "carried": "" if mistakes else _to_carry(rows, plan),
        "mistakes": {},
    }
    return Page("local_accounts/return_check.html", shows)


def _to_carry(rows: list[Row], plan: Plan) -> str:
    """The rows that change something, for the page to send back; nothing while no choice on it could put them right."""
    asked = {each.council for each in plan.crossings} | {each.council for each in plan.editions}
    if not {each.council for each in plan.mistakes} <= asked:
        return ""
    wanted = {each.council for each in plan.changes} | asked
    return msgspec.json.encode([row for row in rows if row.council in wanted]).decode()


routes = [download, new_return, look_over, take]
