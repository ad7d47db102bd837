"""Programme years: what their accounts are asked about, set up one from another."""

from litestar.handlers import HTTPRouteHandler

routes: list[HTTPRouteHandler] = []
