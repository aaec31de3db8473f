"""Paying: how much, on to the bank, back again; and the bank's own call."""

import logging

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from gridhall.debits import public as debits
from gridhall.doors.portal import due, ways
from gridhall.doors.portal.forms import PayForm, show_refusal
from gridhall.doors.portal.session import SignedIn, customer_page
from gridhall.doors.portal.shell import language_of_reader, page
from gridhall.kernel import clock
from gridhall.kernel.refusal import Refusal
from gridhall.payments import public as payments

log = logging.getLogger(__name__)

CALLBACK_BYTES_MOST = 16 * 1024
LOOKS_MOST = 20  # after so many looks the page no longer looks by itself
BEGUN = "portal_begun"  # the newest order of this session and the bank's address for it


@require_http_methods(["GET", "POST"])
@customer_page
def pay(request: HttpRequest, customer: SignedIn) -> HttpResponseBase:
    """How much to pay. Sending it begins an order at the gateway; nothing is booked until the bank says so."""
    standing = due.read(customer.account_id, customer.class_code, clock.now())
    form = PayForm(
        request.POST if request.method == "POST" else None,
        total=standing.total,
        overdue=standing.overdue,
        ways=ways.choices(),
        initial={"which": "all" if standing.total else "other"},
    )
    if request.method == "POST" and form.is_valid():
        try:
            begun = payments.begin_online(
                customer.actor,
                customer.account_id,
                form.cleaned_data["amount_minor"],
                gateway_name=form.cleaned_data["way"],
                device=ways.device(request),
                caller=ways.caller(request),
                language=language_of_reader(),
                return_path=reverse("portal:pay_return"),
            )
        except Refusal as refusal:
            show_refusal(form, refusal, language_of_reader())
        else:
            request.session[BEGUN] = {"order": begun.order_no, "address": begun.redirect_url}
            return redirect("portal:pay_order", order_no=begun.order_no)
    chosen = form["which"].value()
    context = {
        "due": standing, "form": form, "chosen": chosen, "debits": debits.debits_under_way(customer.account_id),
    }  # fmt: skip
    return page(request, customer, "portal/pay.html", context, place="payments", status=400 if form.errors else 200)


@require_safe
@customer_page
def order(request: HttpRequest, customer: SignedIn, order_no: str) -> HttpResponseBase:
    """An order of this customer: the way to the bank while it is begun; its receipt once it is paid."""
    view = _order(customer, order_no)
    if view.state == "paid" and view.payment_no:
        return redirect(reverse("portal:receipt", args=[view.payment_no]) + "?thanks=1")
    begun = request.session.get(BEGUN) or {}
    address = begun.get("address", "") if begun.get("order") == view.order_no else ""
    context = {"order": view, **waiting(request, view, address)}
    return page(request, customer, "portal/order.html", context, place="payments")


def waiting(request: HttpRequest, view: payments.OrderView, address: str) -> dict[str, object]:
    """What a page says of an order until it is known how it ended. The page of a code looks from the beginning, since
    the customer pays at another device."""
    code = ways.code(address) if view.state == "begun" else None
    looks = min(int(request.GET.get("look", "0")) if request.GET.get("look", "0").isdecimal() else 0, LOOKS_MOST)
    going = looks > 0 or code is not None
    return {
        "address": address,
        "code": code,
        "looks": looks,
        "again": looks + 1 if going and looks < LOOKS_MOST and view.state == "begun" else 0,
    }


@require_safe
@customer_page
def come_back(request: HttpRequest, customer: SignedIn) -> HttpResponseBase:
    """Where the bank sends the customer. What is said here proves nothing: the bank itself is asked about the order."""
    view = _order(customer, request.GET.get("order", ""))
    return redirect(reverse("portal:pay_order", args=[view.order_no]) + look_at(request, view))


def look_at(request: HttpRequest, view: payments.OrderView) -> str:
    """Ask the gateway about an order that is not known to have ended; how often the page has looked, as a query."""
    if view.state == "begun":
        try:
            payments.resolve_order(view.order_no)
        except Refusal as refusal:
            # the page says that we wait; the call-back or the regular query will book it
            log.warning("order %s: %s", view.order_no, refusal.code)
    look = request.GET.get("look", "1")
    return f"?look={look if look.isdecimal() else 1}"


@csrf_exempt
@require_POST
def notify(request: HttpRequest, gateway: str) -> HttpResponse:
    """A gateway's call: signed, so no session and no CSRF token. Tampered ones are refused, repeated ones absorbed."""
    if int(request.META.get("CONTENT_LENGTH") or 0) > CALLBACK_BYTES_MOST:
        return HttpResponse(status=413)
    try:
        answer = payments.notify(gateway, dict(request.headers), request.body)
    except Refusal as refusal:
        return HttpResponse(refusal.code, status=404, content_type="text/plain")
    return HttpResponse(answer.body, status=answer.status, content_type=answer.content_type)


def _order(customer: SignedIn, order_no: str) -> payments.OrderView:
    try:
        view = payments.order(order_no)
    except Refusal as missing:
        raise Http404 from missing
    if view.account_id != customer.account_id:
        raise Http404
    return view
