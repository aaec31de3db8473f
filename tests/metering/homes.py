"""Homes with meters for tests: accounts of the small territory, a meter each, hung on the day of moving in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from gridhall.customers import public as customers
from gridhall.metering import public as metering
from tests.town.places import ACTOR, MOVED_IN, small_territory

UNIT = 101
AREA = 10101


@dataclass(frozen=True)
class Homes:
    """Account, register and serial of each home, in the order in which they were asked for."""

    accounts: tuple[int, ...]
    registers: tuple[int, ...]
    serials: tuple[str, ...]
    numbers: tuple[str, ...]


def homes(
    count: int, *, digits: int = 5, decimals: int = 1, multiplier: int = 1, area: int = AREA, value: int = 0
) -> Homes:
    """`count` homes with one register each: by default five digits and one decimal, so 123.4 kWh is 1234."""
    small_territory()
    opened = customers.register_accounts(
        ACTOR,
        customers.NewAccounts(
            name=[f"住户{k}" for k in range(count)], address=[f"明珠路{k}号" for k in range(count)],
            area_id=[area] * count,
            class_code=[customers.RESIDENTIAL] * count, tariff_code=["t"] * count, since=[MOVED_IN] * count,
        ),
    )  # fmt: skip
    assert opened.refused == ()
    serials = [f"M{k:06d}" for k in range(count)]
    hung = metering.register_meters(
        ACTOR,
        metering.NewMeters(
            serial=serials, account_id=opened.account_ids, since=[MOVED_IN] * count, digits=[digits] * count,
            decimals=[decimals] * count, multiplier=[multiplier] * count, value=[value] * count,
        ),
    )  # fmt: skip
    assert hung.refused == ()
    return Homes(opened.account_ids, hung.register_ids, tuple(serials), opened.numbers)


def read_on(period: int) -> date:
    """The day on which a period is read: the first of the next month."""
    return date(period // 100 + period % 100 // 12, period % 100 % 12 + 1, 1)


def read(registers: Sequence[int], period: int, values: Sequence[int], **more: object) -> metering.ReadingsTaken:
    """Take one reading a register on the day of the period."""
    days = [read_on(period)] * len(values)
    new = metering.NewReadings(register_id=registers, read_on=days, value=values, **more)  # type: ignore[arg-type]
    return metering.take_readings(ACTOR, new, source="test")


def periods(first: int, last: int) -> list[int]:
    """All periods from first to last, both included."""
    found = []
    while first <= last:
        found.append(first)
        first = first + 1 if first % 100 < 12 else first + 89
    return found
