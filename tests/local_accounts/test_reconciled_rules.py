"""A reconciled reading counts while the two readings it reconciled are those that stand."""

from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from improvement.local_accounts.rules.readings import Engagement, Kind, Reading, Said
from improvement.local_accounts.rules.reconciled import Version, latest, which_counts

NOT_KNOWN = dict.fromkeys(("weaknesses", "compares_spending", "compares_numbers", "priorities", "findable"))
ANN, BOB = 2, 3
KINDS = {"a": (Kind.FIRST, ANN), "b": (Kind.SECOND, BOB), "r": (Kind.RECONCILED, ANN)}


def told(story: str) -> list[Version]:
    """A story in the order it was told: “a” and “b” read, “r” reconciles, “-3” takes back what was told third."""
    steps = story.split()
    taken = {int(step[1:]): seq for seq, step in enumerate(steps, 1) if step.startswith("-")}
    return [_version(seq, *KINDS[step], taken.get(seq)) for seq, step in enumerate(steps, 1) if step in KINDS]


def _version(seq: int, kind: Kind, by: int, taken_back: int | None) -> Version:
    at = datetime(2012, 6, 1, 9, seq, tzinfo=UTC)
    of = (UUID(int=seq), "brent", kind, UUID(int=99), "Our account", True, date(2012, 6, 1), at, by, "coordinator", seq)
    said = dict.fromkeys(NOT_KNOWN, Said.NOT_KNOWN)
    reading = Reading(*of, "", (), Engagement.NOT_KNOWN, (), (), **said, clicks=None)
    return Version(reading, "x" if taken_back else None, taken_back)


@pytest.mark.parametrize(
    ("story", "counts"),
    [
        ("a", 1),
        ("a b", 2),
        ("a b r", 3),
        ("a b r b", 4),
        ("a b r a", 4),
        ("a b r b r", 5),
        ("a b r b -4", 3),
        ("a b r -1", 2),
        ("a b r -2", 1),
        ("a b r -3", 2),
        ("a b r r -4", 3),
        ("a a b r -1", 4),
        ("a a b r -2", 3),
        ("a b r a r -4", 3),
        ("a b -1 a r", 5),
        ("a -1", None),
    ],
)
def test_the_newest_reading_counts_but_where_the_two_that_stand_were_reconciled(story: str, counts: int | None) -> None:
    found = which_counts(latest(told(story)))
    assert (found.seq if found else None) == counts
