"""Held readings settled by a person; estimates and their true-up."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest

from gridhall.kernel import clock
from gridhall.kernel.access import Actor
from gridhall.kernel.models import AuditEntry
from gridhall.kernel.refusal import Refusal
from gridhall.metering import checks
from gridhall.metering import public as metering
from tests.metering.homes import ACTOR, UNIT, Homes, homes, periods, read

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def late_in_2026() -> Iterator[None]:
    with clock.at(datetime(2026, 11, 25, 8, 0, tzinfo=UTC)):
        yield


def held_home() -> tuple[Homes, metering.HeldView]:
    """100.0 kWh a month until May; in June 1,500.0 kWh is read instead of 600.0 kWh."""
    home = homes(1)
    for k, period in enumerate(periods(202501, 202505), 1):
        read(home.registers, period, [1000 * k])
    assert read(home.registers, 202506, [15_000]).held == 1
    (held,) = metering.held([UNIT])
    assert held.code == "too_high"
    return home, held


def current(period: int) -> tuple[list[int], list[int], list[int]]:
    """(values, kinds, waiting reasons) of the unit in a period."""
    found = metering.usable_readings(UNIT, 0, 2**40, period)
    return found.current_value.tolist(), found.kind.tolist(), found.waiting_reason.tolist()


def test_accepted_as_read() -> None:
    _, held = held_home()
    assert current(202506) == ([], [], [checks.TOO_HIGH])
    assert metering.settle_held(ACTOR, [held.id], "accepted", note="factory party").settled == 1
    assert current(202506) == ([15_000], [metering.ACTUAL], [])
    assert metering.held([UNIT]) == []
    (settled,) = metering.held([UNIT], open_only=False)
    assert (settled.outcome, settled.settled_by) == ("accepted", "gridhall")
    entry = AuditEntry.objects.get(act="metering.settle")
    assert (entry.before, entry.after, entry.reason) == (
        {"value": 15_000}, {"outcome": "accepted", "value": 15_000}, "factory party",
    )  # fmt: skip


def test_corrected_keeps_what_was_read() -> None:
    home, held = held_home()
    assert metering.settle_held(ACTOR, [held.id], "corrected", {held.id: 6000}).settled == 1
    assert current(202506) == ([6000], [metering.CORRECTED], [])
    read(home.registers, 202507, [7000])
    assert current(202507) == ([7000], [metering.ACTUAL], [])


@pytest.mark.parametrize(
    ("value", "code"), [(None, "value_missing"), (4000, "below_previous"), (10**6, "too_many_digits")]
)
def test_a_wrong_correction_is_left_with_its_reason(value: int | None, code: str) -> None:
    _, held = held_home()
    done = metering.settle_held(ACTOR, [held.id], "corrected", {} if value is None else {held.id: value})
    assert (done.settled, [(each, why.code) for each, why in done.left]) == (0, [(held.id, code)])
    assert current(202506) == ([], [], [checks.TOO_HIGH])


def test_estimated_by_the_last_months() -> None:
    # June has 30 days; March to May 300.0 kWh in 92 days: 3000 × 30 / 92 = 978.26 → 978
    _, held = held_home()
    assert metering.settle_held(ACTOR, [held.id], "estimated").settled == 1
    assert current(202506) == ([5978], [metering.ESTIMATED], [])


def test_rejected_is_missing_and_can_be_estimated_and_trued_up() -> None:
    home, held = held_home()
    metering.settle_held(ACTOR, [held.id], "rejected")
    assert current(202506) == ([], [], [metering.MISSING])
    done = metering.estimate_missing(ACTOR, 202506, UNIT)
    assert (done.estimated, done.without_past) == (1, 0)
    assert current(202506) == ([5978], [metering.ESTIMATED], [])
    assert metering.estimate_missing(ACTOR, 202506, UNIT).estimated == 0
    # on the first of August 590.0 kWh are read: less than was estimated; July is billed −7.8 kWh, June + July 90.0 kWh
    assert read(home.registers, 202507, [5900]).accepted == 1
    found = metering.usable_readings(UNIT, 0, 2**40, 202507)
    assert (found.previous_value.tolist(), found.after_estimate.tolist()) == ([5978], [1])
    july, june = metering.register_values(home.accounts[0])[:2]
    assert (july.wh, june.wh) == (-7_800, 97_800)


def test_last_years_month_leads_the_estimate() -> None:
    home = homes(1)
    total = 0
    for period in periods(202501, 202605):
        total += 3000 if period == 202506 else 1000
        if read(home.registers, period, [total]).held:
            metering.settle_held(ACTOR, [row.id for row in metering.held([UNIT])], "accepted")
    assert metering.estimate_missing(ACTOR, 202606, UNIT).estimated == 1
    # June 2025 had 300.0 kWh in 30 days, and June 2026 has 30 days
    assert current(202606)[0] == [total + 3000]


def test_a_newcomer_is_estimated_by_the_neighbours_or_not_at_all() -> None:
    home = homes(11)
    assert metering.estimate_missing(ACTOR, 202501, UNIT) == metering.EstimatesMade(202501, UNIT, 0, 11)
    read(home.registers[:10], 202501, [1000] * 10)
    # ten homes use 100.0 kWh in 31 days: 3,225 Wh a day, 32 units, times 31 are 99.2 kWh
    assert metering.estimate_missing(ACTOR, 202501, UNIT) == metering.EstimatesMade(202501, UNIT, 1, 0)
    assert metering.register_values(home.accounts[10])[0].value == 992


def test_a_real_reading_after_the_estimate_waits_for_a_look_and_takes_its_place() -> None:
    home, held = held_home()
    metering.settle_held(ACTOR, [held.id], "estimated")
    assert dict(read(home.registers, 202506, [6100]).reasons) == {checks.ESTIMATE_THERE: 1}
    (late,) = metering.held([UNIT])
    assert (late.previous_value, late.detail["use_wh"]) == (5000, 110_000)
    metering.settle_held(ACTOR, [late.id], "accepted")
    assert current(202506) == ([6100], [metering.ACTUAL], [])


def test_of_two_values_of_one_day_one_is_accepted() -> None:
    home = homes(1)
    read([home.registers[0]] * 2, 202501, [1000, 1100])
    read(home.registers, 202501, [1200])
    both = [row.id for row in metering.held([UNIT])]
    assert len(both) == 2
    assert metering.settle_held(ACTOR, both, "accepted").settled == 2
    assert current(202501) == ([1200], [metering.ACTUAL], [])


def test_settled_once_and_only_in_ones_own_units() -> None:
    _, held = held_home()
    abroad = Actor("staff", "reader", "office", permissions=frozenset({"holds.settle"}), units=frozenset({102}))
    done = metering.settle_held(abroad, [held.id, 999_999], "accepted")
    assert [(each, why.code) for each, why in done.left] == [(held.id, "not_allowed"), (999_999, "unknown_held")]
    metering.settle_held(ACTOR, [held.id], "accepted")
    again = metering.settle_held(ACTOR, [held.id], "rejected")
    assert [why.code for _, why in again.left] == ["already_settled"]
    with pytest.raises(Refusal, match="outcome"):
        metering.settle_held(ACTOR, [held.id], "perhaps")


def test_an_accepted_reading_is_corrected_later() -> None:
    home, held = held_home()
    metering.settle_held(ACTOR, [held.id], "accepted")
    metering.correct_reading(ACTOR, home.accounts[0], 202506, home.registers[0], 6000, "digits were swapped")
    assert current(202506) == ([6000], [metering.CORRECTED], [])
    for value, code in ((4000, "below_previous"), (10**6, "too_many_digits")):
        with pytest.raises(Refusal) as refused:
            metering.correct_reading(ACTOR, home.accounts[0], 202506, home.registers[0], value, "")
        assert refused.value.code == code
    with pytest.raises(Refusal, match="no such accepted"):
        metering.correct_reading(ACTOR, home.accounts[0], 202507, home.registers[0], 7000, "")


def test_a_month_that_is_not_over_is_not_estimated() -> None:
    homes(1)
    with pytest.raises(Refusal) as refused:
        metering.estimate_missing(ACTOR, 202611, UNIT)
    assert refused.value.code == "period_not_over"


def test_progress_and_counts() -> None:
    home = homes(4)
    for k, period in enumerate(periods(202501, 202504), 1):
        read(home.registers, period, [1000 * k] * 4)
    read(home.registers[:2], 202505, [5000, 90_000])
    (progress,) = metering.reading_progress(202505, [UNIT])
    assert (progress.expected, progress.accepted, progress.held, progress.missing) == (4, 1, 1, 2)
    metering.estimate_missing(ACTOR, 202505, UNIT)
    (progress,) = metering.reading_progress(202505)
    assert (progress.accepted, progress.estimated, progress.held, progress.missing) == (1, 2, 1, 0)
    assert [(row.unit_id, row.code, row.count) for row in metering.held_counts()] == [(UNIT, "too_high", 1)]


def test_a_long_silence_is_bridged_without_losing_a_wh() -> None:
    home = homes(2)
    read(home.registers, 202501, [1000, 1000])
    taken = read(home.registers, 202507, [7000, 7000])
    assert dict(taken.reasons) == {checks.GAP: 2}
    metering.settle_held(ACTOR, [row.id for row in metering.held()], "accepted")
    found = metering.usable_readings(UNIT, 0, 2**40, 202507)
    assert found.previous_value.tolist() == [1000, 1000]
    assert found.previous_on.tolist() == [date(2025, 2, 1).toordinal()] * 2
