"""The coordinator's grid as coordinators use it: twenty councils on one page, saved once."""

import re

import pytest

from improvement.local_accounts.rules import Status
from tests.local_accounts.people import Clerk
from tests.visiting import Tracker, Typed, Visitor

GRID = "/local-accounts/2011-2012/grid"
LONDON = f"{GRID}?region=london"


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


@pytest.fixture
def coordinator(tracker: Tracker) -> Visitor:
    return tracker.signed_in("coordinator", region="london")


def row_of(page: str, council: str) -> str:
    """The row of one council."""
    return next(row for row in page.split("<tr ") if f'/{council}">' in row)


def test_every_council_of_the_region_is_on_one_page(coordinator: Visitor) -> None:
    page = coordinator.get(GRID)
    assert page.status_code == 200
    assert page.text.count("data-row") == 33
    assert "0 of 33 councils done this month" in plain(page.text)
    assert coordinator.get(f"{GRID}?region=north-west").status_code == 404


def test_the_secretariat_opens_any_region_and_others_none(tracker: Tracker) -> None:
    assert tracker.signed_in("secretariat").get(f"{GRID}?region=north-west").text.count("data-row") > 20
    for role, scope in (("officer", {"council": "brent"}), ("board", {})):
        visitor = tracker.signed_in(role, **scope)
        assert visitor.get(GRID).status_code == 403
        assert visitor.api(GRID, {"rows": []}).status_code == 403
    assert tracker.anonymous().get(GRID).status_code == 303


def test_rows_that_are_changed_and_ticked_are_saved_and_the_others_stay(coordinator: Visitor) -> None:
    typed: Typed = {
        "status-brent": "drafting",
        "expected_on-brent": "16 Dec 2099",
        "note-brent": "Draft seen",
        "nochange": ["ealing", "barnet"],
    }
    page = plain(coordinator.follow(coordinator.send(LONDON, **typed)).text)
    assert "London is saved: 1 changed, 2 with no change." in page
    assert "3 of 33 councils done this month" in page
    assert "16 December 2099" in row_of(page, "brent")
    assert 'value="16 12 2099"' in row_of(page, "brent")
    assert "last said" in row_of(page, "ealing")
    assert "last said" not in row_of(page, "camden")


def test_no_change_for_all_the_others_is_one_press(coordinator: Visitor) -> None:
    answer = coordinator.send(LONDON, **{"status-brent": "planned", "others": "no change"})
    page = plain(coordinator.follow(answer).text)
    assert "1 changed, 32 with no change" in page
    assert "33 of 33 councils done" in page


def test_ticks_for_those_not_done_are_offered_and_nothing_is_saved_by_looking(coordinator: Visitor) -> None:
    coordinator.send(LONDON, nochange="brent")
    page = coordinator.get(f"{LONDON}&tick=others").text
    assert len(re.findall(r'name="nochange" value="[a-z-]+" checked', page)) == 32
    assert "1 of 33 councils done" in plain(coordinator.get(LONDON).text)


def test_every_mistake_is_told_at_once_at_its_box_and_nothing_is_saved(coordinator: Visitor) -> None:
    typed: Typed = {
        "status-brent": "drafting",
        "expected_on-brent": "31 2 2099",
        "status-ealing": "will not publish",
        "status-barnet": "approved",
        "note-barnet": "<b>Kept</b>",
        "expected_on-barnet": "1 1 2012",
        "status-camden": "planned",
        "nochange": "camden",
    }
    refused = coordinator.send(LONDON, **typed)
    assert refused.status_code == 422
    for box in ("expected_on-brent", "note-ealing", "expected_on-barnet", "nochange-camden"):
        assert f'href="#{box}"' in refused.text
        assert f'id="{box}-error"' in refused.text
        assert refused.text.count(f'id="{box}"') == 1
    assert 'value="31 2 2099"' in refused.text
    assert "&lt;b&gt;Kept&lt;/b&gt;" in refused.text
    assert "0 of 33 councils done" in plain(refused.text)


def test_a_note_with_marks_that_turn_text_round_is_refused_and_one_that_cannot_be_seen_is_none(
    coordinator: Visitor,
) -> None:
    refused = coordinator.send(LONDON, **{"status-brent": "drafting", "note-brent": "Seen \u202e on the site"})
    assert refused.status_code == 422
    assert "The note has characters that cannot be kept" in refused.text
    refused = coordinator.send(LONDON, **{"status-brent": "will not publish", "note-brent": "\u200b"})
    assert refused.status_code == 422
    assert "Enter the reason" in refused.text


def test_nothing_changed_is_told_and_not_saved(coordinator: Visitor) -> None:
    refused = coordinator.send(LONDON)
    assert refused.status_code == 422
    assert "Nothing is changed or ticked yet" in refused.text


class TestTwoCoordinators:
    @pytest.fixture
    def other(self, tracker: Tracker) -> Visitor:
        return tracker.signed_in("coordinator", region="london")

    @pytest.fixture
    def clashed(self, coordinator: Visitor, other: Visitor) -> Typed:
        """What the first one sends again, after the second one saved in between."""
        mine = coordinator.form(LONDON) | {
            "status-brent": "approved",
            "expected_on-brent": "1 12 2099",
            "nochange": "ealing",
        }
        other.send(LONDON, **{"status-brent": "in challenge", "status-camden": "planned"})
        refused = coordinator.post(LONDON, mine)
        assert refused.status_code == 409
        page = plain(refused.text)
        assert "Brent was changed by A coordinator" in page
        assert "Keep theirs: In challenge" in page
        assert "Use mine, as in the row above: Approved, expected 1 12 2099" in page
        assert "Camden was changed" not in page
        assert "2 of 33 councils done" in page
        again = coordinator.form(LONDON) | mine
        return again | {
            name: re.findall(rf'name="{name}" value="(\d+|yes)"', page)[0] for name in ("seen-brent", "clash-brent")
        }

    def test_nothing_is_saved_until_they_choose(self, coordinator: Visitor, clashed: Typed) -> None:
        refused = coordinator.post(LONDON, clashed)
        assert refused.status_code == 422
        assert "Choose which is right for Brent." in refused.text

    @pytest.mark.parametrize(("keep", "status"), [("theirs", "In challenge"), ("mine", "Approved")])
    def test_what_they_choose_stands(self, coordinator: Visitor, clashed: Typed, keep: str, status: str) -> None:
        page = coordinator.follow(coordinator.post(LONDON, clashed | {"keep-brent": keep})).text
        assert status in row_of(page, "brent")
        assert "last said" in row_of(page, "ealing")

    def test_a_third_change_is_a_conflict_again(self, coordinator: Visitor, other: Visitor, clashed: Typed) -> None:
        other.send(LONDON, **{"status-brent": "planned"})
        refused = coordinator.post(LONDON, clashed | {"keep-brent": "mine"})
        assert refused.status_code == 409
        assert "Keep theirs: Planned" in refused.text

    def test_a_row_left_alone_shows_what_the_other_told(self, coordinator: Visitor, other: Visitor) -> None:
        typed = coordinator.form(LONDON) | {"status-ealing": "will not publish"}
        other.send(LONDON, **{"status-brent": "approved"})
        row = row_of(coordinator.post(LONDON, typed).text, "brent")
        assert '<option value="approved" selected>' in row
        assert "Changed</span>" in row
        assert "data-changed hidden" in row

    def test_what_changed_since_ones_last_save_is_marked_with_who(self, coordinator: Visitor, other: Visitor) -> None:
        coordinator.send(LONDON, nochange="brent")
        other.send(LONDON, **{"status-ealing": "approved"})
        page = coordinator.get(LONDON).text
        assert page.count("New since you last saved") == 1
        assert "approved, by A coordinator" in row_of(page, "ealing")


def test_a_second_tab_does_not_undo_what_the_first_saved(coordinator: Visitor) -> None:
    old = coordinator.form(LONDON)
    coordinator.send(LONDON, **{"status-brent": "approved", "expected_on-brent": "1 2 2099"})
    refused = coordinator.post(LONDON, old | {"note-brent": "Rang them"})
    assert refused.status_code == 409
    page = plain(refused.text)
    assert "Brent was changed by you" in page
    assert "Keep what was saved: Approved, expected 1 February 2099" in page
    assert 'value="Rang them"' in page
    row = row_of(coordinator.get(LONDON).text, "brent")
    assert 'value="1 2 2099"' in row


def test_a_published_council_has_no_status_box_and_is_opened_and_confirmed(
    tracker: Tracker, coordinator: Visitor
) -> None:
    typed = coordinator.form(LONDON) | {"status-brent": "approved"}
    Clerk(tracker.database).publishes()
    row = row_of(coordinator.get(LONDON).text, "brent")
    assert "<select" not in row
    assert "/local-accounts/2011-2012/brent/confirmations/new" in row
    clash = coordinator.post(LONDON, typed)
    assert clash.status_code == 409
    assert "Keep theirs: Published on 16 December 2011" in plain(clash.text)
    assert "You had: Approved" in clash.text
    noted = coordinator.send(LONDON, **{"note-brent": "Seen on the site"})
    assert noted.status_code == 422
    assert coordinator.send(LONDON, **{"note-brent": "Seen", "nochange": "brent"}).status_code == 303


def test_a_double_submit_is_one_set(coordinator: Visitor) -> None:
    typed = coordinator.form(LONDON) | {"status-brent": "approved"}
    first, second = coordinator.post(LONDON, typed), coordinator.post(LONDON, typed)
    assert (first.status_code, second.status_code) == (303, 303)
    assert coordinator.get("/local-accounts/2011-2012/brent").text.count("<strong>Approved</strong>") == 1


def test_whatever_is_sent_is_answered(coordinator: Visitor) -> None:
    typed = coordinator.form(LONDON) | {"status-ealing": "will not publish"}
    for field in ("seen-brent", "was-brent", "status-brent", "nochange", "keep-brent", "note-brent"):
        for value in ("", "x", "9" * 40, "published", "\x00", "é" * 3000):
            assert coordinator.post(LONDON, typed | {field: value}).status_code in (409, 422)


class TestApi:
    def test_a_set_is_saved_whole(self, coordinator: Visitor) -> None:
        rows = [
            {"council": "brent", "status": Status.APPROVED.value, "expected_on": "2099-12-01"},
            {"council": "ealing", "no_change": True},
        ]
        assert coordinator.api(GRID, {"rows": rows}).status_code == 201
        listed = {row["council"]: row for row in coordinator.api(GRID).json()["items"]}
        assert (listed["brent"]["status"], listed["ealing"]["done"]) == ("approved", True)

    def test_mistakes_are_named_by_row_and_council(self, coordinator: Visitor) -> None:
        rows = [{"council": "brent", "status": "nonsense"}, {"council": "ealing", "status": "will not publish"}, {}]
        answer = coordinator.api(GRID, {"rows": rows})
        assert answer.status_code == 422
        assert {"rows.0.status", "note-ealing", "rows.2.council"} <= set(answer.json()["fields"])

    def test_a_stale_row_is_a_conflict_and_another_region_is_refused(self, tracker: Tracker) -> None:
        one, other = (tracker.signed_in("coordinator", region="london") for _ in range(2))
        seen = {row["council"]: row["seq"] for row in one.api(GRID).json()["items"]}["brent"]
        other.api(GRID, {"rows": [{"council": "brent", "status": "planned"}]})
        rows = [{"council": "brent", "status": "approved", "seq": seen}]
        assert one.api(GRID, {"rows": rows}).status_code == 409
        assert one.api(GRID, {"rows": [{"council": "wirral", "no_change": True}]}).status_code == 403
        assert one.api(f"{GRID}?region=north-west").status_code == 404
        for body in ({}, {"rows": []}, {"rows": "x"}, {"rows": [1]}, []):
            assert one.api(GRID, body).status_code == 422


def test_what_is_published_and_confirmed_is_done_and_listed_only_when_asked_for(
    tracker: Tracker, coordinator: Visitor
) -> None:
    clerk = Clerk(tracker.database)
    clerk.publishes()
    clerk.confirms()
    page = plain(coordinator.get(GRID).text)
    assert page.count("data-row") == 32
    assert "1 of 33 councils done this month" in page
    assert "1 council is published and confirmed, so it is not listed." in page
    assert coordinator.get(f"{LONDON}&all=yes").text.count("data-row") == 33
    saved = plain(coordinator.follow(coordinator.send(LONDON, others="no change")).text)
    assert "0 changed, 32 with no change" in saved


def test_the_list_leads_those_who_may_to_the_grid(tracker: Tracker, coordinator: Visitor) -> None:
    assert f'href="{GRID}"' in coordinator.get("/local-accounts/2011-2012").text
    assert f'href="{GRID}"' not in coordinator.get("/local-accounts/2011-2012?as-at=2012-01-01").text
    assert f'href="{GRID}"' not in tracker.signed_in("board").get("/local-accounts/2011-2012").text
