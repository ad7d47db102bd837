"""`improvement return …`, on both databases: down, looked over, taken in, and who it refuses."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from improvement import dates
from improvement.access import commands as access
from improvement.access.rules import SERVICE, Held, Role
from improvement.cli import main
from improvement.database import EVER, Database
from improvement.local_accounts import queries
from improvement.local_accounts.rules import Position, Status
from tests.local_accounts.people import DECEMBER, YEAR, Clerk
from tests.local_accounts.return_files import Filled

SOON = dates.london_day(dates.now()) + timedelta(days=30)
PEOPLE = (
    ("london@example.org", Held(Role.COORDINATOR, region="london")),
    ("wirral@example.org", Held(Role.OFFICER, council="wirral")),
    ("board@example.org", Held(Role.BOARD)),
)


@pytest.fixture
def here(seeded: Database, monkeypatch: pytest.MonkeyPatch) -> Database:
    """The command's surroundings name the test's database, which knows a coordinator, an officer and a Board member."""
    monkeypatch.setenv("IMPROVEMENT_DATABASE_URL", seeded.engine.url.render_as_string(hide_password=False))
    with seeded.writing() as session:
        for email, held in PEOPLE:
            access.add_person(session, email, "A person", held, by=SERVICE, at=dates.now())
    return seeded


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(main, ["return", *map(str, words)])


def filled(folder: Path, *of: str) -> Filled:
    """The return as the command writes it."""
    file = folder / "down.xlsx"
    file.unlink(missing_ok=True)
    done = run("download", *(of or ("--region", "london")), file)
    assert done.exit_code == 0, done.output
    return Filled(file.read_bytes())


def kept(folder: Path, return_: Filled) -> Path:
    file = folder / "filled.xlsx"
    file.write_bytes(return_.saved())
    return file


def told_of(database: Database, council: str = "brent") -> int:
    with database.reading() as session:
        return len(queries.history(session, YEAR, council, EVER))


def test_a_region_or_one_council_is_downloaded_and_no_file_is_written_over(here: Database, tmp_path: Path) -> None:
    assert len(filled(tmp_path).rows) == 33
    assert len(filled(tmp_path, "--council", "brent", "--year", "2011-2012").rows) == 1
    assert run("download", "--council", "brent", tmp_path / "down.xlsx").exit_code == 2, "it is there already"
    for refused in (("--region", "atlantis"), ("--council", "atlantis"), ("--year", "2055-2056", "--council", "brent")):
        assert run("download", *refused, tmp_path / "none.xlsx").exit_code == 2
    assert run("download", "--region", "london", "--as", "wirral@example.org", tmp_path / "none.xlsx").exit_code == 2
    assert not (tmp_path / "none.xlsx").exists()


def test_a_return_is_looked_over_and_then_recorded_as_its_sender(here: Database, tmp_path: Path) -> None:
    file = kept(tmp_path, filled(tmp_path).fill("brent", status="drafting", expected_date=SOON))
    looked = run("check", file)
    assert (looked.exit_code, told_of(here)) == (0, 0), looked.output
    assert "change\tBrent\tStatus\tnot started\tdrafting" in looked.stdout
    assert f"change\tBrent\tExpected date\tNone\t{dates.in_words(SOON)}" in looked.stdout
    assert run("apply", file, "--as", "london@example.org").exit_code == 0
    with here.reading() as session:
        (event,) = queries.history(session, YEAR, "brent", EVER)
    assert (event.says["status"], event.recorded_as) == ("drafting", "coordinator")
    again = run("apply", file, "--as", "london@example.org")
    assert (again.exit_code, told_of(here)) == (0, 1), "the same file twice changes nothing"


def test_every_mistake_is_told_by_sheet_cell_and_reason_and_nothing_is_recorded(here: Database, tmp_path: Path) -> None:
    return_ = filled(tmp_path).fill("brent", status="drafting").fill("camden", status="finished")
    file = kept(tmp_path, return_.fill("barnet", status="published"))
    for words in (("check", file), ("apply", file, "--as", "london@example.org")):
        done = run(*words)
        assert (done.exit_code, told_of(here)) == (1, 0)
        wrong = [line.split("\t") for line in done.stdout.splitlines() if line.startswith("wrong")]
        assert [(sheet, council) for _, sheet, _, council, _ in wrong] == [
            *[("Return", "Barnet")] * 3,
            ("Return", "Camden"),
        ]
        assert "“finished” is not one of" in wrong[-1][-1]
        assert "Nothing was recorded." in done.stderr


def test_a_return_is_refused_to_whoever_does_not_record_these_councils(here: Database, tmp_path: Path) -> None:
    file = kept(tmp_path, filled(tmp_path).only("brent").fill("brent", status="drafting"))
    other = run("apply", file, "--as", "wirral@example.org")
    assert (other.exit_code, told_of(here)) == (1, 0)
    assert "You do not record the account of Brent" in other.stdout
    for email in ("board@example.org", "nobody@example.org"):
        assert run("apply", file, "--as", email).exit_code == 2
    assert run("apply", file).exit_code == 2, "somebody sends it"
    file.write_bytes(b"%PDF-1.4")
    assert "is a PDF" in run("check", file).stderr
    assert told_of(here) == 0


def test_what_was_changed_meanwhile_is_chosen_in_words(here: Database, tmp_path: Path) -> None:
    file = kept(tmp_path, filled(tmp_path).fill("brent", status="planned"))
    clerk = Clerk(here, at=dates.now())
    clerk.says(Status.DRAFTING)
    for words in (("check", file), ("apply", file, "--as", "london@example.org")):
        done = run(*words)
        assert (done.exit_code, told_of(here)) == (1, 1)
        assert "meanwhile\tBrent\tStatus\tdrafting\tplanned\t?" in done.stdout
    keeps = run("apply", file, "--as", "london@example.org", "--meanwhile", "tracker")
    assert (keeps.exit_code, told_of(here)) == (0, 1)
    takes = run("apply", file, "--as", "london@example.org", "--meanwhile", "file")
    assert (takes.exit_code, told_of(here)) == (0, 2)
    assert clerk.stands(dates.london_day(dates.now())).status is Status.PLANNED


def test_a_return_of_the_past_shows_the_past_and_cannot_be_sent(here: Database, tmp_path: Path) -> None:
    Clerk(here).says(Status.DRAFTING, on=date(2011, 11, 1))
    then = filled(tmp_path, "--council", "brent", "--as-at", "2011-10-01")
    assert then.row("brent")[then.place("Status")] == "not started"
    refused = run("check", kept(tmp_path, then))
    assert (refused.exit_code, "not a key the tracker wrote" in refused.stdout) == (1, True)


def test_a_publication_in_the_return_puts_the_council_in_its_position(here: Database, tmp_path: Path) -> None:
    published = {"title": "Our account", "web_address": "https://www.brent.gov.uk/a", "day_published": DECEMBER}
    file = kept(tmp_path, filled(tmp_path, "--council", "brent").fill("brent", status="published", **published))
    assert run("apply", file, "--as", "london@example.org").exit_code == 0
    assert Clerk(here).position() is Position.ON_TIME


def test_what_may_be_a_later_edition_is_said_in_words(here: Database, tmp_path: Path) -> None:
    clerk = Clerk(here)
    clerk.publishes()
    second = {"title": "Second edition", "day_published": date(2012, 3, 1)}
    file = kept(tmp_path, filled(tmp_path, "--council", "brent").fill("brent", **second))
    for words in (("check", file), ("apply", file, "--as", "london@example.org")):
        done = run(*words)
        assert (done.exit_code, told_of(here)) == (1, 1)
        assert "edition\tBrent\tSecond edition\t2012-03-01\t?" in done.stdout
    assert run("apply", file, "--as", "london@example.org", "--editions", "later").exit_code == 0
    assert (clerk.stands().published_on, told_of(here)) == (DECEMBER, 2)
