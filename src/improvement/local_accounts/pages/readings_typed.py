"""A reading as a form sends it, and as a form shows it: the fields of a theme carry its place in the year."""

from collections.abc import Mapping, Sequence

from improvement.errors import Mistakes, Refused
from improvement.local_accounts.commands.readings import Found, NewReading
from improvement.local_accounts.rules import readings, readings_compared
from improvement.local_accounts.rules.readings import (
    BALANCE,
    Answer,
    Challenge,
    Covered,
    Engagement,
    Reading,
    Said,
    ThemeRead,
)
from improvement.local_accounts.rules.years import Contents
from improvement.web import forms
from improvement.web.filters import all_of, one_of, sentence_case

Typed = dict[str, str | list[str]]
CHOICES = {
    "covered": [(one.value, sentence_case(one.value)) for one in Covered],
    "engagement": [(one.value, sentence_case(one.value)) for one in Engagement],
    "challenge": [(one.value, sentence_case(one.value)) for one in Challenge],
    "said": [(one.value, sentence_case(one.value)) for one in Said],
}


def read(typed: forms.Typed, year: Contents, undecided: Mapping[str, str] | None = None) -> NewReading:
    """What was typed, as the reading to record. Raises `Mistakes`, with all there are, at their rows."""
    mistakes = dict(undecided or {})
    themes = []
    for place, theme in enumerate(year.themes, start=1):
        found = one_of(typed, f"covered-{place}") or Covered.NOT_KNOWN.value
        if found not in set(Covered):
            mistakes[f"covered-{place}"] = f"{sentence_case(theme)}: select one of the four."
            continue
        said = (one_of(typed, f"{name}-{place}").strip() for name in ("where", "quotation"))
        themes.append(ThemeRead(theme, Covered(found), *said))
    answers = [
        Answer(question, one_of(typed, f"answer-{place}").strip())
        for place, question in enumerate(year.questions, start=1)
    ]
    mistakes |= readings.mistakes_in(themes, year.themes) | readings.mistakes_in_answers(answers, year.questions)
    try:
        readings.check_challenge(all_of(typed, "challenge"))
    except Refused as refusal:
        mistakes.setdefault("challenge", refusal.message)
    try:
        found_besides = forms.read(Found, typed, mistakes)
    except Mistakes as refusal:
        order = _in_order(year)
        told = sorted(refusal.by_field.items(), key=lambda one: order.get(one[0], len(order)))
        raise Mistakes(dict(told)) from None
    besides = {name: getattr(found_besides, name) for name in Found.__struct_fields__}
    return NewReading(**besides, themes=themes, answers=answers, reconciles=undecided is not None)


def _in_order(year: Contents) -> dict[str, int]:
    """The fields of the form, in the order they are asked."""
    fields = ["publication", "themes"]
    fields += [f"{name}-{at}" for at in range(1, len(year.themes) + 1) for name in ("covered", "where", "quotation")]
    fields += ["engagement", "challenge", *BALANCE, "clicks"]
    fields += [f"answer-{at}" for at in range(1, len(year.questions) + 1)]
    return {field: place for place, field in enumerate([*fields, "note"])}


def as_typed(reading: Reading, year: Contents) -> Typed:
    """A reading as its form would send it."""
    typed: Typed = {"publication": str(reading.publication), "note": reading.note}
    typed |= {"engagement": reading.engagement.value, "challenge": list(reading.challenge)}
    typed |= {name: str(getattr(reading, name).value) for name in BALANCE}
    typed["clicks"] = "" if reading.clicks is None else str(reading.clicks)
    typed |= _themes({one.theme: one for one in reading.themes}, year.themes)
    answered = {one.question: one.answer for one in reading.answers}
    return typed | {f"answer-{at}": answered.get(one, "") for at, one in enumerate(year.questions, start=1)}


def _themes(found: Mapping[str, ThemeRead], themes: Sequence[str]) -> Typed:
    typed: Typed = {}
    for place, theme in enumerate(themes, start=1):
        if one := found.get(theme):
            said = {"covered": one.covered.value, "where": one.where, "quotation": one.quotation}
            typed |= {f"{name}-{place}": value for name, value in said.items()}
    return typed


def as_agreed(first: Reading, second: Reading, year: Contents) -> Typed:
    """What two readings agree on, as the form of the reconciled one begins."""
    one, other = as_typed(first, year), as_typed(second, year)
    same = {name: value for name, value in one.items() if other.get(name) == value and not _of_theme(name)}
    return {**same, **_themes(readings_compared.agreed(first, second), year.themes), "note": ""}


def _of_theme(name: str) -> bool:
    return name.partition("-")[0] in ("covered", "where", "quotation")


def undecided(typed: forms.Typed, first: Reading, second: Reading, year: Contents) -> dict[str, str]:
    """Where two readings differ and the form does not say which counts."""
    agreed, left = as_agreed(first, second, year), {}
    labels = {f"covered-{at}": sentence_case(theme) for at, theme in enumerate(year.themes, start=1)}
    labels |= {"engagement": "Engagement of citizens", "challenge": "Challenge used", **BALANCE}
    for name, label in labels.items():
        if name not in agreed and not one_of(typed, name):
            left[name] = f"{label}: the two readings differ. Select what counts."
    return left
