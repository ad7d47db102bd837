"""The secretariat with nothing but a laptop: the money agreed, given, promised and paid, and every penny explained."""

import re

from playwright.sync_api import Page, expect

from tests.journeys.browsing import look, sign_in
from tests.journeys.conftest import Visit
from tests.journeys.served import Served

EMAIL = "anita@example.gov.uk"


def fill_and_check(page: Page, address: str, line: str, amount: str, **more: str) -> None:
    """Fill in a form about money as far as its check page."""
    page.goto(address)
    if line:
        page.get_by_label("Funding line").select_option(label=line)
    page.get_by_label("Amount").first.fill(amount)
    for name, value in more.items():
        page.locator(f"[name='{name.replace('__', '-')}']").first.fill(value)
    page.get_by_role("button", name="Continue").click()


def confirm(page: Page) -> None:
    page.locator("main form button[type=submit]").first.click()
    expect(page.locator(".govuk-notification-banner")).to_be_visible()


def test_the_secretariat_agrees_allocates_commits_and_pays_and_the_page_adds_up(fresh: Served, visit: Visit) -> None:
    fresh.command("person", "add", EMAIL, "--name", "Anita Rowe", "--role", "secretariat")
    page = visit(fresh)
    sign_in(page, fresh, EMAIL)
    expect(page.get_by_role("link", name="Record the agreement")).to_be_visible()

    page.goto("/funding/mou/agree")
    page.get_by_label("Amount").fill("550,000.00")
    page.get_by_role("button", name="Continue").click()
    confirm(page)

    fill_and_check(page, "/funding/allocations/new", "London", "63,421.05")
    confirm(page)
    fill_and_check(
        page, "/funding/commitments/new", "London", "40000", recipient="Lead council", purpose="The region's plan"
    )
    confirm(page)

    page.goto("/funding/payments/new")
    today = page.evaluate("new Date().toLocaleDateString('en-GB').split('/')")
    day = {"paid_on__day": today[0], "paid_on__month": today[1], "paid_on__year": today[2]}
    reason = "The first instalment has not come"
    fill_and_check(page, "/funding/payments/new", "London", "40,000.01", **day, over_cash_reason=reason)
    if page.locator(".govuk-error-summary").count() == 0:
        page.locator("main form button[type=submit]").first.click()
    assert page.title().startswith("Error: ")
    expect(page.locator(".govuk-error-summary")).to_contain_text("£40,000.00")

    fill_and_check(page, "/funding/payments/new", "London", "£12,345.67", **day, over_cash_reason=reason)
    confirm(page)

    page.goto("/funding")
    row = page.get_by_role("row").filter(has=page.get_by_role("link", name="London"))
    expect(row).to_contain_text("£63,421.05")
    expect(row).to_contain_text("£12,345.67")
    expect(row).to_contain_text("£51,075.38")
    expect(page.get_by_role("row").filter(has_text="Amount in force")).to_contain_text("£550,000.00")
    look(page, "journey-money")
    page.get_by_role("link", name=re.compile("paid, less refunds")).click()
    expect(page.locator("main")).to_contain_text("£12,345.67")
    assert fresh.command("check") == ""


def test_a_second_press_and_the_back_button_make_one_payment(own_demonstration: Served, visit: Visit) -> None:
    page = visit(own_demonstration, javascript=False)
    sign_in(page, own_demonstration, "secretariat@demo.example")
    day = {"paid_on__day": "2", "paid_on__month": "4", "paid_on__year": "2012"}
    fill_and_check(page, "/funding/payments/new", "Eastern", "100.00", **day, reference="ONLY-ONCE")
    page.locator("main form button[type=submit]").first.click()
    page.go_back()
    page.locator("main form button[type=submit]").first.click()
    page.goto("/funding/lines/eastern")
    expect(page.get_by_text("ONLY-ONCE")).to_have_count(1)


def test_a_coordinator_sees_the_money_of_their_own_region_and_may_not_move_it(
    demonstration: Served, visit: Visit
) -> None:
    page = visit(demonstration)
    sign_in(page, demonstration, "coordinator.london@demo.example")
    page.goto("/funding/lines/london")
    expect(page.locator("h1")).to_contain_text("London")
    page.goto("/funding/lines/north-west")
    expect(page.locator("h1")).to_contain_text("There is no funding line")
    page.goto("/funding/payments/new")
    expect(page.locator("h1")).to_contain_text("You may not")
