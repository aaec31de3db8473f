"""Finding a customer, and everything about one account."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from gridhall.billing import public as billing
from gridhall.customers import public as customers
from gridhall.doors.look import why
from gridhall.doors.office import forms, history, lists, staff, words
from gridhall.doors.office.notice_words import STATES
from gridhall.doors.office.rail import screen
from gridhall.kernel import audit, clock
from gridhall.kernel.access import Actor
from gridhall.kernel.refusal import Refusal
from gridhall.ledger import public as ledger
from gridhall.metering import public as metering
from gridhall.notices import public as notices
from gridhall.payments import public as payments
from gridhall.tariffs import public as tariffs
from gridhall.territory import public as territory

FOUND_MOST = 40
MONTHS_MOST = 24
PARTS = ("overview", "bills", "readings", "payments", "agreement", "messages")


def search(actor: Actor, text: str, *, everywhere: bool) -> list[customers.AccountFound]:
    """Accounts by number, name, address, phone, and by meter."""
    found = customers.find(text, actor, FOUND_MOST, everywhere=everywhere)
    by_meter = [one for one in metering.accounts_of_meter(text.strip()) if one not in {f.account_id for f in found}]
    return [*_of_meter(by_meter, actor, everywhere=everywhere), *found]


def _of_meter(ids: list[int], actor: Actor, *, everywhere: bool) -> list[customers.AccountFound]:
    return [
        customers.AccountFound(
            view.account_id, view.number, view.name, view.address, view.phone, view.area_id, view.unit_id,
            view.class_code, view.closed_on is not None,
        )
        for view in customers.accounts(ids).values()
        if everywhere or actor.sees_unit(view.unit_id)
    ]  # fmt: skip


def found_rows(found: list[customers.AccountFound], actor: Actor) -> list[dict[str, Any]]:
    """Lines of a search with what is owed to this minute and the names of places: two queries."""
    owed = ledger.owed_of([each.account_id for each in found])
    units = words.unit_names()
    return [
        {
            "it": each,
            "unit": units.get(each.unit_id, ""),
            "elsewhere": not actor.sees_unit(each.unit_id),
            "class": words.CLASSES.get(each.class_code, ""),
            "owed": owed[each.account_id].total,
            "credit": owed[each.account_id].credit,
        }
        for each in found
    ]


@staff.desk("customers.see")
def find(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Look for a customer; without a text the largest debtors are listed.

    All units are searched. Who takes money opens any account, as at the counter; others are told in which unit the
    rest was found, and no more.
    """
    text = request.GET.get("q", "").strip()[:80]
    if text:
        everyone = search(actor, text, everywhere=True)
        anyone = actor.may("payments.take")
        found = [one for one in everyone if anyone or actor.sees_unit(one.unit_id)]
        if len(found) == 1 and not request.headers.get("HX-Request"):
            return redirect("office:customer", found[0].account_id)
        names = words.unit_names()
        beyond = sorted({names.get(one.unit_id, "") for one in everyone if one not in found})
        shown: dict[str, Any] = {"q": text, "found": found_rows(found, actor), "most": FOUND_MOST}
        shown |= {"beyond": len(everyone) - len(found), "beyond_units": beyond}
    else:
        shown = {"debtors": _debtors(actor)}
    if request.GET.get("as") == "csv":
        return _csv(shown)
    return screen(request, actor, "office/customers.html", shown | {"find_live": True, "find_focus": True})


def _debtors(actor: Actor) -> list[dict[str, Any]]:
    rows = ledger.debtors(staff.unit_ids_of(actor), FOUND_MOST)
    views = customers.accounts([row.account_id for row in rows])
    units = words.unit_names()
    return [
        {"it": views[row.account_id], "row": row, "unit": units.get(row.unit_id, "")}
        for row in rows
        if row.account_id in views
    ]


def _csv(shown: dict[str, Any]) -> HttpResponse:
    heading = [_("Customer number"), _("Customer name"), _("Address"), _("Phone"), _("Unit"), _("Owed")]
    lines = shown.get("found") or shown.get("debtors") or []
    return lists.csv_file(
        "customers",
        heading,
        (
            (
                line["it"].number, line["it"].name, line["it"].address, line["it"].phone, line["unit"],
                lists.plain_amount(line["row"].owed if "row" in line else line["owed"]),
            )
            for line in lines
        ),
    )  # fmt: skip


def account_for(actor: Actor, account_id: int) -> customers.AccountView:
    """An account that this member of staff may see. One of another unit only who takes money."""
    view = customers.account(account_id)
    if view is None or not (actor.sees_unit(view.unit_id) or actor.may("payments.take")):
        raise Refusal("unknown_account", "There is no such account among yours.", "您的范围内没有此户。")
    return view


def head_of(view: customers.AccountView) -> dict[str, Any]:
    """What stands at the top of everything about an account."""
    area, station = territory.area(view.area_id), territory.station_of_area(view.area_id)
    answers = territory.responsible(view.area_id, clock.today())
    unit = territory.unit(view.unit_id)
    return {
        "account": view,
        "class": words.CLASSES.get(view.class_code, ""),
        "area": words.of(area) if area else "",
        "station": words.of(station) if station else "",
        "unit": words.of(unit) if unit else "",
        "answers": words.of(answers, "person") if answers else "",
        "answers_phone": answers.phone if answers else "",
    }


@staff.desk("customers.see")
def customer(request: HttpRequest, actor: Actor, account_id: int, part: str = "overview") -> HttpResponseBase:
    """Everything about one account, in parts."""
    view = account_for(actor, account_id)
    shown = head_of(view) | {"part": part, "owed": ledger.owed(account_id, clock.now())}
    shown |= _PARTS[part](actor, view)
    return screen(request, actor, f"office/customer_{part}.html", shown)


def _overview(_actor: Actor, view: customers.AccountView) -> dict[str, Any]:
    bills = billing.bills_of(view.account_id, 6)
    period = bills[0].period if bills else forms.last_period()
    months = billing.months_of(view.account_id, period, 13)
    return {
        "bills": bills,
        "chart": history.use_chart(months, view.account_id),
        "payments": payments.payments_of(view.account_id, 6),
        "messages_sent": customers.messages(view.account_id, 3),
        "holds": billing.holds(account_id=view.account_id),
        "tariff": tariffs.tariff_in_force(view.term.tariff_code, clock.today()) if view.term else None,
    }


def _bills(_actor: Actor, view: customers.AccountView) -> dict[str, Any]:
    return {"bills": billing.bills_of(view.account_id), "holds": billing.holds(account_id=view.account_id)}


def _readings(_actor: Actor, view: customers.AccountView) -> dict[str, Any]:
    rows = history.register_rows(view.account_id, MONTHS_MOST)
    since = rows[0]["it"].period - 100 if rows else 0
    return {
        "values": [row for row in rows if row["it"].period > since],
        "older": [row for row in rows if row["it"].period <= since],
    }


def _payments(_actor: Actor, view: customers.AccountView) -> dict[str, Any]:
    return {"payments": payments.payments_of(view.account_id)}


def _agreement(_actor: Actor, view: customers.AccountView) -> dict[str, Any]:
    codes = {term.tariff_code for agreement in view.agreements for term in agreement.terms}
    named = {tariff.code: words.of(tariff) for tariff in tariffs.tariffs(clock.today()) if tariff.code in codes}
    return {"tariff_names": named}


def _messages(_actor: Actor, view: customers.AccountView) -> dict[str, Any]:
    told = notices.notices_of(view.account_id, "zh" if (get_language() or "zh").startswith("zh") else "en")
    rows = [{"it": each, "state": STATES[each.mail.state] if each.mail else ""} for each in told]
    return {"messages_sent": customers.messages(view.account_id), "notices": rows}


_PARTS = {
    "overview": _overview,
    "bills": _bills,
    "readings": _readings,
    "payments": _payments,
    "agreement": _agreement,
    "messages": _messages,
}


@staff.desk("bills.see")
def bill(request: HttpRequest, actor: Actor, account_id: int, period: int, seq: int) -> HttpResponseBase:
    """One bill with its lines, clauses and readings, and what can be done with it."""
    view = account_for(actor, account_id)
    found, explained = billing.bill_explained(account_id, period, seq, view.number)
    last_day = found.to_on - timedelta(days=1)
    shown = head_of(view) | {
        "bill": found,
        "last_day": last_day,
        "dispute": _dispute_of(account_id, period, seq),
        "cancelled": billing.cancellation(account_id, period, seq) if found.state == billing.CANCELLED else None,
        "sentence": found.sentence(staff.language()),
        "whys": why.shown(explained, staff.language()),
        "cancel_form": forms.ReasonForm(auto_id="cancel_%s"),
        "rebill_form": forms.ReasonForm(auto_id="rebill_%s"),
    }
    return screen(request, actor, "office/customer_bill.html", shown)


@staff.desk("bills.see")
def bill_pdf(
    request: HttpRequest, actor: Actor, account_id: int, period: int, seq: int, language: str
) -> HttpResponseBase:
    """The bill as a PDF."""
    view = account_for(actor, account_id)
    pdf = billing.document(account_id, period, seq, language)
    audit.record(actor, "bills.print", f"bill:{account_id}/{period}/{seq}", after={"language": language})
    answer = HttpResponse(pdf, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="bill-{view.number}-{period}-{seq}.pdf"'
    return answer


@require_POST
@staff.desk("bills.see")
def bill_check(request: HttpRequest, actor: Actor, account_id: int, period: int, seq: int) -> HttpResponseBase:
    """Rate the bill again from what it stores and say whether it comes to the same fen."""
    account_for(actor, account_id)
    again, kept = billing.rate_again(account_id, period, seq), billing.bill(account_id, period, seq).amount
    if again == kept:
        messages.success(request, _("Rated again from what the bill stores: the same amount to the last unit."))
    else:
        messages.error(request, _("Rated again it comes to %(amount)s.") % {"amount": lists.plain_amount(again)})
    return redirect("office:customer_bill", account_id, period, seq)


@require_POST
@staff.desk("bills.cancel")
def bill_cancel(request: HttpRequest, actor: Actor, account_id: int, period: int, seq: int) -> HttpResponseBase:
    """Cancel a bill, with a reason."""
    view = account_for(actor, account_id)
    _own_unit(actor, view)
    form = forms.ReasonForm(request.POST)
    if form.is_valid():
        billing.cancel_bill(actor, account_id, period, seq, form.cleaned_data["reason"])
        messages.success(request, _("The bill is cancelled. What had paid it is credit now."))
    else:
        messages.error(request, _("A reason is needed."))
    return redirect("office:customer_bill", account_id, period, seq)


@require_POST
@staff.desk("bills.cancel")
def bill_dispute(request: HttpRequest, actor: Actor, account_id: int, period: int, seq: int) -> HttpResponseBase:
    """Put a bill in dispute, or end its dispute, with a reason: meanwhile no late charge accrues on it."""
    _own_unit(actor, account_for(actor, account_id))
    reason = request.POST.get("reason", "")
    running = _dispute_of(account_id, period, seq)
    if running is None:
        ledger.dispute(actor, account_id, period, seq, reason)
        messages.success(request, _("In dispute: from tomorrow no late charge accrues on this bill."))
    else:
        ledger.end_exemption(actor, running.id, reason)
        messages.success(request, _("The dispute is ended: from tomorrow late charge accrues again."))
    return redirect("office:customer_bill", account_id, period, seq)


def _dispute_of(account_id: int, period: int, seq: int) -> ledger.Excused | None:
    return next((each for each in ledger.exemptions(account_id) if (each.period, each.seq) == (period, seq)), None)


@require_POST
@staff.desk("bills.cancel")
def bill_again(request: HttpRequest, actor: Actor, account_id: int, period: int, seq: int) -> HttpResponseBase:
    """Bill the period again from the readings as they are now, with a reason."""
    view = account_for(actor, account_id)
    _own_unit(actor, view)
    form = forms.ReasonForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("A reason is needed."))
        return redirect("office:customer_bill", account_id, period, seq)
    done = billing.rebill(actor, account_id, period, form.cleaned_data["reason"])
    messages.success(request, _("Billed again."))
    if done.later:
        text = ", ".join(str(key.period) for key in done.later)
        messages.warning(
            request,
            _("These later bills count on the old one; bill them again in this order: %(text)s.") % {"text": text},
        )
    new = done.bills[-1]
    return redirect("office:customer_bill", new.account_id, new.period, new.seq)


def _own_unit(actor: Actor, view: customers.AccountView) -> None:
    if not actor.sees_unit(view.unit_id):
        raise Refusal("not_allowed", "This account belongs to another unit.", "此户属于其他核算单元。")
