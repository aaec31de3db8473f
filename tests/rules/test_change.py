"""Why a bill is more than another: the golden table, and the parts always come to the whole change."""

import os
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from importlib.resources import files
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gridhall.rules import weather
from gridhall.rules.change import OTHER, PARTS, PRICE, BillFacts, change_parts
from gridhall.rules.plan import CompiledPlan, rate_with
from gridhall.tariffs.book import load_book
from gridhall.tariffs.compile import compile_version
from gridhall.tariffs.examples import segment_of
from tests.rules import golden
from tests.rules.plans import bills, plans

TRIES = int(os.environ.get("GRIDHALL_TRIES", "200"))
ZHEJIANG = files("gridhall.tariffs").joinpath("books", "cn-zhejiang-residential.yaml").read_text("utf-8")
SEASONS = """
tariff: seasons-and-demand
name: seasons and demand
currency: CNY
source: made up for the golden table
for: {class: commercial}
versions:
  - from: 2020-01-01
    rounding: "once per bill, half up, to 0.01"
    seasons: {summer: 07-01..08-31, other: rest}
    energy: [{price per kWh: {summer: 0.6, other: 0.5}}]
    fixed: [{price per month: 20, divided: once a bill}]
    demand: [{price per kW a month: 40, billed: measured, divided: once a bill}]
"""
CASES = golden.table("change")


def _plan(text: str) -> CompiledPlan:
    book = load_book(text)
    return compile_version(book, book.versions[0])


def _bill(plan: CompiledPlan, stated: Mapping[str, Any]) -> BillFacts:
    example = {key: value for key, value in stated.items() if key != "settled"}
    segment = segment_of(load_book(ZHEJIANG), example, ())
    settled = int(Decimal(stated.get("settled", 0)) * 100)
    return BillFacts(rate_with([plan], [segment]).amount + settled, (plan,), (segment,))


@pytest.mark.parametrize(
    ("book", "case"),
    [(name, case) for name in CASES for case in CASES[name]],
    ids=lambda value: value["title"] if isinstance(value, dict) else value,
)
def test_golden(book: str, case: Mapping[str, Any]) -> None:
    plan = _plan(ZHEJIANG if book == "blocks" else SEASONS)
    before, now = _bill(plan, case["before"]), _bill(plan, case["now"])
    parts = change_parts(before, now, case["weather"] * 1000 if "weather" in case else None)
    assert {part.name: part.amount for part in parts if part.amount} == {
        name: int(amount * 100) for name, amount in case["parts"].items()
    }
    assert sum(part.amount for part in parts) == now.amount - before.amount


@settings(max_examples=TRIES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_the_parts_come_to_the_change(data: st.DataObject) -> None:
    """Whatever the tariffs, the bills and the weather; also where a bill cannot be rated by the other's tariff."""
    sides = []
    for _ in range(2):
        chosen = data.draw(st.lists(plans(), min_size=1, max_size=2))
        chosen = [plan for plan in chosen if plan.decimals == chosen[0].decimals]
        segments = data.draw(bills(len(chosen)))
        for segment in segments:
            segment["plan"] %= len(chosen)
        sides.append(BillFacts(data.draw(st.integers(-(10**12), 10**12)), tuple(chosen), tuple(segments)))
    more = data.draw(st.one_of(st.none(), st.integers(-(10**9), 10**9)))
    parts = change_parts(sides[0], sides[1], more)
    assert tuple(part.name for part in parts) == PARTS
    assert sum(part.amount for part in parts) == sides[1].amount - sides[0].amount


def test_a_new_price_is_a_change_of_price_alone() -> None:
    """300 kWh at 0.538, then at 0.60: 300 × 0.062 = 18.60, and nothing else."""
    old, new = _plan(ZHEJIANG), _plan(ZHEJIANG.replace("[0.538, 0.588, 0.838]", "[0.60, 0.65, 0.90]").split("exam")[0])
    before, now = _bill(old, {"month": "2026-04", "kWh": 300}), _bill(new, {"month": "2026-06", "kWh": 300})
    parts = {part.name: part.amount for part in change_parts(before, now, None) if part.amount}
    assert parts == {PRICE: 1860}


def test_a_bill_cut_by_a_change_of_price_is_told_apart_too() -> None:
    """15 days at 0.538 and 15 at 0.60, 150 kWh each: 80.70 + 90.00 = 170.70; a month later 300 × 0.60 = 180.00: prices
    + 9.30."""
    old, new = _plan(ZHEJIANG), _plan(ZHEJIANG.replace("[0.538, 0.588, 0.838]", "[0.60, 0.65, 0.90]").split("exam")[0])
    half = {"period_days": 30, "period_months": 1, "year_months": 12, "wh_total": 150_000}
    first = date(2026, 4, 1).toordinal()
    cut = (
        half | {"plan": 0, "from_day": first, "to_day": first + 15},
        half | {"plan": 1, "from_day": first + 15, "to_day": first + 30},
    )
    before = BillFacts(rate_with([old, new], cut).amount, (old, new), cut)
    assert before.amount == 17_070
    parts = {
        part.name: part.amount for part in change_parts(before, _bill(new, {"month": "2026-06", "kWh": 300}), None)
    }
    assert {name: amount for name, amount in parts.items() if amount} == {PRICE: 930}


def test_another_meter_is_not_told_apart() -> None:
    """A tariff that prices peak and valley cannot rate a use without registers: what could not be told apart stands in
    the prices, and is marked."""
    text = files("gridhall.tariffs").joinpath("books", "cn-zhejiang-residential-peak-valley.yaml").read_text("utf-8")
    tou, plain = _plan(text), _plan(ZHEJIANG)
    before = _bill(tou, {"month": "2026-04", "peak": 200, "valley": 100})
    parts = change_parts(before, _bill(plain, {"month": "2026-06", "kWh": 330}), None)
    assert {part.name for part in parts if not part.known} >= {"use", "position"}
    assert parts[PARTS.index(OTHER)].amount == 0
    assert sum(part.amount for part in parts) == parts[PARTS.index(PRICE)].amount


def test_degree_days() -> None:
    """Bases 18 and 26 degrees: 15.5 heats 2.5, 20 nothing, 30 cools 4; in tenths."""
    assert weather.degree_days([155, 200, 300], weather.Bases(180, 260)) == (25, 40)


def _month(days: int, heating: int, cooling: int) -> weather.Stretch:
    """A customer who uses 6 kWh a day, 20 Wh for a tenth of a heating degree day and 50 for one of cooling."""
    return weather.Stretch(days, 6000 * days + 20 * heating + 50 * cooling, heating, cooling)


YEAR = [
    _month(31, 4000, 0), _month(28, 3100, 0), _month(31, 2500, 0), _month(30, 900, 0), _month(31, 100, 50),
    _month(30, 0, 300), _month(31, 0, 1200), _month(31, 0, 1100), _month(30, 0, 200),
]  # fmt: skip


def test_a_customer_who_follows_the_weather() -> None:
    known = weather.sensitivity(YEAR)
    assert known == weather.Sensitivity(Fraction(20), Fraction(50))
    # August after July: 1,100 - 1,200 = -100 tenths of cooling, 31 days each: -100 × 50 Wh
    assert weather.weather_wh(known, YEAR[6], YEAR[7]) == -5000
    # February after January: 3,100 - 4,000 × 28 / 31 = -512.9; × 20 Wh = -10,258
    assert weather.weather_wh(known, YEAR[0], YEAR[1]) == -10258


def test_where_nothing_is_said_of_the_weather() -> None:
    assert weather.sensitivity(YEAR[:5]) is None  # too few bills
    steady = [weather.Stretch(each.days, 6000 * each.days, each.heating, each.cooling) for each in YEAR]
    assert weather.sensitivity(steady) is None  # the same use a day whatever the weather
    other = [weather.Stretch(each.days, wh * each.days, each.heating, each.cooling) for each, wh in zip(
        YEAR, (6000, 9000, 5000, 9500, 6000, 9000, 5500, 9000, 5000), strict=True
    )]  # fmt: skip
    assert weather.sensitivity(other) is None  # it goes up and down by itself


def test_a_side_that_comes_out_negative_is_left_out() -> None:
    """Who uses less the colder it is (an empty winter flat) is not said to be cooled by the cold."""
    away = [
        weather.Stretch(each.days, 6000 * each.days - each.heating + 50 * each.cooling, each.heating, each.cooling)
        for each in YEAR
    ]
    known = weather.sensitivity(away)
    assert known is not None
    assert known.heating == 0 < known.cooling


def test_days_of_a_month() -> None:
    """The facts of an example cover its month: the golden table's 28 and 31 days are February's and July's."""
    segment = segment_of(load_book(ZHEJIANG), {"month": "2026-02", "kWh": 1}, ())
    assert date.fromordinal(segment["to_day"]) - date.fromordinal(segment["from_day"]) == timedelta(28)
