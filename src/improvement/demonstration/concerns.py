"""The made-up concerns, all mild and fictional, and what councils do about them."""

from collections.abc import Sequence
from datetime import date, timedelta
from random import Random
from typing import Any

import msgspec
from sqlalchemy.orm import Session

from improvement.access.rules import Person
from improvement.concerns import commands
from improvement.concerns.commands.inputs import NewAction, NewClosing, NewConcern, NewReason, NewTarget, NewUpdate
from improvement.concerns.rules import Progress, Sensitivity, Severity, Source, Theme
from improvement.demonstration.people import OFFICERS
from improvement.demonstration.telling import Event, chance, coordinator_of, moment, officer_of
from improvement.local_accounts import queries as accounts
from improvement.sector.rules import Council

LAST = date(2012, 3, 30)
OPEN, BOARD, CLOSED = Sensitivity.PUBLIC, Sensitivity.BOARD, Sensitivity.RESTRICTED
LOW, MEDIUM, HIGH = Severity.LOW, Severity.MEDIUM, Severity.HIGH


class Plan(msgspec.Struct, frozen=True):
    """An action to plan: what, how success is known, days to its target, how it goes."""

    title: str
    measure: str
    days: int
    goes: str
    """done, slow (moved once), stuck (overdue, no word), dropped (cancelled)"""


class Matter(msgspec.Struct, frozen=True):
    """A concern to raise and what is planned about it."""

    title: str
    theme: Theme
    severity: Severity
    sensitivity: Sensitivity
    source: Source
    plans: tuple[Plan, ...] = ()
    ends: str = ""
    """closed, accepted, or nothing"""


MATTERS = (
    Matter(
        "Waiting times for a first assessment",
        Theme.OUTCOMES,
        MEDIUM,
        OPEN,
        Source.LOCAL_ACCOUNT,
        (
            Plan("Weekend assessment clinics", "9 in 10 seen within 28 days", 100, "slow"),
            Plan("Publish waiting times each month", "Three months published", 50, "done"),
        ),
    ),
    Matter("No comparison of spending with the year before", Theme.PRODUCTIVITY, LOW, OPEN, Source.LOCAL_ACCOUNT),
    Matter(
        "People could not find the account on the website",
        Theme.FEEDBACK,
        LOW,
        OPEN,
        Source.PEER_CHALLENGE,
        (Plan("Link to it from the home page", "Two clicks from the home page", 30, "done"),),
        "closed",
    ),
    Matter(
        "Few carers answered the survey",
        Theme.FEEDBACK,
        MEDIUM,
        OPEN,
        Source.LOCAL_ACCOUNT,
        (Plan("Ask carers’ groups to help with the next survey", "A fifth more answers", 120, "going"),),
    ),
    Matter(
        "Home care visits cut short",
        Theme.MARKET,
        HIGH,
        BOARD,
        Source.COMPLAINTS,
        (Plan("Check visit lengths with three providers", "All checked, results shared", 70, "stuck"),),
    ),
    Matter(
        "Complaints answered late",
        Theme.COMPLAINTS,
        MEDIUM,
        OPEN,
        Source.COMPLAINTS,
        (Plan("A named officer for each complaint", "9 in 10 answered in 20 days", 80, "done"),),
    ),
    Matter(
        "Safeguarding referrals recorded in two systems",
        Theme.SAFEGUARDING,
        HIGH,
        CLOSED,
        Source.SAFEGUARDING_REVIEW,
        (Plan("One record for each referral", "No referral in two places", 110, "slow"),),
    ),
    Matter(
        "The account has no easy-read version",
        Theme.EQUALITIES,
        LOW,
        OPEN,
        Source.PEER_CHALLENGE,
        (Plan("Easy read with a self-advocacy group", "On the website", 60, "done"),),
        "closed",
    ),
    Matter(
        "Personal budgets are slow to set up",
        Theme.TLAP,
        MEDIUM,
        OPEN,
        Source.LOCAL_ACCOUNT,
        (Plan("A short form for small changes", "Half the time by March", 95, "stuck"),),
    ),
    Matter("Scrutiny’s advice was not followed up", Theme.SCRUTINY, LOW, BOARD, Source.OTHER, (), "accepted"),
    Matter("No word on priorities for next year", Theme.IMPROVEMENT, LOW, OPEN, Source.LOCAL_ACCOUNT),
    Matter(
        "Too few supported living places",
        Theme.MARKET,
        MEDIUM,
        OPEN,
        Source.LOCAL_ACCOUNT,
        (
            Plan("A joint plan with the housing service", "A plan agreed by members", 90, "going"),
            Plan("Ask the neighbouring councils", "An answer from each", 40, "dropped"),
        ),
    ),
)
PLACES = tuple(
    """
    brent brent wirral leeds devon kent cumbria norfolk nottingham sunderland dudley wirral
    camden oldham suffolk cornwall surrey derby gateshead coventry sheffield harrow lancashire essex
    """.split()
)


def year(session: Session) -> list[Event]:
    """Two rounds of the same dozen matters, in other councils and at other times."""
    luck = chance()
    councils = {council.slug: council for council in accounts.expected(session, accounts.FIRST_YEAR)}
    told: list[Event] = []
    for number, slug in enumerate(PLACES):
        matter, council = MATTERS[number % len(MATTERS)], councils[slug]
        day = date(2011, 7, 4) + timedelta(days=(number * 37) % 200)
        told += _story(council, matter, day - timedelta(days=max(0, day.weekday() - 4)), number, luck)
    return [event for event in told if event.at < moment(LAST, 18)]


def _who(council: Council) -> str:
    return officer_of(council.slug) if council.slug in OFFICERS else coordinator_of(council.region)


def _story(council: Council, matter: Matter, day: date, number: int, luck: Random) -> list[Event]:
    """Raised, planned a fortnight later, worked on, and perhaps closed. References are known as they are made."""
    known: dict[str, str] = {}
    quoted = matter.source is Source.LOCAL_ACCOUNT
    new = NewConcern(
        council=council.slug,
        title=matter.title,
        description=f"Fictional. {matter.title}, as people told the council during the year.",
        themes=[matter.theme],
        severity=matter.severity,
        sensitivity=matter.sensitivity,
        source=matter.source,
        source_page=str(luck.randrange(3, 24)) if quoted else "",
        source_quote="people told us this could be better" if quoted else "",
        owner="Head of adult social care",
        effective_on=day,
    )

    def raises(session: Session, by: Person, at: Any) -> None:
        known["concern"] = commands.raise_concern(session, new, by=by, at=at).ref

    told = [Event(moment(day, 10, number), _who(council), raises)]
    for at, plan in enumerate(matter.plans):
        told += _action(council, known, plan, day + timedelta(days=14 + at), f"action {at}", number)
    return [*told, *_ending(council, matter, known, day, number)]


def _action(council: Council, known: dict[str, str], plan: Plan, day: date, name: str, number: int) -> list[Event]:
    target = day + timedelta(days=plan.days)
    new = NewAction(
        title=plan.title,
        outcome="People are better served and can see it",
        measure=plan.measure,
        owner="Service manager",
        target_on=target,
        start_on=day,
        effective_on=day,
    )

    def plans(session: Session, by: Person, at: Any) -> None:
        known[name] = commands.plan_action(session, council.slug, new, concern=known["concern"], by=by, at=at).ref

    def updates(progress: Progress, narrative: str, on: date, reason: str = "") -> Event:
        wanted = NewUpdate(state=progress, narrative=narrative, effective_on=on, reason=reason)

        def do(session: Session, by: Person, at: Any) -> None:
            commands.update_action(session, known[name], wanted, by=by, at=at)

        return Event(moment(on, 15, number), _who(council), do)

    def moves(session: Session, by: Person, at: Any) -> None:
        wanted = NewTarget(
            target_on=target + timedelta(days=60), reason="The partner needs longer", effective_on=target
        )
        commands.move_target(session, known[name], wanted, by=by, at=at)

    begun = updates(Progress.IN_PROGRESS, "Begun", day + timedelta(days=10))
    after: dict[str, Sequence[Event]] = {
        "done": (begun, updates(Progress.COMPLETE, "Done, and the measure is met", target - timedelta(days=3))),
        "slow": (begun, Event(moment(target, 16, number), _who(council), moves)),
        "stuck": (begun,),
        "going": (begun, updates(Progress.IN_PROGRESS, "Half-way", day + timedelta(days=plan.days // 2))),
        "dropped": (updates(Progress.CANCELLED, "", day + timedelta(days=20), "Another action does this better"),),
    }
    return [Event(moment(day, 11, number), _who(council), plans), *after[plan.goes]]


def _ending(council: Council, matter: Matter, known: dict[str, str], day: date, number: int) -> list[Event]:
    """Closed, with evidence, by the region's coordinator, who owns none of the actions; or accepted as it is."""
    last = day + timedelta(days=max((plan.days for plan in matter.plans), default=20) + 30)

    def closes(session: Session, by: Person, at: Any) -> None:
        wanted = NewClosing(evidence="Seen on the council’s website", effective_on=last)
        commands.close_concern(session, known["concern"], wanted, by=by, at=at)

    def accepts(session: Session, by: Person, at: Any) -> None:
        wanted = NewReason(reason="The cost of acting is more than the gain this year", effective_on=last)
        commands.accept_concern(session, known["concern"], wanted, by=by, at=at)

    if matter.ends == "closed" and council.slug in OFFICERS:
        return [Event(moment(last, 12, number), coordinator_of(council.region), closes)]
    if matter.ends == "accepted":
        return [Event(moment(last, 12, number), _who(council), accepts)]
    return []
