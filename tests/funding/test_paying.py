"""Payment runs: all of the claims are paid together, or none; what was paid can be taken back, and asked for as at."""

import threading
from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from improvement.database import EVER, Database
from improvement.dates import AsAt
from improvement.errors import Conflict, NotAllowed, Refused
from improvement.funding import commands, queries, rules
from improvement.funding.book import Kind
from improvement.funding.commands import Mending
from improvement.funding.entering.moves import Payment, Return
from improvement.funding.entering.paying import PaymentRun
from improvement.funding.queries import claims, paying
from improvement.funding.rules.paying import NothingToPay, NotToBePaid, PaymentsStand, RunIsGone, RunIsKept
from tests.funding.conftest import AT, LONDONER, SECRETARIAT, doing
from tests.funding.paid import LATER, MOU, TODAY, approved, fund, run

NOW = AsAt(date(2026, 1, 1))


@pytest.fixture
def funded(agreed: Database) -> Database:
    fund(agreed)
    return agreed


def net_paid(database: Database, line: str = "london") -> int:
    with database.reading() as session:
        return next(row.net_paid_pence for row in queries.lines(session, NOW) if row.line == line)


def runs(database: Database, as_at: AsAt = EVER) -> list[paying.Run]:
    with database.reading() as session:
        return paying.runs(session, as_at, MOU)


def state(database: Database, ref: str, as_at: AsAt = EVER) -> str:
    with database.reading() as session:
        return next(one.state.value for one in claims.claims(session, as_at, MOU) if one.ref == ref)


def mend(database: Database, fact: UUID, wanted: PaymentRun | None = None, at: datetime = LATER) -> UUID:
    return doing(database, at)(commands.correct, Mending(fact, "A mistake", wanted))


def test_a_run_pays_every_claim_in_it_with_the_claims_reference(funded: Database) -> None:
    refs = approved(funded, 1_000_00, 2_000_00) + approved(funded, 500_00, line="eastern")
    run(funded, *refs)
    made = runs(funded)[0]
    assert made.ref.startswith("PR-")
    assert [(one.claim, one.reference, one.line, one.amount_pence) for one in made.payments] == [
        (refs[0], refs[0], "london", 1_000_00),
        (refs[1], refs[1], "london", 2_000_00),
        (refs[2], refs[2], "eastern", 500_00),
    ]
    assert (made.total_pence, made.reconciled, made.claims) == (3_500_00, 0, tuple(refs))
    assert {state(funded, ref) for ref in refs} == {"paid"}
    assert net_paid(funded) == 3_000_00


def test_what_can_be_paid_are_the_approved_claims_that_are_not_paid(funded: Database) -> None:
    first, second = approved(funded, 1_000_00, 2_000_00)
    approved(funded, 300_00, decided=False)
    run(funded, first)
    with funded.reading() as session:
        assert [one.ref for one in paying.to_pay(session, EVER, MOU)] == [second]


def test_a_run_of_nothing_is_refused(funded: Database) -> None:
    with pytest.raises(NothingToPay):
        run(funded)


def test_a_run_with_one_wrong_claim_pays_none_and_names_each(funded: Database) -> None:
    good, paid, twice = approved(funded, 1_000_00, 100_00, 200_00)
    waiting = approved(funded, 300_00, decided=False)[0]
    run(funded, paid)
    with pytest.raises(NotToBePaid) as refused:
        run(funded, good, paid, twice, twice, waiting, "CL-NONE")
    assert refused.value.message == (
        f"{paid} is paid already. {twice} is there 2 times. {waiting} is not approved: it is to decide. "
        "There is no claim CL-NONE. Nothing was paid."
    )
    assert refused.value.field == "claims"
    assert len(runs(funded)) == 1
    assert net_paid(funded) == 100_00


def test_only_the_secretariat_pays_and_only_on_a_day_that_has_come(funded: Database) -> None:
    (ref,) = approved(funded, 1_000_00)
    wanted = PaymentRun(claims=[ref], paid_on=TODAY)
    with funded.writing() as session, pytest.raises(NotAllowed):
        commands.do(session, Kind.RUN, wanted, by=LONDONER, at=AT)
    with pytest.raises(rules.DayHasNotCome):
        run(funded, ref, on=date(2011, 9, 2))
    with pytest.raises(Refused, match=f"Claim {ref} was approved on 1 September 2011"):
        run(funded, ref, on=date(2011, 8, 31))
    assert runs(funded) == []


def test_beyond_cash_in_hand_a_run_needs_a_reason_and_each_payment_keeps_it(funded: Database) -> None:
    (ref,) = approved(funded, 1_000_00)
    do = doing(funded)
    do(commands.return_to_funder, Return(amount_pence=199_500_00, returned_on=date(2011, 8, 1)))
    with pytest.raises(rules.BeyondCash) as refused:
        run(funded, ref)
    assert refused.value.field == "over_cash_reason"
    run(funded, ref, reason="The next instalment is due on Monday")
    assert net_paid(funded) == 1_000_00


def test_of_two_people_who_pay_the_same_claims_at_once_one_does_and_nothing_is_half_written(funded: Database) -> None:
    refs = approved(funded, 1_000_00, 2_000_00, 3_000_00)
    start, outcomes = threading.Barrier(4), list[str]()

    def hurry(turn: int) -> None:
        start.wait()
        try:
            run(funded, *(refs if turn % 2 else reversed(refs)))
            outcomes.append("paid")
        except NotToBePaid as refusal:
            outcomes.append("refused" if refusal.message.count("is paid already.") == len(refs) else refusal.message)

    threads = [threading.Thread(target=hurry, args=(turn,)) for turn in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["paid", "refused", "refused", "refused"]
    assert [len(each.payments) for each in runs(funded)] == [3]
    assert net_paid(funded) == 6_000_00


def test_a_run_is_taken_back_after_its_payments_and_the_past_still_tells_of_it(funded: Database) -> None:
    (ref,) = approved(funded, 1_000_00)
    made = run(funded, ref)
    paid = runs(funded)[0].payments[0].id
    with pytest.raises(PaymentsStand):
        mend(funded, made)
    mend(funded, paid)
    assert state(funded, ref) == "approved"
    mend(funded, made)
    assert runs(funded) == []
    then = AsAt(TODAY, datetime(2011, 9, 2, tzinfo=UTC))
    assert [len(each.payments) for each in runs(funded, then)] == [1]
    assert state(funded, ref, then) == "paid"
    run(funded, ref, on=date(2011, 10, 3), at=LATER)
    assert state(funded, ref) == "paid"


def test_a_payment_does_not_come_back_into_a_run_that_was_taken_back(funded: Database) -> None:
    (ref,) = approved(funded, 1_000_00)
    made = run(funded, ref)
    gone = mend(funded, runs(funded)[0].payments[0].id)
    taken = mend(funded, made)
    with pytest.raises(RunIsGone):
        mend(funded, gone)
    mend(funded, taken)
    mend(funded, gone)
    assert [one.claim for one in runs(funded)[0].payments] == [ref]
    with pytest.raises(Conflict):
        mend(funded, made)


def test_a_run_is_not_changed(funded: Database) -> None:
    first, second = approved(funded, 1_000_00, 2_000_00)
    made = run(funded, first)
    with pytest.raises(RunIsKept):
        mend(funded, made, PaymentRun(claims=[second], paid_on=TODAY))


def test_a_payment_of_a_run_that_is_put_right_stays_in_it(funded: Database) -> None:
    (ref,) = approved(funded, 1_000_00)
    run(funded, ref)
    paid = runs(funded)[0].payments[0]
    with funded.reading() as session:
        kind, fact = queries.fact(session, paid.id)
        values = commands.input_of(kind, fact)
    put_right = Payment(**{**values, "reference": "BACS 12", "paid_on": TODAY})
    doing(funded, LATER)(commands.correct, Mending(paid.id, "The bank’s reference", put_right))
    (again,) = runs(funded)[0].payments
    assert (again.reference, again.claim, again.run) == ("BACS 12", ref, paid.run)


def test_who_pays_is_the_secretariat(funded: Database) -> None:
    (ref,) = approved(funded, 1_000_00)
    made = run(funded, ref)
    with funded.reading() as session:
        _, fact = queries.fact(session, made)
        assert (fact.recorded_by, fact.recorded_as) == (SECRETARIAT.id, "secretariat")
