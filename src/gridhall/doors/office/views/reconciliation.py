"""Day-end reconciliation with banks and agents: the days, one day's differences, release and transfer."""

from datetime import date, timedelta
from typing import Any

from django import forms as django_forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from gridhall.doors.office import forms, staff, words
from gridhall.doors.office.rail import screen
from gridhall.kernel import clock
from gridhall.kernel.access import Actor
from gridhall.kernel.refusal import Refusal
from gridhall.payments import public as payments

FILE_BYTES_MOST = 50_000_000
SHOWN = 60


class DayFileForm(django_forms.Form):
    """A bank's file of a day."""

    partner = django_forms.ChoiceField(label=gettext_lazy("Bank or agent"))
    on = django_forms.DateField(
        label=gettext_lazy("Day of its books"), widget=django_forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    file = django_forms.FileField(
        label=gettext_lazy("Its file of the day"),
        required=False,
        help_text=gettext_lazy("A payment service's bill is fetched where none is given."),
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if not given.get("file") and not payments.gateway_of(given.get("partner", "")):
            self.add_error("file", _("Choose the file."))
        return given


class TransferForm(django_forms.Form):
    """The transfer by which a day's money came to our bank."""

    amount = forms.MoneyField(label=gettext_lazy("Amount of the transfer"), least=1)
    transfer = django_forms.CharField(
        label=gettext_lazy("Reference of the transfer"), max_length=80,
        widget=django_forms.TextInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip
    on = django_forms.DateField(
        label=gettext_lazy("Day at our bank"), widget=django_forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )


def _reach(actor: Actor) -> dict[str, str]:
    """Names of those whose books lie within the reach of a member of staff, by counterparty: partners by their units,
    gateways for who sees all units."""
    within = [each for each in payments.partners() if payments.partner_within(actor, each)]
    names = {each.counterparty: f"{words.of(each)} ({each.code})" for each in within}
    if actor.everywhere:
        for gateway in payments.gateways_with_bills():
            names[payments.counterparty_of(gateway)] = str(words.GATEWAYS.get(gateway, gateway))
    return names


@staff.desk("tills.all", "refunds.approve")
def reconciliations(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """The days compared, by bank and day, and the form for a bank's file."""
    reach = _reach(actor)
    first = {"on": clock.today() - timedelta(days=1)}
    form = DayFileForm(request.POST or None, request.FILES or None, initial=first)
    # a partner is chosen by its code, a gateway by its counterparty
    codes = {each.counterparty: each.code for each in payments.partners()}
    choices = [(codes.get(counterparty, counterparty), name) for counterparty, name in reach.items()]
    form.fields["partner"].choices = choices  # type: ignore[attr-defined]  # a ChoiceField has them
    if request.method == "POST" and form.is_valid():
        return _compare(request, actor, form.cleaned_data)
    found = payments.reconciliations(among=[*reach], limit=SHOWN)
    shown = {
        "rows": [_row(each, reach) for each in found],
        "form": form,
        "partners": choices,
    }
    return screen(request, actor, "office/reconciliations.html", shown, status=422 if form.errors else 200)


def _compare(request: HttpRequest, actor: Actor, given: dict[str, Any]) -> HttpResponseBase:
    file, on = given["file"], given["on"]
    if file and file.size > FILE_BYTES_MOST:
        messages.error(request, _("The file is too large for this page; bring it in at the command line."))
        return redirect("office:reconciliations")
    data, name = (file.read(), file.name) if file else (None, "")
    try:
        made = _brought_in(actor, given["partner"], on, data, name)
    except Refusal as no:
        where = _(" Row %(row)s, field %(field)s.") % {"row": no.row, "field": no.field} if no.row >= 0 else ""
        messages.error(request, no.text(staff.language()) + where)
        return redirect("office:reconciliations")
    if made.differences:
        messages.warning(request, _("Compared: the books differ. A second person releases what is proposed."))
    else:
        messages.success(request, _("Compared: both books are the same. A second person releases the day."))
    return redirect("office:reconciliation", made.id)


def _brought_in(actor: Actor, chosen: str, on: date, data: bytes | None, name: str) -> payments.ReconciliationView:
    """Compare the day of a partner by its file, or of a gateway by its bill, which is fetched where none is given."""
    gateway = payments.gateway_of(chosen)
    if gateway:
        return payments.reconcile_gateway_day(actor, gateway, on, data, name)
    partner = payments.partner(chosen)
    rows = payments.read_day_file(data or b"", partner.contract.day_file, partner.code, on).rows
    ours = payments.our_day(partner, on)
    return payments.reconcile_day(actor, partner.counterparty, on, rows, ours, name, data or b"")


def _row(each: payments.ReconciliationView, reach: dict[str, str]) -> dict[str, Any]:
    return {
        "it": each,
        "name": reach.get(each.counterparty, each.counterparty),
        "state": words.DAY_STATES.get(each.state, each.state),
        "tag": words.DAY_TAGS.get(each.state, ""),
        "off": each.our_amount - each.their_amount,
    }


@staff.desk("tills.all", "refunds.approve")
def reconciliation(request: HttpRequest, actor: Actor, reconciliation_id: int) -> HttpResponseBase:
    """One day: both sides, each difference with what is proposed, the release and the transfer."""
    day, differences = payments.reconciliation(reconciliation_id)
    reach = _reach(actor)
    payments.require_reach(actor, day.counterparty)
    chosen = {each.chosen_by for each in differences if each.state == "open"} - {0}
    form = TransferForm(initial={"amount": day.their_amount - day.their_fee, "on": clock.today()})
    shown = {
        **_row(day, reach),
        "rows": [
            {
                "it": each,
                "kind": words.DIFFERENCE_KINDS.get(each.kind, each.kind),
                "acts": [(act, words.DAY_ACTS.get(act, act)) for act in each.acts],
                "act": words.DAY_ACTS.get(each.act, each.act),
                "off": each.our_amount - each.their_amount,
                "said": words.refused(each.said),
            }
            for each in differences
        ],
        "may_release": day.state in ("proposed", "releasing", "released")
        and (day.state != "released" or any(each.state == "open" and each.act != "leave" for each in differences))
        and actor.may("refunds.approve")
        and actor.id not in {day.made_by, *chosen},
        "may_choose": actor.may("tills.all") and day.state in ("proposed", "released"),
        "may_settle": actor.may("tills.all") and day.state == "released" and not day.open_count,
        "form": form,
    }
    return screen(request, actor, "office/reconciliation.html", shown)


@require_POST
@staff.desk("tills.all")
def difference_choose(
    request: HttpRequest, actor: Actor, reconciliation_id: int, difference_id: int
) -> HttpResponseBase:
    """Choose what is to be done about a difference."""
    payments.choose_act(actor, difference_id, request.POST.get("act", ""))
    messages.success(request, _("Chosen. Somebody else releases it."))
    return redirect("office:reconciliation", reconciliation_id)


@require_POST
@staff.desk("refunds.approve")
def reconciliation_release(request: HttpRequest, actor: Actor, reconciliation_id: int) -> HttpResponseBase:
    """A second person's word on a day."""
    done = payments.release_day(actor, reconciliation_id)
    if done.open_count:
        left = _("Released. %(count)s left open: choose what is to be done.") % {"count": done.open_count}
        messages.warning(request, left)
    else:
        messages.success(request, _("Released: both books of the day are the same."))
    return redirect("office:reconciliation", reconciliation_id)


@require_POST
@staff.desk("tills.all")
def reconciliation_settle(request: HttpRequest, actor: Actor, reconciliation_id: int) -> HttpResponseBase:
    """Enter the bank's transfer of a day."""
    form = TransferForm(request.POST)
    if form.is_valid():
        given = form.cleaned_data
        payments.settle_day(actor, reconciliation_id, given["amount"], given["transfer"], given["on"])
        messages.success(request, _("Booked: the money of the day is at our bank."))
    else:
        messages.error(request, _("Enter the amount, the reference and the day of the transfer."))
    return redirect("office:reconciliation", reconciliation_id)
