"""The geometry of what was planned and what was paid, month by month, each as a running total."""

from collections.abc import Sequence

import msgspec

BASE, TOP, HEIGHT = 178, 20, 222
"""Where nothing is, where the most may reach, and how high the whole picture is, in pixels."""


class BurnPoint(msgspec.Struct, frozen=True):
    """One month’s running totals, in pence. Nothing is paid yet in a month to come."""

    label: str
    planned: int
    paid: int | None


class BurnColumn(msgspec.Struct, frozen=True):
    """A month in place: x, middle and width in per cent; where its plan is marked, and how high what was paid is."""

    point: BurnPoint
    x: float
    middle: float
    width: float
    planned_y: float
    paid_y: float
    paid_height: float


class Burn(msgspec.Struct, frozen=True):
    """The months in place; `lines` are (pence, y) of the faint lines behind them."""

    columns: tuple[BurnColumn, ...]
    lines: tuple[tuple[int, float], ...]
    base: int = BASE
    height: int = HEIGHT


def lay_out_burn(points: Sequence[BurnPoint]) -> Burn:
    """Months side by side, with at most four lines at round sums behind them."""
    highest = max((max(point.planned, point.paid or 0, 0) for point in points), default=0) or 1
    scale = (BASE - TOP) / highest
    steps = (mantissa * 10**power for power in range(3, 15) for mantissa in (1, 2, 5))
    step = next(each for each in steps if highest / each <= 4)
    lines = tuple((pence, round(BASE - pence * scale, 1)) for pence in range(step, highest + 1, step))
    each = 100 / (len(points) or 1)

    def column(at: int, point: BurnPoint) -> BurnColumn:
        paid = max(0, point.paid or 0) * scale
        return BurnColumn(
            point,
            x=round(each * (at + 0.18), 2),
            middle=round(each * (at + 0.5), 2),
            width=round(each * 0.64, 2),
            planned_y=round(BASE - max(0, point.planned) * scale, 1),
            paid_y=round(BASE - paid, 1),
            paid_height=round(paid, 1),
        )

    return Burn(tuple(column(at, point) for at, point in enumerate(points)), lines)
