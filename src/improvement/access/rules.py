"""The roles people hold, what each may do and where, and when a sign-in link still works."""

import re
from datetime import datetime, timedelta
from enum import StrEnum

import msgspec

from improvement.errors import Conflict, NotAllowed, NotFound, Refused


class Role(StrEnum):
    """What a person is to the programme. `SERVICE` is the tracker itself, acting by rule."""

    SECRETARIAT = "secretariat"
    COORDINATOR = "coordinator"
    OFFICER = "officer"
    BOARD = "board"
    CHAIR = "chair"
    SERVICE = "service"


class May(StrEnum):
    """Everything a person may be allowed to do. Every route names one."""

    LOOK = "look at what is public"
    OWN = "look after your own sign-in"
    READ = "read the tracker"
    READ_MONEY = "read where the money is"
    READ_CONCERNS = "read concerns and actions"
    READ_REPORTS = "read Board reports"
    RECORD_ACCOUNTS = "record local accounts"
    CONFIRM_ACCOUNTS = "confirm local accounts"
    SET_YEARS = "set up programme years"
    WORK_ON_CONCERNS = "work on concerns and actions"
    CLAIM_MONEY = "claim and forecast a region’s money"
    MANAGE_MONEY = "record what happens to the money"
    PREPARE_REPORTS = "prepare Board reports"
    APPROVE_REPORTS = "approve Board reports"
    EDIT_CONTACTS = "edit contacts"
    MANAGE_PEOPLE = "manage people"
    READ_NOTICES = "see who was sent reminders"
    INVITE_AGAIN = "send an invitation again"


class Reach(StrEnum):
    """How far a right goes."""

    EVERYWHERE = "everywhere"
    REGION = "own region"
    COUNCIL = "own council"


PUBLIC = frozenset({May.LOOK})
OWN = frozenset({May.OWN})
"""What everybody signed in may do, also somebody who holds no role yet."""

_READER = {May.LOOK, May.READ}

ALLOWED: dict[Role, dict[May, Reach]] = {
    Role.SECRETARIAT: {may: Reach.EVERYWHERE for may in May if may is not May.APPROVE_REPORTS},
    Role.COORDINATOR: {
        **dict.fromkeys({*_READER, May.READ_REPORTS}, Reach.EVERYWHERE),
        **dict.fromkeys(
            (
                May.READ_MONEY,
                May.CLAIM_MONEY,
                May.READ_CONCERNS,
                May.RECORD_ACCOUNTS,
                May.CONFIRM_ACCOUNTS,
                May.WORK_ON_CONCERNS,
                May.EDIT_CONTACTS,
                May.READ_NOTICES,
                May.INVITE_AGAIN,
            ),
            Reach.REGION,
        ),
    },
    Role.OFFICER: {
        **dict.fromkeys({*_READER, May.READ_REPORTS}, Reach.EVERYWHERE),
        **dict.fromkeys(
            (May.READ_CONCERNS, May.RECORD_ACCOUNTS, May.WORK_ON_CONCERNS, May.EDIT_CONTACTS), Reach.COUNCIL
        ),
    },
    Role.BOARD: dict.fromkeys({*_READER, May.READ_MONEY, May.READ_CONCERNS, May.READ_REPORTS}, Reach.EVERYWHERE),
    Role.CHAIR: dict.fromkeys(
        {*_READER, May.READ_MONEY, May.READ_CONCERNS, May.READ_REPORTS, May.APPROVE_REPORTS}, Reach.EVERYWHERE
    ),
    Role.SERVICE: dict.fromkeys(May, Reach.EVERYWHERE),
}

_WIDTH = {role: at for at, role in enumerate(Role)}
"""The roles from the widest on."""

SCOPE: dict[Role, Reach] = {Role.COORDINATOR: Reach.REGION, Role.OFFICER: Reach.COUNCIL}

TAKES_TWO = frozenset({Role.SECRETARIAT, Role.BOARD, Role.CHAIR})
"""Roles that one person proposes and another confirms, when granted in the service."""


class Held(msgspec.Struct, frozen=True):
    """A role somebody holds, with the region or council it is for where it has one."""

    role: Role
    region: str | None = None
    council: str | None = None


class Person(msgspec.Struct, frozen=True):
    """Who is asking. Nobody in particular has id 0 and holds nothing."""

    id: int
    name: str
    email: str
    holds: tuple[Held, ...] = ()
    rights_version: int = 0

    @property
    def signed_in(self) -> bool:
        return self.id != 0

    def may(self, may: May) -> bool:
        """Whether any role allows this anywhere."""
        return may in PUBLIC or (may in OWN and self.signed_in) or any(may in ALLOWED[held.role] for held in self.holds)

    def role_for(self, may: May, *, region: str | None = None, council: str | None = None) -> Role | None:
        """The role that allows this here, the widest first; none if there is none."""
        for held in sorted(self.holds, key=lambda held: _WIDTH[held.role]):
            reach = ALLOWED[held.role].get(may)
            here = (reach is Reach.REGION and held.region == region) or (
                reach is Reach.COUNCIL and council is not None and held.council == council
            )
            if reach is Reach.EVERYWHERE or (here and (region is not None or council is not None)):
                return held.role
        return None

    def acting(self, may: May, *, region: str | None = None, council: str | None = None) -> Role:
        """The role to record a fact in. Raises `NotAllowed`."""
        role = self.role_for(may, region=region, council=council)
        if role is None:
            raise NotAllowed(f"You may not {may} {'here' if self.may(may) else ''}".strip() + ". Ask the secretariat.")
        return role

    @property
    def regions(self) -> frozenset[str]:
        return frozenset(held.region for held in self.holds if held.region)

    @property
    def councils(self) -> frozenset[str]:
        return frozenset(held.council for held in self.holds if held.council)

    def is_any(self, *roles: Role) -> bool:
        return any(held.role in roles for held in self.holds)


NOBODY = Person(0, "", "")
SERVICE = Person(1, "The tracker", "", (Held(Role.SERVICE),))
"""The tracker itself: seeding, reports written by themselves, checks."""


class NotAnEmail(Refused):
    """This cannot be an e-mail address."""


class RoleNeedsScope(Refused):
    """A coordinator needs a region and an officer a council; nobody else has either."""


_EMAIL = re.compile(
    r"[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+"
)


def tidy_email(text: str) -> str:
    """The address in the one form we keep. Raises `NotAnEmail`."""
    tidy = text.strip().lower()
    if len(tidy) > 254 or not _EMAIL.fullmatch(tidy):
        raise NotAnEmail("Enter an e-mail address in the right form, like name@example.gov.uk.", field="email")
    return tidy


def check_scope(role: Role, region: str | None, council: str | None) -> Held:
    """What is held, if role and scope fit. Raises `RoleNeedsScope`."""
    scope = SCOPE.get(role)
    if scope is Reach.REGION and (not region or council):
        raise RoleNeedsScope("A coordinator needs a region, such as london, and no council.", field="region")
    if scope is Reach.COUNCIL and (not council or region):
        raise RoleNeedsScope("A council officer needs a council, such as brent, and no region.", field="council")
    if scope is None and (region or council):
        raise RoleNeedsScope(f"The role {role} has no region or council.", field="region" if region else "council")
    return Held(role, region or None, council or None)


LINK_LASTS = timedelta(minutes=15)
TRIES = 5
ASKS = 5
"""How many links one browser may ask for, for one address, in the time a link lasts."""
MAILED = 10
"""How many links are mailed to one address in that time, whoever asks. Whoever asks for more may use those."""
SESSION_LASTS = timedelta(hours=8)
IDLE = timedelta(minutes=60)
TOUCH = timedelta(minutes=5)
"""How stale a session's last sight may grow before it is written again."""


class Link(msgspec.Struct, frozen=True):
    """A sign-in link as it was asked for. `same_browser` is none when the link is bound to no browser; a browser that
    asked for another link to the same address, while links last, is the same."""

    asked_at: datetime
    used: bool
    tries: int
    same_browser: bool | None
    code_matches: bool


class LinkUsed(Conflict):
    """A link works once."""


class LinkTooOld(NotFound):
    """A link works for fifteen minutes."""


class WrongCode(Refused):
    """In another browser than the one that asked, the six-digit code shown there is needed."""


def needs_code(link: Link) -> bool:
    return link.same_browser is False


def check_usable(link: Link, at: datetime) -> None:
    """Raises `LinkUsed` or `LinkTooOld` when no press of the button can sign anybody in any more."""
    if link.used or link.tries >= TRIES:
        raise LinkUsed("This link has been used or tried too often. Ask for a new one.")
    if at > link.asked_at + LINK_LASTS:
        raise LinkTooOld("This link is more than 15 minutes old. Ask for a new one.")


def wrong_code(link: Link) -> WrongCode | None:
    """What to say when the code is needed and is not the one shown where the link was asked for."""
    if not needs_code(link) or link.code_matches:
        return None
    return WrongCode("Enter the six-digit code shown in the browser where you asked for the link.", field="code")


def session_lives(started_at: datetime, seen_at: datetime, at: datetime) -> bool:
    """Whether a session still holds. One from the future does not: the clock was moved."""
    return started_at <= at + TOUCH and at < started_at + SESSION_LASTS and at < seen_at + IDLE


def safe_next(text: str) -> str:
    """An address on this site to go to after signing in, or the first page."""
    fine = text.startswith("/") and text.isascii() and text.isprintable() and "\\" not in text and len(text) <= 2000
    return text if fine and not text.startswith(("//", "/sign-")) and "/../" not in text else "/"
