"""Readings taken: each row is accepted, held for a reason or refused with one; none stands in the way of another."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
from django.db import connection

from gridhall.kernel import clock
from gridhall.kernel.access import Actor
from gridhall.kernel.refusal import Refusal
from gridhall.metering import checks
from gridhall.metering import public as metering
from tests.metering.homes import ACTOR, UNIT, Homes, homes, periods, read, read_on

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def late_in_2026() -> Iterator[None]:
    with clock.at(datetime(2026, 11, 25, 8, 0, tzinfo=UTC)):
        yield


def states(account: int, period: int) -> list[tuple[int, int, int, int]]:
    """(seq, value, state, kind) of an account's readings of a period."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT seq, value, state, kind FROM reading WHERE account_id = %s AND period = %s ORDER BY 1",
            [account, period],
        )
        return cursor.fetchall()


def test_a_reading_is_accepted_and_gives_a_piece_from_the_installed_value() -> None:
    home = homes(1)
    taken = read(home.registers, 202501, [1234])
    assert (taken.rows, taken.accepted, taken.held, taken.refused) == (1, 1, 0, ())
    pieces = metering.usable_readings(UNIT, 0, 2**40, 202501)
    assert pieces.account_id.tolist() == list(home.accounts)
    assert (pieces.previous_value.tolist(), pieces.current_value.tolist()) == ([0], [1234])
    assert pieces.previous_on.tolist() == [date(2025, 1, 1).toordinal()]
    assert pieces.current_on.tolist() == [date(2025, 2, 1).toordinal()]
    assert (pieces.multiplier.tolist(), pieces.decimals.tolist(), pieces.digits.tolist()) == ([1], [1], [5])
    assert pieces.waiting_account_id.tolist() == []


def known_customer(period_last: int = 202505) -> Homes:
    """A home that uses 100.0 kWh a month: 3.3 kWh a day."""
    home = homes(1)
    for k, period in enumerate(periods(202501, period_last), 1):
        assert read(home.registers, period, [1000 * k]).accepted == 1
    return home


# A customer of 100.0 kWh a month, at 500.0 kWh on the first of June; what is read on the first of July.
# Highest day known: 306 days.. of March to May 300 kWh / 92 days = 3,260 Wh. Three times that and 5 kWh more are
# 14,780 Wh a day, 443 kWh in June; a fifth of it is 652 Wh a day, 19.5 kWh.
SURPRISES = [
    (6000, 0),
    (9400, 0),  # 440.0 kWh
    (9500, checks.TOO_HIGH),  # 450.0 kWh
    (5200, 0),  # 20.0 kWh
    (5190, checks.TOO_LOW),  # 19.0 kWh
    (5000, checks.ZERO_USE),
    (4999, checks.BELOW_PREVIOUS),
    (100, checks.BELOW_PREVIOUS),  # 99,500 of 1,000,000 steps back: no turn-over
]


@pytest.mark.parametrize(("value", "reason"), SURPRISES)
def test_a_surprise_is_held_with_its_reason(value: int, reason: int) -> None:
    home = known_customer()
    taken = read(home.registers, 202506, [value])
    assert taken.refused == ()
    assert dict(taken.reasons) == ({reason: 1} if reason else {})
    pieces = metering.usable_readings(UNIT, 0, 2**40, 202506)
    assert len(pieces) == (0 if reason else 1)
    assert pieces.waiting_reason.tolist() == ([reason] if reason else [])
    if reason:
        (held,) = metering.held([UNIT])
        assert (held.reason, held.value, held.previous_value, held.serial) == (reason, value, 5000, "M000000")
        assert held.detail["use_wh"] == (value - 5000) * 100 if value >= 5000 else True
        assert held.detail["expected_wh"] == 300_000 // 92 * 10 // 10 * 30 if reason == checks.TOO_HIGH else True


def test_a_register_that_turns_over_is_accepted() -> None:
    home = homes(1, value=999_200)
    # 99,920.0 → 99,950.0 → 99,990.0, and through zero to 30.0: 40.0 kWh
    for period, value in ((202501, 999_500), (202502, 999_900), (202503, 300)):
        assert read(home.registers, period, [value]).accepted == 1, value
    line = metering.register_values(home.accounts[0])[0]
    assert (line.previous_value, line.value, line.wh) == (999_900, 300, 40_000)


def test_one_bad_reading_blocks_no_other() -> None:
    home = homes(3)
    for k, period in enumerate(periods(202501, 202504), 1):
        read(home.registers, period, [1000 * k] * 3)
    taken = read(home.registers, 202505, [5000, 90_000, 5000])
    assert (taken.accepted, taken.held) == (2, 1)
    pieces = metering.usable_readings(UNIT, 0, 2**40, 202505)
    assert pieces.account_id.tolist() == [home.accounts[0], home.accounts[2]]
    assert pieces.waiting_account_id.tolist() == [home.accounts[1]]


def test_last_years_summer_is_no_surprise() -> None:
    home = homes(1)
    total = 0
    # 100.0 kWh a month, but 600.0 kWh in each July; the first of them is held and accepted
    for period in periods(202501, 202606):
        total += 6000 if period == 202507 else 1000
        if read(home.registers, period, [total]).held:
            (waiting,) = metering.held([UNIT])
            assert period in (202507, 202508, 202509, 202510, 202511)
            metering.settle_held(ACTOR, [waiting.id], "accepted")
    assert read(home.registers, 202607, [total + 6000]).accepted == 1


def test_gap_out_of_order_and_late() -> None:
    home = homes(2)
    read(home.registers, 202501, [1000, 1000])
    assert dict(read(home.registers[:1], 202503, [3000]).reasons) == {checks.GAP: 1}
    read(home.registers[1:], 202502, [2000])
    read(home.registers[1:], 202503, [3000])
    # a second visit in March that is dated before the last one of February
    early = metering.NewReadings(
        register_id=home.registers[1:], read_on=[date(2025, 2, 20)], value=[1500], period=[202503]
    )
    assert dict(metering.take_readings(ACTOR, early).reasons) == {checks.OUT_OF_ORDER: 1}
    after = metering.NewReadings(
        register_id=home.registers[1:], read_on=[date(2025, 4, 3)], value=[3050], period=[202503]
    )
    assert dict(metering.take_readings(ACTOR, after).reasons) == {checks.CONFLICT: 1}
    late = metering.NewReadings(register_id=home.registers[1:], read_on=[date(2025, 2, 20)], value=[1500])
    assert dict(metering.take_readings(ACTOR, late).reasons) == {checks.OUT_OF_ORDER: 1}


def refusal_of(**row: object) -> str:
    new = metering.NewReadings(**{name: [value] for name, value in row.items()})  # type: ignore[arg-type]
    taken = metering.take_readings(ACTOR, new)
    assert (taken.accepted, taken.held) == (0, 0)
    (refusal,) = taken.refused
    assert refusal.row == 0
    assert refusal.field
    return refusal.code


def test_rows_that_cannot_be_taken_are_refused_by_name() -> None:
    home = homes(1)
    day = date(2025, 2, 1)
    good = {"serial": "M000000", "read_on": day, "value": 1000}
    assert refusal_of(**good | {"serial": "M9"}) == "unknown_meter"
    assert refusal_of(**good | {"serial": "M\x000"}) == "unknown_meter"
    assert refusal_of(**good | {"tou": metering.PEAK}) == "unknown_meter"
    assert refusal_of(**good | {"tou": 77}) == "unknown_meter"
    assert refusal_of(**good | {"account_id": home.accounts[0] + 1}) == "wrong_account"
    assert refusal_of(**good | {"read_on": date(2025, 1, 1)}) == "not_installed"
    assert refusal_of(**good | {"read_on": date(2026, 11, 26)}) == "future_date"
    assert refusal_of(**good | {"value": -1}) == "negative_value"
    assert refusal_of(**good | {"value": 1_000_000}) == "too_many_digits"
    assert refusal_of(**good | {"value": 12345, "value_decimals": 2}) == "too_many_decimals"
    assert refusal_of(**good | {"value": 2**62, "value_decimals": 0}) == "too_many_digits"
    assert refusal_of(**good | {"period": 202513}) == "bad_period"
    assert refusal_of(**good | {"period": 202504}) == "period_unlike_date"
    assert refusal_of(**good | {"kind": metering.REMOVED}) == "unknown_kind"
    assert metering.take_readings(ACTOR, metering.NewReadings(**{k: [v] for k, v in good.items()})).accepted == 1  # type: ignore[arg-type]
    assert refusal_of(**good) == "already_read"


def test_values_come_with_their_own_decimals() -> None:
    homes(1)
    new = metering.NewReadings(serial=["M000000"], read_on=[date(2025, 2, 1)], value=[12350], value_decimals=[2])
    assert metering.take_readings(ACTOR, new).accepted == 1
    assert metering.usable_readings(UNIT, 0, 2**40, 202501).current_value.tolist() == [1235]


def test_twice_in_one_batch() -> None:
    home = homes(1)
    register = home.registers[0]
    taken = read([register] * 3, 202501, [1000, 1000, 1100])
    assert [(refusal.row, refusal.code) for refusal in taken.refused] == [(1, "duplicate")]
    assert (taken.accepted, dict(taken.reasons)) == (1, {checks.CONFLICT: 1})
    # neither is billed until somebody has decided
    assert metering.usable_readings(UNIT, 0, 2**40, 202501).waiting_reason.tolist() == [checks.CONFLICT]
    (held,) = metering.held()
    metering.settle_held(ACTOR, [held.id], "accepted")
    assert metering.usable_readings(UNIT, 0, 2**40, 202501).current_value.tolist() == [1100]
    assert states(home.accounts[0], 202501) == [(1, 0, 1, 4), (2, 1000, 4, 1), (3, 1100, 1, 1)]


def test_the_same_file_is_known_again_and_a_dry_run_leaves_nothing() -> None:
    home = homes(1)
    new = metering.NewReadings(register_id=home.registers, read_on=[date(2025, 2, 1)], value=[1000])
    dry = metering.take_readings(ACTOR, new, "file", "a.csv", "d1", dry_run=True)
    assert (dry.accepted, dry.batch_id) == (1, 0)
    assert states(home.accounts[0], 202501) == [(1, 0, 1, 4)]
    assert metering.take_readings(ACTOR, new, "file", "a.csv", "d1").batch_id > 0
    with pytest.raises(Refusal, match="imported on"):
        metering.take_readings(ACTOR, new, "file", "b.csv", "d1")


def test_an_exception_in_a_later_part_leaves_nothing_behind() -> None:
    home = homes(1)

    def parts() -> Iterator[metering.NewReadings]:
        yield metering.NewReadings(register_id=home.registers, read_on=[date(2025, 2, 1)], value=[1000])
        raise Refusal("broken", "The file breaks off.", "文件中断。")

    with pytest.raises(Refusal, match="breaks off"):
        metering.take_in_parts(ACTOR, parts(), "file")
    assert states(home.accounts[0], 202501) == [(1, 0, 1, 4)]


def test_a_reading_by_the_customer_waits_for_a_look() -> None:
    home = homes(1)
    assert dict(read(home.registers, 202501, [900], kind=[metering.CUSTOMER_READ]).reasons) == {checks.CUSTOMER: 1}


def test_a_newcomer_is_compared_with_the_neighbours() -> None:
    # twelve homes use 100.0 kWh in March, 3,225 Wh a day: ten times that and 5 kWh more are 37,250 Wh, 1,154.7 kWh
    home = homes(12)
    for k, period in enumerate(periods(202501, 202503), 1):
        assert read(home.registers, period, [1000 * k] * 12).held == 0
    fresh = home_of_march()
    assert dict(read(fresh, 202503, [11_548]).reasons) == {checks.UNLIKE_NEIGHBOURS: 1}
    (held,) = metering.held()
    assert held.detail["to_wh"] == 37_250 * 31
    metering.settle_held(ACTOR, [held.id], "corrected", {held.id: 11_547})
    assert metering.register_values(held.account_id)[0].wh == 1_154_700


def home_of_march() -> list[int]:
    """A thirteenth home of the area, moved in on the first of March."""
    from gridhall.customers import public as customers

    opened = customers.register_accounts(
        ACTOR,
        customers.NewAccounts(
            name=["新户"],
            address=["明珠路99号"],
            area_id=[10101],
            class_code=[1],
            tariff_code=["t"],
            since=[date(2025, 3, 1)],
        ),
    )
    hung = metering.register_meters(
        ACTOR,
        metering.NewMeters(
            serial=["NEW"], account_id=opened.account_ids, since=[date(2025, 3, 1)], digits=[5], decimals=[1]
        ),
    )
    return list(hung.register_ids)


def test_only_who_may_takes_readings() -> None:
    homes(1)
    nobody = Actor("staff", "clerk", "office", permissions=frozenset({"payments.take"}))
    with pytest.raises(Refusal) as refused:
        metering.take_readings(nobody, metering.NewReadings(register_id=[1], read_on=[read_on(202501)], value=[1]))
    assert refused.value.code == "not_allowed"


def test_nobody_reads_or_hangs_in_a_unit_that_is_not_theirs() -> None:
    home = homes(2)
    abroad = Actor("staff", "reader", "office", permissions=frozenset({"readings.take"}), units=frozenset({102}))
    new = metering.NewReadings(register_id=home.registers, read_on=[read_on(202501)] * 2, value=[1000, 1000])
    taken = metering.take_readings(abroad, new)
    assert [(refusal.row, refusal.code) for refusal in taken.refused] == [(0, "not_your_unit"), (1, "not_your_unit")]
    assert taken.accepted + taken.held == 0
    meter = metering.NewMeters(serial=["N1"], account_id=home.accounts[:1], since=[date(2025, 2, 1)])
    assert [refusal.code for refusal in metering.register_meters(abroad, meter).refused] == ["not_your_unit"]
    with pytest.raises(Refusal) as refused:
        metering.remove_meters(abroad, metering.RemovedMeters(serial=["M000000"], on=[date(2025, 2, 1)], value=[0]))
    assert refused.value.code == "not_your_unit"
