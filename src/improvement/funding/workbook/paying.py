"""Payment runs and bank statements as sheets: what was paid together, and what the bank shows of it."""

from collections.abc import Callable, Mapping, Sequence

from improvement.funding.queries.paying import Run
from improvement.funding.queries.reconciling import Shown, Statement
from improvement.funding.rules.reconciling import Moved
from improvement.web.cells import Holds
from improvement.web.workbook import Band, Column, Sheet

RUNS = (
    Column("ref", "Payment run"),
    Column("paid_on", "Day paid", Holds.DAY),
    Column("payments", "Payments", Holds.COUNT, totalled=True),
    Column("seen", "Seen on a bank statement", Holds.COUNT, totalled=True),
    Column("unseen", "Not seen yet", Holds.COUNT, formula="{payments}-{seen}", totalled=True),
    Column("total", "Total", Holds.MONEY, totalled=True),
    Column("shown", "Of it seen", Holds.MONEY, totalled=True),
    Column("open", "Of it not seen yet", Holds.MONEY, formula="{total}-{shown}", totalled=True),
    Column("note", "Note", Holds.LONG),
)
PAYMENTS = (
    Column("claim", "Claim"),
    Column("line", "Funding line"),
    Column("reference", "Reference at the bank"),
    Column("paid_on", "Day paid", Holds.DAY),
    Column("statement", "Bank statement"),
    Column("amount", "Amount", Holds.MONEY, totalled=True),
    Column("shown", "Of it seen", Holds.MONEY, totalled=True),
    Column("open", "Of it not seen yet", Holds.MONEY, formula="{amount}-{shown}", totalled=True),
)
STATEMENTS = (
    Column("ref", "Bank statement"),
    Column("name", "File"),
    Column("read_on", "Read on", Holds.DAY),
    Column("first_on", "First day", Holds.DAY),
    Column("last_on", "Last day", Holds.DAY),
    Column("lines", "Lines", Holds.COUNT, totalled=True),
    Column("matched", "Lines matched", Holds.COUNT, totalled=True),
    Column("unmatched", "Not matched", Holds.COUNT, formula="{lines}-{matched}", totalled=True),
    Column("in", "Money in", Holds.MONEY, totalled=True),
    Column("out", "Money out", Holds.MONEY, totalled=True),
    Column("change", "In less out", Holds.MONEY, formula="{in}-{out}", totalled=True),
)
LINES = (
    Column("text", "What the bank says", Holds.LONG),
    Column("row", "Row", Holds.COUNT),
    Column("on", "Day", Holds.DAY),
    Column("in", "In", Holds.MONEY, totalled=True),
    Column("out", "Out", Holds.MONEY, totalled=True),
    Column("shows", "What it shows", Holds.LONG),
    Column("how", "Matched"),
    Column("recorded", "Recorded now, out below zero", Holds.MONEY, totalled=True),
    Column("off", "Not recorded, or differs", Holds.MONEY, formula="{in}-{out}-{recorded}", totalled=True),
)


def runs(found: Sequence[Run]) -> Sheet:
    """The payment runs, the newest first."""
    rows = [
        (
            one.ref,
            one.paid_on,
            len(one.payments),
            one.reconciled,
            len(one.payments) - one.reconciled,
            one.total_pence,
            shown := sum(paid.amount_pence for paid in one.payments if paid.statement),
            one.total_pence - shown,
            one.note,
        )
        for one in found
    ]
    return Sheet(
        name="Payment runs",
        title="Payment runs",
        says="The newest first.",
        columns=RUNS,
        bands=[Band(rows, empty="No payment runs yet.")],
        total="In all",
    )


def run(one: Run, titles: Mapping[str, str]) -> Sheet:
    """The payments of a run, and which of them the bank has shown."""
    rows = [
        (
            paid.claim,
            titles.get(paid.line, paid.line),
            paid.reference,
            paid.paid_on,
            paid.statement or "Not seen yet",
            paid.amount_pence,
            paid.amount_pence if paid.statement else 0,
            0 if paid.statement else paid.amount_pence,
        )
        for paid in one.payments
    ]
    return Sheet(
        name="Payments",
        title=f"Payment run {one.ref}",
        columns=PAYMENTS,
        bands=[Band(rows, empty="No payment of this run stands.")],
        total="In all",
        against=("The run, as its page says", {"amount": one.total_pence}),
    )


def statements(found: Sequence[Statement]) -> Sheet:
    """The bank statements that were read, the newest first."""
    rows = [
        (
            one.ref,
            one.name,
            one.read_on,
            one.first_on,
            one.last_on,
            len(one.lines),
            one.matched,
            len(one.lines) - one.matched,
            one.in_pence,
            one.out_pence,
            one.in_pence - one.out_pence,
        )
        for one in found
    ]
    return Sheet(
        name="Bank statements",
        title="Bank statements",
        says="The newest first.",
        columns=STATEMENTS,
        bands=[Band(rows, empty="No bank statement has been read yet.")],
        total="In all",
    )


def statement(one: Statement, lines: Sequence[Shown], said: Callable[[Shown], str]) -> Sheet:
    """The lines of a bank statement beside what is recorded now; what is left over is not recorded, or differs."""
    return Sheet(
        name="Lines",
        title=f"Bank statement {one.ref}",
        says=one.name,
        columns=LINES,
        bands=[Band([_line(each, said(each)) for each in lines])],
        total="In all",
        against=("As the page of the statement says", {"in": one.in_pence, "out": one.out_pence}),
    )


def _line(each: Shown, said: str) -> list[object]:
    line, now = each.line, each.fact.amount_pence if each.fact else 0
    came, went = max(line.amount_pence, 0), max(-line.amount_pence, 0)
    how = "Taken back since" if each.gone else line.how or "Not matched"
    return [line.text, line.row, line.on, came, went, said, how, now, line.amount_pence - now]


def unseen(found: Sequence[Moved], titles: Mapping[str, str]) -> Sheet:
    """Payments that no statement shows yet, as they were recorded."""
    columns = (
        Column("line", "Funding line"),
        Column("on", "Day paid", Holds.DAY),
        Column("reference", "Reference"),
        Column("amount", "Amount", Holds.MONEY, totalled=True),
    )
    rows = [(titles.get(one.line, one.line), one.on, ", ".join(one.references), -one.amount_pence) for one in found]
    return Sheet(
        name="Not seen yet",
        title="Payments made more than a week ago that no statement shows",
        columns=columns,
        bands=[Band(rows, empty="None: every such payment has been seen.")],
        total="In all",
    )
