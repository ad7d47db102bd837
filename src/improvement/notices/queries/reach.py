"""Which councils can be reached, and who has never signed in."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
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
from improvement.mail.arrival import Unreached
from improvement.notices.rules import reach as rules
from improvement.notices.rules.reach import Invitee, Reach
from improvement.notices.tables import StopRow
from improvement.sector import queries as sector
from improvement.sector.queries import Contact
from improvement.sector.rules import Council, Region


class Sight(msgspec.Struct, frozen=True):
    """What somebody sees of the councils of a region, or of all of theirs: by name, and who has not signed in yet."""

    councils: list[Reach]
    invitees: list[Invitee]


def regions_of(session: Session, by: Person) -> list[Region]:
    """The regions somebody may look into, by name."""
    every = sector.regions(session).values()
    return [one for one in every if by.role_for(May.READ_NOTICES, region=one.slug) is not None]


def sight(session: Session, by: Person, at: datetime, region: str = "") -> Sight:
    """The councils in being that somebody may look into. Raises `NotFound` for a region of others."""
    own = {one.slug for one in regions_of(session, by)}
    if region and region not in own:
        raise NotFound("There is no such region for you to look into.")
    wanted = {region} if region else own
    councils = [one for one in sector.councils(session, AsAt(london_day(at))) if one.region in wanted]
    officers, contacts, missed = _officers(session), sector.all_contacts(session), arrival.unreached(session)
    rows = [_row(one, officers[one.slug], contacts.get(one.slug, ()), missed) for one in councils]
    return Sight(rows, _invitees(session, councils, officers, missed, at))


def _row(
    council: Council, officers: Sequence[Somebody], contacts: Sequence[Contact], missed: Mapping[str, Unreached]
) -> Reach:
    came = [one.last_on for one in officers if one.last_on is not None]
    everybody = [(one.name, one.email) for one in officers] + [(one.name, one.email) for one in contacts]
    return Reach(
        council=council.slug,
        name=council.name,
        region=council.region,
        region_name=council.region_name,
        came=rules.came(len(officers), len(came)),
        officers=len(officers),
        signed_in=len(came),
        last_on=max(came, default=None),
        contacts=len(contacts),
        not_reached=tuple(dict.fromkeys(name for name, email in everybody if email.strip().lower() in missed)),
    )


def _officers(session: Session) -> defaultdict[str, list[Somebody]]:
    """The officers of each council who are here, by its slug."""
    found = defaultdict[str, list[Somebody]](list)
    for one in access.everybody(session):
        for holding in one.holdings if one.left_at is None else ():
            if holding.confirmed_by is not None and holding.held.role is Role.OFFICER:
                found[holding.held.council or ""].append(one)
    return found


def _invitees(
    session: Session,
    councils: Sequence[Council],
    officers: Mapping[str, Sequence[Somebody]],
    missed: Mapping[str, Unreached],
    at: datetime,
) -> list[Invitee]:
    """The officers who have not signed in yet, by name, with why an invitation is not sent to some of them now."""
    of = defaultdict[int, list[Council]](list)
    people: dict[int, Somebody] = {}
    for council in councils:
        for one in officers[council.slug]:
            if one.last_on is None and one.email:
                of[one.id].append(council)
                people[one.id] = one
    invited, stopped = last_of(session, Kind.ROLE, Kind.INVITATION), set(session.scalars(select(StopRow.address)))
    made = []
    for one in sorted(people.values(), key=lambda one: (one.name.casefold(), one.id)):
        last, lost = invited.get(one.email), one.email in missed and missed[one.email].paused
        invitee = Invitee(
            person=one.id,
            name=one.name,
            address=one.email,
            councils=tuple(council.name for council in of[one.id]),
            regions=tuple(sorted({council.region for council in of[one.id]})),
            invited_on=last and london_day(last),
            waits=rules.waits(last, at, stopped=one.email in stopped, not_reached=lost),
        )
        made.append(invitee)
    return made
