"""National posts, as pages."""

from litestar.handlers import HTTPRouteHandler

routes: list[HTTPRouteHandler] = []
