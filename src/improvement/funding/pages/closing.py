"""The end of the year, as pages: what is owed, carried forward and left, and the statement that explains it."""

import msgspec

from improvement.access.asking import Asked
from improvement.access.routes import page
from improvement.access.rules import May
from improvement.errors import NotFound
from improvement.funding import queries
from improvement.funding.book import UNALLOCATED, Kind
from improvement.funding.carrying import about
from improvement.funding.entering import FORMS
from improvement.funding.pages import conditions, seeing
from improvement.funding.queries import closing
from improvement.funding.rules import WORDS
from improvement.funding.rules.closing import LineClosing, Statement
from improvement.web.lists import as_csv
from improvement.web.replies import File, Page

_SUMS = ("allocated_pence", "net_paid_pence", "carried_pence", "left_pence", "owed_pence")
_ASKING = (Kind.CARRY_ASKED,)
_CHANGING = (Kind.ACCRUAL, Kind.CARRY_ASKED, Kind.CARRIED, Kind.RETURN)
"""What the secretariat does at the end of a year; a coordinator asks for their own region."""


def _told(asked: Asked) -> closing.YearEnd:
    slug = queries.which_mou(asked.session, asked.as_at, asked.query.get("mou", ""))
    return closing.year_end(asked.session, asked.as_at, slug, asked.by)


@page("/funding/year-end", may=May.READ_MONEY, of="money")
def year_end(asked: Asked) -> Page:
    """What became of the money by a day: the closing statement, line by line, and what is left to do."""
    if seeing.mou_asked(asked) is None:
        return Page("funding/nothing.html", {"changing": seeing.changing(asked)})
    told = _told(asked)
    lines = [row for row in told.lines if row.line != UNALLOCATED]
    changing = seeing.changing(asked) and told.state == "agreed"
    asking = asked.by.may(May.CLAIM_MONEY) and not asked.looking_back and told.state == "agreed"
    shows = {
        "told": told,
        "mou": queries.mou(asked.session, asked.as_at, told.mou),
        "groups": [(WORDS[kind], [row for row in lines if row.kind == kind]) for kind in ("post", "region")],
        "unallocated": next((row for row in told.lines if row.line == UNALLOCATED), None),
        "sums": {name: sum(getattr(row, name) for row in told.lines) for name in _SUMS},
        "titles": {row.line: row.title for row in told.lines},
        "needs": closing.needs(told),
        "changing": changing,
        "correcting": seeing.changing(asked),
        "asking": asking,
        "actions": [FORMS[kind] for kind in (_CHANGING if changing else _ASKING if asking else ())],
        "forms": {kind.name.lower(): FORMS[kind].address for kind in (*_CHANGING, Kind.CLOSED, Kind.RECEIVED)},
    }
    return about(asked, told.mou, "funding/year_end.html", shows)


@page("/funding/year-end.csv", may=May.READ_MONEY, of="money")
def lines_csv(asked: Asked) -> File:
    """What became of each line's allocation, for a spreadsheet."""
    told = _told(asked)
    written = as_csv(LineClosing.__struct_fields__, (msgspec.structs.astuple(row) for row in told.lines))
    return File(written, "text/csv", f"funding-year-end-{told.on}.csv")


@page("/funding/year-end/statement.csv", may=May.READ_MONEY, of="money")
def statement_csv(asked: Asked) -> File:
    """The closing statement, for a spreadsheet."""
    told = _told(asked)
    if told.statement is None:
        raise NotFound("The closing statement is of all the money.")
    written = as_csv(Statement.__struct_fields__, [msgspec.structs.astuple(told.statement)])
    return File(written, "text/csv", f"funding-closing-statement-{told.on}.csv")


@page("/funding/year-end.json", may=May.READ_MONEY, of="money")
def year_end_json(asked: Asked) -> File:
    """The end of the year, for a program."""
    told = _told(asked)
    return File(msgspec.json.encode(told), "application/json", f"funding-year-end-{told.on}.json")


routes = [year_end, lines_csv, statement_csv, year_end_json, *conditions.routes]
