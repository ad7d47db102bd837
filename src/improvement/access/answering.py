"""One request, one transaction, one answer: permission, the second click, ETags, and what a refusal looks like."""

import hashlib
from datetime import datetime
from typing import Any, cast

import msgspec
from anyio import CapacityLimiter
from jinja2 import Environment
from litestar import Response
from sqlalchemy import select

from improvement import dates
from improvement.access import asking, commands, framing, keys
from improvement.access.asking import Asked, Declared, Door, Sent
from improvement.access.rules import Person
from improvement.access.tables import SubmissionRow
from improvement.database import Database, is_demonstration, last_seq
from improvement.dates import AsAt
from improvement.errors import Conflict, NotAllowed, NotSignedIn, TurnedDown, Unreadable
from improvement.settings import Settings
from improvement.web import errors
from improvement.web.replies import Created, File, Page, Redirect


class Service(msgspec.Struct):
    """What every request shares."""

    settings: Settings
    database: Database
    templates: Environment
    release: str
    limiter: CapacityLimiter


def answer(service: Service, route: Declared, sent: Sent) -> Response[Any]:
    """The whole of a request but its network. Never raises `TurnedDown`."""
    at = dates.now()
    try:
        return _write(service, route, sent, at) if route.writes else _look(service, route, sent, at)
    except TurnedDown as refusal:
        if route.asks is not None and refusal.status in (409, 422):
            return _ask_again(service, route, sent, at, refusal)
        return turned_down(service, route, refusal, sent, at)


def _look(service: Service, route: Declared, sent: Sent, at: datetime) -> Response[Any]:
    with service.database.reading() as session:
        by, secret, stale = asking.who(session, sent, service.settings, at)
        permit(by, route)
        asked = Asked(session, by, at, AsAt.asked(sent.query, at), sent, service.settings, secret)
        if route.door is Door.ASKING:
            asked.browser = secret or framing.browser_of(asked)
            if asked.looking_back:
                raise NotAllowed("Nothing can be changed while you look back. Go back to now, then try again.")
        tag = "" if route.closed or framing.has_saved(asked) else _tag(service, asked)
        if tag and tag in (part.strip() for part in sent.headers.get("if-none-match", "").split(",")):
            response: Response[Any] = Response(b"", status_code=304, headers=_cached(tag))
        else:
            response = _respond(service, route, asked, route.handler(asked), tag)
    if stale:
        with service.database.writing() as session:
            commands.see_session(session, secret, at)
    return response


def _write(service: Service, route: Declared, sent: Sent, at: datetime) -> Response[Any]:
    with service.database.writing() as session:
        by, secret, _ = asking.who(session, sent, service.settings, at)
        asked = Asked(session, by, at, AsAt(dates.london_day(at)), sent, service.settings, secret)
        if route.door is Door.FORM:
            asked.browser = secret or framing.browser_of(asked)
            asking.check_same_site(asked)
        elif not sent.bearer:
            raise NotSignedIn("Send a personal token: “Authorization: Bearer …”. Make one under /me.")
        permit(by, route)
        if {"as-at", "on", "known-at"} & sent.query.keys():
            raise Unreadable("Nothing can be changed while you look back. Leave the dates out of the address.")
        reply = _again(asked, route) or _remember(asked, route.handler(asked))
        if secret:
            commands.see_session(session, secret, at)
        return _respond(service, route, asked, reply, "")


def permit(by: Person, route: Declared) -> None:
    """Raises `NotSignedIn` or `NotAllowed`."""
    if not by.may(route.may):
        if not by.signed_in:
            raise NotSignedIn("Sign in to see this.")
        raise NotAllowed(f"You may not {route.may}. If you need to, ask the secretariat.")


def _key(asked: Asked) -> str:
    given = asked.typed.get("idempotency_key") or asked.sent.headers.get("idempotency-key", "")
    key = given if isinstance(given, str) else given[-1]
    if len(key) > 200 or not key.isprintable():
        raise Unreadable("An Idempotency-Key is up to 200 printable characters.")
    return key if asked.by.signed_in else ""


def _body_hash(asked: Asked) -> str:
    typed = sorted((name, value) for name, value in asked.typed.items() if name != "csrf_token")
    sent = msgspec.json.encode(typed) + b"".join(asked.sent.files.values()) if asked.typed else asked.sent.body
    return hashlib.sha256(sent).hexdigest()


def _again(asked: Asked, route: Declared) -> Redirect | Created | None:
    """What this very submit came to, if it was made before. Raises `Conflict` when it said something else."""
    key = _key(asked)
    if not key:
        return None
    row = asked.session.scalar(
        select(SubmissionRow).where(
            SubmissionRow.person_id == asked.by.id, SubmissionRow.key == key, SubmissionRow.route == asked.sent.address
        )
    )
    if row is None:
        return None
    if row.body_hash != _body_hash(asked):
        raise Conflict("This was sent before with other content, and that was kept. Open the page again to send more.")
    return msgspec.convert(row.outcome, Created if route.door is Door.API_WRITE else Redirect)


def _remember(asked: Asked, reply: Any) -> Any:
    key = _key(asked)
    if key and isinstance(reply, Redirect | Created):
        row = SubmissionRow(
            person_id=asked.by.id,
            key=key,
            route=asked.sent.address,
            body_hash=_body_hash(asked),
            status=201 if isinstance(reply, Created) else 303,
            outcome=msgspec.to_builtins(reply),
            at=asked.at,
        )
        asked.session.add(row)
    return reply


def _tag(service: Service, asked: Asked) -> str:
    seq, edits = last_seq(asked.session)
    query = sorted(asked.query.items())
    parts = (service.release, asked.sent.address, query, asked.by.id, asked.by.rights_version, seq, edits)
    told = repr((*parts, dates.london_day(asked.at), is_demonstration(asked.session)))
    return f'W/"{hashlib.blake2b(told.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()}"'


def _cached(tag: str) -> dict[str, str]:
    return {"ETag": tag, "Cache-Control": "private, no-cache"} if tag else {"Cache-Control": "no-store"}


def _respond(service: Service, route: Declared, asked: Asked, reply: Any, tag: str) -> Response[Any]:
    headers = _cached(tag)
    if is_demonstration(asked.session):
        headers["Improvement-Demonstration"] = "yes"
    match reply:
        case Page():
            return framing.page(service, asked, reply, headers, open_form=route.door in (Door.ASKING, Door.FORM))
        case Redirect():
            return framing.redirect(asked, reply)
        case File():
            return framing.file(reply, headers)
        case Created():
            body = {name: value for name, value in msgspec.to_builtins(reply).items() if value is not None}
            return Response(msgspec.json.encode(body), status_code=201, headers=headers, media_type="application/json")
    return Response(msgspec.json.encode(reply), headers=headers, media_type="application/json")


def _ask_again(service: Service, route: Declared, sent: Sent, at: datetime, refusal: TurnedDown) -> Response[Any]:
    """The form as it was typed, with every mistake beside its field. Nothing was saved."""
    with service.database.reading() as session:
        by, secret, _ = asking.who(session, sent, service.settings, at)
        asked = Asked(session, by, at, AsAt(dates.london_day(at)), sent, service.settings, secret)
        asked.browser = secret or framing.browser_of(asked)
        try:
            shown = cast(Page, cast(Any, route.asks)(asked))
        except TurnedDown as gone:
            return turned_down(service, route, gone, sent, at)
        mistakes = refusal.fields or {"": refusal.message}
        page = Page(shown.template, {**shown.shows, "typed": sent.typed, "mistakes": mistakes}, refusal.status)
        return framing.page(service, asked, page, _cached(""), open_form=True)


def turned_down(
    service: Service, route: Declared, refusal: TurnedDown, sent: Sent | None = None, at: datetime | None = None
) -> Response[Any]:
    """A refusal as JSON from the API and as a page elsewhere; the page leads to signing in where that helps."""
    if route.path.startswith("/api/"):
        return errors.as_json(refusal)
    if isinstance(refusal, NotSignedIn) and sent is not None:
        return framing.to_sign_in(sent)
    if sent is None or at is None:
        return errors.as_page(service.templates, framing.plain(), refusal)
    with service.database.reading() as session:
        by, secret, _ = asking.who(session, sent, service.settings, at)
        asked = Asked(session, by, at, AsAt(dates.london_day(at)), sent, service.settings, secret)
        return errors.as_page(service.templates, framing.of(asked, open_form=False), refusal)

