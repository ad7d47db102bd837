"""Payment runs, bank statements, months and splits compared, as Excel workbooks: what their pages show this person."""

from improvement.access.asking import Asked
from improvement.access.routes import page
from improvement.access.rules import May
from improvement.errors import NotFound
from improvement.funding.pages import history, lists, seeing, split_forms, splits
from improvement.funding.pages import reconciling as statements
from improvement.funding.pages.sending import sent
from improvement.funding.queries import conditions, forecasts, paying, posts, reconciling
from improvement.funding.queries import history as asking
from improvement.funding.queries import splits as divided
from improvement.funding.rules.splits import side_by_side
from improvement.funding.workbook import months, recorded
from improvement.funding.workbook import paying as paid
from improvement.funding.workbook import splits as beside
from improvement.web.replies import File


@page("/funding/runs.xlsx", may=May.READ_MONEY, of="payment runs")
def runs(asked: Asked) -> File:
    """The payment runs as a workbook."""
    found = paying.runs(asked.session, asked.as_at, lists.whole(asked).mou)
    what = "Payment runs: what was paid together, and what of it the bank has shown."
    return sent(asked, "payment-runs", "Payment runs", what, [paid.runs(found)])


@page("/funding/runs/{ref:str}/payments.xlsx", may=May.READ_MONEY, of="payment run")
def run(asked: Asked) -> File:
    """The payments of one run as a workbook."""
    statements.check_sees_all(asked)
    found = paying.run(asked.session, asked.as_at, str(asked.sent.path["ref"]))
    sheet = paid.run(found, statements.titles_of(asked, found.mou))
    return sent(asked, f"payment-run-{found.ref}", f"Payment run {found.ref}", "The payments of one run.", [sheet])


@page("/funding/statements.xlsx", may=May.READ_MONEY, of="bank statements")
def read(asked: Asked) -> File:
    """The bank statements that were read as a workbook."""
    found = reconciling.statements(asked.session, asked.as_at, lists.whole(asked).mou)
    what = "Bank statements that were read, and how many of their lines are matched."
    return sent(asked, "bank-statements", "Bank statements", what, [paid.statements(found)])


@page("/funding/statements/{ref:str}/lines.xlsx", may=May.READ_MONEY, of="bank statement")
def lines(asked: Asked) -> File:
    """The lines of a bank statement as a workbook, each with what it shows and what differs."""
    statements.check_sees_all(asked)
    found = reconciling.statement(asked.session, asked.as_at, str(asked.sent.path["ref"]))
    every = reconciling.shown(asked.session, asked.as_at, found.mou, found.lines)
    titles = statements.titles_of(asked, found.mou)
    sheet = paid.statement(found, every, lambda one: statements.said(one.fact, titles))
    what = "The lines of a bank statement beside what is recorded now."
    return sent(asked, f"bank-statement-{found.ref}", f"Bank statement {found.ref}", what, [sheet])


@page("/funding/unseen.xlsx", may=May.READ_MONEY, of="bank statements")
def unseen(asked: Asked) -> File:
    """The payments that no bank statement shows yet, as a workbook."""
    mou = lists.whole(asked).mou
    sheet = paid.unseen(lists.unseen(asked, mou), statements.titles_of(asked, mou))
    what = "Payments made more than a week ago that no bank statement shows yet."
    return sent(asked, "payments-not-seen", "Payments not seen yet", what, [sheet])


@page("/funding/posts/{line:str}/months.xlsx", may=May.READ_MONEY, of="national post")
def of_a_post(asked: Asked) -> File:
    """One post month by month, as a workbook."""
    mou, row = lists.line(asked)
    sheet = months.of_a_post(row.title, posts.post(asked.session, asked.as_at, mou.mou, row.line).months)
    what = "What a post is forecast to cost in each month, what its vacancy left, and what was paid."
    return sent(asked, f"post-{row.line}", row.title, what, [sheet])


@page("/funding/forecasts/{line:str}/months.xlsx", may=May.READ_MONEY, of="funding line")
def of_a_line(asked: Asked) -> File:
    """One line month by month, as a workbook, with what its months add up to."""
    mou, row = lists.line(asked)
    rows = forecasts.months(asked.session, asked.as_at, mou.mou, row.line)
    added = forecasts.burn(asked.session, asked.as_at, mou.mou, [row.line])
    what = "What a line is planned to pay in each month, and what it paid."
    return sent(asked, f"forecast-{row.line}", row.title, what, [months.of_a_line(row.title, rows), months.burn(added)])


@page("/funding/splits.xlsx", may=May.READ_MONEY, of="money")
def every_split(asked: Asked) -> File:
    """The splits as a workbook."""
    split_forms.check_sees(asked)
    found = divided.splits(asked.session, asked.as_at, asked.query.get("mou", ""))
    what = "What-if divisions of the money: what each gives to posts and to regions."
    return sent(asked, "splits", "Splits", what, [beside.splits(found)])


@page("/funding/splits/compare.xlsx", may=May.READ_MONEY, of="money")
def compared(asked: Asked) -> File:
    """Two or three splits side by side, as a workbook."""
    split_forms.check_sees(asked)
    found = splits.compared(asked)
    if len(found) < 2:
        raise NotFound("Select two or three different splits to compare.")
    rows = side_by_side([one.division for one in found if one.division])
    what = "What two or three splits give to every line, and how far each is from the first."
    return sent(asked, "splits-compared", "Splits side by side", what, beside.beside(found, rows))


@page("/funding/limits.xlsx", may=May.READ_MONEY, of="money")
def limits(asked: Asked) -> File:
    """The limits as a workbook."""
    found = conditions.every_limit(asked.session, asked.as_at, seeing.some_mou(asked).mou)
    return sent(
        asked, "limits", "Limits", "Above what the Board decides and what is explained.", [recorded.limits(found)]
    )


@page("/funding/ledger/taken-back.xlsx", may=May.READ_MONEY, of="money")
def taken_back(asked: Asked) -> File:
    """What was taken back as a workbook."""
    mou = seeing.some_mou(asked).mou
    sheet = recorded.gone(history.gone_seen(asked, mou), asking.titles_of(asked.session, mou))
    return sent(asked, "taken-back", "What was taken back", "What should not have been recorded at all.", [sheet])


routes = [limits, taken_back, runs, run, read, lines, unseen, of_a_post, of_a_line, every_split, compared]
