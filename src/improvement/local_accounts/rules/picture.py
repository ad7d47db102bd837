"""The national picture: which councils are like one, how publishing goes week by week, when findings may be told."""

from collections.abc import Collection, Iterable
from datetime import date, timedelta
from math import log

import msgspec

from improvement.local_accounts.rules import Standing
from improvement.sector.rules import Council, CouncilType

FEWEST = 3
"""Of fewer accounts than this, what readers found is not added up: it would tell of one."""


def may_add_up(*, all_seen: bool, of_all: bool, unseen_read: int) -> bool:
    """Whether somebody is told what readers found in the accounts of some councils, added up.

    A reading is for its council, its region and the secretariat. Who sees all of the councils asked about in full may
    add them up. Everybody else is told one sum only, that of all councils on the list: two sums of some, one taken from
    the other, tell of the few they differ by. And who takes away those they see from that one is left with none that
    was read, or with three at least.
    """
    return all_seen or (of_all and (unseen_read == 0 or unseen_read >= FEWEST))


_MANY = {
    CouncilType.COUNTY: "counties",
    CouncilType.LONDON_BOROUGH: "London boroughs",
    CouncilType.METROPOLITAN: "metropolitan districts",
    CouncilType.UNITARY: "unitary councils",
    CouncilType.CITY_OF_LONDON: "councils of its type",
    CouncilType.SUI_GENERIS: "councils of its type",
}


class Week(msgspec.Struct, frozen=True):
    """How many councils had published by the end of a week, or will have if expected dates are kept."""

    day: date
    councils: int
    projected: bool


class Similar(msgspec.Struct, frozen=True):
    """The councils most like one, in order of name, and how many of them are of its type."""

    of: Council
    councils: tuple[Council, ...]
    of_its_type: int

    @property
    def in_words(self) -> str:
        """How they were chosen, in one or two sentences."""
        size = "nearest to it in the number of people aged 18 and over"
        if not self.councils:
            return "There is no other council on the list."
        if not self.of_its_type:
            return f"There is no council like {self.of.name}. These are the {len(self.councils)} {size}."
        if self.of_its_type < len(self.councils):
            return f"Of its own type there are only {self.of_its_type}; the others are those {size}."
        return f"These are the {len(self.councils)} {_MANY[self.of.council_type]} {size}."


def similar(council: Council, councils: Iterable[Council], most: int = 8) -> Similar:
    """The councils of the same type first, the nearest in adults among them; shown by name, never by what they did."""
    others = [one for one in councils if one.slug != council.slug]
    nearest = sorted(others, key=lambda one: (one.council_type != council.council_type, _far(council, one), one.slug))
    chosen = sorted(nearest[:most], key=lambda one: (one.name, one.slug))
    return Similar(council, tuple(chosen), sum(one.council_type == council.council_type for one in chosen))


def _far(one: Council, other: Council) -> float:
    """How far apart two councils are in size: twice as many adults are as far as half as many."""
    return abs(log(max(one.adults_18plus, 1)) - log(max(other.adults_18plus, 1)))


def weeks_of(stand: Collection[Standing], deadline: date, on: date) -> list[Week]:
    """Councils published by each Sunday of the thirteen weeks to the deadline, and by the deadline itself.

    Of days after the one that is asked about it is what was published by then, and what expected dates promise.
    """
    published = [one.published_on for one in stand if one.published_on]
    expected = [one.expected_on for one in stand if one.expected_on]
    last = deadline - timedelta(days=(deadline.weekday() + 1) % 7)
    days = [last - timedelta(weeks=back) for back in range(12, -1, -1)] + ([deadline] if last != deadline else [])
    return [
        Week(
            day,
            sum(out <= day for out in published) + (sum(hoped <= day for hoped in expected) if day > on else 0),
            day > on,
        )
        for day in days
    ]
