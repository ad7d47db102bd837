"""Questions about rounds and reports: which there are, what state they are in, and what was written in them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from improvement.access.rules import May, Person, Role
from improvement.board_reports import rules
from improvement.board_reports.rules import Audience, Event, State, Step
from improvement.board_reports.tables import (
    FiguresRefreshed,
    FirstRoundOpened,
    NarrativeRow,
    ReportApproved,
    ReportDrafted,
    ReportIssued,
    ReportReturned,
    ReportSent,
)
from improvement.database import EVER, is_demonstration, known, remembered
from improvement.dates import AsAt, Month, ProgrammeYear, in_words, london_day, moment_in_words
from improvement.errors import NotFound, NotSignedIn
from improvement.funding import queries as funding
from improvement.local_accounts import queries as accounts

LAST_OF_DEMONSTRATION = Month(2012, 3)
"""A demonstration is one year: whatever day it is, no report of it is due after this month."""

STEPS: dict[Step, Any] = {
    Step.DRAFTED: ReportDrafted,
    Step.REFRESHED: FiguresRefreshed,
    Step.SENT: ReportSent,
    Step.RETURNED: ReportReturned,
    Step.APPROVED: ReportApproved,
    Step.ISSUED: ReportIssued,
}


class Version(msgspec.Struct, frozen=True):
    """One version of a month's report: its two dates, and the steps it has taken."""

    month: Month
    version: int
    year: ProgrammeYear
    on: date
    cut_seq: int
    cut_at: datetime
    state: State
    events: tuple[Event, ...]
    sha256: str = ""
    since: date | None = None
    """The day this state began."""

    @property
    def as_at(self) -> AsAt:
        """The two dates its figures are recomputed at."""
        return AsAt(self.on, self.cut_at)

    def last(self, step: Step) -> Event | None:
        """The latest step of a kind."""
        return next((event for event in reversed(self.events) if event.step is step), None)


class Passage(msgspec.Struct, frozen=True):
    """What was written in one section of a version, and how often it was saved."""

    section: str
    text: str = ""
    edits: int = 0
    edited_by: int = 0
    edited_at: datetime | None = None


class Round(msgspec.Struct, frozen=True):
    """A month that is reported on, and the versions of its report."""

    month: Month
    over: bool
    versions: tuple[Version, ...]


def versions(session: Session, as_at: AsAt = EVER) -> Mapping[Month, tuple[Version, ...]]:
    """Every report as it was known: its versions, the first first."""
    return remembered(session, ("reports", as_at), lambda: _versions(session, as_at))


def _versions(session: Session, as_at: AsAt) -> dict[Month, tuple[Version, ...]]:
    events: dict[tuple[str, int], list[Event]] = defaultdict(list)
    cuts: dict[tuple[str, int], tuple[int, int, datetime]] = {}
    hashes, drafts = {}, []
    for step, kind in STEPS.items():
        columns = [kind.month, kind.version, kind.recorded_by, kind.recorded_as, kind.recorded_at, kind.seq]
        columns += [kind.comments if step is Step.RETURNED else kind.note]
        if step in (Step.DRAFTED, Step.REFRESHED):
            columns += [kind.cut_seq, kind.cut_at]
        if step is Step.DRAFTED:
            columns += [kind.year, kind.figures_on]
        if step is Step.ISSUED:
            columns += [kind.sha256]
        for row in session.execute(known(kind, as_at, *columns)):
            key = (row[0], row[1])
            events[key].append(Event(step, *row[2:7]))
            if step in (Step.DRAFTED, Step.REFRESHED):
                cuts[key] = max(cuts.get(key, (0, 0, row.cut_at)), (row.seq, row.cut_seq, row.cut_at))
            if step is Step.DRAFTED:
                drafts.append((key, ProgrammeYear.parse(row.year), row.figures_on))
            if step is Step.ISSUED:
                hashes[key] = row.sha256
    found: dict[Month, list[Version]] = defaultdict(list)
    for key, year, on in sorted(drafts):
        replaced = any(month == key[0] and version > key[1] for month, version in hashes)
        found[Month.parse(key[0])].append(
            _version(key, year, on, events[key], cuts[key], hashes.get(key, ""), replaced)
        )
    return {month: tuple(each) for month, each in found.items()}


def _version(
    key: tuple[str, int],
    year: ProgrammeYear,
    on: date,
    events: list[Event],
    cut: tuple[int, int, datetime],
    sha256: str,
    replaced: bool,
) -> Version:
    taken = tuple(sorted(events, key=lambda event: event.seq))
    state = rules.state_of(taken, superseded=replaced)
    since = london_day(taken[-1].at)
    return Version(Month.parse(key[0]), key[1], year, on, cut[1], cut[2], state, taken, sha256, since)


def audience_of(by: Person) -> Audience:
    """What somebody is shown of a report, by today's rights."""
    if by.role_for(May.PREPARE_REPORTS) is not None:
        return Audience.SECRETARIAT
    return Audience.BOARD if by.is_any(Role.BOARD, Role.CHAIR) else Audience.PUBLIC


def visible(by: Person, there: Sequence[Version]) -> list[Version]:
    """The versions somebody may know of."""
    return [one for one in there if rules.may_read(audience_of(by), rules.readers_of(one.state))]


def reports(session: Session, by: Person, as_at: AsAt = EVER) -> list[Version]:
    """Each month's report in the newest version somebody may know of, the latest month first."""
    seen = [visible(by, each) for each in versions(session, as_at).values()]
    return sorted((each[-1] for each in seen if each), key=lambda one: one.month, reverse=True)


def newest(session: Session, month: Month, as_at: AsAt = EVER) -> Version:
    """The latest version of a month's report, whatever its state. Raises `NotFound`."""
    found = versions(session, as_at).get(month)
    if not found:
        raise NotFound(f"There is no Board report for {month.in_words} yet.")
    return found[-1]


def issued(session: Session, month: Month, as_at: AsAt = EVER, version: int | None = None) -> Version | None:
    """The issued version of a month (the newest, or the one asked for); none when nothing was issued."""
    there = [one for one in versions(session, as_at).get(month, ()) if one.sha256]
    return next((one for one in reversed(there) if version in (None, one.version)), None)


def working(session: Session, month: Month, by: Person, as_at: AsAt = EVER) -> Version | None:
    """The version being worked on, if there is one and this person may know of it."""
    there = versions(session, as_at).get(month, ())
    return next((one for one in visible(by, there)[::-1] if not one.sha256), None)


def nothing_to_read(month: Month, by: Person) -> NotFound | NotSignedIn:
    """What to raise when this person may read no version: the same whether there is none or they may not know of it."""
    if not by.signed_in:
        return NotSignedIn(f"No report for {month.in_words} has been released. Sign in to see more.")
    return NotFound(f"There is no Board report for {month.in_words} that you can read yet.")


def figures_of(session: Session, version: Version) -> dict[str, int]:
    """The figures a version was given when it was drafted or last refreshed."""
    key = (str(version.month), version.version)
    rows: list[Any] = []
    for kind in (ReportDrafted, FiguresRefreshed):
        mine = known(kind, EVER, kind.seq, kind.figures).where(kind.month == key[0], kind.version == key[1])
        rows += session.execute(mine.where(kind.cut_seq == version.cut_seq)).all()
    return dict(max(rows, key=lambda row: row.seq).figures)


def content_of(session: Session, version: Version) -> str:
    """The frozen content of an issued version, as the very text that was hashed."""
    kind = ReportIssued
    mine = known(kind, EVER, kind.content).where(kind.month == str(version.month), kind.version == version.version)
    return str(session.execute(mine).scalar_one())


def last_issued_before(session: Session, month: Month) -> Version | None:
    """The issued report of the latest earlier month, in its newest issued version."""
    months = [one for one in versions(session) if one < month and any(each.sha256 for each in versions(session)[one])]
    if not months:
        return None
    return [one for one in versions(session)[max(months)] if one.sha256][-1]


def narrative(session: Session, month: Month, version: int) -> dict[str, Passage]:
    """What is written in a version, by section; empty where nothing is."""
    kind = NarrativeRow
    rows = session.execute(
        select(kind.section, kind.text, kind.edits, kind.edited_by, kind.edited_at).where(
            kind.month == str(month), kind.version == version
        )
    )
    there = {row.section: Passage(*row) for row in rows}
    return {section: there.get(section, Passage(section)) for section in rules.SECTIONS}


def first_rounds(session: Session, as_at: AsAt = EVER) -> dict[ProgrammeYear, Month]:
    """The first round of each programme year that has one."""
    rows = session.execute(known(FirstRoundOpened, as_at, FirstRoundOpened.year, FirstRoundOpened.month))
    return {ProgrammeYear.parse(year): Month.parse(month) for year, month in rows}


def rounds(session: Session, today: date, as_at: AsAt = EVER) -> list[Round]:
    """The reporting rounds so far, the latest first."""
    there = versions(session, as_at)
    months = opened(session, today, as_at)
    return [Round(month, month.last_day < today, there.get(month, ())) for month in reversed(months)]


def opened(session: Session, today: date, as_at: AsAt = EVER) -> list[Month]:
    """The months that have a round, in order: from each year's first until its MoU is closed and the year is over."""
    months: set[Month] = set()
    for year, first in first_rounds(session, as_at).items():
        months.update(rules.rounds(first, today, _last_round(session, year)))
    return sorted(months)


def _last_round(session: Session, year: ProgrammeYear) -> Month | None:
    if is_demonstration(session):
        return LAST_OF_DEMONSTRATION
    try:
        ended_on = funding.mou(session, EVER, str(year)).ended_on
    except NotFound:
        ended_on = None
    return rules.last_round(ended_on, year)


def months_due(session: Session, today: date) -> list[Month]:
    """The months that are over and whose round has no report yet, in order."""
    return rules.months_due(opened(session, today), versions(session), today)


def year_for(session: Session, month: Month) -> ProgrammeYear:
    """The programme year a month's report is about. Raises `NoProgrammeYear`."""
    return rules.year_of(month, [year.year for year in accounts.years(session).values()])


def days_in_words(version: Version) -> str:
    """The two dates of a report's figures, as people say them."""
    return f"{in_words(version.on)}, as known at {moment_in_words(version.cut_at)}"
