"""Forecasts and variances: given, kept, corrected, and asked for as they were on any past day."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest

from improvement.access.rules import Held, Person, Role
from improvement.database import Database
from improvement.dates import AsAt, Month
from improvement.errors import NotAllowed, NotFound, Refused
from improvement.funding import commands
from improvement.funding.book import Kind
from improvement.funding.commands import Mending
from improvement.funding.entering.closing import Limits
from improvement.funding.entering.forecasts import Explanation, Forecast, MonthAmount
from improvement.funding.entering.moves import Allocation, Commitment, Ending, Payment, Refund
from improvement.funding.entering.posts import PostTerms
from improvement.funding.queries import forecasts as queries
from improvement.funding.rules import forecasts as rules
from tests.funding.conftest import AT, LONDONER, SECRETARIAT, doing
from tests.funding.test_queries import counting

MOU, TODAY = "2011-2012", date(2011, 9, 1)
NOW = AsAt(TODAY)
OCTOBER = datetime(2011, 10, 20, 9, tzinfo=UTC)
CHAIR = Person(1, "Ivy Cole", "ivy@example.org", (Held(Role.CHAIR),))


def tell(database: Database, wanted: Any, at: datetime = AT, by: Person = SECRETARIAT) -> UUID:
    kind = {Forecast: Kind.FORECAST, Explanation: Kind.EXPLAINED, PostTerms: Kind.POST_TERMS}[type(wanted)]
    with database.writing() as session:
        return commands.do(session, kind, wanted, by=by, at=at)


def mend(database: Database, fact: UUID, wanted: Any, at: datetime = OCTOBER, by: Person = SECRETARIAT) -> UUID:
    with database.writing() as session:
        return commands.correct(session, Mending(fact, "It was typed wrongly", wanted), by=by, at=at)


def forecast(months: dict[str, int], why: str = "", line: str = "london", on: date | None = None) -> Forecast:
    named = [MonthAmount(month, pence) for month, pence in months.items()]
    return Forecast(line=line, months=named, why=why, effective_on=on)


def whole(pence: int) -> dict[str, int]:
    """An amount for every month from September on."""
    return {f"2011-{month:02d}": pence for month in range(9, 13)} | {f"2012-0{month}": pence for month in (1, 2, 3)}


def outlook(database: Database, as_at: AsAt = NOW, line: str = "london") -> queries.Outlook:
    with database.reading() as session:
        return next(row for row in queries.outlooks(session, as_at) if row.line == line)


def planned(database: Database, as_at: AsAt = NOW) -> dict[str, int]:
    with database.reading() as session:
        return {str(row.month): row.planned_pence for row in queries.months(session, as_at, MOU, "london")}


@pytest.fixture
def funded(agreed: Database) -> Database:
    """London has £70,000.00, all of it committed, and £10,000.00 paid in July and £2,000.00 of that refunded."""
    do = doing(agreed)
    do(commands.allocate, Allocation(line="london", amount_pence=70_000_00, effective_on=date(2011, 6, 1)))
    promised = Commitment(line="london", amount_pence=70_000_00, recipient="x", purpose="y")
    do(commands.commit, Commitment(**{**_fields(promised), "effective_on": date(2011, 6, 1)}))
    do(commands.pay, Payment(line="london", amount_pence=10_000_00, paid_on=date(2011, 7, 4)))
    do(commands.refund, Refund(line="london", amount_pence=2_000_00, received_on=date(2011, 8, 4)))
    return agreed


def _fields(wanted: Any) -> dict[str, Any]:
    return {name: getattr(wanted, name) for name in wanted.__struct_fields__}


def test_before_any_forecast_a_line_is_planned_in_equal_parts_and_expected_to_spend_its_allocation(
    funded: Database,
) -> None:
    found = outlook(funded)
    assert (found.outturn_pence, found.variance_pence, found.follows) == (70_000_00, 0, "allocation")
    plan = planned(funded)
    assert (plan["2011-05"], plan["2011-06"], sum(plan.values())) == (0, 7_000_00, 70_000_00)
    assert found.planned_to_date_pence == 28_000_00


def test_a_forecast_changes_what_the_line_is_expected_to_come_to(funded: Database) -> None:
    tell(funded, forecast(whole(8_500_00)))
    found = outlook(funded)
    assert (found.net_paid_pence, found.outturn_pence, found.variance_pence) == (8_000_00, 67_500_00, 2_500_00)
    assert (found.forecast_on, found.follows, found.over_limit) == (TODAY, "forecast", False)


def test_what_was_paid_in_a_month_counts_when_it_is_more_than_was_planned_for_it(funded: Database) -> None:
    tell(funded, forecast(whole(8_500_00)))
    doing(funded)(commands.pay, Payment(line="london", amount_pence=9_000_00, paid_on=TODAY))
    assert outlook(funded).outturn_pence == 68_000_00


def test_months_a_forecast_does_not_name_keep_what_was_last_forecast(funded: Database) -> None:
    tell(funded, forecast(whole(8_500_00)))
    tell(funded, forecast({"2011-12": 9_000_00}))
    plan = planned(funded)
    assert (plan["2011-11"], plan["2011-12"]) == (8_500_00, 9_000_00)


def test_every_forecast_is_kept_and_can_be_asked_for_as_it_was(funded: Database) -> None:
    first = tell(funded, forecast(whole(8_500_00)))
    second = tell(funded, forecast({"2011-12": 9_000_00}, why="Nothing came in September"), OCTOBER)
    mend(funded, second, forecast({"2011-12": 7_000_00}, why="Nothing came in September"), OCTOBER.replace(day=25))
    late = AsAt(date(2011, 10, 31))
    assert planned(funded, late)["2011-12"] == 7_000_00
    assert planned(funded, AsAt(date(2011, 10, 31), OCTOBER.replace(day=21)))["2011-12"] == 9_000_00
    assert planned(funded, AsAt(date(2011, 10, 19)))["2011-12"] == 8_500_00
    with funded.reading() as session:
        kept = queries.versions(session, late, MOU, "london")
    assert [(each.on, each.total_pence, each.reason) for each in kept] == [
        (date(2011, 10, 20), 7_000_00, "It was typed wrongly"),
        (TODAY, 59_500_00, ""),
    ]
    assert kept[1].id == first
    mend(funded, kept[0].id, None, OCTOBER.replace(day=26))
    assert planned(funded, late)["2011-12"] == 8_500_00


def test_a_large_variance_is_explained_with_the_forecast_that_shows_it(funded: Database) -> None:
    with pytest.raises(rules.NeedsExplanation, match=r"£7,000.02 under") as refused:
        tell(funded, forecast(whole(55_000_00 // 7)))
    assert refused.value.field == "why"
    tell(funded, forecast(whole(1_000_00), why="The adviser starts in January"))
    found = outlook(funded)
    assert (found.over_limit, found.explanation, found.needs_explaining) == (
        True,
        "The adviser starts in January",
        False,
    )
    assert outlook(funded, AsAt(date(2011, 10, 31))).needs_explaining is False
    assert outlook(funded, AsAt(date(2011, 11, 1))).needs_explaining is True


def test_an_explanation_keeps_the_variance_it_was_of(funded: Database) -> None:
    tell(funded, forecast(whole(1_000_00), why="Not known yet"))
    told = tell(funded, Explanation(line="london", why="Two councils share one adviser"))
    with funded.reading() as session:
        kept = queries.explanations(session, NOW, MOU, "london")[0]
    assert (kept.variance_pence, kept.why) == (55_000_00, "Two councils share one adviser")
    assert outlook(funded).explanation == "Two councils share one adviser"
    mend(funded, told, Explanation(line="london", why="Three councils do"))
    assert outlook(funded, AsAt(date(2011, 10, 20))).explanation == "Three councils do"
    assert outlook(funded, AsAt(date(2011, 10, 20), AT.replace(hour=20))).explanation == (
        "Two councils share one adviser"
    )


def test_the_limit_is_the_one_that_was_last_set(funded: Database) -> None:
    with funded.writing() as session:
        limits = Limits(virement_above_pence=10_000_00, variance_above_pence=100_000_00, why="Small sums")
        commands.do(session, Kind.LIMITS, limits, by=SECRETARIAT, at=AT)
    tell(funded, forecast(whole(1_000_00)))
    assert outlook(funded).over_limit is False


@pytest.mark.parametrize(
    ("months", "says"),
    [
        ({}, "at least one month"),
        ({"2011-08": 1}, "has passed"),
        ({"2012-04": 1}, "is not a month of this MoU"),
        ({"2011-10": -1}, "Enter nothing, or an amount"),
        ({"October": 1}, "not a month"),
    ],
)
def test_months_that_cannot_be_forecast_are_refused_whole(funded: Database, months: dict[str, int], says: str) -> None:
    with pytest.raises(rules.NotAMonth, match=says):
        tell(funded, forecast(months, why="x"))
    assert outlook(funded).forecast_on is None


def test_the_same_month_twice_is_refused(funded: Database) -> None:
    twice = Forecast(line="london", months=[MonthAmount("2011-10", 1), MonthAmount("2011-10", 2)], why="x")
    with pytest.raises(rules.NotAMonth, match="named twice"):
        tell(funded, twice)


def test_a_post_with_terms_follows_them_and_is_not_forecast_by_hand(agreed: Database) -> None:
    lead = "programme-lead"
    doing(agreed)(commands.allocate, Allocation(line=lead, amount_pence=48_000_00))
    tell(agreed, forecast(whole(1_000_00), why="Not known yet", line=lead))
    said = {"wte_hundredths": 100, "starts_on": date(2011, 4, 1), "ends_on": date(2012, 3, 31)}
    tell(agreed, PostTerms(line=lead, annual_cost_pence=48_000_00, **said))  # type: ignore[arg-type]
    with pytest.raises(rules.FollowsItsTerms, match="Change its terms instead"):
        tell(agreed, forecast(whole(1), why="x", line=lead))
    found = outlook(agreed, line=lead)
    assert (found.follows, found.outturn_pence, found.variance_pence) == ("terms", 27_866_67, 20_133_33)


def test_a_coordinator_forecasts_their_own_region_and_no_other(funded: Database) -> None:
    tell(funded, forecast(whole(8_500_00)), by=LONDONER)
    tell(funded, Explanation(line="london", why="x"), by=LONDONER)
    for line in ("eastern", "programme-lead"):
        with pytest.raises(NotFound):
            tell(funded, forecast(whole(0), line=line), by=LONDONER)
    with pytest.raises(NotAllowed):
        tell(funded, forecast(whole(8_500_00)), by=CHAIR)


def test_after_the_year_a_line_came_to_what_was_paid_and_what_is_owed(funded: Database) -> None:
    tell(funded, forecast(whole(8_500_00)))
    after = AsAt(date(2012, 4, 1))
    assert outlook(funded, after).outturn_pence == 8_000_00
    with funded.reading() as session:
        rows = queries.outlooks(session, after, accrued={"london": 500_00})
    assert next(row.outturn_pence for row in rows if row.line == "london") == 8_500_00


def test_the_burn_adds_up_what_was_planned_and_paid_and_leaves_the_months_to_come_open(funded: Database) -> None:
    tell(funded, forecast(whole(8_500_00)))
    with funded.reading() as session:
        rows = queries.burn(session, NOW, MOU)
        none = queries.burn(session, NOW, MOU, ["eastern"])
    # Before its first forecast, in September, the line is planned to have paid what it paid: £10,000.00 less a refund.
    assert rows[3] == (Month(2011, 7), 10_000_00, 10_000_00)
    assert rows[5] == (Month(2011, 9), 16_500_00, 8_000_00)
    assert rows[-1] == (Month(2012, 3), 67_500_00, None)
    assert {planned for _, planned, _ in none} == {0}


def test_once_the_mou_is_withdrawn_nothing_is_expected_and_nothing_needs_explaining(negotiated: Database) -> None:
    do = doing(negotiated)
    do(commands.allocate, Allocation(line="london", amount_pence=70_000_00, effective_on=date(2011, 6, 1)))
    tell(negotiated, forecast(whole(9_000_00), why="More peer challenges"))
    do(commands.withdraw, Ending(), at=OCTOBER)
    found = outlook(negotiated, AsAt(date(2011, 10, 20)))
    assert (found.allocated_pence, found.outturn_pence, found.variance_pence) == (0, 0, 0)
    assert outlook(negotiated, AsAt(date(2011, 10, 19))).outturn_pence == 54_000_00


def test_a_line_that_is_not_there_is_refused(funded: Database) -> None:
    with pytest.raises(Refused, match="There is no funding line"):
        tell(funded, forecast(whole(1), line="nobody"))
    with pytest.raises(Refused, match="There is no funding line"):
        tell(funded, Explanation(line="nobody", why="x"))


def test_the_outlooks_cost_as_many_statements_whatever_was_recorded(funded: Database) -> None:
    def asked() -> int:
        funded.memory = type(funded.memory)()
        with counting(funded) as sent, funded.reading() as session:
            queries.outlooks(session, NOW)
            queries.burn(session, NOW, MOU)
        return len(sent)

    tell(funded, forecast(whole(8_500_00)))
    before = asked()
    for _ in range(5):
        tell(funded, forecast(whole(8_500_00)))
        tell(funded, Explanation(line="eastern", why="x"))
    assert asked() == before
