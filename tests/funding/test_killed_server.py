"""A server that is killed while eight programs record through it: what it acknowledged is there, once."""

import http.client
import json
import random
import threading
import time
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import select

from improvement.access import commands as access
from improvement.access.rules import SERVICE, Held, Role
from improvement.database import Database
from improvement.funding import commands
from improvement.funding.entering.moves import Allocation, Commitment
from improvement.funding.tables.moves import PaymentMade
from tests.funding.conftest import AT, doing
from tests.journeys.served import Served

PROGRAMS = 8
KILLS = 3
WHO = "programs@example.org"


class Program(threading.Thread):
    """Records a penny after another, and says the same again until it hears that it was kept."""

    def __init__(self, server: Served, token: str, name: str) -> None:
        super().__init__(name=name)
        self.server, self.token, self.ends = server, token, threading.Event()
        self.kept: dict[str, str] = {}
        self.asked, self.odd = 0, list[str]()

    def run(self) -> None:
        while not self.ends.is_set():
            key = f"{self.name}-{len(self.kept)}"
            while (answer := self.asks(key)) is None:
                time.sleep(0.02)
            self.kept[key] = answer

    def asks(self, key: str) -> str | None:
        """The id of the payment, or none when nobody answered."""
        self.asked += 1
        wanted = {"line": "london", "amount_pence": 1, "paid_on": "2011-09-01", "reference": key}
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json", "Idempotency-Key": key}
        line = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=20)
        try:
            line.request("POST", "/api/v1/funding/payments", json.dumps(wanted), headers)
            answer = line.getresponse()
            told: dict[str, Any] = json.loads(answer.read())
        except (OSError, http.client.HTTPException, ValueError):
            return None
        finally:
            line.close()
        if answer.status != 201:
            self.odd.append(f"{answer.status} {told}")
            return None if answer.status == 503 else "refused"
        return str(told["id"])


def wait_for(programs: list[Program], many: int) -> None:
    """Until so many are acknowledged, however quick the machine is."""
    until = time.monotonic() + 120
    while sum(len(program.kept) for program in programs) < many and time.monotonic() < until:
        time.sleep(0.01)


def test_what_a_killed_server_acknowledged_is_there_exactly_once(agreed: Database, tmp_path: Path) -> None:
    do = doing(agreed)
    do(commands.allocate, Allocation(line="london", amount_pence=50_000_00))
    do(commands.commit, Commitment(line="london", amount_pence=50_000_00, recipient="x", purpose="y"))
    with agreed.writing() as session:
        access.add_person(session, WHO, "Programs", Held(Role.SECRETARIAT), by=SERVICE, at=AT)
    url = agreed.engine.url.render_as_string(hide_password=False).replace("+psycopg", "")
    server = Served(tmp_path, IMPROVEMENT_DATABASE_URL=url)
    token = server.command("token", WHO, "--days", "1").strip()
    server.start()
    programs = [Program(server, token, f"p{number}") for number in range(PROGRAMS)]
    for program in programs:
        program.start()
    chance = random.Random(7)
    for kill in range(KILLS):
        wait_for(programs, PROGRAMS * (kill + 1))
        time.sleep(chance.uniform(0, 0.3))
        server.process.kill()
        server.process.wait()
        server.start()
    wait_for(programs, PROGRAMS * (KILLS + 1))
    for program in programs:
        program.ends.set()
    for program in programs:
        program.join(timeout=30)
        assert not program.is_alive()
    server.stop()

    acknowledged = {key: id_ for program in programs for key, id_ in program.kept.items()}
    assert [odd for program in programs for odd in program.odd] == []
    assert sum(program.asked for program in programs) > len(acknowledged) >= PROGRAMS * (KILLS + 1)
    with agreed.reading() as session:
        rows = session.execute(select(PaymentMade.reference, PaymentMade.id, PaymentMade.effective_on)).all()
    assert Counter(row.reference for row in rows) == Counter(list(acknowledged))
    assert {row.reference: str(row.id) for row in rows} == acknowledged
    assert {row.effective_on for row in rows} == {date(2011, 9, 1)}
    server.command("check")
