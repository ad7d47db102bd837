"""More time that was agreed, whether an account was on time, and how long ago a council's last one is."""

from collections.abc import Collection, Mapping
from datetime import date

import msgspec

from improvement.dates import ProgrammeYear, in_words
from improvement.errors import Refused


class Timeliness(msgspec.Struct, frozen=True):
    """Whether an account was on time. It rests on the first publication, so nothing later changes it."""

    on_time: bool | None
    """None while there is no account."""
    days_late: int | None


class NotAfterDeadline(Refused):
    """More time ends after the deadline: until then none is needed."""


class AgreedTooLate(Refused):
    """Time is agreed before it is over, and before the account is published."""


class AgreedAhead(Refused):
    """What is recorded has been agreed: its day is today or earlier."""


class SayMore(Refused):
    """More time carries its reason and who agreed to it."""


def timeliness(first_published: date | None, deadline: date) -> Timeliness:
    """Whether the first publication was by the deadline, and if not by how many days it missed it."""
    if first_published is None:
        return Timeliness(None, None)
    return Timeliness(first_published <= deadline, max((first_published - deadline).days, 0))


def years_missing(
    published: Collection[ProgrammeYear], deadlines: Mapping[ProgrammeYear, date], on: date
) -> tuple[ProgrammeYear, ...] | None:
    """The years since a council's first account whose deadline has passed without one; none before its first."""
    if not published:
        return None
    first = min(published)
    return tuple(
        year for year, deadline in sorted(deadlines.items()) if year > first and deadline < on and year not in published
    )


def check(until: date, agreed_on: date, deadline: date, published_on: date | None, today: date) -> None:
    """Raises the first rule an extension would break."""
    if agreed_on > today:
        raise AgreedAhead(f"The day must be today or earlier. Today is {in_words(today)}.", field="agreed_on")
    if until <= deadline:
        raise NotAfterDeadline(f"More time must end after the deadline, {in_words(deadline)}.", field="until")
    if until < agreed_on:
        raise AgreedTooLate(
            f"More time must end on the day it is agreed or later: {in_words(agreed_on)}.", field="until"
        )
    if published_on is not None and published_on <= agreed_on:
        sentence = f"Its account was published on {in_words(published_on)}: it needs no more time."
        raise AgreedTooLate(sentence, field="agreed_on")
