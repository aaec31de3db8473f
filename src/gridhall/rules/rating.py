"""Rating: what a bill costs, line by line.

`rate_bill` walks the segments of a bill (one, or several where the price changed or somebody moved inside
the period) and, in each, the components of its plan in the order of the tariff book. Each kind of component
is one function in `energy`, `charges` or `on_bases`. All take the same things: `table` and `plan` (the
integer tables and where the plan starts), `component` (where the component starts) and `k` (its number),
`facts`, `n`, `i` (the facts of all segments, their number, this one), `state`, and the `lines` with their
`room` and `write`.
"""

from collections.abc import MutableSequence, Sequence

from gridhall.rules.charges import rate_charge, rate_contract_demand, rate_reactive
from gridhall.rules.energy import rate_allowance, rate_energy, rate_hourly
from gridhall.rules.layout import (
    ALLOWANCE,
    BILL_END,
    CHARGE,
    CLASS_SUM,
    COMPONENT_SIZE,
    COMPONENT_SUM,
    CONTRACT_DEMAND,
    CREDIT,
    CREDIT_WH,
    DAYS_ALL,
    DAYS_BEFORE,
    ENERGY,
    FAULT,
    FAULT_BOUNDS,
    FAULT_DAYS,
    FROM_DAY,
    HOURLY,
    IS_LAST,
    KIND,
    MAX_PERIODS,
    MINIMUM,
    MINIMUM_DUE,
    N_CLASSES,
    ONCE_PER_BILL,
    PAID_OUT,
    PARTS,
    PERCENT,
    PERIOD_DAYS,
    PLAN,
    PLAN_COMPONENTS,
    PLAN_HEAD,
    PLAN_PARTS,
    PLAN_ROUND_AT,
    PLAN_ROUND_HOW,
    PLAN_USE,
    POWER_FACTOR,
    REACTIVE,
    ROUND_AT,
    ROUND_HOW,
    SEASON,
    SETTLEMENT,
    SETTLES_MINIMUM,
    SHOWN,
    SUB_SUPPLY,
    SUM_MINOR,
    SUM_REST,
    TAKEN,
    TAKEN_NOW,
    TO_DAY,
    USE,
    USE_NET,
    USE_PARTS,
    USE_WHOLE,
    USED_PERIOD,
    USED_WH,
    WH_TOTAL,
    WHOLE_WH,
)
from gridhall.rules.leaving import rate_settlement
from gridhall.rules.on_bases import rate_minimum, rate_percent
from gridhall.rules.priced_use import prepare_use, rate_paid_out, rate_sub_supply
from gridhall.rules.seasons import MANY_SEASONS, segment_season
from gridhall.rules.units import QUANTITY_MAX, rounded


def rate_segment(
    table: Sequence[int], plan: int, facts: Sequence[int], n: int, i: int,
    state: MutableSequence[int], lines: MutableSequence[int], room: int, write: int,
) -> None:  # fmt: skip
    """The components of one segment's plan, in the order of the book."""
    prepare_use(table, plan, facts, n, i, state)
    state[SEASON] = segment_season(table, plan, facts, n, i, state[BILL_END])
    if state[SEASON] == MANY_SEASONS:
        state[FAULT] = FAULT_DAYS
        return
    if state[FAULT] != 0:
        return
    count = table[plan + PLAN_COMPONENTS]
    for k in range(count):
        state[COMPONENT_SUM + 2 * k] = 0
        state[COMPONENT_SUM + 2 * k + 1] = 0
    for k in range(count):
        component = plan + PLAN_HEAD + k * COMPONENT_SIZE
        kind = table[component + KIND]
        if kind == ENERGY:
            rate_energy(table, plan, component, k, facts, n, i, state, lines, room, write)
        elif kind == CHARGE:
            rate_charge(table, plan, component, k, facts, n, i, state, lines, room, write)
        elif kind == CONTRACT_DEMAND:
            rate_contract_demand(table, plan, component, k, facts, n, i, state, lines, room, write)
        elif kind == MINIMUM:
            rate_minimum(table, plan, component, k, facts, n, i, state, lines, room, write)
        elif kind in (PERCENT, POWER_FACTOR):
            rate_percent(table, plan, component, k, facts, n, i, state, lines, room, write)
        else:
            rate_rarer(table, plan, component, k, facts, n, i, state, lines, room, write)


def rate_rarer(
    table: Sequence[int], plan: int, component: int, k: int, facts: Sequence[int], n: int, i: int,
    state: MutableSequence[int], lines: MutableSequence[int], room: int, write: int,
) -> None:  # fmt: skip
    """The kinds of component that few tariffs have."""
    kind = table[component + KIND]
    if kind == ALLOWANCE:
        rate_allowance(table, plan, component, k, facts, n, i, state, lines, room, write)
    elif kind == REACTIVE:
        rate_reactive(table, plan, component, k, facts, n, i, state, lines, room, write)
    elif kind == HOURLY:
        rate_hourly(table, component, k, facts, n, i, state, lines, room, write)
    elif kind == SUB_SUPPLY:
        rate_sub_supply(table, plan, component, k, facts, n, i, state, lines, room, write)
    elif kind == PAID_OUT:
        rate_paid_out(table, plan, component, k, facts, n, i, state, lines, room, write)
    elif kind == SETTLEMENT:
        rate_settlement(table, plan, component, k, facts, n, i, state, lines, room, write)


def begin_bill(
    bits: int, facts: Sequence[int], n: int, first: int, last: int, state: MutableSequence[int]
) -> None:  # fmt: skip
    """What few tariffs need to know of the whole bill: its use, and the export that is kept from before."""
    if bits & USE_NET and not bits & USE_PARTS:
        state[CREDIT] = max(facts[CREDIT_WH * n + first], 0)
    for i in range(first, last):
        state[WHOLE_WH] += facts[WH_TOTAL * n + i]


def has_minimum(table: Sequence[int], plan: int) -> bool:
    for k in range(table[plan + PLAN_COMPONENTS]):
        if table[plan + PLAN_HEAD + k * COMPONENT_SIZE + KIND] == MINIMUM:
            return True
    return False


def rate_bill(
    table: Sequence[int], starts: Sequence[int], facts: Sequence[int], n: int, first: int, last: int,
    state: MutableSequence[int], lines: MutableSequence[int], room: int, write: int,
) -> None:  # fmt: skip
    """Rate the segments `first` to before `last`, which make one bill, in the order of their days.

    Leaves in `state`: SHOWN (the bill in minor units), CLASS_SUM + class, USED_WH, FAULT, and AT_LINE moved
    on. How the bill is rounded is said by the plan of its first segment.
    """
    plan = starts[facts[PLAN * n + first]]
    state[PARTS] = table[plan + PLAN_PARTS]
    state[ROUND_AT] = table[plan + PLAN_ROUND_AT]
    state[ROUND_HOW] = table[plan + PLAN_ROUND_HOW]
    state[SUM_MINOR] = 0
    state[SUM_REST] = 0
    state[SHOWN] = 0
    state[FAULT] = 0
    state[USED_WH] = 0
    state[DAYS_BEFORE] = 0
    for k in range(N_CLASSES):
        state[CLASS_SUM + k] = 0
    days_all = facts[TO_DAY * n + last - 1] - facts[FROM_DAY * n + first]
    if last - first > 1:  # the days of the segments, which may leave days between them out
        days_all = 0
        for i in range(first, last):
            days_all += facts[TO_DAY * n + i] - facts[FROM_DAY * n + i]
    state[DAYS_ALL] = days_all
    state[BILL_END] = facts[TO_DAY * n + last - 1]
    settles = last - 1
    while settles > first and not has_minimum(table, starts[facts[PLAN * n + settles]]):
        settles -= 1
    state[SETTLES_MINIMUM] = settles
    for t in range(1, MAX_PERIODS + 1):
        state[USED_PERIOD + t] = 0
    state[TAKEN] = 0
    state[CREDIT] = 0
    state[WHOLE_WH] = 0
    if table[plan + PLAN_USE] & (USE_NET | USE_WHOLE):
        begin_bill(table[plan + PLAN_USE], facts, n, first, last, state)
    for k in range(4):
        state[MINIMUM_DUE + k] = 0
    for i in range(first, last):
        plan = starts[facts[PLAN * n + i]]
        wh = facts[WH_TOTAL * n + i]
        days = facts[TO_DAY * n + i] - facts[FROM_DAY * n + i]
        if abs(wh) > QUANTITY_MAX:
            state[FAULT] = FAULT_BOUNDS
            return
        if days < 0 or days_all > facts[PERIOD_DAYS * n + i] or facts[PERIOD_DAYS * n + i] <= 0:
            state[FAULT] = FAULT_DAYS
            return
        state[IS_LAST] = 1 if i == last - 1 else 0
        rate_segment(table, plan, facts, n, i, state, lines, room, write)
        state[USED_WH] += state[USE] + state[TAKEN_NOW]
        state[TAKEN] += state[TAKEN_NOW]
        state[DAYS_BEFORE] += days
        if i < last - 1 and table[plan + PLAN_USE] & USE_PARTS:
            for t in range(1, MAX_PERIODS + 1):
                state[USED_PERIOD + t] += state[USE + t]
    if state[ROUND_AT] == ONCE_PER_BILL:
        state[SHOWN] = rounded(state[SUM_MINOR], state[SUM_REST], state[PARTS], state[ROUND_HOW])
