"""Which uses are believed: a table, and the same over columns."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridhall.columns.plausible import Limits, back_too_much, judge_uses
from gridhall.rules.plausible import (
    BELIEVED,
    FAR,
    NOTHING_USED,
    TOO_HIGH,
    TOO_LOW,
    UNKNOWN,
    judge_use,
    most_believed,
    takes_back_too_much,
)

# Readings as shipped: three times the highest day and 5 kWh, a fifth of the lowest where that is 2 kWh or more, nothing
# where that is 0.5 kWh or more. Wh a day.
READING = (3000, 5_000, 0, 200, 2_000, 500)
# Bills of a home as shipped: six times, a twentieth; below 15 kWh a day nothing is a surprise.
BILL = (6000, 0, 15_000, 50, 15_000, FAR)


@pytest.mark.parametrize(
    ("limits", "wh", "per_day", "highest", "lowest", "verdict"),
    [
        # 3 × 4,000 + 5,000 = 17,000 is believed, one more is not
        (READING, 510_000, 17_000, 4_000, 3_000, BELIEVED),
        (READING, 510_030, 17_001, 4_000, 3_000, TOO_HIGH),
        # a fifth of 3,000 is 600; of 1,999 nothing is asked
        (READING, 18_000, 600, 4_000, 3_000, BELIEVED),
        (READING, 17_970, 599, 4_000, 3_000, TOO_LOW),
        (READING, 30, 1, 4_000, 1_999, BELIEVED),
        (READING, 0, 0, 4_000, 500, NOTHING_USED),
        (READING, 0, 0, 4_000, 499, BELIEVED),
        (READING, 900_000_000, 30_000_000, UNKNOWN, UNKNOWN, BELIEVED),
        # 6 × 2,000 = 12,000 lies below the floor of 15,000
        (BILL, 450_000, 15_000, 2_000, 2_000, BELIEVED),
        (BILL, 450_030, 15_001, 2_000, 2_000, TOO_HIGH),
        # a twentieth of 20,000 is 1,000; of 14,999 nothing is asked
        (BILL, 29_970, 999, 20_000, 20_000, TOO_LOW),
        (BILL, 0, 0, 20_000, 14_999, BELIEVED),
        (BILL, 0, 0, 20_000, 20_000, TOO_LOW),
    ],
)
def test_the_table(
    limits: tuple[int, int, int, int, int, int], wh: int, per_day: int, highest: int, lowest: int, verdict: int
) -> None:
    assert judge_use(wh, per_day, highest, lowest, *limits) == verdict


def test_the_most_that_is_believed() -> None:
    assert most_believed(4_000, 3000, 5_000, 0) == 17_000
    assert most_believed(2_000, 6000, 0, 15_000) == 15_000


@pytest.mark.parametrize(
    ("wh", "after_estimate", "billed_before", "too_much"),
    [(-1, 0, 100, True), (-100, 1, 100, False), (-101, 1, 100, True), (0, 0, 0, False), (5, 1, 0, False)],
)
def test_what_is_taken_back(wh: int, after_estimate: int, billed_before: int, too_much: bool) -> None:
    assert takes_back_too_much(wh, after_estimate, billed_before) is too_much


USE = st.integers(-(2**42), 2**42)


@settings(deadline=None)
@given(st.lists(st.tuples(USE, USE, st.integers(-1, 2**42), st.integers(-1, 2**42), st.integers(0, 2**20))), USE)
def test_columns_say_the_same(rows: list[tuple[int, int, int, int, int]], billed: int) -> None:
    wh, per_day, highest, lowest, floor = (np.array([row[k] for row in rows], np.int64) for k in range(5))
    limits = Limits(6000, 7, floor, 50, floor, 500)
    assert judge_uses(wh, per_day, highest, lowest, limits).tolist() == [
        judge_use(*row[:4], 6000, 7, row[4], 50, row[4], 500) for row in rows
    ]
    after = np.abs(per_day) % 2
    before = np.full(len(rows), abs(billed), np.int64)
    assert back_too_much(wh, after, before).tolist() == [
        takes_back_too_much(row[0], abs(row[1]) % 2, abs(billed)) for row in rows
    ]
