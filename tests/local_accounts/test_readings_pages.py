"""Readings as people see them: the form and its mistakes, two side by side, the council's reply, and who sees what."""

import csv
import re
from io import StringIO
from uuid import uuid4

import pytest

from improvement.local_accounts.rules.readings import QUESTIONS, THEMES
from tests.local_accounts.people import Clerk
from tests.visiting import Tracker, Typed, Visitor

BRENT = "/local-accounts/2011-2012/brent"
READINGS = f"{BRENT}/readings"


@pytest.fixture
def ann(tracker: Tracker) -> Visitor:
    Clerk(tracker.database).publishes()
    return tracker.signed_in("coordinator", region="london")


@pytest.fixture
def bob(tracker: Tracker, ann: Visitor) -> Visitor:
    return tracker.signed_in("coordinator", region="london")


@pytest.fixture
def officer(tracker: Tracker, ann: Visitor) -> Visitor:
    return tracker.signed_in("officer", council="brent")


def read(visitor: Visitor, address: str = f"{READINGS}/new", **more: str | list[str]) -> str:
    """The page of the reading that this records."""
    typed: Typed = {"covered-2": "covered", "where-2": "4", **more}
    answer = visitor.send(address, **typed)
    assert answer.status_code == 303, re.findall(r'error-message">.*?</p>', answer.text, re.DOTALL)
    return str(answer.headers["location"])


def test_an_account_is_read_in_one_form_and_shown_on_a_page_of_its_own(ann: Visitor) -> None:
    assert "Nobody has read it yet" in ann.get(READINGS).text
    asked = ann.get(f"{READINGS}/new").text
    assert "0 of 11 themes answered" in asked
    more: Typed = {"quotation-2": "We kept people safe.", "challenge": ["complaints", "user feedback"], "clicks": "3"}
    page = ann.get(read(ann, **more, **{"answer-1": "By our citizens’ panel."})).text
    for said in (
        "First reading",
        "page&nbsp;4",
        "We kept people safe.",
        "Complaints, user feedback",
        "citizens’ panel",
    ):
        assert said in page
    assert "<strong>1 of 11 themes</strong> answered" in ann.get(READINGS).text
    again = ann.get(f"{READINGS}/new").text
    assert "1 of 11 themes answered" in again
    assert ann.form(f"{READINGS}/new")["quotation-2"] == "We kept people safe."


def test_every_mistake_comes_back_at_its_row_with_everything_that_was_typed(ann: Visitor) -> None:
    answer = ann.send(
        f"{READINGS}/new",
        **{"covered-1": "covered", "where-2": "4-2", "covered-3": "nonsense", "quotation-4": "x" * 501},
        **{"challenge": ["none", "complaints"], "clicks": "99", "where-5": "https://ann:x@www.brent.gov.uk/"},
    )
    assert answer.status_code == 422
    places = ("where-1", "where-2", "covered-3", "quotation-4", "where-5", "challenge", "clicks")
    for place in places:
        assert f'href="#{place}"' in answer.text
        assert f'id="{place}"' in answer.text
    assert 'value="4-2"' in answer.text
    assert 'value="99"' in answer.text
    assert "Nobody has read it yet" in ann.get(READINGS).text


def test_sending_the_same_reading_twice_records_it_once(ann: Visitor) -> None:
    typed = {**ann.form(f"{READINGS}/new"), "covered-2": "covered", "where-2": "4"}
    assert (
        ann.post(f"{READINGS}/new", typed).headers["location"] == ann.post(f"{READINGS}/new", typed).headers["location"]
    )
    assert len(ann.api(READINGS).json()["readings"]) == 1


def test_two_readings_are_shown_side_by_side_and_reconciled_where_they_differ(ann: Visitor, bob: Visitor) -> None:
    read(ann, **{"covered-3": "partly"})
    read(bob, **{"covered-3": "not covered", "findable": "yes"})
    page = ann.get(READINGS).text
    assert "Where the two readings differ" in page
    assert "nobody has reconciled them yet" in page
    begins = ann.form(f"{READINGS}/reconcile")
    assert begins["where-2"] == "4", "what both found is there already"
    assert "covered-3" not in begins
    refused = ann.send(f"{READINGS}/reconcile")
    assert refused.status_code == 422
    assert 'href="#covered-3"' in refused.text
    assert 'href="#findable"' in refused.text
    assert "They differ. First: Partly. Second: Not covered." in refused.text
    one = ann.get(read(ann, f"{READINGS}/reconcile", **{"covered-3": "partly", "findable": "no"})).text
    assert "Reconciled reading" in one
    assert "This is the reading that counts." in one
    assert ann.get(READINGS).text.count("Kept beside it") == 2


def test_there_is_nothing_to_reconcile_before_two_have_read(ann: Visitor) -> None:
    read(ann)
    assert ann.get(f"{READINGS}/reconcile").status_code == 409


def test_a_council_replies_beside_the_reading_and_a_disagreement_gives_evidence(ann: Visitor, officer: Visitor) -> None:
    read(ann)
    refused = officer.send(f"{READINGS}/reply", **{"agrees-2": "disagree", "evidence-3": "Something."})
    assert refused.status_code == 422
    assert 'href="#evidence-2"' in refused.text
    assert 'href="#agrees-3"' in refused.text
    assert ">Something.</textarea>" in refused.text
    told = {"agrees-2": "disagree", "evidence-2": "See page 9.", "address-2": "https://www.brent.gov.uk/p9"}
    page = officer.follow(officer.send(f"{READINGS}/reply", **told, rest="agree")).text
    assert "See page 9." in page
    assert page.count(">Agrees<") == len(THEMES) + 8 + len(QUESTIONS) - 1
    assert "See page 9." in ann.get(READINGS).text
    read(ann, **{"where-2": "9"})
    assert "Replies to earlier readings" in ann.get(READINGS).text
    assert "to a reading that no longer counts" in ann.get(READINGS).text


def test_a_council_takes_its_reading_and_replies_away_as_a_file(ann: Visitor, officer: Visitor) -> None:
    assert len(officer.get(f"{READINGS}/answers.csv").text.splitlines()) == 1
    read(ann, **{"quotation-2": "=1+1"})
    officer.send(f"{READINGS}/reply", **{"agrees-2": "disagree", "evidence-2": "See page 9."})
    rows = list(csv.DictReader(StringIO(officer.get(f"{READINGS}/answers.csv").content.decode("utf-8-sig"))))
    assert len(rows) == len(THEMES) + 8 + len(QUESTIONS)
    assert (rows[1]["where"], rows[1]["council_agrees"], rows[1]["evidence"]) == ("4", "no", "See page 9.")
    assert not rows[1]["quotation"].startswith("=")


def test_a_reply_to_a_reading_that_was_replaced_meanwhile_is_not_taken(ann: Visitor, officer: Visitor) -> None:
    read(ann)
    typed = {**officer.form(f"{READINGS}/reply"), "agrees-2": "agree"}
    read(ann, **{"where-2": "9"})
    assert officer.post(f"{READINGS}/reply", typed).status_code == 409


def test_a_council_takes_back_what_it_replied_and_the_history_keeps_it(ann: Visitor, officer: Visitor) -> None:
    read(ann)
    officer.send(f"{READINGS}/reply", **{"agrees-2": "disagree", "evidence-2": "See page 9."})
    assert "/take-back" not in ann.get(READINGS).text
    (link,) = re.findall(rf'href="({READINGS}/replies/[^"]+)"', officer.get(READINGS).text)
    assert ann.get(link).status_code == 403
    assert officer.send(link).status_code == 422
    page = officer.follow(officer.send(link, reason="It was the draft.")).text
    assert "See page 9." not in page
    kept = officer.get(BRENT).text
    assert "Reply to the reading (taken back)" in kept
    assert "Taken back: It was the draft." in kept
    assert "<strong>Taken back since.</strong>" in kept


def test_a_reading_is_taken_back_with_a_reason_and_stays_in_the_list(ann: Visitor, officer: Visitor) -> None:
    address = read(ann)
    assert officer.get(f"{address}/take-back").status_code == 403
    assert ann.send(f"{address}/take-back").status_code == 422
    page = ann.follow(ann.send(f"{address}/take-back", reason="It was the draft.")).text
    assert "Taken back: It was the draft." in page
    assert "Nobody has read it yet" in page
    assert ann.get(f"{address}/take-back").status_code == 409


def test_readings_are_for_the_council_its_region_and_the_secretariat(tracker: Tracker, ann: Visitor) -> None:
    address = read(ann)
    for role, place in (("board", {}), ("officer", {"council": "wirral"}), ("coordinator", {"region": "north-west"})):
        other = tracker.signed_in(role, **place)
        assert [other.get(one).status_code for one in (READINGS, address)] == [404, 404]
        assert other.api(READINGS).status_code == 404
        for form in ("new", "reconcile", "reply"):
            assert other.get(f"{READINGS}/{form}").status_code == 403
    assert ann.get(f"{READINGS}/reply").status_code == 403
    assert ann.get(f"{READINGS}/{uuid4()}").status_code == 404
    assert tracker.signed_in("secretariat").get(address).status_code == 200
    assert tracker.anonymous().get(READINGS).status_code == 303


def test_looking_back_nothing_is_offered_and_a_reading_of_today_is_not_there(ann: Visitor) -> None:
    address = read(ann)
    past = "?as-at=2012-01-31"
    assert f"{READINGS}/new" not in ann.get(READINGS + past).text
    assert "Counts" not in ann.get(READINGS + past).text
    assert ann.get(address + past).status_code == 404


def test_a_council_that_has_not_published_has_nothing_to_read(ann: Visitor) -> None:
    for form in ("", "/new"):
        assert "Nothing to read yet" in ann.get(f"/local-accounts/2011-2012/ealing/readings{form}").text


def test_scripts_read_and_record_the_same(tracker: Tracker, ann: Visitor, officer: Visitor) -> None:
    publication = ann.api(BRENT).json()["publications"][0]["id"]
    reading = {
        "publication": publication,
        "themes": [{"theme": THEMES[1], "covered": "covered", "where": "4, 7-9"}],
        "engagement": "consulted",
    }
    made = ann.api(READINGS, reading)
    assert made.status_code == 201, made.text
    told = ann.api(READINGS).json()
    assert told["stands"] == made.json()["id"]
    assert len(told["readings"][0]["reading"]["themes"]) == 11
    reply = {"reading": told["stands"], "replies": [{"about": THEMES[1], "agrees": False, "evidence": "See page 9."}]}
    assert ann.api(f"{BRENT}/replies", reply).status_code == 403
    assert officer.api(f"{BRENT}/replies", reply).status_code == 201
    assert [one["evidence"] for one in officer.api(READINGS).json()["replies"]] == ["See page 9."]


@pytest.mark.parametrize(
    "wrong",
    [
        {"themes": [{"theme": THEMES[0]}, {"theme": THEMES[0]}]},
        {"themes": [{"theme": "football"}]},
        {"themes": [{"theme": THEMES[0], "covered": "covered"}]},
        {"themes": [{"theme": THEMES[0], "covered": "very well"}]},
        {"themes": [{"theme": THEMES[0], "where": "x" * 5_000}]},
        {"themes": "all of them"},
        {"engagement": "some"},
        {"challenge": ["none", "complaints"]},
        {"answers": [{"question": "Why?", "answer": "Because."}]},
        {"clicks": 21},
        {"clicks": -1},
        {"weaknesses": True},
        {"colour": "red"},
        {"publication": str(uuid4())},
        {"publication": "the newest"},
    ],
)
def test_what_cannot_be_a_reading_is_refused_in_words(ann: Visitor, wrong: dict[str, object]) -> None:
    publication = ann.api(BRENT).json()["publications"][0]["id"]
    answer = ann.api(READINGS, {"publication": publication, **wrong})
    assert answer.status_code == 422
    assert ann.api(READINGS).json()["readings"] == []
