"""The table: each figure beside what it must and should be, and beside the limits of the same run."""

from typing import Any

import msgspec

from benches.measuring import Figures


class Row(msgspec.Struct, frozen=True):
    """One line of the table. What is no load has a value and its unit instead of figures."""

    size: str
    name: str
    title: str
    clients: int | None = None
    figures: Figures | None = None
    minimal: Figures | None = None
    bare: Figures | None = None
    value: float | None = None
    unit: str = "ms"
    must: float | None = None
    aim: float | None = None
    note: str = ""

    @property
    def measured(self) -> float | None:
        return self.figures.cpu_ms if self.figures else self.value

    @property
    def verdict(self) -> str:
        """Whether it is as good as it must be, and as it should be."""
        if self.measured is None or self.must is None:
            return ""
        if self.measured > self.must:
            return "MISSED"
        return "met" if self.aim is not None and self.measured > self.aim else "good"


COLUMNS = (
    ("size", "<"), ("what", "<"), ("clients", ">"), ("rate/s", ">"), ("p50 ms", ">"), ("p99 ms", ">"), ("CPU", ">"),
    ("must", ">"), ("aim", ">"), ("", "<"), ("minimal", ">"), ("of it", ">"), ("bare", ">"), ("of it", ">"), ("", "<"),
)  # fmt: skip


def table(rows: list[Row]) -> str:
    """The whole table as text. CPU, minimal and bare are milliseconds of the server for each request."""
    cells = [[heading for heading, _ in COLUMNS], *map(_cells, rows)]
    widths = [max(len(row[at]) for row in cells) for at in range(len(COLUMNS))]
    lines = [
        "  ".join(f"{text:{side}{wide}}" for text, (_, side), wide in zip(row, COLUMNS, widths, strict=True))
        for row in cells
    ]
    return "\n".join([lines[0], "-" * len(lines[0]), *lines[1:]])


def _cells(row: Row) -> list[str]:
    loaded = row.figures
    limits = [text for limit in (row.minimal, row.bare) for text in _beside(row, limit)]
    waits = [f"{loaded.rate:.0f}", f"{loaded.p50_ms:.2f}", f"{loaded.p99_ms:.2f}"] if loaded else ["", "", ""]
    unit = "" if row.unit == "ms" else f" {row.unit}"
    figure = "" if row.measured is None else f"{row.measured:.2f}{unit}"
    bounds = ["" if bound is None else f"{bound:g}" for bound in (row.must, row.aim)]
    clients = "" if row.clients is None else str(row.clients)
    return [row.size, row.title, clients, *waits, figure, *bounds, row.verdict, *limits, row.note]


def _beside(row: Row, limit: Figures | None) -> list[str]:
    """What the limit costs, and what part of its speed the tracker has."""
    if limit is None or row.figures is None:
        return ["", ""]
    return [f"{limit.cpu_ms:.2f}", f"{100 * limit.cpu_ms / row.figures.cpu_ms:.0f} %"]


def as_json(rows: list[Row]) -> str:
    """The same, for programs."""
    told: list[dict[str, Any]] = [{**msgspec.to_builtins(row), "verdict": row.verdict} for row in rows]
    return msgspec.json.format(msgspec.json.encode(told)).decode()
