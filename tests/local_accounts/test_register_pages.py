"""The register as anybody reads it: filtered, followed, and taken away as exactly what is shown."""

import csv
from datetime import date, timedelta
from io import BytesIO, StringIO
from xml.etree import ElementTree as ET

import msgspec
import pytest
from python_calamine import CalamineWorkbook

from improvement.database import EVER
from improvement.local_accounts import queries
from improvement.local_accounts.commands import NewPublication
from improvement.local_accounts.pages.register_columns import COLUMNS
from improvement.local_accounts.rules import Format
from tests.local_accounts.people import DECEMBER, EDITION, YEAR, Clerk
from tests.visiting import Tracker, Visitor

ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture
def reader(tracker: Tracker) -> Visitor:
    """Anybody."""
    Clerk(tracker.database).publishes(msgspec.structs.replace(EDITION, formats=[Format.PDF, Format.EASY_READ]))
    Clerk(tracker.database, "wirral").publishes(NewPublication("How we did", "https://w.example.org/a", DECEMBER))
    return tracker.anonymous()


def files(visitor: Visitor, query: str) -> tuple[list[str], list[str], list[str]]:
    """The councils a query has as CSV, as JSON and as a workbook."""
    told = list(csv.DictReader(StringIO(visitor.get(f"/accounts/list.csv{query}").content.decode("utf-8-sig"))))
    items = visitor.api(f"/accounts{query}").json()["items"]
    book = CalamineWorkbook.from_filelike(BytesIO(visitor.get(f"/accounts/list.xlsx{query}").content))
    rows = book.get_sheet_by_name("Accounts").to_python()
    slugs = [str(row[1]) for row in rows[rows.index([one.heading for one in COLUMNS]) + 1 :]]
    return [row["council"] for row in told], [item["council"] for item in items], [slug for slug in slugs if slug]


@pytest.mark.parametrize(
    ("query", "councils"),
    [
        ("", ["brent", "wirral"]),
        ("?q=&year=&region=", ["brent", "wirral"]),
        ("?region=london", ["brent"]),
        ("?q=how+WE", ["wirral"]),
        ("?q=easy+read", ["brent"]),
        ("?year=2011-2012", ["brent", "wirral"]),
        ("?year=2012-2013", []),
        ("?q=%27%3B--", []),
        ("?as-at=2011-12-15", []),
    ],
)
def test_files_have_exactly_what_the_page_shows(reader: Visitor, query: str, councils: list[str]) -> None:
    page = reader.get(f"/accounts{query}")
    assert page.status_code == 200
    assert [slug for slug in ("brent", "wirral") if f'id="{slug}/2011-2012"' in page.text] == councils
    assert files(reader, query) == (councils, councils, councils)


def test_fifty_are_on_a_page_and_the_pages_follow(tracker: Tracker) -> None:
    with tracker.database.reading() as session:
        slugs = [council.slug for council in queries.expected(session, YEAR)][:60]
    for slug in slugs:
        Clerk(tracker.database, slug).publishes()
    reader = tracker.anonymous()
    first = reader.get("/accounts").text
    assert first.count('/2011-2012"><th') == 50
    following = first.partition('href="/accounts?after=')[2].partition('"')[0]
    assert reader.get(f"/accounts?after={following}").text.count('/2011-2012"><th') == 10


def test_the_columns_are_those_of_the_files_and_each_is_explained(reader: Visitor) -> None:
    page = reader.get("/accounts/columns").text
    heads = reader.get("/accounts/list.csv").content.decode("utf-8-sig").splitlines()[0].split(",")
    assert heads == [column.name for column in COLUMNS]
    assert all(f"<code>{name}</code>" in page for name in heads)
    assert set(heads) == set(reader.api("/accounts").json()["items"][0])


def test_the_feed_is_well_formed_whatever_a_title_holds(tracker: Tracker, reader: Visitor) -> None:
    title = "<b>&amp; \ufffe\uffff “quoted” ]]></title>"
    Clerk(tracker.database, "ealing").publishes(NewPublication(title, "https://e.example.org/?a=1&b='2'", DECEMBER))
    answer = reader.get("/accounts/feed")
    assert answer.headers["content-type"].startswith("application/atom+xml")
    feed = ET.fromstring(answer.content)
    told = feed.findall(f"{ATOM}entry")
    assert len(told) == 3
    ids = [entry.findtext(f"{ATOM}id", "") for entry in told]
    assert len(set(ids)) == 3
    assert all(one.startswith("http") for one in ids)
    mine = next(entry for entry in told if "ealing" in entry.findtext(f"{ATOM}id", ""))
    assert "<b>&amp; " in mine.findtext(f"{ATOM}title", "")
    assert mine.findall(f"{ATOM}link")[0].get("href") == "https://e.example.org/?a=1&b='2'"
    stamps = [entry.findtext(f"{ATOM}updated", "") for entry in told]
    assert feed.findtext(f"{ATOM}updated") == max(stamps)
    assert stamps == sorted(stamps, reverse=True)


def test_a_feed_of_nothing_is_a_feed(tracker: Tracker) -> None:
    feed = ET.fromstring(tracker.anonymous().get("/accounts/feed").content)
    assert feed.findall(f"{ATOM}entry") == []
    assert feed.findtext(f"{ATOM}updated")


def test_an_id_stays_when_the_account_is_put_right(tracker: Tracker) -> None:
    clerk, reader = Clerk(tracker.database), tracker.anonymous()
    fact = clerk.publishes()
    before = ET.fromstring(reader.get("/accounts/feed").content).find(f"{ATOM}entry")
    clerk.at += timedelta(hours=1)
    clerk.corrects(fact, title="Put right")
    after = ET.fromstring(reader.get("/accounts/feed").content).find(f"{ATOM}entry")
    assert before is not None
    assert after is not None
    assert before.findtext(f"{ATOM}id") == after.findtext(f"{ATOM}id")
    assert before.findtext(f"{ATOM}updated", "") < after.findtext(f"{ATOM}updated", "")


def test_nothing_that_a_spreadsheet_would_run_leaves_as_a_formula(tracker: Tracker) -> None:
    Clerk(tracker.database).publishes(NewPublication("=1+1", "https://b.example.org", DECEMBER))
    reader = tracker.anonymous()
    assert "'=1+1" in reader.get("/accounts/list.csv").text
    book = CalamineWorkbook.from_filelike(BytesIO(reader.get("/accounts/list.xlsx").content))
    assert any("=1+1" in row for row in book.get_sheet_by_name("Accounts").to_python())


def test_an_account_for_two_councils_says_so(tracker: Tracker) -> None:
    clerk = Clerk(tracker.database)
    clerk.publishes(msgspec.structs.replace(EDITION, serves=["ealing"]))
    clerk.publishes(NewPublication("Second", "https://b.example.org", date(2012, 1, 5), serves=["ealing"]))
    page = tracker.anonymous().get("/accounts").text.replace("\u00a0", " ")
    assert "Also for Ealing" in page
    assert "This edition 5 January 2012" in page
    with tracker.database.reading() as session:
        assert queries.of_council(session, YEAR, "ealing", EVER)[1].published_on == DECEMBER
