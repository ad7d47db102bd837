"""What is done about people and their sign-in. Every function is one verb; nothing here commits."""

from datetime import datetime, timedelta

import msgspec
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from improvement import mail
from improvement.access import keys, queries, rules
from improvement.access.rules import Held, Link, Person, Role
from improvement.access.tables import LinkRow, PersonRow, RoleRow, SessionRow, SignedInRow, TokenRow
from improvement.dates import london_day
from improvement.errors import Conflict, NotFound, TooMany
from improvement.mail import arrival


class RoleHeldAlready(Conflict):
    """The person has this role already."""


class Invitation(msgspec.Struct, frozen=True):
    """A link that was made: its secret, and the code shown in the browser that asked."""

    secret: str
    code: str


class Pressed(msgspec.Struct, frozen=True):
    """A link was used: the secret of the session it began, and where the person was going."""

    secret: str
    next_address: str


def add_person(session: Session, email: str, name: str, held: Held, *, by: Person, at: datetime) -> int:
    """Add somebody, or give a role to somebody already here. Raises `RoleHeldAlready`."""
    tidy = rules.tidy_email(email)
    row = session.scalar(select(PersonRow).where(PersonRow.email == tidy))
    if row is None:
        row = PersonRow(email=tidy, name=name.strip() or tidy, added_at=at)
        session.add(row)
        session.flush()
    elif row.left_at is not None:
        row.left_at = None
    grant_role(session, row.id, held, by=by, at=at)
    return row.id


def grant_role(session: Session, person: int, held: Held, *, by: Person, at: datetime) -> None:
    """Give a role. One that takes two waits for somebody else, unless the tracker's own command gives it."""
    session.flush()
    same = select(RoleRow).where(
        RoleRow.person_id == person,
        RoleRow.role == held.role,
        RoleRow.region.is_not_distinct_from(held.region),
        RoleRow.council.is_not_distinct_from(held.council),
    )
    if session.scalar(same) is not None:
        raise RoleHeldAlready(f"This person is {held.role} already, or waits to be confirmed as that.", field="role")
    waits = held.role in rules.TAKES_TWO and not by.is_any(Role.SERVICE)
    session.add(
        RoleRow(
            person_id=person,
            role=held.role,
            region=held.region,
            council=held.council,
            granted_by=by.id,
            granted_at=at,
            confirmed_by=None if waits else by.id,
        )
    )
    touch_rights(session, person)


def take_all_roles(session: Session, person: int) -> None:
    """Nothing is held any more, and nothing waits to be confirmed."""
    session.execute(delete(RoleRow).where(RoleRow.person_id == person))
    touch_rights(session, person)


def leave(session: Session, person: int, *, at: datetime) -> None:
    """Somebody leaves: what they recorded stays, and nothing they could come in by does."""
    take_all_roles(session, person)
    row = session.get_one(PersonRow, person)
    row.left_at = at
    arrival.try_again(session, row.email or "")
    for kept in (SessionRow, TokenRow, LinkRow, SignedInRow):
        session.execute(delete(kept).where(kept.person_id == person))


def confirm_role(session: Session, holding: int, *, by: Person) -> None:
    """The second person says yes: from now on the role is held."""
    row = session.get_one(RoleRow, holding)
    row.confirmed_by = by.id
    touch_rights(session, row.person_id)


def take_role(session: Session, holding: int) -> None:
    """A role is held no more, or no longer waited for."""
    row = session.get_one(RoleRow, holding)
    session.delete(row)
    touch_rights(session, row.person_id)


def rename(session: Session, person: int, name: str) -> None:
    """Somebody is called something else from now on, in what they recorded before too."""
    session.get_one(PersonRow, person).name = name


def remove_token(session: Session, person: int, ident: str) -> None:
    """One of somebody's tokens works no more. Raises `NotFound`."""
    mine = select(TokenRow).where(TokenRow.person_id == person)
    row = next((row for row in session.scalars(mine) if row.token_hash[: queries.IDENT] == ident), None)
    if row is None:
        raise NotFound("You have no such token any more.")
    session.delete(row)


def touch_rights(session: Session, person: int) -> None:
    """Rights changed: every open session obeys at its next request."""
    session.get_one(PersonRow, person).rights_version += 1
    session.info["rights"] = "moved"


def takes_one_more(session: Session, email: str, *, browser: str, at: datetime) -> bool:
    """Whether one more link is mailed to an address now. Raises `TooMany` for a browser that asked for its own share.

    What others ask for keeps nobody out: where no more are mailed, those that were serve every browser that asks.
    """
    here, everywhere = queries.asks_since(session, rules.tidy_email(email), browser, at - rules.LINK_LASTS)
    if here >= rules.ASKS:
        raise TooMany("You have asked for too many links. Open the newest one, or wait 15 minutes and try again.")
    return everywhere < rules.MAILED


def ask_for_link(session: Session, email: str, *, browser: str | None, onward: str, at: datetime) -> Invitation:
    """Make a link, to be mailed when somebody has that address; the answer is the same either way."""
    tidy = rules.tidy_email(email)
    person = queries.by_email(session, tidy)
    made = Invitation(keys.new_secret(), keys.six_digits())
    session.add(
        LinkRow(
            token_hash=keys.hash_of(made.secret),
            person_id=person.id if person else None,
            email_hash=keys.hash_of(tidy),
            browser_hash=keys.hash_of(browser) if browser else None,
            code_hash=keys.hash_of(made.code + made.secret) if browser else None,
            asked_at=at,
            next_address=rules.safe_next(onward),
        )
    )
    return made


def mail_link(session: Session, email: str, address: str, *, at: datetime) -> None:
    """Send the link to somebody who may use it. Nobody else gets a message."""
    tidy = rules.tidy_email(email)
    if queries.by_email(session, tidy) is None:
        return
    body = (
        "Someone, we hope you, asked to sign in to the improvement tracker.\n\n"
        "Open this link and press “Sign in”:\n\n"
        f"{address}\n\n"
        "It works once, for 15 minutes. In another browser than the one you asked from, you will need the\n"
        "six-digit code shown there. If you did not ask, you need do nothing.\n"
    )
    until = at + rules.LINK_LASTS
    mail.write(session, tidy, "Your link to sign in", body, at, kind=mail.Kind.SIGN_IN, good_until=until)


def press_link(
    session: Session, secret: str, *, browser: str, code: str, at: datetime, asked_for: str = ""
) -> Pressed | rules.WrongCode:
    """Use a link up: the new session's secret and where to go. Raises `LinkUsed`, `LinkTooOld` or `NotFound`.

    A wrong code is given back and not raised, so that the try is counted in this transaction.
    """
    row = queries.link(session, secret)
    if row is None or row.person_id is None:
        raise NotFound("This link does not work. Ask for a new one.")
    link = as_rule(row, secret, browser=browser, code=code, asked_for=asked_for)
    rules.check_usable(link, at)
    if wrong := rules.wrong_code(link):
        row.tries += 1
        return wrong
    person = session.get_one(PersonRow, row.person_id)
    if person.left_at is not None:
        raise NotFound("This link does not work. Ask for a new one.")
    row.used_at = at
    note_sign_in(session, person.id, at)
    if row.browser_hash is not None:
        # It was mailed, and whoever pressed it has read it.
        arrival.try_again(session, person.email or "")
    made = keys.new_secret()
    session.add(SessionRow(id_hash=keys.hash_of(made), person_id=row.person_id, started_at=at, seen_at=at))
    return Pressed(made, row.next_address)


def note_sign_in(session: Session, person: int, at: datetime) -> None:
    """Keep the day of the last sign-in: not the hour, and nothing is written twice a day."""
    row, today = session.get(SignedInRow, person), london_day(at)
    if row is None:
        session.add(SignedInRow(person_id=person, last_on=today))
    elif row.last_on < today:
        row.last_on = today


def as_rule(row: LinkRow, secret: str, *, browser: str, code: str = "", asked_for: str = "") -> Link:
    """A link as the rules see it from one browser, which may have asked for a link to an address lately."""
    here = keys.matches(keys.hash_of(browser), row.browser_hash or "")
    here = here or (bool(asked_for) and keys.matches(keys.hash_of(asked_for), row.email_hash))
    return Link(
        asked_at=row.asked_at,
        used=row.used_at is not None,
        tries=row.tries,
        same_browser=None if row.browser_hash is None else here,
        code_matches=bool(row.code_hash) and keys.matches(keys.hash_of(code + secret), row.code_hash or ""),
    )


def sign_out(session: Session, secret: str) -> None:
    session.execute(delete(SessionRow).where(SessionRow.id_hash == keys.hash_of(secret)))


def sign_out_everywhere(session: Session, person: int) -> None:
    session.execute(delete(SessionRow).where(SessionRow.person_id == person))


def see_session(session: Session, secret: str, at: datetime) -> None:
    """Note that a session was used just now."""
    row = session.get(SessionRow, keys.hash_of(secret))
    if row is not None:
        row.seen_at = max(row.seen_at, at)


def make_token(session: Session, email: str, days: int, *, at: datetime) -> str:
    """A personal token for the API. Raises `NotFound` when nobody has that address."""
    person = find_person(session, rules.tidy_email(email))
    secret = keys.new_secret()
    expires = at + timedelta(days=days)
    session.add(TokenRow(token_hash=keys.hash_of(secret), person_id=person.id, made_at=at, expires_at=expires))
    return secret


def clear_out(session: Session, at: datetime) -> None:
    """Forget links, sessions and tokens a day after they can no longer be used, and messages after thirty."""
    day = timedelta(days=1)
    session.execute(delete(LinkRow).where(LinkRow.asked_at < at - rules.LINK_LASTS - day))
    session.execute(delete(SessionRow).where(SessionRow.started_at < at - rules.SESSION_LASTS - day))
    session.execute(delete(TokenRow).where(TokenRow.expires_at < at - day))
    mail.forget(session, at - 30 * day)


def find_person(session: Session, email: str) -> Person:
    """Somebody by their address. Raises `NotFound`."""
    person = queries.by_email(session, email)
    if person is None:
        raise NotFound(f"Nobody here has the address {email}. Add them first: improvement person add.")
    return person
