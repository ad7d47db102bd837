"""Lists about money for a spreadsheet: payment runs, bank statements, a post or a line by month, splits compared."""

from collections.abc import Iterable, Sequence
from typing import Any

from improvement.access.asking import Asked
from improvement.access.routes import page
from improvement.access.rules import May
from improvement.errors import NotFound
from improvement.funding import queries
from improvement.funding.pages import history, seeing, split_forms, splits
from improvement.funding.pages import reconciling as statements
from improvement.funding.queries import conditions, forecasts, paying, posts, reconciling
from improvement.funding.rules.reconciling import Moved
from improvement.funding.rules.splits import side_by_side
from improvement.web.lists import as_csv
from improvement.web.replies import File

OF_A_RUN = ("ref", "paid_on", "payments", "reconciled", "total_pence", "note")
OF_A_STATEMENT = ("ref", "name", "read_on", "first_on", "last_on", "lines", "matched", "in_pence", "out_pence")
OF_A_LINE = ("row", "day", "text", "amount_pence", "shows", "matched_by", "recorded_pence")


def _sent(name: str, headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> File:
    return File(as_csv(headings, rows), "text/csv", f"{name}.csv")


def whole(asked: Asked) -> queries.Mou:
    """The MoU asked about, for those who see all of its money. Raises `NotFound`."""
    mou = statements.whole_mou(asked)
    if mou is None:
        raise NotFound("No Memorandum of Understanding is known on that day.")
    return mou


def _counted(one: Any, names: Sequence[str]) -> list[Any]:
    """The values of some names; of a list, how many it has."""
    values = (getattr(one, name) for name in names)
    return [len(value) if isinstance(value, tuple) else value for value in values]


@page("/funding/runs.csv", may=May.READ_MONEY, of="payment runs")
def runs_csv(asked: Asked) -> File:
    """The payment runs with their totals, for a spreadsheet."""
    found = paying.runs(asked.session, asked.as_at, whole(asked).mou)
    return _sent(f"payment-runs-{asked.as_at.on}", OF_A_RUN, (_counted(one, OF_A_RUN) for one in found))


@page("/funding/statements.csv", may=May.READ_MONEY, of="bank statements")
def statements_csv(asked: Asked) -> File:
    """The bank statements that were read, for a spreadsheet."""
    found = reconciling.statements(asked.session, asked.as_at, whole(asked).mou)
    return _sent(f"bank-statements-{asked.as_at.on}", OF_A_STATEMENT, (_counted(one, OF_A_STATEMENT) for one in found))


@page("/funding/statements/{ref:str}/lines.csv", may=May.READ_MONEY, of="bank statement")
def statement_csv(asked: Asked) -> File:
    """The lines of a bank statement and what each shows, for a spreadsheet."""
    statements.check_sees_all(asked)
    found = reconciling.statement(asked.session, asked.as_at, str(asked.sent.path["ref"]))
    titles = statements.titles_of(asked, found.mou)
    rows = (
        (
            *(one.line.row, one.line.on, one.line.text, one.line.amount_pence),
            "taken back since" if one.gone else statements.said(one.fact, titles),
            one.line.how if one.fact else "",
            one.fact.amount_pence if one.fact else None,
        )
        for one in reconciling.shown(asked.session, asked.as_at, found.mou, found.lines)
    )
    return _sent(f"bank-statement-{found.ref}", OF_A_LINE, rows)


def unseen(asked: Asked, mou: str) -> list[Moved]:
    """The payments that no bank statement shows yet, as many as a file has."""
    return list(reconciling.unseen(asked.session, asked.as_at, mou, most=seeing.MOST_ROWS).some)


@page("/funding/unseen.csv", may=May.READ_MONEY, of="bank statements")
def unseen_csv(asked: Asked) -> File:
    """The payments that no bank statement shows yet, for a spreadsheet."""
    rows = ((one.on, one.line, "; ".join(one.references), -one.amount_pence) for one in unseen(asked, whole(asked).mou))
    return _sent(f"payments-not-seen-{asked.as_at.on}", ("paid_on", "line", "references", "amount_pence"), rows)


OF_A_LIMIT = ("since", "virement_above_pence", "variance_above_pence", "why")


@page("/funding/limits.csv", may=May.READ_MONEY, of="money")
def limits_csv(asked: Asked) -> File:
    """The limits as they were set, for a spreadsheet."""
    mou = seeing.some_mou(asked)
    found = conditions.every_limit(asked.session, asked.as_at, mou.mou)
    return _sent(f"limits-{asked.as_at.on}", OF_A_LIMIT, (_counted(one, OF_A_LIMIT) for one in found))


OF_WHAT_IS_GONE = (
    "kind",
    "line",
    "effective_on",
    "amount_pence",
    "recorded_at",
    "recorded_by",
    "recorded_as",
    "reason",
)


@page("/funding/ledger/taken-back.csv", may=May.READ_MONEY, of="money")
def taken_back_csv(asked: Asked) -> File:
    """What was taken back, for a spreadsheet."""
    found = history.gone_seen(asked, seeing.some_mou(asked).mou)
    return _sent(f"taken-back-{asked.as_at.on}", OF_WHAT_IS_GONE, (_counted(one, OF_WHAT_IS_GONE) for one in found))


@page("/funding/posts/{line:str}/months.csv", may=May.READ_MONEY, of="national post")
def post_csv(asked: Asked) -> File:
    """One post month by month, for a spreadsheet."""
    mou, row = line(asked)
    months = posts.post(asked.session, asked.as_at, mou.mou, row.line).months
    names = ("month", "planned_pence", "vacancy_pence", "actual_pence")
    return _sent(f"{row.line}-{asked.as_at.on}", names, ([str(one.month), *_counted(one, names[1:])] for one in months))


@page("/funding/forecasts/{line:str}/months.csv", may=May.READ_MONEY, of="funding line")
def forecast_csv(asked: Asked) -> File:
    """One line month by month: planned and paid, for a spreadsheet."""
    mou, row = line(asked)
    months = forecasts.months(asked.session, asked.as_at, mou.mou, row.line)
    names = ("month", "planned_pence", "actual_pence")
    written = ([str(one.month), *_counted(one, names[1:])] for one in months)
    return _sent(f"forecast-{row.line}-{asked.as_at.on}", names, written)


def line(asked: Asked) -> tuple[queries.Mou, Any]:
    """The line of the address, if this person may see it. Raises `NotFound`."""
    mou = queries.mou(asked.session, asked.as_at, asked.query.get("mou", ""))
    return mou, queries.line(asked.session, asked.as_at, str(asked.sent.path["line"]), asked.by, mou.mou)


@page("/funding/splits/compare.csv", may=May.READ_MONEY, of="money")
def compare_csv(asked: Asked) -> File:
    """Two or three splits side by side, for a spreadsheet."""
    split_forms.check_sees(asked)
    found = splits.compared(asked)
    if len(found) < 2:
        raise NotFound("Select two or three different splits to compare.")
    names = [name for one in found for name in (f"{one.ref} pence", f"{one.ref} less {found[0].ref} pence")]
    rows = (
        [row.line, row.title, *(pence for pair in zip(row.amounts, row.differences, strict=True) for pence in pair)]
        for row in side_by_side([one.division for one in found if one.division])
    )
    return _sent(f"splits-{asked.as_at.on}", ["line", "title", *names], rows)


routes = [
    runs_csv,
    statements_csv,
    statement_csv,
    unseen_csv,
    limits_csv,
    taken_back_csv,
    post_csv,
    forecast_csv,
    compare_csv,
]
