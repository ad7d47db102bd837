"""The picture of money planned and paid month by month, in place: across in per cent, down in pixels."""

from collections.abc import Sequence

import msgspec

from improvement.dates import Month

BASE, TOP, HEIGHT = 178, 24, 206
LEFT = 3
"""Where the first month begins, in per cent."""


class Column(msgspec.Struct, frozen=True):
    """One month: what was paid by its end as a column, what was planned as a point; `tick` is written beneath."""

    middle: float
    x: float
    width: float
    y: float
    height: float
    planned_y: float
    is_paid: bool
    tick: str


class Burn(msgspec.Struct, frozen=True):
    """The picture in place; `lines` are (pence, y) of the faint lines behind it."""

    columns: tuple[Column, ...]
    lines: tuple[tuple[int, float], ...]
    base: int = BASE
    height: int = HEIGHT

    @property
    def steps(self) -> list[tuple[Column, Column]]:
        """The line of what was planned, from point to point."""
        return list(zip(self.columns, self.columns[1:], strict=False))


def drawn(rows: Sequence[tuple[Month, int, int | None]]) -> Burn:
    """Months with what was planned and paid by the end of each (none for a month to come), as a picture."""
    highest = max((max(planned, paid or 0) for _, planned, paid in rows), default=0) or 1
    scale = (BASE - TOP) / (highest * 1.05)
    steps = (mantissa * 10**power for power in range(2, 16) for mantissa in (1, 2, 5))
    step = next(each for each in steps if highest / each <= 4)
    wide = (100 - LEFT) / (len(rows) or 1)

    def column(at: int, month: Month, planned: int, paid: int | None) -> Column:
        tall = max(0.0, (paid or 0) * scale)
        x = LEFT + wide * at
        return Column(
            middle=round(x + wide / 2, 2),
            x=round(x + wide * 0.16, 2),
            width=round(wide * 0.68, 2),
            y=round(BASE - tall, 1),
            height=round(tall, 1),
            planned_y=round(BASE - planned * scale, 1),
            is_paid=paid is not None,
            tick=f"{month.first_day:%b}" if at % 3 == 0 or at == len(rows) - 1 else "",
        )

    return Burn(
        tuple(column(at, *row) for at, row in enumerate(rows)),
        tuple((value, round(BASE - value * scale, 1)) for value in range(step, highest + 1, step)),
    )
