"""Local accounts, as JSON."""

from improvement.local_accounts.api import (
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
