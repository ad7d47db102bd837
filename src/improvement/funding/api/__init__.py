"""Money, as JSON."""

from improvement.funding.api import claims, closing, forecasts, money, paying, posts, splits

routes = [
    *money.routes,
    *posts.routes,
    *splits.routes,
    *claims.routes,
    *paying.routes,
    *forecasts.routes,
    *closing.routes,
]
