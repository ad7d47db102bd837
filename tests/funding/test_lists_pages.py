"""Lists about money as files: the same figures as on their pages, for who may see them."""

import csv
import re
from io import StringIO

import pytest

from improvement.access.rules import Role
from improvement.database import Database
from improvement.funding import commands
from improvement.funding.commands.reconciling import keep, prepare
from improvement.funding.entering.moves import Allocation
from improvement.funding.pages import seeing
from tests.funding.conftest import AT, SECRETARIAT, doing
from tests.funding.paid import approved, fund, run
from tests.funding.test_pages import busy, fields_of
from tests.funding.test_splits_pages import save
from tests.visiting import Tracker, Visitor


@pytest.fixture
def secretary(tracker: Tracker, agreed: Database) -> Visitor:
    """Somebody of the secretariat, with money to look after."""
    busy(agreed)
    return tracker.signed_in(Role.SECRETARIAT)


def rows(visitor: Visitor, address: str) -> list[dict[str, str]]:
    answer = visitor.get(address)
    assert answer.status_code == 200, address
    assert answer.headers["content-type"].startswith("text/csv")
    return list(csv.DictReader(StringIO(answer.content.decode("utf-8-sig"))))


def test_the_lines_tell_what_each_is_expected_to_come_to_and_its_variance(secretary: Visitor) -> None:
    told = {row["line"]: row for row in rows(secretary, "/funding/lines.csv")}
    for row in told.values():
        assert int(row["variance_pence"]) == int(row["allocated_pence"]) - int(row["outturn_pence"])
    assert list(told["london"])[-2:] == ["outturn_pence", "variance_pence"]
    assert told["unallocated"]["outturn_pence"] == "0"
    assert secretary.get("/funding/lines.json").json()[0].keys() == told["london"].keys()


def test_a_statement_is_listed_with_its_lines(secretary: Visitor) -> None:
    body = b"Date,Description,Amount\n01/09/2011,BACS,-4000.00\n02/09/2011,Coffee,-3.50\n"
    page = secretary.send("/funding/statements/new", files={"file": ("september.csv", body)})
    secretary.client.post(
        "/funding/statements/new",
        data={**fields_of(page.text), "checked": "yes"},
        files={"nothing": ("", b"")},
        follow_redirects=False,
    )
    (one,) = rows(secretary, "/funding/statements.csv")
    assert (one["lines"], one["out_pence"], one["name"]) == ("2", "400350", "september.csv")
    lines = rows(secretary, f"/funding/statements/{one['ref']}/lines.csv")
    assert [line["amount_pence"] for line in lines] == ["-400000", "-350"]
    assert lines[1]["shows"] == ""


def test_a_line_and_a_post_are_listed_by_month(secretary: Visitor) -> None:
    assert len(rows(secretary, "/funding/forecasts/london/months.csv")) == 12
    assert rows(secretary, "/funding/posts/programme-lead/months.csv")[0].keys() >= {"month", "vacancy_pence"}
    assert rows(secretary, "/funding/runs.csv") == []


def test_splits_are_compared_in_a_file(secretary: Visitor, agreed: Database) -> None:
    doing(agreed)(commands.allocate, Allocation(line="eastern", amount_pence=100))
    first, second = save(agreed), save(agreed, total_pence=500_000_00)
    told = rows(secretary, f"/funding/splits/compare.csv?first={first}&second={second}")
    assert sum(int(row[f"{second} pence"]) for row in told) == 500_000_00
    assert sum(int(row[f"{second} less {first} pence"]) for row in told) == -50_000_00
    assert "All regions" in secretary.get(f"/funding/splits/compare?first={first}&second={second}").text
    assert secretary.get(f"/funding/splits/compare.csv?first={first}").status_code == 404


def test_a_region_reads_its_own_months_and_none_of_the_whole(secretary: Visitor, tracker: Tracker) -> None:
    london = tracker.signed_in(Role.COORDINATOR, region="london")
    assert len(rows(london, "/funding/forecasts/london/months.csv")) == 12
    assert [row["line"] for row in rows(london, "/funding/lines.csv")] == ["london"]
    for address in ("runs.csv", "statements.csv", "forecasts/eastern/months.csv", "posts/programme-lead/months.csv"):
        assert london.get(f"/funding/{address}").status_code == 404, address


def test_runs_statements_and_payments_not_seen_are_shown_a_page_at_a_time_by_key(
    tracker: Tracker, agreed: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seeing, "SHOWN", 2)
    fund(agreed)
    for ref in approved(agreed, 1_00, 2_00, 3_00):
        run(agreed, ref)
    for day in (1, 2, 3):
        body = f"Date,Description,Amount\n0{day}/08/2011,Coffee,-{day}.50\n".encode()
        with agreed.writing() as session:
            keep(session, prepare(session, f"{day}.csv", body, by=SECRETARIAT, at=AT), by=SECRETARIAT, at=AT)
    visitor = tracker.signed_in(Role.SECRETARIAT)
    for address, name, row in (
        ("/funding/runs", "after", r'"row"><a class="govuk-link app-num" href="/funding/runs/(PR-\w+)'),
        ("/funding/statements", "after", r'"row"><a class="govuk-link app-num" href="/funding/statements/(BS-\w+)'),
        ("/funding/statements", "paid-after", r'"app-num">(CL-\w+)</span></td>'),
    ):
        first = visitor.get(address).text
        (onward,) = set(re.findall(rf'href="(\?{name}=\d+)(?:#\w+)?" rel="next"', first))
        second = visitor.get(address + onward).text
        shown = re.findall(row, first), re.findall(row, second)
        assert (len(shown[0]), len(shown[1])) == (2, 1), address
        assert len({*shown[0], *shown[1]}) == 3, address
        assert not re.search(rf'href="\?{name}=\d+(?:#\w+)?" rel="next"', second)
        assert visitor.get(f"{address}?{name}=x").status_code == 404
    first, second = (visitor.get(f"/funding/runs{more}").text for more in ("", "?after=9999999"))
    assert "3\u00a0runs in all" in first
    assert "£6.00" in first
    assert "3\u00a0runs in all" in second
