"""Texts with their values: `{amount}` stands for the amount, written as the reader's language writes it.

No expression, no attribute, no format: a name in braces and nothing else, so that a text can do no harm.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.conf import settings

from gridhall.notices.occasions import DAY, MONEY, NUMBER, PERIOD, Occasion
from gridhall.notices.refusals import refusal

PLACE = re.compile(r"\{([a-z_]+)\}")
TITLE_MOST, BODY_MOST = 200, 4000
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
NONE = {"zh": "无", "en": "none"}


@dataclass(frozen=True)
class Words:
    """A text with its values in: what was or would be said."""

    title: str
    body: str


def check_text(occasion: Occasion, field: str, text: str, most: int) -> None:
    """Refuses: text_missing, text_too_long, broken_placeholder, unknown_placeholder."""
    if not text.strip():
        raise refusal("text_missing", field=field)
    if len(text) > most:
        raise refusal("text_too_long", field=field, value=len(text))
    left = PLACE.sub("", text)
    if "{" in left or "}" in left:
        raise refusal("broken_placeholder", field=field)
    for name in PLACE.findall(text):
        if name not in occasion.all_fields:
            raise refusal("unknown_placeholder", field=field, value=name)


def say(occasion: Occasion, text: str, values: Mapping[str, object], language: str) -> str:
    """The text with its values in. `values` as the fact gave them: money in minor units, days in ISO form."""

    def put(found: re.Match[str]) -> str:
        name = found.group(1)
        return written(occasion.all_fields.get(name, ""), values.get(name), language)

    return PLACE.sub(put, text)


def written(kind: str, value: object, language: str) -> str:
    """A value of a kind as the language writes it."""
    if value is None or value == "":
        return NONE[language]
    if isinstance(value, dict):  # a text that was given in both languages
        return str(value.get(language, ""))
    if kind == MONEY and isinstance(value, int):
        return money(value, language)
    if kind == PERIOD and isinstance(value, int):
        return month_words(value, language)
    if kind == DAY:
        on = date.fromisoformat(str(value))
        return (
            f"{on.year}年{on.month}月{on.day}日" if language == "zh" else f"{on.day} {MONTHS[on.month - 1]} {on.year}"
        )
    if kind == NUMBER and isinstance(value, int):
        return f"{value:,}"
    return str(value)


def month_words(period: int, language: str) -> str:
    """A period as the language writes it."""
    year, month = divmod(period, 100)
    return f"{year}年{month}月" if language == "zh" else f"{MONTHS[month - 1]} {year}"


def money(minor: int, language: str) -> str:
    """Minor units as the language writes them."""
    decimals = settings.CURRENCY_DECIMALS
    whole, part = divmod(abs(minor), 10**decimals)
    number = f"{'-' if minor < 0 else ''}{whole:,}" + (f".{part:0{decimals}d}" if decimals else "")
    if language == "zh" and settings.CURRENCY == "CNY":
        return f"{number} 元"
    return f"{settings.CURRENCY} {number}"
