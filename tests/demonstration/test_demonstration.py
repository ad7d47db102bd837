"""The made-up year holds to every rule, says that it is made up, and is the year that was promised."""

from collections.abc import Iterator
from datetime import date

import pytest

from improvement import serving, upkeep
from improvement.access.rules import SERVICE
from improvement.board_reports import queries as reports
from improvement.database import Database, is_demonstration, last_seq
from improvement.dates import AsAt, Month, ProgrammeYear
from improvement.funding import queries as funding
from improvement.local_accounts import queries as accounts
from improvement.local_accounts.rules import Position
from improvement.upkeep import CannotKeep
from tests.conftest import Templates

END = AsAt(date(2012, 3, 31))
YEAR = ProgrammeYear(2011)


@pytest.fixture(scope="module", params=("sqlite", "postgresql"))
def told(request: pytest.FixtureRequest, templates: Templates) -> Iterator[Database]:
    url, throw_away = templates.fresh(request.param, "migrated")
    database = Database(url)
    serving.load_demonstration(database)
    yield database
    database.close()
    throw_away()


def test_every_always_true_rule_holds_of_it(told: Database) -> None:
    assert serving.check(told) == []


def test_it_is_marked_as_a_demonstration_and_stays_one(told: Database) -> None:
    with told.reading() as session:
        assert is_demonstration(session)
        before = last_seq(session)
    serving.load_demonstration(told)
    with told.reading() as session:
        assert last_seq(session) == before


def test_reports_are_issued_from_april_to_february_and_march_is_a_draft(told: Database) -> None:
    with told.reading() as session:
        states = {str(one.month): one.state for one in reports.reports(session, SERVICE)}
    assert len(states) == 12
    assert states.pop("2012-03") == "draft"
    assert set(states.values()) == {"issued"}
    assert min(states) == "2011-04"


def test_the_timer_has_nothing_left_to_write_however_late_it_is(told: Database) -> None:
    with told.reading() as session:
        assert reports.months_due(session, date(2026, 11, 23)) == []


def test_at_least_ten_councils_have_not_published(told: Database) -> None:
    with told.reading() as session:
        counts = accounts.counts(accounts.standings(session, YEAR, END))
    assert sum(counts.values()) == 152
    assert 152 - counts[Position.ON_TIME] - counts[Position.LATE] >= 10


def test_the_money_is_agreed_never_closed_all_received_and_partly_unpaid(told: Database) -> None:
    with told.reading() as session:
        mou, lines = funding.mou(session, END), funding.lines(session, END)
        due = funding.instalments(session, END, mou.mou)
    assert (mou.state, mou.amount_pence, mou.ended_on) == ("agreed", 550_000_00, None)
    assert mou.received_pence == sum(one.received_pence for one in due) == 550_000_00
    assert sum(line.committed_pence > line.net_paid_pence for line in lines) >= 5


def test_the_months_differ_so_that_history_is_worth_looking_at(told: Database) -> None:
    with told.reading() as session:
        figures = [reports.figures_of(session, one) for one in reports.reports(session, SERVICE)]
    assert len({tuple(sorted(one.items())) for one in figures}) == len(figures)


def test_it_is_refused_where_there_are_real_facts(started: Database) -> None:
    with pytest.raises(CannotKeep, match="real facts"):
        serving.load_demonstration(started)


def test_it_is_all_or_nothing(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    serving.seed(database, known_accounts=False)
    with database.reading() as session:
        before = list(upkeep.dump(session))

    def fails(*_: object) -> None:
        raise RuntimeError("the power went")

    monkeypatch.setattr("improvement.demonstration.reports.commands.issue", lambda *_, **__: fails())
    with pytest.raises(RuntimeError):
        serving.load_demonstration(database)
    with database.reading() as session:
        assert list(upkeep.dump(session)) == before
        assert not is_demonstration(session)
        assert reports.reports(session, SERVICE) == []
        assert Month(2011, 4) not in reports.versions(session)
