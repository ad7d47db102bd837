"""Questions about people, in the words those who look after them read."""

from datetime import date

import msgspec
from sqlalchemy.orm import Session

from improvement.access import queries as access
from improvement.access.queries import Holding, Somebody
from improvement.access.rules import Held
from improvement.dates import london_day
from improvement.people.rules import WORDS
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


def in_words(session: Session, held: Held) -> str:
    """“Council officer, Brent”, “Regional coordinator, London” or “Board member”."""
    if held.region:
        return f"{WORDS[held.role]}, {sector.region(session, held.region).name}"
    if held.council:
        return f"{WORDS[held.role]}, {sector.council(session, held.council).name}"
    return WORDS[held.role]


def everybody(session: Session) -> list[Row]:
    """Everybody, by name: who is here and who has left."""
    names = access.names(session)
    return [_row(session, one, names) for one in access.everybody(session)]


def somebody(session: Session, id_: int) -> Row:
    """Raises `NotFound`."""
    return _row(session, access.somebody(session, id_), access.names(session))


def confirmed(session: Session, held: Held) -> int:
    """How many people hold a role now."""
    here = (one for one in access.everybody(session) if one.left_at is None)
    return sum(holding.held == held and holding.confirmed_by is not None for one in here for holding in one.holdings)


def _row(session: Session, one: Somebody, names: dict[int, str]) -> Row:
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
