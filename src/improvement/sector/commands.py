"""What is done about the sector: loading the reference data, and saying whom to write to."""

import csv
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import msgspec
from msgspec import Meta
from sqlalchemy import select
from sqlalchemy.orm import Session

from improvement.access.rules import SERVICE, May, Person, Role, tidy_email
from improvement.database import COMMON, EVER, Fact, correction, known, record
from improvement.dates import FROM_THE_BEGINNING, london_day
from improvement.errors import Mistakes, Refused, TurnedDown
from improvement.mail import arrival
from improvement.sector import queries
from improvement.sector.rules import Council
from improvement.sector.tables import (
    CodeGiven,
    ContactRow,
    CouncilAbolished,
    CouncilFormed,
    CouncilSucceeded,
    RegionNamed,
)
from improvement.web import forms, uploads

FIELDS = {"Director": "director", "Lead Member": "lead_member", "Local-account contact": "local_account"}
"""The posts that contacts are kept for, and how the fields of each begin."""
POSTS = tuple(FIELDS)
COLUMNS = ("council", "post", "name", "email")

KEYS: dict[type[Fact], tuple[str, ...]] = {
    RegionNamed: ("slug",),
    CouncilFormed: ("slug",),
    CouncilAbolished: ("slug",),
    CouncilSucceeded: ("predecessor", "successor"),
    CodeGiven: ("slug", "gss_code"),
}
"""What makes a reference fact the one it is; every other column may differ between file and database."""

NAMED_ELSEWHERE = (RegionNamed, CouncilFormed)
"""What other facts name by its slug, so that it is never taken away: the difference is said every time."""


class NewContact(msgspec.Struct, frozen=True):
    """Somebody to write to in a council."""

    council: Annotated[str, Meta(title="the council", max_length=60)]
    post: Annotated[str, Meta(title="the post", max_length=30)]
    name: Annotated[str, Meta(title="the name", max_length=200)]
    email: Annotated[str, Meta(title="the e-mail address", max_length=254)]


class ThreeContacts(msgspec.Struct, frozen=True):
    """Whom to write to in the three posts of a council; empty where there is nobody."""

    director_name: Annotated[str, Meta(title="the name of the Director", max_length=200)] = ""
    director_email: Annotated[str, Meta(title="the e-mail address of the Director", max_length=254)] = ""
    lead_member_name: Annotated[str, Meta(title="the name of the Lead Member", max_length=200)] = ""
    lead_member_email: Annotated[str, Meta(title="the e-mail address of the Lead Member", max_length=254)] = ""
    local_account_name: Annotated[str, Meta(title="the name of the local-account contact", max_length=200)] = ""
    local_account_email: Annotated[str, Meta(title="the e-mail address of the contact", max_length=254)] = ""


class NotAPost(Refused):
    """Contacts are kept for three posts."""


class Twice(Refused):
    """A file names two people for one post."""


def seed_sector(session: Session, folder: Path, *, apply: bool = False, at: datetime) -> list[str]:
    """Load the reference files. The first time everything is recorded as known from the beginning.

    Later, differences are said, one sentence each, and recorded (as corrections and new facts) only when `apply`.
    """
    first = session.scalar(select(RegionNamed.id).limit(1)) is None
    stamp = FROM_THE_BEGINNING if first else at
    said: list[str] = []
    for kind in KEYS:
        there = {_key(fact): fact for fact in session.scalars(known(kind, EVER))}
        for wanted in _from_files(kind, folder):
            said += _settle(session, there.pop(_key(wanted), None), wanted, first or apply, stamp)
        for key, gone in there.items():
            said.append(f"{kind.__tablename__}: {', '.join(key)} is in the database and not in the files")
            if apply and kind not in NAMED_ELSEWHERE:
                fact = correction(gone, reason="The reference files have it no longer.", values=None)
                record(session, fact, by=SERVICE.id, as_role=Role.SERVICE, at=at)
    return [] if first else said


def _settle(session: Session, there: Fact | None, wanted: Fact, record_it: bool, at: datetime) -> list[str]:
    """Record one reference fact where it is new or differs; say what differs."""
    name = f"{wanted.__tablename__}: {', '.join(_key(wanted))}"
    if there is None:
        if record_it:
            record(session, wanted, by=SERVICE.id, as_role=Role.SERVICE, at=at)
        return [f"{name} is new"]
    mine, theirs = _values(wanted), _values(there)
    differing = [column for column in mine if mine[column] != theirs[column]]
    if differing and record_it:
        fact = correction(there, reason="The reference files changed.", values=mine)
        record(session, fact, by=SERVICE.id, as_role=Role.SERVICE, at=at)
    return [f"{name}: {column} is {theirs[column]!r}, the file says {mine[column]!r}" for column in differing]


def _key(fact: Fact) -> tuple[str, ...]:
    return tuple(str(getattr(fact, column)) for column in KEYS[type(fact)])


def _values(fact: Fact) -> dict[str, Any]:
    own = [column.key for column in fact.__table__.columns if column.key not in COMMON]
    return {name: getattr(fact, name) for name in (*own, "effective_on")}


def _rows(folder: Path, name: str) -> Iterator[dict[str, str]]:
    with (folder / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _from_files(kind: type[Fact], folder: Path) -> list[Fact]:
    beginning = london_day(FROM_THE_BEGINNING)
    day = date.fromisoformat
    if kind is RegionNamed:
        return [
            RegionNamed(slug=row["slug"], name=row["name"], effective_on=beginning)
            for row in _rows(folder, "regions.csv")
        ]
    if kind is CouncilFormed:
        regions = {row["name"]: row["slug"] for row in _rows(folder, "regions.csv")}
        tiles = {row["slug"]: row for row in _rows(folder, "tiles.csv")}
        return [_formed(row, regions, tiles.get(row["slug"]), beginning) for row in _rows(folder, "councils.csv")]
    if kind is CouncilAbolished:
        ended = ((row["slug"], row["valid_to"]) for row in _rows(folder, "councils.csv") if row["valid_to"])
        return [CouncilAbolished(slug=slug, effective_on=day(last) + timedelta(days=1)) for slug, last in ended]
    if kind is CouncilSucceeded:
        return [
            CouncilSucceeded(
                predecessor=row["predecessor"],
                successor=row["successor"],
                effective_on=day(row["date"]),
                note=row["note"],
            )
            for row in _rows(folder, "successions.csv")
        ]
    return [
        CodeGiven(slug=row["slug"], gss_code=row["gss_code"], effective_on=day(row["code_from"]), note=row["source"])
        for row in _rows(folder, "gss_codes.csv")
    ]


def _formed(
    row: dict[str, str], regions: dict[str, str], tile: dict[str, str] | None, beginning: date
) -> CouncilFormed:
    return CouncilFormed(
        slug=row["slug"],
        name=row["short_name"],
        official_name=row["official_name"],
        council_type=row["council_type"],
        region=regions[row["adass_region"]],
        cassr_code=row["cassr_code"],
        adults_18plus=int(row["adults_18plus_2011"]),
        website_domain=row["website_domain"],
        before_records=not row["valid_from"],
        tile_name=tile["tile_name"] if tile else "",
        half_columns=int(tile["half_columns"]) if tile else None,
        tile_row=int(tile["row"]) if tile else None,
        effective_on=date.fromisoformat(row["valid_from"]) if row["valid_from"] else beginning,
        note=f"Dates: {row['valid_from_basis'] or 'older than any record'}",
    )


def set_contact(session: Session, contact: NewContact, *, by: Person) -> None:
    """Say whom to write to; whoever was there before is replaced. Raises `NotFound`, `NotAllowed` or `Refused`."""
    council = _own(session, contact.council, by)
    if contact.post not in POSTS:
        raise NotAPost(f"Select the post: {', '.join(POSTS)}.", field="post")
    email = tidy_email(contact.email)
    _clear(session, council.slug, contact.post, but=email)
    session.add(ContactRow(council=council.slug, post=contact.post, name=contact.name.strip(), email=email))


def clear_contact(session: Session, council: str, post: str, *, by: Person) -> None:
    """There is nobody to write to in this post. Raises `NotFound` or `NotAllowed`."""
    _own(session, council, by)
    _clear(session, council, post)


def _clear(session: Session, council: str, post: str, *, but: str = "") -> None:
    """Take out who is in a post. Their address is no longer one that is not reached, unless it stays the same."""
    there = session.scalar(select(ContactRow).where(ContactRow.council == council, ContactRow.post == post))
    if there is not None:
        if there.email != but:
            arrival.try_again(session, there.email)
        session.delete(there)
        session.flush()


def try_contacts_again(session: Session, council: str, *, by: Person) -> None:
    """Reminders go to a council's contacts again, although messages came back. Raises `NotFound` or `NotAllowed`."""
    _own(session, council, by)
    for one in queries.contacts(session, council):
        arrival.try_again(session, one.email)


def set_contacts(session: Session, council: str, wanted: ThreeContacts, *, by: Person) -> None:
    """Say whom to write to in each post of a council; a post left empty has nobody. Raises `Mistakes`."""
    mistakes: dict[str, str] = {}
    for post, field in FIELDS.items():
        name, email = (getattr(wanted, f"{field}_{part}").strip() for part in ("name", "email"))
        if not name and not email:
            clear_contact(session, council, post, by=by)
        elif not name:
            mistakes[f"{field}_name"] = f"Enter the name of the {post}, or leave both empty."
        else:
            try:
                set_contact(session, NewContact(council, post, name, email), by=by)
            except Refused as refusal:
                mistakes[f"{field}_email"] = refusal.message
    if mistakes:
        raise Mistakes(mistakes)


def load_contacts(session: Session, text: str, *, by: Person) -> int:
    """Contacts from a CSV with the columns council, post, name, email: all of them or none. Raises `Mistakes`."""
    rows, mistakes, seen = uploads.rows_of(text, COLUMNS), dict[str, str](), dict[tuple[str, str], int]()
    for number, row in rows.items():
        try:
            contact = forms.read(NewContact, row)
            first = seen.setdefault((contact.council, contact.post), number)
            if first != number:
                raise Twice(f"{contact.council} has a {contact.post} in row {first} already. Keep one of them.")
            set_contact(session, contact, by=by)
        except TurnedDown as refusal:
            sentences = dict.fromkeys(refusal.fields.values()) or [refusal.message]
            mistakes[f"row-{number}"] = f"Row {number}: {' '.join(sentences)}"
    if mistakes:
        raise Mistakes(mistakes)
    return len(rows)


def _own(session: Session, council: str, by: Person) -> Council:
    found = queries.council(session, council)
    by.acting(May.EDIT_CONTACTS, region=found.region, council=found.slug)
    return found
