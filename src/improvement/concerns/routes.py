"""The forms about concerns and actions. All but two tell one thing of what their address names, and are one table."""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

import msgspec
from litestar.handlers import HTTPRouteHandler

from improvement.access.asking import Asked
from improvement.access.routes import ask, form
from improvement.access.rules import May, Role
from improvement.concerns import commands, queries, rules
from improvement.concerns.commands import inputs
from improvement.concerns.commands.recording import INPUTS, find_fact, input_of
from improvement.concerns.rules import Level, State
from improvement.concerns.story.derived import Action, Concern
from improvement.concerns.story.history import say
from improvement.database import find_to_correct
from improvement.dates import AsAt, in_words
from improvement.sector import queries as sector
from improvement.web import forms
from improvement.web.replies import Page, Redirect

Choices = list[tuple[str, ...]]
Found = Concern | Action

CHOICES: dict[str, Choices] = {
    "severities": list(rules.SEVERITY_WORDS.items()),
    "sensitivities": [
        (each, words, rules.SENSITIVITY_MEANINGS[each]) for each, words in rules.SENSITIVITY_WORDS.items()
    ],
    "sources": list(rules.SOURCE_WORDS.items()),
    "themes": list(rules.THEME_WORDS.items()),
    "states": list(rules.PROGRESS_WORDS.items()),
    "rags": list(rules.OWN_RAG_WORDS.items()),
}


class Telling(msgspec.Struct, frozen=True):
    """A form that tells one thing of a concern or an action."""

    path: str
    fields: str
    """The macro of `concern_fields.html` that asks for it."""
    takes: type[inputs.Dated]
    verb: Callable[..., object]
    title: str
    button: str
    saved: str
    lede: str = ""


def _plan_for(session: Any, concern: str, new: inputs.NewAction, **who: Any) -> object:
    return commands.plan_action(session, "", new, concern=concern, **who)


TELLINGS = (
    Telling(
        "/concerns/{ref:str}/actions/new",
        "action",
        inputs.NewAction,
        _plan_for,
        "Plan an action",
        "Put it in the plan",
        "The action is in the improvement plan.",
    ),
    Telling(
        "/concerns/{ref:str}/links/new",
        "link",
        inputs.NewLink,
        commands.link_action,
        "Link an action of the plan",
        "Link the action",
        "The action serves this concern now.",
        "Everyone who may see this concern will see the action.",
    ),
    Telling(
        "/concerns/{ref:str}/unlinks/new",
        "unlink",
        inputs.NewUnlink,
        commands.unlink_action,
        "Take an action away from this concern",
        "Take it away",
        "The action no longer serves this concern.",
        "The action stays in the improvement plan.",
    ),
    Telling(
        "/concerns/{ref:str}/closings/new",
        "closing",
        inputs.NewClosing,
        commands.close_concern,
        "Confirm that it is dealt with",
        "Confirm and close",
        "The concern is closed.",
        "Whoever planned or updated one of its actions asks somebody else to do this.",
    ),
    Telling(
        "/concerns/{ref:str}/reopenings/new",
        "reason",
        inputs.NewReason,
        commands.reopen_concern,
        "Reopen the concern",
        "Reopen it",
        "The concern is open again.",
    ),
    Telling(
        "/concerns/{ref:str}/acceptances/new",
        "reason",
        inputs.NewReason,
        commands.accept_concern,
        "Accept without action",
        "Accept it",
        "The concern is accepted without action.",
        "Use this when the council has decided to do nothing about it. It can be reopened.",
    ),
    Telling(
        "/concerns/{ref:str}/sensitivities/new",
        "sensitivity",
        inputs.NewSensitivity,
        commands.change_sensitivity,
        "Change who may see it",
        "Change it",
        "Who may see the concern is changed.",
        "This decides who may look back to earlier days, too.",
    ),
    Telling(
        "/concerns/{ref:str}/escalations/new",
        "escalation",
        inputs.NewEscalation,
        commands.escalate_concern,
        "Ask the region or the Board",
        "Ask",
        "The concern has been taken further.",
        "For what cannot be solved locally.",
    ),
    Telling(
        "/concerns/{ref:str}/answers/new",
        "answer",
        inputs.NewAnswer,
        commands.answer_escalation,
        "Record the answer",
        "Record the answer",
        "The answer is recorded.",
    ),
    Telling(
        "/actions/{ref:str}/updates/new",
        "update",
        inputs.NewUpdate,
        commands.update_action,
        "Record an update",
        "Record the update",
        "The update is recorded.",
    ),
    Telling(
        "/actions/{ref:str}/targets/new",
        "target",
        inputs.NewTarget,
        commands.move_target,
        "Move the target date",
        "Move the date",
        "The target date is moved. The earlier one is kept.",
    ),
)


def doings(asked: Asked, found: Concern) -> list[tuple[str, str]]:
    """What can be done about a concern now, the likeliest first: words and address."""
    here = f"/concerns/{found.ref}"
    plan = ("Plan an action", f"{here}/actions/new")
    link = [("Link an action of the plan", f"{here}/links/new")] if _linkable(asked, found) else []
    by_state = {
        State.OPEN: [plan, *link, ("Accept without action", f"{here}/acceptances/new")],
        State.ADDRESSED: [("Confirm that it is dealt with", f"{here}/closings/new"), plan],
        State.CLOSED: [("Reopen the concern", f"{here}/reopenings/new")],
        State.ACCEPTED: [("Reopen the concern", f"{here}/reopenings/new")],
    }
    wide = not found.settled and found.waits_for is not Level.BOARD
    further = [("Ask the region or the Board", f"{here}/escalations/new")] if wide else []
    answer = [("Record the answer", f"{here}/answers/new")] if found.waits_for else []
    closing = [("Change who may see it", f"{here}/sensitivities/new")]
    return [*by_state.get(found.state, [plan, *link]), *answer, *further, *closing]


def _linkable(asked: Asked, found: Concern) -> list[queries.ActionRow]:
    """The council's actions that do not serve this concern yet."""
    rows = queries.actions(asked.session, asked.by, asked.as_at)
    return [row for row in rows if row.council == found.council and row.ref not in found.actions]


def _found(asked: Asked) -> Found:
    """What the address names, if the reader may change it. Raises `NotFound` or `NotAllowed`."""
    ref, now = str(asked.sent.path["ref"]), AsAt(asked.as_at.on)
    ask_for = queries.concern if asked.sent.address.startswith("/concerns/") else queries.action
    found: Found = ask_for(asked.session, asked.by, ref, now)
    acting(asked, found.council)
    return found


def acting(asked: Asked, council: str) -> Role:
    """The role in which the reader works on a council's concerns. Raises `NotAllowed`."""
    region = sector.council(asked.session, council).region
    return asked.by.acting(May.WORK_ON_CONCERNS, region=region, council=council)


def _begin(telling: Telling) -> Callable[[Asked], Page]:
    def begin(asked: Asked) -> Page:
        found = _found(asked)
        place = "concerns" if isinstance(found, Concern) else "actions"
        shows = {
            "fields_of": telling.fields,
            "title": telling.title,
            "lede": telling.lede,
            "button": telling.button,
            "found": found,
            "caption": f"{found.ref}, {sector.council(asked.session, found.council).name}: {found.title}",
            "crumb": (f"{found.ref}", f"/{place}/{found.ref}"),
            "here": f"/{place}/{found.ref}",
            "typed": today(asked),
            "choices": CHOICES | _choices(asked, found),
        }
        return Page("concerns/tell.html", shows)

    return begin


def today(asked: Asked) -> dict[str, str | list[str]]:
    """What a form says before anybody types: that it is true from today."""
    day = asked.as_at.on
    return {"effective_on-day": str(day.day), "effective_on-month": str(day.month), "effective_on-year": str(day.year)}


def _choices(asked: Asked, found: Found) -> dict[str, Choices]:
    if isinstance(found, Action):
        return {}
    rows = [row for row in queries.actions(asked.session, asked.by, asked.as_at) if row.ref in found.actions]
    role = acting(asked, found.council)
    levels = [Level.REGION] if role is Role.OFFICER else [Level.REGION, Level.BOARD]
    return {
        "linkable": [_named(row) for row in _linkable(asked, found)],
        "linked": [_named(row) for row in rows],
        "levels": [(level, rules.LEVEL_WORDS[level].capitalize()) for level in levels if level is not found.waits_for],
        "answering": [(found.waits_for, rules.LEVEL_WORDS[found.waits_for].capitalize())] if found.waits_for else [],
    }


def _named(row: queries.ActionRow) -> tuple[str, ...]:
    return row.ref, f"{row.ref}: {row.title}", f"Target {in_words(row.target_on)}"


def _end(telling: Telling) -> Callable[[Asked], Redirect]:
    def end(asked: Asked) -> Redirect:
        ref = str(asked.sent.path["ref"])
        telling.verb(asked.session, ref, forms.read(telling.takes, asked.typed), by=asked.by, at=asked.at)
        return Redirect(asked.sent.address.rsplit("/", 2)[0], telling.saved)

    return end


def _declared(telling: Telling) -> tuple[HTTPRouteHandler, HTTPRouteHandler]:
    """The page that asks and the form that tells."""
    of = "concern" if telling.path.startswith("/concerns") else "action"
    begin, end = _begin(telling), _end(telling)
    begin.__doc__, end.__doc__ = f"{telling.title}: ask what is needed.", f"{telling.title}."
    asks = ask(telling.path, may=May.WORK_ON_CONCERNS, of=of)(begin)
    return asks, form(telling.path, may=May.WORK_ON_CONCERNS, of=of, asks=asks)(end)


class Correcting(msgspec.Struct, frozen=True):
    """What a correction's form says besides the values."""

    correction_reason: inputs.Reason
    what: str = "put right"


@ask("/concerns/corrections/{fact:uuid}", may=May.WORK_ON_CONCERNS, of="concern")
def new_correction(asked: Asked) -> Page:
    """Show a fact as it was recorded, to put right or take back."""
    fact, council = find_fact(asked.session, UUID(str(asked.sent.path["fact"])), asked.by)
    find_to_correct(asked.session, [type(fact)], fact.id)
    everyone = [(council.slug, council.name)]
    rows = [row for row in queries.actions(asked.session, asked.by, asked.as_at) if row.council == council.slug]
    levels = [(level.value, rules.LEVEL_WORDS[level].capitalize()) for level in Level]
    named = [_named(row) for row in rows]
    more = {"councils": everyone, "linkable": named, "linked": named, "levels": levels, "answering": levels}
    shows = {
        "fields_of": FIELDS[type(fact).__name__],
        "said": say(fact),
        "fact": fact,
        "here": _about(fact),
        "typed": _as_typed(input_of(fact)) | {"what": "put right"},
        "choices": CHOICES | more,
    }
    return Page("concerns/correct.html", shows)


FIELDS = {
    "ConcernRaised": "concern",
    "SensitivityChanged": "sensitivity",
    "ActionPlanned": "action",
    "ActionLinked": "link",
    "ActionUnlinked": "unlink",
    "ActionUpdated": "update",
    "TargetMoved": "target",
    "ConcernClosed": "closing",
    "ConcernReopened": "reason",
    "ConcernAccepted": "reason",
    "ConcernEscalated": "escalation",
    "EscalationAnswered": "answer",
}


@form("/concerns/corrections/{fact:uuid}", may=May.WORK_ON_CONCERNS, of="concern", asks=new_correction)
def correct(asked: Asked) -> Redirect:
    """Record the correction."""
    fact, _ = find_fact(asked.session, UUID(str(asked.sent.path["fact"])), asked.by)
    told = forms.read(Correcting, asked.typed)
    values = None
    if told.what != "withdraw":
        values = msgspec.to_builtins(forms.read(INPUTS[type(fact)], asked.typed))
    new = inputs.NewCorrection(corrects=fact.id, reason=told.correction_reason, withdrawn=values is None, values=values)
    commands.correct(asked.session, new, by=asked.by, at=asked.at)
    return Redirect(_about(fact), "The correction is recorded. The earlier version is kept in the history.")


def _about(fact: Any) -> str:
    """The page a fact is shown on."""
    ref = next(getattr(fact, name) for name in ("ref", "concern", "action") if hasattr(fact, name))
    return f"/{'concerns' if ref.startswith('C-') else 'actions'}/{ref}"


def _as_typed(values: dict[str, Any]) -> dict[str, str | list[str]]:
    """A fact's values as a form would send them."""
    typed: dict[str, str | list[str]] = {}
    for name, value in values.items():
        if name.endswith("_on"):
            typed |= dict(zip((f"{name}-year", f"{name}-month", f"{name}-day"), value.split("-"), strict=True))
        else:
            typed[name] = value
    return typed


routes: Sequence[HTTPRouteHandler] = [
    new_correction,
    correct,
    *(route for telling in TELLINGS for route in _declared(telling)),
]
