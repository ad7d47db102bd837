"""What other facts rest on is not taken away from under them; and what somebody may not know of is just not there."""

from datetime import date

import msgspec
import pytest

from improvement.access.rules import Role
from improvement.database import Database
from improvement.errors import Refused
from improvement.funding import commands
from improvement.funding.book import Kind
from improvement.funding.commands import Mending
from improvement.funding.entering.closing import Conditions
from improvement.funding.entering.forecasts import Forecast, MonthAmount
from improvement.funding.entering.moves import (
    Allocation,
    Commitment,
    Ending,
    ExpectedInstalment,
    Negotiation,
    NewLine,
    Payment,
    Receipt,
    Refund,
)
from improvement.funding.rules import NotExpected, NotThatPayment, StillNamed
from improvement.funding.rules.claims import ClaimsWait
from tests.funding.claimants import a_claim
from tests.funding.conftest import LONDONER, doing
from tests.visiting import Tracker

DAY = date(2011, 9, 1)


@pytest.fixture
def committed(agreed: Database) -> Database:
    """London and Eastern have £10,000.00 each, £9,000.00 of it committed."""
    do = doing(agreed)
    for line in ("london", "eastern"):
        do(commands.allocate, Allocation(line=line, amount_pence=10_000_00))
        do(commands.commit, Commitment(line=line, amount_pence=9_000_00, recipient="x", purpose="y"))
    return agreed


def test_a_refund_stays_with_the_line_and_the_day_of_the_payment_it_names(committed: Database) -> None:
    do = doing(committed)
    paid = do(commands.pay, Payment(line="london", amount_pence=500_00, paid_on=DAY))
    with pytest.raises(NotThatPayment, match="own funding line"):
        do(commands.refund, Refund(line="eastern", amount_pence=1, received_on=DAY, payment=paid))
    with pytest.raises(NotThatPayment, match="or later"):
        do(commands.refund, Refund(line="london", amount_pence=1, received_on=date(2011, 8, 31), payment=paid))
    do(commands.refund, Refund(line="london", amount_pence=100_00, received_on=DAY, payment=paid))
    moved = Payment(line="eastern", amount_pence=500_00, paid_on=DAY)
    with pytest.raises(NotThatPayment, match="own funding line"):
        do(commands.correct, Mending(paid, "Wrong line", moved))
    with pytest.raises(Refused, match=r"Refunds of £100\.00"):
        do(commands.correct, Mending(paid, "Never paid"))


def test_an_instalment_stays_while_money_names_it(agreed: Database) -> None:
    do = doing(agreed)
    due = do(commands.expect_instalment, ExpectedInstalment(amount_pence=5, due_on=DAY, ref="I-1"))
    came = do(commands.receive_instalment, Receipt(amount_pence=5, received_on=DAY, ref="I-1"))
    with pytest.raises(StillNamed, match="I-1"):
        do(commands.correct, Mending(due, "Not due"))
    do(commands.correct, Mending(came, "Not theirs"))
    do(commands.correct, Mending(due, "Not due"))


def test_an_instalment_that_was_taken_back_is_not_expected(agreed: Database) -> None:
    do = doing(agreed)
    due = do(commands.expect_instalment, ExpectedInstalment(amount_pence=5, due_on=DAY, ref="I-1"))
    came = do(commands.receive_instalment, Receipt(amount_pence=5, received_on=DAY, ref="I-1"))
    gone = do(commands.correct, Mending(came, "Not theirs"))
    away = do(commands.correct, Mending(due, "Not due"))
    for again in (
        lambda: do(commands.receive_instalment, Receipt(amount_pence=5, received_on=DAY, ref="I-1")),
        lambda: do(commands.correct, Mending(gone, "Theirs after all")),
    ):
        with pytest.raises(NotExpected, match="No instalment “I-1” is expected"):
            again()
    do(commands.correct, Mending(away, "Due after all"))
    do(commands.correct, Mending(gone, "Theirs after all"))


def test_an_instalment_keeps_conditions_while_they_are_recorded_as_met(agreed: Database) -> None:
    do = doing(agreed)
    wanted = ExpectedInstalment(amount_pence=5, due_on=DAY, ref="I-1", conditions="A report")
    due = do(commands.expect_instalment, wanted)
    met = do(commands.do, Kind.CONDITIONS, Conditions(ref="I-1", evidence="The report was sent"))
    bare = msgspec.structs.replace(wanted, conditions="")
    with pytest.raises(StillNamed, match="recorded as met"):
        do(commands.correct, Mending(due, "No conditions", bare))
    other = do(commands.correct, Mending(due, "Another", msgspec.structs.replace(wanted, conditions="A plan")))
    do(commands.correct, Mending(met, "Not met"))
    do(commands.correct, Mending(other, "No conditions", bare))


def test_a_line_stays_while_a_forecast_is_about_it(agreed: Database) -> None:
    do = doing(agreed)
    post = do(commands.open_line, NewLine(kind="post", title="Adviser", effective_on=date(2011, 6, 1)))  # type: ignore[arg-type]
    wanted = Forecast(line="adviser", months=[MonthAmount("2011-12", 0)])
    given = do(lambda session, it, *, by, at: commands.do(session, Kind.FORECAST, it, by=by, at=at), wanted)
    with pytest.raises(StillNamed, match="Adviser since 1 September 2011"):
        do(commands.correct, Mending(post, "Not needed"))
    do(commands.correct, Mending(given, "Not needed"))
    do(commands.correct, Mending(post, "Not needed"))


def test_an_mou_is_not_closed_over_claims_that_wait(committed: Database) -> None:
    do = doing(committed)
    do(lambda session, it, *, by, at: commands.do(session, Kind.CLAIM, it, by=by, at=at), a_claim(), by=LONDONER)
    with pytest.raises(ClaimsWait, match="1 claim waits to be decided or paid"):
        do(commands.close, Ending())


def test_a_line_of_others_and_one_that_is_not_there_are_told_alike(tracker: Tracker, committed: Database) -> None:
    coordinator = tracker.signed_in(Role.COORDINATOR, region="london")
    body = {"amount_pence": 100, "from_on": "2011-08-01", "to_on": "2011-08-02", "paid_for": "x"}
    answers = {
        (answer.status_code, answer.json()["error"].replace(line, "…"))
        for line in ("eastern", "programme-lead", "nobody")
        for answer in [coordinator.api("/funding/claims", {**body, "line": line})]
    }
    assert len(answers) == 1
    assert next(iter(answers))[0] == 404


def test_what_others_recorded_and_what_is_not_there_are_told_alike_when_corrected(
    tracker: Tracker, committed: Database
) -> None:
    theirs = doing(committed)(commands.allocate, Allocation(line="eastern", amount_pence=1))
    coordinator = tracker.signed_in(Role.COORDINATOR, region="london")
    for values in ({"amount_pence": "nonsense"}, {"amount_pence": 2}):
        answers = {
            coordinator.api("/funding/corrections", {"corrects": str(id_), "reason": "x", "values": values}).text
            for id_ in (theirs, "0b6f3c1e-5d0a-4f51-9d0e-1f6f6f3b2a10")
        }
        assert len(answers) == 1
        assert "There is no such fact" in next(iter(answers))


def test_a_coordinator_hears_of_the_mou_and_not_of_what_moved_in_it(tracker: Tracker, committed: Database) -> None:
    told = tracker.signed_in(Role.COORDINATOR, region="london").api("/funding/mou").json()
    assert (told["state"], told["amount_pence"], told["cash_in_hand_pence"]) == ("agreed", 550_000_00, None)
    assert tracker.signed_in(Role.BOARD).api("/funding/mou").json()["cash_in_hand_pence"] == 200_000_00


def test_with_a_second_mou_the_first_ones_work_is_still_told_and_its_links_say_which(
    tracker: Tracker, committed: Database
) -> None:
    do = doing(committed)
    do(lambda session, it, *, by, at: commands.do(session, Kind.CLAIM, it, by=by, at=at), a_claim(), by=LONDONER)
    do(commands.put_in_negotiation, Negotiation(mou="2012-2013", title="Next", funder="DH", amount_pence=5))
    secretary = tracker.signed_in(Role.SECRETARIAT)
    home = secretary.get("/").text
    assert "Decide on claim" in home
    assert "mou=2011-2012" in home
    page = secretary.get("/funding?mou=2011-2012").text
    assert "/funding/payments/new?mou=2011-2012" in page
    assert "/funding/lines/london?mou=2011-2012" in page


def test_a_day_of_forty_figures_is_a_mistake_and_no_fault(tracker: Tracker, committed: Database) -> None:
    secretary = tracker.signed_in(Role.SECRETARIAT)
    typed = {
        "line": "london",
        "amount_pence": "1",
        "paid_on-day": "9" * 40,
        "paid_on-month": "1",
        "paid_on-year": "2011",
    }
    answer = secretary.send("/funding/payments/new", **typed)
    assert answer.status_code == 422
    assert "as a real date" in answer.text
