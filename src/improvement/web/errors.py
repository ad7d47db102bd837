"""One shape for every refusal: a page for people, JSON for programs. Never both in one place."""

import logging
import secrets
from typing import Any

import msgspec
from jinja2 import Environment
from litestar import Request, Response
from litestar.exceptions import HTTPException

from improvement.errors import NotAllowed, NotFound, TooBig, TurnedDown, Unreadable
from improvement.web.components import Frame

LOG = logging.getLogger("improvement")

WHAT_TO_DO = {
    400: "Check the address, or go back and try again.",
    401: "Sign in, then try again.",
    403: "If you think you should be able to, ask the secretariat.",
    404: "Check the address, or start again from the first page.",
    409: "Open the page again to see what is there now.",
    413: "Send less, or a smaller file.",
    422: "Go back, put it right and send it again.",
    429: "Wait a little, then try again.",
    500: "Nothing was saved. Try again; if it happens again, tell the secretariat the reference.",
    503: "Wait a few seconds, then try again.",
}
HEADINGS = {
    400: "We cannot read that",
    401: "You are not signed in",
    403: "You may not do that",
    404: "We cannot find that",
    409: "That has changed meanwhile",
    413: "That is too big",
    422: "That cannot be done",
    429: "Too many tries",
    500: "Something went wrong",
    503: "The tracker is busy",
}


def as_json(refusal: TurnedDown) -> Response[Any]:
    """The one JSON shape: status, a sentence, and a sentence for each field at fault."""
    body = {"status": refusal.status, "error": refusal.message, "fields": refusal.fields}
    return Response(
        msgspec.json.encode(body), status_code=refusal.status, headers=_headers(refusal.status), media_type="application/json"
    )


def as_page(templates: Environment, frame: Frame, refusal: TurnedDown, reference: str = "") -> Response[Any]:
    """The one page shape: what happened and what to do."""
    body = templates.get_template("error_page.html").render(
        frame=frame,
        status=refusal.status,
        heading=HEADINGS[refusal.status],
        sentence=refusal.message,
        what_to_do=WHAT_TO_DO[refusal.status],
        reference=reference,
    )
    return Response(
        body.encode(), status_code=refusal.status, headers=_headers(refusal.status), media_type="text/html; charset=utf-8"
    )


def _headers(status: int) -> dict[str, str]:
    wait = {"Retry-After": "5"} if status in (429, 503) else {}
    return {"Cache-Control": "no-store", **wait, **({"WWW-Authenticate": "Bearer"} if status == 401 else {})}


class Broken(TurnedDown):
    """A fault of ours."""

    status = 500


def unexpected(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """What no route answered: an unknown address, a method it does not have, a fault of ours."""
    reference = ""
    match error:
        case TurnedDown():
            refusal: TurnedDown = error
        case HTTPException(status_code=404):
            refusal = NotFound("There is no page at this address.")
        case HTTPException(status_code=405):
            refusal = NotAllowed("This address cannot be used in that way.")
        case HTTPException(status_code=413):
            refusal = TooBig("That is more than we take. Send less.")
        case HTTPException(status_code=status) if status < 500:
            refusal = Unreadable("That request cannot be read.")
        case _:
            reference = secrets.token_hex(4)
            LOG.error("fault %s at %s %s", reference, request.method, request.url.path, exc_info=error)
            refusal = Broken("Something went wrong on our side. Nothing was saved.")
    if request.url.path.startswith("/api/"):
        return as_json(refusal)
    service = request.app.state.service
    return as_page(service.templates, Frame(None, "", False, (), None, None, "", None), refusal, reference)
