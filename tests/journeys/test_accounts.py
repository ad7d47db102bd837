"""Officers and coordinators keep their local accounts current; the public reads them."""

from playwright.sync_api import Page, expect

from tests.journeys.browsing import look, sign_in
from tests.journeys.conftest import Visit
from tests.journeys.served import Served

KENT = "/local-accounts/2011-2012/kent"


def type_a_day(page: Page, name: str, day: str, month: str, year: str) -> None:
    for part, value in (("day", day), ("month", month), ("year", year)):
        page.locator(f"[name='{name}-{part}']").fill(value)


def unpublished(page: Page, region: str) -> str:
    """The address of a council that has given no date."""
    page.goto(f"/local-accounts/2011-2012?region={region}&position=no+date+given")
    return str(page.locator("tbody th a").first.get_attribute("href"))


def test_an_officer_records_a_publication_with_every_mistake_told_at_once(
    own_demonstration: Served, visit: Visit
) -> None:
    own_demonstration.command("person", "add", "o@example.gov.uk", "--name", "O", "--role", "secretariat")
    page = visit(own_demonstration, javascript=False)
    sign_in(page, own_demonstration, "o@example.gov.uk")
    address = unpublished(page, "london")
    slug = address.rsplit("/", 1)[1]
    own_demonstration.command(
        "person", "add", f"{slug}@example.gov.uk", "--name", "Officer", "--role", "officer", "--council", slug
    )
    page = visit(own_demonstration, javascript=False)
    sign_in(page, own_demonstration, f"{slug}@example.gov.uk")

    page.goto(f"{address}/publications/new")
    page.get_by_label("Address of the page or document").fill("brent/localaccount")
    type_a_day(page, "published_on", "31", "2", "2012")
    page.get_by_role("button", name="Check what you entered").click()
    assert page.title().startswith("Error: ")
    mistakes = page.locator(".govuk-error-summary__list li")
    expect(mistakes).to_have_count(2)
    expect(page.get_by_label("Address of the page or document")).to_have_value("brent/localaccount")

    page.get_by_label("Title of the account").fill("How we did")
    page.get_by_label("Address of the page or document").fill("https://www.example.gov.uk/account.pdf")
    type_a_day(page, "published_on", "28", "2", "2012")
    page.get_by_label("PDF").check()
    page.get_by_role("button", name="Check what you entered").click()
    expect(page.locator("h1")).to_contain_text("Check what you entered")
    expect(page.locator("main")).to_contain_text("published after 31 December")
    page.get_by_role("button", name="Record the publication").click()
    expect(page.locator("main")).to_contain_text("The publication is recorded.")
    expect(page.locator("main")).to_contain_text("28 February 2012")

    reader = visit(own_demonstration, width=360)
    reader.goto("/accounts?q=How+we+did")
    expect(reader.get_by_role("link", name="How we did").first).to_be_visible()


def test_a_coordinator_confirms_an_account_by_keyboard_alone(own_demonstration: Served, visit: Visit) -> None:
    page = visit(own_demonstration)
    sign_in(page, own_demonstration, "coordinator.north-west@demo.example")
    page.goto("/local-accounts/2011-2012?region=north-west")
    rows = page.locator("tbody tr").filter(has_text="Reported")
    address = rows.first.locator("th a").get_attribute("href")
    page.goto(f"{address}/confirmations/new")
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.type") == "radio":
            break
    page.keyboard.press("Space")
    for _ in range(10):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.type") == "submit":
            break
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text("A coordinator has opened it.")


def test_nobody_records_for_a_council_that_is_not_theirs(demonstration: Served, visit: Visit) -> None:
    page = visit(demonstration)
    sign_in(page, demonstration, "officer.wirral@demo.example")
    page.goto("/local-accounts/2011-2012/brent/statuses/new")
    expect(page.locator("h1")).to_contain_text("You may not")
    page.goto("/local-accounts/2011-2012/brent")
    expect(page.locator("main")).not_to_contain_text("History")


def test_looking_back_shows_what_was_known_then_and_offers_nothing_to_change(
    demonstration: Served, visit: Visit
) -> None:
    page = visit(demonstration)
    sign_in(page, demonstration, "secretariat@demo.example")
    page.goto("/local-accounts/2011-2012/brent?as-at=2011-10-31")
    expect(page.locator("main")).to_contain_text("16 November 2011")
    expect(page.get_by_role("link", name="Record a publication")).to_have_count(0)
    page.goto("/local-accounts/2011-2012/brent?on=2011-10-31")
    expect(page.locator("main h1 ~ *").first).to_contain_text("16 December 2011")
    page.goto("/local-accounts/2011-2012?as-at=2011-12-31")
    look(page, "journey-accounts-as-at")
    page.get_by_role("link", name="Back to now").click()
    expect(page).to_have_url(demonstration.url + "/local-accounts/2011-2012")


def test_the_public_finds_a_council_and_its_account_and_nothing_else(demonstration: Served, visit: Visit) -> None:
    page = visit(demonstration, width=360, javascript=False)
    page.goto("/")
    page.get_by_role("link", name="Find a council").click()
    page.get_by_label("Council name").fill("brent")
    page.get_by_role("button", name="Filter").click()
    page.get_by_role("link", name="Brent", exact=True).click()
    expect(page.get_by_role("link", name="Read the account")).to_be_visible()
    expect(page.locator("main")).not_to_contain_text("Concerns and what is being done")
    page.goto("/local-accounts/2011-2012")
    expect(page.locator("h1")).to_contain_text("Sign in")
