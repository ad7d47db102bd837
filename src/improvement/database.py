"""One database, one transaction at a time, and facts that are added and never changed.

Writers take turns: a transaction that writes takes one lock first (a process lock and `BEGIN IMMEDIATE` on SQLite, an
advisory lock on PostgreSQL) and stamps its facts from inside it. Readers never wait and see one moment.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any, ClassVar, TypeVar, cast
from uuid import UUID, uuid4

from sqlalchemy import (
    JSON,
    BigInteger,
    DateTime,
    ForeignKey,
    MetaData,
    Row,
    Select,
    String,
    Table,
    Text,
    TypeDecorator,
    Uuid,
    bindparam,
    event,
    exists,
    func,
    select,
    true,
    update,
)
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, declared_attr, mapped_column, object_session

from improvement.dates import AsAt
from improvement.engines import WAIT, engine_of, waited_too_long
from improvement.errors import Busy, Conflict, NotFound

T = TypeVar("T")
Kinds = tuple[type["Fact"], ...]

EVER = AsAt(date.max)
"""Every fact as we know it now, later-dated ones included: what rules are tried against."""


class Instant(TypeDecorator[datetime]):
    """An instant kept in UTC, to the microsecond."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        return value and value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        return value and value.replace(tzinfo=UTC)


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "pk": "pk_%(table_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: Instant,
        int: BigInteger,
        UUID: Uuid,
        list[str]: JSON,
        list[dict[str, Any]]: JSON,
        dict[str, Any]: JSON,
        str: Text,
    }


class Working(Base):
    """A row that may be edited: people, contacts, sessions, drafts. Never what a figure is counted from."""

    __abstract__ = True
    shows: ClassVar[bool] = True
    """Whether pages show these rows, so that editing one changes every page's ETag."""


class Fact(Base):
    """Something that was recorded. To correct one, add another that corrects it and says why."""

    __abstract__ = True

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    seq: Mapped[int] = mapped_column(unique=True)
    effective_on: Mapped[date]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    recorded_as: Mapped[str] = mapped_column(String(20))
    note: Mapped[str] = mapped_column(default="")
    withdrawn: Mapped[bool] = mapped_column(default=False)
    reason: Mapped[str] = mapped_column(default="")

    @declared_attr
    def corrects(cls) -> Mapped[UUID | None]:  # noqa: N805 - asked of each kind, not of each fact
        return mapped_column(ForeignKey(f"{cls.__tablename__}.id"), unique=True, default=None)


NO_SUCH_FACT = "There is no such fact. Open the page it is shown on and choose “Correct” there."
OF_RECORDING = ("id", "seq", "effective_on", "recorded_at", "recorded_by", "recorded_as")
COMMON = frozenset((*OF_RECORDING, "note", "withdrawn", "reason", "corrects"))
"""The columns every fact has."""


class LastFact(Base):
    """One working row: how far the facts have come, and how often what pages show was edited besides."""

    __tablename__ = "last_fact"

    id: Mapped[int] = mapped_column(primary_key=True)
    seq: Mapped[int]
    recorded_at: Mapped[datetime]
    edits: Mapped[int]
    demonstration: Mapped[bool]


class FactsAreNotEdited(Exception):
    """Code tried to change or delete a fact."""


class OutOfTurn(Exception):
    """The count of facts moved under a writer, so its facts would take numbers that are taken."""


def fact_kinds() -> list[type[Fact]]:
    """Every kind of fact, in a settled order."""
    return sorted(Fact.__subclasses__(), key=lambda kind: kind.__tablename__)


def known(kind: type[Fact], as_at: AsAt, *columns: Any) -> Select[Any]:
    """The facts of one kind that stand: recorded by then, not corrected by then, effective by the day.

    Ordered so that the one that outranks the others comes last. Columns may be named, to read rows and not objects.
    """
    later, corrected = _corrector(kind)
    wanted: Select[Any] = select(*(columns or (kind,))).where(~kind.withdrawn)
    if as_at.on < date.max:
        wanted = wanted.where(kind.effective_on <= as_at.on)
    if as_at.known_at is not None:
        corrected = corrected.where(later.c.recorded_at <= as_at.known_at)
        wanted = wanted.where(kind.recorded_at <= as_at.known_at)
    return wanted.where(~corrected).order_by(kind.effective_on, kind.seq)


@cache
def _corrector(kind: type[Fact]) -> tuple[Any, Any]:
    """What may correct a fact of a kind, and that it does. Put together once: making an alias costs a millisecond."""
    later = kind.__table__.alias()
    return later, exists().where(later.c.corrects == kind.id)


def record(session: Session, fact: Fact, *, by: int, as_role: str, at: datetime) -> UUID:
    """Add a fact, stamped in its turn: the next `seq`, and a `recorded_at` strictly later than the last."""
    head = _head(session)
    fact.id = fact.id or uuid4()
    fact.seq = head.seq + 1
    fact.recorded_at = max(at, head.recorded_at + timedelta(microseconds=1))
    fact.recorded_by, fact.recorded_as = by, as_role
    head.seq, head.recorded_at = fact.seq, fact.recorded_at
    session.add(fact)
    return fact.id


def correction(original: Fact, *, reason: str, values: dict[str, Any] | None) -> Fact:
    """The fact that replaces another wholly, ready to record. No values withdraws it, or restores a withdrawal."""
    kept = {column.key: getattr(original, column.key) for column in original.__table__.columns}
    own = {name: value for name, value in kept.items() if name not in COMMON}
    fresh = {"effective_on": original.effective_on, "note": original.note, **own, **(values or {})}
    withdrawn = values is None and not original.withdrawn
    return type(original)(**fresh, corrects=original.id, reason=reason, withdrawn=withdrawn)


def find_to_correct(session: Session, kinds: list[type[Fact]], fact: UUID) -> Fact:
    """The fact somebody wants to correct. Raises `NotFound`, or `Conflict` when it has been corrected already."""
    for kind in kinds:
        original = session.get(kind, fact)
        if original is not None:
            if session.scalar(select(exists().where(kind.corrects == fact))):
                raise Conflict("This has been corrected already. Open the latest version and correct that.")
            return original
    raise NotFound(NO_SUCH_FACT)


def last_seq(session: Session) -> tuple[int, int]:
    """How far the facts have come, and how many edits of working rows pages have seen."""
    head = _head(session)
    return head.seq, head.edits


def has_recorded(session: Session) -> bool:
    """Whether this transaction has recorded something that is not committed yet."""
    head = _head(session)
    return head.seq != head.began[0]


def is_demonstration(session: Session) -> bool:
    """Whether everything in this database is made up."""
    return _head(session).demonstration


def mark_demonstration(session: Session) -> None:
    """From now on and for ever, this database is a demonstration."""
    session.execute(update(LastFact).values(demonstration=True))
    _head(session).demonstration = True


def last_recorded_at(session: Session) -> datetime:
    """The instant of the newest fact."""
    return _head(session).recorded_at


def remembered(session: Session, key: Hashable, make: Callable[[], T], *, of: Kinds = ()) -> T:
    """Derived state, worked out once per process for one state of the facts. Never stored, so never wrong for long.

    `of` names the kinds of fact it is derived from, and then facts of other kinds do not make it be worked out again.
    Without it, it may be derived from anything, working rows that pages show included.
    """
    head, memory = _head(session), session.info["database"].memory
    settled = (head.seq, head.edits) == head.began and not session.new and not session.dirty
    if settled and (found := memory.peek((head.began, key))) is not None:
        return found  # type: ignore[no-any-return]
    newest = _newest(session, of)
    if newest and max(seq or 0 for seq in newest) <= head.began[0]:
        made = memory.get((newest, key), make)
    elif not settled:
        # It rests on what may yet be rolled back, and then another fact would take its number.
        return make()
    else:
        made = make()
    return memory.get((head.began, key), lambda: made) if settled else made  # type: ignore[no-any-return]


def _newest(session: Session, of: Kinds) -> tuple[int | None, ...]:
    """The last `seq` of each kind, asked once for each state of this transaction."""
    if not of:
        return ()
    asked: dict[Any, tuple[int | None, ...]] = session.info.setdefault("newest", {})
    at = (of, _head(session).seq)
    if at not in asked:
        if session.autoflush:
            session.flush()
        asked[at] = tuple(session.connection().execute(_last_of(of)).one())
    return asked[at]


@cache
def _last_of(of: Kinds) -> Select[Any]:
    """The question for the last `seq` of each kind. Put together once: that takes longer than the answer."""
    return select(*(select(func.max(kind.__table__.c.seq)).scalar_subquery() for kind in of))


class Memory:
    """The derived states used most recently, shared by the threads of a process."""

    def __init__(self, most: int = 512) -> None:
        self._most, self._kept, self._lock = most, OrderedDict[Hashable, Any](), threading.Lock()

    def peek(self, key: Hashable) -> Any:
        """What is kept under a key, if anything is."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def get(self, key: Hashable, make: Callable[[], Any]) -> Any:
        """What is kept under a key, made now if nothing is."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        made = make()
        with self._lock:
            self._kept[key] = made
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return made


class _Head:
    """The `LastFact` row as one transaction sees and moves it."""

    def __init__(self, seq: int, recorded_at: datetime, edits: int, demonstration: bool) -> None:
        self.seq, self.recorded_at, self.edits, self.demonstration = seq, recorded_at, edits, demonstration
        self.began = (seq, edits)


# Every request asks this: put together once, and of the table, which takes half as long as asking of the class.
_ROW = cast(Table, LastFact.__table__)
_HEAD = select(_ROW.c.seq, _ROW.c.recorded_at, _ROW.c.edits, _ROW.c.demonstration)
_MOVE = update(_ROW).where(_ROW.c.seq == bindparam("began")).returning(_ROW.c.id)


def _head(session: Session) -> _Head:
    found = session.info.get("head")
    if found is None:
        found = session.info["head"] = _Head(*session.connection().execute(_HEAD).one())
    return found


def with_head(wanted: Select[Any]) -> Select[Any]:
    """The same question, answered with how far the facts have come at the end of each row, for `take_head`."""
    return wanted.add_columns(*_HEAD.selected_columns).join(_ROW, true())


def take_head(session: Session, row: Row[Any]) -> None:
    """Keep what came with another answer, so that it need not be asked for by itself."""
    session.info.setdefault("head", _Head(*tuple(row)[-4:]))


@event.listens_for(Session, "before_flush")
def _keep_facts(session: Session, *_: Any) -> None:
    for thing in (*session.deleted, *session.dirty):
        if isinstance(thing, Fact) and (thing in session.deleted or session.is_modified(thing)):
            raise FactsAreNotEdited(f"{thing!r} has been recorded. Record a fact that corrects it.")
    shown = (thing for thing in (*session.new, *session.dirty, *session.deleted) if isinstance(thing, Working))
    if any(type(thing).shows and object_session(thing) is session for thing in shown):
        head = _head(session)
        head.edits = head.began[1] + 1


@event.listens_for(Session, "before_commit")
def _move_head(session: Session) -> None:
    session.flush()
    head = session.info.get("head")
    if head is not None and (head.seq, head.edits) != head.began:
        moved = {"seq": head.seq, "recorded_at": head.recorded_at, "edits": head.edits, "began": head.began[0]}
        if session.connection().execute(_MOVE, moved).scalar() is None:
            raise OutOfTurn("Somebody wrote without taking a turn. Nothing was saved.")


class Database:
    """One SQLite file or one PostgreSQL database."""

    def __init__(self, url: str) -> None:
        self.memory = Memory()
        self.engine = engine_of(url)
        self.embedded = self.engine.dialect.name == "sqlite"
        self._turn = threading.Lock()
        read = {} if self.embedded else {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        self._reader = self.engine.execution_options(**read)
        self._writer = self.engine.execution_options(writes=True)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """One moment, looked at."""
        with Session(self._reader, autoflush=False, info={"database": self}) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """All of it or none of it, in this writer's turn. The only place that commits. Raises `Busy`."""
        with self._in_turn(), Session(self._writer, expire_on_commit=False, info={"database": self}) as session:
            try:
                session.connection()
            except OperationalError as error:
                if waited_too_long(error):
                    raise Busy("The tracker is busy. Nothing was saved. Try again in a few seconds.") from error
                raise
            yield session
            session.commit()

    @contextmanager
    def _in_turn(self) -> Iterator[None]:
        if not self.embedded:
            yield
            return
        if not self._turn.acquire(timeout=WAIT):
            raise Busy("The tracker is busy. Nothing was saved. Try again in a few seconds.")
        try:
            yield
        finally:
            self._turn.release()

    def close(self) -> None:
        self.engine.dispose()
