"""The money of a million entries, ten thousand times today's, beside that of a thousand: pages, exports, recording."""

import json
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from http.client import HTTPConnection
from pathlib import Path
from random import Random
from statistics import median

import msgspec

from benches import filling, keeping
from benches.keeping import Filled, Places
from benches.processes import CannotBench, Server, family, free_port, tracker
from benches.telling import Row
from benches.visiting import Visitor
from improvement.dates import london_day, now

SIZES = {"1,000 entries": 1_000, "1,000,000 entries": 1_000_000}
FIRST_PORT = 8107
MUST = 100
"""What half the answers must come within, in milliseconds."""
START = 1000
"""What the first page after the start must come within, in milliseconds."""
OFTEN, AFTER_FACTS = 20, 10
"""How often each page is asked for, and how often right after a fact was recorded."""
DAYS = 19
"""On how many days past."""
PAGES = {
    "money by line": "/funding?",
    "the ledger": "/funding/ledger?",
    "payments of one line": "/funding/ledger?kind=payment&line=london&",
    "virements of one line": "/funding/ledger?kind=virement&line=london&",
    "a line's statement": "/funding/lines/london?",
    "how a figure was made": "/funding/working/funding_paid_net_pence?",
    "the API's entries": "/api/v1/funding/entries?line=london&limit=50&",
}
OTHERS = {
    "the first page": "/?",
    "claims": "/funding/claims?",
    "payment runs": "/funding/runs?",
    "bank statements": "/funding/statements?",
    "cash by day": "/funding/cash?",
    "forecasts": "/funding/forecasts?",
    "one line's forecast": "/funding/forecasts/london?",
    "posts": "/funding/posts?",
    "splits": "/funding/splits?",
    "the MoU": "/funding/mou?",
    "the year's end": "/funding/year-end?",
    "what was taken back": "/funding/ledger/taken-back?",
    "one region": "/regions/london?",
}
"""Pages that add the entries up, or choose among them, and do not list them."""
LATER = ("the ledger", "payments of one line", "a line's statement")
"""What is looked at page by page."""
EXPORTS = {f"ledger as {kind}": f"/funding/ledger.{kind.lower()}" for kind in ("CSV", "JSON", "XLSX")}


class Waits(msgspec.Struct, frozen=True):
    """How long one thing took each time, and what it took of the processor, in milliseconds."""

    title: str
    took: list[float]
    must: float | None = MUST
    cpu: float = 0.0
    """Of the server and the database's own, each time, on average."""
    more: str = ""

    @property
    def p50(self) -> float:
        return median(self.took)


class Asking:
    """Somebody who asks one thing after another over one connection."""

    def __init__(self, visitor: Visitor, server: Server, places: Places) -> None:
        self.visitor, self.line = visitor, HTTPConnection("127.0.0.1", visitor.port, timeout=300)
        self.server, self.places = server, places

    def cpu(self) -> float:
        """What the server and the database's own have taken of the processor so far, in seconds."""
        return self.server.cpu() + self.places.cpu()

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

    def waits(self, title: str, ask: Callable[[], Iterable[float]], must: float | None = MUST) -> Waits:
        """What asking took of the clock and of the processor."""
        before = self.cpu()
        took = list(ask())
        return Waits(title, took, must, (self.cpu() - before) * 1000 / len(took))

    def often(self, title: str, paths: Iterable[str], must: float | None = MUST) -> Waits:
        """What asking for some pages took."""
        return self.waits(title, lambda: [self.timed(path) for path in paths], must)

    def after_facts(self, title: str, path: str) -> Waits:
        """What asking for a page took right after a fact was recorded, when nothing is remembered of the new state."""
        took, cpu = [], 0.0
        for _ in range(AFTER_FACTS):
            self.pays()
            once = self.often(title, [path])
            took += once.took
            cpu += once.cpu / AFTER_FACTS
        return Waits(title, took, cpu=cpu)


def measure(folder: Path, kept: Path | None, note: Callable[[str], None]) -> Iterator[Row]:
    """Every page at both sizes, on SQLite and (where it is installed) PostgreSQL, in databases that may be kept."""
    for kind, places in (("SQLite", keeping.files(folder, kept)), ("PostgreSQL", keeping.cluster(folder, kept))):
        with places as found:
            if isinstance(found, str):
                yield Row(kind, "million", "the money of a million entries", note=found)
                continue
            few: dict[str, Waits] = {}
            for size, entries in SIZES.items():
                note(f"{kind}: {size} ...")
                told: dict[str, Waits] = {}
                filled = found.make(entries)
                note(f"{kind}: {size}, filled ...")
                for waits in _at(filled, found):
                    told[waits.title] = waits
                    yield _row(f"{kind}, {size}", waits, few.get(waits.title))
                few = few or told


def _row(size: str, waits: Waits, few: Waits | None) -> Row:
    beside = f", {waits.p50 / few.p50:.1f} times that of a thousand" if few else ""
    more = f", {waits.more}" if waits.more else ""
    note = f"CPU {waits.cpu:.0f}, worst {max(waits.took):.0f}{beside}{more}"
    return Row(size, "million", waits.title, value=waits.p50, must=waits.must, note=note)


def _at(filled: Filled, places: Places) -> Iterator[Waits]:
    """One database asked."""
    place, environ = filled.place, filled.environ
    with tracker(place, free_port(FIRST_PORT), **environ) as server:
        yield _ready(server)
        asking = Asking(Visitor(server, place, **environ), server, places)
        yield asking.often("first page after the start", ["/funding"], START)
        yield from _pages(asking)
        yield from _then(asking, filled)
        yield asking.waits("record a payment", lambda: [asking.pays() for _ in range(OFTEN)])
        yield from _after_facts(asking, filling.day_between(filled.began, filled.ended, 0.5))
        more = f"{server.memory()[1] / 2**20:.0f} MB then, after every page"
        yield Waits("memory of the server at its most, MB", [_peak(server) / 2**20], None, more=more)
        yield from _exports(asking, server)


def _ready(server: Server) -> Waits:
    """From the start of the process until it says that it is ready: the money has been added up."""
    line = HTTPConnection("127.0.0.1", server.port, timeout=300)
    line.request("GET", "/ready")
    answer = line.getresponse()
    if answer.status != 200:
        raise CannotBench(f"/ready answered {answer.status}: {answer.read()[:300]!r}")
    took = (time.perf_counter() - server.began) * 1000
    return Waits("start until ready", [took], None, server.cpu() * 1000)


def _pages(asking: Asking) -> Iterator[Waits]:
    """Each page as it is now, and the 10th and the 10,000th of those that go on."""
    for title, path in (PAGES | OTHERS).items():
        yield asking.often(title, [path] * OFTEN)
    newest = json.loads(asking.visitor.get("/api/v1/funding/entries?limit=1").body)["items"][0]["seq"]
    for page in (10, 10_000):
        after = max(newest - 50 * (page - 1), newest // 2)
        for title in LATER:
            yield asking.often(f"{title}, page {page:,}", [f"{PAGES[title]}after={after}"] * OFTEN)


def _then(asking: Asking, filled: Filled) -> Iterator[Waits]:
    """Each page on days past: on days that no page was asked for yet, and again."""
    days = _days(filled, len(PAGES) * 3 + len(OTHERS))
    for title, path in PAGES.items():
        for word in ("as-at", "on", "known-at"):
            paths = [f"{path}{word}={day}" for day in next(days)]
            yield asking.often(f"{title}, {word} a day for the first time", paths)
            yield asking.often(f"{title}, {word} a day", paths)
    for title, path in OTHERS.items():
        yield asking.often(f"{title}, as-at a day for the first time", [f"{path}as-at={day}" for day in next(days)])


def _days(filled: Filled, times: int) -> Iterator[list[date]]:
    """So many times a few days from first to last, each time other ones, in no order."""
    for time_ in range(times):
        parts = [(part + time_ / times) / DAYS for part in range(DAYS)]
        days = [filling.day_between(filled.began, filled.ended, part) for part in parts]
        yield Random(time_).sample(days, DAYS)


def _after_facts(asking: Asking, day: date) -> Iterator[Waits]:
    """Each page right after a fact was recorded."""
    for title, path in (PAGES | OTHERS).items():
        yield asking.after_facts(f"{title}, after a fact", path)
    for title, path in PAGES.items():
        yield asking.after_facts(f"{title}, as at a day, after a fact", f"{path}as-at={day}")


def _exports(asking: Asking, server: Server) -> Iterator[Waits]:
    """What a download takes, and how much memory the server had at its most."""
    for title, path in EXPORTS.items():
        before = server.memory()[1]
        _peak(server, forget=True)
        waits = asking.often(title, [path], None)
        more = f"the server {before / 2**20:.0f} MB before and {_peak(server) / 2**20:.0f} MB at its most"
        yield msgspec.structs.replace(waits, more=more)


def _peak(server: Server, *, forget: bool = False) -> int:
    """The most bytes in memory the server's processes had, each, since that was forgotten."""
    most = 0
    for pid in family(server.process.pid):
        if forget:
            Path(f"/proc/{pid}/clear_refs").write_text("5")
        told = Path(f"/proc/{pid}/status").read_text().partition("VmHWM:")[2]
        most += int(told.split()[0]) * 1024
    return most
