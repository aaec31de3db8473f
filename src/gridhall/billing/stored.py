"""Bills rated again from what they store: their row, their uses and, where it takes more, their segments."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from django.db import connection

from gridhall.billing import _cutting as cutting
from gridhall.columns.copy import DATE, INT2, INT4, INT8, copy_out
from gridhall.columns.rating import PlanTables, Segments, pack, rate
from gridhall.rules.plan import FACT_NAMES, RatedBill, rate_with
from gridhall.tariffs import public as tariffs

Ints = npt.NDArray[np.int64]

# One row per segment. A bill without rows in bill_segment is one segment on the plan and the days of its own row, with
# the use of its registers. `by_period` tells that it has registers by period.
STORED = """
SELECT b.account_id, b.seq, b.agreement_id, b.unit_id, b.class_code, b.amount,
    COALESCE(s.year_used_wh, b.year_used_wh) AS year_used_wh, COALESCE(s.year_months, b.year_months) AS year_months,
    COALESCE(s.plan_id, b.plan_id) AS plan_id,
    COALESCE(s.from_on, b.from_on) AS from_day, COALESCE(s.to_on, b.to_on) AS to_day,
    COALESCE(s.period_days, b.to_on - b.from_on) AS period_days,
    COALESCE(s.period_months, 1::smallint) AS period_months,
    COALESCE(s.wh_total, u.total) AS wh_total, COALESCE(s.wh_sharp, u.sharp) AS wh_sharp,
    COALESCE(s.wh_peak, u.peak) AS wh_peak, COALESCE(s.wh_flat, u.flat) AS wh_flat,
    COALESCE(s.wh_valley, u.valley) AS wh_valley,
    COALESCE(s.varh, 0) AS varh, COALESCE(s.demand_w, 0) AS demand_w, COALESCE(s.capacity_va, 0) AS capacity_va,
    COALESCE(s.contract_w, 0) AS contract_w, COALESCE(s.persons, 0::smallint) AS persons,
    COALESCE(s.allowance_wh, 0) AS allowance_wh,
    COALESCE(s.power_factor_standard, 0::smallint) AS power_factor_standard,
    CASE WHEN s.n IS NULL THEN u.by_period ELSE 0 END AS by_period
FROM bill b
LEFT JOIN bill_segment s ON s.account_id = b.account_id AND s.period = b.period AND s.seq = b.seq
LEFT JOIN LATERAL (
    SELECT COALESCE(sum(wh) FILTER (WHERE tou = 0), 0)::bigint AS total,
        COALESCE(sum(wh) FILTER (WHERE tou = 1), 0)::bigint AS sharp,
        COALESCE(sum(wh) FILTER (WHERE tou = 2), 0)::bigint AS peak,
        COALESCE(sum(wh) FILTER (WHERE tou = 3), 0)::bigint AS flat,
        COALESCE(sum(wh) FILTER (WHERE tou = 4), 0)::bigint AS valley,
        COALESCE(max(CASE WHEN tou BETWEEN 1 AND 4 THEN 1 ELSE 0 END), 0) AS by_period
    FROM bill_use use
    WHERE use.account_id = b.account_id AND use.period = b.period AND use.seq = b.seq
) u ON s.n IS NULL
WHERE b.period = %(period)s AND b.account_id BETWEEN %(first)s AND %(last)s
    AND (%(seq)s = 0 OR b.seq = %(seq)s) AND (%(cancelled)s OR b.state = 1)
    AND (%(units)s::integer[] IS NULL OR b.unit_id = ANY(%(units)s))
    AND (%(plans)s::integer[] IS NULL OR b.plan_id = ANY(%(plans)s))
ORDER BY b.account_id, b.seq, s.n
"""
SHAPE = {
    "account_id": INT8, "seq": INT2, "agreement_id": INT8, "unit_id": INT4, "class_code": INT2, "amount": INT8,
    "year_used_wh": INT8, "year_months": INT2, "plan_id": INT4, "from_day": DATE, "to_day": DATE, "period_days": INT4,
    "period_months": INT2, "wh_total": INT8, "wh_sharp": INT8, "wh_peak": INT8, "wh_flat": INT8, "wh_valley": INT8,
    "varh": INT8, "demand_w": INT8, "capacity_va": INT8, "contract_w": INT8, "persons": INT2, "allowance_wh": INT8,
    "power_factor_standard": INT2, "by_period": INT4,
}  # fmt: skip


@dataclass(frozen=True)
class StoredBills:
    """Bills of a period as they were rated. Per bill: account_id … amount; per segment: `segments` and `plan_ids`."""

    account_id: Ints
    seq: Ints
    agreement_id: Ints
    unit_id: Ints
    class_code: Ints
    amount: Ints
    segments: Segments
    plan_ids: Ints

    def __len__(self) -> int:
        return len(self.account_id)

    def plans(self) -> PlanTables:
        """The tables of the versions used; sets each segment's `plan` to its place in them."""
        used, places = np.unique(self.plan_ids, return_inverse=True)
        self.segments.plan[:] = places.reshape(-1)
        return pack([tariffs.plan(version) for version in used.tolist()])


def stored_bills(
    period: int,
    *,
    first: int = 0,
    last: int = 2**62,
    seq: int = 0,
    units: Sequence[int] | None = None,
    plans: Sequence[int] | None = None,
    cancelled: bool = False,
) -> StoredBills:
    """Read bills of a period: of accounts `first` to `last`, of these units, rated at their end by these versions."""
    parameters = {
        "period": period, "first": first, "last": last, "seq": seq, "cancelled": cancelled,
        "units": None if units is None else list(units), "plans": None if plans is None else list(plans),
    }  # fmt: skip
    with connection.cursor() as cursor:
        rows = copy_out(cursor, STORED, SHAPE, parameters)
    n = len(rows["account_id"])
    begins = np.ones(n, np.bool_)
    begins[1:] = (rows["account_id"][1:] != rows["account_id"][:-1]) | (rows["seq"][1:] != rows["seq"][:-1])
    firsts = np.flatnonzero(begins)
    segments = Segments.zeros(n)
    segments.bill[:] = np.cumsum(begins) - 1
    for name in FACT_NAMES:
        if name not in ("bill", "plan", "period"):
            getattr(segments, name)[:] = rows[name]
    segments.period[:] = period
    cutting.total_of_parts(rows["by_period"][firsts], np.append(firsts, n), segments.facts(), n)
    heads = ("account_id", "seq", "agreement_id", "unit_id", "class_code", "amount")
    return StoredBills(**{name: rows[name][firsts] for name in heads}, segments=segments, plan_ids=rows["plan_id"])


def rated_again(account_id: int, period: int, seq: int) -> RatedBill | None:
    """One bill rated anew by CPython, from what it stores; None where there is no such bill."""
    bills = stored_bills(period, first=account_id, last=account_id, seq=seq, cancelled=True)
    if not len(bills):
        return None
    used = np.unique(bills.plan_ids).tolist()
    facts = [
        {name: int(getattr(bills.segments, name)[i]) for name in FACT_NAMES}
        | {"bill": 0, "plan": used.index(int(bills.plan_ids[i]))}
        for i in range(len(bills.segments))
    ]
    return rate_with([tariffs.plan(version) for version in used], facts)


def rated_differently(period: int) -> tuple[int, list[tuple[int, int]]]:
    """Every bill of a period rated anew over columns: how many, and (account, seq) of those that come to another
    amount."""
    bills = stored_bills(period, cancelled=True)
    if not len(bills):
        return 0, []
    again = rate(bills.plans(), bills.segments, len(bills))
    wrong = np.flatnonzero((again.bill_amount != bills.amount) | (again.fault != 0))
    return len(bills), [(int(bills.account_id[row]), int(bills.seq[row])) for row in wrong]
