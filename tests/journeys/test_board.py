"""The Board's month: the secretariat sends, the chair approves, it is issued, and everybody reads what they may."""

from pathlib import Path

from playwright.sync_api import Page, expect

from tests.journeys.browsing import look, sign_in
from tests.journeys.conftest import Visit
from tests.journeys.served import Served

MARCH = "/board-reports/2012-03"
SAVE = """address => {
  const link = document.createElement("a");
  link.href = address;
  link.download = "";
  document.body.append(link);
  link.click();
}"""
"""Saves what is at an address, as “Save link as” does: the browser would show a PDF otherwise."""


def press(page: Page, address: str) -> None:
    """Take a step on its own page."""
    page.goto(address)
    page.locator("main form button[type=submit]").first.click()
    expect(page.locator(".govuk-notification-banner")).to_be_visible()


def test_a_report_goes_from_draft_to_the_public_and_stays_as_it_was(
    own_demonstration: Served, visit: Visit, downloads: Path
) -> None:
    stranger, secretariat, chair = (visit(own_demonstration) for _ in range(3))
    stranger.goto(MARCH)
    expect(stranger.locator("h1")).to_contain_text("Sign in")

    sign_in(secretariat, own_demonstration, "secretariat@demo.example")
    secretariat.goto(f"{MARCH}/narrative/headlines")
    secretariat.locator("main textarea").fill("A quiet month, well used.")
    secretariat.locator("main form button[type=submit]").first.click()
    press(secretariat, f"{MARCH}/send")

    sign_in(chair, own_demonstration, "chair@demo.example")
    expect(chair.get_by_role("link", name="Approve or return the Board report for March 2012")).to_be_visible()
    chair.goto(MARCH)
    expect(chair.locator("main")).to_contain_text("A quiet month, well used.")
    press(chair, f"{MARCH}/approve")
    press(secretariat, f"{MARCH}/issue")

    assert own_demonstration.command("board-report", "2012-03", "--verify").strip() == "identical"
    stranger.goto(MARCH)
    expect(stranger.locator("h1")).to_contain_text("Board report for March 2012")
    expect(stranger.locator("main")).to_contain_text("129 of 152 councils")
    look(stranger, "journey-board-report")
    with stranger.expect_download() as told:
        stranger.evaluate(SAVE, f"{MARCH}/report.pdf")
    told.value.save_as(downloads / "report.pdf")
    assert (downloads / "report.pdf").read_bytes().startswith(b"%PDF-")


def test_a_board_member_reads_and_may_not_approve(demonstration: Served, visit: Visit) -> None:
    page = visit(demonstration)
    sign_in(page, demonstration, "board@demo.example")
    page.goto("/board-reports")
    page.get_by_role("link", name="December 2011").first.click()
    expect(page.locator("h1")).to_contain_text("Board report for December 2011")
    page.goto("/board-reports/2011-12/approve")
    expect(page.locator("h1")).to_contain_text("You may not")


def test_what_is_restricted_is_told_to_nobody_who_may_not_know(demonstration: Served, visit: Visit) -> None:
    for email in ("board@demo.example", "officer.brent@demo.example", "coordinator.london@demo.example"):
        page = visit(demonstration)
        sign_in(page, demonstration, email)
        for address in ("/concerns", "/actions", "/board-reports/2012-02", "/"):
            page.goto(address)
            expect(page.locator("body")).not_to_contain_text("Safeguarding referrals recorded in two systems")
