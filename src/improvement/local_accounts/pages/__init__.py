"""Local accounts, as pages to read and forms to fill in."""

from improvement.local_accounts.pages import (
    accounts,
    checks,
    extensions,
    grid,
    picture,
    readings,
    register,
    returns,
    years,
)

routes = [
    *accounts.routes,
    *checks.routes,
    *extensions.routes,
    *grid.routes,
    *picture.routes,
    *readings.routes,
    *register.routes,
    *returns.routes,
    *years.routes,
]
