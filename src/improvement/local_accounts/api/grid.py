"""The coordinator’s grid: every council of a region on one page."""

from litestar.handlers import HTTPRouteHandler

routes: list[HTTPRouteHandler] = []
