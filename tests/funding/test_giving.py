"""Grants to regions as open data: what the standard asks, to the penny what the tracker says, and nothing private."""

import csv
import json
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from io import StringIO
from typing import Any

import jsonschema_rs
import pytest

from improvement.access.rules import Role
from improvement.database import Database
from improvement.dates import AsAt
from improvement.funding import commands, giving, queries
from improvement.funding.commands import Mending
from improvement.funding.entering.moves import (
    Agreement,
    Allocation,
    Commitment,
    Negotiation,
    Payment,
    Refund,
)
from improvement.funding.queries.giving import awards
from improvement.money import in_pounds
from improvement.settings import Misconfigured, Settings
from improvement.web.shield import Shield
from tests.conftest import DATABASES, ROOT, Templates
from tests.funding.conftest import AT, doing
from tests.funding.giving_schema import PACKAGE
from tests.sheets import Book, penny, pounds
from tests.visiting import Tracker, Visitor

JSON, CSV, PAYMENTS = (f"/funding/{name}" for name in ("360giving.json", "360giving.csv", "360giving-payments.csv"))
SEPTEMBER_1 = date(2011, 9, 1)


def whole(visitor: Visitor, address: str = JSON) -> dict[str, Any]:
    """The file, if it is what the standard asks."""
    answer = visitor.get(address)
    assert answer.status_code == 200
    file: dict[str, Any] = json.loads(answer.text, parse_float=Decimal)
    faults = jsonschema_rs.Draft202012Validator(PACKAGE, validate_formats=True).iter_errors(json.loads(answer.text))
    assert [str(fault) for fault in faults] == []
    return file


def rows(visitor: Visitor, address: str) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(visitor.get(address).content.decode("utf-8-sig"))))


def busy(database: Database) -> None:
    """London was given £22,222.22, was paid twice on one day and gave a little back; a post was paid too."""
    do = doing(database)
    for line in ("london", "programme-lead"):
        do(commands.allocate, Allocation(line=line, amount_pence=22_222_22, effective_on=SEPTEMBER_1))
        do(commands.commit, Commitment(line=line, amount_pence=22_222_22, recipient="Ms Secret", purpose="Hush"))
        for pence in (5_000_00, 1_234_50):
            paid = Payment(line=line, amount_pence=pence, paid_on=SEPTEMBER_1, reference="SECRET", note="Hush")
            do(commands.pay, paid)
    do(commands.refund, Refund(line="london", amount_pence=234_51, received_on=SEPTEMBER_1, why="Hush"))


@pytest.fixture
def public(tracker: Tracker) -> Visitor:
    return tracker.anonymous()


@pytest.fixture(params=DATABASES)
def demonstrated(request: pytest.FixtureRequest, templates: Templates, application: Shield) -> Iterator[Tracker]:
    url, throw_away = templates.fresh(request.param, "demonstrated")
    database = Database(url)
    tracker = Tracker(application, database)
    yield tracker
    tracker.close()
    database.close()
    throw_away()


def test_before_anything_is_awarded_there_is_no_file_and_every_door_says_why(public: Visitor) -> None:
    for address in (JSON, CSV, PAYMENTS):
        answer = public.get(address)
        assert answer.status_code == 404
        assert "Nothing has been awarded by" in answer.text
        assert "one grant or more, so there is no file yet" in answer.text
    page = public.get("/funding/360giving").text
    assert "Nothing has been awarded yet" in page
    assert JSON not in page


def test_while_allocations_are_indicative_nothing_is_awarded(public: Visitor, negotiated: Database) -> None:
    doing(negotiated)(commands.allocate, Allocation(line="london", amount_pence=10_000_00))
    assert public.get(JSON).status_code == 404


def test_the_workbook_adds_up_to_what_the_page_says(public: Visitor, agreed: Database) -> None:
    busy(agreed)
    book = Book(public.get("/funding/360giving.xlsx").content)
    assert book.check()
    assert penny(book.row("Grants", "All regions")["Not paid yet"]) == pounds(22_222_22 - 5_999_99)


def test_identifiers_begin_with_the_prefix_that_is_set(agreed: Database) -> None:
    busy(agreed)
    with agreed.reading() as session:
        awarded = awards(session, AsAt(date(2026, 1, 1)))
    told = giving.package(awarded, "https://x.example", SEPTEMBER_1, False, "360G-PECASC")
    assert told.identifier == "360G-PECASC-grants"
    assert told.grants[0].id == "360G-PECASC-2011-2012-london"
    with pytest.raises(Misconfigured, match="IMPROVEMENT_GIVING_PREFIX"):
        Settings.read({"IMPROVEMENT_GIVING_PREFIX": "PECASC", "IMPROVEMENT_SECRET": "x" * 32})
    assert Settings.read({"IMPROVEMENT_SECRET": "x" * 32}).giving_prefix == "360G-improvement"


def test_a_region_s_grant_is_what_it_was_given_and_paid(public: Visitor, agreed: Database) -> None:
    busy(agreed)
    (grant,) = whole(public)["grants"]
    assert grant["id"] == "360G-improvement-2011-2012-london"
    assert (grant["amountAwarded"], grant["amountDisbursed"]) == (Decimal("22222.22"), Decimal("5999.99"))
    assert grant["awardDate"] == "2011-09-01"
    assert grant["recipientOrganization"] == [{"id": "360G-improvement-london", "name": "London ADASS region"}]
    assert grant["fundingOrganization"] == [{"id": "GB-GOR-D12", "name": "Department of Health"}]
    assert grant["beneficiaryLocation"][0]["geoCode"] == "E12000007"
    assert grant["plannedDates"] == [{"startDate": "2011-04-01", "endDate": "2012-03-31", "duration": 12}]


def test_what_was_paid_on_a_day_is_one_payment_and_all_of_them_come_to_what_is_disbursed(
    public: Visitor, agreed: Database
) -> None:
    busy(agreed)
    (grant,) = whole(public)["grants"]
    paid = grant["disbursementTransaction"]
    assert [(one["description"], one["value"]) for one in paid] == [
        ("Payment", Decimal("6234.50")),
        ("Refund", Decimal("-234.51")),
    ]
    assert sum(one["value"] for one in paid) == grant["amountDisbursed"]
    assert [Decimal(row["disbursementTransaction/0/value"]) for row in rows(public, PAYMENTS)] == [
        one["value"] for one in paid
    ]


def test_what_was_allocated_before_the_agreement_is_awarded_by_it(public: Visitor, negotiated: Database) -> None:
    do = doing(negotiated)
    do(commands.allocate, Allocation(line="london", amount_pence=10_000_00, effective_on=date(2011, 5, 1)))
    do(commands.agree, Agreement(amount_pence=550_000_00, effective_on=date(2011, 6, 1)))
    assert whole(public)["grants"][0]["awardDate"] == "2011-06-01"


def test_nothing_private_is_published(public: Visitor, agreed: Database) -> None:
    busy(agreed)
    for address in (JSON, CSV, PAYMENTS, "/funding/360giving"):
        text = public.get(address).text
        for word in ("Secret", "SECRET", "Hush", "Programme lead", "programme-lead", "Anita"):
            assert word not in text, address


def test_the_spreadsheet_says_what_the_file_says(public: Visitor, agreed: Database) -> None:
    busy(agreed)
    (grant,), (row,) = whole(public)["grants"], rows(public, CSV)
    assert row["Identifier"] == grant["id"]
    assert row["Amount Awarded"] == "22222.22"
    assert Decimal(row["Amount Disbursed"]) == grant["amountDisbursed"]
    assert row["Award Date"] == grant["awardDate"]
    assert row["Recipient Org:Identifier"] == grant["recipientOrganization"][0]["id"]
    assert row["Funding Org:Name"] == "Department of Health"
    assert row["Beneficiary Location:Geographic Code"] == "E12000007"
    assert row["Last Modified"] == grant["dateModified"]


def test_a_grant_put_right_is_published_as_right_and_still_known_as_it_was(public: Visitor, agreed: Database) -> None:
    do = doing(agreed)
    made = do(commands.allocate, Allocation(line="london", amount_pence=10_000_00))
    first = whole(public)["grants"][0]["dateModified"]
    later = datetime(2011, 11, 1, 9, tzinfo=UTC)
    do(commands.correct, Mending(made, "Mistyped", Allocation(line="london", amount_pence=11_000_00)), at=later)
    (grant,) = whole(public)["grants"]
    assert (grant["amountAwarded"], grant["dateModified"] > first) == (11_000, True)
    (was,) = whole(public, f"{JSON}?as-at=2011-10-01")["grants"]
    assert (was["amountAwarded"], was["dateModified"]) == (10_000, first)
    assert whole(public, f"{JSON}?as-at={AT.date()}")["grants"] == [was]


def test_a_withdrawn_mou_and_another_that_is_agreed_are_told_apart(public: Visitor, agreed: Database) -> None:
    do = doing(agreed)
    another = Negotiation(mou="next-one", title="=More work", funder="A trust", amount_pence=100_000_00)
    do(commands.put_in_negotiation, another)
    do(commands.allocate, Allocation(line="london", amount_pence=10_000_00, mou="2011-2012"))
    assert [grant["grantProgramme"][0]["code"] for grant in whole(public)["grants"]] == ["2011-2012"]


def test_a_funder_that_is_in_no_register_we_know_has_an_identifier_of_ours(agreed: Database) -> None:
    assert giving._funder("A trust & co", "360G-improvement").id == "360G-improvement-a-trust-co"
    assert giving._funder("???", "360G-improvement").id == "360G-improvement-funder"


def test_everybody_may_read_it_and_it_is_kept_until_something_changes(
    public: Visitor, tracker: Tracker, agreed: Database
) -> None:
    officer = tracker.signed_in(Role.OFFICER, council="brent")
    busy(agreed)
    for address in (JSON, CSV, PAYMENTS, "/funding/360giving"):
        assert public.get(address).status_code == officer.get(address).status_code == 200
        tag = public.get(address).headers["etag"]
        assert public.get(address, **{"If-None-Match": tag}).status_code == 304
        assert public.get(f"{address}?as-at=2011-03-31").status_code == (
            404 if address != "/funding/360giving" else 200
        )


def test_the_regions_are_those_we_were_seeded_with() -> None:
    with (ROOT / "seed" / "regions.csv").open(encoding="utf-8") as file:
        seeded = [row[:4] for row in csv.reader(file)][1:]
    assert {row[0]: (row[2], row[3]) for row in seeded} == giving.REGIONS


def test_the_demonstration_is_valid_says_so_and_agrees_with_the_lines_to_the_penny(demonstrated: Tracker) -> None:
    public = demonstrated.anonymous()
    file, table = whole(public), rows(public, CSV)
    assert "made up" in file["description"]
    assert all("made up" in grant["description"] for grant in file["grants"])
    assert all("made up" in row["Description"] for row in table)
    assert public.get(JSON).headers["improvement-demonstration"] == "yes"
    with demonstrated.database.reading() as session:
        lines = [row for row in queries.lines(session, AsAt(date(2026, 1, 1))) if row.kind == "region"]
    told = {row.title: (row.allocated_pence, row.net_paid_pence) for row in lines}
    assert len(file["grants"]) == len(told) == 9
    for grant in file["grants"]:
        name = grant["recipientOrganization"][0]["name"].removesuffix(" ADASS region")
        assert (grant["amountAwarded"] * 100, grant["amountDisbursed"] * 100) == told[name]
        assert sum(one["value"] for one in grant["disbursementTransaction"]) == grant["amountDisbursed"]
    in_table = {row["Recipient Org:Name"].removesuffix(" ADASS region"): row for row in table}
    for name, (allocated, paid) in told.items():
        row = in_table[name]
        assert (Decimal(row["Amount Awarded"]) * 100, Decimal(row["Amount Disbursed"]) * 100) == (allocated, paid)
    page, given = public.get("/funding/360giving").text, sum(allocated for allocated, _ in told.values())
    assert re.search(rf'All regions</th><td class="n">{re.escape(in_pounds(given))}<', page)


def test_a_file_that_breaks_the_standard_would_be_told() -> None:
    check = jsonschema_rs.Draft202012Validator(PACKAGE, validate_formats=True)
    assert not check.is_valid({"grants": []})
    assert not check.is_valid({"grants": [{"id": "360G-x-1"}]})
