"""The first page: what is due and by when, the blocks of the year, the months, and who answers for this area."""

from django.http import HttpRequest, HttpResponse

from gridhall.billing import public as billing
from gridhall.doors.look import context as look
from gridhall.doors.portal import due, figures
from gridhall.doors.portal.session import SignedIn, customer_page
from gridhall.doors.portal.shell import language_of_reader, page
from gridhall.doors.portal.views.sign_in import GREET
from gridhall.kernel import clock
from gridhall.payments import public as payments
from gridhall.territory import public as territory

MONTHS = 13


@customer_page
def home(request: HttpRequest, customer: SignedIn) -> HttpResponse:
    """What is due, and the year so far."""
    today = clock.today()
    newest = billing.bills_of(customer.account_id, 1, customer.number)
    history = billing.months_of(customer.account_id, newest[0].period, MONTHS + 12) if newest else []
    months = figures.months(history, MONTHS)
    language = language_of_reader()
    context = {
        "due": due.read(customer.account_id, customer.class_code, clock.now()),
        "plan": payments.plan_kept(customer.account_id),
        "newest": newest[0] if newest else None,
        "blocks": figures.blocks(billing.year_blocks(customer.account_id)),
        "chart": figures.use_chart(months, language) if months.shown else None,
        "change": figures.change(months),
        "year_change": figures.year_change(months),
        "station": territory.station_of_area(customer.area_id),
        "responsible": territory.responsible(customer.area_id, today),
        "hints": look.hints(request),
        "greet": request.session.pop(GREET, False),
    }
    return page(request, customer, "portal/home.html", context, place="home")
