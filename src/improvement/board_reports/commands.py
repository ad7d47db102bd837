"""What is done with Board reports. One verb a function; each checks for itself who may, and that it is time."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import Meta
from sqlalchemy import select
from sqlalchemy.orm import Session

from improvement import mail
from improvement.access import queries as access
from improvement.access.rules import May, Person, Role
from improvement.board_reports import document, figures, queries, rules
from improvement.board_reports.queries import Version
from improvement.board_reports.rules import Step
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
from improvement.database import EVER, Fact, last_recorded_at, last_seq, record
from improvement.dates import AsAt, Month, ProgrammeYear, london_day
from improvement.errors import NotFound, Refused


class NewRound(msgspec.Struct, frozen=True):
    """The first month to report on, written 2011-04."""

    month: Annotated[str, Meta(title="the first month, like 2011-04", max_length=7)]


class NewReport(msgspec.Struct, frozen=True):
    """The month to draft a report for, written 2011-12."""

    month: Annotated[str, Meta(title="the month, like 2011-12", max_length=7)]


class NewStep(msgspec.Struct, frozen=True):
    """A step that needs nothing said; a note may be kept with it."""

    note: Annotated[str, Meta(title="the note", max_length=2000)] = ""


class NewReturn(msgspec.Struct, frozen=True):
    """What the chair wants changed."""

    comments: Annotated[str, Meta(title="what you want changed", max_length=5000)]


class NewRestatement(msgspec.Struct, frozen=True):
    """Why an issued report is restated."""

    reason: Annotated[str, Meta(title="the reason", max_length=2000)]


class NewPassage(msgspec.Struct, frozen=True):
    """What to say in a section. `edits` is how often it had been saved when it was opened."""

    section: Annotated[str, Meta(title="the section", max_length=20)]
    edits: Annotated[int, Meta(title="how often it had been saved")]
    text: Annotated[str, Meta(title="what you want to say", max_length=10_000)] = ""


class NoSuchSection(Refused):
    """Narrative belongs to a section of the report."""


def open_first_round(session: Session, month: Month, *, by: Person, at: datetime) -> UUID:
    """Open a programme year's first reporting round; the next follow by themselves. Raises the rule it breaks."""
    role = by.acting(May.PREPARE_REPORTS)
    rules.check_first_round(month, london_day(at))
    year = queries.year_for(session, month)
    first = queries.first_rounds(session).get(year)
    if first is not None:
        raise rules.RoundsOpened(
            f"The rounds of {year.on_screen} were opened with {first.in_words}. The next follow by themselves.",
            field="month",
        )
    fact = FirstRoundOpened(year=str(year), month=str(month), effective_on=month.first_day)
    return record(session, fact, by=by.id, as_role=role, at=at)


def draft(session: Session, month: Month, *, by: Person, at: datetime) -> UUID:
    """Draft a month's report, with its figures as they are known now. Raises the rule it breaks."""
    role = by.acting(May.PREPARE_REPORTS)
    rules.check_month_over(month, london_day(at))
    if month in queries.versions(session):
        raise rules.AnotherStep(
            f"There is a report for {month.in_words} already: {queries.newest(session, month).state.value}."
        )
    return _draft(session, month, queries.year_for(session, month), 1, "", role, by=by, at=at)


def draft_if_none(session: Session, month: Month, *, by: Person, at: datetime) -> str:
    """Draft a month's report unless there is one, and say what state it is in. Doing it twice does it once."""
    if month not in queries.versions(session):
        draft(session, month, by=by, at=at)
        session.flush()
    version = queries.newest(session, month)
    numbered = f", version {version.version}" if version.version > 1 else ""
    return f"Board report for {month.in_words}{numbered}: {version.state.value}"


def restate(session: Session, month: Month, new: NewRestatement, *, by: Person, at: datetime) -> UUID:
    """Begin another version of an issued report, from what is known now; the issued one stays until that is issued."""
    role = by.acting(May.PREPARE_REPORTS)
    last = queries.newest(session, month)
    rules.check_restating(last.state, month)
    for passage in queries.narrative(session, month, last.version).values():
        if passage.text:
            key = {"month": str(month), "version": last.version + 1, "section": passage.section}
            session.add(NarrativeRow(**key, text=passage.text, edits=1, edited_by=by.id, edited_at=at))
    return _draft(session, month, last.year, last.version + 1, new.reason, role, by=by, at=at)


def _draft(
    session: Session, month: Month, year: ProgrammeYear, version: int, why: str, role: Role, *, by: Person, at: datetime
) -> UUID:
    fact = ReportDrafted(
        month=str(month),
        version=version,
        year=str(year),
        figures_on=month.last_day,
        effective_on=london_day(at),
        note=why,
        **_cut(session, month, year, at),
    )
    return record(session, fact, by=by.id, as_role=role, at=at)


def _cut(session: Session, month: Month, year: ProgrammeYear, at: datetime) -> dict[str, Any]:
    """How far the facts have come, and every figure as it is known by then."""
    cut_at = max(at, last_recorded_at(session))
    values = figures.compute(session, year, AsAt(month.last_day, cut_at))
    return {"cut_seq": last_seq(session)[0], "cut_at": cut_at, "figures": values}


def refresh_figures(session: Session, month: Month, new: NewStep | None = None, *, by: Person, at: datetime) -> UUID:
    """Move a draft's cut-off forward to now, and take its figures again."""
    version, role = _taking(session, month, Step.REFRESHED, by, May.PREPARE_REPORTS)
    cut = _cut(session, month, version.year, at)
    rules.check_forward((version.cut_seq, version.cut_at), (cut["cut_seq"], cut["cut_at"]))
    return _record(session, FiguresRefreshed, version, role, by, at, new, **cut)


def write_narrative(session: Session, month: Month, new: NewPassage, *, by: Person, at: datetime) -> None:
    """Save what is said in a section of a draft. Raises `ChangedMeanwhile` when somebody else saved it since."""
    by.acting(May.PREPARE_REPORTS)
    version = queries.newest(session, month)
    rules.check_writable(version.state, month)
    if new.section not in rules.SECTIONS:
        raise NoSuchSection(
            f"There is no section “{new.section}”. Use one of: {', '.join(rules.SECTIONS)}.", field="section"
        )
    key = {"month": str(month), "version": version.version, "section": new.section}
    row = session.scalar(select(NarrativeRow).filter_by(**key))
    if row is None:
        row = NarrativeRow(**key, text="", edits=0, edited_by=by.id, edited_at=at)
        session.add(row)
    if row.edits != new.edits:
        raise rules.ChangedMeanwhile(
            "Somebody else saved this section after you opened it. Both texts are below: put into yours what you want "
            "to keep of theirs, then save again.",
            field="text",
        )
    row.text, row.edits, row.edited_by, row.edited_at = new.text.strip(), row.edits + 1, by.id, at


def send_to_board(
    session: Session, month: Month, new: NewStep | None = None, *, by: Person, at: datetime, url: str = ""
) -> UUID:
    """Send a draft to the Board. With an address of the tracker, the chair is told."""
    version, role = _taking(session, month, Step.SENT, by, May.PREPARE_REPORTS)
    if url:
        for person in access.people_with(session, Role.CHAIR):
            _tell(session, person, f"Board report for {month.in_words}: for your approval", month, url, at)
    return _record(session, ReportSent, version, role, by, at, new)


def return_with_comments(session: Session, month: Month, new: NewReturn, *, by: Person, at: datetime) -> UUID:
    """Give a report back to the secretariat, saying what to change."""
    version, role = _taking(session, month, Step.RETURNED, by, May.APPROVE_REPORTS)
    return _record(session, ReportReturned, version, role, by, at, None, comments=new.comments)


def approve(session: Session, month: Month, new: NewStep | None = None, *, by: Person, at: datetime) -> UUID:
    """Approve a report. Raises `PreparedByTheChair` when it is one's own."""
    version, role = _taking(session, month, Step.APPROVED, by, May.APPROVE_REPORTS)
    rules.check_approver(by.id, prepared_by(session, version))
    return _record(session, ReportApproved, version, role, by, at, new)


def prepared_by(session: Session, version: Version) -> frozenset[int]:
    """Who prepared a version: nobody among them may approve it."""
    passages = queries.narrative(session, version.month, version.version).values()
    return rules.preparers(version.events, (passage.edited_by for passage in passages if passage.edits))


def issue(
    session: Session, month: Month, new: NewStep | None = None, *, by: Person, at: datetime, url: str = ""
) -> UUID:
    """Freeze an approved report and release it. With an address of the tracker, the Board's members are told."""
    version, role = _taking(session, month, Step.ISSUED, by, May.PREPARE_REPORTS)
    written = queries.narrative(session, month, version.version)
    text = document.frozen(document.compose(session, version, written))
    if url:
        for person in access.people_with(session, Role.BOARD, Role.CHAIR):
            _tell(session, person, f"Board report for {month.in_words} is issued", month, url, at)
    return _record(session, ReportIssued, version, role, by, at, new, content=text, sha256=document.hash_of(text))


def _taking(session: Session, month: Month, step: Step, by: Person, may: May) -> tuple[Version, Role]:
    """The version that would take a step, and in which role. Raises `NotAllowed`, `NotFound` or `AnotherStep`."""
    role = by.acting(may)
    version = queries.newest(session, month)
    if version not in queries.visible(by, [version]):
        raise queries.nothing_to_read(month, by)
    rules.check_step(step, version.state, month)
    return version, role


def _record(
    session: Session,
    kind: type[Fact],
    version: Version,
    role: Role,
    by: Person,
    at: datetime,
    new: NewStep | None,
    **columns: Any,
) -> UUID:
    fact = kind(
        month=str(version.month),
        version=version.version,
        effective_on=london_day(at),
        note=new.note if new else "",
        **columns,
    )
    return record(session, fact, by=by.id, as_role=role, at=at)


def _tell(session: Session, person: Person, subject: str, month: Month, url: str, at: datetime) -> None:
    link = f"{url}/board-reports/{month}"
    body = f"Hello {person.name}\n\n{subject}. Read it here:\n\n{link}\n\nSign in to see all that is for the Board.\n"
    mail.write(session, person.email, subject, body, at, kind=mail.Kind.REPORT)


def verify(session: Session, month: Month) -> list[str]:
    """Recompute a month's newest report from the facts at its two dates: what differs, nothing when identical.

    Raises `NotFound` when there is no report.
    """
    versions = queries.versions(session).get(month)
    if not versions:
        raise NotFound(f"There is no Board report for {month.in_words}, so there is nothing to verify.")
    return verify_version(session, next((one for one in reversed(versions) if one.sha256), versions[-1]))


def verify_version(session: Session, version: Version) -> list[str]:
    """What differs between a version and the facts, a line each: its hash, then figure by figure, by name."""
    told = queries.figures_of(session, version)
    differences = []
    if version.sha256:
        text = queries.content_of(session, version)
        if document.hash_of(text) != version.sha256:
            differences.append("content: it is not what was issued, its hash differs")
        told = {name: figure.value for name, figure in document.thawed(text).figures.items()}
    again = figures.compute(session, version.year, version.as_at)
    for name, value in sorted(told.items()):
        if name not in again:
            differences.append(f"{name}: report {value}, no longer defined")
        elif again[name] != value:
            differences.append(f"{name}: report {value}, recomputed {again[name]}")
    return differences


def wrong(session: Session) -> list[str]:
    """What is wrong with the reports, a sentence each: every figure of every version recomputed, every hash checked."""
    return [
        f"the report for {version.month.in_words}, version {version.version}: {difference}"
        for versions in queries.versions(session, EVER).values()
        for version in versions
        for difference in verify_version(session, version)
    ]
