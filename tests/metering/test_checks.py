"""The pure part of the checks: medians and parts, by hand-made columns."""

from dataclasses import replace

import numpy as np
import pytest

from gridhall.metering import checks, models
from gridhall.metering.limits import Thresholds


def column(*values: int) -> np.ndarray:
    return np.array(values, np.int64)


def facts(rows: int, **given: np.ndarray) -> checks.Facts:
    """Readings of one register each: 100.0 kWh in 30 days after 30 days of the same, unless given."""
    zero, no = np.zeros(rows, np.int64), np.zeros(rows, np.bool_)
    plain = checks.Facts(
        meter_id=np.arange(rows), tou=zero, digits=zero + 5, decimals=zero + 1, multiplier=zero + 1,
        kind=zero + models.ACTUAL, read_on=zero + 200, value=zero + 3000, previous_on=zero + 170,
        previous_value=zero + 2000, previous_kind=zero + models.ACTUAL, actual_on=zero + 170, actual_value=zero + 2000,
        past_on=zero + 140, past_value=zero + 1000,
        year_from_on=zero, year_from_value=zero, year_to_on=zero, year_to_value=zero, parts=zero, conflict=no,
        estimate_there=no, read_later=no,
    )  # fmt: skip
    return replace(plain, **given)


def reasons(known: checks.Facts, **limits: int) -> list[int]:
    rows = len(known.value)
    return checks.decide(
        known, checks.uses_of(known), np.full(rows, -1, np.int64), Thresholds(**limits)
    ).reason.tolist()


def test_the_first_reason_that_fits_is_given() -> None:
    flags = np.array([True, False])
    assert reasons(facts(2, value=column(1000, 1000), conflict=flags)) == [checks.CONFLICT, checks.BELOW_PREVIOUS]
    assert reasons(facts(1, read_on=column(160))) == [checks.OUT_OF_ORDER]
    assert reasons(facts(1, previous_on=column(150), value=column(90_000))) == [checks.GAP]


def test_thresholds_are_data() -> None:
    # 100.0 kWh in 30 days are 3,333 Wh a day; 400.0 kWh are 13,333: 4 times, below 3 times and 5,000 Wh
    assert reasons(facts(1, value=column(6000))) == [0]
    assert reasons(facts(1, value=column(6000)), high_spare_wh_per_day=3_000) == [checks.TOO_HIGH]
    assert reasons(facts(1, value=column(6000)), high_spare_wh_per_day=3_000, high_permille=3500) == [0]


def test_after_an_estimate_the_whole_stretch_since_the_last_real_value_is_judged() -> None:
    values = column(1900, 2000, 2010, 1499, 1510)
    assert reasons(facts(5, value=values))[:3] == [checks.BELOW_PREVIOUS, checks.ZERO_USE, checks.TOO_LOW]
    # the previous value was estimated; 150.0 kWh were really read thirty days before it
    five = column(1, 1, 1, 1, 1)
    known = facts(
        5, value=values, previous_kind=five * models.ESTIMATED, actual_on=five * 140, actual_value=five * 1500,
    )  # fmt: skip
    assert reasons(known) == [0, 0, 0, checks.BELOW_PREVIOUS, checks.TOO_LOW]


def test_reactive_and_demand_are_not_judged_by_size() -> None:
    tou = column(models.REACTIVE, models.DEMAND)
    assert reasons(facts(2, tou=tou, value=column(90_000, 10))) == [0, 0]


@pytest.mark.parametrize(
    ("total", "peak", "valley", "wrong"),
    # 1 % of 300.0 kWh and a step of 0.1 kWh of each of three registers: 3.3 kWh are allowed
    [(3000, 1600, 1400, False), (3000, 1633, 1400, False), (3000, 1634, 1400, True), (3000, 1000, 1400, True)],
)
def test_parts_and_total(total: int, peak: int, valley: int, wrong: bool) -> None:
    zero = column(0, 0, 0)
    known = facts(
        3, meter_id=column(7, 7, 7), tou=column(models.TOTAL, models.PEAK, models.VALLEY),
        value=column(total, peak, valley), previous_value=zero, actual_value=zero, past_on=zero, parts=column(2, 2, 2),
    )  # fmt: skip
    assert (reasons(known) == [checks.PARTS_DIFFER] * 3) is wrong
    # one part was not read that day: nothing can be said
    alone = replace(known, **{name: value[:2] for name, value in vars(known).items()})
    assert checks.PARTS_DIFFER not in reasons(alone)


def test_medians_of_groups_that_are_large_enough() -> None:
    area = column(1, 1, 1, 1, 1, 2, 2, 3)
    use = column(50, 10, 40, 20, 30, 7, 5, 9)
    one = np.ones(8, np.int64)
    found = checks.medians(area, one, one * 0, use, 2)
    assert (found.area_id.tolist(), found.wh_per_day.tolist(), found.members.tolist()) == ([1, 2], [30, 5], [5, 2])
    assert len(checks.medians(area[:0], area[:0], area[:0], area[:0], 2).area_id) == 0
