"""The national picture and the councils like one, as people see them and take them away."""

import csv
import re
from io import StringIO

import pytest

from improvement.local_accounts.rules import Status
from tests.local_accounts.people import Clerk
from tests.local_accounts.readers import Library
from tests.sheets import Book
from tests.visiting import Tracker, Visitor

YEAR = "/local-accounts/2011-2012"
PICTURE = f"{YEAR}/picture"


@pytest.fixture
def secretariat(tracker: Tracker) -> Visitor:
    Clerk(tracker.database).publishes()
    return tracker.signed_in("secretariat")


def table(visitor: Visitor, query: str = "") -> list[dict[str, str]]:
    answer = visitor.get(f"{PICTURE}.csv{query}")
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(StringIO(answer.content.decode("utf-8-sig"))))


def test_the_picture_says_how_many_of_how_many_and_leads_to_how_it_was_made(secretariat: Visitor) -> None:
    page = secretariat.get(PICTURE).text
    assert "<b>1 <small>of 152</small></b>" in page
    for how in re.findall(r'class="govuk-link app-how" href="([^"#]+)"', page):
        assert secretariat.get(how.replace("&amp;", "&")).status_code == 200
    working = secretariat.get(f"{YEAR}/working?position=published&region=london").text.replace("\xa0", " ")
    assert "1 council, published, each with the fact" in working
    assert "No council is counted here" in secretariat.get(f"{YEAR}/working?sureness=confirmed").text


def test_a_region_or_a_type_filters_every_figure_and_every_file(secretariat: Visitor) -> None:
    query = "?region=london&type=london+borough"
    page = secretariat.get(PICTURE + query).text.replace("\xa0", " ")
    assert "Every figure here is of <strong>32 councils</strong> of the 152" in page
    assert "<small>of 32</small>" in page
    assert len(table(secretariat, f"{query}&table=councils")) == 32
    (row,) = table(secretariat, query)
    assert (row["Region"], row["Councils"], row["Of them published"]) == ("London", "32", "1")
    book = Book(secretariat.get(f"{PICTURE}.xlsx{query}").content)
    assert book.row("By region", "All")["Councils"] == 32
    told = secretariat.api(f"{PICTURE}{query}").json()
    assert (told["picture"]["councils"], len(told["councils"]), told["more_time"]) == (32, 32, [])


def test_what_fits_no_council_is_said_in_words(secretariat: Visitor) -> None:
    for query in ("?region=london&type=county", "?region=%3Cb%3E", "?type=nonsense"):
        page = secretariat.get(PICTURE + query).text
        assert "No council fits" in page
        assert secretariat.get(f"{PICTURE}.xlsx{query}").status_code == 200
    assert secretariat.get(f"{PICTURE}.csv?table=nonsense").status_code == 404
    assert secretariat.get("/local-accounts/2030-2031/picture").status_code == 404


def test_every_table_that_the_page_offers_can_be_taken_away(tracker: Tracker) -> None:
    Library(tracker.database).reads()
    visitor = tracker.signed_in("secretariat")
    page = visitor.get(PICTURE).text
    offered = set(re.findall(r"picture\.csv\?table=([a-z-]+)", page))
    assert offered >= {"councils", "regions", "types", "weeks", "no-date", "themes", "challenge", "balance", "formats"}
    for name in offered:
        assert table(visitor, f"?table={name}")
    assert len(Book(visitor.get(f"{PICTURE}.xlsx").content).names) == 17


def test_nobody_reads_one_councils_findings_off_the_picture(tracker: Tracker) -> None:
    Library(tracker.database).reads()
    other = tracker.signed_in("officer", council="wirral")
    assert "Too few were read to add up" in other.get(PICTURE).text
    assert "Added up for all councils together" in other.get(f"{PICTURE}?region=london").text
    assert "Too few were read to add up" in other.get(f"{YEAR}/ealing/similar").text
    assert other.get(f"{PICTURE}.csv?table=themes").status_code == 404
    assert other.api(PICTURE).json()["found"] is None
    own = tracker.signed_in("officer", council="brent")
    assert "beside it is what" not in own.get(f"{YEAR}/ealing/similar").text


def test_looking_back_keeps_the_day_in_every_link(secretariat: Visitor) -> None:
    for address in (PICTURE, f"{YEAR}/brent/similar", f"{PICTURE}?region=london"):
        joint = "&" if "?" in address else "?"
        page = secretariat.get(f"{address}{joint}as-at=2011-12-01").text
        inside = page.partition("<main")[2].partition("</main>")[0]
        links = re.findall(r'href="(/(?:api/v1/)?local-accounts[^"]*)"', inside)
        assert len(links) >= 8
        assert [link for link in links if "as-at=2011-12-01" not in link] == []
        assert "As known at the end of 1 December 2011." in page


def test_the_list_can_be_taken_away_as_excel_just_as_it_is_filtered(tracker: Tracker, secretariat: Visitor) -> None:
    Clerk(tracker.database, "wirral").says(Status.WILL_NOT_PUBLISH, note="=1+1")
    query = "?position=will+not+publish&region=north-west"
    assert f"{YEAR}/list.xlsx?position=will+not+publish&amp;region=north-west" in secretariat.get(YEAR + query).text
    (row,) = Book(secretariat.get(f"{YEAR}/list.xlsx{query}").content).table("Councils")
    assert (row["Council"], row["Position"]) == ("Wirral", "Decided not to publish")
    assert row["Reason, where it is yours to see"] == "=1+1"


class TestSimilar:
    def test_a_council_is_compared_with_its_like_by_name_and_never_with_itself(self, secretariat: Visitor) -> None:
        page = secretariat.get(f"{YEAR}/brent/similar").text
        names = re.findall(r'<th scope="row"><a class="govuk-link" href="/local-accounts/2011-2012/([a-z-]+)"', page)
        assert len(names) == 8
        assert names == sorted(names)
        assert "brent" not in names
        assert "the 8 London boroughs nearest to it" in page
        section = secretariat.get(f"{YEAR}/brent").text.partition('id="similar"')[2]
        assert all(f"{YEAR}/{name}" in section for name in names)

    @pytest.mark.parametrize("council", ["city-of-london", "isles-of-scilly"])
    def test_where_there_is_none_like_it_that_is_said(self, secretariat: Visitor, council: str) -> None:
        assert "There is no council like" in secretariat.get(f"{YEAR}/{council}/similar").text

    def test_its_own_findings_stand_beside_the_sums_for_those_who_see_it_in_full(self, tracker: Tracker) -> None:
        Library(tracker.database).reads()
        secretariat = tracker.signed_in("secretariat")
        alike = re.findall(
            r'row"><a class="govuk-link" href="[^"]*/([a-z-]+)"', secretariat.get(f"{YEAR}/brent/similar").text
        )
        for council in alike[:3]:
            Library(tracker.database, council).reads()
        assert "beside it is what was found in the account of Brent" in secretariat.get(f"{YEAR}/brent/similar").text
        seen = tracker.signed_in("officer", council="wirral").get(f"{YEAR}/brent/similar").text
        assert "What the accounts of all councils contain" in seen
        assert "What follows is of those 4" in seen
        assert "beside it is what" not in seen
