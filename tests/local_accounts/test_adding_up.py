"""Counts add up and never pass the list, and what was known once stays known so, whatever is told later."""

import contextlib
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from improvement.database import Database
from improvement.dates import AsAt
from improvement.errors import TurnedDown
from improvement.local_accounts import queries, rules
from improvement.local_accounts.commands import NewPublication, grid, years
from improvement.local_accounts.commands.years import YearCorrection
from improvement.local_accounts.queries import checks, picture, programme, readings, register, returns
from improvement.local_accounts.rules import Status
from improvement.local_accounts.rules.extensions import timeliness
from improvement.local_accounts.rules.grid import Row
from tests.conftest import LONG
from tests.local_accounts.people import NOW, SECRETARIAT, YEAR, Clerk

COUNCILS = ("brent", "ealing", "wirral")
ADDRESSES = ("https://a.example.org/1", "https://a.example.org/2")
days = st.dates(date(2011, 4, 1), date(2012, 5, 31))
councils, facts = st.sampled_from(COUNCILS), st.integers(0, 7)
served = st.lists(st.sampled_from(COUNCILS[1:]), unique=True, max_size=2)
statuses = st.sampled_from([one for one in Status if one is not Status.PUBLISHED])
publications = st.fixed_dictionaries({"published_on": days, "address": st.sampled_from(ADDRESSES), "serves": served})
steps = st.lists(
    st.one_of(
        st.tuples(st.just("says"), councils, st.tuples(statuses, days, st.none() | days)),
        st.tuples(st.just("publishes"), councils, publications),
        st.tuples(st.just("confirms"), councils, st.none()),
        st.tuples(st.just("all the same"), councils, st.none()),
        st.tuples(st.just("moves"), facts, days),
        st.tuples(st.just("serves"), facts, served),
        st.tuples(st.just("withdraws"), facts, st.none()),
        st.tuples(st.just("deadline"), councils, st.dates(date(2011, 4, 1), date(2012, 3, 31))),
    ),
    min_size=2,
    max_size=9,
)
quickly = settings(max_examples=60 if LONG else 4, suppress_health_check=[HealthCheck.function_scoped_fixture])


class History:
    """What was told, a step an hour: what a rule refuses is refused."""

    def __init__(self, database: Database) -> None:
        self.database, self.at = database, NOW
        self.facts: list[tuple[Clerk, Any, str]] = []

    def tell(self, what: str, of: Any, more: Any) -> None:
        self.at += timedelta(hours=1)
        with contextlib.suppress(TurnedDown):
            self._do(what, of, more)

    def _do(self, what: str, of: Any, more: Any) -> None:
        if isinstance(of, int):
            self._correct(what, of, more)
            return
        clerk = Clerk(self.database, of, at=self.at)
        if what == "says":
            self.facts.append((clerk, clerk.says(more[0], more[1], expected_on=more[2], note="x"), "effective_on"))
        elif what == "publishes":
            new = NewPublication("t", more["address"], more["published_on"], serves=more["serves"])
            self.facts.append((clerk, clerk.publishes(new), "published_on"))
        elif what == "confirms":
            clerk.confirms()
        elif what == "all the same":
            with self.database.writing() as session:
                grid.save(session, YEAR, [Row(of, no_change=True)], by=SECRETARIAT, at=self.at)
        else:
            period = (date(2010, 4, 1), date(2011, 3, 31))
            with self.database.writing() as session:
                years.correct(session, YEAR, YearCorrection(more, *period, "x"), by=SECRETARIAT, at=self.at)

    def _correct(self, what: str, place: int, more: Any) -> None:
        if not self.facts:
            return
        clerk, fact, day = self.facts[place % len(self.facts)]
        clerk.at = self.at
        if what == "withdraws":
            clerk.withdraws(fact)
            return
        wanted = {day: more.isoformat()} if what == "moves" else {"serves": more}
        self.facts[place % len(self.facts)] = (clerk, clerk.corrects(fact, **wanted), day)


@quickly
@given(steps, days)
def test_counts_add_up_to_the_list_and_no_rate_passes_the_whole_of_it(
    seeded: Database, told: list[tuple[Any, ...]], on: date
) -> None:
    history, instants = History(seeded), [NOW]
    for step in told:
        history.tell(*step)
        instants.append(history.at + timedelta(minutes=30))
    for known_at in (None, *instants):
        as_at = AsAt(on, known_at)
        with seeded.reading() as session:
            listed = [one.slug for one in queries.expected(session, YEAR, known_at)]
            found = queries.standings(session, YEAR, as_at)
            assert list(found) == listed
            assert queries.counts(found).total() == len(listed)
            for row in programme.of_years(session, as_at):
                assert 0 <= row.published <= row.councils == len(queries.expected(session, YEAR, known_at))
            entries = [entry.council for entry in register.register(session, YEAR, as_at)]
            assert sorted(entries) == sorted(slug for slug, one in found.items() if one.position in rules.PUBLISHED)
            for theme in readings.coverage(session, YEAR, as_at):
                counted = (theme.covered, theme.partly, theme.not_covered, theme.not_known, theme.unread)
                assert sum(counted) == len(listed)
            forms = readings.format_counts(session, YEAR, as_at)
            assert forms["not published"] == len(listed) - len(entries)
            assert all(count <= len(listed) for count in forms.values())
            drawn = picture.picture(session, YEAR, as_at)
            assert drawn.published == len(entries) <= drawn.councils == drawn.on_list == len(listed)
            assert sum(drawn.sureness.values()) == len(listed)
            for groups in (drawn.regions, drawn.types):
                assert sum(one.councils for one in groups) == len(listed)
                assert sum(one.published for one in groups) == drawn.published
                assert all(sum(one.positions.values()) == one.councils for one in groups)
            deadline = queries.year(session, YEAR, known_at).deadline
            weeks = [week.councils for week in queries.trend(session, YEAR, as_at)]
            assert max(weeks) <= len(listed)
            assert weeks == sorted(weeks)
            for one in found.values():
                assert (one.position is rules.Position.ON_TIME) is bool(timeliness(one.published_on, deadline).on_time)


@quickly
@given(steps, days, st.integers(0, 7))
def test_what_was_known_at_an_instant_never_changes_whatever_is_told_later(
    seeded: Database, told: list[tuple[Any, ...]], on: date, until: int
) -> None:
    history, until = History(seeded), until % len(told)
    for step in told[:until]:
        history.tell(*step)
    then = AsAt(on, history.at)
    asked: tuple[Callable[..., Any], ...] = (queries.standings, checks.confirmations, queries.trend, register.register)
    with seeded.reading() as session:
        before = [ask(session, YEAR, then) for ask in asked]
        rows = queries.rows(session, YEAR, then, SECRETARIAT)
        line = returns.ledger(session, YEAR).line("ealing", as_at=then)
    for step in told[until:]:
        history.tell(*step)
    with seeded.reading() as session:
        assert [ask(session, YEAR, then) for ask in asked] == before
        assert queries.rows(session, YEAR, then, SECRETARIAT) == rows
        assert returns.ledger(session, YEAR).line("ealing", as_at=then) == line


@quickly
@given(steps)
def test_an_entry_that_stands_otherwise_has_a_newer_fact_and_the_return_says_the_same(
    seeded: Database, told: list[tuple[Any, ...]]
) -> None:
    history, today = History(seeded), AsAt(NOW.date())
    with seeded.reading() as session:
        before = dict(queries.standings(session, YEAR, today)), dict(checks.newest(session, YEAR, today))
    for step in told:
        history.tell(*step)
        with seeded.reading() as session:
            now = dict(queries.standings(session, YEAR, today)), dict(checks.newest(session, YEAR, today))
            ledger = returns.ledger(session, YEAR)
            for slug in COUNCILS:
                one, line = now[0][slug], ledger.line(slug)
                assert (line.facts["status"] == Status.PUBLISHED) is (one.published_on is not None), slug
                assert line.facts["published_on"] == (one.published_on.isoformat() if one.published_on else "")
                moved = (one.published_on, one.address, one.status, one.expected_on, one.passed_on)
                was = before[0][slug]
                if moved != (was.published_on, was.address, was.status, was.expected_on, was.passed_on):
                    assert now[1].get(slug) != before[1].get(slug), slug
        before = now


def test_an_account_that_no_longer_serves_a_council_leaves_its_row_of_the_return_and_changes_its_entry(
    seeded: Database,
) -> None:
    clerk = Clerk(seeded)
    fact = clerk.publishes(NewPublication("t", ADDRESSES[0], date(2011, 12, 16), serves=["ealing"]))
    today = AsAt(NOW.date())

    def ealing() -> tuple[str, int, int]:
        with seeded.reading() as session:
            line = returns.ledger(session, YEAR).line("ealing")
            return line.facts["status"], line.seq, checks.newest(session, YEAR, today)["ealing"].seq

    status, of_return, of_entry = ealing()
    assert status == Status.PUBLISHED
    clerk.corrects(fact, serves=[])
    later = ealing()
    assert later[0] == Status.NOT_STARTED
    assert later[1] > of_return
    assert later[2] > of_entry
