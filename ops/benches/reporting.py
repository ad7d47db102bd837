"""A month's Board report made in a process of its own: its content from the facts, and its PDF. Prints JSON."""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from improvement.database import Database, Memory
from improvement.dates import AsAt, Month, now
from improvement.upkeep import all_tables

MONTH = Month(2011, 12)


def timed(make: Callable[[], Any]) -> tuple[Any, float, float]:
    """What was made, and its CPU and wall milliseconds."""
    cpu, wall = time.process_time(), time.perf_counter()
    made = make()
    return made, (time.process_time() - cpu) * 1000, (time.perf_counter() - wall) * 1000


def content(database: Database) -> tuple[Any, Any]:
    """Every figure computed and the content composed, with nothing remembered from before; and the map it shows."""
    from improvement.board_reports import document, figures, queries
    from improvement.board_reports.document import pictures

    database.memory = Memory()
    with database.reading() as session:
        version = queries.newest(session, MONTH)
        figures.compute(session, version.year, AsAt(MONTH.last_day, now()))
        composed = document.compose(session, version, queries.narrative(session, MONTH, version.version))
        return composed, pictures.layout(session, str(version.year))


def paper(composed: Any, layout: Any) -> bytes:
    """The secretariat's PDF of it."""
    from improvement.board_reports import document
    from improvement.board_reports.document.pdf import pdf
    from improvement.board_reports.rules import Audience

    return pdf(document.reduced(composed, Audience.SECRETARIAT), layout, [("Made by", "ops/bench")])


def main() -> None:
    """Tell what making the report of the database in a folder takes."""
    all_tables()
    database = Database(f"sqlite:///{Path(sys.argv[1]) / 'improvement.db'}")
    told: dict[str, Any] = {}
    made, cpu, wall = timed(lambda: content(database))
    again = [timed(lambda: content(database)) for _ in range(5)]
    database.close()
    told["content"] = {"first_cpu_ms": cpu, "first_ms": wall, "cpu_ms": sorted(one[1] for one in again)[2]}
    _, cpu, wall = timed(lambda: paper(*made))
    again = [timed(lambda: paper(*made)) for _ in range(3)]
    told["pdf"] = {"first_cpu_ms": cpu, "first_ms": wall, "cpu_ms": sorted(one[1] for one in again)[1]}
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main()
