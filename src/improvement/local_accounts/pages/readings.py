"""Reading an account, and the council’s right of reply."""

from litestar.handlers import HTTPRouteHandler

routes: list[HTTPRouteHandler] = []
