"""Splits, as pages: the what-ifs, what one comes to, and two or three side by side."""

from collections.abc import Sequence
from typing import Any

import msgspec

from improvement.access.asking import Asked
from improvement.access.routes import page
from improvement.access.rules import May
from improvement.errors import NotFound
from improvement.funding import queries
from improvement.funding.book import UNALLOCATED, State
from improvement.funding.carrying import about, same_page
from improvement.funding.pages import split_forms
from improvement.funding.queries import splits as asking
from improvement.funding.rules.splits import WORDS, Beside, Division, Share, Way, part, side_by_side
from improvement.money import in_hundredths, in_pounds
from improvement.web.lists import as_csv
from improvement.web.replies import File, Page

OF_A_SPLIT = ("ref", "title", "way", "total_pence", "to_posts_pence", "to_regions_pence", "kept_pence", "adopted_on")
BESIDE = ("first", "second", "third")
"""What the splits to compare are called in an address."""


class Bar(msgspec.Struct, frozen=True):
    """One line of a picture: its name, and the width of each of its bars in per cent of the longest."""

    title: str
    widths: tuple[float, ...]
    amounts: tuple[int, ...]


def _all(asked: Asked) -> list[asking.Split]:
    """The splits of the MoU asked about. Raises `NotFound` for those who do not see all of the money."""
    split_forms.check_sees(asked)
    return asking.splits(asked.session, asked.as_at, asked.query.get("mou", ""))


def _one(asked: Asked) -> asking.Split:
    split_forms.check_sees(asked)
    return asking.split(asked.session, asked.as_at, str(asked.sent.path["ref"]))


@page("/funding/splits", may=May.READ_MONEY, of="money")
def splits(asked: Asked) -> Page:
    """The what-if splits that stand."""
    split_forms.check_sees(asked)
    changing = split_forms.changing(asked)
    if not queries.mous(asked.session, asked.as_at):
        return Page("funding/nothing.html", {"changing": changing})
    found, mou = _all(asked), queries.mou(asked.session, asked.as_at, asked.query.get("mou", ""))
    shows = {"splits": found, "mou": mou, "words": WORDS, "changing": changing, "choices": _choices(found)}
    return about(asked, mou.mou, "funding/splits.html", shows)


def _choices(found: Sequence[asking.Split]) -> list[tuple[str, str]]:
    return [(each.ref, f"{each.ref}, {each.title}") for each in found if each.division]


@page("/funding/splits.csv", may=May.READ_MONEY, of="money")
def splits_csv(asked: Asked) -> File:
    """The splits for a spreadsheet."""
    rows = ([getattr(each, name) for name in OF_A_SPLIT] for each in _all(asked))
    return File(as_csv(OF_A_SPLIT, rows), "text/csv", f"splits-{asked.as_at.on}.csv")


@page("/funding/splits.json", may=May.READ_MONEY, of="money")
def splits_json(asked: Asked) -> File:
    """The splits for a program."""
    return File(msgspec.json.encode(_all(asked)), "application/json", f"splits-{asked.as_at.on}.json")


@page("/funding/splits/{ref:str}", may=May.READ_MONEY, of="money")
def split(asked: Asked) -> Page:
    """One split: who gets what, how that was worked out, and what it would change."""
    split_forms.check_sees(asked)
    ref, changing = str(asked.sent.path["ref"]), split_forms.changing(asked)
    versions = asking.versions(asked.session, asked.as_at, ref)
    gone = None if versions else asking.set_aside(asked.session, asked.as_at, ref)
    if gone is not None:
        return about(asked, gone.mou, "funding/split_aside.html", {"gone": gone, "changing": changing})
    found = _one(asked)
    mou = queries.mou(asked.session, asked.as_at, found.mou)
    shows = {
        "split": found,
        "version": found.version,
        "versions": versions,
        "mou": mou,
        "words": WORDS,
        "changing": changing,
        "adoptable": mou.state in (State.NEGOTIATION, State.AGREED) and _changes(asked, found),
        **(_of_division(asked, found.mou, found.division, found.way) if found.division else {}),
    }
    return about(asked, mou.mou, "funding/split.html", shows)


def _changes(asked: Asked, found: asking.Split) -> bool:
    """Whether adopting a split would do anything: not while it is the one adopted last and holds on every line."""
    if found.division is None:
        return False
    last = asking.last_adopted(asked.session, found.mou)
    if last is None or last.id != found.version.id:
        return True
    given = {share.line: share.amount_pence for share in found.division.lines}
    now = queries.lines(asked.session, asked.as_at, found.mou)
    return any(row.allocated_pence != given.get(row.line, 0) for row in now if row.line != UNALLOCATED)


def _of_division(asked: Asked, mou: str, division: Division, way: Way) -> dict[str, Any]:
    """What a page shows of a division, beside what the lines are allocated now."""
    now = {row.line: row.allocated_pence for row in queries.lines(asked.session, asked.as_at, mou)}
    shares = {share.line: share for share in division.lines}
    rows = [(share, part(share.amount_pence, division.total_pence), now.get(share.line, 0)) for share in division.lines]
    left = [row for row in queries.lines(asked.session, asked.as_at, mou) if row.line not in {*shares, UNALLOCATED}]
    return {
        "division": division,
        "groups": [(kind, [row for row in rows if row[0].kind == kind]) for kind in ("post", "region")],
        "without": [row for row in left if row.allocated_pence],
        "now": now,
        "unallocated": now.get(UNALLOCATED, 0),
        "part": lambda pence: in_hundredths(part(pence, division.total_pence)),
        "weight": lambda share: _weight(way, share),
        "weight_words": _WEIGHT_WORDS[way],
        "bars": _bars([(share.title, (share.amount_pence,)) for share in division.lines]),
        "parts": [
            ("paid", "National posts", division.to_posts_pence),
            ("allocated", "Regions", division.to_regions_pence),
            ("unallocated", "Kept unallocated", division.kept_pence),
        ],
    }


_WEIGHT_WORDS = {
    Way.EQUALLY: "Counts as",
    Way.PER_COUNCIL: "Councils",
    Way.BY_ADULTS: "Adults aged 18 and over",
    Way.BY_HAND: "By hand",
    Way.BY_PERCENTAGE: "Per cent",
}


def _weight(way: Way, share: Share) -> str:
    """What a region counts for, as people write it."""
    if way is Way.BY_HAND:
        return in_pounds(share.weight)
    return in_hundredths(share.weight) if way is Way.BY_PERCENTAGE else f"{share.weight:,}"


def _bars(rows: Sequence[tuple[str, tuple[int, ...]]]) -> list[Bar]:
    longest = max((pence for _, amounts in rows for pence in amounts), default=0) or 1
    return [Bar(title, tuple(round(p * 100 / longest, 3) for p in amounts), amounts) for title, amounts in rows]


@page("/funding/splits/{ref:str}/division.csv", may=May.READ_MONEY, of="money")
def division_csv(asked: Asked) -> File:
    """Who gets what in one split, for a spreadsheet."""
    found = _one(asked)
    names = Share.__struct_fields__
    rows = [list(msgspec.structs.astuple(share)) for share in (found.division.lines if found.division else ())]
    kept = {"line": UNALLOCATED, "kind": UNALLOCATED, "title": "Kept unallocated", "amount_pence": found.kept_pence}
    return File(
        as_csv(names, [*rows, [kept.get(name) for name in names]]), "text/csv", f"{found.ref}-{asked.as_at.on}.csv"
    )


@page("/funding/splits/{ref:str}/division.json", may=May.READ_MONEY, of="money")
def division_json(asked: Asked) -> File:
    """One split and its division, for a program."""
    found = _one(asked)
    return File(msgspec.json.encode(found), "application/json", f"{found.ref}-{asked.as_at.on}.json")


@page("/funding/splits/compare", may=May.READ_MONEY, of="money")
def compare(asked: Asked) -> Page:
    """Two or three splits side by side: what each gives to every line, and the differences."""
    split_forms.check_sees(asked)
    if not queries.mous(asked.session, asked.as_at):
        return Page("funding/nothing.html", {"changing": split_forms.changing(asked)})
    found = compared(asked)
    named = asked.query.get("mou", "") or next((each.mou for each in found), "")
    mou = queries.which_mou(asked.session, asked.as_at, named)
    divisions = [each.division for each in found if each.division]
    rows = side_by_side(divisions) if len(divisions) > 1 else []
    regions = [row for row in rows if row.kind == "region"]
    shows = {
        "splits": found,
        "choices": _choices(asking.splits(asked.session, asked.as_at, mou)),
        "wanted": {name: asked.query.get(name, "") for name in BESIDE},
        "kept": {name: value for name, value in same_page(asked, mou).items() if value},
        "words": WORDS,
        "rows": rows,
        "groups": _by_kind(rows),
        "regions": regions,
        "bars": _bars([(row.title, row.amounts) for row in regions]),
        "inks": ("#431d4a", "#9a6fa2", "#dccfe0"),
    }
    return about(asked, mou, "funding/split_compare.html", shows)


def compared(asked: Asked) -> list[asking.Split]:
    """The splits an address names, each once. Raises `NotFound`."""
    refs = dict.fromkeys(asked.query[name] for name in BESIDE if asked.query.get(name))
    found = [asking.split(asked.session, asked.as_at, ref) for ref in refs]
    for each in found:
        if each.division is None:
            raise NotFound(f"{each.ref} cannot be compared. {each.fault}")
    return found


def _by_kind(rows: Sequence[Beside]) -> list[tuple[str, list[Beside]]]:
    kinds = (("post", "National posts"), ("region", "Regions"), (UNALLOCATED, "Not given to a post or region"))
    groups = ((words, [row for row in rows if row.kind == kind]) for kind, words in kinds)
    return [(words, of_kind) for words, of_kind in groups if of_kind]


routes = [
    splits,
    splits_csv,
    splits_json,
    compare,
    split,
    division_csv,
    division_json,
    *split_forms.routes,
]
