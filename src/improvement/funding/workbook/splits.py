"""A split as a sheet: who gets what by it, how that was worked out, and what it would change."""

from collections.abc import Mapping, Sequence

from improvement.funding.book import UNALLOCATED, LineKind, Position
from improvement.funding.queries.splits import Split
from improvement.funding.rules import WORDS
from improvement.funding.rules.splits import WORDS as WAYS
from improvement.funding.rules.splits import Division, Share, part
from improvement.web.cells import Holds
from improvement.web.filters import mid_sentence
from improvement.web.workbook import Band, Column, Row, Sheet

DIVISION = (
    Column("title", "Funding line"),
    Column("base", "Base, or by name", Holds.MONEY, totalled=True),
    Column("share", "Share of the rest", Holds.MONEY, totalled=True),
    Column("amount", "Amount", Holds.MONEY, formula="{base}+{share}", totalled=True),
    Column("of_whole", "Of the whole", Holds.PERCENTAGE),
    Column("per_adults", "For 1,000 adults aged 18 and over", Holds.MONEY),
    Column("per_council", "For each council", Holds.MONEY),
    Column("now", "Allocated now", Holds.MONEY, totalled=True),
    Column("difference", "Difference", Holds.MONEY, formula="{amount}-{now}", totalled=True),
    Column("councils", "Councils", Holds.COUNT),
    Column("adults", "Adults aged 18 and over", Holds.COUNT, width=15),
    Column("exact", "Exact share of the rest"),
    Column("penny", "Penny added"),
)


def division(split: Split, divided: Division, lines: Sequence[Position]) -> Sheet:
    """Who gets what by a split, beside what each line is allocated now."""
    now = {row.line: row.allocated_pence for row in lines}
    given = {share.line for share in divided.lines}
    without = [row for row in lines if row.line not in {*given, UNALLOCATED} and row.allocated_pence]
    kept = _row("Kept unallocated", split.kept_pence, 0, divided.total_pence, now.get(UNALLOCATED, 0))
    bands = [
        Band(
            [_of_share(share, divided, now) for share in divided.lines if share.kind is kind],
            title=WORDS[kind],
            subtotal=f"All {mid_sentence(WORDS[kind])}",
            empty=f"No {mid_sentence(WORDS[kind])}.",
        )
        for kind in LineKind
    ]
    left = [*(_row(row.title, 0, 0, divided.total_pence, row.allocated_pence) for row in without), kept]
    return Sheet(
        name="Division",
        title=f"{split.title}: split {split.ref}",
        says=f"Regions share {mid_sentence(WAYS[split.way])}, to the penny.",
        columns=DIVISION,
        bands=[*bands, Band(left, title="Not given by this split")],
        total="The whole",
        filtered=False,
        against=("The whole, as the split says", {"amount": split.total_pence}),
    )


def _of_share(share: Share, divided: Division, now: Mapping[str, int]) -> Row:
    """A post is given its sum by name; a region its base, and a share of the rest."""
    base = share.amount_pence if share.kind is LineKind.POST else share.base_pence
    row = _row(share.title, base, share.amount_pence - base, divided.total_pence, now.get(share.line, 0))
    if share.kind is LineKind.POST:
        return row
    row[5:7] = share.per_thousand_adults_pence, share.per_council_pence
    row[9:] = share.councils, share.adults, share.exact_in_pounds, "1p" if share.penny_added else "0p"
    return row


def _row(title: str, base: int, share: int, whole: int, was: int) -> list[object]:
    amount = base + share
    nobody = (None, None)
    return [title, base, share, amount, part(amount, whole), *nobody, was, amount - was, *nobody, *nobody]
