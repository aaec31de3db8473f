"""Allocation and late charge over columns, and the use of registers: the rules of one, run over many rows."""

import numpy as np
import numpy.typing as npt

from gridhall.columns import _loops
from gridhall.rules.late_charge import FROM_DAY_AFTER

Ints = npt.NDArray[np.int64]


def _whole(values: npt.ArrayLike, n: int) -> Ints:
    return np.ascontiguousarray(np.broadcast_to(np.asarray(values, np.int64), (n,)))


def use_of_registers(
    previous: Ints, current: Ints, digits: Ints, decimals: Ints, multiplier: Ints, after_estimate: npt.ArrayLike = 0
) -> Ints:
    """`rules.usage.register_use` for each row: Wh."""
    n = len(previous)
    wh = np.zeros(n, np.int64)
    _loops.use_of_registers(
        _whole(previous, n), _whole(current, n), _whole(digits, n), _whole(decimals, n), _whole(multiplier, n),
        _whole(after_estimate, n), wh,
    )  # fmt: skip
    return wh


def allocate_batch(amounts: Ints, firsts: Ints, owed: Ints, keys: Ints) -> tuple[Ints, Ints, Ints]:
    """Allocate many payments, each over its own items.

    `firsts` has one more entry than `amounts`: the items of payment p are firsts[p] to before firsts[p + 1]
    of `owed` (minor units) and `keys` (`rules.allocation.order_key`). Returns (paid per item, credit left
    per payment, items in the order of payment).
    """
    order = np.zeros(len(owed), np.int64)
    paid = np.zeros(len(owed), np.int64)
    left = np.zeros(len(amounts), np.int64)
    _loops.allocate_rows(amounts, firsts, owed, keys, order, paid, left)
    return paid, left, order


def late_charges(
    principal: Ints, due_day: Ints, upto_day: Ints, as_of: int, rate: npt.ArrayLike, rate_carried: npt.ArrayLike,
    minimum: npt.ArrayLike, cap_permille: npt.ArrayLike, accrued: npt.ArrayLike, charged: Ints,
    start: int = FROM_DAY_AFTER, inclusive: int = 1, excused: npt.ArrayLike = 0, excused_carried: npt.ArrayLike = 0,
) -> tuple[Ints, Ints]:  # fmt: skip
    """`rules.late_charge.late_charge` for each open item as of a day (day numbers): (what accrues, what to
    add now), minor units."""
    n = len(principal)
    accrues, due_now = np.zeros(n, np.int64), np.zeros(n, np.int64)
    _loops.late_charge_rows(
        _whole(principal, n), _whole(due_day, n), _whole(upto_day, n), as_of,
        _whole(rate, n), _whole(rate_carried, n), start, inclusive,
        _whole(minimum, n), _whole(cap_permille, n), _whole(accrued, n), _whole(charged, n),
        _whole(excused, n), _whole(excused_carried, n), accrues, due_now,
    )  # fmt: skip
    return accrues, due_now
