"""The return as a workbook: down, filled in, looked over, and taken in whole or not at all."""

import re
from datetime import date, timedelta
from io import BytesIO
from typing import Any, ClassVar

import msgspec
import pytest
import xlsxwriter
from httpx import Response

from improvement import dates
from improvement.database import EVER
from improvement.dates import AsAt
from improvement.local_accounts import queries
from improvement.local_accounts.commands import NewPublication
from improvement.local_accounts.rules import Status
from tests.local_accounts.people import DECEMBER, EDITION, Clerk
from tests.local_accounts.return_files import RETURN, Filled, download, form_of, record, show, told
from tests.visiting import Tracker, Visitor

SOON = dates.london_day(dates.now()) + timedelta(days=30)
PUBLISHED = {
    "status": "published",
    "title": "Our account",
    "web_address": "https://www.brent.gov.uk/account",
    "day_published": date(2011, 12, 16),
}

MISTAKEN: list[tuple[dict[str, Any], str, str]] = [
    ({"status": "finished"}, "Status", "is not one of"),
    ({"status": "will not publish"}, "Note or reason", "Enter the reason"),
    ({"status": "published"}, "Title", "needs its title"),
    ({"expected_date": "12/31/2011"}, "Expected date", "is not a day"),
    ({"expected_date": 40908}, "Expected date", "is a number, not a day"),
    ({"expected_date": date(2011, 12, 1)}, "Expected date", "or later"),
    ({"expected_date": True}, "Expected date", "is not a day"),
    ({**PUBLISHED, "day_published": SOON}, "Day published", "today or earlier"),
    ({**PUBLISHED, "day_published": date(2009, 1, 1)}, "Day published", "cannot be published before"),
    ({**PUBLISHED, "web_address": "javascript:alert(1)"}, "Web address", "starting with http"),
    ({**PUBLISHED, "web_address": "https://a:b@example.org"}, "Web address", "without a user name"),
    ({**PUBLISHED, "web_address": "https://example.org/" + "a" * 5000}, "Web address", "2,000 characters"),
    ({**PUBLISHED, "formats": "PDF, papyrus"}, "Formats", "“papyrus” is not one of"),
    ({**PUBLISHED, "covers_from": "1/4/2010", "covers_to": "1/4/2009"}, "Covers to", "must be after"),
    ({**PUBLISHED, "status": "drafting"}, "Status", "its status must be"),
    ({"formats": "PDF"}, "Title", "needs its title"),
    ({"title": "x" * 301}, "Title", "300 characters or fewer"),
    ({"council": "Wirral"}, "Council", "sorted by itself"),
    ({"key": "LA1 2011-2012 wirral 0"}, "Key", "of another council"),
    ({"key": "LA1 2012-2013 {code} 0"}, "Key", "return for 2012-2013"),
    ({"key": "LA9 2011-2012 {code} 0"}, "Key", "a later return"),
    ({"key": "LA1 2011-2012 {code} 999999999"}, "Key", "not a key the tracker wrote"),
    ({"key": ""}, "Key", "not a key the tracker wrote"),
    ({"code": "atlantis"}, "Code", "is not a council on the list"),
    ({"code": ""}, "Code", "has no code"),
]
"""What is typed into a row, the column that is at fault, and what is said of it."""


@pytest.fixture
def london(tracker: Tracker) -> Visitor:
    return tracker.signed_in("coordinator", region="london")


@pytest.fixture
def officer(tracker: Tracker) -> Visitor:
    return tracker.signed_in("officer", council="brent")


def history(tracker: Tracker, council: str = "brent") -> list[queries.Event]:
    with tracker.database.reading() as session:
        return queries.history(session, queries.FIRST_YEAR, council, EVER)


class TestDownload:
    @pytest.mark.parametrize(
        ("who", "query", "councils"),
        [
            (("secretariat", {}), "", 152),
            (("secretariat", {}), "?region=north-east", 12),
            (("coordinator", {"region": "london"}), "", 33),
            (("coordinator", {"region": "london"}), "?council=brent", 1),
            (("officer", {"council": "brent"}), "", 1),
        ],
    )
    def test_it_has_a_row_for_each_council_somebody_records(
        self, tracker: Tracker, who: tuple[str, dict[str, Any]], query: str, councils: int
    ) -> None:
        assert len(download(tracker.signed_in(who[0], **who[1]), query).rows) == councils

    def test_nobody_gets_the_return_of_another_region(self, london: Visitor, officer: Visitor) -> None:
        for visitor in (london, officer):
            assert visitor.get(f"{RETURN}.xlsx?region=north-east").status_code == 404
            assert visitor.get(f"{RETURN}.xlsx?council=wirral").status_code == 404

    def test_who_only_reads_gets_none(self, tracker: Tracker) -> None:
        board = tracker.signed_in("board")
        assert board.get(f"{RETURN}.xlsx").status_code == 403
        assert board.get(RETURN).status_code == 403

    def test_it_says_what_is_known_with_days_as_days_and_text_as_text(self, tracker: Tracker, officer: Visitor) -> None:
        Clerk(tracker.database).publishes(NewPublication("=1+1", "https://www.brent.gov.uk/a", DECEMBER))
        filled = download(officer)
        row = dict(zip(filled.headings, filled.row("brent"), strict=True))
        assert (row["Title"], row["Day published"], row["Status"]) == ("=1+1", DECEMBER, "published")

    def test_looked_back_at_it_can_be_read_and_not_sent(self, tracker: Tracker, officer: Visitor) -> None:
        clerk = Clerk(tracker.database)
        clerk.says(Status.DRAFTING)
        then = download(officer, "?on=2011-10-01")
        assert then.row("brent")[then.place("Status")] == "not started"
        assert "not a key the tracker wrote" in told(show(officer, then.saved()).text)


class TestTakingIn:
    def test_what_was_changed_is_shown_and_then_recorded(self, tracker: Tracker, officer: Visitor) -> None:
        filled = download(officer).fill("brent", status="drafting", expected_date=SOON, note_or_reason="Going well.")
        page = show(officer, filled.saved())
        assert page.status_code == 200
        assert "1 council would change" in told(page.text)
        assert history(tracker) == [], "showing it records nothing"
        answer = record(officer, page)
        assert "1 council changed" in told(officer.follow(answer).text)
        (event,) = history(tracker)
        assert (event.says["status"], event.says["expected_on"], event.note) == ("drafting", SOON, "Going well.")

    def test_the_same_file_twice_changes_nothing_the_second_time(self, tracker: Tracker, officer: Visitor) -> None:
        sent = download(officer).fill("brent", **PUBLISHED).saved()
        record(officer, show(officer, sent))
        assert "The return changes nothing" in told(show(officer, sent).text)
        assert len(history(tracker)) == 1

    def test_pressing_the_button_twice_records_once(self, tracker: Tracker, officer: Visitor) -> None:
        typed = form_of(show(officer, download(officer).fill("brent", status="planned").saved()).text)
        answers = [officer.post(f"{RETURN}/recorded", typed) for _ in range(2)]
        assert [answer.status_code for answer in answers] == [303, 303]
        assert len(history(tracker)) == 1

    def test_a_publication_is_recorded_and_then_corrected(self, tracker: Tracker, officer: Visitor) -> None:
        record(officer, show(officer, download(officer).fill("brent", **PUBLISHED, formats="pdf; Web page").saved()))
        stands = Clerk(tracker.database).stands()
        assert (stands.title, stands.published_on) == ("Our account", DECEMBER)
        record(officer, show(officer, download(officer).fill("brent", title="Our local account").saved()))
        newest = max(history(tracker), key=lambda event: event.recorded_at)
        assert (newest.says["title"], newest.reason) == ("Our local account", "Changed in the return")
        assert len(history(tracker)) == 2

    def test_who_agreed_is_kept_with_the_decision_not_to_publish(self, tracker: Tracker, officer: Visitor) -> None:
        decided = {"status": "will not publish", "note_or_reason": "Merged report.", "agreed_by": "Cabinet"}
        record(officer, show(officer, download(officer).fill("brent", **decided).saved()))
        row = download(officer).row("brent")
        assert {"will not publish", "Merged report.", "Cabinet"} <= set(map(str, row))

    def test_a_passed_day_is_not_said_again(self, tracker: Tracker, officer: Visitor) -> None:
        Clerk(tracker.database).says(Status.DRAFTING, expected_on=DECEMBER)
        assert (
            record(officer, show(officer, download(officer).fill("brent", status="approved").saved())).status_code
            == 303
        )
        assert Clerk(tracker.database).stands(dates.london_day(dates.now())).status is Status.APPROVED

    def test_long_notes_of_every_council_come_back_whole(self, tracker: Tracker) -> None:
        secretariat = tracker.signed_in("secretariat")
        filled = download(secretariat)
        for row in filled.rows:
            row[filled.place("Status")], row[filled.place("Note or reason")] = "planned", "é" * 2000
        page = show(secretariat, filled.saved())
        typed = form_of(page.text)
        answer = secretariat.post(f"{RETURN}/recorded", typed, {"nothing": ("", b"")})
        assert "152 councils changed" in told(secretariat.follow(answer).text)

    def test_who_publishes_may_clear_the_day_it_was_expected(self, tracker: Tracker, officer: Visitor) -> None:
        Clerk(tracker.database).says(Status.DRAFTING, expected_on=DECEMBER)
        filled = download(officer).fill("brent", **PUBLISHED, expected_date="")
        assert record(officer, show(officer, filled.saved())).status_code == 303


class TestMistakes:
    def test_all_are_told_at_once_by_sheet_cell_and_reason(self, tracker: Tracker, london: Visitor) -> None:
        filled = download(london)
        codes = [row[filled.place("Code")] for row in filled.rows]
        for code, (cells, _, _) in zip(codes, MISTAKEN, strict=False):
            filled.fill(
                code,
                **{name: str(value).format(code=code) if name == "key" else value for name, value in cells.items()},
            )
        filled.fill(codes[-1], status="planned")
        page = told(show(london, filled.saved("My sheet")).text)
        for row, (_, heading, sentence) in enumerate(MISTAKEN, 2):
            cell = f"{chr(ord('A') + filled.place(heading))}{row}"
            assert re.search(f" {cell} .{{0,90}}{re.escape(sentence)}", page), f"{cell}: {sentence}"
        assert "in the sheet “My sheet”" in page
        assert "Record the changes" not in page
        assert history(tracker, codes[-1]) == []

    def test_another_councils_row_is_told_to_be_taken_out(self, officer: Visitor) -> None:
        page = show(officer, download(officer).fill("brent", code="barnet").saved())
        assert "O2 Barnet You do not record the account of Barnet" in told(page.text)

    def test_a_published_account_is_not_taken_back_by_clearing_cells(self, tracker: Tracker, officer: Visitor) -> None:
        Clerk(tracker.database).publishes()
        filled = download(officer).fill("brent", title="", web_address="", day_published="")
        assert "To take a publication back" in told(show(officer, filled.saved()).text)
        assert "Its account is published" in told(
            show(officer, download(officer).fill("brent", status="planned").saved()).text
        )

    def test_an_account_told_by_another_council_is_changed_there(self, tracker: Tracker, officer: Visitor) -> None:
        served = NewPublication(EDITION.title, EDITION.address, DECEMBER, serves=["brent"])
        Clerk(tracker.database, "barnet").publishes(served)
        page = show(officer, download(officer).fill("brent", title="Ours").saved())
        assert "recorded for another council" in told(page.text)

    def test_of_many_the_first_hundred_are_told_and_the_rest_counted(self, tracker: Tracker, officer: Visitor) -> None:
        filled = download(officer)
        filled.rows *= 500
        page = told(show(officer, filled.saved()).text)
        assert "499 cells to put right" in page
        assert "And 399 others" in page
        assert "Brent is in row 2 already" in page

    def test_what_a_browser_sends_back_is_checked_again(self, tracker: Tracker, officer: Visitor) -> None:
        typed = form_of(show(officer, download(officer).fill("brent", status="planned").saved()).text)
        for before, after in (("brent", "barnet"), ("planned", "PLANNED"), ('"seq":', '"seq":99'), ("[", "")):
            answer = officer.post(f"{RETURN}/recorded", {**typed, "rows": str(typed["rows"]).replace(before, after)})
            assert answer.status_code == 422, answer.text
        assert history(tracker) == []
        assert history(tracker, "barnet") == []


class TestMeanwhile:
    def conflicting(self, tracker: Tracker, officer: Visitor) -> Any:
        filled = download(officer).fill("brent", status="planned", note_or_reason="Mine.")
        Clerk(tracker.database, at=dates.now()).says(Status.DRAFTING, note="Theirs.")
        return show(officer, filled.saved())

    def test_what_somebody_else_changed_stands_unless_chosen(self, tracker: Tracker, officer: Visitor) -> None:
        page = self.conflicting(tracker, officer)
        assert "Changed meanwhile" in page.text
        assert "The return changed nothing" in told(officer.follow(record(officer, page)).text)
        assert len(history(tracker)) == 1

    def test_what_the_file_has_is_taken_where_it_was_chosen(self, tracker: Tracker, officer: Visitor) -> None:
        page = self.conflicting(tracker, officer)
        assert record(officer, page, **{"choice-brent-because": "mine"}).status_code == 303
        newest = max(history(tracker), key=lambda event: event.recorded_at)
        assert (newest.says["status"], newest.note) == ("drafting", "Mine.")

    def test_a_cell_that_was_left_alone_undoes_nothing(self, tracker: Tracker, officer: Visitor) -> None:
        filled = download(officer)
        Clerk(tracker.database, at=dates.now()).says(Status.DRAFTING)
        assert "The return changes nothing" in told(show(officer, filled.saved()).text)

    def test_a_change_after_the_page_was_shown_is_asked_about(self, tracker: Tracker, officer: Visitor) -> None:
        page = show(officer, download(officer).fill("brent", status="planned").saved())
        Clerk(tracker.database, at=dates.now()).says(Status.DRAFTING)
        again = record(officer, page)
        assert again.status_code == 422
        assert "Choose which should stand" in told(again.text)
        assert len(history(tracker)) == 1
        assert record(officer, again, **{"choice-brent-status": "mine"}).status_code == 303

    def test_a_status_is_left_out_once_the_account_is_published(self, tracker: Tracker, officer: Visitor) -> None:
        filled = download(officer).fill("brent", status="planned")
        Clerk(tracker.database, at=dates.now()).publishes()
        assert "its account has been published since" in told(show(officer, filled.saved()).text)


class TestEditions:
    SECOND: ClassVar[dict[str, Any]] = {
        "title": "Second edition",
        "web_address": "https://www.brent.gov.uk/second",
        "day_published": date(2012, 3, 1),
    }

    @pytest.fixture
    def page(self, tracker: Tracker, officer: Visitor) -> Response:
        Clerk(tracker.database).publishes()
        return show(officer, download(officer).fill("brent", **self.SECOND).saved())

    def test_a_later_day_with_another_title_is_asked_about(self, tracker: Tracker, officer: Visitor, page: Any) -> None:
        assert "The first, of 16 December 2011, stays as it is" in told(page.text)
        refused = record(officer, page)
        assert refused.status_code == 422
        assert "Say whether this is a later edition of Brent’s account." in told(refused.text)
        assert len(history(tracker)) == 1

    def test_a_later_edition_leaves_the_first_and_the_position(
        self, tracker: Tracker, london: Visitor, officer: Visitor
    ) -> None:
        Clerk(tracker.database).publishes(msgspec.structs.replace(EDITION, serves=["ealing"]))
        sent = download(london).only("brent").fill("brent", **self.SECOND).saved()
        before = dates.now()
        assert record(london, show(london, sent), **{"edition-brent": "later"}).status_code == 303
        with tracker.database.reading() as session:
            newest, first = queries.publications_of(session, queries.FIRST_YEAR, "brent", EVER)
            known = AsAt(dates.london_day(before), before)
            assert len(queries.publications_of(session, queries.FIRST_YEAR, "brent", known)) == 1
        assert (newest.title, newest.serves) == ("Second edition", ["ealing"])
        assert (first.title, first.effective_on) == (EDITION.title, DECEMBER)
        assert Clerk(tracker.database).stands().published_on == DECEMBER
        assert "The return changes nothing" in told(show(london, sent).text), "the same file again"
        again = download(officer)
        assert again.row("brent")[again.place("Later editions")] == "1 March 2012: Second edition"
        assert again.row("brent")[again.place("Title")] == EDITION.title

    def test_a_first_publication_that_was_recorded_wrongly_is_corrected(
        self, tracker: Tracker, officer: Visitor, page: Any
    ) -> None:
        assert record(officer, page, **{"edition-brent": "first"}).status_code == 303
        stands = Clerk(tracker.database).stands()
        assert (stands.title, stands.published_on) == ("Second edition", date(2012, 3, 1))

    def test_another_day_or_another_title_alone_puts_the_first_right(self, tracker: Tracker, officer: Visitor) -> None:
        Clerk(tracker.database).publishes()
        filled = download(officer).fill("brent", day_published=date(2011, 12, 20))
        assert record(officer, show(officer, filled.saved())).status_code == 303
        assert Clerk(tracker.database).stands().published_on == date(2011, 12, 20)


class TestFiles:
    def taken(self, visitor: Visitor, content: bytes, name: str = "return.xlsx", **typed: str) -> str:
        page = show(visitor, content, name, **typed)
        return told(page.text)

    @pytest.fixture
    def filled(self, officer: Visitor) -> Filled:
        return download(officer).fill("brent", status="drafting", note_or_reason="£12.50 café – “quote”")

    def test_other_order_other_name_and_other_columns_are_no_matter(self, officer: Visitor, filled: Filled) -> None:
        filled.headings = [*filled.headings[::-1], "My notes"]
        filled.rows = [[*row[::-1], "mine"] for row in filled.rows]
        page = self.taken(officer, filled.saved("Blatt 1"))
        assert "1 council would change" in page
        assert "“My notes” that is not of the return" in page

    def test_without_a_column_what_it_is_about_stays(self, tracker: Tracker, officer: Visitor, filled: Filled) -> None:
        Clerk(tracker.database, at=dates.now()).publishes()
        filled = download(officer).fill("brent", without_the_web="In every library")
        place = filled.place("Title")
        filled.headings.pop(place)
        for row in filled.rows:
            row.pop(place)
        page = show(officer, filled.saved())
        assert "no column “Title”" in told(page.text)
        assert record(officer, page).status_code == 303
        assert Clerk(tracker.database).stands().title == "Our account"

    def test_needed_columns_are_asked_for_by_name(self, officer: Visitor, filled: Filled) -> None:
        filled.headings[filled.place("Key")] = "Clue"
        assert "No sheet of the file has the column “Key”" in self.taken(officer, filled.saved())

    @pytest.mark.parametrize(
        ("sign", "encoding", "older"),
        [
            (",", "utf-8", ""),
            (";", "utf-8-sig", ""),
            ("\t", "utf-16", ""),
            (",", "cp1252", "yes"),
        ],
    )
    def test_a_csv_says_the_same(self, officer: Visitor, filled: Filled, sign: str, encoding: str, older: str) -> None:
        page = self.taken(officer, filled.as_csv(sign).encode(encoding), "return.csv", older=older)
        assert "£12.50 café – “quote”" in page
        assert "1 council would change" in page

    def test_an_older_csv_is_never_guessed(self, officer: Visitor, filled: Filled) -> None:
        assert "Row 2 has letters that are not in UTF-8" in self.taken(officer, filled.as_csv().encode("cp1252"))
        assert "in UTF-8 already" in self.taken(officer, filled.as_csv().encode(), older="yes")

    def test_days_from_1904_are_the_same_days(self, officer: Visitor, filled: Filled) -> None:
        filled.fill("brent", expected_date=SOON)
        assert dates.in_words(SOON) in self.taken(officer, filled.saved(date_1904=True))

    def test_the_trackers_own_workbook_sent_back_changes_nothing(self, officer: Visitor) -> None:
        assert "The return changes nothing" in self.taken(officer, officer.get(f"{RETURN}.xlsx").content)

    def test_no_file_asks_for_one(self, officer: Visitor) -> None:
        page = officer.post(RETURN, officer.form(RETURN))
        assert page.status_code == 422
        assert "Choose the return" in page.text

    def test_a_file_that_is_no_return_is_answered_in_words_and_the_tracker_goes_on(self, officer: Visitor) -> None:
        for content, sentence in (
            (b"%PDF-1.4", "is a PDF"),
            (b"Name,Place\n1,2\n", "has the columns"),
            (b"", "is empty"),
        ):
            page = show(officer, content)
            assert page.status_code == 422
            assert sentence in page.text
        assert officer.get(RETURN).status_code == 200

    def test_merged_cells_and_formulas_are_told_beside_the_other_mistakes(self, officer: Visitor) -> None:
        kept = BytesIO()
        filled = download(officer)
        book = xlsxwriter.Workbook(kept)
        page = book.add_worksheet("Return")
        page.write_row(0, 0, filled.headings)
        page.write_row(1, 0, [str(value) for value in filled.row("brent")])
        page.write_formula(1, filled.place("Title"), "=CONCATENATE(1)", None, "1")
        page.merge_range(1, filled.place("Note or reason"), 2, filled.place("Agreed by"), "both")
        book.close()
        said = self.taken(officer, kept.getvalue())
        assert "F2 Brent This cell holds a formula" in said
        assert "D2:E3 are merged" in said
