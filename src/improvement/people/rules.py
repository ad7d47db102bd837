"""Who may become what: the words for roles, and the two people that some of them take."""

from datetime import date, timedelta
from enum import StrEnum

import msgspec

from improvement.access.rules import TAKES_TWO, Held, Role
from improvement.errors import Conflict, Refused

WORDS: dict[Role, str] = {
    Role.SECRETARIAT: "Secretariat",
    Role.COORDINATOR: "Regional coordinator",
    Role.OFFICER: "Council officer",
    Role.BOARD: "Board member",
    Role.CHAIR: "Chair of the Board",
}
MAY_DO: dict[Role, str] = {
    Role.SECRETARIAT: "Runs the programme: sees and records everything, and looks after people",
    Role.COORDINATOR: "Keeps the councils of one region up to date",
    Role.OFFICER: "Records one council’s local account, concerns and actions",
    Role.BOARD: "Reads the national picture and the Board’s reports",
    Role.CHAIR: "Reads what the Board reads, and approves its reports",
}
TWO_PEOPLE = "The secretariat, Board members and the chair take two people: you propose, a colleague confirms."


NOT_LATELY = timedelta(days=90)


class Seen(StrEnum):
    """Whom to look for by when they signed in, or by whether our messages reach them."""

    NEVER = "never"
    NOT_LATELY = "90 days"
    NOT_REACHED = "not reached"


SEEN_WORDS: dict[Seen, str] = {
    Seen.NEVER: "Never signed in",
    Seen.NOT_LATELY: "Not in the last 90 days",
    Seen.NOT_REACHED: "Not reached by our messages",
}


def fits_seen(wanted: str, last_on: date | None, today: date, *, reached: bool) -> bool:
    """Whether somebody is looked for. Who never signed in has not done so in the last 90 days either."""
    if wanted == Seen.NEVER:
        return last_on is None
    if wanted == Seen.NOT_LATELY:
        return last_on is None or last_on < today - NOT_LATELY
    return wanted == "" or (wanted == Seen.NOT_REACHED and not reached)


class Proposal(msgspec.Struct, frozen=True):
    """A role that was given to somebody. Until it is confirmed, it is only proposed."""

    held: Held
    to: int
    by: int
    confirmed: bool


class ConfirmedAlready(Conflict):
    """A role is confirmed once."""


class TakesTwoPeople(Refused):
    """Neither who proposed a role nor who is to hold it can be the one who confirms it."""


class LastOfTheSecretariat(Refused):
    """Somebody has to be left who can let people in."""


class LeftAlready(Conflict):
    """Somebody leaves once."""


def takes_two(role: Role) -> bool:
    return role in TAKES_TWO


def check_confirm(proposal: Proposal, by: int) -> None:
    """Raises `ConfirmedAlready` or `TakesTwoPeople`."""
    if proposal.confirmed:
        raise ConfirmedAlready("This role has been confirmed already.")
    if by == proposal.by:
        raise TakesTwoPeople("You proposed this yourself. Somebody else in the secretariat has to confirm it.")
    if by == proposal.to:
        raise TakesTwoPeople("This role is for you. Somebody else in the secretariat has to confirm it.")


def check_not_last(losing: Held, confirmed: bool, others: int) -> None:
    """Raises `LastOfTheSecretariat` when nobody else holds the role that lets people in."""
    if losing.role is Role.SECRETARIAT and confirmed and others == 0:
        raise LastOfTheSecretariat(
            "Nobody else is in the secretariat, so nobody could let people in. Add somebody first."
        )
