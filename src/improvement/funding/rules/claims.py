"""The story of one claim: made, perhaps asked about and answered, decided by somebody else, and paid."""

from collections.abc import Collection
from datetime import date
from enum import StrEnum

import msgspec

from improvement.dates import NotADate, ProgrammeYear
from improvement.errors import Refused


class ClaimState(StrEnum):
    """Where a claim stands."""

    SUBMITTED = "to decide"
    QUERIED = "waiting for an answer"
    APPROVED = "approved"
    REJECTED = "rejected"
    PAID = "paid"


OPEN = frozenset({ClaimState.SUBMITTED, ClaimState.QUERIED})
"""What waits for a decision. An unanswered question does not stop one."""
RESERVED = OPEN | {ClaimState.APPROVED}
"""What money of a line is kept for: claims that are open, or approved and not paid."""


class Took(StrEnum):
    """What one step of a claim was."""

    MADE = "made"
    QUERIED = "queried"
    ANSWERED = "answered"
    APPROVED = "approved"
    REJECTED = "rejected"
    PAID = "paid"


class Step(msgspec.Struct, frozen=True):
    """One step of a claim. `hands` are the people who recorded it, or any earlier version of it, by their ids."""

    what: Took
    on: date
    hands: frozenset[int] = frozenset()
    turn: int = 0
    """When it was first recorded, before or after others; a correction keeps its turn."""


class Left(msgspec.Struct, frozen=True):
    """What of a line's commitments can still be claimed. In pence."""

    committed_pence: int
    net_paid_pence: int
    claimed_pence: int
    """Other claims that are open, or approved and not paid."""

    @property
    def left_pence(self) -> int:
        return self.committed_pence - self.net_paid_pence - self.claimed_pence


class WrongStep(Refused):
    """A claim is made, asked about and answered, decided once, and paid once it is approved."""


class OwnClaim(Refused):
    """Whoever made a claim, or answered for it, does not decide it."""


class MoreThanLeft(Refused):
    """A claim asks for no more than is left to claim on its line."""


class NotInPeriod(Refused):
    """A claim is for days that have passed, within the MoU's programme year."""


class StaysAsApproved(Refused):
    """A claim keeps its amount while its approval stands, and always its funding line."""


class NotWhatWasApproved(Refused):
    """A payment of a claim is of exactly the approved amount, on the claim's line."""


def in_order(steps: Collection[Step]) -> list[Step]:
    """A claim's steps as they followed each other: as first recorded, and the payment at the end."""
    return sorted(steps, key=lambda step: (step.what is Took.PAID, step.turn))


def state_of(steps: Collection[Step]) -> ClaimState:
    """Where a claim stands, of which these steps are known."""
    took = [step.what for step in steps]
    for what, state in _ENDS.items():
        if what in took:
            return state
    waiting = took.count(Took.QUERIED) > took.count(Took.ANSWERED)
    return ClaimState.QUERIED if waiting else ClaimState.SUBMITTED


_ENDS = {Took.PAID: ClaimState.PAID, Took.APPROVED: ClaimState.APPROVED, Took.REJECTED: ClaimState.REJECTED}


def period_of(mou: str, negotiated_on: date) -> ProgrammeYear:
    """The programme year an MoU's money is for: the one its name says, or that of the day it was put in negotiation."""
    try:
        return ProgrammeYear.parse(mou)
    except NotADate:
        return ProgrammeYear.of(negotiated_on)
