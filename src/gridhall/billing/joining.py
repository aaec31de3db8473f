"""A bill begins where the last one ended: on the same day, and on the same value of every register.

What was read may have changed since the last bill: an estimate gave way to the real value, a reading was put right.
The next bill then goes on from the value that was *billed*, so that no energy is billed twice or never: what the last
bill had too much or too little comes into this one. After an estimate that is the rule; where a real reading was put
right, a person looks first, since the wrong bill had better be made again.
"""

import numpy as np
import numpy.typing as npt

from gridhall.billing.facts import Columns, Facts, month_before
from gridhall.columns.pairs import places_of_pairs
from gridhall.metering import public as metering

Ints = npt.NDArray[np.int64]

PIECE = (
    "account_id", "agreement_id", "register_id", "tou", "kind", "previous_on", "previous_value", "current_on",
    "current_value", "multiplier", "decimals", "digits", "after_estimate",
)  # fmt: skip


def join(facts: Facts, pieces: Columns) -> None:
    """Let the first piece of each register begin where the last bill ended, in place. `pieces` is sorted by draft,
    register and day.

    Adds `moved`: 1 where the billed value is another than the reading now, and no estimate. A register that was taken
    away by the last bill begins anew; months between that are not billed yet stay a gap.
    """
    n = len(pieces["register_id"])
    pieces["moved"] = np.zeros(n, np.int64)
    billed = facts.last_use
    if not n or not len(billed["register_id"]):
        return
    first = np.ones(n, np.bool_)
    first[1:] = (pieces["register_id"][1:] != pieces["register_id"][:-1]) | (
        pieces["agreement_id"][1:] != pieces["agreement_id"][:-1]
    )
    at = _billed_at(billed, pieces)
    on, value, kind = (billed[name][at] for name in ("current_on", "current_value", "kind"))
    follows = (billed["period"][at] == month_before(facts.stretch.period)) | (on >= pieces["previous_on"])
    mine = (at >= 0) & first & follows & (kind != metering.REMOVED)
    other = mine & ((on != pieces["previous_on"]) | (value != pieces["previous_value"]))
    estimated = kind == metering.ESTIMATED
    demand = metering.is_demand(pieces["tou"])  # shows a month's highest: a true-up cannot put the last month right
    pieces["moved"] = (mine & (value != pieces["previous_value"]) & (~estimated | demand)).astype(np.int64)
    pieces["previous_on"] = np.where(other, on, pieces["previous_on"])
    pieces["previous_value"] = np.where(other, value, pieces["previous_value"])
    pieces["after_estimate"] = np.where(mine, estimated | other, pieces["after_estimate"]).astype(np.int64)


def _billed_at(billed: Columns, pieces: Columns) -> Ints:
    """Where each piece's register stands among the last uses of its agreement; -1 where it does not."""
    order = np.lexsort((billed["n"], billed["current_on"], billed["register_id"], billed["agreement_id"]))
    at = places_of_pairs(
        billed["agreement_id"][order], billed["register_id"][order], pieces["agreement_id"], pieces["register_id"]
    )
    return np.where(at >= 0, order[at], -1).astype(np.int64)
