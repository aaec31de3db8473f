"""Bills by interval data are those of `tariff rate` over the same load."""

import json
import shutil
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from gridhall.billing import public as billing
from gridhall.billing.stored import rated_again
from gridhall.columns.interval_days import days_of
from gridhall.customers import public as customers
from gridhall.doors.cli.customers import app as customer_command
from gridhall.doors.cli.tariff import app as tariff_command
from gridhall.kernel import clock
from gridhall.kernel.home import home
from gridhall.kernel.refusal import Refusal
from gridhall.metering import public as metering
from gridhall.metering.intervals.loading import the_store
from gridhall.rules.interval_use import ESTIMATED, MEASURED, MISSING
from gridhall.tariffs import public as tariffs
from gridhall.tariffs.book import load_book
from gridhall.tariffs.by_load import rate_in_force
from gridhall.tariffs.load_terms import LoadTerms
from gridhall.tariffs.price_series import read_series
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


HOURLY = """
    hourly: [{series: spot}]
    fixed: [{price per month: 3, divided: once a bill}]
"""
NET = """
    periods: {peak: "12:00-20:00", valley: rest}
    energy: [{price per kWh: {peak: 0.02, valley: 0.01}}]
    hourly: [{series: spot}]
    net metering: {keep: money}
"""
IN_TIME = """
    periods: {peak: "12:00-20:00", valley: rest}
    energy:
      - price per kWh: {peak: [0.5, 0.7, 0.91], valley: [0.2, 0.3, 0.4]}
        blocks: {count: the month's kWh, limits: [400, 900], with periods: in time}
"""


def prices(offsets: str, days: int = DAYS) -> str:
    """A price of each hour, some below nothing, as a file; it begins with the year by the clock of Shanghai."""
    rng = np.random.default_rng(8)
    lines = ["from,price"]
    for hour in range(days * 24):
        when = moment(FIRST.isoformat()) + timedelta(hours=hour - 9)
        lines.append(f"{when:%Y-%m-%dT%H:%M}{offsets},{int(rng.integers(-500, 9000)) / 10000:.4f}")
    return "\n".join(lines)


@pytest.mark.parametrize("offsets", ["", "+08:00"])
def test_half_a_year_by_the_hour_is_that_of_the_load(offsets: str) -> None:
    # 48 half hours a day at 24 prices; with offsets the minutes are kept in UTC, and the book has a time zone
    body = HOURLY + ("    time zone: Asia/Shanghai\n" if offsets else "")
    house, wh = House("t-spot", body, [("S", metering.TOTAL)], FIRST), a_year(6)
    load(house.registers[0], wh)
    done = tariffs.load_prices(ACTOR, "spot", prices(offsets), 2)
    assert (done.new, done.known, done.replaced) == (DAYS * 24, 0, 0)
    terms = LoadTerms(prices={"spot": read_series(prices(offsets), 2)})
    assert by_run(house, wh, 6) == by_command("t-spot", body, wh, terms)[:6]


def test_an_hour_without_a_price_holds_the_bill() -> None:
    house, wh = House("t-spot", HOURLY, [("S", metering.TOTAL)], FIRST), a_year(6)[: 31 * STEPS]
    load(house.registers[0], wh)
    tariffs.load_prices(ACTOR, "spot", prices("", 30), 2)
    house.read(202601, sum(wh) // 10)
    with clock.at(moment(bill_day(202601))):
        run = billing.preview(ACTOR, 202601, ())
    assert [(each.reason, each.count) for each in run.preview.holds] == [("unpriced", 1)]


def test_a_tariff_by_the_hour_is_held_without_intervals() -> None:
    house = House("t-spot", HOURLY, [("S", metering.TOTAL)], FIRST)
    house.read(202601, 5000)
    with clock.at(moment(bill_day(202601))):
        run = billing.preview(ACTOR, 202601, ())
    assert [(each.reason, each.count) for each in run.preview.holds] == [("no_intervals", 1)]


def test_what_is_fed_in_is_set_off_step_by_step() -> None:
    registers = [("F", metering.TOTAL), ("F", 13)]
    house, wh, fed = House("t-spot", NET, registers, FIRST), a_year(6), a_year(7)
    load(house.registers[0], wh)
    load(house.registers[1], fed)
    tariffs.load_prices(ACTOR, "spot", prices(""), 2)
    terms = LoadTerms(export=fed, prices={"spot": read_series(prices(""), 2)})
    amounts = [
        house.month(period, sum(wh[:until]) // 10, sum(fed[:until]) // 10) for period, until in months(3)
    ]  # fmt: skip
    assert amounts == by_command("t-spot", NET, wh, terms)[:3]


def test_blocks_in_the_order_of_time_are_those_of_the_load() -> None:
    house, wh = House("t-in-time", IN_TIME, [("T", metering.TOTAL)], FIRST), a_year(9)
    load(house.registers[0], wh)
    assert by_run(house, wh, 6) == by_command("t-in-time", IN_TIME, wh)[:6]


def test_a_price_given_out_is_replaced_only_as_a_correction() -> None:
    first = "from,price\n2026-01-01T00:00,0.5\n2026-01-01T01:00,0.6"
    other = "from,price\n2026-01-01T01:00,0.7\n2026-01-01T02:00,0.8"
    tariffs.load_prices(ACTOR, "day-ahead", first, 2)
    with pytest.raises(Refusal, match="another price"):
        tariffs.load_prices(ACTOR, "day-ahead", other, 2)
    done = tariffs.load_prices(ACTOR, "day-ahead", other, 2, replace=True)
    assert (done.new, done.known, done.replaced) == (1, 0, 1)
    with pytest.raises(Refusal, match="line 2"):
        tariffs.load_prices(ACTOR, "day-ahead", "from,price\n2026-01-01,much", 2)


CHANGED = """
    until: 2026-01-15
    change by: {how}
    energy: [{{price per kWh: 0.5}}]
  - from: 2026-01-16
    rounding: once per bill, half up, to 0.01
    change by: {how}
    energy: [{{price per kWh: 0.8}}]
"""


def test_a_price_change_by_interval_is_that_of_the_load() -> None:
    body = CHANGED.format(how="interval")
    house, wh = House("t-change", body, [("C", metering.TOTAL)], FIRST), a_year(10)
    wh[: 15 * STEPS] = [each // 10 for each in wh[: 15 * STEPS]]  # far less before the change: by days it were another
    load(house.registers[0], wh)
    assert by_run(house, wh, 2) == by_command("t-change", body, wh)[:2]


def test_a_price_change_by_interval_is_held_without_intervals() -> None:
    house = House("t-change", CHANGED.format(how="interval"), [("C", metering.TOTAL)], FIRST)
    house.read(202601, 31000)
    assert _held(202601) == [("no_intervals", 1)]


def test_a_price_change_by_reading_takes_the_reading_of_the_day() -> None:
    # 100 kWh until 16 January × 0.50 = 50.00, 210 kWh from then on × 0.80 = 168.00
    house = House("t-change", CHANGED.format(how="reading"), [("C", metering.TOTAL)], FIRST)
    with clock.at(moment("2026-01-16")):
        given = metering.NewReadings(register_id=list(house.registers), value=[10000], read_on=[date(2026, 1, 16)])
        assert metering.take_readings(ACTOR, given, "office").accepted == 1
    assert house.month(202601, 31000) == 21800


def test_a_price_change_by_reading_is_held_without_one() -> None:
    house = House("t-change", CHANGED.format(how="reading"), [("C", metering.TOTAL)], FIRST)
    house.read(202601, 31000)
    assert _held(202601) == [("unread_change", 1)]


def _held(period: int) -> list[tuple[str, int]]:
    with clock.at(moment(bill_day(period))):
        run = billing.preview(ACTOR, period, ())
    return [(each.reason, each.count) for each in run.preview.holds]


def test_two_meters_of_one_supply_are_one_load() -> None:
    # half of each step on either meter, the odd Wh on the first: the demand is that of both together
    house, wh = House("t-hours", PERIODS, [("A", metering.TOTAL), ("B", metering.TOTAL)], FIRST), a_year(11)
    halves = [each // 2 for each in wh]
    load(house.registers[0], [each - half for each, half in zip(wh, halves, strict=True)])
    load(house.registers[1], halves)
    until = 31 * STEPS
    first = sum(wh[:until]) - sum(halves[:until])
    assert house.month(202601, first // 10, sum(halves[:until]) // 10) == by_command("t-hours", PERIODS, wh)[0]


def test_the_commands_keep_prices_and_sub_supplies(tmp_path: Path) -> None:
    house = House("t-spot", HOURLY, [("K", metering.TOTAL)], FIRST)
    file = tmp_path / "spot.csv"
    file.write_text(prices("+08:00", 31), encoding="utf-8")
    runner = CliRunner()
    done = runner.invoke(tariff_command, ["load-prices", "spot", str(file), "--json"])
    assert json.loads(done.stdout) == {"new": 744, "known": 0, "replaced": 0}, done.output
    assert (
        json.loads(runner.invoke(tariff_command, ["load-prices", "spot", str(file), "--json"]).stdout)["known"] == 744
    )
    found = customers.account(house.account)
    assert found is not None
    words = ["sub-supply", found.number, "--since", "2026-02-01", "--percent", "12.5", "--kwh", "60"]
    assert runner.invoke(customer_command, words).exit_code == 0
    after = customers.account(house.account)
    assert after is not None
    newest = after.agreements[0].terms[-1]
    assert (newest.since, newest.sub_share, newest.sub_wh, newest.sub_percent) == (
        date(2026, 2, 1),
        1250,
        60_000,
        "12.5",
    )
    wrong = runner.invoke(customer_command, [*words[:4], "--percent", "0.001"])
    assert isinstance(wrong.exception, Refusal)
    assert wrong.exception.code == "too_many_decimals"
