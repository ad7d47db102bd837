"""What is done with money, on both databases."""

from datetime import date

from improvement.database import Database
from improvement.dates import AsAt
from improvement.funding import commands, queries, ledger
from improvement.funding.entering import Allocation, Commitment, Payment
from tests.funding.conftest import doing


def test_smoke(agreed: Database) -> None:
    do = doing(agreed)
    do(commands.allocate, Allocation(line="london", amount_pence=10_000_00))
    do(commands.commit, Commitment(line="london", amount_pence=9_000_00, recipient="ALDCS", purpose="Peer work"))
    do(commands.pay, Payment(line="london", amount_pence=4_000_00, paid_on=date(2011, 8, 1 + 30)) ) if False else None
    with agreed.reading() as session:
        as_at = AsAt(date(2011, 9, 1))
        print(queries.mou(session, as_at))
        print(queries.lines(session, as_at)[:3])
        for row in ledger.entries(session, as_at, "2011-2012", limit=3): print(row)
        print(ledger.entries(session, as_at, "2011-2012", of_lines={"london"}))
        print(ledger.count(session, as_at, "2011-2012", kinds=list(queries.Kind)))
        a=queries.book(session,"2011-2012"); b=queries._from_nothing(session,"2011-2012",queries.EVER)
        assert a.sums==b.sums
