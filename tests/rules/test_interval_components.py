"""All that OpenEI records state: golden months by both speeds, the two speeds on random tariffs up to the bounds, and
what must hold for any tariff."""

import os
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gridhall.columns.intervals import Load, load_of, rate_accounts, rate_load
from gridhall.rules import interval_layout as at
from gridhall.rules.interval_bills import CannotRate, MonthBill, PlainLoad, half_up, rate_plain
from gridhall.rules.interval_tariff import (
    A_DAY,
    A_MONTH,
    A_YEAR,
    BY_DAY,
    BY_DEMAND,
    BY_DEMAND_DAY,
    BY_USE,
    KVA,
    KW,
    MEETINGS,
    NET_BILLING,
    NET_METERING,
    Blocks,
    IntervalTariff,
    Ratchet,
)
from gridhall.rules.intervals import HOURS, SLOTS
from gridhall.tariffs.urdb import read_json, read_record
from tests.rules.golden import table
from tests.rules.test_intervals import _hours

GOLDEN = table("urdb_components")
TRIES = int(os.environ.get("GRIDHALL_TRIES", "25"))
many = settings(max_examples=TRIES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
PARTS = ("energy", "demand_flat", "demand_tou", "fixed", "minimum", "coincident", "reactive", "fed_in")


def _day(stated: dict[str, Any], steps: int) -> list[int]:
    """Wh of the steps of a day."""
    kw = [stated["kW"]] * HOURS
    for hour, value in stated.get("hours", {}).items():
        kw[int(hour)] = value
    day = [value * 1000 // steps for value in kw for _ in range(steps)]
    if "first_step_of_day" in stated:
        day[0] = stated["first_step_of_day"] * 1000 // steps
    return day


def _load(stated: dict[str, Any]) -> Load:
    steps = stated.get("steps", 1)
    fed = (
        [stated["fed"] * 1000 if hour in stated["fed_hours"] else 0 for hour in range(HOURS)] if "fed" in stated else []
    )
    columns = {
        name: np.array(day * 365, np.int64)
        for name, day in (("fed", fed), ("system", _day(stated["system"], steps) if "system" in stated else []))
    }
    factor = tuple(stated["power_factor"]) if "power_factor" in stated else None
    return load_of(np.array(_day(stated, steps) * 365, np.int64), 2018, 0, steps, **columns, power_factor=factor)


def _plain(tariff: IntervalTariff, load: Load, meeting: str) -> list[MonthBill]:
    columns = {name: getattr(load, name).tolist() for name in ("wh", "fed", "system", "vah", "month_var")}
    plain = PlainLoad(year=load.year, first_weekday=load.first_weekday, steps=load.steps, meters=load.meters, **columns)
    return rate_plain(tariff, plain, meeting)


@pytest.mark.parametrize("rate", [_plain, rate_load], ids=["plain", "compiled"])
@pytest.mark.parametrize("case", GOLDEN["cases"], ids=lambda case: case["name"])
def test_golden_components(case: Any, rate: Any) -> None:
    record = {key: _hours(value) if key.endswith("schedule") else value for key, value in case["record"].items()}
    tariff = read_record(record)
    assert [told.partition(":")[0] for told in tariff.read_as] == [case["read_as"]] if "read_as" in case else True
    year = rate(tariff, _load(case["load"]), "prorata")
    month = year[case.get("month", 1) - 1]
    for name, value in case["gives"].items():
        assert getattr(month, name) == Fraction(Decimal(str(value))), name
    if "year" in case:
        assert sum(bill.total for bill in year) == case["year"]
        assert any(bill.energy.denominator > 10**30 for bill in year) or year[0].energy.denominator % 3 == 0
    if "minor" in case:
        assert month.total_minor == case["minor"]


def test_coarse_loads_have_no_window_and_odd_windows_are_left_out() -> None:
    text = '{"energyratestructure": [[{"rate": 1}]], "demandwindow": %s, "flatdemandstructure": [[{"rate": 1}]]}'
    [hourly] = read_json(text % 15)
    assert hourly.tariff is not None
    assert rate_load(hourly.tariff, _load({"kW": 3}), "prorata")[0].demand_flat == 3
    [odd] = read_json(text % 7)
    assert odd.tariff is not None
    assert odd.tariff.left_out == ("demandwindow: 7 minutes are no part of an hour",)
    [twenty] = read_json(text % 20)
    assert twenty.tariff is not None
    with pytest.raises(CannotRate, match="demandwindow"):
        rate_load(twenty.tariff, load_of(np.zeros(8760 * 4, np.int64), 2018, 0, 4), "prorata")


def test_net_metering_has_no_order_of_time() -> None:
    tariff = read_record({"energyratestructure": [[{"rate": 1}]], "dgrules": "Net Metering"})
    fed = _load({"kW": 3, "fed": 1, "fed_hours": [12]})
    with pytest.raises(CannotRate, match="dgrules"):
        rate_load(tariff, fed, "chrono")
    with pytest.raises(CannotRate, match="dgrules"):
        _plain(tariff, fed, "chrono")


def test_many_accounts_are_rated_as_each_alone() -> None:
    tariff = read_record(
        {
            "energyratestructure": [[{"max": 3000, "rate": 0, "adj": 1, "sell": 2}, {"rate": 2}]],
            "flatdemandstructure": [[{"rate": 3}]],
            "dgrules": "Net Billing",
            "fixedchargefirstmeter": 5,
            "fixedchargeeaaddl": 1,
        }
    )
    rng = np.random.default_rng(3)
    loads, fed = rng.integers(0, 9000, (3, 8760)), rng.integers(0, 500, (3, 8760))
    rated = rate_accounts(tariff, loads, 2018, 0, 1, "chrono", meters=np.array([1, 2, 3]), fed=fed)
    for k in range(3):
        alone = rate_load(tariff, load_of(loads[k], 2018, 0, 1, k + 1, fed=fed[k]), "chrono")
        assert rated.months(k) == alone
        assert rated.total_minor[k].tolist() == [bill.total_minor for bill in alone]
        assert rated.peak_w[k].max() == loads[k].max()
        assert rated.energy_wh[k].sum() == loads[k].sum()
    assert rated.fault.tolist() == [0, 0, 0]


@pytest.mark.parametrize("count", [24, 8761])
def test_a_system_of_another_length_is_refused_before_many_accounts_are_rated(count: int) -> None:
    """The compiled walk asks for no bounds: it would read on behind the system's last value."""
    tariff = read_record(
        {
            "energyratestructure": [[{"rate": 1}]],
            "coincidentratestructure": [[{"rate": 3}]],
            "coincidentrateschedule": [[0] * 24] * 12,
        }
    )
    with pytest.raises(ValueError, match=f"{count} values, but 2018 has 8760 steps"):
        rate_accounts(tariff, np.zeros((2, 8760), np.int64), 2018, 0, 1, "prorata", system=np.ones(count, np.int64))


UNITS = st.sampled_from([BY_USE, BY_DAY, BY_DEMAND, BY_DEMAND_DAY])


@st.composite
def tariffs(draw: st.DrawFn) -> IntervalTariff:
    """Any tariff: up to 4 periods and blocks, mixed units, prices of either sign up to the bounds, 0 to 24 decimals."""
    places = draw(st.sampled_from([0, 2, 5, 17, 24]))
    size = draw(st.sampled_from([10**4, 10**6, 8 * 10**9])) * int(10 ** min(places, 14))
    limit_places = draw(st.sampled_from([0, 1, 3, 9]))

    def blocks(units: Any) -> Blocks:
        each = tuple(draw(st.lists(units, max_size=3)))
        if BY_DEMAND in each or BY_DEMAND_DAY in each:  # steps by energy stand before those by hours of use
            each = tuple(sorted(each, key=lambda unit: unit in (BY_DEMAND, BY_DEMAND_DAY)))
        limits = tuple(draw(st.integers(0, 30_000 * int(10**limit_places))) for _ in each)
        prices = tuple(draw(st.integers(-size // 9, size)) for _ in range(len(each) + 1))
        return Blocks(limits, prices, units=each) if each else Blocks((), prices)

    def schedule(periods: int, length: int = SLOTS) -> tuple[int, ...]:
        row = draw(st.lists(st.integers(0, periods - 1), min_size=48, max_size=48))
        return tuple(row[(slot * 7 + slot // 24) % 48] for slot in range(length))

    plain = st.just(BY_USE)
    energy = tuple(blocks(UNITS) for _ in range(draw(st.integers(1, 4))))
    demand, flat, coincident = (tuple(blocks(plain) for _ in range(draw(st.integers(0, most)))) for most in (3, 2, 2))
    daily = draw(st.booleans())
    months = tuple(draw(st.booleans()) for _ in range(12))
    share = Ratchet((draw(st.integers(0, 10**4)), 10**4), months, draw(st.integers(0, 12)))
    by = st.sampled_from([A_MONTH, A_DAY, A_YEAR])
    fed_in = draw(st.sampled_from(["", NET_METERING, NET_BILLING]))
    amounts = st.integers(0, size // 400)
    return IntervalTariff(
        "random", "", places, limit_places, energy, schedule(len(energy)), demand,
        schedule(len(demand)) if demand else (), flat, tuple(k % len(flat) for k in range(12)) if flat else (),
        Ratchet((0, 1), (False,) * 12, 0) if daily else share, draw(amounts), draw(amounts), draw(by),
        draw(amounts) * draw(st.sampled_from([0, 1, 100])), draw(by), (),
        coincident, schedule(len(coincident), 288) if coincident else (),
        draw(st.sampled_from([KW, KVA])), daily, draw(st.sampled_from([KW, KVA])), daily and draw(st.booleans()),
        draw(amounts), tuple(draw(amounts) for _ in range(12)) if draw(st.booleans()) else (),
        tuple(tuple(draw(amounts) for _ in each.prices) for each in energy) if fed_in else (), fed_in,
        draw(st.sampled_from([0, 15, 30, 60])),
    )  # fmt: skip


@st.composite
def loads(draw: st.DrawFn) -> Load:
    """A year of hours or half hours, nothing up to the most that is counted, with what else may be known."""
    steps = draw(st.sampled_from([1, 1, 2]))
    most = draw(st.sampled_from([10, 5_000, 10**6, 10**10 // steps]))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    count = 8760 * steps
    known = {name: rng.integers(0, most, count) for name in ("fed", "system") if draw(st.booleans())}
    factor = (draw(st.integers(1, 100)), 100) if draw(st.booleans()) else None
    return load_of(rng.integers(0, most, count), 2018, draw(st.integers(0, 6)), steps, 2, **known, power_factor=factor)


def _rated(rate: Any, tariff: IntervalTariff, load: Load, meeting: str) -> Any:
    try:
        return rate(tariff, load, meeting)
    except CannotRate as problem:
        return str(problem)


def _same_by_both(tariff: IntervalTariff, load: Load, meeting: str) -> None:
    bills = _rated(rate_load, tariff, load, meeting)
    assert bills == _rated(_plain, tariff, load, meeting)
    if isinstance(bills, str):
        return
    for bill in bills:
        assert bill.total == sum(getattr(bill, name) for name in PARTS)
        assert bill.total_minor == half_up(bill.total, 2)
        assert bill.minimum >= 0 >= bill.fed_in


@many
@given(tariffs(), loads(), st.sampled_from(MEETINGS))
def test_two_speeds_give_the_same_year_of_anything(tariff: IntervalTariff, load: Load, meeting: str) -> None:
    _same_by_both(tariff, load, meeting)


@pytest.mark.storm
@settings(max_examples=10_000, deadline=None, suppress_health_check=list(HealthCheck))
@given(tariffs(), loads(), st.sampled_from(MEETINGS))
def test_two_speeds_on_ten_thousand(tariff: IntervalTariff, load: Load, meeting: str) -> None:
    _same_by_both(tariff, load, meeting)


def _rising(tariff: IntervalTariff) -> IntervalTariff:
    """The tariff without prices below zero, selling, or bounds that move with the demand."""
    energy = tuple(
        replace(each, units=(), unit=BY_USE, prices=tuple(abs(price) for price in each.prices))
        for each in tariff.energy
    )
    demand, flat = (
        tuple(replace(each, prices=tuple(abs(price) for price in each.prices)) for each in every)
        for every in (tariff.demand, tariff.flat)
    )
    return replace(tariff, energy=energy, demand=demand, flat=flat, coincident=(), fed_in="", sell=())


@many
@given(tariffs(), loads(), st.integers(0, 8759), st.integers(1, 10**6))
def test_more_use_never_costs_less(tariff: IntervalTariff, load: Load, step: int, more: int) -> None:
    """Where no price is below zero and each period fills its own blocks. (Pro rata and in the order of time, more use
    in a cheap period can push the dear ones into cheaper blocks.)"""
    tariff = _rising(tariff)
    fewer = load_of(load.wh, load.year, load.first_weekday, load.steps)
    higher = load.wh.astype(np.int64)
    higher[step] += min(more, 10**10 // load.steps - int(higher[step]))
    dearer = load_of(higher, load.year, load.first_weekday, load.steps)
    before, after = (_rated(rate_load, tariff, each, "per_period") for each in (fewer, dearer))
    if isinstance(before, str) or isinstance(after, str):
        return
    assert sum(bill.total for bill in after) >= sum(bill.total for bill in before)
    assert all(now.energy >= then.energy for now, then in zip(after, before, strict=True))


@many
@given(tariffs(), loads(), st.sampled_from(MEETINGS))
def test_the_energy_of_blocks_is_the_energy_of_the_month(tariff: IntervalTariff, load: Load, meeting: str) -> None:
    """Per period and in the order of time the blocks of a month hold its use, to a Wh a block (parts are cut off)."""
    if meeting == "prorata":
        return
    tariff = replace(tariff, fed_in="", sell=(), window=0)
    rated = rate_accounts(tariff, load.wh[np.newaxis], load.year, load.first_weekday, load.steps, meeting)
    months = rated.energy_wh[0].sum(axis=(1, 2))
    cells = rated.energy_wh[0][0].size
    use = load.gathered(1).slots[at.MONTH_WH : at.MONTH_WH + 12]
    alike = len(set(tariff.energy)) == 1 and len(tariff.energy) > 1
    if not rated.fault[0] and not (alike and meeting == "chrono"):
        assert all(0 <= int(u) - int(m) <= cells for u, m in zip(use, months, strict=True))
