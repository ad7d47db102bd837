"""An officer replies to what a reader found, and brings the return back from Excel; both stand, all or nothing."""

from pathlib import Path

from playwright.sync_api import expect

from tests.journeys.browsing import barriers, look, sign_in
from tests.journeys.conftest import Visit
from tests.journeys.served import Served

BRENT = "/local-accounts/2011-2012/brent"


def test_an_officer_disagrees_with_what_a_reader_found_and_says_what_shows_it(
    own_demonstration: Served, visit: Visit
) -> None:
    page = visit(own_demonstration)
    sign_in(page, own_demonstration, "officer.brent@demo.example")
    page.goto(f"{BRENT}/readings/reply")
    assert barriers(page) == []
    look(page, "journey-reply")
    page.locator("[name='agrees-3'][value=disagree]").check()
    page.locator("main form button[type=submit]").first.click()
    assert page.title().startswith("Error: ")
    page.locator("[name='evidence-3']").fill("It is on page 12")
    page.locator("main form button[type=submit]").first.click()
    page.goto(f"{BRENT}/readings")
    expect(page.locator("main")).to_contain_text("It is on page 12")


def test_the_return_goes_out_and_comes_back_unchanged(own_demonstration: Served, visit: Visit, downloads: Path) -> None:
    page = visit(own_demonstration)
    sign_in(page, own_demonstration, "coordinator.london@demo.example")
    page.goto("/local-accounts/2011-2012/return")
    with page.expect_download() as download:
        page.locator("main a[href*='return.xlsx']").first.click()
    workbook = downloads / "return.xlsx"
    download.value.save_as(workbook)
    page.locator("input[type=file]").set_input_files(workbook)
    page.locator("main form button[type=submit]").first.click()
    expect(page.locator("main")).to_contain_text("changes nothing")
    assert barriers(page, (320,)) == []
