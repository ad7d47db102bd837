"""The end of the year, recorded: what is owed, asked to be carried forward and decided, now and as it was known."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest

from improvement.access.rules import NOBODY
from improvement.database import EVER, Database
from improvement.dates import AsAt
from improvement.errors import NotAllowed, NotFound
from improvement.funding import commands, queries, rules
from improvement.funding.book import Kind, Of
from improvement.funding.commands import Mending
from improvement.funding.entering.closing import Accrual, CarryDecision, CarryRequest, Grant
from improvement.funding.entering.moves import Agreement, Allocation, Commitment, Ending, Payment, Release, Return
from improvement.funding.queries import closing
from improvement.funding.rules.accruals import MoreThanPromised
from improvement.funding.rules.closing import (
    BeforeItWasAsked,
    DecidedAlready,
    LineClosing,
    MoreThanAsked,
    MoreThanLeft,
    NotARequest,
    NothingGranted,
    StillDecided,
)
from tests.funding.conftest import AT, LONDONER, SECRETARIAT, Do, doing

MOU = "2011-2012"
TODAY = date(2011, 9, 1)
LATER = datetime(2011, 11, 1, 9, tzinfo=UTC)
NOW = AsAt(date(2026, 1, 1))
OWED = Accrual(line="london", amount_pence=3_000_00, recipient="Camden", why="Peer challenge")
ASKED = CarryRequest(line="london", amount_pence=2_000_00, why="Printing in May")


def record(do: Do, kind: Kind, wanted: msgspec.Struct, **more: Any) -> UUID:
    return do(lambda session, given, by, at: commands.do(session, kind, given, by=by, at=at), wanted, **more)


def mend(do: Do, what: UUID, wanted: msgspec.Struct | None = None, **more: Any) -> UUID:
    return do(commands.correct, Mending(what, "It was wrong", wanted), **more)


@pytest.fixture
def do(agreed: Database) -> Do:
    """London has £10,000.00, £9,000.00 of it promised and £4,000.00 paid on 1 September 2011."""
    do = doing(agreed)
    do(commands.allocate, Allocation(line="london", amount_pence=10_000_00))
    do(commands.commit, Commitment(line="london", amount_pence=9_000_00, recipient="Camden", purpose="Peer work"))
    do(commands.pay, Payment(line="london", amount_pence=4_000_00, paid_on=TODAY))
    return do


def london(database: Database, as_at: AsAt = NOW) -> LineClosing:
    with database.reading() as session:
        return next(row for row in closing.by_line(session, as_at, MOU) if row.line == "london")


def only_request(database: Database, as_at: AsAt = EVER) -> closing.Request:
    with database.reading() as session:
        (found,) = closing.requests(session, as_at, MOU)
    return found


def decided(ref: str, pence: int | None = None, **more: Any) -> CarryDecision:
    return CarryDecision(ref=ref, decision=more.pop("decision", Grant.GRANTED), amount_pence=pence, **more)


def test_what_is_owed_is_part_of_what_is_not_paid_until_it_is_paid(do: Do, agreed: Database) -> None:
    record(do, Kind.ACCRUAL, OWED)
    assert (london(agreed).owed_pence, london(agreed).left_pence) == (3_000_00, 6_000_00)
    do(commands.pay, Payment(line="london", amount_pence=1_000_00, paid_on=date(2011, 10, 1)), at=LATER)
    assert (london(agreed).owed_pence, london(agreed).left_pence) == (2_000_00, 5_000_00)
    assert london(agreed, AsAt(TODAY)).owed_pence == 3_000_00


def test_an_accrual_put_right_is_still_known_as_it_was(do: Do, agreed: Database) -> None:
    made = record(do, Kind.ACCRUAL, OWED)
    mended = mend(do, made, msgspec.structs.replace(OWED, amount_pence=2_500_00), at=LATER)
    assert london(agreed).owed_pence == 2_500_00
    assert london(agreed, AsAt(date(2011, 10, 1), AT + timedelta(days=1))).owed_pence == 3_000_00
    mend(do, mended, at=LATER)
    assert london(agreed).owed_pence == 0


def test_no_more_is_owed_than_was_promised_and_not_paid(do: Do, agreed: Database) -> None:
    whole = msgspec.structs.replace(OWED, amount_pence=5_000_00)
    made = record(do, Kind.ACCRUAL, whole)
    with pytest.raises(MoreThanPromised, match=r"£5,000\.01 owed, £4,000\.00 paid.*£0\.01 too much"):
        record(do, Kind.ACCRUAL, msgspec.structs.replace(OWED, amount_pence=1))
    with pytest.raises(MoreThanPromised):
        mend(do, made, msgspec.structs.replace(whole, amount_pence=5_000_01))
    mend(do, made, msgspec.structs.replace(whole, amount_pence=4_000_00))
    assert london(agreed).owed_pence == 4_000_00


def test_a_commitment_is_not_released_from_under_what_is_owed(do: Do, agreed: Database) -> None:
    owed = record(do, Kind.ACCRUAL, OWED)
    released = Release(line="london", amount_pence=2_000_01, of=Of.COMMITMENT, why="Less peer work")
    for at in (AT, LATER):
        wanted = msgspec.structs.replace(released, effective_on=at.date())
        with pytest.raises(MoreThanPromised, match=r"£3,000\.00 owed, £4,000\.00 paid.*stays so: take back or lower"):
            do(commands.release, wanted, at=at)
    less = msgspec.structs.replace(released, amount_pence=2_000_00, effective_on=LATER.date())
    do(commands.release, less, at=LATER)
    do(commands.pay, Payment(line="london", amount_pence=3_000_00, paid_on=LATER.date()), at=LATER)
    assert london(agreed).owed_pence == 0
    assert london(agreed, AsAt(TODAY)).owed_pence == 3_000_00
    with pytest.raises(MoreThanPromised, match="On 1 November 2011"):
        mend(do, owed, msgspec.structs.replace(OWED, amount_pence=3_000_01), at=LATER)


def test_an_accrual_has_come_and_is_of_a_line_that_is_open(do: Do) -> None:
    with pytest.raises(rules.DayHasNotCome):
        record(do, Kind.ACCRUAL, msgspec.structs.replace(OWED, effective_on=date(2011, 9, 2)))
    for wrong in ({"line": "nowhere"}, {"effective_on": date(2011, 3, 1)}):
        with pytest.raises(rules.LineNotOpen):
            record(do, Kind.ACCRUAL, msgspec.structs.replace(OWED, **wrong))


def test_a_request_is_given_a_reference_that_its_correction_keeps(do: Do, agreed: Database) -> None:
    made = record(do, Kind.CARRY_ASKED, ASKED, by=LONDONER)
    ref = only_request(agreed).ref
    assert ref.startswith("CF-")
    assert len(ref) == 8
    mend(do, made, msgspec.structs.replace(ASKED, amount_pence=1_000_00), by=LONDONER)
    assert (only_request(agreed).ref, only_request(agreed).amount_pence) == (ref, 1_000_00)


def test_a_region_asks_for_its_own_money_and_only_the_secretariat_decides(do: Do, agreed: Database) -> None:
    with pytest.raises(NotFound):
        record(do, Kind.CARRY_ASKED, msgspec.structs.replace(ASKED, line="eastern"), by=LONDONER)
    with pytest.raises(NotAllowed):
        record(do, Kind.CARRY_ASKED, ASKED, by=NOBODY)
    with pytest.raises(NotAllowed):
        record(do, Kind.ACCRUAL, OWED, by=LONDONER)
    record(do, Kind.CARRY_ASKED, ASKED, by=LONDONER)
    with pytest.raises(NotAllowed):
        record(do, Kind.CARRIED, decided(only_request(agreed).ref), by=LONDONER)


def test_no_more_is_asked_than_is_allocated_not_paid_and_not_asked_for(do: Do, agreed: Database) -> None:
    record(do, Kind.CARRY_ASKED, ASKED)
    record(do, Kind.CARRIED, decided(only_request(agreed).ref, 500_00))
    with pytest.raises(MoreThanLeft, match=r"Ask for £5,500\.00 or less"):
        record(do, Kind.CARRY_ASKED, msgspec.structs.replace(ASKED, amount_pence=5_500_01))
    record(do, Kind.CARRY_ASKED, msgspec.structs.replace(ASKED, amount_pence=5_500_00))


def test_what_was_refused_can_be_asked_for_again(do: Do, agreed: Database) -> None:
    whole = msgspec.structs.replace(ASKED, amount_pence=6_000_00)
    record(do, Kind.CARRY_ASKED, whole)
    with pytest.raises(MoreThanLeft):
        record(do, Kind.CARRY_ASKED, whole)
    record(do, Kind.CARRIED, decided(only_request(agreed).ref, decision=Grant.REFUSED, why="Too late"))
    record(do, Kind.CARRY_ASKED, whole)


def test_nothing_is_carried_forward_while_allocations_are_indicative(negotiated: Database) -> None:
    do = doing(negotiated)
    do(commands.allocate, Allocation(line="london", amount_pence=10_000_00))
    with pytest.raises(rules.NotAgreedYet):
        record(do, Kind.CARRY_ASKED, ASKED)


def test_a_request_is_granted_in_whole_unless_less_is_said(do: Do, agreed: Database) -> None:
    record(do, Kind.CARRY_ASKED, ASKED)
    made = record(do, Kind.CARRIED, decided(only_request(agreed).ref))
    assert (london(agreed).carried_pence, london(agreed).left_pence) == (2_000_00, 4_000_00)
    mend(do, made, decided(only_request(agreed).ref, 1_500_00), at=LATER)
    assert london(agreed).carried_pence == 1_500_00
    assert london(agreed, AsAt(date(2011, 10, 1), AT + timedelta(days=1))).carried_pence == 2_000_00


def test_a_request_is_decided_once_and_changed_by_a_correction(do: Do, agreed: Database) -> None:
    record(do, Kind.CARRY_ASKED, ASKED)
    ref = only_request(agreed).ref
    refused = record(do, Kind.CARRIED, decided(ref, decision=Grant.REFUSED, why="Too late"))
    with pytest.raises(DecidedAlready, match="was refused on 1 September 2011"):
        record(do, Kind.CARRIED, decided(ref))
    assert london(agreed).carried_pence == 0
    mend(do, refused, decided(ref))
    assert london(agreed).carried_pence == 2_000_00


def test_a_decision_is_within_what_was_asked_and_a_refusal_says_why(do: Do, agreed: Database) -> None:
    record(do, Kind.CARRY_ASKED, ASKED)
    ref = only_request(agreed).ref
    with pytest.raises(MoreThanAsked):
        record(do, Kind.CARRIED, decided(ref, 2_000_01))
    with pytest.raises(NothingGranted):
        record(do, Kind.CARRIED, decided(ref, decision=Grant.REFUSED))
    with pytest.raises(BeforeItWasAsked):
        record(do, Kind.CARRIED, decided(ref, effective_on=date(2011, 8, 31)))
    with pytest.raises(NotARequest):
        record(do, Kind.CARRIED, decided("CF-NONE1"))


def test_a_request_with_a_decision_that_stands_cannot_be_taken_from_under_it(do: Do, agreed: Database) -> None:
    made = record(do, Kind.CARRY_ASKED, ASKED)
    told = record(do, Kind.CARRIED, decided(only_request(agreed).ref, 1_500_00))
    with pytest.raises(StillDecided):
        mend(do, made)
    with pytest.raises(StillDecided):
        mend(do, made, msgspec.structs.replace(ASKED, line="eastern"))
    with pytest.raises(MoreThanAsked):
        mend(do, made, msgspec.structs.replace(ASKED, amount_pence=1_499_99))
    gone = mend(do, told)
    mend(do, made)
    assert london(agreed).carried_pence == 0
    with pytest.raises(NotARequest):
        mend(do, gone)


def test_what_is_carried_forward_cannot_be_paid_as_well(do: Do, agreed: Database) -> None:
    do(commands.commit, Commitment(line="london", amount_pence=1_000_00, recipient="Camden", purpose="More"))
    record(do, Kind.CARRY_ASKED, ASKED)
    record(do, Kind.CARRIED, decided(only_request(agreed).ref))
    with pytest.raises(rules.MoreThanUnspent, match=r"£2,000\.00 carried forward, and an allocation of £10,000\.00"):
        do(commands.pay, Payment(line="london", amount_pence=4_000_01, paid_on=TODAY))
    do(commands.pay, Payment(line="london", amount_pence=4_000_00, paid_on=TODAY))


def test_after_closing_nothing_is_owed_asked_or_decided_and_what_is_in_hand_is_returned(
    do: Do, agreed: Database
) -> None:
    record(do, Kind.CARRY_ASKED, ASKED)
    ref = only_request(agreed).ref
    do(commands.close, Ending(effective_on=date(2011, 10, 1)), at=LATER)
    for kind, wanted in ((Kind.ACCRUAL, OWED), (Kind.CARRY_ASKED, ASKED), (Kind.CARRIED, decided(ref))):
        with pytest.raises(rules.AfterTheEnd):
            record(do, kind, wanted, at=LATER)
    back = Return(amount_pence=196_000_00, returned_on=date(2011, 10, 30))
    do(commands.return_to_funder, back, at=LATER)
    with agreed.reading() as session:
        told = closing.statement(session, NOW, MOU)
    assert (told.net_paid_pence, told.returned_pence, told.to_settle_pence) == (4_000_00, 196_000_00, 0)
    assert told.never_drawn_pence == 350_000_00


def test_the_lines_add_up_to_the_statement(do: Do, agreed: Database) -> None:
    record(do, Kind.CARRY_ASKED, ASKED)
    record(do, Kind.CARRIED, decided(only_request(agreed).ref))
    with agreed.reading() as session:
        end = closing.year_end(session, NOW, MOU, SECRETARIAT)
    told = end.statement
    assert told is not None
    for name in ("net_paid_pence", "carried_pence"):
        assert sum(getattr(row, name) for row in end.lines) == getattr(told, name)
    assert sum(row.allocated_pence for row in end.lines) == told.in_force_pence == 550_000_00
    left = told.returned_pence + told.never_drawn_pence + told.to_settle_pence
    assert sum(row.left_pence for row in end.lines) == left


def test_somebody_sees_the_end_of_their_own_money_only(do: Do, agreed: Database) -> None:
    record(do, Kind.ACCRUAL, OWED)
    record(do, Kind.CARRY_ASKED, ASKED)
    with agreed.reading() as session:
        mine = closing.year_end(session, NOW, MOU, LONDONER)
        assert mine.statement is None
        assert [row.line for row in mine.lines] == ["london"]
        assert (len(mine.accruals), len(mine.requests)) == (1, 1)
        with pytest.raises(NotFound):
            closing.year_end(session, NOW, MOU, NOBODY)


def test_an_agreement_at_less_changes_the_statement_from_its_day(negotiated: Database) -> None:
    do = doing(negotiated)
    do(commands.agree, Agreement(amount_pence=500_000_00, effective_on=date(2011, 6, 1)))
    with negotiated.reading() as session:
        assert closing.statement(session, AsAt(date(2011, 5, 31)), MOU).in_force_pence == 550_000_00
        assert closing.statement(session, NOW, MOU).never_drawn_pence == 500_000_00
        assert queries.lines(session, NOW)[-1].allocated_pence == 500_000_00


def test_of_a_withdrawn_mou_nothing_is_left(negotiated: Database) -> None:
    do = doing(negotiated)
    do(commands.allocate, Allocation(line="london", amount_pence=10_000_00))
    do(commands.withdraw, Ending(effective_on=TODAY))
    with negotiated.reading() as session:
        told = closing.statement(session, NOW, MOU)
        assert (told.in_force_pence, told.never_drawn_pence, told.to_settle_pence) == (0, 0, 0)
        assert all(row.left_pence == 0 for row in closing.by_line(session, NOW, MOU))
