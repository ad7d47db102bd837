"""Local accounts, as JSON."""

from improvement.local_accounts.api import (
    accounts,
    checks,
    extensions,
    grid,
    picture,
    readings,
    register,
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
    *years.routes,
]
