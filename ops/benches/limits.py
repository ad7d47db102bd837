"""The two limits, as a server beside the tracker's: the same framework with nothing to do, and with the least to do.

*Bare* gives ready-made bytes. *Minimal* reads the same rows with plain sqlite3 and renders the same bytes with a bare
template (or encodes them as JSON); to record, it writes one row durably. Neither asks who is there.
"""

import gc
import sqlite3
import sys
from pathlib import Path
from typing import Any

import msgspec
import uvicorn
from litestar import Litestar, Request, Response
from litestar.handlers import HTTPRouteHandler

from benches.likeness import environment


class Limit(msgspec.Struct, frozen=True):
    """One answer of the tracker, and what it takes to make the like of it."""

    method: str
    status: int
    media_type: str
    headers: dict[str, str]
    body: str
    statements: list[str]
    template: str | None = None
    """None: the rows are encoded as JSON, or (without a body) not at all."""


class Plan(msgspec.Struct, frozen=True):
    """What the server is told to serve."""

    port: int
    database: str
    limits: dict[str, Limit]


def connected(database: str) -> sqlite3.Connection:
    """As durable as the tracker's."""
    connection = sqlite3.connect(database, isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")
    return connection


def read(connection: sqlite3.Connection, statements: list[str]) -> list[Any]:
    """Every value of every row, in order."""
    return [value for statement in statements for row in connection.execute(statement) for value in row]


def _bare(name: str, limit: Limit) -> HTTPRouteHandler:
    body = limit.body.encode()

    async def answer() -> Response[bytes]:
        return Response(body, status_code=limit.status, headers=limit.headers, media_type=limit.media_type)

    return HTTPRouteHandler(f"/bare/{name}", http_method=[limit.method], status_code=200)(answer)  # type: ignore[list-item]


def _minimal(name: str, limit: Limit, connection: sqlite3.Connection) -> HTTPRouteHandler:
    template = environment().from_string(limit.template) if limit.template is not None else None
    size = len(limit.body.encode())

    def made() -> bytes:
        if template is not None:
            return template.render(v=read(connection, limit.statements)).encode()
        items = []
        for statement in limit.statements:
            rows = connection.execute(statement)
            names = [column[0] for column in rows.description]
            items += [dict(zip(names, row, strict=True)) for row in rows]
        return msgspec.json.encode({"items": items}).ljust(size)[:size] if size else b""

    async def show() -> Response[bytes]:
        return Response(made(), status_code=limit.status, headers=limit.headers, media_type=limit.media_type)

    async def record(request: Request[Any, Any, Any]) -> Response[bytes]:
        msgspec.json.decode(await request.body())
        connection.execute("BEGIN IMMEDIATE")
        for statement in limit.statements:
            connection.execute(statement)
        connection.execute("COMMIT")
        body = limit.body.encode()
        return Response(body, status_code=limit.status, headers=limit.headers, media_type=limit.media_type)

    declare = HTTPRouteHandler(f"/minimal/{name}", http_method=[limit.method], status_code=200)  # type: ignore[list-item]
    return declare(record if limit.method == "POST" else show)


async def _here() -> str:
    return "here"


def main() -> None:
    """Serve the plan in the file that is named."""
    plan = msgspec.json.decode(Path(sys.argv[1]).read_bytes(), type=Plan)
    connection = connected(plan.database)
    handlers = [_bare(name, limit) for name, limit in plan.limits.items()]
    handlers += [_minimal(name, limit, connection) for name, limit in plan.limits.items()]
    handlers.append(HTTPRouteHandler("/", http_method=["GET"])(_here))
    app = Litestar(route_handlers=handlers, openapi_config=None)
    gc.collect()
    gc.freeze()
    uvicorn.run(app, host="127.0.0.1", port=plan.port, log_level="warning", access_log=False, server_header=False)


if __name__ == "__main__":
    main()
