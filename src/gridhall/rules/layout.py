"""Where things stand in the integer tables of a plan, in the facts of a segment, in a line and in the
working state.

Everything that the rating rules read or write is one flat sequence of whole numbers: a tuple or list under
CPython, an int64 array under Numba. This page names the places, as a form names its boxes; nothing else
knows them.
"""

# --- Facts of a segment (columns of `Segments`; fact k of segment i stands at k × n + i)
(
    BILL,  # index of the bill, 0..; segments are sorted by it
    PLAN,  # row in PlanTables
    FROM_DAY,  # day number, included
    TO_DAY,  # day number, excluded
    PERIOD_DAYS,  # days of the whole billing period; a segment may be a part of it
    WH_TOTAL,
    WH_SHARP,
    WH_PEAK,
    WH_FLAT,
    WH_VALLEY,
    VARH,  # reactive energy, varh
    DEMAND_W,  # highest demand measured, W
    CAPACITY_VA,  # transformer (connected) capacity, VA
    CONTRACT_W,  # contract demand, W
    YEAR_USED_WH,  # used in the block year before this billing period
    YEAR_MONTHS,  # months of entitlement in the block year
    PERIOD_MONTHS,  # months that the bill covers, normally 1
    PERSONS,  # persons of the household
    ALLOWANCE_WH,  # free energy per month, Wh; 0 none
    POWER_FACTOR_STANDARD,  # hundredths: 0 none, 80, 85, 90
    PERIOD,  # the billing period, YYYYMM; 0: the month of the bill's last day
    WH_DEEP,  # deep valley
    DEMAND_SHARP,  # highest demand in each period, W
    DEMAND_PEAK,
    DEMAND_FLAT,
    DEMAND_VALLEY,
    DEMAND_DEEP,
    PAST_DEMAND_W,  # highest demand of the earlier months that the tariff's ratchet looks back on, W
    COINCIDENT_W,  # demand at the time of the system's peak, W
    METERS,  # meters at the premises; 0 counts as one
    EXPORT_WH,  # fed into the grid
    EXPORT_SHARP,
    EXPORT_PEAK,
    EXPORT_FLAT,
    EXPORT_VALLEY,
    EXPORT_DEEP,
    CREDIT_WH,  # net metering: exported energy not set off yet, before this bill
    TRUE_UP,  # net metering: 1 where what is not set off is paid out with this bill
    YEAR_COUNTED,  # yearly minimum: minor units that count towards it, billed earlier in its year
    YEAR_ENDS,  # yearly minimum: 1 where this bill closes the year
    SUB_SHARE,  # sub-supply as agreed: its share of the use, in hundredths of a per cent
    SUB_WH,  # sub-supply as agreed: Wh a month
    HOURLY_MINOR,  # what the energy costs by the price series: minor units …
    HOURLY_REST,  # … and rest, as `units` keeps amounts
    HOURLY_WH,  # the energy that was so priced
    SUPPLIED_MONTHS,  # last bill of one who leaves: months of supply in the block year; 0: he stays
) = range(46)
# Blocks in the order of time: what each period (5) of the segment has used when its bill's use passes each limit.
IN_TIME = 46
LIMITS_IN_TIME = 4
N_FACTS = IN_TIME + LIMITS_IN_TIME * 5
ONE_MONTH = 1000  # a quantity of one month or one day, in thousandths
SOURCE_ONE = -1  # "fact" of a component whose quantity is just one
SOURCE_BILLING = -2  # the billing demand (rules.demand)
SOURCE_METERS, SOURCE_FURTHER = -3, -4  # as many as there are meters; as there are beyond the first

# --- Head of a plan (relative to where the plan starts in the table)
(
    PLAN_SIZE,
    PLAN_PARTS,  # parts of a minor unit: 10**(13 - decimals)
    PLAN_DECIMALS,
    PLAN_ROUND_AT,  # ONCE_PER_BILL or PER_LINE
    PLAN_ROUND_HOW,  # units.HALF_UP, HALF_EVEN, DOWN
    PLAN_SEASONS,  # number of seasons
    PLAN_SEASON_BY,  # what decides the season of a segment: BY_…
    PLAN_SEASON_AT,  # relative place of the 372 season codes; 0 with one season
    PLAN_COMPONENTS,  # number of components
    PLAN_LAYOUT,  # LAYOUT: which form of these tables it is
    PLAN_USE,  # USE_… bits: what is done to the metered use before it is priced
    PLAN_DEMAND_AT,  # relative place of the terms of the billing demand (DEMAND_…); 0 as measured
    PLAN_LOSS_AT,  # relative place of the losses (LOSS_…); 0 none
    PLAN_CHANGE,  # how a change inside a period is divided: CHANGE_…
) = range(14)
PLAN_HEAD = 16
LAYOUT = 1002
ONCE_PER_BILL, PER_LINE = 0, 1
# Its last day, its first day, the billing period's month, or each day by itself: then no segment may cross a season.
BY_LAST_DAY, BY_FIRST_DAY, BY_PERIOD, BY_DAYS = 0, 1, 2, 3
# What is done to the metered use: it has periods, a deep valley, export is set off, losses are added, some is taken out
# as sub-supply, or a rate depends on the bill's whole use.
USE_PARTS, USE_DEEP, USE_NET, USE_LOSS, USE_SUBS, USE_WHOLE = 1, 2, 4, 8, 16, 32
# A change inside a period: by a reading of that day where there is one, else by days; only by a reading; by intervals.
CHANGE_DAYS, CHANGE_READING, CHANGE_INTERVAL = 0, 1, 2
# Terms of the billing demand: shares at 10**-6, power W, the power factor in hundredths (0 none).
DEMAND_PAST, DEMAND_LEAST, DEMAND_OF_CONTRACT, DEMAND_OF_CAPACITY, DEMAND_FACTOR, DEMAND_STEP = range(6)
N_DEMAND = 6
SHARE_ONE = 1_000_000
# Losses: share of the load at 10**-6 (Wh, then varh of the Wh), rounding in Wh, number of transformer sizes; then for
# each size: VA, Wh a month, varh a month.
LOSS_SHARE, LOSS_VAR_SHARE, LOSS_STEP, LOSS_SIZES, LOSS_ROWS = range(5)

# --- A component: COMPONENT_SIZE numbers, the components of a plan one after the other behind its head
(
    KIND,
    CLASS,  # ledger class
    UNIT,
    SOURCE,  # the fact that is priced, or SOURCE_…; by period: the fact of the first period
    PRICE_AT,  # relative place of prices: season × periods × blocks
    PERIODS,  # 1: the total; 4: sharp, peak, flat, valley; 5: and deep valley
    BLOCKS,  # number of blocks, 1 without
    BLOCK_MODE,  # how blocks meet time-of-use
    BLOCK_CYCLE,  # what is counted against the limits
    LIMIT_AT,  # relative place of limits, Wh per month: household variant × season × (blocks - 1)
    VARIANTS,  # household variants beyond the ordinary household
    VARIANT_AT,  # relative place of the least persons of each variant, rising
    SHARE,  # how a charge per month is divided over days
    BASE_AT,  # relative place of the components that a percentage, minimum or adjustment is taken on
    BASES,  # their number
    OWN_ROUNDING,  # 1: this line is rounded by itself even where the bill is rounded once
    OVER_PRICE,  # contract demand: price of what goes beyond the band
    BAND,  # contract demand: thousandths of it that count as kept (1050)
    LEAST,  # contract demand: thousandths of the capacity billed at least (400). Reactive: 10**-6 of the energy free
    FACTOR_AT,  # power factor: relative place of the per cents, 3 standards × 101 hundredths
    KW_LIMIT_AT,  # relative place of what limits have besides for each kW of billing demand, Wh; 0 none
    OF_USE,  # energy: which use is priced, OF_…
    YEARLY,  # minimum: 1 where it is that of a year. Power factor: 1 where it is the same whatever the standard
    SUB_PART,  # sub-supply: its share, hundredths of a per cent; AS_AGREED: by the facts
    SUB_MONTH,  # sub-supply: Wh a month
) = range(25)
COMPONENT_SIZE = 28
MAX_COMPONENTS = 32
MAX_PERIODS = 5
UNPRICED = 1 << 61  # price of a register that the tariff does not price: energy in it is a fault
STANDARDS = (80, 85, 90)  # power-factor standards, hundredths, in the order of the factor table
AS_AGREED = -1

# Kinds.
ENERGY, CHARGE, CONTRACT_DEMAND, PERCENT, POWER_FACTOR, MINIMUM, ALLOWANCE = 1, 2, 3, 4, 5, 6, 7
REACTIVE, HOURLY, SUB_SUPPLY, PAID_OUT, SETTLEMENT = 8, 9, 10, 11, 12
# Block modes: blocks of the total, shared pro rata over the periods, counted in each period alone, the price of the
# block in which the whole use of the bill lies, for all of it; or filled by the periods in the order of time.
BLOCKS_OF_TOTAL, BLOCKS_PRO_RATA, BLOCKS_PER_PERIOD, BLOCKS_BY_WHOLE, BLOCKS_IN_TIME = 0, 1, 2, 3, 4
# Block cycles: no blocks; a month's use, limits × months of the bill; a month's use, limits × days / 30;
# the block year's use; limits as they stand; a month's use, limits × days × 12 / 365.
NO_BLOCKS, BLOCK_MONTH, BLOCK_DAYS, BLOCK_YEAR, BLOCK_PLAIN, BLOCK_YEAR_DAYS = 0, 1, 2, 3, 4, 5
# Which use: what is left to price after losses, sub-supplies and net metering; as metered; fed in.
OF_PRICED, OF_METERED, OF_EXPORT = 0, 1, 2
# Shares of a month: once a bill; 1/30 a day; days of the period; a price per day; days of 365 of a price per year.
WHOLE, THIRTIETHS, PERIOD_SHARE, DAILY, YEAR_SHARE = 0, 1, 2, 3, 4
# Units of a line.
KWH, KW, KVA, MONTH, DAY, PER_CENT, KVARH, YEAR = 1, 2, 3, 4, 5, 6, 7, 8
# Ledger classes (0 is not used).
CLASS_ENERGY, CLASS_BASIC, CLASS_LEVY, CLASS_TAX, CLASS_ALLOWANCE = 1, 2, 3, 4, 5
N_CLASSES = 6
# Registers, as a line's period names them (the codes of metering; 5 and 6 are its reactive and demand registers).
TOTAL, SHARP, PEAK, FLAT, VALLEY, DEEP = 0, 1, 2, 3, 4, 7

# --- A line (column k of line n stands at k × room + n)
(
    LINE_BILL,
    LINE_SEGMENT,  # index into the segments
    LINE_COMPONENT,  # position in the plan
    LINE_BLOCK,  # 1..; 0 without blocks
    LINE_PERIOD,  # register code; 0 the total
    LINE_QUANTITY,
    LINE_UNIT,
    LINE_PRICE,  # per cents: the rate, 10**10 is 100 %
    LINE_BASE,  # per cent lines: minor units taken on. Charges divided over days: days × 1000 + divisor
    LINE_AMOUNT,
    LINE_REST,  # exact value = amount minor units + rest parts, rest signed
) = range(11)
N_LINE = 11

# --- Working state of a bill
(
    AT_LINE,  # lines written so far
    SUM_MINOR,  # exact running total of the bill
    SUM_REST,
    SHOWN,  # what the lines so far come to in whole minor units
    FAULT,
    USED_WH,  # energy of the bill's earlier segments, as priced
    DAYS_BEFORE,  # days of the bill's earlier segments
    DAYS_ALL,  # days of all its segments
    IS_LAST,  # 1 in the bill's last segment
    SEASON,
    ROUND_AT,
    ROUND_HOW,
    PARTS,
    USED_PERIOD,  # +1..+5: energy of earlier segments by period
) = range(14)
CLASS_SUM = 20  # + ledger class
SPLIT = 26  # 5 remaining quantities, then 5 shares, of a split over periods
MINIMUM_DUE = 36  # exact minimum of the bill's segments so far (minor, rest)
MINIMUM_HAVE = 38  # exact amount of what counts towards it (minor, rest)
USE = 40  # what is left to price of this segment: the total, then +1..+5 by period
USE_VARH = 46  # its reactive energy, with losses
CREDIT = 47  # net metering: exported energy not set off yet
TAKEN = 48  # energy of the bill's earlier segments that was sub-supply
TAKEN_NOW = 49  # and of this one
WHOLE_WH = 50  # the use of the whole bill, for rates that it decides
COMPONENT_SUM = 51  # 2 × component: exact amount of the component in this segment
SETTLES_MINIMUM = COMPONENT_SUM + 2 * MAX_COMPONENTS  # the last segment whose plan has a minimum
BILL_END = SETTLES_MINIMUM + 1  # the day after the bill's last day
N_STATE = BILL_END + 1

# Faults: a bill that has one is not to be posted.
FAULT_PARTS, FAULT_BOUNDS, FAULT_DAYS = 1, 2, 3
