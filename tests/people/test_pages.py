"""The pages about people: the list, inviting, two people for some roles, leaving, and one's own page."""

import re

import pytest
from sqlalchemy import func, select

from improvement import dates, mail
from improvement.access import commands as access
from improvement.access.rules import Role
from improvement.access.tables import PersonRow, TokenRow
from tests.visiting import Tracker, Visitor


@pytest.fixture
def secretary(tracker: Tracker) -> Visitor:
    """One of the secretariat."""
    return tracker.signed_in(Role.SECRETARIAT)


def invited(secretary: Visitor, **typed: str) -> str:
    """Invite somebody; the address of their page."""
    answer = secretary.send("/people/invite", **{"email": "n@example.org", "name": "Nia New", **typed})
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def link(page: str, ending: str) -> str:
    found = re.search(rf'href="(/people/[^"]*/{ending})"', page)
    assert found, page
    return found[1]


def test_an_officer_is_invited_told_and_listed(tracker: Tracker, secretary: Visitor) -> None:
    page = secretary.get(invited(secretary, role="officer", council="brent"))
    assert "Council officer, Brent" in page.text
    assert "Done" in page.text
    assert "Nia New" in secretary.get("/people?q=nia&role=officer").text
    assert "Nia New" not in secretary.get("/people?role=board").text
    with tracker.database.reading() as session:
        assert mail.newest(session)[0].to == "n@example.org"
    assert tracker.sign_in("n@example.org").get("/local-accounts/2011-2012/brent/statuses/new").status_code == 200


def test_a_form_that_is_refused_says_every_mistake_by_its_field_and_keeps_what_was_typed(secretary: Visitor) -> None:
    answer = secretary.send("/people/invite", email="Zed", name="", region="london")
    assert answer.status_code == 422
    for ident in ("name", "role"):
        assert f'href="#{ident}"' in answer.text
        assert f'id="{ident}-error"' in answer.text
    assert 'value="Zed"' in answer.text
    assert '<option value="london" selected>' in answer.text
    assert "<title>Error: " in answer.text


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"role": "officer"}, "council"),
        ({"role": "coordinator"}, "region"),
        ({"role": "board", "region": "london"}, "region"),
        ({"role": "service"}, "role"),
        ({"role": "officer", "council": "brent", "email": "no"}, "email"),
    ],
)
def test_role_and_place_that_do_not_fit_are_said_at_the_field(
    secretary: Visitor, typed: dict[str, str], field: str
) -> None:
    answer = secretary.send("/people/invite", **{"email": "n@example.org", "name": "N", **typed})
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text


def test_a_role_on_the_board_waits_for_a_second_person(tracker: Tracker, secretary: Visitor) -> None:
    second = tracker.signed_in(Role.SECRETARIAT)
    page = invited(secretary, role="chair")
    newcomer = tracker.sign_in("n@example.org")
    assert newcomer.get("/local-accounts/2011-2012").status_code == 403
    assert "Waiting for a second person" in second.get("/people").text
    confirm = link(second.get(page).text, "confirm")
    assert "You proposed this, so somebody else" in secretary.get(confirm).text
    own = secretary.post(confirm, secretary.form("/people/invite"))
    assert own.status_code == 422
    assert "You proposed this yourself" in own.text
    assert second.send(confirm).status_code == 303
    assert newcomer.get("/local-accounts/2011-2012").status_code == 200
    assert "Waiting for a second person" not in second.get("/people").text


def test_a_confirmation_in_two_tabs_is_one_and_somebody_demoted_meanwhile_confirms_nothing(
    tracker: Tracker, secretary: Visitor
) -> None:
    second = tracker.signed_in(Role.SECRETARIAT)
    confirm = link(second.get(invited(secretary, role="board")).text, "confirm")
    first_tab, second_tab = second.form(confirm), second.form(confirm)
    with tracker.database.writing() as session:
        access.take_all_roles(session, access.find_person(session, second.email).id)
    assert second.post(confirm, first_tab).status_code == 403
    third = tracker.signed_in(Role.SECRETARIAT)
    assert third.send(confirm).status_code == 303
    assert third.post(confirm, second_tab).status_code == 403, "a form of somebody else's"
    assert third.send(confirm).status_code == 409 if third.get(confirm).status_code == 200 else True


def test_a_proposal_is_turned_down(tracker: Tracker, secretary: Visitor) -> None:
    second = tracker.signed_in(Role.SECRETARIAT)
    page = invited(secretary, role="board")
    assert second.send(link(second.get(page).text, "remove")).status_code == 303
    assert "No role yet" in second.get(page).text


def test_a_role_is_given_and_taken_away(tracker: Tracker, secretary: Visitor) -> None:
    page = invited(secretary, role="officer", council="brent")
    officer = tracker.sign_in("n@example.org")
    assert secretary.send(f"{page}/roles/new", role="officer", council="camden").status_code == 303
    assert officer.get("/local-accounts/2011-2012/camden/statuses/new").status_code == 200
    again = secretary.send(f"{page}/roles/new", role="officer", council="camden")
    assert again.status_code == 409
    assert secretary.send(link(secretary.get(page).text, "remove")).status_code == 303
    assert officer.get("/local-accounts/2011-2012/brent/statuses/new").status_code == 403


def test_somebody_leaves_and_is_out_at_once(tracker: Tracker, secretary: Visitor) -> None:
    page = invited(secretary, role="officer", council="brent")
    officer = tracker.sign_in("n@example.org")
    assert secretary.send(f"{page}/leaving").status_code == 303
    assert officer.get("/local-accounts/2011-2012").status_code == 303
    assert "Left on" in secretary.get(page).text
    assert "Nia New" not in secretary.get("/people").text
    assert "Nia New" in secretary.get("/people?left=yes").text
    assert secretary.send(f"{page}/leaving").status_code == 409


def test_a_name_is_changed(secretary: Visitor) -> None:
    page = invited(secretary, role="officer", council="brent")
    assert secretary.form(f"{page}/name")["name"] == "Nia New"
    secretary.send(f"{page}/name", name="Nia Newer")
    assert "Nia Newer" in secretary.get(page).text
    assert secretary.send(f"{page}/name", name=" ").status_code == 422


def test_a_file_invites_all_or_nobody_and_says_which_rows(tracker: Tracker, secretary: Visitor) -> None:
    def count() -> int:
        with tracker.database.reading() as session:
            return session.scalar(select(func.count()).select_from(PersonRow)) or 0

    before = count()
    good = "email,name,role,region,council\na@example.org,A,officer,,brent\n"
    bad = secretary.send("/people/import", {"file": ("p.csv", (good + "b,B,king,,\n").encode())})
    assert bad.status_code == 422
    assert 'href="#row-3"' in bad.text
    assert 'id="row-3"' in bad.text
    assert count() == before
    assert secretary.send("/people/import", {"file": ("p.csv", b"")}).status_code == 422
    assert secretary.send("/people/import", {"file": ("p.csv", "é".encode("cp1252"))}).status_code == 422
    assert secretary.send("/people/import", {"file": ("p.xlsx", b"PK\x03\x04" + b"\0" * 100)}).status_code == 422
    assert secretary.send("/people/import", {"file": ("p.csv", good.encode())}).status_code == 303
    assert count() == before + 1


@pytest.mark.parametrize("person", ["0", "1", "999", "99999999999999999999", "x", "%00", "-1"])
def test_nobody_has_such_a_page(secretary: Visitor, person: str) -> None:
    assert secretary.get(f"/people/{person}").status_code == 404


@pytest.mark.parametrize("role", [Role.BOARD, Role.CHAIR])
def test_only_the_secretariat_sees_people(tracker: Tracker, role: Role) -> None:
    visitor = tracker.signed_in(role)
    for address in ("/people", "/people/2", "/people/invite", "/people/import"):
        assert visitor.get(address).status_code == 403


def test_the_list_goes_on_by_pages(tracker: Tracker, secretary: Visitor) -> None:
    rows = "".join(f"p{n:03}@example.org,Person {n:03},officer,,brent\n" for n in range(60))
    text = "email,name,role,region,council\n" + rows
    secretary.send("/people/import", {"file": ("p.csv", text.encode())})
    first = secretary.get("/people?q=Person").text
    assert ("Person 049" in first, "Person 050" in first) == (True, False)
    following = re.search(r'href="(/people\?[^"]*after=[^"]*)"', first)
    assert following
    second = secretary.get(following[1].replace("&amp;", "&")).text
    assert ("Person 049" in second, "Person 059" in second) == (False, True)


def test_ones_own_page_says_who_one_is_and_where_one_is_signed_in(tracker: Tracker) -> None:
    visitor = tracker.signed_in(Role.COORDINATOR, region="london")
    tracker.sign_in(visitor.email)
    page = visitor.get("/me").text
    assert "Regional coordinator, London" in page
    assert page.count("This browser") == page.count("Another browser") == 1


def test_somebody_without_a_role_still_has_a_page_of_their_own(tracker: Tracker) -> None:
    visitor = tracker.signed_in(Role.BOARD)
    with tracker.database.writing() as session:
        access.take_all_roles(session, access.find_person(session, visitor.email).id)
    assert "No role" in visitor.get("/me").text


def test_a_token_is_shown_once_works_and_can_be_removed(tracker: Tracker) -> None:
    visitor = tracker.signed_in(Role.BOARD)
    typed = {**visitor.form("/me/tokens/new"), "days": "90"}
    made = visitor.post("/me/tokens/new", typed)
    assert (made.status_code, made.headers["cache-control"]) == (200, "no-store")
    secret = re.search(r'id="token">([\w-]+)<', made.text)
    assert secret
    bearer = {"Authorization": f"Bearer {secret[1]}"}
    assert tracker.anonymous().get("/api/v1/local-accounts/2011-2012", **bearer).status_code == 200
    again = visitor.post("/me/tokens/new", typed)
    assert (again.status_code, again.headers["location"]) == (303, "/me")
    with tracker.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(TokenRow)) == 1
    page = visitor.get("/me").text
    assert secret[1] not in page
    remove = re.search(r'href="(/me/tokens/[^"]*/remove)"', page)
    assert remove
    assert visitor.send(remove[1]).status_code == 303
    assert tracker.anonymous().get("/api/v1/local-accounts/2011-2012", **bearer).status_code == 401


def test_nobody_removes_a_token_of_somebody_else(tracker: Tracker) -> None:
    owner, other = tracker.signed_in(Role.BOARD), tracker.signed_in(Role.SECRETARIAT)
    owner.api("/councils?limit=1")
    remove = re.search(r'href="(/me/tokens/[^"]*/remove)"', owner.get("/me").text)
    assert remove
    assert other.get(remove[1]).status_code == 404
    assert other.post(remove[1], other.form("/me/tokens/new")).status_code == 404


@pytest.mark.parametrize("days", ["", "0", "367", "-1", "x", "1e3", "9" * 30])
def test_a_token_lasts_a_year_at_most(tracker: Tracker, days: str) -> None:
    visitor = tracker.signed_in(Role.BOARD)
    assert visitor.send("/me/tokens/new", days=days).status_code == 422


def test_a_token_of_a_day_ago_is_not_listed(tracker: Tracker, monkeypatch: pytest.MonkeyPatch) -> None:
    visitor = tracker.signed_in(Role.BOARD)
    with tracker.database.writing() as session:
        access.make_token(session, visitor.email, -1, at=dates.now())
    assert "/remove" not in visitor.get("/me").text
