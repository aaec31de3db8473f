"""Paying: how much, on to the bank, back again; and the bank's own call."""

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from gridhall.doors.portal import due
from gridhall.doors.portal.forms import PayForm, show_refusal
from gridhall.doors.portal.session import SignedIn, customer_page
from gridhall.doors.portal.shell import language_of_reader, page
from gridhall.kernel import clock
from gridhall.kernel.refusal import Refusal
from gridhall.payments import public as payments

CALLBACK_BYTES_MOST = 16 * 1024


@require_http_methods(["GET", "POST"])
@customer_page
def pay(request: HttpRequest, customer: SignedIn) -> HttpResponseBase:
    """How much to pay. Sending it begins an order at the gateway; nothing is booked until the bank says so."""
    standing = due.read(customer.account_id, clock.now())
    form = PayForm(
        request.POST or None,
        total=standing.total,
        overdue=standing.overdue,
        initial={"which": "all" if standing.total else "other"},
    )
    if request.method == "POST" and form.is_valid():
        try:
            begun = payments.begin_online(customer.actor, customer.account_id, form.cleaned_data["amount_minor"])
        except Refusal as refusal:
            show_refusal(form, refusal, language_of_reader())
        else:
            return redirect("portal:pay_order", order_no=begun.order_no)
    chosen = form["which"].value()
    context = {"due": standing, "form": form, "chosen": chosen}
    return page(request, customer, "portal/pay.html", context, place="payments", status=400 if form.errors else 200)


@require_safe
@customer_page
def order(request: HttpRequest, customer: SignedIn, order_no: str) -> HttpResponseBase:
    """An order of this customer: the way to the bank while it is begun; its receipt once it is paid."""
    view = _order(customer, order_no)
    if view.state == "paid" and view.payment_no:
        return redirect(reverse("portal:receipt", args=[view.payment_no]) + "?thanks=1")
    context = {"order": view, "address": payments.order_address(view.order_no), "waiting": "back" in request.GET}
    return page(request, customer, "portal/order.html", context, place="payments")


@require_safe
@customer_page
def come_back(request: HttpRequest, customer: SignedIn) -> HttpResponseBase:
    """Where the bank sends the customer. What it says here proves nothing: the order is asked for at the bank."""
    view = _order(customer, request.GET.get("order", ""))
    if view.state == "begun":
        payments.query_online(view.order_no)
    return redirect(reverse("portal:pay_order", args=[view.order_no]) + "?back=1")


@csrf_exempt
@require_POST
def sandbox_notify(request: HttpRequest) -> HttpResponse:
    """The bank's call: signed, so no session and no CSRF token. Tampered ones are refused, repeated ones absorbed."""
    if int(request.META.get("CONTENT_LENGTH") or 0) > CALLBACK_BYTES_MOST:
        return HttpResponse(status=413)
    try:
        payments.confirm_online(dict(request.headers), request.body)
    except Refusal as refusal:
        return HttpResponse(refusal.code, status=400, content_type="text/plain")
    return HttpResponse("ok", content_type="text/plain")


def _order(customer: SignedIn, order_no: str) -> payments.OrderView:
    view = payments.order(order_no)
    if view is None or view.account_id != customer.account_id:
        raise Http404
    return view
