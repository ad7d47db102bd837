"""A claim from the region to the bank: made with its evidence, asked about, answered, approved, paid and reconciled."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.browsing import axe, barriers, look, sign_in
from tests.journeys.conftest import Visit
from tests.journeys.served import Served
from tests.journeys.test_accounts import type_a_day

CLAIM = "Two workshops on easy-read accounts"


def somebody(visit: Visit, server: Served, email: str, **more: bool | int) -> Page:
    page = visit(server, **more)
    sign_in(page, server, f"{email}@demo.example")
    return page


def claim(page: Page, evidence: Path) -> str:
    """Make a claim for London and come back with its reference."""
    page.goto("/funding/claims/new")
    page.get_by_label("Amount").fill("£1,000.00")
    type_a_day(page, "from_on", "1", "2", "2012")
    type_a_day(page, "to_on", "31", "3", "2012")
    page.get_by_label("What did it pay for?").fill(CLAIM)
    page.locator("input[type=file]").set_input_files(evidence)
    page.get_by_role("button", name="Send the claim").click()
    expect(page.locator(".govuk-notification-banner")).to_be_visible()
    return page.url.rsplit("/", 1)[1]


@pytest.fixture
def invoice(tmp_path: Path) -> Path:
    """A file to send as evidence."""
    file = tmp_path / "invoice.csv"
    file.write_text("what,amount\nHall,1000.00\n")
    return file


def test_a_claim_goes_from_the_region_to_the_bank_and_nobody_does_both_sides(
    own_demonstration: Served, visit: Visit, invoice: Path, downloads: Path
) -> None:
    coordinator = somebody(visit, own_demonstration, "coordinator.london", width=360)
    ref = claim(coordinator, invoice)
    secretary = somebody(visit, own_demonstration, "secretariat")
    secretary.goto("/")
    secretary.get_by_role("link", name=f"Decide on claim {ref} of London").click()
    assert axe(secretary) == []
    secretary.goto(f"/funding/claims/{ref}/query")
    assert barriers(secretary) == []
    secretary.locator("textarea").first.fill("Which councils came?")
    secretary.locator("main form button[type=submit]").first.click()

    coordinator.goto("/")
    coordinator.get_by_role("link", name=f"Answer the question about claim {ref}").click()
    coordinator.goto(f"/funding/claims/{ref}/answer")
    coordinator.locator("textarea").first.fill("Brent, Ealing and Harrow.")
    coordinator.locator("main form button[type=submit]").first.click()
    expect(coordinator.locator("main")).to_contain_text("Brent, Ealing and Harrow.")
    coordinator.goto(f"/funding/claims/{ref}/decide")
    expect(coordinator.locator("h1")).to_contain_text("You may not")

    secretary.goto(f"/funding/claims/{ref}/decide")
    secretary.get_by_label("Approve it").check()
    secretary.get_by_role("button", name="Record the decision").click()
    expect(secretary.locator("main")).to_contain_text("pproved")
    look(secretary, "journey-claim")

    deputy = somebody(visit, own_demonstration, "deputy")
    deputy.goto("/funding/runs/new")
    today = deputy.evaluate("new Date().toLocaleDateString('en-GB')")
    type_a_day(deputy, "paid_on", *today.split("/"))
    deputy.get_by_role("button", name="Continue").click()
    expect(deputy.locator("main")).to_contain_text(ref)
    deputy.locator("main form button[type=submit]").first.click()
    expect(deputy.locator(".govuk-notification-banner")).to_be_visible()
    with deputy.expect_download() as download:
        deputy.locator("a[href$='file.csv']").first.click()
    rows = Path(download.value.path()).read_text()
    assert ref in rows
    assert "1000.00" in rows.replace(",1,000.00", ",1000.00")

    statement = downloads / "april.csv"
    statement.write_text(f"Date,Description,Amount\n{today},BACS {ref},-1000.00\n{today},CHARGE,-5.00\n")
    deputy.goto("/funding/statements/new")
    deputy.locator("input[type=file]").set_input_files(statement)
    deputy.locator("main form button[type=submit]").first.click()
    expect(deputy.locator("main")).to_contain_text(ref)
    deputy.locator("main form button[type=submit]").first.click()
    expect(deputy.locator(".govuk-notification-banner")).to_be_visible()
    deputy.goto("/funding/statements/new")
    deputy.locator("input[type=file]").set_input_files(statement)
    deputy.locator("main form button[type=submit]").first.click()
    assert deputy.title().startswith("Error: ")
    assert own_demonstration.command("check") == ""


def test_a_claim_is_made_without_javascript_and_a_bad_file_is_told_plainly(
    own_demonstration: Served, visit: Visit, tmp_path: Path, invoice: Path
) -> None:
    page = somebody(visit, own_demonstration, "coordinator.london", javascript=False)
    empty = tmp_path / "empty.pdf"
    empty.write_bytes(b"")
    page.goto("/funding/claims/new")
    page.get_by_label("Amount").fill("(500)")
    page.locator("input[type=file]").set_input_files(empty)
    page.get_by_role("button", name="Send the claim").click()
    assert page.title().startswith("Error: ")
    expect(page.locator(".govuk-error-summary")).to_contain_text("“empty.pdf” is empty")
    expect(page.get_by_label("Amount")).to_have_value("(500)")
    assert claim(page, invoice).startswith("CL-")


def test_the_board_and_the_public_see_what_is_for_them(demonstration: Served, visit: Visit) -> None:
    board = somebody(visit, demonstration, "board")
    board.goto("/funding/claims")
    expect(board.locator("h1")).to_contain_text("Claims")
    board.goto("/funding/claims/new")
    expect(board.locator("h1")).to_contain_text("You may not")
    stranger = visit(demonstration, width=360)
    stranger.goto("/funding/360giving")
    expect(stranger.locator("h1")).to_contain_text("Grants to regions")
    stranger.goto("/funding/claims")
    expect(stranger.locator("h1")).to_contain_text("Sign in")


def test_the_secretariat_compares_splits_and_sees_why_each_region_gets_what(
    demonstration: Served, visit: Visit
) -> None:
    page = somebody(visit, demonstration, "secretariat")
    page.goto("/funding/splits")
    links = page.locator("tbody th a")
    expect(links).to_have_count(3)
    page.goto("/funding/splits/compare")
    for name, at in (("first", 1), ("second", 2), ("third", 3)):
        page.locator(f"[name={name}]").select_option(index=at)
    page.get_by_role("button", name="Compare").click()
    expect(page.get_by_role("row").filter(has_text="London").first).to_contain_text("£")
    look(page, "journey-splits")
