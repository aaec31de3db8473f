"""Where everything stands in the flat arrays that interval tariffs, loads and their bills are rated in.

Prices are pairs (`PRICE`, `PRICE + 1`: 10**-6 and 10**-24 of a twelfth of the currency unit per thousand), as are
limits, quantities and charges: see `rules.exact`. Offsets of a table are from its own start.
"""

from collections.abc import MutableSequence, Sequence
from typing import NamedTuple

from gridhall.rules.exact import PLACES
from gridhall.rules.intervals import HOURS, MONTHS, SLOTS

PERIODS_MAX = 64  # of energy, demand or coincident demand
BLOCKS_MAX = 32  # of one period
CELLS = PERIODS_MAX * BLOCKS_MAX
FAR = 1 << 60  # the limit of the last block: beyond any use

# A table: its head, then its lists of blocks and its schedules.
(
    SIZE, ENERGY, ENERGY_AT, ENERGY_SCHEDULE, ENERGY_BLOCKS, DEMAND, DEMAND_AT, DEMAND_SCHEDULE, DEMAND_UNIT,
    DEMAND_DAILY, FLAT, FLAT_AT, FLAT_UNIT, FLAT_DAILY, COINCIDENT, COINCIDENT_AT, COINCIDENT_SCHEDULE, SELL_AT,
    FED_IN, WINDOW, RATCHET, BACK, SHARE, REACTIVE, REACTIVE_REST, FIXED, FIXED_REST, FIXED_MORE, FIXED_MORE_REST,
    MINIMUM, MINIMUM_REST, MINIMUM_YEARLY, FUEL_AT,
) = range(33)  # fmt: skip
SHARES = 33  # of each month's peak that the demand of every month is at least; 10**18 is all of it
FLAT_MONTHS = SHARES + MONTHS  # the flat list of each month
HEAD = FLAT_MONTHS + MONTHS

# A list of blocks: how many, whether they count in different units, and the blocks.
LIST_BLOCKS, LIST_MIXED, LIST_HEAD = 0, 1, 2
UNIT, LIMIT, LIMIT_REST, PRICE, PRICE_REST, BLOCK_SIZE = 0, 1, 2, 3, 4, 5
IN_WH, IN_WH_A_DAY, IN_HOURS, IN_HOURS_A_DAY = range(4)  # hours: kWh per kW of billing demand
IN_W, IN_VA = 0, 1  # units of demand
NOT_PAID, NET_METERING, NET_BILLING = range(3)  # what is fed in

# How blocks meet time-of-use.
MEET_PRO_RATA, MEET_IN_TIME, MEET_PER_PERIOD = range(3)

# A load gathered: sums and peaks of slots and of months, and the highest reactive power of each month (-1 where it is
# not known).
SLOT_WH, SLOT_W, SLOT_VA, SLOT_FED = 0, SLOTS, 2 * SLOTS, 3 * SLOTS
MONTH_WH, MONTH_W, MONTH_VA, MONTH_VAR = (4 * SLOTS + k * MONTHS for k in range(4))
GATHERED = MONTH_VAR + MONTHS
YEAR, FIRST_WEEKDAY, STEPS, METERS, MEETING, DECIMALS, IS_FED_IN, FACTS = range(8)

# A bill: amounts of four places by what they are for, the number they are still to be divided by, minor units.
PAY_ENERGY, PAY_FLAT, PAY_DEMAND, PAY_COINCIDENT, PAY_REACTIVE, PAY_FED_IN, PAY_FIXED, PAY_MINIMUM, PAY_TOTAL = range(9)
KINDS = 9
DIVIDED = (PAY_ENERGY, PAY_MINIMUM, PAY_TOTAL)  # these are over the month's divisor, the others over 1
DIVISOR = KINDS * PLACES
MINOR = DIVISOR + 1
BILLING_W, BILLING_REST, PEAK_W = MINOR + 1, MINOR + 2, MINOR + 3
MONTH_SIZE = MINOR + 4
# After the twelve months: the year before its minimum as one fraction, where months have divisors of their own.
YEAR_PLACES = 16
YEAR_SUM = MONTHS * MONTH_SIZE
YEAR_DIVISOR = YEAR_SUM + YEAR_PLACES
YEAR_OPEN = YEAR_DIVISOR + YEAR_PLACES  # 1: December's minimum and total are the yearly minimum less that fraction
FAULT = YEAR_OPEN + 1
BILL_SIZE = FAULT + 1
FAULT_NONE, FAULT_BEYOND, FAULT_NET_IN_TIME = range(3)
AMOUNT_TOP = 10**5  # an amount's highest place stays below it: 8 × 10**12 of the currency unit
MONTH_WH_MAX = 9 * 10**12 - 1  # a month's use, which amounts are divided by
SUM_COST, SUM_DIRECT, SUM_SHARED, SUM_OTHERS, SUM_WORK, SUM_BIG = 0, 4, 8, 12, 16, 20
SUMS = SUM_BIG + 3 * YEAR_PLACES


class Desk(NamedTuple):
    """Room to work in, and the bill that comes out of it; made by `desk_sizes`, of lists or of arrays.

    `whole` and `part` (10**-18) hold, after a year is rated, the Wh of each month × period × block of the tariff
    (ENERGY periods and ENERGY_BLOCKS blocks a month): of the period's own use, or, where the month's use was filled
    in once for all (pro rata, and where all its periods have the same blocks), of the whole month's.
    """

    wh: MutableSequence[int]  # of month × period; with net metering what is billed
    fed: MutableSequence[int]
    bank: MutableSequence[int]
    peaks: MutableSequence[int]
    system: MutableSequence[int]  # the system's highest step of month × period, and the load then
    coincident: MutableSequence[int]
    billing: MutableSequence[int]  # W (pairs) of each month, then VA
    ends: MutableSequence[int]
    rests: MutableSequence[int]
    current: MutableSequence[int]
    hours: MutableSequence[int]
    cells: MutableSequence[int]
    cell_rests: MutableSequence[int]
    sums: MutableSequence[int]
    whole: MutableSequence[int]
    part: MutableSequence[int]
    bill: MutableSequence[int]


class LoadSteps(NamedTuple):
    """A load as the rules read it: Wh of each step, VA-hours of each step (the same where no power factor is known),
    Wh of the supplier's whole system (empty where it is not known), and the GATHERED slots."""

    wh: Sequence[int]
    vah: Sequence[int]
    system: Sequence[int]
    slots: Sequence[int]


def desk_sizes(cells_of_year: int = MONTHS * CELLS) -> tuple[int, ...]:
    """How long each part of a desk is. `cells_of_year`: month × period × block of the tariff."""
    periods = MONTHS * PERIODS_MAX
    return (
        periods, periods, PERIODS_MAX, periods, periods, periods, 4 * MONTHS, CELLS, CELLS, PERIODS_MAX, 2 * HOURS,
        BLOCKS_MAX, BLOCKS_MAX, SUMS, cells_of_year, cells_of_year, BILL_SIZE,
    )  # fmt: skip
