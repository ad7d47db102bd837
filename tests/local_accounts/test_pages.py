"""Local accounts as people see them: lists and filters, forms, looking back, and who sees what."""

import csv
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from functools import partial
from io import StringIO

import msgspec
import pytest
from sqlalchemy import event

from improvement import dates
from improvement.database import Database, Memory
from improvement.local_accounts import queries
from improvement.local_accounts.commands import NewPublication
from improvement.local_accounts.rules import Format, Status
from tests.local_accounts.people import DECEMBER, EDITION, Clerk
from tests.visiting import Forms, Tracker, Typed, Visitor

LIST = "/local-accounts/2011-2012"
BRENT = f"{LIST}/brent"
PUBLICATION: Typed = {
    "title": "Our account",
    "address": "https://www.brent.gov.uk/account",
    "published_on-day": "16",
    "published_on-month": "12",
    "published_on-year": "2011",
    "basis": "exact",
}


@pytest.fixture
def secretariat(tracker: Tracker) -> Visitor:
    return tracker.signed_in("secretariat")


@pytest.fixture
def officer(tracker: Tracker) -> Visitor:
    return tracker.signed_in("officer", council="brent")


def told(tracker: Tracker, council: str = "brent") -> Clerk:
    return Clerk(tracker.database, council)


def rows_of(page: str) -> list[str]:
    """The councils in a page's table of councils, by their addresses."""
    return re.findall(r'<th scope="row"><a class="govuk-link" href="/local-accounts/2011-2012/([a-z-]+)', page)


class TestList:
    def test_each_council_is_on_one_page_of_the_list_and_the_pages_follow(self, secretariat: Visitor) -> None:
        seen: list[str] = []
        address = LIST
        for _ in range(5):
            page = secretariat.get(address).text
            seen += rows_of(page)
            following = re.search(r'href="([^"]*after=[^"]*)#list"', page)
            if not following:
                break
            address = following[1].replace("&amp;", "&")
        assert len(seen) == len(set(seen)) == 152

    @pytest.mark.parametrize(
        ("query", "councils"),
        [
            ("region=north-east", 12),
            ("q=brent", 1),
            ("q=BRENT", 1),
            ("q=%20brent%20", 1),
            ("q=zzz", 0),
            ("position=published+on+time", 1),
            ("position=no+date+given&region=london", 32),
            ("position=nonsense", 0),
            ("type=county&region=north-west", 2),
            ("q=%27%3B--", 0),
        ],
    )
    def test_it_is_filtered_by_words_region_position_and_type(
        self, tracker: Tracker, secretariat: Visitor, query: str, councils: int
    ) -> None:
        told(tracker).publishes()
        page = secretariat.get(f"{LIST}?{query}").text
        assert f"{councils}\u00a0council{'' if councils == 1 else 's'}" in page
        assert len(rows_of(page)) == councils

    def test_a_page_past_the_end_is_no_fault(self, secretariat: Visitor) -> None:
        assert secretariat.get(f"{LIST}?after=zzz").status_code == 200

    def test_the_counts_of_the_six_positions_add_up_to_the_list(self, tracker: Tracker, secretariat: Visitor) -> None:
        told(tracker).publishes()
        page = secretariat.get(LIST).text
        assert "<strong>1 of 152</strong> councils has published" in page

    @pytest.mark.parametrize(("year", "status"), [("2012-2013", 404), ("2011", 400), ("2011-13", 400), ("x", 400)])
    def test_a_year_that_is_none_gets_a_sentence(self, secretariat: Visitor, year: str, status: int) -> None:
        assert secretariat.get(f"/local-accounts/{year}").status_code == status

    def test_the_file_has_what_the_filters_leave_and_runs_no_formula(
        self, tracker: Tracker, secretariat: Visitor
    ) -> None:
        told(tracker).says(Status.WILL_NOT_PUBLISH, note="=HYPERLINK(1)")
        told(tracker, "wirral").publishes(NewPublication("+cmd", "https://a.example.org", DECEMBER))
        answer = secretariat.get(f"{LIST}/list.csv?position=will+not+publish")
        assert answer.headers["content-type"].startswith("text/csv")
        assert "attachment" in answer.headers["content-disposition"]
        (row,) = csv.DictReader(StringIO(answer.content.decode("utf-8-sig")))
        assert (row["council"], row["because"]) == ("brent", "'=HYPERLINK(1)")
        whole = list(csv.DictReader(StringIO(secretariat.get(f"{LIST}/list.csv").content.decode("utf-8-sig"))))
        assert len(whole) == 152
        assert next(row["title"] for row in whole if row["council"] == "wirral") == "'+cmd"


class TestLookingBack:
    def test_the_page_says_so_offers_no_form_and_keeps_the_date_in_its_links(
        self, tracker: Tracker, officer: Visitor
    ) -> None:
        told(tracker).publishes()
        now, then = officer.get(BRENT).text, officer.get(f"{BRENT}?as-at=2011-12-01").text
        assert f"{BRENT}/publications/new" in now
        assert "As known at the end of 1 December 2011." in then
        assert not re.search(r'/new[?"]', then)
        assert "/corrections/" not in then
        assert "has given no date" in then
        whole = officer.get(f"{LIST}?as-at=2011-12-01").text
        assert f'href="{BRENT}?as-at=2011-12-01"' in whole
        assert f'href="{LIST}/working?as-at=2011-12-01"' in whole

    def test_on_a_day_as_known_now_a_late_fact_is_there(self, tracker: Tracker, officer: Visitor) -> None:
        told(tracker).publishes()
        assert "published its local account" in officer.get(f"{BRENT}?on=2011-12-31").text
        assert "published its local account" not in officer.get(f"{BRENT}?on=2011-12-31&known-at=2011-12-31").text

    @pytest.mark.parametrize("query", ["as-at=9999-01-01", "on=9999-01-01", "known-at=9999-01-01T00:00:00Z"])
    def test_what_has_not_come_is_refused(self, officer: Visitor, query: str) -> None:
        assert officer.get(f"{BRENT}?{query}").status_code == 422

    @pytest.mark.parametrize("query", ["as-at=x", "on=2011-02-30", "as-at=2011-12-01&on=2011-12-01"])
    def test_what_cannot_be_read_is_refused(self, officer: Visitor, query: str) -> None:
        assert officer.get(f"{BRENT}?{query}").status_code == 400

    def test_no_form_is_opened_or_taken(self, officer: Visitor) -> None:
        assert officer.get(f"{BRENT}/statuses/new?as-at=2011-12-01").status_code == 403
        typed = officer.form(f"{BRENT}/statuses/new")
        assert officer.post(f"{BRENT}/statuses/new?as-at=2011-12-01", typed).status_code == 400


class TestForms:
    def test_a_status_is_recorded(self, officer: Visitor) -> None:
        sent = officer.send(f"{BRENT}/statuses/new", status="will not publish", note="Money is short.")
        page = officer.follow(sent).text
        assert "The status is recorded." in page
        assert "decided not to publish a local account this year: Money is short." in page

    def test_every_mistake_is_told_and_what_was_typed_is_kept(self, officer: Visitor) -> None:
        sent = officer.send(
            f"{BRENT}/publications/new", title="", address="www.brent.gov.uk", basis="perhaps", note="kept as typed"
        )
        assert sent.status_code == 422
        for sentence in (
            "Enter the title of the account.",
            "Enter the day it was published.",
            "Select how sure you are",
        ):
            assert sentence in sent.text
        assert "kept as typed" in sent.text
        assert "www.brent.gov.uk" in sent.text

    def test_a_publication_is_checked_before_it_is_recorded(self, tracker: Tracker, officer: Visitor) -> None:
        short: Typed = {"period_from-day": "1", "period_from-month": "9", "period_from-year": "2010"}
        typed = officer.form(f"{BRENT}/publications/new") | PUBLICATION | short
        check = officer.post(f"{BRENT}/publications/new", typed)
        assert check.status_code == 200
        assert "Check what you entered" in check.text
        assert "It covers less than 2010/11" in check.text
        assert told(tracker).stands().published_on is None
        (_, checked), *_ = Forms(check.text).found
        assert "The publication is recorded." in officer.follow(officer.post(f"{BRENT}/publications/new", checked)).text
        assert told(tracker).stands().published_on == DECEMBER
        again = officer.post(f"{BRENT}/publications/new", checked)
        assert again.status_code == 303, "the second click gets the first one's answer"

    def test_a_later_edition_is_said_to_be_one_before_it_is_recorded(self, tracker: Tracker, officer: Visitor) -> None:
        told(tracker).publishes()
        new = officer.form(f"{BRENT}/publications/new") | PUBLICATION | {"note": "Easy read", "by_lead_member": "no"}
        later = {"published_on-day": "1", "published_on-month": "2", "published_on-year": "2012"}
        page = officer.post(f"{BRENT}/publications/new", new | later).text.replace("\u00a0", " ")
        assert "a later edition. Brent stays “published on time”, by its first" in page
        assert "published after" not in page
        assert "1 April 2010 to 31 March 2011" in page
        assert "Easy read" in page
        earlier = {"published_on-day": "1", "published_on-month": "11", "published_on-year": "2011"}
        assert "a later edition" not in officer.post(f"{BRENT}/publications/new", new | earlier).text

    def test_a_day_to_come_is_refused_at_its_field(self, officer: Visitor) -> None:
        tomorrow = dates.london_day(dates.now()) + timedelta(days=2)
        day: Typed = {
            "published_on-day": str(tomorrow.day),
            "published_on-month": str(tomorrow.month),
            "published_on-year": str(tomorrow.year),
        }
        sent = officer.post(f"{BRENT}/publications/new", officer.form(f"{BRENT}/publications/new") | PUBLICATION | day)
        assert sent.status_code == 422
        assert 'href="#published_on"' in sent.text

    def test_a_correction_begins_from_what_was_recorded_and_loses_nothing(
        self, tracker: Tracker, secretariat: Visitor
    ) -> None:
        whole = msgspec.structs.replace(
            EDITION,
            serves=["ealing", "barnet"],
            note="From the papers",
            formats=[Format.PDF, Format.BSL],
            by_lead_member=False,
        )
        fact = told(tracker).publishes(whole)
        sent = secretariat.send(f"{BRENT}/corrections/{fact}", reason="A letter was missing.", title="Our accounts")
        assert "The correction is recorded." in secretariat.follow(sent).text
        account = secretariat.api(BRENT).json()
        (now,) = account["publications"]
        assert (now["title"], now["serves"], now["formats"]) == ("Our accounts", ["ealing", "barnet"], ["PDF", "BSL"])
        assert now["by_lead_member"] is False
        newest = max(account["history"], key=lambda event: event["recorded_at"])
        assert (newest["note"], newest["reason"]) == ("From the papers", "A letter was missing.")

    def test_a_fact_is_taken_back(self, tracker: Tracker, officer: Visitor) -> None:
        fact = told(tracker).publishes()
        officer.follow(officer.send(f"{BRENT}/corrections/{fact}", what="withdraw", reason="It was a draft."))
        page = officer.get(BRENT).text
        assert "has not published yet" in page
        assert "It was a draft." in page

    def test_a_shared_account_is_corrected_where_it_was_told(self, tracker: Tracker, secretariat: Visitor) -> None:
        fact = told(tracker).publishes(msgspec.structs.replace(EDITION, serves=["ealing"]))
        assert f"/corrections/{fact}" in secretariat.get(BRENT).text
        assert f"/corrections/{fact}" not in secretariat.get(f"{LIST}/ealing").text

    @pytest.mark.parametrize("way", ["statuses/new", "publications/new"])
    def test_another_councils_forms_are_not_opened(self, officer: Visitor, way: str) -> None:
        assert officer.get(f"{LIST}/wirral/{way}").status_code == 403
        typed = officer.form(f"{BRENT}/{way}")
        assert officer.post(f"{LIST}/wirral/{way}", typed | PUBLICATION | {"status": "drafting"}).status_code == 403

    def test_another_councils_facts_are_as_little_there_as_none(self, tracker: Tracker, officer: Visitor) -> None:
        fact = told(tracker, "wirral").says(note="canary")
        for address in (f"{BRENT}/corrections/{fact}", f"{BRENT}/corrections/00000000-0000-0000-0000-000000000000"):
            answer = officer.get(address)
            assert answer.status_code == 404
            assert "canary" not in answer.text
        assert officer.get(f"{LIST}/wirral/corrections/{fact}").status_code == 403


class TestWhoSeesWhat:
    @pytest.fixture
    def wirral(self, tracker: Tracker) -> Clerk:
        """Everything a council might rather tell itself first."""
        clerk = told(tracker, "wirral")
        clerk.says(Status.IN_CHALLENGE, date(2011, 10, 1), note="canary one", source="canary two")
        clerk.says(Status.WILL_NOT_PUBLISH, date(2011, 11, 1), note="canary three")
        return clerk

    def everything(self, visitor: Visitor) -> str:
        pages = (LIST, f"{LIST}/wirral", f"{LIST}/working", f"{LIST}/working?region=north-west", f"{LIST}/list.csv")
        read = [visitor.get(page).text for page in pages] + [
            visitor.get("/councils/wirral").text,
            visitor.get("/accounts").text,
        ]
        return "".join(read) + visitor.api(LIST).text + visitor.api(f"{LIST}/wirral").text

    @pytest.mark.parametrize(
        ("role", "scope"),
        [("officer", {"council": "brent"}), ("coordinator", {"region": "london"}), ("board", {}), ("chair", {})],
    )
    def test_others_see_the_position_and_not_what_it_rests_on(
        self, tracker: Tracker, wirral: Clerk, role: str, scope: dict[str, str]
    ) -> None:
        seen = self.everything(tracker.signed_in(role, **scope))
        assert "canary" not in seen
        assert "in challenge" not in seen.lower()
        assert "1 October 2011" not in seen.replace("\u00a0", " ")
        assert "Decided not to publish" in seen

    @pytest.mark.parametrize(
        ("role", "scope"),
        [("officer", {"council": "wirral"}), ("coordinator", {"region": "north-west"}), ("secretariat", {})],
    )
    def test_those_with_rights_on_the_council_see_everything(
        self, tracker: Tracker, wirral: Clerk, role: str, scope: dict[str, str]
    ) -> None:
        seen = self.everything(tracker.signed_in(role, **scope))
        assert all(word in seen for word in ("canary one", "canary two", "canary three"))

    def test_rights_of_today_decide_when_looking_back_too(
        self, tracker: Tracker, wirral: Clerk, officer: Visitor
    ) -> None:
        answer = officer.get(f"{LIST}/wirral?on=2011-12-01")
        assert "canary" not in answer.text

    @pytest.mark.parametrize("page", [LIST, BRENT, f"{LIST}/working", f"{LIST}/list.csv", f"{BRENT}/statuses/new"])
    def test_a_stranger_is_led_to_sign_in_and_from_there_to_the_page(self, tracker: Tracker, page: str) -> None:
        answer = tracker.anonymous().get(page)
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/sign-in?next=%2Flocal-accounts")

    def test_everybody_reads_the_register_of_what_is_published_and_nothing_else(
        self, tracker: Tracker, wirral: Clerk
    ) -> None:
        told(tracker).publishes()
        page = tracker.anonymous().get("/accounts")
        assert page.status_code == 200
        assert "Our account" in page.text
        assert "Wirral" not in page.text
        assert tracker.anonymous().get("/accounts?q=zzz").status_code == 200

    def test_a_title_is_text_whatever_it_holds(self, tracker: Tracker, secretariat: Visitor) -> None:
        title = "<script>alert(1)</script>{{ 12345 * 54321 }}'\"&"
        told(tracker).publishes(NewPublication(title, "https://a.example.org/?a=1&b='", DECEMBER))
        for address in (BRENT, LIST, "/accounts", f"{LIST}/working"):
            page = secretariat.get(address).text
            assert "<script>alert" not in page
            assert str(12345 * 54321) not in page


class TestEtags:
    def tag(self, visitor: Visitor, address: str) -> str:
        return visitor.get(address).headers["etag"]

    def test_a_page_that_has_not_changed_is_not_sent_again(self, secretariat: Visitor) -> None:
        secretariat.get(LIST)
        tag = self.tag(secretariat, LIST)
        again = secretariat.get(LIST, **{"If-None-Match": tag})
        assert (again.status_code, again.content) == (304, b"")

    def test_every_fact_changes_it(self, tracker: Tracker, secretariat: Visitor) -> None:
        secretariat.get(LIST)
        tags = [self.tag(secretariat, LIST)]
        for record in (told(tracker).says, told(tracker, "wirral").publishes):
            record()
            tags.append(self.tag(secretariat, LIST))
            assert secretariat.get(LIST, **{"If-None-Match": tags[0]}).status_code == 200
        assert len(set(tags)) == 3

    def test_two_people_and_two_days_never_share_one(
        self, tracker: Tracker, secretariat: Visitor, officer: Visitor
    ) -> None:
        for visitor in (secretariat, officer):
            visitor.get(LIST)
        tags = {self.tag(secretariat, LIST), self.tag(officer, LIST), self.tag(secretariat, f"{LIST}?as-at=2011-12-01")}
        assert len(tags) == 3

    def test_a_page_with_a_form_is_kept_by_nobody(self, officer: Visitor) -> None:
        headers = officer.get(f"{BRENT}/statuses/new").headers
        assert (headers["cache-control"], headers.get("etag")) == ("no-store", None)


@contextmanager
def statements(database: Database) -> Iterator[list[str]]:
    """Every statement said to the database meanwhile."""
    said: list[str] = []

    def hear(_c: object, _u: object, statement: str, *_: object) -> None:
        said.append(statement)

    event.listen(database.engine, "before_cursor_execute", hear)
    try:
        yield said
    finally:
        event.remove(database.engine, "before_cursor_execute", hear)


ADDRESSES = (
    LIST,
    f"{LIST}/list.csv",
    f"{LIST}/working",
    BRENT,
    f"{BRENT}/statuses/new",
    f"{BRENT}/publications/new",
    "/accounts",
    "/councils",
    "/councils/brent/contacts",
)


def asked(tracker: Tracker, look: Callable[[], object]) -> int:
    """How many statements a page takes when nothing is remembered."""
    tracker.database.memory = Memory()
    with statements(tracker.database) as said:
        look()
    return len(said)


def test_a_page_takes_as_many_statements_for_many_facts_as_for_few(tracker: Tracker, secretariat: Visitor) -> None:
    def fill(councils: list[str]) -> None:
        for council in councils:
            clerk = told(tracker, council)
            clerk.says(Status.DRAFTING, date(2011, 10, 1), note="On track")
            clerk.says(Status.APPROVED, date(2011, 11, 1), expected_on=date(2011, 12, 20))
            clerk.publishes()
            clerk.confirms()

    def counted() -> dict[str, int]:
        found = {address: asked(tracker, partial(secretariat.get, address)) for address in ADDRESSES}
        found |= {f"API {LIST}": asked(tracker, lambda: secretariat.api(LIST))}
        return found | {f"API {BRENT}": asked(tracker, lambda: secretariat.api(BRENT))}

    secretariat.api(LIST)
    fill(["brent"])
    few = counted()
    with tracker.database.reading() as session:
        listed = [council.slug for council in queries.expected(session, queries.FIRST_YEAR)]
    fill([slug for slug in listed if slug != "brent"][:40])
    told(tracker).says(Status.DRAFTING, date(2011, 9, 1))
    assert counted() == few
    assert max(few.values()) <= 40
