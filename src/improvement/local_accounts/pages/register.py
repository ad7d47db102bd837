"""The public register."""

from litestar.handlers import HTTPRouteHandler

routes: list[HTTPRouteHandler] = []
