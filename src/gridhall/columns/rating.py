"""Rating over columns: a million bills by the same rules that rate one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from gridhall.columns import _loops
from gridhall.rules.layout import N_CLASSES, N_FACTS, N_LINE, N_STATE, PLAN_SIZE
from gridhall.rules.plan import FACT_NAMES, CompiledPlan, Line, RatedBill, lines_at_most, rate_one, rate_with

__all__ = [
    "BillAmounts", "Line", "PlanTables", "RatedBill", "RatedBills", "Segments",
    "pack", "rate", "rate_amounts", "rate_one", "rate_with",
]  # fmt: skip

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class PlanTables:
    """Many compiled plans as one flat table: plan `p` stands at `starts[p]`."""

    table: Ints
    starts: Ints
    lines_at_most: Ints  # of each plan, in one segment

    def __len__(self) -> int:
        return len(self.starts)


def pack(plans: Sequence[CompiledPlan]) -> PlanTables:
    """The plans one behind the other; a segment's `plan` is the place in this list."""
    sizes = [plan.table[PLAN_SIZE] for plan in plans]
    starts = np.zeros(len(plans), np.int64)
    starts[1:] = np.cumsum(sizes[:-1])
    table = np.fromiter((value for plan in plans for value in plan.table), np.int64, sum(sizes))
    most = np.array([lines_at_most(plan.table) for plan in plans], np.int64)
    return PlanTables(table, starts, most)


@dataclass(frozen=True)
class Segments:
    """What bills are rated from: one entry per segment, int64, sorted by bill and, within a bill, by day.

    Days are day numbers, `to_day` excluded; energy Wh, reactive varh, power W and VA. `period_days`: days
    of the whole billing period. `year_used_wh`: used in the block year before this period. `year_months`:
    months of entitlement in the block year (12 for a customer of the whole year). `power_factor_standard`:
    0, 80, 85 or 90. `period`: YYYYMM, 0 the month of the bill's last day. Single-rate meters set only
    `wh_total`; others set the parts and their total.
    Facts that few tariffs ask for stand behind `period`; their units and meaning are in `rules.layout`.
    `Segments.zeros(n)` makes columns that are filled in place and rated without copying.
    """

    bill: Ints
    plan: Ints
    from_day: Ints
    to_day: Ints
    period_days: Ints
    wh_total: Ints
    wh_sharp: Ints
    wh_peak: Ints
    wh_flat: Ints
    wh_valley: Ints
    varh: Ints
    demand_w: Ints
    capacity_va: Ints
    contract_w: Ints
    year_used_wh: Ints
    year_months: Ints
    period_months: Ints
    persons: Ints
    allowance_wh: Ints
    power_factor_standard: Ints
    period: Ints
    wh_deep: Ints
    demand_sharp: Ints
    demand_peak: Ints
    demand_flat: Ints
    demand_valley: Ints
    demand_deep: Ints
    past_demand_w: Ints
    coincident_w: Ints
    meters: Ints
    export_wh: Ints
    export_sharp: Ints
    export_peak: Ints
    export_flat: Ints
    export_valley: Ints
    export_deep: Ints
    credit_wh: Ints
    true_up: Ints
    year_counted: Ints
    year_ends: Ints
    sub_share: Ints
    sub_wh: Ints
    hourly_minor: Ints
    hourly_rest: Ints
    hourly_wh: Ints
    supplied_months: Ints
    in_time_1_sharp: Ints
    in_time_1_peak: Ints
    in_time_1_flat: Ints
    in_time_1_valley: Ints
    in_time_1_deep: Ints
    in_time_2_sharp: Ints
    in_time_2_peak: Ints
    in_time_2_flat: Ints
    in_time_2_valley: Ints
    in_time_2_deep: Ints
    in_time_3_sharp: Ints
    in_time_3_peak: Ints
    in_time_3_flat: Ints
    in_time_3_valley: Ints
    in_time_3_deep: Ints
    in_time_4_sharp: Ints
    in_time_4_peak: Ints
    in_time_4_flat: Ints
    in_time_4_valley: Ints
    in_time_4_deep: Ints

    @classmethod
    def zeros(cls, n: int) -> Segments:
        """`n` segments of nothing (`period_months` 1), as views of one block of memory."""
        block = np.zeros((N_FACTS, n), np.int64)
        block[FACT_NAMES.index("period_months")] = 1
        return cls(*block)

    def __len__(self) -> int:
        return len(self.bill)

    def facts(self) -> Ints:
        """All columns end to end, as the rules read them: the block itself where they are its views, else a
        copy."""
        columns = [getattr(self, field.name) for field in fields(self)]
        block = columns[0].base
        if block is not None and block.shape == (N_FACTS, len(self)) and block.dtype == np.int64:
            step = block.strides[0]
            start = block.__array_interface__["data"][0]
            places = [column.__array_interface__["data"][0] for column in columns]
            if block.flags.c_contiguous and places == [start + k * step for k in range(N_FACTS)]:
                whole: Ints = block.reshape(-1)
                return whole
        return np.concatenate([np.ascontiguousarray(column, np.int64) for column in columns])


@dataclass(frozen=True)
class RatedBills:
    """Rated bills in columns, int64.

    Of each line (bills in order): bill, segment (its index), component (place in its plan), block (1..; 0
    none), period (register code), quantity (thousandths), unit, price (10**-10), base, amount (minor
    units), rest (exact = amount + rest / parts). Of each bill: amount, wh, by_class (n_bills × 6, by ledger
    class), line_count, credit_wh (exported energy that is kept for the next bill), and fault: 0, or why the bill must
    not be posted (rules.layout.FAULT_…); a bill without segments is all zeros.
    """

    bill: Ints
    segment: Ints
    component: Ints
    block: Ints
    period: Ints
    quantity: Ints
    unit: Ints
    price: Ints
    base: Ints
    amount: Ints
    rest: Ints
    bill_amount: Ints
    bill_wh: Ints
    by_class: Ints
    line_count: Ints
    fault: Ints
    credit_wh: Ints


def _check(plans: PlanTables, segments: Segments, n_bills: int) -> None:
    """Refuse what would read outside the tables: everything else is a fault of one bill."""
    if not len(segments):
        return
    bill, plan = segments.bill, segments.plan
    if bill[0] < 0 or bill[-1] >= n_bills or not bool(np.all(bill[1:] >= bill[:-1])):
        raise ValueError(f"segments must be sorted by bill, with bills from 0 to {n_bills - 1}")
    if int(plan.min()) < 0 or int(plan.max()) >= len(plans):
        raise ValueError(f"a segment names plan {int(plan.max())}; there are {len(plans)} plans")


@dataclass(frozen=True)
class BillAmounts:
    """What bills come to, int64, one entry per bill: see RatedBills."""

    bill_amount: Ints
    bill_wh: Ints
    line_count: Ints
    fault: Ints


def _no_totals(n_bills: int) -> BillAmounts:
    return BillAmounts(*(np.zeros(n_bills, np.int64) for _ in range(4)))


def rate_amounts(plans: PlanTables, segments: Segments, n_bills: int) -> BillAmounts:
    """Only what bills come to, without their lines: for comparing tariffs and for previews."""
    _check(plans, segments, n_bills)
    totals = _no_totals(n_bills)
    _loops.amount_rows(
        plans.table, plans.starts, segments.facts(), len(segments), np.zeros(N_STATE, np.int64), np.zeros(0, np.int64),
        totals.bill_amount, totals.bill_wh, totals.fault, totals.line_count,
    )  # fmt: skip
    return totals


def rate(plans: PlanTables, segments: Segments, n_bills: int) -> RatedBills:
    """Rate all segments in one pass. Linear in segments and lines.

    The lines are written one behind the other into room for as many as the plans could give; what is not needed of
    that room is never touched, so it costs no memory. Raises ValueError when segments are not sorted by bill or
    name a plan or bill that is not there.
    """
    _check(plans, segments, n_bills)
    totals = _no_totals(n_bills)
    by_class = np.zeros((N_CLASSES, n_bills), np.int64)
    credit = np.zeros(n_bills, np.int64)
    room = int(plans.lines_at_most[segments.plan].sum())
    lines = np.empty((N_LINE, room), np.int64)
    count = _loops.rate_rows(
        plans.table, plans.starts, segments.facts(), len(segments), np.zeros(N_STATE, np.int64),
        lines.reshape(-1), room,
        totals.bill_amount, totals.bill_wh, totals.fault, totals.line_count, by_class.reshape(-1), credit,
    )  # fmt: skip
    columns = dict(zip(Line._fields, lines[:, :count], strict=True))
    return RatedBills(**columns, **vars(totals), by_class=by_class.T, credit_wh=credit)
