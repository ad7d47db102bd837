"""The same thing sent twice is done once, and the same thing asked twice is answered once."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select

from improvement.access.rules import Role
from improvement.database import LastFact
from improvement.local_accounts.tables import AccountPublished, StatusReported
from tests.visiting import Forms, Tracker, Typed, Visitor

NEW = "/local-accounts/2011-2012/brent/statuses/new"
STATUSES = "/local-accounts/2011-2012/brent/statuses"
BODY = {"status": "drafting", "effective_on": "2011-06-01"}
DRAFTING = {
    "status": "drafting", "effective_on-day": "1", "effective_on-month": "6", "effective_on-year": "2011",
}  # fmt: skip


def statuses(tracker: Tracker) -> int:
    with tracker.database.reading() as session:
        return session.scalar(select(func.count()).select_from(StatusReported)) or 0


def publications(tracker: Tracker) -> int:
    with tracker.database.reading() as session:
        return session.scalar(select(func.count()).select_from(AccountPublished)) or 0


@pytest.fixture
def officer(tracker: Tracker) -> Visitor:
    """Somebody who may record a status of Brent's."""
    return tracker.signed_in(Role.OFFICER, council="brent")


def filled(visitor: Visitor) -> Typed:
    return {**visitor.form(NEW), **DRAFTING}


@pytest.mark.parametrize("times", [2, 5])
def test_one_form_sent_often_at_once_is_one_fact_and_one_answer(tracker: Tracker, officer: Visitor, times: int) -> None:
    typed = filled(officer)
    with ThreadPoolExecutor(times) as pool:
        answers = list(pool.map(lambda _: officer.post(NEW, typed), range(times)))
    assert {(answer.status_code, answer.headers["location"]) for answer in answers} == {
        (303, answers[0].headers["location"])
    }
    assert statuses(tracker) == 1


def test_the_same_form_with_other_content_is_a_conflict_and_nothing_is_kept(tracker: Tracker, officer: Visitor) -> None:
    typed = filled(officer)
    assert officer.post(NEW, typed).status_code == 303
    other = officer.post(NEW, {**typed, "note": "and this"})
    assert other.status_code == 409
    assert "sent before with other content" in other.text
    assert statuses(tracker) == 1


def test_a_form_opened_twice_is_two_facts(tracker: Tracker, officer: Visitor) -> None:
    first, second = filled(officer), filled(officer)
    assert [officer.post(NEW, typed).status_code for typed in (first, second)] == [303, 303]
    assert statuses(tracker) == 2


def test_a_refused_form_can_be_put_right_and_sent_again(tracker: Tracker, officer: Visitor) -> None:
    typed = filled(officer)
    refused = officer.post(NEW, {**typed, "effective_on-day": "31"})
    assert refused.status_code == 422
    assert str(typed["idempotency_key"]) in refused.text
    assert officer.post(NEW, typed).status_code == 303
    assert statuses(tracker) == 1


@pytest.mark.parametrize("key", ["x" * 201, "line\nbreak", "\0", "\u202e"], ids=ascii)
def test_a_key_that_is_none_is_refused(tracker: Tracker, officer: Visitor, key: str) -> None:
    assert officer.post(NEW, {**filled(officer), "idempotency_key": key}).status_code == 400
    assert statuses(tracker) == 0


def test_the_same_key_and_body_get_the_api_s_same_answer(tracker: Tracker, officer: Visitor) -> None:
    first = officer.api(STATUSES, BODY, idempotency_key="one")
    again = officer.api(STATUSES, BODY, idempotency_key="one")
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.content == again.content
    assert statuses(tracker) == 1


def test_the_same_key_and_another_body_is_a_conflict(tracker: Tracker, officer: Visitor) -> None:
    officer.api(STATUSES, BODY, idempotency_key="one")
    other = officer.api(STATUSES, {**BODY, "status": "approved"}, idempotency_key="one")
    assert (other.status_code, other.json()["status"]) == (409, 409)
    assert statuses(tracker) == 1


def test_a_key_is_one_persons_own(tracker: Tracker, officer: Visitor) -> None:
    other = tracker.signed_in(Role.SECRETARIAT)
    first, second = (who.api(STATUSES, BODY, idempotency_key="one") for who in (officer, other))
    assert first.json()["id"] != second.json()["id"]


def test_a_refusal_is_not_remembered(tracker: Tracker, officer: Visitor) -> None:
    assert officer.api(STATUSES, {**BODY, "status": "nonsense"}, idempotency_key="one").status_code == 422
    assert officer.api(STATUSES, BODY, idempotency_key="one").status_code == 201


def test_recording_without_a_token_is_refused(tracker: Tracker) -> None:
    assert tracker.anonymous().api(STATUSES, BODY).status_code == 401
    assert statuses(tracker) == 0


@pytest.mark.parametrize("address", ["/local-accounts/2011-2012", "/councils", "/api/v1/local-accounts/2011-2012"])
def test_what_has_not_changed_is_not_sent_again_until_a_fact_is_recorded(
    tracker: Tracker, officer: Visitor, address: str
) -> None:
    officer.api("/councils?limit=1")
    bearer = {"authorization": f"Bearer {officer.token}"}
    tag = officer.get(address, **bearer).headers["etag"]
    same = officer.get(address, **{**bearer, "if-none-match": tag})
    assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", tag)
    assert officer.api(STATUSES, BODY).status_code == 201
    changed = officer.get(address, **{**bearer, "if-none-match": tag})
    assert changed.status_code == 200
    assert changed.headers["etag"] != tag


def test_two_people_never_share_a_tag_nor_two_addresses(tracker: Tracker, officer: Visitor) -> None:
    other = tracker.signed_in(Role.BOARD)
    addresses = ["/councils", "/councils?region=london", "/councils?as-at=2011-12-31", "/local-accounts/2011-2012"]
    tags = [who.get(address).headers["etag"] for who in (officer, other) for address in addresses]
    assert len(set(tags)) == len(tags)


def test_a_page_with_a_form_is_kept_by_nobody(officer: Visitor) -> None:
    page = officer.get(NEW)
    assert page.headers["cache-control"] == "no-store"
    assert "etag" not in page.headers


def test_looking_at_pages_records_nothing(tracker: Tracker, officer: Visitor) -> None:
    def head() -> object:
        with tracker.database.reading() as session:
            return session.execute(select(LastFact.seq, LastFact.edits)).one()

    officer.api("/councils?limit=1")
    before = head()
    for address in ("/", "/councils", "/local-accounts/2011-2012", NEW, "/sign-in", "/sign-out", "/api/v1/councils"):
        officer.get(address)
        officer.client.head(address)
    assert head() == before


def test_a_checked_form_is_one_fact_however_often_one_goes_back(tracker: Tracker, officer: Visitor) -> None:
    address = "/local-accounts/2011-2012/brent/publications/new"
    day = {"published_on-day": "8", "published_on-month": "12", "published_on-year": "2011"}
    first = {**officer.form(address), **day, "title": "Ours", "address": "https://www.brent.gov.uk/account"}

    def to_check(typed: Typed) -> Typed:
        """From the first page to the check page: what its button sends."""
        return Forms(officer.post(address, typed).text).found[0][1]

    checked = to_check(first)
    assert checked["idempotency_key"] == first["idempotency_key"]
    done = officer.post(address, checked)
    assert done.status_code == 303
    again = officer.post(address, first)
    assert (again.status_code, again.headers["location"]) == (303, done.headers["location"])
    other = officer.post(address, {**first, "title": "Another", "published_on-day": "9"})
    assert other.status_code == 409
    assert "To record more, send it again." in other.text
    assert publications(tracker) == 1
    anew = next(fields for action, fields in Forms(other.text).found if not action)
    assert (anew["title"], anew["idempotency_key"] != first["idempotency_key"]) == ("Another", True)
    assert officer.post(address, to_check(anew)).status_code == 303
    assert publications(tracker) == 2
