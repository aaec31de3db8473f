"""Tariffs of the OpenEI Utility Rate Database (URDB), versions 3 to 8, read as interval tariffs.

Every field of a record is rated, or has no say in an amount, or is left out by name, or the record is refused by the
field's name. Numbers count as they are printed, to the last digit: 0.07322000000000001 is that, not a guess at what
was meant. What is dirty in real records is read thus:

- the last block of a list has no end, whatever maximum it states; so demand and energy beyond it have the last rate;
- a block before the last without a maximum (or with one beyond 10**12) has no end either, and those behind it are never
  reached;
- a maximum that is not above the one before it (zero among them) makes an empty block;
- `adj` is added to `rate`; either may be missing, but not both;
- a period that its schedules never name has no say, whatever it states; a demand structure in which nothing is stated
  is none;
- a schedule may be missing where there is only one period; otherwise it is 12 months of 24 hours;
- a block without a unit counts in kWh. Where one list counts in kWh and in kWh/kW, blocks in kWh are steps inside the
  block in kWh/kW that stands behind them, and end with it at the latest (nested tiers, as NREL's ssc has them); a block
  in kWh behind one in kWh/kW is refused;
- demand in kVA counts in kW where the load shows no power factor, demand in hp always.
"""

import gzip
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from gridhall.rules.interval_table import BeyondCounting
from gridhall.rules.interval_tariff import (
    A_DAY,
    A_MONTH,
    A_YEAR,
    KVA,
    KW,
    NET_BILLING,
    NET_METERING,
    Blocks,
    IntervalTariff,
)
from gridhall.tariffs import urdb_parts as parts
from gridhall.tariffs.urdb_parts import Record, Tiers, UrdbRefused, number, places_of, shown, whole

FILE_MAX = 1 << 28  # bytes, unpacked
HOUR = 60  # minutes
BY = {"$/month": A_MONTH, "$/day": A_DAY, "$/year": A_YEAR}
DEMAND_UNITS = {"kw": KW, "kva": KVA, "hp": KW}
DAILY = " daily"
FED_IN = {
    "net metering": NET_METERING, "net billing": NET_BILLING, "net billing instantaneous": NET_BILLING,
    "net billing hourly": NET_BILLING, "buy all sell all": NET_BILLING,
}  # fmt: skip

# Fields without a say in an amount: what the record is, whom it is for, and what is told in words.
TOLD = frozenset({
    "label", "uri", "name", "utility", "eiaid", "sector", "servicetype", "country", "approved", "is_default",
    "startdate", "enddate", "supersedes", "revisions", "description", "source", "sourceparent",
    "basicinformationcomments", "energycomments", "demandcomments", "energyattrs", "demandattrs", "fixedattrs",
    "energykeyvals", "demandkeyvals", "fixedkeyvals", "_id", "latest_update",
    "energytoulabels", "demandtoulabels", "phasewiring", "voltagecategory", "voltageminimum", "voltagemaximum",
    "peakkwcapacitymin", "peakkwcapacitymax", "peakkwcapacityhistory", "peakkwhusagemin", "peakkwhusagemax",
    "peakkwhusagehistory", "demandunits", "version",
})  # fmt: skip
RATED = frozenset({
    "energyratestructure", "energyweekdayschedule", "energyweekendschedule", "demandratestructure",
    "demandweekdayschedule", "demandweekendschedule", "demandrateunit", "demandwindow", "flatdemandstructure",
    "flatdemandmonths", "flatdemandunit", "lookbackmonths", "lookbackpercent", "lookbackrange",
    "fixedchargefirstmeter", "fixedchargeeaaddl", "fixedchargeunits", "fixedmonthlycharge", "mincharge",
    "minchargeunits", "minmonthlycharge", "annualmincharge", "coincidentratestructure", "coincidentschedule",
    "coincidentrateschedule", "coincidentratesched", "coincidentrateunit", "demandreactivepowercharge",
    "fueladjustmentsmonthly", "dgrules", "usenetmetering",
})  # fmt: skip
# The fields that name the periods of a structure.
HOURS_OF = {
    "energyratestructure": ("energyweekdayschedule", "energyweekendschedule"),
    "demandratestructure": ("demandweekdayschedule", "demandweekendschedule"),
    "flatdemandstructure": ("flatdemandmonths",),
}
# The field that states what `rules.interval_table` names.
FIELDS = {
    "energy": "energyratestructure", "demand": "demandratestructure", "flat": "flatdemandstructure",
    "coincident": "coincidentratestructure", "fixed": "fixedchargefirstmeter", "minimum": "mincharge",
    "reactive": "demandreactivepowercharge", "ratchet": "lookbackpercent", "fuel": "fueladjustmentsmonthly",
    "sell": "energyratestructure.sell",
}  # fmt: skip


@dataclass(frozen=True)
class UrdbRecord:
    """A record of a file: its label ("" where it has none), and its tariff or why it is refused ("field: reason")."""

    label: str
    name: str
    tariff: IntervalTariff | None
    refused: str | None


def _charge(record: Record, field: str, unit_field: str, monthly: str, yearly: str = "") -> tuple[Decimal, str]:
    """An amount and its unit, of versions 6 to 8 or of the fields that the versions before had."""
    stated = []
    amount = number(record.get(field) or 0, field)
    if amount:
        unit = str(record.get(unit_field) or "$/month").lower()
        if unit not in BY:
            raise UrdbRefused(unit_field, f"“{shown(record[unit_field])}” is not $/month, $/day or $/year")
        stated.append((field, amount, BY[unit]))
    for other, by in ((monthly, A_MONTH), (yearly, A_YEAR)):
        if other and record.get(other):
            stated.append((other, number(record[other], other), by))
    stated = [each for k, each in enumerate(stated) if each[1:] not in [before[1:] for before in stated[:k]]]
    if len(stated) > 1:
        raise UrdbRefused(stated[1][0], f"stands beside {stated[0][0]}")
    return (
        (stated[0][1], stated[0][2]) if stated else (Decimal(0), BY.get(str(record.get(unit_field)).lower(), A_MONTH))
    )


def _check_fields(record: Record) -> None:
    """Refuse fields that could price something and are not known."""
    for field in sorted(record):
        value = record[field]
        if field == "demandratchetpercentage":
            shares = value if isinstance(value, list) else [value]
            if any(number(share, field) for share in shares if share is not None):
                raise UrdbRefused(field, "states no months to look back on")
        elif field not in RATED and field not in TOLD and value not in (None, "", [], {}):
            raise UrdbRefused(shown(field), "an unknown field")


def _demand_unit(record: Record, field: str, stated: tuple[Tiers, ...]) -> tuple[str, bool]:
    """The unit of a demand charge, and whether each day's demand is charged."""
    unit = str(record.get(field) or KW).lower() if stated else KW.lower()
    daily = unit.endswith(DAILY)
    if unit.removesuffix(DAILY) not in DEMAND_UNITS:
        raise UrdbRefused(field, f"demand in {shown(record[field])} cannot be rated")
    if daily and (looks := parts.ratchet(record)) and (looks.back or any(looks.months)):
        raise UrdbRefused(field, "daily demand under a ratchet cannot be rated")
    return DEMAND_UNITS[unit.removesuffix(DAILY)], daily


def _coincident(record: Record, left: list[str]) -> tuple[tuple[Tiers, ...], tuple[int, ...]]:
    """Coincident demand and its schedule; left out by name where it is stated in a way that cannot be rated."""
    try:
        every = parts.structure(record, "coincidentratestructure")
        unit, daily = _demand_unit(record, "coincidentrateunit", every)
        if daily or unit != KW:
            raise UrdbRefused("coincidentrateunit", f"demand in {shown(record['coincidentrateunit'])} cannot be rated")
        names = ("coincidentschedule", "coincidentrateschedule", "coincidentratesched")
        name = next((each for each in names if record.get(each) is not None), names[0])
        return every, parts.schedule(record, [name], len(every)) if every else ()
    except UrdbRefused as refused:
        left.append(str(refused))
        return (), ()


def _fed_in(record: Record, energy: tuple[Tiers, ...], left: list[str], read_as: list[str]) -> str:
    """How energy that is fed in is paid for."""
    rule = record.get("dgrules") or ""
    if not rule and record.get("usenetmetering") in (True, 1, "true", "True"):
        return NET_METERING
    if rule:
        name = str(rule).lower().strip()
        if name not in FED_IN:
            left.append(f"dgrules: “{shown(rule)}” is not known, so nothing is paid for energy fed in")
        return FED_IN.get(name, "")
    if any(any(each.sells) for each in energy):
        read_as.append("energyratestructure.sell: paid for what each step feeds in, as no rule is stated")
        return NET_BILLING
    return ""


def _window(record: Record, left: list[str]) -> int:
    """Minutes of the demand window, 0 where it states none that is a part of an hour."""
    try:
        minutes = number(record.get("demandwindow") or 0, "demandwindow")
        if minutes and (minutes != minutes.to_integral_value() or not 0 < minutes <= HOUR or HOUR % int(minutes)):
            raise UrdbRefused("demandwindow", f"{shown(minutes)} minutes are no part of an hour")
        return int(minutes)
    except UrdbRefused as refused:
        left.append(str(refused))
        return 0


def _read_as(record: Record, energy: tuple[Tiers, ...], units: tuple[tuple[str, object], ...]) -> list[str]:
    """How unclear statements are read."""
    told = []
    if any(each.is_mixed and {"kWh/kW", "kWh/kW daily"} & set(each.units) for each in energy):
        told.append("energyratestructure.unit: blocks in kWh are steps inside the block in kWh/kW behind them")
    for field, structure in units:
        if structure and str(record.get(field)).lower().startswith("hp"):
            told.append(f"{field}: hp counts as kW")
    return told


def _tariff(record: Record) -> IntervalTariff:
    energy = parts.structure(record, "energyratestructure", HOURS_OF["energyratestructure"], energy=True)
    if not energy:
        raise UrdbRefused("energyratestructure", "the record states no price of energy")
    demand = parts.structure(record, "demandratestructure", HOURS_OF["demandratestructure"])
    flat = parts.structure(record, "flatdemandstructure", HOURS_OF["flatdemandstructure"])
    _check_fields(record)
    left: list[str] = []
    read_as = _read_as(record, energy, (("demandrateunit", demand), ("flatdemandunit", flat)))
    coincident, coincident_schedule = _coincident(record, left)
    window = _window(record, left)
    fed_in = _fed_in(record, energy, left, read_as)
    fixed, fixed_by = _charge(record, "fixedchargefirstmeter", "fixedchargeunits", "fixedmonthlycharge")
    more = number(record.get("fixedchargeeaaddl") or 0, "fixedchargeeaaddl")
    minimum, minimum_by = _charge(record, "mincharge", "minchargeunits", "minmonthlycharge", "annualmincharge")
    reactive = number(record.get("demandreactivepowercharge") or 0, "demandreactivepowercharge")
    fuel = parts.numbers_of_months(record, "fueladjustmentsmonthly")
    demand_unit, flat_unit = (
        _demand_unit(record, "demandrateunit", demand),
        _demand_unit(record, "flatdemandunit", flat),
    )
    lists = (*energy, *demand, *flat, *coincident)
    prices = [price for each in lists for price in (*each.prices, *each.sells)]
    price_places = places_of([*prices, fixed, more, minimum, reactive, *fuel])
    limit_places = places_of([limit for each in lists for limit in each.numbers()])

    def blocks(every: tuple[Tiers, ...]) -> tuple[Blocks, ...]:
        return tuple(each.blocks(price_places, limit_places) for each in every)

    def kept(value: Decimal) -> int:
        return whole(value, price_places)

    return IntervalTariff(
        label=str(record.get("label") or ""),
        name=" · ".join(str(record[key]) for key in ("utility", "name") if record.get(key)),
        price_places=price_places,
        limit_places=limit_places,
        energy=blocks(energy),
        energy_schedule=parts.schedule(record, HOURS_OF["energyratestructure"], len(energy)),
        demand=blocks(demand),
        demand_schedule=parts.schedule(record, HOURS_OF["demandratestructure"], len(demand)) if demand else (),
        flat=blocks(flat),
        flat_months=parts.flat_months(record, len(flat)) if flat else (),
        ratchet=parts.ratchet(record),
        fixed=kept(fixed),
        fixed_more=kept(more),
        fixed_by=fixed_by,
        minimum=kept(minimum),
        minimum_by=minimum_by,
        left_out=tuple(left),
        coincident=blocks(coincident),
        coincident_schedule=coincident_schedule,
        demand_unit=demand_unit[0],
        demand_daily=demand_unit[1],
        flat_unit=flat_unit[0],
        flat_daily=flat_unit[1],
        reactive=kept(reactive),
        fuel=tuple(map(kept, fuel)),
        sell=tuple(tuple(map(kept, each.sells)) for each in energy) if fed_in else (),
        fed_in=fed_in,
        window=window,
        read_as=tuple(read_as),
    )


def read_record(record: Record) -> IntervalTariff:
    """A record as an interval tariff. Raises UrdbRefused, naming the field, for what cannot be rated."""
    tariff = _tariff({str(field).lower(): value for field, value in record.items()})
    try:
        tariff.table  # noqa: B018  # laid out here, so that what cannot be counted is refused with its field
    except BeyondCounting as problem:
        raise UrdbRefused(FIELDS[problem.what], problem.reason) from None
    return tariff


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
    try:
        value = _json(text)
        if isinstance(value, str):
            value = _json(value)
    except RecursionError:
        raise ValueError("nested too deep") from None
    return _records(value)


def _records(value: Any) -> list[UrdbRecord]:
    if isinstance(value, dict) and isinstance(value.get("items"), list):
        value = value["items"]
    return [_read(each) for each in (value if isinstance(value, list) else [value])]


def read_lines(lines: Iterator[str]) -> Iterator[UrdbRecord]:
    """The records of a text with JSON on each line, as `read_json` takes it; one that is none is refused."""
    for n, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            value = _json(line)
        except (ValueError, RecursionError):
            yield UrdbRecord("", "", None, f"line {n}: not JSON")
            continue
        yield from _records(value)


def open_text(path: Path) -> str:
    """The text of a file, unpacked where its name ends in .gz. Raises ValueError where it is too large or no UTF-8."""
    return read_whole(path).decode("utf-8-sig")


def read_whole(path: Path) -> bytes:
    """The bytes of a file, unpacked where its name ends in .gz. Raises ValueError where it is too large or cut off."""
    if path.suffix == ".gz":
        try:
            with gzip.open(path) as packed:
                raw = packed.read(FILE_MAX + 1)
        except (EOFError, zlib.error) as problem:
            raise ValueError(f"the packed file is damaged or cut off: {problem}") from None
    else:
        with path.open("rb") as plain:
            raw = plain.read(FILE_MAX + 1)
    if len(raw) > FILE_MAX:
        raise ValueError(f"{path} is larger than {FILE_MAX >> 20} MiB")
    return raw
