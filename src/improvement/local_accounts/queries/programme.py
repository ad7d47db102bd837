"""Programme years: what their accounts are asked about, and how each year followed the one before."""

from datetime import date

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from improvement.database import EVER, known, remembered
from improvement.dates import AsAt, ProgrammeYear
from improvement.local_accounts.queries import Year, counts, expected, standings, year, years
from improvement.local_accounts.rules import PUBLISHED, Standing
from improvement.local_accounts.rules import years as rules
from improvement.local_accounts.rules.readings import QUESTIONS, THEMES
from improvement.local_accounts.rules.years import Contents
from improvement.local_accounts.tables import AccountPublished, ProgrammeYearSet, StatusReported
from improvement.local_accounts.tables.years import YearContentsSet

THE_LETTERS = Contents(THEMES, QUESTIONS)
"""The eleven themes and the six questions the letter suggests."""


class YearRow(msgspec.Struct, frozen=True):
    """One programme year as it was set up, and how many of its councils have published."""

    year: str
    on_screen: str
    deadline: date
    period_from: date
    period_to: date
    councils: int
    published: int


class Earlier(msgspec.Struct, frozen=True):
    """What a council's account of the year before came to."""

    about: Year
    stand: Standing


def contents(session: Session, which: ProgrammeYear, as_at: AsAt = EVER) -> Contents:
    """What the accounts of a year are asked about; where nothing else was set, what the letter suggests."""
    return _contents(session, as_at).get(str(which), THE_LETTERS)


def _contents(session: Session, as_at: AsAt) -> dict[str, Contents]:
    def ask() -> dict[str, Contents]:
        kind = YearContentsSet
        rows = session.execute(known(kind, as_at, kind.year, kind.themes, kind.questions))
        return {row[0]: Contents(tuple(row[1]), tuple(row[2])) for row in rows}

    return remembered(session, ("contents of years", as_at), ask, of=(YearContentsSet,))


def of_years(session: Session, as_at: AsAt) -> list[YearRow]:
    """Every year that was set up, the newest first."""
    return [_row(session, one, as_at) for one in reversed(years(session, as_at.known_at).values())]


def _row(session: Session, one: Year, as_at: AsAt) -> YearRow:
    counted = counts(standings(session, one.year, as_at))
    published = sum(counted[position.value] for position in PUBLISHED)
    days = (one.deadline, one.period_from, one.period_to)
    return YearRow(str(one.year), one.year.on_screen, *days, counted.total(), published)


def newest_begun(session: Session, as_at: AsAt) -> ProgrammeYear | None:
    """The newest year that has begun by the day asked, or else the first that was set up."""
    return rules.newest_begun(_set_up(session, as_at), as_at.on)


def _set_up(session: Session, as_at: AsAt) -> list[ProgrammeYear]:
    return [one.year for one in years(session, as_at.known_at).values()]


def year_before(session: Session, which: ProgrammeYear, as_at: AsAt = EVER) -> ProgrammeYear | None:
    """The year that was set up before this one, if there is one."""
    return rules.before(_set_up(session, as_at), which)


def earlier(session: Session, which: ProgrammeYear, council: str, as_at: AsAt) -> Earlier | None:
    """Where a council stood with its account of the year before; none if there was none, or it was not on its list."""
    last = year_before(session, which, as_at)
    if last is None:
        return None
    stand = standings(session, last, as_at).get(council)
    return Earlier(year(session, last, as_at.known_at), stand) if stand else None


def told_of(session: Session, which: ProgrammeYear) -> set[str]:
    """The councils anything stands of in a year, as known now."""
    return {
        council
        for kind in (StatusReported, AccountPublished)
        for council in session.scalars(known(kind, EVER, kind.council).where(kind.year == str(which)))
    }


def left_off(session: Session, which: ProgrammeYear, deadline: date) -> list[str]:
    """The councils on a year's list that something was told of and another deadline would leave off it, by name."""
    told = told_of(session, which)
    return [c.name for c in expected(session, which) if c.slug in told and not c.in_being(deadline)]


def facts_of(session: Session, which: ProgrammeYear) -> tuple[ProgrammeYearSet, YearContentsSet | None]:
    """The facts a year stands on, as known now. Raises `NotFound`."""
    year(session, which)
    about = session.scalars(known(ProgrammeYearSet, EVER).where(ProgrammeYearSet.year == str(which))).one()
    said = session.scalars(known(YearContentsSet, EVER).where(YearContentsSet.year == str(which))).one_or_none()
    return about, said


def versions(session: Session, which: ProgrammeYear, as_at: AsAt) -> list[ProgrammeYearSet | YearContentsSet]:
    """Everything that was ever set of a year, as we had been told by then, the newest first."""
    told: list[ProgrammeYearSet | YearContentsSet] = []
    for kind in (ProgrammeYearSet, YearContentsSet):
        asked = select(kind).where(kind.year == str(which))
        if as_at.known_at is not None:
            asked = asked.where(kind.recorded_at <= as_at.known_at)
        told += session.scalars(asked)
    return sorted(told, key=lambda fact: fact.seq, reverse=True)
