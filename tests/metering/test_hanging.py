"""Meters hung, taken down and exchanged; what the bill run then reads of them."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest

from gridhall.customers import public as customers
from gridhall.kernel import clock
from gridhall.kernel.refusal import Refusal
from gridhall.metering import public as metering
from tests.metering.homes import ACTOR, UNIT, homes, read

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def late_in_2026() -> Iterator[None]:
    with clock.at(datetime(2026, 11, 25, 8, 0, tzinfo=UTC)):
        yield


def pieces(period: int) -> list[tuple[int, int, date, int, date, int, int]]:
    """(register's place, tou, from, value, to, value, kind) of each piece of a period; registers counted by id."""
    found = metering.usable_readings(UNIT, 0, 2**40, period)
    registers = {register: k for k, register in enumerate(sorted(set(found.register_id.tolist())))}
    return [
        (registers[row[0]], row[1], date.fromordinal(row[2]), row[3], date.fromordinal(row[4]), row[5], row[6])
        for row in zip(
            found.register_id.tolist(), found.tou.tolist(), found.previous_on.tolist(), found.previous_value.tolist(),
            found.current_on.tolist(), found.current_value.tolist(), found.kind.tolist(), strict=True,
        )
    ]  # fmt: skip


def test_an_exchange_in_mid_period_gives_two_pieces() -> None:
    home = homes(1)
    read(home.registers, 202501, [1000])
    done = metering.exchange_meters(
        ACTOR,
        metering.RemovedMeters(serial=["M000000"], on=[date(2025, 2, 11)], value=[1400]),
        metering.NewMeters(serial=["N1"], account_id=home.accounts, since=[date(2025, 2, 11)], value=[20], digits=[5],
                           decimals=[1]),
    )  # fmt: skip
    assert done.refused == ()
    assert metering.usable_readings(UNIT, 0, 2**40, 202502).waiting_reason.tolist() == [metering.MISSING]
    read(done.register_ids, 202502, [620])
    # 40.0 kWh on the old meter, 60.0 kWh on the new one
    assert pieces(202502) == [
        (0, 0, date(2025, 2, 1), 1000, date(2025, 2, 11), 1400, metering.REMOVED),
        (1, 0, date(2025, 2, 11), 20, date(2025, 3, 1), 620, metering.ACTUAL),
    ]
    read(done.register_ids, 202503, [1620])
    assert pieces(202503) == [(0, 0, date(2025, 3, 1), 620, date(2025, 4, 1), 1620, metering.ACTUAL)]
    assert metering.accounts_of_meter("M000000") == list(home.accounts)
    assert [(meter.serial, meter.until) for meter in metering.meters_of(home.accounts[0])] == [
        ("N1", None), ("M000000", date(2025, 2, 11)),
    ]  # fmt: skip


def test_an_exchange_on_the_day_of_reading_leaves_an_empty_piece() -> None:
    home = homes(1)
    read(home.registers, 202501, [1000])
    done = metering.exchange_meters(
        ACTOR,
        metering.RemovedMeters(serial=["M000000"], on=[date(2025, 2, 1)], value=[1000]),
        metering.NewMeters(serial=["N1"], account_id=home.accounts, since=[date(2025, 2, 1)], digits=[5], decimals=[1]),
    )
    read(done.register_ids, 202502, [900])
    assert sum(row[5] - row[3] for row in pieces(202501)) == 1000
    assert pieces(202502) == [(0, 0, date(2025, 2, 1), 0, date(2025, 3, 1), 900, metering.ACTUAL)]


def test_neither_half_of_an_exchange_is_done_alone() -> None:
    home = homes(2)
    with pytest.raises(Refusal) as refused:
        metering.exchange_meters(
            ACTOR,
            metering.RemovedMeters(serial=["M000000"], on=[date(2025, 2, 1)], value=[10]),
            metering.NewMeters(serial=["M000001"], account_id=home.accounts[:1], since=[date(2025, 2, 1)], digits=[5],
                               decimals=[1]),
        )  # fmt: skip
    assert refused.value.code == "meter_hangs"
    assert metering.meters_of(home.accounts[0])[0].until is None


def test_the_next_customer_takes_over_the_meter() -> None:
    home = homes(1)
    read(home.registers, 202501, [1000])
    leave = date(2025, 2, 15)
    metering.remove_meters(ACTOR, metering.RemovedMeters(serial=["M000000"], on=[leave], value=[1500]))
    premise = customers.account(home.accounts[0])
    assert premise is not None
    customers.move_out(ACTOR, home.accounts[0], leave)
    came = customers.move_in(
        ACTOR,
        customers.NewAccounts(
            name=["新户"], address=[""], area_id=[0], class_code=[1], tariff_code=["t"], since=[leave],
            premise_id=[premise.agreements[0].premise_id],
        ),
    )  # fmt: skip
    assert came.refused == ()
    hung = metering.register_meters(
        ACTOR,
        metering.NewMeters(
            serial=["M000000"], account_id=came.account_ids, since=[leave], value=[1500], digits=[5], decimals=[1]
        ),
    )
    assert hung.register_ids == home.registers
    read(home.registers, 202502, [1900])
    found = metering.usable_readings(UNIT, 0, 2**40, 202502)
    # 50.0 kWh are the old customer's, 40.0 kWh the new one's
    assert list(zip(found.account_id.tolist(), (found.current_value - found.previous_value).tolist(), strict=True)) == [
        (home.accounts[0], 500), (came.account_ids[0], 400),
    ]  # fmt: skip
    assert metering.accounts_of_meter("M000000") == [came.account_ids[0], home.accounts[0]]
    assert metering.usable_readings(UNIT, 0, 2**40, 202503).waiting_account_id.tolist() == list(came.account_ids)


BAD = [
    ({"serial": [" "]}, "serial_missing"),
    ({"serial": ["x" * 33]}, "text_too_long"),
    ({"account_id": [4711]}, "unknown_account"),
    ({"since": [date(2024, 12, 31)]}, "no_agreement"),
    ({"tou": [20]}, "unknown_tou"),
    ({"digits": [11]}, "bad_digits"),
    ({"decimals": [7]}, "bad_digits"),
    ({"multiplier": [0]}, "bad_multiplier"),
    ({"value": [10**8]}, "value_too_long"),
    ({"value": [-1]}, "value_too_long"),
    ({"period": [202500]}, "bad_period"),
    ({"serial": ["M000000"]}, "meter_differs"),  # known, with five digits and one decimal
    ({"serial": ["M000000"], "digits": [5], "decimals": [1]}, "meter_hangs"),
]


@pytest.mark.parametrize(("change", "code"), BAD)
def test_a_bad_row_is_named_and_nothing_is_hung(change: dict[str, list[object]], code: str) -> None:
    home = homes(1)
    row = {"serial": ["N1"], "account_id": list(home.accounts), "since": [date(2025, 2, 1)]} | change
    done = metering.register_meters(ACTOR, metering.NewMeters(**row))  # type: ignore[arg-type]
    assert [refusal.code for refusal in done.refused] == [code]
    assert done.register_ids == ()
    assert len(metering.meters_of(home.accounts[0])) == 1


def three_registers(account: int) -> metering.MetersRegistered:
    return metering.register_meters(
        ACTOR,
        metering.NewMeters(
            serial=["P1"] * 3, account_id=[account] * 3, since=[date(2025, 2, 1)] * 3,
            tou=[metering.TOTAL, metering.PEAK, metering.VALLEY], digits=[5] * 3, decimals=[1] * 3, multiplier=[30] * 3,
        ),
    )  # fmt: skip


def test_parts_that_do_not_add_up_are_held_together() -> None:
    home = homes(1)
    hung = three_registers(home.accounts[0])
    assert read(hung.register_ids, 202502, [1000, 600, 400]).accepted == 3
    from gridhall.metering import checks

    taken = read(hung.register_ids, 202503, [2000, 1300, 800])  # 100.0 = 70.0 + 40.0?
    assert dict(taken.reasons) == {checks.PARTS_DIFFER: 3}
    assert metering.usable_readings(UNIT, 0, 2**40, 202503).waiting_reason.tolist()[1:] == [checks.PARTS_DIFFER] * 3


def test_every_register_of_a_meter_comes_down_with_it() -> None:
    home = homes(1)
    three_registers(home.accounts[0])
    with pytest.raises(Refusal) as refused:
        metering.remove_meters(ACTOR, metering.RemovedMeters(serial=["P1"], on=[date(2025, 3, 1)], value=[0]))
    assert refused.value.code == "register_missing"
    removed = metering.RemovedMeters(
        serial=["P1"] * 3, on=[date(2025, 3, 1)] * 3, value=[500, 300, 200],
        tou=[metering.TOTAL, metering.PEAK, metering.VALLEY],
    )  # fmt: skip
    metering.remove_meters(ACTOR, removed)
    with pytest.raises(Refusal) as gone:
        metering.remove_meters(ACTOR, removed)
    assert gone.value.code == "not_hanging"


def test_a_meter_does_not_come_down_before_it_was_read_or_below_its_value() -> None:
    home = homes(1)
    read(home.registers, 202501, [1000])
    for on, value, code in (
        (date(2025, 1, 20), 1000, "day_too_early"),
        (date(2025, 2, 10), 900, "below_previous"),
        (date(2025, 2, 10), 10**6, "value_too_long"),
    ):
        with pytest.raises(Refusal) as refused:
            metering.remove_meters(ACTOR, metering.RemovedMeters(serial=["M000000"], on=[on], value=[value]))
        assert refused.value.code == code
    assert metering.meters_of(home.accounts[0])[0].until is None
