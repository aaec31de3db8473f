"""Energy: blocks, periods and seasons; and the free allowance, which is energy given back."""

from collections.abc import MutableSequence, Sequence

from gridhall.rules.blocks import FAR, in_block, limit_of
from gridhall.rules.layout import (
    ALLOWANCE_WH,
    BILL,
    BLOCK_CYCLE,
    BLOCK_DAYS,
    BLOCK_MODE,
    BLOCK_YEAR,
    BLOCKS,
    BLOCKS_PRO_RATA,
    CLASS,
    FAULT,
    FAULT_BOUNDS,
    FAULT_PARTS,
    IS_LAST,
    OWN_ROUNDING,
    PARTS,
    PERIOD_MONTHS,
    PERIODS,
    PRICE_AT,
    SEASON,
    SPLIT,
    TOTAL,
    UNIT,
    UNPRICED,
    USED_PERIOD,
    USED_WH,
    WH_SHARP,
    WH_TOTAL,
    YEAR_USED_WH,
)
from gridhall.rules.lines import put_line
from gridhall.rules.proration import split_largest
from gridhall.rules.units import QUANTITY_MAX, amount_of


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


def rate_blocks(
    table: Sequence[int], plan: int, component: int, k: int, facts: Sequence[int], n: int, i: int,
    state: MutableSequence[int], lines: MutableSequence[int], room: int, write: int,
    period: int, wh: int, before: int,
) -> None:  # fmt: skip
    """The use of one register (the total, or one period where blocks are counted per period), block by block.

    `before` is the position in the blocks where this use begins.
    """
    blocks = table[component + BLOCKS]
    season = state[SEASON]
    column = max(period - 1, 0)
    prices = plan + table[component + PRICE_AT] + (season * table[component + PERIODS] + column) * blocks
    if blocks == 1:
        price_line(table, component, k, facts, n, i, state, lines, room, write, 0, period, wh, table[prices])
        return
    low = -FAR
    after = before + wh
    for block in range(blocks):
        high = limit_of(table, plan, component, season, block, facts, n, i)
        part = in_block(before, after, low, high)
        price_line(
            table, component, k, facts, n, i, state, lines, room, write,
            block + 1, period, part, table[prices + block],
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
    season = state[SEASON]
    prices = plan + table[component + PRICE_AT] + season * 4 * blocks
    for t in range(4):
        state[SPLIT + t] = facts[(WH_SHARP + t) * n + i]
    low = -FAR
    after = before + facts[WH_TOTAL * n + i]
    for block in range(blocks):
        high = limit_of(table, plan, component, season, block, facts, n, i)
        split_largest(in_block(before, after, low, high), state, SPLIT, 4, state, SPLIT + 4)
        for t in range(4):
            part = state[SPLIT + 4 + t]
            state[SPLIT + t] -= part
            price_line(
                table, component, k, facts, n, i, state, lines, room, write,
                block + 1, t + 1, part, table[prices + t * blocks + block],
            )  # fmt: skip
        low = high


def rate_energy(
    table: Sequence[int], plan: int, component: int, k: int, facts: Sequence[int], n: int, i: int,
    state: MutableSequence[int], lines: MutableSequence[int], room: int, write: int,
) -> None:  # fmt: skip
    """Energy by block, period and season (and, with one price, a levy per kWh).

    The position in month blocks continues over the segments of a bill; in blocks scaled by days each
    segment has its own.
    """
    cycle = table[component + BLOCK_CYCLE]
    wh = facts[WH_TOTAL * n + i]
    before = 0 if cycle == BLOCK_DAYS else state[USED_WH]
    if cycle == BLOCK_YEAR:
        before += facts[YEAR_USED_WH * n + i]
        if abs(before) > QUANTITY_MAX:
            state[FAULT] = FAULT_BOUNDS
            return
    if table[component + PERIODS] == 1:
        rate_blocks(table, plan, component, k, facts, n, i, state, lines, room, write, TOTAL, wh, before)
        return
    whole = 0
    blocks = table[component + BLOCKS]
    prices = plan + table[component + PRICE_AT] + state[SEASON] * 4 * blocks
    for t in range(4):
        part = facts[(WH_SHARP + t) * n + i]
        whole += part
        unpriced = part != 0 and table[prices + t * blocks] == UNPRICED
        if unpriced or (part < 0 and table[component + BLOCK_MODE] == BLOCKS_PRO_RATA):
            state[FAULT] = FAULT_PARTS  # no price for it, or a negative register, which has no proportion
            return
    if whole != wh:
        state[FAULT] = FAULT_PARTS
        return
    if table[component + BLOCK_MODE] == BLOCKS_PRO_RATA:
        rate_pro_rata(table, plan, component, k, facts, n, i, state, lines, room, write, before)
        return
    for t in range(4):
        start = 0 if cycle == BLOCK_DAYS else state[USED_PERIOD + 1 + t]
        part = facts[(WH_SHARP + t) * n + i]
        rate_blocks(table, plan, component, k, facts, n, i, state, lines, room, write, t + 1, part, start)


def rate_allowance(
    table: Sequence[int], plan: int, component: int, k: int, facts: Sequence[int], n: int, i: int,
    state: MutableSequence[int], lines: MutableSequence[int], room: int, write: int,
) -> None:  # fmt: skip
    """Free energy, as a credit line: the allowance of the bill's months, at most what the bill's segments
    used together."""
    granted = facts[ALLOWANCE_WH * n + i]
    if state[IS_LAST] == 0 or granted <= 0:
        return
    used = state[USED_WH] + facts[WH_TOTAL * n + i]
    quantity = min(granted * facts[PERIOD_MONTHS * n + i], max(used, 0))
    price = table[plan + table[component + PRICE_AT] + state[SEASON]]
    price_line(table, component, k, facts, n, i, state, lines, room, write, 0, TOTAL, -quantity, price)
