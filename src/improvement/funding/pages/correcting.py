"""Corrections, as pages: a fact is put right, taken back or put back, and what it was before is kept."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

import msgspec

from improvement.access.asking import Asked
from improvement.access.routes import ask, form
from improvement.access.rules import May
from improvement.funding import book as books
from improvement.funding import commands, queries
from improvement.funding.book import Kind, LineKind
from improvement.funding.carrying import about
from improvement.funding.commands import Mending, keeping
from improvement.funding.entering import MENDS, recorded
from improvement.funding.entering.moves import NewLine
from improvement.funding.entering.words import FROM_DAY, NOTE, Day, Field, Note
from improvement.funding.pages import history
from improvement.funding.queries import history as asking
from improvement.funding.recording import Typed, check_page, in_boxes, read, said, shown, worded
from improvement.funding.rules import WORDS, NothingSaid
from improvement.money import in_hundredths, in_pounds
from improvement.texts import says
from improvement.web import forms
from improvement.web.filters import one_of
from improvement.web.replies import Page, Redirect


def _as_typed(kind: Kind, values: Mapping[str, Any]) -> Typed:
    """A fact's values as its form would send them."""
    typed: Typed = {}
    widgets = {field.name: field.widget for field in MENDS[kind].fields}
    for name, value in values.items():
        if widgets.get(name) == "day":
            typed |= in_boxes(name, date.fromisoformat(value))
        elif widgets.get(name) == "money":
            typed[name] = in_pounds(value).removeprefix("£")
        elif widgets.get(name) == "number":
            typed[name] = in_hundredths(value)
        elif isinstance(value, str):
            typed[name] = value
    legs = values.get("legs", ())
    if len(legs) == 2:
        gives, gains = sorted(legs, key=lambda leg: int(leg["amount_pence"]))
        amount = in_pounds(gains["amount_pence"]).removeprefix("£")
        typed |= {"from_line": gives["line"], "to_line": gains["line"], "amount_pence": amount}
    return typed


class Correcting(msgspec.Struct, frozen=True):
    """The fact a correction is of: its values, and its legs if they are more than can be typed."""

    id: UUID
    mou: str
    kind: Kind
    values: dict[str, Any]
    legs: tuple[books.Leg, ...]
    withdrawn: bool
    called: str
    """What is corrected, in a few words."""

    @property
    def of_region(self) -> bool:
        """Whether it opens the line of a region, of which only the day may be put right."""
        return self.kind is Kind.LINE and self.values["kind"] == LineKind.REGION

    @property
    def asks(self) -> list[Field]:
        """The questions asked again. What was taken back is put back as it was."""
        if self.withdrawn:
            return []
        if self.of_region:
            return [FROM_DAY, NOTE]
        kept = {*_NAMED, *(("from_line", "to_line", "amount_pence") if self.legs else ())}
        return [field for field in MENDS[self.kind].fields if field.name not in kept]


def _to_correct(asked: Asked) -> Correcting:
    """The fact a correction is of. Raises `NotFound` or `NotAllowed` for those who may not correct it."""
    id_ = UUID(str(asked.sent.path["fact"]))
    kind, fact = queries.fact(asked.session, id_)
    keeping.check_may_correct(queries.book(asked.session, queries.mou_of(fact)), kind, fact, asked.by)
    legs = queries.as_entry(kind, fact).legs
    called = f"Funding line: {getattr(fact, 'title', '')}" if kind is Kind.LINE else WORDS[kind]
    mou, kept = queries.mou_of(fact), legs if len(legs) > 2 else ()
    return Correcting(id_, mou, kind, commands.input_of(kind, fact), kept, fact.withdrawn, called)


def _shown(asked: Asked, of: Correcting, typed: Typed | None = None) -> dict[str, Any]:
    begun: Typed = {"what": "put right", **_as_typed(of.kind, of.values)}
    return {
        **shown(asked, of.kind, begun if typed is None else typed),
        "fields_asked": [worded(asked, field, asked.typed) for field in of.asks],
        "kept": _kept(of.kind, of.values),
        "title": of.called,
        "of": of,
        "titles": asking.titles_of(asked.session, of.mou) if of.legs else {},
        "asks_mou": False,
    }


def _kept(kind: Kind, values: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What the form does not ask and a correction leaves as it was."""
    asked = {field.name for field in MENDS[kind].fields if field.name not in _NAMED}
    names = values.keys() - asked - (set() if kind in _KEEP else set(_NAMED))
    return [(name, values[name]) for name in sorted(names) if values[name] and isinstance(values[name], str)]


_NAMED = ("mou", "split")
"""What a correction does not ask again."""
_KEEP = frozenset({Kind.LINE, Kind.NEGOTIATED})
"""What keeps its name when it is corrected."""


@ask("/funding/corrections/{fact:uuid}", may=May.CLAIM_MONEY, of="money")
def new_correction(asked: Asked) -> Page:
    """Show a fact as it was recorded, to put right, take back or put back; or, corrected already, its versions."""
    of = _to_correct(asked)
    versions = history.shown(asked, of.id)
    if versions["told"].now.id != of.id:
        return about(asked, of.mou, "funding/fact.html", {**versions, "corrected": True})
    return about(asked, of.mou, "funding/correct.html", _shown(asked, of))


@form("/funding/corrections/{fact:uuid}", may=May.CLAIM_MONEY, of="money", asks=new_correction)
def correct(asked: Asked) -> Page | Redirect:
    """Show what a correction would change, and once that is checked record it."""
    of = _to_correct(asked)
    if "change" in asked.typed:
        return about(asked, of.mou, "funding/correct.html", _shown(asked, of, asked.typed))
    reason = one_of(asked.typed, "reason").strip()
    if not says(reason):
        raise NothingSaid("Enter the reason for the correction.", field="reason")
    withdraws = of.withdrawn or not of.asks or one_of(asked.typed, "what") == "withdraw"
    mending = Mending(of.id, reason[:1000], None if withdraws else _wanted(asked, of))
    if asked.typed.get("checked") != "yes":
        foreseen = commands.foresee_correction(asked.session, mending, by=asked.by, at=asked.at)
        does = "Put it back" if of.withdrawn else "Take it back" if withdraws else "Put it right"
        answers = [] if withdraws else [(field.label, said(field, asked, of.kind)) for field in of.asks]
        shows = {"said": [("What you do", does), ("Why", reason), *answers], "correcting": True}
        return check_page(asked, of.kind, foreseen, shows)
    mended = commands.correct(asked.session, mending, by=asked.by, at=asked.at)
    return Redirect(
        recorded.leads_to(asked.session, of.kind, mended), "The correction is recorded. The earlier version is kept."
    )


class KeptLine(msgspec.Struct, frozen=True, kw_only=True):
    """What may be put right of a region's line."""

    effective_on: Day = None
    note: Note = ""


def _wanted(asked: Asked, of: Correcting) -> msgspec.Struct:
    """What takes the place of the fact."""
    if not of.of_region:
        return read(asked, of.kind, of.legs)
    line = forms.read(KeptLine, asked.typed)
    names = {"region": of.values["region"], "line": of.values["line"]}
    return NewLine(kind=LineKind.REGION, **names, effective_on=line.effective_on, note=line.note)


routes = [new_correction, correct]
