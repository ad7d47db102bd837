"""`improvement funding …`, on both databases: what it prints, what it keeps, and who it refuses."""

import csv
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from improvement import dates
from improvement.access import commands as access
from improvement.access.rules import SERVICE, Held, Role
from improvement.cli import main
from improvement.database import Database
from improvement.dates import AsAt
from improvement.funding import commands
from improvement.funding.entering.moves import Allocation, Commitment, Payment
from improvement.funding.queries import reconciling
from tests.funding.conftest import doing

STATEMENT = "Date,Description,Amount\n2011-09-01,BACS BACS 7,-4000.00\n2011-09-02,CHARGE,-1.00\n"


@pytest.fixture
def paid(agreed: Database, monkeypatch: pytest.MonkeyPatch) -> Database:
    """London was paid £4,000.00 with the reference BACS 7; the command's surroundings name the test's database."""
    monkeypatch.setenv("IMPROVEMENT_DATABASE_URL", agreed.engine.url.render_as_string(hide_password=False))
    do = doing(agreed)
    do(commands.allocate, Allocation(line="london", amount_pence=10_000_00))
    do(commands.commit, Commitment(line="london", amount_pence=9_000_00, recipient="x", purpose="y"))
    do(
        commands.pay,
        Payment(line="london", amount_pence=4_000_00, paid_on=dates.parse_day("2011-09-01"), reference="BACS 7"),
    )
    with agreed.writing() as session:
        for role, email in ((Role.SECRETARIAT, "s@example.org"), (Role.BOARD, "b@example.org")):
            access.add_person(session, email, "A person", Held(role), by=SERVICE, at=dates.now())
    return agreed


def run(*words: str) -> Result:
    return CliRunner().invoke(main, ["funding", *words])


def test_the_lines_are_a_csv_that_adds_up_on_any_day(paid: Database) -> None:
    for day, given in (("2011-08-31", 0), ("2026-01-01", 10_000_00)):
        done = run("lines", "--as-at", day)
        rows = {row["line"]: row for row in csv.DictReader(done.stdout.removeprefix("\ufeff").splitlines())}
        assert done.exit_code == 0
        assert int(rows["london"]["allocated_pence"]) == given
        assert sum(int(row["allocated_pence"]) for row in rows.values()) == 550_000_00
    assert run("lines", "--as-at", "31/12/2011").exit_code == 2


def test_the_ledger_is_one_entry_a_line_newest_first(paid: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("improvement.cli.PAGE", 2)
    told = [json.loads(line) for line in run("ledger").stdout.splitlines()]
    assert [entry["seq"] for entry in told] == sorted((entry["seq"] for entry in told), reverse=True)
    assert told[0]["reference"] == "BACS 7"


def test_the_grants_are_360giving_json(paid: Database) -> None:
    told = json.loads(run("grants").stdout)
    assert [grant["amountAwarded"] for grant in told["grants"]] == [10_000]


def test_a_bank_statement_is_matched_and_kept_only_when_asked(paid: Database, tmp_path: Path) -> None:
    file = tmp_path / "september.csv"
    file.write_text(STATEMENT)

    def kept() -> int:
        with paid.reading() as session:
            return len(reconciling.statements(session, AsAt(dates.london_day(dates.now())), "2011-2012"))

    looked = run("statement", str(file), "--by", "s@example.org")
    assert looked.exit_code == 0
    assert "payment, 2011-09-01" in looked.stdout
    assert "not matched" in looked.stdout
    assert kept() == 0
    assert run("statement", str(file), "--by", "s@example.org", "--keep").exit_code == 0
    assert kept() == 1
    again = run("statement", str(file), "--by", "s@example.org", "--keep")
    assert (again.exit_code, kept()) == (2, 1)


def test_a_bank_statement_is_read_only_for_the_secretariat(paid: Database, tmp_path: Path) -> None:
    file = tmp_path / "september.csv"
    file.write_text(STATEMENT)
    for email in ("b@example.org", "nobody@example.org"):
        refused = run("statement", str(file), "--by", email, "--keep")
        assert refused.exit_code == 2
        assert refused.stdout == ""
