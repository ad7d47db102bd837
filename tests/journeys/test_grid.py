"""A coordinator brings a region up to date on one page; a council says by a link that its entry is still correct."""

import re

from playwright.sync_api import Page, expect

from tests.journeys.browsing import barriers, look, sign_in
from tests.journeys.conftest import Visit
from tests.journeys.served import Served

GRID = "/local-accounts/2011-2012/grid"


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.id"))


def test_a_region_is_brought_up_to_date_by_keyboard_and_two_who_save_at_once_choose(
    own_demonstration: Served, visit: Visit
) -> None:
    page, other = visit(own_demonstration), visit(own_demonstration, javascript=False)
    sign_in(page, own_demonstration, "coordinator.london@demo.example")
    sign_in(other, own_demonstration, "secretariat@demo.example")
    page.goto(GRID)
    other.goto(f"{GRID}?region=london")

    days = page.locator("[name^='expected_on-']")
    first, second = (str(days.nth(number).get_attribute("id")) for number in range(2))
    page.locator(f"#{first}").focus()
    page.keyboard.type("31 2 2099")
    page.keyboard.press("Enter")
    assert focused(page) == second, "Enter moves to the same box of the next council"
    page.keyboard.press("ArrowUp")
    assert focused(page) == first
    expect(page.locator("[data-counts]")).to_contain_text("1 changed")
    page.get_by_role("button", name=re.compile("Tick “No change”")).press("Enter")
    expect(page.locator("[data-counts]")).to_contain_text("0 left as they were")
    page.get_by_role("button", name="Save", exact=True).press("Enter")
    expect(page.locator(".govuk-error-summary__list li")).to_have_count(1)
    assert barriers(page, (320, 1280)) == []

    other.locator(f"#{first}").fill("1 Jan 2099")
    other.get_by_role("button", name="Save", exact=True).click()
    expect(other.locator("main")).to_contain_text("London is saved: 1 changed")
    page.locator(f"#{first}").fill("1 Feb 2099")
    page.get_by_role("button", name="Save", exact=True).press("Enter")
    expect(page.locator("main")).to_contain_text("while you had this page open")
    assert barriers(page, (320, 1280)) == []
    look(page, "grid-clash")
    page.get_by_label(re.compile("Use mine")).check()
    page.get_by_role("button", name="Save", exact=True).press("Enter")
    expect(page.locator("main")).to_contain_text("London is saved: 1 changed")
    expect(page.locator(f"#{first}")).to_have_value("1 2 2099")
    assert barriers(page, (320, 1280)) == []


def test_a_contact_who_does_not_sign_in_says_what_is_wrong(own_demonstration: Served, visit: Visit) -> None:
    page = visit(own_demonstration)
    sign_in(page, own_demonstration, "coordinator.london@demo.example")
    page.goto("/councils/hillingdon/contacts")
    page.locator("[name=local_account_name]").fill("Pat Example")
    page.locator("[name=local_account_email]").fill("pat@council.example")
    page.locator("main form button[type=submit]").first.click()
    page.goto("/local-accounts/2011-2012/hillingdon")
    page.get_by_role("link", name="Ask the council to confirm its entry").click()
    page.get_by_role("button", name="Send the link").click()
    expect(page.locator("main")).to_contain_text("The council is asked to confirm its entry.")

    contact = visit(own_demonstration, width=360)
    contact.goto("/dev/outbox")
    found = re.search(r"/accounts/confirm/[\w=.-]+", contact.content())
    assert found
    contact.goto(found[0])
    assert barriers(contact, (320, 1280)) == []
    look(contact, "still-correct")
    contact.get_by_role("button", name="Send").click()
    assert contact.title().startswith("Error: ")
    contact.get_by_label("Something is wrong").check()
    contact.get_by_label("What is wrong").fill("It is expected in February.")
    contact.get_by_role("button", name="Send").click()
    expect(contact.locator("h1")).to_contain_text("Thank you")
    contact.goto(found[0])
    expect(contact.locator("main")).to_contain_text("This link has been used")
    assert barriers(contact, (320,)) == []
    page.goto("/local-accounts/2011-2012/hillingdon")
    expect(page.locator("main")).to_contain_text("It is expected in February.")
    page.get_by_role("link", name="Take back").click()
    assert barriers(page, (320, 1280)) == []
