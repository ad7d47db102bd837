"""Local accounts as JSON: the bodies, rows, lists and refusals that scripts rely on."""

from datetime import date, timedelta
from uuid import UUID, uuid4

import msgspec
import pytest

from improvement import dates
from improvement.local_accounts.rules import Status
from tests.local_accounts.people import DECEMBER, EDITION, Clerk
from tests.visiting import Tracker, Visitor

LIST = "/local-accounts/2011-2012"
BRENT = f"{LIST}/brent"
STATUS = {"status": "drafting", "effective_on": "2011-11-01"}
PUBLICATION = {"title": "Our account", "address": "https://www.brent.gov.uk/a", "published_on": "2011-12-16"}


@pytest.fixture
def secretariat(tracker: Tracker) -> Visitor:
    return tracker.signed_in("secretariat")


def row(visitor: Visitor, council: str = "brent", query: str = "") -> dict[str, object]:
    (found,) = visitor.api(f"{LIST}?council={council}{query}").json()["items"]
    return dict(found)


class TestReading:
    def test_a_row_holds_what_was_promised(self, secretariat: Visitor) -> None:
        promised = {"council", "status", "position", "expected_on", "published_on", "sureness"}
        assert promised <= row(secretariat).keys()

    def test_following_after_gives_every_council_once_in_one_order(self, secretariat: Visitor) -> None:
        seen: list[str] = []
        after = ""
        while True:
            page = secretariat.api(f"{LIST}?limit=47{after}").json()
            assert page["total"] == 152
            seen += [item["council"] for item in page["items"]]
            if page["after"] is None:
                break
            after = f"&after={page['after']}"
        assert seen == sorted(seen)
        assert len(set(seen)) == 152

    def test_a_list_is_filtered_by_field_and_by_dates(self, tracker: Tracker, secretariat: Visitor) -> None:
        Clerk(tracker.database).publishes()
        assert secretariat.api(f"{LIST}?position=published on time").json()["total"] == 1
        assert secretariat.api(f"{LIST}?region=london&position=no date given").json()["total"] == 32
        assert secretariat.api(f"{LIST}?position=published on time&on=2011-12-15").json()["total"] == 0
        assert secretariat.api(f"{LIST}?position=published on time&as-at=2011-12-31").json()["total"] == 0

    @pytest.mark.parametrize(
        "query", ["limit=0", "limit=1001", "limit=x", "colour=red", "on=x", "as-at=2011-12-01&on=2011-12-01"]
    )
    def test_what_cannot_be_read_is_400_in_the_one_shape(self, secretariat: Visitor, query: str) -> None:
        answer = secretariat.api(f"{LIST}?{query}")
        assert answer.status_code == 400
        assert set(answer.json()) == {"status", "error", "fields"}
        assert answer.json()["error"].endswith(".")

    @pytest.mark.parametrize(
        ("address", "status"),
        [(f"{LIST}/nowhere", 404), ("/local-accounts/2012-2013", 404), (f"{LIST}?on=9999-01-01", 422)],
    )
    def test_what_is_not_there_or_has_not_come(self, secretariat: Visitor, address: str, status: int) -> None:
        answer = secretariat.api(address)
        assert (answer.status_code, answer.json()["status"]) == (status, status)

    def test_one_council_is_told_in_full_to_those_with_rights_on_it(self, tracker: Tracker) -> None:
        Clerk(tracker.database).says(note="canary")
        Clerk(tracker.database).publishes()
        own = tracker.signed_in("officer", council="brent").api(BRENT).json()
        other = tracker.signed_in("officer", council="wirral").api(BRENT).json()
        assert (own["position"], own["published_on"], own["sureness"]) == (
            "published on time",
            "2011-12-16",
            "reported",
        )
        assert any(event["note"] == "canary" for event in own["history"])
        assert other["history"] == []
        assert other["publications"] == own["publications"]

    def test_without_a_token_only_the_register_is_read(self, tracker: Tracker) -> None:
        nobody = tracker.anonymous()
        for address in (LIST, BRENT):
            assert nobody.api(address).status_code == 401
        for address in ("/accounts", "/councils", "/regions"):
            assert nobody.api(address).status_code == 200

    def test_a_token_that_is_none_is_401(self, tracker: Tracker) -> None:
        answer = tracker.anonymous().api(LIST, Authorization="Bearer nonsense")
        assert answer.status_code == 401


class TestRecording:
    def test_a_status(self, secretariat: Visitor) -> None:
        sent = {**STATUS, "status": "approved", "expected_on": "2012-09-30", "note": "Cabinet on 12 September"}
        answer = secretariat.api(f"{BRENT}/statuses", sent)
        assert answer.status_code == 201
        assert UUID(answer.json()["id"])
        assert row(secretariat, query="&on=2011-12-01")["position"] == "expected after the deadline"

    def test_a_publication_and_the_rest_is_optional(self, secretariat: Visitor) -> None:
        assert secretariat.api(f"{BRENT}/publications", PUBLICATION).status_code == 201
        whole = {
            **PUBLICATION,
            "published_on": "2012-02-01",
            "basis": "no later than",
            "period_from": "2010-04-01",
            "period_to": "2011-09-30",
            "by_lead_member": True,
            "formats": ["PDF", "easy read"],
            "without_web": "Libraries",
            "serves": ["ealing"],
            "note": None,
        }
        assert secretariat.api(f"{BRENT}/publications", whole).status_code == 201
        assert row(secretariat)["published_on"] == "2011-12-16"
        assert row(secretariat, "ealing")["not_confirmed"] is True

    def test_a_correction_by_values_and_by_withdrawal(self, secretariat: Visitor) -> None:
        first = secretariat.api(f"{BRENT}/publications", PUBLICATION).json()["id"]
        right = {"corrects": first, "reason": "A day late.", "values": {"published_on": "2012-01-01"}}
        second = secretariat.api(f"{BRENT}/corrections", right)
        assert second.status_code == 201
        assert row(secretariat)["position"] == "published late"
        gone = {"corrects": second.json()["id"], "reason": "It was a draft.", "withdrawn": True}
        assert secretariat.api(f"{BRENT}/corrections", gone).status_code == 201
        assert row(secretariat)["published_on"] is None
        assert secretariat.api(f"{BRENT}/corrections", gone).status_code == 409

    @pytest.mark.parametrize(
        ("way", "body", "fields"),
        [
            ("statuses", {}, {"status", "effective_on"}),
            ("statuses", {**STATUS, "status": "published"}, {"status"}),
            ("statuses", {**STATUS, "status": "will not publish"}, {"note"}),
            ("statuses", {**STATUS, "recorded_at": "1900-01-01T00:00:00Z"}, {"recorded_at"}),
            ("statuses", {**STATUS, "effective_on": "9999-01-01"}, {"effective_on"}),
            ("statuses", {**STATUS, "effective_on": "2011-02-30"}, {"effective_on"}),
            ("statuses", {**STATUS, "note": "x" * 5_000}, {"note"}),
            ("publications", {}, {"title", "address", "published_on"}),
            ("publications", {**PUBLICATION, "title": " "}, {"title"}),
            ("publications", {**PUBLICATION, "address": "javascript:alert(1)"}, {"address"}),
            ("publications", {**PUBLICATION, "address": "https://a.uk/" + "x" * 5_000}, {"address"}),
            ("publications", {**PUBLICATION, "formats": ["scroll"]}, {"formats"}),
            ("publications", {**PUBLICATION, "serves": ["nowhere"]}, {"serves"}),
            ("publications", {**PUBLICATION, "serves": "ealing"}, {"serves"}),
            ("publications", {**PUBLICATION, "by_lead_member": "yes"}, {"by_lead_member"}),
            ("corrections", {"corrects": "x", "reason": ""}, {"corrects", "reason"}),
            ("corrections", {"corrects": str(uuid4()), "reason": "x", "values": [1]}, {"values"}),
        ],
    )  # fmt: skip
    def test_every_mistake_is_a_sentence_at_its_field_and_nothing_is_kept(
        self, secretariat: Visitor, way: str, body: dict[str, object], fields: set[str]
    ) -> None:
        answer = secretariat.api(f"{BRENT}/{way}", body)
        told = answer.json()
        assert (answer.status_code, told["status"]) == (422, 422)
        assert set(told["fields"]) == fields
        assert all(sentence.endswith(".") for sentence in (told["error"], *told["fields"].values()))
        assert secretariat.api(BRENT).json()["history"] == []

    @pytest.mark.parametrize("values", [{"status": 5}, {"status": "x"}, {"colour": "red"}, {"effective_on": "x"}])
    def test_right_values_that_are_wrong_are_no_fault_of_ours(
        self, tracker: Tracker, secretariat: Visitor, values: object
    ) -> None:
        fact = Clerk(tracker.database).says()
        body = {"corrects": str(fact), "reason": "x", "values": values}
        assert secretariat.api(f"{BRENT}/corrections", body).status_code == 422

    def test_the_day_after_tomorrow_has_not_come(self, secretariat: Visitor) -> None:
        day = dates.london_day(dates.now()) + timedelta(days=2)
        answer = secretariat.api(f"{BRENT}/publications", {**PUBLICATION, "published_on": day.isoformat()})
        assert set(answer.json()["fields"]) == {"published_on"}

    def test_the_same_key_and_body_get_the_same_answer_and_another_body_a_conflict(self, secretariat: Visitor) -> None:
        first, again = (secretariat.api(f"{BRENT}/statuses", STATUS, Idempotency_Key="one") for _ in range(2))
        assert first.status_code == again.status_code == 201
        assert first.json() == again.json()
        other = secretariat.api(f"{BRENT}/statuses", {**STATUS, "note": "x"}, Idempotency_Key="one")
        assert other.status_code == 409
        assert len(secretariat.api(BRENT).json()["history"]) == 1

    @pytest.mark.parametrize(("way", "body"), [("statuses", STATUS), ("publications", PUBLICATION)])
    def test_who_may_not_is_told_so(self, tracker: Tracker, way: str, body: dict[str, object]) -> None:
        assert tracker.anonymous().api(f"{BRENT}/{way}", body).status_code == 401
        for visitor in (tracker.signed_in("board"), tracker.signed_in("officer", council="wirral")):
            assert visitor.api(f"{BRENT}/{way}", body).status_code == 403
        assert tracker.signed_in("officer", council="brent").api(f"{LIST}/nowhere/{way}", body).status_code == 404

    def test_nothing_is_recorded_while_looking_back(self, secretariat: Visitor) -> None:
        assert secretariat.api(f"{BRENT}/statuses?as-at=2011-12-01", STATUS).status_code == 400


class TestRegister:
    def test_it_has_one_row_for_each_council_served(self, tracker: Tracker) -> None:
        Clerk(tracker.database).publishes(msgspec.structs.replace(EDITION, serves=["ealing"]))
        Clerk(tracker.database, "wirral").says(Status.WILL_NOT_PUBLISH, date(2011, 11, 1), note="canary")
        told = tracker.anonymous().api("/accounts").json()
        assert [item["council"] for item in told["items"]] == ["brent", "ealing"]
        assert told["items"][0]["published_on"] == DECEMBER.isoformat()
