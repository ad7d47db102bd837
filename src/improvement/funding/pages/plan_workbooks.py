"""Posts, forecasts, claims, splits and the end of the year as Excel workbooks: what their pages show this person."""

from improvement.access.asking import Asked
from improvement.access.routes import page
from improvement.access.rules import May
from improvement.errors import NotFound
from improvement.funding import queries
from improvement.funding.pages import claims, seeing, split_forms
from improvement.funding.pages.sending import sent
from improvement.funding.queries import closing, forecasts, posts, splits
from improvement.funding.workbook import claims as claimed
from improvement.funding.workbook import closing as closed
from improvement.funding.workbook import planning
from improvement.funding.workbook import splits as divided
from improvement.web.replies import File


@page("/funding/posts.xlsx", may=May.READ_MONEY, of="national posts")
def posts_workbook(asked: Asked) -> File:
    """The national posts as a workbook, with what is planned for each month."""
    if not queries.sees_all(asked.by):
        raise NotFound("There are no national posts here. Your region’s money is under Money.")
    mou = seeing.some_mou(asked)
    rows = posts.posts(asked.session, asked.as_at, mou.mou)
    now = forecasts.standings(asked.session, asked.as_at, mou.mou)
    set_ones = [row for row in rows if now[row.line].is_post]
    what = "What each national post costs, where its filling stands, and what its vacancy leaves."
    sheets = [planning.posts(rows), planning.planned(set_ones, {row.line: now[row.line] for row in set_ones})]
    return sent(asked, "funding-posts", "National posts", what, sheets)


@page("/funding/forecasts.xlsx", may=May.READ_MONEY, of="forecasts")
def forecasts_workbook(asked: Asked) -> File:
    """What every line is expected to come to, as a workbook, with its months planned and paid."""
    mou = seeing.some_mou(asked)
    every = forecasts.outlooks(asked.session, asked.as_at, mou.mou)
    rows = [row for row in every if queries.may_see(asked.by, row.region)]
    known = forecasts.standings(asked.session, asked.as_at, mou.mou)
    now = {row.line: known[row.line] for row in rows}
    whole = queries.sees_all(asked.by)
    sheets = [planning.outlooks(rows, whole=whole), planning.planned(rows, now), planning.paid(rows, now)]
    what = "What every line is expected to come to beside what it is allocated, and its months."
    return sent(asked, "funding-forecasts", "Forecasts", what, sheets)


@page("/funding/claims.xlsx", may=May.READ_MONEY, of="claims")
def claims_workbook(asked: Asked) -> File:
    """The claims as they are filtered, as a workbook."""
    mou = seeing.some_mou(asked)
    titles = {row.line: row.title for row in queries.lines(asked.session, asked.as_at, mou.mou)}
    told = claims.downloaded(asked)
    what = "Claims as the page is filtered: what each is for, and where it stands."
    return sent(asked, "claims", "Claims", what, [claimed.claims(told, titles)])


@page("/funding/splits/{ref:str}/division.xlsx", may=May.READ_MONEY, of="money")
def division_workbook(asked: Asked) -> File:
    """Who gets what in one split, as a workbook."""
    split_forms.check_sees(asked)
    found = splits.split(asked.session, asked.as_at, str(asked.sent.path["ref"]))
    if found.division is None:
        raise NotFound(f"{found.ref} has no division. {found.fault}")
    lines = queries.lines(asked.session, asked.as_at, found.mou)
    what = "Who gets what by a split, how that was worked out, and what it would change."
    return sent(asked, found.ref, found.title, what, [divided.division(found, found.division, lines)])


@page("/funding/year-end.xlsx", may=May.READ_MONEY, of="money")
def year_end_workbook(asked: Asked) -> File:
    """The end of the year as a workbook: what the amount in force became, to the penny."""
    mou = seeing.some_mou(asked)
    told = closing.year_end(asked.session, asked.as_at, mou.mou, asked.by)
    what = "What became of the money by a day: paid, carried forward, returned, and left."
    return sent(asked, "funding-year-end", "Year end", what, closed.year_end(mou, told))


routes = [posts_workbook, forecasts_workbook, claims_workbook, division_workbook, year_end_workbook]
