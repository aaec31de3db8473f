"""What a new version does to every customer: figures by hand, groups and distribution that add up."""

from pathlib import Path

import pytest

from gridhall.billing import public as billing
from gridhall.billing.models import BillUse
from gridhall.kernel.refusal import Refusal
from gridhall.tariffs import public as tariffs
from tests.billing.town import (
    ACTOR,
    AUGUST,
    BY_PERIOD,
    LAKE_ONE,
    LAKE_TWO,
    OTHER_UNIT,
    SEPTEMBER,
    UNIT,
    Town,
    small_town,
)

pytestmark = pytest.mark.django_db

# The first block is 0.05 cheaper, and each month costs 3.00.
DRAFT = """
tariff: cn-shandong-residential
name: {zh: 居民, en: Residential}
currency: CNY
source: made up
for: {class: residential, meter: own, place: Shandong}
versions:
  - from: 2027-01-01
    rounding: once per bill, half up, to 0.01
    energy:
      - price per kWh: [0.4969, 0.5969, 0.8469]
        blocks: {count: the year's kWh, limits: [210 a month, 400 a month]}
    fixed: [{price per month: 3, divided: once a bill}]
"""
# Prices that change inside each month: 0.40 until the 15th of August and September, 0.50 after.
SEASONS = """
tariff: by-season
name: By season
currency: CNY
source: made up
for: {class: residential}
versions:
  - from: 2020-01-01
    rounding: once per bill, half up, to 0.01
    seasons: {early: "08-01..08-15, 09-01..09-15", other: rest}
    energy: [{price per kWh: {early: 0.40, other: 0.50}}]
"""


@pytest.fixture
def town() -> Town:
    town = small_town()
    for period, readings in ((202608, AUGUST), (202609, SEPTEMBER)):
        town.read(period, readings)
        town.bill(period)
    return town


def draft(text: str = DRAFT) -> int:
    (version,) = tariffs.enter_book(ACTOR, text)
    return version


def test_a_month_on_a_draft(town: Town) -> None:
    """August: Wang 300 kWh 164.07 → 300 × 0.4969 + 3 = 152.07; Zhao 90: 49.22 → 44.72 + 3 = 47.72; Hill 1 kWh: 0.55 →
    0.50 + 3 = 3.50. Li is on another tariff."""
    found = billing.what_if(draft(), [202608])
    rows = found.rows
    by_home = {
        home: (int(rows.before[k]), int(rows.after[k]))
        for home, account in town.accounts.items()
        for k in range(len(rows))
        if rows.account_id[k] == account
    }
    assert by_home == {"Wang": (16407, 15207), "Zhao": (4922, 4772), "Hill": (55, 350)}
    assert (found.bills, found.not_rated, found.equal) == (3, 0, 0)
    assert (found.total.winners, found.total.losers, found.total.change) == (2, 1, -1200 - 150 + 295)
    assert (found.won, found.lost) == (-1350, 295)
    # Wang − 7.3 %, Zhao − 3.05 %, Hill + 536 %
    assert {(each.above, each.upto): each.customers for each in found.bins if each.customers} == {
        (-100, -50): 1, (-50, -20): 1, (200, None): 1,
    }  # fmt: skip
    assert sum(each.change for each in found.bins) == found.total.change
    assert [(each.key, each.change) for each in found.by_area] == [(LAKE_ONE, -1200), (LAKE_TWO, -150), (10201, 295)]
    assert [(each.key, each.customers) for each in found.by_unit] == [(UNIT, 2), (OTHER_UNIT, 1)]
    assert [each.change for each in found.most_less] == [-1200, -150]
    assert [each.change for each in found.most_more] == [295]


def test_two_months_are_added_up(town: Town) -> None:
    """September, 260 kWh from 300 on (first block up to 1,050): 142.19 → 129.19 + 3 = 132.19; Wang − 12.00 − 10.00."""
    found = billing.what_if(draft(), [202608, 202609], account_ids=[town.accounts["Wang"]])
    assert (found.bills, len(found.rows)) == (2, 1)
    assert found.total.change == -2200
    assert int(found.rows.wh[0]) == 560_000


def test_units_and_progress(town: Town) -> None:
    told: list[tuple[int, int]] = []
    found = billing.what_if(
        draft(), [202608, 202609], unit_ids=[OTHER_UNIT], progress=lambda done, whole: told.append((done, whole))
    )
    assert [each.key for each in found.by_unit] == [OTHER_UNIT]
    assert told == [(1, 2), (2, 2)]


def test_a_season_that_begins_inside_a_bill(town: Town) -> None:
    """August, 31 days, 300 kWh: 15 days' 145.161 kWh × 0.40 + 154.839 × 0.50 = 58.0644 + 77.4195 = 135.48. A tariff
    that nobody has yet is tried on those of another."""
    version = draft(SEASONS)
    found = billing.what_if(
        version, [202608], from_tariffs=["cn-shandong-residential"], account_ids=[town.accounts["Wang"]]
    )
    assert (found.not_rated, int(found.rows.after[0])) == (0, 13548)
    assert billing.what_if(version, [202608]).total.customers == 0


def test_what_cannot_be_rated_is_said(town: Town) -> None:
    """The tariff by period has no price for a meter that counts the total alone: three bills are left out, and said."""
    newest = tariffs.versions(BY_PERIOD)[0].version_id
    found = billing.what_if(newest, [202608], from_tariffs=["cn-shandong-residential"])
    assert (found.not_rated, found.total.customers) == (3, 0)


def test_two_versions_side_by_side_are_cut_at_a_season_too(town: Town) -> None:
    """Of one tariff, 0.40 in the first half of the month against 0.50 all of it: Wang, August: 150.00 → 135.48, as the
    what-if has it."""
    text = SEASONS.replace("by-season", "cn-shandong-residential")
    flat = text.replace("early: 0.40", "early: 0.50").replace("2020-01-01", "2027-01-01")
    before, after = draft(flat), draft(text.replace("2020-01-01", "2028-01-01"))
    found = billing.difference_of_versions(202608, before, after)
    by_account = {row.account_id: (row.before_amount, row.after_amount) for row in found.rows}
    assert by_account[town.accounts["Wang"]] == (15000, 13548)
    assert (found.bills, found.not_rated) == (3, 0)
    assert found.change == billing.what_if(after, [202608]).total.after - billing.what_if(before, [202608]).total.after


def test_two_versions_leave_out_what_one_of_them_cannot_rate(town: Town) -> None:
    """A version by period cannot rate three meters that count the total alone: no bill of nothing stands for them."""
    periods = DRAFT.replace("2027-01-01", "2028-01-01").split("    energy:")[0]
    periods += (
        "    periods: {peak: as metered, valley: as metered}\n    energy: [{price per kWh: {peak: 1, valley: 1}}]\n"
    )
    found = billing.difference_of_versions(202608, draft(), draft(periods))
    assert (found.bills, found.equal, found.not_rated, found.rows) == (0, 0, 3, ())
    assert (found.before_amount, found.after_amount) == (0, 0)


def test_what_a_version_prices_and_no_bill_tells_is_said(town: Town) -> None:
    """A demand charge on bills without a demand comes to nothing: the figures would look like a gift."""
    version = draft(DRAFT + "    demand: [{price per kW a month: 20, billed: measured, divided: once a bill}]\n")
    assert billing.what_if(version, [202608]).lacking == ("demand_w",)
    assert billing.what_if(draft(DRAFT.replace("2027", "2028")), [202608]).lacking == ()


def test_a_bill_that_its_own_version_cannot_rate_again(town: Town) -> None:
    """Li's bill without what his registers counted: what it would come to is not guessed from a half of the sum."""
    BillUse.objects.filter(account_id=town.accounts["Li"], tou__in=(2, 4)).delete()
    found = billing.what_if(draft(), [202608], from_tariffs=[BY_PERIOD])
    assert (found.not_rated, found.total.customers) == (1, 0)


def test_the_file_of_all_customers(town: Town, tmp_path: Path) -> None:
    path = tmp_path / "all.csv"
    billing.write_what_if(billing.what_if(draft(), [202608]).rows, path)
    head, first, *_ = path.read_text("utf-8-sig").splitlines()
    assert head == "customer_number,unit,area,class,kwh,before,after,change"
    assert first.split(",")[1:] == ["U1", "A1", "1", "300.000", "164.07", "152.07", "-12.00"]
    assert first.split(",")[0].isdecimal()


@pytest.mark.parametrize(
    ("code", "version", "periods", "wanted"),
    [("unknown_version", 9999, [202608], ()), ("bad_period", 0, [], ()), ("unknown_tariff", 0, [202608], ("none",))],
)
def test_refusals(town: Town, code: str, version: int, periods: list[int], wanted: tuple[str, ...]) -> None:
    with pytest.raises(Refusal) as refused:
        billing.what_if(version or draft(), periods, from_tariffs=wanted)
    assert refused.value.code == code
