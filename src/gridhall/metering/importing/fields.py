"""Fields of a file as what they mean: whole numbers, decimals, days, periods, choices. Strict: nothing is guessed."""

import re
import unicodedata
from datetime import date

from gridhall.kernel.refusal import Refusal

TEXT_LONGEST = 1_000
DIGITS_MOST = 18  # a number of a file fits 64 bits in its last decimal
_DECIMAL = re.compile(r"([0-9]+)(?:\.([0-9]{1,9}))?")
_GROUPED = re.compile(r"[0-9]{1,3}([,' \u00a0][0-9]{3})+(\.[0-9]+)?")
_SCIENTIFIC = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?[eE][+-]?[0-9]+")
_DAY = re.compile(r"([0-9]{4})(?:-([0-9]{1,2})-|/([0-9]{1,2})/|\.([0-9]{1,2})\.|年([0-9]{1,2})月)([0-9]{1,2})日?")
_DAY_PLAIN = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_MIDNIGHT = re.compile(r"[ T]00:00(:00(\.0+)?)?$")
_PERIOD = re.compile(r"([0-9]{4})(?:-|/|年)?([0-9]{1,2})月?")
# Characters that no text of a table holds: controls, a byte order mark in the midst, directions, half characters.
_ODD = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060\ufeff\ufffd\ud800-\udfff]")


def refuse(code: str, en: str, zh: str, field: str, value: str) -> Refusal:
    """A refusal of one field; its row is set by who reads the file."""
    return Refusal(code, en, zh, field=field, value=value[:80])


def clean(field: str, text: str) -> str:
    """The text without blanks around it. Refuses text_too_long and bad_character."""
    if len(text) > TEXT_LONGEST:
        raise refuse(
            "text_too_long", f"Longer than {TEXT_LONGEST} characters.", f"超过 {TEXT_LONGEST} 个字符。", field, text
        )
    if _ODD.search(text):
        shown = text.encode("unicode_escape").decode()
        raise refuse(
            "bad_character", "A character that no text holds (NUL, BOM, control).", "含有非法字符。", field, shown
        )
    return text.strip()


def _plain(text: str) -> str:
    """Full-width digits and signs as plain ones; nothing else of a number changes by it."""
    return unicodedata.normalize("NFKC", text).strip()


def is_scientific(text: str) -> bool:
    """Whether a text is a number as 3.302E+15."""
    return _SCIENTIFIC.fullmatch(text) is not None


def decimal(field: str, text: str) -> tuple[int, int]:
    """(whole number of the last decimal, decimals). Refuses value_missing, negative_value, scientific_notation,
    thousands_separator, too_many_digits, not_a_number."""
    plain = _plain(text)
    found = _DECIMAL.fullmatch(plain)
    if found:
        whole, part = found[1], found[2] or ""
        if len(whole.lstrip("0") + part) > DIGITS_MOST:
            raise refuse("too_many_digits", "More digits than any register has.", "位数过多。", field, text)
        return int(whole + part), len(part)
    if not plain:
        raise refuse("value_missing", "The field is empty.", "该栏为空。", field, text)
    if plain[0] in "-\u2212" and _DECIMAL.fullmatch(plain[1:]):
        raise refuse("negative_value", "The value is negative.", "数值为负。", field, text)
    if _SCIENTIFIC.fullmatch(plain):
        raise refuse(
            "scientific_notation", "Scientific notation has lost digits; format the column as text or number.",
            "科学计数法会丢失位数，请将该列设为文本或数值格式。", field, text,
        )  # fmt: skip
    if _GROUPED.fullmatch(plain):
        raise refuse(
            "thousands_separator",
            "Write the number without thousands separators.",
            "数字中不得有千位分隔符。",
            field,
            text,
        )
    raise refuse("not_a_number", "This is no number.", "不是数字。", field, text)


def scaled(field: str, text: str, decimals: int) -> int:
    """A decimal as a whole number of 10**-decimals. Refuses as `decimal`, and too_many_decimals."""
    value, own = decimal(field, text)
    if own > decimals:
        down: int = 10 ** (own - decimals)
        if value % down:
            raise refuse("too_many_decimals", f"At most {decimals} decimals.", f"最多 {decimals} 位小数。", field, text)
        return value // down
    factor: int = 10 ** (decimals - own)
    return value * factor


def signed(field: str, text: str, decimals: int) -> int:
    """As scaled, of a number that may be negative (a longitude)."""
    plain = _plain(text)
    if plain[:1] in ("-", "\u2212"):
        return -scaled(field, plain[1:], decimals)
    return scaled(field, plain, decimals)


def whole(field: str, text: str) -> int:
    """A whole number. Refuses as `decimal`."""
    return scaled(field, text, 0)


def day(field: str, text: str) -> date:
    """A day written year first: 2026-11-01, 2026/11/1, 2026.11.1, 20261101, 2026年11月1日.

    Refuses date_missing, bad_date.
    """
    plain = _MIDNIGHT.sub("", _plain(text))
    if not plain:
        raise refuse("date_missing", "The day is missing.", "缺少日期。", field, text)
    found = _DAY.fullmatch(plain) or _DAY_PLAIN.fullmatch(plain)
    if found:
        year, month, number = (int(each) for each in found.groups() if each)
        try:
            return date(year, month, number)
        except ValueError:
            pass
    raise refuse("bad_date", "This is no day; write it as 2026-11-01.", "日期无效，请写成 2026-11-01。", field, text)


def period(field: str, text: str) -> int:
    """A period: 202610, 2026-10, 2026年10月. Refuses bad_period."""
    found = _PERIOD.fullmatch(_plain(text))
    if found and 1 <= int(found[2]) <= 12 and int(found[1]) >= 1900:
        return int(found[1]) * 100 + int(found[2])
    raise refuse("bad_period", "This is no month; write it as 2026-10.", "年月无效，请写成 2026-10。", field, text)


def choice(field: str, text: str, choices: dict[str, int]) -> int:
    """One of some words (any case). Refuses unknown_word."""
    plain = _plain(text).casefold()
    if plain in choices:
        return choices[plain]
    known = ", ".join(choices)
    raise refuse("unknown_word", f"Not known here; known are: {known}.", f"无法识别，可用：{known}。", field, text)
