"""The frame around a page for the person who asked: their name, what they may open, the dates they look back to."""

import secrets
from typing import Any
from urllib.parse import quote, urlencode

import msgspec
from litestar import Response
from litestar.datastructures import Cookie

from improvement import dates
from improvement.access import asking, keys
from improvement.access.asking import Asked, Sent
from improvement.access.rules import LINK_LASTS, Held, May
from improvement.database import is_demonstration
from improvement.dates import AsAt
from improvement.web.components import Frame, LookingBack, NavItem, SentBefore
from improvement.web.replies import File, Page, Plain, Redirect

NAVIGATION: tuple[tuple[str, str, May], ...] = (
    ("/", "Home", May.READ),
    ("/funding", "Money", May.READ_MONEY),
    ("/local-accounts/2011-2012", "Local accounts", May.READ),
    ("/concerns", "Concerns and actions", May.READ_CONCERNS),
    ("/board-reports", "Board reports", May.LOOK),
    ("/accounts", "Published accounts", May.LOOK),
    ("/councils", "Councils", May.LOOK),
    ("/people", "People", May.MANAGE_PEOPLE),
)
UNDER = {
    "actions": "/concerns",
    "plans": "/concerns",
    "rounds": "/board-reports",
    "regions": "/councils",
    "notices": "/people",
}
"""What else belongs to one of these, by the first segment of its address."""
DATES = ("as-at", "on", "known-at")
SAME_EVERY_DAY = ("/guide", "/accessibility", "/privacy", "/api", "/people", "/notices", "/look-back", "/dev")
"""Pages there is nothing to look back at on."""
SAVED_SHOWN = 60
"""How long, in seconds, the sentence about what was saved waits to be shown."""


def of(asked: Asked, *, open_form: bool) -> Frame:
    """The frame for somebody. A page with a form carries the two tokens that make its submit safe."""
    return Frame(
        person_name=asked.by.name if asked.by.signed_in else None,
        person_roles=", ".join(_held_in_words(held) for held in asked.by.holds),
        demonstration=is_demonstration(asked.session),
        nav=_nav(asked),
        as_at=_looking_back(asked),
        csrf=asking.csrf_of(asked.settings, asked.browser) if open_form else None,
        idempotency_key=secrets.token_urlsafe(18) if open_form else "",
        saved=_saved(asked),
        look_back="" if open_form or asked.looking_back else _look_back(asked, asked.query),
    )


def for_nobody() -> Frame:
    """The frame when nobody could be asked who they are."""
    return Frame()


def page(
    service: Any,
    asked: Asked,
    reply: Page,
    headers: dict[str, str],
    *,
    open_form: bool,
    before: SentBefore | None = None,
) -> Response[Any]:
    """A page as bytes, with the cookies it needs."""
    frame = msgspec.structs.replace(of(asked, open_form=open_form), before=before)
    key = asked.typed.get("idempotency_key")
    if open_form and isinstance(key, str) and key and reply.again is None and reply.status in (200, 403, 422):
        # A form that was refused, or is to be checked, keeps its key from its first page on: nothing is saved yet.
        frame = msgspec.structs.replace(frame, idempotency_key=key)
    template = service.templates.get_template(reply.template)
    looking = {name: value for name, value in asked.query.items() if name in DATES}
    given = {"as_at": asked.as_at, "by": asked.by, "query": asked.query, "looking": looking, **reply.shows}
    body = template.render(frame=frame, **given)
    response = Response(body.encode(), status_code=reply.status, headers=headers, media_type="text/html")
    if (
        open_form
        and not asked.by.signed_in
        and asked.sent.cookies.get(asking.cookie_names(asked.settings)[1]) != asked.browser
    ):
        response.set_cookie(cookie(asked, 1, asked.browser))
    if frame.saved:
        response.set_cookie(cookie(asked, 2, None))
    for name, value in reply.cookies:
        response.set_cookie(cookie(asked, {"asked": 3}[name], value, int(LINK_LASTS.total_seconds())))
    return response


def redirect(asked: Asked, reply: Redirect) -> Response[Any]:
    """On to the page that shows what was done (303), with a sentence for it to show once."""
    headers = {"Location": reply.to, "Cache-Control": "no-store"}
    response = Response(b"", status_code=303, headers=headers, media_type="text/html")
    if reply.saved:
        response.set_cookie(cookie(asked, 2, keys.sealed(asked.settings.secret, "saved", reply.saved), SAVED_SHOWN))
    for name, value in reply.cookies:
        response.set_cookie(cookie(asked, {"session": 0, "browser": 1}[name], value))
    return response


def file(reply: File, headers: dict[str, str]) -> Response[Any]:
    """Bytes under a safe name."""
    kind = "attachment" if reply.attached else "inline"
    plainly = "".join(sign if sign.isascii() and (sign.isalnum() or sign in "-_.") else "_" for sign in reply.name)
    named = f"{kind}; filename=\"{plainly}\"; filename*=UTF-8''{quote(reply.name, safe='')}"
    return Response(reply.body, headers={**headers, "Content-Disposition": named}, media_type=_kind(reply.media_type))


def plain(reply: Plain) -> Response[Any]:
    """Bytes with their own headers, or the word that the browser has them already."""
    headers = {"Cache-Control": reply.kept}
    if reply.encoding:
        headers["Content-Encoding"] = reply.encoding
    if reply.tag:
        headers |= {"ETag": reply.tag, "Vary": "Accept-Encoding"}
    return Response(reply.body, status_code=reply.status, headers=headers, media_type=_kind(reply.media_type))


def _kind(media_type: str) -> str:
    """Without its character set, which is UTF-8 for every text and is added where it is sent."""
    return media_type.partition(";")[0].strip()


def to_sign_in(sent: Sent) -> Response[Any]:
    """To the sign-in page, and from there back to where the person was going."""
    onward = sent.address + ("?" + urlencode(sent.query) if sent.query else "") if sent.method != "POST" else "/"
    headers = {
        "Location": "/sign-in" + ("" if onward == "/" else "?" + urlencode({"next": onward})),
        "Cache-Control": "no-store",
    }
    return Response(b"", status_code=303, headers=headers, media_type="text/html")


def browser_of(asked: Asked) -> str:
    """The random name this browser goes by before anyone signs in."""
    kept = asked.sent.cookies.get(asking.cookie_names(asked.settings)[1], "")
    return kept if 20 <= len(kept) <= 100 and kept.isascii() else keys.new_secret()


def has_saved(asked: Asked) -> bool:
    return asking.cookie_names(asked.settings)[2] in asked.sent.cookies


def note_of_asking(asked: Asked, email: str) -> str:
    """What this browser keeps of having asked for a link to an address: sealed, so that none can be invented."""
    return keys.sealed(asked.settings.secret, "asked", f"{int(asked.at.timestamp())} {email}")


def asked_for(asked: Asked) -> str:
    """The address this browser asked for a link to, while that link lasts; nothing if it did not."""
    kept = asked.sent.cookies.get(asking.cookie_names(asked.settings)[3], "")
    when, _, email = (keys.unsealed(asked.settings.secret, "asked", kept) or "").partition(" ")
    ago = asked.at.timestamp() - int(when or 0)
    return email if 0 <= ago + 1 <= LINK_LASTS.total_seconds() + 1 else ""


def cookie(asked: Asked, which: int, value: str | None, age: int | None = None) -> Cookie:
    """One of our four cookies; no value takes it away."""
    return Cookie(
        key=asking.cookie_names(asked.settings)[which],
        value=value or "",
        max_age=0 if value is None else age,
        path="/",
        secure=asked.settings.secure,
        httponly=True,
        samesite="lax",
    )


def _saved(asked: Asked) -> str | None:
    kept = asked.sent.cookies.get(asking.cookie_names(asked.settings)[2], "")
    return keys.unsealed(asked.settings.secret, "saved", kept) if kept else None


def _nav(asked: Asked) -> tuple[NavItem, ...]:
    address = UNDER.get(asked.sent.address.split("/")[1], asked.sent.address)
    shown = [(href, text) for href, text, may in NAVIGATION if asked.by.may(may)]
    here = max(
        (href for href, _ in shown if address == href or (href != "/" and address.startswith(href + "/"))), default=""
    )
    return tuple(NavItem(href, text, href == here) for href, text in shown)


def _held_in_words(held: Held) -> str:
    place = held.region or held.council
    return f"{place.replace('-', ' ').title()} {held.role}" if place else str(held.role)


def _looking_back(asked: Asked) -> LookingBack | None:
    if not asked.looking_back:
        return None
    kept = {name: value for name, value in asked.query.items() if name not in DATES}
    back = asked.sent.address + ("?" + urlencode(kept) if kept else "")
    return LookingBack(sentence(asked.as_at, asked.query), back, _look_back(asked, kept))


def _look_back(asked: Asked, kept: dict[str, str]) -> str:
    """Where to choose another day for this very page; nothing where no day looks different."""
    if asked.sent.address.startswith(SAME_EVERY_DAY):
        return ""
    return "/look-back?" + urlencode({"to": asked.sent.address, **kept})


def sentence(as_at: AsAt, query: dict[str, str]) -> str:
    """The two dates of a page in words."""
    if "as-at" in query:
        return f"As known at the end of {dates.in_words(as_at.on)}."
    known = f"as known at {dates.moment_in_words(as_at.known_at)}" if as_at.known_at else "as known now"
    return f"On {dates.in_words(as_at.on)}, {known}."
