"""Energy: blocks, periods and seasons; and the free allowance, which is energy given back."""

from collections.abc import MutableSequence, Sequence

from gridhall.rules.blocks import FAR, clamp, in_block, limit_of, width_of
from gridhall.rules.layout import (
    ALLOWANCE_WH,
    BILL,
    BLOCK_CYCLE,
    BLOCK_MODE,
    BLOCK_MONTH,
    BLOCK_YEAR,
    BLOCKS,
    BLOCKS_BY_WHOLE,
    BLOCKS_IN_TIME,
    BLOCKS_PRO_RATA,
    CLASS,
    DAYS_ALL,
    DEEP,
    EXPORT_WH,
    FAULT,
    FAULT_BOUNDS,
    FAULT_PARTS,
    HOURLY_MINOR,
    HOURLY_REST,
    HOURLY_WH,
    IN_TIME,
    IS_LAST,
    MAX_PERIODS,
    OF_EXPORT,
    OF_PRICED,
    OF_USE,
    OWN_ROUNDING,
    PARTS,
    PERIOD_MONTHS,
    PERIODS,
    PRICE_AT,
    SEASON,
    SPLIT,
    TAKEN,
    TOTAL,
    UNIT,
    UNPRICED,
    USE,
    USED_PERIOD,
    USED_WH,
    WH_DEEP,
    WH_TOTAL,
    WHOLE_WH,
    YEAR_USED_WH,
)
from gridhall.rules.lines import put_line
from gridhall.rules.proration import split_largest
from gridhall.rules.units import AMOUNT_MAX, QUANTITY_MAX, amount_of


def price_line(
    table: Sequence[int], component: int, k: int, facts: Sequence[int], n: int, i: int,
    state: MutableSequence[int], lines: MutableSequence[int], room: int, write: int,
    block: int, period: int, quantity: int, price: int,
) -> None:  # fmt: skip
    """One line of quantity × price. Nothing used, or nothing asked for it, is no line."""
    if quantity == 0 or price == 0:
        return
    minor, rest = amount_of(quantity, price, state[PARTS])
    put_line(
        state, lines, room, write, facts[BILL * n + i], i, k, table[component + CLASS],
        table[component + OWN_ROUNDING],
        block, period, quantity, table[component + UNIT], price, 0, minor, rest,
    )  # fmt: skip


def use_of(
    table: Sequence[int], component: int, facts: Sequence[int], n: int, i: int, state: Sequence[int], t: int
) -> int:
    """The energy that a component prices: t = 0 the total, 1..5 by period."""
    of = table[component + OF_USE]
    if of == OF_PRICED:
        return state[USE + t]
    if of == OF_EXPORT:
        return facts[(EXPORT_WH + t) * n + i]
    if t == 5:
        return facts[WH_DEEP * n + i]
    return facts[(WH_TOTAL + t) * n + i]


def rate_blocks(
    table: Sequence[int], plan: int, component: int, k: int, facts: Sequence[int], n: int, i: int,
    state: MutableSequence[int], lines: MutableSequence[int], room: int, write: int,
    period: int, wh: int, before: int,
) -> None:  # fmt: skip
    """The use of one register (the total, or one period where blocks are counted per period), block by block.

    `before` is the position in the blocks where this use begins; `period` 0 the total, 1..5 the column of prices.
    """
    blocks = table[component + BLOCKS]
    season = state[SEASON]
    column = max(period - 1, 0)
    prices = plan + table[component + PRICE_AT] + (season * table[component + PERIODS] + column) * blocks
    register = DEEP if period == MAX_PERIODS else period
    if blocks == 1:
        price_line(table, component, k, facts, n, i, state, lines, room, write, 0, register, wh, table[prices])
        return
    low = -FAR
    after = before + wh
    for block in range(blocks):
        high = limit_of(table, plan, component, season, block, facts, n, i)
        part = in_block(before, after, low, high)
        price_line(
            table, component, k, facts, n, i, state, lines, room, write,
            block + 1, register, part, table[prices + block],
        )  # fmt: skip
        if high >= before and high >= after:
            break
        low = high


def rate_pro_rata(
    table: Sequence[int], plan: int, component: int, k: int, facts: Sequence[int], n: int, i: int,
    state: MutableSequence[int], lines: MutableSequence[int], room: int, write: int, before: int,
) -> None:  # fmt: skip
    """Blocks of the total, each shared over the periods in proportion to their use: to whole Wh by the
    largest remainder, block after block out of what is left of each period, so that blocks and periods both
    keep their sums."""
    blocks = table[component + BLOCKS]
    periods = table[component + PERIODS]
    season = state[SEASON]
    prices = plan + table[component + PRICE_AT] + season * periods * blocks
    for t in range(periods):
        state[SPLIT + t] = use_of(table, component, facts, n, i, state, t + 1)
    low = -FAR
    after = before + use_of(table, component, facts, n, i, state, 0)
    for block in range(blocks):
        high = limit_of(table, plan, component, season, block, facts, n, i)
        split_largest(in_block(before, after, low, high), state, SPLIT, periods, state, SPLIT + MAX_PERIODS)
        for t in range(periods):
            part = state[SPLIT + MAX_PERIODS + t]
            state[SPLIT + t] -= part
            price_line(
                table, component, k, facts, n, i, state, lines, room, write,
                block + 1, DEEP if t == 4 else t + 1, part, table[prices + t * blocks + block],
            )  # fmt: skip
        low = high


def rate_in_time(
    table: Sequence[int], plan: int, component: int, k: int, facts: Sequence[int], n: int, i: int,
    state: MutableSequence[int], lines: MutableSequence[int], room: int, write: int, before: int,
) -> None:  # fmt: skip
    """Blocks that the periods filled in the order of time, as it was found from the intervals (`rules.in_time`): what
    each period had used when the bill's use passed a limit. Facts that do not come to the limits are a fault."""
    blocks = table[component + BLOCKS]
    periods = table[component + PERIODS]
    prices = plan + table[component + PRICE_AT] + state[SEASON] * periods * blocks
    after = before + use_of(table, component, facts, n, i, state, 0)
    for block in range(blocks):
        passed = 0
        for t in range(periods):
            low = 0
            high = use_of(table, component, facts, n, i, state, t + 1)
            if block > 0:
                low = facts[(IN_TIME + (block - 1) * MAX_PERIODS + t) * n + i]
            if block < blocks - 1:
                high = facts[(IN_TIME + block * MAX_PERIODS + t) * n + i]
            if low < 0 or high < low:
                state[FAULT] = FAULT_PARTS
                return
            passed += high
            price_line(
                table, component, k, facts, n, i, state, lines, room, write,
                block + 1, DEEP if t == 4 else t + 1, high - low, table[prices + t * blocks + block],
            )  # fmt: skip
        limit = limit_of(table, plan, component, state[SEASON], block, facts, n, i)
        if passed != clamp(limit, before, after) - before:
            state[FAULT] = FAULT_PARTS
            return


def block_of_whole(
    table: Sequence[int], plan: int, component: int, facts: Sequence[int], n: int, i: int, state: Sequence[int]
) -> int:
    """The block (0..) in which the whole use of the bill lies."""
    days = 0
    if table[component + BLOCK_CYCLE] != BLOCK_MONTH:
        days = state[DAYS_ALL]
    last = table[component + BLOCKS] - 1
    for block in range(last):
        if state[WHOLE_WH] <= width_of(table, plan, component, state[SEASON], block, days, facts, n, i):
            return block
    return last


def rate_by_whole(
    table: Sequence[int], plan: int, component: int, k: int, facts: Sequence[int], n: int, i: int,
    state: MutableSequence[int], lines: MutableSequence[int], room: int, write: int,
) -> None:  # fmt: skip
    """All of the use at the price of the block in which the whole use of the bill lies."""
    blocks = table[component + BLOCKS]
    periods = table[component + PERIODS]
    block = block_of_whole(table, plan, component, facts, n, i, state)
    prices = plan + table[component + PRICE_AT] + state[SEASON] * periods * blocks + block
    if periods == 1:
        wh = use_of(table, component, facts, n, i, state, 0)
        price_line(table, component, k, facts, n, i, state, lines, room, write, block + 1, TOTAL, wh, table[prices])
        return
    for t in range(periods):
        price_line(
            table, component, k, facts, n, i, state, lines, room, write, block + 1, DEEP if t == 4 else t + 1,
            use_of(table, component, facts, n, i, state, t + 1), table[prices + t * blocks],
        )  # fmt: skip


def parts_fault(
    table: Sequence[int], plan: int, component: int, facts: Sequence[int], n: int, i: int, state: Sequence[int], wh: int
) -> bool:
    """True where the periods do not come to the total, one has no price, or one that is to be shared out is
    negative."""
    whole = 0
    periods = table[component + PERIODS]
    blocks = table[component + BLOCKS]
    prices = plan + table[component + PRICE_AT] + state[SEASON] * periods * blocks
    for t in range(periods):
        part = use_of(table, component, facts, n, i, state, t + 1)
        whole += part
        if part != 0 and table[prices + t * blocks] == UNPRICED:
            return True
        if part < 0 and table[component + BLOCK_MODE] == BLOCKS_PRO_RATA:
            return True
    return whole != wh


def rate_energy(
    table: Sequence[int], plan: int, component: int, k: int, facts: Sequence[int], n: int, i: int,
    state: MutableSequence[int], lines: MutableSequence[int], room: int, write: int,
) -> None:  # fmt: skip
    """Energy by block, period and season (and, with one price, a levy per kWh, or what is paid for export).

    The position in month blocks continues over the segments of a bill; in blocks scaled by days each
    segment has its own.
    """
    cycle = table[component + BLOCK_CYCLE]
    mode = table[component + BLOCK_MODE]
    periods = table[component + PERIODS]
    wh = use_of(table, component, facts, n, i, state, 0)
    before = 0
    if cycle in (BLOCK_MONTH, BLOCK_YEAR):
        before = state[USED_WH] - state[TAKEN]
    if cycle == BLOCK_YEAR:
        before += facts[YEAR_USED_WH * n + i]
    if abs(before) > QUANTITY_MAX or abs(wh) > QUANTITY_MAX:
        state[FAULT] = FAULT_BOUNDS
        return
    if periods > 1 and parts_fault(table, plan, component, facts, n, i, state, wh):
        state[FAULT] = FAULT_PARTS
        return
    if mode == BLOCKS_BY_WHOLE:
        rate_by_whole(table, plan, component, k, facts, n, i, state, lines, room, write)
        return
    if periods == 1:
        rate_blocks(table, plan, component, k, facts, n, i, state, lines, room, write, TOTAL, wh, before)
        return
    if mode == BLOCKS_PRO_RATA:
        rate_pro_rata(table, plan, component, k, facts, n, i, state, lines, room, write, before)
        return
    if mode == BLOCKS_IN_TIME:
        rate_in_time(table, plan, component, k, facts, n, i, state, lines, room, write, before)
        return
    for t in range(1, periods + 1):
        start = state[USED_PERIOD + t] if cycle == BLOCK_MONTH else 0
        part = use_of(table, component, facts, n, i, state, t)
        rate_blocks(table, plan, component, k, facts, n, i, state, lines, room, write, t, part, start)


def rate_hourly(
    table: Sequence[int], component: int, k: int, facts: Sequence[int], n: int, i: int,
    state: MutableSequence[int], lines: MutableSequence[int], room: int, write: int,
) -> None:  # fmt: skip
    """Energy at the prices of each hour, as it was summed up from the intervals (`rules.price_series`). The line has no
    price of its own. Energy that was not so priced is a fault."""
    wh = state[USE]
    if wh != facts[HOURLY_WH * n + i]:
        state[FAULT] = FAULT_PARTS
        return
    minor = facts[HOURLY_MINOR * n + i]
    rest = facts[HOURLY_REST * n + i]
    if abs(minor) > AMOUNT_MAX or rest < 0 or rest >= state[PARTS]:
        state[FAULT] = FAULT_BOUNDS
        return
    if minor == 0 and rest == 0:
        return
    put_line(
        state, lines, room, write, facts[BILL * n + i], i, k, table[component + CLASS],
        table[component + OWN_ROUNDING],
        0, TOTAL, wh, table[component + UNIT], 0, 0, minor, rest,
    )  # fmt: skip


def rate_allowance(
    table: Sequence[int], plan: int, component: int, k: int, facts: Sequence[int], n: int, i: int,
    state: MutableSequence[int], lines: MutableSequence[int], room: int, write: int,
) -> None:  # fmt: skip
    """Free energy, as a credit line: the allowance of the bill's months, at most what the bill's segments
    used together."""
    granted = facts[ALLOWANCE_WH * n + i]
    if state[IS_LAST] == 0 or granted <= 0:
        return
    used = state[USED_WH] + state[USE]
    quantity = min(granted * facts[PERIOD_MONTHS * n + i], max(used, 0))
    price = table[plan + table[component + PRICE_AT] + state[SEASON]]
    price_line(table, component, k, facts, n, i, state, lines, room, write, 0, TOTAL, -quantity, price)
