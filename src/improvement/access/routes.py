"""The only way to declare a route, so that none can be declared without saying who may use it.

A handler gets one `Asked` and gives back a reply of `web.replies` (or, from the API, values that become JSON). Each
request is one transaction, opened and closed here inside the one function that runs in a thread.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import msgspec
from anyio import to_thread
from litestar import Request, Response
from litestar.enums import HttpMethod
from litestar.handlers import HTTPRouteHandler

from improvement.access import answering, asking
from improvement.access.asking import Declared, Door, Handler
from improvement.access.rules import May
from improvement.errors import TurnedDown

Declare = Callable[[Handler], HTTPRouteHandler]


def plain(path: str, *, of: str) -> Declare:
    """Bytes that are the same for everybody, whoever asks: our own files, and what machines ask after."""
    return lambda show: _declare(Declared("GET", path, May.LOOK, of, Door.PLAIN, show))


def page(path: str, *, may: May, of: str, closed: bool = False) -> Declare:
    """A page to read, at any two dates. `closed` pages show what nobody may keep a copy of."""
    return lambda show: _declare(Declared("GET", path, may, of, Door.PAGE, show, closed=closed))


def ask(path: str, *, may: May, of: str) -> Declare:
    """A page with a form on it. It cannot be looked back at."""
    return lambda show: _declare(Declared("GET", path, may, of, Door.ASKING, show, closed=True))


def form(
    path: str,
    *,
    may: May,
    of: str,
    asks: HTTPRouteHandler | None = None,
    takes_files: bool = False,
    records: bool = True,
    one_click: bool = False,
) -> Declare:
    """A form to send. If it is refused, the page that asks for it is shown again with every mistake marked.

    One that does not record only shows what was sent would change: while it works nobody waits, and nothing is kept.
    """
    again = declared(asks).handler if asks is not None else None

    def declare(send: Handler) -> HTTPRouteHandler:
        route = Declared("POST", path, may, of, Door.FORM, send, asks=again, takes_files=takes_files)
        return _declare(msgspec.structs.replace(route, records=records, one_click=one_click))

    return declare


def api_get(path: str, *, may: May, of: str, gives: Any, closed: bool = False) -> Declare:
    """Something to read as JSON. The path is below /api/v1."""
    return lambda show: _declare(
        Declared("GET", f"/api/v1{path}", may, of, Door.API_READ, show, closed=closed, gives=gives)
    )


def api_post(path: str, *, may: May, of: str, takes: type[msgspec.Struct], takes_files: bool = False) -> Declare:
    """Something to record, sent as JSON with a personal token, or as a form of a part named json and files. The path is
    below /api/v1."""
    return lambda send: _declare(
        Declared("POST", f"/api/v1{path}", may, of, Door.API_WRITE, send, takes=takes, takes_files=takes_files)
    )


def declared(route: HTTPRouteHandler) -> Declared:
    """What was declared of a route."""
    found: Declared = route.opt["declared"]
    return found


def _declare(route: Declared) -> HTTPRouteHandler:
    async def endpoint(request: Request[Any, Any, Any]) -> Response[Any]:
        service: answering.Shared = request.app.state.service
        try:
            sent = await asking.read(request, takes_files=route.takes_files)
        except TurnedDown as refusal:
            early = partial(answering.turned_down, service, refusal, asking.without_body(request))
            return await to_thread.run_sync(early, limiter=service.limiter)
        return await to_thread.run_sync(answering.answer, service, route, sent, limiter=service.limiter)

    methods: list[HttpMethod] = [HttpMethod.POST] if route.writes else [HttpMethod.GET, HttpMethod.HEAD]
    # What is plain comes compressed already, or is too short to be.
    opt = {"declared": route, "compressed": route.door is Door.PLAIN}
    most = asking.MOST_HEARD if route.takes_files else asking.MOST_READ
    return HTTPRouteHandler(
        path=route.path,
        http_method=methods,
        opt=opt,
        include_in_schema=False,
        status_code=200,
        request_max_body_size=most,
    )(endpoint)
