"""Readings held for a person: one by one with the own past beside it, or many at once."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from gridhall.customers import public as customers
from gridhall.doors.look import charts, formats
from gridhall.doors.office import forms, history, lists, staff, words
from gridhall.doors.office.rail import screen
from gridhall.kernel.access import Actor
from gridhall.metering import public as metering

A_PAGE = 50
CSV_MOST = 20_000
OUTCOMES = ("accepted", "estimated", "rejected")


@staff.desk("readings.see")
def held(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """What waits, by unit, period and reason; rows can be marked and settled together."""
    units = staff.unit_ids_of(actor)
    wanted = {name: _number(request.GET.get(name, "").replace("-", "")) for name in ("unit", "period", "reason")}
    chosen = [wanted["unit"]] if wanted["unit"] in units else units
    counts = metering.held_counts(units)
    if request.GET.get("as") == "csv":
        return _csv(metering.held(chosen, wanted["period"] or None, reason=wanted["reason"] or None, limit=CSV_MOST))
    total = sum(
        row.count
        for row in counts
        if row.unit_id in chosen and wanted["period"] in (0, row.period) and wanted["reason"] in (0, row.reason)
    )
    page = Paginator(range(total), A_PAGE).get_page(request.GET.get("page"))
    rows = metering.held(
        chosen,
        wanted["period"] or None,
        reason=wanted["reason"] or None,
        limit=A_PAGE,
        offset=max(0, page.start_index() - 1),
    )
    shown = {
        "rows": _lines(rows),
        "page": page,
        "total": total,
        "wanted": wanted,
        "counts": _by_reason(counts),
        "periods": sorted({row.period for row in counts}, reverse=True),
        "units": staff.units_of(actor),
        "may_settle": actor.may("holds.settle"),
    }
    return screen(request, actor, "office/held_readings.html", shown)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0


def _by_reason(counts: list[metering.HeldCount]) -> list[dict[str, Any]]:
    reasons: dict[int, dict[str, Any]] = {}
    for row in counts:
        one = reasons.setdefault(row.reason, {"it": row, "count": 0, "words": getattr(row, staff.language())})
        one["count"] += row.count
    return sorted(reasons.values(), key=lambda one: -one["count"])


def _lines(rows: list[metering.HeldView]) -> list[dict[str, Any]]:
    views = customers.accounts({row.account_id for row in rows})
    language = staff.language()
    return [
        {
            "it": row,
            "account": views.get(row.account_id),
            "why": getattr(row, language),
            "register": words.REGISTERS.get(row.tou, ""),
            "use": row.detail.get("use_wh"),
            "expected": row.detail.get("expected_wh"),
            "from": row.detail.get("from_wh"),
            "to": row.detail.get("to_wh"),
        }
        for row in rows
    ]


def _csv(rows: list[metering.HeldView]) -> HttpResponseBase:
    heading = [
        _("Customer number"),
        _("Customer name"),
        _("Meter serial"),
        _("Register"),
        _("Period"),
        _("Read on"),
        _("Previous value"),
        _("Value"),
        _("Why"),
    ]
    return lists.csv_file(
        "held-readings",
        heading,
        (
            (
                line["account"].number if line["account"] else "", line["account"].name if line["account"] else "",
                line["it"].serial, line["register"], line["it"].period, line["it"].read_on.isoformat(),
                "" if line["it"].previous_value is None else _plain(line["it"].previous_value, line["it"].decimals),
                _plain(line["it"].value, line["it"].decimals), line["why"],
            )
            for line in _lines(rows)
        ),
    )  # fmt: skip


def _plain(value: int, decimals: int) -> str:
    whole, part = divmod(value, 10**decimals)
    return f"{whole}.{part:0{decimals}d}" if decimals else str(whole)


@staff.desk("readings.see")
def held_reading(request: HttpRequest, actor: Actor, account_id: int, held_id: int) -> HttpResponseBase:
    """One held reading with the register's own past, what was expected, and the ways to settle it."""
    rows = metering.held(staff.unit_ids_of(actor), account_id=account_id, open_only=False)
    found = next((row for row in rows if row.id == held_id), None)
    if found is None:
        raise Http404
    past = [value for value in metering.register_values(account_id, 26) if value.register_id == found.register_id]
    (line,) = _lines([found])
    shown = line | {
        "held": found,
        "rolled": _is_below(found),
        "fall": _fall(found),
        "chart": _chart(past, found),
        "values": [
            value for value in history.register_rows(account_id, 13) if value["it"].register_id == found.register_id
        ],
        "others": [row for row in rows if row.settled_at is None and row.id != held_id],
        "may_settle": actor.may("holds.settle") and found.settled_at is None,
        "value_text": _plain(found.value, found.decimals),
    }
    return screen(request, actor, "office/held_reading.html", shown)


def _is_below(held: metering.HeldView) -> bool:
    return held.previous_value is not None and held.value < held.previous_value


def _fall(held: metering.HeldView) -> str:
    """By how much the value lies below the one before, as a number of the register."""
    return _plain((held.previous_value or 0) - held.value, held.decimals) if _is_below(held) else ""


def _chart(past: list[metering.RegisterValue], held: metering.HeldView) -> charts.ColumnChart | None:
    """Use by month of this register, the one that waits last."""
    language = get_language() or "zh"
    series = [charts.Series(_("energy"), "total")]
    uses: dict[int, int] = {}
    for value in past:
        if value.period < held.period:
            uses[value.period] = uses.get(value.period, 0) + value.wh
    items = [(period, uses[period]) for period in sorted(uses)][-25:]
    # one round of the register would dwarf every other month
    items.append((held.period, 0 if _is_below(held) else max(0, int(held.detail.get("use_wh") or 0))))
    columns = [
        charts.Column(
            label=formats.month_short(period, language),
            name=formats.month(period, language),
            values=(wh,),
            texts=(formats.energy(wh),),
            text=formats.count_text(wh // 1000),
            now=period == held.period,
        )
        for period, wh in items
    ]
    return charts.columns(
        _("This register by month"), _("kWh"), series, columns, lambda wh: formats.count_text(wh // 1000)
    )


@require_POST
@staff.desk("holds.settle")
def settle(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Settle the marked readings together, or one with a corrected value."""
    mine = {row.id for row in _of_actor(request, actor)}
    ids = [held_id for held_id in map(_number, request.POST.getlist("held")) if held_id in mine]
    outcome = request.POST.get("outcome", "")
    note = request.POST.get("note", "").strip()[:300]
    if not ids or outcome not in (*OUTCOMES, "corrected"):
        messages.error(request, _("Mark at least one row and choose what to do."))
        return redirect("office:held_readings")
    values: dict[int, int] | None = None
    if outcome == "corrected":
        value = forms.minor_units(request.POST.get("value", ""), _decimals(request, actor, ids[0]))
        if value is None:
            messages.error(request, _("This is not a register value."))
            return redirect(request.headers.get("Referer") or "office:held_readings")
        ids, values = ids[:1], {ids[0]: value}
    done = metering.settle_held(actor, ids, outcome, values, note)
    if done.settled:
        messages.success(
            request, ngettext("%d reading is settled.", "%d readings are settled.", done.settled) % done.settled
        )
    for _held_id, refusal in done.left[:5]:
        messages.error(request, refusal.text(staff.language()))
    if len(done.left) > 5:
        more = len(done.left) - 5
        messages.error(request, ngettext("%d more was left.", "%d more were left.", more) % more)
    return redirect("office:held_readings")


def _of_actor(request: HttpRequest, actor: Actor) -> list[metering.HeldView]:
    """Open held readings in the actor's units: what may be settled here."""
    account = _number(request.POST.get("account", ""))
    return metering.held(staff.unit_ids_of(actor), account_id=account or None, limit=CSV_MOST)


def _decimals(request: HttpRequest, actor: Actor, held_id: int) -> int:
    return next((row.decimals for row in _of_actor(request, actor) if row.id == held_id), settings.CURRENCY_DECIMALS)
