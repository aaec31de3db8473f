"""Bills rated again from what they store: their row, their uses and, where it takes more, their segments."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from django.db import connection

from gridhall.billing.further import FACTS
from gridhall.billing.models import FINAL
from gridhall.columns.arrays import ask
from gridhall.columns.rating import PlanTables, Segments, pack, rate
from gridhall.rules.leaving import months_of_supply
from gridhall.rules.plan import FACT_NAMES, RatedBill, rate_with
from gridhall.tariffs import public as tariffs

Ints = npt.NDArray[np.int64]
Columns = dict[str, Ints]

# Whole columns of a month, each in one answer; they come in no certain order.
BILLS = """
SELECT array_agg(account_id), array_agg(seq), array_agg(agreement_id), array_agg(unit_id), array_agg(area_id),
    array_agg(class_code), array_agg(amount), array_agg(year_used_wh), array_agg(year_months), array_agg(plan_id),
    array_agg(from_on), array_agg(to_on), array_agg(wh), array_agg(kind)
FROM bill
WHERE period = %(period)s AND account_id BETWEEN %(first)s AND %(last)s
    AND (%(seq)s = 0 OR seq = %(seq)s) AND (%(cancelled)s OR state = 1)
    AND (%(units)s::integer[] IS NULL OR unit_id = ANY(%(units)s))
    AND (%(plans)s::integer[] IS NULL OR plan_id = ANY(%(plans)s))
"""
BILL_COLUMNS = (
    "account_id", "seq", "agreement_id", "unit_id", "area_id", "class_code", "amount", "year_used_wh", "year_months",
    "plan_id", "from_day", "to_day", "wh_total", "kind",
)  # fmt: skip

# What registers by period counted. A bill's total stands in its own row.
USES = """
SELECT array_agg(account_id), array_agg(seq), array_agg(tou), array_agg(wh)
FROM bill_use
WHERE period = %(period)s AND account_id BETWEEN %(first)s AND %(last)s AND tou BETWEEN 1 AND 4
"""

# The stretches of those bills that have more than one, or terms of their own.
SEGMENTS = """
SELECT array_agg(s.account_id), array_agg(s.seq), array_agg(s.n), array_agg(s.plan_id), array_agg(s.from_on),
    array_agg(s.to_on), array_agg(s.period_days), array_agg(s.period_months), array_agg(s.wh_total),
    array_agg(s.wh_sharp), array_agg(s.wh_peak), array_agg(s.wh_flat), array_agg(s.wh_valley), array_agg(s.varh),
    array_agg(s.demand_w), array_agg(s.capacity_va), array_agg(s.contract_w), array_agg(s.persons),
    array_agg(s.allowance_wh), array_agg(s.power_factor_standard),
    array_agg(COALESCE(s.year_used_wh, b.year_used_wh)), array_agg(COALESCE(s.year_months, b.year_months))
FROM bill_segment s
JOIN bill b ON b.account_id = s.account_id AND b.period = s.period AND b.seq = s.seq
WHERE s.period = %(period)s AND s.account_id BETWEEN %(first)s AND %(last)s
"""
# Facts of those stretches that few tariffs ask for.
FURTHER_FACTS = """
SELECT array_agg(account_id), array_agg(seq), array_agg(n), array_agg(fact), array_agg(value)
FROM bill_fact
WHERE period = %(period)s AND account_id BETWEEN %(first)s AND %(last)s AND n > 0
"""
FURTHER_COLUMNS = ("account_id", "seq", "n", "fact", "value")
SEGMENT_COLUMNS = (
    "account_id", "seq", "n", "plan_id", "from_day", "to_day", "period_days", "period_months", "wh_total", "wh_sharp",
    "wh_peak", "wh_flat", "wh_valley", "varh", "demand_w", "capacity_va", "contract_w", "persons", "allowance_wh",
    "power_factor_standard", "year_used_wh", "year_months",
)  # fmt: skip
USE_COLUMNS = ("account_id", "seq", "tou", "wh")
PARTS = ("wh_sharp", "wh_peak", "wh_flat", "wh_valley")


@dataclass(frozen=True)
class StoredBills:
    """Bills of a period as they were rated, sorted by account and seq. Per bill: account_id … amount; per segment:
    `segments` and `plan_ids`."""

    account_id: Ints
    seq: Ints
    agreement_id: Ints
    unit_id: Ints
    area_id: Ints
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
    return _read([parameters])[0]


def stored_one_by_one(account_id: int, keys: Sequence[tuple[int, int]]) -> list[StoredBills]:
    """Some bills (period, seq) of an account, cancelled ones too, each by itself; one round trip."""
    return _read([
        {
            "period": period, "first": account_id, "last": account_id, "seq": seq, "cancelled": True, "units": None,
            "plans": None,
        }
        for period, seq in keys
    ])  # fmt: skip


def _read(asked: Sequence[dict[str, Any]]) -> list[StoredBills]:
    """What is stored for each set of parameters."""
    connection.ensure_connection()
    questions = [(text, parameters) for parameters in asked for text in (BILLS, USES, SEGMENTS, FURTHER_FACTS)]
    answers = iter(ask(connection.connection, questions))
    heads = ("account_id", "seq", "agreement_id", "unit_id", "area_id", "class_code", "amount")
    read = []
    for parameters in asked:
        bills, uses, stretches, further = (
            _sorted(dict(zip(names, next(answers), strict=True)))
            for names in (BILL_COLUMNS, USE_COLUMNS, SEGMENT_COLUMNS, FURTHER_COLUMNS)
        )
        segments, plan_ids = _laid_out(bills, uses, stretches)
        _lay_further(bills, further, segments)
        segments.period[:] = parameters["period"]
        _note_leaving(bills, segments, parameters["period"])
        read.append(StoredBills(**{name: bills[name] for name in heads}, segments=segments, plan_ids=plan_ids))
    return read


def _sorted(rows: Columns) -> Columns:
    """By account, bill and place in the bill."""
    keys = [rows["account_id"], rows["seq"], *([rows["n"]] if "n" in rows else [])]
    order = np.lexsort(keys[::-1])
    if bool((order == np.arange(len(order))).all()):
        return rows
    return {name: values[order] for name, values in rows.items()}


def _places(bills: Columns, rows: Columns) -> Ints:
    """Where the bill of each row stands among the bills; -1 where it is none of them."""
    n = len(bills["account_id"])
    if n == 0:
        return np.full(len(rows["account_id"]), -1, np.int64)
    at = np.searchsorted(bills["account_id"], rows["account_id"])
    for _ in range(int(rows["seq"].max(initial=1))):  # an account seldom has a second bill in a month
        here = np.minimum(at, n - 1)
        wrong = (at < n) & (bills["account_id"][here] == rows["account_id"]) & (bills["seq"][here] < rows["seq"])
        if not bool(wrong.any()):
            break
        at = at + wrong
    here = np.minimum(at, n - 1)
    found = (at < n) & (bills["account_id"][here] == rows["account_id"]) & (bills["seq"][here] == rows["seq"])
    return np.where(found, at, -1).astype(np.int64)


def _laid_out(bills: Columns, uses: Columns, stretches: Columns) -> tuple[Segments, Ints]:
    """One segment per stretch, and the version that rated each. A bill without stretches is one segment on the plan and
    the days of its own row, with the use of its registers."""
    n = len(bills["account_id"])
    of_stretch = _places(bills, stretches)
    mine = of_stretch >= 0
    stretches, of_stretch = {name: values[mine] for name, values in stretches.items()}, of_stretch[mine]
    told = np.bincount(of_stretch, minlength=n)
    counts = np.maximum(told, 1)
    starts = np.cumsum(counts) - counts
    segments = Segments.zeros(int(counts.sum()))
    segments.bill[:] = np.repeat(np.arange(n), counts)
    for name in ("from_day", "to_day", "year_used_wh", "year_months", "wh_total"):
        getattr(segments, name)[:] = np.repeat(bills[name], counts)
    segments.period_days[:] = segments.to_day - segments.from_day
    of_use = _places(bills, uses)
    plain = of_use >= 0
    plain[plain] = told[of_use[plain]] == 0
    for k, name in enumerate(PARTS):
        rows = plain & (uses["tou"] == k + 1)
        np.add.at(getattr(segments, name), starts[of_use[rows]], uses["wh"][rows])
    plan_ids = np.repeat(bills["plan_id"], counts)
    rows = starts[of_stretch] + np.arange(len(of_stretch)) - (np.cumsum(told) - told)[of_stretch]
    for name in SEGMENT_COLUMNS:
        if name not in ("account_id", "seq", "n", "plan_id"):
            getattr(segments, name)[rows] = stretches[name]
    plan_ids[rows] = stretches["plan_id"]
    return segments, plan_ids


def _lay_further(bills: Columns, further: Columns, segments: Segments) -> None:
    """Lay facts on the stretches that they belong to."""
    of_bill = _places(bills, further)
    for row in np.flatnonzero(of_bill >= 0).tolist():
        first = int(np.searchsorted(segments.bill, of_bill[row]))
        name = FACTS[int(further["fact"][row])]
        getattr(segments, name)[first + int(further["n"][row]) - 1] = further["value"][row]


def _note_leaving(bills: Columns, segments: Segments, period: int) -> None:
    """The months of supply of those who left, on the last segment of their final bill, as it was decided."""
    for bill in np.flatnonzero(bills["kind"] == FINAL).tolist():
        last = int(np.searchsorted(segments.bill, bill, side="right")) - 1
        entitled, to_day = int(segments.year_months[last]), int(segments.to_day[last])
        segments.supplied_months[last] = months_of_supply(period // 100, entitled, to_day)


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
