"""A year of bills by an interval tariff, from its table (`rules.interval_layout`) and a gathered load: exact.

Energy is filled into blocks month by month and priced; a charge pro rata divides by the month's use, which stays the
bill's divisor. Nothing is rounded before the month's total is told in minor units.
"""

from collections.abc import MutableSequence, Sequence

from gridhall.rules import interval_layout as at
from gridhall.rules.calendar import days_in_month
from gridhall.rules.exact import (
    BASE,
    PLACES,
    add,
    add_product,
    add_times,
    carry,
    clear,
    minor_units,
    mul,
)
from gridhall.rules.interval_layout import FAR, Desk, LoadSteps
from gridhall.rules.intervals import (
    HOURS,
    MONTHS,
    NO_STEP,
    SLOTS,
    add_up_months,
    by_period,
    coincident_peaks,
    fill_in_time,
    gather_slots,
    is_weekend,
    peaks_by_month,
    peaks_by_period,
    slot_of,
)
from gridhall.rules.year_minimum import settle_year

THOUSAND = 1000  # a charge is the price of one unit, in thousandths


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


def billing_demand(
    table: Sequence[int],
    start: int,
    peaks: Sequence[int],
    peaks_at: int,
    billing: MutableSequence[int],
    billing_at: int,
) -> None:
    """Billing demand of each month from the months' peaks: its own in full, or the ratchet's share of the highest of
    the months that it looks at (January looks back on December of the same load)."""
    if table[start + at.RATCHET] == 0:
        for month in range(MONTHS):
            billing[billing_at + 2 * month] = peaks[peaks_at + month]
            billing[billing_at + 2 * month + 1] = 0
        return
    floor, floor_rest = 0, 0
    for month in range(MONTHS):
        whole, rest = mul(peaks[peaks_at + month], table[start + at.SHARES + month])
        if is_below(floor, floor_rest, whole, rest):
            floor, floor_rest = whole, rest
    for month in range(MONTHS):
        whole, rest = peaks[peaks_at + month], 0
        if is_below(whole, rest, floor, floor_rest):
            whole, rest = floor, floor_rest
        before = 0
        for back in range(1, table[start + at.BACK] + 1):
            before = max(before, peaks[peaks_at + (month - back) % MONTHS])
        looked, looked_rest = mul(before, table[start + at.SHARE])
        if is_below(whole, rest, looked, looked_rest):
            whole, rest = looked, looked_rest
        billing[billing_at + 2 * month] = whole
        billing[billing_at + 2 * month + 1] = rest


def list_at(table: Sequence[int], start: int, lists: int, k: int) -> int:
    """Where list `k` of the lists named at head place `lists` begins."""
    return start + table[start + table[start + lists] + k]


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
            load.slots, at.SLOT_WH + workday, at.SLOT_WH + weekend, table, schedule + workday, schedule + weekend,
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


def demand_of_month(
    table: Sequence[int], start: int, facts: Sequence[int], load: LoadSteps, month: int, first_day: int, desk: Desk
) -> None:
    """Demand charges of a month, flat and by period (desk.peaks has those of the demand periods).

    Under a ratchet every period that the month has is billed at the billing demand, as that looks at the current month
    in full. Daily demand is that of each day, added up over the month.
    """
    bill_at = month * at.MONTH_SIZE
    flat_at = bill_at + at.PAY_FLAT * PLACES
    if table[start + at.FLAT] > 0:
        blocks = list_at(table, start, at.FLAT_AT, table[start + at.FLAT_MONTHS + month])
        if table[start + at.FLAT_DAILY] == 1:
            _pay_days(table, start, facts, load, month, first_day, desk, blocks, flat_at)
        else:
            billing = 2 * (MONTHS * table[start + at.FLAT_UNIT] + month)
            pay_demand(table, blocks, desk.billing[billing], desk.billing[billing + 1], desk, desk.bill, flat_at)
    periods = table[start + at.DEMAND]
    demand_at = bill_at + at.PAY_DEMAND * PLACES
    if periods > 0 and table[start + at.DEMAND_DAILY] == 1:
        _pay_days(table, start, facts, load, month, first_day, desk, -1, demand_at)
        return
    for p in range(periods):
        watts, rest = desk.peaks[month * periods + p], 0
        if watts == NO_STEP:
            continue
        if table[start + at.RATCHET] == 1:
            billing = 2 * (MONTHS * table[start + at.DEMAND_UNIT] + month)
            watts, rest = desk.billing[billing], desk.billing[billing + 1]
        blocks = list_at(table, start, at.DEMAND_AT, p)
        pay_demand(table, blocks, watts, rest, desk, desk.bill, demand_at)


def _pay_days(
    table: Sequence[int], start: int, facts: Sequence[int], load: LoadSteps, month: int, first_day: int, desk: Desk,
    flat: int, total_at: int,
) -> None:  # fmt: skip
    """The demand of each day of a month, by the list `flat`, or by period (-1). Power is that of a step."""
    periods = 1 if flat >= 0 else table[start + at.DEMAND]
    unit = table[start + (at.FLAT_UNIT if flat >= 0 else at.DEMAND_UNIT)]
    steps = facts[at.STEPS]
    for day in range(first_day, first_day + days_in_month(facts[at.YEAR], month + 1)):
        for p in range(periods):
            desk.current[p] = NO_STEP
        slot = start + table[start + at.DEMAND_SCHEDULE] + slot_of(month, is_weekend(facts[at.FIRST_WEEKDAY], day), 0)
        for hour in range(HOURS):
            p = 0 if flat >= 0 else table[slot + hour]
            for t in range((day * HOURS + hour) * steps, (day * HOURS + hour + 1) * steps):
                power = (load.vah[t] if unit == at.IN_VA else load.wh[t]) * steps
                desk.current[p] = max(desk.current[p], power)
        for p in range(periods):
            if desk.current[p] > 0:
                blocks = flat if flat >= 0 else list_at(table, start, at.DEMAND_AT, p)
                pay_demand(table, blocks, desk.current[p], 0, desk, desk.bill, total_at)


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


def charges_of_month(
    table: Sequence[int], start: int, facts: Sequence[int], load: LoadSteps, month: int, desk: Desk
) -> None:
    """Reactive, coincident (desk.coincident has their peaks) and fixed charges of a month."""
    bill_at = month * at.MONTH_SIZE
    var = load.slots[at.MONTH_VAR + month]
    if var > 0:
        add_product(
            desk.bill, bill_at + at.PAY_REACTIVE * PLACES, var, 0, table[start + at.REACTIVE],
            table[start + at.REACTIVE_REST],
        )  # fmt: skip
    periods = table[start + at.COINCIDENT]
    if len(load.system) > 0:
        for p in range(periods):
            watts = desk.coincident[month * periods + p]
            if watts != NO_STEP:
                blocks = list_at(table, start, at.COINCIDENT_AT, p)
                pay_demand(table, blocks, watts, 0, desk, desk.bill, bill_at + at.PAY_COINCIDENT * PLACES)
    fixed_at = bill_at + at.PAY_FIXED * PLACES
    add_product(desk.bill, fixed_at, THOUSAND, 0, table[start + at.FIXED], table[start + at.FIXED_REST])
    if facts[at.METERS] > 1:
        more = (facts[at.METERS] - 1) * THOUSAND
        add_product(desk.bill, fixed_at, more, 0, table[start + at.FIXED_MORE], table[start + at.FIXED_MORE_REST])


def total_month(table: Sequence[int], start: int, facts: Sequence[int], month: int, divisor: int, desk: Desk) -> None:
    """Energy, its minimum and the total of a month, all × its divisor; and the total in minor units. A monthly minimum
    covers energy, demand and fixed charges, before anything is paid for energy fed in."""
    bill_at = month * at.MONTH_SIZE
    energy_at = bill_at + at.PAY_ENERGY * PLACES
    minimum_at = bill_at + at.PAY_MINIMUM * PLACES
    total_at = bill_at + at.PAY_TOTAL * PLACES
    for k in range(PLACES):
        others = 0
        for kind in (at.PAY_FLAT, at.PAY_DEMAND, at.PAY_COINCIDENT, at.PAY_REACTIVE, at.PAY_FIXED):
            others += desk.bill[bill_at + kind * PLACES + k]
        desk.sums[at.SUM_OTHERS + k] = others
    carry(desk.sums, at.SUM_OTHERS, PLACES)
    add(desk.bill, energy_at, desk.sums, at.SUM_SHARED, 1)
    tops = (desk.sums[at.SUM_OTHERS + 3], desk.sums[at.SUM_DIRECT + 3], desk.bill[bill_at + at.PAY_FED_IN * PLACES + 3])
    if max(abs(tops[0]), abs(tops[1]), abs(tops[2])) >= at.AMOUNT_TOP:
        desk.bill[at.FAULT] = at.FAULT_BEYOND
        return
    add_times(desk.bill, energy_at, desk.sums, at.SUM_DIRECT, PLACES, divisor)
    add(desk.bill, total_at, desk.bill, energy_at, 1)
    add_times(desk.bill, total_at, desk.sums, at.SUM_OTHERS, PLACES, divisor)
    if table[start + at.MINIMUM_YEARLY] == 1:
        settle_year(table, start, facts, month, divisor, desk)
        return
    if table[start + at.MINIMUM] != 0 or table[start + at.MINIMUM_REST] != 0:
        clear(desk.sums, at.SUM_COST, PLACES)
        add_product(desk.sums, at.SUM_COST, THOUSAND, 0, table[start + at.MINIMUM], table[start + at.MINIMUM_REST])
        add_times(desk.bill, minimum_at, desk.sums, at.SUM_COST, PLACES, divisor)
        add(desk.bill, minimum_at, desk.bill, total_at, -1)
        if desk.bill[minimum_at + PLACES - 1] < 0:
            clear(desk.bill, minimum_at, PLACES)
        add(desk.bill, total_at, desk.bill, minimum_at, 1)
    if facts[at.IS_FED_IN] == 1 and table[start + at.FED_IN] != at.NOT_PAID:
        add_times(desk.bill, total_at, desk.bill, bill_at + at.PAY_FED_IN * PLACES, PLACES, divisor)
    desk.bill[bill_at + at.MINOR] = minor_units(
        desk.bill, total_at, divisor, facts[at.DECIMALS], desk.sums, at.SUM_WORK
    )


def gather_load(
    wh: Sequence[int], vah: Sequence[int], fed: Sequence[int], facts: Sequence[int], width: int,
    slots: MutableSequence[int],
) -> None:  # fmt: skip
    """Sums and peaks of the slots and months of a load (GATHERED), by a demand window of `width` steps. `fed` is empty
    where nothing is fed in; `vah` where no power factor is known: then VA are W."""
    year, weekday, steps = facts[at.YEAR], facts[at.FIRST_WEEKDAY], facts[at.STEPS]
    if len(fed) > 0:
        gather_slots(fed, year, weekday, steps, 1, slots, at.SLOT_FED, slots, at.SLOT_W)
    if len(vah) > 0:
        gather_slots(vah, year, weekday, steps, width, slots, at.SLOT_WH, slots, at.SLOT_VA)
    gather_slots(wh, year, weekday, steps, width, slots, at.SLOT_WH, slots, at.SLOT_W)
    if len(vah) == 0:
        for k in range(SLOTS):
            slots[at.SLOT_VA + k] = slots[at.SLOT_W + k]
    add_up_months(slots, at.SLOT_WH, slots, at.MONTH_WH)
    peaks_by_month(slots, at.SLOT_W, slots, at.MONTH_W)
    peaks_by_month(slots, at.SLOT_VA, slots, at.MONTH_VA)


def measure(table: Sequence[int], start: int, facts: Sequence[int], load: LoadSteps, desk: Desk) -> None:
    """What the tariff measures in the load: energy by period, peaks, billing demand, coincident demand, fed in."""
    schedule = start + table[start + at.ENERGY_SCHEDULE]
    if table[start + at.ENERGY] == 1:
        for month in range(MONTHS):
            desk.wh[month] = load.slots[at.MONTH_WH + month]
    else:
        by_period(table, schedule, table[start + at.ENERGY], load.slots, at.SLOT_WH, desk.wh)
    if facts[at.IS_FED_IN] == 1 and table[start + at.FED_IN] != at.NOT_PAID:
        by_period(table, schedule, table[start + at.ENERGY], load.slots, at.SLOT_FED, desk.fed)
        if table[start + at.FED_IN] == at.NET_METERING:
            net_of_fed_in(table, start, desk)
    billing_demand(table, start, load.slots, at.MONTH_W, desk.billing, 2 * MONTHS * at.IN_W)
    if table[start + at.FLAT_UNIT] == at.IN_VA or table[start + at.DEMAND_UNIT] == at.IN_VA:
        billing_demand(table, start, load.slots, at.MONTH_VA, desk.billing, 2 * MONTHS * at.IN_VA)
    for month in range(MONTHS):
        bill_at = month * at.MONTH_SIZE
        desk.bill[bill_at + at.PEAK_W] = load.slots[at.MONTH_W + month]
        desk.bill[bill_at + at.BILLING_W] = desk.billing[2 * month]
        desk.bill[bill_at + at.BILLING_REST] = desk.billing[2 * month + 1]
    if table[start + at.DEMAND] > 0:
        slots = at.SLOT_VA if table[start + at.DEMAND_UNIT] == at.IN_VA else at.SLOT_W
        peaks_by_period(
            table, start + table[start + at.DEMAND_SCHEDULE], table[start + at.DEMAND], load.slots, slots, desk.peaks
        )
    if table[start + at.COINCIDENT] > 0 and len(load.system) > 0:
        coincident_peaks(
            load.wh, load.system, facts[at.YEAR], facts[at.STEPS], table, start + table[start + at.COINCIDENT_SCHEDULE],
            table[start + at.COINCIDENT], desk.system, desk.coincident,
        )  # fmt: skip


def rate_year(table: Sequence[int], start: int, facts: Sequence[int], load: LoadSteps, desk: Desk) -> None:
    """The twelve bills of a load by the tariff whose table begins at `start`: into desk.bill, with the energy in each
    block in desk.whole and desk.part. desk.bill[FAULT] tells why a year cannot be rated."""
    clear(desk.bill, 0, at.BILL_SIZE)
    nets = facts[at.IS_FED_IN] == 1 and table[start + at.FED_IN] == at.NET_METERING
    if nets and facts[at.MEETING] == at.MEET_IN_TIME:
        desk.bill[at.FAULT] = at.FAULT_NET_IN_TIME
        return
    measure(table, start, facts, load, desk)
    first_day = 0
    for month in range(MONTHS):
        bill_at = month * at.MONTH_SIZE
        clear(desk.sums, 0, at.SUM_BIG)
        divisor = energy_of_month(table, start, facts, load, month, first_day, desk)
        fuel = start + at.FUEL_AT
        if table[fuel] > 0:
            use = 0
            for p in range(table[start + at.ENERGY]):
                use += desk.wh[month * table[start + at.ENERGY] + p]
            price = start + table[fuel] + 2 * month
            add_product(desk.sums, at.SUM_DIRECT, use, 0, table[price], table[price + 1])
        demand_of_month(table, start, facts, load, month, first_day, desk)
        charges_of_month(table, start, facts, load, month, desk)
        if facts[at.IS_FED_IN] == 1 and table[start + at.FED_IN] != at.NOT_PAID:
            credit_of_month(table, start, facts, month, desk)
        desk.bill[bill_at + at.DIVISOR] = divisor
        total_month(table, start, facts, month, divisor, desk)
        first_day += days_in_month(facts[at.YEAR], month + 1)
