"""What was planned and paid by month: to scale, inside the picture, whatever the sums."""

from hypothesis import given
from hypothesis import strategies as st

from improvement.web.burning import BASE, TOP, BurnPoint, lay_out_burn

SUMS = st.integers(-(10**9), 10**14)
POINTS = st.lists(st.builds(BurnPoint, st.just("Apr"), SUMS, st.none() | SUMS), max_size=24)


@given(POINTS)
def test_every_month_stays_inside_the_picture_and_in_order(points: list[BurnPoint]) -> None:
    placed = lay_out_burn(points)
    assert [column.point for column in placed.columns] == points
    assert sorted(column.x for column in placed.columns) == [column.x for column in placed.columns]
    for column in placed.columns:
        assert TOP - 0.1 <= column.planned_y <= BASE
        assert 0 <= column.paid_height <= BASE - TOP + 0.1
        assert column.x + column.width <= 100
    assert len(placed.lines) <= 4


def test_half_of_the_plan_is_half_as_high() -> None:
    whole, half = lay_out_burn([BurnPoint("Apr", 100_00, 50_00), BurnPoint("May", 200_00, None)]).columns
    assert whole.paid_height * 2 == BASE - whole.planned_y
    assert half.paid_height == 0
