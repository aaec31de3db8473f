"""An account's past, laid out for screens: the chart of its months and the values of its registers."""

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from gridhall.billing import public as billing
from gridhall.doors.look import charts, formats
from gridhall.doors.office import words
from gridhall.metering import public as metering


def use_chart(months: Sequence[billing.MonthUse], account_id: int) -> charts.ColumnChart:
    """Use by month; by period of the day where the registers tell it."""
    language = get_language() or "zh"
    split = any(any(month.parts) for month in months)
    series = (
        [charts.Series(str(words.REGISTERS[tou]), colour) for tou, colour in _COLOURS]
        if split
        else [charts.Series(_("energy"), "total")]
    )
    columns = []
    for month in months:
        values = tuple(month.parts[tou - 1] for tou, _colour in _COLOURS) if split else (month.wh,)
        if split and not any(month.parts):
            values = (0, 0, month.wh, 0)
        columns.append(
            charts.Column(
                label=formats.month_short(month.period, language),
                name=formats.month(month.period, language),
                values=values,
                texts=tuple(formats.whole_kwh(value) for value in values),
                text=formats.whole_kwh(month.wh) if month.days else "",
                href=reverse("office:customer", args=[account_id, "bills"]),
                now=month is months[-1],
            )
        )
    return charts.columns(_("Energy by month"), _("kWh"), series, columns, formats.whole_kwh, grain=1000)


_COLOURS = ((4, "valley"), (3, "flat"), (2, "peak"), (1, "sharp"))


def register_rows(account_id: int, months: int) -> list[dict[str, Any]]:
    """Register values of an account, the newest first, with words for codes."""
    return [
        {
            "it": value,
            "register": words.REGISTERS.get(value.tou, ""),
            "kind": words.READING_KINDS.get(value.kind, ""),
            "state": words.READING_STATES.get(value.state, ""),
        }
        for value in metering.register_values(account_id, months)
    ]
