"""The national picture."""

from litestar.handlers import HTTPRouteHandler

routes: list[HTTPRouteHandler] = []
