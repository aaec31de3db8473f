"""What of the metered energy is left to price: after export is set off, losses are added and sub-supplies taken out.

Only plans that say so (PLAN_USE) come here; for all others the metered use is the priced one.
"""

from collections.abc import MutableSequence, Sequence

from gridhall.rules.energy import price_line
from gridhall.rules.layout import (
    AS_AGREED,
    CREDIT,
    DAYS_ALL,
    DAYS_BEFORE,
    EXPORT_SHARP,
    EXPORT_WH,
    FAULT,
    FAULT_BOUNDS,
    FROM_DAY,
    IS_LAST,
    PERIOD_DAYS,
    PERIOD_MONTHS,
    PLAN_USE,
    PRICE_AT,
    SEASON,
    SUB_MONTH,
    SUB_PART,
    SUB_SHARE,
    SUB_WH,
    TAKEN_NOW,
    THIRTIETHS,
    TO_DAY,
    TOTAL,
    TRUE_UP,
    USE,
    USE_DEEP,
    USE_LOSS,
    USE_NET,
    USE_PARTS,
    USE_VARH,
    VARH,
    WH_DEEP,
    WH_SHARP,
    WH_TOTAL,
)
from gridhall.rules.losses import add_losses, spread, to_step
from gridhall.rules.proration import month_share
from gridhall.rules.units import QUANTITY_MAX

SHARE_HUNDREDTHS = 10_000  # a share of 100 %, in hundredths of a per cent


def prepare_use(
    table: Sequence[int], plan: int, facts: Sequence[int], n: int, i: int, state: MutableSequence[int]
) -> None:
    """Fill USE (the total, then by period) of a segment."""
    bits = table[plan + PLAN_USE]
    state[USE] = facts[WH_TOTAL * n + i]
    state[TAKEN_NOW] = 0
    if bits == 0:
        return
    if bits & USE_PARTS:
        for t in range(4):
            state[USE + 1 + t] = facts[(WH_SHARP + t) * n + i]
        state[USE + 5] = facts[WH_DEEP * n + i] if bits & USE_DEEP else 0
    else:
        for t in range(5):
            state[USE + 1 + t] = 0
    state[USE_VARH] = facts[VARH * n + i]
    if bits & USE_NET:
        set_off(facts, n, i, state, bits & USE_PARTS)
    if bits & USE_LOSS:
        add_losses(table, plan, facts, n, i, state)


def set_off(facts: Sequence[int], n: int, i: int, state: MutableSequence[int], by_period: int) -> None:
    """Net metering: what was fed in and what is kept from before is set off against the use; what is left of it is
    kept (CREDIT).

    By period: each period's export is set off in that period alone, what it leaves is negative and priced as such
    (net billing); nothing is kept.
    """
    if abs(facts[EXPORT_WH * n + i]) > QUANTITY_MAX or state[CREDIT] > QUANTITY_MAX:
        state[FAULT] = FAULT_BOUNDS
        return
    if by_period:
        state[USE] -= facts[EXPORT_WH * n + i]
        for t in range(5):
            state[USE + 1 + t] -= facts[(EXPORT_SHARP + t) * n + i]
        return
    net = state[USE] - facts[EXPORT_WH * n + i] - state[CREDIT]
    state[USE] = max(net, 0)
    state[CREDIT] = max(-net, 0)


def rate_paid_out(
    table: Sequence[int], plan: int, component: int, k: int, facts: Sequence[int], n: int, i: int,
    state: MutableSequence[int], lines: MutableSequence[int], room: int, write: int,
) -> None:  # fmt: skip
    """The true-up of net metering: what was fed in and never set off is paid for, and nothing of it is kept."""
    if state[IS_LAST] == 0 or facts[TRUE_UP * n + i] == 0 or state[CREDIT] == 0:
        return
    if state[CREDIT] > QUANTITY_MAX:
        state[FAULT] = FAULT_BOUNDS
        return
    price = -table[plan + table[component + PRICE_AT] + state[SEASON]]
    quantity = state[CREDIT]
    state[CREDIT] = 0
    price_line(table, component, k, facts, n, i, state, lines, room, write, 0, TOTAL, quantity, price)


def sub_quantity(
    table: Sequence[int], component: int, facts: Sequence[int], n: int, i: int, state: Sequence[int]
) -> int:
    """The energy of a sub-supply in a segment, Wh: its share of the use (as it was before any sub-supply), and its
    fixed energy a month divided over days; never more than what is left of the use."""
    share = table[component + SUB_PART]
    month = table[component + SUB_MONTH]
    if share == AS_AGREED:
        share = facts[SUB_SHARE * n + i]
        month = facts[SUB_WH * n + i]
    if share < 0 or share > SHARE_HUNDREDTHS or month < 0 or month > QUANTITY_MAX:
        return AS_AGREED
    before = max(state[USE] + state[TAKEN_NOW], 0)
    quantity = to_step(before, share, SHARE_HUNDREDTHS, 1)
    if month > 0:
        days = facts[TO_DAY * n + i] - facts[FROM_DAY * n + i]
        part, of = month_share(
            THIRTIETHS, days, state[DAYS_BEFORE], state[DAYS_ALL], state[IS_LAST],
            facts[PERIOD_DAYS * n + i], facts[PERIOD_MONTHS * n + i],
        )  # fmt: skip
        quantity += to_step(month, part, of, 1)
    return min(quantity, max(state[USE], 0))


def rate_sub_supply(
    table: Sequence[int], plan: int, component: int, k: int, facts: Sequence[int], n: int, i: int,
    state: MutableSequence[int], lines: MutableSequence[int], room: int, write: int,
) -> None:  # fmt: skip
    """A part of the use that another class of use has, at its own price (by a share or a fixed quantity); the rest is
    left to the components behind it, each period giving in proportion."""
    quantity = sub_quantity(table, component, facts, n, i, state)
    if quantity < 0:
        state[FAULT] = FAULT_BOUNDS
        return
    if quantity == 0:
        return
    spread(state, -quantity)
    state[TAKEN_NOW] += quantity
    price = table[plan + table[component + PRICE_AT] + state[SEASON]]
    price_line(table, component, k, facts, n, i, state, lines, room, write, 0, TOTAL, quantity, price)
