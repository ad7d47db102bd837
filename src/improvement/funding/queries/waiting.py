"""What of the money waits for somebody: decisions, answers, payments, forecasts and explanations."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

import msgspec
from sqlalchemy.orm import Session

from improvement.access.rules import May, Person, Role
from improvement.dates import AsAt, Month
from improvement.funding import queries
from improvement.funding.book import LineKind, State
from improvement.funding.queries import (
    Mou,
    claims,
    closing,
    conditions,
    forecasts,
    instalments,
    lines,
    posts,
)
from improvement.funding.rules.claims import ClaimState
from improvement.money import in_pounds

LISTED = 5
"""How many things of one sort are listed one by one; more are counted in one line."""
AFTERWARDS = timedelta(days=60)
"""How long after the year forecasts and variances still matter."""


SOON = timedelta(days=30)


class Waiting(msgspec.Struct, frozen=True):
    """One thing that waits for somebody: what to do, where, by when if there is a day, and what is behind it."""

    text: str
    href: str
    by_day: date | None = None
    more: str = ""


def waiting_in_all(session: Session, as_at: AsAt, by: Person) -> list[Waiting]:
    """What of the money of every MoU waits for this person."""
    every = [queries.mou(session, as_at, slug) for slug in queries.mous(session, as_at)]
    return [one for each in every for one in waiting(session, as_at, each, by)]


def waiting(session: Session, as_at: AsAt, mou: Mou, by: Person) -> list[Waiting]:
    """What of an MoU's money waits for this person, the most pressing first. Of an MoU that has ended, nothing."""
    if mou.state in (State.CLOSED, State.WITHDRAWN):
        return []
    return [
        msgspec.structs.replace(one, href=queries.of_mou(session, as_at, one.href, mou.mou))
        for one in _of_running(session, as_at, mou, by)
    ]


def _of_running(session: Session, as_at: AsAt, mou: Mou, by: Person) -> list[Waiting]:
    titles = {row.line: row.title for row in lines(session, as_at, mou.mou)}
    found = _claims(session, as_at, mou.mou, by, titles)
    if by.may(May.MANAGE_MONEY):
        found += _to_pay(session, as_at, mou.mou)
        found += _requests(session, as_at, mou.mou, titles)
        found += _conditions(session, as_at, mou.mou)
    last = posts.period(session, as_at, mou.mou)[-1].last_day
    if mou.state == State.AGREED and as_at.on <= last + AFTERWARDS:
        found += _variances(session, as_at, mou.mou, by)
        if as_at.on <= last:
            found += _forecasts(session, as_at, mou, by)
            found += _vacancies(session, as_at, mou.mou) if by.may(May.MANAGE_MONEY) else []
    return found


def _claims(session: Session, as_at: AsAt, mou: str, by: Person, titles: dict[str, str]) -> list[Waiting]:
    waits = claims.to_decide(session, as_at, mou, by)
    to_answer = [claim for claim in waits if claim.state is ClaimState.QUERIED]
    to_decide = [claim for claim in waits if claim.state is ClaimState.SUBMITTED]
    found = [
        Waiting(f"Answer the question about claim {one.ref}", f"/funding/claims/{one.ref}", None, one.question)
        for one in to_answer
    ]
    many = Waiting(
        f"Decide on {len(to_decide)} claims",
        "/funding/claims?state=to+decide",
        None,
        f"They come to {in_pounds(sum(claim.amount_pence for claim in to_decide))}.",
    )
    each = (
        Waiting(
            f"Decide on claim {one.ref} of {titles.get(one.line, one.line)}",
            f"/funding/claims/{one.ref}",
            None,
            f"{in_pounds(one.amount_pence)}: {one.paid_for[:120]}",
        )
        for one in to_decide
    )
    return found + _few(each, to_decide, many)


def _few(each: Iterable[Waiting], counted: Sequence[object], many: Waiting) -> list[Waiting]:
    """Things one by one while they are few, or else all in one line."""
    return list(each) if len(counted) <= LISTED else [many]


def _to_pay(session: Session, as_at: AsAt, mou: str) -> list[Waiting]:
    approved = [claim for claim in claims.claims(session, as_at, mou) if claim.state is ClaimState.APPROVED]
    if not approved:
        return []
    many = f"{len(approved)} approved claims" if len(approved) > 1 else "one approved claim"
    total = in_pounds(sum(claim.amount_pence for claim in approved))
    return [Waiting(f"Pay {many}", "/funding/runs/new", None, f"{total} in all.")]


def _requests(session: Session, as_at: AsAt, mou: str, titles: dict[str, str]) -> list[Waiting]:
    asks = closing.undecided(session, as_at, mou)
    each = (
        Waiting(
            f"Decide on {titles.get(one.line, one.line)}’s request to carry money forward",
            f"/funding/carry-forwards/decide?ref={one.ref}",
            None,
            f"{in_pounds(one.amount_pence)}: {one.why[:120]}",
        )
        for one in asks
    )
    many = Waiting(f"Decide on {len(asks)} requests to carry money forward", "/funding/year-end")
    return _few(each, asks, many)


def _conditions(session: Session, as_at: AsAt, mou: str) -> list[Waiting]:
    """Instalments that are due soon or overdue and whose conditions are not met."""
    met = conditions.conditions(session, as_at, mou)
    return [
        Waiting(f"Meet the conditions of instalment {one.ref}", "/funding/mou#instalments", one.due_on, one.conditions)
        for one in instalments(session, as_at, mou)
        if one.conditions and one.ref not in met and one.received_pence < one.amount_pence
        if one.due_on <= as_at.on + SOON
    ]


def _variances(session: Session, as_at: AsAt, mou: str, by: Person) -> list[Waiting]:
    large = [
        row
        for row in forecasts.outlooks(session, as_at, mou)
        if row.needs_explaining and by.role_for(May.CLAIM_MONEY, region=row.region)
    ]
    each = (
        Waiting(
            f"Explain the variance of {row.title}",
            f"/funding/variances/new?line={row.line}",
            None,
            f"{in_pounds(abs(row.variance_pence))} {'less' if row.variance_pence > 0 else 'more'} than its allocation "
            "is expected to be spent.",
        )
        for row in large
    )
    return _few(each, large, Waiting(f"Explain the variances of {len(large)} funding lines", "/funding/forecasts"))


def _forecasts(session: Session, as_at: AsAt, mou: Mou, by: Person) -> list[Waiting]:
    """A coordinator's own regions that have no forecast this month."""
    if not by.is_any(Role.COORDINATOR):
        return []
    this = Month.of(as_at.on)
    return [
        Waiting(
            f"Say what {row.title} will spend in the months to come",
            f"/funding/forecasts/{row.line}/new",
            this.last_day,
            f"The last forecast was given in {Month.of(row.forecast_on).in_words}."
            if row.forecast_on
            else "No forecast has been given yet: its allocation is spread equally over the year.",
        )
        for row in forecasts.outlooks(session, as_at, mou.mou)
        if row.kind == LineKind.REGION
        and row.region in by.regions
        and row.allocated_pence
        and (row.forecast_on is None or Month.of(row.forecast_on) < this)
    ]


def _vacancies(session: Session, as_at: AsAt, mou: str) -> list[Waiting]:
    return [
        Waiting(
            f"Release what the vacancy of {post.title} leaves",
            f"/funding/posts/{post.line}",
            None,
            f"{in_pounds(post.releasable_pence)} can be released.",
        )
        for post in posts.posts(session, as_at, mou)
        if post.releasable_pence
    ]
