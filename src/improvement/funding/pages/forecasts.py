"""Forecasts and variances, as pages: every line's outlook, one line month by month, and forecasting it."""

from collections.abc import Sequence

import msgspec

from improvement.access.asking import Asked
from improvement.access.routes import ask, form, page
from improvement.access.rules import May
from improvement.dates import Month
from improvement.funding import commands, queries
from improvement.funding.book import Kind, Position
from improvement.funding.carrying import about
from improvement.funding.entering.forecasts import Forecast, box, read_boxes
from improvement.funding.pages import burn, seeing
from improvement.funding.queries import forecasts as asking
from improvement.funding.queries.forecasts import Outlook
from improvement.funding.rules import WORDS
from improvement.money import in_pounds
from improvement.web import forms
from improvement.web.lists import as_csv
from improvement.web.replies import File, Page, Redirect

SUMS = ("allocated_pence", "net_paid_pence", "planned_to_date_pence", "outturn_pence", "variance_pence")
OPEN = ("in negotiation", "agreed")
"""The states of an MoU in which there is something to forecast."""


def _seen(asked: Asked) -> list[Outlook]:
    """The lines this person sees."""
    if not queries.mous(asked.session, asked.as_at):
        return []
    rows = asking.outlooks(asked.session, asked.as_at, asked.query.get("mou", ""))
    return [row for row in rows if queries.may_see(asked.by, row.region)]


def _may_say(asked: Asked, region: str | None) -> bool:
    """Whether this person may forecast a line and explain its variance now."""
    return not asked.looking_back and asked.by.role_for(May.CLAIM_MONEY, region=region) is not None


@page("/funding/forecasts", may=May.READ_MONEY, of="forecasts")
def forecasts(asked: Asked) -> Page:
    """What every line is expected to come to, and what needs explaining."""
    rows = _seen(asked)
    if not queries.mous(asked.session, asked.as_at):
        return Page("funding/nothing.html", {"changing": not asked.looking_back and asked.by.may(May.MANAGE_MONEY)})
    mou = queries.mou(asked.session, asked.as_at, asked.query.get("mou", ""))
    shows = {
        "mou": mou,
        "all": queries.sees_all(asked.by),
        "groups": [(WORDS[kind], [row for row in rows if row.kind == kind]) for kind in ("post", "region")],
        "rows": rows,
        "sums": _sums(rows),
        "sums_of": {WORDS[kind]: _sums([row for row in rows if row.kind == kind]) for kind in ("post", "region")},
        "this_month": str(Month.of(asked.as_at.on)),
        "burn_of": seeing.all_of(asked),
        "limit": asking.explain_above(asked.session, asked.as_at, mou.mou),
        "changing": {row.line for row in rows if _may_say(asked, row.region)} if mou.state in OPEN else set(),
        "rows_of_burn": (rows_of_burn := asking.burn(asked.session, asked.as_at, mou.mou, _lines(rows))),
        "drawn": burn.drawn(rows_of_burn),
    }
    return about(asked, mou.mou, "funding/forecasts.html", shows)


def _sums(rows: Sequence[Outlook]) -> dict[str, int]:
    return {name: sum(getattr(row, name) for row in rows) for name in SUMS}


def _lines(rows: Sequence[Outlook]) -> list[str]:
    return [row.line for row in rows]


@page("/funding/forecasts.csv", may=May.READ_MONEY, of="forecasts")
def forecasts_csv(asked: Asked) -> File:
    """What the lines are expected to come to, for a spreadsheet."""
    written = as_csv(Outlook.__struct_fields__, (msgspec.structs.astuple(row) for row in _seen(asked)))
    return File(written, "text/csv", f"funding-forecasts-{asked.as_at.on}.csv")


@page("/funding/forecasts.json", may=May.READ_MONEY, of="forecasts")
def forecasts_json(asked: Asked) -> File:
    """What the lines are expected to come to, for a program."""
    return File(msgspec.json.encode(_seen(asked)), "application/json", f"funding-forecasts-{asked.as_at.on}.json")


def _line(asked: Asked) -> tuple[queries.Mou, Position]:
    """The line of the address, if this person may see it. Raises `NotFound`."""
    mou = queries.mou(asked.session, asked.as_at, asked.query.get("mou", ""))
    return mou, queries.line(asked.session, asked.as_at, str(asked.sent.path["line"]), asked.by, mou.mou)


@page("/funding/forecasts/{line:str}", may=May.READ_MONEY, of="funding line")
def forecast(asked: Asked) -> Page:
    """One line month by month: planned, paid and the difference, and every forecast that was given."""
    mou, row = _line(asked)
    months = asking.months(asked.session, asked.as_at, mou.mou, row.line)
    rows_of_burn = asking.burn(asked.session, asked.as_at, mou.mou, [row.line])
    versions = asking.versions(asked.session, asked.as_at, mou.mou, row.line)
    shows = {
        "mou": mou,
        "outlook": next(each for each in _seen(asked) if each.line == row.line),
        "months": months,
        "planned": sum(month.planned_pence for month in months),
        "paid": sum(month.actual_pence or 0 for month in months),
        "versions": [
            (each, sorted((Month.parse(name), pence) for name, pence in each.months.items())) for each in versions
        ],
        "explanations": asking.explanations(asked.session, asked.as_at, mou.mou, row.line),
        "limit": asking.explain_above(asked.session, asked.as_at, mou.mou),
        "rows_of_burn": rows_of_burn,
        "drawn": burn.drawn(rows_of_burn),
        "open": mou.state in OPEN,
        "to_come": mou.state in OPEN and any(not month.is_past for month in months),
        "spread": [each.month for each in months if each.planned_pence],
        "changing": _may_say(asked, row.region),
        "managing": not asked.looking_back and asked.by.may(May.MANAGE_MONEY),
    }
    return about(asked, mou.mou, "funding/forecast.html", shows)


@ask("/funding/forecasts/{line:str}/new", may=May.CLAIM_MONEY, of="funding line")
def new_forecast(asked: Asked) -> Page:
    """Ask what a line will pay in each month to come, beginning with what is planned now."""
    mou, row = _line(asked)
    asked.by.acting(May.CLAIM_MONEY, region=row.region)
    months = asking.months(asked.session, asked.as_at, mou.mou, row.line)
    left = [each for each in months if not each.is_past]
    outlook = next(each for each in _seen(asked) if each.line == row.line)
    shows = {
        "mou": mou,
        "outlook": outlook,
        "boxes": [(box(each.month), each.month.in_words, each.actual_pence) for each in left],
        "typed": {box(each.month): in_pounds(each.planned_pence).removeprefix("£") for each in left},
        "limit": asking.explain_above(asked.session, asked.as_at, mou.mou),
        "open": mou.state in OPEN,
        "managing": asked.by.may(May.MANAGE_MONEY),
    }
    return about(asked, mou.mou, "funding/forecast_form.html", shows)


@form("/funding/forecasts/{line:str}/new", may=May.CLAIM_MONEY, of="funding line", asks=new_forecast)
def give_forecast(asked: Asked) -> Redirect:
    """Record a forecast; the ones before it are kept."""
    mou, row = _line(asked)
    months = [each.month for each in asking.months(asked.session, asked.as_at, mou.mou, row.line)]
    sent = {
        "line": row.line,
        "months": read_boxes(asked.typed, [month for month in months if month >= Month.of(asked.as_at.on)]),
        "why": asked.typed.get("why", ""),
        "mou": mou.mou,
    }
    commands.do(asked.session, Kind.FORECAST, forms.read_json(Forecast, sent), by=asked.by, at=asked.at)
    here = queries.of_mou(asked.session, asked.as_at, f"/funding/forecasts/{row.line}", mou.mou)
    return Redirect(here, "The forecast is saved. The ones before it are kept.")


routes = [forecasts, forecasts_csv, forecasts_json, forecast, new_forecast, give_forecast]
