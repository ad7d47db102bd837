"""The figures of money: of the whole Memorandum of Understanding and of each funding line. All in pence."""

from functools import partial

from sqlalchemy.orm import Session

from improvement.access.rules import Person
from improvement.board_reports.figures.figure import Counted, Figure, named
from improvement.dates import AsAt, ProgrammeYear
from improvement.errors import NotFound
from improvement.funding import queries as funding
from improvement.funding.book import UNALLOCATED, Position

OF_LINE: dict[str, str] = {
    "allocated": "What {line} has been given.",
    "committed": "What has been promised to somebody from {line}.",
    "paid": "What has been paid from {line}, less refunds.",
    "remaining": "What {line} has been given and has not yet paid, net of refunds.",
}
"""The four figures of every funding line."""


WHOLE: dict[str, tuple[str, str]] = {
    "funding_in_force_pence": (
        "The amount sought while the MoU is in negotiation, then the amount agreed or varied to.",
        "amount_pence",
    ),
    "funding_allocated_pence": (
        "What is allocated to funding lines; indicative until the MoU is agreed.",
        "allocated_pence",
    ),
    "funding_unallocated_pence": ("The amount in force less what is allocated.", "unallocated_pence"),
    "funding_committed_pence": ("What has been promised to somebody from any line.", "committed_pence"),
    "funding_paid_pence": ("What has been paid from any line, less refunds.", "net_paid_pence"),
    "funding_cash_in_hand_pence": (
        "Instalments received and refunds, less payments and what was returned.",
        "cash_in_hand_pence",
    ),
}


def mou(session: Session, year: ProgrammeYear, as_at: AsAt) -> funding.Mou | None:
    """The year's Memorandum of Understanding (MoU), if there is one at the two dates."""
    try:
        return funding.mou(session, as_at, str(year))
    except NotFound:
        return None


def money_figures(year: ProgrammeYear) -> list[Figure]:
    """The figures of a year's whole MoU."""
    source = partial(whole, year)
    return [
        Figure(name, meaning, "pence", "Money", source, partial(_by_line, year, name))
        for name, (meaning, _) in WHOLE.items()
    ]


def whole(year: ProgrammeYear, session: Session, as_at: AsAt) -> dict[str, int]:
    found = mou(session, year, as_at)
    return {name: getattr(found, field) for name, (_, field) in WHOLE.items()} if found else {}


def _by_line(year: ProgrammeYear, name: str, session: Session, as_at: AsAt, by: Person) -> list[Counted]:
    return []


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
    return [
        Counted(row.title, amount(row, what), more="The entries are on its statement", href=f"/funding/lines/{line}")
        for row in lines(session, year, as_at)
        if row.line == line
    ]
