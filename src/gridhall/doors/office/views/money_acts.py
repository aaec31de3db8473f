"""Acts on a customer's money: asked for on the customer's page, agreed by a second person in the queue; limits."""

from datetime import date
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase, QueryDict
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from gridhall.customers import public as customers
from gridhall.doors.look import receipts
from gridhall.doors.office import act_forms, forms, lists, staff, words
from gridhall.doors.office.rail import screen
from gridhall.doors.office.views.customers import account_for, head_of
from gridhall.kernel import clock
from gridhall.kernel.access import ROLES, Actor
from gridhall.kernel.refusal import Refusal
from gridhall.ledger import public as ledger
from gridhall.payments import public as payments

ASKING = ("payments.reverse", "bills.cancel", "refunds.approve")
SHOWN = 100


@staff.desk(*ASKING)
def acts(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """What waits for a second person, then what was decided."""
    units = staff.unit_ids_of(actor)
    waiting = payments.money_acts(units, waiting=True)
    decided = [each for each in payments.money_acts(units, limit=SHOWN) if each.state != "asked"]
    rows = _rows(actor, [*waiting, *decided])
    shown = {"waiting": rows[: len(waiting)], "decided": rows[len(waiting) :]}
    if request.GET.get("as") == "csv":
        return _csv([*shown["waiting"], *shown["decided"]])
    return screen(request, actor, "office/acts.html", shown)


def _rows(actor: Actor, found: list[payments.MoneyActView]) -> list[dict[str, Any]]:
    """Lines of a table of acts: two queries, however many."""
    others = {each.told["to_account"] for each in found if each.told.get("to_account")}
    views = customers.account_heads({each.account_id for each in found} | others)
    today = clock.today()
    most = {each.act: each.most for each in payments.limits(today) if each.role == actor.role} if found else {}
    return [
        {
            "it": each,
            "account": views.get(each.account_id),
            "act": words.MONEY_ACTS.get(each.act, each.act),
            "state": words.MONEY_ACT_STATES.get(each.state, each.state),
            "tag": words.MONEY_ACT_TAGS.get(each.state, ""),
            "to": views.get(each.told.get("to_account", 0)),
            "parts": [(date.fromisoformat(day), part) for day, part in each.told.get("parts", [])],
            "mine": each.state == "asked" and actor.may("refunds.approve") and each.asked_by != actor.id,
            "over": each.state == "asked" and each.amount > most.get(each.act, 0),
        }
        for each in found
    ]


def _csv(rows: list[dict[str, Any]]) -> HttpResponseBase:
    heading = [_("Asked"), _("Act"), _("Customer number"), _("Amount"), _("Reason"), _("Who"), _("State"), _("Decided")]
    return lists.csv_file(
        "acts-on-money",
        heading,
        (
            (
                f"{row['it'].asked_at:%Y-%m-%d %H:%M}", row["act"], row["account"].number if row["account"] else "",
                lists.plain_amount(row["it"].amount), row["it"].reason, row["it"].asked_by_name, row["state"],
                row["it"].decided_by_name,
            )
            for row in rows
        ),
    )  # fmt: skip


@require_POST
@staff.desk("refunds.approve")
def act_decide(request: HttpRequest, actor: Actor, act_id: int) -> HttpResponseBase:
    """A second person's word."""
    approve = request.POST.get("word") == "approve"
    payments.decide_money_act(actor, act_id, approve=approve, reason=request.POST.get("reason", ""))
    messages.success(request, _("Done and booked.") if approve else _("Declined."))
    return redirect("office:acts")


@staff.desk(*ASKING)
def customer_money(request: HttpRequest, actor: Actor, account_id: int) -> HttpResponseBase:
    """Credit, plan, bad debts and acts of one account, with the forms to ask for each."""
    view = account_for(actor, account_id)
    owed = ledger.owed(account_id, clock.now())
    split = act_forms.SplitForm(request.GET if "count" in request.GET else None)
    plan = payments.plan_of(account_id)
    found = payments.money_acts_of(account_id)
    shown = head_of(view) | {
        "part": "money",
        "owed": owed,
        "credit": owed.credit,
        "written_off": _written_off(account_id, found),
        "plan": plan,
        "plan_state": words.PLAN_STATES.get(plan.state, "") if plan else "",
        "plan_tag": words.PLAN_TAGS.get(plan.state, "") if plan else "",
        "acts": _rows(actor, found),
        "split": split,
        "parts": _proposal(split, owed.total),
        "items": [each for each in owed.items if each.open],
        "refund": act_forms.RefundForm(initial={"amount": owed.credit}, auto_id="refund-%s"),
        "transfer": act_forms.TransferForm(initial={"amount": owed.credit}, auto_id="transfer-%s"),
        "recover": act_forms.RecoverForm(auto_id="recover-%s"),
        "ours": actor.sees_unit(view.unit_id),
    }
    return screen(request, actor, "office/customer_money.html", shown)


def _written_off(account_id: int, found: list[payments.MoneyActView]) -> int:
    """What is written off and not recovered; not asked for where nothing ever was."""
    if not any(each.act == payments.WRITE_OFF and each.state == "done" for each in found):
        return 0
    return ledger.written_off([account_id]).get(account_id, 0)


def _proposal(split: act_forms.SplitForm, total: int) -> list[tuple[date, int]]:
    """Equal parts a month apart, for the debt of this minute."""
    if total <= 0 or not split.is_bound or not split.is_valid():
        return []
    return payments.split_evenly(total, split.cleaned_data["count"], split.cleaned_data["first"])


@require_POST
@staff.desk(*ASKING)
def act_ask(request: HttpRequest, actor: Actor, account_id: int, act: str) -> HttpResponseBase:
    """Ask for one of the acts on the customer's page."""
    account_for(actor, account_id)
    back = redirect("office:customer_money", account_id)
    try:
        amount, reason, told = _ASKED[act](request.POST, actor)
    except KeyError:
        messages.error(request, _("Look at the form again: something is missing or is not an amount."))
        return back
    done = payments.ask_money_act(actor, act, account_id, amount, reason, told)
    _say(request, done)
    return back


def _say(request: HttpRequest, done: payments.MoneyActView) -> None:
    if done.state == "done":
        messages.success(request, _("Done and booked."))
    else:
        messages.success(request, _("Asked for: it is done when a second person agrees."))


Asked = tuple[int, str, dict[str, Any]]


def _refund(post: QueryDict, actor: Actor) -> Asked:
    given = _given(act_forms.RefundForm(post))
    if given["way"] == "cash":
        session = payments.till_session_of(actor.id)
        if session is None:
            raise Refusal("till_closed", "You have no open till. Open one first.", "您没有已开的钱箱，请先开箱。")
        return given["amount"], given["reason"], {"session_id": session.id}
    told = {"bank_account": given["bank_account"], "bank_holder": given["bank_holder"]}
    return given["amount"], given["reason"], told


def _transfer(post: QueryDict, _actor: Actor) -> Asked:
    given = _given(act_forms.TransferForm(post))
    return given["amount"], given["reason"], {"to_account": account_of(given["number"])}


def account_of(number: str) -> int:
    """The account of a customer number as typed. Refuses unknown_account."""
    plain = number.replace(" ", "")
    found = customers.account_ids([plain]).get(plain)
    if found is None:
        raise Refusal("unknown_account", "There is no such account.", "没有此户号。", field="number", value=plain)
    return found


def _instalments(post: QueryDict, _actor: Actor) -> Asked:
    given = _given(forms.ReasonForm(post))
    amounts = [forms.minor_units(text, settings.CURRENCY_DECIMALS) for text in post.getlist("part")]
    if not amounts or None in amounts or len(amounts) != len(post.getlist("day")):
        raise KeyError("part")
    sums = [each or 0 for each in amounts]
    return sum(sums), given["reason"], {"parts": list(zip(post.getlist("day"), sums, strict=True))}


def _write_off(post: QueryDict, _actor: Actor) -> Asked:
    given = _given(forms.ReasonForm(post))
    chosen = [text.split("-") for text in post.getlist("item")]
    amount = sum(int(each[3]) for each in chosen if len(each) == 4 and each[3].isdecimal())
    return amount, given["reason"], {"items": [each[:3] for each in chosen]}


def _recover(post: QueryDict, _actor: Actor) -> Asked:
    given = _given(act_forms.RecoverForm(post))
    return given["amount"], given["reason"], {}


def _given(form: Any) -> dict[str, Any]:
    if not form.is_valid():
        raise KeyError(next(iter(form.errors)))
    cleaned: dict[str, Any] = form.cleaned_data
    return cleaned


_ASKED = {
    payments.REFUND: _refund, payments.TRANSFER_CREDIT: _transfer, payments.INSTALMENTS: _instalments,
    payments.WRITE_OFF: _write_off, payments.RECOVER: _recover,
}  # fmt: skip
ACT_WORDS = "|".join(_ASKED)


@require_POST
@staff.desk("refunds.approve")
def plan_end(request: HttpRequest, actor: Actor, account_id: int, plan_id: int) -> HttpResponseBase:
    """End a plan by agreement."""
    account_for(actor, account_id)
    payments.end_plan(actor, plan_id, request.POST.get("reason", ""))
    messages.success(request, _("The plan is ended; what is left is owed as any debt."))
    return redirect("office:customer_money", account_id)


def may_correct(actor: Actor, payment: payments.PaymentView) -> bool:
    """Whether the actor may ask that a payment be put right."""
    may = any(actor.may(each) for each in ASKING) and actor.sees_unit(payment.unit_id)
    return may and payment.kind == payments.RECEIVED and not payment.reversed_by


def correcting(actor: Actor, receipt: payments.ReceiptView) -> dict[str, Any]:
    """The form for a payment that paid the wrong thing, where one may ask for it."""
    payment = receipt.payment
    if not may_correct(actor, payment):
        return {"can_correct": False}
    paid = [(f"{each.period}-{each.kind}-{each.seq}", _item(each)) for each in receipt.paid]
    open_ = [
        (f"{each.period}-{each.kind}-{each.seq}", _item(each))
        for each in ledger.open_items(payment.account_id)
        if each.open
    ]
    form = act_forms.CorrectForm(paid=paid, open_=open_)
    return {"can_correct": True, "correct_form": form, "correct_from": paid, "correct_to": open_}


def _item(each: payments.PaidItem | ledger.ItemView) -> str:
    amount = each.amount if isinstance(each, payments.PaidItem) else each.open
    return f"{receipts.item_name(payments.PaidItem(each.period, each.kind, each.seq, amount))} · " + (
        lists.plain_amount(amount)
    )


@staff.desk(*ASKING)
def act_correct(request: HttpRequest, actor: Actor, account_id: int, payment_no: int) -> HttpResponseBase:
    """Ask for a correction of a payment: the form, and what it was sent with."""
    view = account_for(actor, account_id)
    receipt = payments.receipt(account_id, payment_no)
    choices = correcting(actor, receipt)
    back = redirect("office:counter_taken", account_id, payment_no)
    if not choices["can_correct"]:
        return back
    if request.method != "POST":
        return screen(request, actor, "office/correct.html", head_of(view) | choices | {"receipt": receipt})
    form = act_forms.CorrectForm(request.POST, paid=choices["correct_from"], open_=choices["correct_to"])
    if not form.is_valid():
        messages.error(request, _("Look at the form again: something is missing or is not an amount."))
        return back
    given, told = form.cleaned_data, {"payment_no": payment_no}
    amount = receipt.payment.amount
    if given["number"]:
        told["to_account"] = account_of(given["number"])
    else:
        told |= {name: given[name].split("-") for name in ("from_item", "to_item")}
        amount = given["amount"]
    _say(request, payments.ask_money_act(actor, payments.CORRECT, account_id, amount, given["reason"], told))
    return back


@staff.desk("ledger.see", "staff.manage")
def limits(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """What each role may do alone and with a second person, with the days; a new limit from a day on."""
    roles = [(code, zh if staff.language() == "zh" else en) for code, (en, zh, _may) in ROLES.items()]
    acts_ = [(code, str(words.MONEY_ACTS[code])) for code in payments.ACTS]
    form = act_forms.LimitForm(request.POST or None, acts=acts_, roles=roles, initial={"since": clock.today()})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        payments.enter_limit(actor, given["act"], given["role"], given["since"], given["alone"], given["most"])
        messages.success(request, _("Entered."))
        return redirect("office:limits")
    in_force = {(each.act, each.role): each for each in payments.limits(clock.today())}
    names = dict(roles)
    rows = [
        {
            "it": each,
            "act": words.MONEY_ACTS.get(each.act, each.act),
            "role": names.get(each.role, each.role),
            "now": in_force.get((each.act, each.role)) == each,
            "to_come": each.since > clock.today(),
        }
        for each in payments.limits()
    ]
    shown = {"rows": rows, "form": form, "may_enter": actor.may("staff.manage")}
    return screen(request, actor, "office/limits.html", shown, status=422 if form.errors else 200)
