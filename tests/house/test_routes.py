"""Every door has a lock: what each route needs, whose address it is, and that there is no other way in."""

from importlib import import_module

import pytest
from litestar import Litestar
from litestar.handlers import HTTPRouteHandler

from improvement.access.asking import Declared
from improvement.access.routes import declared
from improvement.access.rules import May
from improvement.app import SLICES, routes
from improvement.web.shield import Shield
from tests.house import source

UNGUARDED = {"/health", "/ready", "/static/{file_path:path}"}
"""What is there for machines and browsers before anybody is known."""


def every() -> list[Declared]:
    """Every route as it was declared."""
    return [declared(route) for route in routes()]


def named(route: Declared) -> str:
    return f"{route.method} {route.path}"


def first(path: str) -> str:
    """The first segment of an address, the same for a page and for the API."""
    return path.removeprefix("/api/v1").split("/")[1] if path != "/" else ""


def slice_of(route: Declared) -> str:
    return route.handler.__module__.split(".")[1]


def owned() -> dict[str, list[str]]:
    """The first segments each slice says it owns."""
    return {name: list(import_module(f"improvement.{name}").ADDRESSES) for name in source.slices()}


def test_every_slice_with_pages_or_an_api_is_part_of_the_application() -> None:
    rooms = ("pages.py", "api.py", "pages/__init__.py", "api/__init__.py")
    doors = [name for name in source.slices() if {f"{name}/{room}" for room in rooms} & source.modules().keys()]
    assert set(doors) == set(SLICES)


@pytest.mark.parametrize("route", every(), ids=named)
def test_every_route_says_who_may_use_it_and_on_what(route: Declared) -> None:
    assert isinstance(route.may, May)
    assert route.of
    assert route.says.endswith("."), "the handler's first line is what the API's description says of it"


@pytest.mark.parametrize("route", every(), ids=named)
def test_every_address_is_owned_by_the_slice_that_answers_it(route: Declared) -> None:
    assert first(route.path) in owned()[slice_of(route)]


def test_no_two_slices_own_one_address() -> None:
    everyones = [segment for segments in owned().values() for segment in segments]
    assert sorted(everyones) == sorted(set(everyones))


def test_every_address_that_is_owned_leads_somewhere() -> None:
    used = {(slice_of(route), first(route.path)) for route in every()}
    assert [(name, segment) for name, own in owned().items() for segment in own if (name, segment) not in used] == []


def test_no_route_is_there_twice() -> None:
    names = [named(route) for route in every()]
    assert sorted(names) == sorted(set(names))


def test_the_application_has_no_route_that_was_not_declared(application: Shield) -> None:
    app = application.app
    assert isinstance(app, Litestar)
    undeclared = {
        handler_path
        for route in app.routes
        for handler in getattr(route, "route_handlers", [])
        if isinstance(handler, HTTPRouteHandler) and "declared" not in handler.opt
        for handler_path in [route.path]
        if not (len(handler.http_methods) == 1 and "OPTIONS" in handler.http_methods)
    }
    assert undeclared <= UNGUARDED


def test_every_route_that_writes_is_a_form_that_is_shown_or_the_api() -> None:
    shown = {route.path for route in every() if not route.writes}
    lonely = [named(route) for route in every() if route.writes and route.takes is None]
    # A form sits on a page of its own or on the page above it; either way somebody can come to it by an address.
    assert [name for name in lonely if not any(name.split(" ")[1].startswith(path) for path in shown)] == []
