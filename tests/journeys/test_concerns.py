"""From a concern in an account to an action in a plan, and to somebody else's word that it is dealt with."""

from playwright.sync_api import expect

from tests.journeys.browsing import look, sign_in
from tests.journeys.conftest import Visit
from tests.journeys.served import Served


def test_an_officer_raises_a_concern_and_plans_an_action(own_demonstration: Served, visit: Visit) -> None:
    page = visit(own_demonstration, width=360, javascript=False)
    sign_in(page, own_demonstration, "officer.wirral@demo.example")
    page.goto("/concerns/new")
    page.locator("main form button[type=submit]").first.click()
    assert page.title().startswith("Error: ")

    page.locator("[name=title]").fill("Letters are hard to read")
    page.locator("[name=description]").fill("People told us so at the carers' forum.")
    page.locator("[name=themes]").first.check()
    page.locator("[name=severity][value=low]").check()
    page.locator("[name=sensitivity][value=public]").check()
    page.locator("[name=source][value=complaints]").check()
    page.locator("main form button[type=submit]").first.click()
    expect(page.locator("h1")).to_contain_text("Letters are hard to read")
    expect(page.locator("main")).to_contain_text("No action yet")

    page.goto(page.url.partition("?")[0] + "/actions/new")
    for name, value in (
        ("title", "Rewrite the six letters sent most"),
        ("outcome", "People understand what they are sent"),
        ("measure", "A reading age of eleven"),
        ("owner", "Customer services manager"),
    ):
        page.locator(f"[name={name}]").fill(value)
    for part, value in (("day", "30"), ("month", "6"), ("year", "2099")):
        page.locator(f"[name=target_on-{part}]").fill(value)
    page.locator("main form button[type=submit]").first.click()
    expect(page.locator("main")).to_contain_text("Rewrite the six letters sent most")
    look(page, "journey-concern")

    stranger = visit(own_demonstration)
    sign_in(stranger, own_demonstration, "officer.brent@demo.example")
    stranger.goto("/concerns?q=letters")
    expect(stranger.locator("main")).not_to_contain_text("Letters are hard to read")
