"""A bill over the turn of a block year counts each part in its own year."""

from datetime import date

import pytest

from gridhall.billing import public as billing
from gridhall.billing import reasons
from gridhall.billing.deciding import Decided
from gridhall.kernel import clock
from gridhall.metering import public as metering
from tests.billing.facts import PastBill, Reading, Term, Version, decided
from tests.billing.test_deciding import HALF, shipped
from tests.billing.town import ACTOR, AUGUST, SEPTEMBER, moment, small_town

SHANDONG = [Version(shipped("cn-shandong-residential", "2026-11-01"))]
STAYS = [Term("2024-01-01")]
NOVEMBER = PastBill(202511, "2025-11-01", "2025-12-01", 400_000, 5_000_000)
DECEMBER = PastBill(202512, "2025-12-01", "2026-01-01", 400_000, 5_400_000)


def one(done: Decided, name: str) -> int:
    assert not done.held
    return int(done.bills[name][0])


def test_a_december_that_was_missed_is_billed_in_its_own_year() -> None:
    # 800 kWh over 62 days, 31 of them in each year: 400 kWh at 0.8469 (block 3) + 400 at 0.5469 = 338.76 + 218.76
    reading = Reading("2025-12-01", 0, "2026-02-01", 80000)
    done = decided(202601, [reading], STAYS, SHANDONG, past=[NOVEMBER])
    assert one(done, "amount") == 33_876 + 21_876
    assert done.segments["wh_total"].tolist() == [400_000, 400_000]
    assert done.segments["year_used_wh"].tolist() == [5_400_000, -400_000]
    # the year's use after the bill, from which the next one goes on: 400 kWh
    assert one(done, "year_used_wh") + one(done, "wh") == 400_000


def test_the_bill_after_goes_on_in_the_new_year() -> None:
    over = PastBill(202601, "2025-12-01", "2026-02-01", 800_000, -400_000)
    done = decided(202602, [Reading("2026-02-01", 0, "2026-03-01", 30000)], STAYS, SHANDONG, past=[over])
    assert one(done, "year_used_wh") == 400_000


def test_the_year_runs_from_december_s_reading_whatever_day_it_is_taken() -> None:
    # read on 5 January: all of it is December's, 350 kWh at block 3; the bill of January begins the year
    december = decided(202512, [Reading("2025-12-01", 0, "2026-01-05", 35000)], STAYS, SHANDONG, past=[NOVEMBER])
    assert (one(december, "year_used_wh"), one(december, "amount")) == (5_400_000, 29_642)  # 350 × 0.8469 = 296.415
    late = PastBill(202512, "2025-12-01", "2026-01-05", 350_000, 5_400_000)
    done = decided(202601, [Reading("2026-01-05", 0, "2026-02-01", 30000)], STAYS, SHANDONG, past=[late])
    assert one(done, "year_used_wh") == 0
    # read on 29 December: January's bill has three days of the old calendar year, all of the new block year
    early = PastBill(202512, "2025-12-01", "2025-12-29", 350_000, 5_400_000)
    done = decided(202601, [Reading("2025-12-29", 0, "2026-02-01", 40000)], STAYS, SHANDONG, past=[early])
    assert (one(done, "year_used_wh"), one(done, "amount")) == (0, 21_876)


def test_each_part_has_the_months_of_its_year() -> None:
    moved_in = [Term("2025-12-28", agreement_since="2025-12-28")]
    done = decided(202601, [Reading("2025-12-28", 0, "2026-02-01", 30000)], moved_in, SHANDONG)
    assert done.segments["year_months"].tolist() == [1, 12]
    assert one(done, "year_months") == 12


def test_a_tariff_without_blocks_of_the_year_is_not_cut() -> None:
    done = decided(202601, [Reading("2025-12-01", 0, "2026-02-01", 80000)], STAYS, [Version(HALF)], past=[NOVEMBER])
    assert one(done, "amount") == 40_000
    assert done.segments["wh_total"].tolist() == [800_000]


@pytest.mark.parametrize(
    ("reading", "past"),
    [
        (Reading("2026-01-01", 40000, "2026-02-01", 10000, after_estimate=1), DECEMBER),
        (Reading("2025-12-01", 40000, "2026-02-01", 10000, after_estimate=1), NOVEMBER),
    ],
)
def test_a_true_up_over_the_turn_waits_for_a_person(reading: Reading, past: PastBill) -> None:
    done = decided(202601, [reading], STAYS, SHANDONG, past=[past])
    assert [each.reason for each in done.held] == [reasons.TURN_OF_YEAR]
    assert len(done) == 0
    assert len(decided(202601, [reading], STAYS, SHANDONG, past=[past], accept=True)) == 1


def test_a_true_up_within_the_year_is_billed() -> None:
    past = [PastBill(202602, "2026-02-01", "2026-03-01", 400_000, 400_000)]
    reading = Reading("2026-03-01", 40000, "2026-04-01", 10000, after_estimate=1)
    assert one(decided(202603, [reading], STAYS, SHANDONG, past=past), "wh") == -300_000


@pytest.mark.django_db
def test_over_the_turn_a_stored_bill_is_rated_again_to_the_same_fen_and_the_next_goes_on() -> None:
    made = small_town()
    for period, values in ((202608, AUGUST), (202609, SEPTEMBER)):
        made.read(period, values)
        made.bill(period)
    with clock.at(moment("2027-02-03")):  # held by metering: no reading for months
        register = made.registers["Zhao"][0]
        metering.take_readings(
            ACTOR, metering.NewReadings(register_id=[register], value=[54900], read_on=[date(2027, 2, 1)]), "office"
        )
        waiting = metering.held(period=202701)
        metering.settle_held(ACTOR, [each.id for each in waiting], "accepted")
    made.bill(202701)
    over = made.of("Zhao", 202701)
    # 369 kWh over 123 days from 1 October, 92 of them before the turn: 276 kWh; after it 93
    assert (over.wh, over.year_used_wh, over.year_months) == (369_000, -276_000, 12)
    account = made.accounts["Zhao"]
    assert billing.rate_again(account, 202701, 1) == over.amount
    made.read(202702, {"Zhao": 63300})
    made.bill(202702)
    assert made.of("Zhao", 202702).year_used_wh == 93_000
    with clock.at(moment("2027-03-10")):
        # of the same figures made again: nothing after it has changed, and what is summed is what was carried on
        assert billing.rebill(ACTOR, account, 202701, "looked at again").later == ()
        assert billing.rebill(ACTOR, account, 202702, "looked at again").later == ()
    assert made.of("Zhao", 202701, 2).year_used_wh == -276_000
    assert made.of("Zhao", 202702, 2).year_used_wh == 93_000
    assert billing.rate_again(account, 202701, 2) == over.amount
