"""Questions about money: they add up, page by page, and cost the same whatever the number of facts."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import event

from improvement.database import Database, record
from improvement.dates import AsAt
from improvement.errors import NotFound
from improvement.funding import commands, figures, ledger, queries
from improvement.funding.book import Kind, Leg, Of
from improvement.funding.entering.moves import (
    Allocation,
    Commitment,
    ExpectedInstalment,
    Payment,
    Receipt,
    Release,
    Virement,
)
from improvement.funding.tables.moves import PaymentMade, VirementMade
from tests.funding.conftest import AT, LONDONER, SECRETARIAT, doing

TODAY = date(2011, 9, 1)
NOW = AsAt(TODAY)
MOU = "2011-2012"


@contextmanager
def counting(database: Database) -> Iterator[list[str]]:
    """The statements that are sent meanwhile."""
    sent: list[str] = []

    def note(connection: object, cursor: object, statement: str, *_: object) -> None:
        sent.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(database.engine, "before_cursor_execute", note)


def fill(database: Database, payments: int) -> None:
    """London and a post with money, and a number of payments of a pound."""
    with database.writing() as session:
        for wanted in (
            Allocation(line="london", amount_pence=50_000_00),
            Commitment(line="london", amount_pence=50_000_00, recipient="x", purpose="y"),
        ):
            verb = commands.allocate if isinstance(wanted, Allocation) else commands.commit
            verb(session, wanted, by=SECRETARIAT, at=AT)  # type: ignore[arg-type]
        for _ in range(payments):
            commands.pay(session, Payment(line="london", amount_pence=100, paid_on=TODAY), by=SECRETARIAT, at=AT)


def test_the_number_of_statements_does_not_depend_on_the_number_of_facts(agreed: Database) -> None:
    def ask(how_far_back: int) -> int:
        as_at = AsAt(TODAY, datetime(2012, 1, how_far_back, tzinfo=UTC))
        with agreed.reading() as session, counting(agreed) as sent:
            queries.mou(session, as_at)
            queries.lines(session, as_at)
            ledger.entries(session, as_at, MOU, limit=50)
            ledger.count(session, as_at, MOU, kinds=ledger.IN_LEDGER)
            queries.instalments(session, as_at, MOU)
            for figure in figures.FIGURES.values():
                figure.value(session, as_at)
        return len(sent)

    few = ask(1)
    fill(agreed, 130)
    assert ask(2) == few


def test_the_ledger_pages_by_key_newest_first_without_a_gap(agreed: Database) -> None:
    fill(agreed, 120)
    found, after = [], None
    with agreed.reading() as session:
        while page := ledger.entries(session, NOW, MOU, kinds=[Kind.PAYMENT], after=after, limit=50):
            found += page
            after = page[-1].seq
        assert len(found) == 120 == ledger.count(session, NOW, MOU, kinds=[Kind.PAYMENT])[Kind.PAYMENT]
    assert [entry.seq for entry in found] == sorted((entry.seq for entry in found), reverse=True)


def test_the_ledger_of_a_line_has_the_virements_that_name_it(agreed: Database) -> None:
    fill(agreed, 1)
    legs = [Leg("london", -1), Leg("eastern", 1)]
    with agreed.writing() as session:
        commands.release(
            session,
            Release(line="london", of=Of.COMMITMENT, amount_pence=10),
            by=SECRETARIAT,
            at=AT,
        )
        commands.vire(session, Virement(legs=legs, why="x"), by=SECRETARIAT, at=AT)
    with agreed.reading() as session:
        kinds = {
            each: {entry.kind for entry in ledger.entries(session, NOW, MOU, of_lines=[each])}
            for each in ("london", "eastern", "north-east")
        }
        assert ledger.entries(session, NOW, MOU, of_lines=[]) == []
    assert "virement" in kinds["london"]
    assert kinds["eastern"] == {"virement", "line opened"}
    assert kinds["north-east"] == {"line opened"}


def test_every_figure_is_the_sum_of_the_facts_it_shows(agreed: Database) -> None:
    fill(agreed, 7)
    with agreed.reading() as session:
        mou = queries.mou(session, NOW)
        values = {name: figure.value(session, NOW) for name, figure in figures.FIGURES.items()}
        for name, figure in figures.FIGURES.items():
            assert sum(part.pence for part in figure.parts(session, NOW)) == values[name], name
    assert values["funding_in_force_pence"] == 550_000_00
    assert values["funding_allocated_pence"] + values["funding_unallocated_pence"] == mou.amount_pence
    assert values["funding_paid_net_pence"] == 7_00
    assert values["funding_cash_in_hand_pence"] == 200_000_00 - 7_00


def test_an_instalment_shows_what_of_it_has_come(agreed: Database) -> None:
    do = doing(agreed)
    do(commands.expect_instalment, ExpectedInstalment(amount_pence=300_00, due_on=TODAY, ref="I-2"))
    do(commands.receive_instalment, Receipt(amount_pence=100_00, received_on=TODAY, ref="I-2"))
    with agreed.reading() as session:
        (instalment,) = queries.instalments(session, NOW, MOU)
    assert (instalment.received_pence, instalment.received_on) == (100_00, TODAY)


def test_a_coordinator_sees_their_own_regions_line_and_no_other(agreed: Database) -> None:
    with agreed.reading() as session:
        assert queries.line(session, NOW, "london", LONDONER).line == "london"
        for other in ("eastern", "programme-lead", "unallocated", "narnia"):
            with pytest.raises(NotFound, match=other):
                queries.line(session, NOW, other, LONDONER)
        assert queries.line(session, NOW, "programme-lead", SECRETARIAT).host == "ADASS"


def test_no_mou_is_known_before_it_was_put_in_negotiation(agreed: Database) -> None:
    with agreed.reading() as session:
        assert queries.mous(session, AsAt(date(2011, 3, 31))) == {}


def test_a_book_brought_up_to_date_is_the_book_made_from_nothing(agreed: Database) -> None:
    with agreed.reading() as session:
        queries.book(session, MOU)
    fill(agreed, 20)
    with agreed.reading() as session:
        now = queries.book(session, MOU)
        again = queries.afresh(session, MOU)
    assert (now.sums, now.counts) == (again.sums, again.counts)
    assert now.lines == again.lines
    assert [(step.kind, step.on, step.pence) for step in now.life] == [
        (step.kind, step.on, step.pence) for step in again.life
    ]


def test_the_whole_check_finds_nothing_in_what_the_commands_kept(agreed: Database) -> None:
    fill(agreed, 3)
    with agreed.reading() as session:
        assert queries.wrong(session) == []


def test_the_whole_check_says_what_is_wrong_with_facts_that_came_by_another_way(agreed: Database) -> None:
    fill(agreed, 0)
    with agreed.writing() as session:
        fact = PaymentMade(
            mou=MOU, line="eastern", amount_pence=5, reference="", over_cash_reason="", effective_on=TODAY
        )
        record(session, fact, by=1, as_role="secretariat", at=AT)
        legs = [{"line": "london", "amount_pence": -1}]
        bare = VirementMade(mou=MOU, legs=legs, decision_reference="", why="", effective_on=TODAY)
        record(session, bare, by=1, as_role="secretariat", at=AT)
    with agreed.reading() as session:
        told = " ".join(queries.wrong(session))
    assert "Eastern would have £0.05 paid" in told
    assert "London would have commitments of £50,000.00 and an allocation of £49,999.99" in told
    assert "do not come to nil" in told
