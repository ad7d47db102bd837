"""Who can be reached: the councils from which somebody has signed in, and whom an invitation is sent to again."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from enum import StrEnum

import msgspec

INVITED_EVERY = timedelta(days=14)
"""How long after an invitation the next one may be sent to the same address."""


class Came(StrEnum):
    """Whether anybody from a council has ever signed in."""

    SIGNED_IN = "somebody has signed in"
    INVITED = "invited, not signed in yet"
    NOBODY = "nobody invited yet"


class Reach(msgspec.Struct, frozen=True):
    """One council: its officers, how many of them have ever signed in, and its contacts."""

    council: str
    name: str
    region: str
    region_name: str
    came: Came
    officers: int
    signed_in: int
    last_on: date | None
    """The last day an officer of it signed in."""
    contacts: int
    """Contacts with an e-mail address."""
    not_reached: tuple[str, ...]
    """The officers and contacts whom the last message did not reach, by name."""


NO_CONTACT, NOT_REACHED = "no contact", "not reached"


class Wanted(msgspec.Struct, frozen=True):
    """What is looked for: whether somebody came, and what is to be mended: no contact, or somebody not reached."""

    came: str = ""
    mend: str = ""


class OfRegion(msgspec.Struct, frozen=True):
    """How many councils of a region can be reached."""

    region: str
    name: str
    councils: int
    signed_in: int
    invited: int
    nobody: int
    no_contact: int
    not_reached: int


class Waits(StrEnum):
    """Why somebody who has not signed in is not sent an invitation now."""

    RECENT = "an invitation was sent in the last 14 days"
    STOPPED = "asked for no messages"
    NOT_REACHED = "the last two messages did not arrive"


class Invitee(msgspec.Struct, frozen=True):
    """An officer who has not signed in yet, with the councils the invitation is about."""

    person: int
    name: str
    address: str
    councils: tuple[str, ...]
    regions: tuple[str, ...]
    invited_on: date | None
    waits: Waits | None


def came(officers: int, signed_in: int) -> Came:
    """What is said of a council, from how many officers it has and how many of them have ever signed in."""
    if signed_in:
        return Came.SIGNED_IN
    return Came.INVITED if officers else Came.NOBODY


def waits(invited_at: datetime | None, at: datetime, *, stopped: bool, not_reached: bool) -> Waits | None:
    """Why an invitation is not sent now, if it is not."""
    if stopped:
        return Waits.STOPPED
    if not_reached:
        return Waits.NOT_REACHED
    return Waits.RECENT if invited_at is not None and at < invited_at + INVITED_EVERY else None


def found(rows: Iterable[Reach], wanted: Wanted) -> list[Reach]:
    """The councils that fit, in the order they came."""
    return [row for row in rows if wanted.came in ("", row.came) and _to_mend(row, wanted.mend)]


def _to_mend(row: Reach, mend: str) -> bool:
    return {"": True, NO_CONTACT: not row.contacts, NOT_REACHED: bool(row.not_reached)}.get(mend, False)


def by_region(rows: Iterable[Reach]) -> list[OfRegion]:
    """The counts of each region, in order of name: regions are not ranked."""
    found: dict[str, list[Reach]] = {}
    for row in rows:
        found.setdefault(row.region, []).append(row)
    made = [
        OfRegion(
            region=region,
            name=own[0].region_name,
            councils=len(own),
            signed_in=sum(one.came is Came.SIGNED_IN for one in own),
            invited=sum(one.came is Came.INVITED for one in own),
            nobody=sum(one.came is Came.NOBODY for one in own),
            no_contact=sum(not one.contacts for one in own),
            not_reached=sum(bool(one.not_reached) for one in own),
        )
        for region, own in found.items()
    ]
    return sorted(made, key=lambda one: one.name)


def summary(rows: list[Reach]) -> str:
    """Where things stand, in a sentence or two."""
    if not rows:
        return "No council fits."
    here, many = sum(one.came is Came.SIGNED_IN for one in rows), _councils(len(rows))
    said = f"Somebody has signed in from {here} of {many}." if here else f"Nobody has signed in from {many} yet."
    none = sum(not one.contacts for one in rows)
    without = f"{_councils(none)} {'has' if none == 1 else 'have'} no" if none else "Each has a"
    return f"{said} {without} contact with an e-mail address."


def _councils(count: int) -> str:
    return f"{count} council" if count == 1 else f"{count} councils"


def about(one: Invitee) -> str:
    """What an invitation is about, for the log."""
    return ", ".join(one.councils)


def body(one: Invitee, url: str, stop: str) -> str:
    """The invitation, sent again."""
    *most, last = one.councils
    councils = f"{', '.join(most)} and {last}" if most else last
    return (
        f"Hello {one.name},\n\n"
        f"You can record the local account of {councils} in the improvement tracker. You have not signed in yet, so "
        "our first message may not have reached you.\n\n"
        "There is no password: enter this e-mail address, and we will send you a link. Sign in:\n"
        f"{url}/sign-in\n\n"
        f"Read on one page what you can do:\n{url}/guide/council-officers\n\n"
        "If this is for somebody else, tell your regional coordinator or the secretariat.\n\n"
        f"You get this because you record the local account of {councils}. To stop reminders to this address:\n{stop}\n"
    )


SUBJECT = "You can sign in to the improvement tracker"
