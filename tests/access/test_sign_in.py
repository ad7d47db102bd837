"""Signing in: a link that is mailed, a button that is pressed, and a code where the browser is another one."""

import re
from datetime import datetime, timedelta

import pytest
from httpx import Response
from sqlalchemy import func, select

from improvement import dates, mail
from improvement.access import commands, rules
from improvement.access.rules import SERVICE, Held, Role
from improvement.access.tables import LinkRow, SessionRow
from improvement.database import Database
from tests.visiting import Tracker, Visitor

EMAIL = "officer@brent.example.org"
USED = "This link has been used or tried too often."


@pytest.fixture
def officer(tracker: Tracker) -> str:
    """Somebody who may sign in and has not."""
    with tracker.database.writing() as session:
        held = Held(Role.OFFICER, council="brent")
        commands.add_person(session, EMAIL, "An officer", held, by=SERVICE, at=dates.now())
    return EMAIL


def ask(visitor: Visitor, email: str, onward: str = "/") -> Response:
    """Ask for a link, as the sign-in page does."""
    return visitor.post("/sign-in", {**visitor.form("/sign-in"), "email": email, "onward": onward})


def mailed(database: Database) -> str:
    """The address of the link that was mailed last, below ours."""
    with database.reading() as session:
        body = mail.newest(session)[0].body
    found = re.search(r"http://[^/]+(/sign-in/link/\S+)", body)
    assert found, body
    return found[1]


def code_on(page: str) -> str:
    found = re.search(r'id="code">(\d{6})<', page)
    assert found, page
    return found[1]


def sessions(database: Database) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(SessionRow)) or 0


def later(monkeypatch: pytest.MonkeyPatch, by: timedelta) -> None:
    """From here on it is that much later."""
    then = datetime.now(dates.UTC) + by
    monkeypatch.setattr(dates, "now", lambda: then)


def is_in(visitor: Visitor) -> bool:
    return visitor.get("/sign-out").status_code == 200


def test_the_link_is_mailed_and_the_press_of_its_button_signs_in(tracker: Tracker, officer: str) -> None:
    browser = tracker.anonymous()
    asked = ask(browser, officer, onward="/councils?region=london")
    assert asked.status_code == 200
    pressed = browser.send(mailed(tracker.database))
    assert (pressed.status_code, pressed.headers["location"]) == (303, "/councils?region=london")
    assert is_in(browser)


def test_opening_the_link_uses_nothing_up_however_often(tracker: Tracker, officer: str) -> None:
    browser = tracker.anonymous()
    ask(browser, officer)
    address = mailed(tracker.database)
    scanner = tracker.anonymous()
    for _ in range(3):
        assert scanner.get(address).status_code == 200
        assert scanner.client.head(address).status_code == 200
    assert sessions(tracker.database) == 0
    assert browser.send(address).status_code == 303


def test_a_link_works_once(tracker: Tracker, officer: str) -> None:
    browser = tracker.anonymous()
    ask(browser, officer)
    address = mailed(tracker.database)
    typed = browser.form(address)
    assert browser.post(address, typed).status_code == 303
    again = tracker.anonymous()
    assert again.get(address).status_code == 409
    assert USED in again.get(address).text
    assert sessions(tracker.database) == 1


def test_the_second_press_of_the_same_button_is_a_conflict(tracker: Tracker, officer: str) -> None:
    browser = tracker.anonymous()
    ask(browser, officer)
    address = mailed(tracker.database)
    typed, cookies = browser.form(address), dict(browser.client.cookies)
    assert browser.post(address, typed).status_code == 303
    twin = tracker.anonymous()
    twin.client.cookies.update(cookies)
    second = twin.post(address, typed)
    assert second.status_code == 409
    assert USED in second.text
    assert sessions(tracker.database) == 1


@pytest.mark.parametrize(("seconds", "status"), [(14 * 60 + 55, 303), (15 * 60 + 5, 404)])
def test_a_link_works_for_fifteen_minutes(
    tracker: Tracker, officer: str, monkeypatch: pytest.MonkeyPatch, seconds: int, status: int
) -> None:
    browser = tracker.anonymous()
    ask(browser, officer)
    address = mailed(tracker.database)
    typed = browser.form(address)
    later(monkeypatch, timedelta(seconds=seconds))
    assert browser.post(address, typed).status_code == status
    assert is_in(browser) == (status == 303)


def test_another_browser_needs_the_code_shown_in_the_first(tracker: Tracker, officer: str) -> None:
    first, other = tracker.anonymous(), tracker.anonymous()
    code = code_on(ask(first, officer).text)
    address = mailed(tracker.database)
    assert "Six-digit code" in other.get(address).text
    assert "Six-digit code" not in first.get(address).text
    without = other.send(address, code="")
    assert without.status_code == 422
    assert "Enter the six-digit code" in without.text
    assert not is_in(other)
    assert other.send(address, code=f" {code[:3]} {code[3:]} ").status_code == 303
    assert is_in(other)


def test_after_five_wrong_codes_the_link_is_dead_even_with_the_right_one(tracker: Tracker, officer: str) -> None:
    first, other = tracker.anonymous(), tracker.anonymous()
    code = code_on(ask(first, officer).text)
    address = mailed(tracker.database)
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    typed = other.form(address)
    assert [other.post(address, {**typed, "code": wrong}).status_code for _ in range(5)] == [422] * 5
    assert other.post(address, {**typed, "code": code}).status_code == 409
    assert first.get(address).status_code == 409
    assert sessions(tracker.database) == 0


def test_five_tries_at_once_are_five_tries(tracker: Tracker, officer: str) -> None:
    other = tracker.anonymous()
    ask(tracker.anonymous(), officer)
    address = mailed(tracker.database)
    other.send(address, code="")
    with tracker.database.reading() as session:
        assert session.scalar(select(LinkRow.tries)) == 1


def test_a_link_of_the_command_is_bound_to_no_browser(tracker: Tracker, officer: str) -> None:
    with tracker.database.writing() as session:
        made = commands.ask_for_link(session, officer, browser=None, onward="/", at=dates.now())
    anybody = tracker.anonymous()
    assert anybody.send(f"/sign-in/link/{made.secret}").status_code == 303
    assert is_in(anybody)


def test_an_address_nobody_has_gets_the_same_answer_and_no_mail(tracker: Tracker, officer: str) -> None:
    def shown(email: str) -> tuple[int, str]:
        answer = ask(tracker.anonymous(), email)
        page = answer.text.replace(email, "EMAIL").replace(code_on(answer.text), "CODE")
        return answer.status_code, re.sub(r'(value=")[^"]*', r"\1", page)

    assert shown("nobody@brent.example.org") == shown(officer)
    with tracker.database.reading() as session:
        assert [message.to for message in mail.newest(session)] == [officer]


def test_somebody_who_left_gets_the_same_answer_and_no_mail(tracker: Tracker, officer: str) -> None:
    with tracker.database.writing() as session:
        person = commands.find_person(session, officer)
        commands.leave(session, person.id, at=dates.now())
    assert ask(tracker.anonymous(), officer).status_code == 200
    with tracker.database.reading() as session:
        assert mail.newest(session) == []


def test_a_link_asked_for_before_leaving_does_not_work_after(tracker: Tracker, officer: str) -> None:
    browser = tracker.anonymous()
    ask(browser, officer)
    address = mailed(tracker.database)
    typed = browser.form(address)
    with tracker.database.writing() as session:
        commands.leave(session, commands.find_person(session, officer).id, at=dates.now())
    assert browser.post(address, typed).status_code == 404
    assert not is_in(browser)


@pytest.mark.parametrize("email", ["", "nobody", "a@b", "two@x.org,three@x.org", "nul\0@x.org", "ø@x.org", "a" * 300])
def test_what_is_no_address_is_said_at_the_field(tracker: Tracker, email: str) -> None:
    answer = ask(tracker.anonymous(), email)
    assert answer.status_code == 422
    assert "Enter an e-mail address in the right form" in answer.text
    assert "<title>Error: Sign in" in answer.text


def test_an_address_with_an_apostrophe_is_one() -> None:
    assert rules.tidy_email(" Shaun.O'Neill@Brent.gov.uk ") == "shaun.o'neill@brent.gov.uk"


def test_too_many_links_for_one_address_are_refused_until_they_are_old(
    tracker: Tracker, officer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = tracker.anonymous()
    for email in (officer, "nobody@brent.example.org"):
        statuses = [ask(browser, email).status_code for _ in range(rules.ASKS + 1)]
        assert statuses == [200] * rules.ASKS + [429]
    refused = ask(browser, officer)
    assert refused.headers["retry-after"]
    assert "wait 15 minutes" in refused.text
    assert ask(tracker.anonymous(), officer).status_code == 200, "another browser is not held back by it"
    later(monkeypatch, timedelta(minutes=16))
    assert ask(browser, officer).status_code == 200


def test_nobody_is_flooded_or_kept_out_by_what_others_ask_for(
    tracker: Tracker, officer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = tracker.anonymous()
    answers = [ask(first if not n else tracker.anonymous(), officer) for n in range(rules.MAILED + 3)]
    unknown = [ask(tracker.anonymous(), "nobody@brent.example.org") for _ in range(rules.MAILED + 3)]
    codes = [[('id="code"' in one.text, one.status_code) for one in asks] for asks in (answers, unknown)]
    assert codes[0] == codes[1] == [(True, 200)] * rules.MAILED + [(False, 200)] * 3
    with tracker.database.reading() as session:
        assert len(mail.newest(session)) == rules.MAILED
    owner, address = tracker.anonymous(), mailed(tracker.database)
    assert "Open the newest of them in this browser" in ask(owner, officer).text
    for browser in (first, tracker.anonymous()):
        seen = ask(browser, "somebody.else@example.org"), browser.get(address)
        assert "Six-digit code" in seen[1].text, "asking for another address opens nothing"
    assert owner.send(address).status_code == 303
    assert is_in(owner)
    later(monkeypatch, timedelta(minutes=16))
    assert code_on(ask(tracker.anonymous(), officer).text)


def test_that_one_asked_lately_is_kept_sealed_and_for_fifteen_minutes(
    tracker: Tracker, officer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = tracker.anonymous()
    ask(owner, officer)
    kept = owner.client.cookies["asked"]
    later(monkeypatch, timedelta(minutes=14))
    ask(tracker.anonymous(), officer)
    address = mailed(tracker.database)
    assert "Six-digit code" not in owner.get(address).text
    for forged in ("", "x", kept[:-1], kept[4:]):
        other = tracker.anonymous()
        other.client.cookies.set("asked", forged, domain="127.0.0.1")
        assert "Six-digit code" in other.get(address).text
    later(monkeypatch, timedelta(minutes=16))
    assert "Six-digit code" in owner.get(address).text


@pytest.mark.parametrize("secret", ["nothing", "%00", "%F0%9F%92%A9", "x" * 3000, "..%2f..%2fetc"])
def test_an_invented_link_is_not_there(tracker: Tracker, secret: str) -> None:
    assert tracker.anonymous().get(f"/sign-in/link/{secret}").status_code == 404


def test_what_is_kept_of_a_link_tells_nobody_its_secret(tracker: Tracker, officer: str) -> None:
    browser = tracker.anonymous()
    code = code_on(ask(browser, officer).text)
    secret = mailed(tracker.database).rpartition("/")[2]
    with tracker.database.reading() as session:
        row = session.scalars(select(LinkRow)).one()
        kept = [str(getattr(row, column.key)) for column in LinkRow.__table__.columns]
    assert not any(secret in value or code == value or officer in value for value in kept)


def test_what_is_over_is_forgotten_a_day_later_and_messages_after_thirty(tracker: Tracker, officer: str) -> None:
    browser = tracker.anonymous()
    ask(browser, officer)
    browser.send(mailed(tracker.database))
    now = dates.now()

    def left_after(by: timedelta) -> tuple[int, int, int]:
        with tracker.database.writing() as session:
            commands.clear_out(session, now + by)
        with tracker.database.reading() as session:
            links = session.scalar(select(func.count()).select_from(LinkRow)) or 0
            return links, sessions(tracker.database), len(mail.newest(session))

    assert left_after(timedelta(hours=24)) == (1, 1, 1)
    assert left_after(timedelta(hours=33)) == (0, 0, 1)
    assert left_after(timedelta(days=31)) == (0, 0, 0)
