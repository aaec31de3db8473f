"""Losses of the customer's own transformer and line, added to a use that was metered behind them."""

from collections.abc import MutableSequence, Sequence

from gridhall.rules.billing_demand import nearest
from gridhall.rules.layout import (
    CAPACITY_VA,
    DAYS_ALL,
    DAYS_BEFORE,
    FAULT,
    FAULT_BOUNDS,
    FROM_DAY,
    IS_LAST,
    LOSS_ROWS,
    LOSS_SHARE,
    LOSS_SIZES,
    LOSS_STEP,
    LOSS_VAR_SHARE,
    MAX_PERIODS,
    PERIOD_DAYS,
    PERIOD_MONTHS,
    PLAN_LOSS_AT,
    SHARE_ONE,
    SPLIT,
    THIRTIETHS,
    TO_DAY,
    USE,
    USE_VARH,
)
from gridhall.rules.proration import month_share, split_largest
from gridhall.rules.units import QUANTITY_MAX


def size_row(table: Sequence[int], at: int, capacity: int) -> int:
    """Where the row of a transformer of this capacity stands: the first size that is not smaller; 0 where there is
    none."""
    for k in range(table[at + LOSS_SIZES]):
        row = at + LOSS_ROWS + 3 * k
        if capacity <= table[row]:
            return row
    return 0


def to_step(quantity: int, numerator: int, denominator: int, step: int) -> int:
    """`quantity` × numerator / denominator, rounded to whole steps, halves up."""
    return nearest(quantity, numerator, denominator * step) * step


def spread(state: MutableSequence[int], wh: int) -> None:
    """Add energy (or take it off, where it is negative) to the use by period in proportion to it, by the largest
    remainder, and to the total. Without any use by period the last one of the four takes it."""
    state[USE] += wh
    parts = 0
    for t in range(MAX_PERIODS):
        parts += abs(state[USE + 1 + t])
        state[SPLIT + t] = abs(state[USE + 1 + t])
    if parts > QUANTITY_MAX:
        state[FAULT] = FAULT_BOUNDS
        return
    if parts == 0:
        state[SPLIT + 3] = 1
    split_largest(wh, state, SPLIT, MAX_PERIODS, state, SPLIT + MAX_PERIODS)
    for t in range(MAX_PERIODS):
        state[USE + 1 + t] += state[SPLIT + MAX_PERIODS + t]


def add_losses(
    table: Sequence[int], plan: int, facts: Sequence[int], n: int, i: int, state: MutableSequence[int]
) -> None:
    """No-load losses by the size of the transformer (a month's, divided over days as a charge of 1/30 a day is) and
    losses of the load as a share of the energy. A capacity beyond the sizes of the table is a fault."""
    at = plan + table[plan + PLAN_LOSS_AT]
    step = table[at + LOSS_STEP]
    use = max(state[USE], 0)
    loss = to_step(use, table[at + LOSS_SHARE], SHARE_ONE, step)
    var_loss = nearest(use, table[at + LOSS_VAR_SHARE], SHARE_ONE)
    if table[at + LOSS_SIZES] > 0:
        row = size_row(table, at, facts[CAPACITY_VA * n + i])
        if row == 0:
            state[FAULT] = FAULT_BOUNDS
            return
        days = facts[TO_DAY * n + i] - facts[FROM_DAY * n + i]
        part, of = month_share(
            THIRTIETHS, days, state[DAYS_BEFORE], state[DAYS_ALL], state[IS_LAST],
            facts[PERIOD_DAYS * n + i], facts[PERIOD_MONTHS * n + i],
        )  # fmt: skip
        loss += to_step(table[row + 1], part, of, step)
        var_loss += nearest(table[row + 2], part, of)
    spread(state, loss)
    state[USE_VARH] += var_loss
    if state[USE] > QUANTITY_MAX or abs(state[USE_VARH]) > QUANTITY_MAX:
        state[FAULT] = FAULT_BOUNDS
