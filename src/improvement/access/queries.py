"""Who somebody is: by session, by token, by e-mail address."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from improvement.access import keys, rules
from improvement.access.rules import Held, Person, Role
from improvement.access.tables import LinkRow, PersonRow, RoleRow, SessionRow, TokenRow
from improvement.errors import NotFound

_PERSON = (PersonRow.id, PersonRow.name, PersonRow.email, PersonRow.rights_version)


def of_session(session: Session, secret: str, at: datetime) -> tuple[Person, bool] | None:
    """Who is signed in by a session that still holds, and whether its last sight is stale."""
    found = session.execute(
        select(*_PERSON, SessionRow.started_at, SessionRow.seen_at)
        .join(SessionRow, SessionRow.person_id == PersonRow.id)
        .where(SessionRow.id_hash == keys.hash_of(secret), PersonRow.left_at.is_(None))
    ).first()
    if found is None or not rules.session_lives(found.started_at, found.seen_at, at):
        return None
    return _person(session, found), at - found.seen_at > rules.TOUCH


def of_token(session: Session, secret: str, at: datetime) -> Person | None:
    """Whose personal token this is, while it lasts."""
    found = session.execute(
        select(*_PERSON)
        .join(TokenRow, TokenRow.person_id == PersonRow.id)
        .where(TokenRow.token_hash == keys.hash_of(secret), TokenRow.expires_at > at, PersonRow.left_at.is_(None))
    ).first()
    return found and _person(session, found)


def person(session: Session, id_: int) -> Person:
    """Raises `NotFound`."""
    found = session.execute(select(*_PERSON).where(PersonRow.id == id_)).first()
    if found is None:
        raise NotFound("There is no such person.")
    return _person(session, found)


def by_email(session: Session, email: str) -> Person | None:
    """Somebody who has not left."""
    found = session.execute(select(*_PERSON).where(PersonRow.email == email, PersonRow.left_at.is_(None))).first()
    return found and _person(session, found)


def names(session: Session) -> dict[int, str]:
    """What each person is called, to say who recorded something."""
    return {row.id: row.name for row in session.execute(select(PersonRow.id, PersonRow.name))}


def has_any(session: Session, *roles: Role) -> bool:
    """Whether anybody holds one of these roles, so that a fresh tracker can say whom to add first."""
    return session.scalar(select(func.count()).where(RoleRow.role.in_(roles), RoleRow.confirmed_by.is_not(None))) != 0


def holding(session: Session, *roles: Role) -> list[Person]:
    """The people who hold one of these roles and have not left, by name."""
    wanted = select(*_PERSON).join(RoleRow, RoleRow.person_id == PersonRow.id).where(PersonRow.left_at.is_(None))
    held = wanted.where(RoleRow.role.in_(roles), RoleRow.confirmed_by.is_not(None))
    return [_person(session, row) for row in session.execute(held.distinct().order_by(PersonRow.name, PersonRow.id))]


def link(session: Session, secret: str) -> LinkRow | None:
    return session.scalar(select(LinkRow).where(LinkRow.token_hash == keys.hash_of(secret)))


def asks_since(session: Session, email: str, since: datetime) -> int:
    """How many links one address has asked for since an instant."""
    asked = select(func.count()).where(LinkRow.email_hash == keys.hash_of(email), LinkRow.asked_at > since)
    return session.scalar(asked) or 0


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
