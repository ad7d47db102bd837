"""What figures about money are made of: sums of facts, each with its words and the kinds of fact in it."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

import msgspec
from sqlalchemy.orm import Session

from improvement.dates import AsAt, Month
from improvement.funding import book as books
from improvement.funding import queries
from improvement.funding.book import Kind, Sum
from improvement.funding.queries import closing, forecasts, posts
from improvement.funding.rules.forecasts import Because, made_of


class Made(msgspec.Struct, frozen=True):
    """One part of a figure: what it adds to it (or takes from it), and the kinds of fact it is counted from.

    Where it is of fewer lines than the figure, or of other days, it says so.
    """

    words: str
    kinds: tuple[Kind, ...]
    pence: int
    lines: tuple[str, ...] | None = None
    since: date | None = None
    until: date | None = None


class Asking(msgspec.Struct, frozen=True):
    """Of what a figure is asked: of the whole MoU or of some lines; by the day, or of one day, one month, or all months
    until one."""

    mou: str
    as_at: AsAt
    lines: tuple[str, ...] | None = None
    month: Month | None = None
    added_up: bool = False
    """Whether the months before it count too."""
    day: date | None = None

    @property
    def until(self) -> date:
        """The last day of which facts count."""
        last = self.month.last_day if self.month else self.day
        return min(self.as_at.on, last) if last else self.as_at.on

    @property
    def since(self) -> date | None:
        """The day after which facts count, where those before do not."""
        if self.day:
            return self.day - timedelta(days=1)
        return None if self.month is None or self.added_up else self.month.previous.last_day

    def has(self, month: Month) -> bool:
        return self.month is None or month == self.month or (self.added_up and month < self.month)


AMOUNT = (Kind.NEGOTIATED, Kind.AGREED, Kind.VARIED, Kind.WITHDRAWN)
GIVEN = (Kind.ALLOCATION, Kind.RELEASE, Kind.VIREMENT, Kind.WITHDRAWN)
PROMISED = (Kind.COMMITMENT, Kind.RELEASE)
PAID = (Kind.PAYMENT, Kind.REFUND)


def less(parts: Iterable[Made]) -> list[Made]:
    """The same parts, taken away."""
    return [msgspec.structs.replace(part, pence=-part.pence) for part in parts]


def summed(session: Session, asking: Asking, what: Sum) -> int:
    """What a sum of the lines, or of the whole MoU, came to in the time asked about."""
    book = queries.book(session, asking.mou, asking.as_at.known_at)

    def by(line: str, day: date) -> int:
        return books.allocated(book, line, day) if what is Sum.ALLOCATED else book.on(what, line, day)

    lines = ("",) if asking.lines is None else asking.lines
    return sum(by(line, asking.until) - (by(line, asking.since) if asking.since else 0) for line in lines)


def given(session: Session, asking: Asking) -> list[Made]:
    return [Made("Allocations, less releases, and virements", GIVEN, summed(session, asking, Sum.ALLOCATED))]


def promised(session: Session, asking: Asking) -> list[Made]:
    return [Made("Commitments, less releases", PROMISED, summed(session, asking, Sum.COMMITTED))]


def payments(session: Session, asking: Asking) -> list[Made]:
    return [Made("Payments", (Kind.PAYMENT,), summed(session, asking, Sum.PAID))]


def refunds(session: Session, asking: Asking) -> list[Made]:
    return [Made("Refunds", (Kind.REFUND,), summed(session, asking, Sum.REFUNDED))]


def paid(session: Session, asking: Asking) -> list[Made]:
    return [*payments(session, asking), *less(refunds(session, asking))]


def carried(session: Session, asking: Asking) -> list[Made]:
    words = "Requests to carry forward that were granted"
    return [Made(words, (Kind.CARRIED,), summed(session, asking, Sum.CARRIED))]


def received(session: Session, asking: Asking) -> list[Made]:
    return [Made("Instalments received", (Kind.RECEIVED,), summed(session, asking, Sum.RECEIVED))]


def returned(session: Session, asking: Asking) -> list[Made]:
    return [Made("Returned to the funder", (Kind.RETURN,), summed(session, asking, Sum.RETURNED))]


def owed(session: Session, asking: Asking) -> list[Made]:
    """What was accrued, less what payments since have settled."""
    every = closing.accruals(session, asking.as_at, asking.mou)
    mine = [one for one in every if asking.lines is None or one.line in asking.lines]
    made = sum(one.amount_pence for one in mine)
    return [
        Made("Accruals", (Kind.ACCRUAL,), made),
        Made("Settled by payments made after them", PAID, sum(one.left_pence for one in mine) - made),
    ]


def amount(session: Session, asking: Asking) -> list[Made]:
    pence = queries.mou(session, asking.as_at, asking.mou).amount_pence
    return [Made("The MoU, its agreement and its variations: the last amount", AMOUNT, pence)]


def never_drawn(session: Session, asking: Asking) -> list[Made]:
    """The amount in force, less what was received, less what is carried forward and not in hand."""
    end = closing.statement(session, asking.as_at, asking.mou)
    to_come = end.in_force_pence - end.received_pence - end.never_drawn_pence
    return [
        *amount(session, asking),
        *less(received(session, asking)),
        Made("Paid or carried forward, and yet to be drawn", (Kind.CARRIED,), -to_come),
    ]


def to_settle(session: Session, asking: Asking) -> list[Made]:
    """Cash in hand that is not carried forward."""
    end = closing.statement(session, asking.as_at, asking.mou)
    beyond = max(0, end.carried_pence - end.cash_in_hand_pence)
    more = [Made("Carried forward, and not in hand yet", (), beyond)] if beyond else []
    return [
        *received(session, asking),
        *less(paid(session, asking)),
        *less(returned(session, asking)),
        *less(carried(session, asking)),
        *more,
    ]


def lines_of(session: Session, asking: Asking) -> tuple[str, ...]:
    """The lines asked about, or every one that can be forecast."""
    found = forecasts.standings(session, asking.as_at, asking.mou)
    return tuple(line for line in found if asking.lines is None or line in asking.lines)


_KINDS: dict[Because, tuple[Kind, ...]] = {
    Because.PAID: PAID,
    Because.ACCRUED: (Kind.ACCRUAL,),
    Because.TERMS: (Kind.POST_TERMS,),
    Because.VACANCY: (Kind.POST_STATE, Kind.POST_TERMS),
    Because.ALLOCATED: GIVEN,
    Because.PAID_BEFORE: PAID,
    Because.PAID_NOW: PAID,
    Because.PLANNED_NOW: (Kind.FORECAST,),
    Because.PLANNED_LATER: (Kind.FORECAST,),
}


def outturn(session: Session, asking: Asking) -> list[Made]:
    """What lines are expected to come to, by what that is taken from."""
    now, found = forecasts.standings(session, asking.as_at, asking.mou), dict[Because, dict[str, int]]()
    for line in lines_of(session, asking):
        for because, pence in made_of(now[line]).items():
            found.setdefault(because, {})[line] = pence
    before = Month.of(asking.as_at.on).previous.last_day
    days = {Because.PAID_BEFORE: (None, before), Because.PAID_NOW: (before, None)}
    made = []
    for because in Because:
        of = {line: pence for line, pence in found.get(because, {}).items() if pence}
        if of:
            words = because[:1].upper() + because[1:]
            since, until = days.get(because, (None, None))
            made.append(Made(words, _KINDS[because], sum(of.values()), tuple(of), since, until))
    return made


def allocated_of_lines(session: Session, asking: Asking) -> list[Made]:
    """What the lines that can be forecast are allocated."""
    return given(session, msgspec.structs.replace(asking, lines=lines_of(session, asking)))


def planned(session: Session, asking: Asking) -> list[Made]:
    """What is planned for the months asked about, by what each line's plan is."""
    plans = forecasts.plans(session, asking.as_at, asking.mou)
    now, found = forecasts.standings(session, asking.as_at, asking.mou), dict[str, dict[str, int]]()
    for line in lines_of(session, asking):
        given_on = [Month.of(version.on) for version in plans.versions.get(line, ())]
        for month, pence in now[line].planned.items():
            if asking.has(month) and pence:
                of = found.setdefault(_planned_by(month, now[line].is_post, min(given_on, default=None)), {})
                of[line] = of.get(line, 0) + pence
    made = []
    for words, kinds in _PLANNED.items():
        if of := found.get(words, {}):
            days = (asking.since, asking.until) if kinds == PAID else (None, None)
            made.append(Made(words, kinds, sum(of.values()), tuple(of), *days))
    return made


_PLANNED = {
    "By the terms of posts": (Kind.POST_TERMS,),
    "By the forecasts that were given": (Kind.FORECAST,),
    "Before the first forecast: what was paid": PAID,
    "By allocations, spread equally where no forecast was given": (*GIVEN, Kind.AGREED),
}


def _planned_by(month: Month, is_post: bool, first: Month | None) -> str:
    """What the plan of a month is taken from."""
    terms, forecast, before, spread = _PLANNED
    if is_post:
        return terms
    if first is None:
        return spread
    return before if month < first else forecast


def _of_posts(session: Session, asking: Asking) -> Sequence[posts.Post]:
    found = posts.posts(session, asking.as_at, asking.mou)
    return [post for post in found if asking.lines is None or post.line in asking.lines]


def vacancy(session: Session, asking: Asking) -> list[Made]:
    """What the days without anybody in post have left, of all months or of one."""
    pence = sum(post.vacancy_pence for post in _of_posts(session, asking))
    if asking.month:
        stories = [posts.post(session, asking.as_at, asking.mou, post.line) for post in _of_posts(session, asking)]
        pence = sum(month.vacancy_pence for story in stories for month in story.months if asking.has(month.month))
    return [Made("The days of its term on which nobody was in post", _KINDS[Because.VACANCY], pence)]


def releasable(session: Session, asking: Asking) -> list[Made]:
    """What of that the allocation is over what the post will come to."""
    kept = sum(post.releasable_pence - post.vacancy_pence for post in _of_posts(session, asking))
    words = "Not to be released: the allocation is not so far above what is expected to be spent"
    return [*vacancy(session, asking), *([Made(words, (*GIVEN, *PAID), kept)] if kept else [])]
