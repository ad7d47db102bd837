"""Programme years: their deadline, the period they suggest, and what their accounts are asked about."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date

import msgspec

from improvement.dates import ProgrammeYear, in_words
from improvement.errors import Conflict, Refused

FIRST = ProgrammeYear(2011)
"""The year the Board first suggested local accounts."""
MOST_LINES = 30
LONGEST_THEME, LONGEST_QUESTION = 100, 300


class Contents(msgspec.Struct, frozen=True):
    """What the accounts of a year are asked about, in order."""

    themes: tuple[str, ...]
    questions: tuple[str, ...]


class YearThere(Conflict):
    """A year is set up once; after that it is corrected."""


class YearOutOfReach(Refused):
    """A year is set up in its turn, and none before the first there was."""


class DeadlineOutsideYear(Refused):
    """A year's deadline is one of its days."""


class PeriodNotBefore(Refused):
    """Accounts are about a period that is over by the deadline."""


class ContentsUnfit(Refused):
    """Themes and questions are a short list, each said once."""


class ToldOfCouncil(Conflict):
    """A deadline is not moved to a day on which a council that facts were told of is not in being."""


def check_new(which: ProgrammeYear, there: Collection[ProgrammeYear], today: date) -> None:
    """Raises the rule that setting up this year would break."""
    if which in there:
        raise YearThere(f"{which.on_screen} has been set up already. Open it, and correct it there.", field="year")
    last = ProgrammeYear(max([ProgrammeYear.of(today), *there]).starts + 1)
    if not FIRST <= which <= last:
        raise YearOutOfReach(f"The year must be from {FIRST.on_screen} to {last.on_screen}.", field="year")


def check_days(which: ProgrammeYear, deadline: date, period_from: date, period_to: date) -> None:
    """Raises the first rule these days would break."""
    if not which.first_day <= deadline <= which.last_day:
        span = f"from {in_words(which.first_day)} to {in_words(which.last_day)}"
        raise DeadlineOutsideYear(f"The deadline must be in {which.on_screen}: {span}.", field="deadline")
    if period_to < period_from:
        raise PeriodNotBefore("The last day of the period must be after the first.", field="period_to")
    if period_to >= deadline:
        raise PeriodNotBefore(f"The period must be over before the deadline, {in_words(deadline)}.", field="period_to")


def lines_of(texts: Iterable[str]) -> tuple[str, ...]:
    """One entry a line, without the blank ones; several texts are read one after the other."""
    return tuple(tidy for text in texts for line in text.splitlines() if (tidy := " ".join(line.split())))


def check_contents(contents: Contents) -> None:
    """Raises the first rule these themes and questions would break."""
    _check_lines(contents.themes, "theme", LONGEST_THEME)
    _check_lines(contents.questions, "question", LONGEST_QUESTION)


def _check_lines(lines: Sequence[str], what: str, longest: int) -> None:
    field, seen = f"{what}s", set[str]()
    if not 1 <= len(lines) <= MOST_LINES:
        raise ContentsUnfit(f"Enter 1 to {MOST_LINES} {what}s, one a line. You entered {len(lines)}.", field=field)
    for line in lines:
        if len(line) > longest:
            sentence = f"A {what} has {longest} characters or fewer. “{line[:40]}…” has {len(line)}."
            raise ContentsUnfit(sentence, field=field)
        if line.casefold() in seen:
            raise ContentsUnfit(f"“{line}” is there twice. Enter each {what} once.", field=field)
        seen.add(line.casefold())


def newest_begun(years: Collection[ProgrammeYear], on: date) -> ProgrammeYear | None:
    """The newest of the years that has begun by a day, or else the first; none when there is none."""
    return max((year for year in years if year.first_day <= on), default=min(years, default=None))


def before(years: Collection[ProgrammeYear], which: ProgrammeYear) -> ProgrammeYear | None:
    """The year set up before another, if there is one."""
    return max((year for year in years if year < which), default=None)
