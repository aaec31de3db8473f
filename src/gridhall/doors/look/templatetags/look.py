"""Template tags of the look: `{% load look %}`. The filters take the integers of the database and nothing else."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django import template
from django.conf import settings
from django.forms import BoundField
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext

from gridhall.doors.look import area_map, charts, formats, marks

register = template.Library()


def _language() -> str:
    return get_language() or settings.LANGUAGE_CODE


@register.filter
def money(minor: int | None) -> str:
    """Minor units with the sign of the currency: ¥ 173.07; an empty value is a dash."""
    if minor is None:
        return "–"
    text = formats.money(abs(minor), settings.CURRENCY_DECIMALS)
    # the space does not break: a sign at the end of a line and its number on the next are hard to read
    return f"{formats.MINUS if minor < 0 else ''}{formats.sign(settings.CURRENCY)}\u00a0{text}"


@register.filter
def amount(minor: int | None) -> str:
    """Minor units without the sign: for columns of amounts."""
    return "–" if minor is None else formats.money(minor, settings.CURRENCY_DECIMALS)


@register.filter
def signed(minor: int) -> str:
    """A difference: + ¥ 15.31, − ¥ 2.91."""
    mark = "+" if minor > 0 else formats.MINUS if minor < 0 else ""
    text = formats.money(abs(minor), settings.CURRENCY_DECIMALS)
    return f"{mark}\u00a0{formats.sign(settings.CURRENCY)}\u00a0{text}".strip()


@register.simple_tag
def big_money(minor: int) -> SafeString:
    """The number that matters, large, with a small sign."""
    return format_html(
        '<span class="big"><span class="sign">{}</span>{}</span>',
        formats.sign(settings.CURRENCY),
        formats.money(minor, settings.CURRENCY_DECIMALS),
    )


@register.filter
def kwh(wh: int | None) -> str:
    """Watt-hours as a number of kWh."""
    return "–" if wh is None else formats.energy(wh)


@register.filter
def kwh_round(wh: int | None) -> str:
    """Watt-hours as whole kWh, halves away from zero: for an overview, never beside a price."""
    return "–" if wh is None else formats.whole_kwh(wh)


@register.filter
def kwh_about(wh: int) -> str:
    """`kwh_round` with the unit in words of the language."""
    return f"{formats.whole_kwh(wh)}\u00a0{gettext('kWh')}"


@register.filter
def kwh_unit(wh: int) -> str:
    """Watt-hours as kWh with the unit in words of the language."""
    return f"{formats.energy(wh)}\u00a0{gettext('kWh')}"


@register.filter
def price(units: int) -> str:
    """A price at 10**−10 of the main unit."""
    return formats.price(units)


@register.filter
def thousandths(value: int) -> str:
    """A quantity in thousandths of its unit."""
    return formats.decimal(value, 3)


@register.filter
def register_value(value: int, decimals: int) -> str:
    """The value of a register, a whole number of its last decimal."""
    return formats.decimal(value, decimals, decimals)


@register.filter
def negative(value: int) -> int:
    return -value


@register.filter
def permille(value: int) -> str:
    """Thousandths as a percentage, without its sign: 300 → 30."""
    return formats.decimal(value, 1)


@register.filter
def whole(value: int) -> str:
    """A count with thousands separated."""
    return formats.count_text(value)


@register.filter
def account_no(number: str) -> str:
    return formats.grouped(number)


@register.filter
def day(on: date) -> str:
    return formats.day(on, _language())


@register.filter
def day_short(on: date) -> str:
    return formats.day_short(on, _language())


@register.filter
def last_day(until_on: date) -> str:
    """The last day of a range whose end is excluded."""
    return formats.day(date.fromordinal(until_on.toordinal() - 1), _language())


@register.filter
def moment(at: datetime) -> str:
    return formats.moment(at, _language())


@register.filter
def month(period: int) -> str:
    return formats.month(period, _language())


@register.filter
def month_short(period: int) -> str:
    return formats.month_short(period, _language())


@register.filter
def days_between(from_on: date, until_on: date) -> str:
    """`{{ bill.from_on|days_between:bill.to_on }}`: both days included, as people say it."""
    return formats.span(from_on, until_on, _language())


@register.filter
def days_short(from_on: date, until_on: date) -> str:
    """`days_between` where the year is plain."""
    return formats.span_short(from_on, until_on, _language())


@register.filter
def hours(text: str) -> str:
    return formats.hours(text, _language())


@register.filter
def words(thing: Any, name: str = "name") -> str:
    """The `_zh` or `_en` field of a thing in the reader's language: `{{ area|words }}`, `{{ it|words:"clause" }}`."""
    suffix = "zh" if formats.is_chinese(_language()) else "en"
    key = f"{name}_{suffix}"
    return str(thing[key] if isinstance(thing, dict) else getattr(thing, key))


@register.filter
def marked(text: str) -> SafeString:
    """A text with a few marks (look/marks.py), safe: `{{ version|words:"policy"|marked }}`."""
    return marks.marked(text)


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """A symbol from vendor/lucide/icons.svg; hidden from those who listen unless it has a label."""
    address = static("vendor/lucide/icons.svg")
    if label:
        return format_html(
            '<svg class="icon" role="img" aria-label="{}"><use href="{}#{}"></use></svg>', label, address, name
        )
    return format_html('<svg class="icon" aria-hidden="true"><use href="{}#{}"></use></svg>', address, name)


@register.inclusion_tag("look/field.html")
def field(bound: BoundField, unit: str = "", kind: str = "") -> dict[str, Any]:
    """A form field with label, hint and errors tied to it. `unit`: before the input; `kind`: its classes."""
    attributes: dict[str, Any] = {}
    described = []
    if bound.help_text:
        described.append(f"{bound.id_for_label}-hint")
    if bound.errors:
        described.append(f"{bound.id_for_label}-wrong")
        attributes["aria-invalid"] = "true"
    if described:
        attributes["aria-describedby"] = " ".join(described)
    if kind:
        attributes["class"] = f"{bound.field.widget.attrs.get('class', '')} {kind}".strip()
    return {"field": bound, "input": bound.as_widget(attrs=attributes), "unit": unit}


@register.inclusion_tag("look/chart.html")
def column_chart(chart: charts.ColumnChart, size: str = "", heading: str = "") -> dict[str, Any]:
    """Draw a `charts.columns(…)`; `size="low"` for a small one; `heading` names the first column of its table."""
    return {"chart": chart, "size": size, "heading": heading or gettext("Month")}


@register.inclusion_tag("look/area_map.html")
def area_map_chart(drawn: area_map.AreaMap) -> dict[str, Any]:
    """Draw an `area_map.draw(…)`."""
    return {"map": drawn}


@register.inclusion_tag("look/line_chart.html")
def line_chart(chart: charts.LineChart, size: str = "low") -> dict[str, Any]:
    """Draw a `charts.line(…)`."""
    return {"chart": chart, "size": size}


@register.inclusion_tag("look/bar.html")
def share_bar(
    parts: list[tuple[str, int]], whole: int, label: str, size: str = "", bounds: Sequence[int] = ()
) -> dict[str, Any]:
    """A bar of parts (colour, amount) of a whole, cut at `bounds`; `label` says in words what it shows."""
    return {
        "parts": charts.shares(parts, whole), "label": label, "size": size, "marks": charts.marks(bounds, whole),
    }  # fmt: skip
