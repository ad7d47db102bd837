"""Figures: how many a second, how long each waited, and what each cost the server, beside the limits."""

from statistics import mean, median

import msgspec

from benches.processes import CannotBench, Driver, Server

WARM = 30
"""Requests sent before anything is counted, so that nothing is counted that happens once."""


class Figures(msgspec.Struct, frozen=True):
    """What so many clients got from one server, and what it cost it."""

    requests: int
    rate: float
    p50_ms: float
    p99_ms: float
    cpu_ms: float
    mean_cpu_ms: float
    size: int
    statuses: dict[str, int]


class Load(msgspec.Struct, frozen=True):
    """Requests to send in turn, and how hard."""

    requests: list[bytes]
    clients: int
    most: int


def one_turn(server: Server, driver: Driver, load: Load, seconds: float) -> tuple[Figures, list[float]]:
    """One stretch of load, with every wait in it."""
    before = server.cpu()
    try:
        done = driver.drive(server.port, load.requests, load.clients, seconds, load.most)
    except CannotBench as problem:
        raise CannotBench(f"{problem}. {server.state()}") from None
    spent, waits = server.cpu() - before, sorted(done["waits"])
    count = done["count"]
    cost = spent * 1000 / count
    told = Figures(count, count / done["seconds"], 0.0, 0.0, cost, cost, done["size"], dict(done["statuses"]))
    return told, waits


def in_turns(
    driver: Driver, sides: dict[str, tuple[Server, Load, float]], turns: int, *, warm: bool = True
) -> dict[str, Figures]:
    """Every side measured in short stretches, one after the other, so that a busy moment hits them alike.

    The cost is that of the cheapest stretch, since other work on the machine only ever adds to it; the mean is kept
    beside it. The waits are of all stretches together.
    """
    told: dict[str, list[Figures]] = {name: [] for name in sides}
    waits: dict[str, list[float]] = {name: [] for name in sides}
    for turn in range(turns):
        for name, (server, load, seconds) in sides.items():
            if warm and turn == 0:
                driver.drive(server.port, load.requests, load.clients, 1.0, WARM)
            figures, waited = one_turn(server, driver, load, seconds / turns)
            told[name].append(figures)
            waits[name] += waited
    return {name: _together(told[name], sorted(waits[name])) for name in sides}


def _together(stretches: list[Figures], waits: list[float]) -> Figures:
    statuses: dict[str, int] = {}
    for stretch in stretches:
        for status, count in stretch.statuses.items():
            statuses[status] = statuses.get(status, 0) + count
    return Figures(
        requests=len(waits),
        rate=median(stretch.rate for stretch in stretches),
        p50_ms=waits[len(waits) // 2] * 1000,
        p99_ms=waits[min(len(waits) - 1, len(waits) * 99 // 100)] * 1000,
        cpu_ms=min(stretch.cpu_ms for stretch in stretches),
        mean_cpu_ms=mean(stretch.cpu_ms for stretch in stretches),
        size=stretches[0].size,
        statuses=statuses,
    )
