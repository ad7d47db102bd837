"""What must hold of forecasts and explained variances."""

import msgspec
from sqlalchemy.orm import Session

from improvement.dates import AsAt
from improvement.funding import book as books
from improvement.funding.book import Kind, Line
from improvement.funding.commands.keeping import Trying, checks
from improvement.funding.queries import forecasts as queries
from improvement.funding.rules import LineNotOpen
from improvement.funding.rules import forecasts as rules
from improvement.funding.rules.forecasts import Standing, Version, paid_by_month

NEWEST = 10**17
"""The place in order of what is not recorded yet."""


@checks(Kind.FORECAST)
def check_forecast(session: Session, trying: Trying) -> None:
    """A forecast is of months to come of a line without terms, and says why when it shows a large variance.

    Raises `LineNotOpen`, `FollowsItsTerms`, `NotAMonth` or `NeedsExplanation`.
    """
    fact = trying.fact
    if fact.withdrawn:
        return
    line, plans = _line(trying), _plans(session, trying)
    if line.line in plans.terms:
        raise rules.FollowsItsTerms(
            f"The forecast of {line.title} follows its terms. Change its terms instead.", field="line"
        )
    named = [(each["month"], each["amount_pence"]) for each in fact.months]
    months = rules.check_months(named, plans.months, fact.effective_on)
    gone = getattr(trying.replaces, "seq", None)
    kept = [version for version in plans.versions.get(line.line, ()) if version.seq != gone]
    fresh = Version(fact.effective_on, fact.seq or NEWEST, months)
    now = _standing(trying, line, msgspec.structs.replace(plans, versions={line.line: (*kept, fresh)}))
    rules.check_explained(line.title, now.allocated_pence, rules.outturn(now), plans.limit_pence, fact.why)


@checks(Kind.EXPLAINED)
def work_out_variance(session: Session, trying: Trying) -> None:
    """An explanation keeps the variance it explains, as it stands on its day. Raises `LineNotOpen`."""
    fact = trying.fact
    if not fact.withdrawn:
        line = _line(trying)
        now = _standing(trying, line, _plans(session, trying))
        fact.variance_pence = now.allocated_pence - rules.outturn(now)


def _line(trying: Trying) -> Line:
    line = trying.before.lines.get(trying.fact.line)
    if line is None or line.opened_on > trying.fact.effective_on:
        raise LineNotOpen(f"There is no funding line “{trying.fact.line}” on that day. Open it first.", field="line")
    return line


def _plans(session: Session, trying: Trying) -> queries.Plans:
    """What was planned by the day of the fact, as we know it now."""
    return queries.plans(session, AsAt(trying.fact.effective_on), trying.fact.mou)


def _standing(trying: Trying, line: Line, plans: queries.Plans) -> Standing:
    """How the line stands on the day of the fact."""
    day = trying.fact.effective_on
    row = books.position(trying.before, line, day)
    return plans.standing(row, paid_by_month(trying.before, line.line, day), day)
