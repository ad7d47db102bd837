"""Nothing of a concern reaches a person who may not know of it: every word of each carries a canary, at every door."""

import re
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import msgspec
import pytest
from sqlalchemy import event

from improvement.access.rules import Role
from improvement.concerns import figures, queries
from improvement.database import Database
from improvement.dates import AsAt, london_day, now
from tests.concerns.people import person, raise_concern
from tests.visiting import Tracker, Visitor

TODAY = london_day(now())
SENSITIVITIES = ("public", "board", "restricted")
WHO: dict[str, dict[str, str]] = {
    "secretariat": {},
    "coordinator": {"region": "london"},
    "officer": {"council": "brent"},
    "board": {},
    "chair": {},
}
FOREIGN = (("coordinator", {"region": "north-west"}), ("officer", {"council": "barnet"}))
MAY_KNOW = {
    "secretariat": set(SENSITIVITIES),
    "coordinator": set(SENSITIVITIES),
    "officer": set(SENSITIVITIES),
    "board": {"public", "board"},
    "chair": {"public", "board"},
}
"""The oracle, kept apart from the application: who may know of a concern about Brent, by its sensitivity."""


class Planted(msgspec.Struct):
    """One concern of Brent's with an action, every text of which holds its canary."""

    canary: str
    concern: str
    action: str
    facts: list[str]


def plant(officer: Visitor, sensitivity: str) -> Planted:
    canary = f"canary{sensitivity}"

    def words(**more: Any) -> dict[str, Any]:
        return {name: f"{canary} {name}" if value is None else value for name, value in more.items()}

    def made(address: str, body: dict[str, Any]) -> dict[str, str]:
        answer = officer.api(address, body)
        assert answer.status_code == 201, answer.text
        facts.append(answer.json()["id"])
        return dict(answer.json())

    facts: list[str] = []
    concern = words(title=None, description=None, source_quote=None, owner=None, note=None, source="other")
    concern |= {
        "council": "brent",
        "themes": ["adult safeguarding"],
        "severity": "critical",
        "sensitivity": sensitivity,
    }
    ref = made("/concerns", concern)["ref"]
    plan = words(title=None, outcome=None, measure=None, owner=None, target_on="2011-12-31")
    action = made(f"/concerns/{ref}/actions", plan)["ref"]
    made(f"/actions/{action}/updates", words(state="in progress", narrative=None, evidence=None))
    made(f"/actions/{action}/targets", words(target_on="2012-03-31", reason=None))
    made(f"/concerns/{ref}/escalations", words(level="region", reason=None))
    return Planted(canary, ref, action, facts)


@pytest.fixture
def planted(tracker: Tracker) -> dict[str, Planted]:
    officer = tracker.signed_in(Role.OFFICER, council="brent")
    return {sensitivity: plant(officer, sensitivity) for sensitivity in SENSITIVITIES}


def addresses(planted: dict[str, Planted]) -> Iterator[str]:
    """Everywhere concerns are shown, with the dates and filters that could let one slip."""
    filters = ("", "q=CANARY", "council=brent", "severity=critical", "after=C-00000", "due=overdue", f"as-at={TODAY}")
    for query in (*filters, f"on={TODAY}&q=CANARY"):
        for page in ("/concerns", "/actions"):
            yield f"{page}?{query}"
            yield f"{page}/list.csv?{query}"
            yield f"{page}/list.json?{query}"
    yield from ("/", "/plans/2011-2012/brent", "/councils/brent", "/regions/london")
    yield from ("/concerns/C-00000", "/actions/A-00000", "/concerns/new")
    for each in planted.values():
        yield from (f"/concerns/{each.concern}", f"/actions/{each.action}")
        yield from (f"/concerns/{each.concern}/{form}/new" for form in ("actions", "links", "closings", "answers"))
        yield from (f"/actions/{each.action}/{form}/new" for form in ("updates", "targets"))
        yield from (f"/concerns/corrections/{fact}" for fact in each.facts)


def told(visitor: Visitor, planted: dict[str, Planted]) -> dict[str, str]:
    """Everything a person is answered, by address: pages, files, JSON, and refusals to record."""
    answers = {address: visitor.get(address).text for address in addresses(planted)}
    read = ["/concerns", "/actions", "/concerns?q=CANARY", "/concerns?limit=1", "/plans/2011-2012/brent"]
    for each in planted.values():
        read += [f"/concerns/{each.concern}", f"/actions/{each.action}"]
        tried = {
            f"/concerns/{each.concern}/closings": {"evidence": ""},
            f"/concerns/{each.concern}/links": {"action": each.action},
            f"/actions/{each.action}/updates": {"state": "nowhere"},
            "/concerns/corrections": {"corrects": each.facts[0], "reason": "x", "values": {"severity": "none"}},
        }
        for address, body in tried.items():
            answers[f"post {address} {each.concern}"] = visitor.api(address, body).text
    return answers | {f"api {address}": visitor.api(address).text for address in read}


@pytest.mark.parametrize("role", WHO)
def test_each_person_sees_exactly_what_they_may(tracker: Tracker, planted: dict[str, Planted], role: str) -> None:
    """Own council, coordinator and secretariat see all; the Board and its chair all but the restricted."""
    answers = told(tracker.signed_in(Role(role), **WHO[role]), planted)
    for sensitivity, each in planted.items():
        found = {address for address, text in answers.items() if each.canary in text}
        named = {address for address, text in answers.items() if each.concern in text and each.concern not in address}
        if sensitivity in MAY_KNOW[role]:
            assert found >= {"/concerns?", "/concerns/list.csv?", "/actions?", "api /concerns", "api /actions"}
            assert found >= {f"/concerns/{each.concern}", f"/actions/{each.action}", "/plans/2011-2012/brent"}
        else:
            assert found | named == set()


@pytest.mark.parametrize(("role", "scope"), FOREIGN, ids=["another region", "another council"])
def test_another_council_and_region_learn_nothing(
    tracker: Tracker, planted: dict[str, Planted], role: str, scope: dict[str, str]
) -> None:
    answers = told(tracker.signed_in(Role(role), **scope), planted)
    assert [
        address
        for address, text in answers.items()
        if "canary" in re.sub('q=canary|value="canary"|>canary<', "", text.lower())
    ] == []


def test_nobody_signed_in_learns_nothing(tracker: Tracker, planted: dict[str, Planted]) -> None:
    visitor = tracker.anonymous()
    answers = {address: visitor.get(address) for address in addresses(planted)}
    assert [address for address, answer in answers.items() if "canary" in answer.text] == []
    assert {visitor.api(address).status_code for address in ("/concerns", "/actions")} == {401}


def test_what_may_not_be_known_answers_as_what_is_not_there(tracker: Tracker, planted: dict[str, Planted]) -> None:
    """Same status and same words, by page, by form and by the API; only the reference differs."""
    board, stranger = tracker.signed_in(Role.BOARD), tracker.signed_in(Role.OFFICER, council="barnet")
    hidden = planted["restricted"]

    def same(there: str, nowhere: str) -> bool:
        def plain(text: str) -> str:
            return re.sub(r"[CA]-[0-9A-Z]{5}|[0-9a-f-]{36}|value=\"[^\"]*\"", "", text)

        return plain(there) == plain(nowhere)

    for visitor in (board, stranger):
        for pattern, ref, none in (
            ("/concerns/{}", hidden.concern, "C-22222"),
            ("/actions/{}", hidden.action, "A-22222"),
        ):
            for door in (visitor.get, visitor.api):
                there, nowhere = door(pattern.format(ref)), door(pattern.format(none))
                assert there.status_code == nowhere.status_code == 404
                assert same(there.text, nowhere.text)
    for none, ref in (("C-22222", hidden.concern),):
        there, nowhere = (stranger.api(f"/concerns/{each}/closings", {"evidence": "x"}) for each in (ref, none))
        assert (there.status_code, there.text) == (nowhere.status_code, nowhere.text)
        forms = [stranger.get(f"/concerns/{each}/closings/new") for each in (ref, none)]
        assert forms[0].status_code == forms[1].status_code == 404
        assert same(forms[0].text, forms[1].text)


def test_the_board_is_told_only_a_national_count_of_the_restricted(
    tracker: Tracker, planted: dict[str, Planted]
) -> None:
    assert "fewer than 3 restricted concerns" in tracker.signed_in(Role.BOARD).get("/concerns").text
    assert (
        "restricted concerns in England" not in tracker.signed_in(Role.OFFICER, council="barnet").get("/concerns").text
    )


def test_counts_differ_by_nothing_that_may_not_be_known(tracker: Tracker) -> None:
    """A page of another region's coordinator is the same, byte for byte but its tokens, before and after."""
    stranger, board = tracker.signed_in(Role.COORDINATOR, region="north-west"), tracker.signed_in(Role.BOARD)
    watched = ("/concerns", "/actions", "/concerns/list.csv", "/plans/2011-2012/brent")
    before = [[visitor.get(address).text for address in watched] for visitor in (stranger, board)]
    plant(tracker.signed_in(Role.OFFICER, council="brent"), "restricted")
    after = [[visitor.get(address).text for address in watched] for visitor in (stranger, board)]
    assert before == after


def test_restricting_hides_the_past_and_opening_shows_it(tracker: Tracker) -> None:
    """Today's sensitivity decides about every day."""
    officer, board = tracker.signed_in(Role.OFFICER, council="brent"), tracker.signed_in(Role.BOARD)
    each = plant(officer, "public")
    moment = officer.api(f"/concerns/{each.concern}").json()["history"][0]["recorded_at"]
    past = f"/concerns/{each.concern}?known-at={moment}"
    assert each.canary in board.get(past).text
    officer.api(f"/concerns/{each.concern}/sensitivities", {"sensitivity": "restricted"})
    assert board.get(past).status_code == 404
    assert each.canary in officer.get(past).text
    officer.api(f"/concerns/{each.concern}/sensitivities", {"sensitivity": "board"})
    assert each.canary in board.get(past).text


def test_what_was_withdrawn_is_restricted(tracker: Tracker) -> None:
    """A public concern that is taken back is no longer there for the Board to look back at."""
    officer, board = tracker.signed_in(Role.OFFICER, council="brent"), tracker.signed_in(Role.BOARD)
    body = {"council": "brent", "title": "canary", "description": "canary", "themes": ["adult safeguarding"]}
    body |= {"severity": "low", "sensitivity": "public", "source": "other"}
    made = officer.api("/concerns", body).json()
    moment = officer.api(f"/concerns/{made['ref']}").json()["history"][0]["recorded_at"]
    officer.api("/concerns/corrections", {"corrects": made["id"], "reason": "x", "withdrawn": True})
    past = f"/concerns/{made['ref']}?known-at={moment}"
    assert officer.get(past).status_code == 200
    assert board.get(past).status_code == 404


def test_no_page_is_kept_by_a_browser(tracker: Tracker, planted: dict[str, Planted]) -> None:
    officer = tracker.signed_in(Role.OFFICER, council="brent")
    for address in addresses(planted):
        if address.startswith(("/concerns", "/actions", "/plans")):
            answer = officer.get(address)
            assert answer.headers["cache-control"] == "no-store", address
            assert "etag" not in answer.headers


def test_figures_of_the_board_and_the_public_leave_out_what_they_may_not_know(
    tracker: Tracker, planted: dict[str, Planted], seeded: Database
) -> None:
    with seeded.reading() as session:
        value = {name: figure.value(session, AsAt(TODAY)) for name, figure in figures.FIGURES.items()}
    assert [value[f"concerns_open{ending}"] for ending in ("", "_board", "_public")] == [3, 2, 1]
    assert [value[f"actions_overdue{ending}"] for ending in ("", "_board", "_public")] == [3, 2, 1]
    assert [value[f"targets_moved{ending}"] for ending in ("", "_board", "_public")] == [3, 2, 1]
    assert value["concerns_restricted"] == 1


def test_lists_ask_the_same_number_of_questions_however_long(seeded: Database) -> None:
    """One concern or twenty: as many statements."""
    counts: list[int] = []
    for more in (1, 19):
        with seeded.writing() as session:
            for _ in range(more):
                raise_concern(session, person(session, "brent"))
            officer = person(session, "brent")
        statements: list[str] = []
        count = _counter(statements)
        event.listen(seeded.engine, "before_cursor_execute", count)
        with seeded.reading() as session:
            queries.concerns(session, officer, AsAt(date(2011, 12, 1)))
            queries.actions(session, officer, AsAt(date(2011, 12, 1)))
        event.remove(seeded.engine, "before_cursor_execute", count)
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 20


def _counter(statements: list[str]) -> Callable[..., None]:
    def count(*told: Any) -> None:
        statements.append(told[2])

    return count
