"""Questions about splits: the what-ifs that stand, what each comes to, and which of them were adopted."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from improvement.access import queries as access
from improvement.database import EVER, known, remembered
from improvement.dates import AsAt
from improvement.errors import NotFound, Refused
from improvement.funding import queries
from improvement.funding.book import LineKind
from improvement.funding.rules.splits import Division, Place, PostShare, RegionShare, Way, WhatIf, worked_out
from improvement.funding.tables.matters import SplitAdopted, SplitProposed
from improvement.funding.tables.moves import AllocationMade, VirementMade
from improvement.sector import queries as sector

BECAUSE = "Split {ref} adopted"
"""How the reason of everything begins that an adoption brings."""
BROUGHT = (AllocationMade, VirementMade)
"""What an adoption brings."""


class Version(msgspec.Struct, frozen=True, kw_only=True):
    """One version of a split, as it was recorded; `adopted_on` is the last day this very version was adopted."""

    id: UUID
    ref: str
    mou: str
    title: str
    total_pence: int
    way: Way
    kept_pence: int
    base_pence: int
    posts: tuple[PostShare, ...]
    shares: tuple[RegionShare, ...]
    why: str
    note: str
    effective_on: date
    recorded_at: datetime
    recorded_by: str
    recorded_as: str
    adopted_on: date | None = None
    adoption: UUID | None = None

    def what_if(self) -> WhatIf:
        """What it divides, and how."""
        return WhatIf(**{name: getattr(self, name) for name in WhatIf.__struct_fields__})


class Split(msgspec.Struct, frozen=True, kw_only=True):
    """A split as it stands: its newest version, how many there are, and its division, or why it no longer has one."""

    ref: str
    mou: str
    title: str
    way: Way
    total_pence: int
    to_posts_pence: int | None
    to_regions_pence: int | None
    kept_pence: int
    adopted_on: date | None
    version: Version
    versions: int
    division: Division | None
    fault: str = ""


class SetAside(msgspec.Struct, frozen=True, kw_only=True):
    """A split all of whose versions were taken back."""

    id: UUID
    ref: str
    mou: str
    title: str
    recorded_at: datetime
    recorded_by: str
    reason: str


def splits(session: Session, as_at: AsAt, mou: str = "") -> list[Split]:
    """The splits that stand, the one with the newest version first. Raises `NotFound` when there is no such MoU."""
    slug = queries.which_mou(session, as_at, mou)
    return remembered(session, ("splits", slug, as_at), lambda: _splits(session, as_at, slug))


def split(session: Session, as_at: AsAt, ref: str) -> Split:
    """One split, of whichever MoU. Raises `NotFound`."""
    mou = _mou_of(session, as_at).get(ref)
    for found in splits(session, as_at, mou) if mou else ():
        if found.ref == ref:
            return found
    raise NotFound(f"There is no split “{ref[:20]}”. Find it in the list of splits.")


def versions(session: Session, as_at: AsAt, ref: str) -> list[Version]:
    """Every version of a split that stands, the newest first."""
    mou = _mou_of(session, as_at).get(ref)
    return _versions(session, as_at, mou).get(ref, [])[::-1] if mou else []


def set_aside(session: Session, as_at: AsAt, ref: str) -> SetAside | None:
    """How a split with no version left was last taken back; none if it never was."""
    gone = SplitProposed
    wanted = select(gone).where(gone.ref == ref, gone.withdrawn).order_by(gone.seq.desc()).limit(1)
    if as_at.known_at is not None:
        wanted = wanted.where(gone.recorded_at <= as_at.known_at)
    row = session.scalar(wanted)
    if row is None:
        return None
    by = access.names(session).get(row.recorded_by, "")
    return SetAside(
        id=row.id,
        ref=ref,
        mou=row.mou,
        title=row.title,
        recorded_at=row.recorded_at,
        recorded_by=by,
        reason=row.reason,
    )


def last_adopted(session: Session, mou: str) -> Version | None:
    """The version that was adopted last, as we know it now."""
    adopted = SplitAdopted
    row = session.execute(known(adopted, EVER, adopted.version).where(adopted.mou == mou)).all()
    found = {each.id: each for every in _versions(session, EVER, mou).values() for each in every}
    return found.get(row[-1].version) if row else None


def is_adopted(session: Session, version: UUID) -> bool:
    """Whether an adoption of this very version stands."""
    adopted = SplitAdopted
    return session.execute(known(adopted, EVER, adopted.id).where(adopted.version == version)).first() is not None


def brought(session: Session, adoption: SplitAdopted) -> list[UUID]:
    """The allocations or the virement that an adoption came with, as they stand now: those that name it."""
    first = first_version(session, adoption)
    found = [
        id_ for kind in BROUGHT for id_ in session.scalars(known(kind, EVER, kind.id).where(kind.adoption == first.id))
    ]
    return found or _brought_before(session, first)


def first_version(session: Session, adoption: SplitAdopted) -> SplitAdopted:
    """An adoption as it was first recorded: corrections are a line."""
    while adoption.corrects is not None:
        adoption = session.get_one(SplitAdopted, adoption.corrects)
    return adoption


def _brought_before(session: Session, first: SplitAdopted) -> list[UUID]:
    """What came with an adoption before anything named one: recorded next, in the same transaction.

    There a fact is stamped a microsecond after the one before it, as no two transactions are.
    """
    found = []
    for kind in BROUGHT:
        made = select(kind.id, kind.seq, kind.recorded_at).where(
            kind.mou == first.mou,
            kind.adoption.is_(None),
            kind.corrects.is_(None),
            kind.seq > first.seq,
            kind.seq <= first.seq + MOST_BROUGHT,
            kind.why.startswith(BECAUSE.format(ref=first.ref), autoescape=True),
        )
        for id_, seq, at in session.execute(made):
            if at - first.recorded_at == timedelta(microseconds=seq - first.seq):
                found += _standing(session, kind, id_)
    return found


MOST_BROUGHT = 500
"""How many facts one adoption has brought at most."""


def _standing(session: Session, kind: type[AllocationMade] | type[VirementMade], first: UUID) -> list[UUID]:
    """The newest version of a fact; none when it was taken back."""
    last = first
    while later := session.scalar(select(kind.id).where(kind.corrects == last)):
        last = later
    return list(session.scalars(select(kind.id).where(kind.id == last, ~kind.withdrawn)))


def places(session: Session, as_at: AsAt, mou: str) -> list[Place]:
    """The funding lines open on a day, a region's with its councils in being and their adults."""
    book = queries.book(session, mou, as_at.known_at)
    councils, adults = defaultdict[str, int](int), defaultdict[str, int](int)
    for council in sector.councils(session, as_at):
        councils[council.region] += 1
        adults[council.region] += council.adults_18plus
    return [
        Place(line.line, line.kind, line.title, councils[line.line], adults[line.line])
        if line.kind is LineKind.REGION
        else Place(line.line, line.kind, line.title)
        for line in book.lines.values()
        if line.opened_on <= as_at.on
    ]


def _splits(session: Session, as_at: AsAt, mou: str) -> list[Split]:
    found = _versions(session, as_at, mou)
    on_day: dict[date, list[Place]] = {}
    stand = []
    for of_one in found.values():
        newest = of_one[-1]
        day = newest.effective_on
        if day not in on_day:
            on_day[day] = places(session, AsAt(day, as_at.known_at), mou)
        stand.append(_split(of_one, on_day[day]))
    return sorted(stand, key=lambda each: each.version.recorded_at, reverse=True)


def _split(of_one: list[Version], open_lines: list[Place]) -> Split:
    newest, division, fault = of_one[-1], None, ""
    try:
        division = worked_out(newest.what_if(), open_lines)
    except Refused as refusal:
        # A line it gives money to is no longer there: what it was stays readable, and says so.
        fault = refusal.message
    return Split(
        ref=newest.ref,
        mou=newest.mou,
        title=newest.title,
        way=newest.way,
        total_pence=newest.total_pence,
        to_posts_pence=division.to_posts_pence if division else None,
        to_regions_pence=division.to_regions_pence if division else None,
        kept_pence=newest.kept_pence,
        adopted_on=max((each.adopted_on for each in of_one if each.adopted_on), default=None),
        version=newest,
        versions=len(of_one),
        division=division,
        fault=fault,
    )


def _mou_of(session: Session, as_at: AsAt) -> Mapping[str, str]:
    """Which MoU each split that stands divides, by reference, so that those of the others need not be read."""

    def ask() -> dict[str, str]:
        table = SplitProposed
        return {row.ref: row.mou for row in session.execute(known(table, as_at, table.ref, table.mou))}

    return remembered(session, ("MoUs of splits", as_at), ask, of=(SplitProposed,))


def _versions(session: Session, as_at: AsAt, mou: str) -> Mapping[str, list[Version]]:
    """The versions of each split that stand, by reference, each the oldest first."""
    return remembered(session, ("split versions", mou, as_at), lambda: _read(session, as_at, mou))


def _read(session: Session, as_at: AsAt, mou: str) -> dict[str, list[Version]]:
    table, adopted = SplitProposed, SplitAdopted
    told = known(adopted, as_at, adopted.version, adopted.effective_on, adopted.id).where(adopted.mou == mou)
    days = {row.version: (row.effective_on, row.id) for row in session.execute(told)}
    names = access.names(session)
    found = defaultdict[str, list[Version]](list)
    rows = session.execute(known(table, as_at, *(getattr(table, name) for name in _COLUMNS)).where(table.mou == mou))
    for row in rows:
        kept: dict[str, Any] = dict(zip(_COLUMNS, row, strict=True))
        kept["way"], kept["recorded_by"] = Way(row.way), names.get(row.recorded_by, "")
        kept["posts"] = tuple(msgspec.convert(row.posts, list[PostShare]))
        kept["shares"] = tuple(msgspec.convert(row.shares, list[RegionShare]))
        on, id_ = days.get(row.id, (None, None))
        found[row.ref].append(Version(**kept, adopted_on=on, adoption=id_))
    return dict(found)


_COLUMNS = tuple(name for name in Version.__struct_fields__ if name not in ("adopted_on", "adoption"))
