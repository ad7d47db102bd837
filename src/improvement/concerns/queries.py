"""Questions about concerns and actions, at any two dates.

Where things stood is derived once for everybody and remembered; who may know of each thing is asked anew, by the
rights and the sensitivity of today, whatever the dates. `book` is the one answer that leaves nothing out.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from improvement.access.rules import May, Person
from improvement.concerns import rules
from improvement.concerns.rules import Sensitivity, Sight, sight
from improvement.concerns.story.checked import check
from improvement.concerns.story.derived import Action, Book, Concern, derive
from improvement.concerns.story.history import Event
from improvement.concerns.story.reading import story, story_of
from improvement.concerns.story.told import Story
from improvement.concerns.tables import KINDS as OWN_KINDS
from improvement.concerns.tables import ActionLinked, ActionPlanned, ConcernRaised
from improvement.database import EVER, Fact, remembered
from improvement.dates import AsAt, ProgrammeYear
from improvement.errors import TurnedDown
from improvement.sector import queries as sector

KINDS: tuple[type[Fact], ...] = (*sector.KINDS, *OWN_KINDS)
"""What the answers here are derived from."""


class ConcernRow(msgspec.Struct, frozen=True, kw_only=True):
    """A concern in a list. `actions` leaves cancelled ones out; `overdue` is how many of them are."""

    ref: str
    council: str
    council_name: str
    region: str
    title: str
    themes: tuple[str, ...]
    severity: str
    sensitivity: str
    state: str
    source: str
    owner: str
    raised_on: date
    actions: int
    overdue: int
    waits_for: str | None


class ActionRow(msgspec.Struct, frozen=True, kw_only=True):
    """An action in a list, with the concerns it serves that the reader may know of."""

    ref: str
    council: str
    council_name: str
    region: str
    year: str
    title: str
    outcome: str
    measure: str
    owner: str
    start_on: date | None
    target_on: date
    first_target_on: date
    state: str
    rag: str | None
    own_rag: str | None
    updated_on: date | None
    slips: int
    days_slipped: int
    overdue: bool
    due_soon: bool
    concerns: tuple[str, ...]


class Matter(msgspec.Struct, frozen=True):
    """What decides who may know of a concern or action: whose it is and how sensitive it is, today."""

    council: str
    region: str
    sensitivity: Sensitivity


def book(session: Session, as_at: AsAt) -> Book:
    """Every concern and action as it stood, whoever asks: for figures, which say less than they are counted from."""
    return remembered(session, ("concerns", as_at), lambda: derive(_told(session, as_at), as_at.on), of=KINDS)


def _told(session: Session, as_at: AsAt) -> Story:
    """What was told by then. All we know now is read once, whatever the day asked about."""
    if as_at.known_at is not None:
        return story(session, as_at)
    return remembered(session, "the story of concerns", lambda: story(session, EVER), of=KINDS)


def matters(session: Session) -> Mapping[str, Matter]:
    """Who may know of each concern and action there ever was, by its reference. What was withdrawn is restricted."""
    return remembered(session, "who may know of concerns", lambda: _matters(session), of=KINDS)


def _matters(session: Session) -> dict[str, Matter]:
    councils = sector.all_councils(session)
    today = derive(_told(session, EVER), EVER.on)
    found = {}
    for kind in (ConcernRaised, ActionPlanned):
        # The latest of each chain comes last; one that was withdrawn stands in no book.
        for ref, council in session.execute(select(kind.ref, kind.council).order_by(kind.seq)):
            found[ref] = Matter(council, councils[council].region, Sensitivity.RESTRICTED)
    for ref, concern in today.concerns.items():
        found[ref] = msgspec.structs.replace(found[ref], sensitivity=concern.sensitivity)
    once: dict[str, list[Sensitivity]] = {}
    for concern_ref, action_ref in session.execute(select(ActionLinked.concern, ActionLinked.action)):
        once.setdefault(action_ref, []).append(found[concern_ref].sensitivity)
    for ref, action in today.actions.items():
        now = [found[each].sensitivity for each in action.concerns]
        closed = rules.sensitivity_of_action(now, once.get(ref, []))
        found[ref] = msgspec.structs.replace(found[ref], sensitivity=closed)
    return found


def may_know(session: Session, by: Person, ref: str) -> bool:
    """Whether somebody may know that this concern or action exists."""
    return _sees(matters(session), sight(by), ref)


def _sees(known_as: Mapping[str, Matter], seeing: Sight, ref: str) -> bool:
    matter = known_as.get(ref)
    return matter is not None and seeing.sees(matter.council, matter.region, matter.sensitivity)


def concern(session: Session, by: Person, ref: str, as_at: AsAt) -> Concern:
    """One concern. Raises `NoSuchConcern`, the same whether there is none or the person may not know of it."""
    found = book(session, as_at).concerns.get(ref)
    if found is None or not may_know(session, by, ref):
        raise rules.NoSuchConcern
    return found


def action(session: Session, by: Person, ref: str, as_at: AsAt) -> Action:
    """One action. Raises `NoSuchAction`, the same whether there is none or the person may not know of it."""
    found = book(session, as_at).actions.get(ref)
    if found is None or not may_know(session, by, ref):
        raise rules.NoSuchAction
    return found


def concerns(session: Session, by: Person, as_at: AsAt) -> Sequence[ConcernRow]:
    """The concerns somebody may know of, by reference."""
    seeing = sight(by)
    key = ("concern rows", as_at, seeing)
    return remembered(session, key, lambda: _concern_rows(session, seeing, as_at), of=KINDS)


def _concern_rows(session: Session, seeing: Sight, as_at: AsAt) -> list[ConcernRow]:
    told, known_as = book(session, as_at), matters(session)
    councils = sector.all_councils(session)
    rows = []
    for ref in sorted(ref for ref in told.concerns if _sees(known_as, seeing, ref)):
        found = told.concerns[ref]
        serving = [told.actions[each] for each in found.actions if _sees(known_as, seeing, each)]
        rows.append(_concern_row(found, [each for each in serving if each.live], councils[found.council]))
    return rows


def _concern_row(found: Concern, serving: Sequence[Action], council: Any) -> ConcernRow:
    return ConcernRow(
        ref=found.ref,
        council=found.council,
        council_name=council.name,
        region=council.region,
        title=found.title,
        themes=found.themes,
        severity=found.severity,
        sensitivity=found.sensitivity,
        state=found.state,
        source=found.source,
        owner=found.owner,
        raised_on=found.on,
        actions=len(serving),
        overdue=0 if found.settled else sum(each.overdue for each in serving),
        waits_for=found.waits_for,
    )


def actions(session: Session, by: Person, as_at: AsAt) -> Sequence[ActionRow]:
    """The actions somebody may know of, by reference."""
    seeing = sight(by)
    key = ("action rows", as_at, seeing)
    return remembered(session, key, lambda: _action_rows(session, seeing, as_at), of=KINDS)


def _action_rows(session: Session, seeing: Sight, as_at: AsAt) -> list[ActionRow]:
    told, known_as = book(session, as_at), matters(session)
    councils = sector.all_councils(session)
    return [
        _action_row(
            told.actions[ref], councils[told.actions[ref].council], _known_of(told.actions[ref], known_as, seeing)
        )
        for ref in sorted(ref for ref in told.actions if _sees(known_as, seeing, ref))
    ]


def _known_of(found: Action, known_as: Mapping[str, Matter], seeing: Sight) -> tuple[str, ...]:
    return tuple(ref for ref in found.concerns if _sees(known_as, seeing, ref))


def _action_row(found: Action, council: Any, serves: tuple[str, ...]) -> ActionRow:
    return ActionRow(
        ref=found.ref,
        council=found.council,
        council_name=council.name,
        region=council.region,
        year=found.year,
        title=found.title,
        outcome=found.outcome,
        measure=found.measure,
        owner=found.owner,
        start_on=found.start_on,
        target_on=found.target_on,
        first_target_on=found.first_target_on,
        state=found.state,
        rag=found.rag,
        own_rag=found.own_rag,
        updated_on=found.updated_on,
        slips=len(found.slips),
        days_slipped=found.days_slipped,
        overdue=found.overdue,
        due_soon=found.due_soon,
        concerns=serves,
    )


class Chain(msgspec.Struct, frozen=True):
    """A concern and, hanging from it, the actions that serve it."""

    concern: Concern
    row: ConcernRow
    actions: tuple[ActionRow, ...]


def chains(session: Session, by: Person, as_at: AsAt, council: str = "", ref: str = "") -> list[Chain]:
    """The concerns of a council, or one concern, each with its actions: what nobody has begun on comes first."""
    told = book(session, as_at).concerns
    by_ref = {row.ref: row for row in actions(session, by, as_at)}
    rows = [row for row in concerns(session, by, as_at) if row.council == council or row.ref == ref]
    found = [
        Chain(told[row.ref], row, tuple(by_ref[each] for each in told[row.ref].actions if each in by_ref))
        for row in rows
    ]
    return sorted(found, key=lambda chain: urgency(chain.row))


def urgency(row: ConcernRow) -> tuple[int, int, int, str]:
    """Where a concern stands in a list: without any action first, then overdue, then the gravest; settled last."""
    states, severities = list(rules.State), list(rules.Severity)
    first = 0 if row.state == rules.State.OPEN else 1 if row.overdue else 2 + states.index(rules.State(row.state))
    return first, -severities.index(rules.Severity(row.severity)), -row.raised_on.toordinal(), row.ref


def restricted(session: Session, as_at: AsAt) -> int:
    """How many restricted concerns there are that nobody has settled, nationally."""
    told = book(session, as_at).concerns.values()
    return sum(each.sensitivity is Sensitivity.RESTRICTED and not each.settled for each in told)


def works_on(session: Session, by: Person, council: str) -> bool:
    """Whether somebody may change anything here."""
    found = sector.council(session, council)
    return by.role_for(May.WORK_ON_CONCERNS, region=found.region, council=council) is not None


def plan(session: Session, by: Person, council: str, year: ProgrammeYear, as_at: AsAt) -> list[ActionRow]:
    """A council's improvement plan of a year. Raises `NoSuchPlan` for those who may know nothing of the council's."""
    found = sector.all_councils(session).get(council)
    if found is None or not sight(by).sees(council, found.region, Sensitivity.PUBLIC):
        raise rules.NoSuchPlan
    rows = (row for row in actions(session, by, as_at) if (row.council, row.year) == (council, str(year)))
    return sorted(rows, key=due)


def due(row: ActionRow) -> tuple[int, date, str]:
    """Where an action stands in a list: overdue first, then by target date; what is over comes last."""
    over = row.state in (rules.Progress.COMPLETE, rules.Progress.CANCELLED)
    return 2 if over else 0 if row.overdue else 1, row.target_on, row.ref


def wrong(session: Session) -> list[str]:
    """Every rule the records break as a whole, one sentence each: none, unless something went past the commands."""
    found = []
    for slug in session.scalars(select(ConcernRaised.council).union(select(ActionPlanned.council))):
        try:
            check(story_of(session, slug))
        except TurnedDown as refusal:
            found.append(f"{slug}: {refusal.message}")
    return sorted(found)


def with_words(session: Session, rows: Sequence[ConcernRow], as_at: AsAt, words: str) -> list[ConcernRow]:
    """Those of some concerns whose reference, council, title or description have all of these words."""
    wanted, told = words.casefold().split(), book(session, as_at).concerns
    if not wanted:
        return list(rows)
    texts = ((row, f"{row.ref} {row.council_name} {row.title} {told[row.ref].description}".casefold()) for row in rows)
    return [row for row, text in texts if all(word in text for word in wanted)]


def actions_with_words(rows: Sequence[ActionRow], words: str) -> list[ActionRow]:
    """Those of some actions whose reference, council, title or owner have all of these words."""
    wanted = words.casefold().split()
    texts = ((row, f"{row.ref} {row.council_name} {row.title} {row.owner}".casefold()) for row in rows)
    return [row for row, text in texts if all(word in text for word in wanted)]


def known_events(session: Session, by: Person, events: Sequence[Event]) -> list[Event]:
    """Those of some events that name nothing the person may not know of."""
    known_as, seeing = matters(session), sight(by)
    return [event for event in events if all(_sees(known_as, seeing, ref) for ref in (event.of, *event.links))]
