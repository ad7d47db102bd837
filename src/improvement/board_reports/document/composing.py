"""Putting a report together: from its figures and narrative to one content object."""

import math
from collections.abc import Mapping
from datetime import date, timedelta

from sqlalchemy.orm import Session

from improvement.board_reports import figures, queries, rules
from improvement.board_reports.document import sentences, tabling
from improvement.board_reports.document.content import Content, Figure, Note, Part, Passage, Point
from improvement.board_reports.document.reading import reduced, thawed
from improvement.board_reports.document.sentences import Basis, count, short
from improvement.board_reports.document.tabling import Comparison
from improvement.board_reports.queries import Version
from improvement.board_reports.rules import Audience
from improvement.database import is_demonstration
from improvement.dates import AsAt, in_words, moment_in_words
from improvement.local_accounts import queries as accounts

MOST_WEEKS = 20
"""How many columns the trend has after the deadline, at most."""


def compose(session: Session, version: Version, narrative: Mapping[str, queries.Passage]) -> Content:
    """The whole content of a version, as its figures were at its two dates, for every audience."""
    about = accounts.year(session, version.year, version.as_at.known_at)
    stored = queries.figures_of(session, version)
    registry = figures.registry(session, version.year, version.as_at)
    compared = _comparison(session, version, stored)
    mou = figures.mou(session, version.year, version.as_at)
    basis = Basis(version.month, about.deadline, stored, compared.before, compared.month, mou.state if mou else "")
    stand = accounts.standings(session, version.year, version.as_at)
    return Content(
        month=str(version.month),
        version=version.version,
        title=f"Board report for {version.month.in_words}",
        year=str(version.year),
        on=version.on,
        known_at=version.cut_at,
        cut_seq=version.cut_seq,
        deadline=about.deadline,
        demonstration=is_demonstration(session),
        compared_with=str(compared.month) if compared.month else "",
        headlines=tuple(sentences.headlines(basis)),
        narrative=_passages(narrative),
        money=tabling.money(session, version, stored),
        money_parts=_parts(stored) if mou else (),
        forecast=tabling.forecast(session, version, stored) if mou else None,
        accounts=tabling.accounts(session, version, stored, about.deadline),
        positions={slug: each.position.value for slug, each in stand.items()},
        trend=_trend(session, version, about.deadline),
        concerns=tabling.concerns(compared),
        changes=tabling.changes(compared, about.deadline),
        change_words=_change_words(compared),
        restatements=tabling.restatements(compared, about.deadline),
        notes=_notes(version, basis),
        figures={
            name: Figure(value, registry[name].unit, registry[name].audience)
            for name, value in stored.items()
            if name in registry
        },
        because=version.events[0].note if version.version > 1 else "",
    )


def _comparison(session: Session, version: Version, stored: dict[str, int]) -> Comparison:
    """This month's figures beside those of the last issued report, as issued and as they would be today."""
    last = queries.last_issued_before(session, version.month)
    if last is None:
        return Comparison(version.on, stored)
    again = figures.compute(session, last.year, AsAt(last.on, version.cut_at))
    return Comparison(version.on, stored, last.month, queries.figures_of(session, last), again)


def _passages(narrative: Mapping[str, queries.Passage]) -> tuple[Passage, ...]:
    told = []
    for section, passage in narrative.items():
        lines = passage.text.replace("\r\n", "\n").split("\n" if section == "decisions" else "\n\n")
        paragraphs = tuple(" ".join(line.split()) for line in lines if line.strip())
        if paragraphs:
            told.append(Passage(section, paragraphs, rules.SECTIONS[section].audience))
    return tuple(told)


def _parts(stored: Mapping[str, int]) -> tuple[Part, ...]:
    """The amount in force as parts that follow each other and add up to it."""
    paid, committed = stored["funding_paid_net_pence"], stored["funding_committed_pence"]
    allocated = stored["funding_allocated_pence"]
    return (
        Part("paid", "Paid", paid),
        Part("committed", "Committed, not yet paid", committed - paid),
        Part("allocated", "Allocated, not yet committed", allocated - committed),
        Part("unallocated", "Unallocated", stored["funding_unallocated_pence"]),
    )


def _trend(session: Session, version: Version, deadline: date) -> tuple[Point, ...]:
    """Councils published by week to the deadline, and what expected dates promise; then on to the month's last day."""
    weeks = accounts.trend(session, version.year, version.as_at)
    points = [Point(week.day, week.councils, week.projected) for week in weeks]
    stand = accounts.standings(session, version.year, version.as_at).values()
    points += [
        Point(day, sum(each.published_on is not None and each.published_on <= day for each in stand))
        for day in days_after(deadline, version.on)
    ]
    return tuple(points)


def days_after(deadline: date, on: date) -> list[date]:
    """Week by week from the deadline to a day, that day included; by several weeks when they would be too many."""
    past = (on - deadline).days
    step = 7 * max(1, math.ceil(past / 7 / MOST_WEEKS))
    return [deadline + timedelta(days=days) for days in range(step, past, step)] + ([on] if past > 0 else [])


def _change_words(compared: Comparison) -> str:
    if compared.month is None:
        return "This is the first report, so there is nothing to compare it with."
    then = in_words(compared.month.last_day)
    return (
        f"Change is this month’s figure less the same figure in the report for {compared.month.in_words}. New is what "
        f"has happened since {then}; restated is what we have since learned about {then}."
    )


TOLD = (
    "“Published” rests on what councils and coordinators told us. Confirmed means that a coordinator has opened the "
    "account."
)


def _notes(version: Version, basis: Basis) -> tuple[Note, ...]:
    """What a reader should know before using the figures."""
    known = f"The figures are those of {in_words(version.on)}, as known at {moment_in_words(version.cut_at)}."
    notes = [
        Note(f"{known} What we learn later is shown as restated in a later report."),
        Note(TOLD),
        Note(f"Publishing is for each council to decide. {in_words(basis.deadline)} is a suggested date."),
    ]
    if passed := basis["accounts_date_passed"]:
        counts = "counts" if passed == 1 else "count"
        notes.append(Note(f"{count(passed, 'council')} gave a date that has passed, and {counts} as no date given."))
    if seen := basis["accounts_date_not_confirmed"]:
        first = f"the account was first seen after {short(basis.deadline)}."
        notes.append(Note(f"For {count(seen, 'council')} the day published is not confirmed: {first}"))
    notes.append(Note("Restricted concerns are counted here and named nowhere.", Audience.BOARD))
    return tuple(notes)


def as_read(session: Session, version: Version, reader: Audience) -> Content:
    """A version as one audience reads it: frozen if it is issued, put together now if it is not."""
    if version.sha256:
        # What is frozen never changes, so it is kept whatever is recorded since.
        key = ("report", version.sha256, reader)
        return session.info["database"].memory.get(  # type: ignore[no-any-return]
            key, lambda: reduced(thawed(queries.content_of(session, version)), reader)
        )
    return reduced(compose(session, version, queries.narrative(session, version.month, version.version)), reader)
