"""How late-payment charges arise: the terms, each overdue bill day by day, and what waiting costs."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from gridhall.doors.look import charts, formats
from gridhall.doors.portal.session import SignedIn, customer_page
from gridhall.doors.portal.shell import language_of_reader, page
from gridhall.kernel import clock
from gridhall.ledger import public as ledger
from gridhall.ledger.public import ITEM_BILL, ItemView

AHEAD_DAYS = 30
TABLE_DAYS = (0, 1, 2, 3, 7, 14, 21, 30)


@dataclass(frozen=True)
class Growth:
    """An open bill: rows of (day, late charge in all by then, to pay for this bill then), and their picture."""

    item: ItemView
    rows: tuple[tuple[date, int, int], ...]
    chart: charts.LineChart | None
    today: int


@require_safe
@customer_page
def late_charge(request: HttpRequest, customer: SignedIn) -> HttpResponse:
    """The late charge of every open bill as it stands and grows; the terms even where nothing is owed."""
    today = clock.today()
    owed = ledger.owed(customer.account_id, clock.now())
    bills = [item for item in owed.items if item.kind == ITEM_BILL]
    terms = ledger.late_terms(customer.class_code, bills[0].due_on if bills else today)
    context = {
        "owed": owed,
        "growths": [_growth(item, customer.class_code, today) for item in bills],
        "terms": terms,
        "rate_percent": formats.decimal(terms.rate, 4) if terms else "",
        "carried_percent": formats.decimal(terms.rate_carried, 4) if terms else "",
        "today": today,
    }
    return page(request, customer, "portal/late_charge.html", context, place="payments")


def _growth(item: ItemView, class_code: int, today: date) -> Growth:
    last = max(today, item.due_on) + timedelta(days=AHEAD_DAYS)
    by_day = dict(ledger.late_by_day(item, class_code, last))
    start = max(today, item.due_on)
    rows = tuple(
        (on, by_day.get(on, item.late_charged), item.open + by_day.get(on, item.late_charged) - item.late_charged)
        for on in (start + timedelta(days=days) for days in TABLE_DAYS)
    )
    return Growth(item, rows, _chart(item, by_day, today), by_day.get(today, item.late_charged))


def _chart(item: ItemView, by_day: dict[date, int], today: date) -> charts.LineChart | None:
    """A point a week, and today; None where no late charge can arise."""
    if not any(by_day.values()):
        return None
    language = language_of_reader()
    days = sorted(by_day)
    chosen = [day for day in days if (day - days[0]).days % 7 == 0 or day in (today, days[-1])]
    points = []
    for place, day in enumerate(chosen):
        said = formats.day_short(day, language)
        label = gettext("today") if day == today else said if place in (0, len(chosen) - 1) else ""
        points.append(charts.Point(day.toordinal(), by_day[day], label, f"{said}: {_money(by_day[day])}"))
    title = gettext("Late charge by the day of payment")
    return charts.line(title, "", "bad", points, _money)


def _money(minor: int) -> str:
    return formats.money(minor, settings.CURRENCY_DECIMALS)
