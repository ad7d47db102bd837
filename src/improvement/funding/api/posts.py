"""National posts, as JSON."""

from litestar.handlers import HTTPRouteHandler

routes: list[HTTPRouteHandler] = []
