"""The money of a million entries, ten thousand times today's, beside that of a thousand: pages, exports, recording."""

import contextlib
import json
import time
from collections.abc import Callable, Iterator
from datetime import date
from http.client import HTTPConnection
from pathlib import Path
from statistics import median

import msgspec

from benches import filling
from benches.processes import CannotBench, Server, family, free_port, said, tracker
from benches.telling import Row
from benches.visiting import Visitor
from improvement.dates import london_day, now

SIZES = {"1,000 entries": 1_000, "1,000,000 entries": 1_000_000}
FIRST_PORT = 8107
MUST = 100
"""What half the answers must come within, in milliseconds."""
OFTEN, AFTER_FACTS = 60, 15
"""How often each page is asked for, and how often right after a fact was recorded."""
PAGES = {
    "money by line": "/funding?",
    "the ledger": "/funding/ledger?",
    "payments of one line": "/funding/ledger?kind=payment&line=london&",
    "virements of one line": "/funding/ledger?kind=virement&line=london&",
    "a line's statement": "/funding/lines/london?",
    "how a figure was made": "/funding/working/funding_paid_net_pence?",
    "the API's entries": "/api/v1/funding/entries?line=london&limit=50&",
}
LATER = ("the ledger", "payments of one line", "a line's statement")
"""What is looked at page by page."""
EXPORTS = {f"ledger as {kind}": f"/funding/ledger.{kind.lower()}" for kind in ("CSV", "JSON", "XLSX")}


class Waits(msgspec.Struct, frozen=True):
    """How long one thing took each time, in milliseconds."""

    title: str
    took: list[float]
    must: float | None = MUST
    more: str = ""

    @property
    def p50(self) -> float:
        return median(self.took)

    @property
    def p99(self) -> float:
        return sorted(self.took)[min(len(self.took) - 1, len(self.took) * 99 // 100)]


class Asking:
    """Somebody who asks one thing after another over one connection."""

    def __init__(self, visitor: Visitor) -> None:
        self.visitor, self.line = visitor, HTTPConnection("127.0.0.1", visitor.port, timeout=300)

    def timed(self, path: str, body: object = None) -> float:
        """How long an answer takes, in milliseconds."""
        headers, sent = self.visitor.headers(path), None if body is None else json.dumps(body).encode()
        if sent is not None:
            headers |= {"Content-Type": "application/json"}
        began = time.perf_counter()
        self.line.request("GET" if body is None else "POST", path, sent, headers)
        answer = self.line.getresponse()
        told = answer.read()
        took = (time.perf_counter() - began) * 1000
        if answer.status not in (200, 201):
            raise CannotBench(f"{path} answered {answer.status}: {told[:300]!r}")
        return took

    def pays(self) -> float:
        """A payment of a penny."""
        paid = {"line": "london", "amount_pence": 1, "paid_on": str(london_day(now())), "reference": "BENCH"}
        return self.timed("/api/v1/funding/payments", paid)


def measure(folder: Path, note: Callable[[str], None]) -> Iterator[Row]:
    """Every page at both sizes, on SQLite and (where it is installed) PostgreSQL."""
    for kind, places in (("SQLite", _files(folder)), ("PostgreSQL", _cluster(folder))):
        with places as make:
            if isinstance(make, str):
                yield Row(kind, "million", "the money of a million entries", note=make)
                continue
            few: dict[str, Waits] = {}
            for size, entries in SIZES.items():
                note(f"{kind}: {size} ...")
                place, url = make(f"bench{entries}")
                environ = {"IMPROVEMENT_DATABASE_URL": url.replace("+psycopg", "")}
                told: dict[str, Waits] = {}
                for waits in _at(place, url, entries, environ):
                    told[waits.title] = waits
                    yield _row(f"{kind}, {size}", waits, few.get(waits.title))
                few = few or told


Make = Callable[[str], tuple[Path, str]]


@contextlib.contextmanager
def _files(folder: Path) -> Iterator[Make]:
    def make(name: str) -> tuple[Path, str]:
        place = folder / f"sqlite-{name}"
        place.mkdir()
        return place, f"sqlite:///{place / 'improvement.db'}"

    yield make


@contextlib.contextmanager
def _cluster(folder: Path) -> Iterator[Make | str]:
    """A durable cluster of its own, or why there is none."""
    try:
        from tests.postgres import Cluster, programs

        programs()
    except (ImportError, RuntimeError) as missing:
        yield str(missing)
        return
    cluster = Cluster(durable=True)

    def make(name: str) -> tuple[Path, str]:
        place = folder / f"postgresql-{name}"
        place.mkdir()
        return place, cluster.create(name)

    try:
        yield make
    finally:
        cluster.stop()


def _row(size: str, waits: Waits, few: Waits | None) -> Row:
    beside = f", {waits.p50 / few.p50:.1f} times that of a thousand" if few else ""
    more = f", {waits.more}" if waits.more else ""
    note = f"p99 {waits.p99:.0f}{beside}{more}"
    return Row(size, "million", waits.title, value=waits.p50, must=waits.must, note=note)


def _at(place: Path, url: str, entries: int, environ: dict[str, str]) -> Iterator[Waits]:
    """One database made and asked."""
    said(place, "migrate", **environ)
    said(place, "demo", **environ)
    began, ended = filling.fill(url, entries)
    said(place, "check", **environ)
    with tracker(place, free_port(FIRST_PORT), **environ) as server:
        asking = Asking(Visitor(server, place, **environ))
        yield Waits("first page after the start", [asking.timed("/funding")], None)
        yield from _pages(asking)
        days = [filling.day_between(began, ended, part / 20) for part in range(1, 20)]
        yield from _then(asking, days)
        yield Waits("record a payment", [asking.pays() for _ in range(OFTEN)])
        yield from _after_facts(asking, days[9])
        yield from _exports(asking, server)


def _pages(asking: Asking) -> Iterator[Waits]:
    """Each page as it is now, and the 10th and the 10,000th of those that go on."""
    for title, path in PAGES.items():
        yield Waits(title, [asking.timed(path) for _ in range(OFTEN)])
    newest = json.loads(asking.visitor.get("/api/v1/funding/entries?limit=1").body)["items"][0]["seq"]
    for page in (10, 10_000):
        after = max(newest - 50 * (page - 1), newest // 2)
        for title in LATER:
            path = f"{PAGES[title]}after={after}"
            yield Waits(f"{title}, page {page:,}", [asking.timed(path) for _ in range(OFTEN)])


def _then(asking: Asking, days: list[date]) -> Iterator[Waits]:
    """Each page on days past: over and over, and on days nobody has asked for yet."""
    for title, path in PAGES.items():
        for word in ("as-at", "on", "known-at"):
            first = [asking.timed(f"{path}{word}={day}") for day in days]
            again = [asking.timed(f"{path}{word}={day}") for _ in range(3) for day in days]
            yield Waits(f"{title}, {word} a day for the first time", first)
            yield Waits(f"{title}, {word} a day", again)


def _after_facts(asking: Asking, day: date) -> Iterator[Waits]:
    """Each page right after a fact was recorded, when nothing is remembered of the new state."""
    for title, path in PAGES.items():
        for more, words in (("", "after a fact"), (f"as-at={day}", "as at a day, after a fact")):
            took = []
            for _ in range(AFTER_FACTS):
                asking.pays()
                took.append(asking.timed(f"{path}{more}"))
            yield Waits(f"{title}, {words}", took)


def _exports(asking: Asking, server: Server) -> Iterator[Waits]:
    """What a download takes, and how much memory the server had at its most."""
    for title, path in EXPORTS.items():
        before = server.memory()[1]
        _peak(server, forget=True)
        took = asking.timed(path)
        more = f"the server {before / 2**20:.0f} MB before and {_peak(server) / 2**20:.0f} MB at its most"
        yield Waits(title, [took], None, more)


def _peak(server: Server, *, forget: bool = False) -> int:
    """The most bytes in memory the server's processes had, each, since that was forgotten."""
    most = 0
    for pid in family(server.process.pid):
        if forget:
            Path(f"/proc/{pid}/clear_refs").write_text("5")
        told = Path(f"/proc/{pid}/status").read_text().partition("VmHWM:")[2]
        most += int(told.split()[0]) * 1024
    return most
