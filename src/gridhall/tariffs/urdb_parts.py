"""The parts of OpenEI records: numbers, blocks and schedules, each read exactly or refused by the field's name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal, Inexact, InvalidOperation
from typing import Any

from gridhall.rules.interval_tariff import (
    BY_DAY,
    BY_DEMAND,
    BY_DEMAND_DAY,
    BY_USE,
    NO_LIMIT,
    Blocks,
    Ratchet,
)
from gridhall.rules.intervals import HOURS, MONTHS

PLACES_MAX = 24  # decimals of a number
NUMBER_MAX = 10**12  # a maximum from here on is none
EXACT = Context(prec=80, traps=[Inexact])
UNITS = {unit.lower(): unit for unit in (BY_USE, BY_DAY, BY_DEMAND, BY_DEMAND_DAY)}
BY_HOURS = (BY_DEMAND, BY_DEMAND_DAY)
TIER_FIELDS = frozenset({"rate", "adj", "max", "unit", "sell"})
Record = Mapping[str, Any]


class UrdbRefused(ValueError):
    """A record that cannot be rated: the field and the reason."""

    def __init__(self, field: str, reason: str) -> None:
        self.field = field
        self.reason = reason
        super().__init__(f"{field}: {reason}")


def shown(value: Any) -> str:
    """A value as a reason shows it."""
    text = str(value)
    return text if len(text) <= 40 else text[:39] + "…"


def number(value: Any, field: str) -> Decimal:
    """A number of a record, exactly as printed."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        raise UrdbRefused(field, f"“{shown(value)}” is not a number")
    try:
        exact = Decimal(value)
    except (InvalidOperation, ValueError):
        raise UrdbRefused(field, f"“{shown(value)}” is not a number") from None
    if not exact.is_finite() or exact.copy_abs() > NUMBER_MAX or -int(exact.as_tuple().exponent) > PLACES_MAX:
        raise UrdbRefused(field, f"{shown(value)} is beyond what can be rated")
    return exact


def maximum(value: Any, field: str) -> Decimal | None:
    """The maximum of a block, None where it states none or one beyond any use (1e38, say)."""
    if value is None:
        return None
    if not isinstance(value, bool) and isinstance(value, int | Decimal) and value > NUMBER_MAX:
        return None
    exact = number(value, field)
    if exact < 0:
        raise UrdbRefused(field, f"{shown(value)} is below zero")
    return exact


def places_of(numbers: Sequence[Decimal]) -> int:
    """The decimals that the longest of the numbers has."""
    return max((max(0, -int(each.as_tuple().exponent)) for each in numbers), default=0)


def whole(value: Decimal, places: int) -> int:
    """The number in units of 10**-places, which it is a multiple of. Integer arithmetic: a context would round."""
    sign, digits, exponent = value.as_tuple()
    size = int("".join(map(str, digits))) * int(10 ** (int(exponent) + places))
    return -size if sign else size


@dataclass(frozen=True)
class Tiers:
    """Blocks of one period, numbers as printed. A limit of None ends where the next one in another unit does; `units`
    are those of the limits."""

    limits: tuple[Decimal | None, ...]
    prices: tuple[Decimal, ...]
    sells: tuple[Decimal, ...]
    units: tuple[str, ...]

    @property
    def is_mixed(self) -> bool:
        return len(set(self.units)) > 1

    def numbers(self) -> list[Decimal]:
        return [limit for limit in self.limits if limit is not None]

    def blocks(self, price_places: int, limit_places: int) -> Blocks:
        """The blocks as whole numbers."""
        limits = tuple(NO_LIMIT if limit is None else whole(limit, limit_places) for limit in self.limits)
        prices = tuple(whole(price, price_places) for price in self.prices)
        if self.is_mixed:
            return Blocks(limits, prices, units=self.units)
        return Blocks(limits, prices, self.units[0] if self.units else BY_USE)


NEVER = Tiers((), (Decimal(0),), (Decimal(0),), ())  # a period that no schedule names


def _tier(tier: Any, k: int, field: str, *, energy: bool) -> tuple[Decimal | None, Decimal, Decimal, str]:
    """One block: its maximum, price, price for selling and unit."""
    if not isinstance(tier, Mapping) or not ("rate" in tier or "adj" in tier):
        raise UrdbRefused(field, f"block {k + 1} has no rate")
    strange = sorted(str(key) for key in tier if key not in TIER_FIELDS)
    if strange:
        raise UrdbRefused(f"{field}.{shown(strange[0])}", "an unknown field")
    unit = str(tier.get("unit") or BY_USE).lower().strip() if energy else BY_USE.lower()
    if unit not in UNITS:
        raise UrdbRefused(f"{field}.unit", f"blocks in {shown(tier['unit'])} cannot be rated")
    rate, adj = number(tier.get("rate") or 0, f"{field}.rate"), number(tier.get("adj") or 0, f"{field}.adj")
    sell = number(tier.get("sell") or 0, f"{field}.sell")
    return maximum(tier.get("max"), f"{field}.max"), EXACT.add(rate, adj), sell, UNITS[unit]


def _tiers(period: Any, field: str, *, energy: bool) -> Tiers:
    """One period of a rate structure."""
    if not isinstance(period, list) or not period:
        raise UrdbRefused(field, "a period has no blocks")
    every = [_tier(tier, k, field, energy=energy) for k, tier in enumerate(period)]
    used = []
    for k, (limit, _, _, unit) in enumerate(every):
        used.append(every[k])
        if k == len(every) - 1:
            break
        steps_follow = any(each[3] in BY_HOURS and each[0] is not None for each in every[k + 1 :])
        if limit is None and (unit in BY_HOURS or not steps_follow):
            break  # it has no end, so those behind it are never reached
    bounded = used[:-1]
    by_hours = False
    for limit, _, _, unit in bounded:
        if by_hours and unit not in BY_HOURS and limit is not None:
            raise UrdbRefused(f"{field}.unit", f"a block in {unit} stands behind one in {BY_DEMAND}")
        by_hours = by_hours or unit in BY_HOURS
    return Tiers(
        tuple(each[0] for each in bounded),
        tuple(each[1] for each in used),
        tuple(each[2] for each in used),
        tuple(each[3] for each in bounded),
    )


def structure(
    record: Record, field: str, schedules: Sequence[str] = (), *, energy: bool = False
) -> tuple[Tiers, ...]:  # fmt: skip
    """The periods of a rate structure, which the `schedules` name: what they never name may be anything, and counts as
    a price of zero. A structure of demand that states nothing at all is none."""
    periods = record.get(field) or []
    if not isinstance(periods, list):
        raise UrdbRefused(field, "not a list of periods")
    if not energy and all(isinstance(each, list) and all(block in ({}, None) for block in each) for each in periods):
        return ()
    named = _named(record, schedules)
    found = []
    for k, period in enumerate(periods):
        try:
            found.append(_tiers(period, field, energy=energy))
        except UrdbRefused:
            if named is None or k in named:
                raise
            found.append(NEVER)
    return tuple(found)


def _named(record: Record, schedules: Sequence[str]) -> set[Any] | None:
    """The periods that some schedules name; None where one of them is missing or is no table, so that it may be any."""
    named: set[Any] = set()
    for name in schedules:
        table = record.get(name)
        if not isinstance(table, list) or not table:
            return None
        cells = [cell for row in table for cell in (row if isinstance(row, list) else [row])]
        if not all(isinstance(cell, int | Decimal) for cell in cells):
            return None
        named.update(cells)
    return named if schedules else None


def _hours(table: Any, field: str, periods: int) -> list[int]:
    """A table of 12 months of 24 hours, as one row."""
    if not isinstance(table, list) or len(table) != MONTHS:
        raise UrdbRefused(field, "not a schedule of 12 months")
    row: list[int] = []
    for month, hours in enumerate(table):
        if not isinstance(hours, list) or len(hours) != HOURS:
            raise UrdbRefused(field, f"month {month + 1} has no 24 hours")
        if not all(type(value) is int and 0 <= value < periods for value in hours):
            hours = [_period(value, periods, field, month) for value in hours]
        row += hours
    return row


def schedule(record: Record, fields: Sequence[str], periods: int) -> tuple[int, ...]:
    """The period of each slot, from one table after another; missing ones are period 0 where it is the only one."""
    slots: list[int] = []
    for field in fields:
        table = record.get(field)
        slots += [0] * (MONTHS * HOURS) if table is None and periods <= 1 else _hours(table, field, periods)
    return tuple(slots)


def _period(value: Any, periods: int, field: str, month: int) -> int:
    exact = number(value, field)
    if exact != exact.to_integral_value() or not 0 <= exact < periods:
        raise UrdbRefused(field, f"month {month + 1} names period {shown(value)}, but there are {periods}")
    return int(exact)


def flat_months(record: Record, periods: int) -> tuple[int, ...]:
    """The entry of the flat demand structure of each month."""
    field = "flatdemandmonths"
    months = record.get(field)
    if months is None and periods <= 1:
        return (0,) * MONTHS
    if not isinstance(months, list) or len(months) != MONTHS:
        raise UrdbRefused(field, "not a list of 12 months")
    return tuple(_period(value, periods, field, month) for month, value in enumerate(months))


def numbers_of_months(record: Record, field: str) -> tuple[Decimal, ...]:
    """A list of twelve numbers; one that is missing is zero. None of them where the field is empty."""
    months = record.get(field)
    if months in (None, [], ""):
        return ()
    if not isinstance(months, list) or len(months) != MONTHS:
        raise UrdbRefused(field, "not a list of 12 numbers")
    return tuple(number(value or 0, field) for value in months)


def ratchet(record: Record) -> Ratchet:
    """What `lookbackpercent`, `lookbackrange` and `lookbackmonths` state."""
    share = number(record.get("lookbackpercent") or 0, "lookbackpercent")
    back = number(record.get("lookbackrange") or 0, "lookbackrange")
    if back != back.to_integral_value() or not 0 <= back <= MONTHS:
        raise UrdbRefused("lookbackrange", f"{shown(back)} is no number of months up to 12")
    marked = record.get("lookbackmonths") or [False] * MONTHS
    if not isinstance(marked, list) or len(marked) != MONTHS or not all(_is_flag(each) for each in marked):
        raise UrdbRefused("lookbackmonths", "not a list of 12 yes or no")
    months = tuple(each in YES for each in marked)
    if not back and not any(months):
        return Ratchet((0, 1), months, 0)  # it looks back on nothing, whatever the share
    if not 0 <= share <= 1:
        raise UrdbRefused("lookbackpercent", f"{share} is no share between 0 and 1")
    places = places_of([share])
    return Ratchet((whole(share, places), int(10**places)), months, int(back))


YES, NO = (1, "1"), (0, "0", None)


def _is_flag(value: Any) -> bool:
    return (value is None or isinstance(value, bool | int | Decimal | str)) and value in (*YES, *NO)
