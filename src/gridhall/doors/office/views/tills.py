"""Tills: opening, counting and closing one's own; all of them, and the money of a day."""

from datetime import date
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from gridhall.doors.look import charts, formats
from gridhall.doors.office import denominations, forms, lists, staff, words
from gridhall.doors.office.rail import screen
from gridhall.kernel import clock
from gridhall.kernel.access import Actor
from gridhall.kernel.refusal import Refusal
from gridhall.payments import public as payments
from gridhall.territory import public as territory

PIECES_MOST = 100_000


def open_till_page(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The page that stands where the counter would, while no till is open."""
    free = [till for till in payments.tills(staff.unit_ids_of(actor)) if not till.open_session]
    choices = [(till.id, f"{words.of(till)} ({till.code})") for till in free]
    form = forms.OpenTillForm(request.POST or None, tills=choices)
    if request.method == "POST" and form.is_valid():
        payments.open_till(actor, form.cleaned_data["till"], form.cleaned_data["float_amount"] or 0)
        return redirect("office:counter")
    return screen(request, actor, "office/open_till.html", {"form": form, "free": free})


@staff.desk("tills.own")
def till_open(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Open a till."""
    if payments.till_session_of(actor.id) is not None:
        return redirect("office:counter")
    return open_till_page(request, actor)


@staff.desk("tills.own")
def till_close(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Count the drawer by notes and coins, then close: what was expected is shown only after the count."""
    session = payments.till_session_of(actor.id)
    if session is None:
        return redirect("office:counter")
    steps = denominations.of(settings.CURRENCY, settings.CURRENCY_DECIMALS)
    pieces = {worth: _pieces(request.POST.get(f"n{worth}", "")) for worth in steps}
    counted = sum(worth * number for worth, number in pieces.items())
    note = request.POST.get("note", "").strip()[:500]
    if request.POST.get("step") == "close":
        if counted != session.expected and len(note) < 3:
            messages.error(request, _("There is a difference: say in a note what it may come from."))
        else:
            told = {str(worth): number for worth, number in pieces.items() if number}
            closed = payments.close_till(actor, session.id, counted, _with_count(note, told))
            return redirect("office:session", closed.id)
    shown = {
        "session": session,
        "rows": [{"worth": worth, "pieces": pieces[worth], "sum": worth * pieces[worth]} for worth in steps],
        "counted": counted,
        "difference": counted - session.expected,
        "note": note,
        "step": "close" if request.method == "POST" and request.POST.get("step") != "again" else "count",
        "decimals": settings.CURRENCY_DECIMALS,
    }
    return screen(request, actor, "office/till_close.html", shown)


def _pieces(text: str) -> int:
    text = text.strip()
    return min(int(text), PIECES_MOST) if text.isascii() and text.isdecimal() and len(text) < 9 else 0


def _with_count(note: str, told: dict[str, int]) -> str:
    """The note with the count by notes and coins, so that the report can be looked at later."""
    counted = " ".join(f"{lists.plain_amount(int(worth))}×{number}" for worth, number in told.items())
    return f"{note}\n{counted}".strip()


@staff.desk("tills.own", "tills.all")
def tills(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Till sessions: all of one's units, or one's own."""
    everyone = actor.may("tills.all")
    rows = payments.sessions(staff.unit_ids_of(actor)) if everyone else payments.sessions_of_clerk(actor.id)
    names = words.unit_names()
    clerks = staff.names_of(row.clerk_id for row in rows)
    shown = [
        {"it": row, "unit": names.get(row.unit_id, ""), "clerk": clerks.get(row.clerk_id, row.clerk)} for row in rows
    ]
    if request.GET.get("as") == "csv":
        return _sessions_csv(shown)
    return screen(request, actor, "office/tills.html", {"rows": shown, "everyone": everyone})


@staff.desk("staff.manage")
def till_new(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Set a cash drawer up at an outlet of one's units."""
    places = {outlet.id: outlet for outlet in territory.outlets(staff.unit_ids_of(actor))}
    form = forms.TillForm(request.POST or None, outlets=[(each.id, words.of(each)) for each in places.values()])
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        payments.register_till(
            actor,
            given["outlet"],
            places[given["outlet"]].unit_id,
            given["code"],
            given["name_en"],
            given["name_zh"],
        )
        messages.success(request, _("The till is set up; a clerk can open it."))
        return redirect("office:tills")
    return screen(request, actor, "office/till_new.html", {"form": form}, status=422 if form.errors else 200)


def _sessions_csv(rows: list[dict[str, Any]]) -> HttpResponse:
    heading = [_("Till"), _("Unit"), _("Clerk"), _("Opened"), _("Closed"), _("Expected"), _("Counted"), _("Difference")]
    return lists.csv_file(
        "tills",
        heading,
        (
            (
                row["it"].till_code, row["unit"], row["clerk"], row["it"].opened_at.isoformat(),
                row["it"].closed_at.isoformat() if row["it"].closed_at else "",
                lists.plain_amount(row["it"].expected),
                "" if row["it"].counted is None else lists.plain_amount(row["it"].counted),
                "" if row["it"].difference is None else lists.plain_amount(row["it"].difference),
            )
            for row in rows
        ),
    )  # fmt: skip


@staff.desk("tills.own", "tills.all")
def session(request: HttpRequest, actor: Actor, session_id: int) -> HttpResponseBase:
    """One till session: what came in and went out, and after the close what was counted."""
    from gridhall.doors.office.views.counter import taken_at

    found = payments.session(session_id)
    if found.clerk_id != actor.id and not (actor.may("tills.all") and actor.sees_unit(found.unit_id)):
        raise Refusal("unknown_session", "There is no such till session among yours.", "您的范围内没有此收费班次。")
    unit = territory.unit(found.unit_id)
    clerk = staff.names_of([found.clerk_id]).get(found.clerk_id, found.clerk)
    shown = {"session": found, "clerk": clerk, "taken": taken_at(found), "unit": words.of(unit) if unit else ""}
    return screen(request, actor, "office/session.html", shown)


@staff.desk("ledger.see", "tills.all", "payments.see")
def day_money(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """The money of a day by unit, door, method and outlet; the chart by one of three (`by`)."""
    on, by = _day(request.GET.get("on", "")), request.GET.get("by", "unit")
    rows = payments.day_money(staff.unit_ids_of(actor), on)
    banked = payments.bankings(staff.unit_ids_of(actor), on)
    units, outlets = words.unit_names(), {each.id: words.of(each) for each in territory.outlets()}
    lines = [
        {
            "it": row,
            "unit": units.get(row.unit_id, ""),
            "outlet": outlets.get(row.outlet_id, ""),
            "door": words.DOORS.get(row.door, ""),
            "method": words.METHODS.get(row.method, ""),
        }
        for row in rows
    ]
    if request.GET.get("as") == "csv":
        return _day_csv(on, lines)
    shown = {
        "on": on,
        "lines": lines,
        "received": sum(row.amount for row in rows),
        "reversed": sum(row.reversed_amount for row in rows),
        "net": sum(row.net for row in rows),
        "number": sum(row.count for row in rows),
        "banked": sum(each.amount for each in banked if each.state == "booked"),
        "bankings": len(banked),
        "chart": _day_chart(rows, by, _columns_by(by, units, outlets)),
        "by": by if by in ("door", "outlet") else "unit",
        "ways": [("unit", _("Unit")), ("door", _("Door")), ("outlet", _("Outlet"))],
    }
    return screen(request, actor, "office/day_money.html", shown)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return clock.today()


# What a column of the chart may stand for: of a row, and in words.
def _columns_by(by: str, units: dict[int, str], outlets: dict[int, str]) -> dict[int, str]:
    if by == "door":
        return {door: str(name) for door, name in words.DOORS.items()}
    return {0: _("no outlet"), **outlets} if by == "outlet" else units


_METHOD_COLOURS = ((1, "peak"), (2, "valley"), (3, "flat"), (4, "cost"), (5, "sharp"))


def _key(row: payments.DayMoneyRow, by: str) -> int:
    return row.door if by == "door" else row.outlet_id if by == "outlet" else row.unit_id


def _day_chart(rows: list[payments.DayMoneyRow], by: str, names: dict[int, str]) -> charts.ColumnChart | None:
    """Net money by unit, door or outlet, stacked by the way in which it was paid."""
    if not rows:
        return None
    decimals = settings.CURRENCY_DECIMALS
    ways = [(method, colour) for method, colour in _METHOD_COLOURS if any(row.method == method for row in rows)]
    series = [charts.Series(str(words.METHODS.get(method, method)), colour) for method, colour in ways]
    columns = []
    for key in sorted({_key(row, by) for row in rows}):
        values = tuple(
            sum(row.net for row in rows if _key(row, by) == key and row.method == method) for method, _c in ways
        )
        columns.append(
            charts.Column(
                label=names.get(key, ""),
                name=names.get(key, ""),
                values=values,
                texts=tuple(formats.money(value, decimals) for value in values),
                text=formats.count_text(sum(values) // 10**decimals),
            )
        )
    return charts.columns(
        _("Money of the day"),
        formats.sign(settings.CURRENCY),
        series,
        columns,
        lambda minor: formats.count_text(minor // 10**decimals),
        sign_first=True,
    )


def _day_csv(on: date, lines: list[dict[str, Any]]) -> HttpResponse:
    heading = [_("Unit"), _("Door"), _("Way"), _("Outlet"), _("Payments"), _("Received"), _("Reversed"), _("Net")]
    return lists.csv_file(
        f"money-{on.isoformat()}",
        heading,
        (
            (
                line["unit"], line["door"], line["method"], line["outlet"], line["it"].count,
                lists.plain_amount(line["it"].amount), lists.plain_amount(line["it"].reversed_amount),
                lists.plain_amount(line["it"].net),
            )
            for line in lines
        ),
    )  # fmt: skip
