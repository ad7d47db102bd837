"""Days, months and programme years as the sector counts them, and the point from which we look back.

Instants are kept in UTC; days, months and years are those of London, so 31 March 23:00:01Z is already April.
"""

from datetime import UTC, date, datetime, timedelta
from typing import Self
from zoneinfo import ZoneInfo

import msgspec

from improvement.errors import Refused, Unreadable

LONDON = ZoneInfo("Europe/London")
FROM_THE_BEGINNING = datetime(1900, 1, 1, tzinfo=UTC)
"""When reference facts were recorded: they are known from the beginning."""


def now() -> datetime:
    """The only reading of the clock. Called at the edge and passed inwards."""
    return datetime.now(UTC)


def london_day(instant: datetime) -> date:
    """The day it is in London at an instant."""
    return instant.astimezone(LONDON).date()


def start_of(day: date) -> datetime:
    """The instant a London day begins."""
    return datetime(day.year, day.month, day.day, tzinfo=LONDON).astimezone(UTC)


def in_words(day: date) -> str:
    """A day as people write it: 31 December 2011."""
    return f"{day.day} {day:%B} {day.year}"


def has_full_year(day: date) -> bool:
    """Whether a day is one that people mean, from 1900 to 2999, and no year of which figures were left out."""
    return 1900 <= day.year <= 2999


def moment_in_words(instant: datetime) -> str:
    """An instant as people in London write it: 2 January 2012, 09:00."""
    local = instant.astimezone(LONDON)
    return f"{in_words(local.date())}, {local:%H:%M}"


class NotADate(Unreadable):
    """A date, month or instant in an address that cannot be one."""


class NotYet(Refused):
    """A date that has not come."""


def parse_day(text: str) -> date:
    """A day written 2011-12-31. Raises `NotADate`."""
    try:
        day = date.fromisoformat(text)
        # The library also reads weeks and days run together, which nobody here writes.
        if day.isoformat() != text:
            raise ValueError
        return day
    except ValueError:
        raise NotADate(f"“{text[:40]}” is not a date. Write it like 2011-12-31.") from None


class Month(msgspec.Struct, frozen=True, order=True):
    """One calendar month, written 2011-12 (December 2011)."""

    year: int
    month: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises `NotADate` unless the text is a month from 1900-01 to 9998-12 written like 2011-12."""
        year, dash, month = text.partition("-")
        if not (dash and text.isascii() and year.isdigit() and month.isdigit() and len(year) == 4 and len(month) == 2):
            raise NotADate(f"“{text[:40]}” is not a month. Write it like 2011-12, for December 2011.")
        if not (1900 <= int(year) <= 9998 and 1 <= int(month) <= 12):
            raise NotADate(f"“{text[:40]}” is not a month. Write it like 2011-12, for December 2011.")
        return cls(int(year), int(month))

    @classmethod
    def of(cls, day: date) -> Self:
        return cls(day.year, day.month)

    @property
    def first_day(self) -> date:
        return date(self.year, self.month, 1)

    @property
    def last_day(self) -> date:
        return self.next.first_day - timedelta(days=1)

    @property
    def next(self) -> Self:
        return type(self)(self.year + self.month // 12, self.month % 12 + 1)

    @property
    def previous(self) -> Self:
        return type(self).of(self.first_day - timedelta(days=1))

    @property
    def in_words(self) -> str:
        return f"{self.first_day:%B} {self.year}"

    def __str__(self) -> str:
        return f"{self.year}-{self.month:02d}"


class ProgrammeYear(msgspec.Struct, frozen=True, order=True):
    """The year from 1 April: written 2011-2012 in addresses, 2011/12 on screen. Never the form of a month."""

    starts: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises `NotADate` unless the text is two years running, such as 2011-2012."""
        start, dash, end = text.partition("-")
        numbers = text.isascii() and start.isdigit() and end.isdigit() and len(start) == len(end) == 4
        if not (dash and numbers and int(end) == int(start) + 1 and int(start) >= 1900):
            raise NotADate(f"“{text[:40]}” is not a programme year. Write it like 2011-2012.")
        return cls(int(start))

    @classmethod
    def of(cls, day: date) -> Self:
        return cls(day.year if day.month >= 4 else day.year - 1)

    @property
    def first_day(self) -> date:
        return date(self.starts, 4, 1)

    @property
    def last_day(self) -> date:
        return date(self.starts + 1, 3, 31)

    @property
    def on_screen(self) -> str:
        return f"{self.starts}/{(self.starts + 1) % 100:02d}"

    def __str__(self) -> str:
        return f"{self.starts}-{self.starts + 1}"


class WorkingDays(msgspec.Struct, frozen=True):
    """The days offices work in England: Monday to Friday but for the bank holidays given."""

    holidays: frozenset[date]

    def is_one(self, day: date) -> bool:
        """Whether a day is a working day."""
        return day.weekday() < 5 and day not in self.holidays

    def on_or_after(self, day: date) -> date:
        """The day itself, or the next working day when it is none."""
        while not self.is_one(day):
            day += timedelta(days=1)
        return day

    def before(self, day: date, count: int) -> date:
        """The working day that many working days before a day, the day itself not counted."""
        return self._step(day, count, timedelta(days=-1))

    def after(self, day: date, count: int) -> date:
        """The working day that many working days after a day, the day itself not counted."""
        return self._step(day, count, timedelta(days=1))

    def _step(self, day: date, count: int, step: timedelta) -> date:
        while count > 0:
            day += step
            count -= self.is_one(day)
        return day


class AsAt(msgspec.Struct, frozen=True):
    """What was true on a day, from what we had been told by an instant. No instant means all we know now."""

    on: date
    known_at: datetime | None = None

    @classmethod
    def asked(cls, query: "dict[str, str]", at: datetime) -> Self:
        """Read `on`, `known-at` and `as-at` from an address. Raises `NotADate`, `NotYet` or `Unreadable`."""
        today = london_day(at)
        both, on, known = (query.get(name, "") for name in ("as-at", "on", "known-at"))
        if both and (on or known):
            raise Unreadable("Use either as-at, or on and known-at: as-at stands for both.")
        if both:
            on = known = both
        field = "as-at" if both else "on"
        day = _past(on, today, field) if on else today
        return cls(day, _known_by(known, at, today) if known else None)


def _past(text: str, today: date, field: str) -> date:
    day = parse_day(text)
    if day > today:
        raise NotYet(f"{in_words(day)} has not come yet. Ask for {in_words(today)} or earlier.", field=field)
    return day


def _known_by(text: str, at: datetime, today: date) -> datetime | None:
    """A date means before the start of the next London day; today means now."""
    if len(text) <= 10:
        day = _past(text, today, "known-at")
        return None if day == today else start_of(day + timedelta(days=1)) - timedelta(microseconds=1)
    try:
        given = datetime.fromisoformat(text.replace(" ", "+"))
        instant = given.astimezone(UTC)
    except (ValueError, OverflowError):
        raise NotADate(f"“{text[:40]}” is not an instant. Write it like 2012-01-02T09:00:00Z.") from None
    if given.tzinfo is None:
        raise NotADate("Say which time zone: end the instant with Z, as in 2012-01-02T09:00:00Z.")
    if instant > at:
        raise NotYet("That instant has not come yet. Ask for now or earlier.", field="known-at")
    return instant
