"""Every address about local accounts as everybody: who is let in, who is refused, and for whom it is not there."""

import pytest

from tests.local_accounts.people import EDITION, Clerk
from tests.visiting import Tracker, Visitor

YEAR = "/local-accounts/2011-2012"
NONE = "00000000-0000-4000-8000-000000000000"
WHO = {
    "secretariat": {},
    "coordinator of London": {"region": "london"},
    "coordinator of the North West": {"region": "north-west"},
    "officer of Brent": {"council": "brent"},
    "officer of Wirral": {"council": "wirral"},
    "board": {},
    "chair": {},
}
"""Brent is in London, Wirral in the North West."""
PAGES = {
    # In the order of `WHO`.
    f"{YEAR}/brent": "200 200 200 200 200 200 200",
    f"{YEAR}/brent/similar": "200 200 200 200 200 200 200",
    f"{YEAR}/brent/statuses/new": "200 200 403 200 403 403 403",
    f"{YEAR}/brent/publications/new": "200 200 403 200 403 403 403",
    f"{YEAR}/brent/confirmations/new": "200 200 403 403 403 403 403",
    f"{YEAR}/brent/extensions/new": "200 200 403 403 403 403 403",
    f"{YEAR}/brent/checks/new": "200 200 403 200 403 403 403",
    f"{YEAR}/brent/checks/ask": "200 200 403 200 403 403 403",
    f"{YEAR}/brent/checks/{NONE}/take-back": "404 404 403 404 403 403 403",
    f"{YEAR}/brent/corrections/{NONE}": "404 404 403 404 403 403 403",
    f"{YEAR}/brent/readings": "200 200 404 200 404 404 404",
    f"{YEAR}/brent/readings/answers.csv": "200 200 404 200 404 404 404",
    f"{YEAR}/brent/readings/{NONE}": "404 404 404 404 404 404 404",
    f"{YEAR}/brent/readings/new": "200 200 403 403 403 403 403",
    f"{YEAR}/brent/readings/reply": "403 403 403 409 403 403 403",
    f"{YEAR}/brent/readings/replies/{NONE}/take-back": "403 403 403 404 403 403 403",
    f"{YEAR}/picture": "200 200 200 200 200 200 200",
    f"{YEAR}/grid?region=london": "200 200 404 403 403 403 403",
    f"{YEAR}/return": "200 200 200 200 200 403 403",
    f"{YEAR}/return.xlsx?region=london": "200 200 404 200 404 403 403",
    "/local-accounts/years/new": "200 403 403 403 403 403 403",
    f"/local-accounts/years/{YEAR[-9:]}/correct": "200 403 403 403 403 403 403",
    f"{YEAR}/nowhere/readings": "404 404 404 404 404 404 404",
    f"{YEAR[:-9]}2099-2100/return": "404 404 404 404 404 403 403",
    "/notices": "200 200 200 403 403 403 403",
    "/notices/preview": "200 403 403 403 403 403 403",
    "/accounts/confirm/made-up": "404 404 404 404 404 404 404",
}
RECORDING = {
    "statuses": ({"status": "drafting", "effective_on": "2011-11-01"}, "201 201 403 201 403 403 403"),
    "confirmations": ({}, "201 201 403 403 403 403 403"),
    "checks": ({"correct": True}, "201 201 403 201 403 403 403"),
    "corrections": ({"corrects": NONE, "reason": "x", "withdrawn": True}, "404 404 403 404 403 403 403"),
    f"checks/{NONE}/take-back": ({"reason": "x"}, "404 404 403 404 403 403 403"),
    "extensions": (
        {"until": "2012-02-01", "because": "x", "agreed_by": "x", "agreed_on": "2011-12-01"},
        "201 201 403 403 403 403 403",
    ),
    "readings": ({"publication": NONE}, "422 422 403 403 403 403 403"),
    f"readings/{NONE}/take-back": ({"reason": "x"}, "404 404 403 403 403 403 403"),
    f"replies/{NONE}/take-back": ({"reason": "x"}, "403 403 403 404 403 403 403"),
    "replies": ({"reading": NONE, "replies": [{"about": "x", "agrees": True}]}, "403 403 403 409 403 403 403"),
}


@pytest.fixture
def everybody(tracker: Tracker) -> list[Visitor]:
    Clerk(tracker.database).publishes(EDITION)
    return [tracker.signed_in(name.split(" ")[0], **scope) for name, scope in WHO.items()]


def test_pages_are_for_those_they_are_for_and_nobody_else_learns_what_is_there(
    tracker: Tracker, everybody: list[Visitor]
) -> None:
    told = {path: " ".join(str(one.get(path).status_code) for one in everybody) for path in PAGES}
    assert told == PAGES
    nobody = tracker.anonymous()
    signed_out = {path: nobody.get(path).status_code for path in PAGES}
    assert set(signed_out.values()) == {303, 404}
    assert [path for path, status in signed_out.items() if status == 404] == ["/accounts/confirm/made-up"]


def test_the_api_records_for_those_it_is_for(tracker: Tracker, everybody: list[Visitor]) -> None:
    nobody = tracker.anonymous()
    for what, (body, wanted) in RECORDING.items():
        path = f"{YEAR}/brent/{what}"
        assert " ".join(str(one.api(path, body).status_code) for one in everybody) == wanted, what
        assert nobody.api(path, body).status_code == 401


def test_the_grid_of_a_region_is_asked_for_by_its_name_through_the_api_too(everybody: list[Visitor]) -> None:
    secretariat = everybody[0]
    listed = secretariat.api(f"{YEAR}/grid?region=north-west&limit=2").json()
    assert [row["council"] for row in listed["items"]] == ["blackburn-with-darwen", "blackpool"]
    assert everybody[2].api(f"{YEAR}/grid?region=london").status_code == 404


@pytest.mark.parametrize("sign", ["%00", "%%0000", "%ED%A0%80", "%0b", "%25", "'"])
def test_what_no_database_can_look_for_is_looked_for_in_vain(tracker: Tracker, sign: str) -> None:
    secretariat = tracker.signed_in("secretariat")
    addresses = [f"/accounts?q={sign}", f"{YEAR}?after={sign}", f"{YEAR}/picture?region={sign}", f"/notices?q={sign}"]
    addresses += [f"/notices?after={sign}", f"/notices?became={sign}", f"{YEAR}/grid?region={sign}"]
    told = {address: secretariat.get(address).status_code for address in addresses}
    assert set(told.values()) <= {200, 404}, told
