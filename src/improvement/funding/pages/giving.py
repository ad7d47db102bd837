"""What is published as 360Giving data."""

from litestar.handlers import HTTPRouteHandler

routes: list[HTTPRouteHandler] = []
