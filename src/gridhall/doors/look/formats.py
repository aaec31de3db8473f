"""Numbers, money, energy and dates as people read them, in Chinese and English. Integers in, text out; no float."""

from datetime import date, datetime

from gridhall.kernel import clock

SIGNS = {"CNY": "¥", "USD": "$", "EUR": "€", "GBP": "£", "MYR": "RM", "JPY": "¥", "INR": "₹"}
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
MINUS = "−"
PRICE_SCALE = 10  # decimals of a price: 10**-10 of the main unit


def is_chinese(language: str) -> bool:
    return language.startswith("zh")


def sign(currency: str) -> str:
    """The sign of a currency, or its code where it has none that everybody reads."""
    return SIGNS.get(currency, currency)


def decimal(value: int, scale: int, least: int = 0) -> str:
    """`value` × 10**−scale with thousands separated; at least `least` decimals, trailing zeros beyond them dropped."""
    whole, part = divmod(abs(value), 10**scale)
    decimals = f"{part:0{scale}d}" if scale else ""
    decimals = decimals[:least] + decimals[least:].rstrip("0")
    decimals = decimals.ljust(least, "0")
    return (MINUS if value < 0 else "") + f"{whole:,}" + (f".{decimals}" if decimals else "")


def money(minor: int, decimals: int) -> str:
    """Minor units as an amount without the sign of the currency: 17307 → 173.07."""
    return decimal(minor, decimals, decimals)


def energy(wh: int) -> str:
    """Watt-hours as kilowatt-hours: 1234500 → 1,234.5."""
    return decimal(wh, 3)


def whole_kwh(wh: int) -> str:
    """Watt-hours as whole kilowatt-hours, halves away from zero: 1234500 → 1,235."""
    whole = (abs(wh) * 2 + 1000) // 2000
    return decimal(-whole if wh < 0 else whole, 0)


def price(units: int) -> str:
    """A price at 10**−10 of the main unit: 5469000000 → 0.5469."""
    return decimal(units, PRICE_SCALE, 2)


def grouped(number: str) -> str:
    """An account number in groups that the eye can hold: 0310220418 → 0310 2204 18."""
    return " ".join(number[start : start + 4] for start in range(0, len(number), 4))


def day(on: date, language: str) -> str:
    """2026年11月20日 or 20 Nov 2026."""
    if is_chinese(language):
        return f"{on.year}年{on.month}月{on.day}日"
    return f"{on.day} {MONTHS[on.month - 1]} {on.year}"


def day_short(on: date, language: str) -> str:
    """11月20日 or 20 Nov: where the year is plain."""
    return f"{on.month}月{on.day}日" if is_chinese(language) else f"{on.day} {MONTHS[on.month - 1]}"


def moment(at: datetime, language: str) -> str:
    """A moment in the supplier's time zone, to the minute."""
    local = at.astimezone(clock.zone())
    return f"{day(local.date(), language)} {local:%H:%M}"


def month(period: int, language: str) -> str:
    """A period YYYYMM: 2026年10月 or Oct 2026."""
    year, number = divmod(period, 100)
    return f"{year}年{number}月" if is_chinese(language) else f"{MONTHS[number - 1]} {year}"


def month_short(period: int, language: str) -> str:
    """10月 or Oct."""
    number = period % 100
    return f"{number}月" if is_chinese(language) else MONTHS[number - 1]


def span(from_on: date, until_on: date, language: str) -> str:
    """Days from `from_on` (included) to `until_on` (excluded), as people say it: the last day included."""
    last = date.fromordinal(until_on.toordinal() - 1)
    if from_on.year != last.year:
        return f"{day(from_on, language)} – {day(last, language)}"
    if is_chinese(language):
        return f"{day(from_on, language)} – {day_short(last, language)}"
    return f"{day_short(from_on, language)} – {day(last, language)}"


def span_short(from_on: date, until_on: date, language: str) -> str:
    """`span` where the year is plain."""
    last = date.fromordinal(until_on.toordinal() - 1)
    return f"{day_short(from_on, language)} – {day_short(last, language)}"


def count_text(count: int) -> str:
    """A plain count with thousands separated."""
    return decimal(count, 0)


DAYS_ZH = {"Mo": "周一", "Tu": "周二", "We": "周三", "Th": "周四", "Fr": "周五", "Sa": "周六", "Su": "周日"}
DAYS_EN = {"Mo": "Mon", "Tu": "Tue", "We": "Wed", "Th": "Thu", "Fr": "Fri", "Sa": "Sat", "Su": "Sun"}


def hours(text: str, language: str) -> str:
    """Opening hours as outlets have them (`Mo-Fr 09:00-16:30`, `24/7`) as people say them; others stay as they are."""
    chinese = is_chinese(language)
    if text == "24/7":
        return "24 小时" if chinese else "day and night"
    days, space, times = text.partition(" ")
    first, dash, last = days.partition("-")
    names = DAYS_ZH if chinese else DAYS_EN
    if not space or first not in names or (dash and last not in names):
        return text
    if (first, last) == ("Mo", "Su"):
        said = "每天" if chinese else "daily"
    else:
        said = names[first] + (("至" if chinese else "–") + names[last] if dash else "")
    return f"{said} {times.replace('-', '–')}"
