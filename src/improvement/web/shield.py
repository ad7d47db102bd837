"""What holds for every answer, whoever gives it: the security headers, and the one host we answer to."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import urlsplit

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Any, Any, Any], Awaitable[None]]

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'"
)
HEADERS = (
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
    (b"vary", b"Cookie, Authorization"),
)
LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
PROBES = ("/health", "/ready")


class Shield:
    """Wraps the whole application, so that no answer goes out without its headers."""

    def __init__(self, app: App, url: str) -> None:
        parts = urlsplit(url)
        self.app, self.url = app, url
        self.headers = [
            *HEADERS,
            *([(b"strict-transport-security", b"max-age=31536000")] if parts.scheme == "https" else []),
        ]
        # Our own files are the same for everybody: signing in must not send them again.
        self.shared = [(name, value) for name, value in self.headers if name != b"vary"]
        self.hosts = {parts.netloc.lower().encode()}
        if parts.hostname in ("127.0.0.1", "localhost", "::1"):
            port = f":{parts.port}" if parts.port else ""
            self.hosts |= {f"{name}{port}".encode() for name in LOOPBACK}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def shielded(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                mine = {name for name, _ in self.headers if name != b"vary"}
                kept = [(name, value) for name, value in message.get("headers", []) if name.lower() not in mine]
                message["headers"] = [*kept, *(self.shared if scope["path"].startswith("/static/") else self.headers)]
            await send(message)

        hosts = [value.lower() for name, value in scope["headers"] if name == b"host"]
        if (len(hosts) != 1 or hosts[0] not in self.hosts) and scope["path"] not in PROBES:
            await _wrong_host(shielded, self.url, scope["path"].startswith("/api/"))
            return
        await self.app(scope, receive, shielded)


async def _wrong_host(send: Send, url: str, api: bool) -> None:
    sentence = f"The tracker is at {url}. Use that address."
    body = f'{{"status":400,"error":"{sentence}","fields":{{}}}}' if api else sentence
    kind = b"application/json" if api else b"text/plain; charset=utf-8"
    headers = [(b"content-type", kind), (b"content-length", str(len(body)).encode()), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": 400, "headers": headers})
    await send({"type": "http.response.body", "body": body.encode()})
