"""What a journey does besides clicking: sign in, look for barriers, look at the page."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from playwright.sync_api import Page

from tests.journeys.served import Served

HERE = Path(__file__).parent
ARTEFACTS = HERE.parent / "artefacts"
PICTURED = (360, 1280)
ALL = os.environ.get("TESTS") == "all"
WIDTHS = (320, 768, 1280, 640) if ALL else (320, 1280)
"""The widths every page is checked at; 640 is what somebody at 1280 sees who enlarges everything to 200 %."""

LOOK_FOR_BARRIERS = """async () => (await axe.run(document, {resultTypes: ["violations"]})).violations
  .filter(found => ["serious", "critical"].includes(found.impact))
  .map(found => [found.impact, found.id + ":", found.help, "at", ...found.nodes.map(node => node.target)].join(" "))"""


@cache
def _axe() -> str:
    return (HERE / "node_modules" / "axe-core" / "axe.min.js").read_text()


def sign_in(page: Page, server: Served, email: str) -> None:
    """As somebody who was sent a link: open it, press the button."""
    page.goto(server.command("sign-in-link", email).strip())
    page.locator("main form button").click()
    page.wait_for_url(lambda address: "/sign-in" not in address)


def axe(page: Page) -> list[str]:
    """The barriers in the page as it stands, those that are serious or critical, one line each."""
    assert page.evaluate("matchMedia('(scripting: enabled)').matches"), "without JavaScript axe never ends"
    if not page.evaluate("'axe' in window"):
        page.evaluate(_axe())
    found: list[str] = page.evaluate(LOOK_FOR_BARRIERS)
    return found


def barriers(page: Page, widths: tuple[int, ...] = WIDTHS) -> list[str]:
    """What stands in people's way at each width: what axe finds, and pages that have to be scrolled sideways."""
    wrong = []
    for width in widths:
        with _wide(page, width):
            wrong += [f"{width}: {line}" for line in axe(page)]
            over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            wrong += [f"{width}: the page is {over} px too wide"] if over > 0 else []
    return wrong


def look(page: Page, name: str) -> None:
    """Keep a picture of the whole page at a phone's and a desktop's width, to be looked at after the long form."""
    if not ALL:
        return
    ARTEFACTS.mkdir(exist_ok=True)
    for width in PICTURED:
        with _wide(page, width):
            page.screenshot(path=ARTEFACTS / f"{name}-{width}.png", full_page=True, animations="disabled")


@contextmanager
def _wide(page: Page, width: int) -> Iterator[None]:
    """The page at another width for a while."""
    before = page.viewport_size
    page.set_viewport_size({"width": width, "height": 900})
    yield
    if before:
        page.set_viewport_size(before)
