"""Databases full of entries: made for one run, or kept in a folder, so that later runs begin with a copy of them."""

import contextlib
import shutil
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import create_engine, text

from benches import filling
from benches.processes import said, seconds_of

SPAN = "span"
"""The file that says a database is whole: when the first and the last of its entries were recorded."""


class Filled(msgspec.Struct, frozen=True):
    """A database full of entries, its folder, and when the first and the last of them were recorded."""

    place: Path
    url: str
    began: datetime
    ended: datetime

    @property
    def environ(self) -> dict[str, str]:
        return environ_of(self.url)


class Places(msgspec.Struct, frozen=True):
    """One kind of database: what makes one with so many entries, and what its own server has taken, in seconds."""

    make: Callable[[int], Filled]
    cpu: Callable[[], float] = lambda: 0.0


def environ_of(url: str) -> dict[str, str]:
    """What tells the tracker where its database is."""
    return {"IMPROVEMENT_DATABASE_URL": url.replace("+psycopg", "")}


@contextlib.contextmanager
def files(folder: Path, kept: Path | None) -> Iterator[Places]:
    """SQLite."""

    def make(entries: int) -> Filled:
        place = (kept or folder) / f"sqlite-{entries}"
        if not (place / SPAN).exists():
            _fill(place, _file(place), entries)
        if kept is not None:
            place = Path(shutil.copytree(place, folder / place.name))
        return _filled(place, _file(place))

    yield Places(make)


def _file(place: Path) -> str:
    return f"sqlite:///{place / 'improvement.db'}"


@contextlib.contextmanager
def cluster(folder: Path, kept: Path | None) -> Iterator[Places | str]:
    """A durable PostgreSQL of its own, or why there is none."""
    try:
        from tests.postgres import Cluster, programs

        programs()
    except (ImportError, RuntimeError) as missing:
        yield str(missing)
        return
    server = Cluster(durable=True, kept=kept / "postgresql" if kept is not None else None)
    copied = set[str]()
    try:
        yield Places(lambda entries: _in_cluster(server, folder, kept, entries, copied), lambda: seconds_of(server.pid))
    finally:
        for name in copied:
            server.drop(name)
        server.stop()


def _in_cluster(server: Any, folder: Path, kept: Path | None, entries: int, copied: set[str]) -> Filled:
    place, name = (kept or folder) / f"postgresql-{entries}", f"filled{entries}"
    if not (place / SPAN).exists():
        server.drop(name)
        _fill(place, server.create(name), entries)
    if kept is None:
        return _filled(place, server.url(name))
    copy = f"bench{entries}"
    server.drop(copy)
    copied.add(copy)
    url = server.create(copy, like=name)
    return _filled(Path(shutil.copytree(place, folder / place.name)), url)


def _fill(place: Path, url: str, entries: int) -> None:
    """One database made, and looked over as it would have been by the time it had grown so large."""
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    said(place, "migrate", **environ_of(url))
    said(place, "demo", **environ_of(url))
    began, ended = filling.fill(url, entries)
    said(place, "check", **environ_of(url))
    if url.startswith("postgresql"):
        engine = create_engine(url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text("VACUUM ANALYZE"))
        engine.dispose()
    (place / SPAN).write_text(f"{began.isoformat()} {ended.isoformat()}")


def _filled(place: Path, url: str) -> Filled:
    """A filled database, brought to this release."""
    said(place, "migrate", **environ_of(url))
    began, ended = map(datetime.fromisoformat, (place / SPAN).read_text().split())
    return Filled(place, url, began, ended)
