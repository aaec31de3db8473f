"""A reading that nobody took: entered by hand, or estimated, for one customer and month."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from gridhall.customers import public as customers
from gridhall.doors.office import forms, staff, words
from gridhall.doors.office.rail import screen
from gridhall.kernel.access import Actor
from gridhall.kernel.refusal import Refusal
from gridhall.metering import public as metering


@staff.desk("readings.take")
def missing_reading(request: HttpRequest, actor: Actor, account_id: int, period: int) -> HttpResponseBase:
    """The registers of a customer without a reading of the month, with a field each; or an estimate for all of them."""
    account = _account(actor, account_id)
    rows = _registers(account, period)
    if request.method == "POST" and request.POST.get("outcome") == "estimated":
        made = metering.estimate_missing(actor, period, account.unit_id, account_id)
        if made.without_past:
            messages.error(request, _("There is nothing to estimate from: no own past and no neighbours."))
        else:
            return _done(request, period, _("Estimated. The next real reading puts it right."))
    elif request.method == "POST" and _take(request, actor, account_id, period, rows):
        return _done(request, period, _("The reading is taken."))
    shown = {"account": account, "period": period, "rows": rows, "read_on": _day_after(period)}
    return screen(request, actor, "office/missing_reading.html", shown)


def _account(actor: Actor, account_id: int) -> customers.AccountView:
    view = customers.account(account_id)
    if view is None or not actor.sees_unit(view.unit_id):
        raise Refusal("unknown_account", "There is no such account among yours.", "您的范围内没有此户。")
    return view


def _registers(account: customers.AccountView, period: int) -> list[dict[str, Any]]:
    missing = set(metering.missing_registers(account.account_id, account.unit_id, period))
    if not missing:
        return []
    last = {value.register_id: value for value in metering.register_values(account.account_id, 24, period)[::-1]}
    return [
        {"id": register.id, "serial": meter.serial, "decimals": register.decimals, "last": last.get(register.id),
         "register": words.REGISTERS.get(register.tou, "")}
        for meter in metering.meters_of(account.account_id)
        for register in meter.registers
        if register.id in missing
    ]  # fmt: skip


def _day_after(period: int) -> date:
    return date(period // 100 + period % 100 // 12, period % 100 % 12 + 1, 1)


def _take(
    request: HttpRequest, actor: Actor, account_id: int, period: int, rows: list[dict[str, Any]]
) -> bool:  # fmt: skip
    """Take what was typed: all registers of the day, or nothing."""
    values = [forms.minor_units(request.POST.get(f"value_{row['id']}", ""), row["decimals"]) for row in rows]
    try:
        on = date.fromisoformat(request.POST.get("read_on", ""))
    except ValueError:
        on = None
    if on is None or not rows or any(value is None for value in values):
        messages.error(request, _("Type the day and the value of each register as it shows them."))
        return False
    taken = metering.take_readings(
        actor,
        metering.NewReadings(
            register_id=[row["id"] for row in rows], account_id=[account_id] * len(rows),
            value=[value or 0 for value in values], read_on=[on] * len(rows), period=[period] * len(rows),
        ),
        "office",
    )  # fmt: skip
    for refusal in taken.refused:
        messages.error(request, refusal.text(staff.language()))
    if taken.held:
        messages.warning(request, _("It is held: it does not look like this customer. Settle it under readings held."))
    return not taken.refused


def _done(request: HttpRequest, period: int, said: str) -> HttpResponseBase:
    messages.success(request, said + " " + _("Now check the bill again."))
    return redirect(f"{reverse('office:holds')}?period={period}&reason=reading_missing")
