"""The end of the year, as JSON."""

from litestar.handlers import HTTPRouteHandler

routes: list[HTTPRouteHandler] = []
