"""Energy of a month by an interval tariff: filled into blocks as they meet time-of-use, priced, and set off against or
paid for what is fed in."""

from collections.abc import Sequence

from gridhall.rules import interval_layout as at
from gridhall.rules.calendar import days_in_month
from gridhall.rules.exact import PLACES, add, add_product, add_times, clear
from gridhall.rules.interval_blocks import bounds_of, fill_blocks, list_at, pay_blocks
from gridhall.rules.interval_layout import FAR, Desk, LoadSteps
from gridhall.rules.intervals import MONTHS, fill_in_time, slot_of


def energy_of_month(
    table: Sequence[int], start: int, facts: Sequence[int], load: LoadSteps, month: int, first_day: int, desk: Desk
) -> int:
    """Fill a month's energy into its blocks and add its cost: direct into SUM_DIRECT, what is still to be divided by
    the month's use into SUM_SHARED. Returns that divisor, 1 where nothing is to be divided."""
    periods, most = table[start + at.ENERGY], table[start + at.ENERGY_BLOCKS]
    used_at = month * periods
    cells_at = month * periods * most
    clear(desk.whole, cells_at, periods * most)
    clear(desk.part, cells_at, periods * most)
    days = days_in_month(facts[at.YEAR], month + 1)
    use = 0
    alike = True
    lowest = True
    first = -1
    for p in range(periods):
        desk.ends[p * most] = FAR
        if desk.wh[used_at + p] == 0:
            continue
        blocks = list_at(table, start, at.ENERGY_AT, p)
        demand = desk.billing[2 * month], desk.billing[2 * month + 1]
        bounds_of(table, blocks, days, demand[0], demand[1], desk.ends, desk.rests, p * most)
        use += desk.wh[used_at + p]
        if first < 0:
            first = p
        alike = alike and blocks == list_at(table, start, at.ENERGY_AT, first)
    for p in range(periods):
        lowest = lowest and desk.ends[p * most] >= use
    if facts[at.MEETING] == at.MEET_PER_PERIOD or lowest:
        return _pay_each_period(table, start, desk, used_at, cells_at)
    if facts[at.MEETING] == at.MEET_IN_TIME and not alike:
        schedule = start + table[start + at.ENERGY_SCHEDULE]
        workday, weekend = slot_of(month, 0, 0), slot_of(month, 1, 0)
        fill_in_time(
            load.wh, facts[at.STEPS], facts[at.FIRST_WEEKDAY], first_day, use,
            desk.wh, used_at, table, schedule + workday, schedule + weekend,
            periods, most, desk.ends, desk.rests, desk.current, desk.hours, desk.whole, desk.part, cells_at,
        )  # fmt: skip
        for p in range(periods):
            blocks = list_at(table, start, at.ENERGY_AT, p)
            pay_blocks(table, blocks, desk.whole, desk.part, cells_at + p * most, desk.sums, at.SUM_DIRECT)
        return 1
    if alike:
        blocks = list_at(table, start, at.ENERGY_AT, first)
        cells = cells_at + first * most
        fill_blocks(use, 0, table[blocks], desk.ends, desk.rests, first * most, desk.whole, desk.part, cells)
        pay_blocks(table, blocks, desk.whole, desk.part, cells, desk.sums, at.SUM_DIRECT)
        return 1
    return _pay_shares(table, start, desk, used_at, cells_at, use)


def _pay_each_period(table: Sequence[int], start: int, desk: Desk, used_at: int, cells_at: int) -> int:
    """Each period fills its own blocks."""
    most = table[start + at.ENERGY_BLOCKS]
    for p in range(table[start + at.ENERGY]):
        use = desk.wh[used_at + p]
        if use != 0:
            blocks = list_at(table, start, at.ENERGY_AT, p)
            cells = cells_at + p * most
            fill_blocks(use, 0, table[blocks], desk.ends, desk.rests, p * most, desk.whole, desk.part, cells)
            pay_blocks(table, blocks, desk.whole, desk.part, cells, desk.sums, at.SUM_DIRECT)
    return 1


def _pay_shares(table: Sequence[int], start: int, desk: Desk, used_at: int, cells_at: int, use: int) -> int:
    """The month's use fills the blocks of every period, and each period has its share of what that costs. Where one
    block takes all, the share of its cost is the price of the period's own use."""
    most = table[start + at.ENERGY_BLOCKS]
    divisor = 1
    for p in range(table[start + at.ENERGY]):
        part = desk.wh[used_at + p]
        if part == 0:
            continue
        blocks = list_at(table, start, at.ENERGY_AT, p)
        cells = cells_at + p * most
        fill_blocks(use, 0, table[blocks], desk.ends, desk.rests, p * most, desk.whole, desk.part, cells)
        only = -1
        for k in range(table[blocks]):
            if desk.whole[cells + k] == use:
                only = blocks + at.LIST_HEAD + k * at.BLOCK_SIZE
        if only >= 0:
            add_product(desk.sums, at.SUM_DIRECT, part, 0, table[only + at.PRICE], table[only + at.PRICE_REST])
            continue
        clear(desk.sums, at.SUM_COST, PLACES)
        pay_blocks(table, blocks, desk.whole, desk.part, cells, desk.sums, at.SUM_COST)
        if abs(desk.sums[at.SUM_COST + PLACES - 1]) >= at.AMOUNT_TOP:
            desk.bill[at.FAULT] = at.FAULT_BEYOND
            continue
        add_times(desk.sums, at.SUM_SHARED, desk.sums, at.SUM_COST, PLACES, part)
        divisor = use
    return divisor


def net_of_fed_in(table: Sequence[int], start: int, desk: Desk) -> None:
    """Net metering: what was fed in is taken off the use of its own period, month after month; what is over waits for
    the next months, and is left in desk.bank after December."""
    periods = table[start + at.ENERGY]
    clear(desk.bank, 0, periods)
    for month in range(MONTHS):
        for p in range(periods):
            k = month * periods + p
            net = desk.wh[k] - desk.fed[k] - desk.bank[p]
            desk.wh[k] = max(net, 0)
            desk.bank[p] = max(-net, 0)


def credit_of_month(table: Sequence[int], start: int, facts: Sequence[int], month: int, desk: Desk) -> None:
    """What is paid for energy fed in, as an amount below zero: by net billing each period's fills its own blocks at
    the prices for selling; by net metering what is left over at the end of the year, at the first of them."""
    periods = table[start + at.ENERGY]
    total_at = month * at.MONTH_SIZE + at.PAY_FED_IN * PLACES
    clear(desk.sums, at.SUM_COST, PLACES)
    for p in range(periods):
        blocks = list_at(table, start, at.SELL_AT, p)
        if table[start + at.FED_IN] == at.NET_METERING:
            block = blocks + at.LIST_HEAD
            left = desk.bank[p] if month == MONTHS - 1 else 0
            add_product(desk.sums, at.SUM_COST, left, 0, table[block + at.PRICE], table[block + at.PRICE_REST])
            continue
        days = days_in_month(facts[at.YEAR], month + 1)
        bounds_of(table, blocks, days, desk.billing[2 * month], desk.billing[2 * month + 1], desk.ends, desk.rests, 0)
        fed = desk.fed[month * periods + p]
        fill_blocks(fed, 0, table[blocks], desk.ends, desk.rests, 0, desk.cells, desk.cell_rests, 0)
        pay_blocks(table, blocks, desk.cells, desk.cell_rests, 0, desk.sums, at.SUM_COST)
    add(desk.bill, total_at, desk.sums, at.SUM_COST, -1)
