"""Documents: kept once by their hash, with what needs them or not at all, and never changed without being noticed."""

import hashlib
from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select, text

from improvement import documents
from improvement.database import Database
from improvement.documents import Attached, DocumentRow
from improvement.errors import NotFound, Refused

AT = datetime(2011, 9, 1, 9, tzinfo=UTC)
BODY = b"%PDF-1.4 \x00\xff an invoice"
SHA256 = hashlib.sha256(BODY).hexdigest()


def keep(database: Database, name: str = "invoice.pdf", body: bytes = BODY) -> Attached:
    with database.writing() as session:
        return documents.keep(session, name, "application/pdf", body, AT)


def kept(database: Database) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(DocumentRow)) or 0


def test_a_document_comes_back_as_it_was(database: Database) -> None:
    assert keep(database) == Attached("invoice.pdf", "application/pdf", len(BODY), SHA256)
    with database.reading() as session:
        assert documents.body_of(session, SHA256) == BODY
        assert documents.wrong(session) == []


def test_the_same_bytes_are_kept_once_whatever_they_are_called(database: Database) -> None:
    assert keep(database).sha256 == keep(database, "copy.pdf").sha256
    assert kept(database) == 1


def test_the_same_bytes_twice_in_one_transaction_are_kept_once(database: Database) -> None:
    with database.writing() as session:
        for name in ("a.pdf", "b.pdf"):
            documents.keep(session, name, "application/pdf", BODY, AT)
    assert kept(database) == 1


def test_what_is_refused_leaves_nothing_behind(database: Database) -> None:
    with pytest.raises(Refused), database.writing() as session:
        documents.keep(session, "a.pdf", "application/pdf", BODY, AT)
        raise Refused("No.")
    assert kept(database) == 0


def test_a_document_that_is_not_here_is_not_found(database: Database) -> None:
    with database.reading() as session, pytest.raises(NotFound):
        documents.body_of(session, SHA256)


def test_a_document_whose_bytes_changed_is_told(database: Database) -> None:
    keep(database)
    keep(database, body=b"another")
    with database.engine.begin() as connection:
        connection.execute(
            text("UPDATE document SET body = :body WHERE sha256 = :sha256"), {"body": b"changed", "sha256": SHA256}
        )
    with database.reading() as session:
        assert documents.wrong(session) == [f"The document {SHA256} is damaged."]


def test_a_large_document_is_kept_whole(database: Database) -> None:
    body = bytes(range(256)) * 35_000
    sha256 = keep(database, body=body).sha256
    with database.reading() as session:
        assert documents.body_of(session, sha256) == body
