"""A month's Board report made in a process of its own: its content from the facts, and its PDF. Prints JSON."""

import importlib
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from improvement.database import Database
from improvement.dates import AsAt, Month, now
from improvement.upkeep import all_tables

MONTH = Month(2011, 12)


def timed(make: Callable[[], Any]) -> tuple[Any, float, float]:
    """What was made, and its CPU and wall milliseconds."""
    cpu, wall = time.process_time(), time.perf_counter()
    made = make()
    return made, (time.process_time() - cpu) * 1000, (time.perf_counter() - wall) * 1000


def content(url: str) -> Any:
    """Every figure computed and the content composed, with nothing remembered from before."""
    from improvement.board_reports import document, figures, queries

    database = Database(url)
    try:
        with database.reading() as session:
            version = queries.newest(session, MONTH)
            figures.compute(session, version.year, AsAt(MONTH.last_day, now()))
            return document.compose(session, version, queries.narrative(session, MONTH, version.version))
    finally:
        database.close()


def pdf_maker() -> Callable[[Any], Any] | None:
    """What makes the PDF of a content object, if it is there."""
    try:
        document = importlib.import_module("improvement.board_reports.document")
    except ImportError:
        return None
    return getattr(document, "as_pdf", None)


def main() -> None:
    """Tell what making the report of the database in a folder takes."""
    url = f"sqlite:///{Path(sys.argv[1]) / 'improvement.db'}"
    all_tables()
    told: dict[str, Any] = {}
    made, cpu, wall = timed(lambda: content(url))
    again = [timed(lambda: content(url)) for _ in range(5)]
    told["content"] = {"first_cpu_ms": cpu, "first_ms": wall, "cpu_ms": sorted(one[1] for one in again)[2]}
    make = pdf_maker()
    if make is not None:
        _, cpu, wall = timed(lambda: make(made))
        again = [timed(lambda: make(made)) for _ in range(3)]
        told["pdf"] = {"first_cpu_ms": cpu, "first_ms": wall, "cpu_ms": sorted(one[1] for one in again)[1]}
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main()
