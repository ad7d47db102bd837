"""One funding line's statement as a sheet, with its balances worked out from row to row."""

from collections.abc import Sequence

from improvement.funding.book import Position
from improvement.funding.ledger import Recorded
from improvement.funding.queries.statement import Step
from improvement.web.cells import Holds
from improvement.web.workbook import Band, Column, Row, Sheet, rows_of


def _so_far(name: str, heading: str) -> Column:
    """A sum that runs: what it came to in the row above, and this row's."""
    formula = f"{{^{name}_so_far_pence}}+{{{name}_pence}}"
    return Column(
        f"{name}_so_far_pence", heading, Holds.MONEY, formula=formula, first=f"{{{name}_pence}}", closing=True
    )


STATEMENT = (
    Column("on", "Day", Holds.DAY),
    Column("what", "What"),
    Column("party", "To or from whom"),
    Column("about", "For what, or why", Holds.LONG, width=32),
    Column("reference", "Reference"),
    Column("allocated_pence", "Allocated", Holds.MONEY, totalled=True),
    Column("committed_pence", "Committed", Holds.MONEY, totalled=True),
    Column("net_paid_pence", "Paid, less refunds", Holds.MONEY, totalled=True),
    _so_far("allocated", "Allocated so far"),
    _so_far("committed", "Committed so far"),
    _so_far("net_paid", "Paid so far"),
    Column(
        "balance_pence",
        "Balance: allocated less paid",
        Holds.MONEY,
        formula="{allocated_so_far_pence}-{net_paid_so_far_pence}",
        closing=True,
    ),
    Column("note", "Note", Holds.LONG, width=22),
)
AHEAD = (
    Column("on", "From", Holds.DAY),
    Column("party", "To whom"),
    Column("about", "For what", Holds.LONG),
    Column("reference", "Reference"),
    Column("amount", "Amount", Holds.MONEY, totalled=True),
)


def statement(row: Position, steps: Sequence[Step]) -> Sheet:
    """The statement of a line, the oldest first: its closing balances are what its page says."""
    closing = {
        "allocated_so_far_pence": row.allocated_pence,
        "committed_so_far_pence": row.committed_pence,
        "net_paid_so_far_pence": row.net_paid_pence,
        "balance_pence": row.remaining_pence,
    }
    return Sheet(
        name="Statement",
        title=f"Statement: {row.title}",
        says="In order of day, the oldest first.",
        columns=STATEMENT,
        bands=[Band([_row(step) for step in steps], empty="Nothing has been recorded yet.")],
        total="In all",
        filtered=False,
        against=("As the line's page says", closing),
    )


def _row(step: Step) -> Row:
    """What a step leaves unchanged is left empty, as on the page."""
    (row,) = rows_of(STATEMENT, [step])
    changes = ("allocated_pence", "committed_pence", "net_paid_pence")
    return [value or None if column.name in changes else value for column, value in zip(STATEMENT, row, strict=True)]


def ahead(entries: Sequence[Recorded]) -> Sheet:
    """What is agreed ahead of a line, and not counted yet."""
    rows = [(one.effective_on, one.party, one.about, one.reference, one.amount_pence) for one in entries]
    return Sheet(
        name="Agreed ahead",
        title="Agreed ahead: not counted until its day",
        columns=AHEAD,
        bands=[Band(rows)],
        total="In all",
    )
