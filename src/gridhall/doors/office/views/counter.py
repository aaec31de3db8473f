"""The counter: find the customer, see what is owed to this minute, take money, give change, print, reverse."""

import uuid
from dataclasses import replace
from typing import Any, cast

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from gridhall.billing.document.data import Language, Receipt
from gridhall.billing.document.render import render_receipt, render_roll
from gridhall.customers import public as customers
from gridhall.debits import public as debits
from gridhall.doors.look import receipts
from gridhall.doors.office import forms, staff, words
from gridhall.doors.office.rail import screen
from gridhall.doors.office.views.customers import FOUND_MOST, account_for, found_rows, head_of, search
from gridhall.doors.office.views.money_acts import may_correct
from gridhall.doors.office.views.tills import open_till_page
from gridhall.kernel import audit, clock
from gridhall.kernel.access import Actor
from gridhall.kernel.refusal import Refusal
from gridhall.ledger import public as ledger
from gridhall.payments import public as payments
from gridhall.territory import public as territory

METHODS = {"cash": payments.CASH, "card": payments.CARD}  # a cheque has an act of its own


@staff.desk("payments.take")
def counter(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Find a customer, of any unit; what was taken at this till today stands below."""
    session = payments.till_session_of(actor.id)
    if session is None:
        return open_till_page(request, actor)
    text = request.GET.get("q", "").strip()[:80]
    found = search(actor, text, everywhere=True) if text else []
    if len(found) == 1 and not request.headers.get("HX-Request"):
        return redirect("office:counter_account", found[0].account_id)
    shown = _desk_of(session) | {"q": text, "found": found_rows(found, actor), "most": FOUND_MOST, "find_focus": True}
    if not text:
        shown["taken"] = taken_at(session)
    return screen(request, actor, "office/counter.html", shown)


def _desk_of(session: payments.SessionView) -> dict[str, Any]:
    """What every counter page shows at its top; looking goes to the counter."""
    return {"session": session, "find_at": "/office/counter", "find_live": True}


def taken_at(session: payments.SessionView) -> list[dict[str, Any]]:
    """Payments of a till session, the newest first, with the customers' names: two queries, however many."""
    rows = payments.payments_of_session(session.id)
    views = customers.accounts({row.account_id for row in rows})
    return [
        {
            "it": row,
            "account": views.get(row.account_id),
            "method": words.METHODS.get(row.method, ""),
            "kind": words.PAYMENT_KINDS.get(row.kind, ""),
            "can_reverse": row.kind == payments.RECEIVED and not row.reversed_by,
        }
        for row in rows
    ]


def _session(actor: Actor) -> payments.SessionView:
    session = payments.till_session_of(actor.id)
    if session is None:
        raise Refusal("till_closed", "You have no open till. Open one first.", "您没有已开的钱箱，请先开箱。")
    return session


def _account(account_id: int) -> customers.AccountView:
    """Any account: a clerk serves whoever comes."""
    view = customers.account(account_id)
    if view is None:
        raise Refusal("unknown_account", "There is no such account.", "没有此户号。")
    return view


@staff.desk("payments.take")
def account(request: HttpRequest, actor: Actor, account_id: int) -> HttpResponseBase:
    """What an account owes to this minute, and the money form."""
    session = payments.till_session_of(actor.id)
    if session is None:
        return open_till_page(request, actor)
    view = _account(account_id)
    owed = ledger.owed(account_id, clock.now())
    form = forms.TakeForm(request.POST or None, initial=_first(owed), owed=max(0, owed.total))
    if request.method == "POST" and form.is_valid():
        return _take(request, actor, session, view, form.cleaned_data)
    shown = _desk_of(session) | head_of(view)
    shown |= {
        "owed": owed,
        "form": form,
        "decimals": settings.CURRENCY_DECIMALS,
        "amount_text": form["amount"].value() or "",
        "elsewhere": not actor.sees_unit(view.unit_id),
        "till_unit": words.unit_names().get(session.unit_id, ""),
        "debits": debits.debits_under_way(account_id),
        "returned": payments.returned_within_year(account_id, clock.today()),
        "payments": payments.payments_of(account_id, 6),
    }
    return screen(request, actor, "office/counter_account.html", shown, status=422 if form.errors else 200)


def _first(owed: ledger.Owed) -> dict[str, Any]:
    return {"amount": max(0, owed.total - owed.credit) or None, "method": "cash", "token": str(uuid.uuid4())}


def _take(
    request: HttpRequest,
    actor: Actor,
    session: payments.SessionView,
    view: customers.AccountView,
    given: dict[str, Any],
) -> HttpResponse:
    if given["method"] == "cheque":
        return _take_cheque(request, actor, session, view, given)
    # the token of the form is the payment's key: a page sent twice books once
    wanted = payments.PaymentIn(
        amount=given["amount"],
        key=f"office:{session.id}:{given['token']}",
        account_id=view.account_id,
        door=payments.DOOR_COUNTER,
        method=METHODS[given["method"]],
        session_id=session.id,
        reference=given["slip"] if given["method"] == "card" else "",
    )
    with transaction.atomic():
        withdrawn = _free_of_debits(request, actor, view.account_id)
        (answer,) = payments.receive(actor, [wanted])
        if isinstance(answer, Refusal):
            raise answer
    if withdrawn:
        messages.info(request, _("A debit that was waiting was withdrawn."))
    _say_replayed(request, answer)
    target = redirect("office:counter_taken", view.account_id, answer.payment_no)
    if given["method"] == "cash" and given["given"]:
        target["Location"] += f"?given={given['given']}"
    return target


def _free_of_debits(request: HttpRequest, actor: Actor, account_id: int) -> int:
    """Take the account's debits out where no bank has them: how many. One that is with the bank is refused, until the
    customer wants to pay nevertheless."""
    try:
        return debits.withdraw(actor, account_id)
    except Refusal:
        if request.POST.get("despite") != "1":
            raise
        return 0


def _say_replayed(request: HttpRequest, answer: payments.Receipt) -> None:
    if answer.replayed:
        at = f"{answer.received_at.astimezone(clock.zone()):%H:%M}"
        said = _("This form was sent before: the payment was booked at %(time)s, and nothing was booked now.")
        messages.warning(request, said % {"time": at})


def _take_cheque(
    request: HttpRequest,
    actor: Actor,
    session: payments.SessionView,
    view: customers.AccountView,
    given: dict[str, Any],
) -> HttpResponse:
    cheque = payments.ChequeIn(given["bank"], given["number"], given["drawer"], given["dated_on"])
    key = f"office:{session.id}:{given['token']}"
    with transaction.atomic():
        _free_of_debits(request, actor, view.account_id)
        answer = payments.take_cheque(actor, view.account_id, given["amount"], key, session.id, cheque)
    _say_replayed(request, answer)
    return redirect("office:counter_taken", view.account_id, answer.payment_no)


@staff.desk("payments.take", "payments.see")
def taken(request: HttpRequest, actor: Actor, account_id: int, payment_no: int) -> HttpResponseBase:
    """What was done with a payment: what it paid, what is left, the change; receipts; reversal."""
    view = account_for(actor, account_id)
    receipt = payments.receipt(account_id, payment_no)
    given = _given(request, receipt.payment.amount)
    session = payments.till_session_of(actor.id)
    can_reverse = _can_reverse(actor, receipt.payment)
    shown = head_of(view) | {
        "session": session,
        "receipt": receipt,
        "number": receipts.number_of(receipt),
        "clerk": _clerk(receipt),
        "lang": staff.language(),
        "method": words.METHODS.get(receipt.payment.method, ""),
        "door": words.DOORS.get(receipt.payment.door, ""),
        "given": given,
        "change": given - receipt.payment.amount if given else 0,
        "reason_form": forms.ReasonForm(),
        "can_reverse": can_reverse,
        "over_limit": can_reverse and _over_limit(actor, receipt.payment),
        "across": _across(receipt, staff.language()),
        "can_correct": may_correct(actor, receipt.payment),
        **_refund(actor, receipt),
    }
    if session is not None:
        shown |= _desk_of(session)
    return screen(request, actor, "office/counter_taken.html", shown)


def _clerk(receipt: payments.ReceiptView) -> str:
    """The full name of who took the money, where it was taken at a till."""
    if not receipt.payment.session_id:
        return ""
    clerk_id = payments.session(receipt.payment.session_id).clerk_id
    return staff.names_of([clerk_id]).get(clerk_id, receipt.clerk)


def _given(request: HttpRequest, amount: int) -> int:
    text = request.GET.get("given", "")
    given = int(text) if text.isascii() and text.isdecimal() and len(text) < 16 else 0
    return given if given >= amount else 0


def _refund(actor: Actor, receipt: payments.ReceiptView) -> dict[str, Any]:
    """How a refund of the payment stands, and whether one may be asked for: what came through a gateway only."""
    payment = receipt.payment
    if not receipt.by_gateway:
        return {}
    found = payments.refunds_of(payment.account_id).get(payment.no)
    over = found is None or found.state in ("declined", "failed")
    may = actor.may("payments.reverse") and actor.sees_unit(payment.unit_id) and not payment.reversed_by
    return {
        "refund": found,
        "refund_state": words.REFUND_STATES.get(found.state, "") if found else "",
        "can_refund": over and may,
    }


def _can_reverse(actor: Actor, payment: payments.PaymentView) -> bool:
    same_day = payment.received_at.astimezone(clock.zone()).date() == clock.today()
    return (
        actor.may("payments.reverse")
        and payment.kind == payments.RECEIVED
        and not payment.reversed_by
        and payment.door == payments.DOOR_COUNTER
        and same_day
    )


def _over_limit(actor: Actor, payment: payments.PaymentView) -> bool:
    """Whether the actor needs a second person to reverse a payment of this amount."""
    return payment.amount > payments.limit_of(actor, payments.REVERSE, clock.today()).alone


def _across(found: payments.ReceiptView, language: str) -> str:
    """Which unit took a payment for which, in words; empty where they are one."""
    at_till = found.payment.session_id or found.payment.method == payments.MOVED
    pair = payments.units_of_payment(found.payment.no) if at_till else None
    if pair is None:
        return ""
    names = [territory.unit(unit) for unit in pair]
    taker, owner = ((each.name_zh if language == "zh" else each.name_en) if each else "" for each in names)
    return f"{taker} 代 {owner} 收" if language == "zh" else f"taken by {taker} for {owner}"


@require_POST
@staff.desk("payments.reverse")
def reverse(request: HttpRequest, actor: Actor, account_id: int, payment_no: int) -> HttpResponseBase:
    """Reverse a payment within its day, with a reason."""
    _session(actor)
    form = forms.ReasonForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("A reason is needed."))
        return redirect("office:counter_taken", account_id, payment_no)
    reason = form.cleaned_data["reason"]
    payment = payments.receipt(account_id, payment_no).payment
    if _over_limit(actor, payment):
        told = {"payment_no": payment_no}
        payments.ask_money_act(actor, payments.REVERSE, account_id, payment.amount, reason, told)
        messages.warning(request, _("Asked for: it is reversed when a second person agrees. Keep the money till then."))
        return redirect("office:counter_taken", account_id, payment_no)
    payments.reverse(actor, account_id, payment_no, reason)
    messages.success(request, _("Reversed. The bills are open again; give the money back."))
    return redirect("office:counter_taken", account_id, payment_no)


@staff.desk("payments.take", "payments.see")
def receipt_pdf(
    request: HttpRequest, actor: Actor, account_id: int, payment_no: int, form: str, language: str
) -> HttpResponseBase:
    """The receipt as a PDF: A5 (`paper`) or on an 80 mm roll (`roll`)."""
    view = account_for(actor, account_id)
    found = payments.receipt(account_id, payment_no)
    composed = _composed(found, view, cast(Language, language), _given(request, found.payment.amount))
    pdf = render_receipt(composed) if form == "paper" else render_roll(composed)
    audit.record(actor, "payments.print_receipt", f"payment:{account_id}/{payment_no}", after={"form": form})
    answer = HttpResponse(pdf, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{composed.number}.pdf"'
    return answer


def _composed(found: payments.ReceiptView, view: customers.AccountView, language: Language, given: int) -> Receipt:
    outlet = next((each for each in territory.outlets() if each.id == found.outlet_id), None)
    name = (outlet.name_zh if language == "zh" else outlet.name_en) if outlet else ""
    across = _across(found, language)
    composed = receipts.document(found, view, language, outlet=name, given=given or None, across=across)
    return replace(composed, clerk=_clerk(found))
