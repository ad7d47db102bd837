"""Splits as sheets: all of them, one with who gets what by it, and two or three side by side."""

from collections.abc import Mapping, Sequence

from improvement.funding.book import UNALLOCATED, LineKind, Position
from improvement.funding.queries.splits import Split
from improvement.funding.rules import WORDS
from improvement.funding.rules.splits import WORDS as WAYS
from improvement.funding.rules.splits import Beside, Division, Share, part
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

SPLITS = (
    Column("title", "Split"),
    Column("ref", "Reference"),
    Column("version", "Version", Holds.COUNT),
    Column("way", "Regions share"),
    Column("to_posts", "To posts", Holds.MONEY),
    Column("to_regions", "To regions", Holds.MONEY),
    Column("kept", "Kept unallocated", Holds.MONEY),
    Column("total", "Amount to split", Holds.MONEY, formula="{to_posts}+{to_regions}+{kept}"),
    Column("adopted_on", "Adopted on", Holds.DAY),
    Column("fault", "Why it no longer works out", Holds.LONG),
)


def splits(found: Sequence[Split]) -> Sheet:
    """Every split that stands: what it gives to posts, to regions and to neither is what it splits."""
    rows = [
        (
            one.title,
            one.ref,
            one.versions,
            WAYS[one.way],
            one.to_posts_pence,
            one.to_regions_pence,
            one.kept_pence,
            None if one.fault else one.total_pence,
            one.adopted_on,
            one.fault,
        )
        for one in found
    ]
    return Sheet(
        name="Splits",
        title="Splits of the money",
        says="The newest first.",
        columns=SPLITS,
        bands=[Band(rows, empty="No splits yet.")],
    )


def beside(found: Sequence[Split], rows: Sequence[Beside]) -> list[Sheet]:
    """Two or three splits side by side, with how far each is from the first: in all, and for 1,000 adults."""
    bands = []
    for kind in (*LineKind, UNALLOCATED):
        told = [_beside(row.title, row.amounts, row.differences) for row in rows if row.kind == kind]
        words = WORDS.get(kind, "")
        more = {"title": words, "subtotal": f"All {mid_sentence(words)}"} if words else {"title": "Given to nobody"}
        bands += [Band(told, **more)] if told else []
    whole = Sheet(
        name="Side by side",
        title="Splits side by side",
        says=_named(found),
        columns=_columns("Funding line", found, totalled=True),
        bands=bands,
        total="The whole",
        filtered=False,
        against=("The whole, as each split says", {f"s{at}": one.total_pence for at, one in enumerate(found)}),
    )
    regions = [row for row in rows if row.kind == LineKind.REGION]
    heads = Sheet(
        name="For 1,000 adults",
        title="For 1,000 adults aged 18 and over (2011 census)",
        says=_named(found),
        columns=_columns("Region", found, totalled=False),
        bands=[Band([_beside(row.title, row.per_thousand_adults, row.differences_per_thousand) for row in regions])],
        filtered=False,
    )
    return [whole, heads]


def _named(found: Sequence[Split]) -> str:
    return "; ".join(f"{one.ref}: {one.title}" for one in found)


def _columns(first: str, found: Sequence[Split], *, totalled: bool) -> tuple[Column, ...]:
    columns = [Column("title", first)]
    for at, one in enumerate(found):
        columns.append(Column(f"s{at}", one.ref, Holds.MONEY, totalled=totalled))
        if at:
            words = f"{one.ref} less {found[0].ref}"
            columns.append(Column(f"d{at}", words, Holds.MONEY, formula=f"{{s{at}}}-{{s0}}", totalled=totalled))
    return tuple(columns)


def _beside(title: str, amounts: Sequence[int | None], differences: Sequence[int | None]) -> Row:
    pairs = zip(amounts[1:], differences[1:], strict=True)
    return [title, amounts[0], *(one for pair in pairs for one in pair)]


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
