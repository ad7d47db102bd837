"""How values are written on pages: days, instants, money and small words. Pure functions from a value to text."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache

from markupsafe import Markup, escape

from improvement.dates import in_words, moment_in_words
from improvement.money import in_pounds

NOT_KNOWN = "Not known"
MINUS = "\u2212"
_NO_BREAK = "\u00a0"

Typed = Mapping[str, str | Sequence[str]]
"""What someone typed into a form, by field name; a field sent more than once is a sequence."""


@lru_cache(maxsize=4096)
def day(value: date | None) -> str:
    """31 December 2011, never broken over two lines."""
    return NOT_KNOWN if value is None else in_words(value).replace(" ", _NO_BREAK)


def short_day(value: date | None) -> str:
    """31 December: for lists whose year is plain from the page."""
    return NOT_KNOWN if value is None else f"{value.day}{_NO_BREAK}{value:%B}"


def weekday(value: date) -> str:
    """Saturday."""
    return f"{value:%A}"


def moment(value: datetime | None) -> str:
    """2 January 2012, 09:00 in London; the day and the time each stay whole."""
    if value is None:
        return NOT_KNOWN
    on, _, at = moment_in_words(value).partition(", ")
    return f"{on.replace(' ', _NO_BREAK)}, {at}"


def pounds(pence: int | None) -> str:
    """£61,111.11."""
    return NOT_KNOWN if pence is None else in_pounds(pence)


def signed_pounds(pence: int) -> str:
    """+£5.00, −£5.00 or £0.00: for a variance or a change."""
    return f"+{in_pounds(pence)}" if pence > 0 else in_pounds(pence)


def big_pounds(pence: int | None) -> Markup:
    """An amount for a big number: the pence are smaller, never dropped."""
    if pence is None:
        return Markup(NOT_KNOWN)
    whole, _, part = in_pounds(pence).partition(".")
    return Markup(f"{whole}<small>.{part}</small>")


def link(address: str) -> Markup:
    """An address people typed, as a link if it is one that may be opened; as text if not."""
    shown = escape(address)
    if not address.startswith(("http://", "https://")):
        return shown
    return Markup(f'<a class="govuk-link app-long" rel="noreferrer" href="{shown}">{shown}</a>')


def signed(number: int) -> str:
    """+2, −1 or 0."""
    return f"+{number}" if number > 0 else f"{MINUS}{-number}" if number < 0 else "0"


def plural(number: int, one: str, many: str = "") -> str:
    """1 council, 2 councils, 1,200 councils; give the plural when it is not just an s."""
    return f"{number:,}{_NO_BREAK}{one if number == 1 else many or one + 's'}"


def sentence_case(text: str) -> str:
    """A capital to begin with, the rest as it was."""
    return text[:1].upper() + text[1:]


def mid_sentence(text: str) -> str:
    """Words for the middle of a sentence: a small first letter, unless the first word has more capitals (PDF, MoU)."""
    first = text.partition(" ")[0]
    return text if first[1:] != first[1:].lower() else text[:1].lower() + text[1:]


def one_of(typed: Typed, name: str) -> str:
    """What was typed in a field; nothing when it was not sent, the first when it was sent twice."""
    value = typed.get(name, "")
    return value if isinstance(value, str) else (value[0] if value else "")


def all_of(typed: Typed, name: str) -> Sequence[str]:
    """Everything chosen in a field of many."""
    value = typed.get(name, ())
    return (value,) if isinstance(value, str) else value


FILTERS = {
    "day": day,
    "short_day": short_day,
    "weekday": weekday,
    "moment": moment,
    "pounds": pounds,
    "signed_pounds": signed_pounds,
    "big_pounds": big_pounds,
    "link": link,
    "signed": signed,
    "plural": plural,
    "sentence_case": sentence_case,
    "mid_sentence": mid_sentence,
    "one_of": one_of,
    "all_of": all_of,
}
