"""Paying by debit: the mandate, signed here with a code; the next debit; past ones, each with its itemised notice."""

import json
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from gridhall.customers import public as customers
from gridhall.debits import public as debits
from gridhall.doors.look import receipts
from gridhall.doors.portal import limits
from gridhall.doors.portal.debit_forms import MandateForm
from gridhall.doors.portal.forms import CodeForm, show_refusal
from gridhall.doors.portal.session import SignedIn, customer_page
from gridhall.doors.portal.shell import language_of_reader, page
from gridhall.kernel import clock, sealing
from gridhall.kernel.refusal import Refusal
from gridhall.payments import public as payments

ASKED = "portal_mandate"  # what is to be signed, sealed, until the code comes
PURPOSE = "portal.mandate"
SHOWN = 24
STATES: dict[int, Promise] = {
    debits.HELD: _("we ask you first"), debits.WAITING: _("planned"), debits.IN_FILE: _("planned"),
    debits.SENT: _("at the bank"), debits.DEBITED: _("debited"), debits.FAILED: _("not debited"),
    debits.UNKNOWN: _("being clarified"), debits.WITHDRAWN: _("not needed"),
}  # fmt: skip
TAGS = {debits.HELD: "lamp", debits.DEBITED: "good", debits.FAILED: "bad", debits.UNKNOWN: "lamp"}
REASONS: dict[str, Promise] = {
    "INSUFFICIENT": _("There was too little money in the account."),
    "NO_ACCOUNT": _("The bank knows no such account."), "CLOSED": _("The account is closed."),
    "FROZEN": _("The account is frozen."), "LOST": _("The card or book is reported lost."),
    "NAME_MISMATCH": _("The name of the holder differs at the bank."),
    "NO_MANDATE": _("The bank knows of no mandate."), "LIMIT": _("The amount is above the bank's limit."),
    "REFUSED": _("The debit was refused at your bank."),
}  # fmt: skip
MANDATE_STATES: dict[str, Promise] = {
    "signed": _("signed; the bank is asked"), "confirmed": _("the bank has confirmed"), "active": _("active"),
    "suspended": _("suspended"),
}  # fmt: skip
OTHER_REASON = _("The bank did not make the debit.")


@require_safe
@customer_page
def debit(request: HttpRequest, customer: SignedIn) -> HttpResponseBase:
    """The mandate, the next debit, and the past."""
    rows = [_shown(row) for row in debits.debits_of(customer.account_id, SHOWN)]
    mandate = debits.mandate_of(customer.account_id)
    context = {
        "mandate": mandate,
        "mandate_state": MANDATE_STATES[mandate.state] if mandate else "",
        "moves": debits.moves_of(mandate.state, "customer") if mandate else (),
        "next": [row for row in rows if row["open"]],
        "past": [row for row in rows if not row["open"]],
        "has_banks": bool(debits.banks()),
    }
    return page(request, customer, "portal/debit.html", context, place="payments")


def _shown(row: debits.DebitView) -> dict[str, Any]:
    why = REASONS.get(debits.OUTCOME_NAMES.get(row.outcome, ""), OTHER_REASON) if row.state == debits.FAILED else ""
    over = row.state in (debits.DEBITED, debits.FAILED, debits.WITHDRAWN)
    return {"it": row, "state": STATES[row.state], "tag": TAGS.get(row.state, "info"), "why": why, "open": not over}


def _bank_choices() -> list[tuple[int, str]]:
    return [(bank.id, bank.name_zh if language_of_reader() == "zh" else bank.name_en) for bank in debits.banks()]


@sensitive_post_parameters("number")
@require_http_methods(["GET", "POST"])
@customer_page
def sign(request: HttpRequest, customer: SignedIn) -> HttpResponseBase:
    """What is to be signed. Sent, it is kept sealed, and a code goes to the phone that we know."""
    form = MandateForm(request.POST or None, banks=_bank_choices(), initial={"holder": customer.name})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        asked = {
            "bank": given["bank"], "number": given["number"], "holder": given["holder"], "limit": form.limit_minor(),
            "preferred_day": given["preferred_day"] or 0,
        }  # fmt: skip
        try:
            debits.clean_number(given["number"])  # a wrong number is told before a code goes out, not after
            limits.refuse_many(request, "code")
            limits.knock(request, "code")
            customers.send_code(customer.number, clock.now(), customers.sender())
        except Refusal as refusal:
            show_refusal(form, refusal, language_of_reader())
        else:
            request.session[ASKED] = sealing.seal(PURPOSE, json.dumps(asked).encode())
            return redirect("portal:debit_confirm")
    context = {"form": form, "step": 1}
    return page(
        request, customer, "portal/debit_sign.html", context, place="payments", status=400 if form.errors else 200
    )


@require_http_methods(["GET", "POST"])
@customer_page
def confirm(request: HttpRequest, customer: SignedIn) -> HttpResponseBase:
    """The code that was sent signs the mandate."""
    kept = request.session.get(ASKED)
    if kept is None:
        return redirect("portal:debit_sign")
    asked = json.loads(sealing.unseal(PURPOSE, kept))
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _signed(request, customer, form, asked):
        del request.session[ASKED]
        messages.success(request, gettext("Signed. We tell you before the first debit, with amount and day."))
        return redirect("portal:debit")
    context = {"form": form, "step": 2, "asked": asked, "last_four": asked["number"].replace(" ", "")[-4:]}
    return page(
        request, customer, "portal/debit_sign.html", context, place="payments", status=400 if form.errors else 200
    )


def _signed(request: HttpRequest, customer: SignedIn, form: CodeForm, asked: dict[str, Any]) -> bool:
    """Check the code, then sign. False: the form says why."""
    try:
        limits.refuse_many(request, "failure")
        customers.check_code(customer.number, form.cleaned_data["code"], clock.now())
        new = debits.NewMandate(
            customer.account_id, asked["bank"], asked["holder"], asked["number"], "portal", clock.today(),
            asked["limit"], asked["preferred_day"],
        )  # fmt: skip
        debits.sign(customer.actor, new)
    except Refusal as refusal:
        if refusal.code == "code_wrong":
            limits.knock(request, "failure")
        show_refusal(form, refusal, language_of_reader())
        return False
    return True


@require_POST
@customer_page
def move(request: HttpRequest, customer: SignedIn) -> HttpResponseBase:
    """Suspend or end one's own mandate."""
    mandate = debits.mandate_of(customer.account_id)
    what = request.POST.get("move", "")
    if mandate is None or what not in debits.moves_of(mandate.state, "customer"):
        raise Http404
    debits.move(customer.actor, mandate.id, what)
    messages.success(request, gettext("Done. Nothing more is debited.") if what == "end" else gettext("Suspended."))
    return redirect("portal:debit")


@require_POST
@customer_page
def answer(request: HttpRequest, customer: SignedIn, cycle_id: int, attempt: int) -> HttpResponse:
    """Yes or no to a debit that is far above the usual."""
    agree = request.POST.get("word") == "yes"
    try:
        debits.answer_held(customer.actor, customer.account_id, cycle_id, attempt, agree=agree)
    except Refusal as refusal:
        messages.error(request, refusal.text(language_of_reader()))
    else:
        messages.success(
            request, gettext("Thank you.") if agree else gettext("It is not debited. Please pay otherwise.")
        )
    return redirect("portal:debit")


@require_safe
@customer_page
def notice(request: HttpRequest, customer: SignedIn, cycle_id: int, attempt: int) -> HttpResponseBase:
    """The itemised notice of one debit."""
    row = debits.debit_of(customer.account_id, cycle_id, attempt)
    found = row and debits.notice_rows(cycle_id, attempt, (customer.account_id, customer.account_id), (row.state,))
    if not row or not found:
        raise Http404
    items = [payments.PaidItem(*item) for item in found[0].items]
    context = {
        "row": _shown(row), "bank": found[0].bank_zh if language_of_reader() == "zh" else found[0].bank_en,
        "lines": [(receipts.item_name(item), item.amount) for item in items],
    }  # fmt: skip
    return page(request, customer, "portal/debit_notice.html", context, place="payments")
