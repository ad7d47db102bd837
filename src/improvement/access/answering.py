"""One request, one transaction, one answer: permission, the second click, ETags, and what a refusal looks like."""

import hashlib
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, cast

import msgspec
from anyio import CapacityLimiter, to_thread
from jinja2 import Environment
from litestar import Request, Response
from sqlalchemy import select

from improvement import dates
from improvement.access import asking, commands, framing
from improvement.access.asking import Asked, Declared, Door, Sent, Site
from improvement.access.rules import NOBODY, Person
from improvement.access.tables import SubmissionRow
from improvement.database import Database, is_demonstration, last_seq
from improvement.dates import AsAt
from improvement.errors import Busy, Conflict, NotAllowed, NotSignedIn, TooBig, TurnedDown, Unreadable
from improvement.settings import Settings
from improvement.web import errors
from improvement.web.components import SentBefore
from improvement.web.replies import Created, File, Page, Redirect

DEMONSTRATION = {"Improvement-Demonstration": "yes"}
"""Said with every answer while everything in the records is made up; pages say it in words."""


class Shared(msgspec.Struct):
    """What every request shares."""

    settings: Settings
    database: Database
    templates: Environment
    site: Site
    limiter: CapacityLimiter


def answer(service: Shared, route: Declared, sent: Sent) -> Response[Any]:
    """The whole of a request but its network. Never raises `TurnedDown`."""
    at = dates.now()
    if route.door is Door.PLAIN:
        return _plain(service, route, sent, at)
    try:
        return _write(service, route, sent, at) if route.writes else _look(service, route, sent, at)
    except asking.OutOfDate as refusal:
        return _send_again(service, route, sent, at, refusal)
    except TurnedDown as refusal:
        if route.asks is not None and refusal.status in (409, 413, 422):
            return _ask_again(service, route, sent, at, refusal)
        return turned_down(service, refusal, sent)


def _plain(service: Shared, route: Declared, sent: Sent, at: datetime) -> Response[Any]:
    """The same for everybody; the records are looked at only if the handler does."""
    with service.database.reading() as session:
        asked = Asked(session, NOBODY, at, AsAt(dates.london_day(at)), sent, service.settings, service.site)
        try:
            return framing.plain(route.handler(asked))
        except TurnedDown as refusal:
            return errors.as_page(service.templates, framing.for_nobody(), refusal)


def _look(service: Shared, route: Declared, sent: Sent, at: datetime) -> Response[Any]:
    with service.database.reading() as session:
        by, secret, stale = asking.who(session, sent, service.settings, at)
        permit(by, route)
        asked = Asked(session, by, at, AsAt.asked(sent.query, at), sent, service.settings, service.site, secret)
        if route.door is Door.ASKING:
            asked.browser = secret or framing.browser_of(asked)
            if asked.looking_back:
                raise NotAllowed("Nothing can be changed while you look back. Go back to now, then try again.")
        tag = "" if route.closed or framing.has_saved(asked) else _tag(service, asked)
        if tag and tag in (part.strip() for part in sent.headers.get("if-none-match", "").split(",")):
            kind = "application/json" if sent.to_api else "text/html"
            response: Response[Any] = Response(b"", status_code=304, headers=_cached(tag), media_type=kind)
        else:
            response = _respond(service, route, asked, route.handler(asked), tag)
    if stale:
        # When writers are busy, the next request will note it.
        with suppress(Busy), service.database.writing() as session:
            commands.see_session(session, secret, at)
    return response


def _write(service: Shared, route: Declared, sent: Sent, at: datetime) -> Response[Any]:
    turn = service.database.writing() if route.records else service.database.reading()
    with turn as session:
        by, secret, _ = asking.who(session, sent, service.settings, at)
        asked = Asked(session, by, at, AsAt(dates.london_day(at)), sent, service.settings, service.site, secret)
        if route.door is Door.FORM:
            asked.browser = secret or framing.browser_of(asked)
            # What stops reminders is in the address alone: there is no session here that another site could misuse.
            if not (route.one_click and asking.is_one_click(sent)):
                asking.check_same_site(asked)
        elif not sent.bearer:
            raise NotSignedIn("Send a personal token: “Authorization: Bearer …”. Make one under /me.")
        permit(by, route)
        asking.check_size(sent)
        if {"as-at", "on", "known-at"} & sent.query.keys():
            raise Unreadable("Nothing can be changed while you look back. Leave the dates out of the address.")
        reply = _again(asked, route) or _remember(asked, route.handler(asked))
        if secret and route.records:
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


_OF_THE_FORM = frozenset({"csrf_token", "idempotency_key", "checked"})


def _body_hash(asked: Asked) -> str:
    # What was typed into a form is the same before and after it was checked.
    typed = sorted((name, value) for name, value in asked.typed.items() if name not in _OF_THE_FORM)
    files = msgspec.json.encode(asked.sent.files) if asked.sent.files else b""
    sent = msgspec.json.encode(typed) + files if asked.typed else asked.sent.body
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
        raise Conflict("This was sent before with other content, and that is recorded. To record more, send it again.")
    if route.door is Door.API_WRITE:
        return msgspec.convert(row.outcome, Created)
    return msgspec.convert(row.outcome, Redirect)


def _before(asked: Asked) -> SentBefore | None:
    """What came of sending just this in the last day: who went back past the page that asks to check it is told."""
    wanted = select(SubmissionRow).where(
        SubmissionRow.person_id == asked.by.id,
        SubmissionRow.route == asked.sent.address,
        SubmissionRow.body_hash == _body_hash(asked),
        SubmissionRow.at > asked.at - timedelta(days=1),
    )
    row = asked.session.scalars(wanted.order_by(SubmissionRow.at.desc()).limit(1)).first()
    return None if row is None else SentBefore(row.at, msgspec.convert(row.outcome, Redirect).to)


def _remember(asked: Asked, reply: Any) -> Any:
    key, outcome = _key(asked), reply.again if isinstance(reply, Page) else reply
    # A cookie with a value is a secret, and secrets are not kept: such a form guards itself.
    secret = isinstance(outcome, Redirect) and any(value for _, value in outcome.cookies)
    if key and isinstance(outcome, Redirect | Created) and not secret:
        row = SubmissionRow(
            person_id=asked.by.id,
            key=key,
            route=asked.sent.address,
            body_hash=_body_hash(asked),
            status=201 if isinstance(outcome, Created) else 303,
            outcome=msgspec.to_builtins(outcome),
            at=asked.at,
        )
        asked.session.add(row)
    return reply


def _tag(service: Shared, asked: Asked) -> str:
    seq, edits = last_seq(asked.session)
    query = sorted(asked.query.items())
    parts = (service.site.release, asked.sent.address, query, asked.by.id, asked.by.rights_version, seq, edits)
    told = repr((*parts, dates.london_day(asked.at), is_demonstration(asked.session)))
    return f'W/"{hashlib.blake2b(told.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()}"'


def _cached(tag: str) -> dict[str, str]:
    return {"ETag": tag, "Cache-Control": "private, no-cache"} if tag else {"Cache-Control": "no-store"}


def _respond(service: Shared, route: Declared, asked: Asked, reply: Any, tag: str) -> Response[Any]:
    headers = _cached(tag)
    if is_demonstration(asked.session):
        headers |= DEMONSTRATION
    match reply:
        case Page(again=None) if route.writes and asked.by.signed_in:
            # A page that asks somebody to check what they typed: the way back to it must not send it again.
            headers["Cache-Control"] = "private, no-cache"
            return framing.page(service, asked, reply, headers, open_form=True, before=_before(asked))
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


def _ask_again(service: Shared, route: Declared, sent: Sent, at: datetime, refusal: TurnedDown) -> Response[Any]:
    """The form as it was typed, with every mistake beside its field. Nothing was saved, and no file is kept."""
    with service.database.reading() as session:
        by, secret, _ = asking.who(session, sent, service.settings, at)
        asked = Asked(session, by, at, AsAt(dates.london_day(at)), sent, service.settings, service.site, secret)
        asked.browser = secret or framing.browser_of(asked)
        try:
            shown = cast(Page, cast(Any, route.asks)(asked))
        except TurnedDown as gone:
            return turned_down(service, gone, sent)
        mistakes = refusal.fields or {"": refusal.message}
        page = Page(shown.template, {**shown.shows, "typed": sent.typed, "mistakes": mistakes}, refusal.status)
        return framing.page(service, asked, page, _cached(""), open_form=True)


def _send_again(service: Shared, route: Declared, sent: Sent, at: datetime, refusal: TurnedDown) -> Response[Any]:
    """What was typed into a form that another session was shown, to be sent again by whoever is signed in now.

    Whoever is not is led to sign in first, and keeps it on the page. No file is kept.
    """
    with service.database.reading() as session:
        by, secret, _ = asking.who(session, sent, service.settings, at)
        if by.signed_in and not by.may(route.may):
            return turned_down(service, refusal, sent)
        if by.may(route.may) and route.asks is not None:
            return _ask_again(service, route, sent, at, refusal)
        asked = Asked(session, by, at, AsAt(dates.london_day(at)), sent, service.settings, service.site, secret)
        asked.browser = secret or framing.browser_of(asked)
        fields = [(name, value) for name, value in sent.typed.items() if name not in ("csrf_token", "idempotency_key")]
        page = Page("access/send_again.html", {"fields": fields, "typed": sent.typed, "files": bool(sent.files)}, 403)
        return framing.page(service, asked, page, _cached(""), open_form=True)


def turned_down(service: Shared, refusal: TurnedDown, sent: Sent, reference: str = "") -> Response[Any]:
    """A refusal as JSON from the API and as a page elsewhere; the page leads to signing in where that helps."""
    if isinstance(refusal, NotSignedIn) and not sent.to_api:
        return framing.to_sign_in(sent)
    at = dates.now()
    with service.database.reading() as session:
        if sent.to_api:
            return errors.as_json(refusal, DEMONSTRATION if is_demonstration(session) else {})
        by, secret, _ = asking.who(session, sent, service.settings, at)
        asked = Asked(session, by, at, AsAt(dates.london_day(at)), sent, service.settings, service.site, secret)
        # What was too big was not read, so its form cannot be shown again as it was typed: only be opened anew.
        anew = isinstance(refusal, TooBig) and "GET" in service.site.methods(sent.address)
        frame = framing.of(asked, open_form=False)
        return errors.as_page(service.templates, frame, refusal, reference, form=sent.address if anew else "")


class Later(Response[Any]):
    """A response that needs the records, and so is made in a thread when it is sent."""

    def __init__(self, service: Shared, make: Callable[[], Response[Any]]) -> None:
        super().__init__(b"")
        self._service, self._make = service, make

    def to_asgi_response(self, app: Any = None, request: Any = None, **more: Any) -> Any:
        async def send_it(scope: Any, receive: Any, send: Any) -> None:
            made = await to_thread.run_sync(self._make, limiter=self._service.limiter)
            await made.to_asgi_response(app, request, **more)(scope, receive, send)

        return send_it


def unexpected(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """What no route answered: an unknown address, a method it does not have, a fault of ours."""
    refusal, reference = errors.refusal_of(error, f"{request.method} {request.url.path}")
    service: Shared = request.app.state.service
    sent = asking.without_body(request)

    def make() -> Response[Any]:
        try:
            response = turned_down(service, refusal, sent, reference)
        except Exception:  # the records are what is broken: answer without them
            plainly = errors.as_page(service.templates, framing.for_nobody(), refusal, reference)
            response = errors.as_json(refusal, {}) if sent.to_api else plainly
        if refusal.status == 405:
            response.headers["Allow"] = ", ".join(service.site.methods(sent.address))
        return response

    return Later(service, make)
