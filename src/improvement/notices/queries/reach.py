"""Which councils can be reached, and who has never signed in."""

from collections import defaultdict
from datetime import datetime

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from improvement.access import queries as access
from improvement.access.queries import Somebody
from improvement.access.rules import May, Person, Role
from improvement.dates import AsAt, london_day
from improvement.errors import NotFound
from improvement.mail import Kind, arrival, last_of
from improvement.notices.rules import reach as rules
from improvement.notices.rules.reach import Invitee, Reach
from improvement.notices.tables import StopRow
from improvement.sector import queries as sector
from improvement.sector.rules import Region


class Wanted(msgspec.Struct, frozen=True):
    """What is looked for: a region, whether somebody came, and what is to be mended: no contact, or not reached."""

    region: str = ""
    came: str = ""
    mend: str = ""


NO_CONTACT, NOT_REACHED = "no contact", "not reached"


def regions_of(session: Session, by: Person) -> list[Region]:
    """The regions somebody may look into, by name."""
    every = sector.regions(session).values()
    return [one for one in every if by.role_for(May.READ_NOTICES, region=one.slug) is not None]


def councils(session: Session, by: Person, at: datetime, wanted: Wanted) -> list[Reach]:
    """The councils in being that somebody may look into, by name. Raises `NotFound` for a region of others."""
    own = {one.slug for one in regions_of(session, by)}
    if wanted.region and wanted.region not in own:
        raise NotFound("There is no such region for you to look into.")
    officers, contacts, missed = _officers(session), sector.contact_addresses(session), arrival.unreached(session)
    found = []
    for one in sector.councils(session, AsAt(london_day(at))):
        if one.region not in ({wanted.region} if wanted.region else own):
            continue
        people, addresses = officers[one.slug], contacts.get(one.slug, [])
        came = [person.last_on for person in people if person.last_on is not None]
        row = Reach(
            council=one.slug,
            name=one.name,
            region=one.region,
            region_name=one.region_name,
            came=rules.came(len(people), len(came)),
            officers=len(people),
            signed_in=len(came),
            last_on=max(came, default=None),
            contacts=len(addresses),
            not_reached=len({address for address in (*addresses, *(p.email for p in people)) if address in missed}),
        )
        if _fits(row, wanted):
            found.append(row)
    return found


def _fits(row: Reach, wanted: Wanted) -> bool:
    mend = {"": True, NO_CONTACT: not row.contacts, NOT_REACHED: bool(row.not_reached)}
    return wanted.came in ("", row.came) and mend.get(wanted.mend, False)


def _officers(session: Session) -> defaultdict[str, list[Somebody]]:
    """The officers of each council who are here, by its slug."""
    found = defaultdict[str, list[Somebody]](list)
    for one in access.everybody(session):
        for holding in one.holdings if one.left_at is None else ():
            if holding.confirmed_by is not None and holding.held.role is Role.OFFICER:
                found[holding.held.council or ""].append(one)
    return found


def invitees(session: Session, by: Person, at: datetime, region: str) -> list[Invitee]:
    """The officers who have not signed in yet, by name, with why an invitation is not sent to some of them now."""
    rows = councils(session, by, at, Wanted(region))
    own, officers = {row.council: row for row in rows}, _officers(session)
    of: dict[int, list[str]] = {}
    people: dict[int, Somebody] = {}
    for slug in own:
        for one in officers[slug]:
            if one.last_on is None and one.email:
                of.setdefault(one.id, []).append(slug)
                people[one.id] = one
    invited = last_of(session, Kind.ROLE, Kind.INVITATION)
    stopped, paused = set(session.scalars(select(StopRow.address))), set(arrival.paused(session))
    made = [
        Invitee(
            person=one.id,
            name=one.name,
            address=one.email,
            councils=tuple(own[slug].name for slug in of[one.id]),
            regions=tuple(sorted({own[slug].region for slug in of[one.id]})),
            invited_on=london_day(invited[one.email]) if one.email in invited else None,
            waits=rules.waits(
                invited.get(one.email), at, stopped=one.email in stopped, not_reached=one.email in paused
            ),
        )
        for one in people.values()
    ]
    return sorted(made, key=lambda one: (one.name.casefold(), one.person))
