"""The pages and the API of payment runs: who sees and does what, what is checked first, and the file for the bank."""

import pytest

from improvement.access.rules import Role
from improvement.database import EVER, Database
from improvement.funding import commands
from improvement.funding.commands import Mending
from improvement.funding.entering.moves import Negotiation, Payment
from improvement.funding.queries import paying
from tests.funding.conftest import doing
from tests.funding.paid import LATER, MOU, TODAY, approved, fund, run
from tests.visiting import Forms, Tracker, Visitor

NEW = "/funding/runs/new"


@pytest.fixture
def refs(tracker: Tracker, agreed: Database) -> list[str]:
    """Two approved claims of London."""
    fund(agreed)
    return approved(agreed, 1_000_00, 2_000_00)


@pytest.fixture
def secretary(tracker: Tracker, refs: list[str]) -> Visitor:
    return tracker.signed_in(Role.SECRETARIAT)


def runs(database: Database) -> list[paying.Run]:
    with database.reading() as session:
        return paying.runs(session, EVER, MOU)


def test_before_anything_is_paid_the_pages_say_what_will_be_here(tracker: Tracker, agreed: Database) -> None:
    visitor = tracker.signed_in(Role.SECRETARIAT)
    assert "No payment runs yet" in visitor.get("/funding/runs").text
    assert "No approved claim waits to be paid" in visitor.get(NEW).text
    assert visitor.get("/funding/runs/PR-NONE2").status_code == 404


def test_before_there_is_an_mou_the_pages_say_so(tracker: Tracker, seeded: Database) -> None:
    visitor = tracker.signed_in(Role.SECRETARIAT)
    assert "No Memorandum of Understanding is known" in visitor.get("/funding/runs").text
    assert visitor.get("/funding/runs/PR-NONE2").status_code == 404
    assert visitor.get(NEW).status_code == 404
    assert visitor.api("/funding/runs").json()["items"] == []


def test_approved_claims_are_selected_checked_and_paid_once(
    secretary: Visitor, agreed: Database, refs: list[str]
) -> None:
    assert secretary.form(NEW)["claims"] == refs
    check = secretary.send(NEW)
    assert "Check before it is recorded" in check.text
    assert all(ref in check.text for ref in refs)
    assert "£3,000.00" in check.text
    assert "Cash in hand" in check.text
    assert "London: paid, less refunds" in check.text
    assert runs(agreed) == []
    sent = {**Forms(check.text).found[0][1], "checked": "yes"}
    answers = {secretary.post(NEW, sent).headers["location"] for _ in range(3)}
    (made,) = runs(agreed)
    assert answers == {f"/funding/runs/{made.ref}"}
    page = secretary.get(answers.pop()).text
    assert f"/funding/claims/{refs[0]}" in page
    assert f"/funding/corrections/{made.payments[0].id}" in page
    assert "Not seen yet" in page


def test_a_claim_can_be_opened_to_be_paid_alone(secretary: Visitor, refs: list[str]) -> None:
    page = secretary.get(f"{NEW}?claim={refs[1]}").text
    assert Forms(page).found[0][1]["claims"] == refs[1]


def test_a_refused_run_comes_back_with_what_was_typed(secretary: Visitor, agreed: Database, refs: list[str]) -> None:
    nothing = secretary.send(NEW, claims=[])
    assert nothing.status_code == 422
    assert "Select the claims to pay." in nothing.text
    unknown = secretary.send(NEW, claims=[refs[0], "CL-NONE2"], note="Of September")
    assert unknown.status_code == 422
    assert "There is no claim CL-NONE2. Nothing was paid." in unknown.text
    assert "Of September" in unknown.text
    late = secretary.send(NEW, **{"paid_on-year": "2099"})
    assert "The day must be today or earlier" in late.text
    assert runs(agreed) == []


def test_from_the_check_page_one_can_go_back_to_the_answers(secretary: Visitor, refs: list[str]) -> None:
    check = secretary.send(NEW, claims=refs[0])
    back = secretary.post(NEW, {**Forms(check.text).found[0][1], "change": "yes"})
    assert Forms(back.text).found[0][1]["claims"] == refs[0]


def test_what_a_colleague_paid_meanwhile_is_refused_whole(
    secretary: Visitor, agreed: Database, refs: list[str]
) -> None:
    check = secretary.send(NEW)
    run(agreed, refs[1])
    late = secretary.post(NEW, {**Forms(check.text).found[0][1], "checked": "yes"})
    assert late.status_code == 422
    assert f"{refs[1]} is paid already. Nothing was paid." in late.text
    assert [len(each.payments) for each in runs(agreed)] == [1]


def test_the_payment_file_has_the_payments_and_nothing_a_spreadsheet_would_run(
    tracker: Tracker, agreed: Database
) -> None:
    fund(agreed)
    refs = approved(agreed, 1_234_50, 5)
    run(agreed, *refs)
    second = runs(agreed)[0].payments[1]
    wanted = Payment(line="london", amount_pence=5, paid_on=TODAY, reference="=1+1", claim=refs[1])
    doing(agreed)(commands.correct, Mending(second.id, "The bank’s reference", wanted))
    ref = runs(agreed)[0].ref
    answer = tracker.signed_in(Role.BOARD).get(f"/funding/runs/{ref}/file.csv")
    assert f'attachment; filename="payment-run-{ref}.csv"' in answer.headers["content-disposition"]
    assert answer.content.decode("utf-8-sig").splitlines() == [
        "recipient,funding line,amount,reference,date,run",
        f"London,London,1234.50,{refs[0]},2011-09-01,{ref}",
        f"London,London,0.05,'=1+1,2011-09-01,{ref}",
    ]


def test_only_those_who_see_all_the_money_see_runs_and_only_the_secretariat_pays(
    tracker: Tracker, agreed: Database, refs: list[str]
) -> None:
    run(agreed, refs[0])
    ref = runs(agreed)[0].ref
    addresses = ["/funding/runs", f"/funding/runs/{ref}", f"/funding/runs/{ref}/file.csv"]
    for role, region, read in (
        (Role.SECRETARIAT, None, 200),
        (Role.BOARD, None, 200),
        (Role.COORDINATOR, "london", 404),
    ):
        visitor = tracker.signed_in(role, region=region)
        assert {visitor.get(address).status_code for address in addresses} == {read}
        assert visitor.api("/funding/runs").status_code == read
        assert visitor.get(NEW).status_code == (200 if role is Role.SECRETARIAT else 403)
        refused = visitor.api("/funding/runs", {"claims": [refs[1]], "paid_on": "2011-09-01"})
        assert refused.status_code == (201 if role is Role.SECRETARIAT else 403)
    assert tracker.anonymous().get("/funding/runs").status_code == 303


def test_the_api_pays_claims_together_and_tells_of_runs(secretary: Visitor, agreed: Database, refs: list[str]) -> None:
    wrong = secretary.api("/funding/runs", {"claims": [refs[0], refs[0]], "paid_on": "2011-09-01"})
    assert (wrong.status_code, "2 times" in wrong.text) == (422, True)
    made = secretary.api("/funding/runs", {"claims": refs, "paid_on": "2011-09-01"})
    assert made.status_code == 201
    (told,) = secretary.api("/funding/runs").json()["items"]
    assert (told["ref"], told["total_pence"], told["reconciled"]) == (made.json()["ref"], 3_000_00, 0)
    assert [paid["claim"] for paid in told["payments"]] == refs
    for body in ({}, {"claims": "x", "paid_on": "2011-09-01"}, {"claims": [1], "paid_on": "2011-09-01"}):
        assert secretary.api("/funding/runs", body).status_code == 422


def test_looking_back_a_run_is_as_it_was_and_nothing_is_offered(
    secretary: Visitor, agreed: Database, refs: list[str]
) -> None:
    run(agreed, *refs)
    made = runs(agreed)[0]
    then = secretary.get(f"/funding/runs/{made.ref}?as-at=2011-09-02").text
    assert "Correct" not in then
    assert f"/funding/claims/{refs[0]}?as-at=2011-09-02" in then
    assert secretary.get(f"/funding/runs/{made.ref}?as-at=2011-08-31").status_code == 404
    assert "No payment runs yet" in secretary.get("/funding/runs?as-at=2011-08-31").text
    assert secretary.get(f"{NEW}?as-at=2011-09-02").status_code == 403


def test_a_run_whose_payments_were_taken_back_is_offered_to_be_taken_back(
    secretary: Visitor, agreed: Database, refs: list[str]
) -> None:
    run(agreed, refs[0])
    made = runs(agreed)[0]
    assert f"/funding/corrections/{made.id}" not in secretary.get(f"/funding/runs/{made.ref}").text
    for fact in (made.payments[0].id, made.id):
        address = f"/funding/corrections/{fact}"
        check = secretary.send(address, what="withdraw", reason="Never sent")
        done = secretary.post(address, {**Forms(check.text).found[0][1], "checked": "yes"})
    assert "No payment runs yet" in secretary.follow(done).text
    assert secretary.get(f"/funding/runs/{made.ref}").status_code == 404


def test_claims_of_an_older_mou_are_paid_and_found_beside_a_newer_one(
    secretary: Visitor, agreed: Database, refs: list[str]
) -> None:
    newer = Negotiation(mou="2012-2013", title="Next", funder="Department of Health", amount_pence=5)
    doing(agreed, LATER)(commands.put_in_negotiation, newer)
    assert "No approved claim waits to be paid" in secretary.get(f"{NEW}?mou=2012-2013").text
    check = secretary.post(NEW, Forms(secretary.get(f"{NEW}?mou={MOU}").text).found[0][1])
    done = secretary.post(NEW, {**Forms(check.text).found[0][1], "checked": "yes"})
    assert refs[0] in secretary.follow(done).text
