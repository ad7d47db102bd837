"""A virement among several lines, as a form: what each line gains or gives, in rows."""

from collections.abc import Sequence

from improvement.access.asking import Asked
from improvement.access.routes import ask, form
from improvement.access.rules import May
from improvement.errors import Mistakes, Refused
from improvement.funding import carrying, commands, recording
from improvement.funding.book import UNALLOCATED, Kind, Leg
from improvement.funding.entering import recorded
from improvement.funding.entering.moves import Virement
from improvement.funding.rules import check_legs
from improvement.money import in_pounds, parse_pounds
from improvement.web import forms
from improvement.web.filters import one_of
from improvement.web.replies import Page, Redirect

ROWS, MOST_ROWS = 6, 60
"""How many rows there are at first, and at most."""


def _rows(asked: Asked) -> int:
    """How many rows are asked for: those typed in, and six more when more are wanted."""
    typed = one_of(asked.typed, "rows") or asked.query.get("rows", "")
    rows = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 4 else ROWS
    return min(max(rows, ROWS) + (ROWS if "more" in asked.typed else 0), MOST_ROWS)


def _form(asked: Asked, typed: recording.Typed) -> Page:
    shows = recording.shown(asked, Kind.VIREMENT, typed)
    first_new = _rows(asked) - ROWS + 1 if "more" in asked.typed else 0
    rows = {"rows": _rows(asked), "first_new": first_new, "most_rows": MOST_ROWS}
    more = {**rows, "asked_after": shows["fields_asked"][3:]}
    return carrying.about(asked, shows["mou"], "funding/virement.html", {**shows, **more})


@ask("/funding/virements/several", may=May.MANAGE_MONEY, of="money")
def new_virement(asked: Asked) -> Page:
    """Ask what each line gains or gives."""
    return _form(asked, asked.typed or recording.first_typed(asked, Kind.VIREMENT))


@form("/funding/virements/several", may=May.MANAGE_MONEY, of="money", asks=new_virement)
def vire(asked: Asked) -> Page | Redirect:
    """Show what the virement will change, and once that is checked record it."""
    if {"change", "more"} & asked.typed.keys():
        return _form(asked, asked.typed)
    wanted = _read(asked)
    if asked.typed.get("checked") != "yes":
        foreseen = commands.foresee(asked.session, Kind.VIREMENT, wanted, by=asked.by, at=asked.at)
        titles = {UNALLOCATED: "Unallocated", **{line.line: line.title for line in foreseen.before.lines.values()}}
        said = [
            (titles[leg.line], f"{'Gains' if leg.amount_pence > 0 else 'Gives'} {in_pounds(abs(leg.amount_pence))}")
            for leg in wanted.legs
        ]
        after = [("Why?", wanted.why), ("Reference of the Board’s decision", wanted.decision_reference or "Not given")]
        return recording.check_page(asked, Kind.VIREMENT, foreseen, {"said": [*said, *after]})
    done = commands.do(asked.session, Kind.VIREMENT, wanted, by=asked.by, at=asked.at)
    return Redirect(recorded.leads_to(asked.session, Kind.VIREMENT, done), "The virement is recorded.")


def _read(asked: Asked) -> Virement:
    """What was typed. Raises `Mistakes` for every row and field that is wrong, or `LegsDoNotBalance`."""
    mistakes: dict[str, str] = {}
    legs = [leg for at in range(1, _rows(asked) + 1) if (leg := _leg(asked, at, mistakes)) is not None]
    if not mistakes and (unequal := _unequal(legs)):
        mistakes["legs"] = unequal
    rest = None
    try:
        rest = forms.read(recording.KeptLegs, asked.typed)
    except Mistakes as wrong:
        mistakes |= wrong.fields
    if mistakes or rest is None:
        raise Mistakes(mistakes)
    check_legs(legs)
    told = {name: getattr(rest, name) for name in ("why", "decision_reference", "effective_on", "note", "mou")}
    return Virement(legs=legs, **told)


def _unequal(legs: Sequence[Leg]) -> str:
    """What is said when the lines do not gain in all what they give in all."""
    gains = sum(leg.amount_pence for leg in legs if leg.amount_pence > 0)
    gives = gains - sum(leg.amount_pence for leg in legs)
    if gains == gives:
        return ""
    return (
        f"The lines gain {in_pounds(gains)} and give {in_pounds(gives)}: they gain {in_pounds(abs(gains - gives))} "
        f"{'more' if gains > gives else 'less'} than they give. The two must be the same."
    )


def _leg(asked: Asked, at: int, mistakes: dict[str, str]) -> Leg | None:
    """What one row says; none when nothing is typed in it."""
    line, gains, gives = (one_of(asked.typed, f"{name}-{at}").strip() for name in ("line", "gains", "gives"))
    if not (gains or gives):
        if line:
            mistakes[f"gains-{at}"] = f"Row {at}: enter what the line gains or what it gives."
        return None
    if not line:
        mistakes[f"line-{at}"] = f"Row {at}: select the line."
    if gains and gives:
        mistakes[f"gives-{at}"] = f"Row {at}: enter what the line gains or what it gives, not both."
        return None
    try:
        return Leg(line, parse_pounds(gains) if gains else -parse_pounds(gives))
    except Refused as refusal:
        mistakes[f"{'gains' if gains else 'gives'}-{at}"] = f"Row {at}: {refusal.message}"
        return None


routes = [new_virement, vire]
