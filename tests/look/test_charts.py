"""Charts: what is drawn stands in proportion to what it means."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridhall.doors.look import charts, formats


def column(*values: int) -> charts.Column:
    return charts.Column("x", "x", values, tuple(str(value) for value in values), str(sum(values)))


def per_cent(text: str) -> float:
    assert text.endswith("%")
    return float(text[:-1])


@pytest.mark.parametrize(
    ("reach", "step"), [(0, 1), (3, 1), (322, 200), (186, 100), (1000, 500), (7, 5), (30, 10), (61, 25)]
)
def test_axis_steps_are_round(reach: int, step: int) -> None:
    assert charts.nice_step(reach) == step


@given(st.lists(st.tuples(st.integers(0, 10**9), st.integers(0, 10**9)), min_size=1, max_size=24))
def test_columns_stand_in_proportion(values: list[tuple[int, int]]) -> None:
    series = [charts.Series("a", "peak"), charts.Series("b", "valley")]
    chart = charts.columns("t", "u", series, [column(*pair) for pair in values], formats.count_text)
    heights = [sum(per_cent(box.height) for box in one.boxes) for one in chart.columns]
    most = max(range(len(values)), key=lambda place: sum(values[place]))
    for place, pair in enumerate(values):
        if sum(values[most]):
            assert heights[place] == pytest.approx(heights[most] * sum(pair) / sum(values[most]), abs=0.05)
        for box in chart.columns[place].boxes:
            assert 0 <= per_cent(box.y) <= 100
    assert len(chart.ticks) <= 5


def test_a_negative_month_hangs_below_the_axis() -> None:
    chart = charts.columns("t", "u", [charts.Series("a", "cost")], [column(100), column(-50)], formats.count_text)
    up, down = chart.columns[0].boxes[0], chart.columns[1].boxes[0]
    assert per_cent(up.y) < per_cent(chart.base)
    assert per_cent(down.y) == per_cent(chart.base)


def test_shares_never_exceed_the_bar() -> None:
    parts = charts.shares([("valley", 2520), ("flat", 3000), ("peak", 10)], 4800)
    assert [(part.x, part.width) for part in parts] == [("0%", "52.5%"), ("52.5%", "47.5%")]
