"""How a book is made: everything recorded is added up by the database once in a process; from then on what was recorded
between two facts is, and is added to the nearest book this process has made. So a book costs what came between, and
neither what was before nor how far back is looked."""

import threading
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import cache
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
from sqlalchemy.sql.elements import False_
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
STRIDE = 10_000
"""After how many facts a book is kept, so that the past is never farther than half as many."""
PASSING = 8
"""How many more books are kept, those asked for most recently."""


class _Kept:
    """The books of one MoU this process has made of committed facts, by the `seq` each is of."""

    def __init__(self) -> None:
        self.books: Mapping[int, Book] = {}
        self.earliest: dict[int, Mapping[Kind, date]] = {}
        """The earliest day that facts of each kind are effective on, of each stride, by the `seq` it ends with."""
        self.first = threading.Lock()
        """Held while the first of them is made, so that those who ask meanwhile wait for it and do not make it too."""

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
    made, nearest = _nearest(session, mou, seq)
    if known_at is None:
        session.info["book", mou] = seq, made
    if not has_recorded(session):
        _kept(session, mou).put(seq, made, instead_of=nearest if known_at is None else 0)
    return made


def strides(session: Session, mou: str) -> range:
    """The moments at which books are kept, the newest first. The facts are added up for it, if they are not yet."""
    last = max(_books(session, mou))
    return range(last - last % STRIDE, 0, -STRIDE)


def add_up(session: Session, mou: str, seq: int) -> None:
    """See that this process has the book of one moment, from which those near it are made, and knows the days of the
    facts just before it."""
    _nearest(session, mou, seq)
    _earliest(session, mou, seq)


def reach(session: Session, mou: str, on: date, seq: int) -> Mapping[Kind, int]:
    """After which `seq`, up to one, no fact of a kind is effective by a day; there may be none before it either. It is
    where a list of a day long past begins, instead of with what it would pass over."""
    found, last = dict[Kind, int](), seq - seq % STRIDE
    for end in (seq, *range(last, 0, -STRIDE)):
        days = _earliest(session, mou, end) if end <= last else _days(session, mou, last, seq)
        for kind in MOVES:
            if kind not in found and days.get(kind, date.max) <= on:
                found[kind] = end
        if len(found) == len(MOVES):
            break
    return {kind: found.get(kind, 0) for kind in MOVES}


def _earliest(session: Session, mou: str, end: int) -> Mapping[Kind, date]:
    """The earliest day a fact of each kind is effective on, of a stride by the `seq` it ends with: asked once."""
    kept = _kept(session, mou).earliest
    if end in kept:
        return kept[end]
    found = _days(session, mou, end - STRIDE, end)
    if not has_recorded(session):
        kept[end] = found
    return found


def _days(session: Session, mou: str, since: int, upto: int) -> Mapping[Kind, date]:
    bounds = {"since": since, "upto": upto, "mou": mou}
    return {_KINDS[what]: on for what, on in session.execute(_FIRST_DAYS, bounds) if on is not None}


def _kept(session: Session, mou: str) -> _Kept:
    kept: _Kept = session.info["database"].memory.get(("books", mou), _Kept)
    return kept


def _books(session: Session, mou: str) -> Mapping[int, Book]:
    """The books there are to begin with, at least one of them made of facts."""
    kept, (head, _) = _kept(session, mou), last_seq(session)
    if has_recorded(session):
        there = dict(kept.books)
    else:
        with kept.first:
            if not any(at <= head for at in kept.books):
                kept.put(head, _whole(session, mou))
        there = dict(kept.books)
    made: tuple[int, Book] | None = session.info.get(("book", mou))
    there |= {made[0]: made[1]} if made else {}
    there = {at: one for at, one in there.items() if at <= head}
    return there or {head: _whole(session, mou)}


def _nearest(session: Session, mou: str, seq: int) -> tuple[Book, int]:
    """The book of a moment, and of which moment the one was that it was made from: the nearest. It is made by strides,
    and the books between them are kept, unless they may be rolled back."""
    there = {0: Book(mou), **_books(session, mou)}
    nearest = at = min(there, key=lambda one: abs(one - seq))
    made = there[at]
    while at != seq:
        upto = min(at - at % STRIDE + STRIDE, seq) if at < seq else max(at - (at % STRIDE or STRIDE), seq)
        made, at = _moved(session, made, at, upto), upto
        if not at % STRIDE and not has_recorded(session):
            _kept(session, mou).put(at, made)
    return made, nearest


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
        arm = known(TABLES[kind], EVER, *_labelled(columns), literal(1)).order_by(None)
        arms.append(_grouped(kind, arm, columns).where(TABLES[kind].__table__.c.mou == mou))
    return books.changed(Book(mou), _entries(session.execute(union_all(*arms))))


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


def _whole(session: Session, mou: str) -> Book:
    """The book as it is now, from everything recorded and what of it was corrected since."""
    wanted = _everything(embedded=session.info["database"].embedded)
    return books.changed(Book(mou), _entries(session.execute(wanted, {"mou": mou})))


def _moved(session: Session, book: Book, at: int, to: int) -> Book:
    """A book brought from one fact to another: forward, or back by taking away what was added."""
    bounds = {"since": min(at, to), "upto": max(at, to), "mou": book.mou}
    return books.changed(book, _entries(session.execute(_BETWEEN, bounds), 1 if at < to else -1))


def _entries(rows: Iterable[Any], way: int = 1) -> list[tuple[Entry, int]]:
    """Rows as the rules see them: what is added, then what is taken away."""
    return sorted(((entry, sign * way) for entry, sign in map(_entry, rows)), key=lambda each: -each[1])


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


def _arm(kind: Kind, sign: int, columns: Mapping[str, Any]) -> Select[Any]:
    """Facts of a kind that were not withdrawn, to be added or taken away."""
    wanted = select(*_labelled(columns), literal(sign).label("sign")).where(~TABLES[kind].withdrawn)
    return _grouped(kind, wanted, columns)


def _grouped(kind: Kind, wanted: Select[Any], columns: Mapping[str, Any]) -> Select[Any]:
    """The entries of a line and day together, for the kinds that can be added up."""
    if kind not in SUMMED:
        return wanted
    own = {"on", "settled", *({"line", "of"} & set(TABLES[kind].__table__.c.keys()))}
    varying = (columns[name] for name in columns if name in own and not isinstance(columns[name], False_))
    return wanted.group_by(*varying)


def _between() -> CompoundSelect[Any]:
    """What was recorded after one `seq` and up to another, and (taken away) what that corrects. Put together once: it
    runs at each change."""
    added, taken = [], []
    for kind in MOVES:
        table, later, columns = TABLES[kind], aliased(TABLES[kind]), _for_book(kind)
        added.append(_arm(kind, 1, columns).where(*_bounds(table)))
        # Found by what corrects it, of which there is little: a correction stays with its MoU.
        corrected = _arm(kind, -1, columns).join(later, later.corrects == table.id)
        taken.append(corrected.where(later.corrects.is_not(None), *_bounds(later)))
    return union_all(*added, *taken)


def _bounds(table: Any) -> tuple[Any, ...]:
    return table.mou == bindparam("mou"), table.seq > bindparam("since"), table.seq <= bindparam("upto")


_BETWEEN = _between()
_FIRST_DAYS = union_all(
    *(select(literal(kind.value), func.min(TABLES[kind].effective_on)).where(*_bounds(TABLES[kind])) for kind in MOVES)
)
"""The earliest day that facts of each kind are effective on, of those recorded after one `seq` and up to another."""


@cache
def _everything(*, embedded: bool) -> CompoundSelect[Any]:
    """What was recorded in all, and (taken away) what of it was corrected.

    Payments are added up as if none gave a reason, so that an index holds all that is read; then the few that do are
    added as what they are, and taken away as what they were added as.
    """

    def arm(kind: Kind, sign: int, columns: Mapping[str, Any], few: Select[Any] | None = None) -> Select[Any]:
        table: Any = TABLES[kind]
        # SQLite would be tempted by an index of an MoU, though nearly all are of one, or few and found by their ids.
        of = (table.mou.concat("") if embedded else table.mou) == bindparam("mou")
        wanted = _arm(kind, sign, columns).where(of)
        return wanted if few is None else wanted.where(table.id.in_(few))

    arms = []
    for kind in MOVES:
        columns, later = _for_book(kind), aliased(TABLES[kind])
        arms.append(arm(kind, 1, _PLAIN if kind is Kind.PAYMENT else columns))
        arms.append(arm(kind, -1, columns, select(later.corrects).where(later.corrects.is_not(None))))
    paid: Any = aliased(TABLES[Kind.PAYMENT])
    explained = select(paid.id).where(paid.over_cash_reason != literal_column("''", String))
    for sign, columns in ((1, _for_book(Kind.PAYMENT)), (-1, _PLAIN)):
        arms.append(arm(Kind.PAYMENT, sign, columns, explained))
    return union_all(*arms)


_PLAIN = {**_for_book(Kind.PAYMENT), "settled": false()}
"""Payments as if none gave a reason."""


def _told() -> Select[Any]:
    """The last `seq` of each kind by an instant, and of those the last: facts are told in the order of their `seq`."""
    last = []
    for kind in MOVES:
        table = TABLES[kind].__table__.c
        told = select(table.seq).where(table.mou == bindparam("mou"), table.recorded_at <= bindparam("known_at"))
        last.append(select(told.order_by(table.recorded_at.desc()).limit(1).subquery()))
    return select(func.max(union_all(*last).subquery().c.seq))


_TOLD = _told()


def _entry(row: Any) -> tuple[Entry, int]:
    """A row of an arm as the rules see it, and whether it is added or taken away. There may be very many."""
    what, id_, seq, on, line, pence, facts, of, settled, legs, title, host, region, sign = row
    kind, name, opens = _KINDS[what], str(id_) if id_ else "", None
    if kind is Kind.LINE:
        opens = Line(line, LineKind(of), title, host, region, on, name)
    entry = Entry(
        kind=kind,
        on=on,
        id=name,
        seq=seq,
        line=line,
        pence=int(pence),
        of=of,
        settled=bool(settled),
        legs=tuple(Leg(leg["line"], leg["amount_pence"]) for leg in legs or ()),
        opens=opens,
        facts=facts,
    )
    return entry, sign


_KINDS = {kind.value: kind for kind in MOVES}
