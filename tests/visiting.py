"""Somebody at the tracker, in process: signs in as people do, reads pages, fills in forms as a browser would."""

from contextlib import ExitStack
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from anyio.from_thread import start_blocking_portal
from httpx import Response
from litestar.testing import TestClient
from sqlalchemy.orm import Session

from improvement import dates
from improvement.access import commands
from improvement.access.asking import cookie_names
from improvement.access.rules import SERVICE, Held, Role, WrongCode
from improvement.database import Database
from improvement.web.shield import Shield

Typed = dict[str, str | list[str]]


class Forms(HTMLParser):
    """The forms of a page that are posted, each with what a browser would send if nothing were typed."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, Typed]] = []
        self._inside = False
        self._area = self._choice = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        if tag == "form":
            self._inside = given.get("method", "").lower() == "post"
            if self._inside:
                self.found.append((given.get("action", ""), {}))
        elif self._inside:
            self._keep(tag, given)

    def _keep(self, tag: str, given: dict[str, str]) -> None:
        name = given.get("name", "")
        if tag == "input" and name:
            chosen = given.get("type") not in ("checkbox", "radio", "submit", "file") or "checked" in given
            if chosen:
                self._put(name, given.get("value", "on" if given.get("type") == "checkbox" else ""))
        elif tag == "textarea":
            self._area = name
            self._put(name, "")
        elif tag == "select":
            self._choice = name
        elif tag == "option" and ("selected" in given or self._choice not in self.found[-1][1]):
            self.found[-1][1][self._choice] = given.get("value", "")

    def _put(self, name: str, value: str) -> None:
        fields = self.found[-1][1]
        before = fields.get(name)
        fields[name] = value if before is None else [*([before] if isinstance(before, str) else before), value]

    def handle_data(self, data: str) -> None:
        if self._area:
            fields = self.found[-1][1]
            fields[self._area] = f"{fields[self._area]}{data}".removeprefix("\n")

    def handle_endtag(self, tag: str) -> None:
        self._inside = self._inside and tag != "form"
        self._area = "" if tag == "textarea" else self._area


class Visitor:
    """One person, or nobody yet, with a browser and a token of their own."""

    def __init__(self, client: "TestClient[Any]", database: Database, email: str = "") -> None:
        self.client, self.database, self.email = client, database, email
        self.token = ""

    def get(self, address: str, **headers: str) -> Response:
        """A page, or JSON; redirections are not followed."""
        return self.client.get(address, headers=headers, follow_redirects=False)

    def form(self, address: str) -> Typed:
        """What the form on a page would send as it stands."""
        page = self.get(address)
        assert page.status_code == 200, f"{address}: {page.status_code}\n{page.text}"
        posted = [fields for action, fields in Forms(page.text).found if action in ("", address)]
        assert posted, f"{address} has no form that is posted to it"
        return posted[0]

    def post(self, address: str, typed: Typed, files: dict[str, tuple[str, bytes]] | None = None) -> Response:
        """Exactly these fields, whatever the page says."""
        return self.client.post(address, data=typed, files=files, follow_redirects=False)

    def send(
        self, address: str, /, files: dict[str, tuple[str, bytes]] | None = None, **typed: str | list[str]
    ) -> Response:
        """Open the page with the form, fill these fields in, and send it."""
        return self.post(address, {**self.form(address), **typed}, files)

    def follow(self, answer: Response) -> Response:
        """The page that a form leads to once it was taken."""
        assert answer.status_code == 303, f"{answer.status_code}\n{answer.text}"
        return self.get(answer.headers["location"])

    def api(self, address: str, body: object = None, **headers: str) -> Response:
        """The API, with this person's token: what is there, or with a body, record it."""
        if self.email and not self.token:
            with self.database.writing() as session:
                self.token = commands.make_token(session, self.email, 1, at=dates.now())
        known = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        told = {**known, **{name.replace("_", "-"): value for name, value in headers.items()}}
        if body is None:
            return self.client.get(f"/api/v1{address}", headers=told)
        return self.client.post(f"/api/v1{address}", json=body, headers=told)


class Tracker:
    """The whole application over one database, and the people in front of it."""

    def __init__(self, app: Shield, database: Database) -> None:
        self.app, self.database = app, database
        app.app.state.service.database = database  # type: ignore[attr-defined]
        self._open = ExitStack()
        self._portal = self._open.enter_context(start_blocking_portal("asyncio"))

    def anonymous(self) -> Visitor:
        """Somebody who has not signed in."""
        client: TestClient[Any] = TestClient(self.app, base_url=self.app.url)
        # All of a test's browsers share one loop, and none of them starts or stops the application.
        client.blocking_portal = self._portal
        return Visitor(client, self.database)

    def signed_in(self, role: Role | str, *, region: str | None = None, council: str | None = None) -> Visitor:
        """Somebody new with a role, who is signed in."""
        held = Held(Role(role), region=region, council=council)
        email = f"{role}.{uuid4().hex[:8]}@example.org"
        with self.database.writing() as session:
            commands.add_person(session, email, f"A {role}", held, by=SERVICE, at=dates.now())
            secret = _pressed(session, email)
        return self._with(email, secret)

    def sign_in(self, email: str) -> Visitor:
        """Somebody who is here already."""
        with self.database.writing() as session:
            secret = _pressed(session, email)
        return self._with(email, secret)

    def _with(self, email: str, secret: str) -> Visitor:
        """A browser with the cookie that pressing the button brings."""
        visitor = self.anonymous()
        visitor.email = email
        name = cookie_names(self.app.app.state.service.settings)[0]  # type: ignore[attr-defined]
        visitor.client.cookies.set(name, secret, domain=urlsplit(self.app.url).hostname or "")
        return visitor

    def close(self) -> None:
        self._open.close()


def _pressed(session: Session, email: str) -> str:
    """The session of somebody who opened the link they were sent and pressed the button. How that goes page by page is
    tried in the tests of access; here it is done at once, since nearly every test begins with it."""
    at = dates.now()
    made = commands.ask_for_link(session, email, browser=None, onward="/", at=at)
    pressed = commands.press_link(session, made.secret, browser="", code="", at=at)
    assert not isinstance(pressed, WrongCode)
    return pressed.secret
