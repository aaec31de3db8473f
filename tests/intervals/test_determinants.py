"""Determinants and bills from the store are what plain Python makes of the same steps."""

from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridhall.columns import determinants as of_store
from gridhall.columns.interval_days import days_of
from gridhall.columns.interval_store import Store
from gridhall.columns.law import law
from gridhall.columns.rating import pack
from gridhall.columns.slot_table import Calendar, runs_of_day, slot_table
from gridhall.columns.store_bills import bills, pricing_of
from gridhall.rules import gaps, interval_use
from gridhall.rules.gaps import NO_VALUE
from gridhall.rules.interval_use import ESTIMATED, MEASURED, MISSING, NO_DEMAND, NOT_FOUND
from gridhall.rules.local_day import place_of, steps_of, wall_minutes
from gridhall.tariffs.book import load_book
from gridhall.tariffs.by_load import rate_by_book
from gridhall.tariffs.compile import compile_version
from gridhall.tariffs.slots import calendar_of
from tests.intervals.made import FIRST, MONTH, UNIT, days, load

SHANGHAI, OSLO = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Oslo")
UNTIL = date(2026, 10, 1).toordinal()


def day_and_night(day: int, walls: tuple[int, ...], minutes: int) -> list[int]:
    """Period 1 from 08:00 to 20:00 by the clock on the wall, else 0."""
    return [1 if 480 <= wall < 1200 else 0 for wall in walls]


def all_on_one(registers: np.ndarray) -> np.ndarray:
    return np.zeros(len(registers), np.int64)


def test_a_day_by_hand(tmp_path: Path) -> None:
    """Hours of 100 Wh; at 09:00 and 10:00 700 Wh, at 21:00 300 Wh. Day: 10 × 100 + 2 × 700 = 2400 Wh, 700 W, first
    at 09:00. Night: 11 × 100 + 300 = 1400 Wh, 300 W at 21:00."""
    wh = [100] * 24
    wh[9] = wh[10] = 700
    wh[21] = 300
    store = Store(tmp_path)
    load(store, days_of([5], [FIRST + 2], [60], [wh]))
    slots = slot_table([Calendar(day_and_night, 2)], FIRST, UNTIL, SHANGHAI, (60,))
    (found,) = of_store.determinants(store.snapshot(), MONTH, UNIT, slots, all_on_one)
    assert found.wh.tolist() == [[[1400, 2400]]]
    assert found.peak_w.tolist() == [[[300, 700]]]
    when = [of_store.moment(FIRST, int(at), 60, SHANGHAI).isoformat() for at in found.peak_at[0, 0]]
    assert when == ["2026-09-03T21:00:00+08:00", "2026-09-03T09:00:00+08:00"]
    assert (found.days.tolist(), found.missing.tolist()) == ([1], [0])


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 6, 1), 24)])
@pytest.mark.parametrize("minutes", [5, 15, 30, 60])
def test_days_on_which_the_clocks_change(day: date, hours: int, minutes: int) -> None:
    number = day.toordinal()
    walls = wall_minutes(number, OSLO, minutes)
    assert len(walls) == steps_of(number, OSLO, minutes) == hours * 60 // minutes
    runs = runs_of_day(day_and_night(number, walls, minutes))
    periods = [0, 0]
    start = 0
    for period, end in zip(runs[::2], runs[1::2], strict=True):
        periods[period] += (end - start) * minutes
        start = end
    assert periods == [(hours - 12) * 60, 12 * 60]


def test_the_hour_that_is_repeated_counts_twice() -> None:
    first = place_of(datetime(2026, 10, 25, 0, 30, tzinfo=UTC), OSLO)
    again = place_of(datetime(2026, 10, 25, 1, 30, tzinfo=UTC), OSLO)
    assert (first[1], again[1]) == (150, 210)
    assert first[0] == again[0] == date(2026, 10, 25).toordinal()


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(0, 5000), min_size=96 * 8, max_size=96 * 8), st.integers(1, 8),
    st.lists(st.integers(0, 2), min_size=96, max_size=96),
)  # fmt: skip
def test_both_speeds_add_days_alike(wh: list[int], days: int, periods: list[int]) -> None:
    """Eight days of the same periods, of which some are added at once; the peak's time is that of the first."""
    runs = runs_of_day(periods)
    room, slow = ([0] * 96, [0] * 96), ([0] * 3, [NO_DEMAND] * 3)
    interval_use.add_days(wh, 0, days, 96, 15, runs, 0, *room, *slow, 0)
    fast = np.zeros(3, np.int64), np.full(3, NO_DEMAND, np.int64)
    steps, compiled = np.array(wh, np.int32), law("interval_use")
    compiled.add_days(steps, 0, days, 96, 15, np.array(runs), 0, np.zeros(96, int), np.zeros(96, int), *fast, 0)
    assert [each.tolist() for each in fast] == list(slow)
    whens, fast_whens = [NOT_FOUND] * 3, np.full(3, NOT_FOUND)
    for day in range(days):
        interval_use.find_peaks(wh, day * 96, 96, 15, runs, 0, day * 1500, slow[1], whens, 0)
        compiled.find_peaks(steps, day * 96, 96, 15, np.array(runs), 0, day * 1500, fast[1], fast_whens, 0)
    assert fast_whens.tolist() == whens
    for period in range(3):
        mine = [(value, k) for k, value in enumerate(wh[: days * 96]) if periods[k % 96] == period]
        assert slow[0][period] == sum(value for value, _ in mine)
        top, first = max(((value, -k) for value, k in mine), default=(NO_DEMAND, 1))
        assert slow[1][period] == (top * 4 if mine else NO_DEMAND)
        assert whens[period] == (-first // 96 * 1500 + -first % 96 if mine else NOT_FOUND)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.integers(0, 900), min_size=24 * 9, max_size=24 * 9),
    st.lists(st.sampled_from([0, 1, 1, 1]), min_size=24 * 9, max_size=24 * 9),
)
def test_both_speeds_fill_gaps_alike(wh: list[int], known: list[int]) -> None:
    kinds = [0, 0, 0, 0, 0, 1, 1, 0, 0]
    slow_wh = [value if each else 0 for value, each in zip(wh, known, strict=True)]
    slow_bits = [MEASURED if each else MISSING for each in known]
    fast_wh, fast_bits = np.array(slow_wh), np.array(slow_bits, np.uint8)
    count = gaps.fill_gaps(slow_wh, slow_bits, known, kinds, 9, 24, 60)
    assert law("gaps").fill_gaps(fast_wh, fast_bits, np.array(known), np.array(kinds), 9, 24, 60) == count
    assert (fast_wh.tolist(), fast_bits.tolist()) == (slow_wh, slow_bits)
    for value, bit, before, each in zip(slow_wh, slow_bits, wh, known, strict=True):
        assert bit == (MEASURED if each else bit)
        assert value == before if each else bit in (ESTIMATED, MISSING)


def test_gaps_by_hand() -> None:
    """Two hours between 10 and 40: 20, 30. Days of four hours: of the first day all is missing; its hours are the mean
    of 6 and 7 of two like days, halves up 7; the day off (50) is no like day. Its fourth hour no day measured: it stays
    missing. The fourth hour of the others lies between two measured ones: (6 + 7) / 2 = 6.5, (7 + 50) / 2 = 28.5."""
    assert [gaps.on_line(10, 40, k, 2) for k in (1, 2)] == [20, 30]
    assert gaps.on_line(0, 1, 1, 1) == 1
    assert gaps.mean(13, 2) == 7
    wh = [0, 0, 0, 0, 6, 6, 6, 0, 7, 7, 7, 0, 50, 50, 50, 0]
    known = [0, 0, 0, 0, 1, 1, 1, 0, 1, 1, 1, 0, 1, 1, 1, 0]
    bits = list(known)
    assert gaps.fill_gaps(wh, bits, known, [0, 0, 0, 1], 4, 4, 60) == 5
    assert wh == [7, 7, 7, 0, 6, 6, 6, 7, 7, 7, 7, 29, 50, 50, 50, 0]
    assert bits[:4] == [ESTIMATED, ESTIMATED, ESTIMATED, MISSING]
    assert gaps.like_value(wh, known, [0, 0, 0, 1], 4, 4, 0, 3, 0) == NO_VALUE


def test_the_load_of_all_and_what_each_took_at_its_peak(tmp_path: Path) -> None:
    """Register 1 in quarter hours of 25 Wh, register 2 in hours of 60 Wh, and 400 Wh more at 18:00: 560 Wh then."""
    store = Store(tmp_path)
    hours = [60] * 24
    hours[18] = 460
    load(store, days_of([1, 2], [FIRST + 1] * 2, [15, 60], [[25] * 96, hours]))
    total = of_store.system_load(store.snapshot(), MONTH, UNIT, FIRST, 30, 60)
    assert total[1, :24].tolist() == [160] * 18 + [560] + [160] * 5
    assert total.sum() == 96 * 25 + sum(hours)
    quarters = of_store.system_load(store.snapshot(), MONTH, UNIT, FIRST, 30, 15)
    assert quarters.sum() == total.sum()
    assert quarters[1, 72:76].tolist() == [140] * 4
    (block,) = store.snapshot().blocks(MONTH, UNIT)
    assert [each.tolist() for each in of_store.in_hour(block, FIRST + 1, 18 * 60)] == [[1, 2], [100, 460]]


BOOK = """
tariff: test
name: Test
currency: CNY
source: test
for: {class: commercial}
versions:
  - from: 2020-01-01
    rounding: once per bill, half up, to 0.01
    seasons: {summer: 06-01..09-15, other: rest}
    periods:
      sharp: {summer: "19:00-21:00"}
      peak: {summer: "08:00-11:30, 16:00-19:00", other: "17:00-21:00"}
      valley: "23:00-07:00"
      flat: rest
    energy:
      - price per kWh: {sharp: 1.51234, peak: {summer: 1.21, other: 1.13}, flat: 0.71, valley: 0.31}
    demand: [{price per kW a month: 38.5, billed: measured, divided: by days of the period}]
    fixed: [{price per month: 25, divided: by days of the period}]
    taxes: [{per cent: 13, on: [energy, demand, fixed]}]
"""


@pytest.mark.parametrize(("minutes", "over"), [(5, ""), (15, ""), (30, ""), (5, "15"), (15, "60"), (30, "30")])
def test_bills_from_the_store_are_the_bills_of_the_book(tmp_path: Path, minutes: int, over: str) -> None:
    """A season ends on 15 September, so that each bill has two segments; both ways give the same to the fen. Demand
    over more than a step is that of windows from midnight on, some of which reach over the end of a period."""
    text = BOOK
    if over:
        prices = "{sharp: 40, peak: 30, flat: 20, valley: 9}"
        text = BOOK.replace("price per kW a month: 38.5", f"price per kW a month: {prices}")
        text = text.replace("    rounding:", f"    demand over: {over} minutes\n    rounding:")
    book = load_book(text)
    version = book.versions[0]
    plan = compile_version(book, version)
    store, steps = Store(tmp_path), 1440 // minutes
    given_days = days([4, 9, 11], day_count=30, steps=steps, seed=minutes)
    load(store, given_days)
    slots = slot_table([calendar_of(book, version, plan, FIRST, UNTIL)], FIRST, UNTIL, SHANGHAI, (minutes,))
    assert slots.segments == 2
    pricing = pricing_of(pack([plan]), slots, [(9, 0), (4, 0), (11, 0)])
    (found,) = bills(store.snapshot(), MONTH, UNIT, pricing)
    assert found.rated.fault.tolist() == [0, 0, 0]
    start = (FIRST - date(2026, 1, 1).toordinal()) * steps
    for k, register in enumerate((4, 9, 11)):
        year = [0] * (365 * steps)
        year[start : start + 30 * steps] = store.snapshot().register(register, [MONTH]).wh.tolist()
        month = rate_by_book(book, version, year, 2026, 60 // minutes)[8]
        assert int(found.rated.bill_amount[k]) == month.total_minor
        lines = [
            (int(found.rated.quantity[n]), int(found.rated.amount[n])) for n in np.flatnonzero(found.rated.bill == k)
        ]
        assert lines == [(line.quantity, line.amount) for line in month.bill.lines]


def test_a_register_without_a_tariff_and_steps_that_are_not_resolved_are_named(tmp_path: Path) -> None:
    store = Store(tmp_path)
    load(store, days([4], steps=24))
    slots = slot_table([Calendar(day_and_night, 2)], FIRST, UNTIL, SHANGHAI, (15,))
    with pytest.raises(ValueError, match="60 minutes"):
        list(of_store.determinants(store.snapshot(), MONTH, UNIT, slots, all_on_one))
    slots = slot_table([Calendar(day_and_night, 2)], FIRST, FIRST + 1, SHANGHAI, (60,))
    with pytest.raises(ValueError, match="outside"):
        list(of_store.determinants(store.snapshot(), MONTH, UNIT, slots, all_on_one))
    book = load_book(BOOK)
    plan = compile_version(book, book.versions[0])
    wide = slot_table([calendar_of(book, book.versions[0], plan, FIRST, UNTIL)], FIRST, UNTIL, SHANGHAI, (15,))
    store = Store(tmp_path / "other")
    load(store, days([4]))
    with pytest.raises(ValueError, match="register 4 has no tariff"):
        list(bills(store.snapshot(), MONTH, UNIT, pricing_of(pack([plan]), wide, [(5, 0)])))
