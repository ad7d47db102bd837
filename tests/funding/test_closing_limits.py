"""Limits and conditions: what they change from their day, and that they can be put right."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import msgspec
import pytest

from improvement import documents
from improvement.database import EVER, Database
from improvement.dates import AsAt
from improvement.errors import NotAllowed, NotFound
from improvement.funding import commands, rules
from improvement.funding.book import Kind, Leg
from improvement.funding.commands import Mending
from improvement.funding.commands.claims import TooManyFiles
from improvement.funding.entering.claims import Attachment
from improvement.funding.entering.closing import Conditions, Limits
from improvement.funding.entering.moves import Allocation, ExpectedInstalment, Virement
from improvement.funding.queries import conditions
from improvement.funding.rules.closing import MetAlready, NoConditions
from improvement.web.uploads import NotEvidence
from tests.funding.conftest import LONDONER, Do, doing

MOU = "2011-2012"
LATER = datetime(2012, 2, 1, 9, tzinfo=UTC)
JULY_1, AUGUST_1, OCTOBER_1, JANUARY_1 = date(2011, 7, 1), date(2011, 8, 1), date(2011, 10, 1), date(2012, 1, 1)
MET = Conditions(ref="I-2", evidence="The report of November was sent")
PDF = Attachment("C:\\files\\report.pdf", b"%PDF-1.7 what was done")


def record(do: Do, kind: Kind, wanted: msgspec.Struct, **more: Any) -> UUID:
    more = {"at": LATER, **more}
    return do(lambda session, given, by, at: commands.do(session, kind, given, by=by, at=at), wanted, **more)


def mend(do: Do, what: UUID, wanted: msgspec.Struct | None = None) -> UUID:
    return do(commands.correct, Mending(what, "It was wrong", wanted), at=LATER)


def limited(pounds: int, on: date, variance: int = 5_000) -> Limits:
    return Limits(
        virement_above_pence=pounds * 100, variance_above_pence=variance * 100, why="The Board said so", effective_on=on
    )


def moved(pounds: int, on: date, decision: str = "") -> Virement:
    legs = [Leg("unallocated", -pounds * 100), Leg("london", pounds * 100)]
    return Virement(legs=legs, why="More peer work", decision_reference=decision, effective_on=on)


@pytest.fixture
def do(agreed: Database) -> Do:
    """One instalment is expected under a condition, and one under none."""
    do = doing(agreed)
    do(commands.allocate, Allocation(line="london", amount_pence=10_000_00))
    due = {"amount_pence": 100_000_00, "due_on": date(2011, 12, 1), "effective_on": JULY_1}
    do(commands.expect_instalment, ExpectedInstalment(ref="I-1", **due))
    do(commands.expect_instalment, ExpectedInstalment(ref="I-2", conditions="A report of what was done", **due))
    return do


def limits(database: Database, on: date = date(2026, 1, 1)) -> conditions.Limits:
    with database.reading() as session:
        return conditions.limits(session, AsAt(on), MOU)


def test_until_limits_are_set_the_usual_ones_hold(do: Do, agreed: Database) -> None:
    told = limits(agreed)
    assert (told.virement_above_pence, told.variance_above_pence, told.since) == (10_000_00, 5_000_00, None)


def test_a_lower_limit_asks_for_a_decision_from_its_day_and_leaves_what_was_moved_before(do: Do) -> None:
    record(do, Kind.VIREMENT, moved(9_000, AUGUST_1))
    record(do, Kind.LIMITS, limited(2_000, OCTOBER_1))
    record(do, Kind.VIREMENT, moved(9_000, AUGUST_1))
    with pytest.raises(rules.NeedsDecision, match=r"over £2,000\.00"):
        record(do, Kind.VIREMENT, moved(2_001, OCTOBER_1))
    record(do, Kind.VIREMENT, moved(2_000, OCTOBER_1))
    record(do, Kind.VIREMENT, moved(9_000, JANUARY_1, "B-12/04"))


def test_a_higher_limit_lets_more_be_moved_from_its_day_only(do: Do) -> None:
    record(do, Kind.LIMITS, limited(20_000, OCTOBER_1))
    record(do, Kind.VIREMENT, moved(15_000, OCTOBER_1))
    with pytest.raises(rules.NeedsDecision, match=r"over £10,000\.00"):
        record(do, Kind.VIREMENT, moved(15_000, AUGUST_1))


def test_a_limit_that_would_undo_a_virement_is_refused_new_or_corrected(do: Do, agreed: Database) -> None:
    made = record(do, Kind.LIMITS, limited(20_000, OCTOBER_1))
    record(do, Kind.VIREMENT, moved(15_000, JANUARY_1))
    for wrong in (None, limited(14_999, OCTOBER_1), limited(20_000, date(2012, 1, 2))):
        with pytest.raises(rules.NeedsDecision):
            mend(do, made, wrong)
    with pytest.raises(rules.NeedsDecision):
        record(do, Kind.LIMITS, limited(1_000, JANUARY_1))
    mend(do, made, limited(15_000, OCTOBER_1, variance=7_000))
    told = limits(agreed)
    assert (told.virement_above_pence, told.variance_above_pence, told.since) == (15_000_00, 7_000_00, OCTOBER_1)


def test_limits_are_those_of_the_day_asked_about(do: Do, agreed: Database) -> None:
    record(do, Kind.LIMITS, limited(2_000, OCTOBER_1))
    record(do, Kind.LIMITS, limited(3_000, JANUARY_1))
    assert [limits(agreed, day).virement_above_pence for day in (AUGUST_1, OCTOBER_1, JANUARY_1)] == [
        10_000_00,
        2_000_00,
        3_000_00,
    ]


def test_a_coordinator_sets_no_limits_and_meets_no_conditions(do: Do) -> None:
    for kind, wanted in ((Kind.LIMITS, limited(2_000, OCTOBER_1)), (Kind.CONDITIONS, MET)):
        with pytest.raises(NotAllowed):
            record(do, kind, wanted, by=LONDONER)


def test_conditions_are_met_with_evidence_that_is_kept(do: Do, agreed: Database) -> None:
    made = record(do, Kind.CONDITIONS, msgspec.structs.replace(MET, files=[PDF]))
    with agreed.reading() as session:
        met = conditions.conditions(session, EVER, MOU)["I-2"]
        (file,) = met.files
        assert (met.id, met.evidence, file.name) == (made, MET.evidence, "report.pdf")
        assert documents.body_of(session, conditions.evidence(session, EVER, made, file.sha256).sha256) == PDF.content
        with pytest.raises(NotFound):
            conditions.evidence(session, EVER, made, "0" * 64)


def test_conditions_are_met_once_and_a_correction_keeps_the_files(do: Do, agreed: Database) -> None:
    made = record(do, Kind.CONDITIONS, msgspec.structs.replace(MET, files=[PDF]))
    with pytest.raises(MetAlready):
        record(do, Kind.CONDITIONS, MET)
    mended = mend(do, made, msgspec.structs.replace(MET, evidence="The report of December"))
    with agreed.reading() as session:
        met = conditions.conditions(session, EVER, MOU)["I-2"]
        assert (met.id, met.evidence, len(met.files)) == (mended, "The report of December", 1)
        was = conditions.conditions(session, AsAt(date(2012, 2, 1), LATER), MOU)
    assert was["I-2"].evidence == MET.evidence
    mend(do, mended)
    record(do, Kind.CONDITIONS, MET)


def test_only_conditions_that_there_are_can_be_met(do: Do) -> None:
    with pytest.raises(NoConditions):
        record(do, Kind.CONDITIONS, msgspec.structs.replace(MET, ref="I-1"))
    with pytest.raises(rules.NotExpected):
        record(do, Kind.CONDITIONS, msgspec.structs.replace(MET, ref="I-9"))


@pytest.mark.parametrize(
    "file", [Attachment("empty.pdf", b""), Attachment("run.exe", b"MZ"), Attachment("not.pdf", b"PK\x03\x04")]
)
def test_what_is_not_evidence_is_refused_and_nothing_is_kept(do: Do, agreed: Database, file: Attachment) -> None:
    with pytest.raises(NotEvidence):
        record(do, Kind.CONDITIONS, msgspec.structs.replace(MET, files=[file]))
    with agreed.reading() as session:
        assert conditions.conditions(session, EVER, MOU) == {}


def test_there_are_no_more_files_than_somebody_can_look_through(do: Do) -> None:
    with pytest.raises(TooManyFiles):
        record(do, Kind.CONDITIONS, msgspec.structs.replace(MET, files=[PDF] * 21))
