"""Cash in hand, day by day."""

from collections.abc import Sequence

import msgspec

from improvement.access.asking import Asked
from improvement.access.routes import page
from improvement.access.rules import May
from improvement.errors import NotFound
from improvement.funding import queries
from improvement.funding.carrying import about, carried
from improvement.funding.pages import seeing
from improvement.funding.queries.cash import CashDay, cash_days
from improvement.web.lists import as_csv
from improvement.web.replies import File, Page

SHOWN = 200
"""How many days are on the page; the files have them all."""


def _days(asked: Asked) -> Sequence[CashDay]:
    """The days of the MoU asked about. Raises `NotFound` for those who do not see all the money."""
    if not queries.sees_all(asked.by):
        raise NotFound("Cash in hand is shown to the secretariat and the Board.")
    return cash_days(asked.session, asked.as_at, seeing.some_mou(asked).mou)


@page("/funding/cash", may=May.READ_MONEY, of="money")
def cash(asked: Asked) -> Page:
    """Cash in hand by day: what came, what went, and what was there."""
    days, mou = _days(asked), seeing.some_mou(asked)
    low = min(days, key=lambda one: one.in_hand_pence) if days else None
    known = asked.query.get("as-at") or asked.query.get("known-at")
    of_mou = {name: value for name, value in carried(asked, mou.mou).items() if name == "mou"}
    shows = {
        "mou": mou,
        "days": days[:SHOWN],
        "more": len(days) - SHOWN,
        "low": low,
        "by_then": {**of_mou, **({"known-at": known} if known else {})},
    }
    return about(asked, mou.mou, "funding/cash.html", shows)


@page("/funding/cash.csv", may=May.READ_MONEY, of="money")
def cash_csv(asked: Asked) -> File:
    """Cash in hand by day, for a spreadsheet."""
    written = as_csv(CashDay.__struct_fields__, (msgspec.structs.astuple(row) for row in _days(asked)))
    return File(written, "text/csv", f"funding-cash-{asked.as_at.on}.csv")


@page("/funding/cash.json", may=May.READ_MONEY, of="money")
def cash_json(asked: Asked) -> File:
    """Cash in hand by day, for a program."""
    return File(msgspec.json.encode(_days(asked)), "application/json", f"funding-cash-{asked.as_at.on}.json")


routes = [cash, cash_csv, cash_json]
