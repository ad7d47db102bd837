"""The pages and the API of claims: what each person sees and may do, and what becomes of bad input."""

import base64
import hashlib
import json
import re
from typing import Any

import pytest
from sqlalchemy import func, select

from improvement import dates
from improvement.access.rules import Role
from improvement.database import EVER, Database
from improvement.documents import DocumentRow
from improvement.funding import commands
from improvement.funding.book import Kind
from improvement.funding.entering.moves import Allocation, Commitment, Refund
from improvement.funding.entering.paying import PaymentRun
from improvement.funding.queries import claims
from improvement.funding.queries.claims import Claim
from improvement.funding.tables.moves import PaymentMade
from tests.funding.claimants import MOU, PDF
from tests.funding.conftest import SECRETARIAT, doing
from tests.visiting import Tracker, Visitor

NEW = "/funding/claims/new"
DAYS = {
    f"{name}-{part}": value
    for name, month in (("from_on", "7"), ("to_on", "8"))
    for part, value in (("day", "1"), ("month", month), ("year", "2011"))
}
A_CLAIM: dict[str, Any] = {"line": "london", "amount_pence": "£1,234.50", "paid_for": "Two peer reviews", **DAYS}
SHA256 = hashlib.sha256(PDF).hexdigest()
IN_JSON = {
    "line": "london",
    "amount_pence": 100_00,
    "paid_for": "Travel",
    "from_on": "2011-07-01",
    "to_on": "2011-07-31",
}


@pytest.fixture
def funded(agreed: Database) -> Database:
    """London and Eastern have £9,000.00 committed each."""
    for line in ("london", "eastern"):
        doing(agreed)(commands.allocate, Allocation(line=line, amount_pence=10_000_00))
        wanted = Commitment(line=line, amount_pence=9_000_00, recipient="The lead borough", purpose="Peer work")
        doing(agreed)(commands.commit, wanted)
    return agreed


@pytest.fixture
def londoner(tracker: Tracker, funded: Database) -> Visitor:
    return tracker.signed_in(Role.COORDINATOR, region="london")


@pytest.fixture
def secretary(tracker: Tracker, funded: Database) -> Visitor:
    return tracker.signed_in(Role.SECRETARIAT)


def all_claims(database: Database) -> list[Claim]:
    with database.reading() as session:
        return claims.claims(session, EVER, MOU)


def documents(database: Database) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(DocumentRow)) or 0


def send(visitor: Visitor, address: str, typed: dict[str, Any], *files: tuple[str, bytes], field: str = "files") -> Any:
    """A form sent as browsers send one with several files in one field."""
    body = {**visitor.form(address), **typed}
    return visitor.client.post(
        address, data=body, files=[(field, file) for file in files] or None, follow_redirects=False
    )


def made(visitor: Visitor, *files: tuple[str, bytes], **more: Any) -> str:
    """The address of a new claim."""
    answer = send(visitor, NEW, {**A_CLAIM, **more}, *files)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def test_a_coordinator_claims_with_evidence_and_the_secretariat_asks_approves_and_sees_it_all(
    londoner: Visitor, secretary: Visitor
) -> None:
    page = londoner.get(NEW).text
    assert "£9,000.00</strong> left to claim" in page
    assert '<input type="hidden" name="line" value="london">' in page
    address = made(londoner, ("invoice.pdf", PDF), ("hours.csv", b"day,hours"))
    told = londoner.get(address).text
    assert re.search(r"Claim CL-\w{5} of £1,234.50 is sent", told)
    assert "hours.csv" in told
    assert "Waits for you" in secretary.get("/funding/claims").text
    asked = secretary.send(f"{address}/query", question="Which days?")
    assert "The question about claim" in secretary.follow(asked).text
    assert "The secretariat asked: Which days?" in londoner.get(address).text
    assert "Which days?" in londoner.get(f"{address}/answer").text
    answered = send(londoner, f"{address}/answer", {"answer": "All in July"}, ("days.png", b"\x89PNG\r\n\x1a\n0"))
    assert answered.headers["location"] == address
    decide = secretary.get(f"{address}/decide").text
    assert "£7,765.50" in decide, "what is left after it"
    done = secretary.send(f"{address}/decide", decision="approved")
    assert "is approved." in secretary.follow(done).text
    story = secretary.get(address).text
    for words in (
        "Claimed</strong>, £1,234.50",
        "Question asked",
        "Question answered",
        "All in July",
        "With 1\u00a0file",
        "Approved",
    ):
        assert words in story
    assert "not paid yet" in story


def test_the_list_is_filtered_by_its_address_and_adds_up(londoner: Visitor, secretary: Visitor) -> None:
    first, second = made(londoner), made(londoner, amount_pence="500")
    secretary.send(f"{second}/decide", decision="rejected", why="Twice")
    page = secretary.get("/funding/claims").text
    assert "£1,734.50 in all" in page
    assert "£1,234<small>.50" in page
    waiting = secretary.get("/funding/claims?state=to+decide&line=london").text
    assert first in waiting
    assert second not in waiting
    assert "Remove the filter </span>To decide" in waiting
    assert "No claims match" in secretary.get("/funding/claims?line=eastern").text
    assert secretary.get("/funding/claims?state=lost").status_code == 404
    rows = secretary.get("/funding/claims.json?state=rejected").json()
    assert [row["amount_pence"] for row in rows] == [500_00]
    assert "rejected" in secretary.get("/funding/claims.csv").text


def test_before_there_are_claims_the_page_says_what_will_be_here(
    tracker: Tracker, londoner: Visitor, secretary: Visitor
) -> None:
    assert "Make the first claim" in londoner.get("/funding/claims").text
    board = tracker.signed_in(Role.BOARD)
    assert "No claims yet" in board.get("/funding/claims").text
    assert "/funding/claims/new" not in board.get("/funding/claims").text
    assert board.get(NEW).status_code == 403


def test_before_the_mou_is_agreed_nothing_can_be_claimed_and_the_page_says_so(
    tracker: Tracker, negotiated: Database
) -> None:
    visitor = tracker.signed_in(Role.COORDINATOR, region="london")
    assert "Nothing can be claimed yet" in visitor.get("/funding/claims").text
    assert "Claims can be made once it is agreed" in visitor.get(NEW).text
    answer = visitor.post(NEW, {**A_CLAIM, "csrf_token": visitor.form("/sign-out")["csrf_token"]})
    assert answer.status_code == 422
    assert "before the MoU is agreed" in answer.text


def test_another_region_and_an_officer_see_nothing_of_a_claim(
    tracker: Tracker, londoner: Visitor, funded: Database
) -> None:
    address = made(londoner, ("invoice.pdf", PDF))
    other = tracker.signed_in(Role.COORDINATOR, region="eastern")
    for path in ("", "/answer", f"/files/{SHA256}"):
        assert other.get(address + path).status_code == 404, path
    assert address not in other.get("/funding/claims").text
    assert other.get("/funding/claims.json").json() == []
    assert other.api("/funding/claims").json()["items"] == []
    assert other.api(address.removeprefix("/funding").replace("/claims", "/funding/claims")).status_code == 404
    assert tracker.signed_in(Role.OFFICER, council="brent").get(address).status_code == 403
    assert tracker.anonymous().get(address).headers["location"].startswith("/sign-in")
    board = tracker.signed_in(Role.BOARD)
    assert board.get(address).status_code == 200
    assert "/decide" not in board.get(address).text
    for path in ("/query", "/decide"):
        assert londoner.get(address + path).status_code == 403
        assert board.get(address + path).status_code == 403


def test_approving_ones_own_claim_is_refused_with_why(secretary: Visitor, funded: Database) -> None:
    address = made(secretary)
    page = secretary.get(address).text
    assert f"{address}/decide" not in page
    assert "so a colleague decides it" in page
    answer = secretary.send(f"{address}/decide", decision="approved")
    assert answer.status_code == 422
    assert "You made or changed claim" in answer.text
    assert all_claims(funded)[0].state == "to decide"


def test_sent_twice_it_is_one_claim(londoner: Visitor, funded: Database) -> None:
    body = {**londoner.form(NEW), **A_CLAIM}
    sent = [
        londoner.client.post(NEW, data=body, files=[("files", ("a.pdf", PDF))], follow_redirects=False)
        for _ in range(3)
    ]
    assert len({answer.headers["location"] for answer in sent}) == 1
    assert len(all_claims(funded)) == 1


def test_a_refused_claim_comes_back_with_what_was_typed_every_mistake_and_the_word_to_choose_files_again(
    londoner: Visitor, funded: Database
) -> None:
    typed = {**A_CLAIM, "amount_pence": "1 234,50", "to_on-day": "31", "to_on-month": "2", "paid_for": "Zoë’s <b>work"}
    answer = send(londoner, NEW, typed, ("a.pdf", PDF), ("virus.exe", b"MZ"), ("empty.pdf", b""))
    assert answer.status_code == 422
    for words in (
        "Enter an amount in pounds and pence",
        "Enter the last day the claim is for as a real date",
        "“virus.exe” cannot be kept as evidence",
        "“empty.pdf” is empty",
        "Choose the files again",
        'value="1 234,50"',
        "Zoë’s &lt;b&gt;work",
    ):
        assert words in answer.text, words
    too_much = send(londoner, NEW, {**A_CLAIM, "amount_pence": "9,000.01"}, ("a.pdf", PDF))
    assert "That leaves £9,000.00 to claim" in too_much.text
    assert "Choose the files again" in too_much.text
    assert documents(funded) == 0
    assert all_claims(funded) == []
    assert "Choose the files again" not in londoner.get(NEW).text


def test_an_amount_that_is_none_is_refused(londoner: Visitor, funded: Database) -> None:
    for amount in ("-5", "0", "1.234", "(500)", "99999999999999999999", "five", ""):
        assert send(londoner, NEW, {**A_CLAIM, "amount_pence": amount}).status_code == 422, amount
    assert all_claims(funded) == []


def test_a_claim_for_another_region_or_a_post_is_not_taken(londoner: Visitor, funded: Database) -> None:
    for line in ("eastern", "programme-lead"):
        assert send(londoner, NEW, {**A_CLAIM, "line": line}).status_code == 404
    assert all_claims(funded) == []


NAMES = (
    ("..\\..\\evil.pdf", "evil.pdf", "evil.pdf"),
    ('quote".pdf', "quote&#34;.pdf", "quote_.pdf"),
    ("été \u202efdp.pdf", "été fdp.pdf", "_t__fdp.pdf"),
    ("x" * 300 + ".pdf", "x" * 96 + ".pdf", "x" * 96 + ".pdf"),
)


def test_evidence_comes_back_as_an_attachment_under_a_safe_name(londoner: Visitor) -> None:
    for name, kept, plainly in NAMES:
        address = made(londoner, (name, PDF), amount_pence="1")
        assert f">{kept}</a>" in londoner.get(address).text
        file = londoner.get(f"{address}/files/{SHA256}")
        assert file.content == PDF
        told = file.headers["content-disposition"]
        assert told.startswith(f"attachment; filename=\"{plainly}\"; filename*=UTF-8''")
        assert "\n" not in told
        assert file.headers["content-type"].startswith("application/pdf")
        assert (file.headers["x-content-type-options"], file.headers["cache-control"]) == ("nosniff", "no-store")


def test_only_the_files_a_claim_names_are_given_with_it(
    londoner: Visitor, secretary: Visitor, tracker: Tracker
) -> None:
    with_file = made(londoner, ("a.pdf", PDF))
    without = made(londoner, amount_pence="1")
    assert londoner.get(f"{without}/files/{SHA256}").status_code == 404
    assert londoner.get(f"{with_file}/files/{'0' * 64}").status_code == 404
    assert "No evidence" in secretary.get(without).text
    assert "Claims without evidence take longer" in londoner.get(without).text
    ident = re.findall(r"/funding/corrections/[0-9a-f-]+", londoner.get(with_file).text)[0]
    check = londoner.send(ident, what="withdraw", reason="Twice")
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', check.text))
    assert londoner.post(ident, {**hidden, "checked": "yes"}).status_code == 303
    assert londoner.get(f"{with_file}/files/{SHA256}").status_code == 404


def test_more_than_we_take_is_refused_without_harm(londoner: Visitor, funded: Database) -> None:
    body = {**londoner.form(NEW), **A_CLAIM}
    big = londoner.client.post(NEW, data=body, files=[("files", ("a.pdf", PDF + bytes(10_000_001)))])
    assert big.status_code == 413
    assert "The files are too big: we take 10 MB in all. Choose a smaller file, or fewer." in big.text
    assert "<title>Error: " in big.text
    assert 'href="#files"' in big.text, "the summary leads to the field"
    assert f'value="{A_CLAIM["amount_pence"]}"' in big.text, "what was typed comes back"
    assert f">{A_CLAIM['paid_for']}</textarea>" in big.text
    assert "Choose the files again" in big.text
    forged = londoner.client.post(NEW, data=A_CLAIM, files=[("files", ("a.pdf", bytes(10_000_001)))])
    assert forged.status_code == 403
    huge = londoner.client.post(
        NEW, content=b"", headers={"content-length": "200000000", "content-type": "multipart/form-data; boundary=x"}
    )
    assert huge.status_code == 413
    one = send(londoner, NEW, A_CLAIM, ("a.pdf", PDF + bytes(9_000_001)))
    assert one.status_code == 422
    assert "“a.pdf” is larger than 9 MB" in one.text
    assert documents(funded) == 0
    made(londoner, ("a.pdf", PDF))


def test_looking_back_a_claim_is_as_it_was_and_nothing_is_offered(londoner: Visitor, secretary: Visitor) -> None:
    address = made(londoner, ("a.pdf", PDF))
    then = secretary.get("/funding/claims?as-at=2012-01-01")
    assert "No claims yet" in then.text
    assert NEW not in then.text
    assert secretary.get(f"{address}?as-at=2012-01-01").status_code == 404
    today = dates.london_day(dates.now())
    now = secretary.get(f"{address}?on={today}").text
    assert f"{address}/decide" not in now
    assert "/funding/corrections/" not in now
    assert f"/files/{SHA256}?on={today}" in now


def test_a_coordinator_takes_back_an_undecided_claim_and_not_one_that_was_asked_about(
    londoner: Visitor, secretary: Visitor
) -> None:
    address = made(londoner)
    assert "Correct this claim, or take it back" in londoner.get(address).text
    ident = re.findall(r"/funding/corrections/[0-9a-f-]+", londoner.get(address).text)[0]
    secretary.send(f"{address}/query", question="Why?")
    refused = londoner.send(ident, what="withdraw", reason="A mistake")
    assert refused.status_code == 422
    assert "Answer the question, or have it rejected" in refused.text
    londoner.send(f"{address}/answer", answer="It was a mistake: please reject it")
    mended = londoner.send(ident, what="put right", amount_pence="1,000", reason="The VAT was in it twice")
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', mended.text))
    assert londoner.post(ident, {**hidden, "checked": "yes"}).headers["location"] == address
    assert "A correction: The VAT was in it twice" in londoner.get(address).text


def test_the_same_days_claimed_twice_are_pointed_out(londoner: Visitor, secretary: Visitor) -> None:
    first, second = made(londoner), made(londoner, amount_pence="7")
    for page in (londoner.get(second).text, secretary.get(f"{second}/decide").text):
        assert "Another claim of this funding line is for some of the same days" in page
        assert first in page


def test_everything_can_be_done_through_the_api(londoner: Visitor, secretary: Visitor, funded: Database) -> None:
    sent = {**IN_JSON, "files": [{"name": "a.pdf", "content": base64.b64encode(PDF).decode()}]}
    created = londoner.api("/funding/claims", sent)
    assert created.status_code == 201, created.text
    ref = created.json()["ref"]
    one = f"/funding/claims/{ref}"
    assert secretary.api(f"{one}/queries", {"question": "Which days?"}).status_code == 201
    assert londoner.api(f"{one}/answers", {"answer": "All"}).json()["ref"] == ref
    assert londoner.api(f"{one}/decisions", {"decision": "approved"}).status_code == 403
    assert secretary.api(f"{one}/decisions", {"decision": "rejected"}).status_code == 422
    assert secretary.api(f"{one}/decisions", {"decision": "approved"}).status_code == 201
    paid = {"line": "london", "amount_pence": 100_00, "paid_on": str(all_claims(funded)[0].claimed_on), "claim": ref}
    assert secretary.api("/funding/payments", {**paid, "amount_pence": 99_00}).status_code == 422
    assert secretary.api("/funding/payments", paid).status_code == 201
    told = londoner.api(one).json()
    assert (told["state"], told["files"][0]["sha256"]) == ("paid", SHA256)
    assert [step["what"] for step in told["story"]] == ["made", "queried", "answered", "approved", "paid"]
    listed = londoner.api("/funding/claims?state=paid").json()
    assert [item["ref"] for item in listed["items"]] == [ref]
    assert londoner.api("/funding/claims?state=rejected").json()["items"] == []


WRONG: tuple[dict[str, Any], ...] = (
    {"files": [{"name": "a.pdf", "content": "not base64!"}]},
    {"files": [{"name": "a.exe", "content": "TVo="}]},
    {"files": [{"name": "a.pdf"}]},
    {"files": "a.pdf"},
    {"amount_pence": 1.5},
    {"ref": "CL-22222"},
    {"from_on": "2011-03-31"},
    {"to_on": "9999-12-31"},
    {"paid_for": "no\0thing"},
)


def test_what_cannot_be_read_is_refused_by_the_api(londoner: Visitor, funded: Database) -> None:
    for wrong in WRONG:
        assert londoner.api("/funding/claims", {**IN_JSON, **wrong}).status_code == 422, wrong
    assert all_claims(funded) == []
    assert documents(funded) == 0


def test_a_payment_that_leaves_too_little_for_approved_claims_is_cautioned(
    londoner: Visitor, secretary: Visitor
) -> None:
    address = made(londoner, amount_pence="8,000")
    assert secretary.send(f"{address}/decide", decision="approved").status_code == 303
    for pounds, cautioned in (("1,000", False), ("1,000.01", True)):
        today = dates.london_day(dates.now())
        on = {f"paid_on-{part}": str(getattr(today, part)) for part in ("day", "month", "year")}
        check = secretary.send("/funding/payments/new", line="london", amount_pence=pounds, **on)
        assert check.status_code == 200
        assert ("would be left to pay them from" in check.text) is cautioned


def with_files(visitor: Visitor, *files: tuple[str, tuple[str, bytes]], told: object = IN_JSON, **headers: str) -> Any:
    """A claim sent to the API as a form: what it says as JSON, and each file as it is."""
    visitor.api("/councils?limit=1")
    known = {"Authorization": f"Bearer {visitor.token}"} if visitor.token else {}
    parts = [("json", (None, json.dumps(told), "application/json")), *files]
    return visitor.client.post("/api/v1/funding/claims", files=parts, headers={**known, **headers})


def test_files_as_large_as_a_browser_may_send_go_through_the_api_as_they_are(
    londoner: Visitor, secretary: Visitor, tracker: Tracker, funded: Database
) -> None:
    large = ("files", ("large.pdf", PDF + bytes(8_900_000)))
    key = {"Idempotency-Key": "once"}
    first, again = (with_files(londoner, large, ("files", ("a.csv", b"a,b\n")), **key) for _ in range(2))
    assert first.status_code == 201, first.text
    assert first.json() == again.json()
    (claim,) = all_claims(funded)
    assert [file.name for file in claim.files] == ["large.pdf", "a.csv"]
    other = with_files(londoner, ("files", ("b.csv", b"a,b\n")), **key)
    assert other.status_code == 409
    for wrong, status in (
        (with_files(londoner, ("files", ("a.pdf", PDF + bytes(10_000_001)))), 413),
        (with_files(londoner, ("files", ("a.exe", b"MZ"))), 422),
        (with_files(londoner, ("files", ("../../a.pdf", b""))), 422),
        (with_files(londoner, ("more", ("a.pdf", PDF))), 400),
        (with_files(londoner, told=[]), 422),
        (with_files(tracker.signed_in(Role.OFFICER, council="brent"), large), 403),
        (with_files(tracker.signed_in(Role.COORDINATOR, region="eastern"), large), 404),
        (with_files(tracker.anonymous(), large), 401),
    ):
        assert (wrong.status_code, wrong.json()["status"]) == (status, status), wrong.text
    assert documents(funded) == 2
    assert len(all_claims(funded)) == 1
    described = secretary.get("/api/v1/openapi.json").json()["paths"]["/api/v1/funding/claims"]["post"]
    assert "10 MB in all" in described["requestBody"]["content"]["multipart/form-data"]["schema"]["description"]
    assert "-F files=@invoice.pdf" in secretary.get("/api").text


def test_once_a_claim_is_decided_what_was_decided_on_is_not_offered_to_be_corrected(
    londoner: Visitor, secretary: Visitor
) -> None:
    address = made(londoner)
    assert "The secretariat has it now." in londoner.get(address).text
    assert "/funding/corrections/" in londoner.get(address).text
    secretary.send(f"{address}/decide", decision="approved")
    page = londoner.get(address).text
    assert "/funding/corrections/" not in page
    assert "The secretariat has it now." not in page
    assert secretary.get(address).text.count("/funding/corrections/") == 1, "the decision can be taken back"


def test_a_claim_tells_of_its_run_and_of_what_came_back(
    londoner: Visitor, secretary: Visitor, funded: Database
) -> None:
    address = made(londoner)
    ref = address.rpartition("/")[2]
    secretary.send(f"{address}/decide", decision="approved")
    paid_on = dates.london_day(dates.now())
    wanted = PaymentRun(claims=[ref], paid_on=paid_on)
    with funded.writing() as session:
        commands.do(session, Kind.RUN, wanted, by=SECRETARIAT, at=dates.now())
    with funded.reading() as session:
        paid = session.scalars(select(PaymentMade.id).where(PaymentMade.claim == ref)).one()
    back = Refund(line="london", amount_pence=34_50, received_on=paid_on, payment=paid, why="Two came")
    doing(funded, at=dates.now())(commands.refund, back)
    assert "/funding/runs/" in secretary.get(address).text
    page = londoner.get(address).text
    assert "/funding/runs/" not in page
    assert "In payment run" in page
    assert "£34.50</strong> of what was paid came back on " in page
    assert ". Two came" in page
