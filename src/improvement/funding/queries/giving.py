"""What the open data of regional grants is made from: since when, what was paid on which day, when that was told."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import msgspec
from sqlalchemy import func, literal, select, union_all
from sqlalchemy.orm import Session

from improvement.database import remembered
from improvement.dates import AsAt
from improvement.funding import queries
from improvement.funding.book import LineKind, Position, Sum
from improvement.funding.days import Series
from improvement.funding.tables.moves import (
    AllocationMade,
    MouAgreed,
    PaymentMade,
    RefundReceived,
    Released,
    VirementMade,
)

_OF_LINE: tuple[Any, ...] = (AllocationMade, PaymentMade, RefundReceived, Released)


class Award(msgspec.Struct, frozen=True):
    """A region's grant under an agreed MoU: since when, and what was paid and came back on each day, in pence."""

    mou: queries.Mou
    line: Position
    awarded_on: date
    paid: Series
    refunded: Series
    told_at: datetime


def awards(session: Session, as_at: AsAt) -> list[Award]:
    """The grants of every region by a day, under every MoU that was agreed by then: until then nothing is awarded."""
    found = []
    for slug in queries.mous(session, as_at):
        mou, book = queries.mou(session, as_at, slug), queries.book(session, slug, as_at.known_at)
        if mou.agreed_on is None:
            continue
        told = _last_told(session, as_at, slug)
        for row in queries.lines(session, as_at, slug):
            if row.kind == LineKind.REGION and row.allocated_pence > 0:
                given = book.sums[Sum.ALLOCATED, row.line]
                paid, refunded = (_until(book.series(what, row.line), as_at.on) for what in _PAID)
                first = max(min(given), mou.agreed_on)
                found.append(Award(mou, row, first, paid, refunded, max(told[""], told.get(row.line, told[""]))))
    return found


_PAID = (Sum.PAID, Sum.REFUNDED)


def _until(series: Series, on: date) -> dict[date, int]:
    return {day: pence for day, pence in sorted(series.items()) if day <= on}


def _last_told(session: Session, as_at: AsAt, mou: str) -> Mapping[str, datetime]:
    """When the newest fact of each line was recorded, corrections included; under no line, of the agreement."""

    def ask() -> dict[str, datetime]:
        arms = [select(literal(""), func.max(MouAgreed.recorded_at)).where(*_seen(MouAgreed, as_at, mou))]
        for kind in _OF_LINE:
            newest = select(kind.line, func.max(kind.recorded_at)).where(*_seen(kind, as_at, mou))
            arms.append(newest.group_by(kind.line))
        found: dict[str, datetime] = {}
        for line, at in session.execute(union_all(*arms)):
            found[line] = max(at, found.get(line, at))
        made = VirementMade
        for legs, at in session.execute(select(made.legs, made.recorded_at).where(*_seen(made, as_at, mou))):
            for leg in legs:
                found[leg["line"]] = max(at, found.get(leg["line"], at))
        return found

    return remembered(session, ("grants told", mou, as_at), ask, of=(MouAgreed, *_OF_LINE, VirementMade))


def _seen(kind: Any, as_at: AsAt, mou: str) -> list[Any]:
    """What of a kind somebody looking back knows of, whether it stands or not."""
    known = [kind.mou == mou, kind.effective_on <= as_at.on]
    return known if as_at.known_at is None else [*known, kind.recorded_at <= as_at.known_at]
