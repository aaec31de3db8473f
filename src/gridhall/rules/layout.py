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
) = range(21)
N_FACTS = 21
ONE_MONTH = 1000  # a quantity of one month or one day, in thousandths
SOURCE_ONE = -1  # "fact" of a component whose quantity is just one

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
) = range(9)
PLAN_HEAD = 9
ONCE_PER_BILL, PER_LINE = 0, 1
# Its last day, its first day, the billing period's month, or each day by itself: then no segment may cross a season.
BY_LAST_DAY, BY_FIRST_DAY, BY_PERIOD, BY_DAYS = 0, 1, 2, 3

# --- A component: COMPONENT_SIZE numbers, the components of a plan one after the other behind its head
(
    KIND,
    CLASS,  # ledger class
    UNIT,
    SOURCE,  # the fact that is priced, or SOURCE_ONE
    PRICE_AT,  # relative place of prices: season × periods × blocks (energy), else one
    PERIODS,  # 1: the total; 4: sharp, peak, flat, valley
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
    LEAST,  # contract demand: thousandths of the capacity billed at least (400)
    FACTOR_AT,  # power factor: relative place of the per cents, 3 standards × 101 hundredths
) = range(20)
COMPONENT_SIZE = 20
MAX_COMPONENTS = 32
UNPRICED = 1 << 61  # price of a register that the tariff does not price: energy in it is a fault
STANDARDS = (80, 85, 90)  # power-factor standards, hundredths, in the order of the factor table

# Kinds.
ENERGY, CHARGE, CONTRACT_DEMAND, PERCENT, POWER_FACTOR, MINIMUM, ALLOWANCE = 1, 2, 3, 4, 5, 6, 7
# Block modes: blocks of the total, shared pro rata over the periods, or counted in each period alone.
BLOCKS_OF_TOTAL, BLOCKS_PRO_RATA, BLOCKS_PER_PERIOD = 0, 1, 2
# Block cycles: no blocks; a month's use, limits × months of the bill; a month's use, limits × days / 30;
# the block year's use.
NO_BLOCKS, BLOCK_MONTH, BLOCK_DAYS, BLOCK_YEAR = 0, 1, 2, 3
# Shares of a month: once a bill; 1/30 a day; days of the period; a price per day.
WHOLE, THIRTIETHS, PERIOD_SHARE, DAILY = 0, 1, 2, 3
# Units of a line.
KWH, KW, KVA, MONTH, DAY, PER_CENT = 1, 2, 3, 4, 5, 6
# Ledger classes (0 is not used).
CLASS_ENERGY, CLASS_BASIC, CLASS_LEVY, CLASS_TAX, CLASS_ALLOWANCE = 1, 2, 3, 4, 5
N_CLASSES = 6
# Registers, as a line's period names them (the codes of metering).
TOTAL, SHARP, PEAK, FLAT, VALLEY = 0, 1, 2, 3, 4

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
    USED_WH,  # energy of the bill's earlier segments
    DAYS_BEFORE,  # days of the bill's earlier segments
    DAYS_ALL,  # days of all its segments
    IS_LAST,  # 1 in the bill's last segment
    SEASON,
    ROUND_AT,
    ROUND_HOW,
    PARTS,
    USED_PERIOD,  # +1..+4: energy of earlier segments by period
) = range(14)
CLASS_SUM = 18  # + ledger class
SPLIT = 24  # 4 remaining quantities, then 4 shares, of a pro rata split
MINIMUM_DUE = 32  # exact minimum of the bill's segments so far (minor, rest)
MINIMUM_HAVE = 34  # exact amount of what counts towards it (minor, rest)
COMPONENT_SUM = 36  # 2 × component: exact amount of the component in this segment
SETTLES_MINIMUM = COMPONENT_SUM + 2 * MAX_COMPONENTS  # the last segment whose plan has a minimum
BILL_END = SETTLES_MINIMUM + 1  # the day after the bill's last day
N_STATE = BILL_END + 1

# Faults: a bill that has one is not to be posted.
FAULT_PARTS, FAULT_BOUNDS, FAULT_DAYS = 1, 2, 3
