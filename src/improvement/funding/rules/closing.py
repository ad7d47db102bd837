"""The end of a year: what may be carried forward, and the statement that explains every penny."""

from collections.abc import Iterable
from datetime import date
from enum import StrEnum

import msgspec

from improvement.dates import in_words
from improvement.errors import Conflict, NotFound, Refused
from improvement.funding.book import Book, Position, Sum, allocated, in_force
from improvement.funding.rules.accruals import called
from improvement.money import in_pounds
from improvement.texts import says


class MoreThanLeft(Refused):
    """No more is asked to be carried forward than is allocated, not paid, and not asked for already."""


class MoreThanAsked(Refused):
    """No more is granted than was asked."""


class NothingGranted(Refused):
    """A refusal has no amount, and says why."""


class BeforeItWasAsked(Refused):
    """A request is decided on the day it was made, or later."""


class DecidedAlready(Conflict):
    """A request is decided once."""


class StillDecided(Conflict):
    """A request that has been decided stays as it was decided on."""


class NotARequest(NotFound):
    """A decision names a request that stands."""


class NoConditions(Refused):
    """An instalment without conditions cannot have them met."""


class MetAlready(Conflict):
    """Conditions are met once."""


class Statement(msgspec.Struct, frozen=True):
    """What became of the amount in force by a day, in pence. `in_force` is the sum of the last five, always."""

    in_force_pence: int
    received_pence: int
    cash_in_hand_pence: int
    net_paid_pence: int
    carried_pence: int
    returned_pence: int
    never_drawn_pence: int
    """Below zero when more was received than the amount in force came to."""
    to_settle_pence: int
    """In hand, and neither carried forward nor returned: nil when the year is over."""


class LineClosing(msgspec.Struct, frozen=True):
    """What became of one line's allocation, or of the unallocated sum, in pence.

    Allocated is net paid, carried forward and left; owed is a part of what is not paid.
    """

    line: str
    kind: str
    title: str
    region: str | None
    allocated_pence: int
    net_paid_pence: int
    carried_pence: int
    left_pence: int
    owed_pence: int


class Need(StrEnum):
    """What still has to be done before an MoU can be closed."""

    DECIDE = "decide the requests to carry forward"
    PAY = "pay what is owed, or carry it forward"
    SETTLE = "return what is in hand, or carry it forward"
    DRAW = "draw what was paid beyond cash in hand"


def closing_statement(in_force: int, received: int, paid: int, refunded: int, returned: int, carried: int) -> Statement:
    """Where the amount in force is by a day, to the penny.

    Money carried forward is taken from what is in hand; what of it is not in hand has yet to be drawn from the funder,
    and so is not among what is never drawn.
    """
    cash = received + refunded - paid - returned
    to_come = max(0, carried - cash)
    return Statement(
        in_force_pence=in_force,
        received_pence=received,
        cash_in_hand_pence=cash,
        net_paid_pence=paid - refunded,
        carried_pence=carried,
        returned_pence=returned,
        never_drawn_pence=in_force - received - to_come,
        to_settle_pence=max(0, cash - carried),
    )


def statement_of(book: Book, on: date) -> Statement:
    """The closing statement of an MoU on a day. Nothing is in force once it is withdrawn."""
    sums = (book.on(what, "", on) for what in (Sum.RECEIVED, Sum.PAID, Sum.REFUNDED, Sum.RETURNED, Sum.CARRIED))
    return closing_statement(in_force(book, on), *sums)


def least_unspent(book: Book, line: str, since: date) -> tuple[int, date]:
    """The least a line has allocated and not paid on any day from one on, in pence, and the first such day."""
    sums = [book.series(what, line) for what in (Sum.ALLOCATED, Sum.PAID, Sum.REFUNDED)]
    days = sorted({since} | {day for series in sums for day in series if day > since})
    return min((unspent(book, line, day), day) for day in days)


def unspent(book: Book, line: str, on: date) -> int:
    """What a line is allocated and has not paid, in pence."""
    return allocated(book, line, on) - book.on(Sum.PAID, line, on) + book.on(Sum.REFUNDED, line, on)


def check_request(book: Book, line: str, pence: int, others: int, on: date) -> None:
    """No more is asked than would be left on any day; `others` are asked and not refused. Raises `MoreThanLeft`."""
    left, day = least_unspent(book, line, on)
    if pence + others > left:
        more = f", and {in_pounds(others)} of that has been asked for already" if others else ""
        raise MoreThanLeft(
            f"{called(book, line)} has {in_pounds(left)} that is allocated and not paid on {in_words(day)}{more}. "
            f"Ask for {in_pounds(max(0, left - others))} or less.",
            field="amount_pence",
        )


def check_grant(ref: str, asked: int, asked_on: date, granted: int, refused: bool, why: str, on: date) -> None:
    """Raises `MoreThanAsked`, `NothingGranted` or `BeforeItWasAsked`."""
    if on < asked_on:
        raise BeforeItWasAsked(
            f"{ref} was asked on {in_words(asked_on)}. Enter that day or a later one.", field="effective_on"
        )
    if refused and not says(why):
        raise NothingGranted("Enter the reason for refusing it.", field="why")
    if refused and granted:
        raise NothingGranted("Leave the amount empty to refuse the request.", field="amount_pence")
    if granted > asked:
        raise MoreThanAsked(
            f"{ref} asks for {in_pounds(asked)}, and {in_pounds(granted)} would be granted. "
            "Grant what was asked, or less.",
            field="amount_pence",
        )


def line_closing(row: Position, carried: int, owed: int) -> LineClosing:
    """What became of what a line was allocated."""
    return LineClosing(
        line=row.line,
        kind=row.kind,
        title=row.title,
        region=row.region,
        allocated_pence=row.allocated_pence,
        net_paid_pence=row.net_paid_pence,
        carried_pence=carried,
        left_pence=row.allocated_pence - row.net_paid_pence - carried,
        owed_pence=owed,
    )


def still_to_do(statement: Statement, lines: Iterable[LineClosing], undecided: int) -> dict[Need, int]:
    """What has to be done before closing, with how many pence it is about. `undecided` was asked and not decided."""
    needs = {
        Need.DECIDE: undecided,
        Need.PAY: sum(max(0, row.owed_pence - row.carried_pence) for row in lines),
        Need.SETTLE: statement.to_settle_pence,
        Need.DRAW: max(0, -statement.cash_in_hand_pence),
    }
    return {need: pence for need, pence in needs.items() if pence}
