"""Template tags of the office: `{% load office %}`. Codes in words, and sums that a row needs."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django import template
from django.conf import settings

from gridhall.doors.look import formats, prices
from gridhall.doors.office import audit_words, lists, staff, words

register = template.Library()


@register.simple_tag
def total(*amounts: int) -> str:
    """The sum of amounts in minor units, without the sign of the currency."""
    return formats.money(sum(amounts), settings.CURRENCY_DECIMALS)


@register.filter
def amount_of(minor: int) -> str:
    """An amount without its sign, where a word says which way it goes."""
    return formats.money(abs(minor), settings.CURRENCY_DECIMALS)


@register.filter
def plain(minor: int) -> str:
    """An amount as it is typed into a form: 17307 → 173.07."""
    return lists.plain_amount(minor)


@register.filter
def get(mapping: Mapping[Any, Any], key: Any) -> Any:
    return mapping.get(key, "")


@register.simple_tag(takes_context=True)
def person(context: dict[str, Any], name: str) -> str:
    """Who acted, by full name; the names are looked up once a page."""
    request = context["request"]
    if not hasattr(request, "office_people"):
        request.office_people = staff.full_names()
    return audit_words.person(name, request.office_people)


@register.filter(name="register")
def register_name(tou: int) -> str:
    return str(words.REGISTERS.get(tou, tou))


@register.filter
def door(code: int) -> str:
    return str(words.DOORS.get(code, code))


@register.filter
def method(code: int) -> str:
    return str(words.METHODS.get(code, "–"))


@register.filter
def payment_kind(code: int) -> str:
    return str(words.PAYMENT_KINDS.get(code, code))


@register.filter
def item_kind(code: int) -> str:
    return str(words.ITEM_KINDS.get(code, code))


@register.filter
def class_name(code: int) -> str:
    return str(words.CLASSES.get(code, code))


@register.filter
def month_field(period: int | None) -> str:
    """A period as the value of a month input: 202610 → 2026-10."""
    return f"{period // 100:04d}-{period % 100:02d}" if period else ""


@register.filter
def permille(part: int, whole: int) -> int:
    """Thousandths of a whole, for a progress bar; 1000 where the whole is nothing."""
    return min(1000, part * 1000 // whole) if whole else 1000


@register.filter
def at(items: Sequence[Any], place: int) -> Any:
    """The item at a place of a tuple, empty beyond its end."""
    return items[place] if 0 <= place < len(items) else ""


@register.filter
def json_text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1) if value is not None else ""


@register.filter
def hold_reason(code: str) -> str:
    return str(words.HOLD_REASONS.get(code, code))


@register.filter
def permille_of_one(value: int) -> str:
    """A change in thousandths as per cent with its sign: 93 → +9.3."""
    return ("+" if value > 0 else "") + formats.decimal(value, 1)


@register.filter
def season(code: str) -> str:
    """A season of a tariff book in words."""
    return prices.season_name(code)
