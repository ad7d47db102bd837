"""Claims as a sheet."""

from collections.abc import Mapping, Sequence

from improvement.funding.queries.claims import Told
from improvement.web.cells import Holds
from improvement.web.filters import sentence_case
from improvement.web.workbook import Band, Column, Sheet

CLAIMS = (
    Column("ref", "Claim"),
    Column("line", "Funding line"),
    Column("state", "Stands"),
    Column("claimed_on", "Claimed on", Holds.DAY),
    Column("claimed_by", "By"),
    Column("from_on", "From", Holds.DAY),
    Column("to_on", "To", Holds.DAY),
    Column("paid_for", "For", Holds.LONG),
    Column("amount", "Amount", Holds.MONEY, totalled=True),
    Column("decided_on", "Decided on", Holds.DAY),
    Column("paid_on", "Paid on", Holds.DAY),
    Column("question", "Question that waits", Holds.LONG, width=30),
    Column("files", "Evidence", Holds.LONG, width=30),
)


def claims(told: Sequence[Told], titles: Mapping[str, str]) -> Sheet:
    """The claims as they are given, the newest first."""
    rows = [
        (
            one.ref,
            titles.get(one.line, one.line),
            sentence_case(one.state),
            one.claimed_on,
            one.claimed_by or "Somebody who has left",
            one.from_on,
            one.to_on,
            one.paid_for,
            one.amount_pence,
            one.decided_on,
            one.paid_on,
            one.question,
            "\n".join(file.name for file in one.files),
        )
        for one in told
    ]
    return Sheet(
        name="Claims",
        title="Claims",
        says="The newest first.",
        columns=CLAIMS,
        bands=[Band(rows, empty="No claims yet.")],
        total="The claims shown",
    )
