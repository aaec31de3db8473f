"""Stored bills rated on another version of a tariff: the one way in which trials and comparisons rate them."""

from collections.abc import Sequence

import numpy as np

from gridhall.billing.stored import StoredBills
from gridhall.columns.rating import BillAmounts, PlanTables, Segments, pack, rate_amounts
from gridhall.rules.layout import FAULT_DAYS
from gridhall.rules.other_plan import cut_for
from gridhall.rules.plan import FACT_NAMES
from gridhall.tariffs import public as tariffs


def rated_on(plan: tariffs.CompiledPlan, own: Sequence[int], stored: StoredBills) -> BillAmounts:
    """What the bills come to where their segments on the versions `own` are on `plan`; the others stay on their own.

    Sets each segment's `plan` to its place in the tables that were used. A bill that cannot be rated has a fault.
    """
    others = sorted(set(stored.plan_ids.tolist()) - set(own))
    ours = np.isin(stored.plan_ids, np.array(own, np.int64))
    elsewhere = np.searchsorted(np.array(others, np.int64), stored.plan_ids) + 1
    stored.segments.plan[:] = np.where(ours, 0, elsewhere)
    tables = pack([plan, *(tariffs.plan(version) for version in others)])
    return _cut_and_rated(tables, plan, stored.segments, len(stored))


def _cut_and_rated(tables: PlanTables, plan: tariffs.CompiledPlan, segments: Segments, n: int) -> BillAmounts:
    """Rate; bills with a season of the plan beginning inside them are cut there first and rated once more."""
    rated = rate_amounts(tables, segments, n)
    uncut = np.flatnonzero(rated.fault == FAULT_DAYS)
    if not len(uncut):
        return rated
    pieces = []
    for i in np.flatnonzero(np.isin(segments.bill, uncut)).tolist():
        facts = {name: int(getattr(segments, name)[i]) for name in FACT_NAMES}
        pieces += cut_for(plan.table, facts) if facts["plan"] == 0 else [facts]
    again = Segments.zeros(len(pieces))
    for name in FACT_NAMES:
        getattr(again, name)[:] = [piece[name] for piece in pieces]
    again.bill[:] = np.searchsorted(uncut, again.bill)
    cut = rate_amounts(tables, again, len(uncut))
    for name in ("bill_amount", "bill_wh", "fault"):
        getattr(rated, name)[uncut] = getattr(cut, name)
    return rated
