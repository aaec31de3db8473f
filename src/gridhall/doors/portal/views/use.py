"""Energy and cost by month, and the values of the registers behind them."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from gridhall.billing import public as billing
from gridhall.doors.portal import figures
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
    months = _months(request)
    newest = billing.bills_of(customer.account_id, 1, customer.number)
    history = (
        figures.from_first_bill(billing.months_of(customer.account_id, newest[0].period, months)) if newest else []
    )
    language = language_of_reader()
    billed = [month for month in history if month.days]
    context = {
        "months": months,
        "spans": SPANS,
        "history": history,
        "use_chart": figures.use_chart(history, language) if history else None,
        "cost_chart": figures.cost_chart(history, language) if history else None,
        "blocks": figures.blocks(billing.year_blocks(customer.account_id)),
        "total_wh": sum(month.wh for month in billed),
        "total_amount": sum(month.amount for month in billed),
        "days": sum(month.days for month in billed),
        "day_wh": _a_day(sum(month.wh for month in billed), sum(month.days for month in billed)),
        "estimated": sum(1 for month in billed if month.estimated),
    }
    return page(request, customer, "portal/use.html", context, place="use")


def _a_day(wh: int, days: int) -> int:
    """Use of a day, in tens of watt-hours: finer would only pretend."""
    return wh // max(1, days) // 10 * 10


@require_safe
@customer_page
def registers(request: HttpRequest, customer: SignedIn) -> HttpResponse:
    """What each register showed, month by month (表码)."""
    months = _months(request)
    values = metering.register_values(customer.account_id, months)
    rows = [
        {"value": value, "name": figures.register_name(value.tou), "kind": figures.reading_kind(value.kind)}
        for value in values
    ]
    context = {"months": months, "spans": SPANS, "rows": rows}
    return page(request, customer, "portal/registers.html", context, place="use")
