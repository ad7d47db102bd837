"""Reading a bank statement: what its lines show, and what must hold of the statements that are kept."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy.orm import Session

from improvement.access.rules import Person
from improvement.database import EVER
from improvement.dates import london_day
from improvement.funding import queries, rules
from improvement.funding.book import Kind
from improvement.funding.commands.keeping import Trying, checks, do, new_reference, works_out
from improvement.funding.entering import MAY
from improvement.funding.entering.paying import Statement
from improvement.funding.queries import reconciling
from improvement.funding.rules import bank
from improvement.funding.rules.bank import BankLine, NotAStatement, Reading
from improvement.funding.rules.reconciling import (
    AlreadyRead,
    KeepsItsLines,
    KeptLine,
    Match,
    Moved,
    NothingNew,
    check_file,
    check_kept,
    check_new,
    choose,
    find,
)
from improvement.web.uploads import as_text, rows_of

MOST_BYTES = 1_000_000
"""The largest bank statement taken, in bytes."""


class Prepared(msgspec.Struct, frozen=True):
    """A bank statement that was read and not kept yet: its new lines, and what they could show."""

    name: str
    sha256: str
    mou: str
    reading: Reading
    lines: tuple[BankLine, ...]
    """Those that no statement that stands has."""
    before: Mapping[int, str]
    """The rows that were read before, each with the reference of its statement."""
    facts: tuple[Moved, ...]
    matches: Mapping[int, Match]


def prepare(session: Session, name: str, body: bytes, *, mou: str = "", by: Person, at: datetime) -> Prepared:
    """Read a file and match its lines. Keeps nothing. Raises `NotAStatement`, `NotText`, `Mistakes`, `AlreadyRead` or
    `NothingNew`."""
    by.acting(MAY[Kind.STATEMENT])
    rules.check_which(queries.mous(session, EVER), mou)
    mou, sha256 = queries.which_mou(session, EVER, mou), hashlib.sha256(body).hexdigest()
    read = {each.sha256: (each.ref, each.read_on) for each in reconciling.statements(session, EVER, mou)}
    check_file(sha256, read)
    reading, before = _read(body, at), reconciling.read_before(session, mou)
    fresh = check_new(reading.lines, before)
    facts = reconciling.unmatched(session, mou, {line.amount_pence for line in fresh})
    known = {line.row: before[line.key] for line in reading.lines if line.key in before}
    called = "".join(sign for sign in name.replace("\\", "/").rsplit("/", 1)[-1] if sign.isprintable()).strip()[-200:]
    return Prepared(
        called or "Bank statement", sha256, mou, reading, tuple(fresh), known, tuple(facts), find(fresh, facts)
    )


def _read(body: bytes, at: datetime) -> Reading:
    """What a file says."""
    if len(body) > MOST_BYTES:
        raise NotAStatement("The file is larger than 1 MB. Send it in parts.", field="file")
    text = as_text(body)
    if not text.strip():
        raise NotAStatement("The file is empty. Choose the bank statement again.", field="file")
    if "\0" in text:
        raise NotAStatement("The file is not text. Save it from the bank’s site as CSV, then send that.", field="file")
    rows = rows_of(text, ())
    # A short row has no cell for the last headings.
    headings = max(rows.values(), key=len)
    return bank.read(rows, list(headings), london_day(at))


def keep(
    session: Session,
    prepared: Prepared,
    choices: Mapping[int, UUID | None] | None = None,
    *,
    note: str = "",
    by: Person,
    at: datetime,
) -> UUID:
    """Keep a statement that was read just now, each line with what it was matched to, or what somebody chose for it
    (none: nothing). Raises `NotThatMatch`, or what preparing it raises."""
    matches = choose(prepared.lines, prepared.facts, choices or {})
    lines = [_kept(line, matches.get(line.row)) for line in prepared.lines]
    wanted = Statement(name=prepared.name, sha256=prepared.sha256, lines=lines, mou=prepared.mou, note=note)
    return do(session, Kind.STATEMENT, wanted, by=by, at=at)


def _kept(line: BankLine, match: Match | None) -> dict[str, Any]:
    fact, how = (match.fact.id, match.how.value) if match else (None, "")
    kept = KeptLine(line.row, line.on, line.amount_pence, line.text, line.nth, fact, how)
    told: dict[str, Any] = msgspec.to_builtins(kept)
    return told


@works_out(Kind.STATEMENT)
def reference(session: Session, columns: dict[str, Any]) -> dict[str, Any]:
    """What people quote a statement by; a correction keeps it."""
    return {"ref": new_reference(session, Kind.STATEMENT, "BS")}


@checks(Kind.STATEMENT)
def check_statement(session: Session, trying: Trying) -> None:
    """Raises `AlreadyRead`, `NothingNew`, `NotThatMatch`, `KeepsItsLines` or `NotAStatement`."""
    fact, replaces = trying.fact, trying.replaces
    if fact.withdrawn:
        return
    lines = _lines(fact.lines)
    if not lines:
        raise NothingNew("A statement has at least one line.", field="lines")
    own = replaces.id if replaces is not None else None
    others = [each for each in reconciling.statements(session, EVER, fact.mou) if each.id != own]
    check_file(fact.sha256, {each.sha256: (each.ref, each.read_on) for each in others})
    before = reconciling.read_before(session, fact.mou, own)
    again = sorted({before[line.said.key] for line in lines if line.said.key in before})
    if again:
        raise AlreadyRead(f"Lines of this statement have been read since, with {', '.join(again)}.", field="file")
    settled = set[UUID]()
    if replaces is not None:
        was = _lines(replaces.lines)
        if (replaces.sha256, [line.said for line in was]) != (fact.sha256, [line.said for line in lines]):
            raise KeepsItsLines("What the bank said stays as it is. Change only what its lines show.", field="lines")
        settled = {line.fact for line in was if line.fact is not None}
    _check_facts(session, fact.mou, lines, settled, own)


def _check_facts(session: Session, mou: str, lines: list[KeptLine], settled: set[UUID], own: UUID | None) -> None:
    """Every fact that is shown stands, and no other statement shows it, or a payment of it. Raises `NotThatMatch`."""
    newest, taken = reconciling.newest(session, EVER, mou), reconciling.reconciled(session, EVER, mou, besides=own)
    now = [msgspec.structs.replace(line, fact=newest.get(line.fact, line.fact)) for line in lines if line.fact]
    facts = reconciling.moved(session, EVER, mou, ids=[line.fact for line in now if line.fact]) if now else []
    was = {newest.get(id_, id_) for id_ in settled} - taken.keys()
    check_kept(now, {fact.id: fact for fact in reconciling.besides(session, facts, taken)}, was)


def _lines(kept: Any) -> list[KeptLine]:
    """Lines as a fact keeps them. Raises `NotAStatement`."""
    try:
        return msgspec.convert(kept, list[KeptLine])
    except msgspec.ValidationError:
        raise NotAStatement("The lines of a statement are not in the right form.", field="lines") from None
