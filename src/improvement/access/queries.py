"""Who somebody is: by session, by token, by e-mail address."""

from collections import defaultdict
from datetime import date, datetime

import msgspec
from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.orm import Session

from improvement.access import keys, rules
from improvement.access.rules import SERVICE, Held, Person, Role
from improvement.access.tables import LinkRow, PersonRow, RoleRow, SessionRow, SignedInRow, TokenRow
from improvement.database import take_head, with_head
from improvement.errors import NotFound


class Holding(msgspec.Struct, frozen=True):
    """A role somebody holds, or waits for until a second person confirms it."""

    id: int
    person: int
    held: Held
    granted_by: int
    granted_at: datetime
    confirmed_by: int | None


class Somebody(msgspec.Struct, frozen=True):
    """A person as those who look after people see them: gone or here, with what they hold and wait for."""

    id: int
    name: str
    email: str
    added_at: datetime
    left_at: datetime | None
    holdings: tuple[Holding, ...]
    last_on: date | None = None
    """The day of the last sign-in; none for somebody who never did."""


class SignedIn(msgspec.Struct, frozen=True):
    """A browser somebody is signed in with. `here` is the one that asks."""

    started_at: datetime
    seen_at: datetime
    here: bool


class Token(msgspec.Struct, frozen=True):
    """A personal token that still works, by the beginning of its hash."""

    ident: str
    made_at: datetime
    expires_at: datetime


IDENT = 16
"""How many signs of a token's hash tell it from the same person's others."""

_PERSON = (PersonRow.id, PersonRow.name, PersonRow.email, PersonRow.rights_version)


# Every request asks one of these. Put together once, and of the tables, it takes a third of asking the classes anew.
_PEOPLE, _SESSIONS, _TOKENS = PersonRow.__table__, SessionRow.__table__, TokenRow.__table__
_COLUMNS = [_PEOPLE.c[column.key] for column in _PERSON]
_NAMES = select(_PEOPLE.c.id, _PEOPLE.c.name)
_OF_SESSION = with_head(
    select(*_COLUMNS, _SESSIONS.c.started_at, _SESSIONS.c.seen_at)
    .join_from(_PEOPLE, _SESSIONS, _SESSIONS.c.person_id == _PEOPLE.c.id)
    .where(_SESSIONS.c.id_hash == bindparam("hash"), _PEOPLE.c.left_at.is_(None))
)
_OF_TOKEN = with_head(
    select(*_COLUMNS)
    .join_from(_PEOPLE, _TOKENS, _TOKENS.c.person_id == _PEOPLE.c.id)
    .where(
        _TOKENS.c.token_hash == bindparam("hash"), _TOKENS.c.expires_at > bindparam("at"), _PEOPLE.c.left_at.is_(None)
    )
)


def of_session(session: Session, secret: str, at: datetime) -> tuple[Person, bool] | None:
    """Who is signed in by a session that still holds, and whether its last sight is stale."""
    found = session.connection().execute(_OF_SESSION, {"hash": keys.hash_of(secret)}).first()
    if found is None or not rules.session_lives(found.started_at, found.seen_at, at):
        return None
    take_head(session, found)
    return _person(session, found), at - found.seen_at > rules.TOUCH


def of_token(session: Session, secret: str, at: datetime) -> Person | None:
    """Whose personal token this is, while it lasts."""
    found = session.connection().execute(_OF_TOKEN, {"hash": keys.hash_of(secret), "at": at}).first()
    if found is None:
        return None
    take_head(session, found)
    return _person(session, found)


def person(session: Session, id_: int) -> Person:
    """Raises `NotFound`."""
    found = session.execute(select(*_PERSON).where(PersonRow.id == id_)).first()
    if found is None:
        raise NotFound("There is no such person.")
    return _person(session, found)


def by_email(session: Session, email: str) -> Person | None:
    """Somebody who has not left."""
    found = session.execute(select(*_PERSON).where(PersonRow.email == email, PersonRow.left_at.is_(None))).first()
    return None if found is None else _person(session, found)


def names(session: Session) -> dict[int, str]:
    """What each person is called, to say who recorded something."""
    return {row.id: row.name for row in session.execute(_NAMES)}


def has_any(session: Session, *roles: Role) -> bool:
    """Whether anybody holds one of these roles, so that a fresh tracker can say whom to add first."""
    return session.scalar(select(func.count()).where(RoleRow.role.in_(roles), RoleRow.confirmed_by.is_not(None))) != 0


def people_with(session: Session, *roles: Role) -> list[Person]:
    """The people who hold one of these roles and have not left, by name."""
    wanted = select(*_PERSON).join(RoleRow, RoleRow.person_id == PersonRow.id).where(PersonRow.left_at.is_(None))
    held = wanted.where(RoleRow.role.in_(roles), RoleRow.confirmed_by.is_not(None))
    return [_person(session, row) for row in session.execute(held.distinct().order_by(PersonRow.name, PersonRow.id))]


def link(session: Session, secret: str) -> LinkRow | None:
    return session.scalar(select(LinkRow).where(LinkRow.token_hash == keys.hash_of(secret)))


def asks_since(session: Session, email: str, browser: str, since: datetime) -> tuple[int, int]:
    """How many links to one address were asked for since an instant: by one browser, and by all."""
    here = func.count().filter(LinkRow.browser_hash == keys.hash_of(browser))
    asked = select(here, func.count(LinkRow.browser_hash)).where(LinkRow.email_hash == keys.hash_of(email))
    by_it, by_all = session.execute(asked.where(LinkRow.asked_at > since)).one()
    return by_it, by_all


def everybody(session: Session) -> list[Somebody]:
    """Everybody there ever was but the tracker itself, by name."""
    found = _somebodies(session, _WITH_LAST.where(PersonRow.id != SERVICE.id), select(RoleRow))
    return sorted(found, key=lambda one: (one.name.casefold(), one.id))


def somebody(session: Session, id_: int) -> Somebody:
    """Raises `NotFound`."""
    people = _WITH_LAST.where(PersonRow.id == id_, PersonRow.id != SERVICE.id)
    found = _somebodies(session, people, select(RoleRow).where(RoleRow.person_id == id_))
    if not found:
        raise NotFound("There is no such person.")
    return found[0]


_WITH_LAST = select(PersonRow, SignedInRow.last_on).outerjoin(SignedInRow, SignedInRow.person_id == PersonRow.id)


def _somebodies(session: Session, people: Select[PersonRow, date], roles: Select[RoleRow]) -> list[Somebody]:
    holdings = defaultdict(list)
    for row in session.scalars(roles.order_by(RoleRow.id)):
        holdings[row.person_id].append(_holding(row))
    return [
        Somebody(row.id, row.name, row.email or "", row.added_at, row.left_at, tuple(holdings[row.id]), last_on)
        for row, last_on in session.execute(people)
    ]


def holding(session: Session, id_: int) -> Holding:
    """A role held or waited for. Raises `NotFound`."""
    row = session.get(RoleRow, id_)
    if row is None:
        raise NotFound("Nobody holds this role or waits for it any more.")
    return _holding(row)


def _holding(row: RoleRow) -> Holding:
    held = Held(Role(row.role), row.region, row.council)
    return Holding(row.id, row.person_id, held, row.granted_by, row.granted_at, row.confirmed_by)


def browsers_of(session: Session, person: int, secret: str, at: datetime) -> list[SignedIn]:
    """Where somebody is signed in, the latest first."""
    rows = session.scalars(select(SessionRow).where(SessionRow.person_id == person).order_by(SessionRow.seen_at.desc()))
    here = keys.hash_of(secret)
    return [
        SignedIn(row.started_at, row.seen_at, row.id_hash == here)
        for row in rows
        if rules.session_lives(row.started_at, row.seen_at, at)
    ]


def tokens_of(session: Session, person: int, at: datetime) -> list[Token]:
    """The personal tokens of somebody that still work, the latest first."""
    wanted = select(TokenRow).where(TokenRow.person_id == person, TokenRow.expires_at > at)
    rows = session.scalars(wanted.order_by(TokenRow.made_at.desc()))
    return [Token(row.token_hash[:IDENT], row.made_at, row.expires_at) for row in rows]


def _person(session: Session, row: "object") -> Person:
    """Somebody with what they hold, remembered for each version of their rights that was committed."""
    id_, name, email, version = row[0], row[1], row[2], row[3]  # type: ignore[index]
    if "rights" in session.info:
        return Person(id_, name, email or "", _holds(session, id_), version)
    return session.info["database"].memory.get(  # type: ignore[no-any-return]
        ("person", id_, version, name), lambda: Person(id_, name, email or "", _holds(session, id_), version)
    )


def _holds(session: Session, id_: int) -> tuple[Held, ...]:
    rows = session.execute(
        select(RoleRow.role, RoleRow.region, RoleRow.council)
        .where(RoleRow.person_id == id_, RoleRow.confirmed_by.is_not(None))
        .order_by(RoleRow.id)
    )
    return tuple(Held(Role(role), region, council) for role, region, council in rows)
