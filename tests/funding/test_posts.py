"""National posts: terms and states recorded, corrected, and asked for as they were on any past day."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from improvement.access.rules import Person
from improvement.database import Database
from improvement.dates import AsAt, Month
from improvement.errors import Mistakes, NotAllowed, NotFound, Refused
from improvement.funding import commands
from improvement.funding.book import Kind
from improvement.funding.commands import Mending
from improvement.funding.entering.moves import Allocation, Commitment, Payment
from improvement.funding.entering.posts import PostState, PostStep, PostTerms
from improvement.funding.queries import posts as queries
from improvement.funding.rules import LineNotOpen, NothingSaid, posts
from improvement.funding.tables.matters import PostStateReached
from tests.funding.conftest import LONDONER, SECRETARIAT, doing
from tests.funding.test_queries import counting

MOU, LEAD = "2011-2012", "programme-lead"
MAY, AUGUST, OCTOBER = (datetime(2011, month, 20, 9, tzinfo=UTC) for month in (5, 8, 10))


def tell(database: Database, kind: Kind, wanted: Any, at: datetime = AUGUST, by: Person = SECRETARIAT) -> UUID:
    with database.writing() as session:
        return commands.do(session, kind, wanted, by=by, at=at)


def mend(database: Database, fact: UUID, wanted: Any, at: datetime, by: Person = SECRETARIAT) -> UUID:
    with database.writing() as session:
        return commands.correct(session, Mending(fact, "It was typed wrongly", wanted), by=by, at=at)


def terms(cost: int = 48_000_00, **said: Any) -> PostTerms:
    usual = {"line": LEAD, "wte_hundredths": 100, "starts_on": date(2011, 4, 1), "ends_on": date(2012, 3, 31)}
    return PostTerms(**{**usual, "annual_cost_pence": cost, **said})


def step(state: PostState, on: date | None = None) -> PostStep:
    return PostStep(line=LEAD, state=state, effective_on=on)


def lead(database: Database, as_at: AsAt) -> queries.Post:
    with database.reading() as session:
        return queries.posts(session, as_at)[0]


def by_month(database: Database, as_at: AsAt) -> dict[str, int]:
    with database.reading() as session:
        return {str(each.month): each.planned_pence for each in queries.post(session, as_at, MOU, LEAD).months}


def test_a_post_without_terms_or_state_is_planned_and_forecast_at_nothing(negotiated: Database) -> None:
    found = lead(negotiated, AsAt(date(2011, 9, 1)))
    assert (found.title, found.host, found.state, found.state_since) == ("Programme lead", "ADASS", "planned", None)
    assert (found.annual_cost_pence, found.profile_total_pence, found.vacancy_pence) == (None, 0, 0)


def test_the_profile_follows_the_terms(negotiated: Database) -> None:
    tell(negotiated, Kind.POST_TERMS, terms())
    assert set(by_month(negotiated, AsAt(date(2011, 8, 20))).values()) == {4_000_00}
    found = lead(negotiated, AsAt(date(2011, 8, 20)))
    assert (found.profile_total_pence, found.wte_hundredths) == (48_000_00, 100)


def test_a_changed_cost_re_profiles_from_then_on_and_what_was_forecast_before_can_be_asked_for(
    negotiated: Database,
) -> None:
    first = tell(negotiated, Kind.POST_TERMS, terms(), MAY)
    later = terms(60_000_00, why="A senior post", applies_from=date(2011, 10, 1))
    changed = tell(negotiated, Kind.POST_TERMS, later, AUGUST)
    now = by_month(negotiated, AsAt(date(2011, 8, 20)))
    assert (now["2011-09"], now["2011-10"]) == (4_000_00, 5_000_00)
    assert lead(negotiated, AsAt(date(2011, 8, 19))).profile_total_pence == 48_000_00

    mend(negotiated, changed, terms(54_000_00, applies_from=date(2011, 11, 1)), OCTOBER)
    put_right = by_month(negotiated, AsAt(date(2011, 10, 20)))
    assert (put_right["2011-10"], put_right["2011-11"]) == (4_000_00, 4_500_00)
    as_it_was = by_month(negotiated, AsAt(date(2011, 10, 20), AUGUST.replace(hour=20)))
    assert (as_it_was["2011-10"], as_it_was["2011-11"]) == (5_000_00, 5_000_00)
    with negotiated.reading() as session:
        kept = queries.post(session, AsAt(date(2011, 10, 20)), MOU, LEAD).terms
    assert [(each.annual_cost_pence, each.forecast_pence) for each in kept] == [
        (54_000_00, 50_500_00),
        (48_000_00, 48_000_00),
    ]
    assert (kept[0].reason, kept[1].id) == ("It was typed wrongly", first)


def test_terms_that_do_not_say_hold_from_the_start_and_later_ones_from_today(negotiated: Database) -> None:
    tell(negotiated, Kind.POST_TERMS, terms(starts_on=date(2011, 6, 1)), MAY)
    tell(negotiated, Kind.POST_TERMS, terms(60_000_00, starts_on=date(2011, 6, 1)), AUGUST)
    with negotiated.reading() as session:
        kept = queries.post(session, AsAt(date(2011, 8, 20)), MOU, LEAD).terms
    assert [each.applies_from for each in kept] == [date(2011, 8, 20), date(2011, 6, 1)]


def test_terms_taken_back_leave_the_ones_before(negotiated: Database) -> None:
    tell(negotiated, Kind.POST_TERMS, terms(), MAY)
    changed = tell(negotiated, Kind.POST_TERMS, terms(60_000_00), AUGUST)
    mend(negotiated, changed, None, OCTOBER)
    assert lead(negotiated, AsAt(date(2011, 10, 20))).profile_total_pence == 48_000_00


def test_what_vacancy_leaves_grows_day_by_day_and_can_be_released(agreed: Database) -> None:
    doing(agreed)(commands.allocate, Allocation(line=LEAD, amount_pence=48_000_00))
    tell(agreed, Kind.POST_TERMS, terms(), MAY)
    tell(agreed, Kind.POST_STATE, step(PostState.IN_POST, date(2011, 7, 1)))
    tell(agreed, Kind.POST_STATE, step(PostState.ADVERTISED, date(2011, 6, 1)))
    assert lead(agreed, AsAt(date(2011, 5, 31))).vacancy_pence == 8_000_00
    found = lead(agreed, AsAt(date(2011, 9, 1)))
    assert (found.state, found.state_since) == ("in post", date(2011, 7, 1))
    assert (found.vacancy_pence, found.outturn_pence) == (12_000_00, 36_000_00)
    assert (found.releasable_pence, found.release_first_pence) == (12_000_00, 0)


def test_commitments_in_the_way_are_released_first(agreed: Database) -> None:
    do = doing(agreed)
    do(commands.allocate, Allocation(line=LEAD, amount_pence=48_000_00))
    do(commands.commit, Commitment(line=LEAD, amount_pence=40_000_00, recipient="ADASS", purpose="The post"))
    tell(agreed, Kind.POST_TERMS, terms(), MAY)
    tell(agreed, Kind.POST_STATE, step(PostState.IN_POST, date(2011, 7, 1)))
    found = lead(agreed, AsAt(date(2011, 9, 1)))
    assert (found.releasable_pence, found.release_first_pence) == (12_000_00, 4_000_00)


def test_what_was_paid_beyond_the_profile_cannot_be_released(agreed: Database) -> None:
    do = doing(agreed)
    do(commands.allocate, Allocation(line=LEAD, amount_pence=48_000_00))
    do(commands.commit, Commitment(line=LEAD, amount_pence=48_000_00, recipient="ADASS", purpose="The post"))
    do(commands.pay, Payment(line=LEAD, amount_pence=40_000_00, paid_on=date(2011, 9, 1)))
    tell(agreed, Kind.POST_TERMS, terms(), MAY)
    tell(agreed, Kind.POST_STATE, step(PostState.IN_POST, date(2011, 7, 1)))
    found = lead(agreed, AsAt(date(2011, 9, 1)))
    assert (found.outturn_pence, found.releasable_pence) == (40_000_00, 8_000_00)


def test_a_state_may_be_agreed_ahead_and_counts_from_its_day(negotiated: Database) -> None:
    tell(negotiated, Kind.POST_TERMS, terms(), MAY)
    tell(negotiated, Kind.POST_STATE, step(PostState.IN_POST, date(2011, 12, 1)))
    assert lead(negotiated, AsAt(date(2011, 8, 20))).state == "planned"
    assert lead(negotiated, AsAt(date(2011, 12, 1))).state == "in post"
    with negotiated.reading() as session:
        story = queries.post(session, AsAt(date(2011, 8, 20)), MOU, LEAD).states
    assert [(each.state, each.on, each.ahead) for each in story] == [("in post", date(2011, 12, 1), True)]


def test_a_post_may_be_advertised_again_but_nothing_follows_its_end(negotiated: Database) -> None:
    tell(negotiated, Kind.POST_STATE, step(PostState.ADVERTISED, date(2011, 5, 1)))
    tell(negotiated, Kind.POST_STATE, step(PostState.ADVERTISED, date(2011, 7, 1)))
    ended = tell(negotiated, Kind.POST_STATE, step(PostState.ENDED, date(2011, 8, 1)))
    with pytest.raises(posts.PostHasEnded, match="ended on 1 August 2011"):
        tell(negotiated, Kind.POST_STATE, step(PostState.IN_POST))
    with pytest.raises(posts.PostHasEnded):
        mend(negotiated, ended, step(PostState.ENDED, date(2011, 6, 1)), AUGUST)
    mend(negotiated, ended, None, AUGUST)
    tell(negotiated, Kind.POST_STATE, step(PostState.IN_POST))
    with pytest.raises(posts.PostHasEnded):
        mend(negotiated, _latest(negotiated, ended), None, AUGUST)


def _latest(database: Database, fact: UUID) -> UUID:
    """The fact that corrects another."""
    with database.reading() as session:
        return session.scalars(select(PostStateReached.id).where(PostStateReached.corrects == fact)).one()


@pytest.mark.parametrize(
    ("wrong", "refusal", "field"),
    [
        (terms(starts_on=date(2011, 9, 1), ends_on=date(2011, 8, 31)), posts.EndsBeforeStart, "ends_on"),
        (terms(wte_hundredths=0), posts.NotAWholeTime, "wte_hundredths"),
        (terms(wte_hundredths=10_01), posts.NotAWholeTime, "wte_hundredths"),
        (terms(applies_from=date(2012, 6, 1)), posts.NotItsDays, "applies_from"),
        (terms(ends_on=date.max), Mistakes, "ends_on"),
        (terms(line="london"), posts.NotOfAPost, "line"),
        (terms(line="nobody"), LineNotOpen, "line"),
    ],
)
def test_terms_that_cannot_be_are_refused_whole(
    negotiated: Database, wrong: PostTerms, refusal: type[Refused], field: str
) -> None:
    with pytest.raises(refusal) as refused:
        tell(negotiated, Kind.POST_TERMS, wrong)
    assert refused.value.fields.keys() == {field}
    assert lead(negotiated, AsAt(date(2011, 8, 20))).annual_cost_pence is None


def test_a_region_has_no_state_and_a_correction_says_why(negotiated: Database) -> None:
    with pytest.raises(posts.NotOfAPost):
        tell(negotiated, Kind.POST_STATE, PostStep(line="london", state=PostState.IN_POST))
    made = tell(negotiated, Kind.POST_TERMS, terms())
    with pytest.raises(NothingSaid), negotiated.writing() as session:
        commands.correct(session, Mending(made, " ", terms()), by=SECRETARIAT, at=AUGUST)


def test_a_coordinator_may_not_set_terms(negotiated: Database) -> None:
    with pytest.raises((NotAllowed, NotFound)):
        tell(negotiated, Kind.POST_TERMS, terms(), by=LONDONER)


def test_a_post_that_is_not_there_is_not_found(negotiated: Database) -> None:
    with negotiated.reading() as session, pytest.raises(NotFound):
        queries.post(session, AsAt(date(2011, 9, 1)), MOU, "london")


def test_the_months_of_a_post_say_what_was_paid_and_what_is_to_come(agreed: Database) -> None:
    tell(agreed, Kind.POST_TERMS, terms(), MAY)
    with agreed.reading() as session:
        months = queries.post(session, AsAt(date(2011, 6, 15)), MOU, LEAD).months
    assert (months[0].vacancy_pence, months[2].vacancy_pence) == (4_000_00, 2_000_00)
    assert [each.actual_pence for each in months[:4]] == [0, 0, 0, None]
    assert months[-1].month == Month(2012, 3)


def test_the_posts_cost_as_many_statements_whatever_was_recorded_of_them(negotiated: Database) -> None:
    def asked() -> int:
        negotiated.memory = type(negotiated.memory)()
        with counting(negotiated) as sent, negotiated.reading() as session:
            queries.posts(session, AsAt(date(2011, 12, 1)))
        return len(sent)

    tell(negotiated, Kind.POST_TERMS, terms(), MAY)
    before = asked()
    for _ in range(5):
        tell(negotiated, Kind.POST_TERMS, terms())
        tell(negotiated, Kind.POST_STATE, step(PostState.ADVERTISED))
    assert asked() == before
