"""What the database is asked for each page of local accounts is the same however much was told, and of however many."""

from collections import Counter
from datetime import timedelta
from typing import Any

from sqlalchemy import event

from improvement.database import Memory
from improvement.local_accounts import queries
from improvement.local_accounts.commands import NewPublication, grid
from improvement.local_accounts.rules import Status
from improvement.local_accounts.rules.grid import Row
from tests.local_accounts.people import DECEMBER, SECRETARIAT, YEAR, Clerk
from tests.visiting import Tracker, Visitor

HERE = "/local-accounts/2011-2012"
PAGES = (
    *(HERE + more for more in ("", "/list.csv", "/list.xlsx", "/working", "/picture", "/picture.xlsx", "/return.xlsx")),
    *(HERE + more for more in ("/grid?region=london", "/brent", "/brent/similar", "/brent/readings")),
    *("/accounts", "/accounts/list.xlsx", "/accounts/feed", "/local-accounts/years"),
)


def statements(visitor: Visitor, address: str) -> Counter[str]:
    """What the database is asked for one answer, when nothing is remembered."""
    visitor.database.memory = Memory()
    asked: Counter[str] = Counter()

    def note(_: Any, __: Any, statement: str, *___: Any) -> None:
        asked[statement] += 0 if statement.startswith(("BEGIN", "PRAGMA", "SET")) else 1

    event.listen(visitor.database.engine, "before_cursor_execute", note)
    try:
        assert visitor.get(address).status_code == 200, address
    finally:
        event.remove(visitor.database.engine, "before_cursor_execute", note)
    return asked


def tell(tracker: Tracker, councils: list[str], months: int) -> None:
    """A status, a look at the entry and an edition for each month."""
    for slug in councils:
        clerk = Clerk(tracker.database, slug)
        for month in range(months):
            clerk.says(Status.DRAFTING, DECEMBER - timedelta(days=months - month), note="x")
            with tracker.database.writing() as session:
                grid.save(session, YEAR, [Row(slug, no_change=True)], by=SECRETARIAT, at=clerk.at)
            day = DECEMBER + timedelta(days=months + month)
            clerk.publishes(NewPublication("t", f"https://x.example.org/{slug}/{month}", day, serves=[]))
        clerk.confirms()


def test_no_page_asks_more_of_a_long_history_or_of_many_councils(tracker: Tracker) -> None:
    visitor = tracker.signed_in("secretariat")
    tell(tracker, ["brent"], 1)
    before = {address: statements(visitor, address) for address in PAGES}
    with tracker.database.reading() as session:
        others = [one.slug for one in queries.expected(session, YEAR) if one.region == "london"][:3]
    tell(tracker, others, 4)
    for address, few in before.items():
        many = statements(visitor, address)
        assert many.total() == few.total(), (address, (many - few).most_common(3))
        assert max(many.values()) <= 2, (address, many.most_common(3))
