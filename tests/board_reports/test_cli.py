"""`improvement board-report 2011-12`, and with `--verify`, on both databases: what it prints and how it exits."""

import pytest
from click.testing import CliRunner, Result

from improvement.board_reports import queries
from improvement.cli import main
from improvement.database import Database
from tests.board_reports.telling import DECEMBER, issued, tell
from tests.board_reports.test_commands import tamper


@pytest.fixture
def told(seeded: Database, monkeypatch: pytest.MonkeyPatch) -> Database:
    """The command's surroundings name the test's database."""
    monkeypatch.setenv("IMPROVEMENT_DATABASE_URL", seeded.engine.url.render_as_string(hide_password=False))
    with seeded.writing() as session:
        tell(session)
    return seeded


def run(*words: str) -> Result:
    return CliRunner().invoke(main, ["board-report", *words])


def test_it_drafts_once_and_prints_the_state(told: Database) -> None:
    for _ in range(2):
        done = run("2011-12")
        assert (done.exit_code, done.stdout) == (0, "Board report for December 2011: draft\n")
    with told.reading() as session:
        assert [str(month) for month in queries.versions(session)] == ["2011-12"]


def test_verifying_prints_identical(told: Database) -> None:
    run("2011-12")
    done = run("2011-12", "--verify")
    assert (done.exit_code, done.stdout) == (0, "identical\n")


def test_verifying_prints_what_differs(told: Database) -> None:
    with told.writing() as session:
        issued(session)
    name = '"accounts_confirmed":{"unit":"councils","value"'.replace(":", "\\:")
    tamper(told, f"UPDATE report_issued SET content = replace(content, '{name}\\:1', '{name}\\:9')")
    done = run("2011-12", "--verify")
    assert done.exit_code == 1
    assert done.stdout.splitlines()[1:] == ["accounts_confirmed: report 9, recomputed 1"]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("2011-12", "--verify"), "nothing to verify"),
        (("2011-13",), "is not a month"),
        (("2098-01",), "is not over"),
        (("2011-03",), "No programme year had begun"),
    ],
)
def test_what_cannot_be_done_is_said_and_exits_with_2(told: Database, words: tuple[str, ...], sentence: str) -> None:
    done = run(*words)
    assert (done.exit_code, done.stdout) == (2, "")
    assert sentence in done.stderr
    with told.reading() as session:
        assert DECEMBER not in queries.versions(session)
