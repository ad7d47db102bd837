"""Payment runs and bank statements, as JSON."""

from litestar.handlers import HTTPRouteHandler

routes: list[HTTPRouteHandler] = []
