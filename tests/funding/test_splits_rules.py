"""How a split divides money, as a policy colleague would say it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from improvement.errors import Refused
from improvement.funding.book import UNALLOCATED, Leg, LineKind
from improvement.funding.rules import splits
from improvement.funding.rules.splits import (
    DoesNotAddUp,
    NobodyToShare,
    NotInTheSplit,
    Place,
    PostShare,
    RegionShare,
    Way,
    WhatIf,
    worked_out,
)

LEAD = Place("programme-lead", LineKind.POST, "Programme lead")
EAST, LONDON, NORTH = (
    Place("east", LineKind.REGION, "East", councils=3, adults=1_000_000),
    Place("london", LineKind.REGION, "London", councils=33, adults=6_000_000),
    Place("north", LineKind.REGION, "North", councils=12, adults=2_000_001),
)
PLACES = [LONDON, LEAD, NORTH, EAST]


def divided(way: Way = Way.EQUALLY, places: list[Place] = PLACES, **more: Any) -> dict[str, int]:
    """What each line gets of £100.00, unless it says another amount."""
    division = worked_out(WhatIf(**{"total_pence": 100_00, "way": way, **more}), places)
    assert sum(division.amounts().values()) + division.kept_pence == division.total_pence
    return division.amounts()


def test_the_odd_penny_goes_to_the_region_that_comes_first_by_name_when_all_are_owed_the_same() -> None:
    assert divided() == {"east": 33_34, "london": 33_33, "north": 33_33}


def test_the_rest_is_shared_after_posts_and_what_is_kept() -> None:
    shares = divided(posts=(PostShare("programme-lead", 40_00),), kept_pence=30_00)
    assert shares == {"programme-lead": 40_00, "east": 10_00, "london": 10_00, "north": 10_00}


def test_regions_share_by_their_councils_or_by_their_adults() -> None:
    assert divided(Way.PER_COUNCIL, total_pence=48_00) == {"east": 3_00, "london": 33_00, "north": 12_00}
    assert divided(Way.BY_ADULTS) == {"east": 11_11, "london": 66_67, "north": 22_22}


def test_each_region_may_have_a_base_before_the_rest_is_shared() -> None:
    assert divided(Way.PER_COUNCIL, base_pence=10_00, total_pence=78_00) == {
        "east": 13_00, "london": 43_00, "north": 22_00,
    }  # fmt: skip


def test_by_hand_each_region_gets_what_is_written_beside_it() -> None:
    by_hand = (RegionShare("london", 60_00), RegionShare("north", 40_00))
    assert divided(Way.BY_HAND, shares=by_hand) == {"east": 0, "london": 60_00, "north": 40_00}


def test_percentages_are_of_what_is_left_after_the_bases() -> None:
    shares = (RegionShare("london", hundredths=33_33), RegionShare("north", hundredths=66_67))
    assert divided(Way.BY_PERCENTAGE, shares=shares, base_pence=10_00) == {
        "east": 10_00, "london": 33_33, "north": 56_67,
    }  # fmt: skip


def test_how_a_share_was_made_is_told_to_a_ten_thousandth_of_a_penny() -> None:
    first, second, _ = worked_out(WhatIf(total_pence=100_00, way=Way.EQUALLY, base_pence=1_00), PLACES).lines
    assert (first.exact_pence, first.exact_in_pounds, first.penny_added) == ("3233.3333", "£32.333333", True)
    assert (second.base_pence, second.weight, second.penny_added) == (1_00, 1, False)
    assert (first.per_council_pence, first.per_thousand_adults_pence) == (11_11, 3)


REFUSED: list[tuple[type[Refused], dict[str, Any], str]] = [
    (DoesNotAddUp, {"kept_pence": 100_01}, "£0.01 more than the £100.00 to split"),
    (DoesNotAddUp, {"base_pence": 33_34}, "£0.02 more than"),
    (
        DoesNotAddUp,
        {"way": Way.BY_HAND, "shares": (RegionShare("london", 99_99),)},
        "come to £99.99, which is £0.01 less than the £100.00 left",
    ),
    (
        DoesNotAddUp,
        {"way": Way.BY_PERCENTAGE, "shares": (RegionShare("london", hundredths=99_99),)},
        "come to 99.99%, which is 0.01 less than 100.00%",
    ),
    (
        DoesNotAddUp,
        {"way": Way.BY_PERCENTAGE, "shares": tuple(RegionShare(one, hundredths=50_01) for one in ("east", "north"))},
        "come to 100.02%, which is 0.02 more",
    ),
    (NotInTheSplit, {"posts": (PostShare("nobody", 1),)}, "“nobody” is not an open national post"),
    (NotInTheSplit, {"posts": (PostShare("london", 1),)}, "“london” is not an open national post"),
    (NotInTheSplit, {"shares": (RegionShare("wessex", 1),)}, "“wessex” is not a region"),
    (NotInTheSplit, {"posts": (PostShare("programme-lead", 1),) * 2}, "named twice"),
    (NotInTheSplit, {"shares": (RegionShare("london", 1),) * 2}, "named twice"),
    (NobodyToShare, {"places": [LEAD]}, "no region has an open funding line"),
    (NobodyToShare, {"places": [Place("far", LineKind.REGION, "Far")], "way": Way.PER_COUNCIL}, "there are none"),
    (NobodyToShare, {"places": [Place("far", LineKind.REGION, "Far")], "way": Way.BY_ADULTS}, "there are none"),
]


@pytest.mark.parametrize(("refusal", "wanted", "says"), REFUSED, ids=[says for *_, says in REFUSED])
def test_a_split_that_cannot_be_is_refused_with_the_figures(
    refusal: type[Refused], wanted: dict[str, Any], says: str
) -> None:
    with pytest.raises(refusal, match=says):
        divided(**wanted)


def test_everything_may_go_to_posts_or_be_kept_and_then_regions_get_nothing() -> None:
    assert divided(kept_pence=100_00) == {"east": 0, "london": 0, "north": 0}
    assert divided(places=[LEAD], posts=(PostShare("programme-lead", 100_00),)) == {"programme-lead": 100_00}


PLACED = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 7_000_000)), min_size=1, max_size=9).map(
    lambda counts: [
        Place(f"r{at}", LineKind.REGION, f"Region {at}", *counted) for at, counted in enumerate(counts)
    ]
)  # fmt: skip


@given(
    PLACED,
    st.sampled_from([Way.EQUALLY, Way.PER_COUNCIL, Way.BY_ADULTS]),
    st.integers(0, 10**11),
    st.integers(0, 10**6),
    st.integers(0, 10**6),
    st.randoms(),
)
def test_whatever_is_shared_adds_up_to_the_penny_and_more_weight_never_means_less(
    places: list[Place], way: Way, rest: int, base: int, kept: int, anyhow: Any
) -> None:
    total = rest + base * len(places) + kept
    split = WhatIf(total_pence=total, way=way, base_pence=base, kept_pence=kept)
    weights = {place.line: splits.WEIGHTS[way](place, RegionShare(place.line)) for place in places}
    if rest and not any(weights.values()):
        with pytest.raises(NobodyToShare):
            worked_out(split, places)
        return
    division = worked_out(split, places)
    amounts = division.amounts()
    assert sum(amounts.values()) + kept == total == division.to_regions_pence + kept
    assert min(amounts.values()) >= base
    in_order = sorted(places, key=lambda place: (-weights[place.line], place.title))
    got = [amounts[place.line] for place in in_order]
    assert got == sorted(got, reverse=True), "equal weights differ by at most the penny of the first by name"
    for share in division.lines:
        assert abs((share.amount_pence - base) * sum(weights.values()) - rest * share.weight) <= sum(weights.values())
    shuffled = list(places)
    anyhow.shuffle(shuffled)
    assert worked_out(split, shuffled) == division


LINES = st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 10**9))


@given(LINES, LINES)
def test_the_legs_of_an_adoption_come_to_nil_and_make_the_allocations_what_is_wanted(
    wanted: dict[str, int], now: dict[str, int]
) -> None:
    legs = splits.legs(splits.differences(wanted, now))
    assert sum(leg.amount_pence for leg in legs) == 0
    assert all(leg.amount_pence for leg in legs)
    after = dict(now)
    for leg in legs:
        if leg.line != UNALLOCATED:
            after[leg.line] = after.get(leg.line, 0) + leg.amount_pence
    assert {line: pence for line, pence in after.items() if pence} == {
        line: pence for line, pence in wanted.items() if pence
    }


def test_what_is_not_balanced_among_lines_comes_from_the_unallocated_sum() -> None:
    assert splits.legs({"london": 5, "north": -2}) == (Leg("london", 5), Leg("north", -2), Leg(UNALLOCATED, -3))
