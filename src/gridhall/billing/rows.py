"""The good bills of a stretch as rows that are written: lines, uses, stretches; `rows` are the bills' own."""

import numpy as np
import numpy.typing as npt

from gridhall.billing.facts import Columns, Facts
from gridhall.billing.further import has_further
from gridhall.columns.rating import RatedBills, Segments

Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


def joined(one: Columns, other: Columns) -> Columns:
    """The rows of both."""
    return {name: np.concatenate([one[name], other[name]]) for name in one}


def sequence(facts: Facts, accounts: Ints) -> Ints:
    """The number of each bill within its account and period: after those that are there, in the order of agreements."""
    n = len(accounts)
    seq = np.ones(n, np.int64)
    again = np.zeros(n, np.bool_)
    again[1:] = accounts[1:] == accounts[:-1]
    for k in np.flatnonzero(again).tolist():
        seq[k] = seq[k - 1] + 1
    highest: dict[int, int] = {}
    for account, number in zip(facts.taken["account_id"].tolist(), facts.taken["seq"].tolist(), strict=True):
        highest[account] = max(highest.get(account, 0), number)
    if highest:
        for k in np.flatnonzero(np.isin(accounts, np.array(list(highest), np.int64))).tolist():
            seq[k] += highest[int(accounts[k])]
    return seq


def _numbered(owner: Ints, n_bills: int) -> Ints:
    """1, 2, 3… within each owner; `owner` is sorted."""
    starts = np.searchsorted(owner, np.arange(n_bills))
    return np.arange(len(owner), dtype=np.int64) - starts[owner] + 1


def line_rows(
    facts: Facts, segments: Segments, first_segment: Ints, rated: RatedBills, good: Mask, places: Ints, rows: Columns
) -> Columns:
    """The lines of the good bills."""
    keep = good[rated.bill]
    whole = bool(keep.all())

    def column(values: Ints) -> Ints:
        return values if whole else values[keep]

    draft, segment = column(rated.bill), column(rated.segment)
    owner = places[draft]
    book = facts.book
    return {
        "account_id": rows["account_id"][owner],
        "seq": rows["seq"][owner],
        "n": _numbered(owner, len(rows["seq"])),
        "component": book.components[book.component_starts[segments.plan[segment]] + column(rated.component)],
        "block": column(rated.block),
        "tou": column(rated.period),
        "segment": segment - first_segment[draft] + 1,
        "unit": column(rated.unit),
        "quantity": column(rated.quantity),
        "price": column(rated.price),
        "base": column(rated.base),
        "amount": column(rated.amount),
        "rest": column(rated.rest),
    }


def use_rows(pieces: Columns, good: Mask, places: Ints, rows: Columns) -> Columns:
    """What the registers of the good bills come to."""
    keep = good[pieces["draft"]]
    owner = places[pieces["draft"][keep]]
    names = (
        "register_id", "tou", "kind", "previous_on", "previous_value", "current_on", "current_value", "multiplier",
        "decimals", "wh",
    )  # fmt: skip
    return {
        "account_id": rows["account_id"][owner],
        "seq": rows["seq"][owner],
        "n": _numbered(owner, len(rows["seq"])),
    } | {name: pieces[name][keep] for name in names}


def segment_rows(facts: Facts, segments: Segments, counts: Ints, good: Mask, places: Ints, rows: Columns) -> Columns:
    """The segments that the bill's row does not tell by itself (models.BillSegment)."""
    drafts = segments.bill
    told = counts[drafts] > 1
    for values in (
        segments.varh, segments.demand_w, segments.capacity_va, segments.contract_w, segments.persons,
        segments.allowance_wh, segments.power_factor_standard,
    ):  # fmt: skip
        told |= values != 0
    told |= has_further(segments)
    told |= (segments.period_days != segments.to_day - segments.from_day) | (segments.period_months != 1)
    told &= good[drafts]
    owner = places[drafts[told]]
    names = (
        "period_days", "period_months", "wh_total", "wh_sharp", "wh_peak", "wh_flat", "wh_valley", "varh", "demand_w",
        "capacity_va", "contract_w", "persons", "allowance_wh", "power_factor_standard", "year_used_wh", "year_months",
    )  # fmt: skip
    return {
        "account_id": rows["account_id"][owner],
        "seq": rows["seq"][owner],
        "n": _numbered(owner, len(rows["seq"])),
        "plan_id": facts.book.ids[segments.plan[told]],
        "from_on": segments.from_day[told],
        "to_on": segments.to_day[told],
    } | {name: getattr(segments, name)[told] for name in names}
