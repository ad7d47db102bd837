"""Everything the service is told by its surroundings, read once. The README lists each setting and its default."""

import os
import re
import secrets
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

HERE = Path(__file__).parent
GIVING_PREFIX = "360G-improvement"
"""What stands for the prefix that 360Giving gives out to a publisher, until there is one."""


class Misconfigured(Exception):
    """A setting that cannot be used; the message says which and what to do."""


class Settings(msgspec.Struct, frozen=True):
    host: str
    """IMPROVEMENT_HOST: the address to listen on. Default 127.0.0.1."""
    port: int
    """IMPROVEMENT_PORT: the port to listen on. Default 8000."""
    url: str
    """IMPROVEMENT_URL: the address people use, for links; no other host is answered. Default from host and port."""
    folder: Path
    """IMPROVEMENT_DATA: where the database, archive and secret are kept. Default ./var."""
    database_url: str
    """IMPROVEMENT_DATABASE_URL: sqlite:///… or postgresql://…. Default an SQLite file in the data folder."""
    secret: str
    """IMPROVEMENT_SECRET: what tokens are signed with, 32 characters or more. Made on first run, mode 600."""
    smtp_url: str | None = None
    """IMPROVEMENT_SMTP_URL: smtp://user:password@host:port. Without it, mail stays in the outbox."""
    mail_from: str = "improvement@localhost"
    """IMPROVEMENT_MAIL_FROM: the address mail comes from."""
    mail_bounces: str = ""
    """IMPROVEMENT_MAIL_BOUNCES: the address that undelivered mail goes back to, as bounces+…@. Default: as it comes."""
    giving_prefix: str = GIVING_PREFIX
    """IMPROVEMENT_GIVING_PREFIX: what identifiers in the open data of grants begin with, as 360Giving gave it out."""

    @property
    def secure(self) -> bool:
        """Whether people come by https, so that cookies can be bound to it."""
        return self.url.startswith("https://")

    @property
    def embedded(self) -> bool:
        """Whether the database is the embedded default, SQLite: then one process does everything."""
        return self.database_url.startswith("sqlite")

    @classmethod
    def read(cls, environ: Mapping[str, str] = os.environ) -> "Settings":
        """Raises `Misconfigured` with the setting's name."""
        folder = Path(environ.get("IMPROVEMENT_DATA") or "var").absolute()
        host = environ.get("IMPROVEMENT_HOST") or "127.0.0.1"
        port = _port(environ.get("IMPROVEMENT_PORT") or "8000")
        return cls(
            host=host,
            port=port,
            url=_url(environ.get("IMPROVEMENT_URL") or f"http://{host}:{port}"),
            folder=folder,
            database_url=_database_url(environ.get("IMPROVEMENT_DATABASE_URL") or "", folder),
            secret=_secret(environ.get("IMPROVEMENT_SECRET"), folder),
            smtp_url=environ.get("IMPROVEMENT_SMTP_URL") or None,
            mail_from=environ.get("IMPROVEMENT_MAIL_FROM") or "improvement@localhost",
            mail_bounces=environ.get("IMPROVEMENT_MAIL_BOUNCES") or "",
            giving_prefix=_giving_prefix(environ.get("IMPROVEMENT_GIVING_PREFIX") or GIVING_PREFIX),
        )


def kept_in(name: str) -> Path:
    """A folder that stands beside the source in a checkout and inside the package when installed from a wheel."""
    packed = HERE / f"_{name}"
    return packed if packed.is_dir() else HERE.parents[1] / name


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 65536:
        raise Misconfigured(f"IMPROVEMENT_PORT is “{text}”. Give a number from 1 to 65535.")
    return int(text)


def _giving_prefix(text: str) -> str:
    if not re.fullmatch(r"360G-[A-Za-z0-9_]{1,40}", text):
        raise Misconfigured(f"IMPROVEMENT_GIVING_PREFIX is “{text}”. Give the prefix of 360Giving, like 360G-example.")
    return text


def _url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path.strip("/") or parts.query:
        raise Misconfigured(f"IMPROVEMENT_URL is “{text}”. Give an address like https://tracker.example.org.uk.")
    return f"{parts.scheme}://{parts.netloc}"


def _database_url(text: str, folder: Path) -> str:
    if not text:
        return f"sqlite:///{folder / 'improvement.db'}"
    if text.startswith("postgres://"):
        text = "postgresql://" + text.removeprefix("postgres://")
    if text.startswith("postgresql://"):
        return "postgresql+psycopg://" + text.removeprefix("postgresql://")
    if text.startswith(("sqlite:///", "postgresql+psycopg://")):
        return text
    raise Misconfigured("IMPROVEMENT_DATABASE_URL must begin with sqlite:/// or postgresql://.")


def _secret(given: str | None, folder: Path) -> str:
    """The secret given, or the one kept beside the database, made the first time for its owner alone."""
    if given:
        if len(given) < 32:
            raise Misconfigured("IMPROVEMENT_SECRET is too short. Give 32 characters or more, chosen at random.")
        return given
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    kept = folder / "secret"
    try:
        with os.fdopen(os.open(kept, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as new:
            new.write(secrets.token_urlsafe(48))
    except FileExistsError:
        pass
    return kept.read_text().strip()
