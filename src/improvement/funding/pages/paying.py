"""Payment runs and bank statements, as pages."""

from litestar.handlers import HTTPRouteHandler

routes: list[HTTPRouteHandler] = []
