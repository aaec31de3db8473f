"""Bills of tariffs that ask for more than the use of a month: energy fed in, demands before, a year, meters."""

from datetime import date

import pytest

from gridhall.billing import public as billing
from gridhall.billing.further import FACTS, KEPT_WH
from gridhall.billing.models import BillFact
from gridhall.billing.stored import rated_again, rated_differently
from gridhall.customers import public as customers
from gridhall.kernel import clock
from gridhall.kernel.refusal import Refusal
from gridhall.ledger import public as ledger
from gridhall.metering import public as metering
from gridhall.tariffs import public as tariffs
from tests.billing.town import ACTOR, LAKE_ONE, bill_day, moment, read_on
from tests.town.places import small_territory

pytestmark = pytest.mark.django_db(transaction=True)

HEAD = """
tariff: {code}
name: {{zh: 试, en: Trial}}
currency: CNY
source: made up for tests
for: {{class: commercial}}
versions:
  - from: 2025-01-01
    rounding: once per bill, half up, to 0.01
"""
NET = """
    energy: [{price per kWh: 0.50}]
    net metering: {keep: kWh, pay out per kWh: 0.30}
"""
RATCHET = """
    billing demand: {ratchet: {per cent: 80, months: 2}}
    demand: [{price per kW a month: 10, billed: billing demand, divided: once a bill}]
"""
YEARLY = """
    energy: [{price per kWh: 0.10}]
    minimum: [{price per year: 240, counts: [energy]}]
"""
METERS = """
    fixed: [{price per month: 5, divided: once a bill, for: each meter}]
"""
PERIODS = """
    periods: {peak: "12:00-20:00", valley: "20:00-08:00", deep valley: rest}
    energy: [{price per kWh: {peak: 0.90, valley: 0.30, deep valley: 0.10}}]
    demand: [{price per kW a month: {peak: 12, valley: 3, deep valley: 0}, billed: measured, divided: once a bill}]
"""
SUBS = """
    sub-supplies: [{as agreed: true, price per kWh: 0.40}]
    energy: [{price per kWh: 0.50}]
"""


class House:
    """A customer of one tariff; values are whole hundredths, registers begin at 0 on the first day."""

    def __init__(self, code: str, body: str, registers: list[tuple[str, int]], since: date) -> None:
        small_territory()
        for version in tariffs.enter_book(ACTOR, HEAD.format(code=code) + body):
            tariffs.approve(ACTOR, version)
        opened = customers.register_accounts(
            ACTOR,
            customers.NewAccounts(
                name=["Sun"], address=["湖滨路1号"], area_id=[LAKE_ONE], class_code=[2], tariff_code=[code],
                since=[since],
            ),
        )  # fmt: skip
        assert not opened.refused
        self.account = opened.account_ids[0]
        n = len(registers)
        hung = metering.register_meters(
            ACTOR,
            metering.NewMeters(
                serial=[serial for serial, _ in registers], account_id=[self.account] * n, since=[since] * n,
                tou=[tou for _, tou in registers],
            ),
        )  # fmt: skip
        assert not hung.refused
        self.registers = hung.register_ids

    def read(self, period: int, *values: int) -> None:
        with clock.at(moment(bill_day(period))):
            taken = metering.take_readings(
                ACTOR,
                metering.NewReadings(
                    register_id=list(self.registers), value=list(values), read_on=[read_on(period)] * len(values)
                ),
                "office",
            )
        assert taken.accepted == len(values), taken

    def bill(self, period: int) -> billing.BillView:
        with clock.at(moment(bill_day(period))):
            run = billing.preview(ACTOR, period, ())
            billing.approve(ACTOR, run.id)
            billing.run(ACTOR, run.id, 0)
        assert rated_differently(period) == (1, [])
        assert ledger.check() == []
        return billing.bill(self.account, period, 1)

    def month(self, period: int, *values: int) -> int:
        self.read(period, *values)
        return self.bill(period).amount


def test_energy_fed_in_is_kept_set_off_and_paid_out() -> None:
    # October: 100 used, 160 fed in: nothing to pay, 60 kept. November: 200 used, 50 fed in: 200 - 50 - 60 = 90 × 0.50 =
    # 45.00, 0 kept. December: 100 used, 200 fed in: 100 left × 0.30 = 30.00 back, nothing kept.
    house = House("t-net", NET, [("N1", metering.TOTAL), ("N1", 13)], date(2026, 10, 1))
    assert house.month(202610, 10000, 16000) == 0
    assert _facts(house.account, 202610) == {"export_wh": 160_000, "kept": 60_000}
    assert house.month(202611, 30000, 21000) == 4500
    assert _facts(house.account, 202611) == {"export_wh": 50_000, "credit_wh": 60_000, "kept": 0}
    assert house.month(202612, 40000, 41000) == -3000
    again = rated_again(house.account, 202612, 1)
    assert again is not None
    assert (again.amount, again.credit_wh) == (-3000, 0)
    assert billing.bill(house.account, 202611, 1).wh == 200_000  # as metered


def test_the_ratchet_looks_back_on_stored_demands() -> None:
    # October 100 kW × 10 = 1000; November 50 kW, but 80 % of 100 = 80 kW: 800; December 50: still 80 (two months back);
    # January 50 kW: only November and December count, 80 % of 50 = 40, so 50: 500
    house = House("t-ratchet", RATCHET, [("R1", metering.TOTAL), ("R1", metering.DEMAND)], date(2026, 10, 1))
    amounts = [
        house.month(202610, 10000, 10000), house.month(202611, 20000, 5000), house.month(202612, 30000, 5000),
        house.month(202701, 40000, 5000),
    ]  # fmt: skip
    assert amounts == [100_000, 80_000, 80_000, 50_000]


def test_the_minimum_of_a_year_is_settled_in_december() -> None:
    # In from October: three months of entitlement, 240 × 3 / 12 = 60.00. October 100 kWh and November 150: 10.00 and
    # 15.00; December 100 kWh 10.00 and what is missing: 60 - 35 = 25.00, in all 35.00
    house = House("t-yearly", YEARLY, [("Y1", metering.TOTAL)], date(2026, 10, 1))
    assert [house.month(202610, 10000), house.month(202611, 25000), house.month(202612, 35000)] == [1000, 1500, 3500]
    assert _facts(house.account, 202612) == {"year_counted": 2500, "year_ends": 1}


def test_meters_are_counted_on_the_last_day() -> None:
    # three meters × 5.00
    house = House("t-meters", METERS, [("A", 0), ("B", 0), ("C", 0)], date(2026, 10, 1))
    assert house.month(202610, 10000, 0, 5000) == 1500
    assert _facts(house.account, 202610) == {"meters": 3}


def test_sub_supplies_are_as_agreed_from_the_day_they_are() -> None:
    # October: 1000 kWh × 0.50. From November 20 % and 60 kWh a month at 0.40: 1000 × 20 % + 60 = 260 × 0.40 = 104.00,
    # and 740 × 0.50 = 370.00
    house = House("t-subs", SUBS, [("S", metering.TOTAL)], date(2026, 10, 1))
    assert house.month(202610, 100_000) == 50_000
    change = customers.TermChange(house.account, date(2026, 11, 1), sub_share=2000, sub_wh=60_000)
    customers.change_terms(ACTOR, [change])
    assert house.month(202611, 200_000) == 47_400
    assert _facts(house.account, 202611) == {"sub_share": 2000, "sub_wh": 60_000}
    again = rated_again(house.account, 202611, 1)
    assert again is not None
    assert again.amount == 47_400
    with pytest.raises(Refusal, match="too great"):
        customers.change_terms(ACTOR, [customers.TermChange(house.account, date(2026, 12, 1), sub_share=10_001)])


def test_registers_by_period_with_a_deep_valley_and_demands() -> None:
    # 10 × 0.90 + 20 × 0.30 + 30 × 0.10 = 9 + 6 + 3 = 18.00; 4 kW × 12 + 2 kW × 3 = 54.00
    registers = [("D", metering.PEAK), ("D", metering.VALLEY), ("D", metering.DEEP_VALLEY), ("D", 9), ("D", 11)]
    house = House("t-periods", PERIODS, registers, date(2026, 10, 1))
    assert house.month(202610, 1000, 2000, 3000, 400, 200) == 7200
    shown = billing.bill(house.account, 202610, 1)
    assert shown.wh == 60_000
    again = rated_again(house.account, 202610, 1)
    assert again is not None
    assert again.amount == 7200


def test_a_tariff_by_demand_of_periods_is_held_without_its_registers() -> None:
    registers = [("D", metering.PEAK), ("D", metering.VALLEY), ("D", metering.DEEP_VALLEY)]
    house = House("t-periods", PERIODS, registers, date(2026, 10, 1))
    house.read(202610, 1000, 2000, 3000)
    with clock.at(moment(bill_day(202610))):
        run = billing.preview(ACTOR, 202610, ())
    assert [(each.reason, each.count) for each in run.preview.holds] == [("registers", 1)]


def _facts(account: int, period: int) -> dict[str, int]:
    names = {**FACTS, KEPT_WH: "kept"}
    rows = BillFact.objects.filter(account_id=account, period=period).values_list("fact", "value")
    return {names[fact]: value for fact, value in rows if names[fact] != "true_up"}
