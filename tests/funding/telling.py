"""What is told of money and moves none, for a machine to tell in any order."""

from collections.abc import Callable
from datetime import date
from typing import Any

import msgspec

from improvement.funding.book import Kind
from improvement.funding.entering.closing import Accrual, CarryRequest, Conditions
from improvement.funding.entering.forecasts import Explanation, Forecast, MonthAmount
from improvement.funding.entering.moves import ExpectedInstalment
from improvement.funding.entering.paying import Statement
from improvement.funding.entering.posts import PostState, PostStep, PostTerms

Common = dict[str, Any]
MONTHS = ("2011-04", "2011-12", "2012-03", "2012-04")


class About(msgspec.Struct, frozen=True):
    """What something is told about: a number chooses what is not said."""

    on: date
    mou: str
    line: str
    pence: int
    number: int
    instalment: str
    payment: str | None


def _expected(one: About, common: Common) -> msgspec.Struct:
    ref = "" if one.number % 2 else "I-1"
    return ExpectedInstalment(amount_pence=one.pence, due_on=one.on, ref=ref, conditions="A report", **common)


def _terms(one: About, common: Common) -> msgspec.Struct:
    ends = date(2012, 3, 31)
    days: Common = {"starts_on": one.on, "ends_on": ends, **common}
    return PostTerms(line=one.line, wte_hundredths=1 + one.number, annual_cost_pence=one.pence, **days)


def _state(one: About, common: Common) -> msgspec.Struct:
    return PostStep(line=one.line, state=list(PostState)[one.number % 5], **common)


def _statement(one: About, common: Common) -> msgspec.Struct:
    said = {"row": 2, "on": one.on.isoformat(), "amount_pence": -one.pence, "text": f"x {one.number}", "nth": 1}
    shown = {"fact": one.payment, "how": "chosen" if one.payment else ""}
    return Statement(name="x.csv", sha256=f"{one.number:064}", lines=[said | shown], **common)


TELLS: dict[Kind, Callable[[About, Common], msgspec.Struct]] = {
    Kind.EXPECTED: _expected,
    Kind.CONDITIONS: lambda one, common: Conditions(ref=one.instalment, evidence="x", **common),
    Kind.POST_TERMS: _terms,
    Kind.POST_STATE: _state,
    Kind.STATEMENT: _statement,
    Kind.FORECAST: lambda one, common: Forecast(
        line=one.line, months=[MonthAmount(MONTHS[one.number % 4], one.pence)], why="x", **common
    ),
    Kind.EXPLAINED: lambda one, common: Explanation(line=one.line, why="x", **common),
    Kind.ACCRUAL: lambda one, common: Accrual(line=one.line, amount_pence=one.pence, recipient="x", why="y", **common),
    Kind.CARRY_ASKED: lambda one, common: CarryRequest(line=one.line, amount_pence=one.pence, why="x", **common),
}
"""How each kind is told."""


def telling(kind: Kind, about: About) -> msgspec.Struct:
    """The input that tells something of a kind."""
    return TELLS[kind](about, {"effective_on": about.on, "mou": about.mou})
