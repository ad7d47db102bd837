"""What stands beside a council's account on its page: whether it was on time, more time agreed, the years around it."""

import msgspec
from sqlalchemy.orm import Session

from improvement.dates import AsAt, ProgrammeYear
from improvement.local_accounts.queries import Year, programme, readings, years
from improvement.local_accounts.queries.extensions import Extension, extensions, missing
from improvement.local_accounts.queries.programme import Earlier
from improvement.local_accounts.rules import Standing
from improvement.local_accounts.rules.extensions import Timeliness, timeliness
from improvement.local_accounts.rules.readings import Reading
from improvement.sector.rules import Council


class Beside(msgspec.Struct, frozen=True):
    """What stands beside a council's account of a year."""

    timeliness: Timeliness
    extension: Extension | None
    missing: tuple[ProgrammeYear, ...] | None
    """The years since its first account that have passed without one; none when it has published none yet."""
    earlier: Earlier | None
    reading: Reading | None
    """The reading that counts of the account of the year before."""


def of_council(session: Session, about: Year, council: Council, stand: Standing, as_at: AsAt) -> Beside:
    """What stands beside one council's account."""
    deadlines = {one.year: one.deadline for one in years(session, as_at.known_at).values()}
    earlier = programme.earlier(session, about.year, council.slug, as_at)
    return Beside(
        timeliness(stand.published_on, about.deadline),
        extensions(session, about.year, as_at).get(council.slug),
        missing(session, council, deadlines, as_at),
        earlier,
        readings.standing(session, earlier.about.year, as_at).get(council.slug) if earlier else None,
    )
