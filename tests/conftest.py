"""What every test has: both databases, fresh and quick, and no network beyond this machine."""

import ipaddress
import itertools
import os
import shutil
import socket
from collections.abc import Callable, Iterator
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis.database import DirectoryBasedExampleDatabase
from sqlalchemy import create_engine
from sqlalchemy.util import LRUCache

from improvement import serving, upkeep
from improvement.app import create_app
from improvement.database import Database
from improvement.settings import Settings
from improvement.web.shield import Shield
from tests.postgres import Cluster, Fleeting
from tests.visiting import Tracker

LONG = os.environ.get("TESTS") == "all"
"""Whether this is the long form, `ops/test --all`: more examples, every width."""

ROOT = Path(__file__).parents[1]

# The short form tries the same examples each time, so that it says of a change what it says of it anywhere; the long
# form looks for others, and keeps what it finds.
examples = DirectoryBasedExampleDatabase(ROOT / ".cache" / "hypothesis")
settings.register_profile("short", deadline=None, max_examples=40, print_blob=True, derandomize=True)
settings.register_profile("long", deadline=None, max_examples=1_000, print_blob=True, database=examples)
settings.load_profile("long" if LONG else "short")

DATABASES = ("sqlite", "postgresql")


LONGEST = (
    "journeys/test_every_page.py",
    "funding/test_every_command.py",
    "house/test_pages.py",
    "journeys/",
    "demonstration/",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest is begun first, so that no worker is left with it when the others have nothing more to do."""
    items.sort(key=lambda item: next((at for at, name in enumerate(LONGEST) if name in item.nodeid), len(LONGEST)))


class Outside(Exception):
    """A test tried to reach a machine that is not this one."""


def _stays_here(address: Any) -> bool:
    if not isinstance(address, tuple):  # a socket in a folder
        return True
    try:
        return ipaddress.ip_address(address[0]).is_loopback
    except ValueError:
        return str(address[0]) == "localhost"


class Compiled(LRUCache[Any, Any]):
    """Statements compiled for one database, and used for every other of its kind: a test's own are new each time."""

    def __init__(self) -> None:
        super().__init__(3_000)

    def get(self, key: Any, default: Any = None) -> Any:
        return super().get((key[0].name, *key[1:]), default)

    def __setitem__(self, key: Any, compiled: Any) -> None:
        super().__setitem__((key[0].name, *key[1:]), compiled)


@pytest.fixture(scope="session", autouse=True)
def compiled_once() -> Iterator[None]:
    """What a statement is in SQL is worked out once a run, as a tracker does, and not once for each test's database."""
    patch = pytest.MonkeyPatch()
    alike = partial(create_engine, execution_options={"compiled_cache": Compiled()})
    patch.setattr("improvement.engines.create_engine", alike)
    yield
    patch.undo()


@pytest.fixture(scope="session", autouse=True)
def no_network() -> Iterator[None]:
    """Nothing outside this machine is reached, nor looked up."""
    patch = pytest.MonkeyPatch()

    def guarded(name: str) -> Callable[..., Any]:
        real = getattr(socket.socket, name)

        def only_here(self: socket.socket, address: Any, *rest: Any) -> Any:
            if not _stays_here(address):
                raise Outside(f"{name} to {address}")
            return real(self, address, *rest)

        return only_here

    for name in ("connect", "connect_ex", "sendto"):
        patch.setattr(socket.socket, name, guarded(name))
    yield
    patch.undo()


class Templates:
    """Databases prepared once in a run, of which each test gets its own copy."""

    def __init__(self) -> None:
        self._here = Fleeting("improvement-sqlite-")
        self.folder = self._here.folder
        self._made, self._numbers = set[tuple[str, str]](), itertools.count()

    @cached_property
    def cluster(self) -> Cluster:
        return Cluster()

    def fresh(self, where: str, prepared: str) -> tuple[str, Callable[[], None]]:
        """The address of a copy of a template, and how to throw it away.

        The templates are `bare`, `migrated`, `seeded`, `started` and `demonstrated`.
        """
        self._prepare(where, prepared)
        name = f"test_{next(self._numbers)}"
        return self._copy(where, name, prepared), lambda: self._remove(where, name)

    def _copy(self, where: str, name: str, like: str) -> str:
        if where == "postgresql":
            return self.cluster.create(name, like="template0" if like == "bare" else like)
        path = self.folder / f"{name}.db"
        if like != "bare":
            shutil.copyfile(self.folder / f"{like}.db", path)
        return f"sqlite:///{path}"

    def _remove(self, where: str, name: str) -> None:
        if where == "postgresql":
            self.cluster.drop(name)
        else:
            for left in self.folder.glob(f"{name}.db*"):
                left.unlink()

    def _prepare(self, where: str, prepared: str) -> None:
        """See that a template is there: a bare database is migrated, and that is what the others begin with."""
        if prepared == "bare" or (where, prepared) in self._made:
            return
        before = "bare" if prepared == "migrated" else "migrated"
        self._prepare(where, before)
        # What an earlier try left half done would hide why it failed.
        self._remove(where, prepared)
        database = Database(self._copy(where, prepared, before))
        try:
            if prepared == "migrated":
                upkeep.migrate(database)
            elif prepared == "demonstrated":
                serving.load_demonstration(database)
            else:
                serving.seed(database, known_accounts=prepared == "started")
        finally:
            database.close()
        self._made.add((where, prepared))

    def close(self) -> None:
        if "cluster" in self.__dict__:
            self.cluster.stop()
        self._here.close()


@pytest.fixture(scope="session")
def templates() -> Iterator[Templates]:
    """The prepared databases of this run, on both kinds of database."""
    made = Templates()
    yield made
    made.close()


def _opened(templates: Templates, where: str, prepared: str) -> Iterator[Database]:
    url, throw_away = templates.fresh(where, prepared)
    database = Database(url)
    yield database
    database.close()
    throw_away()


@pytest.fixture(params=DATABASES)
def bare(request: pytest.FixtureRequest, templates: Templates) -> Iterator[Database]:
    """An empty database that has never been migrated."""
    yield from _opened(templates, request.param, "bare")


@pytest.fixture(params=DATABASES)
def database(request: pytest.FixtureRequest, templates: Templates) -> Iterator[Database]:
    """A migrated database that holds no fact."""
    yield from _opened(templates, request.param, "migrated")


@pytest.fixture(params=DATABASES)
def seeded(request: pytest.FixtureRequest, templates: Templates) -> Iterator[Database]:
    """A migrated database with the reference facts (regions, councils, the programme year) and no others."""
    yield from _opened(templates, request.param, "seeded")


@pytest.fixture(params=DATABASES)
def started(request: pytest.FixtureRequest, templates: Templates) -> Iterator[Database]:
    """A database as it is on the first day: seeded, the MoU in negotiation, what is publicly known of 2011/12."""
    yield from _opened(templates, request.param, "started")


@pytest.fixture(scope="session")
def application(tmp_path_factory: pytest.TempPathFactory, templates: Templates) -> Shield:
    """The application, built once; `tracker` gives it a database."""
    upkeep.all_tables()
    told = Settings.read({"IMPROVEMENT_DATA": str(tmp_path_factory.mktemp("settings"))})
    return create_app(told, Database(templates.fresh("sqlite", "bare")[0]))


@pytest.fixture
def tracker(application: Shield, seeded: Database) -> Iterator[Tracker]:
    """The whole application on its first day: `tracker.signed_in("secretariat").get("/funding")`."""
    made = Tracker(application, seeded)
    yield made
    made.close()
