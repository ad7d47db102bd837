"""What is entered about what is to come: forecasts by month, and why a line will spend more or less than it has."""

import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from improvement.dates import Month
from improvement.errors import Mistakes, Refused
from improvement.funding.book import Kind
from improvement.funding.entering.words import LINE, Day, Field, Form, LineName, Name, Note, Why
from improvement.money import MOST, parse_pounds


class MonthAmount(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is expected to be paid in a month (written 2011-12), in pence."""

    month: str
    amount_pence: Annotated[int, Meta(ge=0, le=MOST)]


class Forecast(msgspec.Struct, frozen=True, kw_only=True):
    """What a line is expected to pay in each month to come. Months that are not named keep what was last forecast."""

    line: LineName
    months: Annotated[list[MonthAmount], Meta(title="the months")]
    why: Why = ""
    effective_on: Day = None
    mou: Name = ""
    note: Note = ""


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """Why a line will spend more, or less, than it was allocated."""

    line: LineName
    why: Annotated[str, Meta(title="the explanation", max_length=1000)]
    effective_on: Day = None
    mou: Name = ""
    note: Note = ""


TAKES: dict[Kind, tuple[type[msgspec.Struct], str]] = {
    Kind.FORECAST: (Forecast, "effective_on"),
    Kind.EXPLAINED: (Explanation, "effective_on"),
}

FORMS: dict[Kind, Form] = {
    Kind.EXPLAINED: Form(
        "/funding/variances/new",
        "Explain a variance",
        "Why a funding line will spend less, or more, than it was allocated.",
        "Record the explanation",
        (LINE, Field("why", "area", "What explains it?", "One or two sentences the Board can read")),
    ),
}

MENDS: dict[Kind, Form] = {Kind.FORECAST: Form("/funding/forecasts", "Forecast", "", "", ())}

_NIL = re.compile(r"£?\s*0+(\.0{0,2})?")
_BELOW = ("-", "−", "(")


def box(month: Month) -> str:
    """What a month's box is called on a form."""
    return f"month-{month}"


def read_boxes(typed: Mapping[str, str | Sequence[str]], months: Sequence[Month]) -> list[dict[str, Any]]:
    """The amounts typed for some months, nothing counting as nil. Boxes that were not sent are left out.

    Raises `Mistakes`, one for each box.
    """
    found, mistakes = [], {}
    for month in months:
        text = typed.get(box(month))
        if isinstance(text, str):
            try:
                found.append({"month": str(month), "amount_pence": _pence(text.strip())})
            except Refused as refusal:
                mistakes[box(month)] = f"{month.in_words}: {refusal.message[:1].lower()}{refusal.message[1:]}"
    if mistakes:
        raise Mistakes(mistakes)
    return found


def _pence(text: str) -> int:
    if text.startswith(_BELOW):
        raise Refused("Enter 0 or an amount above it. A forecast is of what will be paid.")
    return 0 if not text or _NIL.fullmatch(text) else parse_pounds(text)
