"""Reaching people: an invitation is sent again and comes back, the address is mended, and one click stops more."""

import re
import subprocess
import urllib.request
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.journeys.browsing import barriers, look, sign_in
from tests.journeys.conftest import Visit
from tests.journeys.served import COMMAND, Served
from tests.test_bounces import report
from tests.test_sending import Here, Taken

PEOPLE = (
    ("sec@example.org", "secretariat", ()),
    ("lou@example.org", "coordinator", ("--region", "london")),
    ("bo@brent.example", "officer", ("--council", "brent")),
)


def worked(server: Served, post: Here) -> EmailMessage:
    """The worker does its round; the message that was sent last."""
    server.command("worker", "--once")
    return message_from_bytes(post.taken.envelopes[-1].content or b"", policy=policy.default)  # type: ignore[arg-type,return-value]


def comes_back(server: Served, message: EmailMessage) -> None:
    """A mail server pipes in that it could not deliver it."""
    token = str(message["Message-ID"])[1:].partition("@")[0]
    done = subprocess.run([COMMAND, "bounced"], input=report(token), env=server.surroundings, capture_output=True)
    assert done.returncode == 0, done.stderr
    assert b"bo@brent.example" in done.stdout


def shown(page: Page, message: EmailMessage) -> None:
    """The message as a mail program on a phone shows it."""
    part = message.get_body(("html",))
    assert part is not None
    page.goto("about:blank")
    page.set_content(part.get_content())
    expect(page.locator("h1")).to_have_text("You can sign in to the improvement tracker")
    expect(page.get_by_role("link", name="Sign in")).to_have_count(1)
    assert barriers(page, (320,)) == []
    look(page, "message-invitation")


def test_an_invitation_that_comes_back_is_seen_and_mended(tmp_path: Path, visit: Visit) -> None:
    post = Here(Taken())
    post.start()
    server = Served(tmp_path, IMPROVEMENT_SMTP_URL=post.url).prepare()
    try:
        for email, role, place in PEOPLE:
            server.command("person", "add", email, "--name", email[:3].strip("@").title(), "--role", role, *place)
        server.start()
        coordinator, secretariat = visit(server), visit(server, javascript=False)
        sign_in(coordinator, server, "lou@example.org")
        sign_in(secretariat, server, "sec@example.org")
        sent = coordinator_invites(coordinator, server, post)
        comes_back(server, sent)
        shown(visit(server, width=320), sent)
        secretariat_mends(secretariat)
        one_click(sent)
        coordinator.goto("/notices/reach/invite")
        expect(coordinator.locator("main")).to_contain_text("Asked for no messages")
    finally:
        server.stop()
        post.stop()


def coordinator_invites(page: Page, server: Served, post: Here) -> EmailMessage:
    page.goto("/regions/london")
    page.get_by_role("link", name="See which, and send an invitation again").click()
    expect(page.locator("main")).to_contain_text("Nobody has signed in from 33 councils yet")
    assert barriers(page) == []
    look(page, "reach-region")
    page.get_by_role("button", name="Send an invitation again").click()
    assert barriers(page) == []
    page.get_by_role("button", name=re.compile("Send 1")).click()
    expect(page.locator("main")).to_contain_text("An invitation goes to 1 person.")
    return worked(server, post)


def secretariat_mends(page: Page) -> None:
    page.goto("/people")
    page.get_by_label("Signed in").select_option("Never signed in")
    page.get_by_role("button", name="Filter").click()
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.locator("tbody")).to_contain_text("Not reached")
    page.get_by_role("link", name="Every message").click()
    page.get_by_label("What became of it").select_option("Bounced")
    page.get_by_role("button", name="Filter").click()
    expect(page.locator("tbody")).to_contain_text("There is no such mailbox at this address. (5.1.1)")
    page.goto("/notices/reach")
    expect(page.locator("main")).to_contain_text("By region")
    page.goto("/people?seen=not+reached")
    page.locator("tbody a").click()
    page.get_by_role("link", name="try it again").click()
    page.get_by_role("button", name="Try again").click()
    expect(page.locator("main")).to_contain_text("again.")
    page.goto("/people?seen=not+reached")
    expect(page.locator("main")).to_contain_text("Nobody fits")


def one_click(message: EmailMessage) -> None:
    """A mail program's own button."""
    address = str(message["List-Unsubscribe"]).strip("<>")
    with urllib.request.urlopen(address, data=b"List-Unsubscribe=One-Click", timeout=20) as answer:
        assert answer.status == 200
