"""Sessions live on the server's side: nobody can invent one, keep one that ended, or keep rights that were taken."""

import re
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from improvement import dates
from improvement.access import commands
from improvement.access.rules import SERVICE, Held, Role
from improvement.access.tables import SessionRow, SubmissionRow, TokenRow
from tests.visiting import Tracker, Visitor

INVENTED = "x" * 43


def count(tracker: Tracker) -> int:
    with tracker.database.reading() as session:
        return session.scalar(select(func.count()).select_from(SessionRow)) or 0


def link_for(tracker: Tracker, email: str) -> str:
    with tracker.database.writing() as session:
        made = commands.ask_for_link(session, email, browser=None, onward="/", at=dates.now())
    return f"/sign-in/link/{made.secret}"


def is_in(visitor: Visitor) -> bool:
    return visitor.get("/sign-out").status_code == 200


def twin_of(tracker: Tracker, visitor: Visitor) -> Visitor:
    """Somebody who got hold of this browser's cookies as they are now."""
    twin = tracker.anonymous()
    twin.client.cookies.update(dict(visitor.client.cookies))
    return twin


def test_an_invented_session_never_becomes_one(tracker: Tracker) -> None:
    someone = tracker.signed_in(Role.BOARD)
    victim = tracker.anonymous()
    for name in ("session", "browser"):
        victim.client.cookies.set(name, INVENTED, domain="127.0.0.1")
    assert not is_in(victim)
    assert victim.send(link_for(tracker, someone.email)).status_code == 303
    assert is_in(victim)
    assert INVENTED not in victim.client.cookies.values()
    attacker = tracker.anonymous()
    attacker.client.cookies.set("session", INVENTED)
    assert not is_in(attacker)


def test_signing_in_again_changes_the_session_and_ends_the_old_one(tracker: Tracker) -> None:
    visitor = tracker.signed_in(Role.BOARD)
    before = twin_of(tracker, visitor)
    assert visitor.send(link_for(tracker, visitor.email)).status_code == 303
    assert visitor.client.cookies["session"] != before.client.cookies["session"]
    assert is_in(visitor)
    assert not is_in(before)


def test_what_a_submit_came_to_is_kept_without_the_secret_of_a_session(tracker: Tracker) -> None:
    visitor = tracker.signed_in(Role.BOARD)
    visitor.send(link_for(tracker, visitor.email))
    with tracker.database.reading() as session:
        kept = repr([row.outcome for row in session.scalars(select(SubmissionRow))])
    assert visitor.client.cookies["session"] not in kept


def test_only_hashes_of_sessions_and_tokens_are_kept(tracker: Tracker) -> None:
    visitor = tracker.signed_in(Role.BOARD)
    visitor.api("/councils?limit=1")
    with tracker.database.reading() as session:
        kept = {*session.scalars(select(SessionRow.id_hash)), *session.scalars(select(TokenRow.token_hash))}
    assert all(re.fullmatch("[0-9a-f]{64}", value) for value in kept)
    assert not kept & {visitor.client.cookies["session"], visitor.token}


def test_signing_out_ends_the_session_on_the_servers_side(tracker: Tracker) -> None:
    visitor = tracker.signed_in(Role.BOARD)
    stolen, elsewhere = twin_of(tracker, visitor), tracker.sign_in(visitor.email)
    assert visitor.send("/sign-out", where="here").headers["location"] == "/sign-in"
    assert not is_in(visitor)
    assert not is_in(stolen)
    assert is_in(elsewhere)


def test_signing_out_everywhere_ends_every_session_of_the_person_and_nobody_elses(tracker: Tracker) -> None:
    visitor, other = tracker.signed_in(Role.BOARD), tracker.signed_in(Role.CHAIR)
    elsewhere = tracker.sign_in(visitor.email)
    visitor.send("/sign-out", where="everywhere")
    assert [is_in(one) for one in (visitor, elsewhere, other)] == [False, False, True]
    assert count(tracker) == 1


def test_a_session_ends_when_it_is_idle_for_an_hour_and_after_eight_hours(
    tracker: Tracker, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = datetime.now(dates.UTC)
    visitor, idle = tracker.signed_in(Role.BOARD), tracker.signed_in(Role.BOARD)
    for minutes in range(50, 8 * 60, 50):
        monkeypatch.setattr(dates, "now", lambda at=begun + timedelta(minutes=minutes): at)
        assert is_in(visitor), minutes
    assert not is_in(idle)
    monkeypatch.setattr(dates, "now", lambda: begun + timedelta(hours=8, minutes=1))
    assert not is_in(visitor)


def test_turning_the_clock_back_revives_no_session(tracker: Tracker, monkeypatch: pytest.MonkeyPatch) -> None:
    visitor = tracker.signed_in(Role.BOARD)
    earlier = datetime.now(dates.UTC) - timedelta(hours=2)
    monkeypatch.setattr(dates, "now", lambda: earlier)
    assert not is_in(visitor)


def test_rights_that_are_taken_are_gone_at_the_next_request(tracker: Tracker) -> None:
    visitor = tracker.signed_in(Role.SECRETARIAT)
    assert visitor.get("/local-accounts/2011-2012/brent/statuses/new").status_code == 200
    with tracker.database.writing() as session:
        commands.take_all_roles(session, commands.find_person(session, visitor.email).id)
    assert visitor.get("/local-accounts/2011-2012/brent/statuses/new").status_code == 403
    assert visitor.get("/local-accounts/2011-2012").status_code == 403
    assert visitor.api("/local-accounts/2011-2012").status_code == 403
    assert is_in(visitor), "somebody without a role may still sign out"


def test_rights_that_are_given_are_there_at_the_next_request(tracker: Tracker) -> None:
    visitor = tracker.signed_in(Role.OFFICER, council="brent")
    assert visitor.get("/local-accounts/2011-2012/camden/statuses/new").status_code == 403
    with tracker.database.writing() as session:
        person = commands.find_person(session, visitor.email).id
        commands.grant_role(session, person, Held(Role.OFFICER, council="camden"), by=SERVICE, at=dates.now())
    assert visitor.get("/local-accounts/2011-2012/camden/statuses/new").status_code == 200


def test_rights_that_were_never_committed_are_never_remembered(tracker: Tracker) -> None:
    visitor = tracker.signed_in(Role.OFFICER, council="brent")
    with pytest.raises(RuntimeError), tracker.database.writing() as session:
        person = commands.find_person(session, visitor.email).id
        commands.grant_role(session, person, Held(Role.SECRETARIAT), by=SERVICE, at=dates.now())
        assert commands.find_person(session, visitor.email).is_any(Role.SECRETARIAT)
        raise RuntimeError
    with tracker.database.writing() as session:
        commands.grant_role(session, person, Held(Role.OFFICER, council="camden"), by=SERVICE, at=dates.now())
    with tracker.database.reading() as session:
        assert not commands.find_person(session, visitor.email).is_any(Role.SECRETARIAT)


def test_somebody_who_left_is_out_at_the_next_request_everywhere(tracker: Tracker) -> None:
    visitor = tracker.signed_in(Role.SECRETARIAT)
    elsewhere = tracker.sign_in(visitor.email)
    assert visitor.api("/local-accounts/2011-2012").status_code == 200
    with tracker.database.writing() as session:
        commands.leave(session, commands.find_person(session, visitor.email).id, at=dates.now())
    assert not is_in(visitor)
    assert not is_in(elsewhere)
    assert visitor.api("/local-accounts/2011-2012").status_code == 401
    assert count(tracker) == 0


def test_a_token_reads_pages_and_ends_on_its_day(tracker: Tracker, monkeypatch: pytest.MonkeyPatch) -> None:
    visitor = tracker.signed_in(Role.BOARD)
    visitor.api("/councils?limit=1")
    program, bearer = tracker.anonymous(), {"Authorization": f"Bearer {visitor.token}"}
    page = program.get("/local-accounts/2011-2012", **bearer)
    assert (page.status_code, "set-cookie" in page.headers) == (200, False)
    tomorrow = datetime.now(dates.UTC) + timedelta(days=1, minutes=1)
    monkeypatch.setattr(dates, "now", lambda: tomorrow)
    assert program.get("/api/v1/local-accounts/2011-2012", **bearer).status_code == 401


def test_the_session_cookie_is_kept_from_scripts_and_from_other_sites(tracker: Tracker) -> None:
    visitor = tracker.signed_in(Role.BOARD)
    set_ = visitor.send(link_for(tracker, visitor.email)).headers.get_list("set-cookie")
    session = next(one for one in set_ if one.startswith("session="))
    assert {"HttpOnly", "Path=/", "SameSite=lax"} <= set(session.split("; "))
    assert len(session.partition(";")[0]) >= len("session=") + 43


def test_a_session_in_the_address_is_passed_over(tracker: Tracker) -> None:
    visitor = tracker.signed_in(Role.BOARD)
    secret = visitor.client.cookies["session"]
    assert tracker.anonymous().get(f"/sign-out?session={secret}").status_code == 303
