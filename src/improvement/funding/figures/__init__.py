"""The figures of funding by name, and how each was made. What a name means never changes: a change gets a new name."""

from collections.abc import Callable

import msgspec
from sqlalchemy.orm import Session

from improvement.dates import AsAt
from improvement.funding import ledger, queries
from improvement.funding.book import Kind, Of
from improvement.funding.queries import Mou


class Part(msgspec.Struct, frozen=True):
    """One line of a figure's working: some facts, how many, and what they add to the figure (or take from it)."""

    words: str
    kinds: tuple[Kind, ...]
    facts: int
    pence: int


class Figure(msgspec.Struct, frozen=True):
    """A named figure: what it means, its value in pence, and the sums it is made of."""

    name: str
    title: str
    meaning: str
    of: Callable[[Mou], int]
    made_of: tuple[tuple[str, tuple[Kind, ...], Callable[[Mou], int]], ...]
    releases: str = ""
    """Which releases it is counted from: of allocations or of commitments."""

    def value(self, session: Session, as_at: AsAt, slug: str = "") -> int:
        """What it came to on a day, of an MoU or of the one that the day is about. Raises `NotFound`."""
        return self.of(queries.mou(session, as_at, slug))

    def parts(self, session: Session, as_at: AsAt, slug: str = "") -> list[Part]:
        """Its working: the parts add up to it. Raises `NotFound`."""
        mou = queries.mou(session, as_at, slug)
        counted = ledger.count(session, as_at, mou.mou, kinds=self.kinds, of=self.releases)
        return [
            Part(words, kinds, sum(counted[kind] for kind in kinds), pence(mou)) for words, kinds, pence in self.made_of
        ]

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """Every kind of fact it is counted from."""
        return tuple(kind for kind in Kind if any(kind in kinds for _, kinds, _ in self.made_of))


_AMOUNT = (Kind.NEGOTIATED, Kind.AGREED, Kind.VARIED, Kind.WITHDRAWN)
_GIVEN = (Kind.ALLOCATION, Kind.RELEASE, Kind.VIREMENT, Kind.WITHDRAWN)

_ALL = (
    Figure(
        "funding_in_force_pence",
        "Amount in force",
        "The amount sought while in negotiation, then the amount agreed or last varied to; nil once withdrawn.",
        lambda mou: mou.amount_pence,
        (("The MoU, its agreement and its variations: the last amount", _AMOUNT, lambda mou: mou.amount_pence),),
    ),
    Figure(
        "funding_allocated_pence",
        "Allocated",
        "Allocations to funding lines, less releases from them, with what virements moved to or from unallocated.",
        lambda mou: mou.allocated_pence,
        (("Allocations, less releases, and virements", _GIVEN, lambda mou: mou.allocated_pence),),
        releases=Of.ALLOCATION,
    ),
    Figure(
        "funding_unallocated_pence",
        "Unallocated",
        "The amount in force less what is allocated.",
        lambda mou: mou.unallocated_pence,
        (
            ("Amount in force", _AMOUNT, lambda mou: mou.amount_pence),
            ("Allocated", _GIVEN, lambda mou: -mou.allocated_pence),
        ),
        releases=Of.ALLOCATION,
    ),
    Figure(
        "funding_committed_pence",
        "Committed",
        "Commitments on every line, less releases from them.",
        lambda mou: mou.committed_pence,
        (("Commitments, less releases", (Kind.COMMITMENT, Kind.RELEASE), lambda mou: mou.committed_pence),),
        releases=Of.COMMITMENT,
    ),
    Figure(
        "funding_paid_net_pence",
        "Paid, less refunds",
        "Payments on every line, less refunds.",
        lambda mou: mou.net_paid_pence,
        (
            ("Payments", (Kind.PAYMENT,), lambda mou: mou.paid_pence),
            ("Refunds", (Kind.REFUND,), lambda mou: -mou.refunded_pence),
        ),
    ),
    Figure(
        "funding_remaining_pence",
        "Remaining",
        "The amount in force less net paid: what has not been paid out yet.",
        lambda mou: mou.amount_pence - mou.net_paid_pence,
        (
            ("Amount in force", _AMOUNT, lambda mou: mou.amount_pence),
            ("Payments", (Kind.PAYMENT,), lambda mou: -mou.paid_pence),
            ("Refunds", (Kind.REFUND,), lambda mou: mou.refunded_pence),
        ),
    ),
    Figure(
        "funding_received_pence",
        "Received",
        "Instalments received from the funder.",
        lambda mou: mou.received_pence,
        (("Instalments received", (Kind.RECEIVED,), lambda mou: mou.received_pence),),
    ),
    Figure(
        "funding_cash_in_hand_pence",
        "Cash in hand",
        "Instalments received, plus refunds, less payments, less money returned to the funder.",
        lambda mou: mou.cash_in_hand_pence,
        (
            ("Instalments received", (Kind.RECEIVED,), lambda mou: mou.received_pence),
            ("Refunds", (Kind.REFUND,), lambda mou: mou.refunded_pence),
            ("Payments", (Kind.PAYMENT,), lambda mou: -mou.paid_pence),
            ("Returned to the funder", (Kind.RETURN,), lambda mou: -mou.returned_pence),
        ),
    ),
)

FIGURES: dict[str, Figure] = {figure.name: figure for figure in _ALL}
"""Every figure of funding."""
