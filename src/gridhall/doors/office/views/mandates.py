"""Mandates: those that wait for a word, and those of one customer with the paper form."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from gridhall.customers import public as customers
from gridhall.debits import public as debits
from gridhall.doors.office import debit_forms, debit_words, staff
from gridhall.doors.office.rail import screen
from gridhall.doors.office.views.customers import account_for, head_of
from gridhall.kernel.access import Actor


@staff.desk("mandates.take", "mandates.confirm")
def mandates(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Mandates that wait for the bank or for us."""
    found = debits.mandates_waiting(actor)
    people = customers.accounts(row.account_id for row in found)
    rows = [{**_shown(actor, row), "who": people[row.account_id]} for row in found]
    return screen(request, actor, "office/mandates.html", {"rows": rows})


def _shown(actor: Actor, row: debits.MandateView) -> dict[str, Any]:
    moves = [move for move in debits.moves_of(row.state, "staff") if actor.may(debits.permission_for(move))]
    return {
        "it": row, "state": debit_words.MANDATE_STATES[row.state], "tag": debit_words.MANDATE_TAGS[row.state],
        "bank": row.bank_zh if staff.language() == "zh" else row.bank_en,
        "signed": debit_words.SIGNED_AT[row.signed_at_door],
        "moves": [{"move": move, "name": debit_words.MOVES[move], "low": move in ("end", "suspend")} for move in moves],
    }  # fmt: skip


@sensitive_post_parameters("number")
@staff.desk("mandates.take", "mandates.confirm", "debits.see")
def customer_mandate(request: HttpRequest, actor: Actor, account_id: int) -> HttpResponseBase:
    """A customer's mandate with its moves, the form for a new one, and the debits so far."""
    view = account_for(actor, account_id)
    form = debit_forms.MandateForm(
        request.POST or None,
        banks=[(bank.id, bank.name_zh if staff.language() == "zh" else bank.name_en) for bank in debits.banks()],
        initial={"holder": view.name},
    )
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        debits.sign(
            actor,
            debits.NewMandate(
                account_id, given["bank"], given["holder"], given["number"], given["at"], given["signed_on"],
                given["limit"] or 0, given["preferred_day"] or 0,
            ),
        )  # fmt: skip
        messages.success(request, _("The mandate is entered. It is used when the bank has confirmed it."))
        return redirect("office:customer_mandate", account_id)
    every = debits.mandates_of(account_id)
    shown = head_of(view) | {
        "part": "mandate", "form": form,
        "mandate": next((_shown(actor, row) for row in every if row.state != "ended"), None),
        "ended": [_shown(actor, row) for row in every if row.state == "ended"],
        "rows": [
            {
                "it": row, "state": debit_words.STATES[row.state], "tag": debit_words.STATE_TAGS[row.state],
                "outcome": debit_words.OUTCOMES.get(row.outcome, ""),
            }
            for row in debits.debits_of(account_id, 24)
        ],
    }  # fmt: skip
    return screen(request, actor, "office/customer_mandate.html", shown, status=422 if form.errors else 200)


@require_POST
@staff.desk("mandates.take", "mandates.confirm")
def mandate_move(request: HttpRequest, actor: Actor, mandate_id: int) -> HttpResponseBase:
    """One step of a mandate's life."""
    done = debits.move(actor, mandate_id, request.POST.get("move", ""), request.POST.get("reason", ""))
    messages.success(request, str(debit_words.MANDATE_STATES[done.state]))
    return redirect("office:customer_mandate", done.account_id)
