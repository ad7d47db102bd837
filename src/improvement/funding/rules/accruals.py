"""What is owed on a line on a day and not paid yet: accruals, and the payments that settle them."""

from collections.abc import Iterable, Sequence
from datetime import date

import msgspec

from improvement.dates import in_words
from improvement.errors import Refused
from improvement.funding.book import Book, Sum
from improvement.funding.days import Series
from improvement.funding.rules import LineNotOpen
from improvement.money import in_pounds


class MoreThanPromised(Refused):
    """What is owed and what is net paid never pass the commitments of a line."""


class Owed(msgspec.Struct, frozen=True):
    """An accrual as the rules see it."""

    id: str
    on: date
    pence: int


def outstanding(accruals: Iterable[Owed], net_paid: Series, on: date) -> dict[str, int]:
    """What of each accrual of a line is still owed at the end of a day, in pence.

    Payments made after the day of an accrual settle it, the oldest accrual first; a refund first takes back what
    settled nothing, and then owes again what was settled last.
    """
    owed = sorted((one for one in accruals if one.on <= on), key=lambda one: one.on)
    left, spare = {one.id: 0 for one in owed}, 0
    for day in sorted({one.on for one in owed} | {day for day in net_paid if day <= on}):
        due = [one for one in owed if one.on < day]
        paid = net_paid.get(day, 0)
        for one in due if paid > 0 else ():
            settled = min(paid, left[one.id])
            left[one.id], paid = left[one.id] - settled, paid - settled
        back = max(0, -paid - spare)
        spare = max(0, spare + paid)
        for one in reversed(due) if back else ():
            again = min(back, one.pence - left[one.id])
            left[one.id], back = left[one.id] + again, back - again
        for one in owed:
            if one.on == day:
                # What was paid by the day of an accrual is not a payment of it.
                left[one.id], spare = one.pence, 0
    return left


def net_paid_by_day(book: Book, line: str) -> dict[date, int]:
    """Payments less refunds of a line, day by day."""
    paid, refunded = (book.series(what, line) for what in (Sum.PAID, Sum.REFUNDED))
    return {day: paid.get(day, 0) - refunded.get(day, 0) for day in {*paid, *refunded}}


def check_accruals(book: Book, line: str, accruals: Sequence[Owed], since: date) -> None:
    """On the day of every accrual from one on, what is owed and paid was promised. Raises `MoreThanPromised`."""
    series = net_paid_by_day(book, line)
    for day in sorted({one.on for one in accruals if one.on >= since}):
        owed = sum(outstanding(accruals, series, day).values())
        paid = sum(pence for when, pence in series.items() if when <= day)
        promised = book.on(Sum.COMMITTED, line, day)
        if owed + paid > promised:
            raise MoreThanPromised(
                f"On {in_words(day)} {called(book, line)} would have {in_pounds(owed)} owed, {in_pounds(paid)} paid, "
                f"less refunds, and commitments of {in_pounds(promised)}: {in_pounds(owed + paid - promised)} too "
                "much. What is owed has been promised: record the commitment first.",
                field="amount_pence",
            )


def check_open(book: Book, line: str, on: date) -> None:
    """Raises `LineNotOpen`."""
    if line not in book.lines or book.lines[line].opened_on > on:
        raise LineNotOpen(f"There is no funding line “{called(book, line)}” on {in_words(on)}.", field="line")


def called(book: Book, line: str) -> str:
    """What a line is called, or how it was named if there is none."""
    return book.lines[line].title if line in book.lines else line[:60]
