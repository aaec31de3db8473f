"""A use made ready for another plan: pieces over seasons come to the whole, and what is not known is named."""

from datetime import date

import pytest

from gridhall.rules.other_plan import cut_for, lacking
from gridhall.rules.plan import CompiledPlan, rate_with
from gridhall.tariffs.book import load_book
from gridhall.tariffs.compile import compile_version

HEAD = """\
tariff: by-season
name: By season
currency: CNY
source: made up
for: {class: residential}
versions:
  - from: 2020-01-01
    rounding: once per bill, half up, to 0.01
"""
SEASONS = '    seasons: {early: "08-01..08-15", other: rest}\n'
ENERGY = "    energy: [{price per kWh: 0.5}]\n"


def plan(text: str) -> CompiledPlan:
    book = load_book(HEAD + text)
    return compile_version(book, book.versions[0])


def august(**facts: int) -> dict[str, int]:
    days = {"from_day": date(2026, 8, 1).toordinal(), "to_day": date(2026, 9, 1).toordinal(), "period": 202608}
    return days | {"wh_total": 300_000} | facts


def test_energy_fed_in_is_paid_once() -> None:
    """300 kWh × 0.50 − 100 kWh × 0.30 = 120.00, whatever the pieces; 100,001 Wh in 31 days leave nothing over."""
    by_season = plan(SEASONS + ENERGY + "    export: [{price per kWh: 0.3}]\n")
    pieces = cut_for(by_season.table, august(export_wh=100_000))
    assert len(pieces) == 2
    assert rate_with([by_season], pieces).amount == 12_000
    assert sum(piece["export_wh"] for piece in cut_for(by_season.table, august(export_wh=100_001))) == 100_001


def test_registers_of_energy_fed_in_stay_its_total() -> None:
    pieces = cut_for(plan(SEASONS + ENERGY).table, august(export_wh=7, export_peak=5, export_valley=2, wh_peak=300_000))
    assert sum(piece["export_peak"] for piece in pieces) == 5
    assert all(piece["export_wh"] == piece["export_peak"] + piece["export_valley"] for piece in pieces)


def test_a_stretch_of_no_days_is_left_whole() -> None:
    nothing = august() | {"to_day": date(2026, 8, 1).toordinal()}
    assert [piece["wh_total"] for piece in cut_for(plan(SEASONS + ENERGY).table, nothing)] == [300_000]


DEMAND = "    demand: [{price per kW a month: 20, billed: measured, divided: once a bill}]\n"
OF_PERIODS = DEMAND.replace("20", "{peak: 1, valley: 1}")
PER_KW = """\
    energy:
      - price per kWh: [0.5, 0.6]
        blocks: {count: the month's kWh, limits: [200 per kW]}
"""
BY_PERIOD = "    periods: {peak: as metered, valley: as metered}\n" + ENERGY


@pytest.mark.parametrize(
    ("text", "told", "missing"),
    [
        (ENERGY, "", ""),
        (ENERGY + "    export: [{price per kWh: 0.3}]\n", "", ""),
        (ENERGY + DEMAND, "", "demand_w"),
        (ENERGY + DEMAND, "demand_w", ""),
        (ENERGY + "    capacity: [{price per kVA a month: 20, divided: once a bill}]\n", "", "capacity_va"),
        (BY_PERIOD + OF_PERIODS, "demand_w", "demand_sharp"),
        (BY_PERIOD + OF_PERIODS, "demand_valley", ""),
        (ENERGY + "    reactive: [{price per kvarh: 0.2}]\n", "demand_w", "varh"),
        (PER_KW, "", "demand_w"),
    ],
)  # fmt: skip
def test_what_a_plan_charges_by_and_nobody_tells(text: str, told: str, missing: str) -> None:
    assert lacking(plan(text).table, {told}) == ({missing} if missing else frozenset())


def test_a_power_factor_matters_to_one_who_has_a_standard() -> None:
    adjusted = plan(ENERGY + "    power factor: [{on: [energy], table: cn-power-factor-1983}]\n")
    assert lacking(adjusted.table, ()) == frozenset()
    assert lacking(adjusted.table, ("power_factor_standard",)) == {"varh"}
