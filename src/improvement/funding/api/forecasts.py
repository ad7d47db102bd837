"""Forecasts and variances, as JSON."""

import msgspec

from improvement.access.asking import Asked
from improvement.access.routes import api_get
from improvement.access.rules import May
from improvement.funding import queries
from improvement.funding.api.money import records
from improvement.funding.book import Kind
from improvement.funding.queries import forecasts as asking
from improvement.funding.queries.forecasts import Outlook, VersionKept
from improvement.web.lists import Listing, listing


class ForecastMonth(msgspec.Struct, frozen=True):
    """A month (2011-12) of a line: planned, and paid less refunds (null for a month to come). In pence."""

    month: str
    planned_pence: int
    actual_pence: int | None


class LineForecast(msgspec.Struct, frozen=True):
    """One line: what it is expected to come to, its months, and the forecasts that were given, newest first."""

    outlook: Outlook
    months: list[ForecastMonth]
    versions: list[VersionKept]


@api_get("/funding/forecasts", may=May.READ_MONEY, of="forecasts", gives=Outlook)
def forecasts(asked: Asked) -> Listing:
    """What every line this person sees is expected to come to. A variance above zero is an underspend."""
    query = {name: value for name, value in asked.query.items() if name != "mou"}
    known = queries.mous(asked.session, asked.as_at)
    rows = asking.outlooks(asked.session, asked.as_at, asked.query.get("mou", "")) if known else []
    return listing([row for row in rows if queries.may_see(asked.by, row.region)], query, "line")


@api_get("/funding/forecasts/{line:str}", may=May.READ_MONEY, of="funding line", gives=LineForecast)
def forecast(asked: Asked) -> LineForecast:
    """One line month by month, with the forecasts that were given."""
    session, as_at = asked.session, asked.as_at
    slug = queries.which_mou(session, as_at, asked.query.get("mou", ""))
    row = queries.line(session, as_at, str(asked.sent.path["line"]), asked.by, slug)
    return LineForecast(
        next(each for each in asking.outlooks(session, as_at, slug) if each.line == row.line),
        [
            ForecastMonth(str(each.month), each.planned_pence, each.actual_pence)
            for each in asking.months(session, as_at, slug, row.line)
        ],
        asking.versions(session, as_at, slug, row.line),
    )


routes = [
    forecasts,
    forecast,
    records("forecasts", Kind.FORECAST, "Forecast what a line will pay in each month to come."),
    records("variances", Kind.EXPLAINED, "Explain why a line will spend less, or more, than it was allocated."),
]
