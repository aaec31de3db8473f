"""What should be looked at: tills that did not tally, money that went back; and facts that nobody could take."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from gridhall.customers import public as customers
from gridhall.doors.office import staff, words
from gridhall.doors.office.models import Flag
from gridhall.doors.office.rail import screen
from gridhall.kernel import audit, clock, outbox
from gridhall.kernel.access import Actor

SHOWN = 100


def unseen(actor: Actor) -> int:
    """How many flags of one's units nobody has looked at."""
    return Flag.objects.filter(unit_id__in=staff.unit_ids_of(actor), seen_at__isnull=True).count()


@staff.desk("tills.all")
def flags(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Flags of one's units that nobody has looked at, the oldest first."""
    found = list(Flag.objects.filter(unit_id__in=staff.unit_ids_of(actor), seen_at__isnull=True).order_by("pk")[:SHOWN])
    accounts = customers.accounts({flag.account_id for flag in found} - {0})
    clerks = staff.names_of(flag.told.get("clerk", 0) for flag in found)
    names = words.unit_names()
    rows = [_row(flag, accounts, clerks, names) for flag in found]
    return screen(request, actor, "office/flags.html", {"rows": rows, "most": SHOWN})


def _row(
    flag: Flag, accounts: dict[int, customers.AccountView], clerks: dict[int, str], names: dict[int, str]
) -> dict[str, Any]:
    told = flag.told
    return {
        "it": flag,
        "unit": names.get(flag.unit_id, ""),
        "account": accounts.get(flag.account_id),
        "who": clerks.get(told.get("clerk", 0)) or told.get("by", ""),
        "amount": told["difference"] if flag.kind == "till_closed" else -told["amount"],
        "refund": flag.kind == "payment_reversed" and not told["session"] and told["door"] == 2,
    }


@require_POST
@staff.desk("tills.all")
def flags_seen(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Flags that were looked at leave the list."""
    marked = [int(text) for text in request.POST.getlist("flag") if text.isascii() and text.isdecimal()]
    units = staff.unit_ids_of(actor)
    there = Flag.objects.filter(pk__in=marked, unit_id__in=units, seen_at__isnull=True)
    found = list(there.values_list("pk", flat=True))
    Flag.objects.filter(pk__in=found).update(seen_by=actor.id, seen_at=clock.now())
    reason = request.POST.get("reason", "").strip()[:300]
    audit.record_many(actor, "office.flag_seen", [(f"flag:{pk}", None, {"seen": True}, reason) for pk in found])
    messages.success(request, _("Looked at: they left the list."))
    return redirect("office:flags")


@staff.desk("audit.see")
def deliveries(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Facts that a part of the system could not take after many tries, with the reason."""
    return screen(request, actor, "office/deliveries.html", {"rows": outbox.failed()})


@require_POST
@staff.desk("staff.manage")
def delivery_settle(request: HttpRequest, actor: Actor, delivery_id: int) -> HttpResponseBase:
    """Have it tried again, or drop it with a reason."""
    again = request.POST.get("word") == "again"
    outbox.settle_failed(actor, delivery_id, again=again, reason=request.POST.get("reason", ""))
    messages.success(request, _("It is tried again within a minute.") if again else _("Dropped."))
    return redirect("office:deliveries")
