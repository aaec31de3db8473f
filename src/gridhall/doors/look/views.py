"""The components page, and the choices of a reader: language, theme, contrast, type size."""

from datetime import date

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_POST
from django.views.i18n import set_language

from gridhall.doors.look import charts, context, formats, forms

YEAR_SECONDS = 365 * 24 * 3600


def safe_next(request: HttpRequest, default: str = "/") -> str:
    """Where to go on: the `next` of the request when it stays in this house, else `default`."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    if url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure()):
        return wanted
    return default


@require_POST
def language(request: HttpRequest) -> HttpResponseBase:
    """Switch the language of this browser; Django checks `language` and `next`."""
    return set_language(request)


def display(request: HttpRequest) -> HttpResponse:
    """Choose theme, contrast and type size; kept in cookies for a year."""
    form = forms.DisplayForm(request.POST or None, initial=context.display(request))
    following = safe_next(request)
    if request.method == "POST" and form.is_valid():
        answer = redirect(following)
        for name in context.COOKIES:
            answer.set_cookie(
                f"gridhall_{name}",
                form.cleaned_data[name],
                max_age=YEAR_SECONDS,
                samesite="Lax",
                secure=settings.SESSION_COOKIE_SECURE,
                httponly=True,
            )
        return answer
    return render(request, "look/display.html", {"form": form, "next": following})


def components(request: HttpRequest) -> HttpResponse:
    """Every component in every state: what a screen is built from. Shows sample figures, no customer's."""
    messages.success(request, gettext("Received. The receipt is ready."))
    given = forms.SpecimenForm({"number": "0310220419", "amount": "0", "way": "cash", "on": "2026-11-20"})
    given.add_error("number", gettext("The last digit does not fit: please compare with your bill."))
    language_code = get_language() or "zh"
    months = [(2025 + (9 + k) // 12) * 100 + (9 + k) % 12 + 1 for k in range(13)]
    use = (220, 198, 186, 170, 176, 240, 310, 322, 268, 205, 214, 252, 300)
    columns = [
        charts.Column(
            label=formats.month_short(period, language_code),
            name=formats.month(period, language_code),
            values=(total * 34 // 100, total * 28 // 100, total - total * 34 // 100 - total * 28 // 100),
            texts=tuple(
                formats.count_text(part)
                for part in (total * 34 // 100, total * 28 // 100, total - total * 34 // 100 - total * 28 // 100)
            ),
            text=formats.count_text(total),
            now=period == months[-1],
        )
        for period, total in zip(months, use, strict=True)
    ]
    series = [
        charts.Series(gettext("valley"), "valley"),
        charts.Series(gettext("flat"), "flat"),
        charts.Series(gettext("peak"), "peak"),
    ]
    points = [charts.Point(day, day * 13, f"{day}" if day % 5 == 0 else "", f"{day}: {day * 13}") for day in range(0, 21)]
    return render(
        request,
        "look/components.html",
        {
            "empty_form": forms.SpecimenForm(),
            "given_form": given,
            "chart": charts.columns(gettext("Energy by month"), gettext("kWh"), series, columns, formats.count_text),
            "line": charts.line(gettext("Growth"), "", "bad", points, formats.count_text),
            "parts": [("valley", 2520), ("flat", 180)],
            "today": date(2026, 11, 20),
            "icons": _ICONS,
            "colours": _COLOURS,
        },
    )


_ICONS = ("house", "receipt-text", "zap", "wallet", "circle-user-round", "file-text", "download", "search", "circle-check", "triangle-alert", "circle-x", "info", "calendar-days", "clock-alert", "gauge", "chart-column", "users", "banknote", "credit-card", "landmark", "printer")  # fmt: skip
_COLOURS = ("sharp", "peak", "flat", "valley", "total", "cost", "good", "bad", "info", "quiet")
