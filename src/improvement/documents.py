"""What people attach to what they record: the bytes, kept once by their hash, in the transaction that needs them.

Facts name a document by its hash, so it is never edited; and a backup of the database has every one (decision 0008).
"""

import hashlib
from datetime import datetime

import msgspec
from sqlalchemy import LargeBinary, String, select
from sqlalchemy.orm import Mapped, Session, defer, mapped_column

from improvement.database import Working
from improvement.errors import NotFound


class DocumentRow(Working):
    """Bytes by their SHA-256. Written once, never changed."""

    __tablename__ = "document"
    shows = False

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    body: Mapped[bytes] = mapped_column(LargeBinary)
    kept_at: Mapped[datetime]


class Attached(msgspec.Struct, frozen=True):
    """A document as a fact names it: what it was called, what it is, and its hash."""

    name: str
    media_type: str
    size: int
    sha256: str


def keep(session: Session, name: str, media_type: str, body: bytes, at: datetime) -> Attached:
    """Keep bytes, unless the same ones are kept already."""
    sha256 = hashlib.sha256(body).hexdigest()
    if session.get(DocumentRow, sha256, options=[defer(DocumentRow.body)]) is None:
        session.add(DocumentRow(sha256=sha256, body=body, kept_at=at))
        session.flush()
    return Attached(name, media_type, len(body), sha256)


def body_of(session: Session, sha256: str) -> bytes:
    """The bytes of a document. Raises `NotFound`."""
    found = session.scalar(select(DocumentRow.body).where(DocumentRow.sha256 == sha256))
    if found is None:
        raise NotFound("This document is not kept here.")
    return found


def wrong(session: Session) -> list[str]:
    """Documents whose bytes are not those they were kept as, one sentence each."""
    return [
        f"The document {sha256} is damaged."
        for sha256, body in session.execute(
            select(DocumentRow.sha256, DocumentRow.body).execution_options(yield_per=20)
        )
        if hashlib.sha256(body).hexdigest() != sha256
    ]
