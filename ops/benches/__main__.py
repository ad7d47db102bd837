"""How fast the tracker is: real processes on loopback, at two sizes, beside two limits measured in the same run."""

import argparse
import signal
import sys
import tempfile
import time
from pathlib import Path

from benches import scenarios, telling
from benches.processes import CannotBench
from benches.running import Run, note

NAMES = (
    *(one.name for one in (*scenarios.READING, *scenarios.RECORDING)),
    *("return", "generation", "start", "memory", "million"),
)


def options() -> argparse.Namespace:
    """What was asked for."""
    told = argparse.ArgumentParser(prog="ops/bench", description=__doc__)
    told.add_argument("--quick", action="store_true", help="2 seconds for each scenario and number of clients, not 6")
    told.add_argument("--only", action="append", metavar="NAME", choices=NAMES, help=f"one of: {', '.join(NAMES)}")
    told.add_argument(
        "--size", choices=("1", "10", "years"), help="only the demonstration, ten times its size, or ten years"
    )
    told.add_argument(
        "--keep", type=Path, metavar="FOLDER", help="with --only million: keep what is filled here, and begin with it"
    )
    told.add_argument("--json", action="store_true", help="print JSON, and the table nowhere")
    return told.parse_args()


def main() -> int:
    """Run, print, and leave nothing behind. Exits 1 when a figure is missed, 2 when the bench could not go on."""
    wanted, began = options(), time.perf_counter()
    # Told to stop, stop as if a line of this had failed: servers are ended and the folder is taken away.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with tempfile.TemporaryDirectory(prefix="improvement-bench-") as folder:
        run = Run(Path(folder), wanted)
        try:
            run.all()
            ended = 0
        except CannotBench as problem:
            note(str(problem))
            ended = 2
        except KeyboardInterrupt:
            note("Stopped.")
            ended = 130
        finally:
            run.close()
    # What was measured is told however it ended.
    print(telling.as_json(run.rows) if wanted.json else telling.table(run.rows))
    note(f"{time.perf_counter() - began:.0f} seconds. CPU, minimal and bare are server milliseconds for each request.")
    return ended or int(any(row.verdict == "MISSED" for row in run.rows))


if __name__ == "__main__":
    sys.exit(main())
