"""Cash in hand, day by day: what came in and went out, and what was there at the end of each day."""

from datetime import date

import msgspec
from sqlalchemy.orm import Session

from improvement.dates import AsAt
from improvement.funding import queries
from improvement.funding.book import Book, Sum


class CashDay(msgspec.Struct, frozen=True):
    """One day on which cash moved, and what was in hand at its end. In pence."""

    day: date
    received_pence: int
    refunded_pence: int
    paid_pence: int
    returned_pence: int
    in_hand_pence: int


def cash_days(session: Session, as_at: AsAt, mou: str) -> list[CashDay]:
    """Every day on which cash moved, the newest first. The first one's balance is the cash in hand."""
    return list(reversed(_counted(queries.book(session, mou, as_at.known_at), as_at.on)))


def _counted(book: Book, on: date) -> list[CashDay]:
    sums = [book.series(what, "") for what in (Sum.RECEIVED, Sum.REFUNDED, Sum.PAID, Sum.RETURNED)]
    found, in_hand = [], 0
    for day in sorted({day for series in sums for day in series if day <= on}):
        received, refunded, paid, returned = (series.get(day, 0) for series in sums)
        in_hand += received + refunded - paid - returned
        found.append(CashDay(day, received, refunded, paid, returned, in_hand))
    return found
