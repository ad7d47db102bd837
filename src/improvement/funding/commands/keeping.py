"""How anything about money is recorded: tried on the whole timeline as it would be known afterwards, then kept.

Each subject registers what its kinds must satisfy (`checks`) and what comes with them (`brings`); whoever records, by
whatever door, passes here.
"""

import secrets
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

import msgspec
from sqlalchemy.orm import Session

from improvement import documents
from improvement.access.rules import Person, Role
from improvement.database import EVER, NO_SUCH_FACT, Fact, correction, find_to_correct, last_seq, record
from improvement.dates import has_full_year, london_day
from improvement.errors import Mistakes, NotFound
from improvement.funding import book as books
from improvement.funding import queries, rules
from improvement.funding.book import LIFE, MOVES, Book, Entry, Kind
from improvement.funding.entering import MAY, TAKES
from improvement.funding.entering.claims import Attachment
from improvement.funding.entering.moves import Negotiation
from improvement.funding.tables import TABLES
from improvement.money import MOST
from improvement.texts import says
from improvement.web.uploads import check_evidence

MOST_EVIDENCE = 9_000_000
"""The largest file kept as evidence, in bytes."""
SIGNS = "23456789ACDEFGHJKMNPQRTUVWXYZ"
"""What references are made of: nothing that is read for something else."""


class Mending(msgspec.Struct, frozen=True):
    """What takes the place of a fact: the input that should have been recorded, or (none) nothing."""

    corrects: UUID
    reason: str
    wanted: msgspec.Struct | None = None


class Foreseen(msgspec.Struct, frozen=True):
    """What recording something would come to: the facts, and the book before and after. Nothing is recorded yet."""

    facts: tuple[tuple[Kind, Fact], ...]
    before: Book
    after: Book


class Trying(msgspec.Struct, frozen=True):
    """A fact about to be recorded, as a subject's check sees it. `replaces` is what it corrects."""

    kind: Kind
    fact: Any
    before: Book
    by: Person
    at: datetime
    replaces: Any = None
    wanted: Any = None
    """The input it was made from; none when it withdraws, or came with another."""

    @property
    def today(self) -> date:
        return london_day(self.at)


Facts = list[tuple[Kind, Fact]]
Check = Callable[[Session, Trying], None]
Bring = Callable[[Session, Trying], Facts]
Judge = Callable[[Session, Book, Book, str, date], None]
CHECKS: dict[Kind, list[Check]] = {}
JUDGES: list[Judge] = []
BRINGS: dict[Kind, Bring] = {}


def checks(*kinds: Kind) -> Callable[[Check], Check]:
    """Say that a function refuses facts of some kinds, new ones and corrections alike."""

    def register(check: Check) -> Check:
        for kind in kinds:
            CHECKS.setdefault(kind, []).append(check)
        return check

    return register


def judges(judge: Judge) -> Judge:
    """Say that a function refuses what money of a line would become: by the book before, and afterwards from a day."""
    JUDGES.append(judge)
    return judge


def brings(kind: Kind) -> Callable[[Bring], Bring]:
    """Say that a new fact of a kind comes with others, in the same transaction."""

    def register(bring: Bring) -> Bring:
        BRINGS[kind] = bring
        return bring

    return register


def new_reference(session: Session, kind: Kind, letters: str) -> str:
    """Something short that people can quote, like C-7K4M2, and that nothing of the kind has had."""
    while queries.has_been(session, kind, ref=(ref := _drawn(letters))):
        pass
    return ref


def _drawn(letters: str) -> str:
    return f"{letters}-" + "".join(secrets.choice(SIGNS) for _ in range(5))


def do(session: Session, kind: Kind, wanted: msgspec.Struct, *, by: Person, at: datetime) -> UUID:
    """Record something about money. Raises the rule it would break, with its figures, `NotFound` or `NotAllowed`."""
    return keep(session, foresee(session, kind, wanted, by=by, at=at), by=by, at=at)


def foresee(session: Session, kind: Kind, wanted: msgspec.Struct, *, by: Person, at: datetime) -> Foreseen:
    """What recording it would come to. Raises what recording it would raise."""
    if not by.may(MAY[kind]):
        by.acting(MAY[kind])
    check_words(wanted)
    mou: str = getattr(wanted, "mou", "")
    if not isinstance(wanted, Negotiation):
        rules.check_which(queries.mous(session, EVER), mou)
        mou = queries.which_mou(session, EVER, mou)
    today, before = london_day(at), queries.book(session, mou)
    values = {**columns_of(session, kind, wanted, today), **_documents(session, wanted, at)}
    fact: Any = TABLES[kind](**values | {"mou": mou, "id": uuid4()})
    first = Trying(kind, fact, before, by, at, wanted=wanted)
    role_for(before, kind, fact, by)
    _try(session, first)
    rules.check_fresh(before, kind, fact.effective_on, today, TAKES[kind][1])
    more = BRINGS[kind](session, first) if kind in BRINGS else []
    for each, brought in more:
        _try(session, Trying(each, brought, before, by, at))
    facts = ((kind, fact), *more)
    return Foreseen(facts, before, _tried(session, before, facts))


def correct(session: Session, mending: Mending, *, by: Person, at: datetime) -> UUID:
    """Put a fact right, or take it back. Raises `NotFound`, `Conflict` or the rule it would break."""
    return keep(session, foresee_correction(session, mending, by=by, at=at), by=by, at=at)


def foresee_correction(session: Session, mending: Mending, *, by: Person, at: datetime) -> Foreseen:
    """What a correction would come to. Raises what making it would raise."""
    original: Any = find_to_correct(session, list(TABLES.values()), mending.corrects)
    kind = next(kind for kind, table in TABLES.items() if isinstance(original, table))
    before = queries.book(session, queries.mou_of(original))
    check_may_correct(before, kind, original, by)
    if not says(mending.reason):
        raise rules.NothingSaid("Enter the reason for the correction.", field="reason")
    values, today = None, london_day(at)
    if mending.wanted is not None:
        check_words(mending.wanted)
        rules.check_mou(queries.mou_of(original), getattr(mending.wanted, "mou", ""))
        values = columns_of(session, kind, mending.wanted, original.effective_on)
        # A reference that was given stays, and so does evidence where no other is sent.
        kept = {"files", "ref"} - {name for name in ("files", "ref") if getattr(mending.wanted, name, None)}
        values = {name: value for name, value in values.items() if name not in kept}
        values |= _documents(session, mending.wanted, at) if getattr(mending.wanted, "files", None) else {}
        rules.check_day(kind, values["effective_on"], today, TAKES[kind][1])
    fact: Any = correction(original, reason=mending.reason.strip(), values=values)
    fact.id = uuid4()
    rules.check_names(kind, original, fact)
    _try(session, Trying(kind, fact, before, by, at, replaces=original, wanted=mending.wanted))
    role_for(before, kind, fact, by)
    return Foreseen(((kind, fact),), before, _tried(session, before, ((kind, fact),), (kind, original)))


def keep(session: Session, foreseen: Foreseen, *, by: Person, at: datetime) -> UUID:
    """Record what was foreseen, each fact in the role that allows it; the first one's id."""
    for kind, fact in foreseen.facts:
        role = role_for(foreseen.before, kind, fact, by)
        record(session, fact, by=by.id, as_role=role, at=at)
    queries.hand_on(session, foreseen.after)
    return foreseen.facts[0][1].id


def role_for(book: Book, kind: Kind, fact: Any, by: Person) -> Role:
    """The role somebody records a fact in, where it is about. Raises `NotFound` for what they may not know of, and
    `NotAllowed`."""
    name = getattr(fact, "line", "")
    region = book.lines[name].region if name in book.lines else None
    if name and by.may(MAY[kind]) and not queries.may_see(by, region):
        # A line of others, and one that is not there: nothing tells them apart.
        raise NotFound(f"There is no funding line “{name[:60]}”.")
    return by.acting(MAY[kind], region=region)


def check_may_correct(book: Book, kind: Kind, fact: Any, by: Person) -> None:
    """Raises `NotFound`, in the words for a fact that is not there, or `NotAllowed`."""
    name = getattr(fact, "line", "")
    if name and not queries.may_see(by, book.lines[name].region if name in book.lines else None):
        raise NotFound(NO_SUCH_FACT)
    role_for(book, kind, fact, by)


def _try(session: Session, trying: Trying) -> None:
    for check in CHECKS.get(trying.kind, ()):
        check(session, trying)


def _tried(
    session: Session, before: Book, facts: tuple[tuple[Kind, Fact], ...], replaced: tuple[Kind, Fact] | None = None
) -> Book:
    """The book as it would be known afterwards, if it keeps every rule on every day."""
    seq, _ = last_seq(session)
    fresh = [
        (queries.as_entry(kind, fact, seq + ahead), 1)
        for ahead, (kind, fact) in enumerate(facts, start=1)
        if kind in MOVES and not fact.withdrawn
    ]
    gone = (
        [(queries.as_entry(*replaced), -1)] if replaced and replaced[0] in MOVES and not replaced[1].withdrawn else []
    )
    touched = [entry for entry, _ in (*fresh, *gone)]
    if not touched:
        return before
    after = books.changed(before, [*fresh, *gone])
    lines, since = _lines(touched), min(entry.on for entry in touched)
    rules.check_always_true(after, None if any(entry.kind in LIFE for entry in touched) else lines, since)
    for line in sorted(lines):
        for judge in JUDGES:
            judge(session, before, after, line, since)
    return after


def _lines(entries: list[Entry]) -> set[str]:
    legs = {leg.line for entry in entries for leg in entry.legs}
    return {entry.line for entry in entries if entry.line} | legs - {books.UNALLOCATED}


COLUMNS: dict[Kind, Callable[[Session, dict[str, Any]], dict[str, Any]]] = {}
"""What a kind works out of its input: a region's title, a reference that was not given."""


def works_out(
    kind: Kind,
) -> Callable[
    [Callable[[Session, dict[str, Any]], dict[str, Any]]], Callable[[Session, dict[str, Any]], dict[str, Any]]
]:
    """Say that a function adds columns to those an input of a kind gives."""

    def register(
        make: Callable[[Session, dict[str, Any]], dict[str, Any]],
    ) -> Callable[[Session, dict[str, Any]], dict[str, Any]]:
        COLUMNS[kind] = make
        return make

    return register


def columns_of(session: Session, kind: Kind, wanted: msgspec.Struct, otherwise: date) -> dict[str, Any]:
    """The columns an input stands for. A day that is not given is the `otherwise` one."""
    given = {name: plain(value) for name, value in msgspec.structs.asdict(wanted).items() if name != "mou"}
    day = given.pop(TAKES[kind][1])
    kept = {name: value for name, value in given.items() if hasattr(TABLES[kind], name)}
    columns = {**kept, "effective_on": day or otherwise}
    return columns | (COLUMNS[kind](session, columns) if kind in COLUMNS else {})


def plain(value: Any) -> Any:
    """A value as a column keeps it."""
    if isinstance(value, list):
        return [plain(each) for each in value]
    if isinstance(value, msgspec.Struct):
        return msgspec.to_builtins(value)
    return value.strip() if isinstance(value, str) else value


def _documents(session: Session, wanted: msgspec.Struct, at: datetime) -> dict[str, Any]:
    """The files that came with an input, kept, as its fact names them. Raises `NotEvidence`."""
    files: Sequence[Attachment] | None = getattr(wanted, "files", None)
    if files is None:
        return {}
    safe = check_evidence([(each.name, each.content) for each in files], MOST_EVIDENCE)
    kept = [documents.keep(session, name, kind, body, at) for name, kind, body in safe]
    return {"files": [msgspec.to_builtins(each) for each in kept]}


def check_words(wanted: msgspec.Struct) -> None:
    """Raises `Mistakes`: what must be said is said, every sum and day is one, whichever door it came by."""
    mistakes: dict[str, str] = {}
    for field in msgspec.structs.fields(wanted):
        value = getattr(wanted, field.name)
        if field.required and isinstance(value, str) and not says(value):
            mistakes[field.name] = f"Enter {_title(field)}."
        if field.name.endswith("_pence") and value is not None and not _least(field.name) <= value <= MOST:
            mistakes[field.name] = rules.TOO_MUCH
        if isinstance(value, date) and not has_full_year(value):
            mistakes[field.name] = "Enter a day with its year in four figures, like 1 9 2011."
    if mistakes:
        raise Mistakes(mistakes)


_MAY_BE_NIL: Iterable[str] = ("kept_pence", "base_pence")


def _least(name: str) -> int:
    return 0 if name in _MAY_BE_NIL else 1


def _title(field: Any) -> str:
    return str(field.type.__metadata__[0].title) if hasattr(field.type, "__metadata__") else field.name


def input_of(kind: Kind, fact: Fact) -> dict[str, Any]:
    """A fact as the values that would record it again: what a correction begins from. Files are left as they are."""
    takes, day = TAKES[kind]
    names = {name: "effective_on" if name == day else name for name in takes.__struct_fields__ if name != "files"}
    kept = {name: getattr(fact, column) for name, column in names.items() if hasattr(fact, column)}
    # What was refused has no amount, and neither has its input.
    nothing = {"amount_pence": 0}
    return {name: value for name, value in msgspec.to_builtins(kept).items() if value not in (None, nothing.get(name))}
