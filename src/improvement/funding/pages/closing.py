"""The end of the year, as pages: what is owed, carried forward and left."""

from litestar.handlers import HTTPRouteHandler

routes: list[HTTPRouteHandler] = []
