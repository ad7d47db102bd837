"""The story of one claim: made, perhaps asked about and answered, decided by somebody else, and paid."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from enum import StrEnum
from typing import Protocol, TypeVar

import msgspec

from improvement.dates import ProgrammeYear, in_words
from improvement.errors import Refused
from improvement.money import in_pounds


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


class Payable(msgspec.Struct, frozen=True):
    """What of a line can be paid for claims, today and in the end. In pence."""

    committed_pence: int
    """By the day asked about."""
    net_paid_pence: int
    approved_pence: int
    """Other claims that are approved and not paid."""
    open_pence: int = 0
    """Other claims that wait for a decision."""
    ahead_pence: int = 0
    """What of everything recorded is committed, less what is paid, only on a later day; below zero: no longer then."""

    @property
    def now_pence(self) -> int:
        """What can be paid today of one more claim, once all that is approved is paid."""
        return self.committed_pence - self.net_paid_pence - self.approved_pence

    @property
    def ever_pence(self) -> int:
        """What can be paid of it in the end, by everything that is agreed ahead."""
        return self.now_pence + self.ahead_pence


class WrongStep(Refused):
    """A claim is made, asked about and answered, decided once, and paid once it is approved."""


class OwnClaim(Refused):
    """Whoever made a claim, or answered for it, does not decide it."""


class MoreThanLeft(Refused):
    """A claim asks for no more than is left to claim on its line."""


class CannotBePaid(Refused):
    """What is approved can be paid: with other approved claims it is within what is committed and not paid."""


class NotInPeriod(Refused):
    """A claim is for days that have passed, within the MoU's programme year."""


class StaysAsApproved(Refused):
    """A claim keeps its amount while its approval stands, and always its funding line."""


class ClaimsWait(Refused):
    """An MoU is closed when every claim is paid or rejected."""


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


def judge(ref: str, steps: Sequence[Step], touched: Took) -> None:
    """Raises `WrongStep` or `OwnClaim` where the steps of a claim, in order, are no story. `touched` is what is tried:
    a new step, or the correction of one."""
    for number, step in enumerate(steps):
        before = steps[:number]
        if not before and step.what is not Took.MADE:
            raise WrongStep(
                f"Claim {ref} was {step.what} on {in_words(step.on)}, so it cannot be taken back as if it had not been "
                "made. Answer the question, or have it rejected, and say why."
            )
        if before:
            _check_follows(ref, step, before, touched)
    _check_hands(ref, steps, touched)


def _check_follows(ref: str, step: Step, before: Sequence[Step], touched: Took) -> None:
    last, state = before[-1], state_of(before)
    if step.what is Took.PAID:
        _check_paid(ref, step, last, state, touched)
    elif state not in OPEN:
        raise WrongStep(
            f"Claim {ref} was {last.what} on {in_words(last.on)}. A decided claim takes no more questions, answers or "
            "decisions: to decide anew, take the decision back first.",
            field="decision" if step.what in _DECIDES else "",
        )
    elif step.what is Took.QUERIED and state is ClaimState.QUERIED:
        raise WrongStep(
            f"Claim {ref} has a question that waits for its answer. Ask again once it is answered.", field="question"
        )
    elif step.what is Took.ANSWERED and state is not ClaimState.QUERIED:
        raise WrongStep(f"No question about claim {ref} waits for an answer.", field="answer")
    if step.on < last.on:
        raise WrongStep(
            f"Claim {ref} was {last.what} on {in_words(last.on)}, so it cannot be {step.what} on {in_words(step.on)}, "
            "which is earlier.",
            field="paid_on" if step.what is Took.PAID else "effective_on",
        )


def _check_paid(ref: str, step: Step, last: Step, state: ClaimState, touched: Took) -> None:
    if last.what is Took.PAID:
        raise WrongStep(f"Claim {ref} was paid on {in_words(last.on)}. It is paid once only.", field="claim")
    if last.what is not Took.APPROVED and touched is Took.PAID:
        raise WrongStep(f"Claim {ref} is {state}. A claim is paid once it is approved.", field="claim")
    if last.what is not Took.APPROVED:
        raise WrongStep(f"Claim {ref} was paid on {in_words(step.on)}. Take back its payment first.", field="decision")


_DECIDES = frozenset({Took.APPROVED, Took.REJECTED})


def _check_hands(ref: str, steps: Sequence[Step], touched: Took) -> None:
    decided = frozenset[int]().union(*(step.hands for step in steps if step.what in _DECIDES))
    for step in steps:
        if step.what in (Took.MADE, Took.ANSWERED) and step.hands & decided:
            if touched not in _DECIDES:
                raise OwnClaim(f"You decided claim {ref}, so somebody else has to change it or answer for it.")
            did = f"made or changed claim {ref}" if step.what is Took.MADE else f"answered a question about claim {ref}"
            raise OwnClaim(f"You {did}, so somebody else has to approve or reject it.", field="decision")


def check_period(from_on: date, to_on: date, year: ProgrammeYear, today: date) -> None:
    """Raises `NotInPeriod`: a claim is for days in their order, that have passed, in the programme year of the MoU."""
    if from_on > to_on:
        raise NotInPeriod(
            f"The first day, {in_words(from_on)}, must not be after the last day, {in_words(to_on)}.", field="to_on"
        )
    if to_on > today:
        raise NotInPeriod(
            f"The last day must be today or earlier: claim for what has been spent. Today is {in_words(today)}.",
            field="to_on",
        )
    if from_on < year.first_day or to_on > year.last_day:
        raise NotInPeriod(
            f"This MoU’s money is for {year.on_screen}: claim for days from {in_words(year.first_day)} to "
            f"{in_words(year.last_day)}.",
            field="from_on" if from_on < year.first_day else "to_on",
        )


def check_left(called: str, wanted: int, left: Left) -> None:
    """Raises `MoreThanLeft`, with the figures."""
    if wanted > left.left_pence:
        raise MoreThanLeft(
            f"{called} has {in_pounds(left.committed_pence)} committed, {in_pounds(left.net_paid_pence)} of it paid "
            f"and {in_pounds(left.claimed_pence)} in other claims that are not paid yet. That leaves "
            f"{in_pounds(max(left.left_pence, 0))} to claim, and this claim is for {in_pounds(wanted)}.",
            field="amount_pence",
        )


def check_payable(called: str, wanted: int, line: Payable) -> None:
    """A claim is approved only if it can be paid beside all that is approved. Raises `CannotBePaid`, with the figures.

    Payments less refunds on a line never pass its commitments, so what does not fit could not be paid at all until
    more is committed; commitments that are agreed ahead are counted.
    """
    if wanted > line.ever_pence:
        ahead = f" and {in_pounds(line.ahead_pence)} more agreed ahead" if line.ahead_pence > 0 else ""
        gone = f", and {in_pounds(-line.ahead_pence)} of that no longer on a later day" if line.ahead_pence < 0 else ""
        raise CannotBePaid(
            f"{called} has {in_pounds(line.committed_pence)} committed{ahead}{gone}, {in_pounds(line.net_paid_pence)} "
            f"of it paid and {in_pounds(line.approved_pence)} in other approved claims that are not paid yet. That "
            f"leaves {in_pounds(max(line.ever_pence, 0))}, and this claim is for {in_pounds(wanted)}. Payments on a "
            "line may not pass its commitments, so it could not be paid: record the commitment first, or reject it.",
            field="decision",
        )


def cautions(wanted: int, line: Payable) -> list[str]:
    """What to know before a claim is approved that can be: a sentence each, with the figures."""
    told = []
    if line.now_pence < wanted <= line.ever_pence:
        told.append(
            f"It can be paid only once what is agreed ahead counts: {in_pounds(max(line.now_pence, 0))} is left today."
        )
    if wanted <= line.ever_pence < wanted + line.open_pence:
        told.append(
            f"Other claims that wait to be decided come to {in_pounds(line.open_pence)}. If this one is approved, "
            f"{in_pounds(line.ever_pence - wanted)} is left, so they cannot all be."
        )
    return told


def too_little_left(called: str, line: Payable) -> str:
    """What to know before money of a line is paid or released otherwise: that approved claims could not all be paid."""
    left = line.ever_pence + line.approved_pence
    if not line.approved_pence or left >= line.approved_pence:
        return ""
    return (
        f"Claims on {called} that are approved and not paid come to {in_pounds(line.approved_pence)}. Afterwards "
        f"{in_pounds(max(left, 0))} would be left to pay them from, so they could not all be paid until more is "
        "committed."
    )


class _Asks(Protocol):
    """A claim, as far as its days matter."""

    @property
    def from_on(self) -> date: ...
    @property
    def to_on(self) -> date: ...
    @property
    def state(self) -> ClaimState: ...


C = TypeVar("C", bound=_Asks)


def overlapping(claim: _Asks, others: Iterable[C]) -> list[C]:
    """Those of other claims on a line, not rejected, that are for some of the same days: a reason to look twice."""
    return [
        one
        for one in others
        if one.from_on <= claim.to_on and claim.from_on <= one.to_on and one.state is not ClaimState.REJECTED
    ]
