"""The public register."""

from collections.abc import Sequence
from datetime import date

import msgspec
from sqlalchemy.orm import Session

from improvement.database import known, remembered
from improvement.dates import AsAt, ProgrammeYear
from improvement.local_accounts.queries import KINDS, expected, standings, year
from improvement.local_accounts.tables import AccountPublished


class Entry(msgspec.Struct, frozen=True):
    """One published account in the public register."""

    council: str
    name: str
    region: str
    region_name: str
    title: str
    address: str
    published_on: date
    basis: str
    formats: tuple[str, ...]
    without_web: str
    on_time: bool


def register(session: Session, which: ProgrammeYear, as_at: AsAt) -> Sequence[Entry]:
    """The published accounts, one a council, as anyone may see them, by name."""
    return remembered(session, ("register", which, as_at), lambda: _register(session, which, as_at), of=KINDS)


def _register(session: Session, which: ProgrammeYear, as_at: AsAt) -> list[Entry]:
    deadline, stand = year(session, which).deadline, standings(session, which, as_at)
    latest: dict[str, AccountPublished] = {}
    for fact in session.scalars(known(AccountPublished, as_at).where(AccountPublished.year == str(which))):
        latest |= dict.fromkeys({fact.council, *fact.serves}, fact)
    return [
        Entry(
            council=council.slug,
            name=council.name,
            region=council.region,
            region_name=council.region_name,
            title=fact.title,
            address=fact.address,
            published_on=stand[council.slug].published_on or fact.effective_on,
            basis=fact.basis,
            formats=tuple(fact.formats),
            without_web=fact.without_web,
            on_time=(stand[council.slug].published_on or fact.effective_on) <= deadline,
        )
        for council in expected(session, which, as_at.known_at)
        if (fact := latest.get(council.slug)) is not None
    ]
