"""Claims, as pages: those to decide, one claim's story, claiming with evidence."""

from litestar.handlers import HTTPRouteHandler

routes: list[HTTPRouteHandler] = []
