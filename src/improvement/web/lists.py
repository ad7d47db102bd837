"""Lists as the API gives them: items, how many there are in all, and where the next page begins."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from io import StringIO
from typing import Any, TypeVar
from unicodedata import category, normalize

import msgspec

from improvement.errors import Unreadable

R = TypeVar("R", bound=msgspec.Struct)

MOST = 1000
USUAL = 100
WORDS = frozenset({"limit", "after", "on", "known-at", "as-at", "q"})


class Listing(msgspec.Struct, frozen=True):
    """One page of a list. `after` is what to ask for next, none on the last page."""

    items: list[Any]
    total: int
    after: str | None


def listing(rows: Sequence[R], query: Mapping[str, str], key: str) -> Listing:
    """The page of rows a query asks for: filtered by field, `limit` at a time, `after` a key. Raises `Unreadable`."""
    limit = _limit(query.get("limit", ""))
    names = rows[0].__struct_fields__ if rows else None
    asked = {name: value for name, value in query.items() if name not in WORDS}
    if names is not None:
        for name in asked:
            if name not in names:
                raise Unreadable(f"There is no field “{name[:40]}” to filter by. Use one of: {', '.join(names)}.")
    kept = [row for row in rows if all(_matches(getattr(row, name), value) for name, value in asked.items())]
    start = 0
    if after := query.get("after"):
        keys = [str(getattr(row, key)) for row in kept]
        start = keys.index(after) + 1 if after in keys else sum(k <= after for k in keys)
    shown = kept[start : start + limit]
    more = start + limit < len(kept)
    return Listing(list(shown), len(kept), str(getattr(shown[-1], key)) if more and shown else None)


def _limit(text: str) -> int:
    if not text:
        return USUAL
    if not (text.isascii() and text.isdigit() and 0 < int(text[:6]) <= MOST and len(text) <= 4):
        raise Unreadable(f"limit must be a whole number from 1 to {MOST:,}.")
    return int(text)


def _matches(value: Any, wanted: str) -> bool:
    if isinstance(value, list | tuple | frozenset):
        return wanted in {str(one) for one in value}
    if isinstance(value, bool):
        return wanted == ("true" if value else "false")
    return str("" if value is None else value) == wanted


def as_csv(headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """Rows as CSV that spreadsheets open as text and numbers, never as formulas. UTF-8 with its mark, for Excel."""
    out = StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(headings)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _cell(value: Any) -> Any:
    """Numbers stay numbers; text that a spreadsheet would run begins with an apostrophe instead."""
    if value is None or isinstance(value, int | float | Decimal):
        return "" if value is None else value
    text = str(value).replace("\0", "")
    if text[:1].isalnum() or not text:
        return text
    # Spreadsheets pass over blanks and quotation marks before they look for a formula, and fold wide signs.
    first = next((sign for sign in text if sign not in "'\"" and not _unseen(sign)), "")
    return f"'{text}" if _unseen(text[0]) or normalize("NFKC", first) in ("=", "+", "-", "@") else text


def _unseen(sign: str) -> bool:
    return sign.isspace() or category(sign) in ("Cc", "Cf")
