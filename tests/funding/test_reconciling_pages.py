"""The pages and the API of bank statements: sent, checked line by line, kept once; and every file that is none."""

import re
from base64 import b64encode
from io import BytesIO
from uuid import uuid4
from zipfile import ZipFile

import pytest

from improvement.access.rules import Role
from improvement.database import EVER, Database
from improvement.funding.queries import paying, reconciling
from tests.funding.paid import MOU, approved, fund, run
from tests.visiting import Forms, Tracker, Typed, Visitor

NEW = "/funding/statements/new"


@pytest.fixture
def refs(tracker: Tracker, agreed: Database) -> list[str]:
    """Two claims of London that are paid."""
    fund(agreed)
    claims = approved(agreed, 1_000_00, 2_000_00, 1_000_00)
    run(agreed, *claims)
    return claims


@pytest.fixture
def secretary(tracker: Tracker, refs: list[str]) -> Visitor:
    return tracker.signed_in(Role.SECRETARIAT)


def csv(*rows: str) -> bytes:
    return "\r\n".join(["Date,Narrative,Paid out,Paid in,Balance", *rows, ""]).encode()


def upload(visitor: Visitor, body: bytes, name: str = "september.csv"):  # type: ignore[no-untyped-def]
    return visitor.send(NEW, files={"file": (name, body)})


def kept(database: Database) -> list[reconciling.Statement]:
    with database.reading() as session:
        return reconciling.statements(session, EVER, MOU)


def payments(database: Database) -> dict[str, str]:
    with database.reading() as session:
        return {one.claim: str(one.id) for each in paying.runs(session, EVER, MOU) for one in each.payments}


def sent_back(page: str) -> Typed:
    """What the check page would send."""
    return {**Forms(page).found[0][1], "checked": "yes"}


def confirm(visitor: Visitor, typed: Typed):  # type: ignore[no-untyped-def]
    """Press the button of the check page, as a browser sends it."""
    parts = {"nothing": ("", b"")}
    return visitor.post(NEW, typed, files=parts)


def test_before_anything_is_read_the_pages_say_what_will_be_here(tracker: Tracker, seeded: Database) -> None:
    visitor = tracker.signed_in(Role.SECRETARIAT)
    assert "No Memorandum of Understanding is known" in visitor.get("/funding/statements").text
    for address in (NEW, "/funding/statements/BS-NONE2"):
        assert visitor.get(address).status_code == 404
    assert visitor.api("/funding/statements").json()["items"] == []


def test_a_statement_is_checked_and_kept_once_however_often_it_is_sent(
    secretary: Visitor, agreed: Database, refs: list[str]
) -> None:
    assert "No bank statement has been read yet" in secretary.get("/funding/statements").text
    body = csv(f"2/9/2011,FP {refs[0].lower()} café,1000.00,,9", "5/9/2011,TRANSFER,2000.00,,9", "6/9/2011,FEE,5,,9")
    check = upload(secretary, body)
    assert check.status_code == 200, check.text
    assert "3 new lines" in check.text.replace("\u00a0", " ")
    assert "1 certain, 1 likely, 1 not matched" in check.text
    assert kept(agreed) == []
    typed, theirs = sent_back(check.text), payments(agreed)
    assert (typed["match-2"], typed["match-3"]) == (theirs[refs[0]], theirs[refs[1]])
    assert "match-4" not in typed
    answers = {confirm(secretary, typed).headers["location"] for _ in range(3)}
    (statement,) = kept(agreed)
    assert answers == {f"/funding/statements/{statement.ref}"}
    page = secretary.get(answers.pop()).text
    assert "The amount and the reference agree" in page
    assert "The amount agrees, and the day is near" in page
    assert "Not matched" in page
    run_page = secretary.get(f"/funding/runs/{_run(agreed)}").text
    assert f"/funding/statements/{statement.ref}" in run_page
    assert statement.ref in secretary.get("/funding/statements").text
    again = upload(secretary, body)
    assert again.status_code == 409
    assert "This file was read on" in again.text
    assert f"as {statement.ref}." in again.text
    assert 'type="file"' in again.text


def _run(database: Database) -> str:
    with database.reading() as session:
        return paying.runs(session, EVER, MOU)[0].ref


def test_somebody_may_choose_another_entry_or_none(secretary: Visitor, agreed: Database, refs: list[str]) -> None:
    check = upload(secretary, csv("2/9/2011,TRANSFER,1000.00,,9", f"2/9/2011,{refs[1]},2000.00,,9"))
    typed, theirs = sent_back(check.text), payments(agreed)
    assert typed["match-2"] == "", "of two payments of the same amount neither is guessed"
    assert theirs[refs[2]] in check.text
    done = confirm(secretary, {**typed, "match-2": theirs[refs[2]], "match-3": ""})
    assert done.status_code == 303
    assert [line.how for line in kept(agreed)[0].lines] == ["chosen", ""]


def test_a_choice_that_cannot_be_is_refused_and_the_lines_come_back(
    secretary: Visitor, agreed: Database, refs: list[str]
) -> None:
    body = csv("2/9/2011,TRANSFER,1000.00,,9", f"2/9/2011,{refs[0]},1000.00,,9", "9/9/2011,x,2000,,9")
    typed, theirs = sent_back(upload(secretary, body).text), payments(agreed)
    for row, choice, told in (
        ("match-2", theirs[refs[1]], "Row 2: select something recorded of −£1,000.00"),
        ("match-2", theirs[refs[0]], "Rows 2 and 3 are matched to the same entry"),
        ("match-4", str(uuid4()), "Row 4: select something recorded of −£2,000.00"),
    ):
        refused = confirm(secretary, {**typed, row: choice, "idempotency_key": str(uuid4())})
        assert refused.status_code == 422
        assert told in refused.text
        assert "<title>Error: Check the bank statement" in refused.text
        assert "match-3" in sent_back(refused.text)
    assert confirm(secretary, {**typed, "match-2": "x", "idempotency_key": str(uuid4())}).status_code == 404
    assert confirm(secretary, {**typed, "sent": "%", "idempotency_key": str(uuid4())}).status_code == 422
    assert kept(agreed) == []


def test_what_the_check_page_sends_back_is_read_and_matched_afresh(
    secretary: Visitor, agreed: Database, refs: list[str]
) -> None:
    """A browser that changes the lines has changed the file: it is read as it is, and a match that is none refused."""
    typed = sent_back(upload(secretary, csv(f"2/9/2011,{refs[0]},1000.00,,9")).text)
    other = b64encode(csv(f"2/9/2011,{refs[0]},1000.01,,9")).decode()
    assert confirm(secretary, {**typed, "sent": other}).status_code == 422
    assert kept(agreed) == []


def test_what_a_colleague_read_meanwhile_is_told(secretary: Visitor, tracker: Tracker, refs: list[str]) -> None:
    body = csv(f"2/9/2011,{refs[0]},1000.00,,9")
    mine = sent_back(upload(secretary, body).text)
    colleague = tracker.signed_in(Role.SECRETARIAT)
    assert confirm(colleague, sent_back(upload(colleague, body).text)).status_code == 303
    late = confirm(secretary, mine)
    assert late.status_code == 409
    assert "This file was read on" in late.text


def a_workbook() -> bytes:
    made = BytesIO()
    with ZipFile(made, "w") as parts:
        parts.writestr("xl/workbook.xml", "x" * 50)
    return made.getvalue()


WRONG = [
    (b"", "The file is empty"),
    (b"\n\n", "The file is empty"),
    (a_workbook(), "The file is not"),
    (bytes(range(256)), "The file is not in UTF-8"),
    ("date,description,amount\n1/9/2011,£,-5".encode("cp1252"), "save it as “CSV UTF-8”"),
    (b"date,description,amount\n", "no rows below its headings"),
    (b"date,description\n1/9/2011,x\n", "no column for an amount"),
    (b"date,description,amount\n1/9/2011,x,-5,more\n", "Row 2 has more cells"),
    (b"date,description,amount\n1/9/2011,x,1.234\n32/9/2011,y,z\n", "Row 3, date: “32/9/2011” is not a day"),
    (b"date,description,amount\n" + b"1/9/2011,x,-5\n" * 5_001, "5,001 rows"),
    (b"x" * 1_000_001, "larger than 1 MB"),
    (b"date,description,amount\n1/9/2011,a\0b,-5\n", "The file is not text"),
]
"""Files that are no bank statement, and what is said of each."""


def test_a_file_that_is_no_statement_is_refused_in_words(secretary: Visitor, agreed: Database) -> None:
    for body, told in WRONG:
        answer = upload(secretary, body, "../../a name.csv")
        assert answer.status_code == 422, body[:40]
        assert told in answer.text
        assert 'type="file"' in answer.text
    assert kept(agreed) == []


def test_without_a_file_or_with_one_that_is_far_too_big_nothing_is_read(secretary: Visitor) -> None:
    assert "Choose the bank statement, a CSV file." in secretary.post(NEW, secretary.form(NEW)).text
    assert upload(secretary, b"x" * 10_500_000).status_code == 413


def test_a_statement_of_five_thousand_lines_is_checked_and_kept(secretary: Visitor, agreed: Database) -> None:
    rows = [
        f"{1 + row % 28}/8/2011,CARD PAYMENT TO SOMEBODY {row} AND MORE OF ITS WORDS,1000,,9" for row in range(5_000)
    ]
    check = upload(secretary, csv(*rows))
    assert check.status_code == 200
    typed = sent_back(check.text)
    assert sum(name.startswith("match-") for name in typed) == 300
    done = confirm(secretary, typed)
    assert done.status_code == 303, done.text[:2000]
    first = secretary.follow(done).text
    onward = re.search(r'href="(\?after=201)#lines" rel="next"', first)
    assert onward
    assert len(kept(agreed)[0].lines) == 5_000
    assert "row 202" in secretary.get(f"{done.headers['location']}{onward[1]}").text
    assert secretary.get(f"{done.headers['location']}?after=x").status_code == 404


def test_a_line_that_says_something_dangerous_is_only_text(secretary: Visitor, agreed: Database) -> None:
    check = upload(secretary, csv('2/9/2011,"<script>alert(1)</script>",5,,9'), '"><b>x.csv')
    assert "<script>alert" not in check.text
    assert "<b>x.csv" not in check.text
    page = secretary.follow(confirm(secretary, sent_back(check.text))).text
    assert "&lt;script&gt;alert(1)" in page


def test_a_statement_is_taken_back_from_its_page_and_can_be_read_anew(
    secretary: Visitor, agreed: Database, refs: list[str]
) -> None:
    body = csv(f"2/9/2011,{refs[0]},1000.00,,9")
    confirm(secretary, sent_back(upload(secretary, body).text))
    (statement,) = kept(agreed)
    address = f"/funding/corrections/{statement.id}"
    assert address in secretary.get(f"/funding/statements/{statement.ref}").text
    check = secretary.send(address, what="withdraw", reason="Of another account")
    assert secretary.post(address, {**Forms(check.text).found[0][1], "checked": "yes"}).status_code == 303
    assert secretary.get(f"/funding/statements/{statement.ref}").status_code == 404
    assert confirm(secretary, sent_back(upload(secretary, body).text)).status_code == 303


def test_payments_the_bank_has_not_shown_are_listed(secretary: Visitor, refs: list[str]) -> None:
    page = secretary.get("/funding/statements").text.replace("\u00a0", " ")
    assert "3 payments of £4,000.00 in all, made more than a week ago." in page
    assert all(ref in page for ref in refs)
    soon = secretary.get("/funding/statements?as-at=2011-09-02").text
    assert "Every payment made more than a week ago" in soon


def test_only_those_who_see_all_the_money_see_statements_and_only_the_secretariat_reads_them(
    tracker: Tracker, secretary: Visitor, agreed: Database, refs: list[str]
) -> None:
    body = csv(f"2/9/2011,{refs[0]},1000.00,,9")
    confirm(secretary, sent_back(upload(secretary, body).text))
    addresses = ["/funding/statements", f"/funding/statements/{kept(agreed)[0].ref}"]
    for role, region, read in ((Role.BOARD, None, 200), (Role.COORDINATOR, "london", 404)):
        visitor = tracker.signed_in(role, region=region)
        assert {visitor.get(address).status_code for address in addresses} == {read}
        assert visitor.api("/funding/statements").status_code == read
        assert visitor.get(NEW).status_code == 403
        assert visitor.api("/funding/statements", {"name": "x", "text": "y"}).status_code == 403
    assert "Take this statement back" not in tracker.signed_in(Role.BOARD).get(addresses[1]).text
    assert tracker.anonymous().get(addresses[0]).status_code == 303


def test_the_api_reads_a_statement_and_tells_what_it_shows(
    secretary: Visitor, agreed: Database, refs: list[str]
) -> None:
    text = csv(f"2/9/2011,{refs[0]},1000.00,,9", "3/9/2011,FEE,5,,9").decode()
    made = secretary.api("/funding/statements", {"name": "september.csv", "text": text})
    assert made.status_code == 201, made.text
    (told,) = secretary.api("/funding/statements").json()["items"]
    assert (told["ref"], told["out_pence"], told["matched"]) == (made.json()["ref"], 1_005_00, 1)
    assert told["lines"][0]["fact"] == payments(agreed)[refs[0]]
    assert secretary.api("/funding/runs").json()["items"][0]["reconciled"] == 1
    again = secretary.api("/funding/statements", {"name": "september.csv", "text": text})
    assert again.status_code == 409
    wrong = secretary.api("/funding/statements", {"name": "x", "text": text.replace("1000.00", "1.234")})
    assert wrong.status_code == 422
    assert "Row 2, paid out" in wrong.text
