"""What is done about the sector: loading the reference data, and saying whom to write to."""

import csv
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Annotated, Any

import msgspec
from msgspec import Meta
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from improvement.access.rules import SERVICE, May, Person, Role, tidy_email
from improvement.database import COMMON, EVER, Fact, correction, known, record
from improvement.dates import FROM_THE_BEGINNING, london_day
from improvement.errors import Mistakes, Refused
from improvement.sector import queries
from improvement.sector.tables import (
    CodeGiven,
    ContactRow,
    CouncilAbolished,
    CouncilFormed,
    CouncilSucceeded,
    RegionNamed,
)

POSTS = ("Director", "Lead Member", "Local-account contact")

KEYS: dict[type[Fact], tuple[str, ...]] = {
    RegionNamed: ("slug",),
    CouncilFormed: ("slug",),
    CouncilAbolished: ("slug",),
    CouncilSucceeded: ("predecessor", "successor"),
    CodeGiven: ("slug", "gss_code"),
}
"""What makes a reference fact the one it is; every other column may differ between file and database."""


class NewContact(msgspec.Struct, frozen=True):
    """Somebody to write to in a council."""

    council: Annotated[str, Meta(title="the council", max_length=60)]
    post: Annotated[str, Meta(title="the post", max_length=30)]
    name: Annotated[str, Meta(title="the name", max_length=200)]
    email: Annotated[str, Meta(title="the e-mail address", max_length=254)]


class NotAPost(Refused):
    """Contacts are kept for three posts."""


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
        said += [f"{kind.__tablename__}: {', '.join(key)} is in the database and not in the files" for key in there]
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
    council = queries.council(session, contact.council)
    by.acting(May.EDIT_CONTACTS, region=council.region, council=council.slug)
    if contact.post not in POSTS:
        raise NotAPost(f"Select the post: {', '.join(POSTS)}.", field="post")
    email = tidy_email(contact.email)
    session.execute(delete(ContactRow).where(ContactRow.council == council.slug, ContactRow.post == contact.post))
    session.add(ContactRow(council=council.slug, post=contact.post, name=contact.name.strip(), email=email))


def load_contacts(session: Session, text: str, *, by: Person) -> int:
    """Contacts from a CSV with the columns council, post, name, email: all of them or none. Raises `Mistakes`."""
    rows = list(csv.DictReader(StringIO(text.removeprefix("\ufeff"))))
    mistakes: dict[str, str] = {}
    for number, row in enumerate(rows, start=2):
        given = {name: (row.get(name) or "").strip() for name in ("council", "post", "name", "email")}
        missing = [name for name, value in given.items() if not value]
        try:
            if missing:
                raise Refused(f"the column {missing[0]} is empty.")
            set_contact(session, NewContact(**given), by=by)
        except Refused as refusal:
            mistakes[f"row {number}"] = f"Row {number}: {refusal.message}"
    if not rows:
        mistakes["file"] = "The file has no rows. It needs the columns council, post, name, email."
    if mistakes:
        raise Mistakes(mistakes)
    return len(rows)
