"""The report's tables: money by line, accounts by region and position, concerns and actions, and what changed."""

from collections.abc import Iterable, Mapping
from datetime import date

import msgspec
from sqlalchemy.orm import Session

from improvement.board_reports.document.content import Cell, Column, Group, Note, Row, Table
from improvement.board_reports.document.sentences import short
from improvement.board_reports.figures import accounts as account_figures
from improvement.board_reports.figures import money as money_figures
from improvement.board_reports.figures import outlook
from improvement.board_reports.figures.concerns import RESTRICTED
from improvement.board_reports.queries import Version
from improvement.board_reports.rules import Audience
from improvement.dates import Month, in_words
from improvement.funding.book import UNALLOCATED, LineKind, Position
from improvement.funding.queries.forecasts import Outlook
from improvement.local_accounts import rules as account_rules
from improvement.money import in_pounds
from improvement.sector import queries as sector

MONEY = (("Allocated", "allocated"), ("Committed", "committed"), ("Paid", "paid"), ("Remaining", "remaining"))
WHOLE_MONEY = (
    "funding_in_force_pence",
    "funding_committed_pence",
    "funding_paid_net_pence",
    "funding_remaining_pence",
)
KINDS = {LineKind.POST: ("National posts", "All national posts"), LineKind.REGION: ("Regions", "All regions")}

CONCERNS: tuple[tuple[str, str], ...] = (
    ("Concerns open", "concerns_open"),
    ("Of these, with no action planned", "concerns_unaddressed"),
    ("Of these, waiting for an answer from the region or the Board", "concerns_escalated"),
    ("Concerns closed", "concerns_closed"),
    ("Actions open", "actions_open"),
    ("Of these, overdue", "actions_overdue"),
    ("Times a target date was moved later", "targets_moved"),
    ("Actions complete", "actions_complete"),
)
"""Measures that everybody sees: of what may be quoted in public, or (the Board) of all but restricted matters."""

CHANGES_IN_MONEY: tuple[tuple[str, str], ...] = (
    ("Amount in force", "funding_in_force_pence"),
    ("Allocated", "funding_allocated_pence"),
    ("Committed", "funding_committed_pence"),
    ("Paid, less refunds", "funding_paid_net_pence"),
    ("Expected outturn", "funding_outturn_pence"),
)


class Comparison(msgspec.Struct, frozen=True):
    """This report's figures; those of the last issued report; and the same day's figures from what is known by now."""

    on: date
    now: dict[str, int]
    month: Month | None = None
    before: dict[str, int] | None = None
    again: dict[str, int] | None = None

    def columns(self, unit: str = "") -> tuple[Column, ...]:
        """The columns of a table that compares; one alone in a first report."""
        kind, change = ("pounds", "change in pounds") if unit else ("count", "change")
        now = Column(short(self.on), kind)
        if self.month is None:
            return (now,)
        return (
            Column(short(self.month.last_day), kind),
            now,
            *(Column(text, change) for text in ("Change", "New", "Restated")),
        )

    def cells(self, name: str) -> tuple[Cell, ...]:
        """One figure under those columns. A figure the earlier report did not have has nothing to compare with."""
        now = Cell(self.now.get(name, 0), name)
        if self.before is None or self.again is None:
            return (now,)
        if name not in self.before:
            return (Cell("Not counted"), now, *[Cell("Not known")] * 3)
        before, again = self.before[name], self.again.get(name, 0)
        here = self.now.get(name, 0)
        return (Cell(before, name), now, Cell(here - before), Cell(here - again), Cell(again - before))

    def restated(self, name: str) -> int:
        """By how much what we say today of the earlier day differs from what was issued."""
        if self.before is None or self.again is None or name not in self.before:
            return 0
        return self.again.get(name, 0) - self.before[name]


def money(session: Session, version: Version, stored: Mapping[str, int]) -> Table:
    """What each funding line was given, has promised and has paid; it adds up to the amount in force."""
    lines = money_figures.lines(session, version.year, version.as_at)
    groups = []
    for kind, (heading, total) in KINDS.items():
        here = [line for line in lines if line.kind == kind]
        if here:
            sub = Row(
                total,
                tuple(Cell(sum(money_figures.amount(line, what) for line in here)) for _, what in MONEY),
                total="sub",
            )
            groups.append(Group((*(_line(line) for line in here), sub), heading))
    left = [Cell(money_figures.amount(line, what)) for line in lines if line.line == UNALLOCATED for _, what in MONEY]
    if left:
        groups.append(Group((Row("Unallocated", (Cell(left[0].value, "funding_unallocated_pence"), *left[1:])),)))
    whole = [Cell(stored.get(name, 0), name) for name in WHOLE_MONEY]
    foot = Row("Amount in force", tuple(whole), total="total")
    columns = tuple(Column(text, "pounds") for text, _ in MONEY)
    title = f"Money by funding line, {in_words(version.on)}"
    return Table("money", title, "Funding line", columns, tuple(groups), (foot,) if lines else ())


def _line(line: Position) -> Row:
    cells = [Cell(money_figures.amount(line, what), money_figures.of_line(what, line.line)) for _, what in MONEY]
    return Row(line.title, tuple(cells), note=line.host if line.kind == LineKind.POST else "")


def forecast(session: Session, version: Version, stored: Mapping[str, int]) -> Table | None:
    """What each line is expected to come to, and what explains a variance over the limit; adds up to the amount in
    force. None in a version whose figures were taken before there were such figures."""
    if outlook.OUTTURN not in stored:
        return None
    rows = outlook.outlooks(session, version.year, version.as_at)
    groups = []
    for kind, (heading, total) in KINDS.items():
        here = [row for row in rows if row.kind == kind]
        if here:
            sums = [sum(amounts) for amounts in zip(*map(_amounts, here), strict=True)]
            sub = Row(total, (*(Cell(each) for each in sums), Cell("")), total="sub")
            groups.append(Group((*(_expected(row) for row in here), sub), heading))
    left = outlook.unallocated(session, version.year, version.as_at) or 0
    none = (Cell(left, "funding_unallocated_pence"), Cell(0), Cell(left), Cell(""))
    whole = [Cell(stored[name], name) for name in ("funding_in_force_pence", outlook.OUTTURN, outlook.VARIANCE)]
    columns = (
        Column("Allocated", "pounds"),
        Column("Expected outturn", "pounds"),
        Column("Variance", "change in pounds", unit="+ is an underspend"),
        Column("What explains it", "words", audience=Audience.BOARD),
    )
    title = f"Forecast and variance by funding line, {in_words(version.on)}"
    foot = Row("Amount in force", (*whole, Cell("")), total="total")
    return Table("forecast", title, "Funding line", columns, (*groups, Group((Row("Unallocated", none),))), (foot,))


def _expected(row: Outlook) -> Row:
    names = (money_figures.of_line(what, row.line) for what in ("allocated", *outlook.OF_LINE))
    sums = (Cell(pence, name) for pence, name in zip(_amounts(row), names, strict=True))
    return Row(row.title, (*sums, Cell(_explained(row))))


def _amounts(row: Outlook) -> tuple[int, int, int]:
    return row.allocated_pence, row.outturn_pence, row.variance_pence


def _explained(row: Outlook) -> str:
    """What was said of a variance over the limit, and when."""
    if not row.over_limit:
        return "Not needed"
    said = f"{row.explanation} ({in_words(row.explained_on)})" if row.explained_on else ""
    if row.needs_explaining:
        return f"Needs explaining. Last said: {said}" if said else "Needs explaining"
    return said


def accounts(session: Session, version: Version, stored: Mapping[str, int], deadline: date) -> Table:
    """Councils by region and position; it adds up to the expected list."""
    words = account_rules.words(deadline)
    names = [*account_figures.NAMES.values(), account_figures.LIST]
    rows = []
    for region in sector.regions(session).values():
        own = [account_figures.in_region(name, region.slug) for name in names]
        if stored.get(own[-1]):
            rows.append(Row(region.name, _counts(stored, own)))
    foot = Row("England", _counts(stored, names), total="total")
    columns = (*(Column(words[position.value]) for position in account_figures.NAMES), Column("Councils"))
    title = f"Councils by region and position, {in_words(version.on)}"
    return Table("accounts", title, "Region", columns, (Group(tuple(rows)),), (foot,))


def _counts(stored: Mapping[str, int], names: Iterable[str]) -> tuple[Cell, ...]:
    return tuple(Cell(stored.get(name, 0), name) for name in names)


def concerns(compared: Comparison) -> Table:
    """What is open, overdue, slipped and closed: of public matters for everybody, of more for the Board."""
    rows = [
        Row(label, compared.cells(f"{name}_public"), audience=Audience.PUBLIC, only=True) for label, name in CONCERNS
    ]
    rows += [Row(label, compared.cells(f"{name}_board"), audience=Audience.BOARD) for label, name in CONCERNS]
    rows.append(Row("Restricted concerns open", compared.cells(RESTRICTED), audience=Audience.BOARD))
    return Table("concerns", "Concerns and actions", "Measure", compared.columns(), (Group(tuple(rows)),))


def changes(compared: Comparison, deadline: date) -> tuple[Table, ...]:
    """What changed since the last issued report; nothing in a first report."""
    if compared.month is None:
        return ()
    words, since = account_rules.words(deadline), f"change since the report for {compared.month.in_words}"
    rows = [
        Row(words[position.value], compared.cells(name), position=position.value)
        for position, name in account_figures.NAMES.items()
    ]
    foot = Row("Councils", compared.cells(account_figures.LIST), total="total")
    sums = [Row(label, compared.cells(name)) for label, name in CHANGES_IN_MONEY]
    return (
        Table(
            "changes", f"Councils by position: {since}", "Position", compared.columns(), (Group(tuple(rows)),), (foot,)
        ),
        Table("money-changes", f"Money: {since}", "Sum", compared.columns("pounds"), (Group(tuple(sums)),)),
    )


def restatements(compared: Comparison, deadline: date) -> tuple[Note, ...]:
    """A sentence for each figure of the last issued report that we would give otherwise today."""
    if compared.month is None or compared.before is None:
        return ()
    words, then = account_rules.words(deadline), short(compared.month.last_day)
    told = [(words[position.value], name, Audience.PUBLIC) for position, name in account_figures.NAMES.items()]
    told += [("Confirmed", "accounts_confirmed", Audience.PUBLIC)]
    told += [(label, name, Audience.PUBLIC) for label, name in CHANGES_IN_MONEY]
    told += [(label, f"{name}_board", Audience.BOARD) for label, name in CONCERNS]
    notes = []
    for label, name, audience in told:
        if moved := compared.restated(name):
            before = compared.before[name]
            pair = [in_pounds(each) if name.endswith("_pence") else f"{each:,}" for each in (before + moved, before)]
            notes.append(Note(f"“{label}” at {then} is now {pair[0]}, not {pair[1]}.", audience))
    return tuple(notes)
