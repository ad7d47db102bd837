"""What is done about people: inviting, confirming the roles that take two, leaving."""

import csv
from datetime import datetime
from io import StringIO
from typing import Annotated

import msgspec
from msgspec import Meta
from sqlalchemy.orm import Session

from improvement.access import commands as access
from improvement.access.rules import May, Person, Role, check_scope
from improvement.errors import Mistakes, Refused, TurnedDown, Unreadable
from improvement.sector import queries as sector


class NewPerson(msgspec.Struct, frozen=True):
    """Somebody to invite, in one role."""

    email: Annotated[str, Meta(title="the e-mail address", max_length=254)]
    name: Annotated[str, Meta(title="the name", max_length=200)]
    role: Annotated[Role, Meta(title="the role")]
    region: Annotated[str | None, Meta(title="the region", max_length=60)] = None
    council: Annotated[str | None, Meta(title="the council", max_length=60)] = None


class NotARoleToGive(Refused):
    """The tracker's own role is nobody's."""


def invite(session: Session, new: NewPerson, *, by: Person, at: datetime) -> int:
    """Add somebody, or give another role to somebody here. A role that takes two then waits for a second person."""
    by.acting(May.MANAGE_PEOPLE)
    if new.role is Role.SERVICE:
        raise NotARoleToGive("Select a role people hold.", field="role")
    held = check_scope(new.role, new.region, new.council)
    if held.region:
        sector.region(session, held.region)
    if held.council:
        sector.council(session, held.council)
    return access.add_person(session, new.email, new.name, held, by=by, at=at)


def invite_all(session: Session, text: str, *, by: Person, at: datetime) -> int:
    """The people in a CSV with the columns email, name, role, region, council: all or none. Raises `Mistakes`."""
    rows = list(csv.DictReader(StringIO(text)))
    mistakes = (
        {} if rows else {"file": "The file has no rows. It needs the columns email, name, role, region, council."}
    )
    for number, row in enumerate(rows, start=2):
        try:
            given = {name: (row.get(name) or "").strip() for name in ("email", "name", "role")}
            if given["role"] not in {role.value for role in Role if role is not Role.SERVICE}:
                raise Refused(f"“{given['role'][:40]}” is not a role.")
            place = {name: (row.get(name) or "").strip() or None for name in ("region", "council")}
            new = NewPerson(given["email"], given["name"], Role(given["role"]), **place)
            invite(session, new, by=by, at=at)
        except TurnedDown as refusal:
            mistakes[f"row {number}"] = f"Row {number}: {refusal.message}"
    if mistakes:
        raise Mistakes(mistakes)
    return len(rows)


def as_text(file: bytes) -> str:
    """A CSV as text: UTF-8 with or without its mark. Raises `Unreadable` rather than guess."""
    try:
        return file.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Unreadable("The file is not in UTF-8. In Excel, save it as “CSV UTF-8”, then send it again.") from None
