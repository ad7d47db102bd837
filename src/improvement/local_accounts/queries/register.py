"""The public register: every published account of every year, as anyone may see it."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import msgspec
from sqlalchemy.orm import Session

from improvement.database import remembered
from improvement.dates import AsAt, ProgrammeYear
from improvement.local_accounts import queries
from improvement.local_accounts.queries import Year, checks
from improvement.local_accounts.queries.latest import editions
from improvement.local_accounts.rules.checks import Confirmation
from improvement.local_accounts.rules.extensions import timeliness
from improvement.local_accounts.tables.checks import EntryChecked
from improvement.sector import queries as sector
from improvement.sector.rules import Council

KINDS = (*queries.KINDS, EntryChecked)
"""What the register is derived from."""


class Entry(msgspec.Struct, frozen=True):
    """One council's published account of a year in the public register."""

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
    year: str
    days_late: int
    edition_on: date
    """The day of the newest edition, whose title, address and formats these are."""
    period_from: date
    period_to: date
    serves: tuple[str, ...]
    """Every council it is for."""
    confirmed_on: date | None
    """The day the council last said that its entry is correct."""
    still_confirmed: bool
    """Whether that still stands: nothing changed since, and the council has not said that something is wrong."""
    entry: str
    """The council and the year: what an entry is known by."""


class Announced(msgspec.Struct, frozen=True):
    """One account as the feed tells of it: once, whichever councils it is for."""

    entry: str
    title: str
    address: str
    names: tuple[str, ...]
    year: str
    published_on: date
    formats: tuple[str, ...]
    updated_at: datetime
    """When we were told of its newest edition, or of the last correction of it."""


def everything(session: Session, as_at: AsAt) -> Sequence[Entry]:
    """The published accounts of every year, one a council and year, by council and then year."""
    return remembered(session, ("register", as_at), lambda: _everything(session, as_at), of=KINDS)


def register(session: Session, which: ProgrammeYear, as_at: AsAt) -> Sequence[Entry]:
    """The published accounts of one year, one a council."""
    return [entry for entry in everything(session, as_at) if entry.year == str(which)]


def text_of(entry: Entry) -> str:
    """What somebody who looks for words looks in."""
    return f"{entry.name} {entry.title} {entry.region_name} {' '.join(entry.formats)}"


def _everything(session: Session, as_at: AsAt) -> list[Entry]:
    told = editions(session, as_at)
    councils = sector.all_councils(session, as_at.known_at)
    years = queries.years(session, as_at.known_at)
    there = {edition.year for edition in told} & years.keys()
    said = {year: checks.confirmations(session, years[year].year, as_at) for year in there}
    served: dict[tuple[str, str], list[Any]] = defaultdict(list)
    for edition in told:
        for slug in {edition.council, *edition.serves}:
            served[slug, edition.year].append(edition)
    return [
        _entry(council, years[year], of_it, said[year].get(slug) or Confirmation(slug))
        for (slug, year), of_it in sorted(served.items(), key=lambda item: "/".join(item[0]))
        if year in years and (council := councils.get(slug)) and council.in_being(years[year].deadline)
    ]


def _entry(council: Council, about: Year, of_it: Sequence[Any], said: Confirmation) -> Entry:
    first, newest = of_it[0], of_it[-1]
    time = timeliness(first.effective_on, about.deadline)
    return Entry(
        council=council.slug,
        name=council.name,
        region=council.region,
        region_name=council.region_name,
        title=newest.title,
        address=newest.address,
        published_on=first.effective_on,
        basis=first.basis,
        formats=tuple(newest.formats),
        without_web=newest.without_web,
        on_time=bool(time.on_time),
        year=str(about.year),
        days_late=time.days_late or 0,
        edition_on=newest.effective_on,
        period_from=newest.period_from,
        period_to=newest.period_to,
        serves=tuple(sorted({newest.council, *newest.serves})),
        confirmed_on=said.confirmed_on,
        still_confirmed=said.confirmed_on is not None and not said.changed_since and said.wrong is None,
        entry=f"{council.slug}/{about.year}",
    )


def announced(session: Session, as_at: AsAt, most: int = 100) -> list[Announced]:
    """The accounts that were published or changed last, the newest first."""
    names = {slug: council.name for slug, council in sector.all_councils(session, as_at.known_at).items()}
    accounts: dict[tuple[str, str], list[Any]] = defaultdict(list)
    for edition in editions(session, as_at):
        accounts[edition.council, edition.year].append(edition)
    told = [_announced(of_it, names) for of_it in accounts.values()]
    return sorted(told, key=lambda one: (one.updated_at, one.entry), reverse=True)[:most]


def _announced(of_it: Sequence[Any], names: dict[str, str]) -> Announced:
    newest = of_it[-1]
    served = sorted({newest.council, *newest.serves})
    return Announced(
        entry=f"{newest.council}/{newest.year}",
        title=newest.title,
        address=newest.address,
        names=tuple(names.get(slug, slug) for slug in served),
        year=newest.year,
        published_on=of_it[0].effective_on,
        formats=tuple(newest.formats),
        updated_at=max(edition.updated_at for edition in of_it),
    )
