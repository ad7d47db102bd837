"""The history of facts about money, as pages: every version of one, and what was taken back."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from improvement.access.asking import Asked
from improvement.access.routes import page
from improvement.access.rules import May
from improvement.dates import in_words
from improvement.errors import NotAllowed, NotFound
from improvement.funding import queries
from improvement.funding.book import UNALLOCATED, Kind
from improvement.funding.carrying import about
from improvement.funding.commands import keeping
from improvement.funding.entering import MENDS
from improvement.funding.pages import seeing
from improvement.funding.queries import history as asking
from improvement.funding.rules import WORDS
from improvement.money import in_hundredths, in_pounds
from improvement.web.filters import sentence_case, signed_pounds
from improvement.web.replies import Page

CALLED = {
    "effective_on": "Day",
    "line": "Funding line",
    "amount_pence": "Amount",
    "legs": "Gains and gives",
    "why": "Why",
    "decision_reference": "The Board’s decision",
    "ref": "Reference",
    "over_cash_reason": "Why beyond cash in hand",
    "purpose": "What for",
    "recipient": "To whom",
}
"""What a value is called where its form asks a question, or does not ask for it."""
HIDDEN = frozenset(
    {"mou", "sha256", "version", "payment", "kind", "region", "claims", "lines", "posts", "shares", "adoption"}
)
"""What is told elsewhere, or by another page."""


def shown(asked: Asked, id_: UUID) -> dict[str, Any]:
    """The versions of a fact side by side. Raises `NotFound`."""
    told = asking.history(asked.session, asked.as_at, id_, asked.by)
    titles = asking.titles_of(asked.session, told.mou)
    mine = {line for line, region in asking.regions_of(asked.session, told.mou).items() if _sees(asked, region)}
    mine |= {UNALLOCATED} if queries.sees_all(asked.by) else set()
    said = [
        {name: _said(name, value, titles, mine) for name, value in version.values.items() if name not in HIDDEN}
        for version in told.versions
    ]
    names = [name for name in _in_turn(said[0]) if any(each[name] for each in said)]
    return {
        "told": told,
        "what": WORDS[told.kind],
        "numbers": [f"Version {at}" for at in range(1, len(said) + 1)],
        "steps": [_step(at, told.versions) for at in range(len(told.versions))],
        "rows": [(_called(told.kind, name), _compared([each[name] for each in said])) for name in names],
        "may_correct": _may_correct(asked, told),
        "lines": {
            name: titles[name] for version in told.versions if (name := version.values.get("line", "")) in titles
        },
    }


def _sees(asked: Asked, region: str | None) -> bool:
    return queries.may_see(asked.by, region)


def _in_turn(values: Mapping[str, str]) -> list[str]:
    """What is asked first on forms first, then the rest by name, the note last."""
    first = [name for name in CALLED if name in values]
    return [*first, *sorted(values.keys() - set(first) - {"note"}), "note"]


def _called(kind: Kind, name: str) -> str:
    asked = {field.name: field.label for field in MENDS[kind].fields}
    plainly = name.removesuffix("_pence").removesuffix("_hundredths").replace("_", " ")
    return CALLED.get(name) or asked.get(name) or sentence_case(plainly)


def _said(name: str, value: Any, titles: Mapping[str, str], mine: set[str]) -> str:
    """A value as it is read. Of a virement only what it gave to lines this person sees."""
    if value is None or value in ("", []):
        return ""
    if name == "line":
        return titles.get(value, value)
    if name == "legs":
        seen = [leg for leg in value if leg["line"] in mine]
        return ", ".join(f"{titles.get(leg['line'], leg['line'])} {signed_pounds(leg['amount_pence'])}" for leg in seen)
    if name == "months":
        return ", ".join(f"{each['month']} {in_pounds(each['amount_pence'])}" for each in value)
    if name == "files":
        return ", ".join(str(each["name"]) for each in value)
    if name.endswith("_pence"):
        return in_pounds(value)
    if name.endswith("_hundredths"):
        return in_hundredths(value)
    return in_words(value) if isinstance(value, date) else str(value)


def _compared(values: list[str]) -> list[tuple[str, bool]]:
    """Each value, and whether it is another than in the version before."""
    return [(value, at > 0 and value != values[at - 1]) for at, value in enumerate(values)]


def _step(at: int, versions: list[asking.Version]) -> str:
    """What a version did."""
    if at == 0:
        return "Recorded"
    if versions[at].withdrawn:
        return "Taken back"
    return "Put back" if versions[at - 1].withdrawn else "Put right"


def _may_correct(asked: Asked, told: asking.History) -> bool:
    """Whether this person may put the newest version right, take it back or put it back."""
    if asked.looking_back or not asked.by.may(May.CLAIM_MONEY):
        return False
    kind, fact = queries.fact(asked.session, told.now.id)
    try:
        keeping.check_may_correct(queries.book(asked.session, told.mou), kind, fact, asked.by)
    except (NotAllowed, NotFound):
        return False
    return True


@page("/funding/facts/{fact:uuid}", may=May.READ_MONEY, of="money")
def fact(asked: Asked) -> Page:
    """Every version of one fact, side by side: what it said, who recorded it, when, in which role and why."""
    shows = shown(asked, UUID(str(asked.sent.path["fact"])))
    return about(asked, shows["told"].mou, "funding/fact.html", shows)


def gone_seen(asked: Asked, mou: str) -> list[asking.Gone]:
    """What was taken back, of the lines this person sees."""
    all_ = queries.sees_all(asked.by)
    regions = {} if all_ else asking.regions_of(asked.session, mou)
    mine = None if all_ else [line for line, region in regions.items() if _sees(asked, region)]
    return asking.gone(asked.session, asked.as_at, mou, mine)


@page("/funding/ledger/taken-back", may=May.READ_MONEY, of="money")
def taken_back(asked: Asked) -> Page:
    """What was taken back and has not been put back, newest first."""
    mou = seeing.mou_asked(asked)
    if mou is None:
        return Page("funding/nothing.html", {"changing": seeing.changing(asked)})
    shows = {
        "mou": mou,
        "rows": gone_seen(asked, mou.mou),
        "most": asking.MOST_GONE,
        "titles": asking.titles_of(asked.session, mou.mou),
        "words": WORDS,
    }
    return about(asked, mou.mou, "funding/taken_back.html", shows)


routes = [fact, taken_back]
