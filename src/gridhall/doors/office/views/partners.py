"""What each bank and agent has taken and not yet paid over; and the days of all doors that wait."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _

from gridhall.doors.look import charts, formats
from gridhall.doors.office import lists, money_words, staff, words
from gridhall.doors.office.rail import screen
from gridhall.kernel.access import Actor
from gridhall.kernel.refusal import Refusal
from gridhall.payments import public as payments

AGES = (1, 3, 7, 30)  # days up to
OLDER = 10_000
CHART_DAYS = 14


@staff.desk("tills.all", "refunds.approve", "ledger.see")
def partner_money(request: HttpRequest, actor: Actor, code: str) -> HttpResponseBase:
    """One bank or agent: in transit by day and age, settled, open."""
    partner = payments.partner(code)
    if not payments.partner_within(actor, partner):
        raise Refusal("unknown_partner", "There is no such bank or agent.", "没有此代收单位。")
    days = payments.partner_days([partner])
    if request.GET.get("as") == "csv":
        return _days_csv(code, days)
    transit = [each for each in days if each.in_transit]
    shown = {
        "partner": partner,
        "name": words.of(partner),
        "days": [_day(each) for each in days],
        "in_transit": sum(each.in_transit for each in transit),
        "oldest": max((each.age for each in transit), default=0),
        "settled": sum(each.their_amount for each in days if each.state == "settled"),
        "open_count": sum(each.open_count for each in days),
        "suspended": sum(each.suspended for each in days),
        "ages": _by_age(transit),
        "chart": _chart(days),
    }
    return screen(request, actor, "office/partner_money.html", shown)


def _day(each: payments.PartnerDay) -> dict[str, Any]:
    state = each.state or "no_file"
    settled = each.state == "settled"
    return {
        "it": each,
        "state": words.DAY_STATES["settled"] if settled else money_words.WAITING_STATES.get(state, state),
        "tag": "good" if settled else money_words.WAITING_TAGS.get(state, "") if each.age else "",
    }


def _by_age(days: list[payments.PartnerDay]) -> list[dict[str, Any]]:
    """What is in transit by its age."""
    rows, least = [], 0
    for most in (*AGES, OLDER):
        found = [each for each in days if least <= each.age <= most]
        amount = sum(each.in_transit for each in found)
        rows.append({"least": least, "most": 0 if most == OLDER else most, "amount": amount, "days": len(found)})
        least = most + 1
    return [row for row in rows if row["days"]]


def _chart(days: list[payments.PartnerDay]) -> charts.ColumnChart | None:
    """Money of the last days: at our bank, and on its way."""
    found = sorted(days, key=lambda each: each.on)[-CHART_DAYS:]
    if not found:
        return None
    decimals = settings.CURRENCY_DECIMALS
    series = [charts.Series(_("at our bank"), "good"), charts.Series(_("in transit"), "cost")]
    columns = []
    for each in found:
        settled = each.their_amount if each.state == "settled" else 0
        values = (settled, each.in_transit)
        columns.append(
            charts.Column(
                label=f"{each.on.month}-{each.on.day:02d}", name=each.on.isoformat(), values=values,
                texts=tuple(formats.money(value, decimals) for value in values),
                text=formats.count_text(sum(values) // 10**decimals),
            )
        )  # fmt: skip
    return charts.columns(
        _("Taken by day"), formats.sign(settings.CURRENCY), series, columns,
        lambda value: formats.count_text(value // 10**decimals), 10**decimals, sign_first=True,
    )  # fmt: skip


def _days_csv(code: str, days: list[payments.PartnerDay]) -> HttpResponseBase:
    heading = [
        "day", "payments", "ours", "state", "theirs", "in_transit", "age_days", "open", "suspended", "settled",
        "transfer",
    ]  # fmt: skip
    rows = [
        (
            each.on, each.payments, lists.plain_amount(each.amount), each.state or "no_file",
            lists.plain_amount(each.their_amount), lists.plain_amount(each.in_transit), each.age, each.open_count,
            each.suspended, each.settled_on, each.transfer,
        )
        for each in days
    ]  # fmt: skip
    return lists.csv_file(f"partner-{code}", heading, rows)


def _address(subject: str) -> str:
    """Where a day that waits is dealt with."""
    noun, _sep, key = subject.partition(":")
    if noun == "partner":
        return reverse("office:partner_money", args=[key])
    if noun in ("reconciliation", "statement") and key.isdecimal():
        return reverse(f"office:{noun}", args=[int(key)])
    return ""


@staff.desk("tills.all", "refunds.approve")
def waiting_days(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """The reconciliation centre: days of all doors whose money is not where it belongs yet."""
    found = payments.waiting_days(actor)
    door = request.GET.get("door", "")
    doors = sorted({each.door for each in found})
    if request.GET.get("as") == "csv":
        rows = [
            (each.on, each.door, words.of(each), each.state, each.count, lists.plain_amount(each.amount), each.age)
            for each in found
        ]
        return lists.csv_file("waiting-days", ["day", "door", "name", "state", "count", "amount", "age_days"], rows)
    reach = [each for each in payments.partners() if payments.partner_within(actor, each)]
    shown = {
        "rows": [
            {
                "it": each,
                "name": words.of(each),
                "door": money_words.WAITING_DOORS.get(each.door, each.door),
                "state": money_words.WAITING_STATES.get(each.state, each.state),
                "tag": money_words.WAITING_TAGS.get(each.state, ""),
                "href": _address(each.subject),
            }
            for each in found
            if not door or each.door == door
        ],
        "doors": [(each, money_words.WAITING_DOORS.get(each, each)) for each in doors],
        "door": door,
        "amount": sum(each.amount for each in found if each.door == "bank"),
        "oldest": max((each.age for each in found), default=0),
        "partners": [{"code": each.code, "name": words.of(each)} for each in reach],
    }
    return screen(request, actor, "office/waiting_days.html", shown)
