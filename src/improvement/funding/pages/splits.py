"""Splits, as pages: what-ifs, side by side, and adopting one."""

from litestar.handlers import HTTPRouteHandler

routes: list[HTTPRouteHandler] = []
