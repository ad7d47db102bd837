"""What a handler gives back: a page, somewhere else to go, a file, or (from the API) values that become JSON."""

from typing import Any

import msgspec


class Page(msgspec.Struct, frozen=True):
    """A template of the slice and what it shows."""

    template: str
    shows: dict[str, Any] = {}
    status: int = 200
    again: "Redirect | None" = None
    """What the same submit gets the second time, where this page may be shown once only."""
    cookies: tuple[tuple[str, str], ...] = ()
    """Cookies to set (name, value)."""


class Redirect(msgspec.Struct, frozen=True):
    """The page that shows what was just done. `saved` is one sentence shown there once."""

    to: str
    saved: str = ""
    cookies: tuple[tuple[str, str | None], ...] = ()
    """Cookies to set (name, value); no value removes it."""


class File(msgspec.Struct, frozen=True):
    """Bytes to show or to keep."""

    body: bytes
    media_type: str
    name: str
    attached: bool = True


class Plain(msgspec.Struct, frozen=True):
    """Bytes as they are, the same for everybody: our own files, and what machines ask after."""

    body: bytes
    media_type: str
    status: int = 200
    kept: str = "no-store"
    """The Cache-Control header."""
    encoding: str = ""
    tag: str = ""


class Created(msgspec.Struct, frozen=True):
    """What the API answers when a fact was recorded."""

    id: str
    ref: str | None = None
