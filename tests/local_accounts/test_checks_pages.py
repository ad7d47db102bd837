"""“Still correct” as people meet it: a link in a message, opened by scanners and strangers, and the council's page."""

import pytest
from sqlalchemy import func, select

from improvement.local_accounts.queries.checks import EntryChecked
from improvement.local_accounts.rules.checks import POST
from improvement.mail import MessageRow
from improvement.sector import commands as sector
from improvement.sector.commands import ThreeContacts
from tests.local_accounts.people import DECEMBER, SECRETARIAT, Clerk
from tests.visiting import Forms, Tracker, Typed

BRENT = "/local-accounts/2011-2012/brent"
WRONG = "The canary is not ours."


def plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("&#39;", "'")


class Scene:
    """A coordinator who asks Brent, and Brent's contact, who is not signed in."""

    def __init__(self, tracker: Tracker) -> None:
        self.tracker, self.clerk = tracker, Clerk(tracker.database)
        self.clerk.says(note="A note for the coordinator")
        self.coordinator = tracker.signed_in("coordinator", region="london")
        self.stranger = tracker.anonymous()
        with tracker.database.writing() as session:
            contact = ThreeContacts(local_account_name="Pat Secret", local_account_email="pat@brent.example.org")
            sector.set_contacts(session, "brent", contact, by=SECRETARIAT)

    def sent(self) -> str:
        """The address in the message written last to the contact."""
        with self.tracker.database.reading() as session:
            wanted = select(MessageRow.body).where(MessageRow.to == "pat@brent.example.org")
            body = session.scalars(wanted.order_by(MessageRow.id.desc())).first() or ""
        return "/accounts" + body.partition("/accounts")[2].split()[0]

    def link(self) -> str:
        assert self.coordinator.send(f"{BRENT}/checks/ask").status_code == 303
        return self.sent()

    def facts(self) -> int:
        with self.tracker.database.reading() as session:
            return session.scalar(select(func.count()).select_from(EntryChecked)) or 0


@pytest.fixture
def scene(tracker: Tracker) -> Scene:
    return Scene(tracker)


def test_the_contact_confirms_without_signing_in_and_the_page_says_so(scene: Scene) -> None:
    link = scene.link()
    answer = scene.stranger.send(link, correct="yes")
    assert "Thank you" in answer.text
    assert "Confirmed by the council on" in plain(scene.coordinator.get(BRENT).text)
    again = scene.stranger.get(link)
    assert again.status_code == 200
    assert "the council said that it is still correct" in again.text
    assert scene.facts() == 1


def test_opening_the_link_however_often_changes_nothing_and_shows_only_what_is_public(scene: Scene) -> None:
    link = scene.link()
    for _ in range(3):
        page = scene.stranger.get(link)
    assert page.status_code == 200
    assert page.headers["cache-control"] == "no-store"
    for hidden in ("Pat Secret", "pat@brent", "A note for", "Wirral", "rafting"):
        assert hidden not in page.text
    assert scene.facts() == 0


def test_a_form_that_did_not_come_from_the_page_is_refused(scene: Scene) -> None:
    link = scene.link()
    assert scene.stranger.post(link, {"correct": "yes"}).status_code == 403
    assert scene.stranger.post(link, scene.tracker.anonymous().form(link) | {"correct": "yes"}).status_code == 403
    assert scene.facts() == 0


def test_what_is_wrong_is_told_in_full_to_those_who_see_the_council_in_full(scene: Scene) -> None:
    missing = scene.stranger.send(link := scene.link(), correct="no")
    assert missing.status_code == 422
    assert "Enter what is wrong." in missing.text
    assert scene.stranger.send(link, correct="no", said=WRONG).status_code == 200
    assert WRONG in scene.coordinator.get(BRENT).text
    for other in (scene.tracker.signed_in("board"), scene.tracker.signed_in("officer", council="wirral")):
        page = plain(other.get(BRENT).text)
        assert "something is wrong" in page
        assert "canary" not in page
    assert "canary" not in scene.stranger.get(link).text
    with scene.tracker.database.reading() as session:
        told = session.scalars(select(MessageRow.body).where(MessageRow.to == scene.coordinator.email)).all()
    assert any(WRONG in body for body in told)


def test_a_link_forwarded_after_a_correction_says_so_and_sends_a_new_one(scene: Scene) -> None:
    link = scene.link()
    typed = scene.stranger.form(link)
    scene.clerk.at = scene.clerk.at.replace(year=2030)
    scene.clerk.publishes()
    refused = scene.stranger.post(link, typed | {"correct": "no", "said": f"<b>{WRONG}"})
    assert refused.status_code == 409
    assert "The entry has changed since this link was sent." in refused.text
    assert f"&lt;b&gt;{WRONG}</div>" in refused.text, "what was written is there to be copied"
    assert scene.facts() == 0
    (_, again), *_ = Forms(refused.text).found
    sent = scene.stranger.post(link, again).text
    assert "on its way" in sent
    assert f"&lt;b&gt;{WRONG}</div>" in sent
    assert scene.sent() != link


@pytest.mark.parametrize("answer", [{"correct": "yes"}, {"correct": "no", "said": f" {WRONG}"}], ids=str)
def test_a_second_press_of_the_button_is_thanked_and_records_nothing(scene: Scene, answer: Typed) -> None:
    link = scene.link()
    typed = scene.stranger.form(link) | answer
    pages = [scene.stranger.post(link, typed) for _ in range(2)]
    assert [page.status_code for page in pages] == [200, 200]
    assert all("Thank you" in page.text for page in pages)
    assert scene.facts() == 1
    other = scene.stranger.post(link, typed | {"correct": "no", "said": "Something else."})
    assert other.status_code == 409
    assert "the council said that" in other.text
    assert "Something else.</div>" in other.text


@pytest.mark.parametrize("token", ["x", "e30=.0", "é.é", "." * 30, "A" * 3000])
def test_a_link_that_was_tampered_with_is_not_there(scene: Scene, token: str) -> None:
    assert scene.stranger.get(f"/accounts/confirm/{token}").status_code == 404


def test_without_a_contact_the_page_leads_to_where_one_is_entered(tracker: Tracker) -> None:
    page = tracker.signed_in("secretariat").get(f"{BRENT}/checks/ask").text
    assert "There is nobody to ask yet" in page
    assert "/councils/brent/contacts" in page


def test_a_council_asked_this_week_is_not_asked_again(scene: Scene) -> None:
    scene.link()
    refused = scene.coordinator.send(f"{BRENT}/checks/ask")
    assert refused.status_code == 409
    assert "less than a week ago" in refused.text


def test_an_officer_says_still_correct_in_two_presses_and_takes_it_back(tracker: Tracker) -> None:
    officer = tracker.signed_in("officer", council="brent")
    page = officer.follow(officer.send(f"{BRENT}/checks/new"))
    assert "Confirmed by the council on" in plain(page.text)
    take_back = page.text.partition(f'href="{BRENT}/checks/')[2]
    back = next(part.split('"')[0] for part in page.text.split('href="') if "/take-back" in part.split('"')[0])
    assert take_back
    assert officer.send(back).status_code == 422
    assert "Not confirmed by the council yet" in officer.follow(officer.send(back, reason="Too soon.")).text


@pytest.mark.parametrize("way", ["checks/new", "checks/ask"])
def test_another_council_is_not_for_an_officer(tracker: Tracker, way: str) -> None:
    officer = tracker.signed_in("officer", council="wirral")
    assert officer.get(f"{BRENT}/{way}").status_code == 403
    assert officer.api(f"{BRENT}/checks", {"correct": True}).status_code == 403


@pytest.mark.parametrize(
    ("body", "status"), [({"correct": True}, 201), ({"correct": False, "said": "The day."}, 201), ({}, 422)]
)
def test_the_api_records_what_is_said(tracker: Tracker, body: dict[str, object], status: int) -> None:
    assert tracker.signed_in("coordinator", region="london").api(f"{BRENT}/checks", body).status_code == status


def test_the_api_takes_back_what_was_said_once(tracker: Tracker) -> None:
    coordinator = tracker.signed_in("coordinator", region="london")
    made = coordinator.api(f"{BRENT}/checks", {"correct": True}).json()["id"]
    back, reason = f"{BRENT}/checks/{made}/take-back", {"reason": "It was another council."}
    assert tracker.signed_in("officer", council="brent").api(back, reason).status_code == 403
    assert [coordinator.api(back, reason).status_code for _ in range(2)] == [201, 409]
    assert coordinator.api(f"{BRENT}/checks/{'0' * 8}-0000-0000-0000-{'0' * 12}/take-back", reason).status_code == 404


def test_the_post_asked_is_one_contacts_are_kept_for() -> None:
    assert POST in sector.POSTS


def test_nothing_is_offered_while_looking_back(scene: Scene) -> None:
    assert "/checks/ask" in scene.coordinator.get(BRENT).text
    assert "/checks/ask" not in scene.coordinator.get(f"{BRENT}?as-at=2012-12-01").text


def test_the_published_account_is_shown_to_the_contact(scene: Scene) -> None:
    scene.clerk.publishes()
    page = plain(scene.stranger.get(scene.link()).text)
    assert "Our account" in page
    assert f"{DECEMBER.day} December 2011" in page
