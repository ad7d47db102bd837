"""Forecasts and variances, as JSON."""

from litestar.handlers import HTTPRouteHandler

routes: list[HTTPRouteHandler] = []
