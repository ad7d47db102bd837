"""Money, as pages to read and forms to fill in."""

from improvement.funding import recording
from improvement.funding.pages import (
    cash,
    claims,
    closing,
    correcting,
    forecasts,
    giving,
    history,
    list_workbooks,
    lists,
    money,
    paying,
    posts,
    splits,
    virements,
    workbooks,
    workings,
)

routes = [
    *money.routes,
    *workings.routes,
    *cash.routes,
    *posts.routes,
    *splits.routes,
    *claims.routes,
    *paying.routes,
    *forecasts.routes,
    *closing.routes,
    *workbooks.routes,
    *giving.routes,
    *virements.routes,
    *recording.routes,
    *correcting.routes,
    *history.routes,
    *lists.routes,
    *list_workbooks.routes,
]
