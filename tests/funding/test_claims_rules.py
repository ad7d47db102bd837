"""The story of a claim: what may follow what, who may decide, and how much may be claimed for which days."""

from datetime import date, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from improvement.dates import ProgrammeYear
from improvement.funding.rules import period_of
from improvement.funding.rules.claims import (
    CannotBePaid,
    ClaimState,
    Left,
    MoreThanLeft,
    NotInPeriod,
    OwnClaim,
    Payable,
    Step,
    Took,
    WrongStep,
    cautions,
    check_left,
    check_payable,
    check_period,
    in_order,
    judge,
    overlapping,
    state_of,
    too_little_left,
)

LEE, ANITA, SAM = 2, 3, 4
DAY = date(2011, 9, 1)
YEAR = ProgrammeYear(2011)
MADE, QUERIED, ANSWERED = Took.MADE, Took.QUERIED, Took.ANSWERED
APPROVED, REJECTED, PAID = Took.APPROVED, Took.REJECTED, Took.PAID
BY = {MADE: LEE, QUERIED: ANITA, ANSWERED: LEE, APPROVED: ANITA, REJECTED: ANITA, PAID: SAM}


def story(*took: Took, on: tuple[int, ...] = (), by: dict[Took, int] | None = None) -> list[Step]:
    """Steps one after another, each by whom it usually is, all on one day or on days counted from it."""
    hands = {**BY, **(by or {})}
    days = on or (0,) * len(took)
    return [
        Step(what, DAY + timedelta(days=after), frozenset({hands[what]}), turn)
        for turn, (what, after) in enumerate(zip(took, days, strict=True))
    ]


def refused(*took: Took, touched: Took | None = None) -> str:
    with pytest.raises(WrongStep) as refusal:
        judge("CL-7K4M2", story(*took), touched or took[-1])
    return refusal.value.message


@pytest.mark.parametrize(
    ("took", "state"),
    [
        ((MADE,), ClaimState.SUBMITTED),
        ((MADE, QUERIED), ClaimState.QUERIED),
        ((MADE, QUERIED, ANSWERED), ClaimState.SUBMITTED),
        ((MADE, QUERIED, ANSWERED, QUERIED), ClaimState.QUERIED),
        ((MADE, APPROVED), ClaimState.APPROVED),
        ((MADE, QUERIED, APPROVED), ClaimState.APPROVED),
        ((MADE, QUERIED, REJECTED), ClaimState.REJECTED),
        ((MADE, QUERIED, ANSWERED, APPROVED, PAID), ClaimState.PAID),
    ],
)
def test_a_claim_is_made_asked_about_answered_decided_and_paid(took: tuple[Took, ...], state: ClaimState) -> None:
    judge("CL-7K4M2", story(*took), took[-1])
    assert state_of(story(*took)) is state


def test_one_question_waits_at_a_time() -> None:
    assert "has a question that waits" in refused(MADE, QUERIED, QUERIED)
    assert "No question about claim CL-7K4M2 waits" in refused(MADE, ANSWERED)
    assert "No question" in refused(MADE, QUERIED, ANSWERED, ANSWERED)


@pytest.mark.parametrize("decided", [APPROVED, REJECTED])
@pytest.mark.parametrize("then", [QUERIED, ANSWERED, APPROVED, REJECTED])
def test_a_decided_claim_takes_nothing_more(decided: Took, then: Took) -> None:
    assert f"was {decided} on 1 September 2011" in refused(MADE, QUERIED, decided, then)


def test_only_an_approved_claim_is_paid_and_once() -> None:
    assert refused(MADE, PAID) == "Claim CL-7K4M2 is to decide. A claim is paid once it is approved."
    assert "is rejected" in refused(MADE, REJECTED, PAID)
    assert "waiting for an answer" in refused(MADE, QUERIED, PAID)
    assert "It is paid once only" in refused(MADE, APPROVED, PAID, PAID)


def test_an_approval_is_not_taken_back_while_it_is_paid() -> None:
    assert "Take back its payment first" in refused(MADE, PAID, touched=APPROVED)
    assert "Take back its payment first" in refused(MADE, REJECTED, PAID, touched=REJECTED)


def test_a_claim_with_something_after_it_is_not_taken_back() -> None:
    assert "cannot be taken back" in refused(QUERIED, touched=MADE)
    assert "cannot be taken back" in refused(APPROVED, PAID, touched=MADE)


def test_nothing_is_of_an_earlier_day_than_what_came_before() -> None:
    with pytest.raises(WrongStep, match="approved on 6 September 2011, so it cannot be paid on 1 September 2011"):
        judge("CL-7K4M2", story(MADE, APPROVED, PAID, on=(0, 5, 0)), PAID)
    with pytest.raises(WrongStep, match="which is earlier"):
        judge("CL-7K4M2", story(MADE, QUERIED, on=(3, 2)), QUERIED)


@pytest.mark.parametrize("decision", [APPROVED, REJECTED])
def test_whoever_made_a_claim_does_not_decide_it(decision: Took) -> None:
    with pytest.raises(OwnClaim, match="You made or changed claim CL-7K4M2, so somebody else has to approve"):
        judge("CL-7K4M2", story(MADE, decision, by={decision: LEE}), decision)


def test_whoever_answered_for_a_claim_does_not_decide_it() -> None:
    with pytest.raises(OwnClaim, match="You answered a question about claim"):
        judge("CL-7K4M2", story(MADE, QUERIED, ANSWERED, APPROVED, by={ANSWERED: ANITA}), APPROVED)


def test_whoever_decided_a_claim_does_not_change_it_afterwards() -> None:
    with pytest.raises(OwnClaim, match="You decided claim CL-7K4M2, so somebody else has to change it"):
        judge("CL-7K4M2", story(MADE, APPROVED, by={MADE: ANITA}), MADE)


def test_whoever_changed_an_earlier_version_counts_too() -> None:
    both = Step(MADE, DAY, frozenset({LEE, ANITA}), 0)
    with pytest.raises(OwnClaim):
        judge("CL-7K4M2", [both, *story(MADE, APPROVED)[1:]], APPROVED)


def test_asking_about_a_claim_does_not_stop_somebody_from_deciding_it() -> None:
    judge("CL-7K4M2", story(MADE, QUERIED, ANSWERED, APPROVED), APPROVED)


def test_a_payment_is_the_end_of_a_story_whenever_it_was_first_recorded() -> None:
    paid, made, approved = Step(PAID, DAY, turn=1), Step(MADE, DAY, turn=2), Step(APPROVED, DAY, turn=3)
    assert in_order([paid, approved, made]) == [made, approved, paid]


@given(st.lists(st.sampled_from(list(Took)), max_size=8))
def test_whatever_was_taken_for_a_story_was_decided_at_most_once_and_paid_at_most_once(took: list[Took]) -> None:
    steps = in_order(story(*took))
    if not steps:
        return
    try:
        judge("CL-7K4M2", steps, steps[-1].what)
    except WrongStep:
        return
    whats = [step.what for step in steps]
    assert whats[0] is MADE
    assert whats.count(APPROVED) + whats.count(REJECTED) <= 1
    assert whats.count(PAID) <= whats.count(APPROVED)
    assert 0 <= whats.count(QUERIED) - whats.count(ANSWERED) <= 1


@pytest.mark.parametrize(
    ("from_on", "to_on", "says", "field"),
    [
        (date(2011, 8, 2), date(2011, 8, 1), "must not be after the last day", "to_on"),
        (date(2011, 8, 1), date(2011, 9, 2), "must be today or earlier", "to_on"),
        (date(2011, 3, 31), date(2011, 8, 1), "from 1 April 2011 to 31 March 2012", "from_on"),
    ],
)
def test_a_claim_is_for_days_that_passed_in_the_programme_year(
    from_on: date, to_on: date, says: str, field: str
) -> None:
    with pytest.raises(NotInPeriod, match=says) as refusal:
        check_period(from_on, to_on, YEAR, DAY)
    assert refusal.value.field == field


def test_a_claim_may_be_for_the_first_day_and_for_the_last() -> None:
    check_period(date(2011, 4, 1), date(2011, 4, 1), YEAR, DAY)
    check_period(date(2012, 3, 31), date(2012, 3, 31), YEAR, date(2012, 3, 31))
    with pytest.raises(NotInPeriod):
        check_period(date(2012, 3, 31), date(2012, 4, 1), YEAR, date(2012, 5, 1))


def test_the_period_is_that_of_the_name_or_else_of_the_day_negotiation_began() -> None:
    assert period_of("2011-2012", date(2010, 1, 1)) == ProgrammeYear(2011)
    assert period_of("winter-money", date(2012, 3, 31)) == ProgrammeYear(2011)
    assert period_of("2011-2013", date(2012, 4, 1)) == ProgrammeYear(2012)


def test_no_more_is_claimed_than_is_left_and_the_figures_are_told() -> None:
    left = Left(9_000_00, 4_000_00, 1_000_00)
    check_left("London", 4_000_00, left)
    with pytest.raises(MoreThanLeft) as refusal:
        check_left("London", 4_000_01, left)
    for figure in ("£9,000.00 committed", "£4,000.00 of it paid", "£1,000.00 in other claims", "£4,000.00 to claim"):
        assert figure in refusal.value.message
    assert refusal.value.field == "amount_pence"


class Asks:
    """A claim for some days."""

    def __init__(self, first: int, last: int, state: ClaimState = ClaimState.SUBMITTED) -> None:
        self.from_on, self.to_on, self.state = date(2011, 9, first), date(2011, 9, last), state


def test_claims_for_some_of_the_same_days_are_told_unless_they_were_rejected() -> None:
    mine, beside, before = Asks(10, 20), Asks(20, 25), Asks(1, 9)
    assert overlapping(mine, [beside, before, Asks(1, 30, ClaimState.REJECTED)]) == [beside]


LINE = Payable(committed_pence=9_000_00, net_paid_pence=4_000_00, approved_pence=3_000_00, open_pence=500_00)


def test_what_is_approved_fits_in_what_is_committed_beside_all_that_is_approved() -> None:
    check_payable("London", 2_000_00, LINE)
    with pytest.raises(
        CannotBePaid, match=r"£4,000\.00 of it paid and £3,000\.00 in other approved.*leaves £2,000\.00"
    ):
        check_payable("London", 2_000_01, LINE)


def test_commitments_agreed_ahead_can_pay_a_claim_and_later_releases_cannot() -> None:
    ahead = msgspec.structs.replace(LINE, ahead_pence=1_000_00)
    check_payable("London", 3_000_00, ahead)
    with pytest.raises(CannotBePaid, match=r"and £1,000\.00 more agreed ahead"):
        check_payable("London", 3_000_01, ahead)
    with pytest.raises(CannotBePaid, match=r"£1,000\.00 of that no longer on a later day"):
        check_payable("London", 1_000_01, msgspec.structs.replace(LINE, ahead_pence=-1_000_00))


def test_what_can_be_approved_may_still_need_a_second_look() -> None:
    assert cautions(1_500_00, LINE) == []
    (others,) = cautions(1_500_01, LINE)
    assert "£500.00. If this one is approved, £499.99 is left" in others
    (later,) = cautions(2_500_00, msgspec.structs.replace(LINE, ahead_pence=1_000_00))
    assert "£2,000.00 is left today" in later
    assert cautions(9_000_00, LINE) == [], "that is refused"


def test_money_that_approved_claims_wait_for_is_not_spent_unnoticed() -> None:
    assert too_little_left("London", LINE) == "", "£5,000.00 is there for £3,000.00"
    told = too_little_left("London", msgspec.structs.replace(LINE, net_paid_pence=6_000_01))
    assert "come to £3,000.00. Afterwards £2,999.99 would be left" in told
    assert too_little_left("London", msgspec.structs.replace(LINE, net_paid_pence=9_000_00, approved_pence=0)) == ""
