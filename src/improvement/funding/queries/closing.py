"""Questions about the end of the year: what is owed, what is carried forward, and what becomes of the rest."""

from datetime import date
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy.orm import Session

from improvement.access.rules import Person
from improvement.database import EVER, known, remembered
from improvement.dates import AsAt
from improvement.errors import NotFound
from improvement.funding import queries
from improvement.funding.book import Sum
from improvement.funding.rules import accruals as owing
from improvement.funding.rules import closing as rules
from improvement.funding.tables.matters import AccrualMade, CarryForwardAsked, CarryForwardDecided


class Request(msgspec.Struct, frozen=True):
    """A request to carry money forward, and what was decided of it."""

    id: UUID
    ref: str
    line: str
    amount_pence: int
    asked_on: date
    why: str
    decision: str = ""
    granted_pence: int = 0
    decision_reference: str = ""
    decided_id: UUID | None = None
    decided_on: date | None = None
    decided_why: str = ""

    @property
    def held_pence(self) -> int:
        """What of its line it holds: what was granted, or while it waits what was asked."""
        return self.granted_pence if self.decision else self.amount_pence


class Accrual(msgspec.Struct, frozen=True):
    """Money owed on a line, and what of it is not paid yet."""

    id: UUID
    line: str
    owed_on: date
    recipient: str
    why: str
    amount_pence: int
    left_pence: int


class YearEnd(msgspec.Struct, frozen=True):
    """The end of the year as somebody sees it. The statement is of the whole MoU, and only for who sees all of it."""

    mou: str
    state: str
    on: date
    statement: rules.Statement | None
    lines: list[rules.LineClosing]
    accruals: list[Accrual]
    requests: list[Request]


def requests(session: Session, as_at: AsAt, mou: str) -> list[Request]:
    """Every request of an MoU, the oldest first."""
    asked, told = CarryForwardAsked, CarryForwardDecided
    decided = {
        row.ref: tuple(row)[1:]
        for row in session.execute(
            known(
                told,
                as_at,
                told.ref,
                told.decision,
                told.amount_pence,
                told.decision_reference,
                told.id,
                told.effective_on,
                told.why,
            ).where(told.mou == mou)
        )
    }
    rows = session.execute(
        known(asked, as_at, asked.id, asked.ref, asked.line, asked.amount_pence, asked.effective_on, asked.why).where(
            asked.mou == mou
        )
    )
    return [Request(*row, *decided.get(row.ref, ())) for row in rows]


def undecided(session: Session, as_at: AsAt, mou: str) -> list[Request]:
    """The requests that wait for a decision."""
    return [one for one in requests(session, as_at, mou) if not one.decision]


def named(session: Session, ref: str) -> Request | None:
    """The request that stands under a reference, whichever MoU it is of. What was decided of it is left out."""
    asked = CarryForwardAsked
    columns = (asked.id, asked.ref, asked.line, asked.amount_pence, asked.effective_on, asked.why)
    row = session.execute(known(asked, EVER, *columns).where(asked.ref == ref.strip())).first()
    return Request(*row) if row else None


def as_owed(made: AccrualMade) -> owing.Owed:
    """An accrual as the rules see it."""
    return owing.Owed(str(made.id), made.effective_on, made.amount_pence)


def owed(session: Session, as_at: AsAt, mou: str) -> dict[str, list[tuple[Any, owing.Owed]]]:
    """The accruals of each line that stand, as they were recorded and as the rules see them."""
    made = AccrualMade

    def ask() -> dict[str, list[tuple[Any, owing.Owed]]]:
        columns = (made.id, made.line, made.effective_on, made.recipient, made.why, made.amount_pence)
        found: dict[str, list[tuple[Any, owing.Owed]]] = {}
        for row in session.execute(known(made, as_at, *columns).where(made.mou == mou)):
            seen = owing.Owed(str(row.id), row.effective_on, row.amount_pence)
            found.setdefault(row.line, []).append((row, seen))
        return found

    return remembered(session, ("owed", mou, as_at), ask, of=(made,))


def accruals(session: Session, as_at: AsAt, mou: str) -> list[Accrual]:
    """Every accrual of an MoU by day, each with what of it is still owed on the day asked about."""

    def ask() -> list[Accrual]:
        book, made = queries.book(session, mou, as_at.known_at), []
        for line, each in owed(session, as_at, mou).items():
            paid = owing.net_paid_by_day(book, line)
            left = owing.outstanding([seen for _, seen in each], paid, as_at.on)
            made += [
                Accrual(row.id, line, row.effective_on, row.recipient, row.why, row.amount_pence, left[seen.id])
                for row, seen in each
            ]
        return sorted(made, key=lambda one: (one.owed_on, one.line))

    return remembered(session, ("accruals", mou, as_at), ask)


def statement(session: Session, as_at: AsAt, mou: str) -> rules.Statement:
    """What became of the amount in force, to the penny."""
    return rules.statement_of(queries.book(session, mou, as_at.known_at), as_at.on)


def by_line(session: Session, as_at: AsAt, mou: str) -> list[rules.LineClosing]:
    """What became of each line's allocation, and of what is unallocated: they add up to the amount in force."""
    book = queries.book(session, mou, as_at.known_at)
    left: dict[str, int] = {}
    for one in accruals(session, as_at, mou):
        left[one.line] = left.get(one.line, 0) + one.left_pence
    return [
        rules.line_closing(row, book.on(Sum.CARRIED, row.line, as_at.on), left.get(row.line, 0))
        for row in queries.lines(session, as_at, mou)
    ]


def year_end(session: Session, as_at: AsAt, mou: str, by: Person) -> YearEnd:
    """The end of the year as somebody sees it: all of it, or what their own lines come to. Raises `NotFound`."""
    lines = [row for row in by_line(session, as_at, mou) if queries.may_see(by, row.region)]
    if not lines:
        raise NotFound("There is nothing here of the money you look after.")
    seen = {row.line for row in lines}
    return YearEnd(
        mou=mou,
        state=queries.mou(session, as_at, mou).state,
        on=as_at.on,
        statement=statement(session, as_at, mou) if queries.sees_all(by) else None,
        lines=lines,
        accruals=[one for one in accruals(session, as_at, mou) if one.line in seen],
        requests=[one for one in requests(session, as_at, mou) if one.line in seen],
    )


def needs(told: YearEnd) -> dict[rules.Need, int]:
    """What is to be settled before the MoU is closed, for who sees all of it, with how many pence it is about."""
    undecided = sum(one.amount_pence for one in told.requests if not one.decision)
    return rules.still_to_do(told.statement, told.lines, undecided) if told.statement else {}
