"""What stands whoever asks: our own files, whether the service is well, the guide, and the statements in the footer."""

from datetime import date
from functools import cache, partial
from itertools import groupby
from typing import Any

import msgspec
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from improvement.access.asking import Asked, Site
from improvement.access.routes import api_get, page, plain
from improvement.access.rules import May
from improvement.database import is_demonstration
from improvement.errors import NotFound
from improvement.funding import queries as money
from improvement.overview import description
from improvement.overview.guide import KEPT, TOPICS, WORDS
from improvement.web.files import own_files
from improvement.web.replies import Page, Plain

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
    """Whether requests can be served.

    The records can be reached, are where this release expects them, and the money has been added up. The first time,
    that is waited for.
    """
    try:
        here = asked.session.execute(text("SELECT version_num FROM alembic_version")).scalar()
        if here != asked.site.revision:
            return _told("the records are not at this release", 503)
        money.add_all_up(asked.session)
    except SQLAlchemyError:
        return _told("the records cannot be reached", 503)
    return _told("ready", 200)


def _told(status: str, code: int) -> Plain:
    return Plain(msgspec.json.encode({"status": status}), "application/json", code)


@plain("/robots.txt", of="service")
def robots(asked: Asked) -> Plain:
    """What search engines may read: what is public, and nothing of a demonstration."""
    closed = ["/"] if is_demonstration(asked.session) else ["/sign-in", "/look-back", "/dev"]
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in closed)]
    return Plain(("\n".join(lines) + "\n").encode(), "text/plain; charset=utf-8", kept=A_DAY)


@page("/guide", may=May.LOOK, of="guide")
def guide(asked: Asked) -> Page:
    """The pages of the guide, by who they are for."""
    return Page("overview/guide.html", {"topics": TOPICS})


@page("/guide/{topic:str}", may=May.LOOK, of="guide")
def topic(asked: Asked) -> Page:
    """One page of the guide."""
    slug = str(asked.sent.path["topic"])
    if slug not in TOPICS:
        raise NotFound("There is no such page in the guide.")
    shows = {"topics": TOPICS, "topic": TOPICS[slug], "words": WORDS, "opens": partial(_opens, asked)}
    return Page(f"overview/guide_{slug}.html", shows)


OF_ALL = ("/funding/splits", "/funding/posts", "/funding/runs", "/funding/statements")
"""Pages about all of the money, which those who see one region's cannot open."""


def _opens(asked: Asked, address: str) -> bool:
    """Whether this person may open an address."""
    if address in OF_ALL and not money.sees_all(asked.by):
        return False
    return any(route.fits(address) and not route.writes and asked.by.may(route.may) for route in asked.site.declared)


@page("/accessibility", may=May.LOOK, of="statement")
def accessibility(asked: Asked) -> Page:
    """How accessible the pages are, what was tested and what was not."""
    return Page("overview/accessibility.html", {"prepared_on": date(2026, 11, 23)})


@page("/privacy", may=May.LOOK, of="statement")
def privacy(asked: Asked) -> Page:
    """What is kept about whom, why, and for how long."""
    return Page("overview/privacy.html", {"kept": KEPT})


@page("/api", may=May.LOOK, of="API")
def browse(asked: Asked) -> Page:
    """The API's description, to read."""
    return Page("overview/api.html", {"groups": _groups(asked.site, asked.settings.url)})


@cache
def _groups(site: Site, url: str) -> list[tuple[str, list[description.Shown]]]:
    shown = description.shown(site.declared, url)
    return [(tag, list(group)) for tag, group in groupby(shown, key=lambda one: one.tag)]


@api_get("/openapi.json", may=May.LOOK, of="API", gives=dict[str, Any])
def document(asked: Asked) -> dict[str, Any]:
    """This description, as an OpenAPI 3.1 document."""
    return _document(asked.site, asked.settings.url)


@cache
def _document(site: Site, url: str) -> dict[str, Any]:
    return description.describe(site.declared, url, site.release)


routes = [static, icon, health, ready, robots, guide, topic, accessibility, privacy, browse, document]
