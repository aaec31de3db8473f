"""Cheques: in the drawers, at the bank, paid or returned."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from gridhall.customers import public as customers
from gridhall.doors.office import lists, staff, words
from gridhall.doors.office.rail import screen
from gridhall.kernel.access import Actor
from gridhall.payments import public as payments

SHOWN = 200
OPEN = ("held", "presented")


@staff.desk("tills.own", "tills.all")
def cheques(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Cheques of one's units (a clerk: of one's own till today), those at no end first."""
    everyone = actor.may("tills.all")
    if everyone:
        found = payments.cheques(staff.unit_ids_of(actor), limit=SHOWN)
    else:
        session = payments.till_session_of(actor.id)
        found = payments.cheques(session_id=session.id, limit=SHOWN) if session else []
    found.sort(key=lambda each: (each.state not in OPEN, each.state != "held", -each.id))
    accounts = customers.account_heads({each.account_id for each in found})
    names = words.unit_names()
    rows = [
        {
            "it": each,
            "account": accounts.get(each.account_id),
            "unit": names.get(each.unit_id, ""),
            "state": words.CHEQUE_STATES.get(each.state, each.state),
            "tag": words.CHEQUE_TAGS.get(each.state, ""),
            "open": each.state in OPEN,
        }
        for each in found
    ]
    if request.GET.get("as") == "csv":
        return _csv(rows)
    sums = {state: sum(each.amount for each in found if each.state == state) for state in OPEN}
    shown = {"rows": rows, "everyone": everyone, "sums": sums, "any_open": any(row["open"] for row in rows)}
    return screen(request, actor, "office/cheques.html", shown)


def _csv(rows: list[dict[str, Any]]) -> HttpResponseBase:
    heading = [_("Bank"), _("Cheque number"), _("Drawer"), _("Dated"), _("Customer number"), _("Amount"), _("State")]
    return lists.csv_file(
        "cheques",
        heading,
        (
            (
                row["it"].bank, row["it"].number, row["it"].drawer, row["it"].dated_on,
                row["account"].number if row["account"] else "", lists.plain_amount(row["it"].amount), row["state"],
            )
            for row in rows
        ),
    )  # fmt: skip


@require_POST
@staff.desk("tills.all")
def cheques_act(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """What became of the marked cheques: brought to the bank, paid by it, or returned."""
    marked = [int(text) for text in request.POST.getlist("cheque") if text.isascii() and text.isdecimal()]
    word, said = request.POST.get("word", ""), request.POST.get("said", "")
    if word == "present":
        payments.present_cheques(actor, marked, said)
        messages.success(request, _("Entered: the cheques are at the bank."))
    elif word == "clear":
        payments.clear_cheques(actor, marked)
        messages.success(request, _("Booked: the bank has paid."))
    elif word == "return":
        for each in marked:
            payments.return_cheque(actor, each, said)
        messages.warning(request, _("Returned: the bills are open again, the fee is charged."))
    return redirect("office:cheques")
