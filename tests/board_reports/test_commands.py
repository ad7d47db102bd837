"""The life of a report, on both databases: who moves it on, that it is written once, that it can be recomputed."""

import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from improvement import mail, schedule, serving
from improvement.access.rules import NOBODY, SERVICE, Person, Role
from improvement.board_reports import commands, document, queries, rules
from improvement.board_reports.commands import NewPassage, NewRestatement, NewReturn
from improvement.board_reports.rules import Audience, State
from improvement.concerns.rules import Sensitivity
from improvement.database import Database, mark_demonstration
from improvement.dates import AsAt, Month
from improvement.errors import NotAllowed, NotFound, NotSignedIn
from improvement.funding import commands as funding
from improvement.funding.entering.moves import Ending
from improvement.local_accounts import commands as accounts
from improvement.local_accounts import queries as account_queries
from tests.board_reports.telling import (
    DECEMBER,
    FEBRUARY,
    JANUARY,
    NEW_YEAR,
    anita,
    chair,
    concern,
    drafted,
    issued,
    member,
    publish,
    somebody,
    tell,
)

URL = "https://tracker.example.org"


@pytest.fixture
def told(seeded: Database) -> Database:
    """What is known by the end of December 2011."""
    with seeded.writing() as session:
        tell(session)
    return seeded


@pytest.fixture
def session(told: Database) -> Iterator[Session]:
    with told.writing() as session:
        yield session


def test_from_draft_to_issued(told: Database) -> None:
    """Drafted by itself, sent, returned, sent again, approved by the chair, issued; the Board's members are told."""
    with told.writing() as session:
        drafted(session)
        commands.send_to_board(session, DECEMBER, by=anita(session), at=NEW_YEAR, url=URL)
        wanted = NewReturn("Say more of the North West.")
        commands.return_with_comments(session, DECEMBER, wanted, by=chair(session), at=NEW_YEAR)
        assert queries.newest(session, DECEMBER).state is State.DRAFT
        passage = NewPassage("accounts", 0, "The North West met in December.")
        commands.write_narrative(session, DECEMBER, passage, by=anita(session), at=NEW_YEAR)
        commands.send_to_board(session, DECEMBER, by=anita(session), at=NEW_YEAR)
        commands.approve(session, DECEMBER, by=chair(session), at=NEW_YEAR)
        assert member(session)
        commands.issue(session, DECEMBER, by=anita(session), at=NEW_YEAR, url=URL)
    with told.reading() as session:
        report = queries.newest(session, DECEMBER)
        assert (report.state, report.version) == (State.ISSUED, 1)
        text_ = queries.content_of(session, report)
        assert document.hash_of(text_) == report.sha256
        assert "The North West met in December." in text_
        assert commands.verify(session, DECEMBER) == []
        messages = [(one.to, one.subject) for one in mail.newest(session)]
        assert ("ravi.sharma@example.org", "Board report for December 2011 is issued") in messages
        assert sum("is issued" in subject for _, subject in messages) == 2
        assert all(f"{URL}/board-reports/2011-12" in one.body for one in mail.newest(session))


def test_the_chair_does_not_approve_what_they_prepared(session: Session) -> None:
    """Whoever sent it prepared it, when the tracker drafted it by itself; another chair may approve it."""
    both = chair(session)
    both = Person(both.id, both.name, both.email, (*both.holds, *anita(session).holds), both.rights_version)
    drafted(session)
    commands.send_to_board(session, DECEMBER, by=both, at=NEW_YEAR)
    with pytest.raises(rules.PreparedByTheChair):
        commands.approve(session, DECEMBER, by=both, at=NEW_YEAR)
    commands.approve(session, DECEMBER, by=somebody(session, "Another Chair", Role.CHAIR), at=NEW_YEAR)


def test_whoever_wrote_in_it_prepared_it(session: Session) -> None:
    both = chair(session)
    both = Person(both.id, both.name, both.email, (*both.holds, *anita(session).holds), both.rights_version)
    drafted(session)
    commands.write_narrative(session, DECEMBER, NewPassage("money", 0, "More"), by=both, at=NEW_YEAR)
    commands.send_to_board(session, DECEMBER, by=anita(session), at=NEW_YEAR)
    with pytest.raises(rules.PreparedByTheChair):
        commands.approve(session, DECEMBER, by=both, at=NEW_YEAR)


def test_who_may_take_each_step(session: Session) -> None:
    """The secretariat prepares and issues, the chair approves and returns; nobody else does either."""
    drafted(session)
    who: dict[str, Any] = {"at": NEW_YEAR}
    for by in (chair(session), member(session), NOBODY):
        for do in (commands.draft, commands.refresh_figures, commands.send_to_board, commands.issue):
            with pytest.raises(NotAllowed):
                do(session, DECEMBER, by=by, **who)
    commands.send_to_board(session, DECEMBER, by=anita(session), **who)
    for by in (anita(session), member(session), NOBODY):
        with pytest.raises(NotAllowed):
            commands.approve(session, DECEMBER, by=by, **who)
        with pytest.raises(NotAllowed):
            commands.return_with_comments(session, DECEMBER, NewReturn("No"), by=by, **who)


def test_a_month_that_is_not_over_is_not_drafted(session: Session) -> None:
    """31 December 2011, 23:59 in London is too early; one minute later it is January."""
    with pytest.raises(rules.MonthNotOver):
        commands.draft(session, DECEMBER, by=SERVICE, at=datetime(2011, 12, 31, 23, 59, tzinfo=UTC))
    commands.draft(session, DECEMBER, by=SERVICE, at=datetime(2012, 1, 1, 0, 0, tzinfo=UTC))


def test_a_month_before_any_programme_year_is_refused(session: Session) -> None:
    with pytest.raises(rules.NoProgrammeYear):
        commands.draft(session, Month(2010, 12), by=SERVICE, at=NEW_YEAR)


def test_drafting_if_there_is_none_says_the_state_and_does_it_once(session: Session) -> None:
    said = commands.draft_if_none(session, DECEMBER, by=SERVICE, at=NEW_YEAR)
    assert said == "Board report for December 2011: draft"
    assert commands.draft_if_none(session, DECEMBER, by=SERVICE, at=FEBRUARY) == said
    assert len(queries.versions(session)[DECEMBER]) == 1
    with pytest.raises(rules.AnotherStep, match="already"):
        commands.draft(session, DECEMBER, by=SERVICE, at=NEW_YEAR)


def test_two_workers_write_a_report_once(told: Database) -> None:
    """Both find December due at the same moment; one report comes of it, and nothing is parked."""
    with told.writing() as session:
        commands.open_first_round(session, DECEMBER, by=anita(session), at=NEW_YEAR)
    ready, problems = threading.Barrier(2), []

    def work() -> None:
        try:
            ready.wait(10)
            schedule.work(told, [serving.reports_due], NEW_YEAR)
        except Exception as problem:  # told to the test below
            problems.append(problem)

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    with told.reading() as session:
        assert problems == []
        assert len(queries.versions(session)[DECEMBER]) == 1
        assert schedule.parked(session) == []
        assert queries.months_due(session, NEW_YEAR.date()) == []


def test_two_who_draft_at_the_same_moment_draft_once(told: Database) -> None:
    ready, said = threading.Barrier(2), []

    def work() -> None:
        ready.wait(10)
        with told.writing() as session:
            said.append(commands.draft_if_none(session, DECEMBER, by=SERVICE, at=NEW_YEAR))

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert said == ["Board report for December 2011: draft"] * 2
    with told.reading() as session:
        assert len(queries.versions(session)[DECEMBER]) == 1


def test_the_first_round_is_opened_once_and_the_next_follow(session: Session) -> None:
    """From October 2011, asked on 2 January 2012: three months are due; in a new month one more."""
    commands.open_first_round(session, Month(2011, 10), by=anita(session), at=NEW_YEAR)
    with pytest.raises(rules.RoundsOpened, match="opened with October 2011"):
        commands.open_first_round(session, DECEMBER, by=anita(session), at=NEW_YEAR)
    due = [str(month) for month in queries.months_due(session, NEW_YEAR.date())]
    assert due == ["2011-10", "2011-11", "2011-12"]
    drafted(session)
    assert [str(month) for month in queries.months_due(session, FEBRUARY.date())] == ["2011-10", "2011-11", "2012-01"]
    assert queries.rounds(session, NEW_YEAR.date())[0].month == JANUARY


def test_rounds_end_with_the_mou_and_the_year(session: Session) -> None:
    commands.open_first_round(session, DECEMBER, by=anita(session), at=NEW_YEAR)
    later = datetime(2013, 1, 5, 9, tzinfo=UTC)
    assert str(queries.opened(session, later.date())[-1]) == "2013-01"
    funding.close(session, Ending(effective_on=date(2012, 5, 31)), by=SERVICE, at=later)
    session.flush()
    assert str(queries.opened(session, later.date())[-1]) == "2012-05"


def test_in_a_demonstration_no_report_is_due_after_march_2012(session: Session) -> None:
    commands.open_first_round(session, Month(2012, 2), by=anita(session), at=FEBRUARY)
    mark_demonstration(session)
    assert [str(month) for month in queries.months_due(session, date(2026, 11, 23))] == ["2012-02", "2012-03"]


def test_an_issued_report_is_recomputed_identical_whatever_is_recorded_later(told: Database) -> None:
    """A publication told late, a correction and a new concern change today's figures, and not the report."""
    with told.writing() as session:
        report = issued(session)
        shown = queries.content_of(session, report)
    with told.writing() as session:
        publish(session, "leeds", date(2011, 12, 30), FEBRUARY)
        first = account_queries.publications_of(session, report.year, "brent", AsAt(FEBRUARY.date()))[0]
        wrong = accounts.NewCorrection(first.id, "It was not the account", withdrawn=True)
        accounts.correct(session, report.year, "brent", wrong, by=SERVICE, at=FEBRUARY)
        concern(session, Sensitivity.PUBLIC, FEBRUARY)
    with told.reading() as session:
        assert commands.verify(session, DECEMBER) == []
        assert commands.wrong(session) == []
        assert queries.content_of(session, queries.newest(session, DECEMBER)) == shown


def test_the_next_report_says_what_is_new_and_what_is_restated(told: Database) -> None:
    """December was issued with 2 published. Since then one is told for December and one for January: 1 of 2 is new."""
    with told.writing() as session:
        issued(session)
    with told.writing() as session:
        publish(session, "leeds", date(2011, 12, 30), FEBRUARY - timedelta(days=3))
        publish(session, "york", date(2012, 1, 20), FEBRUARY - timedelta(days=3))
    with told.writing() as session:
        report = drafted(session, JANUARY, FEBRUARY)
        told_ = document.compose(session, report, queries.narrative(session, JANUARY, 1))
    rows = {row.label: [cell.value for cell in row.cells] for row in told_.changes[0].groups[0].rows}
    assert rows["Published on time"] == [2, 3, 1, 0, 1]
    assert rows["Published after 31 December"] == [0, 1, 1, 1, 0]
    assert rows["No date given"] == [150, 148, -2, -1, -1]
    for before, now, change, new, restated in rows.values():
        assert (now - before, new + restated) == (change, change)
    assert [note.text for note in told_.restatements] == [
        "“Published on time” at 31 December is now 3, not 2.",
        "“No date given” at 31 December is now 149, not 150.",
    ]
    assert told_.compared_with == "2011-12"
    assert "2 more than at the end of December 2011" in told_.headlines[0].rest


def test_refreshing_takes_in_what_was_told_since(told: Database) -> None:
    """Drafted with 2 published; a third is told; refreshed, the draft has 3, and they can be recomputed."""
    with told.writing() as session:
        before = drafted(session)
        assert queries.figures_of(session, before)["accounts_published"] == 2
    with told.writing() as session:
        publish(session, "leeds", date(2011, 12, 30), NEW_YEAR)
    with told.writing() as session:
        commands.refresh_figures(session, DECEMBER, by=anita(session), at=NEW_YEAR + timedelta(hours=1))
    with told.reading() as session:
        after = queries.newest(session, DECEMBER)
        assert queries.figures_of(session, after)["accounts_published"] == 3
        assert (after.cut_seq > before.cut_seq, after.cut_at > before.cut_at) == (True, True)
        assert commands.verify(session, DECEMBER) == []


def test_figures_are_not_refreshed_once_the_board_has_the_report(session: Session) -> None:
    drafted(session)
    commands.send_to_board(session, DECEMBER, by=anita(session), at=NEW_YEAR)
    with pytest.raises(rules.AnotherStep, match="with the Board"):
        commands.refresh_figures(session, DECEMBER, by=anita(session), at=FEBRUARY)


def test_a_saved_passage_is_not_lost_to_somebody_who_opened_it_before(session: Session) -> None:
    """Both opened it empty; the first saves; the second is told, and nothing of the first is gone."""
    drafted(session)
    by = anita(session)
    commands.write_narrative(session, DECEMBER, NewPassage("money", 0, "First"), by=by, at=NEW_YEAR)
    with pytest.raises(rules.ChangedMeanwhile):
        commands.write_narrative(session, DECEMBER, NewPassage("money", 0, "Second"), by=by, at=NEW_YEAR)
    assert queries.narrative(session, DECEMBER, 1)["money"].text == "First"
    commands.write_narrative(session, DECEMBER, NewPassage("money", 1, "Both"), by=by, at=NEW_YEAR)
    assert queries.narrative(session, DECEMBER, 1)["money"].text == "Both"


def test_narrative_is_written_in_draft_and_in_a_section_there_is(session: Session) -> None:
    drafted(session)
    by = anita(session)
    with pytest.raises(commands.NoSuchSection):
        commands.write_narrative(session, DECEMBER, NewPassage("weather", 0, "Cold"), by=by, at=NEW_YEAR)
    commands.send_to_board(session, DECEMBER, by=by, at=NEW_YEAR)
    with pytest.raises(rules.AnotherStep):
        commands.write_narrative(session, DECEMBER, NewPassage("money", 0, "Late"), by=by, at=NEW_YEAR)


def test_a_restatement_takes_the_place_of_the_issued_report(told: Database) -> None:
    """Version 2 is drafted from what is known now, with the narrative of version 1, and supersedes it when issued."""
    with told.writing() as session:
        drafted(session)
        passage = NewPassage("money", 0, "As agreed.")
        commands.write_narrative(session, DECEMBER, passage, by=anita(session), at=NEW_YEAR)
        for step in (commands.send_to_board, commands.approve, commands.issue):
            by = chair(session) if step is commands.approve else anita(session)
            step(session, DECEMBER, by=by, at=NEW_YEAR)
    with told.writing() as session:
        publish(session, "leeds", date(2011, 12, 30), FEBRUARY)
    with told.writing() as session:
        why = NewRestatement("Leeds had published.")
        commands.restate(session, DECEMBER, why, by=anita(session), at=FEBRUARY)
        with pytest.raises(rules.AnotherStep):
            commands.restate(session, DECEMBER, why, by=anita(session), at=FEBRUARY)
    with told.writing() as session:
        assert queries.issued(session, DECEMBER).version == 1  # type: ignore[union-attr]
        assert queries.narrative(session, DECEMBER, 2)["money"].text == "As agreed."
        for step in (commands.send_to_board, commands.approve, commands.issue):
            by = chair(session) if step is commands.approve else anita(session)
            step(session, DECEMBER, by=by, at=FEBRUARY)
    with told.reading() as session:
        first, second = queries.versions(session)[DECEMBER]
        assert (first.state, second.state) == (State.SUPERSEDED, State.ISSUED)
        assert queries.figures_of(session, first)["accounts_published"] == 2
        assert queries.figures_of(session, second)["accounts_published"] == 3
        assert document.thawed(queries.content_of(session, second)).because == "Leeds had published."
        assert commands.wrong(session) == []


def tamper(database: Database, sentence: str) -> None:
    """Change a row behind the tracker's back, past the triggers that refuse it."""
    with database.engine.connect() as connection:
        connection = connection.execution_options(writes=True)
        for table in ("report_issued", "report_drafted"):
            if database.embedded:
                connection.execute(text(f"DROP TRIGGER {table}_no_update"))
            else:
                connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
        connection.execute(text(sentence))
        connection.commit()


def test_verifying_finds_a_figure_that_was_tampered_with(told: Database) -> None:
    """The report says 97; the facts say 2; the hash says that the content is not what was issued."""
    with told.writing() as session:
        issued(session)
    published = '"accounts_published":{"unit":"councils","value":'
    tamper(
        told,
        f"UPDATE report_issued SET content = replace(content, '{published}2', '{published}97')".replace(":", "\\:"),
    )
    with told.reading() as session:
        assert commands.verify(session, DECEMBER) == [
            "content: it is not what was issued, its hash differs",
            "accounts_published: report 97, recomputed 2",
        ]
        assert "December 2011, version 1: accounts_published: report 97" in commands.wrong(session)[1]


def test_there_is_nothing_to_verify_without_a_report(session: Session) -> None:
    with pytest.raises(NotFound, match="nothing to verify"):
        commands.verify(session, DECEMBER)


def test_drafts_are_seen_by_the_secretariat_and_sent_reports_by_the_board(session: Session) -> None:
    """The public knows of a report when it is issued, and then reads its public version."""

    def seen(by: Person) -> list[str]:
        return [one.state.value for one in queries.reports(session, by)]

    drafted(session)
    assert [seen(by) for by in (anita(session), member(session), NOBODY)] == [["draft"], [], []]
    commands.send_to_board(session, DECEMBER, by=anita(session), at=NEW_YEAR)
    assert [seen(by) for by in (anita(session), member(session), NOBODY)] == [["with the Board"]] * 2 + [[]]
    commands.approve(session, DECEMBER, by=chair(session), at=NEW_YEAR)
    commands.issue(session, DECEMBER, by=anita(session), at=NEW_YEAR)
    assert [seen(by) for by in (anita(session), member(session), NOBODY)] == [["issued"]] * 3
    assert queries.audience_of(NOBODY) is Audience.PUBLIC
    assert queries.audience_of(somebody(session, "An Officer", Role.BOARD)) is Audience.BOARD


def test_what_nobody_may_know_of_is_not_there(session: Session) -> None:
    assert isinstance(queries.nothing_to_read(DECEMBER, NOBODY), NotSignedIn)
    assert isinstance(queries.nothing_to_read(DECEMBER, member(session)), NotFound)


def test_reports_as_they_were_known(told: Database) -> None:
    """Looking back to before it was issued, the report was a draft, and before that it was not there."""
    with told.writing() as session:
        drafted(session)
    with told.writing() as session:
        for step in (commands.send_to_board, commands.approve, commands.issue):
            by = chair(session) if step is commands.approve else anita(session)
            step(session, DECEMBER, by=by, at=FEBRUARY)
    with told.reading() as session:
        then = AsAt(date(2012, 1, 10), datetime(2012, 1, 10, 12, tzinfo=UTC))
        assert queries.newest(session, DECEMBER, then).state is State.DRAFT
        assert queries.versions(session, AsAt(date(2012, 1, 1), datetime(2012, 1, 1, tzinfo=UTC))) == {}
