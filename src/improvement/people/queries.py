"""Questions about people, in the words those who look after them read."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date

import msgspec
from sqlalchemy.orm import Session

from improvement.access import queries as access
from improvement.access.queries import Holding, Somebody
from improvement.access.rules import Held
from improvement.dates import london_day
from improvement.mail import arrival
from improvement.mail.arrival import Unreached
from improvement.people.rules import WORDS, fits_seen
from improvement.sector import queries as sector


class Role(msgspec.Struct, frozen=True):
    """A role as it is shown: in words, with who gave it and who confirmed it."""

    id: int
    words: str
    granted_by: str
    proposer: int
    granted_on: date
    confirmed_by: str | None


class Row(msgspec.Struct, frozen=True):
    """One person in the list."""

    id: int
    name: str
    email: str
    left_on: date | None
    added_on: date
    roles: tuple[Role, ...]
    waiting: tuple[Role, ...]
    kinds: frozenset[str]
    last_on: date | None = None
    """The day of the last sign-in; none for somebody who never did."""
    not_reached: Unreached | None = None


class Wanted(msgspec.Struct, frozen=True):
    """Whom to look for: words of the name or address, a role, when they signed in, and whether they have left."""

    q: str = ""
    role: str = ""
    seen: str = ""
    left: str = ""


class Listed(msgspec.Struct, frozen=True):
    """Somebody as the API and the command list them: roles as people read them, one after the other."""

    id: int
    name: str
    email: str
    roles: tuple[str, ...]
    added_on: date
    left_on: date | None
    has_signed_in: bool
    last_signed_in_on: date | None
    not_reached: str
    """Why the last message did not arrive; empty when it did, as far as we know."""


def in_words(session: Session, held: Held) -> str:
    """“Council officer, Brent”, “Regional coordinator, London” or “Board member”."""
    if held.region:
        return f"{WORDS[held.role]}, {sector.region(session, held.region).name}"
    if held.council:
        return f"{WORDS[held.role]}, {sector.council(session, held.council).name}"
    return WORDS[held.role]


def everybody(session: Session) -> list[Row]:
    """Everybody, by name: who is here and who has left."""
    names, missed = access.names(session), arrival.unreached(session)
    return [_row(session, one, names, missed) for one in access.everybody(session)]


def wanted_of(query: Mapping[str, str]) -> Wanted:
    """What an address asks for."""
    return Wanted(*(query.get(name, "").strip()[:254] for name in Wanted.__struct_fields__))


def found(rows: Iterable[Row], wanted: Wanted, today: date) -> list[Row]:
    """Those who fit, in the order they came."""
    return [row for row in rows if _fits(row, wanted, today)]


def _fits(row: Row, wanted: Wanted, today: date) -> bool:
    gone = row.left_on is not None
    words = wanted.q.lower()
    in_role = wanted.role in ("", *row.kinds)
    seen = fits_seen(wanted.seen, row.last_on, today, reached=row.not_reached is None)
    return gone == (wanted.left == "yes") and in_role and seen and words in f"{row.name} {row.email}".lower()


def listed(session: Session, wanted: Wanted, today: date) -> list[Listed]:
    """Those who fit, by name, to be printed or sent as JSON."""
    return [
        Listed(
            id=row.id,
            name=row.name,
            email=row.email,
            roles=tuple(role.words for role in row.roles),
            added_on=row.added_on,
            left_on=row.left_on,
            has_signed_in=row.last_on is not None,
            last_signed_in_on=row.last_on,
            not_reached=row.not_reached.reason if row.not_reached else "",
        )
        for row in found(everybody(session), wanted, today)
    ]


def printed(rows: Iterable[Listed]) -> Iterator[tuple[object, ...]]:
    """Rows for a spreadsheet: the roles in one cell, and yes or no."""
    for row in rows:
        told = {"roles": "; ".join(row.roles), "has_signed_in": "yes" if row.has_signed_in else "no"}
        yield tuple({**msgspec.structs.asdict(row), **told}.values())


def somebody(session: Session, id_: int) -> Row:
    """Raises `NotFound`."""
    return _row(session, access.somebody(session, id_), access.names(session), arrival.unreached(session))


def confirmed(session: Session, held: Held) -> int:
    """How many people hold a role now."""
    here = (one for one in access.everybody(session) if one.left_at is None)
    return sum(holding.held == held and holding.confirmed_by is not None for one in here for holding in one.holdings)


def _row(session: Session, one: Somebody, names: dict[int, str], missed: Mapping[str, Unreached]) -> Row:
    roles = [(holding, _role(session, holding, names)) for holding in one.holdings]
    return Row(
        id=one.id,
        name=one.name,
        email=one.email,
        left_on=one.left_at and london_day(one.left_at),
        added_on=london_day(one.added_at),
        roles=tuple(role for holding, role in roles if holding.confirmed_by is not None),
        waiting=tuple(role for holding, role in roles if holding.confirmed_by is None),
        kinds=frozenset(str(holding.held.role) for holding, _ in roles),
        last_on=one.last_on,
        not_reached=missed.get(one.email),
    )


def _role(session: Session, holding: Holding, names: dict[int, str]) -> Role:
    return Role(
        id=holding.id,
        words=in_words(session, holding.held),
        granted_by=names.get(holding.granted_by, "Not known"),
        proposer=holding.granted_by,
        granted_on=london_day(holding.granted_at),
        confirmed_by=None if holding.confirmed_by is None else names.get(holding.confirmed_by, "Not known"),
    )
