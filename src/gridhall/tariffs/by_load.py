"""A year of a load rated by a version of a tariff book: the windows of the book laid on the steps of the load.

Each month is one bill by the same rules that rate readings. Its energy by register is what the steps inside the
book's windows add up to, its demand the highest step; a month that a season begins in is cut there (where seasons go
by days), each side with the energy that was measured in it. Blocks of the year count from January on.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from gridhall.rules.calendar import add_months, season_of
from gridhall.rules.layout import PLAN_SEASON_AT, PLAN_SEASONS
from gridhall.rules.plan import CompiledPlan, RatedBill, rate_with
from gridhall.rules.seasons import cut_at_season
from gridhall.tariffs.book import Book, Version
from gridhall.tariffs.compile import compile_version
from gridhall.tariffs.windows import REGISTERS, minutes_of_day, read_seasons

MINUTES = 1440
# What a component of each kind is told under.
TOLD_AS = {
    "energy": "energy", "blocks": "energy", "levy": "energy", "allowance": "energy",
    "capacity": "demand_flat", "demand": "demand_flat", "power_factor": "demand_flat",
    "fixed": "fixed", "minimum": "minimum", "tax": "tax",
}  # fmt: skip


@dataclass(frozen=True)
class BookMonth:
    """A month's bill by a book: exact amounts in currency units by what they are for (values of TOLD_AS), their sum,
    and the bill in minor units as the book rounds it."""

    amounts: dict[str, Fraction]
    total: Fraction
    total_minor: int


def newest(book: Book) -> Version:
    """The version of a book that began last."""
    return max(book.versions, key=lambda version: version.from_on)


def _registers(book: Book, version: Version, steps: int) -> list[list[int]]:
    """For each season the register (place in REGISTERS; -1 without periods) of each step of a day."""
    path = ("versions", version.index)
    width = MINUTES // (24 * steps)
    result = []
    for season in read_seasons(book, version.body, path).names:
        owner = minutes_of_day(book, version.body, season, path)
        row = [-1] * (24 * steps)
        for step in range(24 * steps if owner else 0):
            names = set(owner[step * width : (step + 1) * width])
            if len(names) > 1:
                clock = f"{step * width // 60:02}:{step * width % 60:02}"
                raise book.error((*path, "periods"), f"the step from {clock} lies in {' and '.join(sorted(names))}")
            row[step] = REGISTERS.index(names.pop())
        result.append(row)
    return result


def _segment(
    plan: CompiledPlan, registers: Sequence[Sequence[int]], load: Sequence[int], steps: int, first: int, span: range
) -> dict[str, int]:
    """The facts of the days of `span` (day numbers); the load begins on day `first`."""
    facts = {"from_day": span.start, "to_day": span.stop, "wh_total": 0, "demand_w": 0}
    parts = [0, 0, 0, 0]
    seasons = plan.table[PLAN_SEASONS]
    for day in span:
        row = registers[season_of(plan.table, plan.table[PLAN_SEASON_AT], day) if seasons > 1 else 0]
        at = (day - first) * 24 * steps
        for step, register in enumerate(row):
            wh = load[at + step]
            facts["wh_total"] += wh
            facts["demand_w"] = max(facts["demand_w"], wh * steps)
            if register >= 0:
                parts[register] += wh
    return facts | {f"wh_{name}": wh for name, wh in zip(REGISTERS, parts, strict=True)}


def _told(plan: CompiledPlan, bill: RatedBill) -> BookMonth:
    amounts = dict.fromkeys(("energy", "demand_flat", "fixed", "minimum", "tax"), Fraction(0))
    unit = int(10**plan.decimals)
    for line in bill.lines:
        exact = (line.amount + Fraction(line.rest, plan.parts)) / unit
        amounts[TOLD_AS[plan.components[line.component].kind]] += exact
    return BookMonth(amounts, sum(amounts.values(), Fraction(0)), bill.amount)


def rate_by_book(book: Book, version: Version, load: Sequence[int], year: int, steps: int) -> list[BookMonth]:
    """The twelve bills of a load (whole Wh of each step of the year, `steps` to the hour). Raises BookError for what a
    load cannot tell, ValueError where the rules find a fault."""
    plan = compile_version(book, version)
    registers = _registers(book, version, steps)
    first = date(year, 1, 1).toordinal()
    months, used = [], 0
    for month in range(12):
        start, end = add_months(first, month), add_months(first, month + 1)
        shared = {
            "period_days": end - start, "period": year * 100 + month + 1, "year_months": 12, "year_used_wh": used,
        }  # fmt: skip
        segments, day = [], start
        while day < end:
            until = cut_at_season(plan.table, 0, day, end)
            segments.append(shared | _segment(plan, registers, load, steps, first, range(day, until)))
            day = until
        bill = rate_with([plan], segments)
        if bill.fault:
            raise ValueError(f"month {month + 1} has fault {bill.fault}")
        used += sum(segment["wh_total"] for segment in segments)
        months.append(_told(plan, bill))
    return months
