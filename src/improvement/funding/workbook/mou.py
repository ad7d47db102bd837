"""The Memorandum of Understanding (MoU) as sheets: its life, its instalments, and what came and went back."""

from collections.abc import Mapping, Sequence

from improvement.funding.book import Kind
from improvement.funding.ledger import Recorded
from improvement.funding.queries import Instalment, Mou
from improvement.funding.queries.conditions import Met
from improvement.funding.rules import WORDS
from improvement.web.cells import Holds
from improvement.web.workbook import Band, Column, Sheet

LIFE = (
    Column("on", "Day", Holds.DAY),
    Column("what", "What"),
    Column("amount", "Amount", Holds.MONEY),
    Column("why", "Why", Holds.LONG),
    Column("recorded_at", "Recorded", Holds.MOMENT),
    Column("recorded_by", "By"),
    Column("note", "Note", Holds.LONG),
)
DUE = (
    Column("ref", "Reference"),
    Column("due_on", "Due", Holds.DAY),
    Column("conditions", "Conditions", Holds.LONG),
    Column("met_on", "Conditions met", Holds.DAY),
    Column("expected", "Expected", Holds.MONEY, totalled=True),
    Column("received", "Received", Holds.MONEY, totalled=True),
    Column("to_come", "Still to come", Holds.MONEY, formula="{expected}-{received}", totalled=True),
    Column("received_on", "Last received", Holds.DAY),
)
MOVED = (
    Column("on", "Day", Holds.DAY),
    Column("what", "What"),
    Column("reference", "Reference"),
    Column("received", "Received", Holds.MONEY, totalled=True),
    Column("returned", "Returned", Holds.MONEY, totalled=True),
    Column("note", "Note", Holds.LONG),
)


def life(mou: Mou, steps: Sequence[Recorded]) -> Sheet:
    """The life of the MoU, the newest step first as on its page."""
    rows = [
        (
            step.effective_on,
            WORDS[step.kind],
            step.amount_pence,
            " ".join(filter(None, (step.about, step.reason))),
            step.recorded_at,
            step.recorded_by,
            step.note,
        )
        for step in steps
    ]
    return Sheet(
        name="The MoU",
        title="The life of the Memorandum of Understanding (MoU)",
        says=f"{mou.title}, with the {mou.funder}: {mou.state}.",
        columns=LIFE,
        bands=[Band(rows)],
    )


def instalments(due: Sequence[Instalment], met: Mapping[str, Met]) -> Sheet:
    """What is expected from the funder, and what of it has come."""
    rows = [
        (
            one.ref,
            one.due_on,
            one.conditions or "None",
            met[one.ref].met_on if one.ref in met else None,
            one.amount_pence,
            one.received_pence,
            one.amount_pence - one.received_pence,
            one.received_on,
        )
        for one in due
    ]
    return Sheet(
        name="Instalments",
        title="Instalments expected from the funder",
        columns=DUE,
        bands=[Band(rows, empty="No instalments yet.")],
        total="In all",
    )


def moved(mou: Mou, entries: Sequence[Recorded]) -> Sheet:
    """What was received from the funder and returned to it."""
    rows = [
        (
            entry.effective_on,
            WORDS[entry.kind],
            entry.reference,
            entry.amount_pence if entry.kind == Kind.RECEIVED else None,
            entry.amount_pence if entry.kind == Kind.RETURN else None,
            entry.note,
        )
        for entry in entries
    ]
    return Sheet(
        name="Received and returned",
        title="Received from and returned to the funder",
        columns=MOVED,
        bands=[Band(rows, empty="Nothing has been received yet.")],
        total="In all",
        against=("As the MoU says", {"received": mou.received_pence, "returned": mou.returned_pence}),
    )
