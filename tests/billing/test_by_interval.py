"""Bills by interval data are those of `tariff rate` over the same load."""

import shutil
from collections.abc import Iterator, Mapping
from datetime import date, timedelta

import numpy as np
import pytest

from gridhall.billing import public as billing
from gridhall.billing.stored import rated_again
from gridhall.columns.interval_days import days_of
from gridhall.kernel import clock
from gridhall.kernel.home import home
from gridhall.metering import public as metering
from gridhall.metering.intervals.loading import the_store
from gridhall.rules.interval_use import ESTIMATED, MEASURED, MISSING
from gridhall.tariffs.book import load_book
from gridhall.tariffs.by_load import rate_in_force
from gridhall.tariffs.load_terms import LoadTerms
from tests.billing.test_further_facts import HEAD, House
from tests.billing.town import ACTOR, UNIT, bill_day, moment

pytestmark = pytest.mark.django_db(transaction=True)

YEAR, STEPS = 2026, 48  # half an hour each
FIRST = date(YEAR, 1, 1)
DAYS = 365
PERIODS = """
    seasons: {summer: 07-01..08-31, other: rest}
    periods: {peak: "12:00-20:00", valley: "20:00-08:00", deep valley: rest}
    energy:
      - price per kWh:
          summer: {peak: 0.9012345, valley: 0.3, deep valley: 0.1}
          other: {peak: 0.7, valley: 0.25, deep valley: 0.05}
    demand: [{price per kW a month: {peak: 12, valley: 3, deep valley: 0}, billed: measured, divided: once a bill}]
"""
WINDOW = """
    demand over: 60 minutes
    billing demand: {ratchet: {per cent: 80, months: 2}}
    energy: [{price per kWh: 0.5}]
    demand: [{price per kW a month: 10, billed: billing demand, divided: once a bill}]
"""


@pytest.fixture(autouse=True)
def store_of_its_own() -> Iterator[None]:
    shutil.rmtree(home() / "intervals", ignore_errors=True)
    yield
    shutil.rmtree(home() / "intervals", ignore_errors=True)


def a_year(seed: int) -> list[int]:
    """Whole Wh of each half hour of the year."""
    return [int(each) for each in np.random.default_rng(seed).integers(0, 4000, DAYS * STEPS)]


def load(register: int, wh: list[int], bits: Mapping[int, int] | None = None) -> None:
    """Put a load in the store; `bits`: quality of single steps, others are measured."""
    quality = [(bits or {}).get(step, MEASURED) for step in range(len(wh))]
    rows = range(len(wh) // STEPS)
    days = days_of(
        [register] * len(rows), [FIRST.toordinal() + k for k in rows], [1440 // STEPS] * len(rows),
        [wh[STEPS * k : STEPS * (k + 1)] for k in rows], [quality[STEPS * k : STEPS * (k + 1)] for k in rows],
    )  # fmt: skip
    with the_store().load(moment("2027-02-01"), "test") as loading:
        loading.add(days, np.full(len(days), UNIT, np.int64))
        loading.commit()


def months(last: int = 12) -> Iterator[tuple[int, int]]:
    """(period, steps of the year until its end)."""
    for month in range(1, last + 1):
        after = date(YEAR + month // 12, month % 12 + 1, 1)
        yield YEAR * 100 + month, (after - FIRST) // timedelta(days=1) * STEPS


def by_run(house: House, wh: list[int], last: int = 12) -> list[int]:
    """What the months come to by bill runs; the register shows what the steps add up to, to the hundredth."""
    return [house.month(period, sum(wh[:until]) // 10) for period, until in months(last)]


def by_command(code: str, body: str, wh: list[int], terms: LoadTerms | None = None) -> list[int]:
    """The same by `gridhall tariff rate`."""
    book = load_book(HEAD.format(code=code) + body)
    return [month.total_minor for month in rate_in_force(book, wh, YEAR, STEPS // 24, terms)]


def test_a_year_by_periods_and_seasons_is_that_of_the_load() -> None:
    # one total register and the hours of the year: energy and demands by period, cut where a season begins
    house, wh = House("t-hours", PERIODS, [("H", metering.TOTAL)], FIRST), a_year(1)
    load(house.registers[0], wh)
    amounts = by_run(house, wh)
    assert amounts == by_command("t-hours", PERIODS, wh)
    assert min(amounts) > 0
    shown = billing.bill(house.account, 202607, 1)
    assert shown.wh == sum(wh[181 * STEPS : 212 * STEPS])  # to the Wh, though the register shows hundredths of a kWh
    again = rated_again(house.account, 202607, 1)
    assert again is not None
    assert again.amount == amounts[6]


def test_demand_over_an_hour_and_its_ratchet_are_those_of_the_load() -> None:
    # the load's year stands for the year before it as well, so the first two months look back on other months
    house, wh = House("t-window", WINDOW, [("W", metering.TOTAL)], FIRST), a_year(2)
    wh[40 * STEPS + 21 : 40 * STEPS + 23] = [45_000] * 2  # 10 February, 10:30 to 11:30: half of each hour, 45 kW
    load(house.registers[0], wh)
    amounts = by_run(house, wh, 6)
    assert amounts[2:] == by_command("t-window", WINDOW, wh)[2:6]
    assert amounts[1] > amounts[2] > amounts[5]


def test_missing_steps_hold_a_bill_and_estimated_ones_mark_it() -> None:
    # a step of 3 January is missing: held, with the day; estimated it is billed, and says so
    house, wh = House("t-gaps", PERIODS, [("G", metering.TOTAL)], FIRST), a_year(3)[: 31 * STEPS]
    gap = 2 * STEPS + 5
    wh[gap] = 0
    load(house.registers[0], wh, {gap: MISSING})
    house.read(202601, sum(wh) // 10)
    with clock.at(moment(bill_day(202601))):
        run = billing.preview(ACTOR, 202601, ())
    assert [(each.reason, each.count) for each in run.preview.holds] == [("intervals_missing", 1)]
    with clock.at(moment(bill_day(202601))):
        billing.approve(ACTOR, run.id)
        billing.run(ACTOR, run.id, 0)
    held = billing.holds(period=202601)
    assert [each.detail["first_day"] for each in held] == [20260103]
    load(house.registers[0], wh, {gap: ESTIMATED})
    assert house.bill(202601).estimated


def test_a_bill_that_its_readings_contradict_is_held() -> None:
    house, wh = House("t-apart", PERIODS, [("P", metering.TOTAL)], FIRST), a_year(4)[: 31 * STEPS]
    load(house.registers[0], wh)
    house.read(202601, sum(wh) // 10 * 103 // 100)
    with clock.at(moment(bill_day(202601))):
        run = billing.preview(ACTOR, 202601, ())
    assert [(each.reason, each.count) for each in run.preview.holds] == [("intervals_apart", 1)]


def test_registers_by_period_go_before_intervals() -> None:
    registers = [("R", metering.PEAK), ("R", metering.VALLEY), ("R", metering.DEEP_VALLEY), ("R", 9), ("R", 11)]
    house, wh = House("t-both", PERIODS, registers, FIRST), a_year(5)[: 31 * STEPS]
    load(house.registers[0], wh)
    # 10 × 0.70 + 20 × 0.25 + 30 × 0.05 = 13.50; 4 kW × 12 + 2 kW × 3 = 54.00
    assert house.month(202601, 1000, 2000, 3000, 400, 200) == 6750
