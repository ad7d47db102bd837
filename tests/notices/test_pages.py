"""The log as people see it, the preview, and stopping reminders without signing in."""

import re
from datetime import timedelta

import pytest
from httpx import Response

from improvement import dates
from improvement.access.rules import Role
from improvement.notices import queries
from improvement.notices.tables import NoticeRow
from tests.visiting import Tracker, Visitor

DAY = "/notices/preview?day=2011-12-20"


def stop_path(tracker: Tracker, address: str) -> str:
    return queries.stop_path(tracker.app.app.state.service.settings.secret, address)  # type: ignore[attr-defined]


def written(tracker: Tracker, count: int = 1, region: str = "london", address: str = "brent@x.org") -> None:
    """So many notices in the log, the outbox of which is long forgotten, each a minute after the last."""
    at = dates.now()
    with tracker.database.writing() as session:
        for number in range(count):
            row = NoticeRow(
                key=f"reminder:{number:03}:{address}",
                kind=queries.REMINDER,
                to_address=address,
                message=10_000 + number,
                written_at=at + timedelta(minutes=number),
                about=f"Council {number:03}",
                regions=[region],
                became="",
            )
            session.add(row)


def councils(page: str) -> list[str]:
    return re.findall(r"<td>(Council \d+)</td>", page)


class TestLog:
    def test_every_reminder_is_on_one_page_of_the_log_newest_first(self, tracker: Tracker) -> None:
        written(tracker, 120)
        secretariat, seen, address = tracker.signed_in("secretariat"), list[str](), "/notices"
        for _ in range(4):
            page = secretariat.get(address).text
            seen += councils(page)
            following = re.search(r'href="([^"]*after=[^"]*)"', page)
            if not following:
                break
            address = following[1].replace("&amp;", "&")
        assert seen == [f"Council {number:03}" for number in range(119, -1, -1)]

    def test_the_log_says_what_became_of_each_and_is_filtered_by_it(self, tracker: Tracker) -> None:
        written(tracker)
        secretariat = tracker.signed_in("secretariat")
        assert "No longer kept" in secretariat.get("/notices").text
        assert councils(secretariat.get("/notices?became=no+longer+kept&q=BRENT").text) == ["Council 000"]
        for query in ("became=sent", "q=wirral", "q=%25", "became=nonsense", "after=nonsense&q=nobody"):
            page = secretariat.get(f"/notices?{query}").text
            assert "No reminder fits" in page

    def test_a_coordinator_sees_their_own_regions_and_others_may_not_look(self, tracker: Tracker) -> None:
        written(tracker)
        for region, seen in (("london", ["Council 000"]), ("north-west", [])):
            coordinator = tracker.signed_in("coordinator", region=region)
            assert councils(coordinator.get("/notices").text) == seen
            assert len(coordinator.api("/notices").json()["items"]) == len(seen)
            assert coordinator.get("/notices/list.csv").text.count("brent@x.org") == len(seen)
            assert coordinator.get(DAY).status_code == 403
        for visitor in (tracker.signed_in("officer", council="brent"), tracker.signed_in("board")):
            assert {visitor.get(at).status_code for at in ("/notices", "/notices/list.csv", DAY)} == {403}

    def test_the_file_opens_as_text_whatever_an_address_looks_like(self, tracker: Tracker) -> None:
        written(tracker, address="=cmd@x.org")
        text = tracker.signed_in("secretariat").get("/notices/list.csv").text
        assert ",'=cmd@x.org," in text
        assert "no longer kept" in text

    def test_the_api_gives_what_the_page_shows(self, tracker: Tracker) -> None:
        written(tracker, 3)
        found = tracker.signed_in("secretariat").api("/notices?limit=2").json()
        assert [one["about"] for one in found["items"]] == ["Council 002", "Council 001"]
        assert found["total"] == 3
        assert found["items"][0]["became"] == "no longer kept"

    def test_an_empty_log_says_what_will_be_here(self, tracker: Tracker) -> None:
        assert "No reminders yet" in tracker.signed_in("secretariat").get("/notices").text


class TestPreview:
    def test_it_shows_what_would_be_written_and_gives_nobodys_links_away(self, tracker: Tracker) -> None:
        officer = tracker.signed_in("officer", council="brent")
        page = tracker.signed_in("secretariat").get(DAY).text
        assert officer.email in page
        assert "Brent: local account reminder" in page
        assert "/notices/stop/" not in page
        assert "accounts/confirm" not in page

    @pytest.mark.parametrize(
        ("day", "said"),
        [("2011-12-25", "a weekend or a bank holiday"), ("2011-12-21", "No council"), ("2031-01-06", "No council")],
    )
    def test_a_day_without_reminders_says_why(self, tracker: Tracker, day: str, said: str) -> None:
        assert said in tracker.signed_in("secretariat").get(f"/notices/preview?day={day}").text

    @pytest.mark.parametrize("day", ["2011-13-01", "tomorrow", "0000-00-00", "9" * 500])
    def test_what_is_no_day_is_said_to_be_none(self, tracker: Tracker, day: str) -> None:
        answer = tracker.signed_in("secretariat").get(f"/notices/preview?day={day}")
        assert answer.status_code == 400
        assert "is not a date" in answer.text


class TestOneClick:
    """A mail program stops reminders for its user: RFC 8058. There is no session, and the address says it all."""

    def send(self, tracker: Tracker, path: str, body: bytes, **headers: str) -> Response:
        kind = {"content-type": "application/x-www-form-urlencoded", **headers}
        return tracker.anonymous().client.post(path, content=body, headers=kind, follow_redirects=False)

    def stopped(self, tracker: Tracker, address: str = "ann@x.org") -> bool:
        with tracker.database.reading() as session:
            return queries.has_stopped(session, address)

    def test_one_post_stops_them_and_so_does_a_second(self, tracker: Tracker) -> None:
        path = stop_path(tracker, "ann@x.org")
        for _ in range(2):
            answer = self.send(tracker, path, b"List-Unsubscribe=One-Click", origin="https://mail.example.com")
            assert answer.status_code == 200
            assert "Reminders are stopped" in answer.text
            assert self.stopped(tracker)

    def test_it_may_come_in_parts(self, tracker: Tracker) -> None:
        parts = b'--X\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--X--\r\n'
        path = stop_path(tracker, "ann@x.org")
        kind = {"content-type": "multipart/form-data; boundary=X"}
        assert self.send(tracker, path, parts, **kind).status_code == 200
        assert self.stopped(tracker)

    def test_looking_never_stops_anything(self, tracker: Tracker) -> None:
        path = stop_path(tracker, "ann@x.org")
        for method in ("GET", "HEAD"):
            assert tracker.anonymous().client.request(method, path).status_code == 200
        assert tracker.anonymous().get(f"{path}?List-Unsubscribe=One-Click").status_code == 200
        assert not self.stopped(tracker)

    @pytest.mark.parametrize(
        "body",
        [b"", b"what=stop", b"List-Unsubscribe=No", b"what=again&List-Unsubscribe=One-Click", b"x" * 5000],
        ids=["nothing", "our own form", "another word", "more than it", "much"],
    )
    def test_anything_else_without_our_form_is_refused(self, tracker: Tracker, body: bytes) -> None:
        assert self.send(tracker, stop_path(tracker, "ann@x.org"), body).status_code == 403
        assert not self.stopped(tracker)

    def test_it_never_sends_them_again_and_opens_no_other_door(self, tracker: Tracker) -> None:
        officer = tracker.signed_in(Role.OFFICER, council="brent")
        form = {"content-type": "application/x-www-form-urlencoded"}
        for path in ("/notices/mine", "/sign-out"):
            answer = officer.client.post(path, content=b"List-Unsubscribe=One-Click", headers=form)
            assert answer.status_code == 403

    def test_a_link_that_was_changed_stops_nobody(self, tracker: Tracker) -> None:
        path = stop_path(tracker, "ann@x.org")
        changed = path[:-1] + ("0" if path[-1] != "0" else "1")
        assert self.send(tracker, changed, b"List-Unsubscribe=One-Click").status_code == 404
        assert not self.stopped(tracker)


class TestStopping:
    def stopped(self, tracker: Tracker, address: str) -> bool:
        with tracker.database.reading() as session:
            return queries.has_stopped(session, address)

    def test_opening_the_link_stops_nothing_and_the_button_does_and_can_be_undone(self, tracker: Tracker) -> None:
        path, somebody = stop_path(tracker, "ann@x.org"), tracker.anonymous()
        assert somebody.get(path).status_code == 200
        assert not self.stopped(tracker, "ann@x.org")
        page = somebody.follow(somebody.send(path)).text
        assert "No more reminders go to ann@x.org" in page
        assert self.stopped(tracker, "ann@x.org")
        assert "Reminders go to ann@x.org again" in somebody.follow(somebody.send(path)).text
        assert not self.stopped(tracker, "ann@x.org")

    def test_the_button_pressed_twice_or_in_two_tabs_stops_once(self, tracker: Tracker) -> None:
        path, somebody = stop_path(tracker, "ann@x.org"), tracker.anonymous()
        typed = somebody.form(path)
        assert [somebody.post(path, typed).status_code for _ in range(2)] == [303, 303]
        assert self.stopped(tracker, "ann@x.org")

    def test_a_link_that_was_changed_does_not_work(self, tracker: Tracker) -> None:
        whole, other = stop_path(tracker, "ann@x.org"), stop_path(tracker, "bob@x.org")
        crossed = f"{other.partition('.')[0]}.{whole.rpartition('.')[2]}"
        for path in (f"{whole[:-1]}0", crossed, "/notices/stop/nonsense", "/notices/stop/%ff.%ff", f"{whole}x"):
            if path != whole:
                assert tracker.anonymous().get(path).status_code == 404

    def test_a_wish_that_is_none_is_refused(self, tracker: Tracker) -> None:
        path, somebody = stop_path(tracker, "ann@x.org"), tracker.anonymous()
        assert somebody.send(path, what="everything").status_code == 422
        assert not self.stopped(tracker, "ann@x.org")

    def test_somebody_signed_in_finds_it_on_their_own_page(self, tracker: Tracker) -> None:
        officer: Visitor = tracker.signed_in(Role.OFFICER, council="brent")
        assert "/notices/mine" in officer.get("/me").text
        officer.follow(officer.send("/notices/mine"))
        assert self.stopped(tracker, officer.email)
        assert tracker.anonymous().get("/notices/mine").status_code == 303

    def test_a_coordinator_finds_the_log_from_there_and_an_officer_does_not(self, tracker: Tracker) -> None:
        log = 'href="/notices"'
        assert log in tracker.signed_in("coordinator", region="london").get("/notices/mine").text
        assert log not in tracker.signed_in("officer", council="brent").get("/notices/mine").text
