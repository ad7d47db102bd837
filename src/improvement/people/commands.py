"""What is done about people: inviting, confirming the roles that take two, leaving, and their personal tokens."""

import csv
from datetime import datetime
from io import StringIO
from typing import Annotated

import msgspec
from msgspec import Meta
from sqlalchemy.orm import Session

from improvement import mail
from improvement.access import commands as access
from improvement.access import queries as access_queries
from improvement.access.queries import Holding
from improvement.access.rules import Held, May, Person, Role, check_scope
from improvement.errors import Mistakes, Refused, TurnedDown
from improvement.mail import arrival
from improvement.people import queries, rules
from improvement.people.rules import Proposal
from improvement.sector import queries as sector
from improvement.web import forms

COLUMNS = ("email", "name", "role", "region", "council")


class NewPerson(msgspec.Struct, frozen=True):
    """Somebody to invite, in one role."""

    email: Annotated[str, Meta(title="the e-mail address", max_length=254)]
    name: Annotated[str, Meta(title="the name", max_length=200)]
    role: Annotated[Role, Meta(title="the role")]
    region: Annotated[str | None, Meta(title="the region", max_length=60)] = None
    council: Annotated[str | None, Meta(title="the council", max_length=60)] = None


class NewRole(msgspec.Struct, frozen=True):
    """Another role for somebody who is here."""

    role: Annotated[Role, Meta(title="the role")]
    region: Annotated[str | None, Meta(title="the region", max_length=60)] = None
    council: Annotated[str | None, Meta(title="the council", max_length=60)] = None


class NewName(msgspec.Struct, frozen=True):
    """What somebody is called."""

    name: Annotated[str, Meta(title="the name", max_length=200)]


class NewToken(msgspec.Struct, frozen=True):
    """A personal token to make."""

    days: Annotated[int, Meta(title="how many days it should work", ge=1, le=366)]


class NotARoleToGive(Refused):
    """The tracker's own role is nobody's."""


class NotText(Refused):
    """A file whose letters cannot be told for certain."""


def invite(session: Session, new: NewPerson, *, by: Person, at: datetime, address: str = "") -> int:
    """Add somebody, or give another role to somebody here. A role that takes two then waits for a second person.

    With the tracker's `address`, somebody whose role takes effect at once is told of it by e-mail.
    """
    by.acting(May.MANAGE_PEOPLE)
    held = _to_give(session, new.role, new.region, new.council)
    person = access.add_person(session, new.email, new.name, held, by=by, at=at)
    if address and not rules.takes_two(held.role):
        welcome(session, person, held, address, at=at)
    return person


def give_role(session: Session, person: int, new: NewRole, *, by: Person, at: datetime, address: str = "") -> None:
    """Give another role to somebody here. Raises `LeftAlready`, `NotFound` or the rule it breaks."""
    by.acting(May.MANAGE_PEOPLE)
    _here(session, person)
    held = _to_give(session, new.role, new.region, new.council)
    access.grant_role(session, person, held, by=by, at=at)
    if address and not rules.takes_two(held.role):
        welcome(session, person, held, address, at=at)


def _to_give(session: Session, role: Role, region: str | None, council: str | None) -> Held:
    if role is Role.SERVICE:
        raise NotARoleToGive("Select a role people hold.", field="role")
    held = check_scope(role, region, council)
    if held.region:
        sector.region(session, held.region)
    if held.council:
        sector.council(session, held.council)
    return held


def confirm_role(session: Session, holding: int, *, by: Person, at: datetime, address: str = "") -> int:
    """Confirm a role somebody else proposed; gives whose it is. Raises `ConfirmedAlready` or `TakesTwoPeople`."""
    by.acting(May.MANAGE_PEOPLE)
    found = access_queries.holding(session, holding)
    proposal = Proposal(found.held, found.person, found.granted_by, found.confirmed_by is not None)
    rules.check_confirm(proposal, by.id)
    access.confirm_role(session, holding, by=by)
    if address:
        welcome(session, found.person, found.held, address, at=at)
    return found.person


def revoke(session: Session, holding: int, *, by: Person) -> int:
    """Take a role away, or turn a proposal down; gives whose it was. Raises `LastOfTheSecretariat` or `NotFound`."""
    by.acting(May.MANAGE_PEOPLE)
    found = access_queries.holding(session, holding)
    _check_not_last(session, found)
    access.take_role(session, holding)
    return found.person


def leave(session: Session, person: int, *, by: Person, at: datetime) -> None:
    """Somebody leaves: signed out everywhere at once, with no role or token left. What they recorded stays."""
    by.acting(May.MANAGE_PEOPLE)
    for holding in _here(session, person).holdings:
        _check_not_last(session, holding)
    access.leave(session, person, at=at)


def try_again(session: Session, person: int, *, by: Person) -> None:
    """Reminders go to somebody's address again, although messages to it came back. Raises `NotFound`."""
    by.acting(May.MANAGE_PEOPLE)
    arrival.try_again(session, access_queries.somebody(session, person).email)


def rename(session: Session, person: int, new: NewName, *, by: Person) -> None:
    """Somebody is called something else. Raises `NotFound`."""
    by.acting(May.MANAGE_PEOPLE)
    access_queries.somebody(session, person)
    access.rename(session, person, new.name)


def make_token(session: Session, new: NewToken, *, by: Person, at: datetime) -> str:
    """One's own personal token for the API: nobody can be shown it again."""
    return access.make_token(session, by.email, new.days, at=at)


def remove_token(session: Session, ident: str, *, by: Person) -> None:
    """One of one's own tokens works no more. Raises `NotFound`."""
    access.remove_token(session, by.id, ident)


def welcome(session: Session, person: int, held: Held, address: str, *, at: datetime) -> None:
    """Tell somebody, by e-mail, of the role they hold now and where to sign in."""
    to = access_queries.somebody(session, person).email
    body = (
        f"You now have the role “{queries.in_words(session, held)}” in the improvement tracker.\n\n"
        f"To sign in, go to:\n\n{address}/sign-in\n\n"
        "Enter this e-mail address there, and we will send you a link. There is no password.\n"
    )
    mail.write(session, to, "Your role in the improvement tracker", body, at, kind=mail.Kind.ROLE)


def _here(session: Session, person: int) -> access_queries.Somebody:
    found = access_queries.somebody(session, person)
    if found.left_at is not None:
        raise rules.LeftAlready(f"{found.name} has left already.")
    return found


def _check_not_last(session: Session, holding: Holding) -> None:
    others = queries.confirmed(session, Held(Role.SECRETARIAT)) - 1
    rules.check_not_last(holding.held, holding.confirmed_by is not None, others)


def invite_all(session: Session, text: str, *, by: Person, at: datetime, address: str = "") -> int:
    """The people in a CSV with the columns email, name, role, region, council: all or none. Raises `Mistakes`."""
    rows = _rows(text)
    mistakes: dict[str, str] = {}
    for number, row in rows.items():
        try:
            row["role"] = row["role"].lower()
            if row["role"] and row["role"] not in list(rules.WORDS):
                raise NotARoleToGive(f"“{row['role'][:40]}” is not a role. Use one of: {', '.join(rules.WORDS)}.")
            invite(session, forms.read(NewPerson, row), by=by, at=at, address=address)
        except TurnedDown as refusal:
            sentences = dict.fromkeys(refusal.fields.values()) or [refusal.message]
            mistakes[f"row-{number}"] = f"Row {number}: {' '.join(sentences)}"
    if mistakes:
        raise Mistakes(mistakes)
    return len(rows)


def _rows(text: str) -> dict[int, dict[str, str]]:
    """Each row that is not blank, by its number in the file and its headings. Raises `Mistakes`."""
    first = text.partition("\n")[0]
    try:
        read = list(csv.reader(StringIO(text), delimiter=";" if ";" in first and "," not in first else ","))
    except csv.Error:
        raise Mistakes({"file": "The file cannot be read as a CSV. Save it again from your spreadsheet."}) from None
    headings = [heading.strip().lower() for heading in read[0]] if read else []
    rows = {number: row for number, row in enumerate(read[1:], start=2) if any(cell.strip() for cell in row)}
    missing = [column for column in COLUMNS[:3] if column not in headings]
    if missing or not rows:
        told = f"has no column {missing[0]}" if headings and missing else "has no rows"
        raise Mistakes(
            {"file": f"The file {told}. It needs the columns {', '.join(COLUMNS)}, and a row for each person."}
        )
    long = [number for number, row in rows.items() if any(cell.strip() for cell in row[len(headings) :])]
    if long:
        raise Mistakes({"file": f"Row {long[0]} has more cells than there are columns. Put quotes round commas."})
    return {number: dict(zip(headings, row, strict=False)) for number, row in rows.items()}


def as_text(file: bytes) -> str:
    """A CSV as text: UTF-8 with or without its mark, or UTF-16 with it. Raises `NotText` rather than guess."""
    try:
        return file.decode("utf-16" if file[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError:
        sentence = "The file is not in UTF-8. In Excel, save it as “CSV UTF-8”, then send it again."
        raise NotText(sentence, field="file") from None
