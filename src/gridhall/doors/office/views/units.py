"""Between units: who took money for whose customers, day by day, and its settlement by two persons."""

from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from gridhall.doors.office import lists, staff, words
from gridhall.doors.office.rail import screen
from gridhall.kernel import clock
from gridhall.kernel.access import Actor
from gridhall.payments import public as payments


@staff.desk("tills.all", "refunds.approve")
def units(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """A day's matrix (who took, for whom), the days that are not settled, and the settlements."""
    mine = staff.unit_ids_of(actor)
    open_days = payments.open_unit_days(mine)
    on = _day(request.GET.get("on", "")) or (open_days[-1].on if open_days else clock.today())
    pairs = payments.units_day(mine, on)
    names = words.unit_names()
    if request.GET.get("as") == "csv":
        return _csv(pairs, names, on)
    past = [each for each in open_days if each.on < clock.today()]
    shown = {
        "on": on,
        "matrix": _matrix([pair for pair, _state in pairs], names),
        "net": [
            (names.get(unit, unit), owes)
            for unit, owes in payments.net_by_unit([pair for pair, _state in pairs]).items()
        ],
        "settled": bool(pairs) and all(state == "booked" for _pair, state in pairs),
        "open_days": open_days,
        "upto": past[-1].on if past else None,
        "settlements": [
            {
                "it": each,
                "state": words.BANKING_STATES.get(each.state, each.state),
                "pays": [(names.get(unit, unit), owes) for unit, owes in each.by_unit.items()],
                "mine": each.state == "proposed" and actor.may("refunds.approve") and each.made_by != actor.id,
            }
            for each in payments.settlements()
            if all(actor.sees_unit(unit) for unit in each.by_unit)
        ],
    }
    return screen(request, actor, "office/units.html", shown)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _matrix(pairs: list[payments.PairOwes], names: dict[int, str]) -> dict[str, Any]:
    """Rows: the unit that took; columns: the unit whose customers paid; with sums."""
    both = sorted({unit for each in pairs for unit in (each.holder, each.owner)})
    cells = {(each.holder, each.owner): each.amount for each in pairs}
    rows = [
        {
            "name": names.get(taker, taker),
            "cells": [
                {"owner": names.get(owner, owner), "same": owner == taker, "amount": cells.get((taker, owner), 0)}
                for owner in both
            ],
            "sum": sum(cells.get((taker, owner), 0) for owner in both),
        }
        for taker in both
    ]
    sums = [sum(cells.get((taker, owner), 0) for taker in both) for owner in both]
    return {"heads": [names.get(unit, unit) for unit in both], "rows": rows, "sums": sums, "whole": sum(sums)}


def _csv(pairs: list[tuple[payments.PairOwes, str]], names: dict[int, str], on: date) -> HttpResponseBase:
    heading = [_("Day"), _("Taken by"), _("For"), _("Payments"), _("Amount"), _("State")]
    return lists.csv_file(
        f"between-units-{on}",
        heading,
        (
            (
                on, names.get(each.holder, each.holder), names.get(each.owner, each.owner), each.count,
                lists.plain_amount(each.amount), words.BANKING_STATES.get(state, _("open")),
            )
            for each, state in pairs
        ),
    )  # fmt: skip


@require_POST
@staff.desk("tills.all")
def units_propose(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Put together what units owe one another up to a day."""
    upto = _day(request.POST.get("upto", "")) or clock.today() - timedelta(days=1)
    payments.propose_settlement(actor, upto)
    messages.success(request, _("Put together: a second person books it with the reference of the transfers."))
    return redirect("office:units")


@require_POST
@staff.desk("refunds.approve")
def units_decide(request: HttpRequest, actor: Actor, settlement_id: int) -> HttpResponseBase:
    """A second person's word on a settlement."""
    approve = request.POST.get("word") == "approve"
    said = request.POST.get("said", "")
    payments.decide_settlement(actor, settlement_id, approve=approve, transfer=said, reason=said)
    messages.success(request, _("Booked.") if approve else _("Declined: it is to be settled again."))
    return redirect("office:units")
