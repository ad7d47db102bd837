"""What an adoption of a split brought is known by the adoption it names, whatever its reason says by now."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec
import pytest

from improvement.database import Database, record
from improvement.funding import commands, queries
from improvement.funding.book import Kind
from improvement.funding.commands import Mending
from improvement.funding.entering.moves import Allocation
from improvement.funding.queries import splits as asked
from improvement.funding.rules.splits import StandsAsAdopted
from improvement.funding.tables import TABLES
from improvement.funding.tables.matters import SplitAdopted
from tests.funding.conftest import AT, SECRETARIAT, doing
from tests.funding.test_splits import LATER, adopt, moved, save, split

MOU = "2011-2012"


def brought(database: Database, adoption: UUID) -> set[UUID]:
    with database.reading() as session:
        return set(asked.brought(session, session.get_one(SplitAdopted, adoption)))


def mend(database: Database, fact: UUID, wanted: msgspec.Struct | None = None, at: datetime = LATER) -> UUID:
    return doing(database)(commands.correct, Mending(fact, "A mistake", wanted), at=at)


def test_what_an_adoption_brought_is_found_after_its_reason_was_put_right(agreed: Database) -> None:
    adopted = adopt(agreed, save(agreed))
    given = moved(agreed, Kind.ALLOCATION)
    assert brought(agreed, adopted) == {each.id for each in given}
    one = next(each for each in given if each.line == "london")
    other = Allocation(line="london", amount_pence=one.amount_pence or 0, why="Said in other words")
    now = mend(agreed, one.id, other)
    assert now in brought(agreed, adopted)
    for each in moved(agreed, Kind.ALLOCATION):
        with pytest.raises(StandsAsAdopted):
            mend(agreed, adopted)
        mend(agreed, each.id)
    assert brought(agreed, adopted) == set()
    mend(agreed, adopted)


def test_what_somebody_allocates_in_the_same_words_is_not_taken_for_it(agreed: Database) -> None:
    ref = save(agreed)
    adopted = adopt(agreed, ref)
    for each in moved(agreed, Kind.ALLOCATION):
        mend(agreed, each.id)
    by_hand = Allocation(line="london", amount_pence=1, why=asked.BECAUSE.format(ref=ref), effective_on=AT.date())
    doing(agreed)(commands.allocate, by_hand, at=LATER)
    assert brought(agreed, adopted) == set()
    mend(agreed, adopted)


def test_the_virement_of_a_later_adoption_is_found_too(agreed: Database) -> None:
    ref = save(agreed)
    adopt(agreed, ref)
    save(agreed, ref=ref, kept_pence=20_000_00)
    again = adopt(agreed, ref, decision_reference="PB/11/7")
    (virement,) = moved(agreed, Kind.VIREMENT)
    assert brought(agreed, again) == {virement.id}


def test_what_was_recorded_before_anything_named_its_adoption_is_still_found(agreed: Database) -> None:
    ref, at = save(agreed), datetime(2011, 9, 2, 9, tzinfo=UTC)
    common = {"mou": MOU, "effective_on": at.date(), "why": f"{asked.BECAUSE.format(ref=ref)}: First thoughts"}
    with agreed.writing() as session:
        role = SECRETARIAT.acting(commands.keeping.MAY[Kind.ALLOCATION])  # type: ignore[attr-defined]
        version = split(agreed, ref).version.id
        adoption = SplitAdopted(
            mou=MOU, ref=ref, version=version, effective_on=at.date(), decision_reference="", why=""
        )
        adopted = record(session, adoption, by=1, as_role=role, at=at)
        first = TABLES[Kind.ALLOCATION](line="london", amount_pence=1_000_00, **common)
        made = {record(session, first, by=1, as_role=role, at=at)}
    with agreed.writing() as session:
        later = TABLES[Kind.ALLOCATION](line="london", amount_pence=1_00, **common)
        record(session, later, by=1, as_role=role, at=at + timedelta(seconds=1))
    assert brought(agreed, adopted) == made
    now = mend(agreed, next(iter(made)), Allocation(line="london", amount_pence=900_00, why="Other words"))
    assert brought(agreed, adopted) == {now}
    mend(agreed, now)
    assert brought(agreed, adopted) == set()
    with agreed.reading() as session:
        assert queries.fact(session, adopted)[0] is Kind.ADOPTED
