"""The figures of concerns and actions: of everything, of what the Board may see, of what may be quoted in public."""

from functools import partial
from uuid import UUID

from sqlalchemy.orm import Session

from improvement.access.rules import Person
from improvement.board_reports.figures.figure import Counted, Figure
from improvement.board_reports.rules import Audience
from improvement.concerns import figures as concerns
from improvement.concerns import queries
from improvement.dates import AsAt

RESTRICTED = "concerns_restricted"


def audience_of(name: str) -> Audience:
    """Who may read a figure of concerns, by its name."""
    if name.endswith("_public"):
        return Audience.PUBLIC
    return Audience.BOARD if name.endswith("_board") or name == RESTRICTED else Audience.SECRETARIAT


def concern_figures() -> list[Figure]:
    """The figures the concerns themselves define."""
    return [
        Figure(
            name,
            each.meaning,
            "actions" if name.startswith("actions") else "times" if name.startswith("targets") else "concerns",
            "Concerns and actions",
            values,
            partial(_counted, name),
            audience_of(name),
        )
        for name, each in concerns.FIGURES.items()
    ]


def values(session: Session, as_at: AsAt) -> dict[str, int]:
    """Every figure of concerns and actions at two dates."""
    book = queries.book(session, as_at)
    return {name: len(each.counts(book)) for name, each in concerns.FIGURES.items()}


def _counted(name: str, session: Session, as_at: AsAt, by: Person) -> list[Counted]:
    """The concerns or actions a figure counts; those this person may not know of are left out."""
    ids = concerns.FIGURES[name].facts(session, as_at)
    named = _by_fact(session, as_at)
    seen = [named[fact] for fact in ids if fact in named and queries.may_know(session, by, named[fact][0])]
    return [Counted(title, more=ref, href=f"/{kind}/{ref}") for ref, title, kind in sorted(seen)]


def _by_fact(session: Session, as_at: AsAt) -> dict[UUID, tuple[str, str, str]]:
    book = queries.book(session, as_at)
    named = {one.id: (one.ref, one.title, "concerns") for one in book.concerns.values()}
    for action in book.actions.values():
        named |= dict.fromkeys([action.id, *(slip.id for slip in action.slips)], (action.ref, action.title, "actions"))
    return named
