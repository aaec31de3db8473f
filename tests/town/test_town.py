"""The sample town is the same under the same seed, another under another, and believable."""

from datetime import date

import numpy as np
import pytest

from gridhall.customers.public import COMMERCIAL, INDUSTRIAL, RESIDENTIAL
from gridhall.kernel import ids
from gridhall.metering import public as metering
from gridhall.project.demo import events, hanging, payers, places, town, use
from gridhall.tariffs.book import shipped_books

TOWN = town.draw(7, 3000)
HABITS = use.habits(TOWN)


def test_same_seed_same_town_other_seed_other_town() -> None:
    assert town.draw(7, 3000).fingerprint() == TOWN.fingerprint()
    assert town.draw(8, 3000).fingerprint() != TOWN.fingerprint()
    again = use.of_month(town.draw(7, 3000), HABITS, 9)
    assert np.array_equal(again.parts, use.of_month(TOWN, HABITS, 9).parts)
    first, second = events.of_month(TOWN, 5), events.of_month(town.draw(7, 3000), 5)
    assert first.day == second.day
    assert np.array_equal(first.missing, second.missing)


@pytest.mark.parametrize("size", [20, 60, 500, 3000])
def test_every_town_has_each_kind_of_customer(size: int) -> None:
    small = town.draw(3, size)
    assert set(small.class_code.tolist()) >= ({RESIDENTIAL, COMMERCIAL} if size < 60 else {1, 2, 3})
    assert small.accounts["address"].n_unique() == size
    assert small.accounts["phone"].n_unique() == size
    assert all(ids.has_valid_check_digit(number) for number in small.accounts["number"])
    assert set(payers.draw(small).kind.tolist()) == set(range(6))


def test_a_town_too_small_or_too_large_is_refused() -> None:
    for size in (19, 1_000_001):
        with pytest.raises(ValueError, match="premises"):
            town.draw(1, size)


def test_areas_stations_and_persons() -> None:
    seed = places.territory()
    assert (len(seed.districts), len(seed.stations), len(seed.units), len(seed.areas)) == (3, 6, 6, 40)
    assert {each.area_id for each in seed.responsible} == {area.id for area in seed.areas}
    handed_over = [each for each in seed.responsible if each.until is not None]
    assert len(handed_over) == 5
    assert {outlet.kind for outlet in seed.outlets} == {"hall", "bank", "newsstand", "night_shop", "machine"}
    counts = TOWN.accounts["area_id"].value_counts()["count"]
    assert counts.min() == counts.max() == 3000 // 40


def test_tariffs_are_shipped_and_fit_the_class() -> None:
    shipped = shipped_books()
    used = set(TOWN.accounts["tariff_code"].to_list())
    assert used <= set(shipped)
    assert len(used) == 8
    works = TOWN.accounts.filter(TOWN.accounts["class_code"] == INDUSTRIAL)
    assert works["capacity_va"].min() >= 315_000
    by_demand = works.filter(works["tariff_code"] == town.HUBEI_DEMAND)
    assert (by_demand["contract_w"] > 0).all()


def test_use_has_seasons_and_parts_add_up() -> None:
    homes = TOWN.class_code == RESIDENTIAL
    monthly = [int(use.of_month(TOWN, HABITS, month).total[homes].sum()) for month in range(24)]
    by_period = dict(zip(use.periods(), monthly, strict=True))
    assert by_period[202507] > 1.2 * by_period[202505]  # summer
    assert by_period[202601] > by_period[202604]  # winter
    assert by_period[202608] > by_period[202408 + 100] * 0.9
    assert use.periods()[0] == 202411
    assert use.periods()[-1] == 202610
    assert use.next_day(202412) == date(2025, 1, 1)
    works = TOWN.class_code == INDUSTRIAL
    january, february, march = (use.of_month(TOWN, HABITS, month).total[works].sum() for month in (14, 15, 16))
    assert february < 0.8 * march  # the Spring Festival of 2026 lies in February
    assert january > february


def test_registers_stand_where_their_use_leads() -> None:
    hung = hanging.hang_all(TOWN)
    before = hung.stands.copy()
    month_use = use.of_month(TOWN, HABITS, 0)
    hung.count(month_use)
    total, peak, valley = (hung.tou == code for code in (0, 2, 4))
    grown = hung.stands - before
    assert np.array_equal(grown[total], month_use.total)
    two = np.flatnonzero(TOWN.meter_kind == town.TWO_RATE)
    rows = np.isin(hung.row, two)
    assert np.array_equal(grown[rows & total], grown[rows & peak] + grown[rows & valley])
    assert (hung.shows() < hung.modulus).all()


def test_some_meters_roll_over_within_the_two_years() -> None:
    hung = hanging.hang_all(TOWN)
    for month in range(24):
        hung.count(use.of_month(TOWN, HABITS, month))
    old = TOWN.digits[hung.row] == 5
    assert old.any()
    assert (hung.stands[old] > hung.modulus[old]).mean() > 0.5


def test_events_of_a_month_do_not_meet() -> None:
    for month in range(24):
        happened = events.of_month(TOWN, month)
        groups = [happened.missing, happened.swapped, happened.exchanged, happened.moved, happened.customer_reads]
        rows = np.concatenate(groups)
        assert len(np.unique(rows)) == len(rows)
        period = use.periods()[month]
        assert use.first_day(period) < happened.day < use.next_day(period)
    last = events.of_month(town.draw(7, 60), 23)
    assert len(last.missing) >= 1
    assert len(last.swapped) >= 1


def test_swapped_digits_take_away_what_nobody_believes_or_add_it() -> None:
    # a value below the one before is never believed; a new meter's small value can only be read too high
    values = np.array([1234567, 312345, 12345, 5, 9_999_999])
    swapped = events.swap_digits(values)
    assert swapped.tolist() == [7234561, 132345, 5012340, 5_000_000, 9_999_999]


def test_money_is_whole_and_some_never_pay() -> None:
    who = payers.draw(TOWN)
    owed = np.full(TOWN.size, 12_345)
    waves = [payers.amounts(TOWN, who, 4, wave, owed) for wave in range(3)]
    assert all(wave.dtype == np.int64 and (wave >= 0).all() for wave in waves)
    assert all((wave[who.kind == payers.NEVER] == 0).all() for wave in waves)
    assert (waves[0][who.kind == payers.PROMPT] == 12_345).any()
    assert not payers.amounts(TOWN, who, 4, 1, np.zeros(TOWN.size, np.int64)).any()


def test_the_periods_of_a_meter_add_up_to_its_total_also_after_a_month_in_two_parts() -> None:
    hung = hanging.hang_all(TOWN)
    rows = np.arange(TOWN.size)

    def adds_up() -> bool:
        total = hung.tou == metering.TOTAL
        part = (hung.tou >= metering.SHARP) & (hung.tou <= metering.VALLEY)
        sums = np.bincount(hung.row[part], hung.stands[part], TOWN.size).astype(np.int64)
        by_period = sums[hung.row[total]] > 0
        return bool(by_period.any()) and np.array_equal(hung.stands[total][by_period], sums[hung.row[total]][by_period])

    assert adds_up()
    for month in (0, 1):  # a meter is exchanged on the 12th: what counted before it is read by itself
        month_use = use.of_month(TOWN, HABITS, month)
        hung.count(month_use, 11, 30, rows=rows)
        hung.count(month_use, 19, 30, rows=rows)
    assert adds_up()
