"""Working rows: people and what they hold, sessions, links, tokens, and what each submit came to."""

from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from improvement.database import Working


class PersonRow(Working):
    """One person; facts refer to it by id, so that somebody can be forgotten without rewriting history."""

    __tablename__ = "person"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str | None] = mapped_column(String(254), unique=True)
    name: Mapped[str]
    rights_version: Mapped[int] = mapped_column(default=1)
    added_at: Mapped[datetime]
    left_at: Mapped[datetime | None]


class RoleRow(Working):
    """A role held, or proposed and waiting for a second person to confirm it."""

    __tablename__ = "role_held"
    __table_args__ = (
        Index(
            "uq_role_held",
            "person_id",
            "role",
            text("coalesce(region, '')"),
            text("coalesce(council, '')"),
            unique=True,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    role: Mapped[str] = mapped_column(String(20))
    region: Mapped[str | None] = mapped_column(String(60))
    council: Mapped[str | None] = mapped_column(String(60))
    granted_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    granted_at: Mapped[datetime]
    confirmed_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class SessionRow(Working):
    """A signed-in browser. Only a hash of its id is kept."""

    __tablename__ = "browser_session"
    shows: ClassVar[bool] = False

    id_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    started_at: Mapped[datetime]
    seen_at: Mapped[datetime]


class SignedInRow(Working):
    """The day somebody last signed in. Somebody who never did has no row."""

    __tablename__ = "signed_in"
    shows: ClassVar[bool] = False

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    last_on: Mapped[date]


class LinkRow(Working):
    """A sign-in link asked for: by a browser, or by the command (bound to none). Only hashes are kept."""

    __tablename__ = "sign_in_link"
    shows: ClassVar[bool] = False

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    email_hash: Mapped[str] = mapped_column(String(64), index=True)
    browser_hash: Mapped[str | None] = mapped_column(String(64))
    code_hash: Mapped[str | None] = mapped_column(String(64))
    asked_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)
    next_address: Mapped[str] = mapped_column(default="/")


class TokenRow(Working):
    """A personal token for the API. Only its hash is kept."""

    __tablename__ = "personal_token"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class SubmissionRow(Working):
    """What one submit came to, so that the second click gets the first one's answer."""

    __tablename__ = "submission"
    __table_args__ = (UniqueConstraint("person_id", "key", "route"),)
    shows: ClassVar[bool] = False

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    key: Mapped[str] = mapped_column(String(200))
    route: Mapped[str] = mapped_column(String(300))
    body_hash: Mapped[str] = mapped_column(String(64))
    status: Mapped[int]
    outcome: Mapped[dict[str, Any]]
    at: Mapped[datetime]
