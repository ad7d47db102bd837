"""The national picture: positions, weeks, formats and what readers found, of all councils or of some."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date

import msgspec
from sqlalchemy.orm import Session

from improvement.access.rules import Person
from improvement.database import remembered
from improvement.dates import AsAt, ProgrammeYear
from improvement.local_accounts import queries
from improvement.local_accounts.queries import checks, extensions, readings
from improvement.local_accounts.queries.extensions import Extension
from improvement.local_accounts.queries.readings import BalanceCount, ThemeCoverage
from improvement.local_accounts.rules import PUBLISHED, Position, Standing, Sureness
from improvement.local_accounts.rules.picture import Similar, Week, may_add_up, similar, weeks_of
from improvement.local_accounts.tables.checks import EntryChecked
from improvement.local_accounts.tables.years import YearContentsSet
from improvement.sector import queries as sector
from improvement.sector.rules import TYPE_WORDS, Council

KINDS = (*queries.KINDS, EntryChecked)
"""What a picture is derived from, whoever asks."""
NOT_PUBLISHED = "not published"


class Group(msgspec.Struct, frozen=True):
    """The councils of one region or type: how many are in each position. The six add up to them."""

    slug: str
    name: str
    positions: Mapping[str, int]
    published: int
    councils: int


class Picture(msgspec.Struct, frozen=True):
    """Where the councils asked about stand. Every count is of `councils`, of the `on_list` there are in all."""

    year: str
    deadline: date
    on: date
    region: str
    council_type: str
    councils: int
    on_list: int
    published: int
    on_time: int
    date_not_confirmed: int
    confirmed: int
    """How many a coordinator has opened."""
    positions: Mapping[str, int]
    regions: Sequence[Group]
    types: Sequence[Group]
    weeks: Sequence[Week]
    sureness: Mapping[str, int]
    formats: Mapping[str, int]
    confirmed_by_council: Mapping[str, date]
    """The councils that said that their entry is correct, which it has been since, and the day they said so."""


class Found(msgspec.Struct, frozen=True):
    """What readers found in the accounts of some councils: `read` of `councils`."""

    councils: int
    read: int
    themes: Sequence[ThemeCoverage]
    engagement: Mapping[str, int]
    challenge: Mapping[str, int]
    balance: Sequence[BalanceCount]


def chosen(
    session: Session, which: ProgrammeYear, as_at: AsAt, region: str = "", council_type: str = ""
) -> list[Council]:
    """The councils on the list of a region and a type; all of them, where none is said."""
    every = queries.expected(session, which, as_at.known_at)
    return [one for one in every if region in ("", one.region) and council_type in ("", one.council_type)]


def picture(session: Session, which: ProgrammeYear, as_at: AsAt, region: str = "", council_type: str = "") -> Picture:
    """The picture of all councils on the list, or of those of a region and a type."""
    key = ("picture", which, as_at, region, council_type)
    return remembered(session, key, lambda: _picture(session, which, as_at, region, council_type), of=KINDS)


def _picture(session: Session, which: ProgrammeYear, as_at: AsAt, region: str, council_type: str) -> Picture:
    about, every = queries.year(session, which, as_at.known_at), queries.standings(session, which, as_at)
    councils = chosen(session, which, as_at, region, council_type)
    stand = {one.slug: every[one.slug] for one in councils}
    counts = queries.counts(stand)
    sure = Counter(one.sureness.value if one.sureness else NOT_PUBLISHED for one in stand.values())
    said = checks.confirmations(session, which, as_at)
    correct = {slug: said[slug].confirmed_on for slug in stand if not (said[slug].changed_since or said[slug].wrong)}
    return Picture(
        year=str(which),
        deadline=about.deadline,
        on=as_at.on,
        region=region,
        council_type=council_type,
        councils=len(stand),
        on_list=len(every),
        published=sum(counts[position.value] for position in PUBLISHED),
        on_time=counts[Position.ON_TIME.value],
        date_not_confirmed=sum(one.not_confirmed for one in stand.values()),
        confirmed=sure[Sureness.CONFIRMED.value],
        positions=dict(counts),
        regions=_regions(session, councils, stand),
        types=_types(councils, stand),
        weeks=weeks_of(stand.values(), about.deadline, as_at.on),
        sureness={name: sure[name] for name in (*(one.value for one in Sureness), NOT_PUBLISHED)},
        formats=readings.format_counts(session, which, as_at, list(stand)),
        confirmed_by_council={slug: day for slug, day in correct.items() if day is not None},
    )


def _regions(session: Session, councils: Sequence[Council], stand: Mapping[str, Standing]) -> list[Group]:
    return [
        group
        for one in sector.regions(session).values()
        if (group := _group(one.slug, one.name, [c for c in councils if c.region == one.slug], stand)).councils
    ]


def _types(councils: Sequence[Council], stand: Mapping[str, Standing]) -> list[Group]:
    return [
        group
        for kind, name in TYPE_WORDS.items()
        if (group := _group(kind.value, name, [c for c in councils if c.council_type == kind], stand)).councils
    ]


def _group(slug: str, name: str, councils: Sequence[Council], stand: Mapping[str, Standing]) -> Group:
    counts = queries.counts({one.slug: stand[one.slug] for one in councils})
    published = sum(counts[position.value] for position in PUBLISHED)
    return Group(slug, name, dict(counts), published, len(councils))


def found(session: Session, which: ProgrammeYear, as_at: AsAt, councils: Sequence[Council], by: Person) -> Found | None:
    """What readers found in these councils' accounts; none where a sum of them might tell this person of one."""
    read = readings.standing(session, which, as_at)
    unseen = [one.slug for one in councils if not queries.in_full(by, one)]
    of_all = len(councils) == len(queries.expected(session, which, as_at.known_at))
    if not may_add_up(all_seen=not unseen, of_all=of_all, unseen_read=sum(one in read for one in unseen)):
        return None
    slugs = tuple(one.slug for one in councils)
    key = ("found", which, as_at, slugs)
    of = (*queries.KINDS, *readings.KINDS, YearContentsSet)
    return remembered(
        session, key, lambda: _found(session, which, as_at, slugs, sum(one in read for one in slugs)), of=of
    )


def _found(session: Session, which: ProgrammeYear, as_at: AsAt, slugs: Sequence[str], read: int) -> Found:
    return Found(
        councils=len(slugs),
        read=read,
        themes=readings.coverage(session, which, as_at, slugs),
        engagement=readings.engagement_counts(session, which, as_at, slugs),
        challenge=readings.challenge_counts(session, which, as_at, slugs),
        balance=readings.balance_counts(session, which, as_at, slugs),
    )


def more_time(
    session: Session, which: ProgrammeYear, as_at: AsAt, councils: Sequence[Council], by: Person
) -> list[tuple[Council, Extension]]:
    """The councils with which more time was agreed, of those this person sees in full."""
    agreed = extensions.extensions(session, which, as_at)
    return [(one, agreed[one.slug]) for one in councils if one.slug in agreed and queries.in_full(by, one)]


def like(session: Session, which: ProgrammeYear, as_at: AsAt, council: Council) -> Similar:
    """The councils on a year's list that are most like one."""
    return similar(council, queries.expected(session, which, as_at.known_at))
