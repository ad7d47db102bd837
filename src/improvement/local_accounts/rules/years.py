"""Programme years: their deadline, the period they suggest, and what their accounts are asked about."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date

import msgspec

from improvement.dates import ProgrammeYear, in_words
from improvement.errors import Conflict, Mistakes, Refused, TurnedDown

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


def refuse(found: Sequence[TurnedDown]) -> None:
    """Raises what was found wrong: one thing as it is, several together, each at its field."""
    if len(found) == 1:
        raise found[0]
    if found:
        by_field: dict[str, str] = {}
        for one in found:
            by_field[one.field] = f"{by_field.get(one.field, '')} {one.message}".strip()
        raise Mistakes(by_field)


def wrong_with_year(which: ProgrammeYear, there: Collection[ProgrammeYear], today: date) -> list[TurnedDown]:
    """The rules that setting up this year would break."""
    if which in there:
        sentence = f"{which.on_screen} has been set up already. Open it, and correct it there."
        return [YearThere(sentence, field="year")]
    last = ProgrammeYear(max([ProgrammeYear.of(today), *there]).starts + 1)
    if not FIRST <= which <= last:
        return [YearOutOfReach(f"The year must be from {FIRST.on_screen} to {last.on_screen}.", field="year")]
    return []


def wrong_with_days(which: ProgrammeYear, deadline: date, period_from: date, period_to: date) -> list[TurnedDown]:
    """The rules these days would break."""
    found: list[TurnedDown] = []
    if not which.first_day <= deadline <= which.last_day:
        span = f"from {in_words(which.first_day)} to {in_words(which.last_day)}"
        sentence = f"The deadline must be in {which.on_screen}: {span}."
        found.append(DeadlineOutsideYear(sentence, field="deadline"))
    if period_to < period_from:
        found.append(PeriodNotBefore("The last day of the period must be after the first.", field="period_to"))
    if period_to >= deadline:
        sentence = f"The period must be over before the deadline, {in_words(deadline)}."
        found.append(PeriodNotBefore(sentence, field="period_to"))
    return found


def lines_of(texts: Iterable[str]) -> tuple[str, ...]:
    """One entry a line, without the blank ones; several texts are read one after the other."""
    return tuple(tidy for text in texts for line in text.splitlines() if (tidy := " ".join(line.split())))


def wrong_with_contents(contents: Contents) -> list[TurnedDown]:
    """The rules these themes and questions would break."""
    return [
        *_wrong_with_lines(contents.themes, "theme", LONGEST_THEME),
        *_wrong_with_lines(contents.questions, "question", LONGEST_QUESTION),
    ]


def _wrong_with_lines(lines: Sequence[str], what: str, longest: int) -> Iterator[ContentsUnfit]:
    field = f"{what}s"
    if not 1 <= len(lines) <= MOST_LINES:
        yield ContentsUnfit(f"Enter 1 to {MOST_LINES} {what}s, one a line. You entered {len(lines)}.", field=field)
        return
    for line in lines:
        if len(line) > longest:
            sentence = f"A {what} has {longest} characters or fewer. “{line[:40]}…” has {len(line)}."
            yield ContentsUnfit(sentence, field=field)
    plain = [line.casefold() for line in lines]
    for at, line in enumerate(lines):
        if plain[:at].count(plain[at]) == 1:
            yield ContentsUnfit(f"“{line}” is there more than once. Enter each {what} once.", field=field)


def newest_begun(years: Collection[ProgrammeYear], on: date) -> ProgrammeYear | None:
    """The newest of the years that has begun by a day, or else the first; none when there is none."""
    return max((year for year in years if year.first_day <= on), default=min(years, default=None))


def before(years: Collection[ProgrammeYear], which: ProgrammeYear) -> ProgrammeYear | None:
    """The year set up before another, if there is one."""
    return max((year for year in years if year < which), default=None)
