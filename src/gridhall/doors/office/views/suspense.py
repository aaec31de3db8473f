"""Money in suspense: what waits, whose it may be, and what is done about it."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from gridhall.customers import public as customers
from gridhall.doors.office import forms, lists, money_words, staff, words
from gridhall.doors.office.rail import screen
from gridhall.kernel.access import Actor
from gridhall.kernel.refusal import Refusal
from gridhall.payments import public as payments

SHOWN = 60
PARTS_SHOWN = 6
OTHERS_SHOWN = 20
LIKELY = 60  # points from which an account is offered at one press; below, a person types it


@staff.desk("tills.all", "refunds.approve")
def suspense(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """What waits in suspense, the oldest first, each with the account that it is most likely meant for."""
    units = staff.unit_ids_of(actor)
    word = request.GET.get("q", "").strip()[:80]
    amount = forms.minor_units(word, settings.CURRENCY_DECIMALS) if word else None
    found = payments.suspense(units, word=word, amount=amount or 0, limit=10_000 if _as_csv(request) else SHOWN + 1)
    if _as_csv(request):
        return _csv(found)
    shown_items, waiting = found[:SHOWN], payments.waiting_acts(units)
    proposed, names = payments.proposals_with_accounts(shown_items, _accounts(waiting))
    sums = payments.suspense_sums(units)
    shown = {
        "rows": [_row(each, proposed.get(each.id, []), names) for each in shown_items],
        "more": len(found) > SHOWN,
        "word": word,
        "sums": sums,
        "came": sum(each.amount for each in sums if each.came),
        "missed": -sum(each.amount for each in sums if not each.came),
        "waiting": _waiting(actor, waiting, names),
        "may_give": actor.may("tills.all"),
    }
    return screen(request, actor, "office/suspense.html", shown)


def _as_csv(request: HttpRequest) -> bool:
    return request.GET.get("as") == "csv"


def _csv(found: list[payments.SuspenseView]) -> HttpResponseBase:
    heading = ["number", "day", "amount", "open", "payer", "payer_account", "text", "bank_reference", "serial"]
    rows = [
        (
            each.id, each.on, lists.plain_amount(each.amount), lists.plain_amount(each.open), each.payer_name,
            each.payer_account, each.text, each.bank_ref, each.serial,
        )
        for each in found
    ]  # fmt: skip
    return lists.csv_file("suspense", heading, rows)


def _accounts(acts: Iterable[payments.ActView]) -> set[int]:
    return {each.account_id for each in acts if each.account_id}


def _proposal(each: payments.Proposal, names: Mapping[int, customers.AccountHead]) -> dict[str, Any]:
    return {
        "it": each,
        "parts": [
            {"account": names[account], "amount": amount, "typed": lists.plain_amount(amount)}
            for account, amount in each.parts
        ],
        "why": money_words.why(each),
        "sure": "good" if each.points >= 80 else "info" if each.points >= LIKELY else "",
        "likely": each.points >= LIKELY,
    }


def _row(
    item: payments.SuspenseView, proposed: list[payments.Proposal], names: Mapping[int, customers.AccountHead]
) -> dict[str, Any]:
    return {
        "it": item,
        "side": money_words.SIDES.get(item.side, ""),
        "best": _proposal(proposed[0], names) if proposed else None,
        "others": len(proposed) - 1,
    }


def _waiting(
    actor: Actor, acts: Iterable[payments.ActView], names: Mapping[int, customers.AccountHead]
) -> list[dict[str, Any]]:
    return [
        {
            "it": each,
            "kind": money_words.ACT_KINDS.get(each.kind, each.kind),
            "account": names.get(each.account_id),
            "mine": actor.may("refunds.approve") and each.made_by != actor.id,
        }
        for each in acts
    ]


@staff.desk("tills.all", "refunds.approve")
def suspense_item(request: HttpRequest, actor: Actor, item_id: int) -> HttpResponseBase:
    """One item: where it came from, whose it may be, and every way on."""
    item = payments.item_within(actor, item_id)
    typed: list[tuple[str, str]] = []
    if request.method == "POST" and actor.may("tills.all"):
        typed = list(zip(request.POST.getlist("number"), request.POST.getlist("amount"), strict=False))
        answer = _give(request, actor, item, typed)
        if answer is not None:
            return answer
    acts = payments.acts_of([item.id]).get(item.id, [])
    by_item, names = payments.proposals_with_accounts([item], _accounts(acts))
    proposed = by_item.get(item.id, [])
    others = [each for each in payments.suspense(staff.unit_ids_of(actor), limit=500) if each.open * item.open < 0]
    others.sort(key=lambda each: abs(abs(each.free) - abs(item.free)))
    shown = {
        "it": item,
        "side": money_words.SIDES.get(item.side, ""),
        "unit": words.unit_names().get(item.unit_id, ""),
        "proposed": [_proposal(each, names) for each in proposed],
        "parts": _typed(typed, proposed, names),
        "acts": [_act(actor, each, acts, names) for each in acts],
        "confirms": payments.could_confirm(item),
        "others": [each for each in others if each.free][:OTHERS_SHOWN],
        "free": abs(item.free),
        "may_give": actor.may("tills.all") and item.free != 0,
        "may_undo": item.side == "ours" and item.payment_no > 0 and item.free == item.amount,
    }
    return screen(request, actor, "office/suspense_item.html", shown, status=422 if typed else 200)


def _typed(
    typed: list[tuple[str, str]], proposed: list[payments.Proposal], names: Mapping[int, customers.AccountHead]
) -> list[tuple[str, str]]:
    """The lines of the form: as typed, or as the surest proposal says, and empty ones."""
    lines = list(typed)
    if not lines and proposed and proposed[0].points >= LIKELY:
        lines = [(names[account].number, lists.plain_amount(amount)) for account, amount in proposed[0].parts]
    return lines + [("", "")] * (max(PARTS_SHOWN, len(lines)) - len(lines))


def _give(
    request: HttpRequest, actor: Actor, item: payments.SuspenseView, typed: list[tuple[str, str]]
) -> HttpResponseBase | None:
    """Give the money as typed; None where the form is to be shown again with what is wrong."""
    parts: list[tuple[str, int]] = []
    for number, amount in typed:
        if not number.strip() and not amount.strip():
            continue
        minor = forms.minor_units(amount, settings.CURRENCY_DECIMALS)
        if minor is None:
            messages.error(request, _("%(amount)s is not an amount: write it like 350 or 350.00.") % {"amount": amount})
            return None
        parts.append(("".join(number.split()), minor))
    try:
        done = payments.accept(actor, item.id, parts, request.POST.get("note", ""))
    except Refusal as no:
        where = _(" Line %(row)s.") % {"row": no.row + 1} if no.row >= 0 else ""
        messages.error(request, no.text(staff.language()) + where)
        return None
    said = ngettext("Given to %(count)s account.", "Given to %(count)s accounts.", len(done)) % {"count": len(done)}
    messages.success(request, said)
    left = payments.item_within(actor, item.id)
    return redirect("office:suspense_item", item.id) if left.open else redirect("office:suspense")


def _act(
    actor: Actor, each: payments.ActView, acts: list[payments.ActView], names: Mapping[int, customers.AccountHead]
) -> dict[str, Any]:
    again = any(one.kind == "again" and one.other_id == each.id and one.state in ("asked", "done") for one in acts)
    return {
        "it": each,
        "kind": money_words.ACT_KINDS.get(each.kind, each.kind),
        "state": money_words.ACT_STATES.get(each.state, each.state),
        "tag": money_words.ACT_TAGS.get(each.state, ""),
        "account": names.get(each.account_id),
        "reference": payments.return_reference(each.id) if each.kind == "back" and each.state != "declined" else "",
        "mine": each.state == "asked" and actor.may("refunds.approve") and each.made_by != actor.id,
        "may_again": each.kind == "pay" and each.state == "done" and not again and actor.may("tills.all"),
    }


@require_POST
@staff.desk("tills.all")
def suspense_ask(request: HttpRequest, actor: Actor, item_id: int) -> HttpResponseBase:
    """Ask for what a second person decides: back to the sender, a bank charge, a payment taken back, put back."""
    kind, note = request.POST.get("kind", ""), request.POST.get("note", "")
    if kind == "again":
        act = request.POST.get("act", "")
        payments.ask_again(actor, item_id, int(act) if act.isascii() and act.isdecimal() else 0, note)
    else:
        item = payments.item_within(actor, item_id)
        amount = forms.minor_units(request.POST.get("amount", ""), settings.CURRENCY_DECIMALS)
        signed = item.free if amount is None else amount if item.amount > 0 else -amount
        payments.ask_act(actor, item_id, kind, signed, note)
    messages.success(request, _("Asked for: a second person decides."))
    return redirect("office:suspense_item", item_id)


@require_POST
@staff.desk("refunds.approve")
def suspense_decide(request: HttpRequest, actor: Actor, act_id: int) -> HttpResponseBase:
    """A second person's word."""
    approve = request.POST.get("word") == "approve"
    done = payments.decide_act(actor, act_id, approve=approve, reason=request.POST.get("reason", ""))
    if done.state == "agreed":
        said = _("Agreed. The order to the bank must carry %(reference)s; its line on a statement ends it.")
        messages.success(request, said % {"reference": payments.return_reference(done.id)})
    elif done.state == "done":
        messages.success(request, _("Agreed and booked."))
    else:
        messages.success(request, _("Declined."))
    return redirect("office:suspense_item", done.item_id)


@require_POST
@staff.desk("tills.all")
def suspense_settle(request: HttpRequest, actor: Actor, item_id: int) -> HttpResponseBase:
    """Confirm a booking by the item, or set it against another one."""
    what, other = request.POST.get("confirms", ""), request.POST.get("other", "")
    if what:
        payments.confirm_item(actor, item_id, what)
        messages.success(request, _("It is the bank's side of what was booked."))
    else:
        payments.net(actor, item_id, int(other) if other.isascii() and other.isdecimal() else 0)
        messages.success(request, _("Set against each other."))
    return redirect("office:suspense_item", item_id)
