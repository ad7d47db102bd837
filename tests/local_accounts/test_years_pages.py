"""Programme years as people see them: listed, set up from the one before, put right; every page of a later year."""

from datetime import date

import pytest

from tests.local_accounts.people import Clerk
from tests.visiting import Tracker, Typed, Visitor

YEARS = "/local-accounts/years"
NEXT = "/local-accounts/2012-2013"


@pytest.fixture
def secretariat(tracker: Tracker) -> Visitor:
    return tracker.signed_in("secretariat")


def test_next_years_form_is_filled_in_from_this_year_and_taken_as_it_stands(secretariat: Visitor) -> None:
    typed = secretariat.form(f"{YEARS}/new")
    assert (typed["year"], typed["deadline-day"], typed["deadline-month"]) == ("2012-2013", "31", "12")
    assert typed["themes"].count("\n") == 10
    answer = secretariat.post(f"{YEARS}/new", typed)
    page = secretariat.follow(answer)
    assert "The year 2012/13 is set up." in page.text
    assert "adult safeguarding" in page.text.lower()
    assert "1 April 2011" in page.text.replace("\u00a0", " ")
    again = secretariat.post(f"{YEARS}/new", typed)
    assert again.headers["location"] == answer.headers["location"], "a double click sets it up once"


def test_every_mistake_comes_back_with_what_was_typed(secretariat: Visitor) -> None:
    typed: Typed = {"themes": "one\nONE", "questions": "x" * 301, "deadline-year": "2014", "period_to-year": "2010"}
    answer = secretariat.send(f"{YEARS}/new", **typed)
    assert answer.status_code == 422
    for said in (
        *("“ONE” is there more than once", "has 301", "The deadline must be in 2012/13"),
        "The last day of the period must be after the first",
    ):
        assert said in answer.text
    assert "one\nONE" in answer.text.replace("\r", "")
    empty: Typed = dict.fromkeys(("deadline-day", "deadline-month", "deadline-year", "year"), "")
    assert secretariat.send(f"{YEARS}/new", **empty).status_code == 422


@pytest.mark.parametrize("role", ["board", "coordinator", "officer"])
def test_others_read_the_years_and_set_none_up(tracker: Tracker, role: str) -> None:
    place = {"coordinator": {"region": "london"}, "officer": {"council": "brent"}}.get(role, {})
    visitor = tracker.signed_in(role, **place)
    page = visitor.get(YEARS)
    assert page.status_code == 200
    assert "152" in page.text
    assert "years/new" not in page.text
    assert "/correct" not in visitor.get(f"{YEARS}/2011-2012").text
    assert visitor.get(f"{YEARS}/new").status_code == 403
    assert visitor.get(f"{YEARS}/2011-2012/correct").status_code == 403


def test_nobody_who_has_not_signed_in_reads_them(tracker: Tracker) -> None:
    assert tracker.anonymous().get(YEARS).status_code == 303


def test_a_year_is_put_right_on_its_page_and_nothing_changes_while_looking_back(secretariat: Visitor) -> None:
    page = secretariat.follow(
        secretariat.send(f"{YEARS}/2011-2012/correct", reason="The Board moved it.", **{"deadline-day": "30"})
    )
    assert "30 December 2011" in page.text.replace("\u00a0", " ")
    assert "The Board moved it." in page.text
    back = secretariat.get(f"{YEARS}/2011-2012?as-at=2011-12-31")
    assert "31 December 2011" in back.text.replace("\u00a0", " ")
    assert "/correct" not in back.text
    assert secretariat.get(f"{YEARS}/2012-2013").status_code == 404
    assert secretariat.get(f"{YEARS}/nonsense").status_code == 400


def test_two_people_do_not_correct_a_year_over_one_another(secretariat: Visitor) -> None:
    opened = secretariat.form(f"{YEARS}/2011-2012/correct") | {"reason": "The Board moved it."}
    first = secretariat.send(f"{YEARS}/2011-2012/correct", reason="The Board moved it.", **{"deadline-day": "30"})
    assert first.status_code == 303
    second = secretariat.post(f"{YEARS}/2011-2012/correct", opened | {"deadline-day": "29"})
    assert second.status_code == 409
    assert "Somebody has corrected this year since you opened the page." in second.text
    assert "30 December 2011" in secretariat.get(f"{YEARS}/2011-2012").text.replace("\u00a0", " ")


def test_every_page_of_a_later_year_is_there_with_last_years_account_beside_it(
    tracker: Tracker, secretariat: Visitor
) -> None:
    Clerk(tracker.database).publishes()
    secretariat.send(f"{YEARS}/new")
    for address in (NEXT, f"{NEXT}/list.csv", f"{NEXT}/working", f"{NEXT}/brent", f"{NEXT}/brent/publications/new"):
        assert secretariat.get(address).status_code == 200, address
    page = secretariat.get(f"{NEXT}/brent").text
    assert "In 2011/12" in page
    assert "Our account" in page
    assert "In 2011/12" not in secretariat.get("/local-accounts/2011-2012/brent").text
    form = secretariat.get(f"{NEXT}/brent/publications/new").text
    assert "Leave empty for 1 April 2011" in form.replace("\u00a0", " ")
    assert secretariat.get(f"{YEARS}/list.csv").text.count("152,") == 2


def test_local_accounts_lead_to_the_newest_year_that_has_begun_and_keep_the_dates_asked(secretariat: Visitor) -> None:
    secretariat.send(f"{YEARS}/new")
    assert secretariat.get("/local-accounts").headers["location"] == NEXT
    back = secretariat.get("/local-accounts?as-at=2011-12-31").headers["location"]
    assert back == "/local-accounts/2011-2012?as-at=2011-12-31"


def test_years_as_json_are_read_set_up_and_put_right(tracker: Tracker, secretariat: Visitor) -> None:
    new = {
        "year": "2012-2013",
        "deadline": "2012-12-31",
        "period_from": "2011-04-01",
        "period_to": "2012-03-31",
        "themes": ["carers", "housing"],
    }
    officer = tracker.signed_in("officer", council="brent")
    assert officer.api("/local-accounts/years", new).status_code == 403
    assert secretariat.api("/local-accounts/years", new).json() == {"id": "2012-2013"}
    assert secretariat.api("/local-accounts/years", new).status_code == 409
    assert officer.api("/local-accounts/years/2012-2013").json()["themes"] == ["carers", "housing"]
    right = {name: new[name] for name in ("deadline", "period_from", "period_to")} | {"reason": "No."}
    assert secretariat.api("/local-accounts/years/2012-2013/corrections", right).status_code == 422
    assert secretariat.api("/local-accounts/years/2012-2013/corrections", {**right, "themes": ["x"]}).status_code == 201
    assert [item["year"] for item in officer.api("/local-accounts/years").json()["items"]] == ["2011-2012", "2012-2013"]
    assert date.fromisoformat(officer.api("/local-accounts/years/2012-2013").json()["deadline"]) == date(2012, 12, 31)
