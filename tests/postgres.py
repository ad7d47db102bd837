"""A PostgreSQL cluster for one run of the tests: up in a second, gone at the end, and gone too if the run is killed."""

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from functools import cached_property
from glob import glob
from pathlib import Path
from typing import Any

import psycopg

# Faster than durable: what these tests write is thrown away. A test of durability starts its own with `durable=True`.
CARELESS = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")

# The server ends when this shell's standard input closes, which happens however the tests end, `kill -9` included.
KEEPER = """trap "" INT HUP; "$@" >log 2>&1 & read -r _
if [ -n "$KEPT" ]; then kill -INT $!; wait $!; else kill -QUIT $!; wait $!; cd / && rm -rf "$PGDATA"; fi"""


def programs() -> Path:
    """Where `initdb` and `postgres` are: Debian's newest, or whatever the path finds."""
    debian = sorted(glob("/usr/lib/postgresql/*/bin"), key=lambda folder: int(folder.split("/")[4].split(".")[0]))
    on_path = shutil.which("initdb")
    for folder in (*reversed(debian), *([os.path.dirname(os.path.realpath(on_path))] if on_path else [])):
        if all(os.access(f"{folder}/{name}", os.X_OK) for name in ("initdb", "postgres")):
            return Path(folder)
    raise RuntimeError("These tests need PostgreSQL's server programs. On Debian: apt-get install postgresql")


def _in_memory() -> str | None:
    """A folder in memory, where a new database takes 40 ms and not 400, if this machine has one with room."""
    roomy = os.access("/dev/shm", os.W_OK) and shutil.disk_usage("/dev/shm").free > 2**30
    return "/dev/shm" if roomy else None


class Fleeting:
    """A folder for databases that are thrown away: in memory if there is room, and gone however the tests end."""

    def __init__(self, prefix: str) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix=prefix, dir=_in_memory()))
        sweep = ["/bin/sh", "-c", 'trap "" INT HUP; read -r _; rm -rf "$1"', "sweeper", str(self.folder)]
        self._sweeper = subprocess.Popen(sweep, stdin=subprocess.PIPE, start_new_session=True)

    def close(self) -> None:
        """Closing its input is what it waits for."""
        self._sweeper.communicate()


class Cluster:
    """A server on a socket in a folder of its own, run by somebody other than root, whom PostgreSQL refuses.

    In a folder that is `kept` it is as it was left, and stays.
    """

    def __init__(self, *, durable: bool = False, kept: Path | None = None) -> None:
        if kept is None:
            kept_in = None if durable else _in_memory()
            self.folder = Path(tempfile.mkdtemp(prefix="improvement-pg-", dir=kept_in))
        else:
            self.folder = kept.absolute()
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._itself = f"host={self.folder} user=tests dbname=postgres"
        self._as: dict[str, Any] = {}
        if os.geteuid() == 0:
            known = {entry.pw_name: entry for entry in pwd.getpwall()}
            user = known.get("postgres") or known["nobody"]
            os.chown(self.folder, user.pw_uid, user.pw_gid)
            self._as = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        surroundings = {"PGDATA": str(self.folder), "PATH": os.environ["PATH"], "LC_ALL": "C"}
        surroundings |= {"KEPT": "yes"} if kept else {}
        settings = ("listen_addresses=", f"unix_socket_directories={self.folder}", *(() if durable else CARELESS))
        make = [str(programs() / "initdb"), "--auth=trust", "--username=tests", "--encoding=UTF8", "--no-sync"]
        if not (self.folder / "PG_VERSION").exists():
            subprocess.run(make, env=surroundings, cwd=self.folder, check=True, capture_output=True, **self._as)
        serve = [programs() / "postgres", *(part for setting in settings for part in ("-c", setting))]
        self._keeper = subprocess.Popen(
            ["/bin/sh", "-c", KEEPER, "keeper", *serve],
            stdin=subprocess.PIPE, env=surroundings, cwd=self.folder, start_new_session=True, **self._as,
        )  # fmt: skip
        self._wait()

    @property
    def pid(self) -> int:
        """The process that every other of the server's came from."""
        return self._keeper.pid

    @cached_property
    def _copying(self) -> str:
        """By the file, which takes half as long as by the page; servers before 15 know no other way."""
        return "STRATEGY FILE_COPY" if self._line.info.server_version >= 150_000 else ""

    def url(self, name: str) -> str:
        """The address of one of its databases."""
        return f"postgresql+psycopg://tests@/{name}?host={self.folder}"

    def create(self, name: str, *, like: str = "template0") -> str:
        """A new database, a copy of another that nobody is connected to. Returns its address."""
        self._say(f'CREATE DATABASE "{name}" TEMPLATE "{like}" {self._copying}')
        return self.url(name)

    def drop(self, name: str) -> None:
        self._say(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def stop(self) -> None:
        """Closing its input is what ends it: see `KEEPER`."""
        self._line.close()
        self._keeper.communicate()

    @cached_property
    def _line(self) -> psycopg.Connection[Any]:
        return psycopg.connect(self._itself, autocommit=True)

    def _say(self, sentence: str) -> None:
        self._line.execute(sentence)

    def _wait(self) -> None:
        for _ in range(300):
            try:
                return self._say("SELECT 1")
            except psycopg.OperationalError:
                time.sleep(0.05)
        raise RuntimeError(f"PostgreSQL did not start: {(self.folder / 'log').read_text()}")
