"""Journeys go through the front door: the real command serves, a real browser reads, and nothing else is touched."""

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, sync_playwright

from tests.journeys.served import Served

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
QUIETLY = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
Visit = Callable[..., Page]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for the run, which calls nobody."""
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    assert program, "Journeys need Chromium. On Debian: apt-get install chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(QUIETLY))
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def made_up_year(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a tracker that was told the made-up year: once a run, however many workers it has."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "made-up-year"
    with folder.with_suffix(".lock").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        if not folder.exists():
            half = folder.with_suffix(".half")
            half.mkdir()
            Served(half).prepare(demonstration=True)
            half.rename(folder)
    return folder


@contextmanager
def copied(made_up_year: Path, folder: Path) -> Iterator[Served]:
    """Another tracker with the made-up year, as long as it is wanted."""
    shutil.copytree(made_up_year, folder, dirs_exist_ok=True)
    server = Served(folder).start()
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="session")
def demonstration(tmp_path_factory: pytest.TempPathFactory, made_up_year: Path) -> Iterator[Served]:
    """A tracker with the made-up year, shared by journeys that read, or write what no other counts."""
    with copied(made_up_year, tmp_path_factory.mktemp("demonstration")) as server:
        yield server


@pytest.fixture
def own_demonstration(tmp_path: Path, made_up_year: Path) -> Iterator[Served]:
    """A tracker with the made-up year for one journey alone, which may do with it as it likes."""
    with copied(made_up_year, tmp_path) as server:
        yield server


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A tracker as it is on the first day, for the journeys of one file."""
    server = Served(tmp_path_factory.mktemp("fresh")).prepare().start()
    yield server
    server.stop()


@contextmanager
def visits(browser: Browser) -> Iterator[Visit]:
    """`visit(server, width=…, javascript=…)`: somebody's own browser, which notes whatever goes wrong in it.

    At the end it fails when a page complained, asked another host for something, or was answered with a fault.
    """
    opened: list[BrowserContext] = []
    wrong: list[str] = []

    def somebody(server: Served, *, width: int = 1280, javascript: bool = True) -> Page:
        context = browser.new_context(
            base_url=server.url,
            viewport={"width": width, "height": 900},
            java_script_enabled=javascript,
            locale="en-GB",
            timezone_id="Europe/London",
        )
        context.set_default_timeout(30_000)
        opened.append(context)

        def asked(request: Request) -> None:
            if not request.url.startswith((server.url, "data:", "blob:")):
                wrong.append(f"asked {request.url}")

        def complained(message: ConsoleMessage) -> None:
            # A refusal is a page too: Chromium complains of its status, which is what the journey is looking at.
            if message.type == "error" and "the server responded with a status of 4" not in message.text:
                wrong.append(f"{message.location.get('url')}: {message.text}")

        context.on("request", asked)
        context.on("console", complained)
        context.on("weberror", lambda error: wrong.append(str(error.error)))
        context.on(
            "response", lambda answer: wrong.append(f"{answer.status} {answer.url}") if answer.status >= 500 else None
        )
        return context.new_page()

    yield somebody
    for context in opened:
        context.close()
    assert wrong == []


@pytest.fixture
def visit(browser: Browser) -> Iterator[Visit]:
    """`visit(server, width=…, javascript=…)`: see `visits`."""
    with visits(browser) as somebody:
        yield somebody


@pytest.fixture
def downloads(tmp_path: Path) -> Path:
    """Where a journey keeps what it downloads."""
    folder = tmp_path / "downloads"
    folder.mkdir()
    return folder
