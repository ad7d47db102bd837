"""A process that records money, killed in the middle of it: what it said it kept is there, nothing by halves."""

import random
import signal
import subprocess
import sys
import time
from datetime import date

import pytest

from improvement.database import Database
from improvement.dates import AsAt
from improvement.funding import commands, queries
from improvement.funding.entering.moves import Allocation
from tests.funding.conftest import AT, SECRETARIAT, doing

TOGETHER = ("london", "eastern", "south-east")
RECORDER = "import sys; from tests.funding.test_killed import record_for_ever; record_for_ever(sys.argv[1])"


def record_for_ever(url: str) -> None:
    """A penny to each of three lines in one transaction, over and over; each is told on a line once it is kept."""
    database = Database(url)
    while True:
        with database.writing() as session:
            for line in TOGETHER:
                commands.allocate(session, Allocation(line=line, amount_pence=1), by=SECRETARIAT, at=AT)
        sys.stdout.write("kept\n")
        sys.stdout.flush()


@pytest.mark.parametrize("seed", range(3))
def test_what_was_kept_before_a_kill_is_there_and_nothing_is_by_halves(agreed: Database, seed: int) -> None:
    url = agreed.engine.url.render_as_string(hide_password=False)
    with subprocess.Popen([sys.executable, "-c", RECORDER, url], stdout=subprocess.PIPE, text=True) as recorder:
        assert recorder.stdout
        told = [recorder.stdout.readline() for _ in range(3)]
        time.sleep(random.Random(seed).uniform(0, 0.05))
        recorder.send_signal(signal.SIGKILL)
        told += recorder.stdout.readlines()
    kept = told.count("kept\n")
    assert kept >= 3
    allocated = [_allocated(agreed, line) for line in TOGETHER]
    assert allocated in ([kept] * 3, [kept + 1] * 3), "the last may be kept and not told"
    with agreed.reading() as session:
        assert queries.wrong(session) == []
    doing(agreed)(commands.allocate, Allocation(line="london", amount_pence=1))
    assert _allocated(agreed, "london") == allocated[0] + 1


def _allocated(database: Database, line: str) -> int:
    with database.reading() as session:
        rows = queries.lines(session, AsAt(date(2011, 9, 1)))
    return next(row.allocated_pence for row in rows if row.line == line)
