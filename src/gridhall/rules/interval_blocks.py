"""Blocks of an interval tariff: their bounds in a month, what a quantity fills of them, and what that costs."""

from collections.abc import MutableSequence, Sequence

from gridhall.rules import interval_layout as at
from gridhall.rules.exact import BASE, add_product, mul
from gridhall.rules.interval_layout import FAR, Desk


def is_below(whole: int, rest: int, other: int, other_rest: int) -> bool:
    """Whether one quantity of two places is below another."""
    return whole < other or (whole == other and rest < other_rest)


def times(whole: int, rest: int, other: int, other_rest: int) -> tuple[int, int]:
    """The product of two quantities of two places, at most FAR. Its fraction has no more than 18 decimals (the
    compiler of tariffs sees to it)."""
    beyond, result = mul(other, whole) if whole < BASE else (1, 0)
    if beyond > 0:
        return FAR, 0
    more, part = mul(rest, other)
    result += more
    more, part_of_other = mul(other_rest, whole)
    result += more
    more, _ = mul(rest, other_rest)
    part += part_of_other + more
    result += part // BASE
    return (FAR, 0) if result >= FAR else (result, part % BASE)


def bounds_of(
    table: Sequence[int], blocks: int, days: int, demand: int, demand_rest: int,
    ends: MutableSequence[int], rests: MutableSequence[int], ends_at: int,
) -> None:  # fmt: skip
    """The upper bounds of a list of blocks in a month: as stated, by its days, or by the billing demand (W).

    Where a list counts in different units, blocks by energy are steps inside the block by hours of use behind them,
    and end with it at the latest. A bound below the one before it makes an empty block; the last is FAR.
    """
    n = table[blocks + at.LIST_BLOCKS]
    cap, cap_rest = FAR, 0
    ends[ends_at + n - 1] = FAR
    rests[ends_at + n - 1] = 0
    for k in range(n - 2, -1, -1):
        block = blocks + at.LIST_HEAD + k * at.BLOCK_SIZE
        unit = table[block + at.UNIT]
        whole, rest = table[block + at.LIMIT], table[block + at.LIMIT_REST]
        if unit in (at.IN_HOURS, at.IN_HOURS_A_DAY):
            whole, rest = times(whole, rest, demand, demand_rest)
        if unit in (at.IN_WH_A_DAY, at.IN_HOURS_A_DAY):
            whole, rest = times(whole, rest, days, 0)
        if table[blocks + at.LIST_MIXED] == 1:
            if unit in (at.IN_HOURS, at.IN_HOURS_A_DAY):
                cap, cap_rest = whole, rest
            elif is_below(cap, cap_rest, whole, rest):
                whole, rest = cap, cap_rest
        ends[ends_at + k] = whole
        rests[ends_at + k] = rest
    for k in range(1, n):
        if is_below(ends[ends_at + k], rests[ends_at + k], ends[ends_at + k - 1], rests[ends_at + k - 1]):
            ends[ends_at + k] = ends[ends_at + k - 1]
            rests[ends_at + k] = rests[ends_at + k - 1]


def fill_blocks(
    quantity: int, rest: int, n: int, ends: Sequence[int], rests: Sequence[int], ends_at: int,
    whole: MutableSequence[int], part: MutableSequence[int], cells_at: int,
) -> None:  # fmt: skip
    """The part of a quantity in each of `n` blocks."""
    low = 0
    low_rest = 0
    for k in range(n):
        high, high_rest = ends[ends_at + k], rests[ends_at + k]
        if is_below(quantity, rest, high, high_rest):
            high, high_rest = quantity, rest
        more = high - low
        more_rest = high_rest - low_rest
        if more_rest < 0:
            more -= 1
            more_rest += BASE
        whole[cells_at + k] = more
        part[cells_at + k] = more_rest
        low, low_rest = high, high_rest


def pay_blocks(
    table: Sequence[int], blocks: int, whole: Sequence[int], part: Sequence[int], cells_at: int,
    total: MutableSequence[int], total_at: int,
) -> None:  # fmt: skip
    """Add what the filled blocks cost."""
    for k in range(table[blocks + at.LIST_BLOCKS]):
        if whole[cells_at + k] != 0 or part[cells_at + k] != 0:
            block = blocks + at.LIST_HEAD + k * at.BLOCK_SIZE
            add_product(
                total, total_at, whole[cells_at + k], part[cells_at + k],
                table[block + at.PRICE], table[block + at.PRICE_REST],
            )  # fmt: skip


def pay_demand(
    table: Sequence[int], blocks: int, watts: int, rest: int, desk: Desk, total: MutableSequence[int], total_at: int
) -> None:
    """Add what a demand costs; beyond the last stated bound at the last price."""
    n = table[blocks + at.LIST_BLOCKS]
    bounds_of(table, blocks, 1, 0, 0, desk.ends, desk.rests, 0)
    fill_blocks(watts, rest, n, desk.ends, desk.rests, 0, desk.cells, desk.cell_rests, 0)
    pay_blocks(table, blocks, desk.cells, desk.cell_rests, 0, total, total_at)


def list_at(table: Sequence[int], start: int, lists: int, k: int) -> int:
    """Where list `k` of the lists named at head place `lists` begins."""
    return start + table[start + table[start + lists] + k]
