"""Paying claims together: what may be in a run, and the file the bank is given."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date

import msgspec

from improvement.errors import Conflict, Refused

MOST_CLAIMS = 500
"""How many claims one run pays at most."""
FILE_HEADINGS = ("recipient", "funding line", "amount", "reference", "date", "run")


class NothingToPay(Refused):
    """A run pays at least one claim."""


class NotToBePaid(Refused):
    """A run pays approved claims that are not paid, each once; or none of them."""


class PaymentsStand(Conflict):
    """A run can be taken back when none of its payments stands."""


class RunIsKept(Refused):
    """A run is not changed: it is taken back, and another is made."""


class RunIsGone(Conflict):
    """A payment of a run that was taken back comes back after its run."""


class FileRow(msgspec.Struct, frozen=True):
    """One payment, as the bank is told to make it."""

    recipient: str
    line: str
    amount_pence: int
    reference: str
    on: date
    run: str

    def cells(self) -> tuple[str, ...]:
        """The row as the file has it: pounds with two decimals, without a sign or commas."""
        pounds = f"{self.amount_pence // 100}.{self.amount_pence % 100:02d}"
        return self.recipient, self.line, pounds, self.reference, self.on.isoformat(), self.run


def check_run(wanted: Sequence[str], states: Mapping[str, str], approved: str, paid: str) -> None:
    """Every claim of a run may be paid, once. `states` is where each claim stands. Raises `NothingToPay` or
    `NotToBePaid` with the reference of each that may not."""
    if not wanted:
        raise NothingToPay("Select at least one claim to pay.", field="claims")
    if len(wanted) > MOST_CLAIMS:
        raise NotToBePaid(f"A run pays {MOST_CLAIMS} claims at most. Make two of it.", field="claims")
    told = [_why_not(ref, count, states.get(ref, ""), approved, paid) for ref, count in Counter(wanted).items()]
    wrong = [sentence for sentence in told if sentence]
    if wrong:
        more = f" And {len(wrong) - 5} more." if len(wrong) > 5 else ""
        raise NotToBePaid(f"{' '.join(wrong[:5])}{more} Nothing was paid.", field="claims")


def _why_not(ref: str, count: int, state: str, approved: str, paid: str) -> str:
    called = ref[:20]
    if not state:
        return f"There is no claim {called}."
    if state == paid:
        return f"{called} is paid already."
    if state != approved:
        return f"{called} is not approved: it is {state}."
    return f"{called} is there {count} times." if count > 1 else ""
