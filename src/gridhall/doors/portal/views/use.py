"""Energy and cost by month, and the values of the registers behind them."""

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from gridhall.billing import public as billing
from gridhall.doors.portal import figures
from gridhall.doors.portal import hours as by_hour
from gridhall.doors.portal.session import SignedIn, customer_page
from gridhall.doors.portal.shell import language_of_reader, page
from gridhall.metering import public as metering

SPANS = (13, 24)


def _months(request: HttpRequest) -> int:
    return SPANS[1] if request.GET.get("months") == str(SPANS[1]) else SPANS[0]


@require_safe
@customer_page
def use(request: HttpRequest, customer: SignedIn) -> HttpResponse:
    """Charts of 13 or 24 months, each with its table; a column leads to its bill."""
    number = _months(request)
    newest = billing.bills_of(customer.account_id, 1, customer.number)
    history = billing.months_of(customer.account_id, newest[0].period, number + 12) if newest else []
    months = figures.months(history, number)
    language = language_of_reader()
    billed = months.billed
    context = {
        "months": number,
        "spans": SPANS,
        "history": months.shown,
        "use_chart": figures.use_chart(months, language) if months.shown else None,
        "cost_chart": figures.cost_chart(months, language) if months.shown else None,
        "year": _year(billed, months),
        "blocks": figures.blocks(billing.year_blocks(customer.account_id)),
        "total_wh": sum(month.wh for month in billed),
        "total_amount": sum(month.amount for month in billed),
        "days": sum(month.days for month in billed),
        "day_wh": _a_day(sum(month.wh for month in billed), sum(month.days for month in billed)),
        "estimated": sum(1 for month in billed if month.estimated),
        "by_hour": bool(metering.interval_months(customer.account_id)),
    }
    return page(request, customer, "portal/use.html", context, place="use")


def _year(billed: list[billing.MonthUse], months: figures.Months) -> dict[str, int] | None:
    """The last twelve months beside the twelve before, over the months that both have; None with fewer than three."""
    pairs = [(month, months.before[month.period]) for month in billed[-12:] if month.period in months.before]
    if len(pairs) < 3:
        return None
    wh = sum(now.wh - before.wh for now, before in pairs)
    amount = sum(now.amount - before.amount for now, before in pairs)
    return {"months": len(pairs), "wh": wh, "less_wh": -wh, "amount": amount}


def _a_day(wh: int, days: int) -> int:
    """Use of a day, in hundreds of watt-hours: finer would only pretend."""
    return wh // max(1, days) // 100 * 100


@require_safe
@customer_page
def registers(request: HttpRequest, customer: SignedIn) -> HttpResponse:
    """What each register showed, month by month (表码)."""
    months = _months(request)
    values = metering.register_values(customer.account_id, months)
    groups: dict[tuple[int, date, str], list[dict[str, Any]]] = {}
    for value in values:
        row = {"value": value, "name": figures.register_name(value.tou), "kind": figures.reading_kind(value.kind)}
        groups.setdefault((value.period, value.read_on, value.serial), []).append(row)
    rows = [
        {"period": period, "read_on": read_on, "serial": serial, "kind": group[0]["kind"], "values": group}
        for (period, read_on, serial), group in groups.items()
    ]
    context = {"months": months, "spans": SPANS, "rows": rows}
    return page(request, customer, "portal/registers.html", context, place="use")


@require_safe
@customer_page
def hours(request: HttpRequest, customer: SignedIn) -> HttpResponse:
    """A month by the hour: a map of days × hours, and the curve of the day that is asked for, or the highest one."""
    months = metering.interval_months(customer.account_id)
    asked = request.GET.get("month", "")
    month = int(asked) if asked.isascii() and asked.isdigit() and int(asked) in months else next(iter(months), 0)
    days = metering.hours_of_account(customer.account_id, month) if month else []
    chosen = next((day for day in days if day.day.isoformat() == request.GET.get("day")), None)
    chosen = chosen or max(days, key=lambda day: day.wh_total, default=None)
    context = {
        "all_months": months,
        "month": month,
        "rows": by_hour.heat_map(days),
        "hours": range(by_hour.HOURS),
        "levels": range(1, by_hour.LEVELS + 1),
        "chosen": chosen,
        "curve": by_hour.day_curve(chosen, language_of_reader()) if chosen else None,
        "typical": _typical(by_hour.typical(days)),
        "total_wh": sum(day.wh_total for day in days),
    }
    return page(request, customer, "portal/hours.html", context, place="use")


def _typical(found: tuple[int, int] | None) -> dict[str, str | int] | None:
    return None if found is None else {"span": f"{found[0]:02}:00–{found[0] + 3:02}:00", "share": found[1]}
