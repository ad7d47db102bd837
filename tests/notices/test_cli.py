"""`improvement reminders --day 2011-12-20 --preview`: what it prints; and what a restored backup holds back."""

from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from improvement import dates, serving
from improvement.access import commands as access
from improvement.access.rules import SERVICE, Held, Role
from improvement.cli import main
from improvement.database import Database
from improvement.notices.queries import WRITTEN
from improvement.notices.tables import NoticeRow
from improvement.settings import Settings


@pytest.fixture
def told(seeded: Database, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Database:
    """The command's surroundings name the test's database, in which there is an officer of Brent."""
    monkeypatch.setenv("IMPROVEMENT_DATABASE_URL", seeded.engine.url.render_as_string(hide_password=False))
    monkeypatch.setenv("IMPROVEMENT_DATA", str(tmp_path))
    with seeded.writing() as session:
        access.add_person(session, "brent@x.org", "A", Held(Role.OFFICER, council="brent"), by=SERVICE, at=dates.now())
    return seeded


@pytest.mark.usefixtures("told")
def test_it_prints_what_would_be_written_on_a_day_and_sends_nothing() -> None:
    done = CliRunner().invoke(main, ["reminders", "--day", "2011-12-20", "--preview"])
    assert done.exit_code == 0
    assert done.stdout.startswith("To brent@x.org: Brent: local account reminder\n")
    assert "(a link of their own)" in done.stdout
    assert done.stderr == "1 would be written. Nothing was sent.\n"


@pytest.mark.usefixtures("told")
@pytest.mark.parametrize("words", [["--day", "2011-12-20"], ["--day", "tomorrow", "--preview"]])
def test_it_sends_nothing_by_itself_and_refuses_what_is_no_day(words: list[str]) -> None:
    assert CliRunner().invoke(main, ["reminders", *words]).exit_code == 2


def test_after_a_backup_was_restored_the_days_reminders_count_as_written(told: Database) -> None:
    serving.hold_back_reminders(Settings.read())
    today: date = dates.london_day(dates.now())
    with told.reading() as session:
        row = session.get(NoticeRow, f"reminders:{today}")
        assert row is not None
        assert row.kind == WRITTEN
