"""Questions about money, at any two dates."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

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
from sqlalchemy.sql.selectable import CompoundSelect

from improvement.access.rules import May, Person
from improvement.database import EVER, Fact, has_recorded, known, last_seq, remembered
from improvement.dates import AsAt, in_words
from improvement.errors import NotFound, Refused
from improvement.funding import book as books
from improvement.funding import rules
from improvement.funding.book import MOVES, Book, Entry, Kind, Leg, Line, LineKind, Position, Sum
from improvement.funding.tables import TABLES
from improvement.funding.tables.moves import (
    InstalmentExpected,
    InstalmentReceived,
    MouNegotiated,
    VirementMade,
)

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


class Mou(msgspec.Struct, frozen=True):
    """A Memorandum of Understanding on a day, and what its money comes to. Sums are in pence."""

    mou: str
    title: str
    funder: str
    state: str
    amount_pence: int
    sought_pence: int
    negotiated_on: date
    agreed_on: date | None
    ended_on: date | None
    allocated_pence: int
    unallocated_pence: int
    committed_pence: int
    paid_pence: int
    refunded_pence: int
    net_paid_pence: int
    received_pence: int
    returned_pence: int
    cash_in_hand_pence: int


class Instalment(msgspec.Struct, frozen=True):
    """Money due from the funder, and what of it has come."""

    id: UUID
    ref: str
    amount_pence: int
    due_on: date
    conditions: str
    received_pence: int
    received_on: date | None


def mous(session: Session, as_at: AsAt) -> Mapping[str, tuple[str, str]]:
    """The MoUs known on a day, the newest last: title and funder by slug."""

    def ask() -> dict[str, tuple[str, str]]:
        kind = MouNegotiated
        return {
            row[0]: (row[1], row[2]) for row in session.execute(known(kind, as_at, kind.mou, kind.title, kind.funder))
        }

    return remembered(session, ("mous", as_at), ask, of=(MouNegotiated,))


def which_mou(session: Session, as_at: AsAt, slug: str = "") -> str:
    """The MoU asked for, or the newest. Raises `NotFound`."""
    found = mous(session, as_at)
    if slug in found:
        return slug
    if slug or not found:
        wanted = (
            f"There is no Memorandum of Understanding “{slug[:60]}”"
            if slug
            else "No Memorandum of Understanding is known"
        )
        day = "" if as_at.on == date.max else f" on {in_words(as_at.on)}"
        raise NotFound(f"{wanted}{day}.")
    return list(found)[-1]


def book(session: Session, mou: str, known_at: datetime | None = None) -> Book:
    """Everything one MoU comes to, later-dated facts included, as we know it now or knew it at an instant."""
    if known_at is not None:
        return remembered(
            session, ("book", mou, known_at), lambda: _from_nothing(session, mou, AsAt(date.max, known_at))
        )
    seq, _ = last_seq(session)
    latest: _Latest = session.info["database"].memory.get(("latest book", mou), _Latest)
    kept = session.info.get(("book", mou)) or latest.kept
    if kept is None or kept[0] > seq:
        kept = seq, _from_nothing(session, mou, EVER)
    elif kept[0] < seq:
        rows = session.execute(_SINCE, {"since": kept[0], "mou": mou})
        kept = seq, books.changed(kept[1], [(_entry(row), row.sign) for row in rows])
    session.info["book", mou] = kept
    if not has_recorded(session):
        latest.kept = kept
    return kept[1]


def hand_on(session: Session, after: Book) -> None:
    """The book as this transaction has just made it, so that the next thing it records need not ask again."""
    session.info["book", after.mou] = last_seq(session)[0], after


class _Latest:
    """The newest committed state of a book this process has seen, so that the next needs only what came since."""

    kept: tuple[int, Book] | None = None


def lines(session: Session, as_at: AsAt, mou: str = "") -> list[Position]:
    """Every funding line on a day and what is unallocated: they add up to the amount in force. Raises `NotFound`."""
    slug = which_mou(session, as_at, mou)
    return remembered(
        session, ("lines", slug, as_at), lambda: books.positions(book(session, slug, as_at.known_at), as_at.on)
    )


def line(session: Session, as_at: AsAt, slug: str, by: Person, mou: str = "") -> Position:
    """One line, if this person may see it. Raises `NotFound`."""
    for row in lines(session, as_at, mou):
        if row.line == slug and slug != books.UNALLOCATED and may_see(by, row.region):
            return row
    raise NotFound(f"There is no funding line “{slug[:60]}” on {in_words(as_at.on)}.")


def wrong(session: Session) -> list[str]:
    """Every rule the money breaks, counted afresh from the facts, one sentence each: none, unless something went past
    the commands. Of each line and of each MoU as a whole the first fault is told."""
    found = _unbalanced(session)
    for slug in mous(session, EVER):
        whole = _from_nothing(session, slug, EVER)
        if book(session, slug).sums != whole.sums:
            found.append(f"The sums remembered of the MoU {slug} are not those of its facts.")
        for lines in ([], *([line] for line in {*whole.lines, *(name for _, name in whole.sums if name)})):
            try:
                rules.check_always_true(whole, lines)
            except Refused as refusal:
                found.append(refusal.message)
    return sorted(set(found))


def _unbalanced(session: Session) -> list[str]:
    """Virements whose legs do not come to nil."""
    told = session.execute(known(VirementMade, EVER, VirementMade.id, VirementMade.legs))
    return [
        f"The legs of virement {id_} do not come to nil."
        for id_, legs in told
        if sum(leg["amount_pence"] for leg in legs)
    ]


def sees_all(by: Person) -> bool:
    """Whether somebody sees all the money, and not only their own region's."""
    return by.role_for(May.READ_MONEY) is not None


def may_see(by: Person, region: str | None) -> bool:
    """Whether somebody sees the money of a line: of a region, or (no region) of a national post."""
    return by.role_for(May.READ_MONEY, region=region) is not None


def mou(session: Session, as_at: AsAt, slug: str = "") -> Mou:
    """The MoU and what its money comes to. Raises `NotFound`."""
    name = which_mou(session, as_at, slug)
    return remembered(session, ("mou", name, as_at), lambda: _mou(session, as_at, name))


def _mou(session: Session, as_at: AsAt, slug: str) -> Mou:
    title, funder = mous(session, as_at)[slug]
    whole, on = book(session, slug, as_at.known_at), as_at.on
    days = {step.kind: step.on for step in whole.life if step.on <= on}
    amount, given = books.in_force(whole, on), books.allocated(whole, "", on)
    paid, refunded = whole.on(Sum.PAID, "", on), whole.on(Sum.REFUNDED, "", on)
    return Mou(
        mou=slug,
        title=title,
        funder=funder,
        state=books.state(whole, on) or "",
        amount_pence=amount,
        sought_pence=next(step.pence for step in whole.life if step.kind is Kind.NEGOTIATED),
        negotiated_on=days[Kind.NEGOTIATED],
        agreed_on=days.get(Kind.AGREED),
        ended_on=days.get(Kind.CLOSED) or days.get(Kind.WITHDRAWN),
        allocated_pence=given,
        unallocated_pence=amount - given,
        committed_pence=whole.on(Sum.COMMITTED, "", on),
        paid_pence=paid,
        refunded_pence=refunded,
        net_paid_pence=paid - refunded,
        received_pence=whole.on(Sum.RECEIVED, "", on),
        returned_pence=whole.on(Sum.RETURNED, "", on),
        cash_in_hand_pence=books.cash_in_hand(whole, on),
    )


def instalments(session: Session, as_at: AsAt, mou: str) -> list[Instalment]:
    """The instalments expected, by the day they are due, each with what has come of it."""
    return remembered(session, ("instalments", mou, as_at), lambda: _instalments(session, as_at, mou))


def _instalments(session: Session, as_at: AsAt, mou: str) -> list[Instalment]:
    due, got = InstalmentExpected, InstalmentReceived
    came: dict[str, tuple[int, date]] = {}
    for ref, pence, on in session.execute(
        known(got, as_at, got.ref, got.amount_pence, got.effective_on).where(got.mou == mou)
    ):
        came[ref] = came.get(ref, (0, on))[0] + pence, on
    rows = session.execute(
        known(due, as_at, due.id, due.ref, due.amount_pence, due.due_on, due.conditions).where(due.mou == mou)
    )
    found = [Instalment(*row, *came.get(row.ref, (0, None))) for row in rows]
    return sorted(found, key=lambda instalment: (instalment.due_on, instalment.ref))


def fact(session: Session, id_: UUID) -> tuple[Kind, Fact]:
    """A fact about money, whether it stands or not. Raises `NotFound`."""
    for kind, table in TABLES.items():
        found = session.get(table, id_)
        if found is not None:
            return kind, found
    raise NotFound("There is no such fact about money.")


def mou_of(fact: Any) -> str:
    """The MoU a fact about money names, as every one of them does."""
    slug: str = fact.mou
    return slug


def has_been(session: Session, kind: Kind, **named: str) -> bool:
    """Whether a name has ever been given to something of a kind, even if that was withdrawn since."""
    return session.scalar(select(TABLES[kind].id).filter_by(**named).limit(1)) is not None


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


def _from_nothing(session: Session, mou: str, as_at: AsAt) -> Book:
    """A book from every fact that stands; the database adds up what can be added up."""
    arms = []
    for kind in MOVES:
        table, columns = TABLES[kind], _for_book(kind)
        if kind in SUMMED:
            by = [columns[name] for name in ("on", "line", "of", "settled") if name in _grouped(kind)]
            columns |= {"id": cast(null(), Uuid), "seq": literal(0), "pence": func.sum(columns["pence"])}
            arm = known(table, as_at, *_labelled(columns)).order_by(None).group_by(*by)
        else:
            arm = known(table, as_at, *_labelled(columns)).order_by(None)
        arms.append(arm.where(table.__table__.c.mou == mou))
    rows = session.execute(union_all(*arms)).all()
    return books.changed(Book(mou), [(_entry(row), 1) for row in rows])


def _grouped(kind: Kind) -> set[str]:
    columns = TABLES[kind].__table__.c
    own = {"on", *({"line", "of"} & set(columns.keys()))}
    return own | ({"settled"} if kind is Kind.PAYMENT else set())


def _for_book(kind: Kind) -> dict[str, Any]:
    """The columns a book is made from, the same for every kind."""
    table: Any = TABLES[kind]
    nothing, empty = cast(null(), JSON), literal_column("''", String)
    given = {Kind.PAYMENT: "over_cash_reason", Kind.VIREMENT: "decision_reference"}.get(kind)
    return {
        "what": literal(kind.value),
        "id": table.id,
        "seq": table.seq,
        "on": table.effective_on,
        "line": getattr(table, "line", empty),
        "pence": getattr(table, _PENCE.get(kind, "amount_pence"), literal(0)),
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


def _since() -> CompoundSelect[Any]:
    """What was recorded after a `seq`, and (taken away) what it corrects. Put together once: it runs at each change."""
    added, taken = [], []
    for kind in MOVES:
        table, later = TABLES[kind], aliased(TABLES[kind])
        wanted = select(*_labelled(_for_book(kind))).where(~table.withdrawn, table.__table__.c.mou == bindparam("mou"))
        added.append(wanted.add_columns(literal(1).label("sign")).where(table.seq > bindparam("since")))
        taken.append(
            wanted.add_columns(literal(-1).label("sign"))
            .join(later, later.corrects == table.id)
            .where(later.seq > bindparam("since"))
        )
    return union_all(*added, *taken)


_SINCE = _since()


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
    )
