"""Splits from the first what-if to the last penny allocated, on both databases."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest

from improvement.database import Database
from improvement.dates import AsAt
from improvement.errors import Mistakes, NotAllowed, NotFound, Refused
from improvement.funding import commands, ledger, queries, rules
from improvement.funding.book import UNALLOCATED, Kind
from improvement.funding.commands import Mending
from improvement.funding.entering.moves import Agreement, Allocation, Commitment, Virement
from improvement.funding.entering.splits import Adoption, Split
from improvement.funding.queries import splits as asked
from improvement.funding.rules.splits import (
    AdoptedAlready,
    DoesNotAddUp,
    MovedSince,
    NoSuchVersion,
    NothingToSplit,
    NotInTheSplit,
    PostShare,
    StandsAsAdopted,
    Way,
)
from tests.funding.conftest import AT, LONDONER, doing

LATER = datetime(2011, 10, 1, 9, tzinfo=UTC)
NOW = AsAt(date(2098, 1, 1))
"""After whatever these tests record: pages and the API record things today."""
LEAD = [PostShare("programme-lead", 60_000_00)]


def save(database: Database, at: datetime = AT, **more: Any) -> str:
    """Save a what-if, and its reference."""
    given = {"title": "First thoughts", "way": Way.EQUALLY, "posts": LEAD, "kept_pence": 10_000_00} | more
    id_ = doing(database)(commands.do, Kind.SPLIT, Split(**given), at=at)
    with database.reading() as session:
        return str(queries.fact(session, id_)[1].ref)  # type: ignore[attr-defined]


def adopt(database: Database, ref: str, at: datetime = AT, **more: Any) -> UUID:
    return doing(database)(commands.do, Kind.ADOPTED, Adoption(ref=ref, **more), at=at)


def split(database: Database, ref: str, as_at: AsAt = NOW) -> asked.Split:
    with database.reading() as session:
        return asked.split(session, as_at, ref)


def lines(database: Database, as_at: AsAt = NOW) -> dict[str, int]:
    """What each line, and what is unallocated, has by a day."""
    with database.reading() as session:
        return {row.line: row.allocated_pence for row in queries.lines(session, as_at)}


def moved(database: Database, *kinds: Kind) -> list[ledger.Recorded]:
    with database.reading() as session:
        return ledger.entries(session, NOW, "2011-2012", kinds=kinds)


def test_a_what_if_splits_the_amount_in_force_and_is_given_a_reference(agreed: Database) -> None:
    ref = save(agreed)
    found = split(agreed, ref)
    assert ref.startswith("S-")
    assert (found.total_pence, found.to_posts_pence, found.kept_pence) == (550_000_00, 60_000_00, 10_000_00)
    assert found.to_regions_pence == 480_000_00
    assert found.division is not None
    assert found.division.amounts()["eastern"] == 53_333_34
    assert lines(agreed)[UNALLOCATED] == 550_000_00, "a what-if moves nothing"


def test_councils_in_being_on_the_day_of_the_split_are_counted_and_so_are_their_adults(agreed: Database) -> None:
    by_councils = split(agreed, save(agreed, way=Way.PER_COUNCIL)).division
    by_adults = split(agreed, save(agreed, way=Way.BY_ADULTS)).division
    assert by_councils is not None
    assert by_adults is not None
    assert sum(share.weight for share in by_councils.lines) == 152
    assert {share.weight for share in by_adults.lines if share.line == "eastern"} == {4_590_257}


def test_saving_with_a_reference_is_the_next_version_and_the_past_keeps_the_one_before(agreed: Database) -> None:
    ref = save(agreed)
    save(agreed, at=LATER, ref=ref, kept_pence=0)
    before = AsAt(date(2011, 9, 30), datetime(2011, 9, 30, 12, tzinfo=UTC))
    assert (split(agreed, ref).kept_pence, split(agreed, ref).versions) == (0, 2)
    assert (split(agreed, ref, before).kept_pence, split(agreed, ref, before).versions) == (10_000_00, 1)
    with agreed.reading() as session:
        assert [each.kept_pence for each in asked.versions(session, NOW, ref)] == [0, 10_000_00]
        assert len(asked.splits(session, NOW)) == 1
    with pytest.raises(NoSuchVersion, match="is from 1 October 2011"):
        save(agreed, at=LATER, ref=ref, effective_on=date(2011, 9, 2))
    with pytest.raises(NotFound, match="S-22222"):
        save(agreed, ref="S-22222")


def test_a_what_if_taken_back_is_set_aside_and_the_past_still_has_it(agreed: Database) -> None:
    ref = save(agreed)
    version = split(agreed, ref).version
    doing(agreed)(commands.correct, Mending(version.id, "Nobody wants it"), at=LATER)
    with pytest.raises(NotFound):
        split(agreed, ref)
    assert split(agreed, ref, AsAt(date(2011, 9, 30), datetime(2011, 9, 30, tzinfo=UTC))).version == version
    with agreed.reading() as session:
        gone = asked.set_aside(session, NOW, ref)
        assert gone is not None
        assert gone.reason == "Nobody wants it"
    doing(agreed)(commands.correct, Mending(gone.id, "They do after all"), at=LATER)
    assert split(agreed, ref).title == "First thoughts"


def test_a_what_if_that_cannot_be_is_refused_whichever_door_it_came_by(agreed: Database) -> None:
    with pytest.raises(DoesNotAddUp):
        save(agreed, kept_pence=500_000_00)
    with pytest.raises(NotInTheSplit):
        save(agreed, posts=[PostShare("wessex", 1)])
    with pytest.raises(Mistakes):
        save(agreed, title=" ")
    with pytest.raises(NotAllowed):
        doing(agreed)(commands.do, Kind.SPLIT, Split(title="x", way=Way.EQUALLY), by=LONDONER)


def test_without_an_amount_there_has_to_be_money_in_force(agreed: Database) -> None:
    for posts in ([], LEAD):
        with pytest.raises(NothingToSplit, match="No money is in force on 31 March 2011"):
            save(agreed, posts=posts, kept_pence=0, effective_on=date(2011, 3, 31))
    ref = save(agreed, posts=[], total_pence=100_000_00, effective_on=date(2011, 3, 31))
    assert split(agreed, ref).total_pence == 100_000_00


def test_a_correction_passes_the_same_checks_and_keeps_the_reference(agreed: Database) -> None:
    ref = save(agreed)
    version = split(agreed, ref).version
    right = Split(title="Better", way=Way.EQUALLY, total_pence=550_000_00, ref=ref)
    with pytest.raises(DoesNotAddUp):
        wrong = Split(title="Better", way=Way.EQUALLY, total_pence=1, kept_pence=2, ref=ref)
        doing(agreed)(commands.correct, Mending(version.id, "Wrong", wrong))
    with pytest.raises(rules.KeepsItsName):
        other = Split(title="Better", way=Way.EQUALLY, total_pence=1, ref="S-22222")
        doing(agreed)(commands.correct, Mending(version.id, "Wrong", other))
    doing(agreed)(commands.correct, Mending(version.id, "Wrong", right))
    assert (split(agreed, ref).title, split(agreed, ref).versions) == ("Better", 1)


def test_the_first_adoption_allocates_every_line_and_it_adds_up(agreed: Database) -> None:
    ref = save(agreed)
    adopt(agreed, ref)
    assert lines(agreed)["eastern"] == 53_333_34
    assert lines(agreed)["programme-lead"] == 60_000_00
    assert lines(agreed)[UNALLOCATED] == 10_000_00
    assert len(moved(agreed, Kind.ALLOCATION)) == 10
    assert split(agreed, ref).adopted_on == date(2011, 9, 1)


def test_a_later_adoption_is_one_virement_with_a_leg_for_each_difference(agreed: Database) -> None:
    adopt(agreed, save(agreed))
    second = save(agreed, way=Way.BY_ADULTS, kept_pence=0)
    with pytest.raises(rules.NeedsDecision):
        adopt(agreed, second)
    adopt(agreed, second, decision_reference="PB 4/11")
    (virement,) = moved(agreed, Kind.VIREMENT)
    assert sum(leg.amount_pence for leg in virement.legs) == 0
    assert {leg.line: leg.amount_pence for leg in virement.legs}[UNALLOCATED] == -10_000_00
    division = split(agreed, second).division
    assert division is not None
    assert {line: pence for line, pence in lines(agreed).items() if line != UNALLOCATED} == division.amounts()


def test_a_split_that_changes_nothing_is_only_adopted_and_the_same_one_not_twice(agreed: Database) -> None:
    ref = save(agreed)
    adopt(agreed, ref)
    with pytest.raises(AdoptedAlready, match="There is nothing to do"):
        adopt(agreed, ref)
    same = save(agreed, title="The same by another name")
    adopt(agreed, same)
    assert split(agreed, same).adopted_on == date(2011, 9, 1)
    assert moved(agreed, Kind.VIREMENT) == []


def test_an_adoption_never_takes_what_is_committed(agreed: Database) -> None:
    adopt(agreed, save(agreed))
    wanted = Commitment(line="london", amount_pence=53_000_00, recipient="x", purpose="y")
    doing(agreed)(commands.commit, wanted)
    before = lines(agreed)
    with pytest.raises(rules.MoreThanAllocated, match="London"):
        adopt(agreed, save(agreed, kept_pence=490_000_00, posts=[]), decision_reference="PB 5/11")
    assert lines(agreed) == before


def test_an_adoption_comes_after_what_has_been_allocated_and_after_its_split(agreed: Database) -> None:
    ref = save(agreed)
    doing(agreed)(commands.allocate, Allocation(line="london", amount_pence=1), at=LATER)
    with pytest.raises(MovedSince, match="changed on 1 October 2011"):
        adopt(agreed, ref, at=LATER, effective_on=date(2011, 9, 2))
    with pytest.raises(NoSuchVersion, match="is from 1 September 2011"):
        adopt(agreed, ref, at=LATER, effective_on=date(2011, 8, 31))


def test_no_more_is_adopted_than_is_in_force(agreed: Database) -> None:
    with pytest.raises(rules.MoreThanInForce):
        adopt(agreed, save(agreed, total_pence=560_000_00, kept_pence=0))


def test_agreeing_at_less_can_carry_another_split_instead_of_scaling(negotiated: Database) -> None:
    adopt(negotiated, save(negotiated))
    less = save(negotiated, total_pence=500_000_00, way=Way.PER_COUNCIL)
    with pytest.raises(DoesNotAddUp, match=r"£1.00 more than the £499,999.00 agreed"):
        doing(negotiated)(commands.agree, Agreement(amount_pence=499_999_00, split=less))
    doing(negotiated)(commands.agree, Agreement(amount_pence=500_000_00, split=less))
    division = split(negotiated, less).division
    assert division is not None
    now = lines(negotiated)
    assert now.pop(UNALLOCATED) == 10_000_00
    assert now == division.amounts()
    assert moved(negotiated, Kind.RELEASE) == []
    assert len(moved(negotiated, Kind.VIREMENT)) == 1
    assert split(negotiated, less).adopted_on == date(2011, 9, 1)


def test_of_an_adoption_only_the_reason_and_the_decision_can_be_corrected(agreed: Database) -> None:
    ref = save(agreed)
    done = adopt(agreed, ref)
    day = date(2011, 9, 1)
    with pytest.raises(StandsAsAdopted, match="Take back its allocations"):
        doing(agreed)(commands.correct, Mending(done, "No"))
    with pytest.raises(rules.KeepsItsName):
        other = Adoption(ref=ref, effective_on=date(2011, 8, 30))
        doing(agreed)(commands.correct, Mending(done, "No", other))
    with pytest.raises(AdoptedAlready):
        doing(agreed)(commands.correct, Mending(split(agreed, ref).version.id, "No"))
    put_right = Adoption(ref=ref, decision_reference="PB 3/11", effective_on=day)
    mended = doing(agreed)(commands.correct, Mending(done, "It had one", put_right))
    for entry in moved(agreed, Kind.ALLOCATION):
        doing(agreed)(commands.correct, Mending(entry.id, "Adopted too early"))
    doing(agreed)(commands.correct, Mending(mended, "Adopted too early"))
    assert split(agreed, ref).adopted_on is None
    adopt(agreed, ref)
    assert lines(agreed)["eastern"] == 53_333_34


def test_after_a_virement_of_its_own_a_split_can_be_adopted_again(agreed: Database) -> None:
    ref = save(agreed)
    adopt(agreed, ref)
    legs = [rules.Leg("london", -5_00), rules.Leg("eastern", 5_00)]
    doing(agreed)(commands.vire, Virement(legs=legs, why="x"))
    adopt(agreed, ref)
    assert lines(agreed)["eastern"] == 53_333_34


def test_money_stays_right_whatever_was_adopted(agreed: Database) -> None:
    refs = [
        save(agreed, way=way, kept_pence=at) for at, way in enumerate([Way.EQUALLY, Way.PER_COUNCIL, Way.BY_ADULTS])
    ]
    for ref in (*refs, refs[0]):
        adopt(agreed, ref, decision_reference="PB")
    with agreed.reading() as session:
        assert queries.wrong(session) == []


def test_a_split_whose_line_is_gone_says_so_and_cannot_be_adopted(agreed: Database) -> None:
    ref = save(agreed)
    (line,) = [entry for entry in moved(agreed, Kind.LINE) if entry.line == "programme-lead"]
    doing(agreed)(commands.correct, Mending(line.id, "There is no such post"))
    assert "programme-lead" in split(agreed, ref).fault
    with pytest.raises(Refused, match="Save another version"):
        adopt(agreed, ref)


def test_when_several_people_adopt_a_split_at_once_one_of_them_does(agreed: Database) -> None:
    ref = save(agreed)

    def try_to(_: int) -> bool:
        try:
            adopt(agreed, ref)
        except AdoptedAlready:
            return False
        return True

    with ThreadPoolExecutor(4) as people:
        assert sum(people.map(try_to, range(4))) == 1
    assert len(moved(agreed, Kind.ALLOCATION)) == 10
