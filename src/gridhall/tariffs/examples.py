"""The worked examples of a book, run as tests: what a bill must come to, stated beside the prices."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from gridhall.rules.calendar import add_months
from gridhall.rules.layout import LIMITS_IN_TIME
from gridhall.rules.plan import CompiledPlan, RatedBill, rate_with
from gridhall.tariffs.book import Book, Faults, Path, Version, day_of
from gridhall.tariffs.compile import compile_version
from gridhall.tariffs.numbers import decimals_of, scaled, thousandths, whole

QUANTITIES = {
    "kWh": "wh_total",
    "sharp": "wh_sharp",
    "peak": "wh_peak",
    "flat": "wh_flat",
    "valley": "wh_valley",
    "kvarh": "varh",
    "kW": "demand_w",
    "kVA": "capacity_va",
    "contract kW": "contract_w",
    "used this year": "year_used_wh",
    "free kWh a month": "allowance_wh",
    "deep valley": "wh_deep",
    "sharp kW": "demand_sharp",
    "peak kW": "demand_peak",
    "flat kW": "demand_flat",
    "valley kW": "demand_valley",
    "deep valley kW": "demand_deep",
    "highest kW before": "past_demand_w",
    "coincident kW": "coincident_w",
    "fed in": "export_wh",
    "kept kWh": "credit_wh",
    "sub-supply kWh a month": "sub_wh",
}
COUNTS = {
    "persons": "persons", "months": "period_months", "power factor standard": "power_factor_standard",
    "meters": "meters", "true-up": "true_up", "closes the year": "year_ends",
    "months of supply": "supplied_months",
}  # fmt: skip
PERIOD_FACTS = {"sharp": "sharp", "peak": "peak", "flat": "flat", "valley": "valley", "deep valley": "deep"}


@dataclass(frozen=True)
class ExampleResult:
    """One example: where it stands, what it states and what the rules give, in minor units. `lines`: likewise by
    component key. `kept`: Wh of net metering that are kept (stated, rated); None where nothing is stated."""

    path: str
    title: str
    stated: int
    rated: int
    lines_stated: Mapping[str, int]
    lines_rated: Mapping[str, int]
    fault: int
    kept: tuple[int, int] | None = None

    @property
    def holds(self) -> bool:
        lines = all(self.lines_rated.get(key, 0) == amount for key, amount in self.lines_stated.items())
        kept = self.kept is None or self.kept[0] == self.kept[1]
        return self.fault == 0 and self.stated == self.rated and lines and kept


def segment_of(book: Book, example: Mapping[str, Any], path: Path) -> dict[str, int]:
    """The facts of the segment that an example states; its days are a whole month unless `from` and `to` are given."""
    if "month" in example:
        start = day_of(f"{example['month']}-01", (*path, "month"), book.lines)
        end = date.fromordinal(add_months(start.toordinal(), example.get("months", 1)))
    elif "from" in example and "to" in example:
        start = day_of(example["from"], (*path, "from"), book.lines)
        end = day_of(example["to"], (*path, "to"), book.lines) + timedelta(days=1)
    else:
        raise book.error(path, "an example needs a month, or from and to")
    days = (end - start).days
    segment = {
        "from_day": start.toordinal(),
        "to_day": end.toordinal(),
        "year_months": example.get("months this year", 12),
    }
    if "month" in example:
        segment["period"] = int(f"{end - timedelta(days=1):%Y%m}")
    segment["period_days"] = example.get("days of the period", days)
    for word, fact in QUANTITIES.items():
        if word in example:
            segment[fact] = thousandths(book, example[word], (*path, word))
    for word, fact in COUNTS.items():
        if word in example:
            segment[fact] = int(example[word])
    if "kWh" not in example:
        segment["wh_total"] = sum(segment.get(f"wh_{name}", 0) for name in PERIOD_FACTS.values())
    for name, value in example.get("fed in by period", {}).items():
        segment[f"export_{PERIOD_FACTS[name]}"] = thousandths(book, value, (*path, "fed in by period", name))
    if "fed in by period" in example:
        segment["export_wh"] = sum(segment.get(f"export_{name}", 0) for name in PERIOD_FACTS.values())
    if "sub-supply per cent" in example:
        share = scaled(book, example["sub-supply per cent"], 100, (*path, "sub-supply per cent"), "a per cent")
        segment["sub_share"] = share
    for limit, used in enumerate(example.get("kWh at the limits", [])):
        for name, value in used.items():
            place = (*path, "kWh at the limits", limit, name)
            if limit >= LIMITS_IN_TIME:
                raise book.error(place, f"blocks in the order of time have at most {LIMITS_IN_TIME} limits")
            segment[f"in_time_{limit + 1}_{PERIOD_FACTS[name]}"] = thousandths(book, value, place)
    return segment | _money(book, example, segment["wh_total"], path)


def _money(book: Book, example: Mapping[str, Any], wh: int, path: Path) -> dict[str, int]:
    """Facts of an example that are amounts: what counted towards a yearly minimum, what the hours cost."""
    decimals = decimals_of(book.currency)
    facts: dict[str, int] = {}
    if "counted this year" in example:
        place = (*path, "counted this year")
        facts["year_counted"] = scaled(book, example["counted this year"], 10**decimals, place, "an amount")
    if "hourly cost" in example:
        exact = scaled(book, example["hourly cost"], 10**13, (*path, "hourly cost"), "an exact amount (13 decimals)")
        minor_units, rest = divmod(exact, 10 ** (13 - decimals))
        facts |= {"hourly_minor": minor_units, "hourly_rest": rest, "hourly_wh": wh}
    return facts


def minor(value: int | Decimal, decimals: int) -> int:
    """An amount of a book in minor units; ValueError when it has more decimals than the currency."""
    number = whole(value, 10**decimals)
    if number is None:
        raise ValueError(f"{value} has more than {decimals} decimals")
    return number


def by_key(plan: CompiledPlan, bill: RatedBill) -> dict[str, int]:
    """Minor units of a bill by the key of the component."""
    totals: dict[str, int] = {}
    for line in bill.lines:
        key = plan.components[line.component].key
        totals[key] = totals.get(key, 0) + line.amount
    return totals


def run_version(book: Book, version: Version, plan: CompiledPlan) -> list[ExampleResult]:
    """The examples of a version, rated by its compiled plan; of a piece that a rider cut, those of its days."""
    results = []
    faults = Faults()
    for k, example in enumerate(version.body.get("examples", [])):
        with faults.kept():
            path: Path = ("versions", version.index, "examples", k)
            segment = segment_of(book, example, path)
            if not version.piece or version.holds(segment["to_day"] - 1):
                results.append(_run(book, plan, example, segment, path))
    faults.settle()
    return results


def _run(
    book: Book, plan: CompiledPlan, example: Mapping[str, Any], segment: dict[str, int], path: Path
) -> ExampleResult:
    bill = rate_with([plan], [segment])
    try:
        stated = minor(example["bill"], plan.decimals)
        lines = {key: minor(value, plan.decimals) for key, value in example.get("lines", {}).items()}
    except ValueError as problem:
        raise book.error(path, str(problem)) from None
    kept = None
    if "keeps kWh" in example:
        kept = (thousandths(book, example["keeps kWh"], (*path, "keeps kWh")), bill.credit_wh)
    title = example.get("title", f"example {int(path[-1]) + 1}")
    where = "/".join(map(str, path))
    return ExampleResult(where, title, stated, bill.amount, lines, by_key(plan, bill), bill.fault, kept)


def run_examples(book: Book) -> list[ExampleResult]:
    """The examples of all versions of a book. Raises BookError where a version cannot be rated at all."""
    return [
        result for version in book.versions for result in run_version(book, version, compile_version(book, version))
    ]
