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
from gridhall.ledger.public import ITEM_BILL, ITEM_LATE, ItemView

AHEAD_DAYS = 30
TABLE_DAYS = (0, 1, 2, 3, 7, 14, 21, 30)


@dataclass(frozen=True)
class Growth:
    """An open bill: rows of (day, late charge to pay by then, to pay for this bill then), and their picture.

    `charged`: late charge that was charged with a payment and is still open; `today`: with what has arisen since. The
    sum of `today` over the bills is the late charge that home, the payment page and the counter say.
    """

    item: ItemView
    rows: tuple[tuple[date, int, int], ...]
    chart: charts.LineChart | None
    charged: int
    today: int


@dataclass(frozen=True)
class Left:
    """Late charge of a bill that is itself paid."""

    period: int
    open: int


@require_safe
@customer_page
def late_charge(request: HttpRequest, customer: SignedIn) -> HttpResponse:
    """The late charge of every open bill as it stands and grows; the terms even where nothing is owed."""
    today = clock.today()
    owed = ledger.owed(customer.account_id, clock.now())
    bills = [item for item in owed.items if item.kind == ITEM_BILL]
    charged = _charged(owed.items)
    terms = ledger.late_terms(customer.class_code, bills[0].due_on if bills else today)
    context = {
        "owed": owed,
        "growths": [_growth(item, charged.pop(_key(item), 0), customer.class_code, today) for item in bills],
        "left": [Left(period, left) for (period, _seq), left in sorted(charged.items())],
        "terms": terms,
        "rate_percent": formats.decimal(terms.rate, 4) if terms else "",
        "carried_percent": formats.decimal(terms.rate_carried, 4) if terms else "",
        "today": today,
    }
    return page(request, customer, "portal/late_charge.html", context, place="payments")


def _key(item: ItemView) -> tuple[int, int]:
    return item.period, item.bill_seq


def _charged(items: tuple[ItemView, ...]) -> dict[tuple[int, int], int]:
    """Late charge that is charged and open, by the bill that it is of."""
    sums: dict[tuple[int, int], int] = {}
    for item in items:
        if item.kind == ITEM_LATE:
            sums[_key(item)] = sums.get(_key(item), 0) + item.open
    return sums


def _growth(item: ItemView, charged: int, class_code: int, today: date) -> Growth:
    last = max(today, item.due_on) + timedelta(days=AHEAD_DAYS)
    # what was charged before and is paid is no longer to pay
    by_day = {day: late - item.late_charged + charged for day, late in ledger.late_by_day(item, class_code, last)}
    start = max(today, item.due_on)
    days = [start + timedelta(days=days) for days in TABLE_DAYS]
    rows = tuple((on, by_day.get(on, charged), item.open + by_day.get(on, charged)) for on in days)
    return Growth(item, rows, _chart(by_day, today), charged, by_day.get(today, charged))


def _chart(by_day: dict[date, int], today: date) -> charts.LineChart | None:
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
