"""The pages and the API of the end of the year, of conditions and of limits: who sees what, and what they may do."""

import re
from base64 import b64encode
from datetime import date

import pytest

from improvement.access.rules import Role
from improvement.database import EVER, Database
from improvement.funding import commands
from improvement.funding.entering.moves import Allocation, Commitment, ExpectedInstalment, Payment
from improvement.funding.queries.conditions import conditions
from tests.funding.conftest import doing
from tests.funding.test_pages import fields_of
from tests.visiting import Tracker, Typed, Visitor

READ = ["/funding/year-end", "/funding/year-end.csv", "/funding/year-end.json", "/funding/limits"]
ALL = [*READ, "/funding/year-end/statement.csv"]
DECIDE = "/funding/carry-forwards/decide"
PDF = {"files": ("C:\\notes\\report.pdf", b"%PDF-1.7 what was done")}


@pytest.fixture
def secretary(tracker: Tracker, agreed: Database) -> Visitor:
    """London has £10,000.00, £9,000.00 of it promised and £4,000.00 paid; an instalment has a condition."""
    do = doing(agreed)
    do(commands.allocate, Allocation(line="london", amount_pence=10_000_00))
    do(commands.commit, Commitment(line="london", amount_pence=9_000_00, recipient="Camden", purpose="Peer work"))
    do(commands.pay, Payment(line="london", amount_pence=4_000_00, paid_on=date(2011, 9, 1)))
    due = {"amount_pence": 100_000_00, "due_on": date(2011, 12, 1), "conditions": "A <b>report</b>"}
    do(commands.expect_instalment, ExpectedInstalment(ref="I-2", **due))
    return tracker.signed_in(Role.SECRETARIAT)


def record(visitor: Visitor, address: str, **typed: str) -> str:
    """Fill in a form, check it and record it: the page it leads to."""
    check = visitor.send(address, **typed)
    assert check.status_code == 200, check.text
    sent: Typed = {**fields_of(check.text), "checked": "yes"}
    return visitor.follow(visitor.post(address, sent)).text


def ask(visitor: Visitor, amount: str = "2,000") -> str:
    page = record(visitor, "/funding/carry-forwards/new", line="london", amount_pence=amount, why="Printing in May")
    return re.findall(r"CF-\w{5}", page)[-1]


def row(page: str, words: str) -> str:
    """The first sum of a row."""
    return re.findall(rf'{words}(?:</a>)?</th><td class="n">(?:<a [^>]+>)?([^<]+)<', page)[-1]


def test_the_statement_explains_every_penny_and_says_what_is_left_to_do(secretary: Visitor) -> None:
    page = secretary.get("/funding/year-end").text
    assert row(page, "Paid, less refunds") == "£4,000.00"
    assert row(page, "In hand, still to settle") == "£196,000.00"
    assert row(page, "Not drawn from the funder yet") == "£350,000.00"
    assert row(page, "Amount in force") == "£550,000.00"
    assert "£196,000.00 is in hand, and neither carried forward nor returned" in page
    assert "/funding/returns/new" in page
    assert "/funding/working/funding_paid_net_pence" in page


def test_before_there_is_money_the_page_says_what_will_be_here(tracker: Tracker, seeded: Database) -> None:
    visitor = tracker.signed_in(Role.SECRETARIAT)
    for address in ("/funding/year-end", "/funding/limits"):
        assert "No Memorandum of Understanding is known" in visitor.get(address).text
    assert visitor.get("/funding/year-end.json").status_code == 404
    assert visitor.api("/funding/year-end").status_code == 404


def test_in_negotiation_there_is_nothing_to_settle(tracker: Tracker, negotiated: Database) -> None:
    page = tracker.signed_in(Role.SECRETARIAT).get("/funding/year-end").text
    assert "there is nothing to settle yet" in page
    assert "Nothing has been asked for" in page
    assert "/funding/carry-forwards/new" not in page


def test_every_page_answers_now_and_looking_back_and_then_offers_nothing(secretary: Visitor) -> None:
    for address in ALL:
        for when in ("", "?as-at=2026-01-01", "?on=2011-09-02&known-at=2025-01-01"):
            assert secretary.get(address + when).status_code == 200, address + when
    back = secretary.get("/funding/year-end?as-at=2026-01-01").text
    assert "/new" not in back
    assert "/funding/lines/london?as-at=2026-01-01" in back
    assert "/funding/working/funding_carried_pence?as-at=2026-01-01" in back


def test_a_request_is_made_by_its_region_decided_by_the_secretariat_and_read_by_both(
    secretary: Visitor, tracker: Tracker
) -> None:
    london = tracker.signed_in(Role.COORDINATOR, region="london")
    ref = ask(london)
    assert f"{DECIDE}?ref={ref}" in secretary.get("/funding/year-end").text
    assert f'name="ref" value="{ref}"' in secretary.get(f"{DECIDE}?ref={ref}").text
    page = record(secretary, DECIDE, ref=ref, decision="granted", amount_pence="1,500")
    assert "Granted in part" in page
    assert row(page, "Carried forward") == "£1,500.00"
    told = london.get("/funding/year-end").text
    assert "Granted in part" in told
    assert "Closing statement" not in told
    assert "Unallocated" not in told


def test_a_region_sees_nothing_of_the_others_and_of_the_whole(secretary: Visitor, tracker: Tracker) -> None:
    ask(secretary)
    eastern = tracker.signed_in(Role.COORDINATOR, region="eastern")
    page = eastern.get("/funding/year-end").text
    assert "Printing in May" not in page
    assert "London" not in re.sub(r"<head>.*?</head>", "", page, flags=re.DOTALL)
    assert [each["line"] for each in eastern.get("/funding/year-end.json").json()["lines"]] == ["eastern"]
    assert eastern.get("/funding/year-end/statement.csv").status_code == 404
    assert eastern.get("/funding/accruals/new").status_code == 403
    refused = eastern.api("/funding/carry-forwards", {"line": "london", "amount_pence": 100, "why": "Because"})
    assert refused.status_code == 404


def test_who_may_not_read_money_sees_none_of_it(tracker: Tracker, agreed: Database) -> None:
    officer = tracker.signed_in(Role.OFFICER, council="brent")
    for address in ALL:
        assert officer.get(address).status_code == 403
        assert tracker.anonymous().get(address).status_code == 303
    board = tracker.signed_in(Role.BOARD)
    assert "Closing statement" in board.get("/funding/year-end").text
    assert board.get("/funding/conditions/new").status_code == 403


def test_a_refusal_comes_back_with_what_was_typed(secretary: Visitor) -> None:
    answer = secretary.send("/funding/carry-forwards/new", line="london", amount_pence="6,000.01", why="Printing")
    assert answer.status_code == 422
    assert "Ask for £6,000.00 or less" in answer.text
    assert 'value="6,000.01"' in answer.text
    wrong = secretary.send("/funding/accruals/new", line="london", amount_pence="(500)", recipient="", why="x")
    assert wrong.status_code == 422
    assert "Enter who it is owed to." in wrong.text


def test_the_second_click_asks_once(secretary: Visitor) -> None:
    check = secretary.send("/funding/carry-forwards/new", line="london", amount_pence="2,000", why="Printing")
    sent: Typed = {**fields_of(check.text), "checked": "yes"}
    assert {secretary.post("/funding/carry-forwards/new", {**sent}).status_code for _ in range(3)} == {303}
    assert len(secretary.get("/funding/year-end.json").json()["requests"]) == 1


def test_a_refused_request_can_be_granted_by_correcting_the_decision(secretary: Visitor) -> None:
    ref = ask(secretary)
    page = record(secretary, DECIDE, ref=ref, decision="refused", why="Too late")
    (address,) = set(re.findall(r'/funding/corrections/[^"]+', page))
    assert f'name="ref" value="{ref}"' in secretary.get(address).text
    done = record(secretary, address, what="put right", reason="The Board said yes", decision="granted")
    assert row(done, "Carried forward") == "£2,000.00"


def test_conditions_are_recorded_with_their_evidence_and_the_evidence_can_be_read(
    secretary: Visitor, tracker: Tracker
) -> None:
    asks = secretary.get("/funding/conditions/new?ref=I-2").text
    assert "A &lt;b&gt;report&lt;/b&gt;" in asks
    assert 'value="I-2" selected' in asks
    done = secretary.send("/funding/conditions/new", files=PDF, ref="I-2", evidence="The report was sent")
    assert "The conditions of instalment I-2 are recorded as met." in secretary.follow(done).text
    assert "No instalment waits for its conditions" in secretary.get("/funding/conditions/new").text
    address = evidence_of(secretary)
    file = secretary.get(address)
    assert (file.status_code, file.content) == (200, PDF["files"][1])
    assert "report.pdf" in file.headers["content-disposition"]
    assert file.headers["cache-control"] == "no-store"
    assert tracker.signed_in(Role.COORDINATOR, region="london").get(address).status_code == 404
    assert tracker.signed_in(Role.OFFICER, council="brent").get(address).status_code == 403
    assert secretary.get(address[:-64] + "0" * 64).status_code == 404


def evidence_of(visitor: Visitor) -> str:
    """The address of the only file of the only conditions that are met."""
    with visitor.database.reading() as session:
        (met,) = conditions(session, EVER, "2011-2012").values()
    return f"/funding/conditions/{met.id}/files/{met.files[0].sha256}"


def test_evidence_that_is_none_is_refused_with_what_was_typed(secretary: Visitor) -> None:
    for name, body in (("report.pdf", b""), ("report.exe", b"MZ"), ("report.pdf", b"not one")):
        answer = secretary.send(
            "/funding/conditions/new", files={"files": (name, body)}, ref="I-2", evidence="The report was sent"
        )
        assert answer.status_code == 422
        assert "The report was sent" in answer.text
    nothing = secretary.send("/funding/conditions/new", ref="", evidence="")
    assert "Select the instalment." in nothing.text
    assert "Enter the evidence." in nothing.text


def test_how_conditions_were_met_can_be_put_right_on_a_page(secretary: Visitor) -> None:
    secretary.send("/funding/conditions/new", files=PDF, ref="I-2", evidence="The report was sent")
    id_ = evidence_of(secretary).split("/")[3]
    address = f"/funding/corrections/{id_}"
    done = record(secretary, address, what="put right", reason="It was another", evidence="The letter was sent")
    assert "The correction is recorded" in done
    assert secretary.get(evidence_of(secretary)).content == PDF["files"][1]


def test_limits_are_set_on_a_page_that_shows_what_they_were(secretary: Visitor) -> None:
    assert "Nobody has set other limits" in secretary.get("/funding/limits").text
    done = record(
        secretary,
        "/funding/limits/new",
        virement_above_pence="£2,500",
        variance_above_pence="1000",
        why="The Board asked for it",
    )
    page = secretary.get("/funding/limits").text
    assert "£2,500.00" in done
    assert "Before then" in page
    assert secretary.api("/funding/limits").json()["virement_above_pence"] == 2_500_00


def test_the_api_does_what_the_pages_do(secretary: Visitor) -> None:
    owed = {"line": "london", "amount_pence": 1_000_00, "recipient": "Camden", "why": "Peer challenge"}
    assert secretary.api("/funding/accruals", owed).status_code == 201
    asked = secretary.api("/funding/carry-forwards", {"line": "london", "amount_pence": 2_000_00, "why": "Printing"})
    ref = asked.json()["ref"]
    made = secretary.api(f"/funding/carry-forwards/{ref}/decisions", {"decision": "granted", "amount_pence": 1_500_00})
    assert (made.status_code, made.json()["ref"]) == (201, ref)
    again = secretary.api(f"/funding/carry-forwards/{ref}/decisions", {"decision": "granted"})
    assert again.status_code == 409
    none = secretary.api("/funding/carry-forwards/CF-NONE1/decisions", {"decision": "granted"})
    assert none.status_code == 404
    file = {"name": "report.pdf", "content": b64encode(PDF["files"][1]).decode()}
    met = {"ref": "I-2", "evidence": "The report was sent", "files": [file]}
    assert secretary.api("/funding/conditions", met).status_code == 201
    assert secretary.get(evidence_of(secretary)).content == PDF["files"][1]
    told = secretary.api("/funding/year-end").json()
    assert told["statement"]["carried_pence"] == 1_500_00
    assert next(each for each in told["lines"] if each["line"] == "london")["owed_pence"] == 1_000_00
    assert told["requests"][0]["granted_pence"] == 1_500_00


@pytest.mark.parametrize("pence", [0, -1, 1.5, "100", 10**14, None])
def test_the_api_takes_no_sum_that_is_none(secretary: Visitor, pence: object) -> None:
    for address, body in (
        ("/funding/accruals", {"line": "london", "recipient": "Camden", "why": "Peer challenge"}),
        ("/funding/carry-forwards", {"line": "london", "why": "Printing"}),
        ("/funding/limits", {"variance_above_pence": 1, "why": "The Board"}),
    ):
        name = "virement_above_pence" if "limits" in address else "amount_pence"
        answer = secretary.api(address, {**body, name: pence})
        assert answer.status_code == 422
        assert name in answer.text
