"""Turning what was sent into the input a command takes, and telling every mistake at once.

One reader serves both doors: a form sends text, JSON sends values. A field's sentence is made from the `title` of its
annotation: `Annotated[str, Meta(title="the title of the account", max_length=200)]`.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

import msgspec
from msgspec import UNSET, Meta, UnsetType

from improvement.errors import Mistakes, Refused, Unreadable
from improvement.money import MOST, in_pounds, parse_hundredths, parse_pounds
from improvement.texts import can_be_kept, said

T = TypeVar("T", bound=msgspec.Struct)
Typed = Mapping[str, str | Sequence[str]]

KEPT = Annotated[int, Meta(ge=-(10**17), le=10**17)]
"""The whole numbers we can keep."""

LONGEST = 10_000
"""The most characters a text may have where its field does not say."""


class Wanted(msgspec.Struct, frozen=True):
    """One field, as its annotation describes it."""

    name: str
    kind: Any
    words: str
    most: int
    money: bool
    hundredths: bool
    chosen: bool
    """Whether a form gives it to choose from."""
    required: bool
    span: Meta | None = None
    """The least and the most a whole number may be, where its field says so."""


def read(wanted: type[T], typed: Typed, besides: Mapping[str, str] | None = None) -> T:
    """What a form sent, as the struct a command takes. Raises `Mistakes` with a sentence for each field, and those
    found `besides`."""
    values = {field.name: _typed(field, typed) for field in wanted_of(wanted)}
    return _gather(wanted, values, _from_text, {name: wrong for name, wrong in (besides or {}).items() if wrong})


def from_json(wanted: type[T], body: bytes) -> T:
    """A JSON body as the struct a command takes. Raises `Unreadable`, `Mistakes` or `Refused`."""
    try:
        return read_json(wanted, msgspec.json.decode(body))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Unreadable(
            "What was sent is not JSON. Send a JSON object, with Content-Type: application/json."
        ) from None


def read_json(wanted: type[T], sent: Any) -> T:
    """What JSON sent, as the struct a command takes. Unknown fields are refused. Raises `Mistakes` or `Refused`."""
    if not isinstance(sent, dict):
        raise Refused("Send a JSON object, with the fields the API description lists.")
    fields = wanted_of(wanted)
    unknown = {name[:60]: "There is no such field." for name in sent if name not in {field.name for field in fields}}
    return _gather(wanted, {field.name: _sent(field, sent) for field in fields}, _from_json, unknown)


def _gather(wanted: type[T], given: Mapping[str, Any], take: Any, mistakes: dict[str, str] | None = None) -> T:
    mistakes, values = dict(mistakes or {}), {}
    for field in wanted_of(wanted):
        value = given[field.name]
        if value is UNSET:
            if field.required:
                mistakes[field.name] = _missing(field)
            continue
        try:
            values[field.name] = take(field, value)
        except Refused as refusal:
            mistakes[field.name] = refusal.message
    if mistakes:
        raise Mistakes(mistakes)
    return wanted(**values)


@cache
def wanted_of(wanted: type[msgspec.Struct]) -> tuple[Wanted, ...]:
    """The fields of an input struct, with what its annotations say of each."""
    return tuple(_wanted(field) for field in msgspec.structs.fields(wanted))


def _wanted(field: Any) -> Wanted:
    kind, metas = field.type, []
    for _ in range(4):
        if get_origin(kind) is Annotated:
            kind, *more = get_args(kind)
            metas += [meta for meta in more if isinstance(meta, Meta)]
        elif get_origin(kind) in (Union, UnionType):
            kind = next(part for part in get_args(kind) if part not in (NoneType, UnsetType))
    words = next((meta.title for meta in metas if meta.title), None) or field.name.replace("_", " ")
    most = next((meta.max_length for meta in metas if meta.max_length), None) or LONGEST
    kinds = {(meta.extra or {}).get("is") for meta in metas}
    span = next((meta for meta in metas if meta.ge is not None and meta.le is not None), None)
    asked = ("money" in kinds, "hundredths" in kinds, "chosen" in kinds)
    return Wanted(field.name, kind, words, most, *asked, required=field.required, span=span)


def _typed(field: Wanted, typed: Typed) -> Any:
    """What was typed for a field: text, the parts of a date, or several choices. Unset when left empty."""
    if field.kind is date and f"{field.name}-day" in typed:
        parts = [_one(typed.get(f"{field.name}-{part}", "")) for part in ("year", "month", "day")]
        return "-".join(parts) if any(parts) else UNSET
    if get_origin(field.kind) is list:
        chosen = typed.get(field.name, [])
        return [chosen] if isinstance(chosen, str) and chosen else list(chosen) or UNSET
    return _one(typed.get(field.name, "")) or UNSET


def _sent(field: Wanted, sent: Mapping[str, Any]) -> Any:
    """What JSON gave for a field. Unset when it is null, or blank where something must be said, as in a form."""
    value = sent.get(field.name, UNSET)
    if isinstance(value, str) and field.kind is str:
        value = said(value) or (UNSET if field.required else "")
    return UNSET if value is None else value


def _one(value: str | Sequence[str]) -> str:
    return said(value if isinstance(value, str) else value[-1] if value else "")


def _from_text(field: Wanted, value: Any) -> Any:
    if field.money:
        return parse_pounds(value)
    if field.hundredths:
        return parse_hundredths(value)
    if field.kind is date:
        return _day(field, value)
    if field.kind is bool:
        value = {"yes": True, "no": False}.get(value.lower(), value)
    if field.kind is int and not (value.isascii() and value.lstrip("-").isdigit() and len(value) < 18):
        raise Refused(f"Enter {field.words} as a whole number.")
    return _convert(field, value, strict=False)


def _from_json(field: Wanted, value: Any) -> Any:
    return _convert(field, value, strict=True)


def _day(field: Wanted, text: str) -> date:
    parts = text.split("-")
    if len(parts) == 3 and all(part.isascii() and part.isdigit() for part in parts) and len(parts[0]) == 4:
        try:
            return date(*(int(part) for part in parts))
        except (ValueError, OverflowError):
            pass
    raise Refused(f"Enter {field.words} as a real date, like 16 12 2011.")


def _convert(field: Wanted, value: Any, strict: bool) -> Any:
    for text in _texts(value):
        _check_text(field, text)
    try:
        kind = Annotated[int, Meta(gt=0, le=MOST)] if field.money else KEPT if field.kind is int else field.kind
        if field.span is not None:
            kind = Annotated[field.kind, field.span]
        return msgspec.convert(value, kind, strict=strict)
    except (msgspec.ValidationError, OverflowError):
        too_much = field.money and type(value) is int and value > MOST
        raise Refused(f"Enter an amount of {in_pounds(MOST)} or less." if too_much else _unfit(field)) from None


def _texts(value: Any) -> Iterator[str]:
    """Every text in what was sent for one field, however deep."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | dict):
        for part in (*value, *(value.values() if isinstance(value, dict) else ())):
            yield from _texts(part)


def _check_text(field: Wanted, text: str) -> None:
    if len(text) > field.most:
        raise Refused(f"{_begin(field.words)} must be {field.most:,} characters or fewer. You sent {len(text):,}.")
    if not can_be_kept(text):
        raise Refused(f"{_begin(field.words)} has characters that cannot be kept. Type it again.")


def _missing(field: Wanted) -> str:
    choose = field.chosen or field.kind is bool or get_origin(field.kind) is list or _is_choice(field.kind)
    return f"{'Select' if choose else 'Enter'} {field.words}."


def _unfit(field: Wanted) -> str:
    if _is_choice(field.kind):
        return f"Select {field.words}: {', '.join(str(choice.value) for choice in field.kind)}."
    if get_origin(field.kind) is list and _is_choice(get_args(field.kind)[0]):
        return f"Select {field.words} from: {', '.join(str(choice.value) for choice in get_args(field.kind)[0])}."
    if field.money:
        return "Enter an amount above zero, in whole pence."
    if field.kind is date:
        return f"Enter {field.words} as a real date, like 2011-12-16."
    if field.kind is bool:
        return f"Select yes or no for {field.words}."
    if field.span is not None:
        return f"Enter {field.words}: a whole number from {field.span.ge} to {field.span.le}."
    return f"{_begin(field.words)} is not in the right form."


def _is_choice(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Enum)


def _begin(words: str) -> str:
    return words[:1].upper() + words[1:]
