"""The made-up posts and forecasts: three posts that took their time to fill, and what each region expects to spend."""

from datetime import date

from sqlalchemy.orm import Session

from improvement.dates import Month
from improvement.demonstration.money import COMMITTED, PAID, POSTS, grants, slug, tell
from improvement.demonstration.telling import Event, coordinator_of
from improvement.funding.book import Kind
from improvement.funding.entering.closing import Limits
from improvement.funding.entering.forecasts import Explanation, Forecast, MonthAmount
from improvement.funding.entering.posts import PostStep, PostTerms
from improvement.funding.rules.posts import PostState

STEPS = (
    (("2011-06-20", PostState.ADVERTISED), ("2011-07-18", PostState.APPOINTED), ("2011-08-01", PostState.IN_POST)),
    (("2011-06-20", PostState.ADVERTISED), ("2011-07-11", PostState.APPOINTED), ("2011-08-01", PostState.IN_POST)),
    (("2011-07-11", PostState.ADVERTISED), ("2011-09-05", PostState.APPOINTED), ("2011-10-01", PostState.IN_POST)),
)
"""From when each post was advertised, appointed to and filled."""
ENDS = date(2012, 3, 31)
MONTHS = tuple(Month(2011, month) for month in range(9, 13)) + tuple(Month(2012, month) for month in range(1, 4))
"""The months to come when the regions first forecast."""
LATE = "The posts could be filled only once the Memorandum of Understanding was agreed in July."
SLOWER = "The region’s programme began later than planned; what is left is expected to be needed next year."


def year(session: Session) -> list[Event]:
    """The year of the posts, and the forecasts of the regions."""
    return [*_limits(), *_terms(), *_states(), *_forecasts(grants(session)), *_explained()]


def _limits() -> list[Event]:
    wanted = Limits(
        virement_above_pence=10_000_00,
        variance_above_pence=5_000_00,
        why="The Board’s rules for the programme",
        effective_on=date(2011, 7, 12),
    )
    return [tell("2011-07-12", Kind.LIMITS, wanted, 9)]


def _terms() -> list[Event]:
    told = []
    for title, _, allocated, _ in POSTS:
        terms = PostTerms(
            line=slug(title),
            wte_hundredths=100,
            starts_on=date(2011, 4, 1),
            ends_on=ENDS,
            annual_cost_pence=allocated,
            why="A whole year’s cost was set aside",
            effective_on=date(2011, 6, 7),
        )
        told.append(tell("2011-06-07", Kind.POST_TERMS, terms, 10))
    dearer = PostTerms(
        line=slug(POSTS[1][0]),
        wte_hundredths=100,
        starts_on=date(2011, 4, 1),
        ends_on=ENDS,
        annual_cost_pence=54_000_00,
        applies_from=date(2012, 1, 1),
        why="The host’s on-costs rose",
        effective_on=date(2011, 12, 12),
    )
    return [*told, tell("2011-12-12", Kind.POST_TERMS, dearer, 10)]


def _states() -> list[Event]:
    """Each start was agreed when somebody was appointed, ahead of its day."""
    told = []
    for (title, *_), steps in zip(POSTS, STEPS, strict=True):
        recorded = ""
        for day, state in steps:
            recorded = recorded if state is PostState.IN_POST else day
            step = PostStep(line=slug(title), state=state, effective_on=date.fromisoformat(day))
            told.append(tell(recorded, Kind.POST_STATE, step, 12 if state is PostState.IN_POST else 11))
    return told


def _forecasts(given: dict[str, int]) -> list[Event]:
    """In September each region says what it will be paid; in January those that began late say less."""
    told = []
    for region, grant in given.items():
        plan = dict.fromkeys(MONTHS, 0) | {
            Month.parse(day[:7]): grant * hundredths // 100 for day, hundredths in PAID[region]
        }
        march = MONTHS[-1]
        plan[march] += grant - sum(plan.values())
        told.append(_forecast(region, "2011-09-12", plan, ""))
        if region in COMMITTED:
            paid = sum(grant * hundredths // 100 for day, hundredths in PAID[region] if day < "2012-01-16")
            later = {MONTHS[-2]: 0, march: grant * COMMITTED[region] // 100 - paid}
            told.append(_forecast(region, "2012-01-16", later, SLOWER))
    return told


def _forecast(region: str, day: str, plan: dict[Month, int], why: str) -> Event:
    months = [MonthAmount(str(month), pence) for month, pence in sorted(plan.items())]
    wanted = Forecast(line=region, months=months, why=why, effective_on=date.fromisoformat(day))
    return tell(day, Kind.FORECAST, wanted, 15, coordinator_of(region))


def _explained() -> list[Event]:
    return [
        tell(day, Kind.EXPLAINED, Explanation(line=slug(title), why=LATE), 16)
        for day in ("2011-10-03", "2012-03-29")
        for title, *_ in (POSTS[0], POSTS[1], POSTS[2])
    ]
