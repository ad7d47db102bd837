"""Questions about the sector. The answers are small and change once in years, so each state of them is remembered."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime

import msgspec
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from improvement.database import EVER, known, remembered
from improvement.dates import FROM_THE_BEGINNING, AsAt
from improvement.errors import NotFound
from improvement.sector.rules import Code, Council, CouncilType, Region, last_day
from improvement.sector.tables import (
    CodeGiven,
    ContactRow,
    CouncilAbolished,
    CouncilFormed,
    CouncilSucceeded,
    RegionNamed,
)

KINDS = (RegionNamed, CouncilFormed, CouncilAbolished, CouncilSucceeded, CodeGiven)
"""What the answers here are derived from."""


class Contact(msgspec.Struct, frozen=True):
    """Somebody to write to in a council."""

    council: str
    post: str
    name: str
    email: str


def regions(session: Session) -> Mapping[str, Region]:
    """The regions by slug, in order of name."""
    return remembered(session, "regions", lambda: _regions(session), of=(RegionNamed,))


def region(session: Session, slug: str) -> Region:
    """Raises `NotFound`."""
    found = regions(session).get(slug)
    if found is None:
        raise NotFound(f"There is no region “{slug[:60]}”.")
    return found


def all_councils(session: Session, known_at: datetime | None = None) -> Mapping[str, Council]:
    """Every council there ever was in our records, by slug, in order of name, as we had been told by an instant."""
    # Nearly everything was known from the beginning, so nearly every instant knows the same.
    if known_at is not None and known_at >= remembered(session, "newest", lambda: _newest(session), of=KINDS):
        known_at = None
    return remembered(session, ("councils", known_at), lambda: _councils(session, AsAt(date.max, known_at)), of=KINDS)


def councils(session: Session, as_at: AsAt) -> list[Council]:
    """The councils in being on the day, in order of name."""
    return [council for council in all_councils(session, as_at.known_at).values() if council.in_being(as_at.on)]


def council(session: Session, slug: str, known_at: datetime | None = None) -> Council:
    """A council whenever it existed, as we had been told by an instant. Raises `NotFound`."""
    found = all_councils(session, known_at).get(slug)
    if found is None:
        raise NotFound(f"There is no council “{slug[:60]}”. Find it in the list of councils.")
    return found


def contacts(session: Session, council: str) -> Sequence[Contact]:
    """Whom to write to in one council."""
    rows = session.execute(
        select(ContactRow.council, ContactRow.post, ContactRow.name, ContactRow.email)
        .where(ContactRow.council == council)
        .order_by(ContactRow.id)
    )
    return [Contact(*row) for row in rows]


def contacts_with(session: Session, post: str) -> dict[str, Contact]:
    """Who holds a post in each council, by its slug."""
    columns = (ContactRow.council, ContactRow.post, ContactRow.name, ContactRow.email)
    rows = session.execute(select(*columns).where(ContactRow.post == post))
    return {row[0]: Contact(*row) for row in rows}


def all_contacts(session: Session) -> Mapping[str, Sequence[Contact]]:
    """Whom to write to in every council, by its slug: those with an e-mail address."""
    found = defaultdict[str, list[Contact]](list)
    columns = (ContactRow.council, ContactRow.post, ContactRow.name, ContactRow.email)
    for row in session.execute(select(*columns).where(ContactRow.email != "").order_by(ContactRow.id)):
        found[row[0]].append(Contact(*row))
    return found


def _newest(session: Session) -> datetime:
    """When we were last told something about regions and councils."""
    told = [session.scalar(select(func.max(kind.recorded_at))) for kind in KINDS]
    return max((at for at in told if at is not None), default=FROM_THE_BEGINNING)


def _regions(session: Session, as_at: AsAt = EVER) -> dict[str, Region]:
    rows = session.execute(known(RegionNamed, as_at, RegionNamed.slug, RegionNamed.name))
    return {slug: Region(slug, name) for slug, name in sorted(rows, key=lambda row: row.name)}


def _councils(session: Session, as_at: AsAt) -> dict[str, Council]:
    names = {slug: region.name for slug, region in _regions(session, as_at).items()}
    ends = {
        row.slug: row.effective_on
        for row in session.execute(known(CouncilAbolished, as_at, *_of(CouncilAbolished, "slug")))
    }
    before, after = defaultdict(list), defaultdict(list)
    for row in session.execute(
        known(CouncilSucceeded, as_at, CouncilSucceeded.predecessor, CouncilSucceeded.successor)
    ):
        before[row.successor].append(row.predecessor)
        after[row.predecessor].append(row.successor)
    codes = defaultdict(list)
    for row in session.execute(known(CodeGiven, as_at, *_of(CodeGiven, "slug", "gss_code"))):
        codes[row.slug].append(Code(row.gss_code, row.effective_on))
    wanted = _of(CouncilFormed, *_FORMED)
    formed = sorted(session.execute(known(CouncilFormed, as_at, *wanted)), key=lambda row: (row.name, row.slug))
    return {
        row.slug: Council(
            slug=row.slug,
            name=row.name,
            official_name=row.official_name,
            council_type=CouncilType(row.council_type),
            region=row.region,
            region_name=names[row.region],
            cassr_code=row.cassr_code,
            adults_18plus=row.adults_18plus,
            website_domain=row.website_domain,
            valid_from=None if row.before_records else row.effective_on,
            valid_to=last_day(ends[row.slug]) if row.slug in ends else None,
            predecessors=tuple(before[row.slug]),
            successors=tuple(after[row.slug]),
            codes=tuple(codes[row.slug]),
            tile_name=row.tile_name,
            half_columns=row.half_columns,
            tile_row=row.tile_row,
        )
        for row in formed
    }


_FORMED = (
    "slug",
    "name",
    "official_name",
    "council_type",
    "region",
    "cassr_code",
    "adults_18plus",
    "website_domain",
    "before_records",
    "tile_name",
    "half_columns",
    "tile_row",
)


def _of(kind: "type[CouncilFormed | CouncilAbolished | CodeGiven]", *names: str) -> list[object]:
    return [getattr(kind, name) for name in (*names, "effective_on")]
