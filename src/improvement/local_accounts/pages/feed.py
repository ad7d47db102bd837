"""The register as an Atom feed (RFC 4287)."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from html import escape

from improvement.dates import ProgrammeYear, in_words, start_of
from improvement.local_accounts.queries.register import Announced


def atom(told: Sequence[Announced], url: str, on: date, *, demonstration: bool) -> bytes:
    """The accounts as a feed. An entry's id never changes; its date does when there is an edition or a correction."""
    updated = max((one.updated_at for one in told), default=start_of(on))
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        '<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en-GB">',
        _line("title", "Published local accounts" + (" (a demonstration: made up)" if demonstration else "")),
        _line("subtitle", "Councils’ own yearly reports on their adult social care, as they are published."),
        _line("id", f"{url}/accounts/feed"),
        f'<link rel="self" type="application/atom+xml" href="{_plain(url)}/accounts/feed"/>',
        f'<link rel="alternate" type="text/html" href="{_plain(url)}/accounts"/>',
        f"<updated>{_instant(updated)}</updated>",
        "<author><name>The Programme Board’s secretariat</name></author>",
        *(line for one in told for line in _entry(one, url)),
        "</feed>",
    ]
    return "\n".join(lines).encode() + b"\n"


def _entry(one: Announced, url: str) -> Iterable[str]:
    year, names = ProgrammeYear.parse(one.year).on_screen, " and ".join(one.names)
    formats = f" Formats: {', '.join(one.formats)}." if one.formats else ""
    said = f"The local account {year} of {names}, first published by {in_words(one.published_on)}.{formats}"
    return [
        "<entry>",
        _line("title", f"{names}: {one.title}"),
        _line("id", f"{url}/accounts#{one.entry}"),
        f'<link rel="alternate" href="{_plain(one.address)}"/>',
        f"<published>{_instant(start_of(one.published_on))}</published>",
        f"<updated>{_instant(one.updated_at)}</updated>",
        f'<category term="{_plain(one.year)}" label="{_plain(year)}"/>',
        _line("summary", said),
        "</entry>",
    ]


def _line(name: str, text: str) -> str:
    return f"<{name}>{_plain(text)}</{name}>"


def _plain(text: str) -> str:
    """Text as XML has it: its signs escaped, and those it cannot have left out."""
    return escape("".join(sign for sign in text if _may_be(ord(sign))))


def _may_be(code: int) -> bool:
    return code in (0x9, 0xA, 0xD) or 0x20 <= code <= 0xD7FF or 0xE000 <= code <= 0xFFFD or code >= 0x10000


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
