"""What is asked of the tracker, and how good each answer must be and should be."""

from collections.abc import Callable
from datetime import date
from typing import Any

import msgspec

from benches.visiting import Visitor

YEAR = "/local-accounts/2011-2012"
LONDON = f"{YEAR}?region=london&position=&q="
ALL = f"{YEAR}?limit=1000"
PICTURE = f"{YEAR}/picture"
REPORT = "/board-reports/2011-12"


class Scenario(msgspec.Struct, frozen=True):
    """One thing asked over and over. Sums are CPU milliseconds of the server for each request."""

    name: str
    title: str
    path: str
    must: float | None = None
    aim: float | None = None
    told_by: tuple[str, ...] = ()
    """Where the API tells the same rows, for the limits to read."""
    headers: dict[str, str] = {}
    unchanged: bool = False
    """Whether the client has the answer already and asks only whether it still holds."""


READING = (
    Scenario("list", "152 councils, filtered by region", LONDON, 4, 2.7, (ALL,)),
    Scenario("list-gzip", "the same, compressed for a browser", LONDON, headers={"Accept-Encoding": "gzip, deflate"}),
    Scenario("list-all", "152 councils, no filter, first page", YEAR, 4, 2.7, (ALL,)),
    Scenario("council", "one council's account", f"{YEAR}/brent", 4, 2, (f"{YEAR}/brent",)),
    Scenario("api-list", "API list of 152", f"/api/v1{ALL}", 2, 0.9, (ALL,)),
    Scenario("unchanged", "the list, unchanged (304)", LONDON, 1, 0.4, unchanged=True),
    Scenario("home", "home page, signed in", "/", None, None, ("/funding/mou", "/actions?limit=1000")),
    Scenario("funding", "money by line", "/funding", None, None, ("/funding/mou", "/funding/lines")),
    Scenario("concerns", "list of concerns", "/concerns", None, None, ("/concerns?limit=1000",)),
    Scenario("picture", "the national picture", PICTURE, told_by=(ALL,)),
    Scenario("grid", "a coordinator's grid of 33 councils", f"{YEAR}/grid?region=london"),
    Scenario("working", "the working of a count of councils", f"{YEAR}/working"),
    Scenario("register", "the public register", "/accounts", told_by=("/accounts?limit=1000",)),
    Scenario("readings", "readings of one council's account", f"{YEAR}/brent/readings"),
    Scenario("report", "Board report page", REPORT, 3, None, (REPORT,)),
)


def of_accounts(one: Scenario) -> bool:
    """Whether a scenario is of local accounts: those are measured with ten years of them too."""
    return one.path.removeprefix("/api/v1").startswith((YEAR, "/accounts"))


class Recording(msgspec.Struct, frozen=True):
    """A fact recorded over and over, each time another."""

    name: str
    title: str
    table: str
    bodies: Callable[[Visitor], list[tuple[str, dict[str, Any]]]]
    must: float | None = None
    aim: float | None = None
    then: str | None = None
    """A page that is opened after each."""


def _unpublished(visitor: Visitor) -> list[str]:
    """Councils whose next status can be recorded."""
    told = visitor.json(f"{YEAR}?limit=1000") or {"items": []}
    return [row["council"] for row in told["items"] if not row["published_on"]]


def statuses(visitor: Visitor) -> list[tuple[str, dict[str, Any]]]:
    """What councils that have not published say, on a day of the demonstration's last week."""
    body = {"status": "drafting", "effective_on": "2012-03-30", "expected_on": "2012-06-29", "note": "Bench"}
    return [(f"/api/v1{YEAR}/{slug}/statuses", body) for slug in _unpublished(visitor)]


def payments(visitor: Visitor) -> list[tuple[str, dict[str, Any]]]:
    """A penny a time on every line that has some promised and not paid."""
    told = visitor.json("/funding/lines") or {"items": []}
    lines = [row["line"] for row in told["items"] if row["committed_pence"] - row["paid_pence"] >= 100_00]
    day = date(2012, 3, 30).isoformat()
    return [
        ("/api/v1/funding/payments", {"line": line, "amount_pence": 1, "paid_on": day, "reference": "BENCH"})
        for line in lines
    ]


RECORDING = (
    Recording("status", "record a status, durable", "status_reported", statuses, 5, 3),
    Recording("payment", "record a payment, durable", "payment_made", payments, 5, 3),
    Recording("status-then-list", "a status and the list after it, both", "status_reported", statuses, then=YEAR),
    Recording("status-then-picture", "a status and the picture after it", "status_reported", statuses, then=PICTURE),
)
