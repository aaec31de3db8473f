"""Tariffs of the OpenEI Utility Rate Database (URDB), versions 7 and 8, read as interval tariffs.

Every field of a record is rated, or has no say in an amount, or is left out by name because a load of energy alone
cannot show what it prices, or the record is refused by the field's name. Numbers count as they are printed, to the
last digit: 0.07322000000000001 is that, not a guess at what was meant. What is dirty in real records is read thus:

- the last block of a list has no end, whatever maximum it states; so demand and energy beyond it have the last rate;
- a block before the last without a maximum has no end either, and those behind it are never reached;
- a maximum that is not above the one before it (zero among them) makes an empty block;
- `adj` is added to `rate`; either may be missing, but not both;
- a schedule may be missing where there is only one period; otherwise it is 12 months of 24 hours;
- a block without a unit counts in kWh; blocks of one list that count in different units are refused;
- demand in kVA or hp is taken as so many kW: a load of energy tells neither power factor nor horsepower.
"""

import gzip
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal, Inexact, InvalidOperation
from pathlib import Path
from typing import Any

from gridhall.rules.interval_tariff import (
    A_DAY,
    A_MONTH,
    A_YEAR,
    BY_DAY,
    BY_DEMAND,
    BY_DEMAND_DAY,
    BY_USE,
    Blocks,
    IntervalTariff,
    Ratchet,
)
from gridhall.rules.intervals import HOURS, MONTHS, SLOTS

PLACES_MAX = 24  # decimals of a number
NUMBER_MAX = 10**12
FILE_MAX = 1 << 28  # bytes, unpacked
EXACT = Context(prec=80, traps=[Inexact])
UNITS = {unit.lower(): unit for unit in (BY_USE, BY_DAY, BY_DEMAND, BY_DEMAND_DAY)}
BY = {"$/month": A_MONTH, "$/day": A_DAY, "$/year": A_YEAR}
DEMAND_UNITS = frozenset({"kw", "kva", "hp"})

# Fields without a say in an amount: what the record is, whom it is for, and what is told in words.
TOLD = frozenset({
    "label", "uri", "name", "utility", "eiaid", "sector", "servicetype", "country", "approved", "is_default",
    "startdate", "enddate", "supersedes", "revisions", "description", "source", "sourceparent",
    "basicinformationcomments", "energycomments", "demandcomments", "energyattrs", "demandattrs", "fixedattrs",
    "energytoulabels", "demandtoulabels", "phasewiring", "voltagecategory", "voltageminimum", "voltagemaximum",
    "peakkwcapacitymin", "peakkwcapacitymax", "peakkwcapacityhistory", "peakkwhusagemin", "peakkwhusagemax",
    "peakkwhusagehistory", "demandunits", "demandwindow", "coincidentrateunit", "version",
})  # fmt: skip
RATED = frozenset({
    "energyratestructure", "energyweekdayschedule", "energyweekendschedule", "demandratestructure",
    "demandweekdayschedule", "demandweekendschedule", "demandrateunit", "flatdemandstructure", "flatdemandmonths",
    "flatdemandunit", "lookbackmonths", "lookbackpercent", "lookbackrange", "fixedchargefirstmeter",
    "fixedchargeeaaddl", "fixedchargeunits", "mincharge", "minchargeunits",
})  # fmt: skip
# Fields that price what a load of energy does not show; the bill is that of everything else.
NOT_SHOWN = {
    "demandreactivepowercharge": "the load has no reactive energy",
    "coincidentratestructure": "the hours of the system's peak are not in the load",
    "coincidentschedule": "the hours of the system's peak are not in the load",
    "coincidentratesched": "the hours of the system's peak are not in the load",
    "dgrules": "nothing is fed in",
    "usenetmetering": "nothing is fed in",
}
TIER_FIELDS = frozenset({"rate", "adj", "max", "unit", "sell"})


class UrdbRefused(ValueError):
    """A record that cannot be rated: the field and the reason."""

    def __init__(self, field: str, reason: str) -> None:
        self.field = field
        self.reason = reason
        super().__init__(f"{field}: {reason}")


@dataclass(frozen=True)
class UrdbRecord:
    """A record of a file: its label ("" where it has none), and its tariff or why it is refused ("field: reason")."""

    label: str
    name: str
    tariff: IntervalTariff | None
    refused: str | None


def number(value: Any, field: str) -> Decimal:
    """A number of a record, exactly as printed."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        raise UrdbRefused(field, f"“{value}” is not a number")
    try:
        exact = Decimal(value)
    except InvalidOperation:
        raise UrdbRefused(field, f"“{value}” is not a number") from None
    if not exact.is_finite() or abs(exact) > NUMBER_MAX or -int(exact.as_tuple().exponent) > PLACES_MAX:
        raise UrdbRefused(field, f"{value} is beyond what can be rated")
    return exact


def _places(numbers: Sequence[Decimal]) -> int:
    """The decimals that the longest of the numbers has."""
    return max((max(0, -int(each.as_tuple().exponent)) for each in numbers), default=0)


def _whole(value: Decimal, places: int) -> int:
    """The number in units of 10**-places, which it is a multiple of. Integer arithmetic: a context would round."""
    sign, digits, exponent = value.as_tuple()
    size = int("".join(map(str, digits))) * int(10 ** (int(exponent) + places))
    return -size if sign else size


@dataclass(frozen=True)
class _Tiers:
    """Blocks of one period, numbers as printed."""

    limits: tuple[Decimal, ...]
    prices: tuple[Decimal, ...]
    unit: str


def _tiers(period: Any, field: str, *, energy: bool) -> _Tiers:
    """One period of a rate structure."""
    if not isinstance(period, list) or not period:
        raise UrdbRefused(field, "a period has no blocks")
    limits: list[Decimal] = []
    prices: list[Decimal] = []
    units: set[str] = set()
    endless = False
    for k, tier in enumerate(period):
        if not isinstance(tier, dict) or not ("rate" in tier or "adj" in tier):
            raise UrdbRefused(field, f"block {k + 1} has no rate")
        strange = sorted(set(tier) - TIER_FIELDS)
        if strange:
            raise UrdbRefused(f"{field}.{strange[0]}", "an unknown field")
        unit = str(tier.get("unit") or BY_USE).lower() if energy else BY_USE.lower()
        if unit not in UNITS:
            raise UrdbRefused(f"{field}.unit", f"blocks in {tier['unit']} cannot be rated")
        units.add(UNITS[unit])
        rate, adj = number(tier.get("rate") or 0, f"{field}.rate"), number(tier.get("adj") or 0, f"{field}.adj")
        limit = tier.get("max")
        if limit is not None:
            number(limit, f"{field}.max")
        if endless:
            continue
        prices.append(EXACT.add(rate, adj))
        if k == len(period) - 1 or limit is None:
            endless = True
            continue
        exact = number(limit, f"{field}.max")
        if exact < 0:
            raise UrdbRefused(f"{field}.max", f"{limit} is below zero")
        limits.append(exact)
    if len(units) > 1:
        raise UrdbRefused(f"{field}.unit", "blocks of one list count in different units: " + ", ".join(sorted(units)))
    return _Tiers(tuple(limits), tuple(prices), units.pop())


def _structure(record: Mapping[str, Any], field: str, *, energy: bool = False) -> tuple[_Tiers, ...]:
    periods = record.get(field) or []
    if not isinstance(periods, list):
        raise UrdbRefused(field, "not a list of periods")
    return tuple(_tiers(period, field, energy=energy) for period in periods)


def _schedule(record: Mapping[str, Any], kind: str, periods: int) -> tuple[int, ...]:
    """The period of each slot."""
    slots: list[int] = []
    for day in ("weekday", "weekend"):
        field = f"{kind}{day}schedule"
        table = record.get(field)
        if table is None and periods <= 1:
            slots += [0] * (SLOTS // 2)
            continue
        if not isinstance(table, list) or len(table) != MONTHS:
            raise UrdbRefused(field, "not a schedule of 12 months")
        for month, hours in enumerate(table):
            if not isinstance(hours, list) or len(hours) != HOURS:
                raise UrdbRefused(field, f"month {month + 1} has no 24 hours")
            if not all(type(value) is int and 0 <= value < periods for value in hours):
                hours = [_period(value, periods, field, month) for value in hours]
            slots += hours
    return tuple(slots)


def _period(value: Any, periods: int, field: str, month: int) -> int:
    exact = number(value, field)
    if exact != exact.to_integral_value() or not 0 <= exact < periods:
        raise UrdbRefused(field, f"month {month + 1} names period {value}, but there are {periods}")
    return int(exact)


def _flat_months(record: Mapping[str, Any], periods: int) -> tuple[int, ...]:
    field = "flatdemandmonths"
    months = record.get(field)
    if months is None and periods <= 1:
        return (0,) * MONTHS
    if not isinstance(months, list) or len(months) != MONTHS:
        raise UrdbRefused(field, "not a list of 12 months")
    return tuple(_period(value, periods, field, month) for month, value in enumerate(months))


def _ratchet(record: Mapping[str, Any]) -> Ratchet:
    share = number(record.get("lookbackpercent") or 0, "lookbackpercent")
    if not 0 <= share <= 1:
        raise UrdbRefused("lookbackpercent", f"{share} is no share between 0 and 1")
    back = number(record.get("lookbackrange") or 0, "lookbackrange")
    if back != back.to_integral_value() or not 0 <= back <= MONTHS:
        raise UrdbRefused("lookbackrange", f"{back} is no number of months up to 12")
    marked = record.get("lookbackmonths") or [False] * MONTHS
    if not isinstance(marked, list) or len(marked) != MONTHS or any(each not in (0, 1) for each in marked):
        raise UrdbRefused("lookbackmonths", "not a list of 12 yes or no")
    places = _places([share])
    return Ratchet((_whole(share, places), 10**places), tuple(each == 1 for each in marked), int(back))


def _charge(record: Mapping[str, Any], field: str, unit_field: str) -> tuple[Decimal, str]:
    amount = number(record.get(field) or 0, field)
    unit = str(record.get(unit_field) or "$/month").lower()
    if amount and unit not in BY:
        raise UrdbRefused(unit_field, f"“{record[unit_field]}” is not $/month, $/day or $/year")
    return amount, BY.get(unit, A_MONTH)


def _check_fields(record: Mapping[str, Any]) -> tuple[str, ...]:
    """Refuse fields that could price something and are not known; returns what is left out."""
    left: list[str] = []
    for field in sorted(record):
        value = record[field]
        if field in NOT_SHOWN:
            left += [f"{field}: {NOT_SHOWN[field]}"] if value else []
        elif field == "demandratchetpercentage":
            shares = value if isinstance(value, list) else [value]
            if any(number(share, field) for share in shares if share is not None):
                raise UrdbRefused(field, "a ratchet by month of the year cannot be rated")
        elif field not in RATED and field not in TOLD and value not in (None, "", [], {}):
            raise UrdbRefused(field, "an unknown field")
    for field, structure in (("demandrateunit", "demandratestructure"), ("flatdemandunit", "flatdemandstructure")):
        unit = str(record.get(field) or "kW")
        if record.get(structure) and unit.lower() not in DEMAND_UNITS:
            raise UrdbRefused(field, f"demand in {unit} cannot be rated")
    sells = [tier.get("sell") for period in record.get("energyratestructure") or [] for tier in period]
    return (*left, *(["energyratestructure.sell: nothing is fed in"] if any(sells) else []))


def read_record(record: Mapping[str, Any]) -> IntervalTariff:
    """A record as an interval tariff. Raises UrdbRefused, naming the field, for what cannot be rated."""
    energy = _structure(record, "energyratestructure", energy=True)
    if not energy:
        raise UrdbRefused("energyratestructure", "the record states no price of energy")
    demand, flat = _structure(record, "demandratestructure"), _structure(record, "flatdemandstructure")
    left_out = _check_fields(record)
    fixed, fixed_by = _charge(record, "fixedchargefirstmeter", "fixedchargeunits")
    more, _ = _charge(record, "fixedchargeeaaddl", "fixedchargeunits")
    minimum, minimum_by = _charge(record, "mincharge", "minchargeunits")
    lists = (*energy, *demand, *flat)
    price_places = _places([*(price for each in lists for price in each.prices), fixed, more, minimum])
    limit_places = _places([limit for each in lists for limit in each.limits])

    def whole(each: _Tiers) -> Blocks:
        limits = tuple(_whole(limit, limit_places) for limit in each.limits)
        return Blocks(limits, tuple(_whole(price, price_places) for price in each.prices), each.unit)

    return IntervalTariff(
        label=str(record.get("label") or ""),
        name=" · ".join(str(record[key]) for key in ("utility", "name") if record.get(key)),
        price_places=price_places,
        limit_places=limit_places,
        energy=tuple(map(whole, energy)),
        energy_schedule=_schedule(record, "energy", len(energy)),
        demand=tuple(map(whole, demand)),
        demand_schedule=_schedule(record, "demand", len(demand)) if demand else (),
        flat=tuple(map(whole, flat)),
        flat_months=_flat_months(record, len(flat)) if flat else (),
        ratchet=_ratchet(record),
        fixed=_whole(fixed, price_places),
        fixed_more=_whole(more, price_places),
        fixed_by=fixed_by,
        minimum=_whole(minimum, price_places),
        minimum_by=minimum_by,
        left_out=left_out,
    )


def _read(value: Any) -> UrdbRecord:
    if not isinstance(value, dict):
        return UrdbRecord("", "", None, "record: not an object")
    label, name = str(value.get("label") or ""), str(value.get("name") or "")
    try:
        return UrdbRecord(label, name, read_record(value), None)
    except UrdbRefused as refused:
        return UrdbRecord(label, name, None, str(refused))


def _json(text: str) -> Any:
    """JSON with exact decimals; NaN and Infinity become text, which is no number."""
    return json.loads(text, parse_float=Decimal, parse_constant=str)


def read_json(text: str) -> list[UrdbRecord]:
    """The records of a JSON text: one record, a list of them, or `{"items": […]}`; a text inside a text is opened.
    Raises ValueError where it is not JSON."""
    value = _json(text)
    if isinstance(value, str):
        value = _json(value)
    if isinstance(value, dict) and isinstance(value.get("items"), list):
        value = value["items"]
    return [_read(each) for each in (value if isinstance(value, list) else [value])]


def read_lines(lines: Iterator[str]) -> Iterator[UrdbRecord]:
    """The records of a text with one JSON object a line; a line that is not JSON is a refused record."""
    for n, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            value = _json(line)
        except ValueError:
            yield UrdbRecord("", "", None, f"line {n}: not JSON")
            continue
        yield _read(value)


def open_text(path: Path) -> str:
    """The text of a file, unpacked where its name ends in .gz. Raises ValueError where it is too large or no UTF-8."""
    if path.suffix == ".gz":
        with gzip.open(path) as packed:
            raw = packed.read(FILE_MAX + 1)
    else:
        with path.open("rb") as plain:
            raw = plain.read(FILE_MAX + 1)
    if len(raw) > FILE_MAX:
        raise ValueError(f"{path} is larger than {FILE_MAX >> 20} MiB")
    return raw.decode("utf-8-sig")
