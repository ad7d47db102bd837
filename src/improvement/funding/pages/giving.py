"""What is published as 360Giving data: for everybody, signed in or not."""

from improvement.access.asking import Asked
from improvement.access.routes import page
from improvement.access.rules import May
from improvement.database import is_demonstration
from improvement.funding import giving
from improvement.funding.giving import COLUMNS, PAYMENT_COLUMNS
from improvement.funding.pages.sending import sent
from improvement.funding.queries.giving import awards
from improvement.funding.workbook import grants as of_grants
from improvement.settings import GIVING_PREFIX as OURS
from improvement.web.lists import as_csv
from improvement.web.replies import File, Page


def _published(asked: Asked) -> giving.Package:
    found = awards(asked.session, asked.as_at)
    made_up, prefix = is_demonstration(asked.session), asked.settings.giving_prefix
    return giving.package(found, asked.settings.url, asked.as_at.on, made_up, prefix)


@page("/funding/360giving", may=May.LOOK, of="open data")
def about(asked: Asked) -> Page:
    """What the open data of regional grants holds, where to get it, and what it leaves out."""
    found = awards(asked.session, asked.as_at)
    shows = {
        "awards": found,
        "given": sum(one.line.allocated_pence for one in found),
        "paid": sum(one.line.net_paid_pence for one in found),
        "prefix": asked.settings.giving_prefix,
        "registered": asked.settings.giving_prefix != OURS,
        "places": giving.REGIONS,
    }
    return Page("funding/giving.html", shows)


@page("/funding/360giving.json", may=May.LOOK, of="open data")
def grants_json(asked: Asked) -> File:
    """The regional grants as 360Giving JSON."""
    return File(giving.as_json(_published(asked)), "application/json", f"360giving-{asked.as_at.on}.json")


@page("/funding/360giving.csv", may=May.LOOK, of="open data")
def grants_csv(asked: Asked) -> File:
    """The regional grants as a 360Giving spreadsheet."""
    written = as_csv(tuple(COLUMNS), giving.grant_rows(_published(asked).grants))
    return File(written, "text/csv", f"360giving-{asked.as_at.on}.csv")


@page("/funding/360giving-payments.csv", may=May.LOOK, of="open data")
def payments_csv(asked: Asked) -> File:
    """What was paid of each grant on each day, as a 360Giving spreadsheet of its own."""
    written = as_csv(PAYMENT_COLUMNS, giving.payment_rows(_published(asked).grants))
    return File(written, "text/csv", f"360giving-payments-{asked.as_at.on}.csv")


@page("/funding/360giving.xlsx", may=May.LOOK, of="open data")
def grants_workbook(asked: Asked) -> File:
    """The regional grants as a workbook that adds up: what was awarded and paid, and what is left."""
    found = awards(asked.session, asked.as_at)
    what = "What each region was granted and what it was paid, by a day."
    return sent(asked, "grants", "Grants to regions", what, [of_grants.grants(found)])


routes = [about, grants_workbook, grants_json, grants_csv, payments_csv]
