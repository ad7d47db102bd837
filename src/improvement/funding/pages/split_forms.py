"""Splits, as forms: working one out, and adopting it."""

import re
from collections.abc import Callable
from typing import Any

import msgspec

from improvement.access.asking import Asked
from improvement.access.routes import ask, form
from improvement.access.rules import May
from improvement.dates import in_words
from improvement.errors import Mistakes, NotFound, Refused
from improvement.funding import book as books
from improvement.funding import carrying, commands, queries, recording
from improvement.funding.book import Kind, LineKind, State
from improvement.funding.commands import Foreseen
from improvement.funding.entering.splits import Adoption, Split
from improvement.funding.entering.words import Form
from improvement.funding.queries import splits as asking
from improvement.funding.rules.splits import WHOLE, WORDS, PostShare, RegionShare, Way
from improvement.money import in_hundredths, in_pounds, parse_hundredths, parse_pounds
from improvement.web import forms
from improvement.web.filters import one_of, plural
from improvement.web.replies import Page, Redirect

Typed = dict[str, str | list[str]]
WORDED = ("title", "way", "total_pence", "why", "mou")
"""What is read as every form's fields are; the rest may be nothing, or is asked of each line."""
ADOPT = Form("", "Adopt a split", "", "Adopt the split", ())
_NOTHING = re.compile(r"£?\s*0+(\.0{1,2})?")


def check_sees(asked: Asked) -> None:
    """What-ifs are about every region at once. Raises `NotFound` for those who see one."""
    if not queries.sees_all(asked.by):
        raise NotFound("There are no splits here for you to see.")


def changing(asked: Asked) -> bool:
    """Whether this person may change money, on the page they look at."""
    return asked.by.may(May.MANAGE_MONEY) and not asked.looking_back


def _form(asked: Asked, mou: str, typed: Typed, more: dict[str, Any]) -> Page:
    places = sorted(asking.places(asked.session, asked.as_at, mou), key=lambda place: (place.title, place.line))
    known = queries.mous(asked.session, asked.as_at)
    ways = [(way.value, WORDS[way], _HINTS[way]) for way in Way]
    shows = {
        "typed": typed,
        "mou": mou,
        "mou_title": known[mou][0],
        "others": [(slug, title) for slug, (title, _) in known.items() if slug != mou],
        "ways": ways,
        "posts": [place for place in places if place.kind is LineKind.POST],
        "regions": [place for place in places if place.kind is LineKind.REGION],
    }
    return carrying.about(asked, mou, "funding/split_form.html", shows | more)


_HINTS = {
    Way.EQUALLY: "The same for every region",
    Way.PER_COUNCIL: "By the number of councils in the region",
    Way.BY_ADULTS: "By the number of adults in the region (2011 census)",
    Way.BY_HAND: "Enter an amount for each region below, besides its base",
    Way.BY_PERCENTAGE: "Enter a percentage of what is left for each region below. They come to 100.00",
}


@ask("/funding/splits/new", may=May.MANAGE_MONEY, of="money")
def new_split(asked: Asked) -> Page:
    """Ask what to split, and how."""
    which = one_of(asked.typed, "mou") or asked.query.get("mou", "")
    mou = queries.mou(asked.session, asked.as_at, which)
    begun: Typed = {"total_pence": _plainly(mou.amount_pence), "way": Way.EQUALLY.value, **_today(asked)}
    cancel = queries.of_mou(asked.session, asked.as_at, "/funding/splits", mou.mou)
    return _form(asked, mou.mou, begun, {"ref": "", "cancel": cancel})


@form("/funding/splits/new", may=May.MANAGE_MONEY, of="money", asks=new_split)
def save_new(asked: Asked) -> Redirect:
    """Save a new what-if."""
    return _save(asked, "")


@ask("/funding/splits/{ref:str}/edit", may=May.MANAGE_MONEY, of="money")
def next_version(asked: Asked) -> Page:
    """Show a split as it stands, to save another version of it."""
    found = asking.split(asked.session, asked.as_at, str(asked.sent.path["ref"]))
    more = {"ref": found.ref, "cancel": f"/funding/splits/{found.ref}"}
    return _form(asked, found.mou, _as_typed(asked, found.version), more)


@form("/funding/splits/{ref:str}/edit", may=May.MANAGE_MONEY, of="money", asks=next_version)
def save_next(asked: Asked) -> Redirect:
    """Save the next version of a split."""
    return _save(asked, str(asked.sent.path["ref"]))


def _save(asked: Asked, ref: str) -> Redirect:
    wanted = _read(asked, ref)
    id_ = commands.do(asked.session, Kind.SPLIT, wanted, by=asked.by, at=asked.at)
    saved = commands.input_of(*queries.fact(asked.session, id_))["ref"]
    return Redirect(f"/funding/splits/{saved}", f"{saved} is saved. Nothing is allocated by it.")


def _today(asked: Asked) -> Typed:
    day = asked.as_at.on
    return {f"effective_on-{name}": str(getattr(day, name)) for name in ("day", "month", "year")}


def _plainly(pence: int) -> str:
    return in_pounds(pence).removeprefix("£") if pence else ""


def _as_typed(asked: Asked, version: asking.Version) -> Typed:
    """A version as its form would send it."""
    typed: Typed = {"title": version.title, "way": version.way.value, "why": version.why, **_today(asked)}
    for name in ("total_pence", "kept_pence", "base_pence"):
        typed[name] = _plainly(getattr(version, name))
    typed |= {f"post-{each.line}": _plainly(each.amount_pence) for each in version.posts}
    typed |= {f"hand-{each.line}": _plainly(each.amount_pence) for each in version.shares}
    return typed | {
        f"percent-{each.line}": in_hundredths(each.hundredths) for each in version.shares if each.hundredths
    }


def _read(asked: Asked, ref: str) -> Split:
    """What was typed. Raises `Mistakes` for every field that is wrong."""
    mistakes: dict[str, str] = {}
    named = {name: value for name, value in asked.typed.items() if name in WORDED or name.startswith("effective_on-")}
    split = None
    try:
        split = forms.read(Split, named)
    except Mistakes as wrong:
        mistakes |= wrong.by_field
    kept, base = (_tried(asked, name, mistakes, _pence) for name in ("kept_pence", "base_pence"))
    posts = [PostShare(line, pence) for line, pence in _of_lines(asked, "post", mistakes, _pence).items()]
    way = one_of(asked.typed, "way")
    shares: list[RegionShare] = []
    if way == Way.BY_HAND:
        by_hand = _of_lines(asked, "hand", mistakes, _pence)
        shares = [RegionShare(line, amount_pence=pence) for line, pence in by_hand.items()]
    if way == Way.BY_PERCENTAGE:
        percent = _of_lines(asked, "percent", mistakes, _percent)
        shares = [RegionShare(line, hundredths=each) for line, each in percent.items()]
    if split is None or mistakes:
        raise Mistakes(mistakes)
    return msgspec.structs.replace(split, ref=ref, kept_pence=kept, base_pence=base, posts=posts, shares=shares)


def _of_lines(asked: Asked, prefix: str, mistakes: dict[str, str], read: Callable[[str], int]) -> dict[str, int]:
    """What was typed beside each line; lines with nothing are left out. Mistakes say which line they are in."""
    titles = {row.line: row.title for row in queries.lines(asked.session, asked.as_at, one_of(asked.typed, "mou"))}
    found = {}
    for name in asked.typed:
        line = name.removeprefix(f"{prefix}-")
        if line != name:
            found[line] = _tried(asked, name, mistakes, read, f"{titles.get(line, line[:60])}: ")
    return {line: value for line, value in found.items() if value}


def _tried(asked: Asked, name: str, mistakes: dict[str, str], read: Callable[[str], int], begin: str = "") -> int:
    """What was typed in one field, nothing when it is empty. A mistake in it is noted."""
    text = one_of(asked.typed, name).strip()
    try:
        return read(text) if text else 0
    except Refused as refusal:
        mistakes[name] = begin + refusal.message
        return 0


def _pence(text: str) -> int:
    """An amount that may be nothing, but not less."""
    if text.startswith(("-", "−", "(")):
        raise Refused("Enter an amount of £0.00 or more.")
    return 0 if _NOTHING.fullmatch(text) else parse_pounds(text)


def _percent(text: str) -> int:
    found = parse_hundredths(text)
    if found > WHOLE:
        raise Refused("Enter a percentage of 100 or less.")
    return found


@ask("/funding/splits/{ref:str}/adopt", may=May.MANAGE_MONEY, of="money")
def ask_to_adopt(asked: Asked) -> Page:
    """Show what adopting a split would change, and ask for the decision, the day and the reason."""
    return _adopting(asked)


def _adopting(asked: Asked) -> Page:
    found = asking.split(asked.session, asked.as_at, str(asked.sent.path["ref"]))
    if found.division is None:
        raise NotFound(f"{found.ref} cannot be adopted. {found.fault} Save another version of it first.")
    mou, after = queries.mou(asked.session, asked.as_at, found.mou), found.division.amounts()
    after[books.UNALLOCATED] = mou.amount_pence - sum(after.values())
    now = queries.lines(asked.session, asked.as_at, found.mou)
    shows = {
        "split": found,
        "mou": mou,
        "rows": [(row.title, row.allocated_pence, after.get(row.line, 0)) for row in now],
        "typed": asked.typed or _today(asked),
    }
    return carrying.about(asked, found.mou, "funding/split_adopt.html", shows)


@form("/funding/splits/{ref:str}/adopt", may=May.MANAGE_MONEY, of="money", asks=ask_to_adopt)
def adopt(asked: Asked) -> Page | Redirect:
    """Show what will be recorded, and once that is checked adopt the split."""
    if "change" in asked.typed:
        return _adopting(asked)
    ref = str(asked.sent.path["ref"])
    found = asking.split(asked.session, asked.as_at, ref)
    wanted = forms.read(Adoption, {**asked.typed, "ref": ref, "mou": found.mou})
    if asked.typed.get("checked") != "yes":
        foreseen = commands.foresee(asked.session, Kind.ADOPTED, wanted, by=asked.by, at=asked.at)
        return recording.check_page(asked, Kind.ADOPTED, foreseen, _checked(found, wanted, foreseen))
    commands.do(asked.session, Kind.ADOPTED, wanted, by=asked.by, at=asked.at)
    return Redirect(f"/funding/splits/{ref}", f"{ref} is adopted.")


def _checked(found: asking.Split, wanted: Adoption, foreseen: Foreseen) -> dict[str, Any]:
    """What the check page shows of an adoption."""
    day = foreseen.facts[0][1].effective_on
    before = {row.line: row for row in books.positions(foreseen.before, day)}
    changes = [
        (row.title, before[row.line].allocated_pence, row.allocated_pence)
        for row in books.positions(foreseen.after, day)
    ]
    said = [
        ("Split", f"{found.ref}, {found.title}"),
        ("What is recorded", _recorded(foreseen)),
        ("From which day", in_words(day)),
        ("Reference of the Board’s decision", wanted.decision_reference or "Not given"),
        ("Why", wanted.why or "Not given"),
    ]
    if books.state(foreseen.before, day) is State.NEGOTIATION:
        said.append(("Until the MoU is agreed", "Allocations are indicative. They are confirmed or scaled then."))
    moved = any(was != now for _, was, now in changes)
    return {"said": said, "changes": changes if moved else [], "told": ADOPT, "cancel": f"/funding/splits/{found.ref}"}


def _recorded(foreseen: Foreseen) -> str:
    """What an adoption brings, in words."""
    brought = [kind for kind, _ in foreseen.facts[1:]]
    if not brought:
        return "Only that it is adopted: every allocation is as it says already."
    if Kind.VIREMENT in brought:
        legs = next(len(fact.legs) for kind, fact in foreseen.facts if kind is Kind.VIREMENT)  # type: ignore[attr-defined]
        return f"The adoption and one virement, with {plural(legs, 'leg')}"
    return f"The adoption and {plural(len(brought), 'allocation')}"


routes = [new_split, save_new, next_version, save_next, ask_to_adopt, adopt]
