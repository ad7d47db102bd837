"""The forms that record money: asked, checked with what will change, and only then recorded."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import msgspec
from litestar.handlers import HTTPRouteHandler

from improvement.access.asking import Asked
from improvement.access.routes import ask, form
from improvement.dates import in_words
from improvement.errors import NotFound
from improvement.funding import book as books
from improvement.funding import carrying, commands, ledger, queries, rules
from improvement.funding.book import UNALLOCATED, Kind, LineKind, Of, State
from improvement.funding.commands import Foreseen
from improvement.funding.entering import FORMS, MAY, MENDS, OF_POSTS, TAKES, recorded
from improvement.funding.entering.claims import Verdict
from improvement.funding.entering.closing import Grant
from improvement.funding.entering.moves import Move, Virement
from improvement.funding.entering.posts import PostState
from improvement.funding.entering.words import Day, Decision, Field, Name, Note, Why
from improvement.funding.queries import claims, closing, conditions, splits
from improvement.funding.rules import SameLine
from improvement.funding.rules.claims import too_little_left
from improvement.money import in_pounds, parse_pounds
from improvement.web import forms
from improvement.web.filters import sentence_case
from improvement.web.replies import Page, Redirect

Choices = dict[str, list[tuple[str, str]]]
Typed = dict[str, str | list[str]]
AGAIN = frozenset({"csrf_token", "idempotency_key", "checked", "change"})
"""What a form carries for itself, and not as an answer."""


def _asks(kind: Kind) -> list[HTTPRouteHandler]:
    """The two routes of a form: the page that asks, and where its answers go."""
    told = FORMS[kind]

    def show(asked: Asked) -> Page:
        return _form(asked, kind, first_typed(asked, kind))

    def send(asked: Asked) -> Page | Redirect:
        if "change" in asked.typed:
            return _form(asked, kind, asked.typed)
        wanted = read(asked, kind)
        if asked.typed.get("checked") != "yes":
            foreseen = commands.foresee(asked.session, kind, wanted, by=asked.by, at=asked.at)
            return check_page(asked, kind, foreseen)
        done = commands.do(asked.session, kind, wanted, by=asked.by, at=asked.at)
        return Redirect(recorded.leads_to(asked.session, kind, done), recorded.saved(kind, wanted))

    show.__doc__ = f"{told.title}: ask for what is needed."
    send.__doc__ = f"{told.title}: show what will change, and once that is checked record it."
    asks = ask(told.address, may=MAY[kind], of="money")(show)
    return [asks, form(told.address, may=MAY[kind], of="money", asks=asks)(send)]


def _form(asked: Asked, kind: Kind, typed: Typed) -> Page:
    shows = shown(asked, kind, typed)
    return carrying.about(asked, shows["mou"], "funding/record.html", shows)


def read(asked: Asked, kind: Kind, legs: Sequence[books.Leg] = ()) -> msgspec.Struct:
    """What was typed, as the input of a command. Legs that cannot be typed here are kept."""
    if kind is Kind.VIREMENT:
        move = forms.read(Move if not legs else KeptLegs, asked.typed)
        given = {name: getattr(move, name) for name in ("why", "decision_reference", "effective_on", "note", "mou")}
        if isinstance(move, Move):
            if move.from_line == move.to_line:
                raise SameLine("Select another line: money moves from one to another.", field="to_line")
            legs = move.legs()
        return Virement(legs=list(legs), **given)
    return forms.read(TAKES[kind][0], asked.typed if kind is not Kind.LINE else {"kind": "post", **asked.typed})


class KeptLegs(msgspec.Struct, frozen=True, kw_only=True):
    """What is entered about a virement besides its legs."""

    why: Why
    decision_reference: Decision = ""
    effective_on: Day = None
    mou: Name = ""
    note: Note = ""


def shown(asked: Asked, kind: Kind, typed: Typed) -> dict[str, Any]:
    """What every form about money shows."""
    several = list(queries.mous(asked.session, asked.as_at).items())
    if not several and kind is not Kind.NEGOTIATED:
        raise NotFound("No Memorandum of Understanding is known yet. Put one in negotiation first.")
    mou = queries.which_mou(asked.session, asked.as_at, _known_mou(asked, typed)) if several else ""
    choices = _choices(asked, kind, typed)
    fields = [worded(asked, field, typed) for field in MENDS[kind].fields]
    return {
        "told": MENDS[kind],
        "fields_asked": fields,
        "missing": next((_missing(asked, kind, field, mou) for field in fields if _is_missing(field, choices)), None),
        "choices": choices,
        "mous": [(slug, title) for slug, (title, _) in several],
        "typed": typed,
        "asks_mou": len(several) > 1 and kind is not Kind.NEGOTIATED,
        "mou": mou,
        "cancel": queries.of_mou(asked.session, asked.as_at, "/funding", mou),
    }


class Missing(msgspec.Struct, frozen=True):
    """What is said where a form has nothing to choose from: what it waits for, and where that begins."""

    title: str
    text: str
    href: str
    action: str


_NO_LINE = Missing(
    "There is no funding line to select",
    "A funding line has to be open before this can be recorded.",
    "/funding",
    "Where the money is",
)
_NO_POST = Missing(
    "No national post is open",
    "Open the post first: what is said of it here follows.",
    "/funding/lines/new",
    "Open a national post",
)
NOTHING_TO = {
    "line": _NO_LINE,
    "any line": _NO_LINE,
    "request": Missing(
        "No request waits for a decision",
        "Requests to carry money forward can be decided on here once they are made.",
        "/funding/year-end#requests",
        "See the requests",
    ),
}
"""The questions a form cannot do without, by their widget."""


def _missing(asked: Asked, kind: Kind, field: Field, mou: str) -> Missing:
    told = _NO_POST if kind in OF_POSTS else NOTHING_TO[field.widget]
    return msgspec.structs.replace(told, href=queries.of_mou(asked.session, asked.as_at, told.href, mou))


def _is_missing(field: Field, choices: Choices) -> bool:
    return field.widget in NOTHING_TO and not field.optional and not choices.get(field.widget)


def worded(asked: Asked, field: Field, typed: Mapping[str, str | list[str]]) -> Field:
    """A question with the limit of the day in its hint, where it tells of one."""
    if "{limit}" not in field.hint:
        return field
    mou = queries.which_mou(asked.session, asked.as_at, _known_mou(asked, typed))
    above = conditions.limits(asked.session, asked.as_at, mou).virement_above_pence
    return msgspec.structs.replace(field, hint=field.hint.format(limit=in_pounds(above)))


def _known_mou(asked: Asked, typed: Mapping[str, str | list[str]]) -> str:
    """The MoU that was named, if there is one of that name."""
    return next((slug for slug in queries.mous(asked.session, asked.as_at) if slug == typed.get("mou")), "")


def _choices(asked: Asked, kind: Kind, typed: Mapping[str, str | list[str]]) -> Choices:
    """What can be selected: lines this person may record it for, instalments, payments, and what a release is from."""
    known = queries.mous(asked.session, asked.as_at)
    if not known:
        return {}
    mou = _known_mou(asked, typed)
    which = queries.which_mou(asked.session, asked.as_at, mou)
    rows = [
        row
        for row in queries.lines(asked.session, asked.as_at, mou)
        if row.line != UNALLOCATED and asked.by.role_for(MAY[kind], region=row.region)
    ]
    lines = [(row.line, row.title) for row in rows if kind not in OF_POSTS or row.kind == LineKind.POST]
    titles = {row.line: row.title for row in rows}
    widgets = {field.widget for field in MENDS[kind].fields}
    return {
        "line": lines,
        "any line": [*lines, (UNALLOCATED, "Unallocated")],
        "of": [(Of.COMMITMENT.value, "Its commitments"), (Of.ALLOCATION.value, "Its allocation, back to unallocated")],
        "state": [(state.value, sentence_case(state.value)) for state in PostState],
        "grant": [(Grant.GRANTED.value, "Grant it"), (Grant.REFUSED.value, "Refuse it")],
        "verdict": [(Verdict.APPROVED.value, "Approve it"), (Verdict.REJECTED.value, "Reject it")],
        "instalment": _due(asked, which) if "instalment" in widgets else [],
        "payment": _paid(asked, which, titles) if "payment" in widgets else [],
        "split": _splits(asked, which) if "split" in widgets else [],
        "request": _requests(asked, which, titles, typed.get("ref", "")) if "request" in widgets else [],
    }


def _due(asked: Asked, mou: str) -> list[tuple[str, str]]:
    due = queries.instalments(asked.session, asked.as_at, mou)
    return [(one.ref, f"{one.ref}, {in_pounds(one.amount_pence)} due {in_words(one.due_on)}") for one in due]


def _paid(asked: Asked, mou: str, titles: Mapping[str, str]) -> list[tuple[str, str]]:
    """The newest payments, for a refund to name."""
    paid = ledger.entries(asked.session, asked.as_at, mou, kinds=[Kind.PAYMENT], limit=200)
    return [
        (
            str(one.id),
            f"{titles.get(one.line, one.line)}, {in_words(one.effective_on)}, {in_pounds(one.amount_pence or 0)}",
        )
        for one in paid
    ]


def _requests(asked: Asked, mou: str, titles: Mapping[str, str], named: object) -> list[tuple[str, str]]:
    """Requests to carry forward that are not decided, and the one that is named: its decision may be put right."""
    asks = [one for one in closing.requests(asked.session, asked.as_at, mou) if not one.decision or one.ref == named]
    return [(one.ref, f"{one.ref}, {titles.get(one.line, one.line)}, {in_pounds(one.amount_pence)}") for one in asks]


def _splits(asked: Asked, mou: str) -> list[tuple[str, str]]:
    """What-ifs that work out, for the agreement to adopt one."""
    found = splits.splits(asked.session, asked.as_at, mou)
    return [(one.ref, f"{one.ref}, {one.title}, {in_pounds(one.total_pence)}") for one in found if one.division]


def first_typed(asked: Asked, kind: Kind) -> Typed:
    """What a form begins with: today, and the line or instalment of the page it was opened from."""
    names = {"mou", *(field.name for field in FORMS[kind].fields)}
    typed: Typed = {name: value for name, value in asked.query.items() if name in names}
    for field in FORMS[kind].fields:
        if field.name == "effective_on":
            typed |= in_boxes("effective_on", asked.as_at.on)
    return typed


def in_boxes(name: str, day: date) -> Typed:
    return {f"{name}-day": str(day.day), f"{name}-month": str(day.month), f"{name}-year": str(day.year)}


def check_page(asked: Asked, kind: Kind, foreseen: Foreseen, more: Mapping[str, Any] | None = None) -> Page:
    """What was typed, and each sum that will become another."""
    day = max(asked.as_at.on, *(fact.effective_on for _, fact in foreseen.facts))
    sent = [
        (name, one)
        for name, value in asked.typed.items()
        if name not in AGAIN
        for one in (value if isinstance(value, list) else [value])
    ]
    shows = {
        **shown(asked, kind, asked.typed),
        "sent": sent,
        "said": [(field.label, said(field, asked, kind)) for field in _was_asked(asked, kind)],
        "changes": books.compare(foreseen.before, foreseen.after, day),
        "day": day,
        "needs": {},
        "large": _large_release(foreseen),
        "short": _short_of_claims(asked, foreseen),
        **(_to_do(asked, foreseen.before.mou) if kind is Kind.CLOSED else {}),
        **(more or {}),
    }
    return carrying.about(asked, foreseen.before.mou, "funding/check.html", shows)


def _large_release(foreseen: Foreseen) -> int | None:
    """The limit, in pence, that a release of an allocation passes without a decision. A virement would need one."""
    kind, fact = foreseen.facts[0]
    if kind is not Kind.RELEASE or books.state(foreseen.before, fact.effective_on) is not State.AGREED:
        return None
    entry, most = queries.as_entry(kind, fact), rules.limit(foreseen.before, fact.effective_on)
    return most if entry.of == Of.ALLOCATION and entry.pence > most and not entry.settled else None


def _short_of_claims(asked: Asked, foreseen: Foreseen) -> str:
    """A sentence where approved claims of a line could no longer all be paid; nothing where they can."""
    kind, fact = foreseen.facts[0]
    pays_a_claim = kind is Kind.PAYMENT and fact.claim  # type: ignore[attr-defined]
    if kind not in (Kind.PAYMENT, Kind.RELEASE) or pays_a_claim or foreseen.before is foreseen.after:
        return ""
    line = queries.as_entry(kind, fact).line
    left = claims.payable(asked.session, foreseen.after, line, asked.as_at.on)
    return too_little_left(foreseen.after.lines[line].title, left)


def _to_do(asked: Asked, mou: str) -> dict[str, Any]:
    """What should be settled before an MoU is closed, because it cannot be afterwards."""
    needs = closing.needs(closing.year_end(asked.session, asked.as_at, mou, asked.by))
    return {"needs": needs, "forms": {kind.name.lower(): FORMS[kind].address for kind in _SETTLING}}


_SETTLING = (Kind.RETURN, Kind.CARRY_ASKED, Kind.RECEIVED)


def _was_asked(asked: Asked, kind: Kind) -> list[Field]:
    """The questions that were on the form: not those with nothing to choose from."""
    choices = _choices(asked, kind, asked.typed)
    return [one for one in MENDS[kind].fields if one.widget not in choices or choices[one.widget]]


def said(field: Field, asked: Asked, kind: Kind) -> str:
    """An answer as it was understood."""
    typed = asked.typed
    if field.widget == "day":
        parts = [str(typed.get(f"{field.name}-{part}", "")).strip() for part in ("year", "month", "day")]
        nothing = "Not given" if field.optional else "Today"
        return in_words(date(*(int(part) for part in parts))) if any(parts) else nothing
    answer = str(typed.get(field.name, "")).strip()
    if field.widget == "money":
        return in_pounds(parse_pounds(answer)) if answer else "Not given"
    choices = _choices(asked, kind, typed).get(field.widget, [])
    return dict(choices).get(answer, answer) or "Not given"


routes = [route for kind in FORMS for route in _asks(kind)]
