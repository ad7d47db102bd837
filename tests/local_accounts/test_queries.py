"""Whatever was told, and whenever it is asked, every council on the list is counted once."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from improvement.access.rules import NOBODY
from improvement.database import EVER, Database, correction, record
from improvement.dates import AsAt, ProgrammeYear
from improvement.errors import NotFound, TurnedDown
from improvement.local_accounts import queries, rules
from improvement.local_accounts.commands import NewPublication
from improvement.local_accounts.queries import Row
from improvement.local_accounts.queries.register import register
from improvement.local_accounts.rules import Position, Published, Reported, Sureness
from improvement.sector.tables import CouncilFormed, RegionNamed
from tests.conftest import LONG
from tests.local_accounts.people import BRENT, DECEMBER, EDITION, LONDON, NOW, SECRETARIAT, YEAR, Clerk

COUNCILS = ("brent", "ealing", "wirral")
days = st.dates(date(2011, 4, 1), date(2012, 5, 31))
ids = st.integers(0, 7)
status = st.fixed_dictionaries(
    {"status": st.sampled_from(rules.Status), "on": days}, optional={"expected_on": days, "note": st.just("x")}
)
publication = st.builds(
    NewPublication,
    st.just("t"),
    st.sampled_from(["https://a.example.org/1", "https://a.example.org/2"]),
    days,
    st.sampled_from(rules.Basis),
    serves=st.sampled_from([[], ["ealing"]]),
)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("says"), st.sampled_from(COUNCILS), status),
        st.tuples(st.just("publishes"), st.sampled_from(COUNCILS), publication),
        st.tuples(st.just("confirms"), st.sampled_from(COUNCILS), st.none()),
        st.tuples(st.just("moves"), ids, days),
        st.tuples(st.just("withdraws"), ids, st.none()),
    ),
    max_size=9,
)


def act(database: Database, told: list[tuple[Any, ...]]) -> list[datetime]:
    """Do what was drawn; what is refused is refused. The instants worth asking about."""
    clerks = {council: Clerk(database, council) for council in COUNCILS}
    facts: list[tuple[str, Any, str]] = []
    at, instants = NOW, [NOW]
    for what, where, given_ in told:
        council = where if isinstance(where, str) else facts[where % len(facts)][0] if facts else "brent"
        clerk, at = clerks[council], at + timedelta(hours=1)
        clerk.at = at
        try:
            if what == "says":
                facts.append((council, clerk.says(**given_), "effective_on"))
            elif what == "publishes":
                facts.append((council, clerk.publishes(given_), "published_on"))
            elif what == "confirms":
                clerk.confirms()
            elif facts:
                fact, day = facts[where % len(facts)][1:]
                moved = {day: given_ and given_.isoformat()}
                new = clerk.withdraws(fact) if what == "withdraws" else clerk.corrects(fact, **moved)
                facts[where % len(facts)] = (council, new, day)
        except TurnedDown:
            continue
        instants.append(clerk.at)
    return instants


@settings(max_examples=60 if LONG else 12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps, days, ids)
def test_the_counts_add_up_for_every_day_and_every_instant(
    seeded: Database, told: list[tuple[Any, ...]], on: date, which: int
) -> None:
    instants = act(seeded, told)
    for known_at in (None, instants[which % len(instants)], NOW - timedelta(days=400)):
        with seeded.reading() as session:
            as_at = AsAt(on, known_at)
            stand = queries.standings(session, YEAR, as_at)
            counted = queries.counts(stand)
            assert sum(counted.values()) == len(stand) == 152
            assert set(counted) == {position.value for position in Position}
            told_of = queries.deciding_facts(session, YEAR, as_at)
            published = {slug for slug, one in stand.items() if one.position in rules.PUBLISHED}
            assert published == {slug for slug, fact in told_of.items() if fact.kind == "account_published"}
            assert published == {entry.council for entry in register(session, YEAR, as_at)}
            assert [row.position for row in queries.rows(session, YEAR, as_at, NOBODY)] == [
                one.position for one in stand.values()
            ]


histories = st.lists(
    st.one_of(
        st.builds(
            Reported, st.sampled_from(COUNCILS), st.sampled_from(rules.Status), days, st.none() | days, st.just("x"),
            st.integers(1, 50),
        ),
        st.builds(
            Published, st.sampled_from(COUNCILS), days, st.sampled_from(rules.Basis), st.just("t"), st.just("a"),
            st.integers(1, 50),
        ),
    ),
    max_size=30,
)  # fmt: skip


@given(histories, days, st.integers(0, 50))
def test_what_is_not_effective_by_the_day_changes_nothing_of_that_day(
    told: list[Reported | Published], on: date, upto: int
) -> None:
    def stand(facts: list[Reported | Published], council: str) -> rules.Standing:
        mine = [one for one in facts if one.council == council and one.seq <= upto]
        reports = [one for one in mine if isinstance(one, Reported)]
        out = [one for one in mine if isinstance(one, Published)]
        return rules.standing(council, date(2011, 12, 31), on, reports, out, Sureness.CONFIRMED)

    def day(fact: Reported | Published) -> date:
        return fact.effective_on if isinstance(fact, Reported) else fact.published_on

    for council in COUNCILS:
        assert stand(told, council) == stand([one for one in told if day(one) <= on], council)
        assert stand(told, council) == stand(told[::-1], council) or len({one.seq for one in told}) < len(told)


class TestList:
    def test_it_has_the_152_councils_in_being_on_the_deadline_in_order_of_name(self, seeded: Database) -> None:
        with seeded.reading() as session:
            names = [council.name for council in queries.expected(session, YEAR)]
            assert len(names) == 152
            assert names == sorted(names)
            assert queries.abolished_before(session, YEAR) == []

    def test_a_council_abolished_since_keeps_its_position_and_leads_to_its_successors(self, seeded: Database) -> None:
        Clerk(seeded, "northamptonshire").publishes()
        with seeded.reading() as session:
            gone = [one for one in queries.expected(session, YEAR) if one.valid_to]
            stand = queries.standings(session, YEAR, EVER)
            assert all(one.successors for one in gone)
            assert [stand[one.slug].position for one in gone if one.slug == "northamptonshire"] == [Position.ON_TIME]

    def test_a_year_that_was_not_set_up_is_not_found(self, seeded: Database) -> None:
        with seeded.reading() as session, pytest.raises(NotFound, match="2012/13 has not been set up"):
            queries.expected(session, ProgrammeYear(2012))


class TestWhoSeesWhat:
    def rows(self, database: Database, by: Any) -> dict[str, Row]:
        with database.reading() as session:
            return {row.council: row for row in queries.rows(session, YEAR, AsAt(date(2011, 12, 1)), by)}

    def test_a_council_sees_its_own_reason_and_others_see_the_position(self, seeded: Database) -> None:
        for council in ("brent", "wirral"):
            Clerk(seeded, council).says(rules.Status.IN_CHALLENGE, note="canary", expected_on=DECEMBER)
        seen = self.rows(seeded, BRENT)
        assert (seen["brent"].status, seen["brent"].because) == ("in challenge", "canary")
        assert (seen["wirral"].status, seen["wirral"].because) == (None, "")
        assert seen["wirral"].position == "expected by the deadline"

    def test_a_coordinator_sees_the_region_and_the_secretariat_everything(self, seeded: Database) -> None:
        for council in ("brent", "wirral"):
            Clerk(seeded, council).says(rules.Status.WILL_NOT_PUBLISH, note="canary")
        assert {slug for slug, row in self.rows(seeded, LONDON).items() if row.because} == {"brent"}
        assert {slug for slug, row in self.rows(seeded, SECRETARIAT).items() if row.because} == {"brent", "wirral"}
        assert not any(row.because for row in self.rows(seeded, NOBODY).values())


def test_councils_are_those_we_knew_of_then_so_that_old_reports_come_out_the_same(seeded: Database) -> None:
    with seeded.writing() as session:
        brent = session.query(CouncilFormed).filter_by(slug="brent").one()
        moved = correction(brent, reason="x", values={"region": "south-west"})
        record(session, moved, by=1, as_role="service", at=NOW)
        named = session.query(RegionNamed).filter_by(slug="london").one()
        record(session, correction(named, reason="x", values={"name": "Capital"}), by=1, as_role="service", at=NOW)
    told = {}
    for known_at in (None, NOW - timedelta(days=1), NOW + timedelta(days=1)):
        with seeded.reading() as session:
            rows = queries.rows(session, YEAR, AsAt(DECEMBER, known_at), SECRETARIAT)
            told[known_at] = {row.council: row.region_name for row in rows if row.council in ("brent", "ealing")}
    assert told[NOW - timedelta(days=1)] == {"brent": "London", "ealing": "London"}
    assert told[None] == told[NOW + timedelta(days=1)] == {"brent": "South West", "ealing": "Capital"}


def test_the_trend_counts_what_was_published_and_hopes_for_what_is_expected(seeded: Database) -> None:
    Clerk(seeded).publishes(EDITION)
    Clerk(seeded, "ealing").says(on=date(2011, 12, 17), expected_on=date(2011, 12, 24))
    with seeded.reading() as session:
        weeks = queries.trend(session, YEAR, AsAt(date(2011, 12, 18)))
    assert [(week.day, week.councils, week.projected) for week in weeks[-4:]] == [
        (date(2011, 12, 11), 0, False),
        (date(2011, 12, 18), 1, False),
        (date(2011, 12, 25), 2, True),
        (date(2011, 12, 31), 2, True),
    ]


def test_the_history_of_a_day_says_what_was_corrected_even_to_another_day(seeded: Database) -> None:
    clerk = Clerk(seeded)
    fact = clerk.publishes(EDITION)
    told = clerk.at
    clerk.corrects(fact, published_on="2012-01-04")
    with seeded.reading() as session:
        new_year = date(2012, 1, 1)
        now, then = (queries.history(session, YEAR, "brent", AsAt(new_year, known_at)) for known_at in (None, told))
    assert [(event.id, event.corrected) for event in now] == [(fact, True)]
    assert [(event.id, event.corrected) for event in then] == [(fact, False)]
