"""Our own stylesheet, script, icon and font, read once and served from memory."""

import gzip
import hashlib
from functools import cache
from pathlib import Path

import msgspec

STATIC = Path(__file__).parent / "static"
KINDS = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".woff2": "font/woff2",
}
FOR_EVER = "public, max-age=31536000, immutable"
ASK_AGAIN = "public, no-cache"


class OwnFile(msgspec.Struct, frozen=True):
    """A file of ours, as it is and compressed."""

    body: bytes
    smaller: bytes
    """Compressed, or nothing where that gains nothing."""
    media_type: str
    version: str
    foreign: bool
    """Made by others, who number their versions: such a file never changes under its name and number."""

    def kept(self, version: str) -> str:
        """How long a browser may keep it, asked for as this version."""
        return FOR_EVER if version == self.version or (self.foreign and version) else ASK_AGAIN


@cache
def own_files() -> dict[str, OwnFile]:
    """Every file we serve, by its name below /static/. Nothing else can be asked for, whatever the address says."""
    files = (file for file in sorted(STATIC.rglob("*")) if file.suffix in KINDS)
    return {file.relative_to(STATIC).as_posix(): _read(file) for file in files}


def _read(file: Path) -> OwnFile:
    body = file.read_bytes()
    smaller = gzip.compress(body, compresslevel=9, mtime=0)
    version = hashlib.sha256(body).hexdigest()[:10]
    foreign = ".min." in file.name or file.suffix == ".woff2"
    return OwnFile(body, smaller if len(smaller) < 0.9 * len(body) else b"", KINDS[file.suffix], version, foreign)
