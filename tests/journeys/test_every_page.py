"""Every page there is, in full and with its form in error: no barrier that axe can find, no sideways scrolling."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page

from tests.journeys.browsing import barriers, look, sign_in
from tests.journeys.conftest import Visit, copied, visits
from tests.journeys.served import Served

PARTS = 4
"""Each part looks at its share of the pages: all of them in one test would take too long to say where it is."""
FILES = re.compile(
    r"\.(csv|json|pdf|txt|ico|xlsx|docx)$|/files/[^/]+$|^/accounts/feed$|^/static/|^/health$|^/ready$|^/api/v1/"
)
FROM = (
    "/funding/claims?state=waiting+for+an+answer",
    "/funding/conditions/new",
    "/funding/splits/compare",
    "/",
    "/funding/mou",
    "/funding/ledger",
    "/funding/returns/new",
    "/local-accounts/2011-2012/kent/statuses/new",
    "/local-accounts/2011-2012/kent/extensions/new",
    "/local-accounts/2011-2012/brent/readings/reconcile",
    "/local-accounts/2011-2012/kent/publications/new",
    "/plans/2011-2012/brent",
    "/concerns",
    "/actions",
    "/figures",
    "/rounds",
    "/rounds/new",
    "/board-reports/new",
    "/board-reports/2012-02/verify",
    "/board-reports/2012-02/restate",
    "/me",
    "/people/import",
    "/councils/contacts/import",
    "/look-back",
    "/sign-in",
    "/dev/outbox",
)
EMPTY = """document.querySelectorAll("main form input[type=text], main form textarea").forEach(box => box.value = "")"""
ELSEWHERE = {
    # What is there only in a state the made-up year is not in, or needs somebody else, or is a redirection.
    "/local-accounts",
    "/local-accounts/{year:str}/{council:str}/checks/{fact:uuid}/take-back",
    "/accounts/confirm/{token:str}",
    "/sign-in/link/{secret:str}",
    "/funding/mou/agree",
    "/funding/mou/negotiate",
    "/funding/mou/withdraw",
    "/funding/forecasts/{line:str}/new",
    "/funding/claims/{ref:str}/query",
    "/local-accounts/{year:str}/{council:str}/readings/reply",
    "/local-accounts/{year:str}/{council:str}/readings/replies/{fact:uuid}/take-back",
    "/notices/stop/{token:str}",
    "/board-reports/{month:str}/approve",
    "/board-reports/{month:str}/issue",
    "/board-reports/{month:str}/return",
    "/people/{person:str}/roles/{role:str}/confirm",
    "/people/{person:str}/try-again",
    "/councils/{council:str}/contacts/try-again",
    "/me/tokens/{token:str}/remove",
    "/concerns/{ref:str}/answers/new",
    "/concerns/{ref:str}/acceptances/new",
    "/concerns/{ref:str}/closings/new",
    "/concerns/{ref:str}/links/new",
    "/concerns/{ref:str}/reopenings/new",
    "/concerns/{ref:str}/unlinks/new",
}


def pages(server: Served) -> dict[str, re.Pattern[str]]:
    """The addresses of pages as they were declared, each with what fits it."""
    routes = json.loads(server.command("routes", "--json"))
    paths = {route["path"] for route in routes if route["method"] == "GET"}
    return {
        path: re.compile(re.sub(r"\{[^}]+\}", "[^/]+", path.replace(".", r"\.")) + "$")
        for path in sorted(paths, key=lambda path: (path.count("{"), path))
        if not FILES.search(path)
    }


def walk(page: Page, there: dict[str, re.Pattern[str]]) -> Iterator[tuple[str, str]]:
    """One example of each page that can be come to by links, as (declared, address)."""
    seen: set[str] = set()
    waiting = list(FROM)
    while waiting:
        address = waiting.pop(0)
        kind = next((path for path, fits in there.items() if fits.match(urlsplit(address).path)), None)
        if kind is None or kind in seen or kind in ELSEWHERE or FILES.search(urlsplit(address).path):
            continue
        page.goto(address)
        seen.add(kind)
        if urlsplit(page.url).path == urlsplit(address).path:
            yield kind, address
        links = page.eval_on_selector_all(
            "main a[href^='/'], nav a[href^='/'], footer a[href^='/']", "all => all.map(a => a.getAttribute('href'))"
        )
        waiting += [link.partition("#")[0] for link in links if link.partition("#")[0]]
    missed = set(there) - seen - ELSEWHERE
    assert not missed, f"no link leads to {sorted(missed)}"


def send_empty(page: Page) -> bool:
    """Send the page's form with nothing filled in, if it has one that can be refused."""
    if urlsplit(page.url).path == "/sign-out":
        return False
    form = page.locator("main form[method=post]")
    if (
        form.count() != 1
        or page.locator("main form[method=post] input:not([type=hidden]), main form textarea").count() == 0
    ):
        return False
    page.evaluate(EMPTY)
    form.locator("button[type=submit]").first.click()
    return page.locator(".govuk-error-summary").count() == 1


@pytest.fixture(scope="module")
def there(made_up_year: Path, browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, str]]:
    """What can be come to, looked for once; on the way each page says what it is, and no other has its title."""
    titles: dict[str, list[str]] = {}
    found = []
    with copied(made_up_year, tmp_path_factory.mktemp("walked")) as server, visits(browser) as visit:
        page = visit(server)
        sign_in(page, server, "secretariat@demo.example")
        for kind, address in walk(page, pages(server)):
            assert page.locator("h1").count() == 1, address
            assert "demonstration" in page.title(), address
            titles.setdefault(page.title(), []).append(address)
            found.append((kind, address))
    assert {title: several for title, several in titles.items() if len(several) > 1} == {}
    return found


@pytest.mark.parametrize("part", range(PARTS))
def test_no_page_puts_anything_in_anybodys_way(
    there: list[tuple[str, str]], own_demonstration: Served, visit: Visit, part: int
) -> None:
    page = visit(own_demonstration)
    sign_in(page, own_demonstration, "secretariat@demo.example")
    wrong: list[str] = []
    for kind, address in there[part::PARTS]:
        page.goto(address)
        assert urlsplit(page.url).path == urlsplit(address).path
        wrong += [f"{address}: {line}" for line in barriers(page)]
        look(page, "page-" + re.sub(r"[^a-z0-9]+", "-", kind).strip("-"))
        if send_empty(page):
            assert page.title().startswith("Error: "), address
            wrong += [f"{address} in error: {line}" for line in barriers(page, (320,))]
    assert wrong == []
