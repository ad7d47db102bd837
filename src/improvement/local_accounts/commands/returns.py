"""Taking in a return: what each row would change, and then all of it or none, by the commands a form uses."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from functools import partial

import msgspec
from sqlalchemy.orm import Session

from improvement.access.rules import May, Person
from improvement.database import record
from improvement.dates import ProgrammeYear, london_day
from improvement.errors import Mistakes, Refused, TurnedDown
from improvement.local_accounts import commands, queries
from improvement.local_accounts.commands import NewCorrection, NewPublication
from improvement.local_accounts.queries import returns as told
from improvement.local_accounts.queries.returns import Line
from improvement.local_accounts.rules import Reported, Status, check_status
from improvement.local_accounts.rules import returns as rules
from improvement.local_accounts.rules.returns import FIELDS, Facts, Meanwhile, Part, Step
from improvement.local_accounts.tables import StatusReported
from improvement.sector.rules import Council


class Row(msgspec.Struct, frozen=True):
    """One row of a return as it was read: what it was made from, and what it says in each column the file has."""

    council: str
    seq: int
    says: dict[str, str]
    cells: dict[str, str]
    """Where each is, so that a mistake can be told: C7."""


class Mistake(msgspec.Struct, frozen=True):
    """What is wrong in one cell."""

    cell: str
    council: str
    sentence: str


class Change(msgspec.Struct, frozen=True):
    """One fact that would be another."""

    council: str
    field: str
    now: str
    then: str


class Crossing(msgspec.Struct, frozen=True):
    """One fact that the file changes and that was changed meanwhile: somebody chooses."""

    council: str
    met: Meanwhile
    mine: bool
    """Whether what the file says was chosen."""
    open: bool
    """Whether there is a choice: what was said before an account was published cannot be said after it."""

    @property
    def name(self) -> str:
        """What the choice is called in a form."""
        return f"choice-{self.council}-{self.met.field}"


class Edition(msgspec.Struct, frozen=True):
    """What may be a later edition, or may put the first publication right: somebody chooses."""

    council: str
    first_on: str
    """The day of the first."""
    says: Facts
    chosen: str = ""
    """LATER or FIRST; nothing while nobody has said."""

    @property
    def name(self) -> str:
        """What the choice is called in a form."""
        return f"edition-{self.council}"


LATER, FIRST = "later", "first"


class Plan(msgspec.Struct, frozen=True):
    """What a return comes to."""

    changes: list[Change]
    crossings: list[Crossing]
    editions: list[Edition]
    mistakes: list[Mistake]
    unchanged: int
    recorded: int


class CannotBeTaken(Refused):
    """A return with mistakes changes nothing."""


def check_rows(mine: Mapping[str, Council], rows: Sequence[Row], newest: int) -> None:
    """What a browser sent back must still be what reading a file gives. Raises `CannotBeTaken`."""
    for row in rows:
        fits = row.council in mine and 0 <= row.seq <= newest and row.says.keys() <= FIELDS.keys()
        try:
            fits = fits and all(rules.read_cell(FIELDS[name], said) == said for name, said in row.says.items())
        except Refused:
            fits = False
        if not fits or len({each.council for each in rows}) < len(rows):
            raise CannotBeTaken("The return did not come back whole. Send the file again.")


def take(
    session: Session,
    which: ProgrammeYear,
    rows: Sequence[Row],
    chosen: frozenset[str],
    *,
    by: Person,
    at: datetime,
) -> Plan:
    """Record what a return changes, and tell what that is. Whoever asks it only to see what would be must not commit.

    `chosen` names the crossings where what the file says stands, and of what may be an edition `edition-brent-later`
    or `edition-brent-first`. A row with a mistake records nothing, nor does one whose edition nobody has said.
    """
    ledger, plan = told.ledger(session, which), Plan([], [], [], [], 0, 0)
    listed = {council.slug: council for council in queries.expected(session, which)}
    unchanged = recorded = 0
    for row in rows:
        line = ledger.line(row.council)
        found = rules.differences(ledger.line(row.council, seq=row.seq).facts, line.facts, row.says)
        crossings = [_crossing(row.council, line, met, chosen) for met in found.conflicts]
        plan.crossings.extend(crossings)
        changes = {**found.changes, **{each.met.field: each.met.mine for each in crossings if each.mine}}
        record_it = partial(_record, session, which, listed[row.council], line, by=by, at=at)
        done = _take_row(row, line, rules.step_of(line.facts, changes, london_day(at)), chosen, plan, record_it)
        unchanged += done is None and not crossings
        recorded += done is True
    return msgspec.structs.replace(plan, unchanged=unchanged, recorded=recorded)


def _take_row(
    row: Row,
    line: Line,
    wanted: tuple[Step, Facts, dict[str, str]],
    chosen: frozenset[str],
    plan: Plan,
    record_it: Callable[[Step, Facts], dict[str, str]],
) -> bool | None:
    """Do what one row says, and tell it in the plan. Whether it was recorded; none where it says nothing new."""
    step, after, wrong = wanted
    edition = None if wrong else _edition(row.council, line, step, after, chosen)
    if step is Step.NOTHING or (edition and _is_there(edition, line)):
        return None
    if edition:
        plan.editions.append(edition)
        if not edition.chosen:
            return False
        step = Step.PUBLISH if edition.chosen == LATER else step
    wrong = wrong or record_it(step, after)
    plan.mistakes.extend(Mistake(_cell(row, field), row.council, said) for field, said in wrong.items())
    if wrong:
        return False
    beside_it = edition is not None and edition.chosen == LATER
    before = {**rules.NOTHING, "status": after["status"]} if beside_it else line.facts
    plan.changes.extend(_changes(row.council, before, after))
    return True


def _edition(council: str, line: Line, step: Step, after: Facts, chosen: frozenset[str]) -> Edition | None:
    if step is not Step.CORRECT or not rules.looks_like_edition(line.facts, after):
        return None
    edition = Edition(council, line.facts["published_on"], after)
    said = next((each for each in (LATER, FIRST) if f"{edition.name}-{each}" in chosen), "")
    return msgspec.structs.replace(edition, chosen=said)


def _is_there(edition: Edition, line: Line) -> bool:
    """Whether an edition of that day at that address was recorded already: the same file again changes nothing."""
    found = ("published_on", "address")
    return any(all(one[name] == edition.says[name] for name in found) for one in line.editions)


def crossings(session: Session, which: ProgrammeYear, rows: Sequence[Row]) -> list[Crossing]:
    """What the rows change that somebody else changed meanwhile, before anything is chosen."""
    ledger = told.ledger(session, which)
    return [
        _crossing(row.council, line, met, frozenset())
        for row in rows
        for line in [ledger.line(row.council)]
        for met in rules.differences(ledger.line(row.council, seq=row.seq).facts, line.facts, row.says).conflicts
    ]


def _crossing(council: str, line: Line, met: Meanwhile, chosen: frozenset[str]) -> Crossing:
    published = line.facts["status"] == Status.PUBLISHED
    open_ = not (published and FIELDS[met.field].part is Part.STATUS)
    crossing = Crossing(council, met, mine=False, open=open_)
    return msgspec.structs.replace(crossing, mine=open_ and crossing.name in chosen)


def _changes(council: str, now: Facts, after: Facts) -> list[Change]:
    return [Change(council, field, now[field], after[field]) for field in FIELDS if now[field] != after[field]]


def _cell(row: Row, field: str) -> str:
    return row.cells.get(field) or row.cells.get("status", "")


def _record(
    session: Session,
    which: ProgrammeYear,
    council: Council,
    line: Line,
    step: Step,
    after: Facts,
    *,
    by: Person,
    at: datetime,
) -> dict[str, str]:
    """Do one step by the command a form uses. What is wrong with it by column, nothing when it was done."""
    try:
        if step is Step.STATUS:
            _report(session, which, council, after, by, at)
        elif step is Step.PUBLISH:
            # A later edition is for the councils that the first was for.
            serves = list(line.serves) if line.owner == council.slug else []
            new = msgspec.structs.replace(_publication(after), serves=serves)
            commands.publish(session, which, council.slug, new, by=by, at=at)
        elif line.publication is None or line.owner != council.slug:
            raise Refused("This account was recorded for another council, and serves this one. Change it there.")
        else:
            values = msgspec.to_builtins(_publication(after))
            kept = {name: values[name] for name in values if name in FIELDS}
            right = NewCorrection(line.publication, rules.NOTED_AS, values=kept)
            commands.correct(session, which, council.slug, right, by=by, at=at)
    except Mistakes as several:
        return {_column(field): sentence for field, sentence in several.by_field.items()}
    except TurnedDown as refusal:
        return {_column(refusal.field): refusal.message}
    return {}


def _column(field: str) -> str:
    """The column of the return where a field of a form is."""
    return {"note": "because", "effective_on": "status"}.get(field, field)


def _report(session: Session, which: ProgrammeYear, council: Council, after: Facts, by: Person, at: datetime) -> None:
    """Record a status from today, or from the last day of a council that is no more. Nothing is asked row by row."""
    today = london_day(at)
    fact = StatusReported(
        year=str(which),
        council=council.slug,
        status=after["status"],
        effective_on=min(today, council.valid_to or today),
        expected_on=_day(after["expected_on"]),
        note=after["because"],
        source="",
        agreed_by=after["agreed_by"],
    )
    report = Reported(council.slug, Status(fact.status), fact.effective_on, fact.expected_on, fact.note, 0)
    # Nothing is published that stands, or the row would be a correction.
    check_status(report, [], today)
    role = by.acting(May.RECORD_ACCOUNTS, region=council.region, council=council.slug)
    record(session, fact, by=by.id, as_role=role, at=at)


def _publication(after: Facts) -> NewPublication:
    given = {name: said for name, said in after.items() if said and FIELDS[name].part is Part.PUBLICATION}
    formats = given.pop("formats", "")
    values = {**given, "formats": [each for each in formats.split(", ") if each]}
    return msgspec.convert(values, NewPublication)


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
