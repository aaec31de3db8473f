"""Cash from the tills to the bank: what lies in the house, the bank's slip, and a second person where they differ."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from gridhall.doors.office import forms, staff, words
from gridhall.doors.office.rail import screen
from gridhall.kernel import clock
from gridhall.kernel.access import Actor
from gridhall.payments import public as payments

SHOWN = 50


@staff.desk("tills.all")
def banking(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Cash of closed tills still in the house, unit by unit, with the form for the bank's slip; what was banked."""
    units = staff.unit_ids_of(actor)
    waiting = payments.cash_to_bank(units)
    unit_id = _unit(request.POST.get("unit") or request.GET.get("unit", ""), [row.unit_id for row in waiting])
    here = [row for row in waiting if row.unit_id == unit_id]
    marked = {int(text) for text in request.POST.getlist("session") if text.isascii() and text.isdecimal()}
    chosen = [row for row in here if row.session_id in marked] if request.method == "POST" else here
    counted = sum(row.cash for row in chosen)
    first = {"amount": counted if counted > 0 else None, "banked_on": clock.today()}
    form = forms.BankingForm(request.POST or None, initial=first)
    if request.method == "POST" and form.is_valid():
        return _bank(request, actor, [row.session_id for row in chosen], form.cleaned_data)
    names = words.unit_names()
    clerks = staff.names_of(row.clerk_id for row in here)
    done = payments.bankings(units, limit=SHOWN)
    shown = {
        "rows": [{"it": row, "clerk": clerks.get(row.clerk_id, "")} for row in here],
        "marked": {row.session_id for row in chosen},
        "unit_id": unit_id,
        "units": _by_unit(waiting, names),
        "counted": counted,
        "form": form,
        "done": [
            {
                "it": row,
                "unit": names.get(row.unit_id, ""),
                "state": words.BANKING_STATES.get(row.state, row.state),
                "mine": row.state == "proposed" and row.made_by != actor.id,
            }
            for row in done
        ],
    }
    return screen(request, actor, "office/banking.html", shown, status=422 if form.errors else 200)


def _unit(text: str, units: list[int]) -> int:
    """The unit asked for, or the first that has cash in the house."""
    wanted = int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0
    return wanted if wanted in units else units[0] if units else 0


def _by_unit(waiting: list[payments.ToBank], names: dict[int, str]) -> list[dict[str, Any]]:
    sums: dict[int, int] = {}
    for row in waiting:
        sums[row.unit_id] = sums.get(row.unit_id, 0) + row.cash
    return [{"id": unit, "name": names.get(unit, ""), "cash": cash} for unit, cash in sums.items()]


def _bank(request: HttpRequest, actor: Actor, sessions: list[int], given: dict[str, Any]) -> HttpResponseBase:
    on: date | None = given["banked_on"]
    done = payments.bank_cash(actor, sessions, given["amount"], given["slip"], on, given["note"])
    if done.state == "proposed":
        messages.warning(request, _("The slip differs from the count: it is booked when a second person agrees."))
    else:
        messages.success(request, _("Booked: the cash is at the bank."))
    return redirect("office:banking")


@require_POST
@staff.desk("tills.all")
def banking_decide(request: HttpRequest, actor: Actor, banking_id: int) -> HttpResponseBase:
    """A second person's word on a slip that differs from the count."""
    approve = request.POST.get("word") == "approve"
    payments.decide_banking(actor, banking_id, approve=approve, reason=request.POST.get("reason", ""))
    messages.success(request, _("Booked with the difference.") if approve else _("Declined: the cash is to be banked."))
    return redirect("office:banking")
