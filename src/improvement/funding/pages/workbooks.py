"""Money as Excel workbooks."""

from litestar.handlers import HTTPRouteHandler

routes: list[HTTPRouteHandler] = []
