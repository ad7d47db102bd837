"""How a book is made: what was recorded between two facts is added up by the database, and added to the nearest book
this process has made. So it costs what came between, and neither what was before nor how far back is looked."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import (
    JSON,
    String,
    Uuid,
    bindparam,
    cast,
    false,
    func,
    literal,
    literal_column,
    null,
    select,
    union_all,
)
from sqlalchemy.orm import Session, aliased
from sqlalchemy.sql.selectable import CompoundSelect, Select

from improvement.database import EVER, Fact, has_recorded, known, last_recorded_at, last_seq
from improvement.funding import book as books
from improvement.funding.book import MOVES, Book, Entry, Kind, Leg, Line, LineKind
from improvement.funding.tables import TABLES

SUMMED = frozenset(
    {
        Kind.RECEIVED,
        Kind.ALLOCATION,
        Kind.COMMITMENT,
        Kind.PAYMENT,
        Kind.REFUND,
        Kind.RELEASE,
        Kind.RETURN,
        Kind.CARRIED,
    }
)
"""Of the kinds that change a book, the ones whose entries of a line and day can be added up by the database."""
STRIDE = 50_000
"""How many facts are added at most before the book so far is kept, so that the past is never farther than that."""
PASSING = 8
"""How many more books are kept, those asked for most recently."""


class _Kept:
    """The books of one MoU this process has made of committed facts, by the `seq` each is of."""

    def __init__(self) -> None:
        self.books: Mapping[int, Book] = {}

    def put(self, seq: int, book: Book, instead_of: int = 0) -> None:
        """Keep a book. What others put meanwhile may be lost, and is made again when it is asked for."""
        books = {at: one for at, one in self.books.items() if at != seq and (at != instead_of or not at % STRIDE)}
        books[seq] = book
        for at in [at for at in books if at % STRIDE][:-PASSING]:
            del books[at]
        self.books = books


def book(session: Session, mou: str, known_at: datetime | None = None) -> Book:
    """Everything one MoU comes to, later-dated facts included, as we know it now or knew it at an instant."""
    head, _ = last_seq(session)
    seq = head if known_at is None else told_by(session, mou, known_at)
    kept: _Kept = session.info["database"].memory.get(("books", mou), _Kept)
    there = {0: Book(mou)} | {at: one for at, one in kept.books.items() if at <= head}
    if (here := session.info.get(("book", mou))) is not None and here[0] <= head:
        there[here[0]] = here[1]
    nearest = at = min(there, key=lambda one: abs(one - seq))
    made = there[at]
    while at != seq:
        upto = min(at - at % STRIDE + STRIDE, seq) if at < seq else max(at - (at % STRIDE or STRIDE), seq)
        made, at = _moved(session, made, at, upto), upto
        if not at % STRIDE and not has_recorded(session):
            kept.put(at, made)
    if known_at is None:
        session.info["book", mou] = seq, made
    if not has_recorded(session):
        kept.put(seq, made, instead_of=nearest if known_at is None else 0)
    return made


def hand_on(session: Session, after: Book) -> None:
    """The book as this transaction has just made it, so that the next thing it records need not ask again."""
    session.info["book", after.mou] = last_seq(session)[0], after


def told_by(session: Session, mou: str, known_at: datetime) -> int:
    """The `seq` of the last fact about an MoU we had been told by an instant."""
    if known_at >= last_recorded_at(session):
        return last_seq(session)[0]

    def ask() -> int:
        return session.scalar(_TOLD, {"mou": mou, "known_at": known_at}) or 0

    if has_recorded(session):
        return ask()
    found: int = session.info["database"].memory.get(("told by", mou, known_at), ask)
    return found


def afresh(session: Session, mou: str) -> Book:
    """The book as it is now, made from every fact that stands and nothing kept: what the whole check compares."""
    arms = []
    for kind in MOVES:
        columns = _for_book(kind)
        arm = known(TABLES[kind], EVER, *_labelled(columns)).order_by(None)
        arms.append(_grouped(kind, arm, columns).where(TABLES[kind].__table__.c.mou == mou))
    rows = session.execute(union_all(*arms)).all()
    return books.changed(Book(mou), [(_entry(row), 1) for row in rows])


def as_entry(kind: Kind, fact: Fact, seq: int | None = None) -> Entry:
    """A fact as the rules see it, with the `seq` it will have if it is not recorded yet."""
    opens = None
    if kind is Kind.LINE:
        name, which, title, host, region = (getattr(fact, each) for each in ("line", "kind", "title", "host", "region"))
        opens = Line(name, LineKind(which), title, host, region, fact.effective_on, str(fact.id))
    return Entry(
        kind=kind,
        on=fact.effective_on,
        id=str(fact.id),
        seq=seq or fact.seq or 0,
        line=getattr(fact, "line", ""),
        pence=getattr(fact, _PENCE.get(kind, "amount_pence"), 0),
        of=getattr(fact, "of", ""),
        settled=bool(getattr(fact, "over_cash_reason", "") or getattr(fact, "decision_reference", "")),
        legs=tuple(msgspec.convert(getattr(fact, "legs", ()), tuple[Leg, ...])),
        opens=opens,
    )


def _moved(session: Session, book: Book, at: int, to: int) -> Book:
    """A book brought from one fact to another: forward, or back by taking away what was added."""
    bounds = {"since": min(at, to), "upto": max(at, to), "mou": book.mou}
    way = 1 if at < to else -1
    entries = [(_entry(row), row.sign * way) for row in session.execute(_BETWEEN, bounds)]
    return books.changed(book, sorted(entries, key=lambda entry: -entry[1]))


def _for_book(kind: Kind) -> dict[str, Any]:
    """The columns a book is made from, the same for every kind."""
    table: Any = TABLES[kind]
    nothing, empty = cast(null(), JSON), literal_column("''", String)
    given = {Kind.PAYMENT: "over_cash_reason", Kind.VIREMENT: "decision_reference"}.get(kind)
    summed = kind in SUMMED
    pence = getattr(table, _PENCE.get(kind, "amount_pence"), literal(0))
    return {
        "what": literal(kind.value),
        "id": cast(null(), Uuid) if summed else table.id,
        "seq": literal(0) if summed else table.seq,
        "on": table.effective_on,
        "line": getattr(table, "line", empty),
        "pence": func.sum(pence) if summed else pence,
        "facts": func.count() if summed else literal(1),
        "of": table.kind if kind is Kind.LINE else getattr(table, "of", empty),
        "settled": getattr(table, given) != empty if given else false(),
        "legs": getattr(table, "legs", nothing),
        "title": table.title if kind is Kind.LINE else empty,
        "host": getattr(table, "host", empty),
        "region": getattr(table, "region", cast(null(), String)),
    }


_PENCE = {Kind.LIMITS: "virement_above_pence"}
"""Where a kind keeps its sum, if it is not the usual column."""


def _labelled(columns: Mapping[str, Any]) -> list[Any]:
    return [column.label(name) for name, column in columns.items()]


def _grouped(kind: Kind, wanted: Select[Any], columns: Mapping[str, Any]) -> Select[Any]:
    """The entries of a line and day together, for the kinds that can be added up."""
    if kind not in SUMMED:
        return wanted
    own = {"on", *({"line", "of"} & set(TABLES[kind].__table__.c.keys()))}
    own |= {"settled"} if kind is Kind.PAYMENT else set()
    return wanted.group_by(*(columns[name] for name in columns if name in own))


def _between() -> CompoundSelect[Any]:
    """What was recorded after one `seq` and up to another, and (taken away) what that corrects. Put together once: it
    runs at each change."""
    added, taken = [], []
    for kind in MOVES:
        table, later, columns = TABLES[kind], aliased(TABLES[kind]), _for_book(kind)
        wanted = _grouped(kind, select(*_labelled(columns)).where(~table.withdrawn), columns)
        added.append(wanted.add_columns(literal(1).label("sign")).where(*_bounds(table)))
        # Found by what corrects it, of which there is little: a correction stays with its MoU.
        corrected = wanted.join(later, later.corrects == table.id)
        taken.append(corrected.add_columns(literal(-1).label("sign")).where(*_bounds(later)))
    return union_all(*added, *taken)


def _bounds(table: Any) -> tuple[Any, ...]:
    return table.mou == bindparam("mou"), table.seq > bindparam("since"), table.seq <= bindparam("upto")


_BETWEEN = _between()


def _told() -> Select[Any]:
    """The last `seq` of each kind by an instant, and of those the last: facts are told in the order of their `seq`."""
    last = []
    for kind in MOVES:
        table = TABLES[kind].__table__.c
        told = select(table.seq).where(table.mou == bindparam("mou"), table.recorded_at <= bindparam("known_at"))
        last.append(select(told.order_by(table.recorded_at.desc()).limit(1).subquery()))
    return select(func.max(union_all(*last).subquery().c.seq))


_TOLD = _told()


def _entry(row: Any) -> Entry:
    """A row of `_for_book` as the rules see it."""
    id_, opens = str(row.id or ""), None
    if row.what == Kind.LINE:
        opens = Line(row.line, LineKind(row.of), row.title, row.host, row.region, row.on, id_)
    return Entry(
        kind=Kind(row.what),
        on=row.on,
        id=id_,
        seq=row.seq,
        line=row.line,
        pence=int(row.pence),
        of=row.of,
        settled=bool(row.settled),
        legs=tuple(Leg(leg["line"], leg["amount_pence"]) for leg in row.legs or ()),
        opens=opens,
        facts=row.facts,
    )
