"""One shape for every refusal: a page for people, JSON for programs. Never both in one place."""

import logging
import secrets
from collections.abc import Mapping
from typing import Any

import msgspec
from jinja2 import Environment
from litestar import Response
from litestar.exceptions import HTTPException
from sqlalchemy.exc import OperationalError

from improvement.errors import Busy, NotFound, TooBig, TurnedDown, Unreadable
from improvement.web.components import Frame

LOG = logging.getLogger("improvement")

WHAT_TO_DO = {
    400: "Check the address, or go back and try again.",
    401: "Sign in, then try again.",
    403: "If you think you should be able to, ask the secretariat.",
    404: "Check the address, or start again from the first page.",
    405: "Start again from the first page.",
    409: "Open the page again to see what is there now.",
    413: "Nothing was saved or read. Go back in your browser: most browsers keep what you typed.",
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
    405: "That cannot be done here",
    409: "That has changed meanwhile",
    413: "That is too big",
    422: "That cannot be done",
    429: "Too many tries",
    500: "Something went wrong",
    503: "The tracker is busy",
}


def as_json(refusal: TurnedDown, more: Mapping[str, str]) -> Response[Any]:
    """The one JSON shape: status, a sentence, and a sentence for each field at fault; with some more headers."""
    body = {"status": refusal.status, "error": refusal.message, "fields": refusal.fields}
    return Response(
        msgspec.json.encode(body),
        status_code=refusal.status,
        headers={**_headers(refusal.status), **more},
        media_type="application/json",
    )


def as_page(
    templates: Environment, frame: Frame, refusal: TurnedDown, reference: str = "", form: str = ""
) -> Response[Any]:
    """The one page shape: what happened and what to do; `form` is where what was sent can be filled in anew."""
    body = templates.get_template("error_page.html").render(
        frame=frame,
        status=refusal.status,
        heading=HEADINGS[refusal.status],
        sentence=refusal.message,
        what_to_do=WHAT_TO_DO[refusal.status],
        reference=reference,
        form=form,
    )
    return Response(
        body.encode(),
        status_code=refusal.status,
        headers=_headers(refusal.status),
        media_type="text/html",
    )


def _headers(status: int) -> dict[str, str]:
    wait = {"Retry-After": "5"} if status in (429, 503) else {}
    return {"Cache-Control": "no-store", **wait, **({"WWW-Authenticate": "Bearer"} if status == 401 else {})}


class WrongMethod(TurnedDown):
    """The address is there and cannot be used in that way."""

    status = 405


class Broken(TurnedDown):
    """A fault of ours."""

    status = 500


def refusal_of(error: Exception, at: str) -> tuple[TurnedDown, str]:
    """What to say of an error no route answered for, with a reference when it is a fault of ours, which is logged."""
    match error:
        case TurnedDown():
            return error, ""
        case HTTPException(status_code=404):
            return NotFound("There is no page at this address."), ""
        case HTTPException(status_code=405):
            return WrongMethod("This address cannot be used in that way."), ""
        case HTTPException(status_code=413):
            return TooBig("That is too much. Send less."), ""
        case HTTPException(status_code=status) if status < 500:
            return Unreadable("That request cannot be read."), ""
    reference = secrets.token_hex(4)
    LOG.error("fault %s at %s", reference, at, exc_info=error)
    if isinstance(error, OperationalError):
        return Busy("The records cannot be reached now. Nothing was saved."), reference
    return Broken("Something went wrong on our side. Nothing was saved."), reference
