"""What of the money somebody sees: their lines, the MoU they ask about, the entries they filter."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Protocol
from urllib.parse import urlencode

import msgspec

from improvement.access.asking import Asked
from improvement.access.rules import May
from improvement.dates import AsAt, Month
from improvement.errors import NotFound
from improvement.funding import ledger, queries
from improvement.funding.book import Kind, Leg, LineKind, Position

SHOWN = 50
"""How many entries are on a page."""
MOST_ROWS = 100_000
"""How many rows a download of the ledger has at most."""


def mine(asked: Asked, rows: Sequence[Position]) -> list[Position]:
    """The lines this person sees; the unallocated sum only with all of them."""
    return [row for row in rows if queries.may_see(asked.by, row.region)]


def all_of(asked: Asked) -> dict[str, str]:
    """What the address of a figure says for everything somebody sees: nothing more, or the regions they see."""
    return {} if queries.sees_all(asked.by) else {"kind": LineKind.REGION.value}


def changing(asked: Asked) -> bool:
    return asked.by.may(May.MANAGE_MONEY) and not asked.looking_back


def mou_asked(asked: Asked) -> queries.Mou | None:
    """The MoU asked about; none when none is known on the day."""
    slug = asked.query.get("mou", "")
    return queries.mou(asked.session, asked.as_at, slug) if slug or queries.mous(asked.session, asked.as_at) else None


def some_mou(asked: Asked) -> queries.Mou:
    return queries.mou(asked.session, asked.as_at, asked.query.get("mou", ""))


class Days(msgspec.Struct, frozen=True):
    """Of which days entries are: until the day of `as_at`, and where `since` is given, after that."""

    as_at: AsAt
    since: date | None = None


def days(asked: Asked) -> Days:
    """The days a ledger is filtered by: one month, or all. Raises `NotADate`."""
    text = asked.query.get("month", "")
    if not text:
        return Days(asked.as_at)
    month = Month.parse(text)
    last = min(asked.as_at.on, month.last_day)
    return Days(AsAt(last, asked.as_at.known_at), month.previous.last_day)


def counted(asked: Asked, mou: str, kinds: Sequence[Kind], of_lines: Sequence[str] | None) -> int:
    """How many entries fit a ledger as it is filtered."""

    def until(as_at: AsAt) -> int:
        return sum(ledger.count(asked.session, as_at, mou, kinds=kinds, of_lines=of_lines).values())

    of = days(asked)
    before = until(AsAt(of.since, of.as_at.known_at)) if of.since and of.since < of.as_at.on else 0
    return until(of.as_at) - before if of.since is None or of.since < of.as_at.on else 0


def months(asked: Asked, mou: str) -> list[tuple[str, str]]:
    """The months in which anything about money happened, the newest first."""
    book, on = queries.book(asked.session, mou, asked.as_at.known_at), asked.as_at.on
    found = {Month.of(day) for series in book.counts.values() for day in series if day <= on}
    return [(str(month), month.in_words) for month in sorted(found, reverse=True)]


def page_of_ledger(
    asked: Asked, mou: str, kinds: Sequence[Kind], of_lines: Sequence[str] | None, of: Days | None = None
) -> tuple[list[ledger.Recorded], str]:
    """A page of entries and the address of the next one, if there is one."""
    of = of or Days(asked.as_at)
    found = ledger.entries(
        asked.session,
        of.as_at,
        mou,
        kinds=kinds,
        of_lines=of_lines,
        after=key(asked, "the ledger"),
        since=of.since,
        limit=SHOWN + 1,
    )
    return seen(asked, mou, found[:SHOWN]), onward(asked, found)


def key(asked: Asked, of: str, name: str = "after") -> int | None:
    """The `seq` after which a page begins; none is the first page. Raises `NotFound`."""
    after = asked.query.get(name, "")
    if after and not (after.isascii() and after.isdigit() and len(after) < 18):
        raise NotFound(f"There is no such page of {of}. Start from the first one.")
    return int(after) if after else None


class _Numbered(Protocol):
    """What has a place among all facts."""

    @property
    def seq(self) -> int: ...


def onward(asked: Asked, found: Sequence[_Numbered], name: str = "after") -> str:
    """The address of the next page, of which the first row was found with this one; nothing on the last page."""
    kept = {each: value for each, value in asked.query.items() if each != name}
    return "?" + urlencode({**kept, name: found[SHOWN - 1].seq}) if len(found) > SHOWN else ""


def seen(asked: Asked, mou: str, entries: list[ledger.Recorded]) -> list[ledger.Recorded]:
    """Entries as this person may see them: of a virement only what it gave to their own lines."""
    if queries.sees_all(asked.by):
        return entries
    return ledger.only(entries, [row.line for row in mine(asked, queries.lines(asked.session, asked.as_at, mou))])


def filtered(asked: Asked, mou: str) -> tuple[list[Kind], list[str] | None]:
    """The kinds and lines a ledger is asked for, of those this person may see."""
    kind, name = asked.query.get("kind", ""), asked.query.get("line", "")
    if kind and kind not in set(ledger.IN_LEDGER):
        raise NotFound(f"There is nothing called “{kind[:40]}” in the ledger.")
    kinds = [Kind(kind)] if kind else list(ledger.IN_LEDGER)
    if name:
        return kinds, [queries.line(asked.session, asked.as_at, name, asked.by, mou).line]
    if queries.sees_all(asked.by):
        return kinds, None
    return kinds, [row.line for row in mine(asked, queries.lines(asked.session, asked.as_at, mou))]


def all_entries(asked: Asked) -> list[ledger.Recorded]:
    mou = some_mou(asked)
    kinds, of_lines = filtered(asked, mou.mou)
    of = days(asked)
    found = ledger.entries(
        asked.session, of.as_at, mou.mou, kinds=kinds, of_lines=of_lines, since=of.since, limit=MOST_ROWS
    )
    return seen(asked, mou.mou, found)


def flat(entry: ledger.Recorded) -> list[Any]:
    """An entry as a row of a file: the legs of a virement in one cell."""
    values = msgspec.structs.astuple(entry)
    return [_legs_said(value) if isinstance(value, tuple) else value for value in values]


def _legs_said(legs: Sequence[Leg]) -> str:
    return "; ".join(f"{leg.line} {leg.amount_pence}" for leg in legs)
