"""How a split divides the money of an MoU: exact to the penny, and adding up, or refused with the figures."""

from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum
from typing import Annotated

import msgspec

from improvement.errors import Conflict, Refused
from improvement.funding.book import UNALLOCATED, Leg, LineKind
from improvement.money import MOST, in_hundredths, in_pounds, share_out

WHOLE = 100_00
"""All of it, in hundredths of a per cent."""
_PLACES = 10_000
"""To what part of a penny an exact share is written."""


class Way(StrEnum):
    """How what is left for regions is shared among them, after each has its base."""

    EQUALLY = "equally"
    PER_COUNCIL = "per council"
    BY_ADULTS = "by adults"
    BY_HAND = "by hand"
    BY_PERCENTAGE = "by percentage"


WORDS: dict[str, str] = {
    Way.EQUALLY: "Equally",
    Way.PER_COUNCIL: "Per council",
    Way.BY_ADULTS: "By adults aged 18 and over",
    Way.BY_HAND: "By hand",
    Way.BY_PERCENTAGE: "By percentage",
}
"""The ways as they are said on screen."""


class PostShare(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a split gives to one post, in pence."""

    line: str
    amount_pence: Annotated[int, msgspec.Meta(ge=0, le=MOST)]


class RegionShare(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a region gets by hand, in pence; or of the rest, in hundredths of a per cent."""

    line: str
    amount_pence: Annotated[int, msgspec.Meta(ge=0, le=MOST)] = 0
    hundredths: Annotated[int, msgspec.Meta(ge=0, le=WHOLE)] = 0


class WhatIf(msgspec.Struct, frozen=True, kw_only=True):
    """A split as it was entered: what there is to divide, and how."""

    total_pence: int
    way: Way
    kept_pence: int = 0
    base_pence: int = 0
    posts: tuple[PostShare, ...] = ()
    shares: tuple[RegionShare, ...] = ()


class Place(msgspec.Struct, frozen=True):
    """An open funding line; of a region also the councils in being there and their adults."""

    line: str
    kind: LineKind
    title: str
    councils: int = 0
    adults: int = 0


class Share(msgspec.Struct, frozen=True, kw_only=True):
    """What one line gets, and how: its base, its weight, its exact share of the rest, and whether a penny was added.

    `exact_pence` is cut off after four decimals of a penny; it is empty where nothing was shared out.
    """

    line: str
    kind: LineKind
    title: str
    amount_pence: int
    base_pence: int = 0
    weight: int = 0
    exact_pence: str = ""
    penny_added: bool = False
    councils: int = 0
    adults: int = 0

    @property
    def exact_in_pounds(self) -> str:
        """Its exact share of the rest, to a ten-thousandth of a penny: £61,111.111111."""
        whole, _, part = self.exact_pence.partition(".")
        return in_pounds(int(whole)) + part if whole else ""

    @property
    def per_thousand_adults_pence(self) -> int | None:
        return _nearest(self.amount_pence * 1000, self.adults)

    @property
    def per_council_pence(self) -> int | None:
        return _nearest(self.amount_pence, self.councils)


class Division(msgspec.Struct, frozen=True, kw_only=True):
    """Who gets what, posts first and each kind by name: together with what is kept it is the whole, to the penny."""

    total_pence: int
    to_posts_pence: int
    to_regions_pence: int
    kept_pence: int
    lines: tuple[Share, ...]

    def amounts(self) -> dict[str, int]:
        """What each line gets, in pence."""
        return {share.line: share.amount_pence for share in self.lines}


class DoesNotAddUp(Refused):
    """Posts, regions and what is kept come to the whole, and percentages to one hundred."""


class NotInTheSplit(Refused):
    """Money is split among posts and regions that are open, each named once."""


class NobodyToShare(Refused):
    """What is left for regions needs regions to share it, and something to share it by."""


class AdoptedAlready(Conflict):
    """A split that stands as adopted is not adopted again, nor changed."""


class MovedSince(Refused):
    """A split is adopted on a day after which no allocation has changed."""


class StandsAsAdopted(Refused):
    """What was adopted stays as it was adopted while the money it moved stands."""


class NothingToSplit(Refused):
    """A split is of an amount: the one that is given, or the one in force."""


class NoSuchVersion(Refused):
    """A version follows another of its own split, and is not from an earlier day."""


WEIGHTS: dict[Way, Callable[[Place, RegionShare], int]] = {
    Way.EQUALLY: lambda _, __: 1,
    Way.PER_COUNCIL: lambda place, _: place.councils,
    Way.BY_ADULTS: lambda place, _: place.adults,
    Way.BY_HAND: lambda _, share: share.amount_pence,
    Way.BY_PERCENTAGE: lambda _, share: share.hundredths,
}
"""What each region counts for."""


def worked_out(split: WhatIf, places: Iterable[Place]) -> Division:
    """What each line gets, to the penny, by largest remainder: the pennies left over when every share is rounded down
    go, one each, to the largest parts of a penny; equal parts are settled in the order of the regions' names.

    Raises `NotInTheSplit`, `NobodyToShare` or `DoesNotAddUp`.
    """
    in_turn = sorted(places, key=lambda place: (place.title, place.line))
    posts = [place for place in in_turn if place.kind is LineKind.POST]
    regions = [place for place in in_turn if place.kind is LineKind.REGION]
    _check_named([each.line for each in split.posts], posts, "posts", "an open national post")
    _check_named([each.line for each in split.shares], regions, "shares", "a region with an open funding line")
    given = {each.line: each.amount_pence for each in split.posts}
    to_posts = sum(given.values())
    rest = _rest(split, to_posts, len(regions))
    shared = _shared(split, regions, rest)
    of_posts = (
        Share(line=post.line, kind=post.kind, title=post.title, amount_pence=given[post.line])
        for post in posts
        if given.get(post.line)
    )
    return Division(
        total_pence=split.total_pence,
        to_posts_pence=to_posts,
        to_regions_pence=split.total_pence - to_posts - split.kept_pence,
        kept_pence=split.kept_pence,
        lines=(*of_posts, *shared),
    )


def _check_named(named: Sequence[str], known: Sequence[Place], field: str, what: str) -> None:
    lines = {place.line for place in known}
    for at, line in enumerate(named):
        if line not in lines:
            raise NotInTheSplit(f"“{line[:60]}” is not {what} on the day of this split.", field=field)
        if line in named[:at]:
            raise NotInTheSplit(f"“{line}” is named twice. Name each line once.", field=field)


def _rest(split: WhatIf, to_posts: int, regions: int) -> int:
    """What is left to share among regions once posts, what is kept and the bases are taken off. In pence."""
    bases = split.base_pence * regions
    rest = split.total_pence - to_posts - split.kept_pence - bases
    if rest < 0:
        parts = f"{in_pounds(to_posts)} for posts, {in_pounds(split.kept_pence)} kept and {in_pounds(bases)} of bases"
        raise DoesNotAddUp(
            f"{parts} come to {in_pounds(split.total_pence - rest)}, which is {in_pounds(-rest)} more than the "
            f"{in_pounds(split.total_pence)} to split.",
            field="total_pence",
        )
    if rest and not regions:
        raise NobodyToShare(
            f"{in_pounds(rest)} is left for regions, and no region has an open funding line. Keep it, or give it to "
            "posts.",
            field="way",
        )
    return rest


def _shared(split: WhatIf, regions: Sequence[Place], rest: int) -> list[Share]:
    by_line = {each.line: each for each in split.shares}
    weights = [WEIGHTS[split.way](place, by_line.get(place.line, RegionShare(place.line))) for place in regions]
    whole = sum(weights)
    _check_weights(split.way, whole, rest)
    # Where nothing is left, nobody gets any of it, whatever they count for.
    shares = share_out(rest, weights) if rest else [0] * len(regions)
    return [
        Share(
            line=place.line,
            kind=place.kind,
            title=place.title,
            amount_pence=split.base_pence + share,
            base_pence=split.base_pence,
            weight=weight,
            exact_pence=_exact(rest * weight, whole),
            penny_added=share * whole > rest * weight,
            councils=place.councils,
            adults=place.adults,
        )
        for place, weight, share in zip(regions, weights, shares, strict=True)
    ]


def _check_weights(way: Way, whole: int, rest: int) -> None:
    off = whole - (rest if way is Way.BY_HAND else WHOLE)
    more = "more" if off > 0 else "less"
    if way is Way.BY_HAND and off:
        raise DoesNotAddUp(
            f"The amounts by hand come to {in_pounds(whole)}, which is {in_pounds(abs(off))} {more} than the "
            f"{in_pounds(rest)} left for regions.",
            field="shares",
        )
    if way is Way.BY_PERCENTAGE and off:
        raise DoesNotAddUp(
            f"The percentages come to {in_hundredths(whole)}%, which is {in_hundredths(abs(off))} {more} than 100.00%.",
            field="shares",
        )
    if rest and not whole:
        raise NobodyToShare(
            f"{in_pounds(rest)} is left for regions and cannot be shared {_by(way)}: there are none. Choose another "
            "way.",
            field="way",
        )


def _by(way: Way) -> str:
    return WORDS[way][:1].lower() + WORDS[way][1:]


def _exact(of_rest: int, whole: int) -> str:
    if not whole:
        return ""
    pence, left = divmod(of_rest, whole)
    return f"{pence}.{left * _PLACES // whole:04d}"


def _nearest(pence: int, among: int) -> int | None:
    """Pence for each, to the nearest penny; none where there is nobody."""
    return (2 * pence + among) // (2 * among) if among else None


def differences(wanted: dict[str, int], now: dict[str, int]) -> dict[str, int]:
    """What each line would gain or (below zero) give for the allocations to become what is wanted. In pence."""
    gains = {line: wanted.get(line, 0) - now.get(line, 0) for line in sorted({*wanted, *now})}
    return {line: pence for line, pence in gains.items() if pence}


def legs(gains: dict[str, int]) -> tuple[Leg, ...]:
    """One virement that makes these differences: what they come to is taken from, or goes to, the unallocated sum."""
    left = -sum(gains.values())
    return (*(Leg(line, pence) for line, pence in gains.items()), *([Leg(UNALLOCATED, left)] if left else []))


class Beside(msgspec.Struct, frozen=True):
    """One line in each of several divisions; differences are from the first of them. In pence."""

    line: str
    kind: str
    title: str
    amounts: tuple[int, ...]
    differences: tuple[int, ...]
    per_thousand_adults: tuple[int | None, ...]
    differences_per_thousand: tuple[int | None, ...]


def side_by_side(divisions: Sequence[Division]) -> list[Beside]:
    """Every line that any of them gives to, posts first and each kind by name, then what is kept."""
    shares = {share.line: share for division in reversed(divisions) for share in division.lines}
    by_line = [{share.line: share for share in division.lines} for division in divisions]
    rows = []
    for share in sorted(shares.values(), key=lambda each: (each.kind, each.title, each.line)):
        found = [each.get(share.line) for each in by_line]
        heads = tuple(each.per_thousand_adults_pence if each else None for each in found)
        amounts = tuple(each.amount_pence if each else 0 for each in found)
        rows.append(_beside(share.line, share.kind, share.title, amounts, heads))
    kept = tuple(division.kept_pence for division in divisions)
    return [*rows, _beside(UNALLOCATED, UNALLOCATED, "Kept unallocated", kept, (None,) * len(divisions))]


def _beside(line: str, kind: str, title: str, amounts: tuple[int, ...], heads: tuple[int | None, ...]) -> Beside:
    first = heads[0]
    per_head = (None if head is None or first is None else head - first for head in heads)
    return Beside(line, kind, title, amounts, tuple(pence - amounts[0] for pence in amounts), heads, tuple(per_head))


def part(pence: int, total: int) -> int:
    """What part of a total an amount is, in hundredths of a per cent, to the nearest."""
    return _nearest(pence * WHOLE, total) or 0
