"""What is owed on a line on a day and not paid yet: accruals, and the payments that settle them."""

from collections.abc import Iterable, Iterator, Sequence
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
    """What of each accrual of a line is still owed at the end of a day, in pence."""
    owed = [one for one in accruals if one.on <= on]
    left = {one.id: 0 for one in owed}
    for _, now in day_by_day(owed, {day: pence for day, pence in net_paid.items() if day <= on}):
        left |= now
    return left


def day_by_day(
    accruals: Iterable[Owed], net_paid: Series, days: Iterable[date] = ()
) -> Iterator[tuple[date, dict[str, int]]]:
    """What of each accrual is still owed at the end of each day on which that may change, and of some `days` besides.

    Payments made after the day of an accrual settle it, the oldest accrual first; a refund first takes back what
    settled nothing, and then owes again what was settled last.
    """
    owed, left, spare = sorted(accruals, key=lambda one: one.on), dict[str, int](), 0
    for day in sorted({*days, *net_paid, *(one.on for one in owed)}):
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
        yield day, left


def net_paid_by_day(book: Book, line: str) -> dict[date, int]:
    """Payments less refunds of a line, day by day."""
    paid, refunded = (book.series(what, line) for what in (Sum.PAID, Sum.REFUNDED))
    return {day: paid.get(day, 0) - refunded.get(day, 0) for day in {*paid, *refunded}}


class Day(msgspec.Struct, frozen=True):
    """What a line has owed, net paid and committed at the end of a day. In pence."""

    on: date
    owed_pence: int
    net_paid_pence: int
    committed_pence: int

    @property
    def over_pence(self) -> int:
        return max(0, self.owed_pence + self.net_paid_pence - self.committed_pence)


def days_of(book: Book, line: str, accruals: Sequence[Owed], days: Iterable[date] = ()) -> list[Day]:
    """Every day on which what a line has owed, paid or committed changes, and some `days` besides."""
    net_paid, committed = net_paid_by_day(book, line), book.series(Sum.COMMITTED, line)
    found, paid, promised = [], 0, 0
    for day, left in day_by_day(accruals, net_paid, {*days, *committed}):
        paid, promised = paid + net_paid.get(day, 0), promised + committed.get(day, 0)
        found.append(Day(day, sum(left.values()), paid, promised))
    return found


def check_accruals(book: Book, line: str, accruals: Sequence[Owed], since: date, before: Book | None = None) -> None:
    """What is owed and paid stays within what is committed, on every day from one on. Raises `MoreThanPromised`.

    With the book from `before` a change only days count on which it leaves less committed and more too much: what
    stood already is not judged again, and no payment that was made waits for an estimate of what is owed.
    """
    now = days_of(book, line, accruals)
    was = {} if before is None else {day.on: day for day in days_of(before, line, accruals, [day.on for day in now])}
    for day in now:
        then = was.get(day.on)
        lowered = then is None or day.committed_pence < then.committed_pence
        if day.on >= since and lowered and day.over_pence > (then.over_pence if then else 0):
            hint = "record the commitment first" if before is None else "take back or lower what is owed first"
            raise MoreThanPromised(
                f"On {in_words(day.on)} {called(book, line)} would have {in_pounds(day.owed_pence)} owed, "
                f"{in_pounds(day.net_paid_pence)} paid, less refunds, and commitments of "
                f"{in_pounds(day.committed_pence)}: {in_pounds(day.over_pence)} too much. What is owed has been "
                f"promised, and stays so: {hint}.",
                field="amount_pence",
            )


def check_open(book: Book, line: str, on: date) -> None:
    """Raises `LineNotOpen`."""
    if line not in book.lines or book.lines[line].opened_on > on:
        raise LineNotOpen(f"There is no funding line “{called(book, line)}” on {in_words(on)}.", field="line")


def called(book: Book, line: str) -> str:
    """What a line is called, or how it was named if there is none."""
    return book.lines[line].title if line in book.lines else line[:60]
