"""One run of the bench: everything that was asked for, at both sizes, in a temporary folder."""

import argparse
import contextlib
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec

from benches import lasting, million, planning, returning, scenarios
from benches.enlarging import enlarge
from benches.limits import Limit, Plan
from benches.measuring import Load, in_turns
from benches.processes import CannotBench, Driver, Server, free_port, said, surroundings, tracker
from benches.scenarios import Recording, Scenario, of_accounts
from benches.telling import Row
from benches.visiting import Visitor

FIRST_PORT = 8110
CLIENTS = (1, 8)
YEARS = "ten years"
SHARES = {"": 0.5, "minimal": 0.3, "bare": 0.2}
"""How a scenario's time is shared between the tracker and its limits."""
MOST_READ, MOST_RECORDED = 20_000, 400
"""The most requests of one stretch. Facts that are recorded make the records grow, and so what is measured."""


def note(text: str) -> None:
    """Say how far the run is, apart from what it prints at the end."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


class Run:
    """One run."""

    def __init__(self, folder: Path, wanted: argparse.Namespace) -> None:
        self.folder, self.wanted, self.rows = folder, wanted, list[Row]()
        self.seconds, self.turns = (2.0, 3) if wanted.quick else (6.0, 5)
        self.driver = Driver()

    def wants(self, name: str) -> bool:
        return not self.wanted.only or name in self.wanted.only

    def all(self) -> None:
        """Everything that was asked for, into `rows`. A million entries only when they are named: they take long."""
        named = self.wanted.only or []
        if named != ["million"]:
            for size, place in self._load().items():
                self.at(size, place)
        if self.wants("memory"):
            note("Two workers on PostgreSQL ...")
            self.rows.append(self.memory())
        if "million" in named:
            for row in million.measure(self.folder, self.wanted.keep, note):
                self.rows.append(row)

    def _load(self) -> dict[str, Path]:
        first, more = self.folder / "demonstration", self.folder / "ten-times"
        note("Loading the demonstration year ...")
        first.mkdir()
        said(first, "migrate")
        said(first, "demo")
        places = {"demonstration": first}
        if self.wanted.size in (None, "years"):
            note("Making it ten years of monthly facts ...")
            places[YEARS] = self.folder / "ten-years"
            shutil.copytree(first, places[YEARS])
            lasting.lengthen(places[YEARS])
            said(places[YEARS], "check")
        if self.wanted.size in (None, "10"):
            note("Making it ten times its size ...")
            shutil.copytree(first, more)
            enlarge(more)
            said(more, "check")
            places["ten times"] = more
        if self.wanted.size in ("10", "years"):
            del places["demonstration"]
        return places

    def at(self, size: str, place: Path) -> None:
        """Everything at one size."""
        whole = size != YEARS
        if whole and self.wants("generation"):
            note(f"{size}: the Board report ...")
            self.rows += self.generation(size, place)
        reading = [one for one in scenarios.READING if self.wants(one.name) and (whole or of_accounts(one))]
        recording = [one for one in scenarios.RECORDING if self.wants(one.name) and (whole or one.then)]
        if not (reading or recording or self.wants("return") or self.wants("start")):
            return
        with tracker(place, free_port(FIRST_PORT)) as server:
            visitor = Visitor(server, place)
            with self.limits(place, visitor, reading, recording) as (limits, plan):
                for scenario in reading:
                    note(f"{size}: {scenario.title} ...")
                    self.read(size, scenario, server, visitor, limits if scenario.name in plan else None)
                for one in recording:
                    note(f"{size}: {one.title} ...")
                    self.record(size, one, server, visitor, limits if one.name in plan else None)
            if self.wants("return"):
                note(f"{size}: the return ...")
                self.rows += returning.of_return(size, server, visitor)
        if whole and self.wants("start"):
            note(f"{size}: start ...")
            self.rows.append(self.start(size, place))

    @contextlib.contextmanager
    def limits(
        self, place: Path, visitor: Visitor, reading: list[Scenario], recording: list[Recording]
    ) -> Iterator[tuple[Server, dict[str, Limit]]]:
        """The limits' server, with records of its own."""
        copy = planning.copied(place)
        plan = planning.limits_of(copy, visitor, reading, recording)
        port, file = free_port(visitor.port + 1), place / "limits.json"
        file.write_bytes(msgspec.json.encode(Plan(port, str(copy), plan)))
        command = [sys.executable, "-m", "benches.limits", str(file)]
        server = Server(command, port, surroundings(place), place / "limits.log")
        try:
            yield server, plan
        finally:
            server.stop()

    def read(self, size: str, scenario: Scenario, server: Server, visitor: Visitor, limits: Server | None) -> None:
        """One page or list, over and over."""
        answer = visitor.get(scenario.path)
        if answer.status != 200:
            self.rows.append(Row(size, scenario.name, scenario.title, note=f"not there ({answer.status})"))
            return
        held = {"If-None-Match": answer.headers["etag"]} if scenario.unchanged else {}
        mine = [visitor.request("GET", scenario.path, more={**scenario.headers, **held})]
        self.compare(size, scenario, (server, mine), limits, [None], MOST_READ)

    def record(self, size: str, one: Recording, server: Server, visitor: Visitor, limits: Server | None) -> None:
        """One kind of fact, over and over."""
        bodies = one.bodies(visitor)
        if not bodies:
            self.rows.append(Row(size, one.name, one.title, note="not there"))
            return
        mine = []
        for path, body in bodies:
            mine.append(visitor.request("POST", path, json.dumps(body).encode()))
            mine += [visitor.request("GET", one.then)] if one.then else []
        theirs = [json.dumps(body).encode() for _, body in bodies]
        self.compare(size, one, (server, mine), limits, theirs, MOST_RECORDED)

    def compare(
        self,
        size: str,
        one: Scenario | Recording,
        mine: tuple[Server, list[bytes]],
        limits: Server | None,
        bodies: list[bytes] | list[None],
        most: int,
    ) -> None:
        """The tracker and its limits in turns, with one client and with eight."""
        each = 2 if isinstance(one, Recording) and one.then else 1
        for clients in CLIENTS:
            sides = {"": (mine[0], Load(mine[1], clients, most), self.seconds * SHARES[""])}
            if limits is not None:
                for kind in ("minimal", "bare"):
                    sent = [_plainly(limits.port, f"/{kind}/{one.name}", body) for body in bodies]
                    sides[kind] = (limits, Load(sent, clients, most), self.seconds * SHARES[kind])
            told = in_turns(self.driver, sides, self.turns)
            answered = set(told[""].statuses)
            told[""] = msgspec.structs.replace(
                told[""], cpu_ms=told[""].cpu_ms * each, mean_cpu_ms=told[""].mean_cpu_ms * each
            )
            self.rows.append(
                Row(
                    size, one.name, one.title, clients, told[""], told.get("minimal"), told.get("bare"),
                    must=one.must, aim=one.aim,
                    note="" if answered <= {"200", "201", "304"} else f"answered {', '.join(sorted(answered))}",
                )
            )  # fmt: skip

    def start(self, size: str, place: Path) -> Row:
        """From starting the process to its first page, the middle of three."""
        took = []
        for _ in range(3):
            with tracker(place, free_port(FIRST_PORT)) as server:
                took.append((server.first_answer, server.cpu()))
        seconds, cpu = sorted(took)[1]
        title = "start to the first page"
        return Row(size, "start", title, value=seconds, unit="s", must=2.5, note=f"{cpu:.2f} s of it CPU")

    def generation(self, size: str, place: Path) -> list[Row]:
        """The Board report's content and PDF, in a process of its own."""
        command = [sys.executable, "-m", "benches.reporting", str(place)]
        done = subprocess.run(command, env=surroundings(place), capture_output=True, text=True, check=False)
        if done.returncode:
            raise CannotBench(f"The Board report cannot be made:\n{done.stderr[-1500:]}")
        told, rows = json.loads(done.stdout), []
        for name, title, must in (("content", "Board report content", 200), ("pdf", "Board report PDF", 1000)):
            took = told[name]
            first = f"the first time {took['first_cpu_ms']:.0f} ms CPU, {took['first_ms']:.0f} ms in all"
            rows.append(Row(size, "generation", title, value=took["cpu_ms"], must=must, note=first))
        return rows

    def memory(self) -> Row:
        """Two workers on PostgreSQL, after each page was opened by eight clients."""
        title, place = "two workers on PostgreSQL", self.folder / "postgresql"
        try:
            from tests.postgres import Cluster, programs

            programs()
        except (ImportError, RuntimeError) as missing:
            return Row("demonstration", "memory", title, note=str(missing))
        place.mkdir()
        cluster = Cluster()
        try:
            where = {"IMPROVEMENT_DATABASE_URL": cluster.create("bench").replace("+psycopg", "")}
            said(place, "migrate", **where)
            said(place, "demo", **where)
            with tracker(place, free_port(FIRST_PORT), "--workers", "2", **where) as server:
                visitor = Visitor(server, place, **where)
                pages = [visitor.request("GET", one.path) for one in scenarios.READING]
                self.driver.drive(server.port, pages, 8, self.seconds, MOST_READ)
                shared, resident = (size / 2**20 for size in server.memory())
        finally:
            cluster.stop()
        counted = f"{resident:.0f} MB when shared pages are counted for each process"
        return Row("demonstration", "memory", title, value=shared, unit="MB", must=260, note=counted)

    def close(self) -> None:
        self.driver.close()


def _plainly(port: int, path: str, body: bytes | None) -> bytes:
    head = f"{'GET' if body is None else 'POST'} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
    length = "" if body is None else f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    return f"{head}{length}\r\n".encode() + (body or b"")
