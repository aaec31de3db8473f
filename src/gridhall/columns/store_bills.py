"""From the interval store to priced lines: the month of every register gathered, and rated by the rules that rate
readings.

A register is one bill. Its segments are those of its tariff's calendar: a month in which a season begins has two, each
with the energy and the demand that were measured in it.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gridhall.columns.determinants import WORKERS, Determinants, gather, joined, over_groups
from gridhall.columns.interval_days import Days
from gridhall.columns.interval_store import Snapshot
from gridhall.columns.rating import PlanTables, RatedBills, Segments, rate
from gridhall.columns.slot_table import SlotTable

Ints = npt.NDArray[np.int64]
# Periods 0..4 of a calendar; what lies in a period after these is in no register of its own.
PERIOD_FACTS = ("sharp", "peak", "flat", "valley", "deep")


@dataclass(frozen=True)
class Pricing:
    """What prices a month: the plans, their calendars resolved (calendar k belongs to plan k), and which plan each
    register is on: `registers` in rising order and `plan` beside it. `year_used_wh` (beside `registers`, or empty):
    what each used in the block year before this month."""

    plans: PlanTables
    slots: SlotTable
    registers: Ints
    plan: Ints
    year_used_wh: Ints

    def places(self, registers: Ints) -> Ints:
        """Where registers stand. Raises ValueError for one that no plan is known of."""
        at = np.minimum(np.searchsorted(self.registers, registers), max(0, len(self.registers) - 1))
        if len(registers) and (not len(self.registers) or bool((self.registers[at] != registers).any())):
            unknown = registers[self.registers[at] != registers] if len(self.registers) else registers
            raise ValueError(f"register {int(unknown[0])} has no tariff")
        return at


@dataclass(frozen=True)
class StoreBills:
    """Bills of a range of registers: bill k of `rated` is that of register k of `found`."""

    found: Determinants
    rated: RatedBills


def segments_of(found: Determinants, pricing: Pricing, period: int) -> Segments:
    """The segments of the bills of `found`, in the order of bills."""
    at = pricing.places(found.register)
    plan = pricing.plan[at]
    bounds = pricing.slots.bounds
    count = bounds[plan, :, 0] > 0
    bill, segment = np.nonzero(count)
    rows = Segments.zeros(len(bill))
    rows.bill[:] = bill
    rows.plan[:] = plan[bill]
    rows.from_day[:] = bounds[rows.plan, segment, 0]
    rows.to_day[:] = bounds[rows.plan, segment, 1]
    rows.period_days[:] = pricing.slots.days
    rows.period[:] = period
    rows.year_months[:] = 12
    wh = found.wh[bill, segment]
    rows.wh_total[:] = wh.sum(axis=1)
    for k, name in enumerate(PERIOD_FACTS[: wh.shape[1]]):
        getattr(rows, f"wh_{name}")[:] = wh[:, k]
        getattr(rows, f"demand_{name}")[:] = np.maximum(found.peak_w[bill, segment, k], 0)
    rows.demand_w[:] = np.maximum(found.peak_w[bill, segment].max(axis=1), 0)
    if len(pricing.year_used_wh):
        rows.year_used_wh[:] = pricing.year_used_wh[at][bill]
    return rows


def price(ranges: Iterable[Days], pricing: Pricing, period: int) -> StoreBills:
    """The bills of the registers in some ranges, which hold all their days of the month."""
    found = joined([
        gather(days, pricing.slots, lambda registers: pricing.plan[pricing.places(registers)], times=False)
        for days in ranges
    ])  # fmt: skip
    return StoreBills(found, rate(pricing.plans, segments_of(found, pricing, period), len(found.register)))


def bills(snapshot: Snapshot, month: int, unit: int, pricing: Pricing, workers: int = WORKERS) -> Iterator[StoreBills]:
    """All bills of a month and unit, some ranges of registers at a time, in bounded memory."""
    yield from over_groups(snapshot, month, unit, lambda ranges: price(ranges, pricing, month), workers)


def pricing_of(
    plans: PlanTables, slots: SlotTable, plan_of: Sequence[tuple[int, int]] | Ints, year_used_wh: Ints | None = None
) -> Pricing:
    """A pricing from pairs of (register, plan), in any order."""
    pairs = np.asarray(plan_of, np.int64).reshape(-1, 2)
    order = np.argsort(pairs[:, 0], kind="stable")
    used = np.zeros(0, np.int64) if year_used_wh is None else year_used_wh[order]
    return Pricing(plans, slots, pairs[order, 0], pairs[order, 1], used)
