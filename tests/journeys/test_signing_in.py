"""Signing in: asked for on a laptop, opened on a phone, and never by a mail scanner."""

import re

from playwright.sync_api import Page, expect

from tests.journeys.browsing import look, sign_in
from tests.journeys.conftest import Visit
from tests.journeys.served import Served


def ask(page: Page, email: str) -> str:
    """Ask for a link, and come back with the code that is shown."""
    page.goto("/sign-in")
    page.get_by_label("Your e-mail address").fill(email)
    page.get_by_role("button", name="Send me a link").click()
    return page.locator("#code").inner_text()


def newest_link(page: Page) -> str:
    page.goto("/dev/outbox")
    return str(page.locator("article a[href*='/sign-in/link/']").first.get_attribute("href"))


def test_the_same_browser_needs_only_the_button(demonstration: Served, visit: Visit) -> None:
    page = visit(demonstration)
    ask(page, "board@demo.example")
    link = newest_link(page)
    visit(demonstration).goto(link)  # a mail scanner opens it first
    page.goto(link)
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator("h1")).to_contain_text("What needs you now")
    page.goto(link)
    expect(page.locator("main")).to_contain_text("Ask for a new one")


def test_another_browser_needs_the_code_shown_in_the_first(demonstration: Served, visit: Visit) -> None:
    laptop, phone = visit(demonstration), visit(demonstration, width=360, javascript=False)
    code = ask(laptop, "officer.brent@demo.example")
    phone.goto(newest_link(laptop))
    phone.get_by_label("Six-digit code").fill("000000" if code != "000000" else "111111")
    phone.get_by_role("button", name="Sign in").click()
    assert phone.title().startswith("Error: ")
    phone.get_by_label("Six-digit code").fill(code)
    phone.get_by_role("button", name="Sign in").click()
    expect(phone.locator("h1")).to_contain_text("What needs you now")
    phone.goto("/sign-out")
    phone.get_by_label("Here only").check()
    phone.get_by_role("button", name="Sign out").click()
    phone.goto("/me")
    expect(phone).to_have_url(re.compile("/sign-in"))


def test_an_unknown_address_gets_the_same_page_and_no_mail(demonstration: Served, visit: Visit) -> None:
    page = visit(demonstration)
    assert re.fullmatch(r"\d{6}", ask(page, "nobody@example.gov.uk"))
    page.goto("/dev/outbox")
    expect(page.locator("main")).not_to_contain_text("nobody@example.gov.uk")


def test_what_was_typed_outlasts_the_session(demonstration: Served, visit: Visit) -> None:
    page = visit(demonstration, javascript=False)
    sign_in(page, demonstration, "officer.brent@demo.example")
    page.goto("/local-accounts/2011-2012/brent/statuses/new")
    page.get_by_label("Drafting").check()
    page.get_by_label("Note").fill("Waiting for “the cabinet”,\n<then> print")
    other = page.context.new_page()
    other.goto("/sign-out")
    other.get_by_label("Here only").check()
    other.get_by_role("button", name="Sign out").click()
    page.locator("main form button").click()
    expect(page.locator("h1")).to_have_text("You are signed out")
    look(page, "signed-out-while-typing")
    page.get_by_role("button", name="Continue").click()
    expect(page.locator("h1")).to_have_text("You are signed out")  # not yet
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Sign in (opens in a new tab)").click()
    sign_in(opened.value, demonstration, "officer.brent@demo.example")
    page.get_by_role("button", name="Continue").click()
    assert page.title().startswith("Error: ")
    expect(page.get_by_label("Drafting")).to_be_checked()
    assert page.get_by_label("Note").input_value() == "Waiting for “the cabinet”,\n<then> print"
