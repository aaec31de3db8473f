"""A bill in words: amounts, quantities and one sentence for each line, in Chinese and English."""

from datetime import date, timedelta

from gridhall.billing.models import BillLine
from gridhall.rules.layout import DAY, DEEP, KVA, KVARH, KW, KWH, MONTH, PER_CENT, YEAR
from gridhall.rules.plan import ComponentWords

UNITS: dict[int, tuple[str, str]] = {
    KWH: ("kWh", "千瓦时"),
    KW: ("kW", "千瓦"),
    KVA: ("kVA", "千伏安"),
    MONTH: ("month", "月"),
    DAY: ("day", "天"),
    PER_CENT: ("%", "%"),
    KVARH: ("kvarh", "千乏时"),
    YEAR: ("year", "年"),
}
REGISTERS: dict[int, tuple[str, str]] = {
    0: ("total", "总"),
    1: ("sharp peak", "尖峰"),
    2: ("peak", "高峰"),
    3: ("flat", "平段"),
    4: ("valley", "低谷"),
    5: ("reactive", "无功"),
    6: ("demand", "需量"),
    DEEP: ("deep valley", "深谷"),
    8: ("demand, sharp peak", "尖峰需量"),
    9: ("demand, peak", "高峰需量"),
    10: ("demand, flat", "平段需量"),
    11: ("demand, valley", "低谷需量"),
    12: ("demand, deep valley", "深谷需量"),
    13: ("fed in", "反向有功总"),
    14: ("fed in, sharp peak", "反向尖峰"),
    15: ("fed in, peak", "反向高峰"),
    16: ("fed in, flat", "反向平段"),
    17: ("fed in, valley", "反向低谷"),
    18: ("fed in, deep valley", "反向深谷"),
    19: ("reactive, fed in", "反向无功"),
}
MONTH_NAMES = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
CHINESE_DIGITS = "零一二三四五六七八九十"


def decimal(value: int, places: int, least: int = 0) -> str:
    """A whole number of 10**-places as a decimal: zeros at the end fall away down to `least` places, thousands are set
    apart by commas."""
    sign = "-" if value < 0 else ""
    whole, rest = divmod(abs(value), 10**places)
    digits = f"{rest:0{places}d}".rstrip("0") if places else ""
    digits = digits.ljust(least, "0")
    return f"{sign}{whole:,}" + (f".{digits}" if digits else "")


def money(minor: int, decimals: int) -> str:
    """Minor units as an amount: 12,345.60"""
    return decimal(minor, decimals, decimals)


def price(value: int) -> str:
    """A price at 10**-10, with two decimals at least."""
    return decimal(value, 10, 2)


def exact(amount: int, rest: int, decimals: int) -> str:
    """The unrounded value of a line in the main unit of the currency: amount minor units + rest parts."""
    return decimal(amount * 10 ** (13 - decimals) + rest, 13, decimals)


def ordinal_en(n: int) -> str:
    ending = "th" if 10 <= n % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(n % 10, "th")
    return f"{n}{ending}"


def ordinal_zh(n: int) -> str:
    return CHINESE_DIGITS[n] if n <= 10 else str(n)


def period_en(period: int) -> str:
    return f"{MONTH_NAMES[period % 100 - 1]} {period // 100}"


def period_zh(period: int) -> str:
    return f"{period // 100}年{period % 100}月"


def days_en(from_on: date, to_on: date) -> str:
    """The days of a bill; its last day is the one before the closing reading."""
    last = to_on - timedelta(days=1)
    days = (to_on - from_on).days
    end = f"{last.day} {MONTH_NAMES[last.month - 1][:3]}, {days} {'day' if days == 1 else 'days'}"
    if (from_on.year, from_on.month) == (last.year, last.month):
        return f"{from_on.day}–{end}"
    return f"{from_on.day} {MONTH_NAMES[from_on.month - 1][:3]} to {end}"


def days_zh(from_on: date, to_on: date) -> str:
    last = to_on - timedelta(days=1)
    year = f"{from_on.year}年" if from_on.year != last.year else ""
    until_year = f"{last.year}年" if year else ""
    end = f"{last.day}日" if (from_on.year, from_on.month) == (last.year, last.month) else (
        f"{until_year}{last.month}月{last.day}日"
    )  # fmt: skip
    return f"{year}{from_on.month}月{from_on.day}日至{end}，{(to_on - from_on).days}天"


def line_name(words: ComponentWords, line: BillLine) -> tuple[str, str]:
    """What a line is called (en, zh): its component with the register and the block it is for."""
    en, zh = words.name_en, words.name_zh
    if line.tou:
        register_en, register_zh = REGISTERS[line.tou]
        en, zh = f"{en}, {register_en}", f"{zh}（{register_zh}）"
    if line.block and line.unit == KWH:
        en, zh = f"{en}, {ordinal_en(line.block)} block", f"{zh} 第{ordinal_zh(line.block)}档"
    elif line.block == 2:  # contract demand: what goes beyond it
        en, zh = f"{en}, above the contract", f"{zh}（超约定部分）"
    return en, zh


def line_sentence(words: ComponentWords, line: BillLine, decimals: int) -> tuple[str, str]:
    """One sentence (en, zh) that says how the line came about; its amount as the bill shows it."""
    amount = money(line.amount, decimals)
    amount_en, amount_zh = _shown(line, decimals)
    if line.unit == PER_CENT:
        return _per_cent(line, decimals, amount_en, amount_zh)
    if words.kind == "minimum":
        had = money(line.base, decimals)
        least = price(line.price)
        return (
            f"The least for a month is {least}; the charges above come to {had}, so {amount} is added.",
            f"每月最低消费 {least} 元，上述费用 {had} 元，补收 {amount} 元。",
        )
    quantity, (unit_en, unit_zh) = decimal(line.quantity, 3), UNITS[line.unit]
    part_en, part_zh = _divided(line.base)
    if words.kind == "hourly":
        return (
            f"{quantity} kWh at the prices of each hour: {amount_en}",
            f"{quantity} 千瓦时按各小时电价计 {amount_zh} 元",
        )
    if line.unit == KWH:
        return _energy(line, quantity, amount_en, amount_zh)
    if line.unit in (KVARH, YEAR):
        return (
            f"{quantity} {unit_en} at {price(line.price)}{part_en}: {amount_en}",
            f"{quantity} {unit_zh} × {price(line.price)} 元{part_zh} = {amount_zh} 元",
        )
    if line.unit in (MONTH, DAY):
        many = "" if line.quantity == 1000 else "s"
        return (
            f"{quantity} {unit_en}{many} at {price(line.price)}{part_en}: {amount_en}",
            f"{quantity} {'个月' if line.unit == MONTH else '天'} × {price(line.price)} 元{part_zh} = {amount_zh} 元",
        )
    return (
        f"{quantity} {unit_en} at {price(line.price)} a month{part_en}: {amount_en}",
        f"{quantity} {unit_zh} × 每月 {price(line.price)} 元{part_zh} = {amount_zh} 元",
    )


def _shown(line: BillLine, decimals: int) -> tuple[str, str]:
    """The amount (en, zh) as it ends a sentence. Lines of a bill that is rounded once are rounded so that they add up
    (decision 2): where that is not the line's own rounding, the exact value stands before it, and why."""
    amount, parts = money(line.amount, decimals), 10 ** (13 - decimals)
    value = line.amount * parts + line.rest
    if (2 * value + parts) // (2 * parts) == line.amount:
        return amount, amount
    whole = exact(line.amount, line.rest, decimals)
    return f"{whole}, shown as {amount} so that the lines add up", f"{whole} 元，为使各行之和等于合计，计 {amount}"


def _energy(line: BillLine, quantity: str, amount_en: str, amount_zh: str) -> tuple[str, str]:
    where_en = where_zh = ""
    if line.block:
        where_en, where_zh = f" in the {ordinal_en(line.block)} block", f"第{ordinal_zh(line.block)}档 "
    if line.tou:
        register_en, register_zh = REGISTERS[line.tou]
        where_en, where_zh = f" of {register_en} energy{where_en}", f"{register_zh} {where_zh}"
    return (
        f"{quantity} kWh{where_en} at {price(line.price)}: {amount_en}",
        f"{where_zh}{quantity} 千瓦时 × {price(line.price)} 元 = {amount_zh} 元",
    )


def _per_cent(line: BillLine, decimals: int, amount_en: str, amount_zh: str) -> tuple[str, str]:
    rate, base = decimal(line.price, 8), money(line.base, decimals)
    if line.quantity:  # the power factor, in thousandths
        factor = decimal(line.quantity, 3, 2)
        return (
            f"At a power factor of {factor}: {rate} % of {base}: {amount_en}",
            f"功率因数 {factor}，按 {base} 元的 {rate}% 计 {amount_zh} 元",
        )
    return f"{rate} % of {base}: {amount_en}", f"{base} 元 × {rate}% = {amount_zh} 元"


def _divided(base: int) -> tuple[str, str]:
    """How a charge was divided over days: days × 1000 + divisor."""
    if base == 0:
        return "", ""
    days, of = divmod(base, 1000)
    if of == 1:
        return f" for {days} days", f" × {days} 天"
    return f", {days} of {of} days", f" × {days}/{of}"
