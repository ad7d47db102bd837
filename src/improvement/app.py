"""Where the service is put together: settings → database → routes → errors → templates."""

import gc
import hashlib
from importlib import import_module
from pathlib import Path
from typing import Any

from anyio import CapacityLimiter
from litestar import Litestar
from litestar.config.compression import CompressionConfig
from litestar.datastructures import State
from litestar.handlers import HTTPRouteHandler

from improvement import __file__ as here
from improvement import upkeep
from improvement.access.answering import Shared, unexpected
from improvement.access.asking import MOST_READ, Site
from improvement.access.routes import declared
from improvement.database import Database
from improvement.settings import Settings
from improvement.web.environment import environment
from improvement.web.shield import Shield

SLICES = ("access", "people", "local_accounts", "funding", "concerns", "board_reports", "notices", "overview")
THREADS = 16
"""How many requests are worked on at once; each has a connection of its own."""


def routes() -> list[HTTPRouteHandler]:
    """Every route there is, from the rooms where they are declared."""
    found: list[HTTPRouteHandler] = []
    for name in SLICES:
        for room in ("pages", "api"):
            if any((Path(here).parent / name).glob(f"{room}*")):
                found += import_module(f"improvement.{name}.{room}").routes
    return found


def templates() -> Any:
    """The environment of all templates."""
    folders = {name: Path(here).parent / name / "templates" for name in SLICES}
    return environment({name: folder for name, folder in folders.items() if folder.is_dir()})


def release() -> str:
    """What this code is: a change of any file of the package is another release, and spoils every ETag."""
    told = hashlib.sha256()
    for file in sorted(Path(here).parent.rglob("*")):
        if file.suffix in (".py", ".html", ".css", ".js"):
            told.update(f"{file.name}{file.stat().st_size}{file.stat().st_mtime_ns}".encode())
    return told.hexdigest()[:12]


def create_app(settings: Settings, database: Database) -> Shield:
    """The application, with everything around it, ready to serve."""
    handlers = routes()
    site = Site(release(), upkeep.newest_revision(), tuple(declared(route) for route in handlers))
    app = Litestar(
        route_handlers=handlers,
        exception_handlers={Exception: unexpected},
        compression_config=CompressionConfig(
            backend="gzip", gzip_compress_level=4, minimum_size=1000, exclude_opt_key="compressed"
        ),
        openapi_config=None,
        # Ours is set up in `serving`; the framework would put its own in its place.
        logging_config=None,
        request_max_body_size=MOST_READ,
        state=State({"service": Shared(settings, database, templates(), site, CapacityLimiter(THREADS))}),
        debug=False,
    )
    # What was built lives as long as the process: keep the collector from walking it at every turn.
    gc.collect()
    gc.freeze()
    return Shield(app, settings.url)
