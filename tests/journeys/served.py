"""A tracker as an operator starts it: the real command, in a process and a folder of its own."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

COMMAND = Path(sys.executable).with_name("improvement")
PATIENCE = 60
"""How many seconds a server may take to be ready."""


def free_port() -> int:
    """A loopback port nobody listens on."""
    with socket.socket() as asking:
        asking.bind(("127.0.0.1", 0))
        port: int = asking.getsockname()[1]
        return port


class Served:
    """One tracker with its settings, its command and, once started, its web process."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.folder, self.port = folder, free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        given = {"IMPROVEMENT_DATA": str(folder / "var"), "IMPROVEMENT_PORT": str(self.port), **settings}
        self.surroundings = {"PATH": os.environ["PATH"], "HOME": str(folder), "LANG": "C.UTF-8", **given}
        self.log = folder / "log"

    def command(self, *words: str) -> str:
        """What `improvement …` prints. Fails with what it complained of."""
        done = subprocess.run(
            [COMMAND, *words], env=self.surroundings, cwd=self.folder, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"improvement {' '.join(words)}: {done.returncode}\n{done.stdout}{done.stderr}"
        return done.stdout

    def prepare(self, *, demonstration: bool = False) -> "Served":
        """Migrate and seed, and load the made-up year when asked."""
        self.command("migrate")
        self.command("demo" if demonstration else "seed")
        return self

    def start(self, *words: str) -> "Served":
        """Serve, and come back when it is ready."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [COMMAND, *(words or ("serve",))], env=self.surroundings, cwd=self.folder, stdout=log, stderr=log
            )
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until and self.process.poll() is None:
            try:
                with urllib.request.urlopen(f"{self.url}/ready", timeout=5):
                    return self
            except (urllib.error.URLError, ConnectionError):
                time.sleep(0.05)
        self.process.kill()
        raise AssertionError(f"The server was not ready in {PATIENCE} seconds.\n{self.log.read_text()}")

    def stop(self) -> None:
        """Stop as an operator does. Fails when the server did not stop, or had a fault while it ran."""
        self.process.terminate()
        self.process.wait(timeout=PATIENCE)
        said = self.log.read_text()
        for sign in ("fault ", "Traceback"):
            assert sign not in said, said
