"""The loops over columns: each walks rows and calls the compiled law. No rule is in here."""

import numpy as np
import numpy.typing as npt

from gridhall.columns.law import law, lean, lean_free
from gridhall.rules.layout import (
    AT_LINE,
    BILL,
    CLASS_SUM,
    CREDIT,
    FAULT,
    N_CLASSES,
    SHOWN,
    USED_WH,
)

Ints = npt.NDArray[np.int64]
rate_bill = law("rating").rate_bill
register_use = law("usage").register_use
late_charge = law("late_charge").late_charge
sort_items = law("allocation").sort_items
allocate = law("allocation").allocate


@lean
def amount_rows(
    table: Ints, starts: Ints, facts: Ints, n: int, state: Ints, lines: Ints,
    amounts: Ints, energies: Ints, faults: Ints, counts: Ints,
) -> None:  # fmt: skip
    """What all bills come to, without their lines. `lines` is an array of nothing."""
    i = 0
    while i < n:
        bill = facts[BILL * n + i]
        last = i + 1
        while last < n and facts[BILL * n + last] == bill:
            last += 1
        state[AT_LINE] = 0
        rate_bill(table, starts, facts, n, i, last, state, lines, 0, 0)
        counts[bill] = state[AT_LINE]
        amounts[bill] = state[SHOWN]
        energies[bill] = state[USED_WH]
        faults[bill] = state[FAULT]
        i = last


@lean_free
def rate_rows(
    table: Ints, starts: Ints, facts: Ints, n: int, state: Ints, lines: Ints, room: int,
    amounts: Ints, energies: Ints, faults: Ints, counts: Ints, by_class: Ints, credits: Ints,
) -> int:  # fmt: skip
    """All bills with their lines and amounts by ledger class (class c of bill b at c × bills + b), and the exported
    energy that each keeps. Returns the number of lines."""
    bills = amounts.shape[0]
    state[AT_LINE] = 0
    i = 0
    while i < n:
        bill = facts[BILL * n + i]
        last = i + 1
        while last < n and facts[BILL * n + last] == bill:
            last += 1
        before = state[AT_LINE]
        rate_bill(table, starts, facts, n, i, last, state, lines, room, 1)
        counts[bill] = state[AT_LINE] - before
        amounts[bill] = state[SHOWN]
        energies[bill] = state[USED_WH]
        faults[bill] = state[FAULT]
        for k in range(1, N_CLASSES):
            by_class[k * bills + bill] = state[CLASS_SUM + k]
        if state[CREDIT] != 0:
            credits[bill] = state[CREDIT]
        i = last
    return int(state[AT_LINE])


@lean
def use_of_registers(
    previous: Ints, current: Ints, digits: Ints, decimals: Ints, multiplier: Ints, after_estimate: Ints, wh: Ints
) -> None:
    """Use of each register, Wh."""
    for i in range(previous.shape[0]):
        wh[i] = register_use(previous[i], current[i], digits[i], decimals[i], multiplier[i], after_estimate[i])


@lean
def allocate_rows(amounts: Ints, firsts: Ints, owed: Ints, keys: Ints, order: Ints, paid: Ints, left: Ints) -> None:
    """Each payment over the items firsts[p] to before firsts[p + 1]."""
    for p in range(amounts.shape[0]):
        at = firsts[p]
        count = firsts[p + 1] - at
        sort_items(keys, at, count, order)
        left[p] = allocate(amounts[p], owed, order, at, count, paid)


@lean
def late_charge_rows(
    principal: Ints, due: Ints, upto: Ints, as_of: int, rate: Ints, carried: Ints, start: int, inclusive: int,
    minimum: Ints, cap: Ints, accrued: Ints, charged: Ints, excused: Ints, excused_carried: Ints, accrues: Ints,
    due_now: Ints,
) -> None:  # fmt: skip
    """Late charge of each open item as of a day."""
    for i in range(principal.shape[0]):
        accrues[i], due_now[i] = late_charge(
            principal[i], due[i], upto[i], as_of, rate[i], carried[i], start, inclusive,
            minimum[i], cap[i], accrued[i], charged[i], excused[i], excused_carried[i],
        )  # fmt: skip
