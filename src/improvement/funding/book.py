"""What one Memorandum of Understanding (MoU) comes to on every day, as daily sums.

The rules are tried on a `Book`, so that trying them costs the same whatever the number of payments. Days are judged at
their end: what happened on one day counts together.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date
from enum import StrEnum
from typing import Annotated, Generic, TypeVar

import msgspec

from improvement.funding.days import Adding, Days
from improvement.money import MOST

K = TypeVar("K")
UNALLOCATED = "unallocated"


class State(StrEnum):
    """Where an MoU is in its life."""

    NEGOTIATION = "in negotiation"
    AGREED = "agreed"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


class LineKind(StrEnum):
    """What a funding line gives money to."""

    POST = "post"
    REGION = "region"


class Of(StrEnum):
    """What a release lowers."""

    ALLOCATION = "allocation"
    COMMITMENT = "commitment"


class Kind(StrEnum):
    """Every kind of thing that is recorded about money."""

    NEGOTIATED = "MoU negotiated"
    AGREED = "MoU agreed"
    VARIED = "MoU varied"
    CLOSED = "MoU closed"
    WITHDRAWN = "MoU withdrawn"
    LINE = "line opened"
    EXPECTED = "instalment expected"
    RECEIVED = "instalment received"
    ALLOCATION = "allocation"
    COMMITMENT = "commitment"
    PAYMENT = "payment"
    REFUND = "refund"
    RELEASE = "release"
    VIREMENT = "virement"
    RETURN = "return"
    LIMITS = "limits set"
    CONDITIONS = "conditions met"
    POST_TERMS = "post terms"
    POST_STATE = "post state"
    SPLIT = "split"
    ADOPTED = "split adopted"
    CLAIM = "claim"
    QUERY = "claim query"
    ANSWER = "claim answer"
    DECISION = "claim decision"
    RUN = "payment run"
    STATEMENT = "bank statement"
    FORECAST = "forecast"
    EXPLAINED = "variance explanation"
    ACCRUAL = "accrual"
    CARRY_ASKED = "carry-forward request"
    CARRIED = "carry-forward"


class Sum(StrEnum):
    """What is added up for each day: of a line, and (under no line) of the whole MoU."""

    ALLOCATED = "allocated"
    COMMITTED = "committed"
    PAID = "paid"
    REFUNDED = "refunded"
    RECEIVED = "received"
    RETURNED = "returned"
    EXPLAINED = "explained"
    """Payments that carry a reason for going beyond cash in hand."""
    CARRIED = "carried forward"


class Leg(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One side of a virement: what a line, or the unallocated sum, gains or (below zero) gives."""

    line: str
    amount_pence: Annotated[int, msgspec.Meta(ge=-MOST, le=MOST)]


class Line(msgspec.Struct, frozen=True):
    """A national post or a region: what money is given to. A region's line has the region's slug."""

    line: str
    kind: LineKind
    title: str
    host: str
    region: str | None
    opened_on: date
    id: str


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A fact about money, or several of one kind, line and day added up, as the rules see it."""

    kind: Kind
    on: date
    id: str = ""
    seq: int = 0
    line: str = ""
    pence: int = 0
    of: str = ""
    settled: bool = False
    """Whether a payment gives its reason, or a virement its decision."""
    legs: tuple[Leg, ...] = ()
    opens: Line | None = None
    facts: int = 1
    """How many facts this is."""


Counted = tuple[Kind, str, tuple[str, ...]]
"""What facts are counted by: their kind, what a release is of, and the lines they name."""


NOTHING = Days()


class Book(msgspec.Struct, frozen=True):
    """One MoU as it is known: its life, its lines, what moved on each day, virements without a decision, and limits."""

    mou: str
    life: tuple[Entry, ...] = ()
    lines: Mapping[str, Line] = {}
    sums: Mapping[tuple[Sum, str], Days] = {}
    counts: Mapping[Counted, Days] = {}
    undecided: tuple[Entry, ...] = ()
    limits: tuple[Entry, ...] = ()
    """Above what a virement needs the Board's decision, as it was set."""

    def on(self, what: Sum, line: str, day: date) -> int:
        """What a sum has come to by the end of a day, in pence."""
        return self.series(what, line).by(day)

    def series(self, what: Sum, line: str) -> Days:
        """What is added to a sum on each day, in pence."""
        return self.sums.get((what, line), NOTHING)


class Position(msgspec.Struct, frozen=True):
    """Where one line, or the unallocated sum, stands on a day."""

    line: str
    kind: str
    title: str
    host: str
    region: str | None
    allocated_pence: int
    committed_pence: int = 0
    paid_pence: int = 0
    refunded_pence: int = 0
    net_paid_pence: int = 0
    remaining_pence: int = 0


LIFE = {
    Kind.NEGOTIATED: State.NEGOTIATION,
    Kind.AGREED: State.AGREED,
    Kind.VARIED: None,
    Kind.CLOSED: State.CLOSED,
    Kind.WITHDRAWN: State.WITHDRAWN,
}
"""What each step makes of an MoU; a variation leaves it as it was."""
_FIRST_OF_A_DAY = {Kind.NEGOTIATED: 0, Kind.CLOSED: 2, Kind.WITHDRAWN: 2}
_ADDS = {
    Kind.ALLOCATION: Sum.ALLOCATED,
    Kind.COMMITMENT: Sum.COMMITTED,
    Kind.PAYMENT: Sum.PAID,
    Kind.REFUND: Sum.REFUNDED,
    Kind.RECEIVED: Sum.RECEIVED,
    Kind.RETURN: Sum.RETURNED,
    Kind.CARRIED: Sum.CARRIED,
}
MOVES = (*LIFE, Kind.LINE, Kind.LIMITS, *_ADDS, Kind.RELEASE, Kind.VIREMENT)
"""The kinds of fact a book is made of: the others tell of money, and move none."""
_LOWERS = {Of.ALLOCATION.value: Sum.ALLOCATED, Of.COMMITMENT.value: Sum.COMMITTED}


def changed(book: Book, entries: Iterable[tuple[Entry, int]]) -> Book:
    """The book with entries added (1) or taken away (-1). Give what is added before what is taken away."""
    life, lines, undecided, limits = book.life, dict(book.lines), book.undecided, book.limits
    sums, counts = _Added(book.sums), _Added(book.counts)
    for entry, sign in entries:
        if entry.kind in LIFE:
            life = _with(life, entry, sign)
        if entry.kind is Kind.VIREMENT and not entry.settled:
            undecided = _with(undecided, entry, sign)
        if entry.kind is Kind.LIMITS:
            limits = _with(limits, entry, sign)
        if entry.opens is not None:
            if sign > 0:
                lines[entry.opens.line] = entry.opens
            elif lines.get(entry.opens.line, entry.opens).id == entry.id:
                lines.pop(entry.opens.line, None)
        counts.add(counted_by(entry), entry.on, entry.facts * sign)
        for what, line, pence in moves(entry):
            for each in {line, ""}:
                sums.add((what, each), entry.on, pence * sign)
    in_turn = (tuple(sorted(each, key=in_order)) for each in (life, limits))
    return Book(book.mou, next(in_turn), lines, sums.all(), counts.all(), undecided, next(in_turn))


class _Added(Generic[K]):
    """Series that are added to, each copied where it is first touched."""

    def __init__(self, kept: Mapping[K, Days]) -> None:
        self._kept, self._fresh = kept, dict[K, Adding]()

    def add(self, key: K, day: date, number: int) -> None:
        series = self._fresh.get(key)
        if series is None:
            series = self._fresh[key] = Adding(self._kept.get(key))
        series.add(day, number)

    def all(self) -> Mapping[K, Days]:
        made = {key: series.made() for key, series in self._fresh.items()}
        return {key: series for key, series in {**self._kept, **made}.items() if series}


def _with(entries: tuple[Entry, ...], entry: Entry, sign: int) -> tuple[Entry, ...]:
    return (*entries, entry) if sign > 0 else tuple(one for one in entries if one.id != entry.id)


def in_order(entry: Entry) -> tuple[date, int, int]:
    """What comes before what: by day, on one day beginnings first and ends last, then as recorded."""
    return entry.on, _FIRST_OF_A_DAY.get(entry.kind, 1), entry.seq


def counted_by(entry: Entry) -> Counted:
    """What an entry is counted by: a virement by every line it names."""
    lines = {leg.line for leg in entry.legs} | ({entry.line} if entry.line else set())
    return entry.kind, entry.of if entry.kind is Kind.RELEASE else "", tuple(sorted(lines))


def moves(entry: Entry) -> Iterator[tuple[Sum, str, int]]:
    """What an entry does to the sums of its line."""
    if entry.kind is Kind.RELEASE:
        yield _LOWERS[entry.of], entry.line, -entry.pence
    elif entry.kind is Kind.VIREMENT:
        yield from ((Sum.ALLOCATED, leg.line, leg.amount_pence) for leg in entry.legs if leg.line != UNALLOCATED)
    elif entry.kind in _ADDS:
        yield _ADDS[entry.kind], entry.line, entry.pence
        if entry.kind is Kind.PAYMENT and entry.settled:
            yield Sum.EXPLAINED, entry.line, entry.pence


def state(book: Book, on: date) -> State | None:
    """Where the MoU is in its life at the end of a day; none before it was put in negotiation."""
    states = [LIFE[step.kind] for step in book.life if step.on <= on and LIFE[step.kind] is not None]
    return states[-1] if states else None


def in_force(book: Book, on: date) -> int:
    """The amount sought while in negotiation, then the amount agreed or varied to; nil once withdrawn. In pence."""
    amounts = [step.pence for step in book.life if step.on <= on and step.kind is not Kind.CLOSED]
    return amounts[-1] if amounts else 0


def allocated(book: Book, line: str, on: date) -> int:
    """What a line is allocated (no line: all of them), in pence. Allocations lapse when the MoU is withdrawn."""
    return 0 if state(book, on) is State.WITHDRAWN else book.on(Sum.ALLOCATED, line, on)


def cash_in_hand(book: Book, on: date) -> int:
    """Instalments received and refunds, less payments and what was returned to the funder. In pence."""
    got = book.on(Sum.RECEIVED, "", on) + book.on(Sum.REFUNDED, "", on)
    return got - book.on(Sum.PAID, "", on) - book.on(Sum.RETURNED, "", on)


def count(book: Book, kind: Kind, on: date, *, of: str = "", lines: Collection[str] | None = None) -> int:
    """How many facts of a kind there are by the end of a day: releases `of` one sort, of some lines or of all."""
    return sum(
        series.by(on)
        for (what, which, named), series in book.counts.items()
        if what is kind and (not of or which in ("", of)) and (lines is None or not set(named).isdisjoint(lines))
    )


def position(book: Book, line: Line, on: date) -> Position:
    """Where one line stands at the end of a day. What remains is allocated less net paid."""
    given = allocated(book, line.line, on)
    paid, refunded = book.on(Sum.PAID, line.line, on), book.on(Sum.REFUNDED, line.line, on)
    return Position(
        line.line,
        line.kind,
        line.title,
        line.host,
        line.region,
        allocated_pence=given,
        committed_pence=book.on(Sum.COMMITTED, line.line, on),
        paid_pence=paid,
        refunded_pence=refunded,
        net_paid_pence=paid - refunded,
        remaining_pence=given - paid + refunded,
    )


def positions(book: Book, on: date) -> list[Position]:
    """Every line open by the day, posts first and each kind by title, then the unallocated sum. They add up."""
    open_lines = (line for line in book.lines.values() if line.opened_on <= on)
    rows = [position(book, line, on) for line in sorted(open_lines, key=lambda one: (one.kind, one.title, one.line))]
    left = in_force(book, on) - sum(row.allocated_pence for row in rows)
    return [*rows, Position(UNALLOCATED, UNALLOCATED, "Unallocated", "", None, left, remaining_pence=left)]


def compare(before: Book, after: Book, on: date) -> list[tuple[str, int, int]]:
    """What a change would do by a day: each sum that becomes another, before and after, in pence."""
    rows = [("Amount in force", in_force(before, on), in_force(after, on))]
    old = {row.line: row for row in positions(before, on)}
    for row in positions(after, on):
        was = old.get(row.line) or Position(row.line, row.kind, row.title, row.host, row.region, 0)
        if row.line == UNALLOCATED:
            rows.append((row.title, was.allocated_pence, row.allocated_pence))
            continue
        for words, name in _COMPARED.items():
            rows.append((f"{row.title}: {words}", getattr(was, name), getattr(row, name)))
    rows.append(("Carried forward", before.on(Sum.CARRIED, "", on), after.on(Sum.CARRIED, "", on)))
    rows.append(("Cash in hand", cash_in_hand(before, on), cash_in_hand(after, on)))
    return [row for row in rows if row[1] != row[2]]


_COMPARED = {
    "allocated": "allocated_pence",
    "committed": "committed_pence",
    "paid, less refunds": "net_paid_pence",
    "remaining": "remaining_pence",
}
