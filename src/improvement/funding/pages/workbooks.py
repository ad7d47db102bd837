"""Money as Excel workbooks, and a line's statement as a file: what each page shows this person, on the day asked."""

from collections.abc import Iterator, Sequence

import msgspec

from improvement.access.asking import Asked
from improvement.access.routes import page
from improvement.access.rules import May
from improvement.errors import NotFound
from improvement.funding import ledger, queries
from improvement.funding.book import LIFE, Kind, Position
from improvement.funding.figures import FIGURES
from improvement.funding.pages import money, plan_workbooks, seeing
from improvement.funding.pages.sending import sent
from improvement.funding.queries import Mou, statement
from improvement.funding.queries.cash import cash_days
from improvement.funding.queries.conditions import conditions
from improvement.funding.workbook import ledger as of_ledger
from improvement.funding.workbook import lines as of_lines
from improvement.funding.workbook import mou as of_mou
from improvement.funding.workbook import statement as of_line
from improvement.web.lists import as_csv
from improvement.web.replies import File
from improvement.web.workbook import Sheet

BIG = 5_000
"""From how many rows on a workbook is written row by row."""
PORTION = 5_000
"""How many entries of the ledger are read at a time."""
MOST_STEPS = 1_000
"""How many steps of an MoU's life, or moves between the funder and us, a workbook has."""


@page("/funding/lines.xlsx", may=May.READ_MONEY, of="money")
def lines(asked: Asked) -> File:
    """Where the money is, as a workbook: every line, how cash in hand was made, and the MoU."""
    mou = seeing.some_mou(asked)
    rows, whole = money.expected(asked, mou.mou), queries.sees_all(asked.by)
    cash = FIGURES["funding_cash_in_hand_pence"]
    sheets = [of_lines.lines(mou, rows, whole=whole)]
    if whole:
        sheets.append(of_lines.cash_in_hand(mou, cash.parts(asked.session, asked.as_at, mou.mou)))
    sheets += _of_mou(asked, mou)
    return sent(asked, "funding", "Where the money is", "Every funding line on a day, adding up.", sheets)


def _of_mou(asked: Asked, mou: Mou) -> list[Sheet]:
    steps = ledger.entries(asked.session, asked.as_at, mou.mou, kinds=list(LIFE), limit=MOST_STEPS)
    due = queries.instalments(asked.session, asked.as_at, mou.mou)
    met = conditions(asked.session, asked.as_at, mou.mou)
    return [of_mou.life(mou, steps), of_mou.instalments(due, met)]


@page("/funding/mou.xlsx", may=May.READ_MONEY, of="money")
def memorandum(asked: Asked) -> File:
    """The MoU as a workbook: its life, its instalments, what was received and returned."""
    mou = seeing.some_mou(asked)
    kinds = [Kind.RECEIVED, Kind.RETURN]
    moves = ledger.entries(asked.session, asked.as_at, mou.mou, kinds=kinds, limit=MOST_STEPS)
    sheets = [*_of_mou(asked, mou), of_mou.moved(mou, moves)]
    return sent(asked, "funding-mou", mou.title, "The life of the MoU, and the instalments of its money.", sheets)


def _instalments(asked: Asked) -> list[queries.Instalment]:
    return queries.instalments(asked.session, asked.as_at, seeing.some_mou(asked).mou)


@page("/funding/mou.csv", may=May.READ_MONEY, of="money")
def instalments_csv(asked: Asked) -> File:
    """The instalments of the MoU, expected and received, for a spreadsheet."""
    rows = (msgspec.structs.astuple(one) for one in _instalments(asked))
    return File(as_csv(queries.Instalment.__struct_fields__, rows), "text/csv", f"funding-mou-{asked.as_at.on}.csv")


@page("/funding/mou.json", may=May.READ_MONEY, of="money")
def instalments_json(asked: Asked) -> File:
    """The instalments of the MoU, expected and received, for a program."""
    return File(msgspec.json.encode(_instalments(asked)), "application/json", f"funding-mou-{asked.as_at.on}.json")


@page("/funding/cash.xlsx", may=May.READ_MONEY, of="money")
def cash(asked: Asked) -> File:
    """Cash in hand by day, as a workbook."""
    if not queries.sees_all(asked.by):
        raise NotFound("Cash in hand is shown to the secretariat and the Board.")
    mou = seeing.some_mou(asked)
    sheet = of_lines.cash_days(mou, cash_days(asked.session, asked.as_at, mou.mou))
    return sent(asked, "funding-cash", "Cash in hand", "What came and what went, and what was there each day.", [sheet])


@page("/funding/ledger.xlsx", may=May.READ_MONEY, of="money")
def whole_ledger(asked: Asked) -> File:
    """The ledger as it is filtered, as a workbook."""
    mou = seeing.some_mou(asked)
    kinds, names = seeing.filtered(asked, mou.mou)
    total = seeing.counted(asked, mou.mou, kinds, names)
    titles = {row.line: row.title for row in queries.lines(asked.session, asked.as_at, mou.mou)}
    sheet = of_ledger.ledger(_entries(asked, mou.mou, kinds, names), titles, total, seeing.MOST_ROWS)
    what = "Everything that was recorded about money, as the ledger is filtered."
    return sent(asked, "funding-ledger", "The ledger", what, [sheet], big=total > BIG)


def _entries(asked: Asked, mou: str, kinds: Sequence[Kind], names: Sequence[str] | None) -> Iterator[ledger.Recorded]:
    """The entries a portion at a time, so that no more are held."""
    left, after, of = seeing.MOST_ROWS, None, seeing.days(asked)
    while left:
        portion = min(left, PORTION)
        found = ledger.entries(
            asked.session, of.as_at, mou, kinds=kinds, of_lines=names, after=after, since=of.since, limit=portion
        )
        yield from seeing.seen(asked, mou, found)
        if len(found) < portion:
            return
        left, after = left - portion, found[-1].seq


def _statement(asked: Asked) -> tuple[Mou, Position, list[statement.Step]]:
    mou = seeing.some_mou(asked)
    row = queries.line(asked.session, asked.as_at, str(asked.sent.path["line"]), asked.by, mou.mou)
    return mou, row, statement.statement(asked.session, asked.as_at, mou, row, seeing.MOST_ROWS)


@page("/funding/lines/{line:str}/statement.xlsx", may=May.READ_MONEY, of="funding line")
def line_statement(asked: Asked) -> File:
    """One line's statement as a workbook, the oldest first, with its balances."""
    mou, row, steps = _statement(asked)
    later = statement.ahead(asked.session, asked.as_at, mou.mou, row.line)
    sheets = [of_line.statement(row, steps), *([of_line.ahead(later)] if later else [])]
    what = f"Everything that happened to the money of {row.title}, and what it came to."
    return sent(asked, f"funding-{row.line}", f"Statement: {row.title}", what, sheets, big=len(steps) > BIG)


@page("/funding/lines/{line:str}/statement.csv", may=May.READ_MONEY, of="funding line")
def line_statement_csv(asked: Asked) -> File:
    """One line's statement for a spreadsheet, the oldest first, with its balances."""
    _, row, steps = _statement(asked)
    written_out = as_csv(statement.Step.__struct_fields__, (msgspec.structs.astuple(step) for step in steps))
    return File(written_out, "text/csv", f"funding-{row.line}-{asked.as_at.on}.csv")


@page("/funding/lines/{line:str}/statement.json", may=May.READ_MONEY, of="funding line")
def line_statement_json(asked: Asked) -> File:
    """One line's statement for a program, the oldest first, with its balances."""
    _, row, steps = _statement(asked)
    return File(msgspec.json.encode(steps), "application/json", f"funding-{row.line}-{asked.as_at.on}.json")


routes = [
    lines,
    memorandum,
    instalments_csv,
    instalments_json,
    cash,
    whole_ledger,
    line_statement,
    line_statement_csv,
    line_statement_json,
    *plan_workbooks.routes,
]
