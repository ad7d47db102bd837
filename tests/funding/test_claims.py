"""Claims on both databases: who may claim, ask, answer, decide and pay; what is refused; what was known when."""

import threading
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from improvement.database import Database
from improvement.dates import AsAt
from improvement.documents import DocumentRow, body_of
from improvement.errors import Conflict, Mistakes, NotAllowed, NotFound, Refused
from improvement.funding import commands, queries, rules
from improvement.funding.book import Kind, Of
from improvement.funding.entering.claims import Judgement, Query, Verdict
from improvement.funding.entering.moves import Agreement, Ending, Negotiation, Payment, Release
from improvement.funding.queries import claims
from improvement.funding.rules.claims import (
    CannotBePaid,
    ClaimState,
    MoreThanLeft,
    NotInPeriod,
    NotWhatWasApproved,
    OwnClaim,
    StaysAsApproved,
    Took,
    WrongStep,
)
from improvement.web.uploads import NotEvidence
from tests.funding.claimants import MOU, PDF, TODAY, Cast, a_claim, ever, invoice
from tests.funding.conftest import AT, doing

NEXT_DAY = datetime(2011, 9, 2, 9, tzinfo=UTC)


@pytest.fixture
def cast(agreed: Database) -> Cast:
    """Everybody there is, with £9,000.00 committed to London and to Eastern."""
    return Cast(agreed)


def kept(database: Database) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(DocumentRow)) or 0


def test_a_claim_goes_from_its_coordinator_by_question_and_answer_to_approval_and_payment(cast: Cast) -> None:
    ref = cast.claims(files=[invoice()])
    assert ref.startswith("CL-")
    assert cast.claim(ref).state is ClaimState.SUBMITTED
    cast.asks(ref)
    assert (cast.claim(ref).state, cast.claim(ref).question) == (ClaimState.QUERIED, "Which days?")
    cast.answers(ref, files=[invoice("days.csv", b"day,hours")])
    assert cast.claim(ref).state is ClaimState.SUBMITTED
    cast.decides(ref)
    assert cast.claim(ref).approved_on == date(2011, 9, 1)
    cast.pays(ref)
    found = cast.claim(ref)
    assert (found.state, found.paid_on, found.amount_pence) == (ClaimState.PAID, date(2011, 9, 1), 1_000_00)
    assert [file.name for file in found.files] == ["invoice.pdf", "days.csv"]
    assert found.claimed_by == cast.lee.id
    with cast.database.reading() as session:
        told = claims.story(session, TODAY, found)
        assert body_of(session, found.files[0].sha256) == PDF
    assert [step.what for step in told] == [Took.MADE, Took.QUERIED, Took.ANSWERED, Took.APPROVED, Took.PAID]


def test_a_question_that_is_not_answered_does_not_stop_a_decision(cast: Cast) -> None:
    ref = cast.claims()
    cast.asks(ref)
    with pytest.raises(rules.NothingSaid):
        cast.decides(ref, Verdict.REJECTED)
    cast.decides(ref, Verdict.REJECTED, why="It is for a post")
    assert cast.claim(ref).state is ClaimState.REJECTED


def test_nobody_decides_a_claim_they_made_changed_or_answered_for_whatever_roles_they_hold(cast: Cast) -> None:
    own = cast.claims(by=cast.bo)
    for decision in Verdict:
        with pytest.raises(OwnClaim, match="You made or changed claim"):
            cast.decides(own, decision, by=cast.bo, why="Mine")
    answered = cast.claims()
    cast.asks(answered)
    cast.answers(answered, by=cast.anita)
    with pytest.raises(OwnClaim, match="You answered a question"):
        cast.decides(answered, by=cast.anita)
    changed = cast.claims()
    cast.correct(cast.claim(changed).id, a_claim(900_00), by=cast.sam)
    with pytest.raises(OwnClaim):
        cast.decides(changed, by=cast.sam)
    for ref in (own, answered, changed):
        cast.decides(ref, by=cast.sam if ref != changed else cast.anita)
        assert cast.claim(ref).state is ClaimState.APPROVED


def test_who_first_made_a_claim_does_not_decide_it_after_somebody_else_corrected_it(cast: Cast) -> None:
    ref = cast.claims(by=cast.bo)
    cast.correct(cast.claim(ref).id, a_claim(900_00), by=cast.lee)
    assert cast.claim(ref).claimed_by == cast.lee.id
    with pytest.raises(OwnClaim):
        cast.decides(ref, by=cast.bo)


def test_a_coordinator_claims_on_their_own_region_and_knows_of_no_other(cast: Cast) -> None:
    with pytest.raises(NotFound):
        cast.claims(by=cast.mo)
    with pytest.raises(NotFound):
        cast.claims(line="programme-lead")
    ref = cast.claims()
    with pytest.raises(NotFound, match="There is no claim"):
        cast.claim(ref, by=cast.mo)
    cast.asks(ref)
    with pytest.raises(NotFound):
        cast.answers(ref, by=cast.mo)
    with pytest.raises(NotAllowed):
        cast.decides(ref, by=cast.mo)
    with pytest.raises(NotAllowed):
        cast.asks(ref, by=cast.lee)


def test_what_names_no_claim_is_refused(cast: Cast) -> None:
    for kind, wanted in (
        (Kind.QUERY, Query(ref="CL-22222", question="What?")),
        (Kind.DECISION, Judgement(ref="CL-22222", decision=Verdict.APPROVED)),
    ):
        with pytest.raises(NotFound, match="There is no claim"):
            cast.do(kind, wanted, cast.anita)
    with pytest.raises(rules.LineNotOpen):
        cast.do(Kind.CLAIM, a_claim(line="nowhere"), cast.anita)
    with pytest.raises(Mistakes):
        cast.do(Kind.CLAIM, a_claim(0), cast.lee)


def test_nothing_is_claimed_before_the_mou_is_agreed_or_after_it_is_closed(negotiated: Database) -> None:
    do = doing(negotiated)
    with pytest.raises(rules.NotAgreedYet, match="Nothing can be claimed before the MoU is agreed"):
        do(commands.do, Kind.CLAIM, a_claim())
    do(commands.agree, Agreement(amount_pence=550_000_00, effective_on=date(2011, 8, 15)))
    with pytest.raises(rules.NotAgreedYet):
        do(commands.do, Kind.CLAIM, a_claim(effective_on=date(2011, 8, 14)))
    do(commands.close, Ending())
    with pytest.raises(rules.AfterTheEnd):
        do(commands.do, Kind.CLAIM, a_claim())


def test_a_claim_is_for_days_that_passed_in_the_period_of_the_mou(cast: Cast) -> None:
    for more in (
        {"from_on": date(2011, 8, 2), "to_on": date(2011, 8, 1)},
        {"to_on": date(2011, 9, 2)},
        {"from_on": date(2011, 3, 31)},
    ):
        with pytest.raises(NotInPeriod):
            cast.claims(**more)
    with pytest.raises(rules.DayHasNotCome):
        cast.claims(effective_on=date(2011, 9, 2))


def test_an_mou_whose_name_says_no_year_is_of_the_year_it_was_put_in_negotiation(agreed: Database) -> None:
    more: dict[str, Any] = {"mou": "winter-money"}
    do = doing(agreed)
    wanted = Negotiation(title="Winter", funder="The Department", amount_pence=100, **more)
    do(commands.put_in_negotiation, Negotiation(**{**_fields(wanted), "effective_on": date(2010, 12, 1)}))
    region = commands.NewLine(kind="region", region="london", effective_on=date(2010, 12, 1), **more)
    do(commands.open_line, region)
    do(commands.agree, Agreement(amount_pence=100, effective_on=date(2011, 1, 1), **more))
    with pytest.raises(NotInPeriod, match="from 1 April 2010 to 31 March 2011"):
        do(commands.do, Kind.CLAIM, a_claim(1, **more))


def _fields(wanted: Any) -> dict[str, Any]:
    return {name: getattr(wanted, name) for name in wanted.__struct_fields__}


def test_no_more_is_claimed_than_is_left_and_rejected_or_paid_claims_take_nothing(cast: Cast) -> None:
    first = cast.claims(5_000_00)
    with pytest.raises(MoreThanLeft, match=r"£5,000\.00 in other claims"):
        cast.claims(4_000_01)
    second = cast.claims(4_000_00)
    cast.decides(second, Verdict.REJECTED, why="Twice")
    third = cast.claims(4_000_00)
    cast.decides(first)
    with pytest.raises(MoreThanLeft):
        cast.claims(1)
    cast.pays(first, 5_000_00)
    with pytest.raises(MoreThanLeft, match=r"£5,000\.00 of it paid and £4,000\.00 in other claims"):
        cast.claims(1)
    with pytest.raises(MoreThanLeft):
        cast.correct(cast.claim(third).id, a_claim(4_000_01), by=cast.lee)
    cast.correct(cast.claim(third).id, a_claim(3_999_99), by=cast.lee)
    cast.claims(1)


def test_no_more_is_approved_than_can_be_paid_and_a_decision_put_right_is_judged_alike(cast: Cast) -> None:
    first, second, third = (cast.claims(3_000_00) for _ in range(3))
    cast.decides(first)
    less = Release(line="london", amount_pence=3_000_00, of=Of.COMMITMENT, why="Less work", effective_on=AT.date())
    doing(cast.database)(commands.release, less)
    cast.decides(second)
    with pytest.raises(CannotBePaid, match=r"£6,000\.00 committed.*£6,000\.00 in other approved claims.*leaves £0\.00"):
        cast.decides(third)
    said = cast.decides(third, Verdict.REJECTED, why="No money")
    with pytest.raises(CannotBePaid):
        cast.correct(said, Judgement(ref=third, decision=Verdict.APPROVED), by=cast.anita)
    cast.pays(first, 3_000_00)
    with pytest.raises(CannotBePaid, match=r"£3,000\.00 of it paid and £3,000\.00 in other approved"):
        cast.correct(said, Judgement(ref=third, decision=Verdict.APPROVED), by=cast.anita)
    assert cast.claim(third, ever(AT)).state is ClaimState.REJECTED


def test_the_past_is_asked_for_before_and_after_a_claim_was_corrected(cast: Cast) -> None:
    ref = cast.claims(1_000_00, files=[invoice()])
    corrected = cast.correct(cast.claim(ref).id, a_claim(800_00), by=cast.lee, at=NEXT_DAY)
    now = AsAt(date(2011, 9, 3))
    assert (cast.claim(ref, now).amount_pence, cast.claim(ref, now).id) == (800_00, corrected)
    assert [file.name for file in cast.claim(ref, now).files] == ["invoice.pdf"], (
        "evidence stays where no other is sent"
    )
    then = AsAt(date(2011, 9, 3), NEXT_DAY - timedelta(hours=1))
    assert cast.claim(ref, then).amount_pence == 1_000_00
    with pytest.raises(NotFound):
        cast.claim(ref, AsAt(date(2011, 8, 31)))
    cast.decides(ref, at=NEXT_DAY)
    assert cast.claim(ref, AsAt(date(2011, 9, 1))).state is ClaimState.SUBMITTED
    assert cast.claim(ref, now).state is ClaimState.APPROVED
    with cast.database.reading() as session:
        assert [one.amount_pence for one in claims.claims(session, then, MOU)] == [1_000_00]
        assert claims.claims(session, now, MOU, ["eastern"]) == []
        assert claims.claims(session, AsAt(date(2011, 8, 31)), MOU) == []


def test_what_was_approved_stays_as_it_was_until_the_decision_is_taken_back(cast: Cast) -> None:
    ref = cast.claims()
    with pytest.raises(StaysAsApproved, match="stays with its funding line"):
        cast.correct(cast.claim(ref).id, a_claim(line="eastern"), by=cast.anita)
    decided = cast.decides(ref)
    with pytest.raises(StaysAsApproved, match=r"approved at £1,000\.00"):
        cast.correct(cast.claim(ref).id, a_claim(999_00), by=cast.lee)
    with pytest.raises(OwnClaim, match="You decided claim"):
        cast.correct(cast.claim(ref).id, a_claim(paid_for="Other things"), by=cast.anita)
    with pytest.raises(StaysAsApproved, match="Take the decision back"):
        cast.correct(cast.claim(ref).id, a_claim(paid_for="Two peer reviews"), by=cast.lee)
    cast.correct(decided, None, by=cast.sam)
    cast.correct(cast.claim(ref).id, a_claim(999_00), by=cast.lee)
    assert (cast.claim(ref).state, cast.claim(ref).amount_pence) == (ClaimState.SUBMITTED, 999_00)


def test_steps_are_taken_back_the_latest_first(cast: Cast) -> None:
    ref = cast.claims()
    asked = cast.asks(ref)
    with pytest.raises(WrongStep, match="cannot be taken back"):
        cast.correct(cast.claim(ref).id, None, by=cast.lee)
    answered = cast.answers(ref)
    with pytest.raises(WrongStep, match="No question"):
        cast.correct(asked, None, by=cast.anita)
    decided = cast.decides(ref)
    paid = cast.pays(ref)
    for wanted in (None, Judgement(ref=ref, decision=Verdict.REJECTED, why="After all")):
        with pytest.raises(WrongStep, match="Take back its payment first"):
            cast.correct(decided, wanted, by=cast.anita)
    for fact, by in ((paid, cast.sam), (decided, cast.anita), (answered, cast.lee), (asked, cast.anita)):
        cast.correct(fact, None, by=by)
    cast.correct(cast.claim(ref).id, None, by=cast.lee)
    with pytest.raises(NotFound):
        cast.claim(ref)
    with pytest.raises(NotFound):
        cast.decides(ref)


def test_a_claim_taken_back_by_mistake_is_put_back_if_there_is_still_room_for_it(cast: Cast) -> None:
    ref = cast.claims(5_000_00)
    gone = cast.correct(cast.claim(ref).id, None, by=cast.lee)
    other = cast.claims(5_000_00)
    with pytest.raises(MoreThanLeft):
        cast.correct(gone, None, by=cast.lee)
    cast.correct(cast.claim(other).id, None, by=cast.lee)
    cast.correct(gone, None, by=cast.lee)
    assert cast.claim(ref).state is ClaimState.SUBMITTED


def test_a_correction_of_a_question_keeps_its_place_and_its_claim(cast: Cast) -> None:
    ref, other = cast.claims(), cast.claims()
    asked = cast.asks(ref)
    cast.answers(ref)
    cast.asks(ref)
    with pytest.raises(rules.KeepsItsName):
        cast.correct(asked, Query(ref=other, question="Which?"), by=cast.anita)
    cast.correct(asked, Query(ref=ref, question="Which weeks?"), by=cast.anita)
    with cast.database.reading() as session:
        told = claims.story(session, TODAY, claims.claim(session, TODAY, ref, cast.anita))
    assert [step.text for step in told[1:]] == ["Which weeks?", "All of them.", "Which days?"]
    assert cast.claim(ref).question == "Which days?"


def test_nothing_is_recorded_from_an_earlier_day_than_what_came_before(cast: Cast) -> None:
    ref = cast.claims()
    with pytest.raises(WrongStep, match="which is earlier"):
        cast.asks(ref, effective_on=date(2011, 8, 31))
    cast.decides(ref, at=NEXT_DAY)
    with pytest.raises(WrongStep, match="approved on 2 September 2011"):
        cast.pays(ref, at=NEXT_DAY, paid_on=date(2011, 9, 1))


def test_a_payment_pays_an_approved_claim_wholly_on_its_line_and_once(cast: Cast) -> None:
    ref = cast.claims()
    with pytest.raises(WrongStep, match="is to decide"):
        cast.pays(ref)
    cast.decides(ref)
    for pence in (999_99, 1_000_01):
        with pytest.raises(NotWhatWasApproved, match=r"approved at £1,000\.00"):
            cast.pays(ref, pence)
    for more in ({"line": "eastern"}, {"claim": "CL-22222"}):
        with pytest.raises(NotWhatWasApproved, match="There is no claim"):
            cast.pays(ref, **more)
    paid = cast.pays(ref)
    with pytest.raises(WrongStep, match="It is paid once only"):
        cast.pays(ref)
    with pytest.raises(NotWhatWasApproved):
        cast.correct(paid, Payment(line="london", amount_pence=900_00, paid_on=AT.date(), claim=ref), by=cast.sam)
    cast.correct(paid, None, by=cast.sam)
    assert cast.claim(ref).state is ClaimState.APPROVED
    cast.pays(ref)


def test_a_direct_payment_can_be_corrected_to_name_the_claim_it_paid(cast: Cast) -> None:
    paid = cast.pays("")
    ref = cast.claims()
    named = Payment(line="london", amount_pence=1_000_00, paid_on=AT.date(), claim=ref)
    with pytest.raises(WrongStep):
        cast.correct(paid, named, by=cast.sam)
    cast.decides(ref)
    cast.correct(paid, named, by=cast.sam)
    assert cast.claim(ref).state is ClaimState.PAID


def at_once(*acts: Any) -> list[str]:
    """What each of several people came to who did something at the same time."""
    went: list[str] = []
    ready = threading.Barrier(len(acts))

    def run(act: Any) -> None:
        ready.wait()
        try:
            act()
            went.append("done")
        except (Refused, Conflict) as refusal:
            went.append(type(refusal).__name__)

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(went)


def test_of_several_people_who_pay_one_claim_at_once_exactly_one_does(cast: Cast) -> None:
    ref = cast.claims()
    cast.decides(ref)
    assert at_once(*[lambda: cast.pays(ref)] * 6) == ["WrongStep"] * 5 + ["done"]
    with cast.database.reading() as session:
        assert next(row.paid_pence for row in queries.lines(session, TODAY) if row.line == "london") == 1_000_00


def test_of_two_people_who_decide_at_once_one_does_and_the_last_of_the_money_is_claimed_once(cast: Cast) -> None:
    ref = cast.claims()
    decisions = [lambda by=by: cast.decides(ref, by=by) for by in (cast.anita, cast.sam)]
    assert at_once(*decisions) == ["WrongStep", "done"]
    assert at_once(*[lambda: cast.claims(8_000_00)] * 4) == ["MoreThanLeft"] * 3 + ["done"]


def test_a_refused_claim_leaves_no_document_behind(cast: Cast) -> None:
    files = [invoice(), invoice("two.pdf", PDF + b"2")]
    for more in ({"files": [*files, invoice("virus.exe", b"MZ")]}, {"files": files, "from_on": date(2010, 1, 1)}):
        with pytest.raises(Refused):
            cast.claims(**more)
    with pytest.raises(MoreThanLeft):
        cast.claims(9_000_01, files=files)
    with pytest.raises(Refused, match="20 files or fewer"):
        cast.claims(files=[invoice(f"{number}.pdf", PDF + bytes([number])) for number in range(21)])
    assert kept(cast.database) == 0
    cast.claims(files=files)
    assert kept(cast.database) == 2


def test_every_file_at_fault_is_named_and_two_of_one_name_are_told_apart(cast: Cast) -> None:
    with pytest.raises(NotEvidence) as refusal:
        cast.claims(files=[invoice("empty.pdf", b""), invoice("..\\..\\evil.exe", b"MZ"), invoice()])
    assert "“empty.pdf” is empty" in refusal.value.message
    assert "“evil.exe” cannot be kept" in refusal.value.message
    assert "invoice" not in refusal.value.message
    ref = cast.claims(files=[invoice(), invoice("Invoice.pdf", PDF + b"2"), invoice("again.pdf")])
    assert [file.name for file in cast.claim(ref).files] == ["invoice.pdf", "Invoice (2).pdf"]


def test_each_person_is_told_what_waits_for_them(cast: Cast) -> None:
    first, second, own = cast.claims(), cast.claims(), cast.claims(by=cast.bo)
    cast.asks(second)

    def waiting(by: Any) -> list[str]:
        with cast.database.reading() as session:
            return [one.ref for one in claims.to_decide(session, TODAY, MOU, by)]

    assert waiting(cast.anita) == [first, own]
    assert waiting(cast.lee) == [second]
    assert waiting(cast.bo) == [first, second]
    assert waiting(cast.mo) == []


def test_the_list_takes_as_many_statements_for_one_claim_as_for_many(cast: Cast) -> None:
    from sqlalchemy import event

    def statements() -> int:
        sent: list[str] = []
        note = lambda *told: sent.append(told[2])  # noqa: E731
        cast.database.memory.__init__()  # type: ignore[misc]
        event.listen(cast.database.engine, "before_cursor_execute", note)
        with cast.database.reading() as session:
            assert claims.told(session, claims.claims(session, TODAY, MOU))
            claims.to_decide(session, TODAY, MOU, cast.anita)
        event.remove(cast.database.engine, "before_cursor_execute", note)
        return len(sent)

    cast.claims(1_00)
    few = statements()
    for _ in range(8):
        ref = cast.claims(1_00, files=[invoice()])
        cast.asks(ref)
        cast.answers(ref)
        cast.decides(ref)
    assert statements() == few
