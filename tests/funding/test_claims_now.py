"""The claims as they stand now are kept from one fact to the next: always what the stories of all of them make."""

import pytest
from sqlalchemy.orm import Session

from improvement.database import EVER, Database
from improvement.funding.entering.claims import Query
from improvement.funding.queries import claims
from improvement.funding.queries.claim_steps import events, told_of
from tests.funding.claimants import MOU, TODAY, Cast


@pytest.fixture
def cast(agreed: Database) -> Cast:
    return Cast(agreed)


def afresh(session: Session) -> dict[str, claims.Claim]:
    return claims._in_turn(claims._made_of(MOU, events(session, EVER, MOU)))


def check(cast: Cast) -> None:
    with cast.database.reading() as session:
        found = claims.claims(session, TODAY, MOU)
        assert found == list(afresh(session).values())


def test_what_is_kept_of_claims_is_what_their_stories_make_after_every_step(cast: Cast) -> None:
    first, second = cast.claims(), cast.claims(500_00)
    check(cast)
    asked = cast.asks(first)
    check(cast)
    cast.answers(first)
    check(cast)
    cast.correct(asked, Query(ref=first, question="Which weeks?"), cast.anita)
    check(cast)
    cast.decides(first)
    decided = cast.decides(second)
    check(cast)
    paid = cast.pays(first)
    check(cast)
    cast.correct(paid, None, cast.anita)
    check(cast)
    assert cast.claim(first).paid_on is None
    cast.correct(decided, None, cast.anita)
    check(cast)
    with cast.database.reading() as session:
        gone = claims.claim(session, TODAY, second, cast.anita).id
    cast.correct(gone, None, cast.lee)
    check(cast)
    with cast.database.reading() as session:
        assert [one.ref for one in claims.claims(session, TODAY, MOU)] == [first]


def test_a_payment_that_is_of_no_claim_tells_nothing_of_claims(cast: Cast) -> None:
    ref = cast.claims()
    check(cast)
    with cast.database.reading() as session:
        kept = session.info["database"].memory.get(("claims so far", MOU), claims._Latest)
        before = kept.made
    cast.pays("")
    with cast.database.reading() as session:
        head = before[0] + 1
        assert told_of(session, MOU, before[0], head) == set()
        claims.claims(session, TODAY, MOU)
        assert kept.made == (head, before[1])
        assert kept.made[1][ref] is before[1][ref]


def test_who_began_to_look_before_a_step_does_not_see_it(cast: Cast) -> None:
    ref = cast.claims()
    with cast.database.reading() as earlier:
        assert claims.claims(earlier, TODAY, MOU)[0].question == ""
        cast.asks(ref)
        check(cast)
        earlier.info["database"].memory._kept.pop(("claims now", MOU), None)
        assert claims._in_turn(claims._now(earlier, MOU))[ref].question == ""
