"""Bank statements, kept: what they show, once; taken back, put right, and asked for as at."""

import threading
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest

from improvement.database import EVER, Database
from improvement.dates import AsAt
from improvement.errors import Mistakes, NotAllowed, Refused
from improvement.funding import commands, queries
from improvement.funding.book import Kind
from improvement.funding.commands import Mending
from improvement.funding.commands.reconciling import keep, prepare
from improvement.funding.entering.moves import Payment, Refund, Return
from improvement.funding.entering.paying import Statement
from improvement.funding.queries import paying, reconciling
from improvement.funding.rules.bank import NotAStatement
from improvement.funding.rules.reconciling import AlreadyRead, KeepsItsLines, NothingNew, NotThatMatch
from tests.funding.conftest import LONDONER, SECRETARIAT, doing
from tests.funding.paid import LATER, MOU, TODAY, approved, fund, run

READ = datetime(2011, 10, 3, 9, tzinfo=UTC)
HEAD = "Date,Description,Amount,Balance"


def csv(*rows: str, head: str = HEAD) -> bytes:
    return "\r\n".join([head, *rows, ""]).encode()


def read(database: Database, body: bytes, choices: dict[int, UUID | None] | None = None, at: datetime = READ) -> UUID:
    """Read a statement as the secretariat does, and keep it."""
    with database.writing() as session:
        prepared = prepare(session, "september.csv", body, by=SECRETARIAT, at=at)
        return keep(session, prepared, choices, by=SECRETARIAT, at=at)


@pytest.fixture
def paid(agreed: Database) -> tuple[Database, list[str]]:
    """Two claims of London are paid in a run, and £40.00 came back; £200,000.00 came on 1 June 2011."""
    fund(agreed)
    refs = approved(agreed, 1_000_00, 2_000_00)
    run(agreed, *refs)
    doing(agreed)(commands.refund, Refund(line="london", amount_pence=40_00, received_on=TODAY, reference="BACK 7"))
    return agreed, refs


def known(database: Database, as_at: AsAt = EVER) -> dict[UUID, str]:
    with database.reading() as session:
        return dict(reconciling.reconciled(session, as_at, MOU))


def kept(database: Database, as_at: AsAt = EVER) -> list[reconciling.Statement]:
    with database.reading() as session:
        return reconciling.statements(session, as_at, MOU)


def shown(database: Database) -> list[reconciling.Shown]:
    """Every line of the newest statement beside what it shows."""
    with database.reading() as session:
        newest = reconciling.statements(session, EVER, MOU)[0]
        return reconciling.shown(session, EVER, MOU, newest.lines)


def mend(database: Database, fact: UUID, wanted: msgspec.Struct | None = None) -> UUID:
    return doing(database, LATER)(commands.correct, Mending(fact, "A mistake", wanted))


def payments(database: Database) -> dict[str, UUID]:
    """The payments of claims, by claim."""
    with database.reading() as session:
        return {one.claim: one.id for each in paying.runs(session, EVER, MOU) for one in each.payments}


def test_a_statement_is_matched_and_what_it_shows_is_reconciled(paid: tuple[Database, list[str]]) -> None:
    database, (first, second) = paid
    rows = [
        f"05/09/2011,FP {first} LONDON,-1000.00,9",
        f"20/12/2010,{second.lower()},-2000.00,8",
        "2/9/2011,CREDIT,40,9",
    ]
    read(database, csv(*rows, "3/6/2011,DH GRANT,200000.00,1", "6/9/2011,CHARGES,-5.00,1"))
    (statement,) = kept(database)
    assert statement.ref.startswith("BS-")
    assert [line.how for line in statement.lines] == ["certain", "certain", "likely", "likely", ""]
    assert (statement.matched, statement.in_pence, statement.out_pence) == (4, 200_040_00, 3_005_00)
    assert set(known(database).values()) == {statement.ref}
    assert set(payments(database).values()) <= known(database).keys()
    with database.reading() as session:
        (made,) = paying.runs(session, EVER, MOU)
        assert made.reconciled == 2


def test_money_returned_to_the_funder_is_matched_too(paid: tuple[Database, list[str]]) -> None:
    database, _ = paid
    doing(database)(commands.return_to_funder, Return(amount_pence=7_00, returned_on=TODAY, reference="RTN-0001"))
    read(database, csv("5/9/2011,DH RTN 0001,-7.00,9"))
    assert shown(database)[0].line.how == "certain"


def test_the_same_file_is_read_once_and_says_when_and_as_what(paid: tuple[Database, list[str]]) -> None:
    database, (first, _) = paid
    body = csv(f"5/9/2011,{first},-1000.00,9")
    read(database, body)
    ref = kept(database)[0].ref
    with pytest.raises(AlreadyRead, match=f"This file was read on 3 October 2011 as {ref}") as refused:
        read(database, body)
    assert refused.value.status == 409
    with pytest.raises(NothingNew, match=f"every line was read with {ref}"):
        read(database, body.replace(b"\r\n", b"\n"))
    assert len(kept(database)) == 1


def test_statements_that_overlap_keep_each_line_once(paid: tuple[Database, list[str]]) -> None:
    database, (first, second) = paid
    one, alike = f"5/9/2011,{first},-1000.00,9", "6/9/2011,CHARGES,-5.00,9"
    read(database, csv(one, alike))
    with database.writing() as session:
        prepared = prepare(
            session, "x.csv", csv(one, alike, alike, f"7/9/2011,{second},-2000,9"), by=SECRETARIAT, at=READ
        )
        assert {row: ref[:3] for row, ref in prepared.before.items()} == {2: "BS-", 3: "BS-"}
        keep(session, prepared, by=SECRETARIAT, at=READ)
    assert [line.row for line in kept(database)[0].lines] == [4, 5]
    read(database, csv(alike, alike, alike))
    assert [line.nth for line in kept(database)[0].lines] == [3]


def test_what_an_earlier_statement_shows_is_no_candidate_for_a_later_one(paid: tuple[Database, list[str]]) -> None:
    database, (first, _) = paid
    read(database, csv(f"5/9/2011,{first},-1000.00,9"))
    read(database, csv(f"6/9/2011,{first} AGAIN,-1000.00,9"))
    assert shown(database)[0].fact is None


def test_a_person_may_choose_otherwise_and_what_they_choose_is_checked(paid: tuple[Database, list[str]]) -> None:
    database, (first, _) = paid
    body, theirs = csv(f"5/9/2011,{first},-1000.00,9", "5/9/2011,x,-40.00,9"), payments(database)[first]
    for row, wrong in ((2, uuid4()), (3, theirs)):
        with pytest.raises(NotThatMatch):
            read(database, body, {row: wrong})
    assert kept(database) == []
    read(database, body, {2: None})
    assert known(database) == {}


def test_a_statement_taken_back_leaves_its_facts_unreconciled_and_the_past_as_it_was(
    paid: tuple[Database, list[str]],
) -> None:
    database, (first, _) = paid
    body = csv(f"5/9/2011,{first},-1000.00,9")
    read_first = read(database, body, at=datetime(2011, 9, 10, 9, tzinfo=UTC))
    ref = kept(database)[0].ref
    gone = mend(database, read_first)
    assert known(database) == {}
    assert kept(database) == []
    then = AsAt(date(2011, 9, 12), datetime(2011, 9, 12, tzinfo=UTC))
    assert list(known(database, then).values()) == [ref]
    assert [each.ref for each in kept(database, then)] == [ref]
    assert known(database, AsAt(date(2011, 9, 9))) == {}
    read(database, body)
    with pytest.raises(AlreadyRead):
        mend(database, gone)


def test_a_taken_back_statement_may_come_back_while_nothing_took_its_place(paid: tuple[Database, list[str]]) -> None:
    database, (first, second) = paid
    made = read(database, csv(f"5/9/2011,{first},-1000.00,9"))
    gone = mend(database, made)
    mend(database, gone)
    assert list(known(database)) == [payments(database)[first]]
    again = mend(database, _standing(database))
    read(database, csv(f"5/9/2011,x {first},-1000.00,9", f"5/9/2011,{second},-2000.00,9"))
    with pytest.raises(NotThatMatch):
        mend(database, again)


def _standing(database: Database) -> UUID:
    return kept(database)[0].id


def test_a_payment_put_right_after_the_bank_showed_it_differs_from_the_banks_line(agreed: Database) -> None:
    fund(agreed)
    pay = Payment(line="london", amount_pence=1_000_00, paid_on=TODAY, reference="INV 1200")
    made = doing(agreed)(commands.pay, pay)
    read(agreed, csv("2/9/2011,INV 1200,-1000.00,9"))
    assert (shown(agreed)[0].off_pence, shown(agreed)[0].gone) == (0, False)
    put_right = mend(agreed, made, msgspec.structs.replace(pay, amount_pence=900_00))
    assert shown(agreed)[0].off_pence == -100_00
    assert list(known(agreed)) == [put_right]
    mend(agreed, put_right)
    assert shown(agreed)[0].gone
    assert shown(agreed)[0].fact is None


def test_payments_older_than_a_week_that_no_statement_shows_are_told(paid: tuple[Database, list[str]]) -> None:
    database, (first, second) = paid
    read(database, csv(f"5/9/2011,{first},-1000.00,9"))

    def unseen(on: date) -> list[tuple[str, ...]]:
        with database.reading() as session:
            told = reconciling.unseen(session, AsAt(on), MOU)
            assert (told.count, told.pence) == (len(told.some), -sum(fact.amount_pence for fact in told.some))
            one_by_one = [
                reconciling.unseen(session, AsAt(on), MOU, after=fact.seq, most=1).some for fact in told.some[:-1]
            ]
            assert [fact for (fact,) in one_by_one] == list(told.some[1:])
            return [fact.references for fact in told.some]

    assert unseen(date(2011, 10, 4)) == [(second,)]
    assert unseen(date(2011, 9, 7)) == []
    assert unseen(date(2011, 9, 8)) == [(first,), (second,)], "the statement was read on 3 October"


def test_only_the_secretariat_reads_statements_and_a_refused_one_leaves_nothing(
    paid: tuple[Database, list[str]],
) -> None:
    database, (first, _) = paid
    with database.writing() as session, pytest.raises(NotAllowed):
        prepare(session, "x.csv", csv(f"5/9/2011,{first},-1000.00,9"), by=LONDONER, at=READ)
    for wrong in (
        b"",
        b" \n",
        b"PK\x03\x04\xff\xfe\x80",
        b"\xa3",
        b"a\0b,c\n",
        csv(),
        b"x" * 1_000_001,
        csv("9/9/2011"),
    ):
        with pytest.raises(Refused):
            read(database, wrong)
    with pytest.raises(Mistakes, match="Row 3, date"):
        read(database, csv(f"5/9/2011,{first},-1000.00,9", "never,x,-1,1"))
    with pytest.raises(NotAStatement, match="no column for a date"):
        read(database, csv("1,2", head="a,b"))
    assert kept(database) == []


@pytest.mark.parametrize("code", ["utf-8", "utf-8-sig", "utf-16"])
def test_the_text_may_be_in_any_form_a_spreadsheet_saves(paid: tuple[Database, list[str]], code: str) -> None:
    database, (first, _) = paid
    read(
        database, csv(f"5/9/2011,Café {first},“£1,000.00”,9".replace("“", '"').replace("”", '"')).decode().encode(code)
    )
    assert kept(database)[0].lines[0].text == f"Café {first}"


def test_a_correction_may_change_what_a_line_shows_and_never_what_the_bank_said(
    paid: tuple[Database, list[str]],
) -> None:
    database, (first, _) = paid
    made = read(database, csv(f"5/9/2011,{first},-1000.00,9"), {2: None})
    with database.reading() as session:
        kind, fact = queries.fact(session, made)
        values: dict[str, Any] = commands.input_of(kind, fact)
    line = values["lines"][0]

    def with_lines(*lines: dict[str, Any]) -> Statement:
        return msgspec.convert({**values, "lines": list(lines)}, Statement)

    for other in ({**line, "amount_pence": -5}, {**line, "text": "y"}):
        with pytest.raises(KeepsItsLines):
            mend(database, made, with_lines(other))
    for wrong in ({**line, "fact": str(uuid4())}, {"row": 1}, {**line, "more": 1}):
        with pytest.raises(Refused):
            mend(database, made, with_lines(wrong))
    with pytest.raises(Refused):
        mend(database, made, with_lines())
    right = payments(database)[first]
    mend(database, made, with_lines({**line, "fact": str(right), "how": "chosen"}))
    assert list(known(database)) == [right]
    assert kept(database)[0].ref == fact.ref


def test_of_two_people_who_read_the_same_file_at_once_one_does(paid: tuple[Database, list[str]]) -> None:
    database, (first, _) = paid
    body = csv(f"5/9/2011,{first},-1000.00,9")
    start, outcomes = threading.Barrier(4), list[str]()

    def hurry() -> None:
        start.wait()
        try:
            read(database, body)
            outcomes.append("read")
        except AlreadyRead:
            outcomes.append("refused")

    threads = [threading.Thread(target=hurry) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["read", "refused", "refused", "refused"]
    assert len(kept(database)) == 1


def test_five_thousand_lines_are_read_in_a_few_seconds(paid: tuple[Database, list[str]]) -> None:
    database, (first, _) = paid
    rows = [f"{1 + row % 28}/8/2011,CARD {row},-{row % 90 + 1}.00,9" for row in range(4_999)]
    read(database, csv(*rows, f"5/9/2011,{first},-1000.00,9"))
    assert len(kept(database)[0].lines) == 5_000
    assert len(known(database)) == 1


def test_a_statement_is_recorded_by_one_command_like_everything_else(paid: tuple[Database, list[str]]) -> None:
    database, _ = paid
    made = read(database, csv("6/9/2011,CHARGES,-5.00,9"))
    with database.reading() as session:
        kind, fact = queries.fact(session, made)
    assert (kind, fact.recorded_as) == (Kind.STATEMENT, "secretariat")


def test_one_debit_for_a_whole_run_shows_it_and_every_payment_of_it(paid: tuple[Database, list[str]]) -> None:
    database, refs = paid
    body = csv("2/9/2011,BACS BULK,-3000.00,9", "6/9/2011,CHARGES,-5.00,9")
    made = read(database, body)
    (statement,), (ref,) = kept(database), [one.ref for one in runs(database)]
    assert [line.how for line in statement.lines] == ["likely", ""]
    assert shown(database)[0].fact is not None
    assert (shown(database)[0].fact.references, shown(database)[0].fact.payments) == ((ref,), 2)  # type: ignore[union-attr]
    assert set(payments(database).values()) <= known(database).keys()
    assert [one.reconciled for one in runs(database)] == [2]
    with database.reading() as session:
        assert reconciling.unseen(session, AsAt(date(2011, 10, 4)), MOU).count == 0
    with pytest.raises(AlreadyRead):
        read(database, body)
    with pytest.raises(NothingNew):
        read(database, body.replace(b"\r\n", b"\n"))
    then = AsAt(date(2011, 9, 12), datetime(2011, 9, 12, tzinfo=UTC))
    assert known(database, then) == {}, "it was not read yet"
    mend(database, made)
    assert known(database) == {}
    assert [one.reconciled for one in runs(database)] == [0]
    read(database, csv(f"5/9/2011,{refs[0]},-1000.00,9"))
    read(database, csv("2/9/2011,BACS BULK,-3000.00,9"))
    assert shown(database)[0].fact is None, "one of its payments is shown by itself"


def test_a_payment_of_a_run_the_bank_showed_may_be_put_right_and_its_line_then_differs(
    paid: tuple[Database, list[str]],
) -> None:
    database, (first, second) = paid
    ref = runs(database)[0].ref
    read(database, csv(f"2/9/2011,{ref.lower()},-3000.00,9"))
    assert (shown(database)[0].line.how, shown(database)[0].off_pence) == ("certain", 0)
    mend(database, payments(database)[first])
    assert (shown(database)[0].off_pence, shown(database)[0].gone) == (-1_000_00, False)
    assert payments(database).keys() == {second}
    assert set(payments(database).values()) <= known(database).keys()


def test_a_run_is_shown_as_a_whole_or_by_its_payments_and_by_its_exact_total(paid: tuple[Database, list[str]]) -> None:
    database, (first, _) = paid
    run_id, payment = runs(database)[0].id, payments(database)[first]
    body = csv("2/9/2011,x,-3000.00,9", "2/9/2011,y,-1000.00,9", "2/9/2011,z,-2999.99,9")
    with pytest.raises(NotThatMatch, match="shows the whole of payment run"):
        read(database, body, {2: run_id, 3: payment})
    with pytest.raises(NotThatMatch):
        read(database, body, {4: run_id})
    read(database, body, {2: run_id, 3: None})
    assert payment in known(database)


def runs(database: Database) -> list[paying.Run]:
    with database.reading() as session:
        return paying.runs(session, EVER, MOU)
