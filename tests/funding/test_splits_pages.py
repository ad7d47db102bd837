"""Splits in the browser and through the API: worked out, compared, adopted, and by whom."""

import re
from collections import Counter

import pytest
from sqlalchemy import event

from improvement.access.rules import Role
from improvement.database import Database, Memory
from improvement.funding import commands, queries
from improvement.funding.book import UNALLOCATED, Kind
from improvement.funding.entering.moves import Commitment
from improvement.funding.queries import splits as asked
from improvement.funding.rules.splits import Way
from tests.funding.conftest import doing
from tests.funding.test_pages import fields_of
from tests.funding.test_splits import NOW, adopt, lines, moved, save
from tests.visiting import Tracker, Typed, Visitor

THE_DAY = {"effective_on-day": "1", "effective_on-month": "9", "effective_on-year": "2011"}
HALVES: Typed = {"title": "Halves", "kept_pence": "£10,000", "post-programme-lead": "60,000.00", **THE_DAY}


@pytest.fixture
def secretary(tracker: Tracker, agreed: Database) -> Visitor:
    return tracker.signed_in(Role.SECRETARIAT)


def made(visitor: Visitor, address: str = "/funding/splits/new", **more: str) -> str:
    """Save what is typed, and the reference it was given."""
    answer = visitor.send(address, **{**HALVES, **more})
    assert answer.status_code == 303, answer.text
    return answer.headers["location"].removeprefix("/funding/splits/")


def typed_in(page: str, name: str) -> str:
    found = re.search(rf'name="{name}"[^>]* value="([^"]*)"', page)
    return found[1] if found else ""


def test_before_there_is_a_split_the_page_says_what_will_be_here(secretary: Visitor) -> None:
    page = secretary.get("/funding/splits").text
    assert "No splits yet" in page
    assert "/funding/splits/new" in page
    assert "There are not two splits to compare" in secretary.get("/funding/splits/compare").text


def test_before_there_is_an_mou_there_is_nothing_to_split(tracker: Tracker, seeded: Database) -> None:
    visitor = tracker.signed_in(Role.SECRETARIAT)
    for address in ("/funding/splits", "/funding/splits/compare"):
        assert "No Memorandum of Understanding is known" in visitor.get(address).text
    assert visitor.get("/funding/splits/new").status_code == 404
    assert visitor.api("/funding/splits").json()["total"] == 0


def test_a_split_is_worked_out_and_its_division_adds_up_on_the_page(secretary: Visitor) -> None:
    assert 'value="550,000.00"' in secretary.get("/funding/splits/new").text
    ref = made(secretary)
    page = secretary.get(f"/funding/splits/{ref}").text
    assert "£53,333.34" in page
    assert "£53,333.333333" in page
    assert re.search(r'The whole</th><td class="n">£550,000.00</td><td class="n">100.00%', page)
    assert "It has not been adopted" in page
    listed = secretary.get("/funding/splits").text
    assert f"/funding/splits/{ref}" in listed
    assert "£480,000.00" in listed


def test_another_version_begins_with_what_stands(secretary: Visitor, agreed: Database) -> None:
    shares = {"hand-london": "400,000", "hand-eastern": "80000"}
    ref = made(secretary, way="by hand", **shares)
    page = secretary.get(f"/funding/splits/{ref}/edit").text
    assert typed_in(page, "hand-london") == "400,000.00"
    assert typed_in(page, "post-programme-lead") == "60,000.00"
    assert typed_in(page, "title") == "Halves"
    assert made(secretary, f"/funding/splits/{ref}/edit", title="Thirds", way="by percentage", **{
        "percent-london": "33.33", "percent-eastern": "66.67%",
    }) == ref  # fmt: skip
    page = secretary.get(f"/funding/splits/{ref}").text
    assert "Thirds" in page
    assert page.count("Take back<span") == 2
    with agreed.reading() as session:
        division = asked.split(session, NOW, ref).division
    assert division is not None
    assert division.amounts()["eastern"] == 320_016_00


def test_every_mistake_comes_back_at_once_with_what_was_typed(secretary: Visitor, agreed: Database) -> None:
    wrong = {"title": "", "total_pence": "1.234", "kept_pence": "(500)", "post-programme-lead": "x", "way": "by hand"}
    answer = secretary.send("/funding/splits/new", **wrong, **{"hand-london": "1 234,50"})
    assert answer.status_code == 422
    for name in ("title", "total_pence", "kept_pence", "post-programme-lead", "hand-london"):
        assert f'href="#{name}"' in answer.text, name
    assert answer.text.count('value="1.234"') == 1
    assert 'value="1 234,50"' in answer.text
    assert "London: Enter an amount in pounds and pence" in answer.text
    assert "Enter an amount of £0.00 or more." in answer.text
    with agreed.reading() as session:
        assert asked.splits(session, NOW) == []


def test_what_does_not_add_up_is_refused_with_the_figures(secretary: Visitor) -> None:
    by_hand = secretary.send("/funding/splits/new", **{**HALVES, "way": "by hand", "hand-london": "479,999.99"})
    assert by_hand.status_code == 422
    assert "which is £0.01 less than the £480,000.00 left for regions" in by_hand.text
    percent = secretary.send("/funding/splits/new", **{**HALVES, "way": "by percentage", "percent-london": "99.9"})
    assert "The percentages come to 99.90%, which is 0.10 less than 100.00%" in percent.text
    assert 'value="99.9"' in percent.text
    too_much = secretary.send("/funding/splits/new", **{**HALVES, "percent-london": "101", "way": "by percentage"})
    assert "Enter a percentage of 100 or less." in too_much.text
    nothing = secretary.send("/funding/splits/new", **{**HALVES, "base_pence": "60,000"})
    assert "more than the £550,000.00 to split" in nothing.text


def test_two_or_three_splits_are_seen_side_by_side(secretary: Visitor) -> None:
    first, second, third = made(secretary), made(secretary, way="per council"), made(secretary, kept_pence="0")
    page = secretary.get(f"/funding/splits/compare?first={first}&second={second}&third={third}").text
    assert page.count("Difference<") == 4
    assert "−£10,000.00" in page
    assert "For 1,000 adults aged 18 and over" in page
    one = secretary.get(f"/funding/splits/compare?first={first}&second={first}").text
    assert "Select two or three different splits" in one
    assert secretary.get("/funding/splits/compare?first=S-22222").status_code == 404
    assert 'action="/funding/splits/compare"' in secretary.get("/funding/splits").text


def test_adopting_is_checked_first_and_the_second_click_records_nothing_more(
    secretary: Visitor, agreed: Database
) -> None:
    ref = made(secretary)
    address = f"/funding/splits/{ref}/adopt"
    assert "an allocation is recorded for each line" in secretary.get(address).text
    check = secretary.send(address, decision_reference="PB 3/11", why="The Board agreed")
    assert "The adoption and 10\u00a0allocations" in check.text
    assert "+£53,333.34" in check.text
    assert lines(agreed)[UNALLOCATED] == 550_000_00
    again = secretary.post(address, {**fields_of(check.text), "change": "yes"})
    assert 'value="PB 3/11"' in again.text
    sent = {**fields_of(check.text), "checked": "yes"}
    answers = [secretary.post(address, {**sent}) for _ in range(3)]
    assert {answer.headers["location"] for answer in answers} == {f"/funding/splits/{ref}"}
    assert len(moved(agreed, Kind.ALLOCATION)) == 10
    assert "It was adopted on" in secretary.get(f"/funding/splits/{ref}").text
    late = secretary.send(address)
    assert late.status_code == 409
    assert "There is nothing to do" in late.text


def test_a_later_adoption_is_shown_as_one_virement_that_may_need_a_decision(
    secretary: Visitor, agreed: Database
) -> None:
    adopt(agreed, save(agreed))
    ref = made(secretary, way="by adults", kept_pence="")
    address = f"/funding/splits/{ref}/adopt"
    refused = secretary.send(address)
    assert refused.status_code == 422
    assert 'href="#decision_reference"' in refused.text
    check = secretary.send(address, decision_reference="PB 4/11")
    assert "The adoption and one virement, with 10\u00a0legs" in check.text
    done = secretary.post(address, {**fields_of(check.text), "checked": "yes"})
    assert f"{ref} is adopted." in secretary.follow(done).text
    assert len(moved(agreed, Kind.VIREMENT)) == 1


def test_an_adoption_that_breaks_a_rule_says_which_with_the_figures(secretary: Visitor, agreed: Database) -> None:
    adopt(agreed, save(agreed))
    wanted = Commitment(line="london", amount_pence=53_000_00, recipient="x", purpose="y")
    doing(agreed)(commands.commit, wanted)
    ref = made(secretary, kept_pence="400,000")
    answer = secretary.send(f"/funding/splits/{ref}/adopt", decision_reference="PB 5/11")
    assert answer.status_code == 422
    assert "Commitments on a line may not pass its allocation" in answer.text


def test_a_split_set_aside_says_so_and_can_be_brought_back(secretary: Visitor) -> None:
    ref = made(secretary)
    for answer, says in (("Nobody wants it", "was set aside"), ("They do after all", "It has not been adopted")):
        page = secretary.get(f"/funding/splits/{ref}").text
        address = re.findall(r"/funding/corrections/[0-9a-f-]+", page)[0]
        check = secretary.send(address, what="withdraw", reason=answer)
        secretary.post(address, {**fields_of(check.text), "checked": "yes"})
        assert says in secretary.get(f"/funding/splits/{ref}").text


def test_the_reason_and_the_decision_of_an_adoption_can_be_put_right(secretary: Visitor, agreed: Database) -> None:
    ref = save(agreed)
    address = f"/funding/corrections/{adopt(agreed, ref)}"
    check = secretary.send(address, decision_reference="PB 3/11", reason="It was left out")
    assert "No sum changes." in check.text
    done = secretary.post(address, {**fields_of(check.text), "checked": "yes"})
    assert done.headers["location"] == f"/funding/splits/{ref}"
    page = secretary.get(f"/funding/splits/{ref}").text
    address = re.findall(r"/funding/corrections/[0-9a-f-]+", page)[0]
    assert "Take back its allocations" in secretary.send(address, what="withdraw", reason="No").text


def test_the_agreement_can_carry_a_split(tracker: Tracker, negotiated: Database) -> None:
    adopt(negotiated, save(negotiated))
    less = save(negotiated, total_pence=500_000_00)
    visitor = tracker.signed_in(Role.SECRETARIAT)
    page = visitor.get(f"/funding/splits/{less}").text
    assert "allocations are indicative" in page
    assert f'<option value="{less}"' in visitor.get("/funding/mou/agree").text
    check = visitor.send("/funding/mou/agree", amount_pence="500,000", split=less, **THE_DAY)
    assert less in check.text
    visitor.post("/funding/mou/agree", {**fields_of(check.text), "checked": "yes"})
    with negotiated.reading() as session:
        assert asked.split(session, NOW, less).adopted_on is not None
        assert queries.mou(session, NOW).unallocated_pence == 10_000_00


def test_pages_and_files_answer_as_at_and_keep_the_date(secretary: Visitor, agreed: Database) -> None:
    first, second = save(agreed), save(agreed, way=Way.PER_COUNCIL)
    addresses = [
        "/funding/splits", "/funding/splits.csv", "/funding/splits.json", f"/funding/splits/{first}",
        f"/funding/splits/{first}/division.csv", f"/funding/splits/{first}/division.json",
        f"/funding/splits/compare?first={first}&second={second}",
    ]  # fmt: skip
    for address in addresses:
        for when in ("", "as-at=2026-01-01", "on=2011-09-02&known-at=2025-01-01"):
            page = secretary.get(f"{address}{'&' if '?' in address else '?'}{when}")
            assert page.status_code == 200, (address, when)
            if when and "text/html" in page.headers["content-type"]:
                assert "/edit" not in page.text
                assert "/funding/corrections/" not in page.text
                assert f"/funding/splits/{first}?" in page.text or first in address
    assert "No splits yet" in secretary.get("/funding/splits?as-at=2011-08-31").text
    assert secretary.get(f"/funding/splits/{first}?as-at=2011-08-31").status_code == 404
    written = secretary.get(f"/funding/splits/{first}/division.csv").text
    assert "eastern,region,Eastern,5333334" in written
    assert "unallocated,unallocated,Kept unallocated,1000000" in written


def test_the_number_of_statements_of_a_page_is_the_same_for_two_splits_and_for_twenty(
    secretary: Visitor, agreed: Database
) -> None:
    first, second = save(agreed), save(agreed, way=Way.PER_COUNCIL)
    compare = f"/funding/splits/compare?first={first}&second={second}"
    addresses = ["/funding/splits", f"/funding/splits/{first}", compare, "/funding/splits.csv"]

    def counted() -> list[Counter[str]]:
        """What each page asks of a database that has told nobody anything yet."""
        asks = []
        for address in addresses:
            agreed.memory = Memory()
            sent: list[str] = []
            note = lambda *told, sent=sent: sent.append(told[2])  # noqa: E731
            event.listen(agreed.engine, "before_cursor_execute", note)
            assert secretary.get(address).status_code == 200
            event.remove(agreed.engine, "before_cursor_execute", note)
            asks.append(Counter(sent))
        return asks

    few = counted()
    for at in range(9):
        save(agreed, ref=first, kept_pence=at)
        save(agreed, kept_pence=at)
    adopt(agreed, second)
    many = counted()
    assert [each.total() for each in many] == [each.total() for each in few]
    assert max(max(each.values()) for each in many) <= 2


def test_a_coordinator_sees_no_split_and_the_board_only_reads(tracker: Tracker, agreed: Database) -> None:
    ref = save(agreed)
    coordinator, board = tracker.signed_in(Role.COORDINATOR, region="london"), tracker.signed_in(Role.BOARD)
    reads = [f"/funding/splits{rest}" for rest in ("", ".csv", ".json", "/compare", f"/{ref}", f"/{ref}/division.csv")]
    for address in reads:
        assert coordinator.get(address).status_code == 404, address
        assert board.get(address).status_code == 200, address
    assert coordinator.api("/funding/splits").status_code == 404
    assert coordinator.api(f"/funding/splits/{ref}").status_code == 404
    for address in ("/funding/splits/new", f"/funding/splits/{ref}/edit", f"/funding/splits/{ref}/adopt"):
        assert board.get(address).status_code == 403, address
        assert coordinator.get(address).status_code == 403, address
    assert "Adopt this split" not in board.get(f"/funding/splits/{ref}").text


def test_the_api_saves_lists_and_adopts(secretary: Visitor, agreed: Database) -> None:
    body = {"title": "By API", "way": "per council", "posts": [{"line": "programme-lead", "amount_pence": 100}]}
    saved = secretary.api("/funding/splits", body)
    assert saved.status_code == 201, saved.text
    ref = saved.json()["ref"]
    found = secretary.api(f"/funding/splits/{ref}").json()
    assert found["total_pence"] == 550_000_00
    assert sum(each["amount_pence"] for each in found["division"]["lines"]) == 550_000_00
    assert secretary.api("/funding/splits", {**body, "ref": ref, "title": "Again"}).json()["ref"] == ref
    assert [each["title"] for each in secretary.api("/funding/splits").json()["items"]] == ["Again"]
    adopted = secretary.api("/funding/splits/adoptions", {"ref": ref})
    assert (adopted.status_code, adopted.json()["ref"]) == (201, ref)
    assert secretary.api("/funding/splits/adoptions", {"ref": ref}).status_code == 409
    assert lines(agreed)["programme-lead"] == 100


BAD: list[dict[str, object]] = [
    {"title": "x", "way": "anyhow"},
    {"title": "x", "way": "equally", "total_pence": 0},
    {"title": "x", "way": "equally", "total_pence": -5},
    {"title": "x", "way": "equally", "kept_pence": -1},
    {"title": "x", "way": "equally", "base_pence": 10**18},
    {"title": "x", "way": "by percentage", "shares": [{"line": "london", "hundredths": 10_001}]},
    {"title": "x", "way": "by hand", "shares": [{"line": "wessex", "amount_pence": 1}]},
    {"title": "x", "way": "equally", "posts": [{"line": "programme-lead", "amount_pence": 1, "more": 2}]},
    {"title": "x" * 101, "way": "equally"},
    {"way": "equally"},
]


@pytest.mark.parametrize("body", BAD, ids=str)
def test_what_the_api_cannot_take_is_refused_whole(secretary: Visitor, agreed: Database, body: object) -> None:
    assert secretary.api("/funding/splits", body).status_code == 422
    with agreed.reading() as session:
        assert asked.splits(session, NOW) == []


def test_the_agreement_does_not_list_a_split_where_there_was_none_to_select(
    tracker: Tracker, negotiated: Database
) -> None:
    check = tracker.signed_in(Role.SECRETARIAT).send("/funding/mou/agree", amount_pence="500,000", **THE_DAY)
    assert "Amount agreed" in check.text
    assert "Adopt a split" not in check.text


def test_a_split_that_is_in_use_is_not_offered_to_be_adopted_again(tracker: Tracker, negotiated: Database) -> None:
    first, second = save(negotiated), save(negotiated, way=Way.PER_COUNCIL)
    visitor = tracker.signed_in(Role.SECRETARIAT)
    assert "Adopt this split" in visitor.get(f"/funding/splits/{first}").text
    adopt(negotiated, first)
    assert "Adopt this split" not in visitor.get(f"/funding/splits/{first}").text
    adopt(negotiated, second)
    assert "Adopt this split" in visitor.get(f"/funding/splits/{first}").text
