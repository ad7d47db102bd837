"""Funding lines on a sheet, in the order of the pages: national posts, then regions, then what is not given."""

from collections.abc import Iterable, Sequence
from typing import Any

from improvement.funding.book import UNALLOCATED, LineKind
from improvement.funding.rules import WORDS
from improvement.web.filters import mid_sentence
from improvement.web.workbook import Band, Column, rows_of


def by_kind(columns: Sequence[Column], rows: Iterable[Any], *, whole: bool) -> list[Band]:
    """Things with the `kind` of their line. With the `whole`, each kind has a subtotal, and says when it has none."""
    told, bands = list(rows), []
    for kind in LineKind:
        of_kind, words = [row for row in told if row.kind == kind], mid_sentence(WORDS[kind])
        if of_kind or whole:
            more = {"subtotal": f"All {words}", "empty": f"No {words} yet."} if whole else {}
            bands.append(Band(rows_of(columns, of_kind), title=WORDS[kind], **more))
    left = [row for row in told if row.kind == UNALLOCATED]
    if left:
        bands.append(Band(rows_of(columns, left), title="Not given to a post or region"))
    return bands
