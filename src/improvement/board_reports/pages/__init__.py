"""The Board reports, as pages: to read, to work on, and the figures they are made of."""

from improvement.board_reports.pages import asking, figuring, files, reading

routes = [*reading.routes, *files.routes, *asking.routes, *figuring.routes]
