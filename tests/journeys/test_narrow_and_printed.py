"""What is long stays within a narrow page, and what is printed can be read."""

from playwright.sync_api import Page

from tests.journeys.browsing import sign_in
from tests.journeys.conftest import Visit
from tests.journeys.served import Served

LONG = "N" * 200
FIGURE = "/figures/funding_allocated_pence_of_local_accounts_and_reporting_adviser"
SAY_LONG = """word => document.querySelectorAll("main :is(h1, h2, p, .govuk-caption-xl, .govuk-inset-text)")
  .forEach(one => { one.textContent = word })"""
OVERLAPS = """() => [...document.querySelectorAll(".app-grid tbody tr")].filter(row => {
  const label = row.querySelector(".govuk-checkboxes__label"), status = row.querySelector(".app-c-status")
  return label && status && label.getBoundingClientRect().right > status.getBoundingClientRect().left
}).length"""


def too_wide(page: Page) -> int:
    """By how many pixels a page has to be scrolled sideways."""
    over: int = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return over


def test_a_long_word_never_widens_a_page_and_the_grid_prints_without_overlaps(
    demonstration: Served, visit: Visit
) -> None:
    page = visit(demonstration, width=320)
    sign_in(page, demonstration, "secretariat@demo.example")
    page.goto(FIGURE)
    assert too_wide(page) == 0
    for address in ("/", "/funding", "/local-accounts/2011-2012/picture"):
        page.goto(address)
        page.evaluate(SAY_LONG, LONG)
        assert too_wide(page) == 0, address

    page.set_viewport_size({"width": 672, "height": 950})  # what fits between the margins of A4
    page.goto("/local-accounts/2011-2012/grid?region=london&all=yes")
    page.emulate_media(media="print")
    assert page.locator(".app-grid tbody tr").count() == 33
    assert page.evaluate(OVERLAPS) == 0
    assert too_wide(page) == 0
