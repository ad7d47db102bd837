"""When a reconciled reading counts: while the two readings it reconciled are those that stand.

Once either reader reads the account again, or takes theirs back, the two have not been reconciled: the newest of their
readings counts until somebody reconciles them again. Whoever takes such a later reading back leaves the two as they
were, so the reconciled reading counts as it did.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from uuid import UUID

import msgspec

from improvement.local_accounts.rules.readings import Kind, Reading


class Version(msgspec.Struct, frozen=True):
    """A reading; why it was taken back if it was, and the fact that took it back."""

    reading: Reading
    taken_back: str | None
    taken_back_seq: int | None = None


def of_readers(told: Iterable[Version], seq: int | None = None) -> dict[int, Reading]:
    """The newest reading of each reader of one publication: now, or when `seq` was recorded."""
    newest: dict[int, Reading] = {}
    for one in sorted(told, key=lambda one: (one.reading.read_on, one.reading.seq)):
        told_by_then = seq is None or one.reading.seq < seq
        stood = one.taken_back_seq is None or (seq is not None and seq < one.taken_back_seq)
        if one.reading.kind is not Kind.RECONCILED and told_by_then and stood:
            newest[one.reading.recorded_by] = one.reading
    return newest


def reconciles(one: Reading, told: Sequence[Version]) -> bool:
    """Whether a reconciled reading is of the readings that stand of its publication."""
    return _ids(of_readers(told, one.seq)) == _ids(of_readers(told))


def _ids(readers: dict[int, Reading]) -> frozenset[UUID]:
    return frozenset(reading.id for reading in readers.values())


def latest(told: Iterable[Version]) -> list[Reading]:
    """Of each publication, the newest reading of each reader and the newest reconciled one of those, in order."""
    of: dict[UUID, list[Version]] = defaultdict(list)
    for one in told:
        of[one.reading.publication].append(one)
    kept = [reading for mine in of.values() for reading in _latest(mine)]
    return sorted(kept, key=lambda one: (one.read_on, one.seq))


def _latest(told: Sequence[Version]) -> list[Reading]:
    reconciled = [one.reading for one in told if one.reading.kind is Kind.RECONCILED and one.taken_back is None]
    still = [one for one in reconciled if reconciles(one, told)]
    newest = max(still, key=lambda one: (one.read_on, one.seq), default=None)
    return [*of_readers(told).values(), *([newest] if newest else [])]


def which_counts(told: Sequence[Reading]) -> Reading | None:
    """Of the readings of one publication that stand, the reconciled one, or else the newest."""
    return max(told, key=lambda one: (one.kind is Kind.RECONCILED, one.read_on, one.seq), default=None)
