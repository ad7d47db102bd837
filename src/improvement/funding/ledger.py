"""The ledger: every fact about money that stands, newest first, a page at a time."""

from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import JSON, BigInteger, Text, cast, func, literal, null, or_, select, union_all
from sqlalchemy.orm import Session
from sqlalchemy.sql.selectable import Select

from improvement.access import queries as access
from improvement.database import known, last_recorded_at, last_seq, remembered
from improvement.dates import AsAt, london_day
from improvement.funding import book as books
from improvement.funding import summing
from improvement.funding.book import Entry, Kind, Leg, Sum
from improvement.funding.tables import TABLES

IN_LEDGER = (*books.MOVES, Kind.EXPECTED)
"""What the ledger is of: the life of the MoU and the moves of its money."""
NEAR = timedelta(days=7)
"""Within how many days of what is known a list of a day passes over little."""
MOST_REMEMBERED = 1001
"""Longer answers are made each time they are asked for."""


class Recorded(msgspec.Struct, frozen=True):
    """One fact about money as the ledger shows it. `party` is to or from whom, `about` what for or why."""

    id: UUID
    seq: int
    kind: str
    line: str
    amount_pence: int | None
    effective_on: date
    of: str
    reference: str
    party: str
    about: str
    legs: tuple[Leg, ...]
    recorded_at: datetime
    recorded_by: str
    recorded_as: str
    note: str
    corrects: UUID | None
    reason: str


class Effect(msgspec.Struct, frozen=True):
    """What a fact adds to a line's allocation, commitments and payments less refunds. In pence."""

    allocated_pence: int
    committed_pence: int
    net_paid_pence: int


def entries(
    session: Session,
    as_at: AsAt,
    mou: str,
    *,
    kinds: Collection[Kind] = IN_LEDGER,
    of: str = "",
    of_lines: Collection[str] | None = None,
    after: int | None = None,
    since: date | None = None,
    limit: int = 50,
) -> list[Recorded]:
    """The facts that stand, newest first, after a `seq`: of some kinds, of some lines; releases `of` one sort; those
    effective after a day.

    Each kind gives its own newest, found by index, so the cost does not grow with the number of facts.
    """

    def ask() -> list[Recorded]:
        # What we knew by an instant is what was recorded up to a fact: where to begin, instead of what to pass over.
        told = None if as_at.known_at is None else summing.told_by(session, mou, as_at.known_at) + 1
        arms, reach = [], _reach(session, as_at, mou, told)
        for kind in kinds:
            table, wanted = TABLES[kind], _standing(kind, as_at, mou, of, of_lines)
            if wanted is not None:
                before = min((seq for seq in (after, told, reach.get(kind)) if seq is not None), default=None)
                wanted = wanted if before is None else wanted.where(table.seq < before)
                wanted = wanted if since is None else wanted.where(table.effective_on > since)
                arms.append(select(wanted.order_by(None).order_by(table.seq.desc()).limit(limit).subquery()))
        if not arms:
            return []
        asked = union_all(*arms)
        rows = session.execute(asked.order_by(asked.selected_columns.seq.desc()).limit(limit)).all()
        names = access.names(session)
        return [_recorded(row, names) for row in rows]

    if limit > MOST_REMEMBERED:
        return ask()
    asked = (mou, as_at, tuple(kinds), of, None if of_lines is None else tuple(sorted(of_lines)), after, since, limit)
    return list(remembered(session, ("entries", asked), ask))


def _reach(session: Session, as_at: AsAt, mou: str, told: int | None) -> Mapping[Kind, int]:
    """Before which `seq` the facts of each kind are that are effective by a day; nothing when it is not long before the
    last fact that is known."""
    if as_at.on >= london_day(as_at.known_at or last_recorded_at(session)) - NEAR:
        return {}
    last = last_seq(session)[0] if told is None else told - 1
    return {kind: seq + 1 for kind, seq in summing.reach(session, mou, as_at.on, last).items()}


def effect(entry: Recorded, line: str) -> Effect:
    """What a fact does to the sums of one line."""
    seen = Entry(
        kind=Kind(entry.kind),
        on=entry.effective_on,
        line=entry.line,
        pence=entry.amount_pence or 0,
        of=entry.of,
        legs=entry.legs,
    )
    sums = {what: pence for what, of, pence in books.moves(seen) if of == line}
    paid = sums.get(Sum.PAID, 0) - sums.get(Sum.REFUNDED, 0)
    return Effect(sums.get(Sum.ALLOCATED, 0), sums.get(Sum.COMMITTED, 0), paid)


def only(entries: list[Recorded], lines: Collection[str]) -> list[Recorded]:
    """The same entries, without what virements gave to lines that somebody may not see."""
    kept = set(lines)
    return [
        msgspec.structs.replace(entry, legs=tuple(leg for leg in entry.legs if leg.line in kept))
        if entry.legs
        else entry
        for entry in entries
    ]


def count(
    session: Session,
    as_at: AsAt,
    mou: str,
    *,
    kinds: Collection[Kind],
    of: str = "",
    of_lines: Collection[str] | None = None,
) -> dict[Kind, int]:
    """How many facts of each kind stand. The book has counted them, but for those that move no money."""

    def ask() -> dict[Kind, int]:
        kept = summing.book(session, mou, as_at.known_at)
        found = {kind: books.count(kept, kind, as_at.on, of=of, lines=of_lines) for kind in kinds}
        for kind in found.keys() - set(books.MOVES):
            standing = _standing(kind, as_at, mou, of, of_lines)
            if standing is not None:
                found[kind] = session.scalar(select(func.count()).select_from(standing.subquery())) or 0
        return found

    asked = (mou, as_at, tuple(kinds), of, None if of_lines is None else tuple(sorted(of_lines)))
    return remembered(session, ("counted", asked), ask)


def _standing(kind: Kind, as_at: AsAt, mou: str, of: str, of_lines: Collection[str] | None) -> Select[Any] | None:
    """The facts of a kind that stand; none when its facts are not of any line and lines are asked for."""
    table: Any = TABLES[kind]
    wanted = known(table, as_at, *_SHOWN[kind]).where(table.mou == mou)
    if of and kind is Kind.RELEASE:
        wanted = wanted.where(table.of == of)
    if of_lines is None:
        return wanted
    if hasattr(table, "line"):
        return wanted.where(table.line.in_(of_lines))
    if kind is Kind.VIREMENT and of_lines:
        said = cast(table.legs, Text)
        return wanted.where(or_(*(said.contains(f'"line": "{each}"', autoescape=True) for each in of_lines)))
    return None


def _for_ledger(kind: Kind) -> list[Any]:
    """The columns the ledger shows, the same for every kind: the first name a kind has is the one shown."""
    table: Any = TABLES[kind]

    def first(name: str, *names: str) -> Any:
        has = [getattr(table, one) for one in names if hasattr(table, one)]
        return (has[0] if has else literal("")).label(name)

    own = ("id", "seq", "effective_on", "recorded_at", "recorded_by", "recorded_as", "note", "corrects", "reason")
    return [
        literal(kind.value).label("kind"),
        *(getattr(table, name).label(name) for name in own),
        first("line", "line"),
        getattr(table, "amount_pence", cast(null(), BigInteger)).label("amount_pence"),
        first("of", "of"),
        first("reference", "reference", "decision_reference", "ref"),
        first("party", "recipient", "funder", "host"),
        first("about", "why", "purpose", "over_cash_reason", "conditions", "evidence", "paid_for", "state"),
        getattr(table, "legs", cast(null(), JSON)).label("legs"),
    ]


_SHOWN = {kind: _for_ledger(kind) for kind in Kind}


def _recorded(row: Any, names: Mapping[int, str]) -> Recorded:
    legs = tuple(Leg(leg["line"], leg["amount_pence"]) for leg in row.legs or ())
    shown = {name: getattr(row, name) for name in Recorded.__struct_fields__ if name not in ("legs", "recorded_by")}
    return Recorded(**shown, legs=legs, recorded_by=names.get(row.recorded_by, ""))
