"""The fact of a kind that stands for each council, found by the index: a long history costs nothing."""

from typing import Any

from sqlalchemy import Select, select

from improvement.database import known
from improvement.dates import AsAt, ProgrammeYear
from improvement.local_accounts.tables import StatusReported


def latest_of(kind: type[StatusReported], which: ProgrammeYear, as_at: AsAt, *names: str) -> Select[Any]:
    """Columns of each council's fact of the latest day; of several of one day, of the one recorded last."""
    one, councils = kind.__table__.alias(), select(kind.council).where(kind.year == str(which)).distinct().subquery()
    mine = known(kind, as_at, kind.seq).where(kind.year == str(which), kind.council == councils.c.council)
    newest = mine.order_by(None).order_by(kind.effective_on.desc(), kind.seq.desc()).limit(1).correlate(councils)
    found = councils.join(one, one.c.seq == newest.scalar_subquery())
    return select(*(one.c[name] for name in names)).select_from(found)
