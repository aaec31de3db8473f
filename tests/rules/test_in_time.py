"""Blocks that fill in the order of time: found from the steps, priced by the rules, and every Wh where it was used."""

import os

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from gridhall.columns.rating import Segments, pack, rate
from gridhall.rules.in_time import facts_in_time
from gridhall.rules.layout import FAULT_PARTS
from gridhall.rules.plan import CompiledPlan, RatedBill, rate_with
from gridhall.tariffs.book import load_book
from gridhall.tariffs.by_load import rate_by_book
from gridhall.tariffs.compile import compile_version

TRIES = int(os.environ.get("GRIDHALL_TRIES", "100"))
BOOK = """
tariff: test-in-time
name: Blocks in the order of time
currency: USD
source: made for this test
for: {{class: residential}}
versions:
  - from: 2024-01-01
    rounding: once per bill, half up, to 0.01
    periods: {{peak: "12:00-20:00", valley: rest}}
    energy:
      - price per kWh: {{peak: {peak}, valley: {valley}}}
        blocks: {{count: {count}, limits: {limits}, with periods: in time}}
"""
FIRST = 739_100
PEAK, VALLEY = 1, 3


def _plan(limits: list[int], count: str = "the month's kWh") -> CompiledPlan:
    peak, valley = ([(k + first) / 10 for k in range(len(limits) + 1)] for first in (5, 1))
    told = [f"{limit / 1000} a month" for limit in limits]
    book = load_book(BOOK.format(peak=peak, valley=valley, count=count, limits=told))
    return compile_version(book, book.versions[0])


def _segments(
    plan: CompiledPlan, months: list[list[tuple[int, int]]], year_used: int, year_months: int
) -> list[dict[str, int]]:  # fmt: skip
    """A bill of a piece for each list of (Wh, period), with the facts that its steps give."""
    segments, used = [], 0
    for k, steps in enumerate(months):
        wh, periods = [each for each, _ in steps], [each for _, each in steps]
        segment = {"from_day": FIRST + k, "to_day": FIRST + k + 1, "period_days": len(months), "wh_total": sum(wh)}
        segment |= {"year_used_wh": year_used, "year_months": year_months}
        segment["wh_peak"] = sum(each for each, period in steps if period == PEAK)
        segment["wh_valley"] = sum(each for each, period in steps if period == VALLEY)
        segments.append(segment | facts_in_time(plan.table, segment, wh, periods, used, FIRST + len(months)))
        used += sum(wh)
    return segments


def _by_block(bill: RatedBill) -> dict[tuple[int, int, int], int]:
    return {(line.segment, line.block, line.period): line.quantity for line in bill.lines}


STEPS = st.lists(st.tuples(st.integers(0, 900), st.sampled_from([PEAK, VALLEY])), min_size=1, max_size=30)


@settings(max_examples=TRIES, deadline=None)
@given(
    st.lists(STEPS, min_size=1, max_size=3), st.lists(st.integers(1, 9000), min_size=1, max_size=4, unique=True),
    st.integers(0, 5000), st.sampled_from(["the month's kWh", "the year's kWh"]), st.integers(1, 3),
)  # fmt: skip
def test_every_step_is_priced_where_the_use_has_come_to(
    pieces: list[list[tuple[int, int]]], limits: list[int], year_used: int, count: str, months: int
) -> None:
    """Told again step by step: the part of a step between two limits is in the block between them, and of the period of
    the step. Both speeds alike."""
    plan = _plan(sorted(limits), count)
    yearly = count == "the year's kWh"
    bounds = [0, *(limit * (months if yearly else 1) for limit in sorted(limits)), 10**9]
    segments = _segments(plan, pieces, year_used, months)
    bill = rate_with([plan], segments)
    position = year_used if yearly else 0
    expected: dict[tuple[int, int, int], int] = {}
    for k, steps in enumerate(pieces):
        for wh, period in steps:
            for block in range(len(limits) + 1):
                part = min(position + wh, bounds[block + 1]) - max(position, bounds[block])
                if part > 0:
                    key = k, block + 1, {PEAK: 2, VALLEY: 4}[period]
                    expected[key] = expected.get(key, 0) + part
            position += wh
    assert bill.fault == 0
    assert _by_block(bill) == expected
    columns = Segments.zeros(len(segments))
    for i, segment in enumerate(segments):
        for name, value in segment.items():
            getattr(columns, name)[i] = value
    rated = rate(pack([plan]), columns, 1)
    assert int(rated.bill_amount[0]) == bill.amount
    assert rated.quantity.tolist() == [line.quantity for line in bill.lines]


def test_facts_that_do_not_come_to_the_limits_are_a_fault() -> None:
    """10 kWh at peak and then 10 in the valley, limit 12: the valley had 2 when it was passed, and not 3 or -1; nor may
    the peak have had 11 of its 10."""
    plan = _plan([12_000])
    [segment] = _segments(plan, [[(10_000, PEAK), (10_000, VALLEY)]], 0, 12)
    assert (segment["in_time_1_peak"], segment["in_time_1_valley"]) == (10_000, 2_000)
    assert rate_with([plan], [segment]).fault == 0
    for wrong in ({"in_time_1_valley": 3_000}, {"in_time_1_peak": 13_000, "in_time_1_valley": -1_000}, {
        "in_time_1_peak": 11_000, "in_time_1_valley": 1_000,
    }):  # fmt: skip
        assert rate_with([plan], [segment | wrong]).fault == FAULT_PARTS
    without = {name: value for name, value in segment.items() if not name.startswith("in_time")}
    assert rate_with([plan], [without]).fault == FAULT_PARTS


def test_a_year_of_hours_by_a_book() -> None:
    """1 kWh an hour, peak from 12 to 20, limit 20 kWh: passed at 20:00 of a month's first day, when the peak has used 8
    and the valley 12. January (744 kWh, of which 248 at peak): 8 × 0.5 + 12 × 0.1 + 240 × 0.6 + 484 × 0.2 = 246.00.
    By the half hour it is the same."""
    book = load_book(BOOK.format(peak=[0.5, 0.6], valley=[0.1, 0.2], count="the month's kWh", limits=[20]))
    for steps in (1, 2):
        load = np.full(8784 * steps, 1000 // steps).tolist()
        january = rate_by_book(book, book.versions[0], load, 2024, steps)[0]
        assert january.total_minor == 24_600
        found = {(line.block, line.period): line.quantity for line in january.bill.lines}
        assert found == {(1, 2): 8_000, (1, 4): 12_000, (2, 2): 240_000, (2, 4): 484_000}
