"""What stands for each council, picked by the database: a long history costs little there, and nothing here."""

from datetime import UTC, datetime
from typing import Any

import msgspec
from sqlalchemy import CTE, Select, String, and_, cast, func, or_, select, values
from sqlalchemy import column as named
from sqlalchemy.orm import Session

from improvement.database import Fact, known, remembered
from improvement.dates import AsAt, ProgrammeYear
from improvement.local_accounts.tables import AccountPublished, AccountSeen, StatusReported
from improvement.local_accounts.tables.checks import EntryChecked

_SHOWN = ("id", "year", "council", "serves", "title", "address", "basis", "formats", "without_web")
_DAYS = ("period_from", "period_to", "effective_on", "seq", "recorded_at", "recorded_by")


def councils_told(kind: type[StatusReported | EntryChecked], which: ProgrammeYear) -> CTE:
    """The councils something of a kind was told of, found from one to the next by the index: no history is read."""
    one, another = kind.__table__.alias(), kind.__table__.alias()
    mine = select(func.min(one.c.council).label("council")).where(one.c.year == str(which))
    told = mine.cte(f"told_of_{kind.__tablename__}", recursive=True)
    following = select(func.min(another.c.council)).where(
        another.c.year == str(which), another.c.council > told.c.council
    )
    return told.union_all(select(following.scalar_subquery()).where(told.c.council.is_not(None)))


def latest_of(kind: type[StatusReported], which: ProgrammeYear, as_at: AsAt, *names: str) -> Select[Any]:
    """Columns of each council's fact of the latest day; of several of one day, of the one recorded last."""
    one, councils = kind.__table__.alias(), councils_told(kind, which)
    mine = known(kind, as_at, kind.seq).where(kind.year == str(which), kind.council == councils.c.council)
    newest = mine.order_by(None).order_by(kind.effective_on.desc(), kind.seq.desc()).limit(1).correlate(councils)
    found = councils.join(one, one.c.seq == newest.scalar_subquery())
    return select(*(one.c[name] for name in names)).select_from(found)


def newest_of(kind: type[StatusReported], as_at: AsAt, which: ProgrammeYear) -> Select[Any]:
    """Each council with the newest that was told of it: its `seq` and instant, whatever became of it since."""
    one, councils = kind.__table__.alias(), councils_told(kind, which)
    mine = select(kind.seq).where(*told_by_then(kind, which, as_at), kind.council == councils.c.council)
    newest = mine.order_by(kind.seq.desc()).limit(1).correlate(councils).scalar_subquery()
    return select(one.c.council, one.c.seq, one.c.recorded_at).select_from(councils.join(one, one.c.seq == newest))


def told_by_then(kind: Any, which: ProgrammeYear, as_at: AsAt) -> tuple[Any, ...]:
    """What was told of a year by then, of the days up to the one asked about."""
    told_by = as_at.known_at or datetime.max.replace(tzinfo=UTC)
    return kind.year == str(which), kind.recorded_at <= told_by, kind.effective_on <= as_at.on


def latest_checks(which: ProgrammeYear, as_at: AsAt, *names: str) -> Select[Any]:
    """Columns of what was recorded last of each council's entry by each side, that it is correct and that it is not."""
    kind, councils = EntryChecked, councils_told(EntryChecked, which)
    side, word = named("side", kind.by_council.type), named("word", kind.correct.type)
    each = values(side, word, name="each_way").data([(a, b) for a in (False, True) for b in (False, True)]).cte()
    way = and_(kind.by_council == each.c.side, kind.correct == each.c.word)
    mine = known(kind, as_at, kind.seq).where(kind.year == str(which), kind.council == councils.c.council, way)
    newest = mine.order_by(None).order_by(kind.seq.desc()).limit(1).correlate(councils, each).scalar_subquery()
    one = kind.__table__.alias()
    found = select(*(one.c[name] for name in names)).select_from(councils).join(each, councils.c.council.is_not(None))
    return found.join(one, one.c.seq == newest).order_by(one.c.effective_on, one.c.seq)


def editions(session: Session, as_at: AsAt, which: ProgrammeYear | None = None) -> list[Any]:
    """Of the editions of each account that stand, the first and the newest, in order; of one year or of every year.

    An account is one council's, for the same councils; `updated_at` is when we were last told of an edition of it.
    """
    key = ("first and newest editions", which, as_at)
    return remembered(session, key, lambda: _editions(session, as_at, which), of=(AccountPublished,))


def _editions(session: Session, as_at: AsAt, which: ProgrammeYear | None) -> list[Any]:
    kind, day = AccountPublished, AccountPublished.effective_on
    ends = (func.min(day).label("first"), func.max(day).label("newest"))
    updated, serves = func.max(kind.recorded_at).label("updated_at"), as_text(kind.serves)
    all_of_it = known(kind, as_at, kind.year, kind.council, serves.label("serves"), *ends, updated).order_by(None)
    each = of_year(all_of_it, kind, which).group_by(kind.year, kind.council, serves).subquery()
    same = and_(kind.year == each.c.year, kind.council == each.c.council, serves == each.c.serves)
    shown = [getattr(kind, name) for name in (*_SHOWN, *_DAYS)]
    wanted = known(kind, as_at, *shown, each.c.updated_at).join(each, same)
    # Of several on one day all come: their order tells which is the first and which the newest.
    return list(session.execute(wanted.where(or_(day == each.c.first, day == each.c.newest))))


def each_sureness(which: ProgrammeYear, as_at: AsAt, confirmed: str) -> Select[Any]:
    """How sure we are of each council's account: confirmed once it was, or else as it was seen last."""
    kind = AccountSeen
    rank: list[Any] = [(kind.sureness == confirmed).desc(), kind.effective_on.desc(), kind.seq.desc()]
    nth = func.row_number().over(partition_by=kind.council, order_by=rank).label("nth")
    looks = of_year(known(kind, as_at, kind.council, kind.sureness, nth), kind, which).order_by(None).subquery()
    return select(looks.c.council, looks.c.sureness).where(looks.c.nth == 1)


def of_year(wanted: Select[Any], kind: type[Fact], which: ProgrammeYear | None) -> Select[Any]:
    """A question about one programme year, or about every one."""
    return wanted if which is None else wanted.where(kind.__table__.c.year == str(which))


def as_text(column: Any) -> Any:
    """A list as it is kept: neither database can tell whether two lists are the same, but it can of two texts."""
    return cast(column, String)


def as_list(text: str) -> list[str]:
    """A list that was asked for as text."""
    return [] if text == "[]" else msgspec.json.decode(text, type=list[str])
