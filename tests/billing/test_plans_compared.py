"""Which plan suits a customer: the same use on the tariffs open to him, worked out by hand; what is assumed is said."""

from datetime import date

import pytest

from gridhall.billing import public as billing
from gridhall.billing.plans_compared import least_share
from gridhall.tariffs import models
from gridhall.tariffs import public as tariffs
from tests.billing.town import ACTOR, AUGUST, BLOCKS, BY_PERIOD, SEPTEMBER, Town, small_town

pytestmark = pytest.mark.django_db
TODAY = date(2026, 10, 10)


@pytest.fixture
def town() -> Town:
    town = small_town()
    for period, readings in ((202608, AUGUST), (202609, SEPTEMBER)):
        town.read(period, readings)
        town.bill(period)
    return town


def test_one_whose_meter_tells_only_the_total(town: Town) -> None:
    """Wang, 300 and 260 kWh, all in the first block: 300 × 0.5469 + 260 × 0.5469 = 164.07 + 142.19 = 306.26.

    With 40 % in the valley: 180 × 0.5769 + 120 × 0.3769 = 149.07; 156 × 0.5769 + 104 × 0.3769 = 129.19; 278.26. Each
    kWh is 0.03 dearer in the peak and 0.17 cheaper in the valley: from 15 % on it costs no more.
    """
    found = billing.plans_for(town.accounts["Wang"], BLOCKS, TODAY)
    assert found is not None
    assert (found.periods, found.wh, found.measured) == ((202608, 202609), (300_000, 260_000), False)
    cheapest, own = found.plans
    assert (own.code, own.own, own.months, own.assumed, own.even_permille) == (
        BLOCKS,
        True,
        (16407, 14219),
        False,
        None,
    )
    assert (cheapest.code, cheapest.months, cheapest.assumed) == (BY_PERIOD, (14907, 12919), True)
    assert cheapest.even_permille == 150
    assert found.billed == own.total == 30626


def test_another_share_in_the_valley(town: Town) -> None:
    """None in the valley: 300 × 0.5769 + 260 × 0.5769 = 173.07 + 149.99 = 323.06, more than the own plan."""
    found = billing.plans_for(town.accounts["Wang"], BLOCKS, TODAY, 0)
    assert found is not None
    assert [(plan.code, plan.total) for plan in found.plans] == [(BLOCKS, 30626), (BY_PERIOD, 32306)]


def test_one_whose_meter_counts_the_periods(town: Town) -> None:
    """Li: nothing is assumed. On blocks 300 + 250 kWh × 0.5469 = 164.07 + 136.73."""
    found = billing.plans_for(town.accounts["Li"], BY_PERIOD, TODAY)
    assert found is not None
    by_code = {plan.code: plan for plan in found.plans}
    assert found.measured
    assert by_code[BLOCKS].months == (16407, 13673)
    assert not by_code[BY_PERIOD].assumed
    assert by_code[BY_PERIOD].total == town.of("Li", 202608).amount + town.of("Li", 202609).amount


def test_only_what_is_open_to_him(town: Town) -> None:
    """Not a tariff of another place, class or kind of meter; one that needs what no meter shows is said so."""
    text = """
tariff: by-demand
name: By demand
currency: CNY
source: made up
for: {class: residential, meter: own, place: Shandong}
versions:
  - from: 2020-01-01
    rounding: once per bill, half up, to 0.01
    energy: [{price per kWh: 0.30}]
    demand: [{price per kW a month: 20, billed: measured, divided: once a bill}]
"""
    for book in (text, text.replace("by-demand", "elsewhere").replace("Shandong", "Hainan")):
        (version,) = tariffs.enter_book(ACTOR, book)
        tariffs.approve(ACTOR, version)
    found = billing.plans_for(town.accounts["Wang"], BLOCKS, TODAY)
    assert found is not None
    assert [(plan.code, plan.cannot) for plan in found.plans] == [
        (BY_PERIOD, ""),
        (BLOCKS, ""),
        ("by-demand", "demand"),
    ]


@pytest.mark.parametrize(
    ("more", "cannot"),
    [
        ("demand: [{price per kW a month: 20, billed: billing demand, divided: once a bill}]", "demand"),
        ("demand: [{price per kW a month: 20, billed: coincident, divided: once a bill}]", "demand"),
        ("fixed: [{price per month: 9, for: each meter, divided: once a bill}]", "further"),
        ("reactive: [{price per kvarh: 0.2}]", "further"),
        ("minimum: [{price per year: 900, counts: [everything]}]", "further"),
        ("hourly: [{series: spot}]", "further"),
    ],
)
def test_what_no_bill_of_his_tells_is_not_taken_for_nothing(town: Town, more: str, cannot: str) -> None:
    """A plan that charges by what is not known of him would look like the cheapest."""
    text = f"""
tariff: by-something
name: By something
currency: CNY
source: made up
for: {{class: residential, meter: own, place: Shandong}}
versions:
  - from: 2020-01-01
    rounding: once per bill, half up, to 0.01
    energy: [{{price per kWh: 0.30}}]
    {more}
"""
    (version,) = tariffs.enter_book(ACTOR, text)
    # as it may stand in a catalogue whose bill runs gather it for those who are on it
    models.TariffVersion.objects.filter(id=version).update(state=models.APPROVED)
    found = billing.plans_for(town.accounts["Wang"], BLOCKS, TODAY)
    assert found is not None
    assert [(plan.code, plan.cannot) for plan in found.plans][-1] == ("by-something", cannot)


def test_nothing_to_compare(town: Town) -> None:
    assert billing.plans_for(10**9, BLOCKS, TODAY) is None
    assert billing.plans_for(town.accounts["Wang"], "no-such-tariff", TODAY) is None


def test_the_least_share() -> None:
    assert least_share(lambda share: share < 333) == 333
    assert least_share(lambda share: False) == 0
    assert least_share(lambda share: True) is None
