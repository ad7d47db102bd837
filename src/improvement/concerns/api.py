"""Concerns and actions, as JSON."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

import msgspec
from litestar.handlers import HTTPRouteHandler

from improvement.access.asking import Asked
from improvement.access.routes import api_get, api_post
from improvement.access.rules import May
from improvement.concerns import commands, queries
from improvement.concerns.commands import inputs
from improvement.concerns.story.history import Event, history
from improvement.dates import ProgrammeYear
from improvement.web import forms
from improvement.web.lists import Listing, listing
from improvement.web.replies import Created


class ConcernInFull(queries.ConcernRow, frozen=True, kw_only=True):
    """A concern, the actions that serve it, and its history."""

    description: str
    source_page: str
    source_quote: str
    source_address: str
    decided_on: date | None
    served_by: Sequence[queries.ActionRow]
    history: Sequence[Event]


class ActionInFull(queries.ActionRow, frozen=True, kw_only=True):
    """An action and its history."""

    history: Sequence[Event]


def _ref(asked: Asked) -> str:
    return str(asked.sent.path["ref"])


@api_get("/concerns", may=May.READ_CONCERNS, of="concerns", gives=queries.ConcernRow, closed=True)
def concerns(asked: Asked) -> Listing:
    """The concerns you may know of; `q` finds words."""
    rows = queries.concerns(asked.session, asked.by, asked.as_at)
    found = queries.with_words(asked.session, rows, asked.as_at, asked.query.get("q", ""))
    return listing(found, asked.query, "ref")


@api_get("/concerns/{ref:str}", may=May.READ_CONCERNS, of="concern", gives=ConcernInFull, closed=True)
def concern(asked: Asked) -> ConcernInFull:
    """One concern, with the actions that serve it and its history."""
    found = queries.concern(asked.session, asked.by, _ref(asked), asked.as_at)
    (chain,) = queries.chains(asked.session, asked.by, asked.as_at, ref=found.ref)
    events = history(asked.session, asked.as_at, concern=found.ref, actions=[row.ref for row in chain.actions])
    return ConcernInFull(
        **_fields(chain.row),
        description=found.description,
        source_page=found.source_page,
        source_quote=found.source_quote,
        source_address=found.source_address,
        decided_on=found.decided_on,
        served_by=chain.actions,
        history=queries.known_events(asked.session, asked.by, events),
    )


@api_get("/actions", may=May.READ_CONCERNS, of="actions", gives=queries.ActionRow, closed=True)
def actions(asked: Asked) -> Listing:
    """The actions you may know of, each with the concerns it serves that you may know of; `q` finds words."""
    rows = queries.actions(asked.session, asked.by, asked.as_at)
    return listing(queries.actions_with_words(rows, asked.query.get("q", "")), asked.query, "ref")


@api_get("/actions/{ref:str}", may=May.READ_CONCERNS, of="action", gives=ActionInFull, closed=True)
def action(asked: Asked) -> ActionInFull:
    """One action and its history."""
    found = queries.action(asked.session, asked.by, _ref(asked), asked.as_at)
    row = next(row for row in queries.actions(asked.session, asked.by, asked.as_at) if row.ref == found.ref)
    events = history(asked.session, asked.as_at, actions=[found.ref])
    return ActionInFull(**_fields(row), history=queries.known_events(asked.session, asked.by, events))


@api_get("/plans/{year:str}/{council:str}", may=May.READ_CONCERNS, of="plan", gives=queries.ActionRow, closed=True)
def plan(asked: Asked) -> Listing:
    """A council's improvement plan of a year."""
    year, council = ProgrammeYear.parse(str(asked.sent.path["year"])), str(asked.sent.path["council"])
    rows = queries.plan(asked.session, asked.by, council, year, asked.as_at)
    return listing(sorted(rows, key=lambda row: row.ref), asked.query, "ref")


def _fields(row: msgspec.Struct) -> dict[str, Any]:
    return {name: getattr(row, name) for name in row.__struct_fields__}


@api_post("/concerns", may=May.WORK_ON_CONCERNS, of="concern", takes=inputs.NewConcern)
def raise_concern(asked: Asked) -> Created:
    """Raise a concern about a council."""
    new = forms.from_json(inputs.NewConcern, asked.sent.body)
    made = commands.raise_concern(asked.session, new, by=asked.by, at=asked.at)
    return Created(str(made.id), made.ref)


@api_post("/concerns/{ref:str}/actions", may=May.WORK_ON_CONCERNS, of="concern", takes=inputs.NewAction)
def plan_action(asked: Asked) -> Created:
    """Put an action in the council's plan, to serve a concern."""
    new = forms.from_json(inputs.NewAction, asked.sent.body)
    made = commands.plan_action(asked.session, "", new, concern=_ref(asked), by=asked.by, at=asked.at)
    return Created(str(made.id), made.ref)


@api_post("/plans/{year:str}/{council:str}/actions", may=May.WORK_ON_CONCERNS, of="plan", takes=inputs.NewAction)
def plan_action_alone(asked: Asked) -> Created:
    """Put an action in a council's plan that serves no concern yet."""
    year, council = ProgrammeYear.parse(str(asked.sent.path["year"])), str(asked.sent.path["council"])
    new = msgspec.structs.replace(forms.from_json(inputs.NewAction, asked.sent.body), year=str(year))
    made = commands.plan_action(asked.session, council, new, by=asked.by, at=asked.at)
    return Created(str(made.id), made.ref)


@api_post("/concerns/corrections", may=May.WORK_ON_CONCERNS, of="concern", takes=inputs.NewCorrection)
def correct(asked: Asked) -> Created:
    """Put a fact about a concern or an action right, or take it back."""
    new = forms.from_json(inputs.NewCorrection, asked.sent.body)
    return Created(str(commands.correct(asked.session, new, by=asked.by, at=asked.at)))


Verb = Callable[..., UUID]

TOLD: tuple[tuple[str, type[inputs.Dated], Verb, str], ...] = (
    ("/concerns/{ref:str}/links", inputs.NewLink, commands.link_action, "Let an action of the plan serve a concern."),
    ("/concerns/{ref:str}/unlinks", inputs.NewUnlink, commands.unlink_action, "Say that an action serves it no more."),
    (
        "/concerns/{ref:str}/closings",
        inputs.NewClosing,
        commands.close_concern,
        "Confirm that it is dealt with.",
    ),
    ("/concerns/{ref:str}/reopenings", inputs.NewReason, commands.reopen_concern, "Take up a settled concern again."),
    ("/concerns/{ref:str}/acceptances", inputs.NewReason, commands.accept_concern, "Decide to take no action on it."),
    ("/concerns/{ref:str}/sensitivities", inputs.NewSensitivity, commands.change_sensitivity, "Change who may see."),
    (
        "/concerns/{ref:str}/escalations",
        inputs.NewEscalation,
        commands.escalate_concern,
        "Take it further.",
    ),
    ("/concerns/{ref:str}/answers", inputs.NewAnswer, commands.answer_escalation, "Record the answer that came back."),
    ("/actions/{ref:str}/updates", inputs.NewUpdate, commands.update_action, "Record how far an action has come."),
    ("/actions/{ref:str}/targets", inputs.NewTarget, commands.move_target, "Move an action's target date."),
)
"""Everything told of a concern or an action by its reference: where, what with, what it does, and what it is for."""


def _tell(path: str, takes: type[inputs.Dated], verb: Verb, says: str) -> HTTPRouteHandler:
    def tell(asked: Asked) -> Created:
        new = forms.from_json(takes, asked.sent.body)
        return Created(str(verb(asked.session, _ref(asked), new, by=asked.by, at=asked.at)))

    tell.__doc__, tell.__name__ = says, verb.__name__
    of = "concern" if path.startswith("/concerns") else "action"
    return api_post(path, may=May.WORK_ON_CONCERNS, of=of, takes=takes)(tell)


routes = [
    concerns,
    concern,
    actions,
    action,
    plan,
    raise_concern,
    plan_action,
    plan_action_alone,
    correct,
    *(_tell(*each) for each in TOLD),
]
