"""The workbook a region or a council fills in."""

from litestar.handlers import HTTPRouteHandler

routes: list[HTTPRouteHandler] = []
