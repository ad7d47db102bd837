"""What stands whoever asks: our own files, whether the service is well, the guide, and the statements in the footer."""

import msgspec
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from improvement.access.asking import Asked
from improvement.access.routes import plain
from improvement.database import is_demonstration
from improvement.errors import NotFound
from improvement.web.files import own_files
from improvement.web.replies import Plain

A_DAY = "public, max-age=86400"


@plain("/static/{name:path}", of="own files")
def static(asked: Asked) -> Plain:
    """Our stylesheet, script, icon and font, kept by browsers for as long as their version stands."""
    return _own_file(asked, str(asked.sent.path["name"]).removeprefix("/"))


@plain("/favicon.ico", of="own files")
def icon(asked: Asked) -> Plain:
    """The icon, for browsers that look for it where icons used to be."""
    return msgspec.structs.replace(_own_file(asked, "favicon.svg"), kept=A_DAY)


def _own_file(asked: Asked, name: str) -> Plain:
    found = own_files().get(name)
    if found is None:
        raise NotFound("There is no file at this address.")
    kept = found.kept(asked.query.get("v", ""))
    smaller = bool(found.smaller) and "gzip" in asked.sent.headers.get("accept-encoding", "")
    tag = f'"{found.version}{"-gz" if smaller else ""}"'
    if tag in asked.sent.headers.get("if-none-match", ""):
        return Plain(b"", found.media_type, 304, kept, tag=tag)
    return Plain(found.smaller if smaller else found.body, found.media_type, 200, kept, "gzip" if smaller else "", tag)


@plain("/health", of="service")
def health(asked: Asked) -> Plain:
    """Whether the process answers. The records are not looked at."""
    return _told("well", 200)


@plain("/ready", of="service")
def ready(asked: Asked) -> Plain:
    """Whether requests can be served: the records can be reached, and are where this release expects them."""
    try:
        here = asked.session.execute(text("SELECT version_num FROM alembic_version")).scalar()
    except SQLAlchemyError:
        return _told("the records cannot be reached", 503)
    return _told("ready", 200) if here == asked.site.revision else _told("the records are not at this release", 503)


def _told(status: str, code: int) -> Plain:
    return Plain(msgspec.json.encode({"status": status}), "application/json", code)


@plain("/robots.txt", of="service")
def robots(asked: Asked) -> Plain:
    """What search engines may read: what is public, and nothing of a demonstration."""
    closed = ["/"] if is_demonstration(asked.session) else ["/sign-in", "/look-back", "/dev"]
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in closed)]
    return Plain(("\n".join(lines) + "\n").encode(), "text/plain; charset=utf-8", kept=A_DAY)


routes = [static, icon, health, ready, robots]
