"""Late charge of a customer: what has arisen, and the days on which none does (exemptions, disputes, agreements)."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from gridhall.customers import public as customers
from gridhall.doors.office import forms, staff, words
from gridhall.doors.office.rail import screen
from gridhall.doors.office.views.customers import account_for, head_of
from gridhall.kernel import clock
from gridhall.kernel.access import Actor
from gridhall.ledger import public as ledger

WHOLE_CLASS = "class"


@staff.desk("customers.see")
def late(request: HttpRequest, actor: Actor, account_id: int) -> HttpResponseBase:
    """What late charge has arisen on each open bill, who is exempted from when until when, and the form to exempt.

    Exempted is from tomorrow on at the earliest; a whole class by one who sees every unit alone.
    """
    view = account_for(actor, account_id)
    may = actor.may("bills.cancel") and actor.sees_unit(view.unit_id)
    form = _form(actor, view, request.POST or None) if may else None
    if request.method == "POST" and form is not None and form.is_valid():
        return _exempted(request, actor, view, form)
    shown = head_of(view) | {
        "part": "late", "owed": ledger.owed(account_id, clock.now()), "rows": _rows(actor, view, may), "form": form,
    }  # fmt: skip
    return screen(request, actor, "office/customer_late.html", shown, status=422 if form and form.errors else 200)


def _form(actor: Actor, view: customers.AccountView, given: Any) -> forms.ExemptionForm:
    kinds = [("account", _("this customer"))]
    if actor.everywhere and view.class_code in words.CLASSES:
        kinds.append((WHOLE_CLASS, _("every customer of the class: %s") % words.CLASSES[view.class_code]))
    return forms.ExemptionForm(given, kinds=kinds)


def _exempted(
    request: HttpRequest, actor: Actor, view: customers.AccountView, form: forms.ExemptionForm
) -> HttpResponseBase:
    given = form.cleaned_data
    whole = given["kind"] == WHOLE_CLASS
    last = given["last_day"]
    ledger.exempt(
        actor, given["since"], last + timedelta(days=1) if last else None, given["reason"],
        account_id=0 if whole else view.account_id, class_code=view.class_code if whole else 0,
    )  # fmt: skip
    messages.success(request, _("Exempted. What has arisen until then stays owed."))
    return redirect("office:customer_late", view.account_id)


def _rows(actor: Actor, view: customers.AccountView, may: bool) -> list[dict[str, Any]]:
    """What is not over yet. `ends`: this person may end it here (an agreement ends with itself)."""
    rows = []
    for each in ledger.exemptions(view.account_id, view.class_code):
        if each.plan_id:
            what = _("agreement to pay by parts")
        elif each.is_dispute:
            what = _("bill in dispute")
        else:
            what = _("this customer") if each.account_id else _("the whole class")
        ends = may and not each.plan_id and (bool(each.account_id) or actor.everywhere)
        rows.append({"it": each, "what": what, "ends": ends, "begun": each.since <= clock.today()})
    return rows


@require_POST
@staff.desk("bills.cancel")
def late_end(request: HttpRequest, actor: Actor, account_id: int, exemption_id: int) -> HttpResponseBase:
    """End an exemption or a dispute: late charge accrues again from tomorrow."""
    view = account_for(actor, account_id)
    shown_here = {each.id for each in ledger.exemptions(view.account_id, view.class_code)}
    if exemption_id in shown_here:
        ledger.end_exemption(actor, exemption_id, request.POST.get("reason", ""))
        messages.success(request, _("Ended: from tomorrow late charge accrues again."))
    else:
        messages.error(request, _("It is over already."))
    return redirect("office:customer_late", account_id)
