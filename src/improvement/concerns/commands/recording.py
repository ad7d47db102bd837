"""How a fact about concerns is recorded: whose it is, what it must be in itself, and the whole story tried again."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from improvement.access import keys
from improvement.access.rules import May, Person, Role
from improvement.concerns import queries, rules
from improvement.concerns.commands import inputs
from improvement.concerns.commands.inputs import Dated
from improvement.concerns.rules import Progress
from improvement.concerns.story.checked import check
from improvement.concerns.story.reading import story_of
from improvement.concerns.tables import (
    KINDS,
    ActionLinked,
    ActionPlanned,
    ActionUnlinked,
    ActionUpdated,
    ConcernAccepted,
    ConcernClosed,
    ConcernEscalated,
    ConcernRaised,
    ConcernReopened,
    EscalationAnswered,
    SensitivityChanged,
    TargetMoved,
)
from improvement.database import Fact, record
from improvement.dates import ProgrammeYear, london_day
from improvement.errors import Mistakes
from improvement.local_accounts import queries as accounts
from improvement.sector import queries as sector
from improvement.sector.rules import Council
from improvement.web import forms

INPUTS: dict[type[Fact], type[Dated]] = {
    ConcernRaised: inputs.NewConcern,
    SensitivityChanged: inputs.NewSensitivity,
    ActionPlanned: inputs.NewAction,
    ActionLinked: inputs.NewLink,
    ActionUnlinked: inputs.NewUnlink,
    ActionUpdated: inputs.NewUpdate,
    TargetMoved: inputs.NewTarget,
    ConcernClosed: inputs.NewClosing,
    ConcernReopened: inputs.NewReason,
    ConcernAccepted: inputs.NewReason,
    ConcernEscalated: inputs.NewEscalation,
    EscalationAnswered: inputs.NewAnswer,
}
"""What each kind of fact is recorded from, and so corrected from."""


Begun = ConcernRaised | ActionPlanned


def reference(session: Session, kind: type[Begun]) -> str:
    """A reference nobody has had."""
    while True:
        ref = keys.reference("C" if kind is ConcernRaised else "A")
        if session.scalar(select(kind.seq).where(kind.ref == ref)) is None:
            return ref


def find_fact(session: Session, fact: UUID, by: Person) -> tuple[Fact, Council]:
    """A fact of a council this person works for, and the council. Raises `NoSuchFact` or `NotAllowed`."""
    for kind in KINDS:
        found = session.get(kind, fact)
        if found is not None:
            refs = [(name, getattr(found, name)) for name in ("ref", "concern", "action") if hasattr(found, name)]
            owned = [
                _own(session, _begun(name, kind), ref, by, rules.NoSuchFact(), withdrawn=True) for name, ref in refs
            ]
            return found, owned[0]
    raise rules.NoSuchFact


def _begun(name: str, kind: type[Fact]) -> type[Begun]:
    """Which kind began what a fact refers to by this column."""
    return ConcernRaised if name == "concern" or kind is ConcernRaised else ActionPlanned


def input_of(fact: Fact) -> dict[str, Any]:
    """A fact as the values that would record it again: what a correction begins from."""
    names = INPUTS[type(fact)].__struct_fields__
    kept = {name: getattr(fact, _column(name)) for name in names}
    return {name: value for name, value in msgspec.to_builtins(kept).items() if value is not None}


def corrected(session: Session, original: Fact, values: dict[str, Any], at: datetime) -> dict[str, Any]:
    """The columns of the fact that takes another's place: its own values, but for those given. Raises `Mistakes`."""
    given = {name: value for name, value in values.items() if value is not None or name != "effective_on"}
    merged = {name: value for name, value in (input_of(original) | given).items() if value is not None}
    read = forms.read_json(INPUTS[type(original)], merged)
    return columns_of(session, type(original), read, at)


def record_all(
    session: Session, facts: list[Fact], council: Council, by: Person, at: datetime, also: list[str] | None = None
) -> UUID:
    """Record facts of one council and try its story. Gives back the first one's id."""
    role = role_in(by, council)
    for fact in facts:
        _check(fact, sector.council(session, getattr(fact, "council", council.slug)), at)
        record(session, fact, by=by.id, as_role=role, at=at)
    session.flush()
    # What has only begun rests on nothing and nothing rests on it: there is no story to break.
    if not all(isinstance(fact, ConcernRaised | ActionPlanned) and fact.corrects is None for fact in facts):
        for slug in (council.slug, *(also or ())):
            check(story_of(session, slug))
    return facts[0].id


def _check(fact: Fact, council: Council, at: datetime) -> None:
    """What a fact must be in itself, whatever else was told."""
    if fact.withdrawn:
        return
    rules.check_day(fact.effective_on, london_day(at))
    match fact:
        case ConcernRaised():
            rules.check_council(council, fact.effective_on)
            rules.check_address(fact.source_address)
        case ActionPlanned():
            rules.check_council(council, fact.effective_on)
            rules.check_dates(fact.start_on, fact.target_on)
        case ActionUpdated():
            rules.check_cancelled(Progress(fact.state), fact.because)


def _column(name: str) -> str:
    """A fact's own reason stands apart from the reason it was corrected for."""
    return "because" if name == "reason" else name


def columns_of(session: Session, kind: type[Fact], new: Dated, at: datetime) -> dict[str, Any]:
    """The columns of a fact from what was entered. Raises `Mistakes` when what is needed is blank."""
    _check_filled(new)
    entered = {_column(name): msgspec.to_builtins(getattr(new, name)) for name in new.__struct_fields__}
    entered |= {name: value for name in new.__struct_fields__ if isinstance(value := getattr(new, name), date)}
    entered["effective_on"] = new.effective_on or london_day(at)
    if kind is ActionPlanned:
        entered["year"] = str(_plan_year(session, getattr(new, "year", None), entered["effective_on"]))
    return entered


def _check_filled(new: Dated) -> None:
    blank = {}
    for field in forms.wanted_of(type(new)):
        value = getattr(new, field.name)
        if field.required and (value.strip() if isinstance(value, str) else value) in ("", []):
            blank[field.name] = f"{'Select' if value == [] else 'Enter'} {field.words}."
    if blank:
        raise Mistakes(blank)


def _plan_year(session: Session, given: str | None, on: date) -> ProgrammeYear:
    """The year asked for, else the latest that has begun."""
    if given:
        return ProgrammeYear.parse(given)
    begun = [each.year for each in accounts.years(session).values() if each.year.first_day <= on]
    return max(begun, default=accounts.FIRST_YEAR)


def named(session: Session, slug: str) -> Council:
    """A council somebody chose. Raises `NoSuchCouncil`."""
    council = sector.all_councils(session).get(slug)
    if council is None:
        raise rules.NoSuchCouncil(f"There is no council “{slug[:60]}”. Choose one from the list.", field="council")
    return council


def role_in(by: Person, council: Council) -> Role:
    """The role this is done in. Raises `NotAllowed`."""
    return by.acting(May.WORK_ON_CONCERNS, region=council.region, council=council.slug)


def own_concern(session: Session, ref: str, by: Person) -> Council:
    """The council of a concern this person may work on. Raises `NoSuchConcern` or `NotAllowed`."""
    return _own(session, ConcernRaised, ref, by, rules.NoSuchConcern())


def own_action(session: Session, ref: str, by: Person) -> Council:
    """The council of an action this person may work on. Raises `NoSuchAction` or `NotAllowed`."""
    return _own(session, ActionPlanned, ref, by, rules.NoSuchAction())


def _own(
    session: Session, kind: type[Begun], ref: str, by: Person, unknown: Exception, *, withdrawn: bool = False
) -> Council:
    latest = select(kind.council, kind.withdrawn).where(kind.ref == ref).order_by(kind.seq.desc()).limit(1)
    found = session.execute(latest).first()
    if found is None or (found.withdrawn and not withdrawn):
        raise unknown
    council = sector.council(session, found.council)
    if by.role_for(May.WORK_ON_CONCERNS, region=council.region, council=council.slug) is None:
        if not queries.may_know(session, by, ref):
            raise unknown
        role_in(by, council)
    return council
