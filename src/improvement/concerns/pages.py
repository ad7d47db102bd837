"""Concerns, actions and improvement plans, as pages to read. Nothing shown here is kept by a browser."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from itertools import groupby
from typing import Any, TypeVar
from urllib.parse import urlencode

import msgspec

from improvement.access import queries as access
from improvement.access.asking import Asked
from improvement.access.framing import DATES
from improvement.access.routes import ask, form, page
from improvement.access.rules import May
from improvement.concerns import commands, queries, rules
from improvement.concerns import routes as forms_of
from improvement.concerns.commands import inputs
from improvement.concerns.queries import ActionRow, ConcernRow
from improvement.concerns.rules import State, sight
from improvement.concerns.story.history import history
from improvement.dates import ProgrammeYear
from improvement.sector import queries as sector
from improvement.web import forms
from improvement.web.lists import as_csv
from improvement.web.replies import File, Page, Redirect

Row = TypeVar("Row", ConcernRow, ActionRow)

SHOWN = 50
UNSETTLED = "not settled"
CONCERN_FILTERS = ("q", "region", "council", "severity", "state", "theme")
ACTION_FILTERS = ("q", "region", "council", "state", "rag", "due")
DUE_WORDS = {"overdue": "Overdue", "soon": "Due in 30 days", "later": "Due later", "over": "Complete or cancelled"}
GROUP_WORDS = (
    "No action yet",
    "With an action overdue",
    "Under way",
    "Addressed: someone else has yet to confirm it",
    "Closed or accepted",
)
WORDS = {
    "severity_words": rules.SEVERITY_WORDS,
    "state_words": rules.STATE_WORDS,
    "state_meanings": rules.STATE_MEANINGS,
    "sensitivity_words": rules.SENSITIVITY_WORDS,
    "sensitivity_meanings": rules.SENSITIVITY_MEANINGS,
    "source_words": rules.SOURCE_WORDS,
    "theme_words": rules.THEME_WORDS,
    "progress_words": rules.PROGRESS_WORDS,
    "rag_words": rules.RAG_WORDS,
    "own_rag_words": rules.OWN_RAG_WORDS,
    "level_words": rules.LEVEL_WORDS,
    "due_words": DUE_WORDS,
    "group_words": GROUP_WORDS,
}


@page("/concerns", may=May.READ_CONCERNS, of="concerns", closed=True)
def all_concerns(asked: Asked) -> Page:
    """Every concern the reader may know of: without an action first, then with one overdue."""
    every = queries.concerns(asked.session, asked.by, asked.as_at)
    wanted = {name: asked.query.get(name, "").strip() for name in CONCERN_FILTERS}
    kept = _concerns(asked, every, wanted)
    overdue = sum(row.overdue for row in queries.actions(asked.session, asked.by, asked.as_at))
    shows: dict[str, Any] = {
        "unsettled": sum(not _settled(row) for row in every),
        "unaddressed": sum(row.state == State.OPEN for row in every),
        "addressed": sum(row.state == State.ADDRESSED for row in every),
        "overdue": overdue,
        "any": bool(every),
        "restricted": None if _sees_all(asked) else rules.few(queries.restricted(asked.session, asked.as_at)),
        "state_choices": [(UNSETTLED, "Not closed or accepted"), *rules.STATE_WORDS.items()],
        "may_raise": asked.by.may(May.WORK_ON_CONCERNS) and not asked.looking_back,
    }
    shows |= _list(asked, "/concerns", every, kept, wanted)
    return Page("concerns/all.html", {**shows, "groups": _grouped(shows["rows"], lambda row: GROUP_WORDS[_group(row)])})


@page("/concerns/list.csv", may=May.READ_CONCERNS, of="concerns", closed=True)
def concerns_as_csv(asked: Asked) -> File:
    """The concerns as they are filtered, for a spreadsheet."""
    return _csv(ConcernRow.__struct_fields__, _wanted_concerns(asked), "concerns.csv")


@page("/concerns/list.json", may=May.READ_CONCERNS, of="concerns", closed=True)
def concerns_as_json(asked: Asked) -> File:
    """The concerns as they are filtered, as JSON."""
    return File(msgspec.json.encode(_wanted_concerns(asked)), "application/json", "concerns.json")


def _wanted_concerns(asked: Asked) -> list[ConcernRow]:
    wanted = {name: asked.query.get(name, "").strip() for name in CONCERN_FILTERS}
    return _concerns(asked, queries.concerns(asked.session, asked.by, asked.as_at), wanted)


@page("/concerns/{ref:str}", may=May.READ_CONCERNS, of="concern", closed=True)
def one_concern(asked: Asked) -> Page:
    """One concern: where it stands, what is being done, and its history."""
    found = queries.concern(asked.session, asked.by, str(asked.sent.path["ref"]), asked.as_at)
    (chain,) = queries.chains(asked.session, asked.by, asked.as_at, ref=found.ref)
    events = history(asked.session, asked.as_at, concern=found.ref, actions=[row.ref for row in chain.actions])
    changeable = _changeable(asked, found.council)
    shows = {
        "found": found,
        "row": chain.row,
        "chain": chain,
        "events": queries.known_events(asked.session, asked.by, events),
        "names": access.names(asked.session),
        "changeable": changeable,
        "doings": forms_of.doings(asked, found) if changeable else [],
        "plan_year": max((row.year for row in chain.actions), default=""),
    }
    return Page("concerns/concern.html", {**WORDS, **shows})


@page("/actions", may=May.READ_CONCERNS, of="actions", closed=True)
def all_actions(asked: Asked) -> Page:
    """Every action the reader may know of: overdue, due in 30 days, later."""
    every = queries.actions(asked.session, asked.by, asked.as_at)
    wanted = {name: asked.query.get(name, "").strip() for name in ACTION_FILTERS}
    kept = _actions(every, wanted)
    counts = {each: sum(_due(row) == each for row in every) for each in DUE_WORDS}
    shows: dict[str, Any] = {"counts": counts, "any": bool(every), **_list(asked, "/actions", every, kept, wanted)}
    return Page("concerns/actions.html", {**shows, "groups": _grouped(shows["rows"], lambda row: DUE_WORDS[_due(row)])})


@page("/actions/list.csv", may=May.READ_CONCERNS, of="actions", closed=True)
def actions_as_csv(asked: Asked) -> File:
    """The actions as they are filtered, for a spreadsheet."""
    return _csv(ActionRow.__struct_fields__, _wanted_actions(asked), "actions.csv")


@page("/actions/list.json", may=May.READ_CONCERNS, of="actions", closed=True)
def actions_as_json(asked: Asked) -> File:
    """The actions as they are filtered, as JSON."""
    return File(msgspec.json.encode(_wanted_actions(asked)), "application/json", "actions.json")


def _wanted_actions(asked: Asked) -> list[ActionRow]:
    wanted = {name: asked.query.get(name, "").strip() for name in ACTION_FILTERS}
    return _actions(queries.actions(asked.session, asked.by, asked.as_at), wanted)


@page("/actions/{ref:str}", may=May.READ_CONCERNS, of="action", closed=True)
def one_action(asked: Asked) -> Page:
    """One action: how far it has come, every move of its target date, and the concerns it serves."""
    found = queries.action(asked.session, asked.by, str(asked.sent.path["ref"]), asked.as_at)
    row = next(row for row in queries.actions(asked.session, asked.by, asked.as_at) if row.ref == found.ref)
    events = history(asked.session, asked.as_at, actions=[found.ref])
    shows = {
        "found": found,
        "row": row,
        "serves": [each for each in queries.concerns(asked.session, asked.by, asked.as_at) if each.ref in row.concerns],
        "events": queries.known_events(asked.session, asked.by, events),
        "names": access.names(asked.session),
        "changeable": _changeable(asked, found.council),
    }
    return Page("concerns/action.html", {**WORDS, **shows})


@page("/plans/{year:str}/{council:str}", may=May.READ_CONCERNS, of="plan", closed=True)
def plan(asked: Asked) -> Page:
    """A council's improvement plan of a year."""
    year, slug = ProgrammeYear.parse(str(asked.sent.path["year"])), str(asked.sent.path["council"])
    rows = queries.plan(asked.session, asked.by, slug, year, asked.as_at)
    serves = {row.ref: row for row in queries.concerns(asked.session, asked.by, asked.as_at) if row.council == slug}
    shows = {
        "year": year,
        "council": sector.council(asked.session, slug),
        "rows": rows,
        "serves": serves,
        "groups": _grouped(sorted(rows, key=_in_turn), lambda row: DUE_WORDS[_due(row)]),
        "changeable": _changeable(asked, slug),
    }
    return Page("concerns/plan.html", {**WORDS, **shows})


@ask("/concerns/new", may=May.WORK_ON_CONCERNS, of="concern")
def new_concern(asked: Asked) -> Page:
    """Ask what is wrong, where that is known from, and who may see it."""
    everyone = sector.all_councils(asked.session).values()
    own = [one for one in everyone if queries.works_on(asked.session, asked.by, one.slug)]
    named = [
        (one.slug, one.name if one.in_being(asked.as_at.on) else f"{one.name} (no longer a council)") for one in own
    ]
    day = asked.as_at.on
    typed = {"effective_on-day": str(day.day), "effective_on-month": str(day.month), "effective_on-year": str(day.year)}
    typed |= {"council": own[0].slug} if len(own) == 1 else {}
    given = ("council", "source", "source_page", "source_quote", "source_address", "themes", "title")
    typed |= {name: asked.query[name] for name in given if name in asked.query}
    return Page("concerns/new.html", {"choices": forms_of.CHOICES | {"councils": named}, "typed": typed})


@form("/concerns/new", may=May.WORK_ON_CONCERNS, of="concern", asks=new_concern)
def raise_concern(asked: Asked) -> Redirect:
    """Raise the concern."""
    new = forms.read(inputs.NewConcern, asked.typed)
    made = commands.raise_concern(asked.session, new, by=asked.by, at=asked.at)
    return Redirect(f"/concerns/{made.ref}", f"The concern is recorded. Its reference is {made.ref}.")


@ask("/plans/{year:str}/{council:str}/actions/new", may=May.WORK_ON_CONCERNS, of="plan")
def new_action(asked: Asked) -> Page:
    """Ask for an action of the plan that serves no concern yet."""
    year, slug = ProgrammeYear.parse(str(asked.sent.path["year"])), str(asked.sent.path["council"])
    queries.plan(asked.session, asked.by, slug, year, asked.as_at)
    forms_of.acting(asked, slug)
    council, here = sector.council(asked.session, slug), f"/plans/{year}/{slug}"
    shows = {
        "title": "Add an action to the plan",
        "lede": "",
        "button": "Put it in the plan",
        "fields_of": "action",
        "caption": f"{council.name}: improvement plan {year.on_screen}",
        "crumb": ("Improvement plan", here),
        "here": here,
        "typed": forms_of.today(asked),
        "choices": forms_of.CHOICES,
    }
    return Page("concerns/tell.html", shows)


@form("/plans/{year:str}/{council:str}/actions/new", may=May.WORK_ON_CONCERNS, of="plan", asks=new_action)
def plan_action(asked: Asked) -> Redirect:
    """Put the action in the plan."""
    year, slug = ProgrammeYear.parse(str(asked.sent.path["year"])), str(asked.sent.path["council"])
    new = msgspec.structs.replace(forms.read(inputs.NewAction, asked.typed), year=str(year))
    made = commands.plan_action(asked.session, slug, new, by=asked.by, at=asked.at)
    return Redirect(f"/plans/{year}/{slug}", f"The action is in the plan. Its reference is {made.ref}.")


def _changeable(asked: Asked, council: str) -> bool:
    return not asked.looking_back and queries.works_on(asked.session, asked.by, council)


def _sees_all(asked: Asked) -> bool:
    """Whether a national count of restricted concerns says nothing new to this reader, or is not for them."""
    return sight(asked.by).everything or not sight(asked.by).all_but_restricted


def _settled(row: ConcernRow) -> bool:
    return row.state in (State.CLOSED, State.ACCEPTED)


def _group(row: ConcernRow) -> int:
    if row.state == State.OPEN:
        return 0
    if _settled(row):
        return 4
    return 1 if row.overdue else 3 if row.state == State.ADDRESSED else 2


def _due(row: ActionRow) -> str:
    if row.state in (rules.Progress.COMPLETE, rules.Progress.CANCELLED):
        return "over"
    return "overdue" if row.overdue else "soon" if row.due_soon else "later"


def _in_turn(row: ActionRow) -> tuple[int, tuple[int, date, str]]:
    return list(DUE_WORDS).index(_due(row)), queries.due(row)


def _grouped(rows: Sequence[Row], words_of: Callable[[Row], str]) -> list[tuple[str, list[Row]]]:
    """Rows that are in order already, under the headings they stand under."""
    return [(words, list(inside)) for words, inside in groupby(rows, key=words_of)]


def _concerns(asked: Asked, every: Sequence[ConcernRow], wanted: Mapping[str, str]) -> list[ConcernRow]:
    kept = [
        row
        for row in every
        if wanted["region"] in ("", row.region)
        and wanted["council"] in ("", row.council)
        and wanted["severity"] in ("", row.severity)
        and (wanted["state"] in ("", row.state) or (wanted["state"] == UNSETTLED and not _settled(row)))
        and (not wanted["theme"] or wanted["theme"] in row.themes)
    ]
    found = queries.with_words(asked.session, kept, asked.as_at, wanted["q"])
    return sorted(found, key=lambda row: (_group(row), *queries.urgency(row)))


def _actions(every: Sequence[ActionRow], wanted: Mapping[str, str]) -> list[ActionRow]:
    kept = [
        row
        for row in every
        if wanted["region"] in ("", row.region)
        and wanted["council"] in ("", row.council)
        and wanted["state"] in ("", row.state)
        and wanted["rag"] in ("", row.rag)
        and wanted["due"] in ("", _due(row))
    ]
    return sorted(queries.actions_with_words(kept, wanted["q"]), key=_in_turn)


def _list(asked: Asked, here: str, every: Sequence[Any], kept: Sequence[Any], wanted: dict[str, str]) -> dict[str, Any]:
    """What both lists show: fifty rows, where the next begin, the filters in use and what could be chosen."""
    refs, after = [row.ref for row in kept], asked.query.get("after", "")
    start = refs.index(after) + 1 if after in refs else 0
    shown = kept[start : start + SHOWN]
    councils = {row.council: row.council_name for row in every}
    regions = {slug: region.name for slug, region in sector.regions(asked.session).items()}
    words = {"region": regions, "council": councils, "state": rules.STATE_WORDS | rules.PROGRESS_WORDS}
    words |= {"severity": rules.SEVERITY_WORDS, "theme": rules.THEME_WORDS, "rag": rules.RAG_WORDS, "due": DUE_WORDS}
    looking = {name: value for name, value in asked.query.items() if name in DATES}
    used = {name: value for name, value in wanted.items() if value}
    return {
        **WORDS,
        "rows": shown,
        "found": len(kept),
        "start": start,
        "wanted": wanted,
        "region_choices": sorted(regions.items(), key=lambda each: each[1]),
        "council_choices": sorted(councils.items(), key=lambda each: each[1]),
        "several_regions": len({row.region for row in every}) > 1,
        "chips": [
            (words.get(name, {}).get(value, value.capitalize()), _address(here, _without(used, name) | looking))
            for name, value in used.items()
        ],
        "clear_href": _address(here, looking),
        "downloads": [(kind, _address(f"{here}/list.{kind.lower()}", used | looking)) for kind in ("CSV", "JSON")],
        "next_href": _address(here, {**used, **looking, "after": refs[start + SHOWN - 1]})
        if refs[start + SHOWN :]
        else "",
    }


def _without(used: Mapping[str, str], name: str) -> dict[str, str]:
    return {each: value for each, value in used.items() if each != name}


def _address(here: str, query: Mapping[str, str]) -> str:
    return f"{here}?{urlencode(query)}" if query else here


def _csv(names: Sequence[str], rows: Sequence[msgspec.Struct], called: str) -> File:
    cells = ([_plain(getattr(row, name)) for name in names] for row in rows)
    return File(as_csv(names, cells), "text/csv", called)


def _plain(value: Any) -> Any:
    return "; ".join(value) if isinstance(value, tuple) else value


routes = [
    all_concerns,
    concerns_as_csv,
    concerns_as_json,
    one_concern,
    all_actions,
    actions_as_csv,
    actions_as_json,
    one_action,
    plan,
    new_concern,
    raise_concern,
    new_action,
    plan_action,
    *forms_of.routes,
]
