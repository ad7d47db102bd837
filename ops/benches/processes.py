"""The processes of a run: real servers on loopback, the client, what each has cost, and none left at the end."""

import contextlib
import ctypes
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
IMPROVEMENT = str(Path(sys.executable).with_name("improvement"))
TICK = os.sysconf("SC_CLK_TCK")
STARTS_WITHIN = 60


class CannotBench(Exception):
    """The bench cannot go on; the message says why."""


def free_port(first: int) -> int:
    """The first port from this one on that nobody listens on."""
    for port in range(first, first + 100):
        with contextlib.closing(socket.socket()) as tried:
            if tried.connect_ex(("127.0.0.1", port)) != 0:
                return port
    raise CannotBench(f"No port is free from {first} on.")


def said(folder: Path, *words: str, **more: str) -> str:
    """What an `improvement` command prints."""
    done = subprocess.run(
        [IMPROVEMENT, *words], env=surroundings(folder, **more), capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise CannotBench(f"improvement {' '.join(words)} failed:\n{(done.stderr or done.stdout)[-2000:]}")
    return done.stdout.strip()


def surroundings(folder: Path, **more: str) -> dict[str, str]:
    """Nothing of this machine's own settings but what finds programs."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "PYTHONPATH", "TMPDIR") if name in os.environ}
    return {**kept, "IMPROVEMENT_DATA": str(folder), **more}


def ends_with_us() -> None:
    """Said by a new process of itself: to be told to stop when the bench ends, however it ends."""
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)


class Server:
    """A process that listens, and those it started."""

    def __init__(self, command: list[str], port: int, environ: Mapping[str, str], log: Path, asks: str = "/") -> None:
        self.port, self.log = port, log
        self.began = time.perf_counter()
        with log.open("wb") as kept:
            self.process = subprocess.Popen(
                command,
                env=dict(environ),
                stdin=subprocess.DEVNULL,
                stdout=kept,
                stderr=kept,
                start_new_session=True,
                preexec_fn=ends_with_us,
            )
        self.first_answer = self._wait(asks)

    def _wait(self, asks: str) -> float:
        """Seconds from the start to the first good answer."""
        while time.perf_counter() - self.began < STARTS_WITHIN and self.process.poll() is None:
            with contextlib.suppress(OSError, HTTPException):
                connection = HTTPConnection("127.0.0.1", self.port, timeout=STARTS_WITHIN)
                connection.request("GET", asks)
                status = connection.getresponse().status
                connection.close()
                if status < 400:
                    return time.perf_counter() - self.began
                break
            time.sleep(0.01)
        self.stop()
        raise CannotBench(f"A server did not start:\n{self.log.read_text(errors='replace')[-2000:]}")

    def cpu(self) -> float:
        """User and system time so far, in seconds, of this process and every one it started."""
        return seconds_of(self.process.pid)

    def memory(self) -> tuple[int, int]:
        """Bytes in memory: the share of each page that is this family's, and resident as each process counts it."""
        told = [_memory(pid) for pid in family(self.process.pid)]
        return sum(own for own, _ in told), sum(resident for _, resident in told)

    def peak(self) -> int:
        """The most bytes it ever had in memory, of this process and those of its own that still run."""
        return sum(_most(pid) for pid in family(self.process.pid))

    def state(self) -> str:
        """Whether it still runs, and what it said last."""
        ended = self.process.poll()
        how = "It still runs." if ended is None else f"It ended with {ended}."
        return f"{how} {self.log.read_text(errors='replace')[-1000:]}".strip()

    def stop(self) -> None:
        """Ask it to stop, and make it."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()


def family(pid: int) -> list[int]:
    """A process and all that came of it, as the system lists them."""
    found = [pid]
    for one in found:
        with contextlib.suppress(OSError):
            for task in Path(f"/proc/{one}/task").iterdir():
                found += [int(child) for child in (task / "children").read_text().split()]
    return found


def seconds_of(pid: int) -> float:
    """User and system time so far of a process and every one it started, in seconds."""
    return sum(_times(each) for each in family(pid))


def _times(pid: int) -> float:
    """With the children that ended, which their parent has added to its own account."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(int(fields[at]) for at in (11, 12, 13, 14)) / TICK


def _memory(pid: int) -> tuple[int, int]:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0, 0
    told = {line.split(":")[0]: int(line.split()[1]) * 1024 for line in lines[1:] if line.endswith("kB")}
    return told.get("Pss", 0), told.get("Rss", 0)


def _most(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:"))


@contextlib.contextmanager
def tracker(folder: Path, port: int, *more: str, **environ: str) -> Iterator[Server]:
    """The tracker itself, as `improvement serve` runs it."""
    settings = surroundings(folder, IMPROVEMENT_PORT=str(port), **environ)
    server = Server([IMPROVEMENT, "serve", *more], port, settings, folder / f"serve-{port}.log")
    try:
        yield server
    finally:
        server.stop()


class Driver:
    """The client's process."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", "benches.driving"]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
        )

    def drive(self, port: int, requests: list[bytes], clients: int, seconds: float, most: int) -> dict[str, Any]:
        """See `driving.drive`."""
        told = [request.decode("latin-1") for request in requests]
        job = {"port": port, "requests": told, "clients": clients, "seconds": seconds, "most": most}
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(job) + "\n")
        self._process.stdin.flush()
        done: dict[str, Any] = json.loads(self._process.stdout.readline() or '{"problem": "the client ended"}')
        if "problem" in done:
            raise CannotBench(f"Port {port}: {done['problem']}")
        return done

    def close(self) -> None:
        self._process.communicate(timeout=10)
