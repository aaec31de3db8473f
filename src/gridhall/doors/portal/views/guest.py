"""Paying without signing in, for oneself or for somebody else: a customer number, and no word about whose it is.

What is due is shown to whoever knows the last bill's amount; to others only how to pay an amount of their own. The
answer to a number that does not exist is the same, in content and in time, until somebody wants to pay for it.
"""

from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from gridhall.billing import public as billing
from gridhall.customers import public as customers
from gridhall.doors.portal import due, limits, pace, ways
from gridhall.doors.portal.forms import GuestForm, PayForm, show_refusal
from gridhall.doors.portal.shell import language_of_reader
from gridhall.doors.portal.views.pay import look_at, waiting
from gridhall.kernel import clock
from gridhall.kernel.access import system
from gridhall.kernel.refusal import Refusal
from gridhall.payments import public as payments

KEY = "portal_guest"  # the number that is paid for, and the orders begun in this session
ORDERS_MOST = 5
KEPT_S = 3600
NOTHING = due.Due("clear", 0, 0, 0, 0, 0, None, 0, 0, 0, ())


@dataclass(frozen=True)
class Asked:
    """The number of this session; `knows`: the last bill's amount was given rightly."""

    number: str
    knows: bool


@never_cache
@require_http_methods(["GET", "POST"])
def guest(request: HttpRequest) -> HttpResponseBase:
    """Whose bill: the number, and the last bill's amount where the payer has it."""
    form = GuestForm(request.POST if request.method == "POST" else None, initial={"number": request.GET.get("number")})
    if request.method == "POST" and form.is_valid():
        try:
            limits.refuse_many(request, "guest")
        except Refusal as no:
            show_refusal(form, no, language_of_reader())
        else:
            limits.knock(request, "guest")
            with pace.steady():
                knows = _knows(form.cleaned_data["number"], form.cleaned_data["fact"])
            _remember(request, {"number": form.cleaned_data["number"], "knows": knows})
            return redirect("portal:guest_amount")
    return render(request, "portal/guest.html", {"form": form}, status=400 if form.errors else 200)


def _knows(number: str, fact: int | None) -> bool:
    """Whether somebody knows the amount of the last bill. A few wrong ones for a number, and no more are heard for an
    hour."""
    if fact is None or not limits.may_guess(number):
        return False
    account = customers.account_by_number(number)
    last = billing.bills_of(account.account_id, 1, number) if account else []
    if last and last[0].amount == fact:
        return True
    limits.wrong_guess(number)
    return False


@never_cache
@require_http_methods(["GET", "POST"])
def amount(request: HttpRequest) -> HttpResponseBase:
    """How much to pay, and by which way. Sending it begins an order."""
    asked = _asked(request)
    if asked is None:
        return redirect("portal:guest")
    account = customers.account_by_number(asked.number)
    standing = NOTHING
    if asked.knows and account is not None:
        standing = due.read(account.account_id, account.class_code, clock.now())
    form = PayForm(
        request.POST if request.method == "POST" else None, total=standing.total, overdue=standing.overdue,
        ways=ways.choices(), initial={"which": "all" if standing.total else "other"},
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        try:
            begun = _begin(request, account, form)
        except Refusal as no:
            show_refusal(form, no, language_of_reader())
        else:
            held = request.session[KEY]
            orders = [[begun.order_no, begun.redirect_url, asked.number], *held.get("orders", [])]
            _remember(request, held | {"orders": orders[:ORDERS_MOST]})
            return redirect("portal:guest_order", order_no=begun.order_no)
    context = {"form": form, "asked": asked, "due": standing, "chosen": form["which"].value()}
    return render(request, "portal/guest_amount.html", context, status=400 if form.errors else 200)


def _begin(request: HttpRequest, account: customers.AccountView | None, form: PayForm) -> payments.OnlineBegun:
    """Begin an order. Refuses too_many, unknown_account (only now, and slowly), and what `begin_online` refuses."""
    limits.refuse_many(request, "guest")
    limits.knock(request, "guest")
    with pace.steady():
        if account is None:
            english, chinese = payments.REFUSAL_WORDS["unknown_account"]
            raise Refusal("unknown_account", english, chinese)
        return payments.begin_online(
            system("guest"), account.account_id, form.cleaned_data["amount_minor"],
            gateway_name=form.cleaned_data["way"], language=language_of_reader(),
            return_path=reverse("portal:guest_return"), device=ways.device(request), caller=ways.caller(request),
        )  # fmt: skip


@never_cache
@require_safe
def order(request: HttpRequest, order_no: str) -> HttpResponseBase:
    """An order that was begun in this session: the way to pay it, or that it is paid. Nothing else of the account."""
    view, address, number = _mine(request, order_no)
    context = {"order": view, "number": number, **waiting(request, view, address)}
    return render(request, "portal/guest_order.html", context)


@never_cache
@require_safe
def come_back(request: HttpRequest) -> HttpResponseBase:
    """Where the gateway sends the payer. The gateway itself is asked about the order."""
    view, *_ = _mine(request, request.GET.get("order", ""))
    return redirect(reverse("portal:guest_order", args=[view.order_no]) + look_at(request, view))


def _asked(request: HttpRequest) -> Asked | None:
    held = request.session.get(KEY)
    return Asked(held["number"], bool(held["knows"])) if held else None


def _remember(request: HttpRequest, held: dict[str, object]) -> None:
    """Keep what was asked for an hour; who is signed in besides stays so, for as long as before."""
    before = request.session.get(KEY) or {}
    request.session[KEY] = {"orders": before.get("orders", []), **held}
    if "portal" not in request.session:
        request.session.set_expiry(KEPT_S)


def _mine(request: HttpRequest, order_no: str) -> tuple[payments.OrderView, str, str]:
    """An order of this session, its address at the gateway and the customer number; 404 for any other."""
    held = request.session.get(KEY) or {}
    for begun, address, number in held.get("orders", []):
        if begun == order_no:
            return payments.order(order_no), address, number
    raise Http404(gettext("There is no such order here."))
