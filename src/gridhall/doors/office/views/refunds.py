"""Refunds of online payments: asked for at the payment, decided here by another, done by the bank."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from gridhall.customers import public as customers
from gridhall.doors.office import forms, staff, words
from gridhall.doors.office.rail import screen
from gridhall.doors.office.views.customers import account_for
from gridhall.kernel.access import Actor
from gridhall.payments import public as payments


@staff.desk("payments.reverse", "refunds.approve")
def refunds(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Refunds of one's units, those that wait for a word first."""
    found = sorted(payments.refunds(staff.unit_ids_of(actor)), key=lambda each: each.state != "asked")
    accounts = customers.accounts({each.account_id for each in found})
    rows = [
        {
            "it": each,
            "account": accounts.get(each.account_id),
            "state": words.REFUND_STATES.get(each.state, each.state),
            "tag": words.REFUND_TAGS.get(each.state, ""),
            "said": words.GATEWAY_SAID[each.said] if each.said in words.GATEWAY_SAID else words.refused(each.said),
            "mine": each.state == "asked" and actor.may("refunds.approve") and each.asked_by != actor.id,
        }
        for each in found
        if each.account_id in accounts
    ]
    return screen(request, actor, "office/refunds.html", {"rows": rows})


@require_POST
@staff.desk("payments.reverse")
def refund_ask(request: HttpRequest, actor: Actor, account_id: int, payment_no: int) -> HttpResponseBase:
    """Ask that an online payment be given back."""
    account_for(actor, account_id)
    form = forms.ReasonForm(request.POST)
    if form.is_valid():
        payments.ask_refund(actor, account_id, payment_no, form.cleaned_data["reason"])
        messages.success(request, _("Asked for: the money goes back when a second person agrees."))
    else:
        messages.error(request, _("A reason is needed."))
    return redirect("office:counter_taken", account_id, payment_no)


@require_POST
@staff.desk("refunds.approve")
def refund_decide(request: HttpRequest, actor: Actor, refund_no: str) -> HttpResponseBase:
    """A second person's word; agreed, the bank is asked at once."""
    approve = request.POST.get("word") == "approve"
    done = payments.decide_refund(actor, refund_no, approve=approve, reason=request.POST.get("reason", ""))
    if done.state == "booked":
        messages.success(request, _("The bank gave the money back; it is booked."))
    elif done.state == "approved":
        messages.warning(request, _("The bank has not answered; it is asked again by itself. Nothing is booked yet."))
    elif done.state == "failed":
        messages.error(request, _("The bank does not give the money back; nothing was booked."))
    else:
        messages.success(request, _("Declined."))
    return redirect("office:refunds")
