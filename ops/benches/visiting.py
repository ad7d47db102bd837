"""Somebody at the tracker: signed in by a link and the press of its button for pages, with a token for the API."""

import json
import re
from collections.abc import Mapping
from http.client import HTTPConnection
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import urlencode, urlsplit

import msgspec

from benches.processes import CannotBench, Server, said

WHO = "secretariat@demo.example"


class Answer(msgspec.Struct, frozen=True):
    """One answer, as it came."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


class Visitor:
    """The demonstration's secretariat."""

    def __init__(self, server: Server, folder: Path, **environ: str) -> None:
        settings = {"IMPROVEMENT_PORT": str(server.port), **environ}
        self.port = server.port
        self.token = said(folder, "token", WHO, "--days", "1", **settings)
        self.cookie = self._press(urlsplit(said(folder, "sign-in-link", WHO, **settings)).path)

    def _press(self, link: str) -> str:
        opened = self._ask("GET", link, {})
        fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', opened.text))
        if not fields:
            raise CannotBench(f"The sign-in link shows no form:\n{opened.text[:500]}")
        browser = opened.headers.get("set-cookie", "").partition(";")[0]
        sent = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": browser}
        pressed = self._ask("POST", link, sent, urlencode(fields).encode())
        found = re.search(r"session=([^;,\s]+)", pressed.headers.get("set-cookie", ""))
        if pressed.status != 303 or found is None:
            raise CannotBench(f"Signing in answered {pressed.status}:\n{pressed.text[:500]}")
        return f"session={found.group(1)}"

    def _ask(self, method: str, path: str, headers: dict[str, str], body: bytes | None = None) -> Answer:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request(method, path, body=body, headers=headers)
        came = connection.getresponse()
        told: dict[str, str] = {}
        for name, value in came.getheaders():
            told[name.lower()] = f"{told[name.lower()]}, {value}" if name.lower() in told else value
        answer = Answer(came.status, told, came.read())
        connection.close()
        return answer

    def headers(self, path: str) -> dict[str, str]:
        """What says who asks: a person's cookie for pages, a program's token for the API."""
        to_api = path.startswith("/api/")
        return {"Authorization": f"Bearer {self.token}"} if to_api else {"Cookie": self.cookie}

    def get(self, path: str) -> Answer:
        """What is there."""
        return self._ask("GET", path, self.headers(path))

    def send(self, path: str, kind: str, body: bytes) -> Answer:
        """What comes of sending a form, as a browser does."""
        return self._ask("POST", path, {**self.headers(path), "Content-Type": kind}, body)

    def json(self, path: str) -> Any:
        """What the API tells, or nothing where it does not."""
        answer = self.get(f"/api/v1{path}")
        return json.loads(answer.body) if answer.status == 200 else None

    def request(
        self, method: str, path: str, body: bytes = b"", more: Mapping[str, str] = MappingProxyType({})
    ) -> bytes:
        """A request as it goes over the wire, kept small: the client is not what is measured."""
        headers = {"Host": f"127.0.0.1:{self.port}", **self.headers(path), **more}
        if method == "POST":
            headers |= {"Content-Type": "application/json", "Content-Length": str(len(body))}
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        return f"{method} {path} HTTP/1.1\r\n{lines}\r\n".encode() + body
