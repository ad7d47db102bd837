"""National posts: what one costs month by month, and what of that its vacancy leaves. Exact, in whole pence at the end.

Terms are versions. Each holds from its day on, so that a changed date or cost re-profiles from then on and every month
before it stays as it was.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise

import msgspec

from improvement.dates import Month, has_full_year, in_words
from improvement.errors import Mistakes, Refused
from improvement.money import share_out

FULL_TIME = 100
"""A full-time post, in hundredths."""


class PostState(StrEnum):
    """Where the filling of a post stands."""

    PLANNED = "planned"
    ADVERTISED = "advertised"
    APPOINTED = "appointed"
    IN_POST = "in post"
    ENDED = "ended"


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """What a post is and costs, from a day on. The annual cost, with on-costs, is at its whole-time equivalent."""

    decided_on: date
    seq: int = 0
    wte_hundredths: int = FULL_TIME
    starts_on: date
    ends_on: date
    annual_cost_pence: int
    applies_from: date
    why: str = ""


class Reached(msgspec.Struct, frozen=True):
    """A state a post was in from a day on."""

    on: date
    seq: int
    state: str


class Span(msgspec.Struct, frozen=True):
    """Days of a post's term, the last one included, on which one version of its terms holds."""

    first: date
    last: date
    terms: Terms


class EndsBeforeStart(Refused):
    """A post ends on the day it starts or later."""


class NotOfAPost(Refused):
    """Only national posts have terms and a state."""


class NotItsDays(Refused):
    """Terms hold from a day of the post, or from the day after its end when it ended earlier than was thought."""


class PostHasEnded(Refused):
    """Nothing follows once a post has ended."""


class NotAWholeTime(Refused):
    """A whole-time equivalent is above nothing and no more than ten posts."""


def governing(versions: Iterable[Terms], day: date) -> Terms | None:
    """The version that holds on a day: of those that apply by then, the one decided last."""
    applying = (terms for terms in versions if terms.applies_from <= day)
    return max(applying, key=lambda terms: (terms.decided_on, terms.seq), default=None)


def shown(versions: Sequence[Terms], day: date) -> Terms | None:
    """What a post is said to be on a day: the terms that hold, or the first ones when none hold yet."""
    return governing(versions, day) or min(versions, key=lambda terms: (terms.applies_from, terms.seq), default=None)


def spans(versions: Sequence[Terms]) -> list[Span]:
    """The days of the post's term, cut where another version takes over."""
    found = []
    for begin, end in _stretches(sorted({terms.applies_from for terms in versions})):
        terms = governing(versions, begin)
        assert terms is not None
        first, last = max(begin, terms.starts_on), min(end, terms.ends_on)
        if first <= last:
            found.append(Span(first, last, terms))
    return found


def _stretches(days: Sequence[date]) -> list[tuple[date, date]]:
    """Each day and the last one before the next; the last has no end."""
    one = timedelta(days=1)
    return [(day, following - one) for day, following in pairwise(days)] + [(day, date.max) for day in days[-1:]]


def twelfth(annual_pence: int, month: Month) -> int:
    """What a whole month costs: a twelfth of the year from April to March, so that the twelve come to it exactly."""
    return share_out(annual_pence, [1] * 12)[(month.month - 4) % 12]


def cost(of: Iterable[Span], month: Month) -> Fraction:
    """What the days of some spans cost in a month, in exact pence: each day its part of that month's twelfth."""
    total = Fraction(0)
    for span in of:
        first, last = max(span.first, month.first_day), min(span.last, month.last_day)
        if first <= last:
            days = (last - first).days + 1
            total += Fraction(twelfth(span.terms.annual_cost_pence, month) * days, month.last_day.day)
    return total


def half_up(pence: Fraction) -> int:
    """Whole pence, a half counting as one more."""
    return (2 * pence.numerator + pence.denominator) // (2 * pence.denominator)


def profile(versions: Sequence[Terms], months: Iterable[Month]) -> dict[Month, int]:
    """What the post is expected to cost in each month, in pence."""
    all_days = spans(versions)
    return {month: half_up(cost(all_days, month)) for month in months}


def filled(states: Iterable[Reached]) -> list[tuple[date, date]]:
    """The stretches of days, first and last, on which somebody is in post."""
    story = in_order(states)
    held = zip(story, _stretches([step.on for step in story]), strict=True)
    return [stretch for step, stretch in held if step.state == PostState.IN_POST]


def in_order(states: Iterable[Reached]) -> list[Reached]:
    """States by day, and on one day as they were recorded."""
    return sorted(states, key=lambda step: (step.on, step.seq))


def vacant(versions: Sequence[Terms], states: Iterable[Reached], by: date) -> list[Span]:
    """The days of the post's term, up to a day, on which nobody is in post. Without a state a post is planned."""
    taken, found = filled(states), []
    for span in spans(versions):
        begin, last = span.first, min(span.last, by)
        for first, end in taken:
            if end < begin or first > last:
                continue
            if first > begin:
                found.append(Span(begin, first - timedelta(days=1), span.terms))
            begin = min(end, last) + timedelta(days=1)
        if begin <= last:
            found.append(Span(begin, last, span.terms))
    return found


def vacancy(
    versions: Sequence[Terms], states: Iterable[Reached], by: date, months: Iterable[Month]
) -> dict[Month, int]:
    """What the vacant days up to a day would have cost in each month, in pence. Never more than the month's profile."""
    days = vacant(versions, states, by)
    return {month: half_up(cost(days, month)) for month in months}


def releasable(vacancy_pence: int, allocated_pence: int, outturn_pence: int) -> int:
    """What vacancy has left that the line will not need: no more than its allocation is over what it will come to."""
    return max(0, min(vacancy_pence, allocated_pence - outturn_pence))


def check_terms(terms: Terms) -> None:
    """Raises `EndsBeforeStart`, `NotAWholeTime` or `NotItsDays`; `Mistakes` where several are wrong."""
    wrong = list(_wrong(terms))
    if len(wrong) > 1:
        raise Mistakes({each.field: each.message for each in wrong})
    for each in wrong:
        raise each


def _wrong(terms: Terms) -> Iterator[Refused]:
    """Everything that is wrong with terms, one for each field."""
    years = [refusal for name in ("starts_on", "ends_on") if (refusal := _year_of(getattr(terms, name), name))]
    yield from years
    if not 1 <= terms.wte_hundredths <= 10 * FULL_TIME:
        yield NotAWholeTime("Enter a whole-time equivalent from 0.01 to 10.", field="wte_hundredths")
    if years:
        return
    if terms.ends_on < terms.starts_on:
        yield EndsBeforeStart("Enter an end that is on or after the start of the post.", field="ends_on")
    elif terms.applies_from > terms.ends_on + timedelta(days=1):
        yield NotItsDays(
            "Enter a day from which these terms hold that is no later than the day after the post ends.",
            field="applies_from",
        )


def first_day(starts_on: date, ends_on: date, decided_on: date, others: Sequence[Terms]) -> date:
    """From when terms hold that do not say: the first ones from the post's start, later ones from the day decided."""
    return min(decided_on, ends_on + timedelta(days=1)) if others else starts_on


def check_story(states: Iterable[Reached]) -> None:
    """Raises `PostHasEnded` or `NotItsDays`."""
    story = in_order(states)
    for step in story:
        if (wrong := _year_of(step.on, "effective_on")) is not None:
            raise wrong
    ended = next((step for step in story if step.state == PostState.ENDED), None)
    if ended is not None and story[-1] is not ended:
        raise PostHasEnded(
            f"The post ended on {in_words(ended.on)}, and nothing can follow. Correct that first if it has not ended.",
            field="state",
        )


def _year_of(day: date, field: str) -> NotItsDays | None:
    """What is wrong with the year of a day, if something is."""
    if has_full_year(day):
        return None
    return NotItsDays("Enter a day with its year in four figures, like 1 9 2011.", field=field)
