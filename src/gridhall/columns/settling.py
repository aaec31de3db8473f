"""The rules of settling over columns, by the text that suits the size: plain Python for a few rows, Numba for many."""

import numpy as np
import numpy.typing as npt

from gridhall.columns.law import compiled, law
from gridhall.columns.money import allocate_batch, late_charges
from gridhall.rules.allocation import allocate, order_key, sort_items
from gridhall.rules.late_charge import late_charge

Ints = npt.NDArray[np.int64]

FEW = 400  # rows up to which plain Python is quicker than waking the compiled text

_compiled_order_key = law("allocation").order_key


@compiled
def _order_keys(policy: int, due_day: Ints, kind: Ints, keys: Ints) -> None:
    for i in range(keys.shape[0]):
        keys[i] = _compiled_order_key(policy, due_day[i], kind[i])


def order_keys(policy: int, due_day: Ints, kind: Ints) -> Ints:
    """`rules.allocation.order_key` of each item."""
    if len(kind) <= FEW:
        pairs = zip(due_day.tolist(), kind.tolist(), strict=True)
        return np.array([order_key(policy, due, which) for due, which in pairs], np.int64)
    keys = np.zeros(len(kind), np.int64)
    _order_keys(policy, np.ascontiguousarray(due_day), np.ascontiguousarray(kind), keys)
    return keys


def allocation_of(amounts: Ints, firsts: Ints, owed: Ints, keys: Ints) -> tuple[Ints, Ints, Ints]:
    """`columns.money.allocate_batch`: (paid per item, left per payment, items in the order of payment)."""
    if len(owed) > FEW or len(amounts) > FEW:
        return allocate_batch(amounts, firsts, owed, keys)
    key_list, owed_list, bounds = keys.tolist(), owed.tolist(), firsts.tolist()
    order, paid = [0] * len(owed_list), [0] * len(owed_list)
    left = []
    for k, amount in enumerate(amounts.tolist()):
        at, count = bounds[k], bounds[k + 1] - bounds[k]
        sort_items(key_list, at, count, order)
        left.append(allocate(amount, owed_list, order, at, count, paid))
    return np.array(paid, np.int64), np.array(left, np.int64), np.array(order, np.int64)


def late_charge_of(
    principal: Ints, due_day: Ints, upto_day: Ints, as_of: int, terms: Ints, accrued: Ints, charged: Ints, excused: Ints
) -> tuple[Ints, Ints]:
    """`rules.late_charge.late_charge` of each item as of a day: (what accrues, what to charge now). `terms`: a row an
    item (rate, carried rate, first day, inclusive, minimum, cap); `excused` too: days, days carried over."""
    if len(principal) <= FEW:
        columns = (principal, due_day, upto_day, terms, accrued, charged, excused)
        pairs = [
            late_charge(amount, due, upto, as_of, rate, carried, first, inclusive, minimum, cap, so_far, before, *off)
            for amount, due, upto, (rate, carried, first, inclusive, minimum, cap), so_far, before, off in zip(
                *(column.tolist() for column in columns), strict=True
            )
        ]
        both = np.array(pairs, np.int64).reshape(-1, 2)
        return both[:, 0], both[:, 1]
    accrues, charges = np.zeros(len(principal), np.int64), np.zeros(len(principal), np.int64)
    ways = terms[:, 2] * 2 + terms[:, 3]
    for way in np.unique(ways).tolist():
        here = np.flatnonzero(ways == way)
        accrues[here], charges[here] = late_charges(
            principal[here], due_day[here], upto_day[here], as_of, terms[here, 0], terms[here, 1],
            terms[here, 4], terms[here, 5], accrued[here], charged[here], start=way // 2, inclusive=way % 2,
            excused=excused[here, 0], excused_carried=excused[here, 1],
        )  # fmt: skip
    return accrues, charges
