"""The components page: everything a screen is built from, in every state. Its figures are made up."""

from datetime import date

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language, gettext

from gridhall.doors.look import charts, formats, forms

ICONS = (
    "house", "receipt-text", "zap", "wallet", "circle-user-round", "file-text", "download", "search", "circle-check",
    "triangle-alert", "circle-x", "info", "calendar-days", "clock-alert", "gauge", "chart-column", "users", "banknote",
    "credit-card", "landmark", "printer",
)  # fmt: skip
COLOURS = ("sharp", "peak", "flat", "valley", "total", "cost", "good", "bad", "info", "quiet")
USE_KWH = (220, 198, 186, 170, 176, 240, 310, 322, 268, 205, 214, 252, 300)


def components(request: HttpRequest) -> HttpResponse:
    """Show it."""
    messages.success(request, gettext("Received. The receipt is ready."))
    given = forms.SpecimenForm({"number": "0310220419", "amount": "0", "way": "cash", "on": "2026-11-20"})
    given.add_error("number", gettext("The last digit does not fit: please compare with your bill."))
    points = [charts.Point(day, day * 13, str(day) if day % 5 == 0 else "", f"{day}: {day * 13}") for day in range(21)]
    context = {
        "empty_form": forms.SpecimenForm(),
        "given_form": given,
        "chart": _chart(),
        "line": charts.line(gettext("Growth"), "", "bad", points, formats.count_text),
        "parts": [("valley", 2520), ("flat", 180)],
        "today": date(2026, 11, 20),
        "icons": ICONS,
        "colours": COLOURS,
    }
    return render(request, "look/components.html", context)


def _chart() -> charts.ColumnChart:
    language = get_language() or "zh"
    columns = []
    for place, kwh in enumerate(USE_KWH):
        period = (2025 + (9 + place) // 12) * 100 + (9 + place) % 12 + 1
        parts = (kwh * 34 // 100, kwh * 28 // 100, kwh - kwh * 34 // 100 - kwh * 28 // 100)
        columns.append(
            charts.Column(
                label=formats.month_short(period, language),
                name=formats.month(period, language),
                values=parts,
                texts=tuple(formats.count_text(part) for part in parts),
                text=formats.count_text(kwh),
                now=place == len(USE_KWH) - 1,
            )
        )
    series = [
        charts.Series(gettext("valley"), "valley"),
        charts.Series(gettext("flat"), "flat"),
        charts.Series(gettext("peak"), "peak"),
    ]
    return charts.columns(gettext("Energy by month"), gettext("kWh"), series, columns, formats.count_text)
