"""The end of the year as sheets: the statement that explains every penny, line by line, what is asked for and owed."""

from collections.abc import Mapping, Sequence

from improvement.funding.queries import Mou
from improvement.funding.queries.closing import Accrual, Request, YearEnd
from improvement.funding.rules.closing import Statement
from improvement.funding.workbook.bands import by_kind
from improvement.web.cells import Holds
from improvement.web.filters import sentence_case
from improvement.web.workbook import Band, Column, Sheet

BECAME = (
    Column("words", "What became of it", width=36),
    Column("pence", "Amount", Holds.MONEY, totalled=True),
)
LINES = (
    Column("title", "Funding line"),
    Column("allocated_pence", "Allocated", Holds.MONEY, totalled=True),
    Column("net_paid_pence", "Paid, less refunds", Holds.MONEY, totalled=True),
    Column("carried_pence", "Carried forward", Holds.MONEY, totalled=True),
    Column(
        "left_pence",
        "Left unspent",
        Holds.MONEY,
        formula="{allocated_pence}-{net_paid_pence}-{carried_pence}",
        totalled=True,
    ),
    Column("owed_pence", "Owed, a part of what is not paid", Holds.MONEY, totalled=True),
)
REQUESTS = (
    Column("ref", "Request"),
    Column("line", "Funding line"),
    Column("asked_on", "Asked on", Holds.DAY),
    Column("why", "Why", Holds.LONG),
    Column("asked", "Asked", Holds.MONEY, totalled=True),
    Column("decision", "Decision"),
    Column("granted", "Granted", Holds.MONEY, totalled=True),
    Column("decided_on", "Decided on", Holds.DAY),
    Column("reference", "Reference"),
    Column("decided_why", "Why so", Holds.LONG),
)
OWED = (
    Column("owed_on", "Owed on", Holds.DAY),
    Column("line", "Funding line"),
    Column("recipient", "To whom"),
    Column("why", "For what", Holds.LONG),
    Column("accrued", "Accrued", Holds.MONEY, totalled=True),
    Column("left", "Still owed", Holds.MONEY, totalled=True),
    Column("settled", "Settled since", Holds.MONEY, formula="{accrued}-{left}", totalled=True),
)


def year_end(mou: Mou, told: YearEnd) -> list[Sheet]:
    """Everything the page of the year's end tells. The statement is only for those who see the whole."""
    titles = {row.line: row.title for row in told.lines}
    lines = Sheet(
        name="By funding line",
        title="What became of each line’s allocation",
        columns=LINES,
        bands=by_kind(LINES, told.lines, whole=told.statement is not None),
        total="Amount in force" if told.statement else "",
        filtered=False,
        against=("Amount in force, as the MoU says", {"allocated_pence": mou.amount_pence}) if told.statement else None,
    )
    rest = [lines, _requests(told.requests, titles), _owed(told.accruals, titles)]
    return [_statement(mou, told.statement), *rest] if told.statement else rest


def _statement(mou: Mou, end: Statement) -> Sheet:
    drawn = "Never drawn from the funder" if mou.state == "closed" else "Not drawn from the funder yet"
    rows = [
        ("Paid, less refunds", end.net_paid_pence),
        ("Carried forward", end.carried_pence),
        ("Returned to the funder", end.returned_pence),
        ("Received beyond the amount in force" if end.never_drawn_pence < 0 else drawn, end.never_drawn_pence),
        ("In hand, still to settle", end.to_settle_pence),
    ]
    return Sheet(
        name="Closing statement",
        title="What the amount in force became",
        says=f"{mou.title}, with the {mou.funder}: {mou.state}.",
        columns=BECAME,
        bands=[Band(rows)],
        total="Amount in force",
        signed=True,
        filtered=False,
        against=("Amount in force, as the MoU says", {"pence": mou.amount_pence}),
    )


def _requests(requests: Sequence[Request], titles: Mapping[str, str]) -> Sheet:
    rows = [
        (
            one.ref,
            titles.get(one.line, one.line),
            one.asked_on,
            one.why,
            one.amount_pence,
            sentence_case(one.decision) or "Not decided yet",
            one.granted_pence if one.decision else None,
            one.decided_on,
            one.decision_reference,
            one.decided_why,
        )
        for one in requests
    ]
    return Sheet(
        name="Carry-forward requests",
        title="Requests to carry forward",
        columns=REQUESTS,
        bands=[Band(rows, empty="Nothing has been asked for.")],
        total="In all",
    )


def _owed(accruals: Sequence[Accrual], titles: Mapping[str, str]) -> Sheet:
    rows = [
        (
            one.owed_on,
            titles.get(one.line, one.line),
            one.recipient,
            one.why,
            one.amount_pence,
            one.left_pence,
            one.amount_pence - one.left_pence,
        )
        for one in accruals
    ]
    return Sheet(
        name="What is owed",
        title="Accruals: what is owed and not paid",
        columns=OWED,
        bands=[Band(rows, empty="Nothing is owed.")],
        total="In all",
    )
