"""The menu at the left, by permission, and the one way to render a screen."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import resolve, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from gridhall.doors.look import context as look
from gridhall.doors.office import purposes, staff
from gridhall.kernel.access import Actor

StrOrPromise = str | Promise


@dataclass(frozen=True)
class Entry:
    """A line of the menu: the name of its URL, its symbol, its words, and the addresses that belong to it."""

    url: str
    icon: str
    words: StrOrPromise
    under: tuple[str, ...] = ()
    key: str = ""


GROUPS: tuple[tuple[StrOrPromise, tuple[Entry, ...]], ...] = (
    (
        "",
        (
            Entry("work_list", "list-checks", _("Work list"), key="Alt+1"),
            Entry("counter", "banknote", _("Counter"), ("counter", "till"), key="Alt+2"),
            Entry("customers", "users", _("Customers"), ("customer",), key="Alt+3"),
        ),
    ),
    (
        _("Readings and bills"),
        (
            Entry("held_readings", "gauge", _("Readings held"), ("held_reading",), key="Alt+4"),
            Entry("imports", "upload", _("Import"), ("import",)),
            Entry("runs", "calculator", _("Bill runs"), ("run", "difference"), key="Alt+5"),
            Entry("holds", "hourglass", _("Bills held"), ("hold",), key="Alt+6"),
            Entry("prints", "printer", _("Print files"), ("print",)),
        ),
    ),
    (
        _("Money"),
        (
            Entry("tills", "coins", _("Tills"), ("session",)),
            Entry("banking", "landmark", _("Cash to the bank")),
            Entry("cheques", "file-text", _("Cheques"), ("cheque",)),
            Entry("units", "landmark", _("Between units"), ("unit",)),
            Entry("acts", "shield-check", _("Second signature"), ("act", "limits")),
            Entry("debits", "landmark", _("Batch debit"), ("debit", "parked")),
            Entry("mandates", "file-text", _("Mandates"), ("mandate",)),
            Entry("refunds", "rotate-ccw", _("Refunds"), ("refund",)),
            Entry("statements", "file-text", _("Bank statements"), ("statement",)),
            Entry("suspense", "hourglass", _("Suspense"), ("suspense",)),
            Entry("waiting_days", "list-checks", _("Reconciliation centre"), ("partner",)),
            Entry("reconciliations", "scale", _("Reconciliation"), ("reconciliation",)),
            Entry("day_money", "chart-column", _("The day's money")),
            Entry("ledger", "scale", _("Ledger"), ("period",)),
        ),
    ),
    (
        _("Registers"),
        (
            Entry("tariffs", "book-open-text", _("Tariffs"), ("tariff",)),
            Entry("notices", "mail", _("Notices"), ("notice",)),
            Entry("territory", "map-pinned", _("Territory"), ("area",)),
            Entry("audit", "history", _("Audit")),
            Entry("people", "shield-check", _("Staff"), ("person",)),
        ),
    ),
)


def rail(request: HttpRequest, actor: Actor) -> list[dict[str, Any]]:
    """The menu that this member of staff may use, in groups."""
    here = request.resolver_match.url_name or "" if request.resolver_match else ""
    groups = []
    for name, entries in GROUPS:
        items = [_item(entry, here) for entry in entries if _may(entry, actor)]
        if items:
            groups.append({"name": name, "items": items})
    return groups


def _item(entry: Entry, here: str) -> dict[str, Any]:
    first = here.split("_")[0]
    return {
        "name": entry.words,
        "href": reverse(f"office:{entry.url}"),
        "icon": entry.icon,
        "key": entry.key,
        "current": here == entry.url or (here not in _ENTRY_NAMES and first in entry.under),
    }


_ENTRY_NAMES = {entry.url for _name, entries in GROUPS for entry in entries}


def _may(entry: Entry, actor: Actor) -> bool:
    view = resolve(reverse(f"office:{entry.url}")).func
    permissions: tuple[str, ...] = getattr(view, "permissions", ())
    return not permissions or any(actor.may(one) for one in permissions)


def screen(
    request: HttpRequest, actor: Actor, template: str, context: dict[str, Any] | None = None, status: int = 200
) -> HttpResponse:
    """Render a screen of the office with its menu; `actor` and `may` (permission names) are there for the template."""
    access = staff.access_of(request)
    shell = {
        "actor": actor,
        "access": access,
        "may": {name.replace(".", "_"): True for name in actor.permissions},
        "rail": rail(request, actor),
        "purpose": purposes.PURPOSES.get(request.resolver_match.url_name or "") if request.resolver_match else "",
        "hints": look.hints(request),
        "find_at": reverse("office:customers") if actor.may("customers.see") else "",
    }
    return render(request, template, shell | (context or {}), status=status)
