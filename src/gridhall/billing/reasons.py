"""Why an agreement is not billed until a person has looked: codes and sentences."""

READING_HELD = "reading_held"
READING_MISSING = "reading_missing"
NO_TERMS = "no_terms"
NO_TARIFF = "no_tariff"
EARLIER_OPEN = "earlier_open"
OVERLAPS = "overlaps"
VALUE_MOVED = "value_moved"
NEGATIVE = "negative"
TOO_HIGH = "too_high"
TOO_LOW = "too_low"
REGISTERS = "registers"
BOUNDS = "bounds"
DAYS = "days"
TURN_OF_YEAR = "turn_of_year"
TOO_MANY = "too_many"
INTERVALS_MISSING = "intervals_missing"
INTERVALS_APART = "intervals_apart"
INTERVALS_ESTIMATED = "intervals_estimated"
INTERVALS_UNFIT = "intervals_unfit"
NO_INTERVALS = "no_intervals"
UNPRICED = "unpriced"
UNREAD_CHANGE = "unread_change"

# A person may accept these as they are; of the others something is missing or wrong that has to be put right first.
DOUBTS = frozenset((VALUE_MOVED, NEGATIVE, TOO_HIGH, TOO_LOW, TURN_OF_YEAR, INTERVALS_APART, INTERVALS_ESTIMATED))

SENTENCES: dict[str, tuple[str, str]] = {
    READING_HELD: (
        "A reading of this period waits for a decision.",
        "本期有示数待审核。",
    ),
    READING_MISSING: (
        "There is no usable reading for this period.",
        "本期没有可用示数。",
    ),
    NO_TERMS: (
        "The agreement has days in this bill without supply terms.",
        "账单期间内有未约定供用电条款的日期。",
    ),
    NO_TARIFF: (
        "No approved tariff version is in force on some days of this bill.",
        "账单期间内有未生效电价的日期。",
    ),
    EARLIER_OPEN: (
        "An earlier period of this agreement has not been billed yet.",
        "此前账期尚未出账。",
    ),
    OVERLAPS: (
        "Days of this bill are on another bill already.",
        "账单日期与已有账单重叠。",
    ),
    VALUE_MOVED: (
        "The reading on which the last bill ended was put right since. Make that bill again; or accept, and this one "
        "goes on from the value that was billed.",
        "上期账单截止示数已更正。请重出上期账单；如直接接受，则本期自已计费示数起算。",
    ),
    NEGATIVE: (
        "The use is negative, and by more than an estimate on the bill before it explains.",
        "电量为负，且超出上期估抄可解释的范围。",
    ),
    TOO_HIGH: (
        "The use per day is far above last month and the same month last year.",
        "日均电量远高于上月及去年同期。",
    ),
    TOO_LOW: (
        "The use per day is far below last month and the same month last year.",
        "日均电量远低于上月及去年同期。",
    ),
    REGISTERS: (
        "The registers read do not fit the tariff (time-of-use registers missing or contradicting).",
        "示数类型与电价不符（缺少分时示数或相互矛盾）。",
    ),
    BOUNDS: (
        "The use is beyond anything that can be billed.",
        "电量超出可计费范围。",
    ),
    DAYS: (
        "The bill's days are not in order.",
        "账单日期有误。",
    ),
    TURN_OF_YEAR: (
        "It takes back use of the block year before. Make the last bill again on the right reading; or accept, and "
        "it is given back at the new year's first block.",
        "本期退回上一阶梯年度电量。请按正确示数重出上期账单；如直接接受，则按新年度第一档退回。",
    ),
    TOO_MANY: (
        "The account has as many bills in this period as it can have.",
        "该户本期账单张数已达上限。",
    ),
    INTERVALS_MISSING: (
        "Interval data of some days are missing. Load them, or estimate them (gridhall intervals gaps --fill).",
        "部分日期缺少负荷数据。请补录，或执行缺失估算（gridhall intervals gaps --fill）。",
    ),
    INTERVALS_APART: (
        "The interval data and the readings differ by more than a kWh and one per cent. Accepted, the bill goes by the "
        "intervals.",
        "负荷数据与示数电量相差超过 1 千瓦时且超过百分之一。如接受，则按负荷数据计费。",
    ),
    INTERVALS_ESTIMATED: (
        "More than a tenth of the interval data is estimated.",
        "超过十分之一的负荷数据为估算值。",
    ),
    INTERVALS_UNFIT: (
        "The steps of the interval data do not fit the periods of the tariff.",
        "负荷数据的时段长度与电价时段不符。",
    ),
    UNREAD_CHANGE: (
        "Prices or terms change inside the bill, and the tariff divides it by a reading of that day: there is none.",
        "账单期间内电价或条款变更，该电价须按变更日示数分段，而当日无示数。",
    ),
    UNPRICED: (
        "Some steps of the interval data have no price in the tariff's price series (gridhall tariff load-prices).",
        "部分时段在电价的价格序列中没有价格（gridhall tariff load-prices）。",
    ),
    NO_INTERVALS: (
        "The tariff needs interval data, and there are none of this supply point.",
        "该电价需要负荷数据，而该用电点没有。",
    ),
}


def sentence(reason: str) -> tuple[str, str]:
    """English and Chinese sentence of a reason code."""
    return SENTENCES.get(reason, (reason, reason))
