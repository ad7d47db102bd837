"""The figures of money: of the whole Memorandum of Understanding and of each funding line. All in pence."""

from functools import partial

from sqlalchemy.orm import Session

from improvement.access.rules import Person
from improvement.board_reports.figures.figure import Counted, Figure, named
from improvement.dates import AsAt, ProgrammeYear
from improvement.errors import NotFound
from improvement.funding import figures as money
from improvement.funding import queries as funding
from improvement.funding.book import UNALLOCATED, Position

OF_LINE: dict[str, str] = {
    "allocated": "What {line} has been given.",
    "committed": "What has been promised to somebody from {line}.",
    "paid": "What has been paid from {line}, less refunds.",
    "remaining": "What {line} has been given and has not yet paid, net of refunds.",
}
"""The four figures of every funding line."""


def mou(session: Session, year: ProgrammeYear, as_at: AsAt) -> funding.Mou | None:
    """The year's Memorandum of Understanding (MoU), if there is one at the two dates."""
    try:
        return funding.mou(session, as_at, str(year))
    except NotFound:
        return None


def href(session: Session, year: ProgrammeYear, as_at: AsAt, address: str) -> str:
    """An address about the money of a year's MoU."""
    return funding.of_mou(session, as_at, address, str(year))


def money_figures(year: ProgrammeYear) -> list[Figure]:
    """The figures of a year's whole MoU, as funding itself defines them."""
    source = partial(whole, year)
    return [
        Figure(name, each.meaning, "pence", "Money", source, partial(_parts, year, name))
        for name, each in money.FIGURES.items()
    ]


def whole(year: ProgrammeYear, session: Session, as_at: AsAt) -> dict[str, int]:
    """Every figure of a year's whole MoU at two dates; none before there is one."""
    found = mou(session, year, as_at)
    return {name: each.of(found) for name, each in money.FIGURES.items()} if found else {}


def _parts(year: ProgrammeYear, name: str, session: Session, as_at: AsAt, _: Person) -> list[Counted]:
    """The sums a figure is made of, each with how many facts are in it."""
    if mou(session, year, as_at) is None:
        return []
    return [
        Counted(
            part.words,
            part.pence,
            more="1 fact" if part.facts == 1 else f"{part.facts:,} facts",
            href=href(session, year, as_at, f"/funding/working/{name}"),
        )
        for part in money.FIGURES[name].parts(session, as_at, str(year))
    ]


def of_line(what: str, line: str) -> str:
    """What a figure of one funding line is called."""
    return f"funding_{what}_pence_of_{named(line)}"


def lines(session: Session, year: ProgrammeYear, as_at: AsAt) -> list[Position]:
    """The funding lines of a year's MoU, the unallocated sum last; none before there is an MoU."""
    try:
        return funding.lines(session, as_at, str(year))
    except NotFound:
        return []


def line_figures(session: Session, year: ProgrammeYear, as_at: AsAt) -> list[Figure]:
    """Four figures for each line open at the two dates."""
    source = partial(values, year)
    return [
        Figure(
            of_line(what, row.line),
            meaning.format(line=row.title),
            "pence",
            "Money by line",
            source,
            partial(_summed, year, what, row.line),
        )
        for row in lines(session, year, as_at)
        if row.line != UNALLOCATED
        for what, meaning in OF_LINE.items()
    ]


def amount(row: Position, what: str) -> int:
    """One of the four figures of a line, in pence."""
    return {
        "allocated": row.allocated_pence,
        "committed": row.committed_pence,
        "paid": row.net_paid_pence,
        "remaining": row.remaining_pence,
    }[what]


def values(year: ProgrammeYear, session: Session, as_at: AsAt) -> dict[str, int]:
    """Every figure of every line at two dates."""
    return {of_line(what, row.line): amount(row, what) for row in lines(session, year, as_at) for what in OF_LINE}


def _summed(year: ProgrammeYear, what: str, line: str, session: Session, as_at: AsAt, by: Person) -> list[Counted]:
    """The line, with the statement its entries are on."""
    here = href(session, year, as_at, f"/funding/lines/{line}")
    return [
        Counted(row.title, amount(row, what), more="The entries are on its statement", href=here)
        for row in lines(session, year, as_at)
        if row.line == line
    ]
