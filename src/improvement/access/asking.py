"""What was sent, read once, and who sent it: the same for pages and for the API."""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any
from urllib.parse import parse_qsl

import msgspec
from litestar import Request
from sqlalchemy.orm import Session

from improvement.access import keys, queries
from improvement.access.rules import NOBODY, May, Person
from improvement.dates import AsAt
from improvement.errors import NotAllowed, NotFound, TooBig, Unreadable
from improvement.settings import Settings
from improvement.web import parts

MOST_UPLOADED = 10_000_000
"""How much the files of one form or of one request to the API may take together, in bytes."""
MOST_SENT = 1_000_000
"""The largest form or JSON body we take, files apart, in bytes."""
MOST_READ = 32_000_000
"""How much of what is too big is still read, so that whoever sends it hears that it is."""
MOST_HEARD = 256_000_000
"""How much of a form with files is: what was typed is kept, whatever they weigh. No more is held than we take."""
TOO_MANY_FILES = "The files are too big: we take 10 MB in all. Choose a smaller file, or fewer."
TOO_MUCH = "That is more than we take: 1 MB for a form or JSON. Send less."
NO_FORM = "What was sent cannot be read as a form. Go back, and send it again."


class Upload(msgspec.Struct, frozen=True):
    """A file as a browser sent it, under the name it says the file has."""

    name: str
    body: bytes


class Sent(msgspec.Struct, frozen=True):
    """One request, with its body read: nothing after this waits on the network."""

    method: str
    address: str
    path: Mapping[str, Any]
    query: dict[str, str]
    headers: Mapping[str, str]
    cookies: Mapping[str, str]
    body: bytes = b""
    typed: dict[str, str | list[str]] = {}
    files: dict[str, list[Upload]] = {}
    """What was chosen for each file field; a field left empty is not there."""
    too_big: str = ""
    """The file field whose files are more than we take: of them only the names are kept."""

    @property
    def to_api(self) -> bool:
        """Whether the answer is JSON, whatever it says."""
        return self.address.startswith("/api/")

    @property
    def bearer(self) -> str:
        scheme, _, secret = self.headers.get("authorization", "").partition(" ")
        return secret.strip() if scheme.lower() == "bearer" else ""


class Site(msgspec.Struct, frozen=True):
    """What this release is, for the pages that tell of it."""

    release: str
    revision: str
    """The revision it expects the database to be at."""
    declared: "tuple[Declared, ...]"

    def methods(self, address: str) -> list[str]:
        """The methods an address can be used with."""
        found = {route.method for route in self.declared if route.fits(address)}
        return sorted(found | {"HEAD"} if "GET" in found else found)


class Asked(msgspec.Struct):
    """One request as a handler sees it: the records, who asks, when, and as at when."""

    session: Session
    by: Person
    at: datetime
    as_at: AsAt
    sent: Sent
    settings: Settings
    site: Site
    browser: str = ""
    """What this browser is known by: its session's secret, or a random name before anyone signs in."""

    @property
    def query(self) -> dict[str, str]:
        return self.sent.query

    @property
    def typed(self) -> dict[str, str | list[str]]:
        return self.sent.typed

    def file(self, name: str) -> bytes:
        """What was chosen for a file field of one file; nothing when it was left empty."""
        chosen = self.sent.files.get(name, [])
        return chosen[0].body if chosen else b""

    @property
    def looking_back(self) -> bool:
        return bool({"as-at", "on", "known-at"} & self.sent.query.keys())


Handler = Callable[[Asked], Any]


class Door(StrEnum):
    """How a route is come by."""

    PLAIN = "plain"
    PAGE = "page"
    ASKING = "asking"
    FORM = "form"
    API_READ = "API, read"
    API_WRITE = "API, write"


class Declared(msgspec.Struct, frozen=True):
    """A route as it was declared: everything a guard, a test or a description needs to know."""

    method: str
    path: str
    may: May
    of: str
    door: Door
    handler: Handler
    closed: bool = False
    """Whether answers are kept by nobody, browsers included."""
    takes_files: bool = False
    records: bool = True
    """Whether a form records anything: one that only shows what was sent takes no writer's turn."""
    one_click: bool = False
    """Whether a mail program may send it for its user, with nothing but the address it stands in a message (RFC 8058).
    """
    asks: Handler | None = None
    """The page shown again, with every mistake marked, when the form is refused."""
    takes: type[msgspec.Struct] | None = None
    gives: Any = None

    def fits(self, address: str) -> bool:
        """Whether an address is one of this route's."""
        mine, theirs = self.path.split("/"), address.split("/")
        same = all(own == other or own.startswith("{") for own, other in zip(mine, theirs, strict=False))
        return same and len(mine) == len(theirs)

    @property
    def writes(self) -> bool:
        return self.method == "POST"

    @property
    def says(self) -> str:
        """The handler's own first sentence."""
        return (self.handler.__doc__ or "").strip().partition("\n")[0]


def without_body(request: Request[Any, Any, Any]) -> Sent:
    """What was sent but its body, which cannot be read or is not asked for."""
    asked = parse_qsl(request.scope["query_string"].decode("latin-1"), keep_blank_values=True)
    # What no database can look for is not looked for: PostgreSQL takes no text with a NUL in it.
    query = {name: value.replace("\0", "") for name, value in asked}
    return Sent(request.method, request.url.path, request.path_params, query, request.headers, request.cookies)


async def read(request: Request[Any, Any, Any], *, takes_files: bool = False) -> Sent:
    """Read everything that was sent. Raises `Unreadable`, `TooBig`, or `NotFound` for an address no record has."""
    sent = without_body(request)
    if any("\0" in str(part) for part in sent.path.values()):
        raise NotFound("There is no page at this address.")
    if request.method in ("GET", "HEAD"):
        return sent
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    length = request.headers.get("content-length", "0")
    told = int(length[:18]) if length.isascii() and length.isdigit() else MOST_HEARD
    if kind == "multipart/form-data" and takes_files:
        return await _with_files(request, sent, told)
    if told > MOST_SENT:
        # A client that is still sending would not hear the answer: what is a little too big is read and forgotten.
        async for _ in request.stream():
            pass
        raise TooBig(TOO_MUCH)
    body = await request.body()
    if len(body) > MOST_SENT:
        raise TooBig(TOO_MUCH)
    typed = _fields(body) if kind == "application/x-www-form-urlencoded" else {}
    return msgspec.structs.replace(sent, body=body, typed=typed)


def _fields(body: bytes) -> dict[str, str | list[str]]:
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=2000)
    except (UnicodeError, ValueError):
        raise Unreadable(NO_FORM) from None
    return _gathered(pairs)


def _gathered(pairs: Iterable[tuple[str, str]]) -> dict[str, str | list[str]]:
    """Each field with its value, or its values where it was sent more than once."""
    typed: dict[str, str | list[str]] = {}
    for name, value in pairs:
        before = typed.get(name)
        typed[name] = value if before is None else [*([before] if isinstance(before, str) else before), value]
    return typed


async def _with_files(request: Request[Any, Any, Any], sent: Sent, told: int) -> Sent:
    """A form with files. Of files that are too big the names are kept, for the form to be shown again as it was typed.

    To the API the part named json is the body.
    """
    try:
        boundary = request.content_type[1].get("boundary", "")
        form = await parts.read(request.stream(), boundary, MOST_UPLOADED, MOST_SENT)
        pairs = [(part.field, part.content.decode()) for part in form.parts if part.file is None]
    except (parts.NotAForm, ValueError):
        raise TooBig(TOO_MANY_FILES) if told > MOST_UPLOADED else Unreadable(NO_FORM) from None
    if form.typed > MOST_SENT:
        raise TooBig(TOO_MUCH)
    # A browser sends a file field that was left empty as a file without a name.
    chosen = [(part.field, Upload(part.file, bytes(part.content))) for part in form.parts if part.file]
    files: dict[str, list[Upload]] = {}
    for field, upload in chosen:
        files.setdefault(field, []).append(upload)
    too_big = chosen[0][0] if chosen and form.in_files > MOST_UPLOADED else ""
    typed = _gathered(pairs)
    body = _body_of(typed, files) if sent.to_api and not too_big else b""
    return msgspec.structs.replace(sent, body=body, typed=typed, files=files, too_big=too_big)


def _body_of(typed: Mapping[str, str | list[str]], files: dict[str, list[Upload]]) -> bytes:
    """The part named json, sent as text or as a file. Raises `Unreadable` where other parts are sent than are read."""
    told = files.pop("json", [])
    if len(told) + len(typed) != 1 or not (told or isinstance(typed.get("json"), str)) or files.keys() - {"files"}:
        raise Unreadable("Send one part named json, and each file as a part named files.")
    return told[0].body if told else str(typed["json"]).encode()


def check_size(sent: Sent) -> None:
    """Raises `TooBig`, beside the field whose files are."""
    if sent.too_big:
        raise TooBig(TOO_MANY_FILES, field=sent.too_big)


def cookie_names(settings: Settings) -> tuple[str, str, str, str]:
    """What the session, the browser, the saved message and the address a link was asked for are called: bound to https
    where we have it."""
    prefix = "__Host-" if settings.secure else ""
    return f"{prefix}session", f"{prefix}browser", f"{prefix}saved", f"{prefix}asked"


def who(session: Session, sent: Sent, settings: Settings, at: datetime) -> tuple[Person, str, bool]:
    """Who asks, the secret of their browser session if that is how, and whether its last sight is stale."""
    if sent.bearer:
        person = queries.of_token(session, sent.bearer, at)
        return person or NOBODY, "", False
    secret = sent.cookies.get(cookie_names(settings)[0], "")
    found = queries.of_session(session, secret, at) if secret else None
    return (found[0], secret, found[1]) if found else (NOBODY, "", False)


def csrf_of(settings: Settings, browser: str) -> str:
    """The token a form from this browser must carry."""
    return keys.signature(settings.secret, "csrf", browser)


_ONE_CLICK = re.compile(
    rb"List-Unsubscribe=One-Click|[^\0]*\bname=\"List-Unsubscribe\"[^\0]*?\r?\n\r?\nOne-Click\r?\n[^\0]*"
)


def is_one_click(sent: Sent) -> bool:
    """Whether a mail program sent this, and not a page of ours: as one field, or the same in parts (RFC 8058)."""
    return len(sent.body) < 1000 and _ONE_CLICK.fullmatch(sent.body) is not None


class OutOfDate(NotAllowed):
    """A form of ours, sent from our own page, that was shown to another session: somebody signed out or in since."""


def check_same_site(asked: Asked) -> None:
    """A form must come from one of our own pages, shown to this very browser. Raises `NotAllowed`, or `OutOfDate` where
    the browser vouches that the page was ours."""
    headers, token = asked.sent.headers, asked.typed.get("csrf_token", "")
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    own = f"{asked.settings.url.partition('://')[0]}://{headers.get('host', '')}"
    ours = site in (None, "same-origin", "none") and origin in (None, own)
    known = isinstance(token, str) and bool(asked.browser)
    if ours and known and keys.matches(str(token), csrf_of(asked.settings, asked.browser)):
        return
    if ours and (site == "same-origin" or origin == own) and isinstance(token, str):
        raise OutOfDate(
            "You signed out or in while this form was open. Nothing was saved. Check it, then send it again."
        )
    raise NotAllowed("This form is out of date or came from another site. Nothing was saved. Open the page again.")
