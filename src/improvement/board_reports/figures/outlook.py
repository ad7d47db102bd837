"""The figures of what the money is expected to come to: of each funding line and of the whole. All in pence.

A variance is what is allocated less what is expected: above zero is an underspend, here and everywhere.
"""

from functools import partial

from sqlalchemy.orm import Session

from improvement.access.rules import Person
from improvement.board_reports.figures.figure import Counted, Figure
from improvement.board_reports.figures.money import href, lines, mou, of_line
from improvement.dates import AsAt, ProgrammeYear
from improvement.funding.book import UNALLOCATED
from improvement.funding.queries import forecasts
from improvement.funding.queries.forecasts import Outlook

OUTTURN, VARIANCE = "funding_outturn_pence", "funding_variance_pence"
WHOLE: dict[str, str] = {
    OUTTURN: "What all funding lines are expected to have paid in the end, less refunds.",
    VARIANCE: "The amount in force less what all funding lines are expected to have paid in the end. Above zero is an "
    "underspend; what is unallocated is part of it.",
}
OF_LINE: dict[str, str] = {
    "outturn": "What {line} is expected to have paid in the end, less refunds.",
    "variance": "What {line} has been given less what it is expected to have paid in the end. Above zero is an "
    "underspend, below zero an overspend.",
}
"""The two figures of every funding line."""
FOLLOWS = {
    "terms": "By the terms of the post",
    "forecast": "By its last forecast and what was paid",
    "allocation": "No forecast was given: its allocation, or what was paid if that is more",
}


def outlooks(session: Session, year: ProgrammeYear, as_at: AsAt) -> list[Outlook]:
    """What each line of a year's MoU is expected to come to; none before there is an MoU."""
    return forecasts.outlooks(session, as_at, str(year)) if mou(session, year, as_at) else []


def outlook_figures(session: Session, year: ProgrammeYear, as_at: AsAt) -> list[Figure]:
    """Two figures of the whole, and two for each line open at the two dates."""
    source = partial(values, year)
    whole = [
        Figure(name, meaning, "pence", "Money", source, partial(_whole, year, name), signed=name == VARIANCE)
        for name, meaning in WHOLE.items()
    ]
    return whole + [
        Figure(
            of_line(what, row.line),
            meaning.format(line=row.title),
            "pence",
            "Money by line",
            source,
            partial(_of_line, year, what, row.line),
            signed=what == "variance",
        )
        for row in outlooks(session, year, as_at)
        for what, meaning in OF_LINE.items()
    ]


def values(year: ProgrammeYear, session: Session, as_at: AsAt) -> dict[str, int]:
    """Every figure of what is expected at two dates."""
    rows = outlooks(session, year, as_at)
    told = {of_line(what, row.line): amount(row, what) for row in rows for what in OF_LINE}
    outturn = sum(row.outturn_pence for row in rows)
    in_force = sum(row.allocated_pence for row in lines(session, year, as_at))
    return told | {OUTTURN: outturn, VARIANCE: in_force - outturn}


def amount(row: Outlook, what: str) -> int:
    """One of the two figures of a line, in pence."""
    return {"outturn": row.outturn_pence, "variance": row.variance_pence}[what]


def unallocated(session: Session, year: ProgrammeYear, as_at: AsAt) -> int | None:
    """What is not given to any line, of which nothing is expected to be spent; none before there is an MoU. Pence."""
    left = [row.allocated_pence for row in lines(session, year, as_at) if row.line == UNALLOCATED]
    return left[0] if left else None


def _whole(year: ProgrammeYear, name: str, session: Session, as_at: AsAt, _: Person) -> list[Counted]:
    """Each line with what it adds; and, of the variance, what is unallocated."""
    what = "outturn" if name == OUTTURN else "variance"
    told = [_counted(session, year, as_at, row, amount(row, what)) for row in outlooks(session, year, as_at)]
    left = unallocated(session, year, as_at) if what == "variance" else None
    return [*told, Counted("Unallocated", left, href="/figures/funding_unallocated_pence")] if left else told


def _of_line(year: ProgrammeYear, what: str, line: str, session: Session, as_at: AsAt, _: Person) -> list[Counted]:
    """What is expected of a line; and, of the variance, what it was given before that is taken away."""
    told = []
    for row in outlooks(session, year, as_at):
        if row.line == line and what == "variance":
            given = "What it has been given, on its statement"
            statement = href(session, year, as_at, f"/funding/lines/{line}")
            told.append(Counted(row.title, row.allocated_pence, more=given, href=statement))
            told.append(_counted(session, year, as_at, row, -row.outturn_pence))
        elif row.line == line:
            told.append(_counted(session, year, as_at, row, row.outturn_pence))
    return told


def _counted(session: Session, year: ProgrammeYear, as_at: AsAt, row: Outlook, pence: int) -> Counted:
    here = href(session, year, as_at, f"/funding/forecasts/{row.line}")
    return Counted(row.title, pence, more=FOLLOWS[row.follows], href=here)
