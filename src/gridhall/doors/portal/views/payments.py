"""Payments and their receipts."""

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from gridhall.billing.document.render import render_receipt
from gridhall.customers import public as customers
from gridhall.doors.look import receipts
from gridhall.doors.portal import due
from gridhall.doors.portal.session import SignedIn, customer_page
from gridhall.doors.portal.shell import language_of_reader, page
from gridhall.kernel import clock
from gridhall.kernel.refusal import Refusal
from gridhall.payments import public as money

A_PAGE = 24


@require_safe
@customer_page
def payments(request: HttpRequest, customer: SignedIn) -> HttpResponse:
    """Everything paid, the newest first, and what is owed now."""
    shown = Paginator(money.payments_of(customer.account_id), A_PAGE).get_page(request.GET.get("page"))
    rows = [
        {
            "payment": each,
            "door": receipts.door_name(each.door),
            "method": receipts.method_name(each.method),
            "reversed": bool(each.reversed_by),
        }
        for each in shown
    ]
    context = {"rows": rows, "page": shown, "due": due.read(customer.account_id, customer.class_code, clock.now())}
    return page(request, customer, "portal/payments.html", context, place="payments")


@require_safe
@customer_page
def receipt(request: HttpRequest, customer: SignedIn, number: int) -> HttpResponse:
    """One payment: what it paid, what was left."""
    view = _receipt(customer, number)
    context = {
        "receipt": view,
        "door": receipts.door_name(view.payment.door),
        "method": receipts.method_name(view.payment.method),
        "lines": [(receipts.item_name(item), item) for item in view.paid],
        "thanks": request.GET.get("thanks") == "1",
        "credit_name": gettext("Kept as credit for the next bill"),
    }
    return page(request, customer, "portal/receipt.html", context, place="payments")


@require_safe
@customer_page
def receipt_document(request: HttpRequest, customer: SignedIn, number: int) -> HttpResponse:
    """The receipt as a PDF in the reader's language."""
    view = _receipt(customer, number)
    account = customers.account(customer.account_id)
    if account is None:
        raise Http404
    pdf = render_receipt(receipts.document(view, account, language_of_reader()))
    answer = HttpResponse(pdf, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="receipt-{customer.number}-{number}.pdf"'
    return answer


def _receipt(customer: SignedIn, number: int) -> money.ReceiptView:
    try:
        return money.receipt(customer.account_id, number)
    except Refusal as missing:
        raise Http404 from missing
