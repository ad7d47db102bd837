"""More time that was agreed, and which years' accounts each council has published."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

import msgspec
from sqlalchemy.orm import Session

from improvement.database import known, remembered
from improvement.dates import AsAt, ProgrammeYear
from improvement.local_accounts.queries.latest import as_list, as_text
from improvement.local_accounts.rules import extensions as rules
from improvement.local_accounts.tables import AccountPublished
from improvement.local_accounts.tables.checks import ExtensionAgreed
from improvement.sector.rules import Council


class Extension(msgspec.Struct, frozen=True):
    """More time that was agreed with a council."""

    id: UUID
    council: str
    until: date
    because: str
    agreed_by: str
    agreed_on: date
    recorded_at: datetime


def extensions(session: Session, which: ProgrammeYear, as_at: AsAt) -> Mapping[str, Extension]:
    """The extension that stands for each council that has one: the one agreed last."""
    key, of = ("extensions", which, as_at), (ExtensionAgreed,)
    return remembered(session, key, lambda: _extensions(session, which, as_at), of=of)


def _extensions(session: Session, which: ProgrammeYear, as_at: AsAt) -> dict[str, Extension]:
    kind = ExtensionAgreed
    columns = (kind.id, kind.council, kind.until, kind.because, kind.agreed_by, kind.effective_on, kind.recorded_at)
    rows = session.execute(known(kind, as_at, *columns).where(kind.year == str(which)))
    return {row.council: Extension(*row) for row in rows}


def published_years(session: Session, as_at: AsAt) -> Mapping[str, frozenset[ProgrammeYear]]:
    """The years for which each council has published an account, or another one for it."""
    key, of = ("years published", as_at), (AccountPublished,)
    return remembered(session, key, lambda: _published_years(session, as_at), of=of)


def _published_years(session: Session, as_at: AsAt) -> dict[str, frozenset[ProgrammeYear]]:
    kind, found = AccountPublished, defaultdict[str, set[ProgrammeYear]](set)
    wanted = known(kind, as_at, kind.year, kind.council, as_text(kind.serves)).order_by(None).distinct()
    for year, council, serves in session.execute(wanted):
        for slug in {council, *as_list(serves)}:
            found[slug].add(ProgrammeYear.parse(year))
    return {slug: frozenset(years) for slug, years in found.items()}


def missing(
    session: Session, council: Council, deadlines: Mapping[ProgrammeYear, date], as_at: AsAt
) -> tuple[ProgrammeYear, ...] | None:
    """The years a council was on the list of and has published nothing for since its first account; none before it."""
    here = {year: deadline for year, deadline in deadlines.items() if council.in_being(deadline)}
    return rules.years_missing(published_years(session, as_at).get(council.slug, ()), here, as_at.on)
