"""A number for each day, kept month by month: what a change does not touch is shared with what was before it."""

from collections.abc import Iterator, Mapping
from datetime import date

from improvement.dates import Month

Series = Mapping[date, int]
Months = dict[int, dict[date, int]]


class Days(Mapping[date, int]):
    """A number for each day that has one other than nil."""

    __slots__ = ("_months",)

    def __init__(self, days: Mapping[date, int] | None = None) -> None:
        adding = Adding()
        for day, number in (days or {}).items():
            adding.add(day, number)
        self._months: Months = adding.months

    @classmethod
    def _of(cls, months: Months) -> "Days":
        made = cls.__new__(cls)
        made._months = months
        return made

    def __getitem__(self, day: date) -> int:
        return self._months[_month(day)][day]

    def __iter__(self) -> Iterator[date]:
        for days in self._months.values():
            yield from days

    def __len__(self) -> int:
        return sum(map(len, self._months.values()))

    def __bool__(self) -> bool:
        return bool(self._months)

    def by(self, day: date) -> int:
        """What the numbers come to by the end of a day."""
        return sum(number for _, number in self._by(day))

    def by_month(self, day: date) -> dict[Month, int]:
        """What the numbers of each month come to by the end of a day."""
        return {Month(month // 12, month % 12 + 1): number for month, number in self._by(day)}

    def _by(self, day: date) -> Iterator[tuple[int, int]]:
        this = _month(day)
        for month, days in self._months.items():
            if month < this:
                yield month, sum(days.values())
            elif month == this:
                yield month, sum(number for each, number in days.items() if each <= day)


class Adding:
    """Days that are added to. A month is copied when it is first touched."""

    __slots__ = ("_fresh", "months")

    def __init__(self, kept: Days | None = None) -> None:
        self.months: Months = {} if kept is None else dict(kept._months)
        self._fresh: set[int] = set()

    def add(self, day: date, number: int) -> None:
        month = _month(day)
        days = self.months.get(month)
        if days is None or month not in self._fresh:
            days = self.months[month] = {} if days is None else dict(days)
            self._fresh.add(month)
        total = days.get(day, 0) + number
        if total:
            days[day] = total
            return
        days.pop(day, None)
        if not days:
            del self.months[month]

    def made(self) -> Days:
        """The days as they are now. Nothing is added to them afterwards."""
        return Days._of(self.months)


def _month(day: date) -> int:
    return day.year * 12 + day.month - 1
