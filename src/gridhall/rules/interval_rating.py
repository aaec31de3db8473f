"""A year of bills by an interval tariff, from its table (`rules.interval_layout`) and a gathered load: exact.

A charge pro rata divides by the month's use, which stays the bill's divisor (`rules.interval_energy`). Nothing is
rounded before the month's total is told in minor units.
"""

from collections.abc import MutableSequence, Sequence

from gridhall.rules import interval_layout as at
from gridhall.rules.calendar import days_in_month
from gridhall.rules.exact import PLACES, add, add_product, add_times, carry, clear, minor_units, mul
from gridhall.rules.interval_blocks import is_below, list_at, pay_demand
from gridhall.rules.interval_energy import credit_of_month, energy_of_month, net_of_fed_in
from gridhall.rules.interval_layout import Desk, LoadSteps
from gridhall.rules.intervals import (
    HOURS,
    MONTHS,
    NO_STEP,
    SLOTS,
    add_up_months,
    by_period,
    coincident_peaks,
    gather_slots,
    is_weekend,
    peaks_by_month,
    peaks_by_period,
    slot_of,
)
from gridhall.rules.year_minimum import settle_year

THOUSAND = 1000  # a charge is the price of one unit, in thousandths


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
