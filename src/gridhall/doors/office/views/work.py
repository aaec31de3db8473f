"""The work list: what waits for this member of staff."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from gridhall.billing import public as billing
from gridhall.doors.office import models, staff, words
from gridhall.doors.office.rail import screen
from gridhall.doors.office.views.flags import unseen
from gridhall.kernel import clock, outbox
from gridhall.kernel.access import Actor
from gridhall.metering import public as metering
from gridhall.payments import public as payments

UNITS_NAMED = 4  # on the card; the runs' page has them all


@dataclass(frozen=True)
class Waiting:
    """A card of the work list: how many wait, and where to go."""

    count: int
    words: str | Promise
    href: str
    icon: str
    hint: str | Promise = ""


@staff.desk()
def work_list(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Held readings, held bills, runs to approve or to go on with, open tills, unresolved online payments."""
    progress = _reading_progress(actor)
    cards = [*_readings(actor), *_unbilled(actor, progress), *_runs(actor), *_money(actor)]
    shown: dict[str, Any] = {
        "cards": cards,
        "idle": [card for card in cards if not card.count],
        "waiting": sum(card.count for card in cards),
        "today": clock.today(),
        "jobs": models.Job.objects.filter(by_user=actor.id).exclude(kind="print").order_by("-id")[:6],
        "session": payments.till_session_of(actor.id) if actor.may("tills.own") else None,
        "progress": progress,
    }
    return screen(request, actor, "office/work_list.html", shown)


def _readings(actor: Actor) -> list[Waiting]:
    if not actor.may("readings.see"):
        return []
    units = staff.unit_ids_of(actor)
    cards = [
        Waiting(
            sum(row.count for row in metering.held_counts(units)),
            _("readings held"),
            reverse("office:held_readings"),
            "gauge",
            _("accept, correct, estimate or reject"),
        )
    ]
    if actor.may("holds.settle") or actor.may("runs.see"):
        holds = sum(row.count for row in billing.waiting_counts(units))
        cards.append(
            Waiting(
                holds,
                _("bills held"),
                reverse("office:holds"),
                "hourglass",
                _("release as they are, or after correction"),
            )
        )
    return cards


def _unbilled(actor: Actor, progress: list[dict[str, Any]]) -> list[Waiting]:
    """Units that have readings of last month and no bill run of it, by name."""
    from gridhall.doors.office.forms import last_period

    if not actor.may("runs.see"):
        return []
    names = {row["it"].unit_id: row["unit"] for row in progress if row["there"]}
    wait = billing.units_not_run(last_period(), list(names))
    said = " · ".join(names[unit] for unit in wait[:UNITS_NAMED]) + (" …" if len(wait) > UNITS_NAMED else "")
    return [
        Waiting(len(wait), _("units whose last month waits to be billed"), reverse("office:runs"), "calculator", said)
    ]


def _runs(actor: Actor) -> list[Waiting]:
    if not actor.may("runs.see"):
        return []
    runs = billing.runs(actor, 30)
    href = reverse("office:runs")
    cards = []
    if actor.may("runs.approve"):
        count = sum(1 for run in runs if run.state == "previewed" and run.made_by != actor.name)
        cards.append(Waiting(count, _("runs to approve"), href, "calculator", _("previewed by somebody else")))
    if actor.may("runs.run"):
        count = sum(1 for run in runs if run.state in ("approved", "running"))
        cards.append(Waiting(count, _("runs to run"), href, "play", _("approved, or stopped on the way")))
    return cards


def _money(actor: Actor) -> list[Waiting]:
    cards = []
    if actor.may("tills.all"):
        open_ = payments.sessions(unit_ids=staff.unit_ids_of(actor), open_only=True)
        cards.append(
            Waiting(len(open_), _("tills open"), reverse("office:tills"), "coins", _("count and close before you go"))
        )
        orders = payments.waiting_orders()
        cards.append(
            Waiting(
                len(orders),
                _("online payments without an answer"),
                reverse("office:orders"),
                "landmark",
                _("asked again by themselves"),
            )
        )
        cards.append(
            Waiting(
                len(payments.cash_to_bank(staff.unit_ids_of(actor))),
                _("tills whose cash is to be banked"),
                reverse("office:banking"),
                "banknote",
                _("closed, and the cash still in the house"),
            )
        )
        cards.append(
            Waiting(
                unseen(actor),
                _("reversals, refunds and till differences to look at"),
                reverse("office:flags"),
                "eye",
                _("look, and mark as seen"),
            )
        )
    if actor.may("refunds.approve"):
        asked = payments.refunds(staff.unit_ids_of(actor), open_only=True)
        cards.append(
            Waiting(
                sum(1 for each in asked if each.state == "asked" and each.asked_by != actor.id),
                _("refunds to decide"),
                reverse("office:refunds"),
                "rotate-ccw",
                _("asked for by somebody else"),
            )
        )
        acts = payments.money_acts(staff.unit_ids_of(actor), waiting=True)
        cards.append(
            Waiting(
                sum(1 for each in acts if each.asked_by != actor.id),
                _("acts on money for a second signature"),
                reverse("office:acts"),
                "shield-check",
                _("asked for by somebody else"),
            )
        )
    if actor.may("tills.all"):
        days = [each for each in payments.open_unit_days(staff.unit_ids_of(actor)) if each.on < clock.today()]
        cards.append(
            Waiting(
                len(days), _("days to settle between units"), reverse("office:units"), "landmark",
                _("units took money for one another"),
            )
        )  # fmt: skip
    if actor.may("audit.see") and (lost := outbox.failed_count()):
        hint = _("try again, or drop with a reason")
        cards.append(Waiting(lost, _("facts that could not be delivered"), reverse("office:deliveries"), "inbox", hint))
    return cards


def _reading_progress(actor: Actor) -> list[dict[str, Any]]:
    """How far last month's readings have come, by unit."""
    from gridhall.doors.office.forms import last_period

    if not actor.may("readings.see"):
        return []
    names = words.unit_names()
    return [
        {"it": row, "unit": names.get(row.unit_id, ""), "there": row.accepted + row.estimated}
        for row in metering.reading_progress(last_period(), staff.unit_ids_of(actor))
    ]


@staff.desk("tills.all")
def orders(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Online payments that were begun and have no answer yet."""
    from gridhall.customers import public as customers

    rows = payments.waiting_orders()
    views = customers.accounts({row.account_id for row in rows})
    lines = [
        {"it": row, "account": views.get(row.account_id)}
        for row in rows
        if row.account_id in views and actor.sees_unit(views[row.account_id].unit_id)
    ]
    return screen(request, actor, "office/orders.html", {"rows": lines})
