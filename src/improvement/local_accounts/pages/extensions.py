"""More time that was agreed, and how late an account was."""

from litestar.handlers import HTTPRouteHandler

routes: list[HTTPRouteHandler] = []
